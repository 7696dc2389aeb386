//! Pages: following the server's links until they end.
//!
//! A link is an opaque string, followed whole; a page may be empty and go on; a page has a next link or a delta link, never
//! both \[paging\]. Must stay true: a link met twice, or pages without end, end in an error and never in a hang; rows
//! that cannot be read are counted, and the rest of their page is kept.

use crate::graph::Graph;
use crate::graph::call::Call;
use crate::graph::error::GraphError;
use crate::graph::wire::{self, Row};
use std::collections::HashSet;

/// No collection we read is longer; a server that goes on is broken.
pub const MOST_PAGES: usize = 10_000;

/// Where a page leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Onward {
    /// The next page.
    Next(String),
    /// The end of a delta round, and where the next round begins.
    Delta(String),
    /// The end.
    End,
}

/// A page of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows that could be read.
    pub rows: Vec<T>,
    /// How many could not.
    pub skipped: usize,
    /// Where it leads.
    pub onward: Onward,
}

impl<T> Page<T> {
    /// Converts the rows; a row that becomes nothing is counted as skipped.
    pub fn filter_map<U>(self, convert: impl FnMut(T) -> Option<U>) -> Page<U> {
        let before = self.rows.len();
        let rows: Vec<U> = self.rows.into_iter().filter_map(convert).collect();
        let skipped = self.skipped + (before - rows.len());
        Page { rows, skipped, onward: self.onward }
    }
}

/// Guards a walk over links against circles and endlessness. The engine keeps one per delta round.
#[derive(Debug, Default)]
pub struct Trail {
    seen: HashSet<String>,
}

impl Trail {
    /// Notes that `link` is about to be followed.
    ///
    /// # Errors
    /// [`GraphError::Circle`] when it was followed before, [`GraphError::TooManyPages`] past [`MOST_PAGES`].
    pub fn follow(&mut self, link: &str) -> Result<(), GraphError> {
        if self.seen.len() >= MOST_PAGES {
            return Err(GraphError::TooManyPages(MOST_PAGES));
        }
        if self.seen.insert(link.to_owned()) { Ok(()) } else { Err(GraphError::Circle) }
    }
}

/// One page, by name: what `call` answers, without following anything.
pub(crate) async fn one<T: Row>(graph: &Graph, call: Call) -> Result<Page<T>, GraphError> {
    let response = graph.send(call).await?;
    wire::page(&response.body).map_err(|what| response.unreadable(what))
}

/// All pages of a collection, at most `limit` rows. `again` makes the call for a next link, with the same headers: they are
/// no part of the link, and `ConsistencyLevel` must be there on every page [aad-advanced-queries].
pub(crate) async fn all<T: Row>(
    graph: &Graph,
    first: Call,
    again: impl Fn(&str) -> Call,
    limit: usize,
) -> Result<Page<T>, GraphError> {
    let mut trail = Trail::default();
    let mut page = one::<T>(graph, first).await?;
    while let Onward::Next(link) = &page.onward {
        if page.rows.len() >= limit {
            break;
        }
        trail.follow(link)?;
        let next = one::<T>(graph, again(link)).await?;
        page.rows.extend(next.rows);
        page.skipped += next.skipped;
        page.onward = next.onward;
    }
    page.rows.truncate(limit);
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_met_twice_is_a_circle() {
        let mut trail = Trail::default();
        assert_eq!(trail.follow("a"), Ok(()));
        assert_eq!(trail.follow("b"), Ok(()));
        assert_eq!(trail.follow("a"), Err(GraphError::Circle));
    }

    #[test]
    fn pages_without_end_end() {
        let mut trail = Trail::default();
        for number in 0..MOST_PAGES {
            assert_eq!(trail.follow(&number.to_string()), Ok(()));
        }
        assert_eq!(trail.follow("one more"), Err(GraphError::TooManyPages(MOST_PAGES)));
    }
}
