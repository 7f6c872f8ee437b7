//! The client against the stand-in, over real HTTP.

mod capture;
mod config;
mod hash;
mod list;
mod refusals;
mod retries;
mod tenant;
mod token;
