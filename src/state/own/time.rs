//! The own working hours and zone as a form: which days, from when to when, and where.
//!
//! Must stay true: only what was changed is set; a zone whose rules are not known is not offered; the zone of the mailbox and that of
//! the working hours are set together, as one person is in one place.

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::freebusy::WorkingHours;
use crate::domain::input::{Key, KeyCode};
use crate::domain::intent::Intent;
use crate::domain::me::Me;
use crate::domain::notice::Notice;
use crate::domain::own_settings::WorkingTime;
use crate::domain::request::Answer;
use crate::domain::time::said::{Said, understand};
use crate::domain::time::{Zone, zones_like};
use crate::state::command::CommandId;
use crate::state::event::Ticket;
use crate::state::form::{self, Saving};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::own::{OwnField, SET_ASIDE};
use crate::state::session::Session;
use crate::state::surface::{Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use crate::state::when;
use jiff::civil::{DateTime, Time, Weekday};

/// So many zones are offered.
pub const MOST_ZONES: usize = 6;

/// The days of a week, as they are shown.
pub const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// A field of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    /// Which days.
    #[default]
    Days,
    /// From when.
    From,
    /// Until when.
    Until,
    /// Where.
    Zone,
}

impl Field {
    /// All, in the order of Tab.
    pub const ALL: [Self; 4] = [Self::Days, Self::From, Self::Until, Self::Zone];

    /// Its label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Days => "Days",
            Self::From => "From",
            Self::Until => "Until",
            Self::Zone => "Zone",
        }
    }
}

/// The form.
#[derive(Clone, Debug, Default)]
pub struct TimeForm {
    /// As it was when the form was filled.
    before: WorkingTime,
    days: Vec<Weekday>,
    day: usize,
    from: LineEdit,
    until: LineEdit,
    zone: LineEdit,
    offered: Vec<String>,
    choice: usize,
    focus: Field,
    /// Something was changed here and is not set.
    is_touched: bool,
    /// It came back from an earlier time.
    is_resumed: bool,
    now: DateTime,
    saving: Saving,
}

impl TimeForm {
    /// Opens the form over what is known.
    #[must_use]
    pub fn open(turn: &mut Turn<'_>) -> Self {
        let now = when::wall(turn.now, turn.zone);
        if let Some(form) = turn.session.set_aside.time.take() {
            // What is typed stays; it is compared with what is there now.
            let before = turn.session.me.as_ref().map_or_else(WorkingTime::default, known);
            return Self { before, now, is_resumed: true, ..*form };
        }
        let mut form = Self { now, ..Self::default() };
        if let Some(me) = &turn.session.me {
            form.fill(me);
        }
        form
    }

    /// Keeps what was typed and not set for the next time.
    pub fn set_aside(&self, turn: &mut Turn<'_>) {
        if self.is_touched && !self.saving.is_on() {
            turn.session.set_aside.time = Some(Box::new(self.clone()));
        }
    }

    /// Throws away what was typed here.
    pub fn start_over(&mut self, turn: &mut Turn<'_>) {
        (self.is_touched, self.is_resumed) = (false, false);
        if let Some(me) = &turn.session.me {
            self.fill(me);
        }
        turn.tell("As they are set.");
    }

    /// Whether something here is not set yet.
    #[must_use]
    pub const fn is_touched(&self) -> bool {
        self.is_touched
    }

    /// Whether what is here was typed at an earlier time.
    #[must_use]
    pub const fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    fn fill(&mut self, me: &Me) {
        self.before = known(me);
        let hours = me.working_hours.as_ref();
        self.days = hours.map_or_else(|| WEEK[..5].to_vec(), |hours| hours.days.clone());
        let clock = |time: Time| format!("{:02}:{:02}", time.hour(), time.minute());
        self.from = LineEdit::with(&hours.map_or_else(String::new, |hours| clock(hours.start)));
        self.until = LineEdit::with(&hours.map_or_else(String::new, |hours| clock(hours.end)));
        let zone = me.zone.as_ref().or(hours.map(|hours| &hours.zone));
        self.zone = LineEdit::with(zone.map_or("", |zone| zone.name.as_str()));
        self.offered.clear();
    }

    /// Whether this is a working day.
    #[must_use]
    pub fn works_on(&self, day: Weekday) -> bool {
        self.days.contains(&day)
    }

    /// The day under the cursor, by its place in the week.
    #[must_use]
    pub const fn day(&self) -> usize {
        self.day
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
            Field::From => Some(&self.from),
            Field::Until => Some(&self.until),
            Field::Zone => Some(&self.zone),
            Field::Days => None,
        }
    }

    /// Zones whose name fits what is typed.
    #[must_use]
    pub fn zones(&self) -> &[String] {
        if self.focus == Field::Zone { &self.offered } else { &[] }
    }

    /// The zone under the cursor.
    #[must_use]
    pub const fn choice(&self) -> usize {
        self.choice
    }

    /// The zone that is typed, if its rules are known.
    #[must_use]
    pub fn typed_zone(&self) -> Option<Zone> {
        let zone = Zone::find(self.zone.text().trim());
        zone.rules.is_some().then_some(zone)
    }

    /// The mailbox says nothing of working hours.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.before.hours.is_none()
    }

    /// From when to when, as typed.
    ///
    /// # Errors
    /// Says what is not understood.
    pub fn times(&self) -> Result<(Time, Time), String> {
        let clock = |line: &LineEdit, name: &str| {
            let text = line.text().trim();
            if let Ok(time) = text.parse::<Time>() {
                return Ok(time);
            }
            // An hour alone is a time here.
            let text =
                if text.chars().all(|letter| letter.is_ascii_digit()) { format!("{text}:00") } else { text.to_owned() };
            match understand(&text, self.now) {
                Ok(Said::Moment(at)) => Ok(at.time()),
                _ => Err(format!("{name}: a time like 9:00 or 5pm.")),
            }
        };
        let (start, end) = (clock(&self.from, "From")?, clock(&self.until, "Until")?);
        if start == end { Err("The day has no length.".to_owned()) } else { Ok((start, end)) }
    }

    /// What it would set; `None`: nothing was changed.
    ///
    /// # Errors
    /// The field that cannot be set so, and why.
    fn wanted(&self) -> Result<Option<WorkingTime>, (Field, String)> {
        let Some(zone) = self.typed_zone() else {
            return Err((Field::Zone, "This zone is not known; choose one of the list.".to_owned()));
        };
        let known = self.before.zone.as_ref().or(self.before.hours.as_ref().map(|hours| &hours.zone));
        let moves = known.is_none_or(|known| known.name != zone.name);
        let hours_zone = match &self.before.hours {
            Some(hours) if !moves => hours.zone.clone(),
            _ => zone.clone(),
        };
        let (start, end) = self.times().map_err(|why| (Field::From, why))?;
        if self.days.is_empty() {
            return Err((Field::Days, "Choose at least one day.".to_owned()));
        }
        let days: Vec<Weekday> = WEEK.into_iter().filter(|day| self.days.contains(day)).collect();
        let hours = WorkingHours { days, start, end, zone: hours_zone };
        let is_same = |before: &WorkingHours| {
            before.start == hours.start
                && before.end == hours.end
                && before.zone == hours.zone
                && WEEK.into_iter().all(|day| before.days.contains(&day) == hours.days.contains(&day))
        };
        let wanted = WorkingTime {
            zone: moves.then_some(zone),
            hours: (!self.before.hours.as_ref().is_some_and(is_same)).then_some(hours),
        };
        Ok((wanted != WorkingTime::default()).then_some(wanted))
    }

    /// Sets it, if it can be understood.
    pub fn save(&mut self, turn: &mut Turn<'_>) {
        if self.saving.is_on() {
            return;
        }
        if let Some(why) = turn.session.why_not(Feature::SettingsWrite) {
            return turn.tell(why);
        }
        match self.wanted() {
            Ok(Some(wanted)) => self.saving.begin(vec![Intent::WorkingTime(Box::new(wanted))], turn),
            Ok(None) => {
                turn.tell("Nothing was changed.");
                turn.step(Step::CloseLayer);
            }
            Err((field, why)) => {
                self.focus = field;
                turn.tell(why);
            }
        }
    }

    fn toggle(&mut self, day: Weekday) {
        self.is_touched = true;
        match self.days.iter().position(|one| *one == day) {
            Some(at) => {
                self.days.remove(at);
            }
            None => self.days.push(day),
        }
    }

    fn take_zone(&mut self, at: usize) -> bool {
        let Some(name) = self.zones().get(at).cloned() else { return false };
        self.zone = LineEdit::with(&name);
        self.offered.clear();
        self.is_touched = true;
        true
    }

    fn step_field(&mut self, steps: isize) {
        self.focus = form::stepped(&Field::ALL, self.focus, steps, |_| true);
        self.offered.clear();
    }
}

/// Hours and zone as they are set.
fn known(me: &Me) -> WorkingTime {
    WorkingTime { zone: me.zone.clone(), hours: me.working_hours.clone() }
}

impl Surface for TimeForm {
    fn context(&self) -> KeyContext {
        KeyContext::OwnTime
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::OwnSave, CommandId::NextPane, CommandId::RepliesAsSet, CommandId::Close]
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        match command {
            CommandId::NextPane if !self.zones().is_empty() => Some("take zone"),
            command => form::word(command),
        }
    }

    fn pane(&self) -> Pane {
        Pane::Field
    }

    fn is_typing(&self) -> bool {
        true
    }

    fn typed(&mut self, key: Key, _turn: &mut Turn<'_>) -> bool {
        if self.saving.is_on() {
            return true;
        }
        let is_plain = !key.ctrl && !key.alt;
        let line = match self.focus {
            Field::Days => {
                match key.code {
                    KeyCode::Left if is_plain => self.day = (self.day + 6) % 7,
                    KeyCode::Right if is_plain => self.day = (self.day + 1) % 7,
                    KeyCode::Char(' ') if is_plain => self.toggle(WEEK[self.day]),
                    KeyCode::Char(_) if is_plain => {}
                    _ => return false,
                }
                return true;
            }
            Field::From => &mut self.from,
            Field::Until => &mut self.until,
            Field::Zone => &mut self.zone,
        };
        let Some(has_changed) = line.typed(key) else { return false };
        if has_changed {
            self.is_touched = true;
            if self.focus == Field::Zone {
                self.offered = zones_like(self.zone.text(), MOST_ZONES);
                self.choice = 0;
            }
        }
        true
    }

    fn pasted(&mut self, text: &str, _turn: &mut Turn<'_>) -> bool {
        match self.focus {
            Field::Days => {}
            Field::From => self.from.insert(text),
            Field::Until => self.until.insert(text),
            Field::Zone => {
                self.zone.insert(text);
                self.offered = zones_like(self.zone.text(), MOST_ZONES);
            }
        }
        self.is_touched = true;
        true
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let offered = self.zones().len();
        match motion {
            Motion::Next if offered > 0 => self.choice = (self.choice + 1).min(offered - 1),
            Motion::Previous if offered > 0 => self.choice = self.choice.saturating_sub(1),
            Motion::NextPane if self.take_zone(self.choice) => {}
            Motion::NextPane | Motion::Next => self.step_field(1),
            Motion::PreviousPane | Motion::Previous => self.step_field(-1),
            _ => {}
        }
        true
    }

    fn open(&mut self, _turn: &mut Turn<'_>) -> bool {
        if !self.take_zone(self.choice) {
            self.step_field(1);
        }
        true
    }

    /// Esc closes the list of zones, then leaves; what was typed comes back with the form.
    fn close(&mut self, turn: &mut Turn<'_>) -> bool {
        let is_open = !self.zones().is_empty();
        self.offered.clear();
        if !is_open && self.is_touched {
            self.set_aside(turn);
            turn.tell(SET_ASIDE);
        }
        is_open
    }

    fn notice(&mut self, notice: &Notice, _is_shown: bool, _turn: &mut Turn<'_>) {
        if let Notice::Me(me) = notice
            && !self.is_touched
        {
            self.fill(me);
        }
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        self.saving.take(ticket, result, turn).is_some()
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, _turn: &mut Turn<'_>) {
        match target {
            Target::Entry(at) if !self.zones().is_empty() => {
                self.take_zone(*at);
            }
            Target::Entry(at) if *at < WEEK.len() => {
                (self.focus, self.day) = (Field::Days, *at);
                self.toggle(WEEK[*at]);
            }
            Target::Own(OwnField::Time(field)) => self.focus = *field,
            _ => {}
        }
    }
}
