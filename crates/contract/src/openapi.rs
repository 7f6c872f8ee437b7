//! Schemas of the types that are texts on the wire, for the `OpenAPI` document. Only with the feature `openapi`.

use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! text {
    ($($type:ty, $description:literal, $example:literal;)+) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                let object = ObjectBuilder::new().schema_type(Type::String).description(Some($description)).examples([$example]);
                RefOr::T(Schema::Object(object.build()))
            }
        }

        impl ToSchema for $type {}
    )+};
}

text! {
    crate::ids::EventId, "The id of an SSE frame: the log's epoch, a hyphen, the position.", "k3f9-812";
    crate::timestamp::Timestamp, "RFC 3339 in UTC with milliseconds.", "2026-01-11T15:59:06.123Z";
    crate::run::RunStatus, "queued, running, completed, partial, failed, cancelled; readers take any other text as it is.", "running";
}
