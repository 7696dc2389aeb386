//! The doctor's panel: every check with its result, what is wrong in words, and what to do.
//!
//! It opens over any view, asks for an examination and keeps the old one on the screen until the new one has come. Deliberately
//! absent: the checks themselves.

use crate::base::report::Report;
use crate::domain::check::{CheckResult, Diagnosis, Outcome};
use crate::domain::request::Answer;
use crate::domain::time::Zone;
use crate::state::command::CommandId;
use crate::state::event::{Effect, Ticket};
use crate::state::keys::KeyContext;
use crate::state::page::{Page, PageLine};
use crate::state::slot::Slot;
use crate::state::surface::{CopyPart, LIST_PAGE, Motion, Step, Surface, Turn};
use crate::state::target::Target;

/// The panel.
#[derive(Clone, Debug)]
pub struct Doctor {
    diagnosis: Slot<Diagnosis>,
    at: usize,
    /// The cursor was moved by the person and stays where it is.
    is_placed: bool,
}

impl Doctor {
    /// Opens the panel and begins an examination.
    #[must_use]
    pub fn open(turn: &mut Turn<'_>) -> Self {
        let mut doctor = Self { diagnosis: Slot::default(), at: 0, is_placed: false };
        doctor.examine(turn);
        doctor
    }

    /// Examines again.
    pub fn examine(&mut self, turn: &mut Turn<'_>) {
        let ticket = turn.session.next_ticket();
        turn.effects.push(Effect::Examine(ticket));
        self.diagnosis.wait_for(ticket);
    }

    /// What was found, with the examination under way.
    #[must_use]
    pub const fn diagnosis(&self) -> &Slot<Diagnosis> {
        &self.diagnosis
    }

    /// The checks.
    #[must_use]
    pub fn checks(&self) -> &[CheckResult] {
        self.diagnosis.value().map_or(&[], |diagnosis| diagnosis.checks.as_slice())
    }

    /// The place of the cursor.
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// The check under the cursor.
    #[must_use]
    pub fn chosen(&self) -> Option<&CheckResult> {
        self.checks().get(self.at)
    }

    /// How the examination ended, in a few words.
    #[must_use]
    pub fn summary(&self) -> String {
        let count = |outcome| self.checks().iter().filter(|check| check.outcome == outcome).count();
        match (self.diagnosis.value(), count(Outcome::Failed), count(Outcome::Warning)) {
            _ if self.diagnosis.is_waiting() => "examining".to_owned(),
            (None, ..) => String::new(),
            (_, 0, 0) => "all is well".to_owned(),
            (_, 0, 1) => "1 warning".to_owned(),
            (_, 0, warnings) => format!("{warnings} warnings"),
            (_, failed, 0) => format!("{failed} failed"),
            (_, failed, warnings) => format!("{failed} failed, {warnings} with a warning"),
        }
    }

    /// The check with everything known about it, to read in peace.
    fn page(check: &CheckResult) -> Page {
        let mut lines = vec![PageLine::Text(check.reason.clone())];
        if !check.remedy.is_empty() {
            lines.push(PageLine::Blank);
            lines.extend(check.remedy.iter().map(|step| PageLine::Step(step.clone())));
        }
        if !check.details.is_empty() {
            lines.push(PageLine::Blank);
            lines.extend(check.details.iter().map(|(name, value)| PageLine::Pair(name.clone(), value.clone())));
        }
        Page::of(format!("{}: {}", check.title, check.outcome.word()), lines, as_text(check))
    }
}

fn as_text(check: &CheckResult) -> String {
    let mut text = format!("[{}] {} ({}): {}", check.outcome.word(), check.name, check.code, check.reason);
    for step in &check.remedy {
        text.push_str("\nNext: ");
        text.push_str(step);
    }
    for (name, value) in &check.details {
        text.push_str(&format!("\n    {name}: {value}"));
    }
    text
}

impl Surface for Doctor {
    fn context(&self) -> KeyContext {
        KeyContext::Doctor
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::DoctorCopy, CommandId::Open, CommandId::DoctorAgain, CommandId::SignIn, CommandId::Close]
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let Some(at) = motion.along(self.at, self.checks().len(), LIST_PAGE) else { return false };
        self.at = at;
        self.is_placed = true;
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if let Some(check) = self.chosen() {
            turn.step(Step::Page(Box::new(Self::page(check))));
        }
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, _turn: &mut Turn<'_>) -> bool {
        let is_taken = self.diagnosis.take(ticket, result, |answer| match answer {
            Answer::Diagnosis(diagnosis) => Some((**diagnosis).clone()),
            _ => None,
        });
        if !is_taken {
            return false;
        }
        let checks = self.checks();
        let worst = |outcome| checks.iter().position(|check| check.outcome == outcome);
        if !self.is_placed {
            self.at = worst(Outcome::Failed).or_else(|| worst(Outcome::Warning)).unwrap_or(0);
        }
        self.at = self.at.min(self.checks().len().saturating_sub(1));
        true
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.at = (*at).min(self.checks().len().saturating_sub(1));
            self.is_placed = true;
            if is_double {
                self.open(turn);
            }
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        self.motion(if steps > 0 { Motion::Next } else { Motion::Previous }, turn);
    }

    fn copy(&self, part: CopyPart, _zone: &Zone) -> Option<String> {
        match part {
            CopyPart::Line => self.chosen().map(as_text),
            CopyPart::Details => self.diagnosis.value().map(Diagnosis::support_block),
            CopyPart::Address | CopyPart::Link => None,
        }
    }
}
