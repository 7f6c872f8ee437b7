//! The configuration files: which tenants there are, and how to ask Graph for each. Read once, at the start, before anything else is touched.
//!
//! ```toml
//! [[tenant]]
//! name = "Contoso"
//! directory_id = "11111111-2222-3333-4444-555555555555"
//! client_id = "66666666-7777-8888-9999-000000000000"
//! client_secret_file = "/run/secrets/contoso"     # or client_secret_env = "CONTOSO_SECRET"
//! login_base = "https://login.microsoftonline.com" # may be left out
//! graph_base = "https://graph.microsoft.com"       # may be left out
//!
//! [server]
//! behind_proxy = true # trust X-Forwarded-Proto and X-Forwarded-For, which a reverse proxy in front has to set
//! max_streams = 10000            # open streams of this server; each is an open file
//! max_streams_per_person = 64    # tabs of a browser share one
//! ingest_events_per_second = 10000 # of each machine key; for a moment twice as many
//! stream_lifetime_seconds = 3600 # give or take a fifth; then the browser connects anew, to whichever server is there
//! portal_silent_minutes = 30     # then a portal's run that is running is marked stalled
//! keep_ingested_days = 90        # at least 30: which events of portals were taken
//! keep_idempotency_keys_days = 7
//! keep_notifications_days = 180  # from the end of a run, for whoever dismissed its card
//! ```
//!
//! Files merge. No message holds a secret, nor the text of a line that may hold one.

use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use graph::{GraphConfig, Secret};
use serde::Deserialize;
use toml::Spanned;

use crate::event_rate::EventsPerSecond;
use crate::hub::Limits;
use crate::upkeep::Upkeep;

const LOGIN_BASE: &str = "https://login.microsoftonline.com";
const GRAPH_BASE: &str = "https://graph.microsoft.com";
/// The longest name of a tenant, in characters.
const MAX_TENANT_NAME: usize = 100;

/// All files together.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// In the order of the files.
    pub tenants: Vec<TenantConfig>,
    /// Trust the headers of a reverse proxy about scheme and address.
    pub behind_proxy: bool,
    /// How many streams, and for how long. Where files differ, the last counts.
    pub limits: Limits,
    /// What each machine key may announce. Where files differ, the last counts.
    pub events_per_second: EventsPerSecond,
    /// What is looked at again and again. Where files differ, the last counts.
    pub upkeep: Upkeep,
}

/// One customer's tenant.
#[derive(Clone, Debug)]
pub struct TenantConfig {
    /// The name to show.
    pub name: String,
    /// Where Graph is and who asks; holds the directory id.
    pub graph: GraphConfig,
}

/// What is wrong with the configuration: which file, which line, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error(
        "cannot read the config file {path}: {reason}. Check --config, and that this user may read it"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why; said by the message, so it is no `source`.
        reason: std::io::Error,
    },
    /// A line is wrong.
    #[error("{path}, line {line}{field}: {reason}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// `` (`field`)``, or empty.
        field: String,
        /// What is wrong and what to do.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    tenant: Vec<Spanned<TenantTable>>,
    server: Option<ServerTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TenantTable {
    name: Spanned<String>,
    directory_id: Spanned<String>,
    client_id: Spanned<String>,
    client_secret_file: Option<Spanned<PathBuf>>,
    client_secret_env: Option<Spanned<String>>,
    login_base: Option<Spanned<String>>,
    graph_base: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServerTable {
    #[serde(default)]
    behind_proxy: bool,
    max_streams: Option<NonZeroUsize>,
    max_streams_per_person: Option<NonZeroUsize>,
    stream_lifetime_seconds: Option<NonZeroU32>,
    ingest_events_per_second: Option<NonZeroU32>,
    portal_silent_minutes: Option<NonZeroU32>,
    keep_ingested_days: Option<AtLeast30>,
    keep_idempotency_keys_days: Option<NonZeroU32>,
    keep_notifications_days: Option<NonZeroU32>,
}

/// A portal may send again what it sent a month ago.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "u32")]
struct AtLeast30(u32);

impl TryFrom<u32> for AtLeast30 {
    type Error = &'static str;

    fn try_from(days: u32) -> Result<Self, Self::Error> {
        if days < 30 {
            return Err("30 days at least");
        }
        Ok(Self(days))
    }
}

impl ServerTable {
    fn put(self, config: &mut Config) {
        config.behind_proxy |= self.behind_proxy;
        if let Some(rate) = self.ingest_events_per_second {
            config.events_per_second = EventsPerSecond(rate.get());
        }
        self.put_upkeep(&mut config.upkeep);
        let Limits {
            most_of_a_person,
            most_of_all,
            lifetime,
        } = &mut config.limits;
        *most_of_all = self.max_streams.map_or(*most_of_all, NonZeroUsize::get);
        *most_of_a_person = self
            .max_streams_per_person
            .map_or(*most_of_a_person, NonZeroUsize::get);
        *lifetime = self.stream_lifetime_seconds.map_or(*lifetime, |seconds| {
            Duration::from_secs(u64::from(seconds.get()))
        });
    }
}

impl ServerTable {
    fn put_upkeep(&self, upkeep: &mut Upkeep) {
        const DAY: u64 = 24 * 60 * 60;
        let put = |into: &mut Duration, given: Option<u32>, unit: u64| {
            if let Some(n) = given {
                *into = Duration::from_secs(u64::from(n) * unit);
            }
        };
        let number = |given: Option<NonZeroU32>| given.map(NonZeroU32::get);
        let Upkeep {
            portal_silent_for,
            keep,
            keep_idempotency_keys,
        } = upkeep;
        put(portal_silent_for, number(self.portal_silent_minutes), 60);
        let days = self.keep_ingested_days.map(|AtLeast30(days)| days);
        put(&mut keep.ingested, days, DAY);
        put(
            &mut keep.notifications,
            number(self.keep_notifications_days),
            DAY,
        );
        put(
            keep_idempotency_keys,
            number(self.keep_idempotency_keys_days),
            DAY,
        );
    }
}

impl Config {
    /// Reads and merges the files.
    ///
    /// # Errors
    /// The first thing that is wrong, with its file and line.
    pub fn read(paths: &[PathBuf]) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        // Each directory id with where it was named first.
        let mut named: Vec<(String, String)> = Vec::new();
        for path in paths {
            let text = std::fs::read_to_string(path).map_err(|reason| ConfigError::Unreadable {
                path: path.clone(),
                reason,
            })?;
            let source = Source { path, text: &text };
            let file: File = toml::from_str(&text).map_err(|error| source.not_toml(&error))?;
            if let Some(server) = file.server {
                server.put(&mut config);
            }
            for table in file.tenant {
                let span = table.get_ref().directory_id.span();
                let tenant = source.tenant(table)?;
                let here = format!("{}, line {}", path.display(), source.line(&span));
                let id = &tenant.graph.directory_id;
                if let Some((_, first)) = named.iter().find(|(other, _)| other == id) {
                    let reason = format!(
                        "this directory is named twice, first in {first}. Remove one of the two"
                    );
                    return Err(source.wrong(&span, reason));
                }
                named.push((id.clone(), here));
                config.tenants.push(tenant);
            }
        }
        Ok(config)
    }
}

struct Source<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn tenant(&self, table: Spanned<TenantTable>) -> Result<TenantConfig, ConfigError> {
        let whole = table.span();
        let table = table.into_inner();
        let name = table.name.get_ref().trim().to_owned();
        if name.is_empty()
            || name.chars().count() > MAX_TENANT_NAME
            || name.chars().any(char::is_control)
        {
            let reason = format!("a name has 1 to {MAX_TENANT_NAME} characters on one line");
            return Err(self.wrong(&table.name.span(), reason));
        }
        let (secret, secret_span) = self.secret(&table, &whole)?;
        let base = |given: &Option<Spanned<String>>, default: &str| {
            given
                .as_ref()
                .map_or_else(|| default.to_owned(), |base| base.get_ref().clone())
        };
        let graph = GraphConfig::new(
            &base(&table.login_base, LOGIN_BASE),
            &base(&table.graph_base, GRAPH_BASE),
            table.directory_id.get_ref(),
            table.client_id.get_ref(),
            secret,
        );
        let graph = graph.map_err(|error| {
            use graph::ConfigError as Wrong;
            let span = match &error {
                Wrong::NotABase { field }
                | Wrong::NotSecure { field }
                | Wrong::NotAnId { field } => match *field {
                    "login_base" => table.login_base.as_ref().map(Spanned::span),
                    "graph_base" => table.graph_base.as_ref().map(Spanned::span),
                    "client_id" => Some(table.client_id.span()),
                    _ => Some(table.directory_id.span()),
                },
                Wrong::NoSecret | Wrong::SecretHasBlanks => Some(secret_span),
            };
            self.wrong(&span.unwrap_or(whole), error.to_string())
        })?;
        Ok(TenantConfig { name, graph })
    }

    fn secret(
        &self,
        table: &TenantTable,
        whole: &Range<usize>,
    ) -> Result<(Secret, Range<usize>), ConfigError> {
        match (&table.client_secret_file, &table.client_secret_env) {
            (Some(file), None) => {
                // Beside the config file, so that the pair can be moved together.
                let path = self
                    .path
                    .parent()
                    .unwrap_or(Path::new(""))
                    .join(file.get_ref());
                let text = std::fs::read_to_string(&path).map_err(|error| {
                    let reason = format!("cannot read the client secret from {}: {error}. Put the secret's value into that file, readable by this user alone", path.display());
                    self.wrong(&file.span(), reason)
                })?;
                // Every editor ends a file with a newline.
                let secret = text.trim_end_matches(['\r', '\n']).to_owned();
                Ok((Secret::new(secret), file.span()))
            }
            (None, Some(variable)) => {
                let name = variable.get_ref();
                let secret = std::env::var(name).map_err(|_unset| {
                    let reason = format!("the environment variable {name} is not set (or is not UTF-8). Set it to the client secret's value before the start");
                    self.wrong(&variable.span(), reason)
                })?;
                Ok((Secret::new(secret), variable.span()))
            }
            (Some(_), Some(variable)) => Err(self.wrong(
                &variable.span(),
                "name the secret once: by client_secret_file or by client_secret_env".to_owned(),
            )),
            (None, None) => Err(self.wrong(
                whole,
                "the client secret is missing: name a file with client_secret_file, or an environment variable with client_secret_env".to_owned(),
            )),
        }
    }

    fn not_toml(&self, error: &toml::de::Error) -> ConfigError {
        let span = error.span().unwrap_or(0..0);
        let mut reason = error.message().trim().replace('\n', " ");
        if reason.contains("unknown field `client_secret`") {
            "a secret does not belong into this file: put it into a file of its own and name that with client_secret_file"
                .clone_into(&mut reason);
        }
        self.wrong(&span, reason)
    }

    fn wrong(&self, span: &Range<usize>, reason: String) -> ConfigError {
        ConfigError::Wrong {
            path: self.path.to_owned(),
            line: self.line(span),
            field: self
                .field(span)
                .map(|field| format!(" (`{field}`)"))
                .unwrap_or_default(),
            reason,
        }
    }

    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        before.matches('\n').count() + 1
    }

    /// What stands before the `=` of the span's line, where that is a plain key.
    fn field(&self, span: &Range<usize>) -> Option<&str> {
        let line = self.text.lines().nth(self.line(span) - 1)?;
        let (key, _) = line.split_once('=')?;
        let key = key.trim();
        let is_plain = !key.is_empty()
            && key.len() <= 40
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        is_plain.then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"[[tenant]]
name = "Contoso"
directory_id = "11111111-2222-3333-4444-555555555555"
client_id = "66666666-7777-8888-9999-000000000000"
client_secret_file = "secret"
"#;

    fn read(text: &str) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        std::fs::write(folder.path().join("secret"), "s3cret-value\n").unwrap();
        std::fs::write(folder.path().join("empty"), "\n").unwrap();
        Config::read(&[path]).map_err(|error| {
            let shown = error.to_string();
            shown.replace(&format!("{}/", folder.path().display()), "")
        })
    }

    #[test]
    fn a_good_file_names_its_tenants_and_takes_the_secret_without_its_newline() {
        let config = read(GOOD).unwrap();
        let tenant = &config.tenants[0];
        assert_eq!(tenant.name, "Contoso");
        assert_eq!(tenant.graph.client_secret.expose(), "s3cret-value");
        assert_eq!(tenant.graph.graph_base, "https://graph.microsoft.com");
        assert!(!config.behind_proxy);
        assert!(
            read("[server]\nbehind_proxy = true\n")
                .unwrap()
                .behind_proxy
        );
        assert!(read("").unwrap().tenants.is_empty());
        let limited = read("[server]\nmax_streams = 5000\nstream_lifetime_seconds = 60\n");
        let limits = limited.unwrap().limits;
        assert_eq!(
            (limits.most_of_all, limits.most_of_a_person),
            (5_000, Limits::default().most_of_a_person)
        );
        assert_eq!(limits.lifetime, Duration::from_secs(60));
    }

    #[test]
    fn what_is_kept_for_a_time_is_kept_for_as_many_days_as_the_file_says() {
        let text = "[server]\nkeep_ingested_days = 30\nportal_silent_minutes = 5\n";
        let upkeep = read(text).unwrap().upkeep;
        let mut expected = Upkeep::default();
        expected.keep.ingested = Duration::from_secs(30 * 24 * 60 * 60);
        expected.portal_silent_for = Duration::from_secs(300);
        assert_eq!(upkeep, expected);
        check(
            "[server]\nkeep_ingested_days = 29\n",
            "line 2 (`keep_ingested_days`): 30 days at least",
        );
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = read(text).unwrap_err();
        assert!(shown.contains(expected), "{shown:?} lacks {expected:?}");
        assert!(!shown.contains("s3cret-value"), "{shown}");
    }

    #[test]
    fn each_mistake_names_its_file_line_and_field() {
        let with = |from: &str, to: &str| GOOD.replace(from, to);
        check(&with("[[tenant]]", "[[tenant]"), "config.toml, line 1");
        check(
            &with("name =", "nme ="),
            "config.toml, line 2 (`nme`): unknown field `nme`",
        );
        check(&with("name = \"Contoso\"\n", ""), "missing field `name`");
        check(&with("\"Contoso\"", "5"), "line 2 (`name`): invalid type");
        check(&with("\"Contoso\"", "\" \""), "line 2 (`name`): a name has");
        check(
            &with("11111111-2222-3333-4444-555555555555", "contoso.com"),
            "line 3 (`directory_id`): directory_id must be an id",
        );
        check(
            &with("66666666", "x"),
            "line 4 (`client_id`): client_id must be",
        );
        check(
            &with("\"secret\"", "\"nowhere\""),
            "line 5 (`client_secret_file`): cannot read the client secret",
        );
        check(
            &with("\"secret\"", "\"empty\""),
            "line 5 (`client_secret_file`): client_secret is empty",
        );
        check(
            &with(
                "client_secret_file = \"secret\"",
                "client_secret = \"s3cret-value\"",
            ),
            "line 5 (`client_secret`): a secret does not belong",
        );
        check(
            &with(
                "client_secret_file = \"secret\"",
                "client_secret_env = \"TA_NOT_SET_ANYWHERE\"",
            ),
            "line 5 (`client_secret_env`): the environment variable TA_NOT_SET_ANYWHERE is not set",
        );
        check(
            &with("client_secret_file = \"secret\"\n", ""),
            "the client secret is missing",
        );
        check(
            &format!("{GOOD}client_secret_env = \"X\"\n"),
            "line 6 (`client_secret_env`): name the secret once",
        );
        check(
            &format!("{GOOD}graph_base = \"http://graph.example\"\n"),
            "line 6 (`graph_base`): graph_base must begin with https://",
        );
        check(
            &format!("{GOOD}login_base = \"no address\"\n"),
            "line 6 (`login_base`)",
        );
        check(
            &format!("{GOOD}{GOOD}"),
            "line 8 (`directory_id`): this directory is named twice, first in config.toml, line 3",
        );
        check(
            "[server]\nport = 8080\n",
            "line 2 (`port`): unknown field `port`",
        );
        check(
            "[server]\nmax_streams = 0\n",
            "line 2 (`max_streams`): invalid value: integer `0`",
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = Config::read(&[PathBuf::from("/nowhere/config.toml")]).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("cannot read the config file /nowhere/config.toml: No such file")
        );
    }
}
