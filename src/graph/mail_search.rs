//! Searching the whole mailbox at the service: our queries in its language (KQL).
//!
//! Must stay true: neither order nor filter beside a search, a thousand results at most, next links only
//! [user-list-messages]; no double quote of the person's comes into the expression [search-query-parameter]. What the language lacks
//! (states, folders, whole phrases) is left out here and held against the rows by whoever asked: the service finds more, never less.

use crate::domain::change::{Change, MessagePatch};
use crate::domain::query::{DateWord, Field, Part, Query, Term, Wanted, When, words};
use crate::graph::call::{Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::mail::LIST_FIELDS;
use crate::graph::page;
use crate::graph::transport::Graph;
use crate::graph::wire::mail::WireMessage;
use jiff::civil::Date;

/// The service tells no more of a search [search-query-parameter].
pub const MOST_RESULTS: usize = 1_000;
const PAGE: &str = "250";

/// The query in the service's language; `None`: it holds nothing the service could search by.
#[must_use]
pub fn expression(query: &Query, today: Date) -> Option<String> {
    let parts: Vec<String> = query.parts.iter().filter_map(|part| part_expression(part, today)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A part; without a word for one of its terms all of it is left out, since any of them would do.
fn part_expression(part: &Part, today: Date) -> Option<String> {
    let any: Option<Vec<String>> = part.any.iter().map(|term| term_expression(term, today)).collect();
    match any?.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("({})", several.join(" OR "))),
    }
}

fn term_expression(term: &Term, today: Date) -> Option<String> {
    let expression = match &term.wanted {
        Wanted::Text { field, text, is_exact } => {
            // Leaving a phrase's order out finds more; with a "not" before it that would be less.
            if term.is_negated && words(text).len() > 1 {
                return None;
            }
            text_expression(*field, text, *is_exact)
        }
        Wanted::Attachment => "hasAttachments:true".to_owned(),
        Wanted::Received(when, date) if !term.is_negated => received(*when, *date, today),
        Wanted::State(_) | Wanted::Folder(_) | Wanted::Received(..) => return None,
    };
    Some(if term.is_negated { format!("NOT {expression}") } else { expression })
}

fn text_expression(field: Field, text: &str, is_exact: bool) -> String {
    let property = match field {
        Field::Anywhere => "",
        Field::From => "from:",
        Field::To => "recipients:",
        Field::Subject => "subject:",
        Field::Body => "body:",
    };
    // An address is one word to the service.
    let is_address =
        text.contains('@') && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@._-+".contains(&byte));
    if is_address {
        return format!("{property}{text}");
    }
    let words = words(text);
    let last = words.len().saturating_sub(1);
    let words = words.iter().enumerate().map(|(at, word)| {
        let star = if is_exact || at < last || word.len() < 2 { "" } else { "*" };
        format!("{property}{word}{star}")
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A day more on each side: the service's days are not those of the person's zone; the rows are looked at again.
fn received(when: When, date: DateWord, today: Date) -> String {
    let (first, after) = date.days(today);
    let wire = |day: Date| format!("{:02}/{:02}/{:04}", day.month(), day.day(), day.year());
    let day = |day: Date, by: i64| wire(crate::domain::time::add_days(day, by));
    match when {
        When::Before => format!("received<={}", day(first, 0)),
        When::After => format!("received>={}", day(first, -1)),
        When::On => format!("received>={} received<={}", day(first, -1), day(after, 0)),
    }
}

/// The call for the first page of results of an expression.
#[must_use]
pub fn search_call(expression: &str) -> Call {
    Call::get(&["me", "messages"])
        .select(LIST_FIELDS)
        .query("$search", format!("\"{expression}\""))
        .query("$top", PAGE)
        .priority(Priority::Person)
}

/// What the service finds, newest first, and whether it knows more than it tells.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn search(graph: &Graph, expression: &str) -> Result<(Vec<MessagePatch>, bool), GraphError> {
    let again = |link: &str| Call::link(link).priority(Priority::Person);
    let page = page::all::<WireMessage>(graph, search_call(expression), again, MOST_RESULTS).await?;
    if page.skipped > 0 {
        tracing::warn!(skipped = page.skipped, "results of a search cannot be read");
    }
    let is_cut = page.rows.len() >= MOST_RESULTS;
    let patch = |row: WireMessage| match row.change()? {
        Change::Upsert(patch) => Some(patch),
        Change::Removed(_) => None,
    };
    Ok((page.rows.into_iter().filter_map(patch).collect(), is_cut))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn kql(text: &str) -> Option<String> {
        expression(&Query::parse(text).expect("a query"), date(2026, 11, 23))
    }

    #[test]
    fn a_query_is_said_in_the_service_s_words() {
        assert_eq!(kql("from:lena report \"the end\"").as_deref(), Some("from:lena* report* the end"));
        assert_eq!(
            kql("to:lena.olsen@contoso.com subject:\"a\"").as_deref(),
            Some("recipients:lena.olsen@contoso.com subject:a")
        );
        assert_eq!(kql("has:attachment is:unread in:inbox").as_deref(), Some("hasAttachments:true"));
        assert_eq!(kql("x OR body:yes -zz").as_deref(), Some("(x OR body:yes*) NOT zz*"));
        assert_eq!(kql("on:2026-03").as_deref(), Some("received>=02/28/2026 received<=04/01/2026"));
        assert_eq!(kql("is:unread -\"a b\" x OR is:read"), None);
    }
}
