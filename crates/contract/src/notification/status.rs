//! The table from a run's status to the title and the colour that people see. It stands here and nowhere else.

/// The tone of a status: how good or bad the news is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Nothing is decided yet, or nothing is known.
    Neutral,
    /// All went well.
    Success,
    /// Some of it went wrong.
    Warning,
    /// It went wrong.
    Danger,
}

impl Tone {
    /// Filament's name of the colour.
    pub fn color(self) -> &'static str {
        match self {
            Tone::Neutral => "gray",
            Tone::Success => "success",
            Tone::Warning => "warning",
            Tone::Danger => "danger",
        }
    }
}

/// The title of a notification about `status`.
pub fn title(status: &str) -> &'static str {
    row(status).0
}

/// The tone of `status`.
pub fn tone(status: &str) -> Tone {
    row(status).1
}

/// Filament's name of the colour of `status`: `gray`, `success`, `warning` or `danger`.
pub fn color(status: &str) -> &'static str {
    tone(status).color()
}

/// The match is exact: `Completed` and `completed ` are statuses that we do not know.
fn row(status: &str) -> (&'static str, Tone) {
    match status {
        "queued" => ("Run queued", Tone::Neutral),
        "running" => ("Run started", Tone::Neutral),
        "completed" | "succeeded" => ("Run completed", Tone::Success),
        "partial" | "completed_with_errors" => ("Run completed (partial)", Tone::Warning),
        "failed" => ("Run failed", Tone::Danger),
        _ => ("Run updated", Tone::Neutral),
    }
}
