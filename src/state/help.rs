//! Help: the keys of what had the focus, made from the live keymap, and what the signs mean.

use crate::state::command::{CommandId, Group};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::surface::{LIST_PAGE, Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;

/// A line of help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelpRow {
    /// The command.
    pub command: CommandId,
    /// Its keys, all of them.
    pub keys: String,
    /// What it is called.
    pub title: &'static str,
    /// What it does.
    pub help: &'static str,
    /// Its sort.
    pub group: Group,
    /// It belongs to this place, not to everywhere.
    pub is_own: bool,
}

/// The help overlay.
#[derive(Clone, Debug)]
pub struct Help {
    /// The place it explains.
    pub place: KeyContext,
    rows: Vec<HelpRow>,
    filter: LineEdit,
    is_typing: bool,
    at: usize,
}

impl Help {
    /// Help for a place.
    #[must_use]
    pub fn of(place: KeyContext, mut rows: Vec<HelpRow>) -> Self {
        let order = |row: &HelpRow| Group::ALL.iter().position(|group| *group == row.group).unwrap_or(usize::MAX);
        rows.sort_by_key(|row| (order(row), !row.is_own));
        Self { place, rows, filter: LineEdit::default(), is_typing: false, at: 0 }
    }

    /// The lines that hold every word of the filter.
    #[must_use]
    pub fn shown(&self) -> Vec<&HelpRow> {
        let filter = self.filter.text().to_lowercase();
        let holds = |row: &&HelpRow| {
            let text = format!("{} {} {} {}", row.title, row.help, row.keys, row.group.title()).to_lowercase();
            filter.split_whitespace().all(|word| text.contains(word))
        };
        self.rows.iter().filter(holds).collect()
    }

    /// The place of the cursor among the lines shown.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// What the lines are filtered by.
    #[must_use]
    pub const fn filter(&self) -> &LineEdit {
        &self.filter
    }

    /// Whether the letters go into the filter.
    #[must_use]
    pub const fn is_typing(&self) -> bool {
        self.is_typing
    }

    /// Lets the letters go into the filter.
    pub const fn start_typing(&mut self) {
        self.is_typing = true;
    }
}

impl Surface for Help {
    fn context(&self) -> KeyContext {
        KeyContext::Help
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Next, CommandId::Previous, CommandId::Open, CommandId::FilterHelp, CommandId::Close]
    }

    fn pane(&self) -> Pane {
        if self.is_typing { Pane::Field } else { Pane::Main }
    }

    fn field(&self) -> Option<&LineEdit> {
        self.is_typing.then_some(&self.filter)
    }

    fn field_mut(&mut self) -> Option<&mut LineEdit> {
        self.is_typing.then_some(&mut self.filter)
    }

    fn edited(&mut self, _turn: &mut Turn<'_>) {
        self.at = 0;
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let Some(at) = motion.along(self.at, self.shown().len(), LIST_PAGE) else { return false };
        self.at = at;
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        let command = self.shown().get(self.at).map(|row| row.command);
        if let Some(command) = command {
            turn.step(Step::CloseLayer);
            turn.step(Step::Run(command));
        }
        true
    }

    fn close(&mut self, _turn: &mut Turn<'_>) -> bool {
        if self.is_typing || !self.filter.is_empty() {
            self.is_typing = false;
            self.filter.clear();
            self.at = 0;
            return true;
        }
        false
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.at = *at;
            if is_double {
                self.open(turn);
            }
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        self.motion(if steps > 0 { Motion::Next } else { Motion::Previous }, turn);
    }
}
