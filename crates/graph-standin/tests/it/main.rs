//! The stand-in as an independent client sees it: plain HTTP, without the product's own code.

mod batch;
mod client;
mod control;
mod faults;
mod headers;
mod lists;
mod login;
mod program;
mod routes;
mod writes;
