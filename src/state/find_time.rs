//! The find-time view: several people's free/busy side by side, and the times that suit them.
//!
//! Me first; then whoever is added, by completion from the directory or as an address. What is asked for is always a whole week, so
//! that stepping through its days needs no network. Suggestions are ours (`domain::freebusy`), made anew when people, length or answers
//! change. Must stay true: what is unknown is never counted as free, and each row keeps its own error and age.
//! Deliberately absent: creating the meeting.

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::freebusy::{Candidate, Hindrance, Part, Schedule, Suggestion, Wanted, find};
use crate::domain::mail::Recipient;
use crate::domain::notice::Notice;
use crate::domain::person::Person;
use crate::domain::request::{Answer, FoundPeople, PersonRef, Request};
use crate::domain::time::{Span, Zone, add_days, after_minutes, clock_time, day_start, long_date, week_start};
use crate::state::command::CommandId;
use crate::state::event::{Interest, Ticket, Wake};
use crate::state::home::only;
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
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
            Scale::Week => (0..5).map(|step| add_days(week_start(day, Weekday::Monday), step)).collect(),
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

    /// Proposes the next (1) or previous (-1) suggestion.
    pub fn walk(&mut self, steps: isize, turn: &mut Turn<'_>) {
        if self.suggestions.is_empty() {
            turn.tell("No time of this week suits anybody; go on with ] or take somebody off.");
            return;
        }
        let to = match self.suggestion {
            Some(at) => at.saturating_add_signed(steps).min(self.suggestions.len() - 1),
            None => 0,
        };
        self.suggestion = Some(to);
        let start = self.suggestions[to].span.start;
        self.slot = Some(start);
        self.day = Some(when::date(start, turn.zone));
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

    /// Shows a day or the week.
    pub fn set_scale(&mut self, scale: Scale) {
        self.scale = scale;
    }

    /// Back to today.
    pub fn today(&mut self, turn: &mut Turn<'_>) {
        self.go_to(turn.today(), turn);
    }

    /// The best times as text for a mail, in the zone shown.
    #[must_use]
    pub fn slots_as_text(&self, zone: &Zone) -> Option<String> {
        let mut best: Vec<&Suggestion> =
            self.suggestions.iter().filter(|each| each.free_required == each.of_required).take(4).collect();
        best.sort_by_key(|each| each.span.start);
        if best.is_empty() {
            return None;
        }
        let rules = when::rules(zone);
        let line = |each: &Suggestion| {
            let day = long_date(when::date(each.span.start, zone));
            format!("{day}  {}-{}", clock_time(each.span.start, &rules), clock_time(each.span.end, &rules))
        };
        let lines: Vec<String> = best.into_iter().map(line).collect();
        Some(format!("{}\n(times in {})", lines.join("\n"), zone.name))
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

    fn add(&mut self, recipient: Recipient, turn: &mut Turn<'_>) -> bool {
        let is_there =
            self.participants.iter().any(|each| each.recipient.address.eq_ignore_ascii_case(&recipient.address));
        if recipient.address.is_empty() || is_there {
            return false;
        }
        if self.participants.len() >= MOST_PEOPLE {
            turn.tell(format!("No more than {MOST_PEOPLE} people fit here."));
            return false;
        }
        self.selected = Some(recipient.address.clone());
        self.participants.push(Participant { recipient, is_required: true, is_me: false });
        true
    }

    /// Takes the completion under the cursor, or what is typed if it is an address.
    fn take_typed(&mut self, turn: &mut Turn<'_>) {
        let typed = self.field.text().trim().to_owned();
        let completions = self.completions();
        let recipient = match completions.get(self.completion.min(completions.len().saturating_sub(1))) {
            Some(person) => Recipient { name: person.name.clone(), address: person.address.clone() },
            None if typed.contains('@') && !typed.contains(char::is_whitespace) => {
                Recipient { name: String::new(), address: typed.clone() }
            }
            None => {
                let sentence = if self.found.is_waiting() {
                    "The directory has not answered yet."
                } else {
                    "Nobody is found by that name."
                };
                turn.tell(sentence);
                return;
            }
        };
        self.field = LineEdit::default();
        self.completion = 0;
        self.found.clear();
        if self.add(recipient, turn) {
            self.ask(turn);
        } else {
            turn.tell("They are already there.");
        }
    }

    /// The week around the day, from midnight to midnight.
    fn window(&self, zone: &Zone) -> Option<Span> {
        let monday = week_start(self.day?, Weekday::Monday);
        let rules = when::rules(zone);
        Some(Span { start: day_start(monday, &rules), end: day_start(add_days(monday, 7), &rules) })
    }

    fn ask(&mut self, turn: &mut Turn<'_>) {
        self.ask_for(false, turn);
    }

    fn ask_for(&mut self, refresh: bool, turn: &mut Turn<'_>) {
        let Some(window) = self.window(turn.zone) else { return };
        let addresses: Vec<String> = self.participants.iter().map(|each| each.recipient.address.clone()).collect();
        if !addresses.is_empty() && turn.session.is_open(Feature::FreeBusy) {
            self.schedules.ask(Request::Availability { addresses, window, refresh }, turn);
            turn.wake_after(Wake::Stale, STALE);
        }
        self.recount(turn);
    }

    /// Makes the suggestions anew and keeps the proposed one where it still is one.
    fn recount(&mut self, turn: &Turn<'_>) {
        let was_walking = self.suggestion.take().is_some();
        let Some(window) = self.window(turn.zone) else { return };
        let candidates: Vec<(usize, Candidate<'_>)> = self
            .participants
            .iter()
            .enumerate()
            .filter_map(|(at, each)| {
                let part = if each.is_required { Part::Required } else { Part::Optional };
                Some((at, Candidate { schedule: self.schedule(each)?, part }))
            })
            .collect();
        if candidates.is_empty() {
            self.suggestions.clear();
            self.hindrances.clear();
            return;
        }
        let plain: Vec<Candidate<'_>> = candidates.iter().map(|(_, candidate)| *candidate).collect();
        let zone = turn.zone;
        let monday = when::date(window.start, zone);
        let wanted = Wanted {
            windows: (0..7).map(|day| Self::hours_of(add_days(monday, day), zone)).collect(),
            minutes: u32::from(self.length()),
            step: SUGGESTION_STEP,
            buffer: 0,
            not_before: turn.now,
            // With everybody's hours kept only what suits all is shown; without, also what suits some.
            at_least: if self.within_hours { None } else { Some(0) },
            any_hours: false,
            most: MOST_SUGGESTIONS,
        };
        let found = find(&plain, &wanted);
        let place = |at: usize| candidates[at].0;
        let mut kept = found.slots;
        for (at, _) in kept.iter_mut().flat_map(|each| &mut each.affected) {
            *at = place(*at);
        }
        if self.within_hours {
            kept.retain(|each| each.affected.is_empty());
        }
        let mut hindrances = found.hindrances;
        for hindrance in &mut hindrances {
            hindrance.who = hindrance.who.map(place);
        }
        self.hindrances = hindrances;
        let at = kept.iter().position(|each| Some(each.span.start) == self.slot);
        self.suggestion = at.filter(|_| was_walking);
        self.suggestions = kept;
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
        let minutes = if self.scale == Scale::Week { 60 } else { 15 };
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
                let is_big = matches!(motion, Motion::NextGroup | Motion::PreviousGroup) || self.scale == Scale::Week;
                let days = if is_big { 7 } else { 1 };
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
        if let Some(person) = self.person() {
            turn.step(Step::Card(person));
        }
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
        if self.schedules.waits_for(ticket) {
            let settled = only(result, |answer| match answer {
                Answer::Availability(schedules) => Some(schedules.clone()),
                _ => None,
            });
            if let Some(settled) = settled {
                self.schedules.settle(settled);
            }
            self.recount(turn);
            return true;
        }
        if self.found.waits_for(ticket) {
            let settled = only(result, |answer| match answer {
                Answer::FoundPeople(found) => Some(found.clone()),
                _ => None,
            });
            if let Some(settled) = settled {
                self.found.settle(settled);
            }
            return true;
        }
        false
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
                if is_double {
                    self.open(turn);
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
