//! Keys: which command a key, or a sequence of keys, means where.
//!
//! The table comes from `config`, which refuses a key that means two things in one place; here its names become commands, and
//! names nobody knows are reported. Must stay true: the keys of a place win over those of everywhere.

use crate::base::report::{Kind, Report};
use crate::config::{self, KeymapData};
use crate::domain::input::Key;
use crate::state::command::{self, CommandId};
use std::collections::HashMap;

/// A place with keys of its own; each is a section of the keymap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyContext {
    /// Holds in every place that has no other meaning for the key.
    Everywhere,
    /// The home view.
    Home,
    /// The mail view.
    Mail,
    /// The calendar.
    Calendar,
    /// Find time.
    FindTime,
    /// People.
    People,
    /// The away board.
    Away,
    /// The person card.
    Card,
    /// The command palette.
    Palette,
    /// Help.
    Help,
    /// The error card.
    Problem,
    /// The numbered links of a message.
    Links,
    /// A page of text.
    Page,
    /// The card of a permission that is missing.
    Missing,
    /// The last calls.
    Calls,
    /// The doctor's panel.
    Doctor,
    /// The panel of accounts.
    Accounts,
    /// A question before something that cannot be taken back.
    Question,
    /// A message that is written.
    Compose,
    /// The review before it is sent.
    Review,
    /// A list to choose from by typing.
    Picker,
    /// The form of an event.
    EventForm,
    /// The question before something is done with an event.
    EventAsk,
    /// The outbox.
    Outbox,
    /// The drafts.
    Drafts,
    /// Which calendars are shown.
    Calendars,
    /// The own automatic replies.
    OwnReplies,
    /// The own working hours and zone.
    OwnTime,
    /// The own presence.
    OwnPresence,
    /// The sign-in screen.
    SignIn,
}

impl KeyContext {
    /// All, in the order in which help lists them.
    pub const ALL: [Self; 30] = [
        Self::Everywhere,
        Self::Home,
        Self::Mail,
        Self::Calendar,
        Self::FindTime,
        Self::People,
        Self::Away,
        Self::Card,
        Self::Palette,
        Self::Help,
        Self::Problem,
        Self::Links,
        Self::Page,
        Self::Missing,
        Self::Calls,
        Self::Doctor,
        Self::Accounts,
        Self::Question,
        Self::Compose,
        Self::Review,
        Self::Picker,
        Self::EventForm,
        Self::EventAsk,
        Self::Outbox,
        Self::Drafts,
        Self::Calendars,
        Self::OwnReplies,
        Self::OwnTime,
        Self::OwnPresence,
        Self::SignIn,
    ];

    /// The name of its section in the keymap file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Home => "home",
            Self::Mail => "mail",
            Self::Calendar => "calendar",
            Self::FindTime => "find_time",
            Self::People => "people",
            Self::Away => "away",
            Self::Card => "card",
            Self::Palette => "palette",
            Self::Help => "help",
            Self::Problem => "problem",
            Self::Links => "links",
            Self::Page => "page",
            Self::Missing => "missing",
            Self::Calls => "calls",
            Self::Doctor => "doctor",
            Self::Accounts => "accounts",
            Self::Question => "question",
            Self::Compose => "compose",
            Self::Review => "review",
            Self::Picker => "picker",
            Self::EventForm => "event_form",
            Self::EventAsk => "event_ask",
            Self::Outbox => "outbox",
            Self::Drafts => "drafts",
            Self::Calendars => "calendars",
            Self::OwnReplies => "own_replies",
            Self::OwnTime => "own_time",
            Self::OwnPresence => "own_presence",
            Self::SignIn => "sign_in",
        }
    }

    /// What help calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Home => "Home",
            Self::Mail => "Mail",
            Self::Calendar => "Calendar",
            Self::FindTime => "Find time",
            Self::People => "People",
            Self::Away => "Away",
            Self::Card => "Person card",
            Self::Palette => "Command palette",
            Self::Help => "Help",
            Self::Problem => "Problem",
            Self::Links => "Links",
            Self::Page => "Page",
            Self::Missing => "Missing permission",
            Self::Calls => "Recent calls",
            Self::Doctor => "Doctor",
            Self::Accounts => "Accounts",
            Self::Question => "Question",
            Self::Compose => "Writing",
            Self::Review => "Before sending",
            Self::Picker => "Choosing",
            Self::EventForm => "Event form",
            Self::EventAsk => "Event question",
            Self::Outbox => "Outbox",
            Self::Drafts => "Drafts",
            Self::Calendars => "Calendars shown",
            Self::OwnReplies => "My replies",
            Self::OwnTime => "My working hours",
            Self::OwnPresence => "My presence",
            Self::SignIn => "Sign-in",
        }
    }
}

/// A row of the keymap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Where.
    pub context: KeyContext,
    /// One key, or several in a row.
    pub keys: Vec<Key>,
    /// What.
    pub command: CommandId,
}

/// What a sequence of keys means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A command.
    Command(CommandId),
    /// The beginning of at least one command.
    Beginning,
    /// Nothing here.
    Nothing,
}

/// The keys in force.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    bindings: Vec<Binding>,
    titles: Vec<(Vec<Key>, String)>,
}

impl Keymap {
    /// The keymap of a file. Unknown places and commands are left out, each with a report that names its line.
    #[must_use]
    pub fn from_data(data: &KeymapData) -> (Self, Vec<Report>) {
        let mut bindings = Vec::new();
        let mut problems = Vec::new();
        // Asked for at each start for as many rows as there are commands.
        let named: HashMap<&str, CommandId> = command::all().map(|command| (command.name, command.id)).collect();
        for section in &data.contexts {
            let context = KeyContext::ALL.into_iter().find(|context| context.name() == section.name);
            for row in &section.bindings {
                match (context, named.get(&*row.command)) {
                    (Some(context), Some(&command)) => {
                        let keys = row.keys.iter().cloned();
                        bindings.extend(keys.map(|keys| Binding { context, keys, command }));
                    }
                    (None, _) => problems.push(unknown(row, "place", &section.name)),
                    (_, None) => problems.push(unknown(row, "command", &row.command)),
                }
            }
        }
        (Self { bindings, titles: data.prefixes.clone() }, problems)
    }

    /// What a half-typed key is called, if the keymap says.
    #[must_use]
    pub fn title_of(&self, keys: &[Key]) -> Option<&str> {
        self.titles.iter().find(|(prefix, _)| prefix == keys).map(|(_, title)| title.as_str())
    }

    /// What `keys` mean in `context`.
    #[must_use]
    pub fn meaning(&self, context: KeyContext, keys: &[Key]) -> Meaning {
        let own = self.meaning_in(context, keys);
        if matches!(own, Meaning::Command(_)) {
            return own;
        }
        match self.meaning_in(KeyContext::Everywhere, keys) {
            Meaning::Nothing => own,
            // A prefix of the place hides a command of everywhere, as its longer keys could not be reached otherwise.
            Meaning::Command(_) if own == Meaning::Beginning => own,
            everywhere => everywhere,
        }
    }

    fn meaning_in(&self, context: KeyContext, keys: &[Key]) -> Meaning {
        let mut meaning = Meaning::Nothing;
        for binding in self.bindings.iter().filter(|binding| binding.context == context) {
            if binding.keys == keys {
                return Meaning::Command(binding.command);
            }
            if binding.keys.starts_with(keys) {
                meaning = Meaning::Beginning;
            }
        }
        meaning
    }

    /// What may follow `keys` in `context`: the whole sequences with their commands, the place's own first.
    #[must_use]
    pub fn continuations(&self, context: KeyContext, keys: &[Key]) -> Vec<&Binding> {
        let mut found: Vec<&Binding> = Vec::new();
        for place in [context, KeyContext::Everywhere] {
            for binding in self.bindings.iter().filter(|binding| binding.context == place) {
                let is_longer = binding.keys.len() > keys.len() && binding.keys.starts_with(keys);
                if is_longer && !found.iter().any(|earlier| earlier.keys == binding.keys) {
                    found.push(binding);
                }
            }
        }
        found
    }

    /// The first keys of a command that reach it in `context`.
    #[must_use]
    pub fn keys_of(&self, command: CommandId, context: KeyContext) -> Option<&[Key]> {
        self.all_keys_of(command, context).into_iter().next()
    }

    /// Every key sequence that reaches a command in `context`, in the order of the keymap.
    #[must_use]
    pub fn all_keys_of(&self, command: CommandId, context: KeyContext) -> Vec<&[Key]> {
        let reaches = |binding: &&Binding| {
            binding.command == command
                && (binding.context == context || binding.context == KeyContext::Everywhere)
                && self.meaning(context, &binding.keys) == Meaning::Command(command)
        };
        let own = self.bindings.iter().filter(|binding| binding.context == context);
        let everywhere = self.bindings.iter().filter(|binding| binding.context == KeyContext::Everywhere);
        let mut all: Vec<&[Key]> = Vec::new();
        for binding in own.chain(everywhere).filter(reaches) {
            if !all.contains(&binding.keys.as_slice()) {
                all.push(&binding.keys);
            }
        }
        all
    }

    /// The rows.
    #[must_use]
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }
}

fn unknown(row: &config::Binding, what: &str, name: &str) -> Report {
    Report::new(
        Kind::Configuration,
        "keymapUnknown",
        format!("{}, line {}: there is no {what} called \"{name}\".", row.file, row.line),
    )
    .because("The keymap names something this version does not know.")
    .next("Choose a name from the list of keys and commands; `?` shows them.")
}
