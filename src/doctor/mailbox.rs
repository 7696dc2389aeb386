//! Graph with the token in hand: whether it is accepted, whether there is a mailbox, and which of the three locks of somebody
//! else's mailbox is shut (the scope or role, the mailbox's own permission, the tenant's policy for applications).

use super::Holder;
use crate::auth::Surroundings;
use crate::base::text::tame;
use crate::config::Profile;
use crate::domain::account::AccountKind;
use crate::domain::calls::RetryPolicy;
use crate::domain::check::{CheckResult, Outcome};
use crate::graph::call::{Call, Priority};
use crate::graph::transport::{self, Graph};
use crate::graph::{GraphError, Reach, Refusal};
use std::sync::Arc;

pub(super) const SERVICE: (&str, &str) = ("graphAccount", "Graph with this account");
pub(super) const MAILBOX: (&str, &str) = ("mailbox", "Mailbox");

/// The checks, left out.
pub(super) fn left_out(reason: &str) -> Vec<CheckResult> {
    [SERVICE, MAILBOX].into_iter().map(|(name, title)| CheckResult::skipped(name, title, reason)).collect()
}

/// Asks Graph who this is and for the inbox, once each.
pub(super) async fn check(surroundings: &Surroundings, profile: &Profile, holder: &Holder) -> Vec<CheckResult> {
    let graph = Graph::new(transport::Parts {
        clients: surroundings.clients.clone(),
        tokens: holder.tokens.clone(),
        clock: surroundings.clock.clone(),
        ids: surroundings.ids.clone(),
        observer: Arc::new(transport::NobodyListens),
        is_offline: false,
        made_as: None,
        retry: RetryPolicy::default(),
        reach: Reach::default(),
    });
    let _working = surroundings.activity.begin();
    let _ = profile;
    let me = once(&graph, &["me"], "id").await;
    let service = account(&me, holder.kind);
    if me.as_ref().is_err_and(|error| !error.is_forbidden()) {
        let (name, title) = MAILBOX;
        return vec![service, CheckResult::skipped(name, title, "Graph does not accept the account.")];
    }
    let inbox = once(&graph, &["me", "mailFolders", "inbox"], "id,totalItemCount").await;
    vec![service, mailbox(&inbox)]
}

async fn once(graph: &Graph, segments: &[&str], fields: &str) -> Result<(), GraphError> {
    graph.send_once(Call::get(segments).select(fields).priority(Priority::Person)).await.map(drop)
}

fn account(answer: &Result<(), GraphError>, kind: AccountKind) -> CheckResult {
    let (name, title) = SERVICE;
    match answer {
        Ok(()) => CheckResult::passed(name, title, "Graph accepts it."),
        Err(GraphError::Refused(refusal)) => traced(said_no(refusal, kind), refusal),
        Err(error) => {
            let report = error.report("Graph could not be asked.");
            CheckResult::from_report(name, title, Outcome::Failed, &report)
        }
    }
}

/// Why Graph says no to a token that was sent.
fn said_no(refusal: &Refusal, kind: AccountKind) -> CheckResult {
    let (name, title) = SERVICE;
    let failed = |code: &str, reason: &str| CheckResult::new(name, title, Outcome::Failed, code, reason);
    let message = refusal.message.to_ascii_lowercase();
    match refusal.status {
        400 if message.contains("delegated") => {
            CheckResult::skipped(name, title, "It is an application's own account: there is no \"me\".")
        }
        401 if refusal.has_claims => {
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
        401 if refusal.is_no_mailbox() || refusal.message.is_empty() => {
            failed("noMailbox", "The account has no mailbox in this tenant, or no licence for one.")
                .remedy("Ask your administrator for a licence with Exchange Online.")
                .remedy("A guest reads the own mailbox in the own tenant: set `tenant`.")
        }
        401 => failed("tokenRefused", "Graph does not accept the token.")
            .remedy("Sign in again: deskbell login")
            .remedy("If it stays so, an administrator may have ended the session."),
        403 => CheckResult::new(name, title, Outcome::Warning, "permissionMissing", "Graph accepts the account, but may not say who it is.")
            .remedy("The permission User.Read is missing: sign in again and agree to it."),
        429 => CheckResult::new(name, title, Outcome::Warning, "throttled", "Graph asks to wait; there were too many requests.")
            .remedy("Wait some minutes."),
        404 => failed("accountGone", "The account is not in the directory of this tenant.")
            .remedy("Check the tenant, or ask your administrator."),
        500.. => CheckResult::new(name, title, Outcome::Warning, "graphUnavailable", "Graph has a fault of its own at the moment.")
            .remedy("Try again in some minutes."),
        _ => {
            let _ = kind;
            failed("graphRefused", "Graph refuses the account.").remedy("Give the details to your administrator.")
        }
    }
}

fn mailbox(answer: &Result<(), GraphError>) -> CheckResult {
    let (name, title) = MAILBOX;
    let refusal = match answer {
        Ok(()) => return CheckResult::passed(name, title, "The inbox can be read."),
        Err(GraphError::Refused(refusal)) => refusal,
        Err(error) => {
            let report = error.report("The inbox could not be asked for.");
            return CheckResult::from_report(name, title, Outcome::Failed, &report);
        }
    };
    let check = if refusal.is_no_mailbox() {
        let reason = "The account has no mailbox in Exchange Online: no licence, or the mailbox is on the organisation's own server.";
        CheckResult::new(name, title, Outcome::Failed, "noMailbox", reason)
            .remedy("Ask your administrator for a licence with Exchange Online.")
    } else if refusal.status == 403 {
        CheckResult::new(
            name,
            title,
            Outcome::Warning,
            "permissionMissing",
            "The mailbox may not be read: Mail.Read is not granted.",
        )
        .remedy("Sign in again and agree to Mail.Read, or ask your administrator to grant it.")
    } else {
        let report = GraphError::Refused(refusal.clone()).report("The inbox could not be read.");
        CheckResult::from_report(name, title, Outcome::Failed, &report)
    };
    traced(check, refusal)
}

/// Adds what support asks for.
fn traced(check: CheckResult, refusal: &Refusal) -> CheckResult {
    let trace = &refusal.trace;
    check
        .detail("status", refusal.status.to_string())
        .detail("code", tame(refusal.code()).into_owned())
        .detail("service says", refusal.message.clone())
        .detail("request id", trace.request_id.clone())
        .detail("client request id", trace.client_request_id.clone())
        .detail("time", trace.date.clone())
        .detail("diagnostic", trace.diagnostic.clone())
}
