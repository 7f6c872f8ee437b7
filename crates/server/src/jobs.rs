//! What a run does, a file for each operation.

pub mod capture;
