//! Who can be worked for here: the accounts of a profile, how long the token in use lasts, and where the sign-ins are kept.
//!
//! Must stay true: nothing here holds a secret; all of it may be shown and copied. Deliberately absent: changing any of it.

use crate::domain::account::{Account, AccountKey};
use crate::domain::token::{TokenFacts, TokenWay, VaultFacts};
use jiff::Timestamp;

/// An account that is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownAccount {
    /// Who.
    pub account: Account,
    /// How its tokens came to us.
    pub way: TokenWay,
    /// When what renews its tokens was issued, as far as that is known.
    pub issued: Option<Timestamp>,
    /// Its sign-in was lost: a person has to sign it in again.
    pub is_lost: bool,
    /// The registration it signed in with; empty where there is none.
    pub client_id: String,
    /// What can be told about its token.
    pub token: TokenFacts,
    /// Why the profile in use does not take it, as a sentence; empty where it does.
    pub obstacle: String,
}

/// How far a service reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceLimits {
    /// Its mailboxes; the first stands for its own.
    pub mailboxes: Vec<String>,
    /// Changes are allowed.
    pub may_write: bool,
    /// The mailbox through which free/busy is asked for, once one has answered.
    pub asked_through: Option<String>,
}

/// The accounts of a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// The profile in use.
    pub profile: String,
    /// The other profiles of the configuration.
    pub other_profiles: Vec<String>,
    /// Those that are signed in; a service and a token from outside are here alone.
    pub known: Vec<KnownAccount>,
    /// Those at the same service that the profile does not take.
    pub others: Vec<KnownAccount>,
    /// The one in use.
    pub in_use: Option<AccountKey>,
    /// For a service: its limits.
    pub service: Option<ServiceLimits>,
    /// What can be told about the token in use.
    pub token: Option<TokenFacts>,
    /// Where sign-ins are kept.
    pub vault: VaultFacts,
}

impl Accounts {
    /// The place of the account in use.
    #[must_use]
    pub fn place_in_use(&self) -> Option<usize> {
        self.known.iter().position(|known| Some(&known.account.key) == self.in_use.as_ref())
    }

    /// Whether nobody signed in for what is in use, so that nobody can sign it out: a service, or a token from outside.
    #[must_use]
    pub fn has_no_person(&self) -> bool {
        self.service.is_some() || self.token.as_ref().is_some_and(|token| token.way == TokenWay::Given)
    }
}
