//! What every view shares: who is signed in, the size, the sync, the folders, the status line.

use crate::base::report::{Kind, Report};
use crate::domain::account::{AccountKey, AccountKind, Feature, Scopes, Tier};
use crate::domain::accounts::{Accounts, ServiceLimits};
use crate::domain::login::{LoginStep, Ways};
use crate::domain::mail::{Folder, FolderId, FolderRole};
use crate::domain::me::Me;
use crate::domain::sync::{Connection, SyncStatus};
use crate::domain::time::Zone;
use crate::domain::token::VaultKeeper;
use crate::state::changes::Changes;
use crate::state::event::Ticket;
use crate::state::geometry::{self, Screen, Shape, Size};
use crate::state::own::SetAside;
use crate::state::presences::Presences;
use crate::state::slot::Slot;
use crate::state::status::Status;
use jiff::{SignedDuration, Timestamp};

/// What the store is made from.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The terminal's size.
    pub size: Size,
    /// The keys in force.
    pub keymap: crate::state::keys::Keymap,
    /// A second zone to show beside one's own.
    pub second_zone: Option<Zone>,
    /// How long a half-typed key waits before its continuations are shown.
    pub hint_delay: SignedDuration,
    /// It runs against the simulated tenant.
    pub is_demo: bool,
    /// Nothing is changed, whatever was granted.
    pub is_read_only: bool,
    /// Opening a message marks it read.
    pub marks_read: bool,
    /// The product's version.
    pub version: String,
}

/// Shared by all surfaces. Only the store changes it.
#[derive(Clone, Debug)]
pub struct Session {
    /// The terminal's size.
    pub size: Size,
    /// A second zone to show beside one's own.
    pub second_zone: Option<Zone>,
    /// It runs against the simulated tenant.
    pub is_demo: bool,
    /// Nothing is changed, whatever was granted.
    pub is_read_only: bool,
    /// The product's version.
    pub version: String,
    /// Who we work for; known from the cache or after the sign-in.
    pub me: Option<Me>,
    /// The account in use, once the sign-in has named it.
    pub account: Option<AccountKey>,
    /// Where the sign-in stands; `None` until the engine has said.
    pub login: Option<LoginStep>,
    /// The ways in that exist here.
    pub ways: Ways,
    /// How the cache stands against the service.
    pub sync: SyncStatus,
    /// Who is signed in, the token in use, where sign-ins are kept.
    pub accounts: Slot<Accounts>,
    /// The folder tree, parents before children.
    pub folders: Slot<Vec<Folder>>,
    /// Changes under way, and what the outbox holds.
    pub changes: Changes,
    /// Opening a message marks it read.
    pub marks_read: bool,
    /// The status line.
    pub status: Status,
    /// Presence of those in sight.
    pub presences: Presences,
    /// Automatic replies go out, or will: the line under the header says so.
    pub answers_for_me: bool,
    /// What was typed in forms of one's own settings and not set.
    pub set_aside: SetAside,
    /// The terminal has the focus.
    pub has_focus: bool,
    /// Mouse reports are on.
    pub mouse: bool,
    tickets: u64,
}

impl Session {
    /// A session in which nobody is known yet.
    #[must_use]
    pub fn new(options: &StoreOptions) -> Self {
        Self {
            size: options.size,
            second_zone: options.second_zone.clone(),
            is_demo: options.is_demo,
            is_read_only: options.is_read_only,
            version: options.version.clone(),
            me: None,
            account: None,
            login: None,
            ways: Ways::default(),
            sync: SyncStatus::default(),
            accounts: Slot::default(),
            folders: Slot::default(),
            changes: Changes::default(),
            marks_read: options.marks_read,
            status: Status::default(),
            presences: Presences::default(),
            answers_for_me: false,
            set_aside: SetAside::default(),
            has_focus: true,
            mouse: true,
            tickets: 0,
        }
    }

    /// A number nobody has used.
    pub(super) fn next_ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    /// How many panes the width allows.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        geometry::shape(self.size)
    }

    /// The rows of the screen.
    #[must_use]
    pub fn screen(&self) -> Screen {
        geometry::screen(self.size, self.banner_rows())
    }

    /// Rows under the header: a calm line about the connection or the sign-in, or the progress of the first sync.
    #[must_use]
    pub fn banner_rows(&self) -> u16 {
        let has_line = self.is_offline() || (self.me.is_some() && self.login_problem().is_some());
        if has_line || (self.answers_for_me && !self.is_first_sync()) {
            1
        } else if self.is_first_sync() {
            let most = self.size.height / 6;
            u16::try_from(self.sync.progress.len()).unwrap_or(most).saturating_add(1).min(most)
        } else {
            0
        }
    }

    /// Notes whether automatic replies go out or will, as it stands at `now`.
    pub fn note_replies(&mut self, now: Timestamp) {
        let known = self.me.as_ref().and_then(|me| me.replies.as_ref());
        self.answers_for_me = known.is_some_and(|known| !known.at(now).is_off());
    }

    /// Whether the cache has never been in step and is being filled.
    #[must_use]
    pub fn is_first_sync(&self) -> bool {
        self.sync.last_success.is_none() && !self.sync.progress.is_empty()
    }

    /// Whether the service cannot be reached.
    #[must_use]
    pub const fn is_offline(&self) -> bool {
        matches!(self.sync.connection, Connection::ForcedOffline | Connection::Offline { .. })
    }

    /// Nothing is asked of the service until the program ends, whether there is a network or not.
    #[must_use]
    pub const fn is_forced_offline(&self) -> bool {
        matches!(self.sync.connection, Connection::ForcedOffline)
    }

    /// What needs a person before the cache can be kept in step.
    #[must_use]
    pub fn login_problem(&self) -> Option<&Report> {
        match &self.login {
            Some(LoginStep::Failed(report)) => Some(report),
            _ => self.sync.problem.as_ref(),
        }
    }

    /// Why the sign-in that was there is worth nothing any more, if it is: only a person can get a new one.
    #[must_use]
    pub fn lost_sign_in(&self) -> Option<&Report> {
        self.sync.problem.as_ref().filter(|report| report.code == "signInNeeded")
    }

    /// Where the sign-in is kept, or will be, in a few words; nothing while that is unknown.
    #[must_use]
    pub fn vault_words(&self) -> Option<&'static str> {
        let vault = &self.accounts.value()?.vault;
        Some(match vault.keeper? {
            VaultKeeper::Keyring => "locked with a key in the system's keyring",
            VaultKeeper::Passphrase => "locked with your passphrase",
            VaultKeeper::File => "in your own folder, locked with a key file beside it",
            VaultKeeper::Memory => "in memory only; it ends with the program",
        })
    }

    /// How long from `now` until what is shown of people is looked at again: `shortest` to half as long again, twice that while
    /// nobody looks.
    pub(super) fn pace(&self, shortest: SignedDuration, now: Timestamp) -> SignedDuration {
        // Where in the second it is now serves as the dice: many programs do not ask in step.
        let pace = shortest + shortest * now.subsec_millisecond().abs() / 2_000;
        if self.has_focus { pace } else { pace * 2 }
    }

    /// Whether the sign-in has not ended well yet.
    #[must_use]
    pub const fn is_signed_out(&self) -> bool {
        !matches!(self.login, None | Some(LoginStep::SignedIn(_)))
    }

    /// What was granted; nothing is granted to nobody.
    #[must_use]
    pub fn granted(&self) -> Option<&Scopes> {
        match &self.login {
            Some(LoginStep::SignedIn(account)) => Some(&account.granted),
            _ => self.me.as_ref().map(|me| &me.granted),
        }
    }

    /// The tiers a person who is signed in has not been granted; unknown grants lack nothing we know of.
    #[must_use]
    pub fn dark_tiers(&self) -> Vec<Tier> {
        let is_person = self.me.as_ref().is_some_and(|me| me.kind != AccountKind::Service);
        let granted = self.granted().filter(|granted| is_person && !granted.is_empty());
        granted
            .map_or_else(Vec::new, |granted| Tier::ALL.into_iter().filter(|tier| !tier.is_granted(granted)).collect())
    }

    /// Whether the grants open `feature`. Unknown grants open everything: the engine will say what is missing.
    #[must_use]
    pub fn is_open(&self, feature: Feature) -> bool {
        self.granted().is_none_or(|granted| feature.is_open(granted))
    }

    /// Why `feature` is closed and what opens it; `None` while it is open.
    #[must_use]
    pub fn closed(&self, feature: Feature) -> Option<Report> {
        if self.is_open(feature) {
            return None;
        }
        let subject = match feature {
            Feature::Mail => "Your mail",
            Feature::Calendar => "Your calendar",
            Feature::FreeBusy => "Free/busy",
            Feature::MeetingTimes => "The service's own suggestions",
            Feature::Directory => "The directory",
            Feature::Presence => "Presence",
            Feature::AutomaticReplies => "Automatic replies",
            Feature::Manager => "Managers",
            Feature::Groups => "Groups of the directory",
            Feature::Places => "Rooms",
            Feature::Settings => "Your settings",
            Feature::SettingsWrite => "Changes to your settings",
            Feature::PresenceWrite => "Changes to your presence",
            Feature::MailWrite => "Changes to your mail",
            Feature::MailSend => "Messages of yours",
            Feature::CalendarWrite => "Changes to your calendar",
        };
        let scope = feature.scopes().first().copied().unwrap_or_default();
        let report = Report::new(
            Kind::NeedsPerson,
            "permissionMissing",
            match feature.tier() {
                Tier::Write => format!("{subject} may not be made: the permission {scope} is missing."),
                _ => format!("{subject} may not be read: the permission {scope} is missing."),
            },
        );
        Some(
            report
                .because("It was not granted at the sign-in; your organisation may have kept it back.")
                .next(format!("Ask your administrator to allow {scope}, then run the command \"Sign in\" again.")),
        )
    }

    /// Why nothing that needs `feature` may be changed now, as a sentence; `None` where it may.
    #[must_use]
    pub fn why_not(&self, feature: Feature) -> Option<String> {
        let may_write = |service: &ServiceLimits| service.may_write;
        let is_reader =
            self.is_service() && !self.accounts.value().and_then(|known| known.service.as_ref()).is_some_and(may_write);
        if self.is_read_only {
            Some("This runs read-only: nothing is changed.".to_owned())
        } else if is_reader {
            Some("This service account only reads; allow_write in its profile lets it change things.".to_owned())
        } else if !self.is_open(feature) {
            let tier = feature.tier().title();
            Some(format!("This was not granted yet; the command \"Permission: {tier}\" asks for it."))
        } else {
            None
        }
    }

    /// Whether we work for a service, not for a person.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.me.as_ref().is_some_and(|me| me.kind == AccountKind::Service)
    }

    /// Of a service: the mailboxes it reads. Nothing for a person, and while it is not known.
    #[must_use]
    pub fn mailboxes(&self) -> &[String] {
        let limits = self.accounts.value().and_then(|known| known.service.as_ref()).filter(|_| self.is_service());
        limits.map_or(&[], |limits| &limits.mailboxes)
    }

    /// Of a service: the mailbox through which free/busy is asked for, once one has answered.
    #[must_use]
    pub fn asked_through(&self) -> Option<&str> {
        let limits = self.accounts.value()?.service.as_ref().filter(|_| self.is_service())?;
        limits.asked_through.as_deref()
    }

    /// Of a service: whose mailboxes it reads, and whether it only reads. Nothing for a person.
    #[must_use]
    pub fn service_words(&self) -> Option<String> {
        let limits = self.accounts.value()?.service.as_ref().filter(|_| self.is_service())?;
        let mailboxes = match limits.mailboxes.as_slice() {
            [] => "no mailbox is listed".to_owned(),
            [one] => one.clone(),
            [first, others @ ..] => format!("{first} and {} more", others.len()),
        };
        let changes = if limits.may_write { "changes allowed" } else { "reads only" };
        Some(format!("Service account, {changes}: {mailboxes}"))
    }

    /// My address, empty while unknown.
    #[must_use]
    pub fn my_address(&self) -> &str {
        self.me.as_ref().map_or("", |me| me.person.address.as_str())
    }

    /// Whether `address` lies outside my organisation's domain. False while my own domain is unknown.
    #[must_use]
    pub fn is_external(&self, address: &str) -> bool {
        let mine = self.my_address().rsplit_once('@').map(|(_, domain)| domain);
        let theirs = address.rsplit_once('@').map(|(_, domain)| domain);
        match (mine, theirs) {
            (Some(mine), Some(theirs)) => !mine.eq_ignore_ascii_case(theirs),
            _ => false,
        }
    }

    /// A folder by id.
    #[must_use]
    pub fn folder(&self, id: &FolderId) -> Option<&Folder> {
        self.folders.value()?.iter().find(|folder| folder.id == *id)
    }

    /// A folder by what the service uses it for.
    #[must_use]
    pub fn folder_with_role(&self, role: FolderRole) -> Option<&Folder> {
        self.folders.value()?.iter().find(|folder| folder.role == Some(role))
    }
}
