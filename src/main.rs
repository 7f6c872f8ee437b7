//! Starts the app. `index.html` names this binary; `src/boot.js` loads it.

fn main() {
    // First of all, so that a panic in the start itself is said as well.
    tenant_atlas::panic::install_hook();
    tenant_atlas::start();
}
