//! Answers and forwards, as drafts or at once, with the earlier message quoted below. [message-createreply] [message-reply]
//! [message-createforward] [message-forward]
//!
//! Must stay true: a comment and a body together are refused, as are recipients in two places; an answer goes to `replyTo` if
//! the message has one, and never to oneself; only a forward carries the files on.

use super::content::{Address, Content, Text};
use super::markup;
use super::store::{Mailbox, Row};
use super::{Call, Outcome, bad, messages, not_found, properties, send};
use crate::sim::request::Answer;
use crate::sim::world::World;
use serde_json::Value;

/// What sort of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Reply,
    ReplyAll,
    Forward,
}

/// `createReply`, `createReplyAll`, `createForward`: a draft.
pub fn create(call: &Call<'_>, world: &mut World, key: u32, way: Way) -> Outcome {
    let content = derived(call, world, key, way)?;
    let message = parameter(call, "message").cloned().unwrap_or(Value::Null);
    let marks = properties::written(&message)?;
    let mailbox = call.mailbox_mut(world)?;
    let drafts = mailbox.well_known("drafts").ok_or_else(not_found)?;
    let key = send::put_draft(mailbox, content, call.now, drafts, &message);
    properties::put(mailbox, key, marks);
    messages::one(call, call.mailbox(world)?, key, 201)
}

/// `reply`, `replyAll`, `forward`: sent at once.
pub fn at_once(call: &Call<'_>, world: &mut World, key: u32, way: Way) -> Outcome {
    let content = derived(call, world, key, way)?;
    let importance = parameter(call, "message").map(send::importance).unwrap_or_default();
    send::submit(call, world, content, importance, None, true)
}

fn parameter<'a>(call: &'a Call<'_>, name: &str) -> Option<&'a Value> {
    let body = call.request.body.as_object()?;
    body.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).filter(|value| !value.is_null())
}

fn derived(call: &Call<'_>, world: &World, key: u32, way: Way) -> Result<Content, Answer> {
    let mailbox = call.mailbox(world)?;
    let row = mailbox.row(key).ok_or_else(not_found)?;
    let comment = parameter(call, "comment").and_then(Value::as_str);
    let message = parameter(call, "message");
    let has_body = message.is_some_and(|message| message.get("body").is_some_and(|body| !body.is_null()));
    if comment.is_some() && has_body {
        return Err(bad("The comment and the body of the message cannot both be given."));
    }
    let also_to = parameter(call, "toRecipients");
    if also_to.is_some() && message.is_some_and(|message| message.get("toRecipients").is_some()) {
        return Err(bad("The recipients are given in two places."));
    }
    let mut content = quoting(call, world, mailbox, row, way, comment.unwrap_or_default());
    if let Some(people) = also_to {
        content.to = send::people(people)?;
    }
    if let Some(message) = message {
        let quoted = content.text.clone();
        send::apply(&mut content, message)?;
        if has_body {
            content.text = above(&content.text, &quoted);
        }
    }
    Ok(content)
}

fn quoting(call: &Call<'_>, world: &World, mailbox: &Mailbox, row: &Row, way: Way, comment: &str) -> Content {
    let original = mailbox.content(row);
    let me = &mailbox.owner;
    let is_me = |one: &Address| me.address.as_deref().is_some_and(|own| one.is(own));
    let mut content = Content::empty(call.now);
    content.from = Some(me.clone());
    content.sender = Some(me.clone());
    content.conversation = original.conversation;
    content.depth = original.depth.saturating_add(1);
    content.internet_id = format!("<{}@contoso.com>", world.ids.guid());
    let prefix = if way == Way::Forward { "FW: " } else { "RE: " };
    let bare = strip(&original.subject);
    content.subject = format!("{prefix}{bare}");
    match way {
        Way::Forward => {
            content.files = original.files.iter().filter(|file| !file.gone).cloned().collect();
        }
        Way::Reply | Way::ReplyAll => {
            let author = original.from.iter().cloned().collect();
            let mut to: Vec<Address> = if original.reply_to.is_empty() { author } else { original.reply_to.clone() };
            // An answer to something of one's own goes to whom that went to.
            if to.iter().all(is_me) {
                to = original.to.clone();
            } else if way == Way::ReplyAll {
                to.extend(original.to.iter().filter(|one| !is_me(one)).cloned());
            }
            content.to = once(to);
            if way == Way::ReplyAll {
                let named = |one: &Address| content.to.iter().any(|to| to.address == one.address);
                content.cc = once(original.cc.iter().filter(|one| !is_me(one) && !named(one)).cloned().collect());
            }
        }
    }
    let (html, text) = mailbox.body(row);
    let below = if html { text.into_owned() } else { format!("<div>{}</div>", lines(&text)) };
    content.text =
        Text::Html(markup::document(&format!("<div>{}</div>\r\n{}{below}", lines(comment), head(&original))));
    content
}

fn once(people: Vec<Address>) -> Vec<Address> {
    let mut out: Vec<Address> = Vec::new();
    for one in people {
        if !out.iter().any(|known| known.address == one.address && known.address.is_some()) {
            out.push(one);
        }
    }
    out
}

/// A subject without the marks of earlier answers.
fn strip(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((mark, after)) = rest.split_once(':')
        && ["re", "fw", "fwd", "aw", "wg"].contains(&mark.trim().to_lowercase().as_str())
    {
        rest = after.trim_start();
    }
    rest
}

fn lines(text: &str) -> String {
    markup::escape(text).replace("\r\n", "\n").replace('\n', "<br>\r\n")
}

/// What stands above the earlier message.
fn head(original: &Content) -> String {
    let name = |one: &Address| match &one.address {
        Some(smtp) => markup::escape(&format!("{} <{smtp}>", one.name)),
        None => markup::escape(&one.name),
    };
    let names = |people: &[Address]| people.iter().map(name).collect::<Vec<_>>().join("; ");
    let sent = original.sent.to_zoned(jiff::tz::TimeZone::UTC).strftime("%A, %-d %B %Y %H:%M");
    let mut out = format!(
        "<hr style=\"display: inline-block; width: 98%;\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><b>From:</b> {}<br>\r\n\
         <b>Sent:</b> {sent}<br>\r\n<b>To:</b> {}<br>\r\n",
        original.from.as_ref().map(name).unwrap_or_default(),
        names(&original.to)
    );
    if !original.cc.is_empty() {
        out.push_str(&format!("<b>Cc:</b> {}<br>\r\n", names(&original.cc)));
    }
    out.push_str(&format!("<b>Subject:</b> {}</div>\r\n<div><br></div>\r\n", markup::escape(&original.subject)));
    out
}

/// A text of the client's above the quoted one.
fn above(own: &Text, quoted: &Text) -> Text {
    let own = match own {
        Text::Html(html) => html.clone(),
        Text::Plain(text) => format!("<div>{}</div>", lines(text)),
        Text::Later => String::new(),
    };
    match quoted {
        Text::Html(html) => Text::Html(html.replacen("<div></div>", &own, 1)),
        Text::Plain(_) | Text::Later => Text::Html(own),
    }
}
