//! The public face of `contract`.

mod ingest_laws;
mod notification_laws;
mod notification_oracle;
