//! What is looked at before a message is sent: what keeps it from being sent, and what somebody may have overlooked.
//!
//! Pure and quick, so that it is said while the message is written, not after. Deliberately absent: finding out who is away, which only
//! the service knows; whoever has asked it adds that.

use crate::domain::draft::{Draft, DraftKind};
use crate::domain::mail::Recipient;
use crate::domain::recipients::is_address;

/// More recipients than this are asked about.
pub const MANY: usize = 20;

/// Words that speak of an attachment, in the languages we have colleagues in. Beginnings of words, small letters.
const ATTACHED: &[&str] = &[
    "attach",
    "enclosed",
    "anhang",
    "anbei",
    "beigefüg",
    "angehäng",
    "adjunt",
    "pièce jointe",
    "ci-joint",
    "allegat",
    "bijlage",
    "anexo",
    "załącz",
];

/// Something to say before sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Nobody is addressed.
    NoRecipient,
    /// This is nobody's address.
    NotAnAddress(String),
    /// There is no subject.
    NoSubject,
    /// The text speaks of an attachment by this word, and there is none.
    NothingAttached(String),
    /// So many people get it.
    Many(usize),
    /// These are outside the organisation.
    External(Vec<String>),
    /// These are away, a phrase each.
    Away(Vec<String>),
    /// The text was changed of a draft that was formatted elsewhere.
    FormattingGoes,
    /// An answer that cannot be made in its thread.
    GoesAlone,
}

impl Check {
    /// Whether it cannot be sent like this.
    #[must_use]
    pub const fn is_blocking(&self) -> bool {
        matches!(self, Self::NoRecipient | Self::NotAnAddress(_))
    }

    /// Whether somebody should look again before it is sent.
    #[must_use]
    pub const fn asks(&self) -> bool {
        matches!(self, Self::NoSubject | Self::NothingAttached(_) | Self::Many(_) | Self::FormattingGoes)
    }

    /// Whether it is no more than good to know.
    #[must_use]
    pub const fn is_quiet(&self) -> bool {
        matches!(self, Self::External(_) | Self::GoesAlone)
    }

    /// As a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::NoRecipient => "Nobody is addressed yet.".to_owned(),
            Self::NotAnAddress(text) => format!("\"{text}\" is nobody's address."),
            Self::NoSubject => "There is no subject.".to_owned(),
            Self::NothingAttached(word) => format!("You wrote \"{word}\" and nothing is attached."),
            Self::Many(count) => format!("It goes to {count} people."),
            Self::External(addresses) => match addresses.as_slice() {
                [one] => format!("{one} is outside your organisation."),
                [first, rest @ ..] => {
                    format!("{} recipients are outside your organisation, {first} among them.", rest.len() + 1)
                }
                [] => String::new(),
            },
            Self::Away(away) => match away.as_slice() {
                [one] => format!("{one}."),
                [first, second] => format!("{first}; {second}."),
                [first, rest @ ..] => format!("{first}, and {} more are away.", rest.len()),
                [] => String::new(),
            },
            Self::GoesAlone => {
                "Without Mail.ReadWrite an answer goes as a message of its own, beside its thread.".to_owned()
            }
            Self::FormattingGoes => "You changed a text formatted elsewhere: it goes as plain text.".to_owned(),
        }
    }
}

/// Everything to say about a draft of whoever has the address `mine`, the gravest first.
#[must_use]
pub fn checks(draft: &Draft, mine: &str) -> Vec<Check> {
    let mut checks = Vec::new();
    let recipients: Vec<&Recipient> = draft.to.iter().chain(&draft.cc).chain(&draft.bcc).collect();
    if recipients.is_empty() {
        checks.push(Check::NoRecipient);
    }
    let wrong = recipients.iter().filter(|recipient| !is_address(&recipient.address));
    checks.extend(wrong.map(|recipient| Check::NotAnAddress(recipient.label().to_owned())));
    if draft.subject.trim().is_empty() {
        checks.push(Check::NoSubject);
    }
    // A forwarded message carries on what hangs on it.
    if draft.attachments.is_empty() && draft.files_there().next().is_none() && draft.kind != DraftKind::Forward {
        checks.extend(attachment_word(&draft.body).map(Check::NothingAttached));
    }
    if recipients.len() > MANY {
        checks.push(Check::Many(recipients.len()));
    }
    if draft.loses_formatting() {
        checks.push(Check::FormattingGoes);
    }
    let external: Vec<String> = recipients
        .iter()
        .filter(|recipient| is_external(&recipient.address, mine))
        .map(|recipient| recipient.address.clone())
        .collect();
    if !external.is_empty() {
        checks.push(Check::External(external));
    }
    checks
}

/// Whether an address lies in another domain than mine; false while either is unknown.
fn is_external(address: &str, mine: &str) -> bool {
    match (address.rsplit_once('@'), mine.rsplit_once('@')) {
        (Some((_, theirs)), Some((_, mine))) => !theirs.eq_ignore_ascii_case(mine),
        _ => false,
    }
}

/// The word of the own text that speaks of an attachment. Quoted lines are somebody else's.
fn attachment_word(body: &str) -> Option<String> {
    let own = body.lines().take_while(|line| !is_quote_head(line)).filter(|line| !line.trim_start().starts_with('>'));
    let own: Vec<&str> = own.collect();
    let text = own.join("\n");
    let lower = text.to_lowercase();
    let found = ATTACHED
        .iter()
        .find(|word| lower.match_indices(*word).any(|(at, _)| !lower[..at].ends_with(char::is_alphanumeric)))?;
    let at = lower.find(found)?;
    let end = lower[at..].find(|letter: char| !letter.is_alphanumeric() && letter != '-' && letter != ' ');
    let said = lower[at..].get(..end.unwrap_or(lower.len() - at)).unwrap_or(found);
    // The word itself, and the second of those that are two.
    let count = found.split(' ').count();
    Some(said.split(' ').take(count).collect::<Vec<_>>().join(" "))
}

/// "On Monday, Dana Levy wrote:" begins what is quoted; below it nothing is one's own by habit.
fn is_quote_head(line: &str) -> bool {
    line.trim_end().ends_with("wrote:") || line.starts_with("-----")
}

#[cfg(test)]
mod tests {
    use super::{Check, checks};
    use crate::domain::draft::{Draft, DraftAttachment, DraftId, DraftKind};
    use crate::domain::mail::{Importance, Recipient};
    use jiff::Timestamp;

    fn draft(to: &[&str], subject: &str, body: &str) -> Draft {
        Draft {
            id: DraftId(1),
            kind: DraftKind::New,
            about: None,
            to: to.iter().map(|address| Recipient { name: String::new(), address: (*address).to_owned() }).collect(),
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: subject.to_owned(),
            body: body.to_owned(),
            importance: Importance::Normal,
            attachments: Vec::new(),
            cursor: 0,
            on_service: None,
            is_sending: false,
            is_in_step: false,
            elsewhere: None,
            made: Timestamp::UNIX_EPOCH,
            kept: Timestamp::UNIX_EPOCH,
        }
    }

    fn said(draft: &Draft) -> Vec<Check> {
        checks(draft, "lena@contoso.com")
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(said(&draft(&[], " ", "")), [Check::NoRecipient, Check::NoSubject]);
        assert_eq!(said(&draft(&["ana@contoso.com"], "Lunch", "At one?")), []);
        assert_eq!(said(&draft(&["ana"], "Lunch", "")), [Check::NotAnAddress("ana".to_owned())]);
        let external = said(&draft(&["ana@CONTOSO.com", "dana@fabrikam.com"], "Lunch", ""));
        assert_eq!(external, [Check::External(vec!["dana@fabrikam.com".to_owned()])]);
        let addresses: Vec<String> = (0..21).map(|number| format!("p{number}@contoso.com")).collect();
        let many: Vec<&str> = addresses.iter().map(String::as_str).collect();
        assert_eq!(said(&draft(&many, "Lunch", "")), [Check::Many(21)]);
        assert_eq!(said(&draft(&many[1..], "Lunch", "")), []);
    }

    #[test]
    fn an_attachment_that_is_spoken_of_is_missed() {
        for (body, word) in [
            ("Please see the Attachment.", Some("attachment")),
            ("I have attached it, as promised", Some("attached")),
            ("Veuillez trouver ci-joint le plan", Some("ci-joint")),
            ("la pièce jointe, voilà", Some("pièce jointe")),
            ("Anbei der Plan", Some("anbei")),
            ("No strings. A reattachment of hair", None),
            ("> I attached it\nThank you", None),
            ("Thank you\n\nOn Monday, Dana wrote:\nI attached it", None),
        ] {
            let expected: Vec<Check> = word.map(|word| Check::NothingAttached(word.to_owned())).into_iter().collect();
            assert_eq!(said(&draft(&["ana@contoso.com"], "Plan", body)), expected, "{body}");
        }
        let mut with = draft(&["ana@contoso.com"], "Plan", "It is attached.");
        let file = DraftAttachment { path: "/tmp/plan.pdf".into(), name: "plan.pdf".to_owned(), size: 7 };
        with.attachments.push(file);
        assert_eq!(said(&with), []);
        with.attachments.clear();
        with.kind = DraftKind::Forward;
        assert_eq!(said(&with), []);
    }
}
