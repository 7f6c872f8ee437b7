//! HTTP: sign-in, tenancy, REST, the event stream, workers, the built app.
