//! Starts the app. `index.html` names this binary; `src/boot.js` loads it.

/// A fifth of the code of the standard one, and each call takes the same time however full the memory is.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {
    // First of all, so that a panic in the start itself is said as well.
    tenant_atlas::panic::install_hook();
    tenant_atlas::start();
}
