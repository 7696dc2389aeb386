//! `$search` over messages: simple KQL. [search-query-parameter]
//!
//! Words without a property are looked for in sender, subject and body. Must stay true: at most 1,000 results, newest sent
//! first, and neither `$filter` nor `$orderby` beside it. Deliberately absent: `OR`, brackets, ranges of size.

use super::content::{Address, Content, Importance};
use super::store::{Mailbox, Row};
use crate::sim::request::{Answer, Request};

const MOST: usize = 1_000;

/// One condition; all of them must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    property: String,
    text: String,
}

/// Parses the value of `$search`; quotes around the whole are needed, as the service needs them for more than one word.
pub fn parse(search: &str) -> Result<Vec<Term>, Answer> {
    let text = search.trim();
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if inner.contains('"') && !inner.contains("\\\"") {
        return Err(Answer::error(400, "BadRequest", "Syntax error: a quote is not closed in the search expression."));
    }
    let inner = inner.replace("\\\"", "\"");
    let mut terms = Vec::new();
    let mut rest = inner.trim_start();
    while !rest.is_empty() {
        let head = rest.find([':', ' ', '"']).unwrap_or(rest.len());
        let (property, after) = match rest[head..].strip_prefix(':') {
            Some(after) if head > 0 => (rest[..head].to_lowercase(), after),
            _ => (String::new(), rest),
        };
        let (word, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(' ').unwrap_or((after, "")),
        };
        let word = word.trim_end_matches('*').to_lowercase();
        if !word.is_empty() && word != "and" {
            terms.push(Term { property, text: word });
        }
        rest = after.trim_start();
    }
    Ok(terms)
}

/// Refuses what may not stand beside a search.
pub fn check(request: &Request) -> Result<(), Answer> {
    let beside = |name: &str, code: &str, what: &str| match request.option(name) {
        Some(_) => {
            Err(Answer::error(400, code, &format!("The query parameter '{what}' is not supported with '$search'.")))
        }
        None => Ok(()),
    };
    beside("$orderby", "SearchWithOrderBy", "$orderBy")?;
    beside("$filter", "SearchWithFilter", "$filter")?;
    beside("$skip", "SearchWithSkip", "$skip")
}

/// The rows that hold all terms, newest sent first.
#[must_use]
pub fn find(mailbox: &Mailbox, all: &[u32], terms: &[Term]) -> Vec<u32> {
    let found = all.iter().copied().filter(|key| mailbox.row(*key).is_some_and(|row| holds(mailbox, row, terms)));
    let mut keys: Vec<u32> = found.take(MOST).collect();
    keys.sort_by_cached_key(|key| {
        std::cmp::Reverse(mailbox.row(*key).map_or(0, |row| mailbox.content(row).sent.as_second()))
    });
    keys
}

fn holds(mailbox: &Mailbox, row: &Row, terms: &[Term]) -> bool {
    let content = mailbox.content(row);
    // The body comes last: it is the only thing that costs.
    let mut body = None;
    terms.iter().all(|term| match term.property.as_str() {
        "" => {
            who(content.from.as_ref(), &term.text)
                || word(&content.subject, &term.text)
                || word(body.get_or_insert_with(|| text(mailbox, row)), &term.text)
        }
        "body" => word(body.get_or_insert_with(|| text(mailbox, row)), &term.text),
        property => by_property(&content, row, property, &term.text),
    })
}

/// What the message itself says. Of generated messages the quotations are left out: making 100 000 whole bodies would take
/// seconds, and the index of the service lags behind its mailboxes too.
fn text(mailbox: &Mailbox, row: &Row) -> String {
    mailbox.searched(row)
}

fn by_property(content: &Content, row: &Row, property: &str, text: &str) -> bool {
    let any = |people: &[Address]| people.iter().any(|one| who(Some(one), text));
    match property {
        "from" => who(content.from.as_ref(), text),
        "subject" => word(&content.subject, text),
        "to" => any(&content.to),
        "cc" => any(&content.cc),
        "bcc" => any(&content.bcc),
        "recipients" => any(&content.to) || any(&content.cc) || any(&content.bcc),
        "participants" => who(content.from.as_ref(), text) || any(&content.to) || any(&content.cc) || any(&content.bcc),
        "attachment" => content.files.iter().any(|file| word(&file.name, text)),
        "hasattachments" | "hasattachment" => row.attachments == (text == "true"),
        "importance" => match text {
            "medium" => row.importance == Importance::Normal,
            other => row.importance.wire() == other,
        },
        "kind" => text == "email",
        "received" => on_day(row.received, text),
        "sent" => on_day(content.sent.as_second(), text),
        _ => false,
    }
}

/// Dates are written `07/23/2018`; `>=` and the like are understood. [search-query-parameter]
fn on_day(seconds: i64, text: &str) -> bool {
    let bare = text.trim_start_matches(['>', '<', '=']);
    let wanted = jiff::civil::Date::strptime("%m/%d/%Y", bare).or_else(|_| bare.parse());
    let (Ok(wanted), Ok(at)) = (wanted, jiff::Timestamp::from_second(seconds)) else { return false };
    let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    match &text[..text.len() - bare.len()] {
        ">=" => day >= wanted,
        ">" => day > wanted,
        "<=" => day <= wanted,
        "<" => day < wanted,
        _ => day == wanted,
    }
}

fn who(address: Option<&Address>, text: &str) -> bool {
    address.is_some_and(|one| word(&one.name, text) || one.address.as_ref().is_some_and(|smtp| word(smtp, text)))
}

/// Whether a word of `text` begins with `start`, which is in lower case.
fn word(text: &str, start: &str) -> bool {
    let text = text.to_lowercase();
    text.match_indices(start).any(|(at, _)| !text[..at].ends_with(char::is_alphanumeric))
}
