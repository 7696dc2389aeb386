//! Drafts that another program began: what of them lies in the mailbox, and what of it a change here leaves alone.
//!
//! What is the same as it was fetched is not written back, so formatting, odd recipients and whatever else this program has no words
//! for stay as they are. Must stay true: a part that may have been written over is known no more, and from then on written each time.

use crate::domain::draft::Draft;
use crate::domain::mail::Recipient;

/// A draft as it lay in the mailbox when it was fetched. A part that is `None` may be another by now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// To.
    pub to: Option<Vec<Recipient>>,
    /// Cc.
    pub cc: Option<Vec<Recipient>>,
    /// Bcc.
    pub bcc: Option<Vec<Recipient>>,
    /// Subject.
    pub subject: Option<String>,
    /// Its text; while the draft's is the same, the body there stays as it is.
    pub text: Option<String>,
    /// The body there has formatting that a plain text loses.
    pub is_formatted: bool,
    /// Somebody wrote on it here since.
    pub is_touched: bool,
    /// What hangs on it there.
    pub files: Vec<FileThere>,
}

/// A file that hangs on a draft in the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileThere {
    /// Its id there.
    pub id: String,
    /// Its name, tame.
    pub name: String,
    /// Bytes, as the service counts.
    pub size: u64,
    /// Shown inside the body.
    pub is_inline: bool,
    /// It is to be taken off.
    pub is_taken_off: bool,
}

/// Which parts of a draft have to be written to the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// To.
    pub to: bool,
    /// Cc.
    pub cc: bool,
    /// Bcc.
    pub bcc: bool,
    /// Subject.
    pub subject: bool,
    /// The text.
    pub text: bool,
}

impl Changed {
    /// Everything: nothing is known of what lies there.
    pub const ALL: Self = Self { to: true, cc: true, bcc: true, subject: true, text: true };
}

impl Draft {
    /// What of it has to be written.
    #[must_use]
    pub fn changed(&self) -> Changed {
        let Some(there) = &self.elsewhere else { return Changed::ALL };
        Changed {
            to: !is_same(there.to.as_deref(), &self.to),
            cc: !is_same(there.cc.as_deref(), &self.cc),
            bcc: !is_same(there.bcc.as_deref(), &self.bcc),
            subject: there.subject.as_ref() != Some(&self.subject),
            text: there.text.as_ref() != Some(&self.body),
        }
    }

    /// Whether formatting made elsewhere goes, because the text was changed.
    #[must_use]
    pub fn loses_formatting(&self) -> bool {
        self.elsewhere.as_ref().is_some_and(|there| there.is_formatted) && self.changed().text
    }

    /// Whether it was taken up from the mailbox and nobody wrote on it here.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.elsewhere.as_ref().is_some_and(|there| !there.is_touched) && self.is_in_step
    }

    /// The files that hang on it in the mailbox and are seen as such.
    pub fn files_there(&self) -> impl Iterator<Item = &FileThere> {
        let files = self.elsewhere.as_ref().map_or(&[][..], |there| there.files.as_slice());
        files.iter().filter(|file| !file.is_inline && !file.is_taken_off)
    }
}

impl Elsewhere {
    /// What is still known once `changed` is being written.
    #[must_use]
    pub fn written_over(self, changed: Changed) -> Self {
        Self {
            to: self.to.filter(|_| !changed.to),
            cc: self.cc.filter(|_| !changed.cc),
            bcc: self.bcc.filter(|_| !changed.bcc),
            subject: self.subject.filter(|_| !changed.subject),
            text: self.text.filter(|_| !changed.text),
            is_formatted: self.is_formatted && !changed.text,
            ..self
        }
    }
}

/// Whether the same people are meant, in whatever order.
fn is_same(there: Option<&[Recipient]>, here: &[Recipient]) -> bool {
    let Some(there) = there else { return false };
    // A field of people holds what has no address as a name that is being typed.
    let key = |one: &Recipient| if one.address.is_empty() { one.name.clone() } else { one.address.to_lowercase() };
    let sorted = |people: &[Recipient]| {
        let mut keys: Vec<String> = people.iter().map(key).collect();
        keys.sort_unstable();
        keys
    };
    sorted(there) == sorted(here)
}
