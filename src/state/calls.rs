//! The last calls to the service, the newest first: a panel for whoever asks what was sent and what came back.
//!
//! What it shows was shortened when it was remembered, so any of it may be copied. The cursor stays on its call while newer ones
//! come in above.

use crate::base::report::Report;
use crate::domain::account::AccountKind;
use crate::domain::calls::{CallEnd, CallRecord, Service};
use crate::domain::notice::Notice;
use crate::domain::request::{Answer, Request};
use crate::domain::time::Zone;
use crate::state::command::CommandId;
use crate::state::event::Ticket;
use crate::state::keys::KeyContext;
use crate::state::page::{Page, PageLine};
use crate::state::slot::Slot;
use crate::state::surface::{CopyPart, LIST_PAGE, Motion, Step, Surface, Turn};
use crate::state::target::Target;
use jiff::Timestamp;

/// What tells a call from the others.
type CallKey = (Timestamp, String, u32);

/// The panel.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    calls: Slot<Vec<CallRecord>>,
    /// The call under the cursor; the newest while nobody has moved.
    chosen: Option<CallKey>,
}

fn key_of(call: &CallRecord) -> CallKey {
    (call.at, call.client_request_id.clone(), call.attempt)
}

/// Pairs that tell everything about a call.
#[must_use]
pub fn facts(call: &CallRecord) -> Vec<(&'static str, String)> {
    let mut facts = vec![("address", format!("https://{}{}", call.host, call.path)), ("answer", end_words(&call.end))];
    if let Some(made_as) = &call.made_as {
        let kind = match made_as.kind {
            AccountKind::Service => "a service account",
            AccountKind::Work => "a person's work or school account",
            AccountKind::Personal => "a person's own account",
        };
        facts.push(("made as", format!("{}, {kind}", made_as.account)));
    }
    let service = match call.service {
        Service::Graph => "Microsoft Graph",
        Service::SignIn => "the sign-in service",
    };
    facts.push(("to", service.to_owned()));
    facts.push(("took", format!("{} ms", call.duration.as_millis())));
    if call.attempt > 1 || !call.waited.is_zero() {
        facts.push(("attempt", format!("{}, after waiting {} s", call.attempt, call.waited.as_secs())));
    }
    facts.push(("sent", call.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()));
    for (name, value) in [
        ("service's clock", &call.date),
        ("request-id", &call.request_id),
        ("our id", &call.client_request_id),
        ("diagnostics", &call.diagnostics),
    ] {
        if !value.is_empty() {
            facts.push((name, value.clone()));
        }
    }
    facts
}

/// How a call ended, in words.
#[must_use]
pub fn end_words(end: &CallEnd) -> String {
    match end {
        CallEnd::Failed(why) => format!("no answer: {why}"),
        CallEnd::Status(status) => {
            let meaning = match status {
                200..300 => "done",
                400 => "the request was not understood",
                401 => "the sign-in was not accepted",
                403 => "not allowed",
                404 => "there is no such thing",
                410 => "begin again from the start",
                429 => "too many calls, wait",
                503 => "busy, try later",
                500..600 => "the service failed",
                _ => "",
            };
            format!("{status} {meaning}").trim_end().to_owned()
        }
    }
}

impl Calls {
    /// Opens the panel and asks what is remembered.
    #[must_use]
    pub fn open(turn: &mut Turn<'_>) -> Self {
        let mut calls = Self::default();
        calls.calls.ask(Request::RecentCalls, turn);
        calls
    }

    /// The calls, the newest first, with the question that is under way.
    #[must_use]
    pub const fn slot(&self) -> &Slot<Vec<CallRecord>> {
        &self.calls
    }

    /// The calls, the newest first.
    #[must_use]
    pub fn list(&self) -> &[CallRecord] {
        self.calls.value().map_or(&[], Vec::as_slice)
    }

    /// The place of the cursor.
    #[must_use]
    pub fn at(&self) -> usize {
        let chosen = self.chosen.as_ref();
        chosen.and_then(|chosen| self.list().iter().position(|call| key_of(call) == *chosen)).unwrap_or(0)
    }

    /// The call under the cursor.
    #[must_use]
    pub fn call(&self) -> Option<&CallRecord> {
        self.list().get(self.at())
    }

    fn choose(&mut self, at: usize) {
        let at = at.min(self.list().len().saturating_sub(1));
        self.chosen = self.list().get(at).map(key_of);
    }
}

impl Surface for Calls {
    fn context(&self) -> KeyContext {
        KeyContext::Calls
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::CallsCopy, CommandId::CallsCopyAll, CommandId::Open, CommandId::Next, CommandId::Close]
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let at = self.at();
        let Some(to) = motion.along(at, self.list().len(), LIST_PAGE) else { return false };
        self.choose(to);
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if let Some(call) = self.call() {
            let pairs = facts(call).into_iter().map(|(name, value)| PageLine::Pair(name.to_owned(), value)).collect();
            let page = Page::of(format!("{} {}", call.method, call.path), pairs, call.to_line());
            turn.step(Step::Page(Box::new(page)));
        }
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, _turn: &mut Turn<'_>) -> bool {
        self.calls.take(ticket, result, |answer| match answer {
            Answer::RecentCalls(calls) => Some(calls.clone()),
            _ => None,
        })
    }

    /// News come after calls.
    fn notice(&mut self, _notice: &Notice, is_shown: bool, turn: &mut Turn<'_>) {
        if is_shown && !self.calls.is_waiting() {
            self.calls.ask(Request::RecentCalls, turn);
        }
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.choose(*at);
            if is_double {
                self.open(turn);
            }
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        self.motion(if steps > 0 { Motion::Next } else { Motion::Previous }, turn);
    }

    fn copy(&self, part: CopyPart, _zone: &Zone) -> Option<String> {
        match part {
            CopyPart::Line => self.call().map(CallRecord::to_line),
            CopyPart::Details => {
                let lines: Vec<String> = self.list().iter().map(CallRecord::to_line).collect();
                Some(lines.join("\n"))
            }
            CopyPart::Address | CopyPart::Link => None,
        }
    }
}
