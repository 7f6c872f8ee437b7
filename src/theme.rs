//! The reader's choice of colours: the system's, light or dark. Kept in this browser; tokens.css does the rest. How dense the page is
//! is chosen and kept beside the app, by device.js.

/// Which colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

const KEPT_AS: &str = "tenant-atlas:theme";

impl Theme {
    /// In the order of the menu.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    fn as_str(self) -> Option<&'static str> {
        match self {
            Theme::System => None,
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
        }
    }

    /// What was chosen in this browser before.
    pub fn kept() -> Theme {
        let kept = crate::kept::read(KEPT_AS);
        Theme::ALL
            .into_iter()
            .find(|theme| theme.as_str() == kept.as_deref())
            .unwrap_or_default()
    }

    /// Puts the theme on `<html>` and keeps it.
    pub fn choose(self) {
        self.show();
        crate::kept::write(KEPT_AS, self.as_str());
    }

    /// Puts the theme on `<html>`.
    pub fn show(self) {
        let root = crate::dom::document().and_then(|document| document.document_element());
        let Some(root) = root else { return };
        // Setting an attribute fails only for a name that is none.
        let _ = match self.as_str() {
            Some(theme) => root.set_attribute("data-theme", theme),
            None => root.remove_attribute("data-theme"),
        };
    }
}
