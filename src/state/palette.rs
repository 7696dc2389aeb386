//! The command palette: every command, folder and person by name, best match first.
//!
//! It lists what the store knew when it was opened, with the keys, so that it teaches; what cannot be done now stays listed with its
//! reason.

use crate::base::report::Report;
use crate::domain::account::Tier;
use crate::domain::mail::FolderId;
use crate::domain::pages::HelpPage;
use crate::domain::person::Person;
use crate::domain::request::{Answer, FoundPeople, PersonRef, Request};
use crate::state::command::CommandId;
use crate::state::event::{Ticket, Wake};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::page::Page;
use crate::state::slot::Slot;
use crate::state::surface::{LIST_PAGE, Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use jiff::SignedDuration;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// People are looked up when typing has rested for this long.
const REST: SignedDuration = SignedDuration::from_millis(200);

/// What a line of the palette leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A command.
    Command(CommandId),
    /// A folder.
    Folder(FolderId),
    /// A person.
    Person(PersonRef),
    /// A page of the help.
    Page(HelpPage),
    /// A permission that is not granted.
    Permission(Tier),
}

/// A line of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it leads.
    pub choice: Choice,
    /// What it is called.
    pub title: String,
    /// Its keys; empty when it has none.
    pub keys: String,
    /// Its sort.
    pub group: &'static str,
    /// What it does, one line.
    pub help: String,
    /// Why it cannot be done now.
    pub reason: Option<String>,
}

/// The palette.
#[derive(Clone, Debug)]
pub struct Palette {
    field: LineEdit,
    entries: Vec<Entry>,
    people: Slot<FoundPeople>,
    /// Indices into `entries` and, after them, the people; best first.
    matches: Vec<usize>,
    at: usize,
}

impl Palette {
    /// A palette over these lines.
    #[must_use]
    pub fn over(entries: Vec<Entry>) -> Self {
        let matches = (0..entries.len()).collect();
        Self { field: LineEdit::default(), entries, people: Slot::default(), matches, at: 0 }
    }

    /// What is typed.
    #[must_use]
    pub const fn line(&self) -> &LineEdit {
        &self.field
    }

    /// The lines that match, best first.
    pub fn matching(&self) -> impl Iterator<Item = &Entry> {
        self.matches.iter().filter_map(|index| self.entries.get(*index))
    }

    /// The place of the cursor among the lines that match.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// How many lines match, and how many there are.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.matches.len(), self.entries.len())
    }

    /// The line under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Option<&Entry> {
        self.matches.get(self.at).and_then(|index| self.entries.get(*index))
    }

    fn search(&mut self) {
        let by_title = Pattern::new(self.field.text(), CaseMatching::Smart, Normalization::Smart, AtomKind::Fuzzy);
        let by_help = Pattern::new(self.field.text(), CaseMatching::Smart, Normalization::Smart, AtomKind::Substring);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut scored: Vec<(u32, usize)> = Vec::new();
        let mut buffer = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let title = by_title.score(Utf32Str::new(&entry.title, &mut buffer), &mut matcher);
            // A word of the explanation finds it too, behind its title.
            let help = by_help.score(Utf32Str::new(&entry.help, &mut buffer), &mut matcher).map(|score| score / 2);
            if let Some(score) = title.max(help) {
                let score = if entry.reason.is_some() { score / 2 } else { score };
                scored.push((score, index));
            }
        }
        // Letters scattered over a long title are no match when something fits far better.
        let best = scored.iter().map(|(score, _)| *score).max().unwrap_or(0);
        scored.retain(|(score, _)| score * 5 >= best * 2);
        scored.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
        self.matches = scored.into_iter().map(|(_, index)| index).collect();
        self.at = 0;
    }

    fn take_people(&mut self) {
        self.entries.retain(|entry| !matches!(entry.choice, Choice::Person(_)));
        let people = self.people.value().map_or(&[][..], |found| found.people.as_slice());
        self.entries.extend(people.iter().map(person_entry));
        let kept = self.chosen().map(|entry| entry.choice.clone());
        self.search();
        if let Some(kept) = kept {
            let at = self.matching().position(|entry| entry.choice == kept);
            self.at = at.unwrap_or(0);
        }
    }
}

fn person_entry(person: &Person) -> Entry {
    Entry {
        choice: Choice::Person(PersonRef::Id(person.id.clone())),
        title: format!("{}  {}", person.name, person.address),
        keys: String::new(),
        group: "Person",
        help: "Show the card of this person".to_owned(),
        reason: None,
    }
}

impl Surface for Palette {
    fn context(&self) -> KeyContext {
        KeyContext::Palette
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Open, CommandId::Next, CommandId::Previous, CommandId::Close]
    }

    fn pane(&self) -> Pane {
        Pane::Field
    }

    fn field(&self) -> Option<&LineEdit> {
        Some(&self.field)
    }

    fn field_mut(&mut self) -> Option<&mut LineEdit> {
        Some(&mut self.field)
    }

    fn edited(&mut self, turn: &mut Turn<'_>) {
        self.search();
        turn.wake_after(Wake::Completion, REST);
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        let text = self.field.text().trim();
        if wake == Wake::Completion && text.chars().count() >= 2 {
            self.people.ask(Request::FindPeople { text: text.to_owned() }, turn);
        }
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, _turn: &mut Turn<'_>) -> bool {
        let is_taken = self.people.take(ticket, result, |answer| match answer {
            Answer::FoundPeople(found) => Some(found.clone()),
            _ => None,
        });
        if !is_taken {
            return false;
        }
        self.take_people();
        true
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let Some(at) = motion.along(self.at, self.matches.len(), LIST_PAGE) else { return false };
        self.at = at;
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        let Some(entry) = self.chosen() else { return true };
        if let Some(reason) = entry.reason.clone() {
            turn.tell(reason);
            return true;
        }
        let step = match entry.choice.clone() {
            Choice::Command(command) => Step::Run(command),
            Choice::Folder(folder) => Step::Folder(folder),
            Choice::Person(person) => Step::Card(person),
            Choice::Permission(tier) => Step::Missing(tier),
            Choice::Page(page) => Step::Page(Box::new(Page::of_help(page))),
        };
        turn.step(Step::CloseLayer);
        turn.step(step);
        true
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.at = (*at).min(self.matches.len().saturating_sub(1));
            self.open(turn);
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        self.motion(if steps > 0 { Motion::Next } else { Motion::Previous }, turn);
    }
}
