//! The wire types that browser and server share.
