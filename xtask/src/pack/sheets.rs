//! One style sheet instead of one for each part: together they compress to two thirds, and a browser asks once.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    path::Path,
};

use anyhow::{Context, Result, ensure};

/// Puts the sheets that `index.html` names into one, in their order, and names that one where the first was named.
pub(super) fn join(dist: &Path) -> Result<()> {
    let page = dist.join("index.html");
    let html =
        fs::read_to_string(&page).with_context(|| format!("failed to read {}", page.display()))?;
    let links = links(&html);
    let first = links.first().context("index.html names no style sheet")?;

    let mut sheet = String::new();
    for link in &links {
        let path = dist.join(link.name);
        sheet += &fs::read_to_string(&path)
            .with_context(|| format!("failed to read {}", path.display()))?;
        // A sheet that a line comment or a missing brace would carry on into the next one.
        ensure!(
            sheet.matches('{').count() == sheet.matches('}').count(),
            "the braces of {} do not match",
            link.name
        );
    }
    let mut hasher = DefaultHasher::new();
    sheet.hash(&mut hasher);
    let name = format!("styles-{:016x}.css", hasher.finish());

    let joined = first.text.replace(first.name, &name);
    let mut packed = html.replacen(first.text, &joined, 1);
    for link in &links[1..] {
        packed = packed.replacen(link.text, "", 1);
    }
    for link in &links {
        fs::remove_file(dist.join(link.name))
            .with_context(|| format!("failed to remove {}", link.name))?;
    }
    fs::write(dist.join(&name), sheet).with_context(|| format!("failed to write {name}"))?;
    fs::write(&page, packed).with_context(|| format!("failed to write {}", page.display()))
}

/// A `<link … href=/name.css …>` of the page.
struct Link<'a> {
    text: &'a str,
    name: &'a str,
}

fn links(html: &str) -> Vec<Link<'_>> {
    html.split_inclusive('>')
        .filter_map(|part| {
            let text = &part[part.find("<link ")?..];
            let (_, after) = text.split_once("href=")?;
            let address = after
                .trim_start_matches('"')
                .split(['"', ' ', '>'])
                .next()?;
            let name = address.strip_prefix('/')?;
            name.ends_with(".css").then_some(Link { text, name })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::join;

    #[test]
    fn the_sheets_become_one_in_their_order_and_nothing_else_of_the_page_changes() {
        let dist = tempfile::tempdir().unwrap();
        let page = |sheets: &str| {
            format!("<head><link href=/f-1.svg rel=icon>{sheets}<script src=/a.js></script></head>")
        };
        let two = "<link href=/b-2.css rel=stylesheet><link href=\"/a-1.css\" rel=\"stylesheet\">";
        fs::write(dist.path().join("index.html"), page(two)).unwrap();
        fs::write(dist.path().join("b-2.css"), "b{top:0}").unwrap();
        fs::write(dist.path().join("a-1.css"), "a{top:0}").unwrap();
        join(dist.path()).unwrap();

        let sheets: Vec<_> = fs::read_dir(dist.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".css"))
            .collect();
        let [sheet] = &sheets[..] else {
            panic!("{sheets:?}");
        };
        assert_eq!(
            fs::read_to_string(dist.path().join(sheet)).unwrap(),
            "b{top:0}a{top:0}"
        );
        assert_eq!(
            fs::read_to_string(dist.path().join("index.html")).unwrap(),
            page(&format!("<link href=/{sheet} rel=stylesheet>"))
        );
    }

    #[test]
    fn a_page_that_names_a_sheet_that_is_not_there_is_an_error() {
        let dist = tempfile::tempdir().unwrap();
        fs::write(
            dist.path().join("index.html"),
            "<link href=/a.css rel=stylesheet>",
        )
        .unwrap();
        assert!(join(dist.path()).is_err());
    }
}
