//! The calendar: day, week, work week and agenda over the same events.
//!
//! A cursor day and the id of an event are all that is chosen; what is drawn follows from them. Events are asked for a step further in
//! both directions than is shown, so that the next day or week is there on the next frame.
//! What is changed goes through `deed` and `form`; `mark` is a range of time, `find` looks for events. Deliberately absent: months.

pub mod chooser;
pub mod deed;
pub mod fields;
pub mod find;
pub mod form;
pub mod lanes;
pub mod mark;

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::event::{Event, EventId, When};
use crate::domain::mail::Recipient;
use crate::domain::notice::Notice;
use crate::domain::request::{Answer, PersonRef, Request};
use crate::domain::time::{Zone, add_days, add_months, clock_time, days_between, long_date, week_start};
use crate::state::command::CommandId;
use crate::state::event::{Interest, Ticket};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{CopyPart, Motion, Step, Surface, Turn};
use crate::state::target::Target;
use crate::state::when;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

/// How many days the agenda lists.
pub const AGENDA_DAYS: i64 = 14;
/// Minutes that one row of the grid can stand for, from fine to coarse.
const ROW_MINUTES: [u16; 3] = [15, 30, 60];
/// The hour at the top of the grid when nothing else says where to look.
const FIRST_HOUR: i32 = 8;
/// Below this many columns the calendar begins with the work week.
const WIDE_ENOUGH_FOR_A_WEEK: u16 = 100;
/// Days asked for beyond what is shown, before and after.
const MARGIN_DAYS: i64 = 14;

/// How the calendar is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// One day.
    Day,
    /// Monday to Sunday.
    #[default]
    Week,
    /// Monday to Friday.
    WorkWeek,
    /// A list of two weeks.
    Agenda,
}

/// Events of a stretch of days.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// First day.
    pub from: Date,
    /// The day after the last.
    pub to: Date,
    /// Events, sorted by start.
    pub events: Vec<Event>,
    /// When the calendar was last in step; `None`: never.
    pub as_of: Option<Timestamp>,
}

/// The calendar.
#[derive(Clone, Debug)]
pub struct Calendar {
    mode: Mode,
    day: Option<Date>,
    selected: Option<EventId>,
    events: Slot<Loaded>,
    row_minutes: u16,
    /// Minute of the day in the top row of the grid.
    top: i32,
    is_detail_open: bool,
    shows_second_zone: bool,
    saving: Option<Ticket>,
    mark: Option<mark::Mark>,
    find: find::Find,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            day: None,
            selected: None,
            events: Slot::default(),
            row_minutes: 30,
            top: FIRST_HOUR * 60,
            is_detail_open: false,
            shows_second_zone: true,
            saving: None,
            mark: None,
            find: find::Find::default(),
        }
    }
}

impl Calendar {
    /// How it is shown.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The cursor day; `None` until the view was first entered.
    #[must_use]
    pub const fn day(&self) -> Option<Date> {
        self.day
    }

    /// Events with the question that is under way.
    #[must_use]
    pub const fn events(&self) -> &Slot<Loaded> {
        &self.events
    }

    /// Minutes one row of the grid stands for.
    #[must_use]
    pub const fn row_minutes(&self) -> u16 {
        self.row_minutes
    }

    /// Minute of the day in the top row of the grid.
    #[must_use]
    pub const fn top(&self) -> i32 {
        self.top
    }

    /// Whether everything known about the event is shown.
    #[must_use]
    pub const fn is_detail_open(&self) -> bool {
        self.is_detail_open
    }

    /// Whether the second zone's hours stand beside one's own, where one is configured.
    #[must_use]
    pub const fn shows_second_zone(&self) -> bool {
        self.shows_second_zone
    }

    /// The event under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Event> {
        let id = self.selected.as_ref()?;
        self.all().iter().find(|event| event.id == *id)
    }

    /// First day shown and how many.
    #[must_use]
    pub fn shown(&self) -> Option<(Date, i64)> {
        let day = self.day?;
        Some(match self.mode {
            Mode::Day => (day, 1),
            Mode::Week => (week_start(day, Weekday::Monday), 7),
            Mode::WorkWeek => (week_start(day, Weekday::Monday), 5),
            Mode::Agenda => (day, AGENDA_DAYS),
        })
    }

    /// The events that touch a day, all-day ones first, then by start.
    pub fn on<'a>(&'a self, day: Date, zone: &'a Zone) -> impl Iterator<Item = &'a Event> + 'a {
        self.all().iter().filter(move |event| touches(event, day, zone))
    }

    /// Shows a day, and puts the cursor on an event of it if one is named.
    pub fn show(&mut self, date: Date, event: Option<EventId>, turn: &mut Turn<'_>) {
        self.day = Some(date);
        self.selected = event;
        self.ask_if_needed(turn);
        self.reveal(turn.zone, rows_of_grid(turn));
    }

    /// Shows it another way.
    pub fn set_mode(&mut self, mode: Mode, turn: &mut Turn<'_>) {
        self.mode = mode;
        self.unmark();
        // A work week has no place for a cursor on Sunday.
        if let (Mode::WorkWeek, Some(day)) = (mode, self.day) {
            self.day = Some(day.min(add_days(week_start(day, Weekday::Monday), 4)));
        }
        self.ask_if_needed(turn);
        self.settle_selection(turn);
    }

    /// Today, and what is on now or comes next.
    pub fn today(&mut self, turn: &mut Turn<'_>) {
        self.day = Some(turn.today());
        self.selected = None;
        self.ask_if_needed(turn);
        self.settle_selection(turn);
    }

    /// Finer (-1) or coarser (1) rows.
    pub fn zoom(&mut self, step: isize, turn: &mut Turn<'_>) {
        let at = ROW_MINUTES.iter().position(|minutes| *minutes == self.row_minutes).unwrap_or(1);
        let to = at.saturating_add_signed(step).min(ROW_MINUTES.len() - 1);
        self.row_minutes = ROW_MINUTES[to];
        self.fit_mark();
        self.reveal(turn.zone, rows_of_grid(turn));
    }

    /// Shows or hides the second zone; says so if none is configured.
    pub fn toggle_second_zone(&mut self, turn: &mut Turn<'_>) {
        if turn.session.second_zone.is_none() {
            turn.tell("No second zone is configured; write second_zone under [time] in config.toml.");
            return;
        }
        self.shows_second_zone = !self.shows_second_zone;
    }

    fn all(&self) -> &[Event] {
        self.events.value().map_or(&[], |loaded| loaded.events.as_slice())
    }

    fn ask(&mut self, turn: &mut Turn<'_>) {
        if let Some((from, days)) = self.shown() {
            let from = add_days(from, -MARGIN_DAYS);
            self.events.ask(Request::Agenda { from, to: add_days(from, days + 2 * MARGIN_DAYS) }, turn);
        }
    }

    /// Asks when a step in either direction would leave what is loaded.
    fn ask_if_needed(&mut self, turn: &mut Turn<'_>) {
        let Some((from, days)) = self.shown() else { return };
        let has_enough = self.events.value().is_some_and(|loaded| {
            loaded.from <= add_days(from, -days.min(7)) && add_days(from, days + days.min(7)) <= loaded.to
        });
        if !has_enough {
            self.ask(turn);
        }
    }

    /// Keeps the cursor on an event of the cursor day: the chosen one, else what is on now, else the next, else the last.
    fn settle_selection(&mut self, turn: &Turn<'_>) {
        let Some(day) = self.day else { return };
        if self.selected().is_some_and(|event| touches(event, day, turn.zone)) {
            self.reveal(turn.zone, rows_of_grid(turn));
            return;
        }
        let now = turn.now;
        let is_today = day == turn.today();
        let candidates: Vec<&Event> = self.on(day, turn.zone).collect();
        let timed = |event: &&Event| match event.when {
            When::Timed(span) => !is_today || span.end > now,
            When::AllDay { .. } => false,
        };
        let choice =
            candidates.iter().copied().find(timed).or_else(|| candidates.last().copied()).map(|event| event.id.clone());
        self.selected = choice;
        self.reveal(turn.zone, rows_of_grid(turn));
    }

    /// Moves by days and takes the event nearest in time of day with it.
    fn move_days(&mut self, days: i64, turn: &mut Turn<'_>) {
        let Some(day) = self.day else { return };
        let minute = self.selected().and_then(|event| start_minute(event, day, turn.zone));
        let mut to = add_days(day, days);
        if self.mode == Mode::WorkWeek && days.abs() == 1 {
            to = match to.weekday() {
                Weekday::Saturday => add_days(to, if days > 0 { 2 } else { -1 }),
                Weekday::Sunday => add_days(to, if days > 0 { 1 } else { -2 }),
                _ => to,
            };
        }
        self.go_to(to, minute, turn);
    }

    fn go_to(&mut self, to: Date, minute: Option<i32>, turn: &mut Turn<'_>) {
        self.day = Some(to);
        let nearest = minute.and_then(|minute| {
            self.on(to, turn.zone)
                .filter_map(|event| Some((start_minute(event, to, turn.zone)?, event)))
                .min_by_key(|(start, _)| (start - minute).abs())
                .map(|(_, event)| event.id.clone())
        });
        self.selected = nearest;
        self.ask_if_needed(turn);
        self.settle_selection(turn);
    }

    /// To the next or previous event, over the border of the day into the next that has one within what is loaded.
    fn move_event(&mut self, steps: isize, turn: &mut Turn<'_>) {
        let Some(day) = self.day else { return };
        let of_day: Vec<EventId> = self.on(day, turn.zone).map(|event| event.id.clone()).collect();
        let at = self.selected.as_ref().and_then(|id| of_day.iter().position(|each| each == id));
        let to = match at {
            Some(at) => at.checked_add_signed(steps),
            None if steps > 0 => Some(0),
            None => None,
        };
        if let Some(id) = to.and_then(|to| of_day.get(to)) {
            self.selected = Some(id.clone());
        } else if let Some((next, id)) = self.neighbour(day, steps > 0, turn.zone) {
            self.day = Some(next);
            self.selected = Some(id);
            self.ask_if_needed(turn);
        }
        self.reveal(turn.zone, rows_of_grid(turn));
    }

    fn neighbour(&self, day: Date, is_forward: bool, zone: &Zone) -> Option<(Date, EventId)> {
        let loaded = self.events.value()?;
        let mut next = day;
        loop {
            next = add_days(next, if is_forward { 1 } else { -1 });
            if next < loaded.from || next >= loaded.to {
                return None;
            }
            let mut of_day = self.on(next, zone);
            let found = if is_forward { of_day.next() } else { of_day.last() };
            if let Some(event) = found {
                return Some((next, event.id.clone()));
            }
        }
    }

    /// Scrolls the grid as little as shows the chosen event's start.
    fn reveal(&mut self, zone: &Zone, rows: i32) {
        let minutes = i32::from(self.row_minutes);
        let height = (rows * minutes).min(24 * 60);
        if let (Some(day), Some(event)) = (self.day, self.selected())
            && let Some(start) = start_minute(event, day, zone)
        {
            let start = start - start % minutes;
            if start < self.top {
                self.top = start;
            } else if start + minutes > self.top + height {
                self.top = start + minutes - height;
            }
        }
        self.scroll_to(self.top, rows);
    }

    fn scroll_to(&mut self, top: i32, rows: i32) {
        let minutes = i32::from(self.row_minutes);
        let last = (24 * 60 - rows * minutes).max(0);
        let top = top.clamp(0, last);
        self.top = top - top % minutes;
    }

    fn step_days(&self) -> i64 {
        match self.mode {
            Mode::Day => 1,
            Mode::Week | Mode::WorkWeek | Mode::Agenda => 7,
        }
    }
}

/// Rows of the grid on this screen: the body without its rule, the names of the days, the all-day row and the pane below.
fn rows_of_grid(turn: &Turn<'_>) -> i32 {
    let body = turn.session.screen().body.height;
    i32::from(body.saturating_sub(3 + detail_rows(body, false))).max(1)
}

/// Rows of the pane that tells about the event under the cursor.
#[must_use]
pub const fn detail_rows(body: u16, is_open: bool) -> u16 {
    match (body, is_open) {
        (_, true) => body / 2,
        (0..=17, false) => 0,
        (18..=27, false) => 3,
        (_, false) => 5,
    }
}

/// Whether the event stands on that day. One that ends at midnight does not touch the next day.
#[must_use]
pub fn touches(event: &Event, day: Date, zone: &Zone) -> bool {
    match event.when {
        When::AllDay { start, end } => start <= day && day < end.max(add_days(start, 1)),
        When::Timed(span) => {
            let first = when::date(span.start, zone);
            let last = when::wall(span.end, zone);
            let ends_at_midnight = last.time() == jiff::civil::Time::midnight() && span.end > span.start;
            let last = if ends_at_midnight { add_days(last.date(), -1) } else { last.date() };
            first <= day && day <= last
        }
    }
}

/// The minute of the day at which a timed event begins on that day; 0 if it began earlier. `None` for all-day events.
#[must_use]
pub fn start_minute(event: &Event, day: Date, zone: &Zone) -> Option<i32> {
    let When::Timed(span) = event.when else { return None };
    let wall = when::wall(span.start, zone);
    Some(if wall.date() < day { 0 } else { minute(wall.time()) })
}

/// The minute of the day at which a timed event ends on that day; 1440 if it goes on.
#[must_use]
pub fn end_minute(event: &Event, day: Date, zone: &Zone) -> Option<i32> {
    let When::Timed(span) = event.when else { return None };
    let wall = when::wall(span.end, zone);
    Some(if wall.date() > day { 24 * 60 } else { minute(wall.time()) })
}

pub(in crate::state::calendar) fn minute(time: jiff::civil::Time) -> i32 {
    i32::from(time.hour()) * 60 + i32::from(time.minute())
}

/// "10:30-11:30", "all day", or with dates where it is longer than a day.
#[must_use]
pub fn when_words(event: &Event, zone: &Zone) -> String {
    match event.when {
        When::AllDay { start, end } => {
            let last = add_days(end, -1).max(start);
            if days_between(start, last) == 0 {
                format!("{}, all day", long_date(start))
            } else {
                format!("{} to {}, all day", long_date(start), long_date(last))
            }
        }
        When::Timed(span) => {
            let rules = when::rules(zone);
            let (first, last) = (when::date(span.start, zone), when::date(span.end, zone));
            let (start, end) = (clock_time(span.start, &rules), clock_time(span.end, &rules));
            if first == last {
                format!("{}  {start}-{end}", long_date(first))
            } else {
                format!("{} {start} to {} {end}", long_date(first), long_date(last))
            }
        }
    }
}

impl Calendar {
    /// Saves the event under the cursor into a calendar file.
    pub fn save_file(&mut self, turn: &mut Turn<'_>) {
        let Some(event) = self.selected().cloned() else { return };
        let subject = if event.subject.trim().is_empty() { "event" } else { event.subject.trim() };
        let name = format!("{}.ics", crate::base::text::cut(subject, 60));
        self.saving = Some(turn.ask(Request::SaveEvents { events: vec![event], name }));
    }
}

impl Surface for Calendar {
    fn context(&self) -> KeyContext {
        KeyContext::Calendar
    }

    fn hints(&self) -> &'static [CommandId] {
        &[
            CommandId::CalendarNextHit,
            CommandId::CalendarPreviousHit,
            CommandId::Open,
            CommandId::EventCreate,
            CommandId::CalendarMark,
            CommandId::EventEdit,
            CommandId::InvitationAccept,
            CommandId::EventDelete,
            CommandId::CalendarToday,
            CommandId::CalendarFind,
            CommandId::NextThing,
            CommandId::CalendarDay,
            CommandId::CalendarWeek,
            CommandId::CalendarAgenda,
            CommandId::PersonCard,
            CommandId::FindTimeWith,
            CommandId::OpenOutside,
        ]
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        match command {
            CommandId::Open if self.find.line().is_some() => Some("stay there"),
            CommandId::Open if self.mark.is_some() => Some("new event"),
            _ => None,
        }
    }

    fn entered(&mut self, turn: &mut Turn<'_>) {
        if !turn.session.is_open(Feature::Calendar) {
            return;
        }
        if self.day.is_none() {
            self.day = Some(turn.today());
            // Seven days are too narrow to read there; at the weekend the days ahead matter.
            if turn.session.size.width < WIDE_ENOUGH_FOR_A_WEEK {
                self.mode = Mode::WorkWeek;
                self.day = Some(match turn.today().weekday() {
                    Weekday::Saturday | Weekday::Sunday => add_days(week_start(turn.today(), Weekday::Monday), 7),
                    _ => turn.today(),
                });
            }
            let rows = rows_of_grid(turn);
            self.scroll_to(FIRST_HOUR * 60, rows);
        }
        self.ask(turn);
    }

    fn resized(&mut self, turn: &mut Turn<'_>) {
        let rows = rows_of_grid(turn);
        self.reveal(turn.zone, rows);
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        let rows = rows_of_grid(turn);
        let page = rows * i32::from(self.row_minutes);
        let is_list = self.mode == Mode::Agenda;
        if self.move_mark(motion, turn) {
            return true;
        }
        match motion {
            Motion::Next => self.move_event(1, turn),
            Motion::Previous => self.move_event(-1, turn),
            Motion::Left => self.move_days(-1, turn),
            Motion::Right => self.move_days(1, turn),
            Motion::NextThing => self.move_days(self.step_days(), turn),
            Motion::PreviousThing => self.move_days(-self.step_days(), turn),
            Motion::NextGroup | Motion::PreviousGroup => {
                let Some(day) = self.day else { return true };
                let months = if motion == Motion::NextGroup { 1 } else { -1 };
                self.go_to(add_months(day, months), None, turn);
            }
            Motion::PageDown | Motion::HalfPageDown if is_list => self.move_days(7, turn),
            Motion::PageUp | Motion::HalfPageUp if is_list => self.move_days(-7, turn),
            Motion::HalfPageDown => self.scroll_to(self.top + page / 2, rows),
            Motion::HalfPageUp => self.scroll_to(self.top - page / 2, rows),
            Motion::PageDown => self.scroll_to(self.top + page, rows),
            Motion::PageUp => self.scroll_to(self.top - page, rows),
            Motion::First | Motion::Last => {
                let Some(day) = self.day else { return true };
                let of_day: Vec<EventId> = self.on(day, turn.zone).map(|event| event.id.clone()).collect();
                self.selected = if motion == Motion::First { of_day.first().cloned() } else { of_day.last().cloned() };
                self.reveal(turn.zone, rows);
            }
            Motion::NextPane | Motion::PreviousPane => {
                self.is_detail_open = self.selected().is_some() && !self.is_detail_open
            }
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.take_find() {
            return true;
        }
        if self.mark.is_some() {
            turn.step(Step::Run(CommandId::EventCreate));
            return true;
        }
        if self.selected().is_none() {
            turn.tell("No event is under the cursor.");
        } else {
            self.is_detail_open = !self.is_detail_open;
        }
        true
    }

    fn close(&mut self, turn: &mut Turn<'_>) -> bool {
        self.unmark() || self.leave_find(turn) || std::mem::take(&mut self.is_detail_open)
    }

    fn field(&self) -> Option<&LineEdit> {
        self.find.line()
    }

    fn field_mut(&mut self) -> Option<&mut LineEdit> {
        self.find.line_mut()
    }

    fn edited(&mut self, turn: &mut Turn<'_>) {
        self.ask_find(turn);
    }

    fn dragged(&mut self, target: Option<&Target>, _is_over: bool, turn: &mut Turn<'_>) {
        if let (Some(Target::Instant(at)), true) = (target, self.mark.is_some()) {
            self.mark_with_mouse(*at, false, turn);
        }
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        if self.saving == Some(ticket) {
            self.saving = None;
            match result {
                Ok(Answer::Saved(path)) => {
                    turn.tell(format!("Saved as {}.", crate::base::text::tame(&path.display().to_string())));
                }
                Ok(_) => {}
                Err(report) => turn.step(Step::Problem(report.clone())),
            }
            return true;
        }
        if self.take_found(ticket, result, turn) {
            return true;
        }
        let is_taken = self.events.take(ticket, result, |answer| match answer {
            Answer::Agenda { from, to, events, as_of } => {
                let mut events = events.clone();
                // All-day events stand above the others of their day, whatever instant they are matched to.
                events.sort_by_key(|event| match event.when {
                    When::AllDay { start, .. } => (start, 0, Timestamp::MIN),
                    When::Timed(span) => (when::date(span.start, turn.zone), 1, span.start),
                });
                Some(Loaded { from: *from, to: *to, events, as_of: *as_of })
            }
            _ => None,
        });
        if !is_taken {
            return false;
        }
        self.settle_selection(turn);
        true
    }

    fn notice(&mut self, notice: &Notice, is_shown: bool, turn: &mut Turn<'_>) {
        if matches!(notice, Notice::EventsChanged) && is_shown && self.day.is_some() {
            self.ask(turn);
        }
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Instant(at) = target {
            self.mark_with_mouse(*at, true, turn);
            if is_double {
                turn.step(Step::Run(CommandId::EventCreate));
            }
            return;
        }
        let Target::Event(id) = target else { return };
        self.unmark();
        let found = self.all().iter().find(|event| event.id == *id);
        let Some(event) = found else { return };
        let start = match event.when {
            When::AllDay { start, .. } => start,
            When::Timed(span) => when::date(span.start, turn.zone),
        };
        let shown = self.shown().map_or(start, |(from, _)| start.max(from));
        self.selected = Some(id.clone());
        self.day = Some(shown);
        if is_double {
            self.is_detail_open = true;
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        if self.mode == Mode::Agenda {
            self.move_event(if steps > 0 { 1 } else { -1 }, turn);
        } else {
            let rows = rows_of_grid(turn);
            self.scroll_to(self.top + steps * i32::from(self.row_minutes), rows);
        }
    }

    fn person(&self) -> Option<PersonRef> {
        let event = self.selected()?;
        let organizer = if event.is_organizer { None } else { event.organizer.as_ref() };
        let who = organizer.or_else(|| {
            event.attendees.iter().find(|attendee| !attendee.is_resource).map(|attendee| &attendee.recipient)
        })?;
        Some(PersonRef::Address { address: who.address.clone(), name: who.name.clone() })
    }

    fn people(&self) -> Vec<Recipient> {
        let Some(event) = self.selected() else { return Vec::new() };
        let mut people: Vec<Recipient> = event.organizer.iter().filter(|_| !event.is_organizer).cloned().collect();
        for attendee in event.attendees.iter().filter(|attendee| !attendee.is_resource) {
            if !people.iter().any(|each| each.address.eq_ignore_ascii_case(&attendee.recipient.address)) {
                people.push(attendee.recipient.clone());
            }
        }
        people
    }

    fn copy(&self, part: CopyPart, zone: &Zone) -> Option<String> {
        let event = self.selected()?;
        match part {
            CopyPart::Line => Some(format!("{}  {}", when_words(event, zone), event.subject)),
            CopyPart::Address => event.organizer.as_ref().map(|organizer| organizer.address.clone()),
            CopyPart::Link => self.link(),
            CopyPart::Details => {
                let mut lines = vec![event.subject.clone(), when_words(event, zone)];
                if !event.location.is_empty() {
                    lines.push(event.location.clone());
                }
                lines.extend(event.join_url.clone());
                lines.extend(
                    event
                        .attendees
                        .iter()
                        .map(|attendee| format!("{} <{}>", attendee.recipient.label(), attendee.recipient.address)),
                );
                Some(lines.join("\n"))
            }
        }
    }

    fn link(&self) -> Option<String> {
        let event = self.selected()?;
        event.join_url.clone().or_else(|| event.web_link.clone())
    }

    fn interest(&self, _session: &Session, interest: &mut Interest) {
        interest.calendar = true;
        interest.days = self.shown().map(|(from, days)| (from, add_days(from, days)));
    }
}
