//! The store on `SQLite`: the suite that any database passes, and what is special about a file.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, also where it is a function that many tests call"
)]

mod announced_rows;
#[path = "../conformance/suite.rs"]
mod conformance;
mod durable;
mod large_snapshot;
mod opening;
mod restored_backup;
mod retention;
mod rows;
mod told_after_commit;
mod upgrade;
mod world;

mod sqlite {
    crate::conformance::exercise!(crate::world::sqlite);
}
