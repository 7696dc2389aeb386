//! Mail tips: a colleague's automatic reply without any right on their mailbox [user-getmailtips].
//!
//! Must stay true: an empty message means that nobody is away; the reply is a stranger's HTML and leaves here as such.

use crate::graph::call::{Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::page::Page;
use crate::graph::transport::Graph;
use crate::graph::wire::people::WireTip;
use crate::graph::wire::{self, line};
use jiff::Timestamp;
use serde_json::json;

/// Addresses in one call; the service names no limit, so this is ours.
pub const AT_A_TIME: usize = 50;

/// What a tip says about one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailTip {
    /// The address, as the service writes it.
    pub address: String,
    /// The automatic reply, or why it is not known (the service's own words, tamed). `Ok(None)`: the service tells nothing about
    /// this address (people outside the organisation).
    pub reply: Result<Option<Reply>, String>,
    /// The mailbox takes no more mail.
    pub is_full: bool,
}

/// An automatic reply as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// HTML of a stranger; empty when no reply is on.
    pub html: String,
    /// Start, if scheduled.
    pub start: Option<Timestamp>,
    /// End, if scheduled.
    pub end: Option<Timestamp>,
}

/// The call for at most [`AT_A_TIME`] addresses.
#[must_use]
pub fn call(addresses: &[String]) -> Call {
    let body = json!({ "EmailAddresses": addresses, "MailTipsOptions": "automaticReplies, mailboxFullStatus" });
    Call::ask(&["me", "getMailTips"], body)
}

/// Reads an answer to [`call`].
///
/// # Errors
/// Says in words what is there instead.
pub fn parse(bytes: &[u8]) -> Result<Page<MailTip>, String> {
    Ok(wire::page::<WireTip>(bytes)?.filter_map(tip))
}

fn tip(row: WireTip) -> Option<MailTip> {
    let address = line(row.email_address?.address.as_deref()?);
    let error = row.error.map(|error| {
        let words = [error.code.as_deref(), error.message.as_deref()].map(|text| line(text.unwrap_or_default()));
        words.join(" ").trim().to_owned()
    });
    let reply = match (row.automatic_replies, error) {
        (Some(replies), _) => Ok(Some(Reply {
            html: replies.message.unwrap_or_default(),
            start: replies.scheduled_start_time.and_then(|time| time.instant()),
            end: replies.scheduled_end_time.and_then(|time| time.instant()),
        })),
        (None, Some(error)) => Err(error),
        (None, None) => Ok(None),
    };
    Some(MailTip { address, reply, is_full: row.mailbox_full.unwrap_or(false) })
}

/// Tips for any number of addresses; match them by address without case. Those the service leaves out are missing.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn of(graph: &Graph, addresses: &[String], priority: Priority) -> Result<Vec<MailTip>, GraphError> {
    let mut tips = Vec::with_capacity(addresses.len());
    for chunk in addresses.chunks(AT_A_TIME) {
        let response = graph.send(call(chunk).priority(priority)).await?;
        tips.extend(parse(&response.body).map_err(|what| response.unreadable(what))?.rows);
    }
    Ok(tips)
}
