//! Mailboxes of the simulated tenant: folders, messages, delta, attachments and sending, as Outlook's part of Graph has them.
//!
//! `store` keeps rows, `plant` fills them from `assets/tenant_mail.toml`, `generate` makes the words of most messages when
//! they are asked for; the other files answer requests. Must stay true: every answer is made from the store at the moment of
//! the request, and every change goes through the store's methods, so that counts, lists and delta always agree.
//! Deliberately absent: rules, inference overrides, and the online archive.

mod attachments;
pub mod content;
pub(in crate::sim::graph) mod meetings;
mod delta;
mod dice;
mod files;
mod filter;
mod folders;
mod generate;
mod ids;
mod markup;
mod messages;
mod mime;
mod plant;
mod properties;
mod render;
mod reply;
mod script;
mod search;
mod send;
mod store;
mod under_way;
pub(in crate::sim::graph) mod upload;

pub use store::{MailState, Mailbox};

use crate::sim::company::Company;
use crate::sim::request::{Answer, Request};
use crate::sim::world::{Target, World, WorldOptions};
use jiff::Timestamp;
use render::View;
use std::time::SystemTime;

impl MailState {
    /// The state at the beginning, relative to `now`.
    #[must_use]
    pub fn build(company: &Company, now: SystemTime, options: &WorldOptions) -> Self {
        plant::world(company, instant(now), options)
    }
}

const READ: &[&str] = &["Mail.Read", "Mail.ReadWrite", "Mail.Read.Shared", "Mail.ReadWrite.Shared"];
const READ_BASIC: &[&str] = &[
    "Mail.ReadBasic",
    "Mail.ReadBasic.All",
    "Mail.ReadBasic.Shared",
    "Mail.Read",
    "Mail.ReadWrite",
    "Mail.Read.Shared",
    "Mail.ReadWrite.Shared",
];
const READ_SHARED: &[&str] = &["Mail.Read.Shared", "Mail.ReadWrite.Shared"];
const READ_BASIC_SHARED: &[&str] = &["Mail.ReadBasic.Shared", "Mail.Read.Shared", "Mail.ReadWrite.Shared"];
const WRITE: &[&str] = &["Mail.ReadWrite", "Mail.ReadWrite.Shared"];
const WRITE_SHARED: &[&str] = &["Mail.ReadWrite.Shared"];
const SEND: &[&str] = &["Mail.Send", "Mail.Send.Shared"];
const SEND_SHARED: &[&str] = &["Mail.Send.Shared"];

/// One request to one mailbox.
struct Call<'a> {
    request: &'a Request,
    /// Index of the mailbox.
    at: usize,
    now: Timestamp,
    /// The path after the owner, e.g. `mailFolders`, `inbox`, `messages`.
    rest: &'a [String],
    view: View,
}

type Outcome = Result<Answer, Answer>;

/// Answers what is ours: everything below `mailFolders`, `messages` and `sendMail` of a person.
pub fn handle(world: &mut World, request: &Request) -> Option<Answer> {
    let skip = if request.path.first()?.eq_ignore_ascii_case("me") { 1 } else { 2 };
    let first = request.path.get(skip)?;
    if !["mailFolders", "messages", "sendMail"].iter().any(|name| first.eq_ignore_ascii_case(name)) {
        return None;
    }
    let target = match world.resolve(request)? {
        Ok(target) => target,
        Err(refusal) => return Some(refusal),
    };
    under_way::settle(world);
    let call = match open(world, request, &target) {
        Ok(call) => call,
        Err(refusal) => return Some(refusal),
    };
    let answer = call.route(world).unwrap_or_else(|refusal| refusal);
    Some(call.applied(answer))
}

/// Checks scopes and sharing, and finds the mailbox.
fn open<'a>(world: &World, request: &'a Request, target: &Target<'a>) -> Result<Call<'a>, Answer> {
    let verb = target.rest.last().map_or("", String::as_str).to_ascii_lowercase();
    let content = target.rest.iter().any(|segment| segment.eq_ignore_ascii_case("attachments") || segment == "$value");
    let (own, shared) = match request.method.as_str() {
        "POST" if ["sendmail", "send", "reply", "replyall", "forward"].contains(&verb.as_str()) => (SEND, SEND_SHARED),
        "GET" if content => (READ, READ_SHARED),
        "GET" => (READ_BASIC, READ_BASIC_SHARED),
        _ => (WRITE, WRITE_SHARED),
    };
    world.open_mailbox(request, target, own, shared)?;
    let person = world.person(target.person);
    let Some(at) = world.mail.find(&person.id) else { return Err(crate::sim::world::no_mailbox()) };
    let readers = world.mail.get(at).map(|mailbox| mailbox.readers.as_slice()).unwrap_or_default();
    let caller = request.caller.person.as_ref();
    if !target.own && caller.is_some_and(|caller| !readers.contains(caller)) {
        return Err(Answer::error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."));
    }
    let mut view = View::of(request);
    view.basic = request.caller.need(READ).is_err();
    view.quirks = world.options.quirks;
    Ok(Call { request, at, now: instant(world.now()), rest: target.rest, view })
}

impl Call<'_> {
    fn route(&self, world: &mut World) -> Outcome {
        let (first, rest) = self.rest.split_first().ok_or_else(unknown_segment)?;
        if first.eq_ignore_ascii_case("sendMail") {
            return send::send_mail(self, world);
        }
        if first.eq_ignore_ascii_case("messages") {
            return messages::route(self, world, None, rest);
        }
        folders::route(self, world, rest)
    }

    /// Adds the preferences that were honoured to those the answer already names.
    fn applied(&self, mut answer: Answer) -> Answer {
        let mut all = self.view.applied();
        if let Some(size) = self.request.preference("odata.maxpagesize") {
            all.push(format!("odata.maxpagesize={size}"));
        }
        let named = answer.headers.iter().position(|(name, _)| name == "Preference-Applied");
        all.extend(named.map(|at| answer.headers.remove(at).1));
        if all.is_empty() { answer } else { answer.with("Preference-Applied", &all.join(", ")) }
    }

    fn method(&self) -> &str {
        &self.request.method
    }

    fn mailbox<'w>(&self, world: &'w World) -> Result<&'w Mailbox, Answer> {
        world.mail.get(self.at).ok_or_else(not_found)
    }

    fn mailbox_mut<'w>(&self, world: &'w mut World) -> Result<&'w mut Mailbox, Answer> {
        world.mail.get_mut(self.at).ok_or_else(not_found)
    }
}

fn instant(at: SystemTime) -> Timestamp {
    Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn not_found() -> Answer {
    Answer::error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
}

fn malformed() -> Answer {
    Answer::error(400, "ErrorInvalidIdMalformed", "Id is malformed.")
}

fn bad(message: &str) -> Answer {
    Answer::error(400, "BadRequest", message)
}

fn unknown_segment() -> Answer {
    bad("Resource not found for the segment.")
}
