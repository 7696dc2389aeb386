//! The own presence: how one is shown now, the choices with how long they shall hold, and the note beside it.
//!
//! Must stay true: a choice says until when before it is made; what others see is asked of the service and shown with its age, and a
//! choice that is on its way is shown as wanted.

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::input::{Key, KeyCode};
use crate::domain::intent::Intent;
use crate::domain::notice::Notice;
use crate::domain::own_settings::{ChosenPresence, PresenceChoice, StatusNote};
use crate::domain::presence::Presence;
use crate::domain::request::{Answer, Request};
use crate::domain::time::said::{length, understand};
use crate::domain::time::{Zone, instant_of};
use crate::state::command::CommandId;
use crate::state::event::{Ticket, Wake};
use crate::state::form::{self, Saving};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::own::{OwnField, SET_ASIDE};
use crate::state::session::Session;
use crate::state::surface::{Motion, Pane, Surface, Turn};
use crate::state::target::Target;
use crate::state::when;
use jiff::Timestamp;

/// A field of the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    /// The choices.
    #[default]
    Choice,
    /// How long.
    Length,
    /// The note.
    Note,
    /// How long the note is shown.
    NoteLength,
}

impl Field {
    /// All, in the order of Tab.
    pub const ALL: [Self; 4] = [Self::Choice, Self::Length, Self::Note, Self::NoteLength];

    /// Its label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Choice => "Show me as",
            Self::Length => "For how long",
            Self::Note => "Message",
            Self::NoteLength => "Shown for",
        }
    }
}

/// The panel.
#[derive(Clone, Debug, Default)]
pub struct PresencePanel {
    seen: Option<Presence>,
    asking: Option<Ticket>,
    /// The place in the list; behind the choices stands "as it is".
    at: usize,
    length: LineEdit,
    note: LineEdit,
    note_before: String,
    note_length: LineEdit,
    focus: Field,
    /// It came back from an earlier time.
    is_resumed: bool,
    saving: Saving,
}

impl PresencePanel {
    /// Opens the panel and asks how one is shown.
    #[must_use]
    pub fn open(turn: &mut Turn<'_>) -> Self {
        if let Some(mut panel) = turn.session.set_aside.presence.take() {
            panel.is_resumed = true;
            panel.ask(turn);
            return *panel;
        }
        let mut panel = Self::default();
        panel.fill(turn);
        panel.ask(turn);
        panel
    }

    fn fill(&mut self, turn: &Turn<'_>) {
        if let Some(me) = &turn.session.me {
            let chosen = me.chosen.filter(|chosen| chosen.holds(turn.now));
            let place = |chosen: ChosenPresence| PresenceChoice::ALL.iter().position(|one| *one == chosen.choice);
            self.at = chosen.and_then(place).unwrap_or(PresenceChoice::ALL.len());
            let note = me.note.as_ref().filter(|note| note.until.is_none_or(|until| turn.now < until));
            self.note = LineEdit::with(note.map_or("", |note| note.text.as_str()));
            self.note_before = self.note.text().to_owned();
        }
    }

    /// Keeps what was typed and not set for the next time.
    pub fn set_aside(&self, turn: &mut Turn<'_>) {
        if self.is_touched() && !self.saving.is_on() {
            turn.session.set_aside.presence = Some(Box::new(self.clone()));
        }
    }

    /// Throws away what was typed here.
    pub fn start_over(&mut self, turn: &mut Turn<'_>) {
        self.is_resumed = false;
        self.length.clear();
        self.note_length.clear();
        self.fill(turn);
        turn.tell("As it is set.");
    }

    /// Whether something was typed here that is not set yet.
    #[must_use]
    pub fn is_touched(&self) -> bool {
        self.changes_note() || !self.length.text().trim().is_empty()
    }

    /// Whether what is here was typed at an earlier time.
    #[must_use]
    pub const fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    fn ask(&mut self, turn: &mut Turn<'_>) {
        if let Some(me) = turn.session.me.as_ref().map(|me| me.person.id.clone()) {
            self.asking = Some(turn.ask(Request::Presence { people: vec![me] }));
            turn.wake_when_stale();
        }
    }

    /// How others see one, as last read.
    #[must_use]
    pub const fn seen(&self) -> Option<&Presence> {
        self.seen.as_ref()
    }

    /// Whether the first answer is awaited.
    #[must_use]
    pub const fn is_asking(&self) -> bool {
        self.seen.is_none() && self.asking.is_some()
    }

    /// The place of the cursor in the list.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The choice under the cursor; `None`: as it is.
    #[must_use]
    pub fn choice(&self) -> Option<PresenceChoice> {
        PresenceChoice::ALL.get(self.at).copied()
    }

    /// The field that has the letters.
    #[must_use]
    pub const fn focused(&self) -> Field {
        self.focus
    }

    /// The line of a field that is one.
    #[must_use]
    pub const fn line_of(&self, field: Field) -> Option<&LineEdit> {
        match field {
            Field::Length => Some(&self.length),
            Field::Note => Some(&self.note),
            Field::NoteLength => Some(&self.note_length),
            Field::Choice => None,
        }
    }

    /// Until when the choice under the cursor would hold; `None` for "as it is".
    ///
    /// # Errors
    /// Says what is not understood.
    pub fn until(&self, now: Timestamp, zone: &Zone) -> Result<Option<Timestamp>, String> {
        let Some(choice) = self.choice() else { return Ok(None) };
        if self.length.text().trim().is_empty() {
            return Ok(now.checked_add(choice.usual()).ok());
        }
        ends(self.length.text(), now, zone).map(Some)
    }

    /// Until when the note would be shown; `None`: until it is taken away.
    ///
    /// # Errors
    /// Says what is not understood.
    pub fn note_until(&self, now: Timestamp, zone: &Zone) -> Result<Option<Timestamp>, String> {
        if self.note_length.text().trim().is_empty() {
            return Ok(None);
        }
        ends(self.note_length.text(), now, zone).map(Some)
    }

    /// Whether the note was changed.
    #[must_use]
    pub fn changes_note(&self) -> bool {
        self.note.text().trim() != self.note_before || !self.note_length.text().trim().is_empty()
    }

    /// Makes the choice, and sets the note if it was changed.
    pub fn save(&mut self, turn: &mut Turn<'_>) {
        if self.saving.is_on() {
            return;
        }
        if let Some(why) = turn.session.why_not(Feature::PresenceWrite) {
            return turn.tell(why);
        }
        let known = turn.session.me.as_ref().and_then(|me| me.chosen).filter(|chosen| chosen.holds(turn.now));
        let mut intents = Vec::new();
        match self.until(turn.now, turn.zone) {
            Ok(until) => {
                let chosen = self.choice().zip(until).map(|(choice, until)| ChosenPresence { choice, until });
                let is_same = known.map(|known| known.choice) == self.choice() && self.length.text().trim().is_empty();
                if !is_same || !self.changes_note() {
                    intents.push(Intent::Presence(chosen));
                }
            }
            Err(why) => {
                self.focus = Field::Length;
                return turn.tell(why);
            }
        }
        if self.changes_note() {
            match self.note_until(turn.now, turn.zone) {
                Ok(until) => {
                    let text = self.note.text().trim().to_owned();
                    let until = until.filter(|_| !text.is_empty());
                    intents.push(Intent::StatusNote(StatusNote { text, until }));
                }
                Err(why) => {
                    self.focus = Field::NoteLength;
                    return turn.tell(why);
                }
            }
        }
        self.saving.begin(intents, turn);
    }

    fn step_field(&mut self, steps: isize) {
        self.focus = form::stepped(&Field::ALL, self.focus, steps, |_| true);
    }
}

/// When something ends that is said as a length or as a time.
///
/// # Errors
/// Says what is not understood.
pub fn ends(text: &str, now: Timestamp, zone: &Zone) -> Result<Timestamp, String> {
    let end = match length(text) {
        Some(length) => now.checked_add(length).map_err(|_| "That is too long.".to_owned())?,
        None => {
            let said = understand(text, when::wall(now, zone)).map_err(|why| why.to_string())?;
            let end = match said {
                crate::domain::time::said::Said::Slot { start, .. } => start,
                said => said.end(),
            };
            instant_of(end, &when::rules(zone))
        }
    };
    if end <= now { Err("That is over already.".to_owned()) } else { Ok(end) }
}

impl Surface for PresencePanel {
    fn context(&self) -> KeyContext {
        KeyContext::OwnPresence
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Open, CommandId::NextPane, CommandId::RepliesAsSet, CommandId::Close]
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        match command {
            CommandId::Open => Some("set"),
            CommandId::NextPane => Some("how long, message"),
            _ => None,
        }
    }

    fn pane(&self) -> Pane {
        Pane::Field
    }

    fn is_typing(&self) -> bool {
        self.focus != Field::Choice
    }

    fn typed(&mut self, key: Key, _turn: &mut Turn<'_>) -> bool {
        if self.saving.is_on() {
            return true;
        }
        let line = match self.focus {
            Field::Choice => return false,
            Field::Length => &mut self.length,
            Field::Note => &mut self.note,
            Field::NoteLength => &mut self.note_length,
        };
        // Up and down leave a field, letters stay in it.
        !matches!(key.code, KeyCode::Up | KeyCode::Down) && line.key(key)
    }

    fn pasted(&mut self, text: &str, _turn: &mut Turn<'_>) -> bool {
        match self.focus {
            Field::Choice => return false,
            Field::Length => self.length.insert(text),
            Field::Note => self.note.insert(text),
            Field::NoteLength => self.note_length.insert(text),
        }
        true
    }

    fn number(&mut self, number: usize, turn: &mut Turn<'_>) -> bool {
        if self.focus != Field::Choice || !(1..=PresenceChoice::ALL.len() + 1).contains(&number) {
            return false;
        }
        self.at = number - 1;
        self.save(turn);
        true
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        match motion {
            Motion::NextPane => self.step_field(1),
            Motion::PreviousPane => self.step_field(-1),
            Motion::Next | Motion::Previous if self.focus != Field::Choice => {
                self.step_field(if motion == Motion::Next { 1 } else { -1 });
            }
            _ => {
                let Some(to) = motion.along(self.at, PresenceChoice::ALL.len() + 1, 3) else { return false };
                self.at = to;
            }
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        self.save(turn);
        true
    }

    /// Esc leaves; what was typed comes back with the panel.
    fn close(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.is_touched() {
            self.set_aside(turn);
            turn.tell(SET_ASIDE);
        }
        false
    }

    fn notice(&mut self, notice: &Notice, is_shown: bool, turn: &mut Turn<'_>) {
        if is_shown && *notice == Notice::PeopleChanged && self.asking.is_none() {
            self.ask(turn);
        }
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        if self.saving.take(ticket, result, turn).is_some() {
            return true;
        }
        if self.asking == Some(ticket) {
            self.asking = None;
            if let Ok(Answer::Presence(found)) = result {
                self.seen = found.known.first().map(|(_, presence)| presence.clone()).or(self.seen.take());
            }
        } else {
            return false;
        }
        true
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        if wake == Wake::Stale && !turn.session.is_offline() {
            self.ask(turn);
        }
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        match target {
            Target::Entry(at) if *at <= PresenceChoice::ALL.len() => {
                (self.focus, self.at) = (Field::Choice, *at);
                if is_double {
                    self.save(turn);
                }
            }
            Target::Own(OwnField::Presence(field)) => self.focus = *field,
            _ => {}
        }
    }
}
