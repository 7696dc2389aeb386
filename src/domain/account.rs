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

impl Account {
    /// Whether `name` means it: its address, its object id, or both ids with a dot between.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        [self.address.as_str(), &self.key.object, &self.key.to_string()]
            .iter()
            .any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Whether its tenant is among `tenants` (ids or domains); any is where none is listed. Domains are not known to a token: one is
    /// compared with that of the address.
    #[must_use]
    pub fn is_allowed_by(&self, tenants: &[String]) -> bool {
        let domain = self.address.rsplit_once('@').map_or("", |(_, domain)| domain);
        let is_named =
            |tenant: &String| tenant.eq_ignore_ascii_case(&self.key.tenant) || tenant.eq_ignore_ascii_case(domain);
        tenants.is_empty() || tenants.iter().any(is_named)
    }
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
    /// The service's own finder of meeting times.
    MeetingTimes,
    /// Own mail.
    Mail,
    /// A colleague's manager.
    Manager,
    /// Groups of the directory and who is in them.
    Groups,
    /// The list of meeting rooms.
    Places,
    /// Own mailbox settings.
    Settings,
    /// Changing own mail: read, flagged, filed, deleted; drafts.
    MailWrite,
    /// Sending mail.
    MailSend,
    /// Changing own events and answering invitations.
    CalendarWrite,
    /// Changing own mailbox settings.
    SettingsWrite,
    /// Choosing the own presence.
    PresenceWrite,
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
            Self::MeetingTimes => &["Calendars.Read.Shared"],
            Self::Mail => &["Mail.Read"],
            Self::Manager => &["User.Read.All"],
            Self::Groups => &["GroupMember.ReadBasic.All", "Group.Read.All", "Directory.Read.All"],
            Self::Places => &["Place.Read.All"],
            Self::Settings => &["MailboxSettings.Read"],
            Self::MailWrite => &["Mail.ReadWrite"],
            Self::MailSend => &["Mail.Send"],
            Self::CalendarWrite => &["Calendars.ReadWrite"],
            Self::SettingsWrite => &["MailboxSettings.ReadWrite"],
            Self::PresenceWrite => &["Presence.ReadWrite"],
        }
    }

    /// The tier that brings it.
    #[must_use]
    pub const fn tier(self) -> Tier {
        match self {
            Self::Directory | Self::Presence | Self::AutomaticReplies => Tier::WhoIsOut,
            Self::Calendar | Self::FreeBusy => Tier::Calendar,
            Self::MeetingTimes => Tier::SharedCalendars,
            Self::Mail => Tier::Mail,
            Self::Manager | Self::Groups | Self::Places => Tier::Directory,
            Self::Settings => Tier::Settings,
            Self::MailWrite | Self::MailSend | Self::CalendarWrite | Self::SettingsWrite | Self::PresenceWrite => {
                Tier::Write
            }
        }
    }

    /// Whether `granted` opens this feature.
    #[must_use]
    pub fn is_open(self, granted: &Scopes) -> bool {
        self.scopes().iter().any(|scope| granted.has(scope))
    }
}

/// A group of permissions asked for together, when something first needs them. All but the last are for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Directory, presence, automatic replies: nothing an administrator must grant by the data.
    WhoIsOut,
    /// Suggestions and contacts.
    People,
    /// Full entries of the directory, groups and rooms: an administrator's to grant.
    Directory,
    /// Own agenda and colleagues' free/busy.
    Calendar,
    /// Calendars others have shared.
    SharedCalendars,
    /// Own mail.
    Mail,
    /// Mailboxes of others.
    SharedMailboxes,
    /// Own working hours, zone and automatic reply.
    Settings,
    /// Changing own mail, events and settings, and sending: the only one that is not for reading.
    Write,
}

impl Tier {
    /// All, the least first.
    pub const ALL: [Self; 9] = [
        Self::WhoIsOut,
        Self::People,
        Self::Directory,
        Self::Calendar,
        Self::SharedCalendars,
        Self::Mail,
        Self::SharedMailboxes,
        Self::Settings,
        Self::Write,
    ];

    /// What is asked for at the first sign-in.
    pub const FIRST: [Self; 3] = [Self::WhoIsOut, Self::Calendar, Self::Mail];

    /// The name it has in the configuration and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WhoIsOut => "who-is-out",
            Self::People => "people",
            Self::Directory => "directory",
            Self::Calendar => "calendar",
            Self::SharedCalendars => "shared-calendars",
            Self::Mail => "mail",
            Self::SharedMailboxes => "shared-mailboxes",
            Self::Settings => "settings",
            Self::Write => "write",
        }
    }

    /// The tier of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.name() == name)
    }

    /// As a heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::WhoIsOut => "Who is out",
            Self::People => "People",
            Self::Directory => "Directory",
            Self::Calendar => "Calendar",
            Self::SharedCalendars => "Shared calendars",
            Self::Mail => "Mail",
            Self::SharedMailboxes => "Shared mailboxes",
            Self::Settings => "Own settings",
            Self::Write => "Writing",
        }
    }

    /// What it opens, as it stands behind a colon.
    #[must_use]
    pub const fn opens(self) -> &'static str {
        match self {
            Self::WhoIsOut => "finding colleagues, their presence, who is away and what their automatic reply says",
            Self::People => "suggestions of people and your own contacts",
            Self::Directory => "titles, departments, phone numbers, managers, groups and rooms",
            Self::Calendar => "your agenda, and when colleagues are busy or free",
            Self::SharedCalendars => "details of calendars that are shared with you",
            Self::Mail => "your inbox, folders and search",
            Self::SharedMailboxes => "other mailboxes you may read",
            Self::Settings => "your working hours, time zone and automatic reply",
            Self::Write => {
                "marking, filing, writing and sending mail, changing your events and answering invitations, your own \
                 settings and presence"
            }
        }
    }

    /// The delegated scopes of the tier, short names.
    #[must_use]
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::WhoIsOut => &["User.Read", "User.ReadBasic.All", "Presence.Read.All", "MailTips.ReadBasic.Shared"],
            Self::People => &["People.Read", "Contacts.Read"],
            Self::Directory => &["User.Read.All", "GroupMember.ReadBasic.All", "Place.Read.All"],
            Self::Calendar => &["Calendars.Read"],
            Self::SharedCalendars => &["Calendars.Read.Shared"],
            Self::Mail => &["Mail.Read"],
            Self::SharedMailboxes => &["Mail.Read.Shared"],
            Self::Settings => &["MailboxSettings.Read"],
            Self::Write => &[
                "Mail.ReadWrite",
                "Mail.Send",
                "Calendars.ReadWrite",
                "MailboxSettings.ReadWrite",
                "Presence.ReadWrite",
            ],
        }
    }

    /// The application roles that open the same to a service. Other mailboxes are no roles of their own: every role holds for all
    /// mailboxes of the tenant unless it is narrowed [auth-limit-mailbox-access].
    #[must_use]
    pub const fn roles(self) -> &'static [&'static str] {
        match self {
            Self::WhoIsOut => &["User.ReadBasic.All", "Presence.Read.All", "MailTips.ReadBasic.All"],
            Self::People => &["Contacts.Read"],
            Self::Directory => &["User.Read.All", "GroupMember.Read.All", "Place.Read.All"],
            Self::Calendar | Self::SharedCalendars => &["Calendars.Read"],
            Self::Mail | Self::SharedMailboxes => &["Mail.Read"],
            Self::Settings => &["MailboxSettings.Read"],
            Self::Write => &["Mail.ReadWrite", "Mail.Send", "Calendars.ReadWrite", "MailboxSettings.ReadWrite"],
        }
    }

    /// Whether all of it is among `granted`. What a tenant may not know yet is not waited for.
    #[must_use]
    pub fn is_granted(self, granted: &Scopes) -> bool {
        self.scopes().iter().all(|scope| granted.has(scope) || scope.starts_with("MailTips."))
    }

    /// The tiers that `granted` opens, in order.
    #[must_use]
    pub fn granted(granted: &Scopes) -> Vec<Self> {
        Self::ALL.into_iter().filter(|tier| tier.is_granted(granted)).collect()
    }
}
