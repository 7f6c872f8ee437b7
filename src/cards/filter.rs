//! Which cards a reader looks at: in the address of the notifications' page, so that it can be reloaded and shared.

use contract::ids::TenantId;

use crate::feed::Card;
use crate::i18n::Text;
use crate::i18n::format::lowercase;
use crate::route::{query, whole_number};

/// A view of the cards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// All on screen.
    #[default]
    All,
    /// Failed and partial.
    Failed,
    /// Queued and running.
    Active,
    /// What the reader started or watches.
    Mine,
    /// What was taken off the screen.
    Dismissed,
    /// No cards: what becomes one.
    Preferences,
}

impl Tab {
    /// Those that show cards on screen.
    pub const OPEN: [Tab; 4] = [Tab::All, Tab::Failed, Tab::Active, Tab::Mine];
    const NAMED: [(Tab, &'static str); 5] = [
        (Tab::Failed, "failed"),
        (Tab::Active, "active"),
        (Tab::Mine, "mine"),
        (Tab::Dismissed, "dismissed"),
        (Tab::Preferences, "preferences"),
    ];

    /// Whether a card belongs in it.
    pub fn takes(self, card: &Card) -> bool {
        let status = &card.run.status;
        match self {
            Tab::All | Tab::Dismissed => true,
            Tab::Failed => status.is_failure(),
            Tab::Active => status.is_active(),
            Tab::Mine => card.mine,
            Tab::Preferences => false,
        }
    }

    /// Its name.
    pub fn word(self) -> Text<'static> {
        match self {
            Tab::All => Text::All,
            Tab::Failed => Text::Failed,
            Tab::Active => Text::ActiveTab,
            Tab::Mine => Text::MineTab,
            Tab::Dismissed => Text::DismissedTab,
            Tab::Preferences => Text::Preferences,
        }
    }

    /// The `state` of the server's list that has its cards; none where all of them are held.
    pub fn on_server(self) -> Option<&'static str> {
        match self {
            Tab::All | Tab::Mine => Some("open"),
            Tab::Failed => Some("failed"),
            Tab::Dismissed => Some("dismissed"),
            Tab::Active | Tab::Preferences => None,
        }
    }
}

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The view.
    pub tab: Tab,
    /// Of one tenant alone.
    pub tenant: Option<TenantId>,
    /// Of one operation alone.
    pub operation: Option<String>,
    /// That hold these words.
    pub words: String,
}

impl From<Tab> for Filter {
    fn from(tab: Tab) -> Self {
        Filter {
            tab,
            ..Filter::default()
        }
    }
}

impl Filter {
    /// Reads the query of an address, `?` included. What it does not know is left out.
    pub fn parse(search: &str) -> Filter {
        let tab = query(search, "tab");
        let named = Tab::NAMED
            .iter()
            .find(|(_, name)| tab.as_deref() == Some(*name));
        Filter {
            tab: named.map_or(Tab::All, |(tab, _)| *tab),
            tenant: query(search, "tenant")
                .and_then(|id| whole_number(&id))
                .map(TenantId),
            operation: query(search, "operation"),
            words: query(search, "q").unwrap_or_default(),
        }
    }

    /// The parts of the query.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let mut parts = self.narrowing();
        let named = Tab::NAMED.iter().find(|(tab, _)| *tab == self.tab);
        parts.extend(named.map(|(_, name)| ("tab", (*name).to_owned())));
        parts
    }

    /// What narrows the view, in the names that the address and the server's list share.
    pub fn narrowing(&self) -> Vec<(&'static str, String)> {
        let mut parts = Vec::new();
        if let Some(tenant_id) = self.tenant {
            parts.push(("tenant", tenant_id.to_string()));
        }
        if let Some(operation) = &self.operation {
            parts.push(("operation", operation.clone()));
        }
        if !self.words.is_empty() {
            parts.push(("q", self.words.clone()));
        }
        parts
    }

    /// Whether anything but the view narrows it.
    pub fn is_narrow(&self) -> bool {
        self.tenant.is_some() || self.operation.is_some() || !self.words.is_empty()
    }

    /// Whether a card is narrowed away, whatever the view. `needle` is [`Filter::words`] in small letters.
    pub fn lets_through(&self, card: &Card, needle: &str) -> bool {
        self.tenant
            .is_none_or(|tenant| tenant == card.key.tenant_id)
            && self
                .operation
                .as_ref()
                .is_none_or(|operation| *operation == card.run.operation)
            && (needle.is_empty() || has(card.words(lowercase), needle))
    }
}

/// Bytes: the search of `std` for a text in a text is 3 KB of code.
fn has(text: &str, needle: &str) -> bool {
    text.as_bytes()
        .windows(needle.len())
        .any(|part| part == needle.as_bytes())
}

#[cfg(test)]
mod tests {
    use contract::ids::TenantId;

    use super::{Filter, Tab};
    use crate::route::Route;

    #[test]
    fn a_filter_is_what_its_address_says() {
        for filter in [
            Filter::default(),
            Filter::from(Tab::Dismissed),
            Filter {
                tab: Tab::Mine,
                tenant: Some(TenantId(5)),
                operation: Some("users.sync".to_owned()),
                words: "a b&c=d".to_owned(),
            },
        ] {
            let path = Route::Notifications(filter.clone()).path();
            let (path, search) = path.split_once('?').unwrap_or((&path, ""));
            assert_eq!(
                Route::parse(path, &format!("?{search}")),
                Route::Notifications(filter)
            );
        }
    }

    #[test]
    fn an_address_that_asks_for_nonsense_shows_all() {
        assert_eq!(
            Filter::parse("?tab=everything&tenant=-4&q="),
            Filter::default()
        );
    }
}
