//! The state of the tenant: one value behind one lock, changed by requests, by scripts and by nothing else.
//!
//! Each area of Graph keeps its own part here and fills it in its `build`, relative to the clock. Areas are synchronous and
//! total: `handle(&mut World, &Request) -> Option<Answer>`, `None` meaning "not mine".
//! Deliberately absent: HTTP. The same areas serve a request of its own and an item of a `$batch`.

use crate::base::clock::SharedClock;
use crate::base::ids::Ids;
use crate::sim::company::{Company, Person};
use crate::sim::entra;
use crate::sim::entra::consent::Grants;
use crate::sim::entra::policy::Policy;
use crate::sim::entra::registration::{Registration, Registrations};
use crate::sim::graph::calendar::CalendarState;
use crate::sim::graph::mail::MailState;
use crate::sim::graph::presence::PresenceState;
use crate::sim::graph::settings::SettingsState;
use crate::sim::request::{Answer, Request};
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// What the tenant lets its people grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// Sign-in only: no scope of Graph.
    None,
    /// What holds no administrator's consent anywhere: profile, directory names, presence, mail tips.
    Basic,
    /// Everything that is asked for.
    #[default]
    All,
}

/// How the world is made.
#[derive(Clone, Debug)]
pub struct WorldOptions {
    /// Also send what real servers add: unknown members and enum values, other letter case, empty pages, shuffled batches.
    pub quirks: bool,
    /// Language of folder names and of the invented mail, e.g. `en` or `de`.
    pub locale: String,
    /// How many messages the inbox of the first person holds; `None` for the written ones only. Bodies are made on request.
    pub mail: Option<usize>,
    /// What people may grant.
    pub consent: Consent,
    /// Scopes an administrator consented to before anybody signed in; every token for Graph holds them too.
    pub consented_earlier: Vec<String>,
    /// Whether the tenant already knows `MailTips.ReadBasic.Shared`.
    pub mail_tips: bool,
    /// What the administrators decided at the beginning.
    pub policy: Policy,
    /// Registrations besides the tenant's own.
    pub registrations: Vec<Registration>,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            quirks: false,
            locale: "en".to_owned(),
            mail: None,
            consent: Consent::All,
            consented_earlier: Vec::new(),
            mail_tips: true,
            policy: Policy::default(),
            registrations: Vec::new(),
        }
    }
}

/// The state of the tenant.
pub struct World {
    /// What time it is; tests crank it.
    pub clock: SharedClock,
    /// Where ids come from.
    pub ids: Arc<dyn Ids>,
    /// How the world was made.
    pub options: WorldOptions,
    /// Who works here.
    pub company: Company,
    /// What the administrators decided.
    pub policy: Policy,
    /// Who may ask for tokens.
    pub registrations: Registrations,
    /// Who consented to what.
    pub grants: Grants,
    /// Mailboxes.
    pub mail: MailState,
    /// Calendars.
    pub calendar: CalendarState,
    /// Presence of everybody.
    pub presence: PresenceState,
    /// Mailbox settings and automatic replies of everybody.
    pub settings: SettingsState,
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("World").field("company", &self.company.name).finish_non_exhaustive()
    }
}

/// Whose things a path is about, and what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// Index into `company.people`.
    pub person: usize,
    /// Whether that is the caller; never for an application.
    pub own: bool,
    /// The path after `me` or `users/{id}`.
    pub rest: &'a [String],
}

impl World {
    /// The world of the built-in company as of `clock`.
    #[must_use]
    pub fn new(clock: SharedClock, ids: Arc<dyn Ids>, options: WorldOptions) -> Self {
        let company = Company::load();
        let now = clock.now();
        let calendar = CalendarState::build(&company, now, &options);
        let presence = PresenceState::build(&company, now, &options);
        let settings = SettingsState::build(&company, now, &options);
        let mail = MailState::build(&company, now, &options);
        let policy = options.policy.clone();
        let registrations =
            Registrations::new(entra::registrations().into_iter().chain(options.registrations.iter().cloned()));
        let grants = Grants::default();
        Self { clock, ids, options, company, policy, registrations, grants, mail, calendar, presence, settings }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// Somebody by index.
    #[must_use]
    pub fn person(&self, index: usize) -> &Person {
        &self.company.people[index]
    }

    /// Whom a path that begins with `me` or `users/{id|upn|address}` is about; `None` for any other path.
    ///
    /// # Errors
    /// 400 for `/me` of an application, 404 for somebody unknown.
    #[must_use]
    pub fn resolve<'a>(&self, request: &'a Request) -> Option<Result<Target<'a>, Answer>> {
        let (first, rest) = request.path.split_first()?;
        let caller = request.caller.person.as_deref();
        if first.eq_ignore_ascii_case("me") {
            let Some(oid) = caller else {
                let message = "/me request is only valid with delegated authentication flow.";
                return Some(Err(Answer::error(400, "BadRequest", message)));
            };
            return Some(self.known(oid, caller).map(|person| Target { person, own: true, rest }));
        }
        if !first.eq_ignore_ascii_case("users") {
            return None;
        }
        let (who, rest) = rest.split_first()?;
        Some(self.known(who, caller).map(|person| Target {
            person,
            own: caller == Some(self.person(person).id.as_str()),
            rest,
        }))
    }

    fn known(&self, who: &str, caller: Option<&str>) -> Result<usize, Answer> {
        let alias = |index: &usize| !self.company.people[*index].alias.eq_ignore_ascii_case(who);
        // Of an account of elsewhere our directory knows nothing; it knows itself.
        let ours = |index: &usize| {
            let person = &self.company.people[*index];
            !person.is_outsider() || caller == Some(person.id.as_str())
        };
        self.company.find(who).filter(alias).filter(ours).ok_or_else(|| {
            let message = format!(
                "Resource '{who}' does not exist or one of its queried reference-property objects are not present."
            );
            Answer::error(404, "Request_ResourceNotFound", &message)
        })
    }

    /// Opens the mailbox of `target`: one of `own` is needed for the caller's own (and as a role, for an application), one of
    /// `shared` for somebody else's. What that person shares is for the area to check.
    ///
    /// # Errors
    /// 403 `ErrorAccessDenied` without the scope, 404 `MailboxNotEnabledForRESTAPI` for an account without a mailbox.
    pub fn open_mailbox(
        &self,
        request: &Request,
        target: &Target<'_>,
        own: &[&str],
        shared: &[&str],
    ) -> Result<(), Answer> {
        let delegated_elsewhere = request.caller.person.is_some() && !target.own;
        request.caller.need(if delegated_elsewhere { shared } else { own })?;
        if self.person(target.person).has_mailbox { Ok(()) } else { Err(no_mailbox()) }
    }
}

/// What Graph says about an account without a mailbox.
#[must_use]
pub fn no_mailbox() -> Answer {
    let message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise.";
    Answer::error(404, "MailboxNotEnabledForRESTAPI", message)
}
