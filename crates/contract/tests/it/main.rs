//! The public face of `contract`.

mod notification_laws;
mod notification_oracle;
