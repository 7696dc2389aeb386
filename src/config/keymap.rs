//! Keys: which presses run which command, as plain data.
//!
//! A file has a table a context, and in it the commands with their keys and a sentence. Keys are written as they are pressed:
//! `"j"`, `"g m"` (one after the other), `"ctrl-d"`, `"F1"`, `"shift-tab"`. The user's file replaces the keys of the commands it names.
//! Must stay true: within a context no sequence is bound twice and none begins another, so a press is never ambiguous; keys that
//! terminals cannot tell from Tab, Enter, Backspace and Esc are refused.
//! The default keys are `assets/keymap.toml`. Every start wants all of them, and reading so much TOML takes a fifth of a start, so they
//! are taken from `assets/keymap.tsv`, the same read before: a test makes it, and refuses one that says anything else.
//! Deliberately absent: whether a command exists. `state` owns the commands and checks the names.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use crate::base::report::Report;
use crate::config::source::{Source, Value};
use crate::domain::input::{Key, KeyCode};

/// What the default keys are called in reports.
const DEFAULT_NAME: &str = "keymap.toml";

/// The table of the titles.
const PREFIXES: &str = "prefixes";

/// The keys in force, by context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeymapData {
    /// Contexts in the order of the file.
    pub contexts: Vec<ContextKeys>,
    /// What a half-typed sequence is called: `g` → "Go to".
    pub prefixes: Vec<(Vec<Key>, String)>,
}

/// The keys of a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextKeys {
    /// Its name.
    pub name: String,
    /// Its bindings, in the order of the file.
    pub bindings: Vec<Binding>,
}

/// A command with its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The command's name.
    pub command: Cow<'static, str>,
    /// The sequences that run it, the one to show first; empty: none.
    pub keys: Vec<Vec<Key>>,
    /// What it does, as a sentence. Empty in a user's file that does not repeat it.
    pub sentence: Cow<'static, str>,
    /// The file it comes from, for reports.
    pub file: Cow<'static, str>,
    /// The line there, from 1.
    pub line: usize,
}

impl KeymapData {
    /// Reads a keymap; what is wrong in it is left out and reported. `name` is the file's.
    #[must_use]
    pub fn parse(name: &str, text: &str) -> (Self, Vec<Report>) {
        let mut reader = Reader { source: Source::new(name, text), problems: Vec::new() };
        let mut keymap = reader.read();
        for context in &mut keymap.contexts {
            reader.refuse_ambiguous(context);
        }
        (keymap, reader.problems)
    }

    /// The default keys.
    #[must_use]
    pub fn built_in() -> Self {
        let mut keymap = Self::default();
        for row in include_str!("../../assets/keymap.tsv").lines() {
            keymap.add_row(row);
        }
        keymap
    }

    /// The default keys as they stand in `keymap.toml` itself, without a mistake, in the form [`Self::built_in`] reads.
    ///
    /// # Errors
    /// What is wrong in the file.
    pub fn baked() -> Result<String, Vec<Report>> {
        let (keymap, problems) = Self::parse(DEFAULT_NAME, include_str!("../../assets/keymap.toml"));
        if !problems.is_empty() {
            return Err(problems);
        }
        let written = |keys: &[Key]| keys.iter().map(|key| key_text(*key)).collect::<Vec<_>>().join(" ");
        let titles = keymap.prefixes.iter().map(|(keys, title)| format!("{PREFIXES}\t{}\t{title}\n", written(keys)));
        let mut rows: String = titles.collect();
        for context in &keymap.contexts {
            for Binding { command, keys, sentence, line, .. } in &context.bindings {
                let keys: String = keys.iter().map(|keys| format!("\t{}", written(keys))).collect();
                rows.push_str(&format!("{}\t{command}\t{line}\t{sentence}{keys}\n", context.name));
            }
        }
        Ok(rows)
    }

    /// Adds a row of [`Self::baked`]; one that is none is passed over.
    fn add_row(&mut self, row: &'static str) -> Option<()> {
        let mut fields = row.split('\t');
        let (context, second, third) = (fields.next()?, fields.next()?, fields.next()?);
        if context == PREFIXES {
            self.prefixes.push((parse_keys(second).ok()?, third.to_owned()));
            return Some(());
        }
        let binding = Binding {
            command: Cow::Borrowed(second),
            line: third.parse().ok()?,
            sentence: Cow::Borrowed(fields.next()?),
            keys: fields.filter_map(|keys| parse_keys(keys).ok()).collect(),
            file: Cow::Borrowed(DEFAULT_NAME),
        };
        if self.contexts.last().is_none_or(|last| last.name != context) {
            self.contexts.push(ContextKeys { name: context.to_owned(), bindings: Vec::new() });
        }
        self.contexts.last_mut()?.bindings.push(binding);
        Some(())
    }

    /// This keymap with the user's bindings in place: a command the user names has the user's keys and no others, and a key the user
    /// gives away is taken from whatever had it.
    #[must_use]
    pub fn overlaid(mut self, user: Self) -> Self {
        for theirs in user.contexts {
            let Some(ours) = self.contexts.iter_mut().find(|context| context.name == theirs.name) else {
                self.contexts.push(theirs);
                continue;
            };
            let taken: Vec<Vec<Key>> = theirs.bindings.iter().flat_map(|binding| binding.keys.clone()).collect();
            for binding in &mut ours.bindings {
                binding.keys.retain(|keys| !taken.iter().any(|other| clash(keys, other)));
            }
            for mut binding in theirs.bindings {
                match ours.bindings.iter_mut().find(|ours| ours.command == binding.command) {
                    Some(ours) => {
                        if binding.sentence.is_empty() {
                            binding.sentence.clone_from(&ours.sentence);
                        }
                        *ours = binding;
                    }
                    None => ours.bindings.push(binding),
                }
            }
        }
        for (keys, title) in user.prefixes {
            self.prefixes.retain(|(ours, _)| *ours != keys);
            self.prefixes.push((keys, title));
        }
        self
    }

    /// The context called `name`.
    #[must_use]
    pub fn context(&self, name: &str) -> Option<&ContextKeys> {
        self.contexts.iter().find(|context| context.name == name)
    }
}

/// The keymap in force: the default with the user's file (its name and text, if there is one) over it, and what is wrong in that
/// file.
#[must_use]
pub fn load_keymap(user: Option<(&str, &str)>) -> (KeymapData, Vec<Report>) {
    let default = KeymapData::built_in();
    let Some((name, text)) = user else {
        return (default, Vec::new());
    };
    let (user, problems) = KeymapData::parse(name, text);
    (default.overlaid(user), problems)
}

/// Whether a press could mean both: they are the same, or one begins the other.
fn clash(one: &[Key], two: &[Key]) -> bool {
    // Nearly all differ in their first key, and every pair of a context is looked at.
    one.first() == two.first() && (one.starts_with(two) || two.starts_with(one))
}

struct Reader<'a> {
    source: Source<'a>,
    problems: Vec<Report>,
}

impl Reader<'_> {
    fn read(&mut self) -> KeymapData {
        let table = match self.source.parse() {
            Ok(table) => table,
            Err(problem) => {
                self.problems.push(problem);
                return KeymapData::default();
            }
        };
        // TOML tables have no order; the file has.
        let mut contexts = BTreeMap::new();
        let mut prefixes = Vec::new();
        for (name, value) in &table {
            let Some(entries) = value.get_ref().as_table() else {
                let problem = self.source.problem(name.span(), "Only tables stand here: a context or \"prefixes\"");
                self.problems.push(problem);
                continue;
            };
            if name.get_ref() == PREFIXES {
                for (keys, title) in entries {
                    match (parse_keys(keys.get_ref()), title.get_ref().as_str()) {
                        (Ok(keys), Some(title)) => prefixes.push((keys, title.to_owned())),
                        _ => self.problems.push(self.source.problem(keys.span(), "A prefix is keys and a title")),
                    }
                }
                continue;
            }
            let mut bindings = BTreeMap::new();
            for (command, value) in entries {
                let line = self.source.line(command.span().start);
                let (keys, sentence) = self.binding(value);
                let (command, at) = (command.get_ref().to_string().into(), command.span().start);
                let file = self.source.name.to_owned().into();
                bindings.insert(at, Binding { command, keys, sentence: sentence.into(), file, line });
            }
            let bindings = bindings.into_values().collect();
            contexts.insert(name.span().start, ContextKeys { name: name.get_ref().to_string(), bindings });
        }
        KeymapData { contexts: contexts.into_values().collect(), prefixes }
    }

    /// `["j", "down"]` or `{ keys = ["j", "down"], help = "Next." }`.
    fn binding(&mut self, value: &Value<'_>) -> (Vec<Vec<Key>>, String) {
        let Some(table) = value.get_ref().as_table() else {
            return (self.sequences(value), String::new());
        };
        let mut keys = Vec::new();
        let mut sentence = String::new();
        for (name, value) in table {
            match (name.get_ref().as_ref(), value.get_ref().as_str()) {
                ("keys", _) => keys = self.sequences(value),
                ("help", Some(help)) => help.clone_into(&mut sentence),
                _ => {
                    let problem = self.source.unknown(name.span(), "The entry", name.get_ref(), &["keys", "help"]);
                    self.problems.push(problem);
                }
            }
        }
        (keys, sentence)
    }

    fn sequences(&mut self, value: &Value<'_>) -> Vec<Vec<Key>> {
        let Some(items) = value.get_ref().as_array() else {
            self.problems.push(self.source.problem(value.span(), "Keys are a list, like [\"j\", \"down\"]"));
            return Vec::new();
        };
        let mut sequences = Vec::new();
        for item in items {
            match item.get_ref().as_str().ok_or_else(|| "a key is a text".to_owned()).and_then(parse_keys) {
                Ok(keys) => sequences.push(keys),
                Err(why) => {
                    let problem = self.source.problem(item.span(), "This is no key that can be bound");
                    let next = "Write a character, or a name such as enter, esc, tab, shift-tab, space, up, pgdn, F1, with ctrl- or alt- before it.";
                    self.problems.push(problem.because(format!("Here {why}.")).next(next));
                }
            }
        }
        sequences
    }

    /// Takes away every sequence that an earlier one of the context already has or begins with.
    fn refuse_ambiguous(&mut self, context: &mut ContextKeys) {
        // By their first keys, in which nearly all differ: the whole table is read at each start.
        let mut seen: HashMap<Key, Vec<(Vec<Key>, usize)>> = HashMap::new();
        for at in 0..context.bindings.len() {
            let mut kept = Vec::new();
            for keys in std::mem::take(&mut context.bindings[at].keys) {
                let alike = keys.first().map(|first| seen.entry(*first).or_default());
                let earlier = alike.as_ref().and_then(|alike| alike.iter().find(|(other, _)| clash(other, &keys)));
                if let Some((other, taken)) = earlier {
                    let (binding, owner) = (&context.bindings[at], &context.bindings[*taken]);
                    let what = if *other == keys { "is already" } else { "cannot be told from" };
                    let told = format!(
                        "{}, line {}: \"{}\" of {} {what} \"{}\" of {} in line {}.",
                        self.source.name,
                        binding.line,
                        keys_text(&keys),
                        binding.command,
                        keys_text(other),
                        owner.command,
                        owner.line,
                    );
                    let kind = crate::base::report::Kind::Configuration;
                    let report = Report::new(kind, "keyTwice", told).next("Give one of them another key.");
                    self.problems.push(report.detail("line", binding.line.to_string()));
                    continue;
                }
                if let Some(alike) = alike {
                    alike.push((keys.clone(), at));
                }
                kept.push(keys);
            }
            context.bindings[at].keys = kept;
        }
    }
}

/// Names of keys that are no characters; the first of two for the same key is the one shown.
const NAMES: [(&str, KeyCode); 23] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("shift-left", KeyCode::ShiftLeft),
    ("shift-right", KeyCode::ShiftRight),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("space", KeyCode::Char(' ')),
    ("return", KeyCode::Enter),
    ("escape", KeyCode::Esc),
    ("del", KeyCode::Delete),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("backtab", KeyCode::BackTab),
];

/// Reads a sequence: keys with spaces between them.
///
/// # Errors
/// Why it is none, as the second half of a sentence.
pub fn parse_keys(text: &str) -> Result<Vec<Key>, String> {
    let keys: Vec<Key> = text.split_whitespace().map(parse_key).collect::<Result<_, _>>()?;
    if keys.is_empty() { Err("nothing is written".to_owned()) } else { Ok(keys) }
}

/// Reads one key.
///
/// # Errors
/// Why it is none, as the second half of a sentence.
pub fn parse_key(text: &str) -> Result<Key, String> {
    let mut key = Key::plain(KeyCode::Esc);
    let mut rest = text;
    loop {
        if let Some(after) = after_modifier(rest, "ctrl-") {
            key.ctrl = true;
            rest = after;
        } else if let Some(after) = after_modifier(rest, "alt-") {
            key.alt = true;
            rest = after;
        } else {
            break;
        }
    }
    key.code = parse_code(rest).ok_or_else(|| format!("\"{text}\" is not known"))?;
    if let KeyCode::Char(character) = key.code
        && key.ctrl
    {
        if "imhjIMHJ[".contains(character) {
            return Err(format!("\"{text}\" is the same byte as Tab, Enter, Backspace or Esc"));
        }
        // Control and a letter is one byte, whatever shift does.
        key.code = KeyCode::Char(character.to_ascii_lowercase());
    }
    Ok(key)
}

/// What stands after a modifier; nothing where the key itself is missing.
fn after_modifier<'a>(text: &'a str, modifier: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(modifier.len())?;
    (head.eq_ignore_ascii_case(modifier) && !rest.is_empty()).then_some(rest)
}

fn parse_code(text: &str) -> Option<KeyCode> {
    let mut characters = text.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return (!character.is_control() && !character.is_whitespace()).then_some(KeyCode::Char(character));
    }
    let lower = text.to_lowercase();
    if let Some(number) = lower.strip_prefix('f').and_then(|number| number.parse().ok()) {
        return (1..=12).contains(&number).then_some(KeyCode::F(number));
    }
    NAMES.iter().find(|(name, _)| *name == lower).map(|(_, code)| *code)
}

/// A key as it is written in a keymap: `j`, `ctrl-d`, `F1`, `space`.
#[must_use]
pub fn key_text(key: Key) -> String {
    let mut text = String::new();
    if key.ctrl {
        text.push_str("ctrl-");
    }
    if key.alt {
        text.push_str("alt-");
    }
    match (NAMES.iter().find(|(_, code)| *code == key.code), key.code) {
        (Some((name, _)), _) => text.push_str(name),
        (None, KeyCode::F(number)) => text.push_str(&format!("F{number}")),
        (None, KeyCode::Char(character)) => text.push(character),
        (None, _) => {}
    }
    text
}

/// A sequence for people: `gm`, `ctrl-x e`.
#[must_use]
pub fn keys_text(keys: &[Key]) -> String {
    let texts: Vec<String> = keys.iter().map(|key| key_text(*key)).collect();
    let are_single = texts.iter().all(|text| text.chars().count() == 1);
    texts.join(if are_single { "" } else { " " })
}
