//! A question before something that cannot be taken back: the harmless answer is under the cursor, and nothing happens unasked.

use crate::domain::draft::DraftId;
use crate::state::command::CommandId;
use crate::state::keys::KeyContext;
use crate::state::session::Session;
use crate::state::surface::{Motion, Step, Surface, Turn};
use crate::state::target::Target;

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Signing out the account in use.
    SignOut,
    /// Deleting messages for ever; the mail view knows which.
    DeleteForEver,
    /// Doing something with all that is selected; the mail view knows what.
    Selected,
    /// Throwing away what was written.
    Discard(DraftId),
    /// Leaving the program with things unsent.
    Leave,
    /// Putting other people in place of a saved group's, or removing it; the store knows which.
    Group,
}

/// The question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Set into the frame.
    pub title: String,
    /// What will happen and what will not.
    pub sentences: Vec<String>,
    /// What leaving everything as it is, is called.
    pub no: &'static str,
    /// What doing it is called.
    pub yes: &'static str,
    /// What doing it is.
    pub deed: Deed,
    is_on_yes: bool,
}

impl Question {
    /// A question whose answer "yes" does `deed`.
    #[must_use]
    pub const fn of(title: String, sentences: Vec<String>, no: &'static str, yes: &'static str, deed: Deed) -> Self {
        Self { title, sentences, no, yes, deed, is_on_yes: false }
    }

    /// Whether the cursor stands on doing it.
    #[must_use]
    pub const fn is_on_yes(&self) -> bool {
        self.is_on_yes
    }
}

impl Surface for Question {
    fn context(&self) -> KeyContext {
        KeyContext::Question
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::QuestionYes, CommandId::Close]
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        match (self.deed, command) {
            (Deed::SignOut, CommandId::QuestionYes) => Some("sign out"),
            (Deed::SignOut, CommandId::Close) => Some("stay signed in"),
            (Deed::DeleteForEver, CommandId::QuestionYes) => Some("delete for ever"),
            (Deed::Discard(_), CommandId::QuestionYes) => Some("throw away"),
            (Deed::Selected, CommandId::QuestionYes) => Some("do it"),
            (Deed::Selected, CommandId::Close) => Some("leave them"),
            (Deed::DeleteForEver | Deed::Discard(_), CommandId::Close) => Some("keep"),
            (Deed::Leave, CommandId::QuestionYes) => Some("leave"),
            (Deed::Leave, CommandId::Close) => Some("stay"),
            (Deed::Group, CommandId::Close) => Some("keep it"),
            _ => None,
        }
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        self.is_on_yes = match motion {
            Motion::Next | Motion::NextPane | Motion::Last => true,
            Motion::Previous | Motion::PreviousPane | Motion::First => false,
            _ => return false,
        };
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        turn.step(if self.is_on_yes { Step::Run(CommandId::QuestionYes) } else { Step::CloseLayer });
        true
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.is_on_yes = *at == 1;
            self.open(turn);
        }
    }
}
