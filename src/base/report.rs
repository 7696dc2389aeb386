//! A failure told to a person: what failed, why, and what to do next.
//!
//! Errors are typed on every floor and become a [`Report`] at the edge, where somebody reads them. Must stay true: no
//! report holds a token, a code or the text of a mail, so a report may be copied to support as it is.

/// What sort of trouble it is; picks the exit code of a command and the tone on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something failed for a reason of its own (exit code 1).
    Failure,
    /// The command was typed wrongly (exit code 2).
    Usage,
    /// The configuration or a place on disk is wrong (exit code 3).
    Configuration,
    /// A person has to act: sign in, consent, ask an administrator (exit code 4).
    NeedsPerson,
    /// The network or the service cannot be reached (exit code 6).
    Network,
}

/// What failed, why, what to do next, and the details for support.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The sort of trouble.
    pub kind: Kind,
    /// A stable camelCase word for scripts, e.g. `consentRequired`.
    pub code: String,
    /// What failed, as a full sentence.
    pub what: String,
    /// Why, in words of the reader's world. May be empty.
    pub why: String,
    /// What to do next, one full sentence each, best first. Never empty for a report shown to a person.
    pub next: Vec<String>,
    /// Pairs for support: request id, time, status, service code. No secrets.
    pub details: Vec<(String, String)>,
}

impl Report {
    /// A report of `kind` saying `what`.
    #[must_use]
    pub fn new(kind: Kind, code: &str, what: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.to_owned(),
            what: what.into(),
            why: String::new(),
            next: Vec::new(),
            details: Vec::new(),
        }
    }

    /// Adds the reason.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// Adds a next step.
    #[must_use]
    pub fn next(mut self, step: impl Into<String>) -> Self {
        self.next.push(step.into());
        self
    }

    /// Adds a detail for support.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<String>) -> Self {
        self.details.push((name.to_owned(), value.into()));
        self
    }

    /// The exit code of a command that ends with this report.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Failure => 1,
            Kind::Usage => 2,
            Kind::Configuration => 3,
            Kind::NeedsPerson => 4,
            Kind::Network => 6,
        }
    }

    /// The report as plain lines, for a terminal without the program and for the clipboard.
    #[must_use]
    pub fn as_text(&self) -> String {
        let mut text = self.what.clone();
        if !self.why.is_empty() {
            text.push_str("\nWhy: ");
            text.push_str(&self.why);
        }
        for step in &self.next {
            text.push_str("\nNext: ");
            text.push_str(step);
        }
        for (name, value) in &self.details {
            text.push_str("\n  ");
            text.push_str(name);
            text.push_str(": ");
            text.push_str(value);
        }
        text
    }
}
