//! The form of an event: what, when as people say it, who, where, and whether online; for a new one and for one that is changed.
//!
//! What was understood of the time is echoed in words before anything is done. Must stay true: only what was changed is changed; an
//! unchanged time is never read again. Deliberately absent: making a series.

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::event::{Attendee, Event, Response, When};
use crate::domain::event_draft::{EventChange, EventDraft, EventTime, Invitee};
use crate::domain::input::{Key, KeyCode};
use crate::domain::intent::Intent;
use crate::domain::mail::Recipient;
use crate::domain::recipients;
use crate::domain::request::{Answer, FoundPeople, Request};
use crate::domain::time::said::{NotUnderstood, Said, understand};
use crate::domain::time::{Span, Zone, add_days, instant_of};
use crate::state::calendar::deed::{EventAsk, Wanted};
use crate::state::command::CommandId;
use crate::state::completion::{Completion, Expanding, Taken, offered};
use crate::state::compose::MOST_COMPLETIONS;
use crate::state::compose::people::PeopleField;
use crate::state::event::{Interest, Ticket, Wake};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use crate::state::when;
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// The directory is asked for a name when typing has rested for this long.
const REST: SignedDuration = SignedDuration::from_millis(200);
/// How long a meeting is of which only the beginning was said.
const USUAL_MINUTES: i64 = 30;

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// What it is about.
    Subject,
    /// When.
    When,
    /// Who is invited.
    People,
    /// Where.
    Place,
    /// With a place to meet online.
    Online,
}

impl Field {
    /// All, in the order of Tab.
    pub const ALL: [Self; 5] = [Self::Subject, Self::When, Self::People, Self::Place, Self::Online];

    /// Its label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Subject => "Subject",
            Self::When => "When",
            Self::People => "People",
            Self::Place => "Place",
            Self::Online => "Online",
        }
    }
}

/// The form.
#[derive(Clone, Debug)]
pub struct EventForm {
    /// The event that is changed; `None` for a new one.
    event: Option<Box<Event>>,
    subject: LineEdit,
    when: LineEdit,
    /// The time as it stood when the form was opened.
    when_before: String,
    people: PeopleField,
    /// Addresses of those among them who may be there and need not.
    optional: Vec<String>,
    place: LineEdit,
    is_online: bool,
    focus: Field,
    found: Slot<FoundPeople>,
    completion: usize,
    members: Expanding,
    /// Wall time where the person is, by which "tomorrow" is read.
    now: DateTime,
    saving: Option<Ticket>,
}

impl EventForm {
    /// A new event on this day.
    #[must_use]
    pub fn create(day: Date, people: &[Recipient], turn: &Turn<'_>) -> Self {
        let now = when::wall(turn.now, turn.zone);
        let (date, minute) = if day == now.date() {
            // The next half hour.
            let minute = (i64::from(now.hour()) * 60 + i64::from(now.minute())) / USUAL_MINUTES * USUAL_MINUTES + 30;
            if minute < 24 * 60 { (day, minute) } else { (add_days(day, 1), 9 * 60) }
        } else {
            (day, 9 * 60)
        };
        let when = format!("{date} {:02}:{:02} {USUAL_MINUTES}m", minute / 60, minute % 60);
        Self {
            event: None,
            subject: LineEdit::default(),
            when: LineEdit::with(&when),
            when_before: String::new(),
            people: PeopleField::of(people),
            optional: Vec::new(),
            place: LineEdit::default(),
            is_online: false,
            focus: Field::Subject,
            found: Slot::default(),
            completion: 0,
            members: Expanding::default(),
            now,
            saving: None,
        }
    }

    /// A meeting at this time with these people; `true` beside somebody: they need not be there.
    #[must_use]
    pub fn at(slot: Span, people: &[(Recipient, bool)], turn: &Turn<'_>) -> Self {
        let start = when::wall(slot.start, turn.zone);
        let when = format!("{} {:02}:{:02} {}m", start.date(), start.hour(), start.minute(), slot.minutes());
        let recipients: Vec<Recipient> = people.iter().map(|(recipient, _)| recipient.clone()).collect();
        let optional = people.iter().filter(|(_, is_optional)| *is_optional);
        Self {
            when: LineEdit::with(&when),
            optional: optional.map(|(recipient, _)| recipient.address.clone()).collect(),
            ..Self::create(start.date(), &recipients, turn)
        }
    }

    /// Invites a room, and says where it is.
    pub fn set_room(&mut self, room: Option<Recipient>) {
        if let Some(room) = room {
            self.place = LineEdit::with(room.label());
            self.people.put(room);
        }
    }

    /// An event that is changed.
    #[must_use]
    pub fn edit(event: &Event, turn: &Turn<'_>) -> Self {
        let when = typed_when(event, turn.zone);
        let people: Vec<Recipient> =
            event.attendees.iter().filter(|one| !one.is_resource).map(|one| one.recipient.clone()).collect();
        Self {
            event: Some(Box::new(event.clone())),
            subject: LineEdit::with(&event.subject),
            when: LineEdit::with(&when),
            when_before: when,
            people: PeopleField::of(&people),
            place: LineEdit::with(&event.location),
            is_online: event.join_url.is_some(),
            ..Self::create(turn.today(), &[], turn)
        }
    }

    /// What stands into the frame.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        if self.event.is_some() { "Change the event" } else { "New event" }
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
            Field::Subject => Some(&self.subject),
            Field::When => Some(&self.when),
            Field::Place => Some(&self.place),
            Field::People | Field::Online => None,
        }
    }

    /// Who is invited.
    #[must_use]
    pub const fn people_field(&self) -> &PeopleField {
        &self.people
    }

    /// With a place to meet online.
    #[must_use]
    pub const fn is_online(&self) -> bool {
        self.is_online
    }

    /// Who fits what is typed.
    #[must_use]
    pub fn completions(&self) -> Vec<Completion<'_>> {
        let is_typed = self.focus == Field::People && !self.people.line().text().trim().is_empty();
        let found = self.found.value().filter(|found| is_typed && found.text == self.people.line().text().trim());
        found.map_or_else(Vec::new, |found| offered(found, MOST_COMPLETIONS, |_| true))
    }

    /// The completion under the cursor.
    #[must_use]
    pub const fn completion(&self) -> usize {
        self.completion
    }

    /// What was understood of the time, or why it was not; nothing while it is as it was.
    #[must_use]
    pub fn understood(&self) -> Option<Result<Said, NotUnderstood>> {
        let is_changed = self.event.is_none() || self.when.text() != self.when_before;
        is_changed.then(|| understand(self.when.text(), self.now).and_then(longer))
    }

    /// How many are told when it is saved.
    #[must_use]
    pub fn told(&self) -> usize {
        self.people.recipients().len()
    }

    fn line_mut(&mut self) -> Option<&mut LineEdit> {
        match self.focus {
            Field::Subject => Some(&mut self.subject),
            Field::When => Some(&mut self.when),
            Field::Place => Some(&mut self.place),
            Field::People | Field::Online => None,
        }
    }

    fn step_field(&mut self, steps: isize) {
        if self.focus == Field::People {
            self.people.take_typed();
        }
        let at = Field::ALL.iter().position(|field| *field == self.focus).unwrap_or(0);
        self.focus = Field::ALL[(at + Field::ALL.len()).wrapping_add_signed(steps) % Field::ALL.len()];
        self.completion = 0;
    }

    /// Takes the completion under the cursor. False: nothing is typed, or a whole address, which is taken in passing.
    fn take_person(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.focus != Field::People || self.people.take_typed() || self.people.line().text().trim().is_empty() {
            return false;
        }
        let chosen = self.completions().get(self.completion).map(Completion::taken);
        match chosen {
            Some(Taken::Person(person)) => self.people.take(person),
            Some(Taken::Group(group)) => {
                self.people.clear_typed();
                self.members.ask(group, turn);
            }
            None if self.found.is_waiting() => turn.tell("Still looking for that name."),
            None => turn.tell("Nobody is found by that name; an address can be typed too."),
        }
        self.completion = 0;
        true
    }

    /// Saves it, if it can be understood.
    pub fn save(&mut self, turn: &mut Turn<'_>) {
        if self.saving.is_some() {
            return;
        }
        if let Some(why) = turn.session.why_not(Feature::CalendarWrite) {
            return turn.tell(why);
        }
        self.people.take_typed();
        let people = self.people.recipients();
        if let Some(unknown) = people.iter().find(|one| !recipients::is_address(&one.address)) {
            self.focus = Field::People;
            return turn.tell(format!("\"{}\" is no address; choose somebody, or take it out.", unknown.label()));
        }
        let time = match self.understood().transpose() {
            Ok(said) => said.map(|said| time_of(said, turn.zone)),
            Err(why) => {
                self.focus = Field::When;
                return turn.tell(why.to_string());
            }
        };
        match (self.event.clone(), time) {
            (Some(event), time) => self.save_change(&event, time, &people, turn),
            // A time alone may be an appointment; it needs a word to be found again.
            (None, Some(_)) if self.subject.text().trim().is_empty() && people.is_empty() => {
                self.focus = Field::Subject;
                turn.tell("Say in a word what it is.");
            }
            (None, Some(time)) => {
                let draft = EventDraft {
                    location: self.place.text().trim().to_owned(),
                    attendees: people.into_iter().map(|one| self.invitee(one)).collect(),
                    is_online: self.is_online,
                    ..EventDraft::new(self.subject.text().trim().to_owned(), time)
                };
                self.saving = Some(turn.change(vec![Intent::CreateEvent { event: Box::new(draft) }]));
            }
            (None, None) => {}
        }
    }

    fn invitee(&self, recipient: Recipient) -> Invitee {
        let is_optional = self.optional.iter().any(|address| address.eq_ignore_ascii_case(&recipient.address));
        Invitee { is_optional, ..invitee(recipient) }
    }

    fn save_change(&mut self, event: &Event, time: Option<EventTime>, people: &[Recipient], turn: &mut Turn<'_>) {
        let differs =
            |text: &LineEdit, before: &str| (text.text().trim() != before).then(|| text.text().trim().to_owned());
        let was_online = event.join_url.is_some();
        let change = EventChange {
            subject: differs(&self.subject, &event.subject),
            time: time.filter(|time| time.when() != event.when),
            location: differs(&self.place, &event.location),
            attendees: invited(&event.attendees, people),
            is_online: (self.is_online != was_online).then_some(self.is_online),
            ..EventChange::default()
        };
        if was_online && !self.is_online {
            self.focus = Field::Online;
            return turn.tell("A meeting that is online stays so; cancel it and make a new one instead.");
        }
        if change.is_empty() {
            turn.tell("Nothing was changed.");
            return turn.step(Step::CloseLayer);
        }
        if event.series.is_some() {
            turn.step(Step::CloseLayer);
            return turn.step(Step::AskEvent(Box::new(EventAsk::of(event, Wanted::Change(Box::new(change)), false))));
        }
        let update = Intent::UpdateEvent { event: event.id.clone(), series: false, change: Box::new(change) };
        self.saving = Some(turn.change(vec![update]));
    }
}

fn invitee(recipient: Recipient) -> Invitee {
    Invitee { recipient, is_optional: false, is_resource: false }
}

/// Who is invited from now on, if that is not who was; rooms stay, and whoever was optional stays so.
fn invited(before: &[Attendee], people: &[Recipient]) -> Option<Vec<Invitee>> {
    let is = |one: &Attendee, who: &Recipient| one.recipient.address.eq_ignore_ascii_case(&who.address);
    let was: Vec<&Attendee> = before.iter().filter(|one| !one.is_resource).collect();
    let same = was.len() == people.len() && people.iter().all(|who| was.iter().any(|one| is(one, who)));
    if same {
        return None;
    }
    let kept = |who: &Recipient| before.iter().find(|one| is(one, who)).is_some_and(|one| one.is_optional);
    let chosen = people.iter().map(|who| Invitee { is_optional: kept(who), ..invitee(who.clone()) });
    let rooms = before
        .iter()
        .filter(|one| one.is_resource)
        .map(|one| Invitee { is_resource: true, ..invitee(one.recipient.clone()) });
    Some(chosen.chain(rooms).collect())
}

/// A point in time is a meeting of the usual length.
fn longer(said: Said) -> Result<Said, NotUnderstood> {
    let Said::Moment(start) = said else { return Ok(said) };
    let end = start.checked_add(USUAL_MINUTES.minutes());
    end.map(|end| Said::Slot { start, end }).map_err(|_| NotUnderstood::NoSuchTime("That is too far away.".to_owned()))
}

fn time_of(said: Said, zone: &Zone) -> EventTime {
    match said {
        Said::Days { start, end } => EventTime::AllDay { start, end },
        said => {
            let is_named = zone.rules.as_ref().is_some_and(|rules| rules.iana_name().is_some());
            if is_named {
                return EventTime::Timed { start: said.start(), end: said.end(), zone: zone.clone() };
            }
            // A zone that the service knows by no name: the same instants are told by the clocks of UTC.
            let rules = when::rules(zone);
            let utc = |wall: DateTime| when::wall(instant_of(wall, &rules), &Zone::find("UTC"));
            EventTime::Timed { start: utc(said.start()), end: utc(said.end()), zone: Zone::find("UTC") }
        }
    }
}

/// The time of an event as it would be typed.
fn typed_when(event: &Event, zone: &Zone) -> String {
    match event.when {
        When::AllDay { start, end } if add_days(start, 1) >= end => start.to_string(),
        When::AllDay { start, end } => format!("{start} to {}", add_days(end, -1)),
        When::Timed(span) => {
            let (start, end) = (when::wall(span.start, zone), when::wall(span.end, zone));
            let clock = |at: DateTime| format!("{:02}:{:02}", at.hour(), at.minute());
            if start.date() == end.date() {
                format!("{} {}-{}", start.date(), clock(start), clock(end))
            } else {
                format!("{} {} to {} {}", start.date(), clock(start), end.date(), clock(end))
            }
        }
    }
}

/// Whether somebody may answer this event: an invitation of somebody else's that is still on.
#[must_use]
pub fn can_answer(event: &Event) -> bool {
    !event.is_organizer && !event.is_cancelled && event.response != Response::Organizer && event.organizer.is_some()
}

/// Whether an event is over; what is over is not moved by mistake.
#[must_use]
pub fn is_over(event: &Event, now: Timestamp, zone: &Zone) -> bool {
    match event.when {
        When::Timed(span) => span.end <= now,
        When::AllDay { end, .. } => {
            instant_of(end.to_datetime(jiff::civil::Time::midnight()), &when::rules(zone)) <= now
        }
    }
}

impl Surface for EventForm {
    fn context(&self) -> KeyContext {
        KeyContext::EventForm
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::EventSave, CommandId::NextPane, CommandId::Close]
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        match command {
            CommandId::NextPane => Some("next field"),
            CommandId::Close => Some("leave it"),
            _ => None,
        }
    }

    fn pane(&self) -> Pane {
        Pane::Field
    }

    fn is_typing(&self) -> bool {
        true
    }

    fn typed(&mut self, key: Key, turn: &mut Turn<'_>) -> bool {
        if self.saving.is_some() {
            return true;
        }
        match self.focus {
            Field::Online => {
                let is_plain = !key.ctrl && !key.alt;
                let is_switch = is_plain && matches!(key.code, KeyCode::Char(' ' | 'x' | 'y' | 'n'));
                self.is_online ^= is_switch;
                is_switch
            }
            Field::People => {
                let is_taken = self.people.key(key);
                if is_taken {
                    self.completion = 0;
                    turn.wake_after(Wake::Completion, REST);
                }
                is_taken
            }
            _ => self.line_mut().is_some_and(|line| line.key(key)),
        }
    }

    fn pasted(&mut self, text: &str, _turn: &mut Turn<'_>) -> bool {
        match self.focus {
            Field::People => self.people.paste(text),
            _ => {
                if let Some(line) = self.line_mut() {
                    line.insert(text);
                }
            }
        }
        true
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        let offered = self.completions().len();
        match motion {
            Motion::NextPane if self.take_person(turn) => {}
            Motion::Next if offered > 0 => self.completion = (self.completion + 1).min(offered - 1),
            Motion::Previous if offered > 0 => self.completion = self.completion.saturating_sub(1),
            Motion::NextPane | Motion::Next => self.step_field(1),
            Motion::PreviousPane | Motion::Previous => self.step_field(-1),
            _ => {}
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if !self.take_person(turn) {
            if self.focus == Field::Online {
                self.save(turn);
            } else {
                self.step_field(1);
            }
        }
        true
    }

    fn close(&mut self, _turn: &mut Turn<'_>) -> bool {
        let is_open = !self.completions().is_empty();
        self.found.clear();
        is_open
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        let text = self.people.line().text().trim().to_owned();
        if wake == Wake::Completion && self.focus == Field::People && text.chars().count() >= 2 {
            self.found.ask(Request::FindPeople { text }, turn);
        }
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        if let Some(people) = self.members.take(ticket, result, turn) {
            for person in people {
                self.people.put(person);
            }
            return true;
        }
        if self.saving == Some(ticket) {
            self.saving = None;
            if result.is_ok() {
                turn.step(Step::CloseLayer);
            }
            return true;
        }
        self.found.take(ticket, result, |answer| match answer {
            Answer::FoundPeople(found) => Some(found.clone()),
            _ => None,
        })
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        match target {
            Target::Entry(at) if self.focus == Field::People && *at < self.completions().len() => {
                self.completion = *at;
                self.take_person(turn);
            }
            Target::FormField(field) => {
                self.focus = *field;
                if *field == Field::Online {
                    self.is_online = !self.is_online;
                }
            }
            _ => {}
        }
    }

    fn interest(&self, interest: &mut Interest) {
        interest.people.extend(self.completions().iter().filter_map(Completion::id));
    }
}
