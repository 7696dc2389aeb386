//! The find-time view: several people's free/busy side by side, and the times that suit them.
//!
//! Me first; then whoever is added, by completion from the directory or as an address. What is asked for is always a whole week, so
//! that stepping through its days needs no network. Suggestions are ours (`domain::freebusy`), made anew when people, length or answers
//! change. Must stay true: what is unknown is never counted as free, and each row keeps its own error and age.
//! Whom it is asked about is in `asking`, what suits them in `suggesting`. Deliberately absent: keeping the meeting, which is the
//! form's.

mod asking;
mod suggesting;

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::freebusy::{Hindrance, Schedule, Suggestion};
use crate::domain::mail::Recipient;
use crate::domain::notice::Notice;
use crate::domain::person::Person;
use crate::domain::request::{Answer, FoundPeople, PersonRef, Request};
use crate::domain::time::{Span, Zone, add_days, after_minutes, day_start, week_start};
use crate::state::calendar::form::EventForm;
use crate::state::command::CommandId;
use crate::state::event::{Interest, Ticket, Wake};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{CopyPart, Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use crate::state::when;
use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp};

/// The directory is asked when typing has rested for this long.
const REST: SignedDuration = SignedDuration::from_millis(150);
/// Free/busy older than this is fetched anew on sight.
const STALE: SignedDuration = SignedDuration::from_mins(2);
/// Lengths of the meeting in minutes, in the order in which `m` walks them.
const LENGTHS: [u16; 5] = [30, 45, 60, 90, 15];
/// Hours of a day that are shown.
pub const HOURS: (i8, i8) = (7, 20);
/// Completions shown.
pub const MOST_COMPLETIONS: usize = 8;
/// Together with me, one call of the service [calendar-getschedule]; more are asked for in parts.
const MOST_PEOPLE: usize = 40;
/// Suggestions kept.
const MOST_SUGGESTIONS: usize = 40;
/// Minutes between the starts of suggested times.
const SUGGESTION_STEP: u16 = 15;

/// How much time a row shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// One day.
    #[default]
    Day,
    /// Monday to Friday, side by side.
    Week,
    /// Two of these weeks.
    Fortnight,
}

impl Scale {
    /// Weeks that are asked for and in which a time is looked for.
    const fn weeks(self) -> i64 {
        match self {
            Self::Day | Self::Week => 1,
            Self::Fortnight => 2,
        }
    }
}

/// Somebody a time is looked for with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Name and address.
    pub recipient: Recipient,
    /// They have to be there.
    pub is_required: bool,
    /// It is me.
    pub is_me: bool,
}

/// The find-time view.
#[derive(Clone, Debug, Default)]
pub struct FindTime {
    participants: Vec<Participant>,
    /// Address of the row under the cursor.
    selected: Option<String>,
    schedules: Slot<Vec<Schedule>>,
    day: Option<Date>,
    /// The first day of the weeks that are asked for.
    monday: Option<Date>,
    scale: Scale,
    /// Start of the proposed slot.
    slot: Option<Timestamp>,
    /// An index into [`LENGTHS`].
    length: usize,
    within_hours: bool,
    suggestions: Vec<Suggestion>,
    suggestion: Option<usize>,
    hindrances: Vec<Hindrance>,
    field: LineEdit,
    is_typing: bool,
    found: Slot<FoundPeople>,
    completion: usize,
}

impl FindTime {
    /// Who a time is looked for with, me first.
    #[must_use]
    pub fn participants(&self) -> &[Participant] {
        &self.participants
    }

    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Participant> {
        let address = self.selected.as_ref()?;
        self.participants.iter().find(|each| each.recipient.address.eq_ignore_ascii_case(address))
    }

    /// The answers with the question that is under way.
    #[must_use]
    pub const fn schedules(&self) -> &Slot<Vec<Schedule>> {
        &self.schedules
    }

    /// What is known of somebody's time.
    #[must_use]
    pub fn schedule(&self, participant: &Participant) -> Option<&Schedule> {
        let address = &participant.recipient.address;
        self.schedules.value()?.iter().find(|schedule| schedule.address.eq_ignore_ascii_case(address))
    }

    /// The day of the proposed slot.
    #[must_use]
    pub const fn day(&self) -> Option<Date> {
        self.day
    }

    /// How much time a row shows.
    #[must_use]
    pub const fn scale(&self) -> Scale {
        self.scale
    }

    /// Minutes of the meeting.
    #[must_use]
    pub fn length(&self) -> u16 {
        LENGTHS[self.length]
    }

    /// The proposed slot.
    #[must_use]
    pub fn slot(&self) -> Option<Span> {
        Some(Span::of_minutes(self.slot?, u32::from(self.length())))
    }

    /// Whether only times within everybody's hours are suggested.
    #[must_use]
    pub const fn within_hours(&self) -> bool {
        self.within_hours
    }

    /// Times that suit, the best first, and which of them is proposed.
    #[must_use]
    pub fn suggestions(&self) -> (&[Suggestion], Option<usize>) {
        (&self.suggestions, self.suggestion)
    }

    /// Where nothing suits: who stands in the way, and when it would be without them.
    #[must_use]
    pub fn hindrances(&self) -> &[Hindrance] {
        &self.hindrances
    }

    /// What is typed.
    #[must_use]
    pub const fn line(&self) -> &LineEdit {
        &self.field
    }

    /// Whether the letters go into the field.
    #[must_use]
    pub const fn is_typing(&self) -> bool {
        self.is_typing
    }

    /// The directory's answer to what is typed.
    #[must_use]
    pub const fn found(&self) -> &Slot<FoundPeople> {
        &self.found
    }

    /// Who may be meant by what is typed, without those who are there already.
    #[must_use]
    pub fn completions(&self) -> Vec<&Person> {
        let typed = self.field.text().trim();
        if typed.is_empty() {
            return Vec::new();
        }
        let people =
            self.found.value().filter(|found| is_about(&found.text, typed)).map_or(&[][..], |found| &found.people);
        let is_new = |person: &&Person| {
            !person.address.is_empty()
                && !self.participants.iter().any(|each| each.recipient.address.eq_ignore_ascii_case(&person.address))
        };
        people.iter().filter(is_new).take(MOST_COMPLETIONS).collect()
    }

    /// The completion under the cursor.
    #[must_use]
    pub const fn completion(&self) -> usize {
        self.completion
    }

    /// The days shown.
    #[must_use]
    pub fn days(&self) -> Vec<Date> {
        let Some(day) = self.day else { return Vec::new() };
        match self.scale {
            Scale::Day => vec![day],
            Scale::Week | Scale::Fortnight => {
                let monday = self.monday.unwrap_or(week_start(day, Weekday::Monday));
                let weeks = (0..self.scale.weeks()).map(|week| add_days(monday, 7 * week));
                weeks.flat_map(|monday| (0..5).map(move |step| add_days(monday, step))).collect()
            }
        }
    }

    /// The shown hours of a day.
    #[must_use]
    pub fn hours_of(day: Date, zone: &Zone) -> Span {
        let at = |hour: i8| when::instant(day, Time::constant(hour, 0, 0, 0), zone);
        Span { start: at(HOURS.0), end: at(HOURS.1) }
    }

    /// Looks for a time with these people.
    pub fn with(&mut self, people: Vec<Recipient>, turn: &mut Turn<'_>) {
        self.participants.clear();
        self.begin(turn);
        for recipient in people {
            self.add(recipient, turn);
        }
        self.is_typing = false;
        self.ask(turn);
    }

    /// Opens the field in which a name is typed.
    pub fn start_typing(&mut self) {
        self.is_typing = true;
    }

    /// Takes the person under the cursor off.
    pub fn remove(&mut self, turn: &mut Turn<'_>) {
        let Some(selected) = self.selected().cloned() else { return };
        if selected.is_me {
            turn.tell("You are always there; make yourself optional with x.");
            return;
        }
        let at = self.participants.iter().position(|each| *each == selected).unwrap_or(0);
        self.participants.remove(at);
        self.selected =
            self.participants.get(at).or(self.participants.last()).map(|each| each.recipient.address.clone());
        turn.tell(format!("{} was taken off.", selected.recipient.label()));
        self.recount(turn);
    }

    /// Switches the person under the cursor between required and optional.
    pub fn toggle_required(&mut self, turn: &mut Turn<'_>) {
        let Some(address) = self.selected.clone() else { return };
        if let Some(each) =
            self.participants.iter_mut().find(|each| each.recipient.address.eq_ignore_ascii_case(&address))
        {
            each.is_required = !each.is_required;
        }
        self.recount(turn);
    }

    /// Another length of the meeting.
    pub fn next_length(&mut self, turn: &mut Turn<'_>) {
        self.length = (self.length + 1) % LENGTHS.len();
        self.recount(turn);
    }

    /// Suggests only times within everybody's hours, or all.
    pub fn toggle_within_hours(&mut self, turn: &mut Turn<'_>) {
        self.within_hours = !self.within_hours;
        self.recount(turn);
    }

    /// Shows less, larger (-1), or more, smaller (1): a day, a week, two weeks.
    pub fn zoom(&mut self, steps: i32, turn: &mut Turn<'_>) {
        let scales = [Scale::Day, Scale::Week, Scale::Fortnight];
        let at = scales.iter().position(|scale| *scale == self.scale).unwrap_or(0);
        let to = at.saturating_add_signed(steps.signum() as isize).min(scales.len() - 1);
        let before = self.window(turn.zone);
        self.scale = scales[to];
        // The week of the day is the first of what is asked for.
        self.monday = self.day.map(|day| week_start(day, Weekday::Monday));
        if self.window(turn.zone) != before {
            self.ask(turn);
        }
    }

    /// Opens the form of a meeting in the proposed slot, with everybody invited.
    fn meet(&mut self, turn: &mut Turn<'_>) {
        if let Some(why) = turn.session.why_not(Feature::CalendarWrite) {
            return turn.tell(why);
        }
        let Some(slot) = self.slot() else { return };
        let others = self.participants.iter().filter(|each| !each.is_me);
        let people: Vec<(Recipient, bool)> = others.map(|each| (each.recipient.clone(), !each.is_required)).collect();
        let form = EventForm::at(slot, &people, turn);
        turn.step(Step::FillEvent(Box::new(form)));
    }

    /// Back to today.
    pub fn today(&mut self, turn: &mut Turn<'_>) {
        self.go_to(turn.today(), turn);
    }

    /// Me, today, and the next half hour.
    fn begin(&mut self, turn: &mut Turn<'_>) {
        if self.participants.is_empty()
            && let Some(me) = &turn.session.me
            && !me.person.address.is_empty()
        {
            let recipient = Recipient { name: me.person.name.clone(), address: me.person.address.clone() };
            self.selected = Some(recipient.address.clone());
            self.participants.push(Participant { recipient, is_required: true, is_me: true });
        }
        if self.day.is_none() {
            let day = self.first_day(turn);
            self.day = Some(day);
            self.settle_weeks();
            self.slot = Some(self.default_slot(day, turn));
        }
    }

    /// Today while something of it is left, else the next day on which most people work.
    fn first_day(&self, turn: &Turn<'_>) -> Date {
        let today = turn.today();
        let is_over = turn.now >= Self::hours_of(today, turn.zone).end;
        let mut day = if is_over { add_days(today, 1) } else { today };
        while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            day = add_days(day, 1);
        }
        day
    }

    fn default_slot(&self, day: Date, turn: &Turn<'_>) -> Timestamp {
        if day == turn.today() {
            let minutes = turn.now.as_second().div_euclid(1800) * 1800 + 1800;
            let next = Timestamp::from_second(minutes).unwrap_or(turn.now);
            if Self::hours_of(day, turn.zone).contains(next) {
                return next;
            }
        }
        when::instant(day, Time::constant(9, 0, 0, 0), turn.zone)
    }

    /// The weeks shown, from midnight to midnight.
    fn window(&self, zone: &Zone) -> Option<Span> {
        let monday = self.monday?;
        let rules = when::rules(zone);
        Some(Span {
            start: day_start(monday, &rules),
            end: day_start(add_days(monday, 7 * self.scale.weeks()), &rules),
        })
    }

    /// The Monday from which weeks are shown, so that the day lies in them; it stays as long as it does.
    fn settle_weeks(&mut self) {
        let Some(day) = self.day else { return };
        let is_shown =
            self.monday.is_some_and(|monday| monday <= day && day < add_days(monday, 7 * self.scale.weeks()));
        if !is_shown {
            self.monday = Some(week_start(day, Weekday::Monday));
        }
    }

    fn move_person(&mut self, steps: isize) {
        let at = self.selected.as_ref().and_then(|address| {
            self.participants.iter().position(|each| each.recipient.address.eq_ignore_ascii_case(address))
        });
        let to = at.unwrap_or(0).saturating_add_signed(steps).min(self.participants.len().saturating_sub(1));
        self.selected = self.participants.get(to).map(|each| each.recipient.address.clone());
    }

    /// Moves the proposed slot; over the end of the shown hours into the next day.
    fn move_slot(&mut self, steps: i64, turn: &mut Turn<'_>) {
        let (Some(slot), Some(day)) = (self.slot, self.day) else { return };
        let minutes = if self.scale == Scale::Day { 15 } else { 60 };
        let to = after_minutes(slot, steps * minutes);
        let hours = Self::hours_of(day, turn.zone);
        let to = if to < hours.start {
            let before = add_days(day, -1);
            after_minutes(Self::hours_of(before, turn.zone).end, -i64::from(self.length()))
        } else if to >= hours.end {
            Self::hours_of(add_days(day, 1), turn.zone).start
        } else {
            to
        };
        self.slot = Some(to);
        // A time of one's own choice: the next suggestion is the best one again.
        self.suggestion = None;
        let date = when::date(to, turn.zone);
        if date != day {
            self.change_day(date, turn);
        }
    }

    /// To a day, keeping the time of the proposed slot.
    fn go_to(&mut self, day: Date, turn: &mut Turn<'_>) {
        let time = self.slot.map(|slot| when::wall(slot, turn.zone).time());
        self.slot = Some(match time {
            Some(time) => when::instant(day, time, turn.zone),
            None => self.default_slot(day, turn),
        });
        self.change_day(day, turn);
    }

    fn change_day(&mut self, day: Date, turn: &mut Turn<'_>) {
        let before = self.window(turn.zone);
        self.day = Some(day);
        self.settle_weeks();
        self.suggestion = None;
        if self.window(turn.zone) != before {
            self.ask(turn);
        }
    }
}

/// Whether an answer about `asked` still helps with what is typed: the one begins with the other.
fn is_about(asked: &str, typed: &str) -> bool {
    let (asked, typed) = (asked.to_lowercase(), typed.to_lowercase());
    typed.starts_with(&asked) || asked.starts_with(&typed)
}

impl Surface for FindTime {
    fn context(&self) -> KeyContext {
        KeyContext::FindTime
    }

    fn hints(&self) -> &'static [CommandId] {
        if self.is_typing {
            &[CommandId::Open, CommandId::Close]
        } else {
            &[
                CommandId::FindAdd,
                CommandId::FindNext,
                CommandId::Open,
                CommandId::NextThing,
                CommandId::FindCoarser,
                CommandId::FindRequired,
                CommandId::FindRemove,
                CommandId::FindLength,
                CommandId::PersonCard,
                CommandId::FindCopySlots,
            ]
        }
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        match command {
            CommandId::Open if self.is_typing => Some("add"),
            CommandId::Open => Some("meet then"),
            _ => None,
        }
    }

    fn pane(&self) -> Pane {
        if self.is_typing { Pane::Field } else { Pane::Main }
    }

    fn field(&self) -> Option<&LineEdit> {
        self.is_typing.then_some(&self.field)
    }

    fn field_mut(&mut self) -> Option<&mut LineEdit> {
        self.is_typing.then_some(&mut self.field)
    }

    fn edited(&mut self, turn: &mut Turn<'_>) {
        self.completion = 0;
        turn.wake_after(Wake::Completion, REST);
    }

    fn entered(&mut self, turn: &mut Turn<'_>) {
        self.begin(turn);
        // Alone one sees nothing: the next thing to do is to type a name.
        self.is_typing = self.participants.len() < 2;
        self.ask(turn);
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        match wake {
            Wake::Completion if !self.field.text().trim().is_empty() => {
                self.found.ask(Request::FindPeople { text: self.field.text().trim().to_owned() }, turn);
            }
            Wake::Stale if !turn.session.is_offline() => self.ask_for(true, turn),
            _ => {}
        }
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        if self.is_typing {
            let last = self.completions().len().saturating_sub(1);
            match motion {
                Motion::Next => self.completion = (self.completion + 1).min(last),
                Motion::Previous => self.completion = self.completion.saturating_sub(1),
                Motion::NextPane | Motion::PreviousPane => self.is_typing = false,
                _ => return false,
            }
            return true;
        }
        match motion {
            Motion::Next => self.move_person(1),
            Motion::Previous => self.move_person(-1),
            Motion::First => self.move_person(isize::MIN / 2),
            Motion::Last => self.move_person(isize::MAX / 2),
            Motion::Left => self.move_slot(-1, turn),
            Motion::Right => self.move_slot(1, turn),
            Motion::NextThing | Motion::PreviousThing | Motion::NextGroup | Motion::PreviousGroup => {
                let Some(day) = self.day else { return true };
                let is_forward = matches!(motion, Motion::NextThing | Motion::NextGroup);
                let is_big = matches!(motion, Motion::NextGroup | Motion::PreviousGroup);
                let days = match self.scale {
                    Scale::Day if !is_big => 1,
                    Scale::Day | Scale::Week => 7,
                    Scale::Fortnight => 14,
                };
                self.go_to(add_days(day, if is_forward { days } else { -days }), turn);
            }
            Motion::NextPane | Motion::PreviousPane => self.is_typing = true,
            Motion::HalfPageDown | Motion::HalfPageUp | Motion::PageDown | Motion::PageUp => return false,
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.is_typing {
            if self.field.text().trim().is_empty() {
                self.is_typing = false;
            } else {
                self.take_typed(turn);
            }
            return true;
        }
        self.meet(turn);
        true
    }

    fn close(&mut self, _turn: &mut Turn<'_>) -> bool {
        if !self.is_typing {
            return false;
        }
        // What was typed stays for the next time.
        self.is_typing = false;
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        let are_schedules = self.schedules.take(ticket, result, |answer| match answer {
            Answer::Availability(schedules) => Some(schedules.clone()),
            _ => None,
        });
        if are_schedules {
            self.recount(turn);
        }
        are_schedules
            || self.found.take(ticket, result, |answer| match answer {
                Answer::FoundPeople(found) => Some(found.clone()),
                _ => None,
            })
    }

    fn notice(&mut self, notice: &Notice, is_shown: bool, turn: &mut Turn<'_>) {
        if matches!(notice, Notice::Me(_)) && is_shown {
            self.entered(turn);
        }
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        match target {
            Target::Person(PersonRef::Address { address, .. }) => {
                self.is_typing = false;
                self.selected = Some(address.clone());
                if is_double && let Some(person) = self.person() {
                    turn.step(Step::Card(person));
                }
            }
            Target::Entry(at) if self.is_typing => {
                self.completion = *at;
                self.take_typed(turn);
            }
            Target::Entry(at) => {
                self.suggestion = at.checked_sub(1);
                self.walk(1, turn);
                if *at == 0 {
                    self.suggestion = None;
                    self.walk(1, turn);
                }
            }
            Target::Instant(at) => {
                self.is_typing = false;
                self.slot = Some(*at);
                self.change_day(when::date(*at, turn.zone), turn);
            }
            Target::Pane(Pane::Field) => self.is_typing = true,
            _ => {}
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        self.move_slot(i64::from(steps.signum()), turn);
    }

    fn person(&self) -> Option<PersonRef> {
        let recipient = &self.selected()?.recipient;
        Some(PersonRef::Address { address: recipient.address.clone(), name: recipient.name.clone() })
    }

    fn people(&self) -> Vec<Recipient> {
        self.participants.iter().filter(|each| !each.is_me).map(|each| each.recipient.clone()).collect()
    }

    fn copy(&self, part: CopyPart, zone: &Zone) -> Option<String> {
        match part {
            CopyPart::Line => self.slots_as_text(zone),
            CopyPart::Address => Some(self.selected()?.recipient.address.clone()),
            CopyPart::Link => None,
            CopyPart::Details => {
                let lines: Vec<String> = self
                    .participants
                    .iter()
                    .map(|each| format!("{} <{}>", each.recipient.label(), each.recipient.address))
                    .collect();
                Some(lines.join("\n"))
            }
        }
    }

    fn interest(&self, interest: &mut Interest) {
        interest.calendar = true;
    }
}
