//! The away board: a team or a group by day, who is away, until when, what their reply says, and which of my meetings that touches.
//!
//! The selection is an address; among the meetings it is an event's id. The board is asked for from today on; what the cache knows is
//! shown at once, with its age. Whose absences are shown is chosen, and remembered by the engine.

use crate::base::report::Report;
use crate::domain::event::EventId;
use crate::domain::freebusy::Availability;
use crate::domain::mail::Recipient;
use crate::domain::notice::Notice;
use crate::domain::presence::{AwayBoard, AwayMeeting, AwayOf, AwayRow};
use crate::domain::request::{Answer, PersonRef, Request};
use crate::domain::time::{Zone, add_days};
use crate::state::command::CommandId;
use crate::state::event::{Interest, Ticket, Wake};
use crate::state::keys::KeyContext;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{CopyPart, LIST_PAGE, Motion, Step, Surface, Turn};
use crate::state::target::Target;
use jiff::civil::Date;

/// Weeks that the board may show.
const WEEKS: std::ops::RangeInclusive<u16> = 1..=4;

/// The away board.
#[derive(Clone, Debug)]
pub struct Away {
    board: Slot<AwayBoard>,
    selected: Option<String>,
    from: Option<Date>,
    weeks: u16,
    /// The day under the cursor, counted from the first.
    day: u16,
    /// Whose absences are asked for.
    of: AwayOf,
    /// The cursor is among the meetings.
    in_meetings: bool,
    meeting: Option<EventId>,
}

impl Default for Away {
    fn default() -> Self {
        Self {
            board: Slot::default(),
            selected: None,
            from: None,
            weeks: 2,
            day: 0,
            of: AwayOf::Remembered,
            in_meetings: false,
            meeting: None,
        }
    }
}

impl Away {
    /// The board with the question that is under way.
    #[must_use]
    pub const fn board(&self) -> &Slot<AwayBoard> {
        &self.board
    }

    /// The rows in their order.
    #[must_use]
    pub fn rows(&self) -> &[AwayRow] {
        self.board.value().map_or(&[], |board| board.rows.as_slice())
    }

    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&AwayRow> {
        let address = self.selected.as_ref()?;
        self.rows().iter().find(|row| key(row) == *address)
    }

    /// My meetings with people who are away then.
    #[must_use]
    pub fn meetings(&self) -> &[AwayMeeting] {
        self.board.value().map_or(&[], |board| board.meetings.as_slice())
    }

    /// The meeting under the cursor, while it is among them.
    #[must_use]
    pub fn meeting(&self) -> Option<&AwayMeeting> {
        self.meetings().get(self.meeting_at()?)
    }

    /// Its place in the list.
    #[must_use]
    pub fn meeting_at(&self) -> Option<usize> {
        let place = self.meetings().iter().position(|meeting| Some(&meeting.event) == self.meeting.as_ref());
        (self.in_meetings && !self.meetings().is_empty()).then(|| place.unwrap_or(0))
    }

    /// Shows somebody else's absences.
    pub fn choose(&mut self, of: AwayOf, turn: &mut Turn<'_>) {
        self.of = of;
        self.selected = None;
        self.in_meetings = false;
        self.board.clear();
        self.ask(false, turn);
    }

    /// How many weeks are shown.
    #[must_use]
    pub const fn weeks(&self) -> u16 {
        self.weeks
    }

    /// The day under the cursor.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        Some(add_days(self.board.value()?.from, i64::from(self.day)))
    }

    /// More (1) or fewer (-1) weeks.
    pub fn change_weeks(&mut self, step: i16, turn: &mut Turn<'_>) {
        let weeks = self.weeks.saturating_add_signed(step).clamp(*WEEKS.start(), *WEEKS.end());
        if weeks == self.weeks {
            turn.tell(format!("The board shows {} to {} weeks.", WEEKS.start(), WEEKS.end()));
            return;
        }
        self.weeks = weeks;
        self.day = self.day.min(weeks * 7 - 1);
        self.ask(false, turn);
    }

    /// Back to a board that begins today.
    pub fn today(&mut self, turn: &mut Turn<'_>) {
        self.from = Some(turn.today());
        self.day = 0;
        self.ask(false, turn);
    }

    fn ask(&mut self, refresh: bool, turn: &mut Turn<'_>) {
        let from = *self.from.get_or_insert_with(|| turn.today());
        let (of, days) = (self.of.clone(), self.weeks * 7);
        self.board.ask(Request::Away { from, days, of, refresh, remember: true }, turn);
        turn.wake_when_days_are_stale();
    }

    fn move_by(&mut self, steps: isize) {
        let at = self.selected.as_ref().and_then(|address| self.rows().iter().position(|row| key(row) == *address));
        let to = at.unwrap_or(0).saturating_add_signed(steps).min(self.rows().len().saturating_sub(1));
        self.selected = self.rows().get(to).map(key);
    }

    fn move_day(&mut self, days: i64, turn: &mut Turn<'_>) {
        let last = i64::from(self.weeks) * 7 - 1;
        let to = i64::from(self.day) + days;
        if (0..=last).contains(&to) {
            self.day = u16::try_from(to).unwrap_or(0);
            return;
        }
        // Over the edge the board moves on by a week; nothing before today is known of anybody.
        let from = self.from.unwrap_or_else(|| turn.today());
        let moved = add_days(from, if days > 0 { 7 } else { -7 }).max(turn.today());
        if moved == from {
            turn.tell("The board begins today; what was before is not known.");
            return;
        }
        let shift = i64::from(from.until(moved).map_or(0, |span| span.get_days()));
        self.from = Some(moved);
        self.day = u16::try_from((to - shift).clamp(0, last)).unwrap_or(0);
        self.ask(false, turn);
    }
}

/// What names a row: the address, or the directory id where there is none.
fn key(row: &AwayRow) -> String {
    if row.person.address.is_empty() { row.person.id.0.clone() } else { row.person.address.clone() }
}

/// How a row names its person.
#[must_use]
pub fn person_of(row: &AwayRow) -> PersonRef {
    if row.person.address.is_empty() {
        PersonRef::Id(row.person.id.clone())
    } else {
        PersonRef::Address { address: row.person.address.clone(), name: row.person.name.clone() }
    }
}

/// The word for a block that takes somebody's time; `None` for free time.
#[must_use]
pub const fn status_word(status: Availability) -> Option<&'static str> {
    match status {
        Availability::Free => None,
        Availability::WorkingElsewhere => Some("elsewhere"),
        Availability::Tentative => Some("maybe"),
        Availability::Busy => Some("busy"),
        Availability::OutOfOffice => Some("away"),
    }
}

impl Surface for Away {
    fn context(&self) -> KeyContext {
        KeyContext::Away
    }

    fn hints(&self) -> &'static [CommandId] {
        &[
            CommandId::Open,
            CommandId::AwayChoose,
            CommandId::NextPane,
            CommandId::FindTimeWith,
            CommandId::AwayMoreWeeks,
            CommandId::AwayFewerWeeks,
            CommandId::CopyDetails,
            CommandId::Fetch,
        ]
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        match command {
            CommandId::Open if self.in_meetings => Some("go to it"),
            CommandId::Open => Some("card"),
            CommandId::NextPane if self.in_meetings => Some("people"),
            CommandId::NextPane => Some("meetings"),
            _ => None,
        }
    }

    fn entered(&mut self, turn: &mut Turn<'_>) {
        let today = turn.today();
        self.from = Some(self.from.map_or(today, |from| from.max(today)));
        self.ask(false, turn);
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        match wake {
            Wake::Stale if !turn.session.is_offline() => self.ask(false, turn),
            _ => {}
        }
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        if matches!(motion, Motion::NextPane | Motion::PreviousPane) {
            if self.meetings().is_empty() {
                turn.tell("No meeting of yours in these weeks is with somebody who is away then.");
            }
            self.in_meetings = !self.in_meetings && !self.meetings().is_empty();
            return true;
        }
        if let Some(at) = self.meeting_at()
            && let Some(to) = motion.along(at, self.meetings().len(), LIST_PAGE)
        {
            self.meeting = self.meetings().get(to).map(|meeting| meeting.event.clone());
            return true;
        }
        match motion {
            Motion::Next => self.move_by(1),
            Motion::Previous => self.move_by(-1),
            Motion::First => self.move_by(isize::MIN / 2),
            Motion::Last => self.move_by(isize::MAX / 2),
            Motion::HalfPageDown | Motion::PageDown => self.move_by(10),
            Motion::HalfPageUp | Motion::PageUp => self.move_by(-10),
            Motion::Left => self.move_day(-1, turn),
            Motion::Right => self.move_day(1, turn),
            Motion::NextThing | Motion::NextGroup => self.move_day(7, turn),
            Motion::PreviousThing | Motion::PreviousGroup => self.move_day(-7, turn),
            Motion::NextPane | Motion::PreviousPane => return false,
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if let Some(meeting) = self.meeting() {
            turn.step(Step::Event(meeting.event.clone(), meeting.date));
        } else if let Some(row) = self.selected() {
            turn.step(Step::Card(person_of(row)));
        }
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, _turn: &mut Turn<'_>) -> bool {
        let is_taken = self.board.take(ticket, result, |answer| match answer {
            Answer::Away(board) => Some(board.clone()),
            _ => None,
        });
        if !is_taken {
            return false;
        }
        if self.selected().is_none() {
            self.selected = self.rows().first().map(key);
        }
        true
    }

    fn notice(&mut self, notice: &Notice, is_shown: bool, turn: &mut Turn<'_>) {
        if is_shown && matches!(notice, Notice::PeopleChanged | Notice::Me(_)) {
            self.ask(false, turn);
        }
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Event(event) = target {
            self.in_meetings = true;
            self.meeting = Some(event.clone());
            if is_double {
                self.open(turn);
            }
        }
        if let Target::Person(who) = target {
            self.in_meetings = false;
            let found = self.rows().iter().find(|row| person_of(row) == *who).map(key);
            self.selected = found.or(self.selected.take());
            if is_double {
                self.open(turn);
            }
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, _turn: &mut Turn<'_>) {
        self.move_by(if steps > 0 { 1 } else { -1 });
    }

    fn person(&self) -> Option<PersonRef> {
        self.selected().map(person_of)
    }

    fn people(&self) -> Vec<Recipient> {
        let recipient =
            |row: &AwayRow| Recipient { name: row.person.name.clone(), address: row.person.address.clone() };
        self.selected().map(recipient).into_iter().collect()
    }

    fn copy(&self, part: CopyPart, _zone: &Zone) -> Option<String> {
        let row = self.selected()?;
        match part {
            CopyPart::Address => Some(row.person.address.clone()),
            CopyPart::Link => None,
            CopyPart::Line => Some(format!("{} <{}>", row.person.name, row.person.address)),
            CopyPart::Details => {
                let mut lines = vec![format!("{} <{}>", row.person.name, row.person.address)];
                match (row.since, row.until) {
                    (Some(since), Some(until)) => lines.push(format!("Away {since} to {until}")),
                    (None, Some(until)) => lines.push(format!("Away until {until}")),
                    (Some(since), None) => lines.push(format!("Away from {since}")),
                    (None, None) => {}
                }
                lines.extend(
                    row.reply.as_ref().map(|reply| reply.message.clone()).filter(|message| !message.is_empty()),
                );
                Some(lines.join("\n"))
            }
        }
    }

    fn interest(&self, _session: &Session, interest: &mut Interest) {
        interest.people = self.rows().iter().map(|row| row.person.id.clone()).collect();
    }
}
