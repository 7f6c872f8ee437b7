//! Small choices kept in this browser. Without storage (it can be switched off) they last as long as the page.

/// Reads what was kept.
pub fn read(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

/// Keeps a value, or forgets it.
pub fn write(name: &str, value: Option<&str>) {
    let Some(storage) = storage() else { return };
    // Full or forbidden: the choice lasts as long as the page.
    let _ = match value {
        Some(value) => storage.set_item(name, value),
        None => storage.remove_item(name),
    };
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}
