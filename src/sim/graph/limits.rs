//! What Graph is not for an account or an application, whatever its token holds: personal accounts, accounts of elsewhere,
//! mailboxes in trouble, applications limited to some mailboxes. [auth-limit-mailbox-access; perm]

use crate::sim::entra::account::Kind;
use crate::sim::entra::policy::{MailboxTrouble, is};
use crate::sim::request::{Answer, Caller, Request};
use crate::sim::world::{Target, World};

/// Whether the path below a person leads into the mailbox, not into the directory or to presence.
pub(crate) fn is_outlook(rest: &[String]) -> bool {
    let directory = [
        "presence",
        "manager",
        "directreports",
        "transitivereports",
        "memberof",
        "transitivememberof",
        "photo",
        "photos",
        "revokesigninsessions",
        "licensedetails",
    ];
    rest.first().is_some_and(|first| !directory.contains(&first.to_lowercase().as_str()))
}

/// Passes what may go on to the areas.
///
/// # Errors
/// What the service says instead.
pub(crate) fn check(world: &World, request: &Request) -> Result<(), Answer> {
    let caller = &request.caller;
    match caller.kind {
        Some(Kind::Personal) => personal(request)?,
        Some(Kind::Elsewhere) => elsewhere(request)?,
        _ => {}
    }
    let Some(Ok(target)) = world.resolve(request) else { return Ok(()) };
    if !is_outlook(target.rest) {
        return Ok(());
    }
    let person = world.person(target.person);
    match world.policy.trouble(person) {
        None => {}
        Some(MailboxTrouble::OnPremises) => return Err(crate::sim::world::no_mailbox()),
        Some(MailboxTrouble::Unlicensed) => return Err(Answer::error(401, "UnknownError", "")),
        Some(MailboxTrouble::NoExchange) => return Err(no_organisation(&world.company.tenant_id)),
    }
    if caller.person.is_none() { allowed(world, caller, &target) } else { Ok(()) }
}

/// An application with an allow-list reaches the mailboxes on it, and no others. [application-rbac]
fn allowed(world: &World, caller: &Caller, target: &Target<'_>) -> Result<(), Answer> {
    let registration = world.registrations.find(&caller.client);
    let Some(list) = registration.and_then(|registration| registration.mailboxes.as_ref()) else { return Ok(()) };
    let person = world.person(target.person);
    if list.iter().any(|name| is(name, person)) {
        return Ok(());
    }
    let message = "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.";
    Err(Answer::error(403, "ErrorAccessDenied", message))
}

/// What a personal account lacks; the service is not always of the same mind how to say so.
fn personal(request: &Request) -> Result<(), Answer> {
    let words: Vec<String> = request.path.iter().map(|word| word.to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let rest = match words.as_slice() {
        ["me", rest @ ..] | ["users", _, rest @ ..] => rest,
        ["communications", ..] => return Err(forbidden()),
        ["users" | "places" | "groups" | "applications" | "serviceprincipals", ..] => return Err(not_for_msa()),
        _ => return Ok(()),
    };
    match rest {
        ["presence", ..] => Err(forbidden()),
        ["manager" | "directreports" | "transitivereports" | "memberof" | "transitivememberof", ..] => {
            Err(not_for_msa())
        }
        ["calendar", "getschedule", ..] | ["findmeetingtimes", ..] => Err(not_for_msa()),
        ["photo" | "photos", ..] => Err(Answer::error(401, "UnknownError", "")),
        _ => Ok(()),
    }
}

fn forbidden() -> Answer {
    Answer::error(403, "Forbidden", "This request is not supported for personal accounts.")
}

fn not_for_msa() -> Answer {
    Answer::error(400, "BadRequest", "This API is not supported for MSA accounts.")
}

/// An account in its own tenant, of which nothing is here: it knows who it is, and that is all.
fn elsewhere(request: &Request) -> Result<(), Answer> {
    match request.path.as_slice() {
        [me] if me.eq_ignore_ascii_case("me") => Ok(()),
        _ => Err(no_organisation("the account's home tenant")),
    }
}

fn no_organisation(tenant: &str) -> Answer {
    let message = format!("The tenant for tenant guid '{tenant}' does not exist.");
    Answer::error(401, "OrganizationFromTenantGuidNotFound", &message)
}
