//! Tables: their heads, their cells, and the bones that stand until the first rows come.

use yew::{Html, html};

use crate::i18n::{Text, t};
use crate::icons::{Icon, dressed};

/// The head of a column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// What is in it.
    pub word: Text<'static>,
    /// In pixels (styles/table.css); what is left without.
    pub width: Option<&'static str>,
    /// How it stands there.
    pub kind: ColumnKind,
}

/// See [`Column`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Words.
    Words,
    /// A number, at the end.
    Number,
    /// The list is sorted by it, the newest first.
    Sorted,
    /// For screen readers alone.
    Hidden,
}

impl Column {
    /// A column.
    pub const fn new(word: Text<'static>, width: Option<&'static str>, kind: ColumnKind) -> Self {
        Column { word, width, kind }
    }
}

/// Widths and heads.
pub fn head(columns: &[Column]) -> Html {
    html! {
        <>
            <colgroup>{ for columns.iter().map(|column| html! { <col data-width={column.width} /> }) }</colgroup>
            <thead role="rowgroup">
                <tr role="row">
                    { for columns.iter().map(|Column { word, kind, .. }| html! {
                        <th role="columnheader" scope="col" data-num={(*kind == ColumnKind::Number).then_some("")}
                            aria-sort={(*kind == ColumnKind::Sorted).then_some("descending")}>
                            if *kind == ColumnKind::Sorted {
                                <span class="ta-sort"><span>{ t(*word) }</span>{ dressed(Icon::Sort, "", None, Some("sm"), None) }</span>
                            } else if *kind == ColumnKind::Hidden {
                                <span class="ta-visually-hidden">{ t(*word) }</span>
                            } else {
                                { t(*word) }
                            }
                        </th>
                    }) }
                </tr>
            </thead>
        </>
    }
}

/// A cell of words that are less important than the row's name.
pub fn cell(name: &'static str, is_number: bool, inside: Html) -> Html {
    html! {
        <td role="cell" data-cell={name} data-num={is_number.then_some("")} class="ta-muted">{ inside }</td>
    }
}

/// Bones of rows, for the first load only.
pub fn bones(n_columns: usize) -> Html {
    html! {
        { for (0..8).map(|row| html! {
            <tr role="row" class="ta-row ta-bones" key={row} aria-hidden="true">
                { for (0..n_columns).map(|_| html! { <td role="cell"><i /></td> }) }
            </tr>
        }) }
    }
}
