//! Brings a database to this program's schema, or says why it cannot be used.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use crate::error::{Error, Result};

/// In order; the schema's version is how many have run. A migration that was released never changes.
const MIGRATIONS: [&str; 4] = [
    include_str!("../../migrations/sqlite/0001_start.sql"),
    include_str!("../../migrations/sqlite/0002_ingest.sql"),
    include_str!("../../migrations/sqlite/0003_centre.sql"),
    include_str!("../../migrations/sqlite/0004_fewer_pages.sql"),
];

const BEGIN: &str = "BEGIN IMMEDIATE";
const VERSION: &str = "SELECT user_version FROM pragma_user_version";
const IN_USE_BY_OTHERS: &str = "SELECT count(*) > 0 FROM sqlite_schema";

/// Runs what is missing. Two processes that open the file at once take turns.
pub(super) fn migrate(connection: &mut Connection, file: &Path) -> Result<()> {
    let newest = MIGRATIONS.len();
    if version(connection, file)? == newest {
        return Ok(());
    }
    let read = |error| cannot_open(file, error);
    // A table that others name can be made anew only so, and this cannot be changed inside a transaction.
    connection
        .pragma_update(None, "foreign_keys", "OFF")
        .map_err(read)?;
    connection.execute_batch(BEGIN).map_err(read)?;
    // Only inside the transaction is it certain which have run.
    let done = version(connection, file)?;
    if done > newest {
        return Err(Error::CannotOpen {
            path: file.to_owned(),
            reason: format!(
                "it was written by a newer version of this program (schema {done}, this one knows {newest}): start that version, or use another data folder"
            ),
        });
    }
    let has_tables: bool = connection
        .query_row(IN_USE_BY_OTHERS, [], |row| row.get(0))
        .map_err(read)?;
    if done == 0 && has_tables {
        return Err(Error::CannotOpen {
            path: file.to_owned(),
            reason: "it is a database of another program: use another data folder".to_owned(),
        });
    }
    for migration in &MIGRATIONS[done..] {
        connection.execute_batch(migration).map_err(read)?;
    }
    connection
        .pragma_update(None, "user_version", newest as i64)
        .map_err(read)?;
    connection.execute_batch("COMMIT").map_err(read)?;
    connection
        .pragma_update(None, "foreign_keys", "ON")
        .map_err(read)
}

fn version(connection: &Connection, file: &Path) -> Result<usize> {
    let version: i64 = connection
        .query_row(VERSION, [], |row| row.get(0))
        .map_err(|error| cannot_open(file, error))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// What to do about a file that `SQLite` will not use.
pub(super) fn cannot_open(file: &Path, error: rusqlite::Error) -> Error {
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            "the file is damaged, or is no database: put it aside and restore a backup, or use another data folder"
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
            return read_only(file);
        }
        Some(ErrorCode::DiskFull) => "the disk is full: free some space and start again",
        _ => return error.into(),
    };
    Error::CannotOpen {
        path: file.to_owned(),
        reason: reason.to_owned(),
    }
}

/// The file or its folder is not ours to write.
pub(super) fn read_only(file: &Path) -> Error {
    Error::CannotOpen {
        path: file.to_owned(),
        reason: "this user may not write there: change the owner or the permissions of the folder and its files, or use another data folder".to_owned(),
    }
}
