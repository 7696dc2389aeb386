//! Who is signed in, and what was granted to them.
//!
//! An account is keyed by tenant and object id; names and addresses change and are no keys [id-token-claims-reference].
//! What was granted, not what was asked, lights features.

use std::collections::BTreeSet;

/// The key of an account: `tid` and `oid`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    /// Tenant id.
    pub tenant: String,
    /// Object id in that tenant.
    pub object: String,
}

impl std::fmt::Display for AccountKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.object, self.tenant)
    }
}

/// What sort of account it is; features differ (no presence or free/busy for personal accounts).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// Work or school.
    Work,
    /// outlook.com and the like.
    Personal,
    /// An application without a person.
    Service,
}

/// A signed-in person or service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// `tid` and `oid`.
    pub key: AccountKey,
    /// Shown name, tamed.
    pub name: String,
    /// Address shown for the account, tamed; for people, not for keys.
    pub address: String,
    /// Work, personal or service.
    pub kind: AccountKind,
    /// What the last token answer granted.
    pub granted: Scopes,
}

/// A set of granted scopes or roles. Compared without case; full addresses and short names are the same [scopes-oidc].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Reads a space-separated list as it comes in a token answer.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(text.split_whitespace().map(short_name).collect())
    }

    /// Whether `scope` or a scope that includes it is held (`X.ReadWrite` includes `X.Read` [permissions-reference]).
    #[must_use]
    pub fn has(&self, scope: &str) -> bool {
        let scope = short_name(scope);
        if self.0.contains(&scope) {
            return true;
        }
        let wider = scope.replacen(".readbasic", ".read", 1);
        self.0.contains(&wider) || self.0.contains(&wider.replacen(".read", ".readwrite", 1))
    }

    /// True when nothing was granted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes in alphabetical order, lower case.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The list as one line.
    #[must_use]
    pub fn to_line(&self) -> String {
        self.iter().collect::<Vec<_>>().join(" ")
    }
}

fn short_name(scope: &str) -> String {
    scope.rsplit('/').next().unwrap_or(scope).to_lowercase()
}

/// A capability of the product that stands on scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feature {
    /// Directory search.
    Directory,
    /// Presence of colleagues.
    Presence,
    /// A colleague's automatic reply (mail tips).
    AutomaticReplies,
    /// Own calendar.
    Calendar,
    /// Free/busy of colleagues.
    FreeBusy,
    /// Own mail.
    Mail,
    /// A colleague's manager.
    Manager,
    /// Own mailbox settings.
    Settings,
}

impl Feature {
    /// The scopes of which one is needed, the least first [permissions-reference].
    #[must_use]
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Directory => &["User.ReadBasic.All", "User.Read.All"],
            Self::Presence => &["Presence.Read.All"],
            Self::AutomaticReplies => &["MailTips.ReadBasic.Shared", "Mail.Read"],
            Self::Calendar | Self::FreeBusy => &["Calendars.Read"],
            Self::Mail => &["Mail.Read"],
            Self::Manager => &["User.Read.All"],
            Self::Settings => &["MailboxSettings.Read"],
        }
    }

    /// Whether `granted` opens this feature.
    #[must_use]
    pub fn is_open(self, granted: &Scopes) -> bool {
        self.scopes().iter().any(|scope| granted.has(scope))
    }
}

/// A group of scopes asked for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Directory, presence, automatic replies: nothing an administrator must grant by the data.
    WhoIsOut,
    /// Own agenda and colleagues' free/busy.
    Calendar,
    /// Own mail.
    Mail,
}

impl Tier {
    /// The delegated scopes of the tier, short names.
    #[must_use]
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::WhoIsOut => &["User.Read", "User.ReadBasic.All", "Presence.Read.All", "MailTips.ReadBasic.Shared"],
            Self::Calendar => &["Calendars.Read"],
            Self::Mail => &["Mail.Read"],
        }
    }
}
