//! Stores in folders of their own.

use std::path::Path;
use std::sync::Arc;

use contract::api::Role;
use contract::ids::{PersonId, TenantId};
use contract::timestamp::Timestamp;
use runs::people::NewTenant;
use runs::sqlite::{FILE, SqliteStore};
use runs::store::PeopleStore;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::conformance::world::World;

/// A new store in a new folder.
pub(crate) fn sqlite() -> World {
    sqlite_in(tempfile::tempdir().unwrap())
}

/// A store in a folder that a test looks into as well.
pub(crate) fn sqlite_in(folder: TempDir) -> World {
    World::new(|on_commit, clock| {
        let store = SqliteStore::open_with_clock(folder.path(), on_commit, clock).unwrap();
        (Arc::new(store) as _, folder)
    })
}

/// A store of this folder that tells nobody.
pub(crate) fn open(folder: &Path) -> SqliteStore {
    SqliteStore::open(folder, Box::new(|_| ())).unwrap()
}

/// The database itself, beside the store.
pub(crate) fn database(folder: &Path) -> Connection {
    Connection::open(folder.join(FILE)).unwrap()
}

/// A tenant with an operator.
pub(crate) async fn manned(store: &SqliteStore) -> (TenantId, PersonId) {
    let tenant = NewTenant {
        directory_id: "a directory".to_owned(),
        name: "Contoso".to_owned(),
    };
    let tenant = store.put_tenant(tenant).await.unwrap().id;
    let soon = Timestamp(i64::MAX);
    let invited = store.invite("Operator", tenant, Role::Operator, [1; 32], soon);
    (tenant, invited.await.unwrap().id)
}
