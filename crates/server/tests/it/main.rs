//! The server over real HTTP: a real store in a folder of its own, and the stand-in as Graph.

mod acknowledge;
mod assets;
mod bad_requests;
mod browser;
mod capture;
mod command_line;
mod history;
mod hub_laws;
mod ingest;
mod inventory;
mod key_commands;
mod limits;
mod openapi;
mod place;
mod preferences;
mod restart;
mod resume;
mod seal;
mod seen;
mod session;
mod setup;
mod shutdown;
mod start;
mod stream;
mod tenancy;
