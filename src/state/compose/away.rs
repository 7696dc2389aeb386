//! Who of the recipients is away, told before a message is sent.
//!
//! Must stay true: it is asked once for the same recipients and never holds a message up; who nobody can tell of is not named.

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::mail::Recipient;
use crate::domain::recipients::is_address;
use crate::domain::request::{Answer, Request};
use crate::state::event::Ticket;
use crate::state::own::words::moment;
use crate::state::surface::Turn;

/// What is known of the recipients' absences.
#[derive(Clone, Debug, Default)]
pub struct Absences {
    asked: Vec<Recipient>,
    waiting: Option<Ticket>,
    words: Vec<String>,
}

impl Absences {
    /// Who is away, until when, a phrase each.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Asks about these recipients, unless they were asked about.
    pub(super) fn ask(&mut self, recipients: Vec<Recipient>, turn: &mut Turn<'_>) {
        let recipients: Vec<Recipient> = recipients.into_iter().filter(|one| is_address(&one.address)).collect();
        if recipients == self.asked || !turn.session.is_open(Feature::AutomaticReplies) {
            return;
        }
        let addresses: Vec<String> = recipients.iter().map(|one| one.address.clone()).collect();
        self.asked = recipients;
        self.words.clear();
        self.waiting = (!addresses.is_empty()).then(|| turn.ask(Request::Replies { addresses }));
    }

    /// Takes the answer. False: it is another's.
    pub(super) fn take(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &Turn<'_>) -> bool {
        if self.waiting != Some(ticket) {
            return false;
        }
        self.waiting = None;
        if let Ok(Answer::Replies(replies)) = result {
            let away = self.asked.iter().filter_map(|one| {
                let (_, reply) = replies.iter().find(|(address, _)| address.eq_ignore_ascii_case(&one.address))?;
                let until = reply.end.map(|end| format!(" until {}", moment(end, turn.now, turn.zone)));
                reply.is_on(turn.now).then(|| format!("{} is away{}", one.label(), until.unwrap_or_default()))
            });
            self.words = away.collect();
        }
        true
    }
}
