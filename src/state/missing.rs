//! The card of a permission that is missing: what it opens and exposes, who may grant it, and the offers.
//!
//! It comes when a dimmed view is entered, unless it was put off today, and whenever it is asked for. Deliberately absent: which
//! offers there are; that is the engine's word.

use crate::domain::account::Tier;
use crate::domain::consent::{MissingPermission, Offer};
use crate::state::command::CommandId;
use crate::state::keys::KeyContext;
use crate::state::surface::{LIST_PAGE, Motion, Step, Surface, Turn};
use crate::state::target::Target;

/// The card.
#[derive(Clone, Debug)]
pub struct MissingCard {
    missing: MissingPermission,
    at: usize,
}

impl MissingCard {
    /// A card of what is missing.
    #[must_use]
    pub const fn of(missing: MissingPermission) -> Self {
        Self { missing, at: 0 }
    }

    /// What is missing.
    #[must_use]
    pub const fn missing(&self) -> &MissingPermission {
        &self.missing
    }

    /// The place of the cursor among the offers.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// What it is about.
    #[must_use]
    pub const fn tier(&self) -> Tier {
        self.missing.tier
    }

    /// Whether this is offered.
    #[must_use]
    pub fn offers(&self, offer: Offer) -> bool {
        self.missing.offers.contains(&offer)
    }
}

/// The command that takes an offer.
#[must_use]
pub const fn command(offer: Offer) -> CommandId {
    match offer {
        Offer::AskNow => CommandId::MissingAsk,
        Offer::AskAdministrator => CommandId::MissingAdministrator,
        Offer::NotNow => CommandId::MissingNotNow,
    }
}

impl Surface for MissingCard {
    fn context(&self) -> KeyContext {
        KeyContext::Missing
    }

    fn hints(&self) -> &'static [CommandId] {
        &[
            CommandId::MissingAsk,
            CommandId::MissingAdministrator,
            CommandId::MissingNotNow,
            CommandId::Doctor,
            CommandId::Close,
        ]
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let Some(at) = motion.along(self.at, self.missing.offers.len(), LIST_PAGE) else { return false };
        self.at = at;
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if let Some(offer) = self.missing.offers.get(self.at) {
            turn.step(Step::Run(command(*offer)));
        }
        true
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.at = (*at).min(self.missing.offers.len().saturating_sub(1));
            self.open(turn);
        }
    }
}
