//! Whose account it is, and in which tenant a sign-in ends: members, guests, strangers, personal accounts. [v2-protocols-oidc]
//!
//! The tenant in the path decides: a guest is one only at our own id or domain, `common` leads home.

use crate::sim::company::Person;
use crate::sim::entra::discovery::Tenancy;
use crate::sim::entra::error::Refusal;
use crate::sim::entra::registration::{Audience, Registration, derived};

/// The tenant of all personal accounts. [id-token-claims-reference]
pub(crate) const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// An account as it is known where it signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// The tenant that made the token.
    pub(crate) tenant: String,
    /// The object id there.
    pub(crate) object: String,
    pub(crate) kind: Kind,
}

/// What an account is where it signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A member of our tenant.
    Member,
    /// A guest in our tenant.
    Guest,
    /// A member of another tenant; nothing of ours is there.
    Elsewhere,
    /// A personal account.
    Personal,
}

impl Account {
    /// The account of `person` for a sign-in at `tenancy`.
    ///
    /// # Errors
    /// 50020 for an account our tenant does not know, 50034 for a work account among the personal ones, 500208 for a personal
    /// account where work is asked for.
    pub(crate) fn at(
        tenancy: &Tenancy,
        our_tenant: &str,
        person: &Person,
        registration: &Registration,
    ) -> Result<Self, Refusal> {
        let home = person.home_tenant.as_deref().unwrap_or(our_tenant);
        let account =
            |tenant: &str, object: &str, kind| Ok(Self { tenant: tenant.to_owned(), object: object.to_owned(), kind });
        let refuse = |code, message: String| Err(Refusal::new("invalid_grant", code, message));
        let name = &person.user_principal_name;
        let personal_welcome = matches!(registration.audience, Audience::Everybody | Audience::Personal);
        match (tenancy, person.kind.as_str()) {
            (Tenancy::Ours, "stranger" | "personal") => {
                let provider = if person.kind == "personal" {
                    "live.com".to_owned()
                } else {
                    format!("https://sts.windows.net/{home}/")
                };
                let message = format!(
                    "The account '{name}' of the identity provider '{provider}' does not exist in the tenant '{our_tenant}' and \
                     must be invited there as a guest first, or sign in with another account."
                );
                refuse(50020, message)
            }
            (Tenancy::Ours, "guest") => account(our_tenant, &person.id, Kind::Guest),
            (Tenancy::Consumers, "personal") => account(CONSUMERS, &person.id, Kind::Personal),
            (Tenancy::Consumers, _) => refuse(50034, format!("There is no personal account '{name}'.")),
            (Tenancy::Any(word), "personal") if word == "common" && personal_welcome => {
                account(CONSUMERS, &person.id, Kind::Personal)
            }
            (Tenancy::Any(_), "personal") => {
                refuse(500_208, "A personal account cannot sign in here; use a work or school account.".to_owned())
            }
            (Tenancy::Any(_), "guest" | "stranger") => account(home, &derived(&person.id, home), Kind::Elsewhere),
            (Tenancy::Ours | Tenancy::Any(_), _) => account(our_tenant, &person.id, Kind::Member),
        }
    }

    /// The plain member, for tokens that come without a sign-in.
    pub(crate) fn outright(our_tenant: &str, person: &Person) -> Self {
        let (tenant, kind) = match person.kind.as_str() {
            "personal" => (CONSUMERS, Kind::Personal),
            "guest" => (our_tenant, Kind::Guest),
            _ => (our_tenant, Kind::Member),
        };
        Self { tenant: tenant.to_owned(), object: person.id.clone(), kind }
    }
}

/// Whether the registration can be used at this tenant at all.
///
/// # Errors
/// 50194 for a single-tenant one at `common`, 9002332 for one of work accounts at `consumers`, 9002331 the other way round,
/// 700016 where it has no enterprise application, 7000112 where that is switched off.
pub(crate) fn admits(tenancy: &Tenancy, registration: &Registration) -> Result<(), Refusal> {
    let Registration { client_id, name, audience, .. } = registration;
    let refuse = |error: &str, code, message: String| Err(Refusal::new(error, code, message));
    match (tenancy, audience) {
        (Tenancy::Any(word), Audience::SingleTenant) => {
            let message = format!(
                "The application '{client_id}' ({name}) is not configured for several tenants and cannot be used at /{word}. \
                 Use the endpoint of its tenant."
            );
            refuse("invalid_request", 50194, message)
        }
        (Tenancy::Consumers, Audience::SingleTenant | Audience::AnyTenant) => {
            let message = "The application is for work and school accounts; it cannot be used at /consumers.";
            refuse("invalid_request", 9_002_332, message.to_owned())
        }
        (Tenancy::Ours, Audience::Personal) => {
            let message = "The application is for personal accounts only; use the /consumers endpoint.";
            refuse("invalid_request", 9_002_331, message.to_owned())
        }
        (Tenancy::Any(_), Audience::Personal) => {
            let message = "The application is for personal accounts only; use the /consumers endpoint.";
            refuse("invalid_request", 9_002_346, message.to_owned())
        }
        _ if registration.disabled => {
            refuse("unauthorized_client", 7_000_112, format!("The application '{client_id}' ({name}) is disabled."))
        }
        _ if registration.without_principal => Err(unknown_application(client_id)),
        _ => Ok(()),
    }
}

/// What is said of a client id nobody registered.
pub(crate) fn unknown_application(client: &str) -> Refusal {
    let message = format!("The application '{client}' was not found in this tenant. Check the id and the tenant.");
    Refusal::new("unauthorized_client", 700_016, message)
}
