//! The find-time view: several people's free/busy side by side, and the times that suit them.
//!
//! Me first; then whoever is added, by completion from the directory or as an address. What is asked for is always a whole week, so
//! that stepping through its days needs no network. Suggestions are ours (`domain::freebusy`), made anew when people, length or answers
//! change. Must stay true: what is unknown is never counted as free, and each row keeps its own error and age.
//! Whom it is asked about is in `asking`, where the proposed time stands in `moving`, a date that is typed in `jump`, what suits in
//! `suggesting`, what is copied in `copying`, keys and clicks in `surface`. Deliberately absent: keeping the meeting, which is the
//! form's.

mod asking;
mod copying;
mod grouping;
mod jump;
mod moving;
mod offering;
mod rooms;
mod opinion;
mod suggesting;
mod surface;

pub use rooms::RoomChoice;

use crate::domain::account::Feature;
use crate::domain::freebusy::{Cell, Hindrance, Reading, Schedule, Suggestion};
use crate::domain::group::Members;
use crate::domain::mail::Recipient;
use crate::domain::meeting_times::Opinion;
use crate::domain::person::Person;
use crate::domain::request::FoundPeople;
use crate::domain::time::{Span, Zone, add_days, day_start, week_start};
use crate::state::calendar::form::EventForm;
use crate::state::completion::{Completion, Expanding, offered};
use crate::state::line::LineEdit;
use crate::state::slot::Slot;
use crate::state::surface::{Step, Turn};
use crate::state::when;
use jiff::civil::{Date, Time, Weekday};
use jiff::{SignedDuration, Timestamp};

pub use asking::Answers;
pub use copying::CopyZones;
pub use jump::Jump;
pub use moving::{Mark, Resolution};

/// Free/busy older than this is fetched anew on sight.
const STALE: SignedDuration = SignedDuration::from_mins(2);
/// Lengths of the meeting in minutes, in the order in which `m` walks them.
const LENGTHS: [u16; 5] = [30, 45, 60, 90, 15];
/// Hours of a day that are shown.
pub const HOURS: (i8, i8) = (7, 20);
/// Completions shown.
pub const MOST_COMPLETIONS: usize = 8;
/// More do not fit a list that anybody reads; they are asked for in parts.
const MOST_PEOPLE: usize = 200;
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
    /// The how manieth who was added; the order to come back to.
    pub added: usize,
}

/// The order of the rows; I am always first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As they were added.
    #[default]
    Added,
    /// By name.
    Name,
    /// Who is free at the proposed time first.
    Free,
    /// Who has to be there first.
    Required,
}

impl Order {
    /// In words, behind "sorted".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Added => "as added",
            Self::Name => "by name",
            Self::Free => "free first",
            Self::Required => "required first",
        }
    }

    const fn next(self) -> Self {
        match self {
            Self::Added => Self::Name,
            Self::Name => Self::Free,
            Self::Free => Self::Required,
            Self::Required => Self::Added,
        }
    }
}

/// The find-time view.
#[derive(Clone, Debug)]
pub struct FindTime {
    participants: Vec<Participant>,
    /// Address of the row under the cursor.
    selected: Option<String>,
    answers: Answers,
    order: Order,
    day: Option<Date>,
    /// The first day of the weeks that are asked for.
    monday: Option<Date>,
    scale: Scale,
    /// Start of the proposed slot.
    slot: Option<Timestamp>,
    /// Minutes of the meeting.
    length: u16,
    /// The range that is being marked.
    mark: Option<Mark>,
    /// Where the button of the mouse went down.
    pressed: Option<Timestamp>,
    resolution: Resolution,
    jump: Option<Jump>,
    hides_second_zone: bool,
    copy_zones: CopyZones,
    within_hours: bool,
    suggestions: Vec<Suggestion>,
    suggestion: Option<usize>,
    hindrances: Vec<Hindrance>,
    never: Vec<(usize, Cell)>,
    nearest: Option<Suggestion>,
    opinion: Slot<Opinion>,
    field: LineEdit,
    is_typing: bool,
    found: Slot<FoundPeople>,
    /// What is kept of the time of those in it.
    offered: Slot<Vec<Schedule>>,
    /// What the service said of it.
    offered_anew: Slot<Vec<Schedule>>,
    completion: usize,
    /// A group whose people are to be added.
    members: Expanding,
    /// Whether a typed address is that of a list.
    behind: Slot<Members>,
    /// That address.
    list: Option<String>,
    /// What is wanted of a room.
    room: Option<RoomChoice>,
    /// Times that are chosen to be copied, in the order in which they were.
    picks: Vec<Span>,
    /// Who has the addresses that stand here without a name.
    names: Slot<FoundPeople>,
    /// The addresses that were asked about.
    nameless: Vec<String>,
}

impl Default for FindTime {
    fn default() -> Self {
        Self {
            participants: Vec::new(),
            selected: None,
            answers: Answers::default(),
            order: Order::default(),
            day: None,
            monday: None,
            scale: Scale::default(),
            slot: None,
            length: LENGTHS[0],
            mark: None,
            pressed: None,
            resolution: Resolution::default(),
            jump: None,
            hides_second_zone: false,
            copy_zones: CopyZones::default(),
            within_hours: false,
            suggestions: Vec::new(),
            suggestion: None,
            hindrances: Vec::new(),
            never: Vec::new(),
            nearest: None,
            opinion: Slot::default(),
            field: LineEdit::default(),
            is_typing: false,
            found: Slot::default(),
            offered: Slot::default(),
            offered_anew: Slot::default(),
            completion: 0,
            members: Expanding::default(),
            behind: Slot::default(),
            list: None,
            room: None,
            picks: Vec::new(),
            names: Slot::default(),
            nameless: Vec::new(),
        }
    }
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

    /// What was answered about them, and what is on its way.
    #[must_use]
    pub const fn answers(&self) -> &Answers {
        &self.answers
    }

    /// What is known of somebody's time.
    #[must_use]
    pub fn schedule(&self, participant: &Participant) -> Option<&Schedule> {
        self.answers.of(&participant.recipient.address)
    }

    /// The same, prepared for many questions.
    #[must_use]
    pub fn reading(&self, participant: &Participant) -> Option<&Reading> {
        self.answers.reading(&participant.recipient.address)
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

    /// The order of the rows.
    #[must_use]
    pub const fn order(&self) -> Order {
        self.order
    }

    /// How fine the grid is.
    #[must_use]
    pub const fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// The range that is being marked.
    #[must_use]
    pub const fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    /// The date that is being typed.
    #[must_use]
    pub const fn jump(&self) -> Option<&Jump> {
        self.jump.as_ref()
    }

    /// Whether the hours of the second zone stand above one's own, where one is configured.
    #[must_use]
    pub const fn shows_second_zone(&self) -> bool {
        !self.hides_second_zone
    }

    /// In which zones times are copied.
    #[must_use]
    pub const fn copy_zones(&self) -> CopyZones {
        self.copy_zones
    }

    /// Minutes of the meeting.
    #[must_use]
    pub const fn length(&self) -> u16 {
        self.length
    }

    /// The proposed slot.
    #[must_use]
    pub fn slot(&self) -> Option<Span> {
        Some(Span::of_minutes(self.slot?, u32::from(self.length)))
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

    /// Where nothing suits: required people whom no time suits, by their place, with what is in their way.
    #[must_use]
    pub fn never(&self) -> &[(usize, Cell)] {
        &self.never
    }

    /// Where nothing suits: the time that suits the most.
    #[must_use]
    pub const fn nearest(&self) -> Option<&Suggestion> {
        self.nearest.as_ref()
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
    pub fn completions(&self) -> Vec<Completion<'_>> {
        let typed = self.field.text().trim();
        if typed.is_empty() {
            return Vec::new();
        }
        let found = self.found.value().filter(|found| is_about(&found.text, typed));
        let is_new = |person: &Person| {
            !person.address.is_empty()
                && !self.participants.iter().any(|each| each.recipient.address.eq_ignore_ascii_case(&person.address))
        };
        found.map_or_else(Vec::new, |found| offered(found, typed, MOST_COMPLETIONS, is_new))
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
        self.picks.clear();
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
        // After a length of one's own the row begins anew.
        let at = LENGTHS.iter().position(|length| *length == self.length).map_or(0, |at| at + 1);
        self.length = LENGTHS[at % LENGTHS.len()];
        self.mark = None;
        self.recount(turn);
    }

    /// Suggests only times within everybody's hours, or all.
    pub fn toggle_within_hours(&mut self, turn: &mut Turn<'_>) {
        self.within_hours = !self.within_hours;
        self.recount(turn);
    }

    /// Sorts the rows anew.
    pub fn next_order(&mut self, turn: &mut Turn<'_>) {
        self.order = self.order.next();
        let slot = self.slot();
        let is_free = |each: &Participant| {
            let reading = self.reading(each);
            slot.zip(reading).is_some_and(|(slot, reading)| reading.over(slot).is_free())
        };
        let mut keyed: Vec<(bool, Participant)> =
            self.participants.iter().map(|each| (self.order == Order::Free && is_free(each), each.clone())).collect();
        keyed.sort_by_key(|(is_free, each)| {
            let name = if self.order == Order::Name { each.recipient.label().to_lowercase() } else { String::new() };
            (!each.is_me, !is_free, self.order == Order::Required && !each.is_required, name, each.added)
        });
        self.participants = keyed.into_iter().map(|(_, each)| each).collect();
        turn.tell(format!("Sorted {}.", self.order.words()));
        self.recount(turn);
    }

    /// Shows or hides the second zone; says so if none is configured.
    pub fn toggle_second_zone(&mut self, turn: &mut Turn<'_>) {
        if turn.session.second_zone.is_none() {
            return turn.tell("No second zone is configured; write second_zone under [time] in config.toml.");
        }
        self.hides_second_zone = !self.hides_second_zone;
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
        self.mark = None;
        let Some(slot) = self.slot() else { return };
        let others = self.participants.iter().filter(|each| !each.is_me);
        let people: Vec<(Recipient, bool)> = others.map(|each| (each.recipient.clone(), !each.is_required)).collect();
        let mut form = EventForm::at(slot, &people, turn);
        form.set_room(self.invited_room());
        turn.step(Step::FillEvent(Box::new(form)));
    }

    /// Back to today.
    pub fn today(&mut self, turn: &mut Turn<'_>) {
        self.go_to(turn.today(), turn);
    }

    /// Me, today, and the next half hour.
    fn begin(&mut self, turn: &mut Turn<'_>) {
        if turn.session.is_service() {
            // There is no me: what it may look into is what it looks at first.
            if self.participants.is_empty() {
                let mailboxes = turn.session.mailboxes().to_vec();
                for address in mailboxes.into_iter().take(MOST_PEOPLE) {
                    self.add(Recipient { name: String::new(), address }, turn);
                }
                self.selected = self.participants.first().map(|each| each.recipient.address.clone());
            }
        } else if self.participants.is_empty()
            && let Some(me) = &turn.session.me
            && !me.person.address.is_empty()
        {
            let recipient = Recipient { name: me.person.name.clone(), address: me.person.address.clone() };
            self.selected = Some(recipient.address.clone());
            self.participants.push(Participant { recipient, is_required: true, is_me: true, added: 0 });
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

    /// The mailboxes of a service are known: what was entered before shows them.
    pub fn mailboxes_known(&mut self, turn: &mut Turn<'_>) {
        if turn.session.is_service() && self.participants.is_empty() && self.day.is_some() {
            self.begin(turn);
            self.ask(turn);
        }
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
}
/// Whether an answer about `asked` still helps with what is typed: the one begins with the other.
fn is_about(asked: &str, typed: &str) -> bool {
    let (asked, typed) = (asked.to_lowercase(), typed.to_lowercase());
    typed.starts_with(&asked) || asked.starts_with(&typed)
}
