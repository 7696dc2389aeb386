//! The way out: whether the sign-in service and Graph answer, as who they should be, and what time it is there.

use crate::auth::Surroundings;
use crate::auth::discovery;
use crate::auth::errors::Refusal;
use crate::config::Profile;
use crate::domain::check::{CheckResult, Outcome};
use crate::net::client::ClientError;
use crate::net::probe::{self, ProbeError, Seen};
use crate::net::proxy::IMPOSSIBLE;
use jiff::{SignedDuration, Timestamp};
use std::time::SystemTime;
use url::Url;

/// The checks of this file, in order.
pub(super) const NAMES: [(&str, &str); 5] = [
    ("network", "Way to the network"),
    ("signInService", "Sign-in service"),
    ("tenant", "Tenant"),
    ("clock", "Clock"),
    ("graph", "Microsoft Graph"),
];

const SIGN_IN: (&str, &str) = NAMES[1];
const TENANT: (&str, &str) = NAMES[2];
const CLOCK: (&str, &str) = NAMES[3];
const GRAPH: (&str, &str) = NAMES[4];

/// A clock may be off by so much: `Date` has whole seconds, and the answer took its time.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(60);
/// The service forgives about so much; a clock further off breaks signed proofs and the ends of tokens.
const CLOCK_LIMIT: SignedDuration = SignedDuration::from_secs(300);

/// Which proxy is used and whose certificates are believed.
pub(super) fn network(surroundings: &Surroundings) -> CheckResult {
    let (name, title) = NAMES[0];
    let clients = &surroundings.clients;
    let sources = clients.network().trust.sources();
    let trust = sources.map(|source| format!("{} ({})", source.path.display(), source.named_by)).collect::<Vec<_>>();
    let client = clients.graph().and(clients.sign_in());
    let check = match (clients.network().proxies.chosen(&clients.cloud().graph), client) {
        (Ok(way), Ok(_)) => CheckResult::passed(name, title, way.words()),
        (Err(error), _) => CheckResult::from_report(name, title, Outcome::Failed, &ClientError::Proxy(error).report()),
        (_, Err(error)) => CheckResult::from_report(name, title, Outcome::Failed, &error.report()),
    };
    check.detail("certificates besides the system's", trust.join(", ")).detail("not possible", IMPOSSIBLE)
}

/// Sign-in service, tenant and clock.
pub(super) async fn sign_in(surroundings: &Surroundings, profile: &Profile) -> Vec<CheckResult> {
    let cloud = surroundings.clients.cloud();
    let tenant = if profile.tenant.is_empty() { "organizations" } else { &profile.tenant };
    let address = below(&cloud.authority, &[tenant, "v2.0", ".well-known", "openid-configuration"]);
    let working = surroundings.activity.begin();
    let seen = probe::sign_in(&surroundings.clients, &address).await;
    drop(working);
    let host = cloud.authority.host_str().unwrap_or_default().to_owned();
    let skipped = |(name, title): (&'static str, &'static str)| {
        CheckResult::skipped(name, title, "The sign-in service did not answer.")
    };
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => {
            let check = unreachable(SIGN_IN, &error);
            return vec![check, skipped(TENANT), skipped(CLOCK)];
        }
    };
    let clock = clock(surroundings.clock.now(), seen.date);
    let document = discovery::parse(&seen.body);
    let (service, tenant) = match (seen.status, document) {
        (200, Some(document)) => {
            let elsewhere = !document.graph_host.is_empty()
                && cloud.graph.host_str().is_some_and(|host| !document.graph_host.starts_with(host));
            let told = if elsewhere {
                let reason = format!("The tenant belongs to another cloud, whose Graph is {}.", document.graph_host);
                CheckResult::new(TENANT.0, TENANT.1, Outcome::Warning, "tenantElsewhere", reason)
                    .remedy("Set `cloud` to \"usgov\", \"dod\" or \"china\", with a registration of that cloud.")
            } else if matches!(tenant, "common" | "organizations" | "consumers") {
                CheckResult::passed(TENANT.0, TENANT.1, format!("\"{tenant}\": whatever the account belongs to."))
            } else {
                CheckResult::passed(TENANT.0, TENANT.1, format!("{tenant} exists."))
            };
            (answered(&host, &seen), told.detail("issuer", document.issuer))
        }
        (status, _) if status == 429 || status >= 500 => {
            let reason = format!("{host} answers, but is overloaded or has a fault of its own (status {status}).");
            let check = CheckResult::new(SIGN_IN.0, SIGN_IN.1, Outcome::Failed, "signInUnavailable", reason);
            (check.remedy("Try again in some minutes; whoever is signed in stays signed in."), skipped(TENANT))
        }
        (status, _) => match Refusal::parse(status, &seen.body) {
            Some(refusal) => {
                let report = refusal.report("The tenant cannot be used.");
                let code = if refusal.codes.contains(&90002) { "tenantNotFound" } else { "tenantRefused" };
                let check = CheckResult::from_report(TENANT.0, TENANT.1, Outcome::Failed, &report);
                (answered(&host, &seen), CheckResult { code: code.to_owned(), ..check }.detail("tenant", tenant))
            }
            None => (not_the_service(&host, &seen), skipped(TENANT)),
        },
    };
    vec![service, tenant, clock]
}

/// Whether Graph answers at all. Without a token it has to say 401.
pub(super) async fn graph(surroundings: &Surroundings) -> CheckResult {
    let base = &surroundings.clients.cloud().graph;
    let host = base.host_str().unwrap_or_default();
    let address = if matches!(base.path(), "" | "/") { below(base, &["v1.0", "me"]) } else { below(base, &["me"]) };
    let _working = surroundings.activity.begin();
    let (name, title) = GRAPH;
    match probe::graph(&surroundings.clients, &address).await {
        Err(error) => unreachable(GRAPH, &error),
        Ok(seen) if seen.status == 401 => CheckResult::passed(name, title, format!("{host} answers.")),
        Ok(seen) if seen.status == 429 || seen.status >= 500 => {
            let reason =
                format!("{host} answers, but is overloaded or has a fault of its own (status {}).", seen.status);
            CheckResult::new(name, title, Outcome::Warning, "graphUnavailable", reason)
                .remedy("Wait; it is tried again by itself.")
        }
        Ok(seen) => {
            let reason = format!("Something else than Microsoft Graph answers at {host} (status {}).", seen.status);
            CheckResult::new(name, title, Outcome::Failed, "notGraph", reason)
                .remedy("Check `graph` and `cloud` in the profile.")
                .remedy("A proxy or a network sign-in page may stand in between: open a web page in a browser here.")
                .detail("media type", seen.media_type)
        }
    }
}

/// Whether this computer's clock agrees with the service's.
fn clock(here: SystemTime, there: Option<SystemTime>) -> CheckResult {
    let (name, title) = CLOCK;
    let instant = |time| Timestamp::try_from(time).ok();
    let (Some(here), Some(there)) = (instant(here), there.and_then(instant)) else {
        return CheckResult::skipped(name, title, "The service did not say what time it is.");
    };
    let off = here.duration_since(there);
    let check = if off.abs() <= CLOCK_TOLERANCE {
        CheckResult::passed(name, title, "It agrees with the service's.")
    } else {
        let (code, which) = if off.is_positive() { ("clockAhead", "ahead of") } else { ("clockBehind", "behind") };
        let outcome = if off.abs() <= CLOCK_LIMIT { Outcome::Warning } else { Outcome::Failed };
        let reason = format!("This computer's clock is {} {which} the service's.", spoken(off.abs()));
        CheckResult::new(name, title, outcome, code, reason)
            .remedy("Set the clock, and let it be set by the network (timedatectl set-ntp true).")
    };
    check.detail("here", here.to_string()).detail("there", there.to_string())
}

fn spoken(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    let (amount, unit) = match seconds {
        ..=119 => (seconds, "second"),
        120..=7199 => (seconds / 60, "minute"),
        7200..=172_799 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{amount} {unit}{}", if amount == 1 { "" } else { "s" })
}

fn answered(host: &str, seen: &Seen) -> CheckResult {
    CheckResult::passed(SIGN_IN.0, SIGN_IN.1, format!("{host} answers.")).detail("status", seen.status.to_string())
}

fn not_the_service(host: &str, seen: &Seen) -> CheckResult {
    let reason = format!("Something else than the sign-in service answers at {host} (status {}).", seen.status);
    CheckResult::new(SIGN_IN.0, SIGN_IN.1, Outcome::Failed, "notSignInService", reason)
        .remedy("A proxy or a network sign-in page may stand in between: open a web page in a browser here.")
        .remedy("Check `authority` and `cloud` in the profile.")
        .detail("media type", seen.media_type.clone())
}

/// A failed connection in words.
fn unreachable((name, title): (&'static str, &'static str), error: &ProbeError) -> CheckResult {
    CheckResult::from_report(name, title, Outcome::Failed, &error.report(&format!("{title} cannot be reached.")))
}

/// `base` with `segments` behind it.
pub(super) fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_clock_that_is_off_says_how_far_and_which_way() {
        let there = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_252_333);
        let check = |here| clock(here, Some(there));
        assert_eq!(check(there + Duration::from_secs(30)).outcome, Outcome::Passed);
        let ahead = check(there + Duration::from_hours(1));
        assert_eq!((ahead.outcome, ahead.code.as_str()), (Outcome::Failed, "clockAhead"));
        assert!(ahead.reason.contains("60 minutes ahead of"), "{}", ahead.reason);
        let behind = check(there - Duration::from_mins(2));
        assert_eq!((behind.outcome, behind.code.as_str()), (Outcome::Warning, "clockBehind"));
        assert_eq!(clock(there, None).outcome, Outcome::Skipped);
    }
}
