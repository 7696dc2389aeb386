//! Events that are made and answered over any view: the form, the question, and the event a mail invites to.
//!
//! Must stay true: the mail is not the event; what is answered is what stands in the calendar.

use crate::base::report::Report;
use crate::domain::mail::MessageId;
use crate::domain::request::{Answer, Request};
use crate::state::Context;
use crate::state::calendar::deed::{self, Wanted};
use crate::state::calendar::form::{EventForm, can_answer, is_over};
use crate::state::event::{Effect, Ticket};
use crate::state::layer::Layer;
use crate::state::store::Store;
use crate::state::surface::Turn;

/// An invitation in a mail whose event is looked for.
#[derive(Clone, Debug, Default)]
pub struct Invitation {
    looking: Option<(Ticket, Wanted, bool)>,
}

impl Store {
    /// Answers the invitation of a mail: first its event is found.
    pub(super) fn answer_mail(
        &mut self,
        message: MessageId,
        wanted: Wanted,
        with_note: bool,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let mut ticket = None;
        self.with_screens(context, effects, |_, turn| ticket = Some(turn.ask(Request::Meeting(message))));
        self.invitation.looking = ticket.map(|ticket| (ticket, wanted, with_note));
    }

    /// The event of a mail. False: the answer is somebody else's.
    pub(super) fn take_meeting(
        &mut self,
        ticket: Ticket,
        result: &Result<Answer, Report>,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let Some((_, wanted, with_note)) = self.invitation.looking.take_if(|(asked, ..)| *asked == ticket) else {
            return false;
        };
        match result {
            Ok(Answer::Meeting(Some(event))) if is_over(event, context.now, context.zone) => {
                self.tell("It is over already.", context, effects);
            }
            Ok(Answer::Meeting(Some(event))) if can_answer(event) => {
                self.with_screens(context, effects, |_, turn| {
                    deed::wanted(event, wanted, with_note, turn);
                });
            }
            Ok(Answer::Meeting(Some(_))) => self.tell("Nobody waits for your answer to it.", context, effects),
            Ok(_) => self.tell("Its event is no longer in the calendar.", context, effects),
            Err(report) => self.push_problem(report.clone()),
        }
        true
    }

    /// Lets the form on top do something.
    pub(super) fn with_event_form(
        &mut self,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
        change: impl FnOnce(&mut EventForm, &mut Turn<'_>),
    ) {
        self.with_layer(context, effects, Layer::as_event_form, change);
    }
}
