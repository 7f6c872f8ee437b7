//! Bytes of a `text/event-stream` → frames, for any cut of the bytes. WHATWG HTML, section 9.2; where that is silent, as Chromium does.
//!
//! A frame comes out as soon as its empty line is complete: a lone CR at the end of a chunk ends its line at once.

/// A line, or the data of one frame, may be this long. A server that sends more is not ours.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;

/// One event of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// `message` if the stream named none.
    pub event: String,
    /// Its lines, joined by LF.
    pub data: String,
    /// The id to resume from after this frame; of this frame or of an earlier one.
    pub last_event_id: String,
}

/// A line or a frame passed [`MAX_BYTES`]: nothing after it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a frame of the stream is longer than any that the server sends")
    }
}

impl std::error::Error for TooLong {}

/// Holds what a chunk left unfinished. Memory is bounded by [`MAX_BYTES`] for the line and as much for the data.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    /// The unfinished line.
    line: Vec<u8>,
    /// The last byte was a CR: an LF that follows belongs to it.
    after_cr: bool,
    /// The first line is behind us, and with it the only place for a byte order mark.
    begun: bool,
    data: String,
    /// Two lines, the first of them empty, are not the same as one.
    has_data: bool,
    event: String,
    id: String,
    last_event_id: String,
    retry_ms: Option<u64>,
    too_long: bool,
}

impl Parser {
    /// Goes on with the id of an earlier connection: frames without one of their own carry it.
    pub fn resume(last_event_id: &str) -> Parser {
        Parser {
            id: last_event_id.to_owned(),
            last_event_id: last_event_id.to_owned(),
            ..Parser::default()
        }
    }

    /// Takes the next bytes and tells each frame that they complete.
    ///
    /// # Errors
    /// [`TooLong`], from then on always. Frames before it were told.
    pub fn push(&mut self, bytes: &[u8], mut tell: impl FnMut(Frame)) -> Result<(), TooLong> {
        if self.too_long {
            return Err(TooLong);
        }
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let piece = &rest[..end.unwrap_or(rest.len())];
            if self.line.len() + piece.len() + self.data.len() > MAX_BYTES {
                self.too_long = true;
                self.line = Vec::new();
                self.data = String::new();
                return Err(TooLong);
            }
            let Some(end) = end else {
                self.line.extend_from_slice(piece);
                break;
            };
            self.after_cr = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if self.line.is_empty() {
                self.end_line(piece, &mut tell);
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(piece);
                self.end_line(&line, &mut tell);
                line.clear();
                // The room is kept, unless it was an unusual line.
                if line.capacity() <= 64 * 1024 {
                    self.line = line;
                }
            }
        }
        Ok(())
    }

    /// The reconnection time that the stream asked for last; `None` if it never did, or took it back.
    pub fn retry_ms(&self) -> Option<u64> {
        self.retry_ms
    }

    /// What a reconnect sends: the id of the last complete block.
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    fn end_line(&mut self, line: &[u8], tell: &mut impl FnMut(Frame)) {
        let mut line = line;
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            self.end_block(tell);
            return;
        }
        // No byte of a longer character is a colon or a line end, so a line is decoded as a whole, and a character that was
        // cut by a line end becomes one replacement character, as it does in a browser.
        let line = String::from_utf8_lossy(line);
        let (field, value) = match line.split_once(':') {
            Some((field, value)) => (field, value.strip_prefix(' ').unwrap_or(value)),
            None => (&*line, ""),
        };
        match field {
            "data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.data.push_str(value);
                self.has_data = true;
            }
            "event" => value.clone_into(&mut self.event),
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" => self.set_retry(value),
            _ => {}
        }
    }

    /// Empty takes the time back and digits beyond 64 bits are ignored: so does Chromium, the standard is silent.
    fn set_retry(&mut self, value: &str) {
        if value.is_empty() {
            self.retry_ms = None;
        } else if value.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(retry_ms) = value.parse()
        {
            self.retry_ms = Some(retry_ms);
        }
    }

    fn end_block(&mut self, tell: &mut impl FnMut(Frame)) {
        self.id.clone_into(&mut self.last_event_id);
        let event = std::mem::take(&mut self.event);
        let data = std::mem::take(&mut self.data);
        if !std::mem::take(&mut self.has_data) {
            return;
        }
        let event = if event.is_empty() {
            "message".to_owned()
        } else {
            event
        };
        tell(Frame {
            event,
            data,
            last_event_id: self.last_event_id.clone(),
        });
    }
}
