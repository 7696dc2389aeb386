//! What the doctor finds: one result a check, and all of them together as a diagnosis.
//!
//! Must stay true: nothing in here is secret, so a diagnosis may be copied to support as it is; a check that could not be
//! made says why it was left out and is never shown as passed.

use crate::base::report::Report;
use jiff::Timestamp;
use std::fmt::Write as _;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// All is well.
    Passed,
    /// It was not made: it does not apply here, or an earlier failure stands in its way.
    Skipped,
    /// It works, but not as it should.
    Warning,
    /// It does not work.
    Failed,
}

impl Outcome {
    /// The outcome in one word, also in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// A stable camelCase word for the check, e.g. `clock`.
    pub name: &'static str,
    /// The check for people, e.g. "Clock".
    pub title: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// A stable camelCase word for the finding, e.g. `clockAhead`; `ok` when it passed.
    pub code: String,
    /// The finding, one sentence or two.
    pub reason: String,
    /// What to do, one full sentence each, best first; empty when there is nothing to do.
    pub remedy: Vec<String>,
    /// Pairs for support. No secrets.
    pub details: Vec<(String, String)>,
}

impl CheckResult {
    /// A check that passed.
    #[must_use]
    pub fn passed(name: &'static str, title: &'static str, reason: impl Into<String>) -> Self {
        Self::new(name, title, Outcome::Passed, "ok", reason)
    }

    /// A check that was left out, and why.
    #[must_use]
    pub fn skipped(name: &'static str, title: &'static str, reason: impl Into<String>) -> Self {
        Self::new(name, title, Outcome::Skipped, "skipped", reason)
    }

    /// A check that ended with `outcome` and the finding `code`.
    #[must_use]
    pub fn new(
        name: &'static str,
        title: &'static str,
        outcome: Outcome,
        code: &str,
        reason: impl Into<String>,
    ) -> Self {
        let (code, reason) = (code.to_owned(), reason.into());
        Self { name, title, outcome, code, reason, remedy: Vec::new(), details: Vec::new() }
    }

    /// A check that failed as `report` tells.
    #[must_use]
    pub fn from_report(name: &'static str, title: &'static str, outcome: Outcome, report: &Report) -> Self {
        let mut reason = format!("{} {}", report.what, report.why).trim_end().to_owned();
        if !reason.ends_with(['.', '?', ')']) {
            reason.push('.');
        }
        let (remedy, details) = (report.next.clone(), report.details.clone());
        Self { name, title, outcome, code: report.code.clone(), reason, remedy, details }
    }

    /// Adds a step to take.
    #[must_use]
    pub fn remedy(mut self, step: impl Into<String>) -> Self {
        self.remedy.push(step.into());
        self
    }

    /// Adds a detail for support, unless it is empty.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.details.push((name.to_owned(), value));
        }
        self
    }
}

/// All checks of one examination, in the order in which one thing stands on another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// When it was made.
    pub at: Timestamp,
    /// What was examined: version, system, profile, addresses. No secrets.
    pub subject: Vec<(String, String)>,
    /// The checks.
    pub checks: Vec<CheckResult>,
}

impl Diagnosis {
    /// The first failure: what stands on it fails too, so it is the one to mend.
    #[must_use]
    pub fn cause(&self) -> Option<&CheckResult> {
        self.checks.iter().find(|check| check.outcome == Outcome::Failed)
    }

    /// The worst outcome of all.
    #[must_use]
    pub fn worst(&self) -> Outcome {
        self.checks.iter().map(|check| check.outcome).max().unwrap_or(Outcome::Passed)
    }

    /// Everything as plain lines for support. Nothing in it is secret.
    #[must_use]
    pub fn support_block(&self) -> String {
        let mut text = format!("deskbell doctor, {}\n", self.at);
        for (name, value) in &self.subject {
            let _ = writeln!(text, "{name}: {value}");
        }
        for check in &self.checks {
            let _ = writeln!(text, "[{}] {} ({}): {}", check.outcome.word(), check.name, check.code, check.reason);
            for (name, value) in &check.details {
                let _ = writeln!(text, "    {name}: {value}");
            }
        }
        text
    }
}
