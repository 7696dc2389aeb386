//! What an account may reach at all: everything of its own for a person, a list of mailboxes for a service.
//!
//! An application's permissions hold for every mailbox of its tenant, and `/me` does not exist for it [auth-limit-mailbox-access].
//! So its calls are narrowed here, in the one place all of them pass: the own mailbox becomes the first of the list, another
//! mailbox than those is refused, and so is every change unless changes are allowed. Must stay true: what is refused was never
//! sent. Deliberately absent: a person's limits. The service knows them.

use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use crate::graph::call::Call;
use crate::graph::error::GraphError;

/// What stands behind a person and is no mailbox: the directory's own.
const DIRECTORY: [&str; 4] = ["manager", "directReports", "presence", "photo"];
/// Members of a body that name mailboxes to look into.
const NAMING: [&str; 2] = ["schedules", "EmailAddresses"];

/// The limits of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// A person: whatever the service lets them.
    #[default]
    Own,
    /// A service: these mailboxes.
    Mailboxes {
        /// Addresses; the first stands for the own mailbox.
        list: Vec<String>,
        /// Changes are allowed.
        may_write: bool,
    },
}

impl Reach {
    /// The call as it may be sent.
    ///
    /// # Errors
    /// [`GraphError::OutOfReach`] for one that may not.
    pub fn admit(&self, mut call: Call) -> Result<Call, GraphError> {
        let Self::Mailboxes { list, may_write } = self else { return Ok(call) };
        if !may_write && call.changes() {
            return Err(out_of_reach(read_only()));
        }
        let Some(home) = list.first() else { return Err(out_of_reach(no_mailbox())) };
        if let Some(segments) = call.segments_mut() {
            if segments.first().is_some_and(|first| first == "me") {
                segments.splice(0..1, ["users".to_owned(), home.clone()]);
            } else if segments.first().is_some_and(|first| first == "users")
                && let [_, whose, inside, ..] = &segments[..]
                && !DIRECTORY.contains(&inside.as_str())
                && !is_listed(list, whose)
            {
                return Err(out_of_reach(not_listed(whose)));
            }
        }
        for name in NAMING {
            let Some(named) = call.body_list_mut(name) else { continue };
            let first = named.first().and_then(|first| first.as_str()).unwrap_or_default().to_owned();
            named.retain(|address| address.as_str().is_some_and(|address| is_listed(list, address)));
            if named.is_empty() {
                return Err(out_of_reach(not_listed(&first)));
            }
        }
        Ok(call)
    }

    /// The mailboxes of a service; none for a person.
    #[must_use]
    pub fn mailboxes(&self) -> &[String] {
        match self {
            Self::Own => &[],
            Self::Mailboxes { list, .. } => list,
        }
    }

    /// Why the mailbox of this address may not be looked into; `None` where it may.
    #[must_use]
    pub fn refusal(&self, address: &str) -> Option<Report> {
        match self {
            Self::Mailboxes { list, .. } if !is_listed(list, address) => Some(not_listed(address)),
            _ => None,
        }
    }

    /// Whether a path that somebody wrote may be read. It goes to the service as it is, so what it means is judged here by the
    /// ways Graph spells it.
    ///
    /// # Errors
    /// [`GraphError::OutOfReach`] for a mailbox that is not listed, and for `/me`.
    pub fn admit_path(&self, path: &str) -> Result<(), GraphError> {
        let Self::Mailboxes { list, .. } = self else { return Ok(()) };
        let decoded = decoded(path);
        let mut segments = decoded.split('/').filter(|segment| !segment.is_empty()).peekable();
        segments.next_if(|first| matches!(first.to_ascii_lowercase().as_str(), "v1.0" | "beta"));
        let Some(first) = segments.next() else { return Ok(()) };
        // users('id') is another way to write users/id.
        let (name, key) = first.split_once('(').unwrap_or((first, ""));
        let key = key.trim_end_matches(')').trim_matches('\'');
        let mut rest: Vec<&str> = [key].into_iter().filter(|key| !key.is_empty()).chain(segments).collect();
        match name.to_ascii_lowercase().as_str() {
            "me" => Err(out_of_reach(no_me(list))),
            "users" => {
                let whose = if rest.is_empty() { "" } else { rest.remove(0) };
                let inside = rest.first().map(|inside| inside.split('(').next().unwrap_or(inside));
                let is_directory =
                    inside.is_none_or(|inside| DIRECTORY.iter().any(|one| one.eq_ignore_ascii_case(inside)));
                if is_directory || is_listed(list, whose) { Ok(()) } else { Err(out_of_reach(not_listed(whose))) }
            }
            "groups" if rest.get(1).is_some_and(|inside| is_in_a_group_s_mailbox(inside)) => {
                Err(out_of_reach(not_listed(&format!("the group {}", rest[0]))))
            }
            _ => Ok(()),
        }
    }
}

/// What a group keeps in a mailbox.
fn is_in_a_group_s_mailbox(inside: &str) -> bool {
    let inside = inside.split('(').next().unwrap_or(inside).to_ascii_lowercase();
    matches!(inside.as_str(), "conversations" | "threads" | "events" | "calendar" | "calendarview")
}

/// A path without its query and its percent signs.
fn decoded(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    // What means something in a form means nothing in a path.
    let path = path.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(path.as_bytes()).next().map_or_else(String::new, |(name, _)| name.into_owned())
}

fn is_listed(list: &[String], address: &str) -> bool {
    list.iter().any(|listed| listed.eq_ignore_ascii_case(address))
}

fn out_of_reach(report: Report) -> GraphError {
    GraphError::OutOfReach(report)
}

fn read_only() -> Report {
    Report::new(Kind::Configuration, "serviceReadOnly", "This service only reads.")
        .because("Its profile does not allow changes.")
        .next("Set allow_write = true in the profile if the service shall change what it reads.")
}

fn no_me(list: &[String]) -> Report {
    let example = list.first().map_or("ADDRESS", String::as_str);
    Report::new(Kind::Usage, "noMe", "There is no /me for a service.")
        .because("/me is the person who signed in, and a service acts without one.")
        .next(format!("Name the mailbox: deskbell get /users/{}", tame(example)))
}

fn no_mailbox() -> Report {
    Report::new(Kind::Configuration, "noMailbox", "This service has no mailbox to read.")
        .because("A service is nobody: there is no mailbox of its own, and its profile lists none.")
        .next("List them in the profile: mailboxes = [\"support@contoso.com\"]")
}

fn not_listed(address: &str) -> Report {
    let what = format!("This service may not look into the mailbox of {}.", tame(address));
    Report::new(Kind::Configuration, "mailboxNotListed", what)
        .because("The profile lists the mailboxes of the service, and this is none of them.")
        .next("Add its address to mailboxes in the profile, if the service shall read it.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn service(may_write: bool) -> Reach {
        Reach::Mailboxes { list: vec!["Support@x.example".to_owned(), "room@x.example".to_owned()], may_write }
    }

    fn refused(reach: &Reach, call: Call) -> String {
        match reach.admit(call) {
            Err(GraphError::OutOfReach(report)) => report.code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_persons_calls_stay_as_they_are() {
        let call = Call::post(&["me", "sendMail"], Value::Null);
        assert_eq!(Reach::Own.admit(call.clone()), Ok(call));
    }

    #[test]
    fn the_own_mailbox_of_a_service_is_the_first_of_its_list() {
        let call = service(false).admit(Call::get(&["me", "mailFolders", "inbox"]).query("$top", "5")).expect("a call");
        assert_eq!(call.relative().as_deref(), Ok("/users/Support%40x.example/mailFolders/inbox?$top=5"));
        let call = service(false).admit(Call::get(&["me"])).expect("a call");
        assert_eq!(call.relative().as_deref(), Ok("/users/Support%40x.example"));
    }

    #[test]
    fn other_mailboxes_are_refused_and_the_directory_is_not() {
        let reach = service(false);
        for inside in ["messages", "calendar", "events", "mailFolders", "mailboxSettings", "Messages"] {
            assert_eq!(refused(&reach, Call::get(&["users", "lena@x.example", inside])), "mailboxNotListed");
            assert!(reach.admit(Call::get(&["users", "ROOM@x.example", inside])).is_ok());
        }
        for call in [Call::get(&["users"]), Call::get(&["users", "1234"]), Call::get(&["users", "1234", "manager"])] {
            assert_eq!(reach.admit(call.clone()), Ok(call));
        }
    }

    #[test]
    fn nobody_elses_times_and_replies_are_asked_for() {
        let ask = |addresses: Value| Call::ask(&["me", "calendar", "getSchedule"], json!({"schedules": addresses}));
        let call = service(false).admit(ask(json!(["room@x.example", "lena@x.example"]))).expect("a call");
        assert_eq!(call.body(), Some(&json!({"schedules": ["room@x.example"]})));
        assert_eq!(refused(&service(false), ask(json!(["lena@x.example"]))), "mailboxNotListed");
        let tips = Call::ask(&["me", "getMailTips"], json!({"EmailAddresses": ["lena@x.example"]}));
        assert_eq!(refused(&service(false), tips), "mailboxNotListed");
    }

    #[test]
    fn a_written_path_is_judged_by_every_way_to_write_it() {
        let reach = service(false);
        let refused = |path: &str| match reach.admit_path(path) {
            Err(GraphError::OutOfReach(report)) => report.code,
            other => panic!("{path}: {other:?}"),
        };
        for path in ["/me", "me/messages", "/v1.0/me/messages?$top=1", "/beta/ME", "%6De/messages"] {
            assert_eq!(refused(path), "noMe", "{path}");
        }
        for path in [
            "/users/lena@x.example/messages",
            "/Users/lena%40x.example/calendar/events",
            "/users('lena@x.example')/messages",
            "v1.0/users(%27lena@x.example%27)/mailFolders('inbox')/messages",
            "/users/6629187b-d533-5403-b16a-4e164a3dcb88/messages",
            "/users//lena@x.example/messages",
            "/users/a&room@x.example/messages",
            "/users/a=room@x.example/messages",
            "/groups/1/threads",
        ] {
            assert_eq!(refused(path), "mailboxNotListed", "{path}");
        }
        for path in [
            "/users",
            "/users?$top=5",
            "/users/lena@x.example",
            "/users/lena@x.example/manager",
            "/organization",
            "/users/room@x.example/calendar",
            "/users('Support@x.example')/messages",
            "/groups/1/members",
        ] {
            assert_eq!(reach.admit_path(path), Ok(()), "{path}");
            assert_eq!(Reach::Own.admit_path(path), Ok(()));
        }
        assert_eq!(Reach::Own.admit_path("/me"), Ok(()));
    }

    #[test]
    fn changes_need_leave_and_a_list_is_needed_for_everything() {
        let change = || Call::post(&["me", "sendMail"], Value::Null);
        assert_eq!(refused(&service(false), change()), "serviceReadOnly");
        assert!(service(true).admit(change()).is_ok());
        let nobody = Reach::Mailboxes { list: Vec::new(), may_write: false };
        assert_eq!(refused(&nobody, Call::get(&["me", "messages"])), "noMailbox");
    }
}
