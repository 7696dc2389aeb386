//! Graph with the token in hand: whether it is accepted, whether there is a mailbox and a licence for one, and which of the three
//! locks of somebody else's mailbox is shut (the permission in the token, the mailbox's own permission, the organisation's
//! policy for applications).
//!
//! Must stay true: each question is asked once; a lock is called shut only where the answer tells it from the others.

use super::{HYBRID, is_open};
use crate::auth::Surroundings;
use crate::base::text::tame;
use crate::config::Profile;
use crate::domain::account::{AccountKind, Scopes};
use crate::domain::calls::RetryPolicy;
use crate::domain::check::{CheckResult, Outcome};
use crate::domain::token::TokenWay;
use crate::engine::access::Access;
use crate::graph::diagnostics;
use crate::graph::standing::{self, Licence, Part, Standing};
use crate::graph::transport::{self, Graph};
use crate::graph::{GraphError, Reach, Refusal};
use std::sync::Arc;

pub(super) const SERVICE: (&str, &str) = ("graphAccount", "Graph with this account");
pub(super) const MAILBOX: (&str, &str) = ("mailbox", "Mailbox");
const OTHER: (&str, &str) = ("otherMailbox", "Mailbox of another");

/// So many mailboxes of a service are looked at.
const MOST: usize = 10;

/// The checks, left out.
pub(super) fn left_out(reason: &str) -> Vec<CheckResult> {
    [SERVICE, MAILBOX].into_iter().map(|(name, title)| CheckResult::skipped(name, title, reason)).collect()
}

/// Asks Graph who this is and for the mailboxes, once each. `asked`: addresses of further mailboxes.
pub(super) async fn check(
    surroundings: &Surroundings,
    profile: &Profile,
    access: &Access,
    kind: AccountKind,
    asked: &[String],
) -> Vec<CheckResult> {
    let graph = Graph::new(transport::Parts {
        clients: surroundings.clients.clone(),
        tokens: access.tokens.clone(),
        clock: surroundings.clock.clone(),
        ids: surroundings.ids.clone(),
        observer: Arc::new(transport::NobodyListens),
        is_offline: false,
        made_as: None,
        retry: RetryPolicy { at_most: 1, ..RetryPolicy::default() },
        reach: access.reach.clone(),
    });
    let _working = surroundings.activity.begin();
    let granted = access.tokens.granted();
    let mut checks = if kind == AccountKind::Service {
        of_service(&graph, &access.reach, &granted).await
    } else {
        of_person(&graph, profile, access).await
    };
    if checks.first().is_some_and(|service| service.outcome != Outcome::Failed) {
        for address in asked {
            checks.push(one_mailbox(&graph, OTHER, address, kind, &granted).await.0);
        }
    }
    checks
}

async fn of_person(graph: &Graph, profile: &Profile, access: &Access) -> Vec<CheckResult> {
    let mut me = standing::standing(graph, false).await;
    let is_refused = matches!(&me, Err(GraphError::Refused(refusal)) if refusal.status == 401);
    if is_refused && access.tokens.facts().way != TokenWay::Given {
        // Whether the sign-in can go on without a person is part of the finding.
        me = standing::standing(graph, true).await;
    }
    let service = account(&me, profile);
    if service.outcome == Outcome::Failed || me.as_ref().is_err_and(|error| !error.is_forbidden()) {
        let (name, title) = MAILBOX;
        let reason = match (&me, service.outcome) {
            (Err(GraphError::Refused(_)), Outcome::Failed) => "Graph does not accept the account.",
            _ => "Graph could not say who is asking.",
        };
        return vec![service, CheckResult::skipped(name, title, reason)];
    }
    let inbox = standing::open(graph, None, Part::Inbox).await;
    let has_none = inbox.as_ref().err().and_then(GraphError::refusal).is_some_and(has_no_mailbox);
    let licence = if has_none { standing::licence(graph).await.ok() } else { None };
    vec![service, own_mailbox(&inbox, licence)]
}

/// A service has no "me": each mailbox of its list is asked for, and the answers also say whether it is accepted at all.
async fn of_service(graph: &Graph, reach: &Reach, granted: &Scopes) -> Vec<CheckResult> {
    let (name, title) = SERVICE;
    let Reach::Mailboxes { list, .. } = reach else {
        let reason = "It is an application's own token: there is no \"me\", and no mailbox was named to look at.";
        let mailbox = CheckResult::skipped(MAILBOX.0, MAILBOX.1, "No mailbox was named.");
        let mailbox = mailbox.remedy("Name one: deskbell doctor --mailbox ADDRESS");
        return vec![CheckResult::passed(name, title, reason), mailbox];
    };
    if list.is_empty() {
        let (name, title) = MAILBOX;
        let mailbox =
            CheckResult::new(name, title, Outcome::Failed, "noMailboxListed", "The profile lists no mailbox.")
                .remedy("List what the service may read: mailboxes = [\"support@contoso.com\"]");
        return vec![CheckResult::skipped(SERVICE.0, SERVICE.1, "There is no mailbox to ask for."), mailbox];
    }
    let mut mailboxes = Vec::new();
    for address in list.iter().take(MOST) {
        let (check, refused) = one_mailbox(graph, MAILBOX, address, AccountKind::Service, granted).await;
        if let Some(refusal) = refused.filter(|refusal| refusal.status == 401 && !has_no_mailbox(refusal)) {
            let skipped = CheckResult::skipped(MAILBOX.0, MAILBOX.1, "Graph does not accept the service.");
            return vec![traced(said_no(&refusal), &refusal), skipped];
        }
        mailboxes.push(check);
    }
    let mut checks = vec![CheckResult::passed(name, title, "It is asked as the service itself: there is no \"me\".")];
    checks.append(&mut mailboxes);
    if list.len() > MOST {
        let reason = match list.len() - MOST {
            1 => "One more is listed and was not looked at.".to_owned(),
            more => format!("{more} more are listed and were not looked at."),
        };
        checks.push(CheckResult::skipped(MAILBOX.0, MAILBOX.1, reason));
    }
    checks
}

fn account(answer: &Result<Standing, GraphError>, profile: &Profile) -> CheckResult {
    let (name, title) = SERVICE;
    match answer {
        Ok(standing) if standing.is_synchronised => {
            let check = CheckResult::passed(
                name,
                title,
                "Graph accepts it. It comes from a directory of the organisation's own (hybrid).",
            );
            if is_open(&profile.tenant) { check.remedy(HYBRID) } else { check }
        }
        Ok(_) => CheckResult::passed(name, title, "Graph accepts it."),
        Err(GraphError::Refused(refusal)) => traced(said_no(refusal), refusal),
        Err(error) => {
            let report = error.report("Graph could not be asked.");
            CheckResult::from_report(name, title, Outcome::Failed, &report)
        }
    }
}

/// Why Graph says no to a token that was sent.
fn said_no(refusal: &Refusal) -> CheckResult {
    let (name, title) = SERVICE;
    let failed = |code: &str, reason: &str| CheckResult::new(name, title, Outcome::Failed, code, reason);
    let warning = |code: &str, reason: &str| CheckResult::new(name, title, Outcome::Warning, code, reason);
    let message = refusal.message.to_ascii_lowercase();
    match refusal.status {
        400 if message.contains("delegated") => {
            CheckResult::skipped(name, title, "It is an application's own account: there is no \"me\".")
        }
        // Who did not say that it can answer a challenge is only told that there is one.
        401 | 403 if refusal.has_claims || refusal.has_code("insufficient_claims") => {
            failed("challenge", "The organisation asks for more before it lets this account in (a claims challenge).")
                .remedy("Sign in again: deskbell login")
        }
        401 if message.contains("audience") => {
            failed("wrongAudience", "The token was made for another service than Graph.")
                .remedy("Sign in with deskbell itself: deskbell login")
        }
        401 if message.contains("lifetime") || message.contains("expired") => {
            failed("tokenExpired", "The token has ended. If it is fresh, this computer's clock is wrong.")
                .remedy("Get a fresh token, and look at the clock.")
        }
        401 if refusal.has_code("NoPermissionsInAccessToken") || message.contains("no permissions") => {
            failed("appWithoutRoles", "The token holds no permission at all.").remedy(
                "Add permissions to the registration (application permissions for a service) and let an administrator grant them.",
            )
        }
        401 if message.contains("compacttoken") || message.contains("empty") => {
            failed("tokenMalformed", "What was sent is no token.").remedy("Give the access token alone, on one line.")
        }
        401 if has_no_mailbox(refusal) => {
            failed("noMailbox", "The account has no mailbox in this tenant, or no licence for one.")
                .remedy("Ask your administrator for a licence with Exchange Online.")
                .remedy("A guest reads the own mailbox in the own tenant: set `tenant`.")
        }
        401 => failed("tokenRefused", "Graph does not accept the token.")
            .remedy("Sign in again: deskbell login")
            .remedy("If it stays so, an administrator may have ended the session."),
        403 => warning("permissionMissing", "Graph accepts the account, but may not say who it is.")
            .remedy("The permission User.Read is missing: sign in again and agree to it."),
        429 => warning("throttled", "Graph asks to wait; there were too many requests.").remedy("Wait some minutes."),
        404 => failed("accountGone", "The account is not in the directory of this tenant.")
            .remedy("Check the tenant, or ask your administrator."),
        500.. => warning("graphUnavailable", "Graph has a fault of its own at the moment.")
            .remedy("Try again in some minutes."),
        _ => failed("graphRefused", "Graph refuses the account.").remedy("Give the details to your administrator."),
    }
}

/// Whether the answer means that there is no mailbox: its own codes, or a 401 without a word, as the unlicensed get it.
fn has_no_mailbox(refusal: &Refusal) -> bool {
    let says_nothing = refusal.status == 401 && refusal.message.is_empty() && !refusal.has_claims;
    refusal.is_no_mailbox() || says_nothing
}

fn own_mailbox(answer: &Result<(), GraphError>, licence: Option<Licence>) -> CheckResult {
    let (name, title) = MAILBOX;
    let refusal = match answer {
        Ok(()) => return CheckResult::passed(name, title, "It is there, and the inbox can be read."),
        Err(GraphError::Refused(refusal)) => refusal,
        Err(error) => {
            let report = error.report("The inbox could not be asked for.");
            return CheckResult::from_report(name, title, Outcome::Failed, &report);
        }
    };
    let check = if has_no_mailbox(refusal) {
        without_mailbox(licence)
    } else if refusal.status == 403 {
        let reason = "The mailbox may not be read: Mail.Read is not granted.";
        CheckResult::new(name, title, Outcome::Warning, "permissionMissing", reason)
            .remedy("Sign in again and agree to Mail.Read, or ask your administrator to grant it.")
    } else {
        let report = GraphError::Refused(refusal.clone()).report("The inbox could not be read.");
        CheckResult::from_report(name, title, Outcome::Failed, &report)
    };
    traced(check, refusal)
}

/// There is no mailbox; the licences say more, where they may be read.
fn without_mailbox(licence: Option<Licence>) -> CheckResult {
    let (name, title) = MAILBOX;
    let failed = |code: &str, reason: &str| CheckResult::new(name, title, Outcome::Failed, code, reason);
    match licence {
        Some(Licence::None) => failed("noLicence", "There is no mailbox: no licence at all is assigned to the account.")
            .remedy("Ask your administrator for a licence with Exchange Online."),
        Some(Licence::Other) => {
            failed("noLicence", "There is no mailbox: none of the account's licences includes Exchange Online.")
                .remedy("Ask your administrator for a licence with Exchange Online.")
        }
        Some(Licence::Pending) => {
            failed("mailboxPending", "There is a licence with Exchange Online, but its mailbox is not ready.")
                .remedy("Wait an hour after the licence was assigned; then ask your administrator.")
        }
        Some(Licence::Exchange) => failed(
            "mailboxElsewhere",
            "The account has a licence with Exchange Online and no mailbox there: it is on the organisation's own server, or inactive.",
        )
        .remedy("Ask your administrator where the mailbox is; one on the organisation's own server cannot be read by this way."),
        None => failed(
            "noMailbox",
            "The account has no mailbox in Exchange Online: no licence, or the mailbox is on the organisation's own server.",
        )
        .remedy("Ask your administrator for a licence with Exchange Online."),
    }
}

/// What opens part of a mailbox of another: for an application the role, for a person the scope.
const OPENS: [(Part, [&str; 2], &str); 2] = [
    (Part::Inbox, ["Mail.Read", "Mail.ReadBasic.All"], "Mail.Read.Shared"),
    (Part::Calendar, ["Calendars.Read", "Calendars.ReadBasic.All"], "Calendars.Read.Shared"),
];

/// The three locks of a mailbox, each in words.
struct Locks {
    permission: String,
    own: &'static str,
    policy: &'static str,
}

const OPEN: &str = "open";
const SHUT: &str = "shut";
const UNKNOWN: &str = "not known: another lock is shut before it";

/// One mailbox that is not the account's own, with its locks; and the refusal, if there was one.
async fn one_mailbox(
    graph: &Graph,
    (name, title): (&'static str, &'static str),
    address: &str,
    kind: AccountKind,
    granted: &Scopes,
) -> (CheckResult, Option<Box<Refusal>>) {
    let is_service = kind == AccountKind::Service;
    let held = OPENS.iter().find_map(|(part, roles, scope)| {
        let held = if is_service { roles.iter().find(|role| granted.has(role)) } else { Some(scope) };
        held.filter(|held| granted.has(held)).map(|held| (*part, *held))
    });
    let tame_address = tame(address).into_owned();
    let finish = |check: CheckResult, locks: Locks| {
        check
            .detail("mailbox", tame_address.clone())
            .detail("lock 1, permission in the token", locks.permission)
            .detail("lock 2, permission of the mailbox", locks.own)
            .detail("lock 3, policy for applications", locks.policy)
    };
    let failed = |code: &str, reason: String| CheckResult::new(name, title, Outcome::Failed, code, reason);
    let does_not_apply = "does not apply: only applications by themselves meet it";
    let (own_of, policy_of) =
        if is_service { ("does not apply to an application", UNKNOWN) } else { (UNKNOWN, does_not_apply) };
    // Nothing known of what is granted: only the answer can tell.
    let (part, permission) = match held {
        Some((part, held)) => (part, format!("{OPEN} ({held})")),
        None if granted.is_empty() => (Part::Inbox, "not known: the token cannot be read".to_owned()),
        None => {
            let needed = if is_service {
                "Mail.Read or Calendars.Read, as application permissions"
            } else {
                "Mail.Read.Shared or Calendars.Read.Shared"
            };
            let reason = format!("{tame_address}: the token holds no permission for it ({needed}).");
            let check = failed("lockPermission", reason);
            let check = if is_service {
                check.remedy("Add the permission to the registration and let an administrator grant it.")
            } else {
                check
                    .remedy("Sign in again for it: deskbell login --scopes Mail.Read.Shared")
                    .remedy("Or ask your administrator to grant it.")
            };
            return (finish(check, Locks { permission: SHUT.to_owned(), own: own_of, policy: policy_of }), None);
        }
    };
    let answer = standing::open(graph, Some(address), part).await;
    let refusal = match answer {
        Ok(()) => {
            let (own, policy) = if is_service { (own_of, OPEN) } else { (OPEN, policy_of) };
            let check = CheckResult::passed(name, title, format!("{tame_address} can be read."));
            return (finish(check, Locks { permission, own, policy }), None);
        }
        Err(GraphError::Refused(refusal)) => refusal,
        Err(error) => {
            let report = error.report(&format!("{tame_address} could not be looked at."));
            return (CheckResult::from_report(name, title, Outcome::Failed, &report), None);
        }
    };
    let is_hidden = refusal.has_code("ErrorItemNotFound");
    let (check, own, policy) = if has_no_mailbox(&refusal) {
        let reason = format!(
            "{tame_address} has no mailbox in Exchange Online: no licence, or it is on the organisation's own server."
        );
        let check =
            failed("noMailbox", reason).remedy("Check the address, or ask your administrator about its licence.");
        (check, own_of, policy_of)
    } else if refusal.status == 403 && is_service && (held.is_some() || names_policy(&refusal)) {
        let reason = format!(
            "{tame_address}: the permission is granted, but the organisation's policy for applications leaves this mailbox out."
        );
        let check = failed("lockPolicy", reason)
            .remedy("Ask your administrator to add it to the application's scope (RBAC for Applications, or an application access policy).")
            .remedy("A change of it takes up to two hours to be seen here.");
        (check, own_of, SHUT)
    } else if (refusal.status == 403 || is_hidden) && !is_service && held.is_some() {
        let reason = format!("{tame_address}: the permission is granted, but the mailbox is not shared with you.");
        let check = failed("lockMailbox", reason)
            .remedy("Ask its owner to share the folder, or your administrator for Full Access to the mailbox.");
        (check, SHUT, policy_of)
    } else if refusal.status == 403 {
        let reason =
            format!("{tame_address} may not be read; which lock is shut cannot be told, for the token cannot be read.");
        let check = failed("lockUnknown", reason).remedy(
            "Check the permissions first, then whether the mailbox is shared, then the policy for applications.",
        );
        (check, own_of, policy_of)
    } else if refusal.status == 404 {
        let reason = format!("{tame_address} is not in the directory of this tenant.");
        (
            failed("noSuchMailbox", reason).remedy("Check the spelling of the address, and the tenant."),
            own_of,
            policy_of,
        )
    } else {
        let report = GraphError::Refused(refusal.clone()).report(&format!("{tame_address} could not be read."));
        (CheckResult::from_report(name, title, Outcome::Failed, &report), own_of, policy_of)
    };
    (traced(finish(check, Locks { permission, own, policy }), &refusal), Some(refusal))
}

/// Whether the service says itself that the policy for applications stands in the way.
fn names_policy(refusal: &Refusal) -> bool {
    refusal.message.to_ascii_lowercase().contains("accesspolicy")
}

/// Adds what support asks for.
fn traced(check: CheckResult, refusal: &Refusal) -> CheckResult {
    let trace = &refusal.trace;
    let check = check
        .detail("status", refusal.status.to_string())
        .detail("code", tame(refusal.code()).into_owned())
        .detail("service says", refusal.message.clone())
        .detail("request id", trace.request_id.clone())
        .detail("client request id", trace.client_request_id.clone())
        .detail("time", trace.date.clone())
        .detail("x-ms-diagnostics", trace.reasons.clone())
        .detail("x-ms-ags-diagnostic", trace.diagnostic.clone());
    diagnostics::pairs(trace).into_iter().fold(check, |check, (name, value)| check.detail(name, value))
}
