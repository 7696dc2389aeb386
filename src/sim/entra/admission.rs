//! What stands between a person at the page and a code: the account, policies, assignment, consent. The same for browser and device.

use crate::sim::company::Person;
use crate::sim::entra::account::{Account, Kind};
use crate::sim::entra::consent;
use crate::sim::entra::discovery::Tenancy;
use crate::sim::entra::error::Refusal;
use crate::sim::entra::policy::is;
use crate::sim::entra::registration::Registration;
use crate::sim::entra::scopes::{self, Asked};
use crate::sim::world::World;

/// Where a sign-in stands once somebody is picked.
#[derive(Clone, Debug)]
pub(crate) enum Admission {
    /// The page says what is wrong, and nothing goes back.
    Refused(Refusal),
    /// An administrator is needed for these scopes.
    Administrator(Refusal, Vec<String>),
    /// The person is asked for these.
    Consent(Vec<String>),
    /// Nothing is left to ask.
    Open,
}

/// What is asked, at which address, in which way.
pub(crate) struct Request<'a> {
    pub(crate) tenancy: &'a Tenancy,
    pub(crate) client: &'a str,
    pub(crate) asked: &'a Asked,
    /// `prompt=consent`: ask even for what was consented to.
    pub(crate) ask_again: bool,
    pub(crate) by_device: bool,
}

/// Where the sign-in of `person` stands, and as which account.
pub(crate) fn admit(world: &World, person: &Person, request: &Request<'_>) -> (Option<Account>, Admission) {
    let Some(registration) = world.registrations.find(request.client) else {
        return (None, Admission::Refused(crate::sim::entra::account::unknown_application(request.client)));
    };
    let account = match Account::at(request.tenancy, &world.company.tenant_id, person, registration) {
        Ok(account) => account,
        Err(refusal) => return (None, Admission::Refused(refusal)),
    };
    // Another tenant's rules are not ours.
    let ours = matches!(account.kind, Kind::Member | Kind::Guest);
    if ours
        && let Some(refusal) =
            world.policy.at_page(person, request.by_device).or_else(|| unassigned(person, registration))
    {
        return (Some(account), Admission::Refused(refusal));
    }
    let admission = ask(world, person, &account, request);
    (Some(account), admission)
}

fn ask(world: &World, person: &Person, account: &Account, request: &Request<'_>) -> Admission {
    let mut wanted = consent::missing(world, request.client, &person.id, request.asked);
    if request.ask_again {
        wanted = consent::configured(world, request.client, request.asked);
    }
    if account.kind == Kind::Personal {
        wanted.retain(|scope| !scopes::is_work_only(scope));
    }
    if wanted.is_empty() && !request.ask_again {
        return Admission::Open;
    }
    if consent::may(&world.policy, person, &wanted) {
        return Admission::Consent(wanted);
    }
    let (code, message) = if world.policy.request_form {
        (90095, "An administrator must approve the application; the form asks for it.")
    } else {
        (90094, "The application asks for permissions that only an administrator can grant.")
    };
    Admission::Administrator(Refusal::new("access_denied", code, message), wanted)
}

fn unassigned(person: &Person, registration: &Registration) -> Option<Refusal> {
    let assigned = !registration.assignment_required || registration.assigned.iter().any(|name| is(name, person));
    (!assigned).then(|| {
        let message = format!(
            "Your administrator has configured the application {} ('{}') to block people unless they are assigned to it. \
             '{}' is not.",
            registration.name, registration.client_id, person.user_principal_name
        );
        Refusal::new("access_denied", 50105, message)
    })
}
