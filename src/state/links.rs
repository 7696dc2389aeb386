//! The numbered links of a message, to choose one; each with its true host.

use crate::domain::styled::Link;
use crate::domain::time::Zone;
use crate::state::command::CommandId;
use crate::state::event::Effect;
use crate::state::keys::KeyContext;
use crate::state::surface::{CopyPart, LIST_PAGE, Motion, Step, Surface, Turn};
use crate::state::target::Target;

/// The list of links.
#[derive(Clone, Debug)]
pub struct Links {
    links: Vec<Link>,
    at: usize,
}

impl Links {
    /// A list of these links.
    #[must_use]
    pub const fn of(links: Vec<Link>) -> Self {
        Self { links, at: 0 }
    }

    /// The links, the first is number 1.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The place of the cursor.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }
}

impl Surface for Links {
    fn context(&self) -> KeyContext {
        KeyContext::Links
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Open, CommandId::Next, CommandId::Previous, CommandId::CopyLink, CommandId::Close]
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let Some(at) = motion.along(self.at, self.links.len(), LIST_PAGE) else { return false };
        self.at = at;
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if let Some(link) = self.links.get(self.at) {
            turn.effects.push(Effect::OpenLink(link.target.clone()));
            turn.step(Step::CloseLayer);
        }
        true
    }

    fn number(&mut self, number: usize, turn: &mut Turn<'_>) -> bool {
        if let Some(at) = number.checked_sub(1).filter(|at| *at < self.links.len()) {
            self.at = at;
            self.open(turn);
        }
        true
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.at = *at;
            self.open(turn);
        }
    }

    fn copy(&self, _part: CopyPart, _zone: &Zone) -> Option<String> {
        self.links.get(self.at).map(|link| link.target.clone())
    }
}
