//! The store on `SQLite`: the suite that any database passes, and what is special about a file.

#[path = "../conformance/suite.rs"]
mod conformance;
mod world;

mod sqlite {
    crate::conformance::exercise!(crate::world::sqlite);
}
