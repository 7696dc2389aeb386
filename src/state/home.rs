//! The home view: what matters in the next hours. Agenda of today and tomorrow, the newest mail, who is away.
//!
//! Every block is acted on without leaving: Enter leads to the thing, `p` to the person.

use crate::base::report::Report;
use crate::domain::event::{Event, EventId, When};
use crate::domain::mail::{FolderRole, MessageKey, MessageRow, Recipient};
use crate::domain::notice::Notice;
use crate::domain::presence::{AwayBoard, AwayOf, AwayRow};
use crate::domain::request::{Answer, MessagePage, PageStart, PersonRef, Request};
use crate::domain::time::Zone;
use crate::state::command::CommandId;
use crate::state::event::{Interest, Ticket, Wake};
use crate::state::keys::KeyContext;
use crate::state::mail::Mail;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{CopyPart, Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use crate::state::when;
use jiff::civil::Date;

/// More messages than this do not fit beside the agenda on any screen.
const NEWEST: u16 = 40;
/// The board asked for is shown by the away view too; here only today counts.
const AWAY_DAYS: u16 = 14;

/// Events of the two days.
#[derive(Clone, Debug, PartialEq)]
pub struct Agenda {
    /// The first of the two days.
    pub from: Date,
    /// Events, sorted by start.
    pub events: Vec<Event>,
}

/// The home view.
#[derive(Clone, Debug)]
pub struct Home {
    agenda: Slot<Agenda>,
    inbox: Slot<MessagePage>,
    away: Slot<AwayBoard>,
    focus: Pane,
    event: Option<EventId>,
    message: Option<MessageKey>,
    person: Option<String>,
    day: Option<Date>,
}

impl Default for Home {
    fn default() -> Self {
        Self {
            agenda: Slot::default(),
            inbox: Slot::default(),
            away: Slot::default(),
            focus: Pane::HomeAgenda,
            event: None,
            message: None,
            person: None,
            day: None,
        }
    }
}

impl Home {
    /// The events of today and tomorrow.
    #[must_use]
    pub const fn agenda(&self) -> &Slot<Agenda> {
        &self.agenda
    }

    /// The newest messages.
    #[must_use]
    pub const fn inbox(&self) -> &Slot<MessagePage> {
        &self.inbox
    }

    /// The away board.
    #[must_use]
    pub const fn away(&self) -> &Slot<AwayBoard> {
        &self.away
    }

    /// People who are away now, or later on the board's days.
    #[must_use]
    pub fn away_rows(&self) -> Vec<&AwayRow> {
        let rows = self.away.value().map_or(&[][..], |board| board.rows.as_slice());
        rows.iter().filter(|row| row.is_away_now || row.since.is_some()).collect()
    }

    /// The selected event, message and person.
    #[must_use]
    pub const fn selection(&self) -> (Option<&EventId>, Option<MessageKey>, Option<&String>) {
        (self.event.as_ref(), self.message, self.person.as_ref())
    }

    fn ask_agenda(&mut self, turn: &mut Turn<'_>) {
        let from = turn.today();
        self.day = Some(from);
        self.agenda.ask(Request::Agenda { from, to: when::plus_days(from, 2) }, turn);
    }

    fn ask_inbox(&mut self, turn: &mut Turn<'_>) {
        if let Some(folder) = turn.session.folder_with_role(FolderRole::Inbox).map(|folder| folder.id.clone()) {
            self.inbox.ask(Request::Messages { folder, start: PageStart::Newest, count: NEWEST }, turn);
        }
    }

    fn ask_away(&mut self, turn: &mut Turn<'_>) {
        let from = turn.today();
        self.away.ask(
            Request::Away { from, days: AWAY_DAYS, of: AwayOf::Remembered, refresh: false, remember: false },
            turn,
        );
        turn.wake_when_days_are_stale();
    }

    /// Takes notice that the folders are known, or that their counts changed.
    pub fn folders_known(&mut self, turn: &mut Turn<'_>) {
        if self.inbox.value().is_none() && !self.inbox.is_waiting() {
            self.ask_inbox(turn);
        }
    }

    /// Asks for everything anew when a new day has begun.
    pub fn minute(&mut self, turn: &mut Turn<'_>) {
        if self.day.is_some_and(|day| day != turn.today()) {
            self.ask_agenda(turn);
            self.ask_away(turn);
        }
    }

    /// The event under the cursor.
    #[must_use]
    pub fn selected_event(&self) -> Option<&Event> {
        let id = self.event.as_ref()?;
        self.agenda.value()?.events.iter().find(|event| event.id == *id)
    }

    /// The message under the cursor.
    #[must_use]
    pub fn selected_message(&self) -> Option<&MessageRow> {
        let key = self.message?;
        self.inbox.value()?.rows.iter().find(|row| row.key == key)
    }

    /// The absent person under the cursor.
    #[must_use]
    pub fn selected_away(&self) -> Option<&AwayRow> {
        let id = self.person.as_ref()?;
        self.away_rows().into_iter().find(|row| row.person.id.0 == *id)
    }

    /// Puts the cursor where there is something, after content came or went.
    fn settle_selection(&mut self, turn: &Turn<'_>) {
        if self.selected_event().is_none() {
            let events = self.agenda.value().map_or(&[][..], |agenda| agenda.events.as_slice());
            let next = events.iter().find(|event| matches!(event.when, When::Timed(span) if span.end > turn.now));
            self.event = next.or(events.first()).map(|event| event.id.clone());
        }
        if self.selected_message().is_none() {
            self.message = self.inbox.value().and_then(|page| page.rows.first()).map(|row| row.key);
        }
        if self.selected_away().is_none() {
            self.person = self.away_rows().first().map(|row| row.person.id.0.clone());
        }
    }

    fn select_at(&mut self, change: impl Fn(usize, usize) -> usize) {
        match self.focus {
            Pane::HomeInbox => {
                let rows = self.inbox.value().map_or(&[][..], |page| page.rows.as_slice());
                let at = rows.iter().position(|row| Some(row.key) == self.message).unwrap_or(0);
                self.message = rows.get(change(at, rows.len())).map(|row| row.key);
            }
            Pane::HomeAway => {
                let rows = self.away_rows();
                let at = rows.iter().position(|row| Some(&row.person.id.0) == self.person.as_ref()).unwrap_or(0);
                self.person = rows.get(change(at, rows.len())).map(|row| row.person.id.0.clone());
            }
            _ => {
                let events = self.agenda.value().map_or(&[][..], |agenda| agenda.events.as_slice());
                let at = events.iter().position(|event| Some(&event.id) == self.event.as_ref()).unwrap_or(0);
                self.event = events.get(change(at, events.len())).map(|event| event.id.clone());
            }
        }
    }

    fn step_pane(&mut self, steps: isize) {
        let order = [Pane::HomeAgenda, Pane::HomeInbox, Pane::HomeAway];
        let at = order.iter().position(|pane| *pane == self.focus).unwrap_or(0);
        self.focus = order[(at + order.len()).wrapping_add_signed(steps) % order.len()];
    }
}

impl Surface for Home {
    fn context(&self) -> KeyContext {
        KeyContext::Home
    }

    fn hints(&self) -> &'static [CommandId] {
        match self.focus {
            Pane::HomeAgenda => &[
                CommandId::Open,
                CommandId::NextPane,
                CommandId::OpenOutside,
                CommandId::FindTimeWith,
                CommandId::Mail,
                CommandId::Calendar,
                CommandId::FindTime,
                CommandId::Away,
            ],
            _ => &[
                CommandId::Open,
                CommandId::NextPane,
                CommandId::PersonCard,
                CommandId::FindTimeWith,
                CommandId::Mail,
                CommandId::Calendar,
                CommandId::FindTime,
                CommandId::Away,
            ],
        }
    }

    fn pane(&self) -> Pane {
        self.focus
    }

    fn entered(&mut self, turn: &mut Turn<'_>) {
        self.ask_agenda(turn);
        self.ask_inbox(turn);
        self.ask_away(turn);
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        match wake {
            Wake::Stale if !turn.session.is_offline() => self.ask_away(turn),
            _ => {}
        }
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        let page = usize::from(turn.session.size.height / 2);
        match motion {
            Motion::NextPane | Motion::Right => self.step_pane(1),
            Motion::PreviousPane | Motion::Left => self.step_pane(-1),
            Motion::Next | Motion::NextThing => self.select_at(|at, count| (at + 1).min(count.saturating_sub(1))),
            Motion::Previous | Motion::PreviousThing => self.select_at(|at, _| at.saturating_sub(1)),
            Motion::First => self.select_at(|_, _| 0),
            Motion::Last => self.select_at(|_, count| count.saturating_sub(1)),
            Motion::HalfPageDown | Motion::PageDown | Motion::NextGroup => {
                self.select_at(|at, count| (at + page).min(count.saturating_sub(1)));
            }
            Motion::HalfPageUp | Motion::PageUp | Motion::PreviousGroup => {
                self.select_at(|at, _| at.saturating_sub(page));
            }
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        let step = match self.focus {
            Pane::HomeInbox => self.selected_message().map(Mail::step_to),
            Pane::HomeAway => self.person().map(Step::Card),
            _ => self.selected_event().map(|event| Step::Event(event.id.clone(), first_day(event, turn.zone))),
        };
        if let Some(step) = step {
            turn.step(step);
        }
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        let is_taken = self.agenda.take(ticket, result, |answer| match answer {
            Answer::Agenda { from, events, .. } => Some(Agenda { from: *from, events: events.clone() }),
            _ => None,
        }) || self.inbox.take(ticket, result, |answer| match answer {
            Answer::Messages(page) => Some(page.clone()),
            _ => None,
        }) || self.away.take(ticket, result, |answer| match answer {
            Answer::Away(board) => Some(board.clone()),
            _ => None,
        });
        if !is_taken {
            return false;
        }
        self.settle_selection(turn);
        true
    }

    fn notice(&mut self, notice: &Notice, is_shown: bool, turn: &mut Turn<'_>) {
        if !is_shown {
            // Everything is asked anew when the view is entered.
            return;
        }
        match notice {
            Notice::EventsChanged => self.ask_agenda(turn),
            Notice::PeopleChanged => self.ask_away(turn),
            Notice::MessagesChanged(folder) => {
                let is_inbox = turn.session.folder(folder).is_some_and(|folder| folder.role == Some(FolderRole::Inbox));
                if is_inbox {
                    self.ask_inbox(turn);
                }
            }
            _ => {}
        }
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        match target {
            Target::Event(id) => {
                self.focus = Pane::HomeAgenda;
                self.event = Some(id.clone());
            }
            Target::Message(key) => {
                self.focus = Pane::HomeInbox;
                self.message = Some(*key);
            }
            Target::Person(PersonRef::Id(id)) => {
                self.focus = Pane::HomeAway;
                self.person = Some(id.0.clone());
            }
            Target::Pane(pane @ (Pane::HomeAgenda | Pane::HomeInbox | Pane::HomeAway)) => {
                self.focus = *pane;
                return;
            }
            _ => return,
        }
        if is_double {
            self.open(turn);
        }
    }

    fn wheel(&mut self, target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        match target {
            Some(Target::Message(_) | Target::Pane(Pane::HomeInbox)) => self.focus = Pane::HomeInbox,
            Some(Target::Event(_) | Target::Pane(Pane::HomeAgenda)) => self.focus = Pane::HomeAgenda,
            Some(Target::Person(_) | Target::Pane(Pane::HomeAway)) => self.focus = Pane::HomeAway,
            _ => return,
        }
        let motion = if steps > 0 { Motion::Next } else { Motion::Previous };
        self.motion(motion, turn);
    }

    fn person(&self) -> Option<PersonRef> {
        let of = |recipient: &Recipient| PersonRef::Address {
            address: recipient.address.clone(),
            name: recipient.label().to_owned(),
        };
        match self.focus {
            Pane::HomeInbox => self.selected_message()?.message.from.as_ref().map(of),
            Pane::HomeAway => self.selected_away().map(|row| PersonRef::Id(row.person.id.clone())),
            _ => self.selected_event()?.organizer.as_ref().map(of),
        }
    }

    fn people(&self) -> Vec<Recipient> {
        match self.focus {
            Pane::HomeInbox => self.selected_message().and_then(|row| row.message.from.clone()).into_iter().collect(),
            Pane::HomeAway => self
                .selected_away()
                .map(|row| Recipient { name: row.person.name.clone(), address: row.person.address.clone() })
                .into_iter()
                .collect(),
            _ => self.selected_event().map(people_of_event).unwrap_or_default(),
        }
    }

    fn copy(&self, part: CopyPart, zone: &Zone) -> Option<String> {
        match (self.focus, part) {
            (_, CopyPart::Link) => self.link(),
            (Pane::HomeInbox, CopyPart::Address) => {
                self.selected_message()?.message.from.as_ref().map(|from| from.address.clone())
            }
            (Pane::HomeInbox, _) => {
                let message = &self.selected_message()?.message;
                Some(format!("{}  {}", message.from.as_ref().map_or("", Recipient::label), message.subject))
            }
            (Pane::HomeAway, CopyPart::Address) => Some(self.selected_away()?.person.address.clone()),
            (Pane::HomeAway, _) => Some(self.selected_away()?.person.name.clone()),
            (_, CopyPart::Address) => Some(self.selected_event()?.organizer.as_ref()?.address.clone()),
            (..) => self.selected_event().map(|event| event_line(event, zone)),
        }
    }

    fn link(&self) -> Option<String> {
        match self.focus {
            Pane::HomeAgenda => {
                let event = self.selected_event()?;
                event.join_url.clone().or_else(|| event.web_link.clone())
            }
            _ => None,
        }
    }

    fn interest(&self, session: &Session, interest: &mut Interest) {
        interest.calendar = true;
        interest.days = self.agenda.value().map(|agenda| (agenda.from, when::plus_days(agenda.from, 2)));
        interest.folder = self.inbox.value().map(|page| page.folder.clone());
        let newest = self.inbox.value().map_or(&[][..], |page| page.rows.as_slice());
        interest.see_senders(newest.iter().map(|row| &row.message), session);
        // Whether they are away is on the screen, for each of them.
        let board = self.away.value().map_or(&[][..], |board| board.rows.as_slice());
        interest.people.extend(board.iter().map(|row| row.person.id.clone()));
    }
}

/// Organizer and people invited, rooms left out.
#[must_use]
pub fn people_of_event(event: &Event) -> Vec<Recipient> {
    let attendees = event.attendees.iter().filter(|attendee| !attendee.is_resource);
    let mut people: Vec<Recipient> = event.organizer.iter().cloned().collect();
    for attendee in attendees {
        let is_new = !people.iter().any(|person| person.address.eq_ignore_ascii_case(&attendee.recipient.address));
        if is_new {
            people.push(attendee.recipient.clone());
        }
    }
    people
}

/// The day an event begins on.
#[must_use]
pub fn first_day(event: &Event, zone: &Zone) -> Date {
    match event.when {
        When::AllDay { start, .. } => start,
        When::Timed(span) => when::date(span.start, zone),
    }
}

/// An event as a line of text.
#[must_use]
pub fn event_line(event: &Event, zone: &Zone) -> String {
    let time = match event.when {
        When::AllDay { start, .. } => format!("{} all day", start.strftime("%a %-d %b")),
        When::Timed(span) => {
            let (start, end) = (when::wall(span.start, zone), when::wall(span.end, zone));
            format!("{}-{}", start.strftime("%a %-d %b %H:%M"), end.strftime("%H:%M"))
        }
    };
    let place = if event.location.is_empty() { String::new() } else { format!("  {}", event.location) };
    format!("{time}  {}{place}", event.subject)
}
