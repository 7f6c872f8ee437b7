//! What only words a panic, and is large: a text that was cut in the middle of a character is told with that character, for which all
//! printable ones are known. Without it the app ends in a trap, which the page tells like any other end.

use anyhow::{Context, Result};
use wasmparser::{KnownCustom, Name, Parser, Payload};

/// By the names that Rust gives them. The app itself formats no character for people who debug.
const WORDY: [&[&str]; 2] = [&["str::slice_error_fail"], &["<char as ", "Debug>::fmt"]];

/// The indices of these functions. A module without names has none.
pub(super) fn wordy(app: &[u8]) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(app) {
        let Payload::CustomSection(section) = payload.context("failed to read the app")? else {
            continue;
        };
        let KnownCustom::Name(names) = section.as_known() else {
            continue;
        };
        for name in names {
            let Name::Function(functions) = name.context("failed to read the names")? else {
                continue;
            };
            for naming in functions {
                let naming = naming.context("failed to read a name")?;
                if WORDY
                    .iter()
                    .any(|parts| parts.iter().all(|part| naming.name.contains(part)))
                {
                    found.push(naming.index);
                }
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{Module, NameMap, NameSection};

    use super::wordy;

    #[test]
    fn functions_are_found_by_the_names_that_rust_gives_them() {
        let mut functions = NameMap::new();
        functions.append(2, "core[c593]::panicking::panic_fmt");
        functions.append(3, "core[c593]::str::slice_error_fail");
        functions.append(5, "<char as core[c593]::fmt::Debug>::fmt");
        let mut names = NameSection::new();
        names.functions(&functions);
        let mut app = Module::new();
        app.section(&names);
        assert_eq!(wordy(&app.finish()).unwrap(), [3, 5]);
        assert_eq!(wordy(&Module::new().finish()).unwrap(), []);
    }
}
