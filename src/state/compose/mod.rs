//! A message that is being written: fields, text, review, and the ways it ends.
//!
//! Must stay true: whatever is typed is asked to be kept on this computer within a second, and a message leaves only after what is on
//! the screen was kept. Nothing is sent, discarded or closed by a key that is also a letter of the text; Esc leads to the review,
//! and nothing is lost by it. Deliberately absent: how a message is sent, and the service's copy of a draft (both are changes).

pub mod away;
mod elsewhere;
pub mod people;
pub mod review;

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::draft::{Draft, DraftAttachment, DraftId, DraftKind};
use crate::domain::draft_check::{self, Check};
use crate::domain::draft_elsewhere::{Elsewhere, FileThere};
use crate::domain::input::{Key, KeyCode};
use crate::domain::intent::Intent;
use crate::domain::mail::{MessageId, Recipient};
use crate::domain::person::Person;
use crate::domain::request::{Answer, FoundPeople, PersonRef, Request};
use crate::state::command::CommandId;
use crate::state::completion::{Completion, Expanding, Taken, offered};
use crate::state::compose::away::Absences;
use crate::state::compose::people::PeopleField;
use crate::state::event::{Effect, Interest, Ticket, Wake};
use crate::state::geometry::Area;
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::picker::Purpose;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use crate::state::text_area::TextArea;
use jiff::{SignedDuration, Timestamp};

/// What was typed is kept so long after the first key at most.
const PAUSE: SignedDuration = SignedDuration::from_millis(1_000);
/// The directory is asked for a name when typing has rested for this long.
const REST: SignedDuration = SignedDuration::from_millis(200);
/// So many people are offered.
pub const MOST_COMPLETIONS: usize = 6;

/// A field of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// To.
    To,
    /// Cc.
    Cc,
    /// Bcc.
    Bcc,
    /// The subject.
    Subject,
    /// The text.
    Body,
}

impl Field {
    /// All, in the order of Tab.
    pub const ALL: [Self; 5] = [Self::To, Self::Cc, Self::Bcc, Self::Subject, Self::Body];

    /// Its label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::To => "To",
            Self::Cc => "Cc",
            Self::Bcc => "Bcc",
            Self::Subject => "Subject",
            Self::Body => "",
        }
    }
}

/// Where the parts stand on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComposeAreas {
    /// The rule with the title.
    pub title: Area,
    /// A line each, for the fields that are shown.
    pub fields: Vec<(Field, Area)>,
    /// The line of attached files, if there are any.
    pub attached: Option<Area>,
    /// The text.
    pub body: Area,
    /// What is said before sending.
    pub checks: Area,
}

/// How far the sending has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Leaving {
    /// It is being written.
    #[default]
    No,
    /// It is kept once more, then it is sent.
    KeepsToSend,
    /// It is kept once more, then it is put aside.
    KeepsToPostpone,
    /// The outbox was asked to take it.
    Asked(Ticket),
}

/// The message.
#[derive(Clone, Debug)]
pub struct Compose {
    kind: DraftKind,
    draft: Option<Box<Draft>>,
    /// The question for the draft, while it is on its way.
    beginning: Option<Ticket>,
    to: PeopleField,
    cc: PeopleField,
    bcc: PeopleField,
    subject: LineEdit,
    absences: Absences,
    body: TextArea,
    attachments: Vec<DraftAttachment>,
    /// What hangs on the draft in the mailbox, where another program began it.
    there: Vec<FileThere>,
    focus: Field,
    review: Option<usize>,
    found: Slot<FoundPeople>,
    completion: usize,
    members: Expanding,
    is_dirty: bool,
    /// Something was typed since it was begun or opened.
    is_touched: bool,
    /// What was asked for before the draft was made: it is done then.
    later: Option<CommandId>,
    keeping: Option<Ticket>,
    kept: Option<Timestamp>,
    problem: Option<Report>,
    editing: Option<Ticket>,
    attaching: Option<Ticket>,
    leaving: Leaving,
}

impl Compose {
    /// A message that begins as `kind`, about `message`.
    pub fn begin(kind: DraftKind, about: Option<MessageId>, turn: &mut Turn<'_>) -> Self {
        let focus = if matches!(kind, DraftKind::Reply | DraftKind::ReplyAll) { Field::Body } else { Field::To };
        let beginning = Some(turn.ask(Request::BeginDraft { kind, about }));
        let mut compose = Self { beginning, ..Self::empty(kind, focus) };
        compose.fit(turn.session);
        compose
    }

    /// A draft that is written further.
    pub fn open(draft: Box<Draft>, turn: &mut Turn<'_>) -> Self {
        let mut compose = Self { is_touched: true, ..Self::empty(draft.kind, Field::Body) };
        compose.fill(draft);
        if compose.to.is_empty() {
            compose.focus = Field::To;
        }
        compose.fit(turn.session);
        compose
    }

    fn empty(kind: DraftKind, focus: Field) -> Self {
        Self {
            kind,
            draft: None,
            beginning: None,
            to: PeopleField::default(),
            cc: PeopleField::default(),
            bcc: PeopleField::default(),
            absences: Absences::default(),
            subject: LineEdit::default(),
            body: TextArea::with(""),
            attachments: Vec::new(),
            there: Vec::new(),
            focus,
            review: None,
            found: Slot::default(),
            completion: 0,
            members: Expanding::default(),
            is_dirty: false,
            is_touched: false,
            later: None,
            keeping: None,
            kept: None,
            problem: None,
            editing: None,
            attaching: None,
            leaving: Leaving::No,
        }
    }

    /// Takes a draft; what was typed before it came stays, where the cursor belongs.
    fn fill(&mut self, draft: Box<Draft>) {
        let typed = self.body.text().to_owned();
        for (field, people) in [(&mut self.to, &draft.to), (&mut self.cc, &draft.cc), (&mut self.bcc, &draft.bcc)] {
            let before = std::mem::replace(field, PeopleField::of(people));
            if !before.is_empty() {
                let all = before.recipients().into_iter().map(|known| crate::domain::recipients::full(&known));
                field.paste(&all.collect::<Vec<_>>().join("; "));
            }
        }
        if self.subject.is_empty() {
            self.subject = LineEdit::with(&draft.subject);
        }
        self.body.set(&draft.body);
        let cursor = usize::try_from(draft.cursor).unwrap_or(usize::MAX);
        let at = draft.body.char_indices().nth(cursor).map_or(draft.body.len(), |(at, _)| at);
        self.body.go_to(at);
        self.body.insert(&typed);
        self.attachments.extend(draft.attachments.iter().cloned());
        self.there = draft.elsewhere.as_ref().map_or_else(Vec::new, |there| there.files.clone());
        self.kind = draft.kind;
        self.draft = Some(draft);
        self.beginning = None;
    }

    /// Puts people into its first line, and goes on to the subject.
    pub fn address(&mut self, people: Vec<Recipient>) {
        for person in people {
            self.to.put(person);
        }
        self.focus = Field::Subject;
    }

    /// What it began as.
    #[must_use]
    pub const fn kind(&self) -> DraftKind {
        self.kind
    }

    /// The field that has the letters.
    #[must_use]
    pub const fn focused(&self) -> Field {
        self.focus
    }

    /// A field of people.
    #[must_use]
    pub const fn people_of(&self, field: Field) -> Option<&PeopleField> {
        match field {
            Field::To => Some(&self.to),
            Field::Cc => Some(&self.cc),
            Field::Bcc => Some(&self.bcc),
            Field::Subject | Field::Body => None,
        }
    }

    const fn people_mut(&mut self) -> Option<&mut PeopleField> {
        match self.focus {
            Field::To => Some(&mut self.to),
            Field::Cc => Some(&mut self.cc),
            Field::Bcc => Some(&mut self.bcc),
            Field::Subject | Field::Body => None,
        }
    }

    /// The subject.
    #[must_use]
    pub const fn subject(&self) -> &LineEdit {
        &self.subject
    }

    /// The text.
    #[must_use]
    pub const fn body(&self) -> &TextArea {
        &self.body
    }

    /// The files.
    #[must_use]
    pub fn attachments(&self) -> &[DraftAttachment] {
        &self.attachments
    }

    /// Whether the draft is on its way.
    #[must_use]
    pub const fn is_beginning(&self) -> bool {
        self.beginning.is_some()
    }

    /// When it was last kept on this computer.
    #[must_use]
    pub const fn kept(&self) -> Option<Timestamp> {
        self.kept
    }

    /// Why it could not be kept or sent.
    #[must_use]
    pub const fn problem(&self) -> Option<&Report> {
        self.problem.as_ref()
    }

    /// Whether something typed is not on disk yet.
    #[must_use]
    pub const fn is_unkept(&self) -> bool {
        self.is_dirty || self.keeping.is_some()
    }

    /// Whether somebody would miss it.
    #[must_use]
    pub const fn is_touched(&self) -> bool {
        self.is_touched
    }

    /// Which draft it is, once that is known.
    #[must_use]
    pub fn id(&self) -> Option<DraftId> {
        self.draft.as_ref().map(|draft| draft.id)
    }

    /// A few words for it: its subject.
    #[must_use]
    pub fn label(&self) -> String {
        match self.subject.text().trim() {
            "" => "(no subject)".to_owned(),
            subject => subject.to_owned(),
        }
    }

    /// The draft as it stands on the screen.
    #[must_use]
    pub fn current(&self) -> Option<Draft> {
        let draft = self.draft.as_deref()?.clone();
        let cursor = self.body.text()[..self.body.cursor()].chars().count();
        let elsewhere =
            draft.elsewhere.clone().map(|there| Box::new(Elsewhere { files: self.there.clone(), ..*there }));
        Some(Draft {
            elsewhere,
            to: self.to.recipients(),
            cc: self.cc.recipients(),
            bcc: self.bcc.recipients(),
            subject: self.subject.text().to_owned(),
            body: self.body.text().to_owned(),
            attachments: self.attachments.clone(),
            cursor: u32::try_from(cursor).unwrap_or(u32::MAX),
            ..draft
        })
    }

    /// What is to be said before it is sent.
    #[must_use]
    pub fn checks(&self, session: &Session) -> Vec<Check> {
        let mut checks =
            self.current().map_or_else(Vec::new, |draft| draft_check::checks(&draft, session.my_address()));
        let away = self.absences.words();
        checks.extend((!away.is_empty()).then(|| Check::Away(away.to_vec())));
        let is_answer = matches!(self.kind, DraftKind::Reply | DraftKind::ReplyAll);
        checks.extend((is_answer && !session.is_open(Feature::MailWrite)).then_some(Check::GoesAlone));
        checks
    }

    /// Who may be meant by what is typed.
    #[must_use]
    pub fn completions(&self) -> Vec<Completion<'_>> {
        let Some(field) = self.people_of(self.focus).filter(|_| self.review.is_none()) else { return Vec::new() };
        let typed = field.line().text().trim();
        let found = self.found.value().filter(|found| !typed.is_empty() && typed.starts_with(found.text.trim()));
        let is_meant = |person: &Person| {
            let words = format!("{} {}", person.name, person.address).to_lowercase();
            !person.address.is_empty() && typed.to_lowercase().split_whitespace().all(|word| words.contains(word))
        };
        found.map_or_else(Vec::new, |found| offered(found, typed, MOST_COMPLETIONS, is_meant))
    }

    /// The completion under the cursor.
    #[must_use]
    pub const fn completion(&self) -> usize {
        self.completion
    }

    /// Where the parts stand.
    #[must_use]
    pub fn areas(&self, session: &Session) -> ComposeAreas {
        let (title, rest) = session.screen().body.split_top(1);
        let is_shown = |field: &Field| *field != Field::Bcc || self.focus == Field::Bcc || !self.bcc.is_empty();
        let mut fields = Vec::new();
        let mut left = rest;
        for field in Field::ALL.into_iter().filter(|field| *field != Field::Body).filter(is_shown) {
            let (line, below) = left.split_top(1);
            fields.push((field, line));
            left = below;
        }
        let mut attached = None;
        if !self.attachments.is_empty() || self.files_there().next().is_some() {
            let (line, below) = left.split_top(1);
            attached = Some(line);
            left = below;
        }
        // A rule above the text and one below it.
        let (_, left) = left.split_top(1);
        let (body, checks) = left.split_bottom(if left.height > 16 { 4 } else { 3 });
        ComposeAreas { title, fields, attached, body: body.inside(1, 0), checks }
    }

    fn fit(&mut self, session: &Session) {
        let body = self.areas(session).body;
        self.body.resize(body.width, body.height);
    }

    /// Something was typed: it is kept soon.
    fn changed(&mut self, turn: &mut Turn<'_>) {
        self.is_touched = true;
        if !self.is_dirty {
            self.is_dirty = true;
            turn.wake_after(Wake::Keep, PAUSE);
        }
        self.fit(turn.session);
    }

    /// Asks for what is on the screen to be kept, if it is not.
    pub fn keep(&mut self, turn: &mut Turn<'_>) {
        if self.is_dirty
            && self.keeping.is_none()
            && let Some(draft) = self.current()
        {
            self.is_dirty = false;
            self.keeping = Some(turn.ask(Request::KeepDraft(Box::new(draft))));
        }
    }

    /// Adds a file.
    pub fn attach(&mut self, path: String, turn: &mut Turn<'_>) {
        self.attaching = Some(turn.ask(Request::Attach { path }));
    }

    /// Opens the list of files to choose from.
    pub fn choose_file(&mut self, turn: &mut Turn<'_>) {
        turn.step(Step::Pick(Purpose::Attach));
    }

    /// Hands the text to the person's editor.
    pub fn edit_outside(&mut self, turn: &mut Turn<'_>) {
        self.review = None;
        self.focus = Field::Body;
        self.keep(turn);
        let ticket = turn.session.next_ticket();
        turn.effects.push(Effect::Edit(ticket, self.body.text().to_owned()));
        self.editing = Some(ticket);
    }

    /// Sends it, if nothing is in the way; what is doubtful is shown in the review first.
    pub fn send(&mut self, turn: &mut Turn<'_>) {
        if self.leaving != Leaving::No {
            return;
        }
        if let Some(why) = turn.session.why_not(Feature::MailSend) {
            return turn.tell(why);
        }
        if let Some(field) = self.people_mut() {
            field.take_typed();
        }
        let checks = self.checks(turn.session);
        if self.draft.is_none() {
            return self.do_later(CommandId::ComposeSend, turn);
        }
        if let Some(check) = checks.iter().find(|check| check.is_blocking()) {
            self.review = None;
            self.focus = Field::To;
            return turn.tell(check.words());
        }
        if self.review.is_none() && checks.iter().any(Check::asks) {
            return self.show_review(turn);
        }
        self.leave(Leaving::KeepsToSend, turn);
    }

    /// Does something as soon as the draft is made: a key pressed early is not lost.
    pub fn do_later(&mut self, command: CommandId, turn: &mut Turn<'_>) {
        self.later = Some(command);
        turn.tell("The draft is still being made; then it goes on.");
    }

    /// Puts it aside as a draft.
    pub fn postpone(&mut self, turn: &mut Turn<'_>) {
        if self.leaving == Leaving::No {
            self.leave(Leaving::KeepsToPostpone, turn);
        }
    }

    /// Keeps what is on the screen, whether it changed or not, and goes on when it is kept.
    fn leave(&mut self, leaving: Leaving, turn: &mut Turn<'_>) {
        self.leaving = leaving;
        self.is_dirty = true;
        self.keep(turn);
    }

    /// Goes on writing.
    pub fn write_on(&mut self) {
        self.later = None;
        self.review = None;
    }

    fn go_to(&mut self, field: Field, turn: &mut Turn<'_>) {
        if field != self.focus
            && let Some(left) = self.people_mut()
        {
            left.take_typed();
            self.ask_absences(turn);
        }
        self.focus = field;
        self.completion = 0;
        self.fit(turn.session);
    }

    fn ask_absences(&mut self, turn: &mut Turn<'_>) {
        if let Some(draft) = self.current() {
            self.absences.ask([draft.to, draft.cc, draft.bcc].concat(), turn);
        }
    }

    fn step_field(&mut self, steps: isize, turn: &mut Turn<'_>) {
        let at = Field::ALL.iter().position(|field| *field == self.focus).unwrap_or(0);
        let to = (at + Field::ALL.len()).wrapping_add_signed(steps) % Field::ALL.len();
        self.go_to(Field::ALL[to], turn);
    }

    /// Takes the completion under the cursor or what is typed. False: nothing is typed.
    fn take_person(&mut self, turn: &mut Turn<'_>) -> bool {
        let chosen = self.completions().get(self.completion).map(Completion::taken);
        let is_waiting = self.found.is_waiting();
        let Some(field) = self.people_mut() else { return false };
        if field.line().text().trim().is_empty() {
            return false;
        }
        // A whole address means itself, whoever else it may be the beginning of.
        if !field.take_typed() {
            match chosen {
                Some(Taken::Person(person)) => field.take(person),
                Some(Taken::Group(group)) => {
                    field.clear_typed();
                    self.members.ask(group, turn);
                }
                None if is_waiting => turn.tell("Still looking for that name."),
                None => turn.tell("Nobody of that name is found; an address can be typed too."),
            }
        }
        self.completion = 0;
        self.changed(turn);
        true
    }

    fn kept_as(&mut self, result: &Result<Answer, Report>, turn: &mut Turn<'_>) {
        self.keeping = None;
        match result {
            Ok(Answer::Draft(kept)) => {
                self.kept = Some(turn.now);
                self.problem = None;
                if let Some(draft) = &mut self.draft {
                    draft.on_service.clone_from(&kept.on_service);
                    draft.elsewhere.clone_from(&kept.elsewhere);
                    draft.kept = kept.kept;
                }
                self.go_on(turn);
            }
            Ok(_) => {}
            Err(report) => {
                // It is tried again in a while, and a message that is not kept does not leave.
                self.leaving = Leaving::No;
                self.is_dirty = true;
                self.problem = Some(report.clone());
                turn.wake_after(Wake::Keep, PAUSE * 5);
            }
        }
    }

    /// What was to follow once it was kept.
    fn go_on(&mut self, turn: &mut Turn<'_>) {
        let Some(id) = self.id() else { return };
        if self.is_dirty && self.leaving != Leaving::No {
            return self.keep(turn);
        }
        match self.leaving {
            Leaving::KeepsToSend => self.leaving = Leaving::Asked(turn.change(vec![Intent::Send { draft: id }])),
            Leaving::KeepsToPostpone => {
                // The copy in the Drafts folder is a courtesy: without the permission the draft stays here alone.
                if turn.session.why_not(Feature::MailWrite).is_none() {
                    turn.change_quietly(vec![Intent::KeepDraft { draft: id }]);
                }
                turn.tell("Kept as a draft.");
                turn.step(Step::Finished(id));
            }
            Leaving::No | Leaving::Asked(_) => {}
        }
    }
}

impl Surface for Compose {
    fn context(&self) -> KeyContext {
        if self.review.is_some() { KeyContext::Review } else { KeyContext::Compose }
    }

    fn hints(&self) -> &'static [CommandId] {
        if self.review.is_some() {
            return &[
                CommandId::ReviewSend,
                CommandId::ReviewEdit,
                CommandId::ReviewAttach,
                CommandId::ReviewPostpone,
                CommandId::ReviewDiscard,
                CommandId::Help,
            ];
        }
        &[
            CommandId::ComposeSend,
            CommandId::Close,
            CommandId::NextPane,
            CommandId::ComposeEditor,
            CommandId::ComposeAttach,
            CommandId::Help,
        ]
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        match command {
            CommandId::Close if self.review.is_none() => Some("review"),
            CommandId::NextPane => Some("next field"),
            _ => None,
        }
    }

    fn pane(&self) -> Pane {
        Pane::Field
    }

    fn is_typing(&self) -> bool {
        self.review.is_none()
    }

    fn typed(&mut self, key: Key, turn: &mut Turn<'_>) -> bool {
        if self.review.is_some() {
            return false;
        }
        // For the moment it takes to hand it over, nothing may change any more.
        if self.leaving != Leaving::No {
            return true;
        }
        let before = self.body.text().len();
        let is_taken = match self.focus {
            Field::Body => self.body.key(key),
            Field::Subject => self.subject.key(key),
            _ => self.people_mut().is_some_and(|field| field.key(key)),
        };
        if is_taken {
            let only_moved =
                self.focus == Field::Body && self.body.text().len() == before && !matches!(key.code, KeyCode::Char(_));
            if !only_moved {
                self.changed(turn);
            }
            if self.people_mut().is_some() {
                self.completion = 0;
                turn.wake_after(Wake::Completion, REST);
            }
        }
        is_taken
    }

    fn pasted(&mut self, text: &str, turn: &mut Turn<'_>) -> bool {
        if self.review.is_some() || self.leaving != Leaving::No {
            return false;
        }
        match self.focus {
            Field::Body => self.body.insert(text),
            Field::Subject => self.subject.insert(text),
            _ => {
                if let Some(field) = self.people_mut() {
                    field.paste(text);
                }
            }
        }
        self.changed(turn);
        true
    }

    fn resized(&mut self, turn: &mut Turn<'_>) {
        self.fit(turn.session);
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        if let Some(at) = self.review {
            let Some(to) = motion.along(at, self.choices().len(), 3) else { return false };
            self.review = Some(to);
            return true;
        }
        let offered = self.completions().len();
        match motion {
            Motion::NextPane if self.take_person(turn) => {}
            Motion::PreviousPane => self.step_field(-1, turn),
            Motion::Next if offered > 0 => self.completion = (self.completion + 1).min(offered - 1),
            Motion::Previous if offered > 0 => self.completion = self.completion.saturating_sub(1),
            Motion::NextPane | Motion::Next | Motion::PageDown => self.step_field(1, turn),
            Motion::Previous | Motion::PageUp if self.focus != Field::To => self.step_field(-1, turn),
            _ => {}
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if let Some(at) = self.review {
            self.choose(at, turn);
        } else if !self.take_person(turn) {
            self.step_field(1, turn);
        }
        true
    }

    fn close(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.review.take().is_some() {
            return true;
        }
        if !self.completions().is_empty() {
            self.found.clear();
            return true;
        }
        if self.is_touched {
            self.show_review(turn);
        } else if let Some(id) = self.id().filter(|_| self.is_from_elsewhere()) {
            // It is another program's, and stays as it is.
            turn.ask(Request::LetGoOfDraft(id));
            turn.step(Step::Finished(id));
        } else if let Some(id) = self.id() {
            // Nobody wrote anything: there is nothing to ask about.
            turn.change_quietly(vec![Intent::DiscardDraft { draft: id }]);
            turn.step(Step::Finished(id));
        } else {
            return false;
        }
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        if let Some(people) = self.members.take(ticket, result, turn) {
            if let Some(field) = self.people_mut() {
                for person in people {
                    field.put(person);
                }
            }
            self.changed(turn);
            return true;
        }
        if self.absences.take(ticket, result, turn) {
            return true;
        }
        if self.beginning == Some(ticket) {
            match result {
                Ok(Answer::Draft(draft)) if draft.is_sending => {
                    self.beginning = None;
                    turn.step(Step::CloseLayer);
                    turn.tell("It is on its way already.");
                }
                Ok(Answer::Draft(draft)) => {
                    let is_typed = self.is_touched;
                    self.fill(draft.clone());
                    self.taken_up(turn);
                    if is_typed {
                        self.is_dirty = false;
                        self.changed(turn);
                    }
                    self.fit(turn.session);
                    if let Some(command) = self.later.take() {
                        turn.step(Step::Run(command));
                    }
                }
                Ok(_) => {}
                Err(report) => {
                    self.beginning = None;
                    self.problem = Some(report.clone());
                    if !self.is_touched {
                        turn.step(Step::CloseLayer);
                    }
                    turn.step(Step::Problem(report.clone()));
                }
            }
        } else if self.keeping == Some(ticket) {
            self.kept_as(result, turn);
        } else if self.editing == Some(ticket) {
            self.editing = None;
            match result {
                Ok(Answer::Edited(text)) => {
                    self.body.set(text);
                    self.changed(turn);
                }
                Ok(_) => {}
                Err(report) => turn.step(Step::Problem(report.clone())),
            }
        } else if self.attaching == Some(ticket) {
            self.attaching = None;
            match result {
                Ok(Answer::Attached(file)) => {
                    turn.tell(format!("Attached {}.", file.name));
                    self.attachments.push(file.clone());
                    self.changed(turn);
                }
                Ok(_) => {}
                Err(report) => turn.step(Step::Problem(report.clone())),
            }
        } else if self.leaving == Leaving::Asked(ticket) {
            self.leaving = Leaving::No;
            if let (Ok(_), Some(id)) = (result, self.id()) {
                turn.step(Step::Finished(id));
            }
        } else {
            return self.found.take(ticket, result, |answer| match answer {
                Answer::FoundPeople(found) => Some(found.clone()),
                _ => None,
            });
        }
        true
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        match wake {
            Wake::Keep => self.keep(turn),
            Wake::Completion => {
                let typed = self.people_of(self.focus).map(|field| field.line().text().trim().to_owned());
                if let Some(text) = typed.filter(|text| text.chars().count() >= 2) {
                    self.found.ask(Request::FindPeople { text }, turn);
                }
            }
            _ => {}
        }
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        match target {
            Target::Entry(at) if self.review.is_some() => self.choose(*at, turn),
            Target::Entry(at) => {
                self.completion = *at;
                self.take_person(turn);
            }
            Target::Field(field) if self.review.is_none() => self.go_to(*field, turn),
            _ => {}
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        if self.review.is_none() && self.focus == Field::Body {
            let code = if steps > 0 { KeyCode::Down } else { KeyCode::Up };
            for _ in 0..steps.unsigned_abs() {
                self.body.key(Key::plain(code));
            }
        } else {
            self.motion(if steps > 0 { Motion::Next } else { Motion::Previous }, turn);
        }
    }

    fn person(&self) -> Option<PersonRef> {
        let last = self.people_of(self.focus)?.people().last()?;
        Some(PersonRef::Address { address: last.address.clone(), name: last.label().to_owned() })
    }

    fn interest(&self, _session: &Session, interest: &mut Interest) {
        interest.people.extend(self.completions().iter().filter_map(Completion::id));
    }
}
