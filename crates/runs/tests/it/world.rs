//! Stores in folders of their own.

use std::path::Path;
use std::sync::Arc;

use runs::sqlite::SqliteStore;

use crate::conformance::world::World;

/// A new store in a new folder.
pub(crate) fn sqlite() -> World {
    let folder = tempfile::tempdir().unwrap();
    World::new(|on_commit, clock| {
        let store = SqliteStore::open_with_clock(folder.path(), on_commit, clock).unwrap();
        (Arc::new(store) as _, folder)
    })
}

/// A store of this folder that tells nobody.
pub(crate) fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(folder, Box::new(|_| ())).unwrap()
}
