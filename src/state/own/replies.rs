//! The own automatic replies as a form: off, on or for a while; what colleagues and others read, and which others.
//!
//! Must stay true: a text that was not touched is not sent, so its formatting from elsewhere stays; a time that was not touched is not
//! read again; what was typed is kept on this computer within a second and comes back with the form, until it is set or thrown away.

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::event_draft::{AutomaticRepliesSetting, AutomaticRepliesState, ExternalAudience};
use crate::domain::input::{Key, KeyCode};
use crate::domain::intent::Intent;
use crate::domain::notice::Notice;
use crate::domain::own_settings::{RepliesNow, UnsetReplies};
use crate::domain::request::{Answer, Request};
use crate::domain::time::said::{Said, understand};
use crate::domain::time::{Span, Zone, instant_of};
use crate::state::command::CommandId;
use crate::state::event::{Effect, Ticket, Wake};
use crate::state::form::{self, Saving};
use crate::state::geometry::Area;
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::own::{OwnField, SET_ASIDE, words};
use crate::state::page::Page;
use crate::state::session::Session;
use crate::state::surface::{Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use crate::state::text_area::TextArea;
use crate::state::when;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

/// What was typed is kept so long after the first key at most.
const PAUSE: SignedDuration = SignedDuration::from_millis(1_000);
/// Columns of the labels.
pub const LABELS: u16 = 12;

/// Rows a text has at least: enough to be seen as a place to write, and no hollow page while nothing is written.
const TEXT_ROWS: u16 = 6;

/// Whether replies go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// Nobody is answered.
    #[default]
    Off,
    /// Until somebody ends it.
    On,
    /// From a time to a time.
    While,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    /// Off, on, for a while.
    #[default]
    Way,
    /// From when.
    From,
    /// Until when.
    Until,
    /// What colleagues read.
    Internal,
    /// Which others are answered.
    Audience,
    /// What others read.
    External,
}

impl Field {
    /// All, in the order of Tab.
    pub const ALL: [Self; 6] = [Self::Way, Self::From, Self::Until, Self::Internal, Self::Audience, Self::External];

    /// Its label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Way => "Replies",
            Self::From => "From",
            Self::Until => "Until",
            Self::Internal => "Colleagues",
            Self::Audience => "Outside",
            Self::External => "Others",
        }
    }
}

/// The form.
#[derive(Clone, Debug, Default)]
pub struct RepliesForm {
    /// As they were when the form was filled.
    before: Option<AutomaticRepliesSetting>,
    way: Way,
    from: LineEdit,
    until: LineEdit,
    typed_before: (String, String),
    audience: ExternalAudience,
    internal: TextArea,
    external: TextArea,
    focus: Field,
    now: DateTime,
    problem: Option<Report>,
    /// Something was changed here and is not set.
    is_touched: bool,
    is_dirty: bool,
    /// It came back from an earlier time.
    is_resumed: bool,
    reading: Option<Ticket>,
    resuming: Option<Ticket>,
    keeping: Option<Ticket>,
    editing: Option<(Ticket, Field)>,
    saving: Saving,
}

impl RepliesForm {
    /// Opens the form over what is known, and looks for what was being written.
    #[must_use]
    pub fn open(turn: &mut Turn<'_>) -> Self {
        let mut form = Self { now: when::wall(turn.now, turn.zone), ..Self::default() };
        form.resuming = Some(turn.ask(Request::UnsetReplies));
        match turn.session.me.as_ref().and_then(|me| me.replies.clone()) {
            Some(known) => form.fill(known, turn),
            None => form.reading = Some(turn.ask(Request::AutomaticReplies)),
        }
        form.fit(turn.session);
        form
    }

    fn fill(&mut self, known: AutomaticRepliesSetting, turn: &Turn<'_>) {
        self.way = match known.at(turn.now) {
            RepliesNow::Off | RepliesNow::Over(_) => Way::Off,
            RepliesNow::On => Way::On,
            RepliesNow::OnUntil(_) | RepliesNow::From(_) => Way::While,
        };
        let span = match known.state {
            AutomaticRepliesState::Scheduled(span) if self.way == Way::While => Some(span),
            _ => None,
        };
        self.from = LineEdit::with(&span.map_or_else(String::new, |span| typed(span.start, turn.zone)));
        self.until = LineEdit::with(&span.map_or_else(String::new, |span| typed(span.end, turn.zone)));
        self.typed_before = (self.from.text().to_owned(), self.until.text().to_owned());
        self.audience = known.audience;
        self.internal.set(known.internal.as_deref().unwrap_or_default().trim_end());
        self.external.set(known.external.as_deref().unwrap_or_default().trim_end());
        self.before = Some(known);
        self.fit(turn.session);
    }

    /// How they stand, as last read; nothing while that is unknown.
    #[must_use]
    pub const fn known(&self) -> Option<&AutomaticRepliesSetting> {
        self.before.as_ref()
    }

    /// Why they could not be read.
    #[must_use]
    pub const fn problem(&self) -> Option<&Report> {
        self.problem.as_ref()
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

    /// Whether something typed has not been asked to be kept yet, or is on its way.
    #[must_use]
    pub const fn is_unkept(&self) -> bool {
        self.is_dirty || self.keeping.is_some()
    }

    /// The way that is chosen.
    #[must_use]
    pub const fn way(&self) -> Way {
        self.way
    }

    /// Who outside is answered.
    #[must_use]
    pub const fn audience(&self) -> ExternalAudience {
        self.audience
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
            _ => None,
        }
    }

    /// The text of a field that is one.
    #[must_use]
    pub const fn text_of(&self, field: Field) -> Option<&TextArea> {
        match field {
            Field::Internal => Some(&self.internal),
            Field::External => Some(&self.external),
            _ => None,
        }
    }

    /// Whether a field has a meaning now.
    #[must_use]
    pub fn is_used(&self, field: Field) -> bool {
        match field {
            Field::From | Field::Until => self.way == Way::While,
            Field::External => self.audience != ExternalAudience::None,
            _ => true,
        }
    }

    /// What was understood of the time, in words; `None` where there is nothing to echo. `false` beside it: it cannot be set so.
    #[must_use]
    pub fn echo(&self, now: Timestamp, zone: &Zone) -> Option<(String, bool)> {
        if self.way != Way::While {
            return None;
        }
        Some(match self.span(now, zone) {
            Ok(span) if span.end <= now => ("That is over already.".to_owned(), false),
            Ok(span) => {
                let told = |at| words::moment(at, now, zone);
                let from = if span.start <= now { "Now".to_owned() } else { format!("From {}", told(span.start)) };
                (format!("{from} until {}", told(span.end)), true)
            }
            Err(why) => (why, false),
        })
    }

    /// The period as it stands in the fields.
    fn span(&self, now: Timestamp, zone: &Zone) -> Result<Span, String> {
        let rules = when::rules(zone);
        let known = match self.before.as_ref().map(|known| &known.state) {
            Some(AutomaticRepliesState::Scheduled(span)) => Some(*span),
            _ => None,
        };
        let start = match (self.from.text().trim(), known) {
            ("", _) => now,
            (text, Some(span)) if text == self.typed_before.0 => span.start,
            (text, _) => instant_of(understand(text, self.now).map_err(|why| format!("From: {why}"))?.start(), &rules),
        };
        let end = match (self.until.text().trim(), known) {
            ("", _) => return Err("Until when? \"friday\", \"2 jan 9:00\", \"in 3 days\".".to_owned()),
            (text, Some(span)) if text == self.typed_before.1 => span.end,
            (text, _) => {
                // A day that is named is a day away: back on the next.
                let said = understand(text, self.now).map_err(|why| format!("Until: {why}"))?;
                instant_of(if let Said::Slot { start, .. } = said { start } else { said.end() }, &rules)
            }
        };
        if end <= start { Err("The end is not after the beginning.".to_owned()) } else { Ok(Span { start, end }) }
    }

    /// Sets them, if all can be understood.
    pub fn save(&mut self, turn: &mut Turn<'_>) {
        if self.saving.is_on() {
            return;
        }
        if let Some(why) = turn.session.why_not(Feature::SettingsWrite) {
            return turn.tell(why);
        }
        let Some(before) = self.before.clone() else { return turn.tell("They are not read yet.") };
        let state = match self.way {
            Way::Off => AutomaticRepliesState::Off,
            Way::On => AutomaticRepliesState::On,
            Way::While => match self.span(turn.now, turn.zone) {
                Ok(span) if span.end > turn.now => AutomaticRepliesState::Scheduled(span),
                Ok(_) => return self.refuse(Field::Until, "That is over already.", turn),
                Err(why) => return self.refuse(Field::Until, &why, turn),
            },
        };
        if self.way != Way::Off && self.internal.text().trim().is_empty() {
            return self.refuse(Field::Internal, "Write what colleagues shall read.", turn);
        }
        let differs = |text: &TextArea, before: Option<&str>| {
            let text = text.text().trim_end();
            (text != before.unwrap_or_default().trim_end()).then(|| text.to_owned())
        };
        let internal = differs(&self.internal, before.internal.as_deref());
        let is_empty = self.external.text().trim().is_empty();
        let external = if self.way != Way::Off && self.audience != ExternalAudience::None && is_empty {
            Some(self.internal.text().trim_end().to_owned())
        } else {
            differs(&self.external, before.external.as_deref())
        };
        let wanted = AutomaticRepliesSetting { state, internal, external, audience: self.audience, is_html: false };
        let is_same = wanted.internal.is_none()
            && wanted.external.is_none()
            && wanted.audience == before.audience
            && (wanted.state == before.state || self.way == Way::Off && before.at(turn.now).is_off());
        if is_same {
            turn.tell("Nothing was changed.");
            turn.ask(Request::KeepReplies(None));
            return turn.step(Step::CloseLayer);
        }
        self.saving.begin(vec![Intent::AutomaticReplies(wanted)], turn);
    }

    fn refuse(&mut self, field: Field, why: &str, turn: &mut Turn<'_>) {
        self.focus = field;
        turn.tell(why);
    }

    /// Ends them now; the texts stay as they are.
    pub fn end_now(&mut self, turn: &mut Turn<'_>) {
        self.way = Way::Off;
        self.save(turn);
    }

    /// Throws away what was typed here.
    pub fn start_over(&mut self, turn: &mut Turn<'_>) {
        self.is_touched = false;
        self.is_dirty = false;
        self.is_resumed = false;
        self.keeping = Some(turn.ask(Request::KeepReplies(None)));
        if let Some(known) = turn.session.me.as_ref().and_then(|me| me.replies.clone()).or(self.before.clone()) {
            self.fill(known, turn);
        }
        turn.tell("As they are set.");
    }

    /// Shows both texts as others get them.
    pub fn preview(&self, turn: &mut Turn<'_>) {
        let or = |text: &TextArea, otherwise: &str| match text.text().trim() {
            "" => otherwise.to_owned(),
            text => text.to_owned(),
        };
        let internal = or(&self.internal, "(nothing)");
        let others = match self.audience {
            ExternalAudience::None => "Nobody outside is answered.".to_owned(),
            audience => {
                let who =
                    if audience == ExternalAudience::Contacts { "Your contacts outside" } else { "Everybody outside" };
                format!("{who} read:\n\n{}", or(&self.external, &internal))
            }
        };
        let who = turn.session.my_address().to_owned();
        let text = format!("Automatic reply from {who}\n\nColleagues read:\n\n{internal}\n\n{others}\n");
        turn.step(Step::Page(Box::new(Page::of_text("As others see it".to_owned(), &text))));
    }

    /// Hands the text under the cursor to the person's editor.
    pub fn edit_outside(&mut self, turn: &mut Turn<'_>) {
        if self.focus != Field::External {
            self.focus = Field::Internal;
        }
        let Some(text) = self.text_of(self.focus) else { return };
        let text = text.text().to_owned();
        self.keep(turn);
        let ticket = turn.session.next_ticket();
        turn.effects.push(Effect::Edit(ticket, text));
        self.editing = Some((ticket, self.focus));
    }

    /// Asks for what was typed to be kept, if it is not.
    pub fn keep(&mut self, turn: &mut Turn<'_>) {
        if !self.is_dirty || self.keeping.is_some() {
            return;
        }
        self.is_dirty = false;
        let unset = UnsetReplies {
            way: self.way as u8,
            from: self.from.text().to_owned(),
            until: self.until.text().to_owned(),
            audience: match self.audience {
                ExternalAudience::None => 0,
                ExternalAudience::Contacts => 1,
                ExternalAudience::All => 2,
            },
            internal: self.internal.text().to_owned(),
            external: self.external.text().to_owned(),
        };
        self.keeping = Some(turn.ask(Request::KeepReplies(Some(Box::new(unset)))));
    }

    fn resume(&mut self, unset: &UnsetReplies, turn: &Turn<'_>) {
        self.way = [Way::Off, Way::On, Way::While][usize::from(unset.way.min(2))];
        self.from = LineEdit::with(&unset.from);
        self.until = LineEdit::with(&unset.until);
        self.audience = match unset.audience {
            0 => ExternalAudience::None,
            1 => ExternalAudience::Contacts,
            _ => ExternalAudience::All,
        };
        self.internal.set(&unset.internal);
        self.external.set(&unset.external);
        (self.is_touched, self.is_resumed) = (true, true);
        self.fit(turn.session);
    }

    fn changed(&mut self, turn: &mut Turn<'_>) {
        self.is_touched = true;
        if !self.is_dirty {
            self.is_dirty = true;
            turn.wake_after(Wake::Keep, PAUSE);
        }
        self.fit(turn.session);
    }

    fn step_field(&mut self, steps: isize) {
        self.focus = form::stepped(&Field::ALL, self.focus, steps, |field| self.is_used(field));
    }

    fn switch(&mut self, is_back: bool, turn: &mut Turn<'_>) {
        let turned = |at: usize, count: usize| if is_back { (at + count - 1) % count } else { (at + 1) % count };
        match self.focus {
            Field::Way => self.way = [Way::Off, Way::On, Way::While][turned(self.way as usize, 3)],
            Field::Audience => {
                let all = [ExternalAudience::None, ExternalAudience::Contacts, ExternalAudience::All];
                let at = all.iter().position(|one| *one == self.audience).unwrap_or(0);
                self.audience = all[turned(at, 3)];
            }
            _ => return,
        }
        self.changed(turn);
    }

    /// The overlay and its parts.
    #[must_use]
    pub fn areas(&self, session: &Session) -> RepliesAreas {
        let body = session.screen().body;
        let width = body.width.saturating_sub(4).min(84);
        let times = if self.way == Way::While { 3 } else { 0 };
        let others = u16::from(self.is_used(Field::External));
        // State, a rule of air, way, times, audience, and air between the texts.
        let fixed = 3 + times + 1 + 1 + others;
        let column = usize::from(width.saturating_sub(4 + LABELS + 1)).max(1);
        let wanted = |text: &TextArea| {
            let rows = text.text().split('\n').map(|line| line.len() / column + 1).sum::<usize>();
            u16::try_from(rows).unwrap_or(u16::MAX).clamp(TEXT_ROWS, 26)
        };
        let texts = wanted(&self.internal) + if others > 0 { wanted(&self.external) } else { 0 };
        let frame = body.centred(width, body.height.min(26).min(fixed + texts + 2));
        let inside = frame.inside(2, 1);
        let room = inside.height.saturating_sub(fixed);
        let internal_rows =
            if others > 0 { room.saturating_sub(wanted(&self.external).min(room / 2)).max(1) } else { room.max(1) };
        let row = |y: u16, height: u16| Area { y: inside.y + y, height, ..inside };
        let internal = row(3 + times, internal_rows);
        let audience = row(3 + times + internal_rows + 1, 1);
        let external = row(3 + times + internal_rows + 2 + others, room.saturating_sub(internal_rows).max(1));
        let text = |area: Area| Area { x: area.x + LABELS, width: area.width.saturating_sub(LABELS + 1), ..area };
        RepliesAreas {
            frame,
            state: row(0, 1),
            way: row(2, 1),
            from: row(3, 1),
            until: row(4, 1),
            echo: row(5, 1),
            internal: text(internal),
            audience,
            external: text(external),
        }
    }

    fn fit(&mut self, session: &Session) {
        let areas = self.areas(session);
        self.internal.resize(areas.internal.width, areas.internal.height);
        self.external.resize(areas.external.width, areas.external.height);
    }
}

/// Where the parts stand on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepliesAreas {
    /// The overlay.
    pub frame: Area,
    /// How they stand.
    pub state: Area,
    /// Off, on, for a while.
    pub way: Area,
    /// From when.
    pub from: Area,
    /// Until when.
    pub until: Area,
    /// What was understood.
    pub echo: Area,
    /// What colleagues read.
    pub internal: Area,
    /// Which others.
    pub audience: Area,
    /// What others read.
    pub external: Area,
}

/// An instant as it would be typed.
fn typed(at: Timestamp, zone: &Zone) -> String {
    let wall = when::wall(at, zone);
    format!("{} {:02}:{:02}", wall.date(), wall.hour(), wall.minute())
}

impl Surface for RepliesForm {
    fn context(&self) -> KeyContext {
        KeyContext::OwnReplies
    }

    fn hints(&self) -> &'static [CommandId] {
        &[
            CommandId::OwnSave,
            CommandId::NextPane,
            CommandId::RepliesPreview,
            CommandId::RepliesEditor,
            CommandId::RepliesEndNow,
            CommandId::RepliesAsSet,
            CommandId::Close,
        ]
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        form::word(command)
    }

    fn pane(&self) -> Pane {
        Pane::Field
    }

    fn is_typing(&self) -> bool {
        true
    }

    fn typed(&mut self, key: Key, turn: &mut Turn<'_>) -> bool {
        if self.saving.is_on() {
            return true;
        }
        let is_plain = !key.ctrl && !key.alt;
        match self.focus {
            Field::Way | Field::Audience => match key.code {
                KeyCode::Char(' ') | KeyCode::Right if is_plain => self.switch(false, turn),
                KeyCode::Left if is_plain => self.switch(true, turn),
                // A letter is no command while a form is open.
                KeyCode::Char(_) if is_plain => {}
                _ => return false,
            },
            Field::From | Field::Until => {
                let line = if self.focus == Field::From { &mut self.from } else { &mut self.until };
                let Some(has_changed) = line.typed(key) else { return false };
                if has_changed {
                    self.changed(turn);
                }
            }
            Field::Internal | Field::External => {
                let text = if self.focus == Field::Internal { &mut self.internal } else { &mut self.external };
                let before = text.text().to_owned();
                if !text.key(key) {
                    return false;
                }
                if text.text() != before {
                    self.changed(turn);
                }
            }
        }
        true
    }

    fn pasted(&mut self, text: &str, turn: &mut Turn<'_>) -> bool {
        match self.focus {
            Field::From => self.from.insert(text),
            Field::Until => self.until.insert(text),
            Field::Internal => self.internal.insert(text),
            Field::External => self.external.insert(text),
            Field::Way | Field::Audience => return true,
        }
        self.changed(turn);
        true
    }

    fn resized(&mut self, turn: &mut Turn<'_>) {
        self.fit(turn.session);
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        match motion {
            Motion::NextPane | Motion::Next => self.step_field(1),
            Motion::PreviousPane | Motion::Previous => self.step_field(-1),
            _ => {}
        }
        true
    }

    fn open(&mut self, _turn: &mut Turn<'_>) -> bool {
        self.step_field(1);
        true
    }

    /// Esc leaves; what was typed comes back with the form.
    fn close(&mut self, turn: &mut Turn<'_>) -> bool {
        self.keep(turn);
        if self.is_touched {
            turn.tell(SET_ASIDE);
        }
        false
    }

    fn notice(&mut self, notice: &Notice, _is_shown: bool, turn: &mut Turn<'_>) {
        if let Notice::Me(me) = notice
            && let Some(known) = &me.replies
            && self.before.as_ref() != Some(known)
            && !self.saving.is_on()
        {
            if self.is_touched {
                // What is typed stays; it is compared with what is there now.
                self.before = Some(known.clone());
            } else {
                self.fill(known.clone(), turn);
            }
        }
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        if let Some(is_set) = self.saving.take(ticket, result, turn) {
            if is_set {
                (self.is_touched, self.is_dirty) = (false, false);
                turn.ask(Request::KeepReplies(None));
            }
        } else if self.reading == Some(ticket) {
            self.reading = None;
            match result {
                Ok(Answer::AutomaticReplies(known)) if self.is_touched => self.before = Some((**known).clone()),
                Ok(Answer::AutomaticReplies(known)) => self.fill((**known).clone(), turn),
                Ok(_) => {}
                Err(report) => self.problem = Some(report.clone()),
            }
        } else if self.resuming == Some(ticket) {
            self.resuming = None;
            if let (Ok(Answer::UnsetReplies(Some(unset))), false) = (result, self.is_touched) {
                self.resume(unset, turn);
            }
        } else if self.keeping == Some(ticket) {
            self.keeping = None;
            self.keep(turn);
        } else if let Some((_, field)) = self.editing.take_if(|(asked, _)| *asked == ticket) {
            match result {
                Ok(Answer::Edited(text)) => {
                    let area = if field == Field::External { &mut self.external } else { &mut self.internal };
                    area.set(text.trim_end());
                    self.changed(turn);
                }
                Ok(_) => {}
                Err(report) => turn.step(Step::Problem(report.clone())),
            }
        } else {
            return false;
        }
        true
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        if wake == Wake::Keep {
            self.keep(turn);
        }
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Own(OwnField::Replies(field)) = target {
            let was = self.focus;
            self.focus = *field;
            if was == *field {
                self.switch(false, turn);
            }
        }
    }
}
