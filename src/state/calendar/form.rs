//! The form of an event: what, when and how often as people say it, who, where, its reminder and its text; for a new one and for one
//! that is changed.
//!
//! What was understood of time and repetition is echoed in words before anything is done. Must stay true: only what was changed is
//! changed; an unchanged time is never read again; what only the service knows (text, reminder, repetition) is asked for when an event
//! is opened, and left alone where it could not be read and nobody touched it. What can be chosen, and where it stands, is in
//! `fields`.

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::event::{Attendee, Event, EventDetails, Response, When};
use crate::domain::event_draft::{EventChange, EventDraft, EventTime, Invitee};
use crate::domain::freebusy::Availability;
use crate::domain::input::{Key, KeyCode};
use crate::domain::intent::Intent;
use crate::domain::mail::Recipient;
use crate::domain::recipients;
use crate::domain::recurrence::Recurrence;
use crate::domain::request::{Answer, FoundPeople, Request};
use crate::domain::time::repeats;
use crate::domain::time::said::{NotUnderstood, Said, understand};
use crate::domain::time::{Span, Zone, add_days, instant_of, short_date};
use crate::state::calendar::deed::{EventAsk, Wanted};
use crate::state::calendar::fields::{self, Field};
use crate::state::command::CommandId;
use crate::state::completion::{Completion, Expanding, Taken, offered};
use crate::state::compose::MOST_COMPLETIONS;
use crate::state::compose::people::PeopleField;
use crate::state::event::{Effect, Interest, Ticket, Wake};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use crate::state::text_area::TextArea;
use crate::state::when;
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// The directory is asked for a name when typing has rested for this long.
const REST: SignedDuration = SignedDuration::from_millis(200);
/// How long a meeting is of which only the beginning was said.
const USUAL_MINUTES: i64 = 30;
/// So many minutes before, a new event reminds.
const USUAL_REMINDER: u32 = 15;

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
    repeats: LineEdit,
    /// The repetition as it stood when it was read.
    repeats_before: String,
    /// The reminder; `None`: not known, and left as it is.
    reminder: Option<Option<u32>>,
    shown_as: Option<Availability>,
    text: TextArea,
    /// The text as it stood when it was read.
    text_before: String,
    /// What only the service knows of the event that is changed.
    details: Slot<EventDetails>,
    editing: Option<Ticket>,
    /// Leaving it would lose a text; that was said once.
    is_warned: bool,
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
            repeats: LineEdit::default(),
            repeats_before: String::new(),
            reminder: Some(Some(USUAL_REMINDER)),
            shown_as: Some(Availability::Busy),
            text: TextArea::with(""),
            text_before: String::new(),
            details: Slot::default(),
            editing: None,
            is_warned: false,
            focus: Field::Subject,
            found: Slot::default(),
            completion: 0,
            members: Expanding::default(),
            now,
            saving: None,
        }
        .fitted(turn.session)
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

    /// An event that is changed; what only the service knows of it is asked for.
    #[must_use]
    pub fn edit(event: &Event, turn: &mut Turn<'_>) -> Self {
        let when = typed_when(event, turn.zone);
        let people: Vec<Recipient> =
            event.attendees.iter().filter(|one| !one.is_resource).map(|one| one.recipient.clone()).collect();
        let mut details = Slot::default();
        details.ask(Request::EventDetails(event.id.clone()), turn);
        Self {
            event: Some(Box::new(event.clone())),
            subject: LineEdit::with(&event.subject),
            when: LineEdit::with(&when),
            when_before: when,
            people: PeopleField::of(&people),
            place: LineEdit::with(&event.location),
            is_online: event.join_url.is_some(),
            reminder: None,
            shown_as: event.show_as,
            details,
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
            Field::Repeats => Some(&self.repeats),
            _ => None,
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

    /// The text.
    #[must_use]
    pub const fn text(&self) -> &TextArea {
        &self.text
    }

    /// What stands in a field in which something is chosen.
    #[must_use]
    pub fn chosen(&self, field: Field) -> Option<String> {
        match field {
            Field::Online => Some(if self.is_online { "yes, with a link to join" } else { "no" }.to_owned()),
            Field::Reminder => Some(match self.reminder {
                Some(reminder) => fields::reminder_words(reminder),
                None => self.unread().unwrap_or("as it is").to_owned(),
            }),
            Field::ShowAs => Some(fields::shown_words(self.shown_as).to_owned()),
            _ => None,
        }
    }

    /// Why what only the service knows is not here (yet).
    fn unread(&self) -> Option<&'static str> {
        match (self.event.is_some(), self.details.value(), self.details.is_waiting()) {
            (false, ..) | (_, Some(_), _) => None,
            (true, None, true) => Some("is being read"),
            (true, None, false) => Some("could not be read; stays as it is"),
        }
    }

    /// What is said where no text stands.
    #[must_use]
    pub fn text_placeholder(&self) -> &'static str {
        match (self.unread(), self.details.is_waiting()) {
            (Some(_), true) => "The text is being read.",
            (Some(_), false) => "The text could not be read; what is typed takes its place.",
            (None, _) => "What those who are invited read; ctrl-g opens your editor",
        }
    }

    /// What is said where no repetition stands.
    #[must_use]
    pub fn repeats_placeholder(&self) -> &'static str {
        match (self.unread(), self.series().is_some()) {
            (Some(why), true) => why,
            (None, true) => "in a way that is not known here",
            _ => "no; weekly, mon wed until 24 dec, last fri 10 times",
        }
    }

    fn series(&self) -> Option<&crate::domain::event::EventId> {
        self.event.as_ref().and_then(|event| event.series.as_ref())
    }

    /// Whether the text may be changed here; a meeting that is online keeps its link in it.
    fn why_no_text(&self) -> Option<&'static str> {
        if self.details.is_waiting() {
            return Some("The text is still being read.");
        }
        let is_online = self.event.as_ref().is_some_and(|event| event.join_url.is_some());
        is_online.then_some("The text of an online meeting holds its link; change it in Outlook (o).")
    }

    /// What was understood of the repetition, with the day it begins where that is another, or why it was not; nothing where none is
    /// typed, or it is as it was.
    #[must_use]
    pub fn repeated(&self, zone: &Zone) -> Option<Result<String, String>> {
        Some(match self.recurrence(zone) {
            Ok(None) => return None,
            Ok(Some(recurrence)) => {
                let day = self.first_day(zone);
                match recurrence.first(day).filter(|first| *first != day) {
                    Some(first) => Ok(format!("{}, from {}", recurrence.words(), short_date(first))),
                    None => Ok(recurrence.words()),
                }
            }
            Err(why) => Err(why),
        })
    }

    fn recurrence(&self, zone: &Zone) -> Result<Option<Recurrence>, String> {
        repeats::understand(self.repeats.text(), self.first_day(zone))
    }

    /// The day on which it begins, as far as it is understood.
    fn first_day(&self, zone: &Zone) -> Date {
        match (self.understood(), &self.event) {
            (Some(Ok(said)), _) => said.start().date(),
            (None, Some(event)) => time_of_event(event, zone).first_day(),
            _ => self.now.date(),
        }
    }

    fn fitted(mut self, session: &Session) -> Self {
        self.fit(session);
        self
    }

    fn fit(&mut self, session: &Session) {
        let area = fields::areas(session, self.focus).text;
        if area.height > 0 {
            self.text.resize(area.width, area.height);
        }
    }

    /// Hands the text to the person's editor.
    pub fn edit_outside(&mut self, turn: &mut Turn<'_>) {
        if let Some(why) = self.why_no_text() {
            return turn.tell(why);
        }
        self.focus = Field::Text;
        self.fit(turn.session);
        let ticket = turn.session.next_ticket();
        turn.effects.push(Effect::Edit(ticket, self.text.text().to_owned()));
        self.editing = Some(ticket);
    }

    /// Takes what only the service knows, where nobody was faster.
    fn fill(&mut self, zone: &Zone) {
        let Some(details) = self.details.value() else { return };
        if self.text.text().is_empty() {
            self.text.set(&details.body);
        }
        self.text_before.clone_from(&details.body);
        self.reminder = self.reminder.or(Some(details.reminder));
        if let Some(recurrence) = details.recurrence.as_ref().filter(|_| self.repeats.text().is_empty()) {
            let typed = recurrence.typed();
            // Only what is understood as the same is shown to be changed.
            if repeats::understand(&typed, self.first_day(zone)).as_ref() == Ok(&Some(recurrence.clone())) {
                self.repeats = LineEdit::with(&typed);
                self.repeats_before = typed;
            }
        }
    }

    fn is_text_changed(&self) -> bool {
        self.text.text().trim_end() != self.text_before.trim_end()
    }

    /// Chooses the next or the one before, where something is chosen.
    fn switch(&mut self, is_back: bool) {
        match self.focus {
            Field::Online => self.is_online = !self.is_online,
            Field::Reminder => self.reminder = Some(fields::next_reminder(self.reminder.flatten(), is_back)),
            Field::ShowAs => self.shown_as = Some(fields::next_shown(self.shown_as, is_back)),
            _ => {}
        }
    }

    /// Who fits what is typed.
    #[must_use]
    pub fn completions(&self) -> Vec<Completion<'_>> {
        let typed = self.people.line().text().trim();
        let is_typed = self.focus == Field::People && !typed.is_empty();
        let found = self.found.value().filter(|found| is_typed && found.text == typed);
        found.map_or_else(Vec::new, |found| offered(found, typed, MOST_COMPLETIONS, |_| true))
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
            Field::Repeats => Some(&mut self.repeats),
            _ => None,
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
            None => turn.tell("Nobody of that name is found; an address can be typed too."),
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
        let recurrence = match self.recurrence(turn.zone) {
            Ok(recurrence) => recurrence,
            Err(why) => {
                self.focus = Field::Repeats;
                return turn.tell(why);
            }
        };
        let time = match self.understood().transpose() {
            Ok(said) => said.map(|said| time_of(said, turn.zone)),
            Err(why) => {
                self.focus = Field::When;
                return turn.tell(why.to_string());
            }
        };
        match (self.event.clone(), time) {
            (Some(event), time) => self.save_change(&event, time, recurrence, &people, turn),
            // A time alone may be an appointment; it needs a word to be found again.
            (None, Some(_)) if self.subject.text().trim().is_empty() && people.is_empty() => {
                self.focus = Field::Subject;
                turn.tell("Say in a word what it is.");
            }
            (None, Some(time)) => {
                let time = begun(time, recurrence.as_ref());
                let draft = EventDraft {
                    location: self.place.text().trim().to_owned(),
                    attendees: people.into_iter().map(|one| self.invitee(one)).collect(),
                    is_online: self.is_online,
                    body: self.text.text().trim_end().to_owned(),
                    show_as: self.shown_as.unwrap_or(Availability::Busy),
                    reminder: self.reminder.unwrap_or(Some(USUAL_REMINDER)),
                    recurrence,
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

    fn save_change(
        &mut self,
        event: &Event,
        time: Option<EventTime>,
        recurrence: Option<Recurrence>,
        people: &[Recipient],
        turn: &mut Turn<'_>,
    ) {
        let is_repeated_anew = self.repeats.text().trim() != self.repeats_before;
        if is_repeated_anew && recurrence.is_none() && event.series.is_some() && !self.repeats_before.is_empty() {
            self.focus = Field::Repeats;
            return turn.tell("A series stays one: say until when, like \"weekly until today\", or delete it.");
        }
        let recurrence = recurrence.filter(|_| is_repeated_anew);
        // The two are told together: the pattern begins on the day of the event.
        let time = match &recurrence {
            Some(_) => {
                let time = time.unwrap_or_else(|| time_of_event(event, turn.zone));
                Some(if event.series.is_some() { time } else { begun(time, recurrence.as_ref()) })
            }
            None => time.filter(|time| time.when() != event.when),
        };
        let differs =
            |text: &LineEdit, before: &str| (text.text().trim() != before).then(|| text.text().trim().to_owned());
        let was_online = event.join_url.is_some();
        let change = EventChange {
            subject: differs(&self.subject, &event.subject),
            time,
            location: differs(&self.place, &event.location),
            attendees: invited(&event.attendees, people),
            is_online: (self.is_online != was_online).then_some(self.is_online),
            body: self.is_text_changed().then(|| self.text.text().trim_end().to_owned()),
            show_as: self.shown_as.filter(|_| self.shown_as != event.show_as),
            reminder: self.reminder.filter(|now| self.details.value().is_none_or(|known| known.reminder != *now)),
            recurrence,
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

/// The same on the first day of its pattern, where it repeats.
fn begun(time: EventTime, recurrence: Option<&Recurrence>) -> EventTime {
    let first = recurrence.and_then(|recurrence| recurrence.first(time.first_day()));
    first.map_or(time.clone(), |first| time.on(first))
}

/// The time of an event as it is told to the service, by the clocks of `zone`.
fn time_of_event(event: &Event, zone: &Zone) -> EventTime {
    match event.when {
        When::AllDay { start, end } => EventTime::AllDay { start, end },
        When::Timed(span) => {
            let said = Said::Slot { start: when::wall(span.start, zone), end: when::wall(span.end, zone) };
            time_of(said, zone)
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
        &[CommandId::EventSave, CommandId::NextPane, CommandId::EventEditor, CommandId::Close]
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
            Field::Online | Field::Reminder | Field::ShowAs => {
                let is_plain = !key.ctrl && !key.alt;
                match key.code {
                    KeyCode::Char(' ') | KeyCode::Right if is_plain => self.switch(false),
                    KeyCode::Left if is_plain => self.switch(true),
                    // A letter is no command while a form is open.
                    KeyCode::Char(_) if is_plain => {}
                    _ => return false,
                }
                true
            }
            Field::Text => {
                let mut wanted = self.text.clone();
                if !wanted.key(key) {
                    return false;
                }
                match self.why_no_text().filter(|_| wanted.text() != self.text.text()) {
                    Some(why) => turn.tell(why),
                    None => self.text = wanted,
                }
                self.is_warned = false;
                true
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

    fn resized(&mut self, turn: &mut Turn<'_>) {
        self.fit(turn.session);
    }

    fn pasted(&mut self, text: &str, turn: &mut Turn<'_>) -> bool {
        match self.focus {
            Field::People => self.people.paste(text),
            Field::Text => match self.why_no_text() {
                Some(why) => turn.tell(why),
                None => self.text.insert(text),
            },
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
        self.fit(turn.session);
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if !self.take_person(turn) {
            self.step_field(1);
            self.fit(turn.session);
        }
        true
    }

    fn close(&mut self, turn: &mut Turn<'_>) -> bool {
        let is_open = !self.completions().is_empty();
        self.found.clear();
        if is_open {
            return true;
        }
        // A text is more than can be typed again in passing.
        let warns = self.is_text_changed() && !std::mem::replace(&mut self.is_warned, true);
        if warns {
            turn.tell("The text is not saved. Once more leaves it; ctrl-s saves the event.");
        }
        warns
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
        if self.editing == Some(ticket) {
            self.editing = None;
            match result {
                Ok(Answer::Edited(text)) => self.text.set(text.trim_end()),
                Ok(_) => {}
                Err(report) => turn.step(Step::Problem(report.clone())),
            }
            return true;
        }
        let is_details = self.details.take(ticket, result, |answer| match answer {
            Answer::EventDetails(details) => Some((**details).clone()),
            _ => None,
        });
        if is_details {
            self.fill(turn.zone);
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
                self.switch(false);
                self.fit(turn.session);
            }
            _ => {}
        }
    }

    fn interest(&self, _session: &Session, interest: &mut Interest) {
        interest.people.extend(self.completions().iter().filter_map(Completion::id));
    }
}
