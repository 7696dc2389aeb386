//! What can be told about a token and about the vault without showing either.
//!
//! Must stay true: nothing here holds a secret, so all of it may be logged, shown, and put into a support block. Text of the
//! service is tamed before it comes here.

use jiff::Timestamp;

/// How the tokens of an account came to us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenWay {
    /// A person signed in, in a browser with a loopback redirect.
    #[default]
    Browser,
    /// A person signed in, and pasted the redirect address.
    PastedRedirect,
    /// A person typed a code on another device.
    DeviceCode,
    /// A command printed it (`token.command`).
    Command,
    /// Handed in by `DESKBELL_TOKEN`; never renewed.
    Given,
    /// Read from a file by `deskbell token import`.
    Imported,
    /// An application proved itself with a secret.
    ClientSecret,
    /// An application proved itself with a certificate.
    ClientCertificate,
}

impl TokenWay {
    /// The name in the vault and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::PastedRedirect => "pasted-redirect",
            Self::DeviceCode => "device-code",
            Self::Command => "command",
            Self::Given => "given",
            Self::Imported => "imported",
            Self::ClientSecret => "client-secret",
            Self::ClientCertificate => "client-certificate",
        }
    }

    /// The way of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [
            Self::Browser,
            Self::PastedRedirect,
            Self::DeviceCode,
            Self::Command,
            Self::Given,
            Self::Imported,
            Self::ClientSecret,
            Self::ClientCertificate,
        ]
        .into_iter()
        .find(|way| way.name() == name)
    }

    /// For a person, to follow "The token came".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Browser => "from signing in by browser",
            Self::PastedRedirect => "from signing in by browser with a pasted address",
            Self::DeviceCode => "from signing in by code",
            Self::Command => "from the command in token.command",
            Self::Given => "from DESKBELL_TOKEN",
            Self::Imported => "from an imported file",
            Self::ClientSecret => "for the application, with its secret",
            Self::ClientCertificate => "for the application, with its certificate",
        }
    }
}

/// A refresh token that was declared worthless or is missing: what there is to tell about it afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LostGrant {
    /// When it was issued.
    pub issued: Option<Timestamp>,
    /// When it last gave a token.
    pub last_used: Option<Timestamp>,
    /// When the service refused it.
    pub refused: Option<Timestamp>,
    /// When a renewal was begun that never came to an end: the program or the line broke off before the answer was stored.
    pub cut_off: Option<Timestamp>,
    /// The OAuth error, e.g. `invalid_grant`.
    pub error: String,
    /// The service's number, e.g. `AADSTS700082`; may be empty.
    pub code: String,
    /// Finds the entry in the tenant's sign-in log; may be empty.
    pub correlation_id: String,
}

/// What can be told about the token in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenFacts {
    /// How the tokens came to us.
    pub way: TokenWay,
    /// When the access token was received, by this computer's clock.
    pub issued: Option<Timestamp>,
    /// When it ends, by this computer's clock; nothing for a token that does not tell.
    pub ends: Option<Timestamp>,
    /// Whether a next one can be had without a person.
    pub renews: bool,
    /// Seconds by which this computer's clock is ahead of the service's (negative: behind), as last seen.
    pub clock_ahead: Option<i64>,
    /// The refresh token that was lost, if the last one was.
    pub lost: Option<LostGrant>,
}

impl TokenFacts {
    /// How long it lives and what comes then, as a sentence.
    #[must_use]
    pub fn life(&self, now: Timestamp) -> String {
        let then = if self.renews { "the next one comes by itself" } else { "then somebody has to sign in again" };
        match self.ends.map(|ends| ends.as_second() - now.as_second()) {
            _ if self.lost.is_some() => "The sign-in was lost; sign in again.".to_owned(),
            None if self.renews => "When it ends is not known; the next one comes by itself.".to_owned(),
            None => "When it ends is not known.".to_owned(),
            Some(left) if left <= 0 && self.renews => "Ended; the next call gets a new one.".to_owned(),
            Some(left) if left <= 0 => "Ended; somebody has to sign in again.".to_owned(),
            Some(left) => format!("Ends in {}; {then}.", duration(left)),
        }
    }

    /// The same in few words, for a table.
    #[must_use]
    pub fn life_in_short(&self, now: Timestamp) -> String {
        match self.ends.map(|ends| ends.as_second() - now.as_second()) {
            _ if self.lost.is_some() => "lost".to_owned(),
            None => String::new(),
            Some(left) if left <= 0 && self.renews => "at the next call".to_owned(),
            Some(left) if left <= 0 => "ended".to_owned(),
            Some(left) => format!("in {}", duration(left)),
        }
    }
}

/// Seconds in words, to the minute.
fn duration(seconds: i64) -> String {
    match (seconds + 59) / 60 {
        1 => "1 minute".to_owned(),
        minutes @ 2..=119 => format!("{minutes} minutes"),
        minutes if minutes < 48 * 60 => format!("{} hours", minutes / 60),
        minutes => format!("{} days", minutes / (24 * 60)),
    }
}

/// What keeps the key of the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultKeeper {
    /// The system's keyring.
    Keyring,
    /// A passphrase the person knows.
    Passphrase,
    /// A file beside the vault.
    File,
    /// Nothing: the accounts are gone with the process.
    Memory,
}

impl VaultKeeper {
    /// The name in the configuration and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::Passphrase => "passphrase",
            Self::File => "file",
            Self::Memory => "none",
        }
    }

    /// What it protects, as a sentence.
    #[must_use]
    pub const fn protects(self) -> &'static str {
        match self {
            Self::Keyring => "The stored sign-ins are locked with a key in the system's keyring.",
            Self::Passphrase => "The stored sign-ins are locked with your passphrase.",
            Self::File => {
                "The stored sign-ins are locked with a key file beside them: that protects from other users and in \
                 backups without it, not from programs that run as you."
            }
            Self::Memory => "Nothing is stored: the sign-in ends with the program.",
        }
    }
}

/// What can be told about the vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VaultFacts {
    /// What keeps its key; nothing before anything was stored.
    pub keeper: Option<VaultKeeper>,
    /// Why the keyring is not used, where that was tried; a sentence, may be empty.
    pub note: String,
    /// A damaged vault was replaced by the copy from before the last change; where the damaged one was kept.
    pub recovered: Option<String>,
}
