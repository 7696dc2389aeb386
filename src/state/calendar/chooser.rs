//! Which calendars are shown: the own one always, others beside it by choice.
//!
//! Must stay true: choosing takes effect at once and is kept on this computer only; the main calendar cannot be hidden.

use crate::base::report::Report;
use crate::domain::event::{Calendar, CalendarId};
use crate::domain::input::{Key, KeyCode};
use crate::domain::request::{Answer, Request};
use crate::state::command::CommandId;
use crate::state::event::Ticket;
use crate::state::keys::KeyContext;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{LIST_PAGE, Motion, Surface, Turn};
use crate::state::target::Target;

/// The panel.
#[derive(Clone, Debug, Default)]
pub struct CalendarsPanel {
    calendars: Slot<Vec<(Calendar, bool)>>,
    chosen: Option<CalendarId>,
}

impl CalendarsPanel {
    /// Opens the panel and asks which calendars there are.
    #[must_use]
    pub fn open_panel(turn: &mut Turn<'_>) -> Self {
        let mut panel = Self::default();
        panel.calendars.ask(Request::Calendars, turn);
        panel
    }

    /// The calendars, each with whether it is shown.
    #[must_use]
    pub fn calendars(&self) -> &[(Calendar, bool)] {
        self.calendars.value().map_or(&[], Vec::as_slice)
    }

    /// Whether the first answer is awaited.
    #[must_use]
    pub const fn is_asking(&self) -> bool {
        self.calendars.value().is_none() && self.calendars.is_waiting()
    }

    /// Why they could not be read.
    #[must_use]
    pub const fn problem(&self) -> Option<&Report> {
        self.calendars.problem()
    }

    /// The place of the cursor.
    #[must_use]
    pub fn at(&self) -> usize {
        let chosen = self.chosen.as_ref();
        self.calendars().iter().position(|(calendar, _)| Some(&calendar.id) == chosen).unwrap_or(0)
    }

    fn choose(&mut self, at: usize) {
        self.chosen = self.calendars().get(at).map(|(calendar, _)| calendar.id.clone());
    }

    fn toggle(&mut self, turn: &mut Turn<'_>) {
        let Some((calendar, is_shown)) = self.calendars().get(self.at()).cloned() else { return };
        if calendar.is_default {
            return turn.tell("Your own calendar is always shown.");
        }
        self.chosen = Some(calendar.id.clone());
        self.calendars.ask(Request::ShowCalendar { id: calendar.id, is_shown: !is_shown }, turn);
        turn.tell(if is_shown {
            format!("{} is hidden.", calendar.name)
        } else {
            format!("{} is shown; its events are being fetched.", calendar.name)
        });
    }
}

impl Surface for CalendarsPanel {
    fn context(&self) -> KeyContext {
        KeyContext::Calendars
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Open, CommandId::Close]
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        (command == CommandId::Open).then_some("show or hide")
    }

    fn typed(&mut self, key: Key, turn: &mut Turn<'_>) -> bool {
        let is_space = key == Key::plain(KeyCode::Char(' '));
        if is_space {
            self.toggle(turn);
        }
        is_space
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let Some(to) = motion.along(self.at(), self.calendars().len(), LIST_PAGE) else { return false };
        self.choose(to);
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        self.toggle(turn);
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, _turn: &mut Turn<'_>) -> bool {
        self.calendars.take(ticket, result, |answer| match answer {
            Answer::Calendars(calendars) => Some(calendars.clone()),
            _ => None,
        })
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.choose(*at);
            if is_double {
                self.toggle(turn);
            }
        }
    }
}
