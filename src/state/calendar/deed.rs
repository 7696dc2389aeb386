//! What is done with an event that stands there, and the question before it where one is needed: which of a series, a note for
//! whoever is told, and whether a meeting of many is really to be cancelled.
//!
//! The row under the cursor at first is the harmless one. Must stay true: nobody is told anything that was not asked about, and a
//! single event of one's own goes without a question, because it can be brought back.

use crate::base::report::Report;
use crate::domain::event::{Event, When};
use crate::domain::event_draft::EventChange;
use crate::domain::input::{Key, KeyCode};
use crate::domain::intent::{Intent, InvitationAnswer};
use crate::domain::request::Answer;
use crate::domain::time::said::{Said, understand};
use crate::domain::time::{Span, Zone, instant_of};
use crate::state::calendar::form::can_answer;
use crate::state::command::CommandId;
use crate::state::event::Ticket;
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::surface::{Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use crate::state::when;
use jiff::Timestamp;

/// What shall be done with an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// Answer the invitation.
    Answer(InvitationAnswer),
    /// Delete it, or cancel it where others are invited.
    Delete,
    /// Change it.
    Change(Box<EventChange>),
    /// Answer with maybe and propose another time, once it is typed.
    Propose(Option<Span>),
}

impl Wanted {
    /// Whether it means all of a series, whichever day it was asked of.
    fn is_of_series(&self) -> bool {
        matches!(self, Self::Change(change) if change.recurrence.is_some())
    }
}

/// How far it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing is done.
    Nothing,
    /// This one.
    One,
    /// All of the series.
    Series,
}

/// The question.
#[derive(Clone, Debug)]
pub struct EventAsk {
    event: Box<Event>,
    wanted: Wanted,
    note: Option<LineEdit>,
    rows: Vec<(char, String, Scope)>,
    at: usize,
    doing: Option<Ticket>,
}

/// Does what is wanted at once, or leaves the question that comes before it.
pub fn wanted(event: &Event, wanted: Wanted, with_note: bool, turn: &mut Turn<'_>) {
    let tells_others = event.is_organizer && event.attendees.iter().any(|one| !one.is_resource);
    let is_plain = event.series.is_none() && !with_note;
    let is_harmless = match wanted {
        Wanted::Answer(_) | Wanted::Change(_) => true,
        Wanted::Delete => !tells_others && !can_answer(event),
        Wanted::Propose(_) => false,
    };
    if is_plain && is_harmless {
        turn.change(vec![intent(event, &wanted, "", Scope::One)]);
    } else {
        turn.step(Step::AskEvent(Box::new(EventAsk::of(event, wanted, with_note))));
    }
}

fn intent(event: &Event, wanted: &Wanted, note: &str, scope: Scope) -> Intent {
    let (id, series, note) = (event.id.clone(), scope == Scope::Series, note.trim().to_owned());
    match wanted {
        Wanted::Answer(answer) => {
            Intent::Respond { event: id, series, answer: *answer, note, tell: true, proposal: None }
        }
        Wanted::Propose(proposal) => Intent::Respond {
            event: id,
            series: false,
            answer: InvitationAnswer::Tentative,
            note,
            tell: true,
            proposal: *proposal,
        },
        Wanted::Delete => Intent::DeleteEvent { event: id, series, note },
        Wanted::Change(change) => Intent::UpdateEvent { event: id, series, change: change.clone() },
    }
}

impl EventAsk {
    /// The question before `wanted`.
    #[must_use]
    pub fn of(event: &Event, wanted: Wanted, with_note: bool) -> Self {
        let others = event.attendees.iter().filter(|one| !one.is_resource).count();
        let is_cancel = wanted == Wanted::Delete && event.is_organizer && others > 0;
        let people = if others == 1 { "1 person".to_owned() } else { format!("{others} people") };
        let (letter, verb) = match &wanted {
            Wanted::Answer(InvitationAnswer::Accept) => ('o', "Accept"),
            Wanted::Answer(InvitationAnswer::Tentative) => ('o', "Answer \"maybe\" to"),
            Wanted::Answer(InvitationAnswer::Decline) => ('o', "Decline"),
            Wanted::Delete if is_cancel => ('c', "Cancel"),
            Wanted::Delete => ('o', "Delete"),
            Wanted::Change(_) => ('o', "Change"),
            Wanted::Propose(_) => ('o', "Answer \"maybe\" and propose this time for"),
        };
        let tail = if is_cancel { format!(" and tell {people}") } else { String::new() };
        let keep =
            ('k', if wanted == Wanted::Delete { "Keep it" } else { "Leave it as it is" }.to_owned(), Scope::Nothing);
        let mut rows = match event.series.as_ref().filter(|_| !matches!(wanted, Wanted::Propose(_))) {
            None if wanted == Wanted::Delete && !is_cancel => {
                vec![(letter, "Delete it; nobody is told".to_owned(), Scope::One)]
            }
            None => vec![(letter, format!("{verb} it{tail}"), Scope::One)],
            // How it repeats is no matter of one day.
            Some(_) if wanted.is_of_series() => vec![('s', format!("{verb} the whole series{tail}"), Scope::Series)],
            Some(_) => vec![
                (letter, format!("{verb} this one{tail}"), Scope::One),
                ('s', format!("{verb} the whole series{tail}"), Scope::Series),
            ],
        };
        // Where others are told of the end of something, keeping it is what Enter does.
        let is_grave = is_cancel || (wanted == Wanted::Delete && event.series.is_none());
        rows.insert(if is_grave { 0 } else { rows.len() }, keep);
        let has_line = with_note || is_cancel || matches!(wanted, Wanted::Propose(_));
        let note = has_line.then(LineEdit::default);
        Self { event: Box::new(event.clone()), wanted, note, rows, at: 0, doing: None }
    }

    /// What stands into the frame.
    #[must_use]
    pub fn title(&self) -> String {
        let subject = crate::base::text::cut(&self.event.subject, 40);
        match &self.wanted {
            Wanted::Answer(InvitationAnswer::Accept) => format!("Accept \"{subject}\""),
            Wanted::Answer(InvitationAnswer::Tentative) => format!("Maybe to \"{subject}\""),
            Wanted::Answer(InvitationAnswer::Decline) => format!("Decline \"{subject}\""),
            Wanted::Delete => format!("Delete \"{subject}\"?"),
            Wanted::Change(_) => format!("Change \"{subject}\""),
            Wanted::Propose(_) => format!("Another time for \"{subject}\"?"),
        }
    }

    /// What stands before the line that can be typed, and what an empty one says.
    #[must_use]
    pub const fn line_words(&self) -> (&'static str, &'static str) {
        match self.wanted {
            Wanted::Propose(_) => ("When", "thu 15:00, tomorrow 9-9:30"),
            _ => ("Note", "A few words, or none"),
        }
    }

    /// What was understood of the proposed time, in words, and whether it can be proposed; nothing where none is typed.
    #[must_use]
    pub fn echo(&self, now: Timestamp, zone: &Zone) -> Option<(String, bool)> {
        let is_typed = self.note.as_ref().is_some_and(|line| !line.text().trim().is_empty());
        if !matches!(self.wanted, Wanted::Propose(_)) || !is_typed {
            return None;
        }
        Some(match self.proposed(now, zone) {
            Ok((_, words)) => (words, true),
            Err(why) => (why, false),
        })
    }

    /// The time that is typed; as long as the event, where only a beginning is said.
    fn proposed(&self, now: Timestamp, zone: &Zone) -> Result<(Span, String), String> {
        let text = self.note.as_ref().map_or("", LineEdit::text);
        let said = understand(text, when::wall(now, zone)).map_err(|why| why.to_string())?;
        let rules = when::rules(zone);
        let span = match said {
            Said::Days { .. } => return Err("Say at what time, like \"thu 15:00\".".to_owned()),
            Said::Moment(start) => {
                let length = match self.event.when {
                    When::Timed(span) => u32::try_from(span.minutes()).unwrap_or(30),
                    When::AllDay { .. } => 30,
                };
                Span::of_minutes(instant_of(start, &rules), length)
            }
            Said::Slot { start, end } => Span { start: instant_of(start, &rules), end: instant_of(end, &rules) },
        };
        if span.start <= now {
            return Err("That is over already.".to_owned());
        }
        let (start, end) = (rules.to_datetime(span.start), rules.to_datetime(span.end));
        Ok((span, Said::Slot { start, end }.words()))
    }

    /// The note, if one can be written.
    #[must_use]
    pub const fn note(&self) -> Option<&LineEdit> {
        self.note.as_ref()
    }

    /// Letter and words of each row.
    pub fn rows(&self) -> impl Iterator<Item = (char, &str)> {
        self.rows.iter().map(|(letter, words, _)| (*letter, words.as_str()))
    }

    /// The row under the cursor.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    fn choose(&mut self, at: usize, turn: &mut Turn<'_>) {
        let Some((_, _, scope)) = self.rows.get(at) else { return };
        match scope {
            Scope::Nothing => turn.step(Step::CloseLayer),
            scope if self.doing.is_none() => {
                let mut note = self.note.as_ref().map_or("", LineEdit::text);
                if matches!(self.wanted, Wanted::Propose(_)) {
                    match self.proposed(turn.now, turn.zone) {
                        Ok((span, _)) => self.wanted = Wanted::Propose(Some(span)),
                        Err(why) => return turn.tell(why),
                    }
                    note = "";
                }
                self.doing = Some(turn.change(vec![intent(&self.event, &self.wanted, note, *scope)]));
            }
            _ => {}
        }
    }
}

impl Surface for EventAsk {
    fn context(&self) -> KeyContext {
        KeyContext::EventAsk
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Open, CommandId::Close]
    }

    fn word(&self, command: CommandId, _session: &crate::state::session::Session) -> Option<&'static str> {
        match command {
            CommandId::Open => Some("do it"),
            CommandId::Close => Some("leave it"),
            _ => None,
        }
    }

    fn pane(&self) -> Pane {
        Pane::Field
    }

    fn is_typing(&self) -> bool {
        self.note.is_some()
    }

    fn typed(&mut self, key: Key, turn: &mut Turn<'_>) -> bool {
        match &mut self.note {
            Some(note) => note.key(key),
            None => {
                let KeyCode::Char(letter) = key.code else { return false };
                let row = self.rows.iter().position(|(held, ..)| *held == letter && !key.ctrl && !key.alt);
                row.map(|at| self.choose(at, turn)).is_some()
            }
        }
    }

    fn pasted(&mut self, text: &str, _turn: &mut Turn<'_>) -> bool {
        self.note.as_mut().map(|note| note.insert(text)).is_some()
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let Some(to) = motion.along(self.at, self.rows.len(), 3) else { return motion == Motion::PreviousPane };
        self.at = to;
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        self.choose(self.at, turn);
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        let is_it = self.doing == Some(ticket);
        if is_it {
            self.doing = None;
        }
        // Where it was refused, the reason stands on top and this stays below it.
        if is_it && result.is_ok() {
            turn.step(Step::CloseLayer);
        }
        is_it
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.choose(*at, turn);
        }
    }
}
