//! Short names for what the app imports, in the app and in its glue alike.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// From long to short: of the modules that are imported from, and of what is imported from them.
#[derive(Default)]
pub(super) struct ShortNames {
    modules: BTreeMap<String, String>,
    imports: BTreeMap<String, String>,
    n_imports: u32,
}

impl ShortNames {
    pub(super) fn add(&mut self, module: &str, name: &str) {
        self.n_imports += 1;
        for (names, name) in [(&mut self.modules, module), (&mut self.imports, name)] {
            let next = short(names.len());
            names.entry(name.to_owned()).or_insert(next);
        }
    }

    /// With those that are imported twice.
    pub(super) fn n_imports(&self) -> u32 {
        self.n_imports
    }

    /// The short names of a module and of what is imported from it.
    pub(super) fn of(&self, module: &str, name: &str) -> (&str, &str) {
        (&self.modules[module], &self.imports[name])
    }

    /// The glue with the short names. It names each import once, as a key of the object that it hands over:
    /// `__wbg_now_a84d6da7: function(…`, and each module as `"./tenant-atlas_bg.js": import0`.
    pub(super) fn in_script(&self, script: &str) -> Result<String> {
        let mut script = script.to_owned();
        let keys = self
            .imports
            .iter()
            .map(|(long, short)| (format!(" {long}: "), format!(" {short}: ")))
            .chain(
                self.modules
                    .iter()
                    .map(|(long, short)| (format!("\"{long}\": "), format!("{short}: "))),
            );
        for (long, short) in keys {
            ensure!(
                script.matches(&long).count() == 1,
                "the glue does not name{long}once"
            );
            script = script.replace(&long, &short);
        }
        Ok(script)
    }
}

/// `a` to `Z`, then `aa` and so on.
fn short(n: usize) -> String {
    let letter = char::from(LETTERS[n % LETTERS.len()]);
    match n / LETTERS.len() {
        0 => letter.to_string(),
        more => short(more - 1) + &letter.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ShortNames, short};

    fn names() -> ShortNames {
        let mut names = ShortNames::default();
        names.add("./app_bg.js", "__wbg_now_1");
        names.add("./app_bg.js", "__wbg_now_12");
        names
    }

    #[test]
    fn no_two_names_are_shortened_to_one() {
        let all: BTreeSet<_> = (0..3000).map(short).collect();
        assert_eq!(all.len(), 3000);
    }

    #[test]
    fn glue_and_app_have_the_same_names() {
        let glue = "const import0 = {\n __wbg_now_1: function() {},\n __wbg_now_12: function() {},\n};\nreturn {\n \"./app_bg.js\": import0,\n};";
        assert_eq!(
            names().in_script(glue).unwrap(),
            "const import0 = {\n a: function() {},\n b: function() {},\n};\nreturn {\n a: import0,\n};"
        );
        assert_eq!(names().of("./app_bg.js", "__wbg_now_12"), ("a", "b"));
    }

    #[test]
    fn glue_that_lacks_an_import_is_refused() {
        assert!(
            names()
                .in_script("{ \"./app_bg.js\": import0, __wbg_now_1: function() {} }")
                .is_err()
        );
    }
}
