//! The error card: what happened, why, what to do, details. The program keeps working behind it.

use crate::base::report::{Kind, Report};
use crate::domain::time::Zone;
use crate::state::command::CommandId;
use crate::state::keys::KeyContext;
use crate::state::surface::{CopyPart, LIST_PAGE, Motion, Step, Surface, Turn};
use crate::state::target::Target;

/// The card of one report.
#[derive(Clone, Debug)]
pub struct ProblemCard {
    /// The report.
    pub report: Report,
    /// Nobody can sign in: a service.
    is_of_service: bool,
    at: usize,
}

impl ProblemCard {
    /// A card that shows `report`.
    #[must_use]
    pub const fn of(report: Report, is_of_service: bool) -> Self {
        Self { report, is_of_service, at: 0 }
    }

    /// Commands that may remedy it, the best first. None of them destroys anything.
    #[must_use]
    pub const fn remedies(&self) -> &'static [CommandId] {
        match self.report.kind {
            Kind::NeedsPerson if !self.is_of_service => {
                &[CommandId::SignIn, CommandId::Doctor, CommandId::CopyProblem, CommandId::Close]
            }
            Kind::NeedsPerson | Kind::Network => {
                &[CommandId::Fetch, CommandId::Doctor, CommandId::CopyProblem, CommandId::Close]
            }
            Kind::Failure | Kind::Usage | Kind::Configuration => {
                &[CommandId::Close, CommandId::Doctor, CommandId::CopyProblem]
            }
        }
    }

    /// The place of the cursor among the remedies.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }
}

impl Surface for ProblemCard {
    fn context(&self) -> KeyContext {
        KeyContext::Problem
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Open, CommandId::Next, CommandId::Doctor, CommandId::CopyProblem, CommandId::Close]
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let Some(at) = motion.along(self.at, self.remedies().len(), LIST_PAGE) else { return false };
        self.at = at;
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        let Some(remedy) = self.remedies().get(self.at).copied() else { return true };
        if remedy == CommandId::CopyProblem {
            turn.step(Step::Run(remedy));
            return true;
        }
        turn.step(Step::CloseLayer);
        if remedy != CommandId::Close {
            turn.step(Step::Run(remedy));
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
        Some(self.report.as_text())
    }
}
