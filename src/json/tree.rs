//! JSON as a tree, before it is known what it is.

use std::borrow::Cow;

use super::Fits;

/// Deeper than any type of the contract; what is deeper is in fields that this version does not know.
const MAX_DEPTH: u8 = 64;

/// A value. Borrows from the text what it can.
#[derive(Debug)]
pub enum Tree<'de> {
    /// `null`, or a part that must be there and is not.
    Null,
    /// A part that need not be there, and is not: empty, zero, false or none, as its type says.
    Missing,
    /// `true` or `false`.
    Bool(bool),
    /// As it is written.
    Number(&'de str),
    /// Without escapes.
    Text(Cow<'de, str>),
    /// In order.
    List(Vec<Tree<'de>>),
    /// In order; where a name comes twice the first one counts.
    Map(Vec<(Cow<'de, str>, Tree<'de>)>),
}

impl<'de> Tree<'de> {
    /// The whole text; `None` if it is no JSON.
    pub(super) fn of(text: &'de str) -> Option<Tree<'de>> {
        let mut reader = Reader {
            text,
            at: 0,
            depth: 0,
        };
        let tree = reader.value()?;
        reader.peek();
        (reader.at == text.len()).then_some(tree)
    }

    /// A part of an object. What is no object has no parts, and does not fit.
    pub(super) fn part(&self, name: &str, may_be_missing: bool, fits: &Fits) -> &Tree<'de> {
        let parts = match self {
            Tree::Map(parts) => parts,
            // An object that need not be there is one without parts.
            Tree::Missing => return &Tree::Missing,
            _ => return fits.or(None, &Tree::Null),
        };
        match parts.iter().find(|(known, _)| known == name) {
            Some((_, part)) => part,
            None if may_be_missing => &Tree::Missing,
            None => &Tree::Null,
        }
    }

    pub(super) fn text(&self, fits: &Fits) -> &str {
        match self {
            Tree::Text(text) => text,
            Tree::Missing => "",
            _ => fits.or(None, ""),
        }
    }

    /// The digits; none where it is no number.
    pub(super) fn number(&self) -> &str {
        match self {
            Tree::Number(digits) => digits,
            Tree::Missing => "0",
            _ => "",
        }
    }
}

struct Reader<'de> {
    text: &'de str,
    /// A byte; always at the edge of a character where it is used to cut.
    at: usize,
    depth: u8,
}

impl<'de> Reader<'de> {
    /// The next byte that is no space; 0 at the end.
    fn peek(&mut self) -> u8 {
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return *byte;
            }
            self.at += 1;
        }
        0
    }

    /// Passes the byte if it comes next.
    fn passes(&mut self, byte: u8) -> bool {
        let comes = self.peek() == byte;
        self.at += usize::from(comes);
        comes
    }

    fn pass(&mut self, byte: u8) -> Option<()> {
        self.passes(byte).then_some(())
    }

    fn passes_word(&mut self, word: &str) -> bool {
        self.peek();
        let comes = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        if comes {
            self.at += word.len();
        }
        comes
    }

    fn string(&mut self) -> Option<Cow<'de, str>> {
        self.pass(b'"')?;
        let mut unescaped = String::new();
        let mut begin = self.at;
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            self.at += 1;
            if byte == b'"' || byte == b'\\' {
                let part = self.text.get(begin..self.at - 1)?;
                if byte == b'"' && unescaped.is_empty() {
                    return Some(Cow::Borrowed(part));
                }
                unescaped.push_str(part);
                if byte == b'"' {
                    return Some(Cow::Owned(unescaped));
                }
                unescaped.push(self.escape()?);
                begin = self.at;
            } else if byte < b' ' {
                return None;
            }
        }
    }

    /// What comes after a backslash.
    fn escape(&mut self) -> Option<char> {
        let byte = *self.text.as_bytes().get(self.at)?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.hex()?;
                // Half of a pair: the other half follows.
                if code >> 10 == 0xD800 >> 10 {
                    let follows = self.text.as_bytes()[self.at..].starts_with(b"\\u");
                    self.at += 2;
                    let low = if follows { self.hex()? } else { 0 };
                    if low >> 10 != 0xDC00 >> 10 {
                        return None;
                    }
                    code = 0x1_0000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
                }
                char::from_u32(code)?
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits
            .chars()
            .try_fold(0, |code, digit| Some(code * 16 + digit.to_digit(16)?))
    }

    /// The digits of a whole number, with its sign.
    fn whole(&mut self) -> Option<&'de str> {
        self.peek();
        let begin = self.at;
        self.at += usize::from(self.peek() == b'-');
        let digits_at = self.at;
        self.pass_digits();
        let digits = self.text.get(digits_at..self.at)?;
        let is_whole = !digits.is_empty() && (digits == "0" || !digits.starts_with('0'));
        let whole = self.text.get(begin..self.at);
        whole.filter(|_| is_whole)
    }

    fn pass_digits(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|b| b.is_ascii_digit()).count();
    }

    /// A value, of whatever kind.
    fn value(&mut self) -> Option<Tree<'de>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let value = match self.peek() {
            b'"' => Tree::Text(self.string()?),
            b'{' => {
                self.at += 1;
                let mut parts = Vec::new();
                while self.comes(b'}', parts.is_empty())? {
                    let name = self.string()?;
                    self.pass(b':')?;
                    parts.push((name, self.value()?));
                }
                Tree::Map(parts)
            }
            b'[' => {
                self.at += 1;
                let mut parts = Vec::new();
                while self.comes(b']', parts.is_empty())? {
                    parts.push(self.value()?);
                }
                Tree::List(parts)
            }
            b'-' | b'0'..=b'9' => Tree::Number(self.number()?),
            _ if self.passes_word("null") => Tree::Null,
            _ if self.passes_word("true") => Tree::Bool(true),
            _ => self.passes_word("false").then_some(Tree::Bool(false))?,
        };
        self.depth -= 1;
        Some(value)
    }

    /// Whether another part comes before the end, which is passed.
    fn comes(&mut self, end: u8, is_first: bool) -> Option<bool> {
        if self.passes(end) {
            return Some(false);
        }
        if !is_first {
            self.pass(b',')?;
        }
        Some(true)
    }

    /// With a fraction and an exponent, which no type of the contract has.
    fn number(&mut self) -> Option<&'de str> {
        let begin = self.at;
        self.whole()?;
        let mut needs_digits = |begins: &[u8], signs: &[u8]| {
            let bytes = self.text.as_bytes();
            if bytes.get(self.at).is_some_and(|b| begins.contains(b)) {
                self.at += 1;
                self.at += usize::from(bytes.get(self.at).is_some_and(|b| signs.contains(b)));
                let begin = self.at;
                self.pass_digits();
                return self.at > begin;
            }
            true
        };
        let fits = needs_digits(b".", b"") && needs_digits(b"eE", b"+-");
        let number = self.text.get(begin..self.at);
        number.filter(|_| fits)
    }
}
