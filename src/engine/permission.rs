//! Asking for what a permission must be held for, and saying which one it is when it is not.
//!
//! What was granted decides before anything is sent; where that is not known (an opaque token from outside) Graph has the last
//! word. Must stay true: whoever reads the report learns the permission's name and who can grant it.

use crate::base::report::{Kind, Report};
use crate::domain::account::{Feature, Scopes};
use crate::graph::GraphError;
use std::future::Future;

/// Sends `call` if `granted` opens `feature`; every failure is told as a report that says `what` failed.
///
/// # Errors
/// The report: which permission is missing, or what went wrong on the way.
pub async fn ask<T>(
    granted: &Scopes,
    feature: Feature,
    what: &str,
    call: impl Future<Output = Result<T, GraphError>>,
) -> Result<T, Report> {
    if !granted.is_empty() && !feature.is_open(granted) {
        return Err(missing(feature, what));
    }
    call.await.map_err(|error| refused(feature, what, &error))
}

/// The report for a failed call; a 403 names the permission.
#[must_use]
pub fn refused(feature: Feature, what: &str, error: &GraphError) -> Report {
    let report = error.report(what);
    if !error.is_forbidden() {
        return report;
    }
    Report { details: report.details, ..missing(feature, what) }
}

/// The report for a permission that is not held.
#[must_use]
pub fn missing(feature: Feature, what: &str) -> Report {
    let scope = feature.scopes().first().copied().unwrap_or_default();
    let report = Report::new(Kind::NeedsPerson, "permissionMissing", what)
        .because(format!("The permission {scope} is not granted."));
    if needs_administrator(feature) {
        report.next(format!("Ask an administrator to grant {scope}, then sign in again."))
    } else {
        report.next(format!("Sign in again and agree to {scope}; your organisation may ask an administrator to."))
    }
}

/// Scopes that no ordinary user may grant, whatever the tenant allows [permissions-reference].
const fn needs_administrator(feature: Feature) -> bool {
    matches!(feature, Feature::Manager)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Refusal;

    #[tokio::test]
    async fn a_permission_that_is_not_held_is_named_without_asking() {
        let granted = Scopes::parse("User.Read openid");
        let mut was_sent = false;
        let asked = ask(&granted, Feature::Manager, "The manager is not shown.", async {
            was_sent = true;
            Ok(())
        });
        let report = asked.await.expect_err("a report");
        assert!(!was_sent);
        assert_eq!((report.kind, report.code.as_str()), (Kind::NeedsPerson, "permissionMissing"));
        assert!(report.why.contains("User.Read.All") && report.next[0].contains("administrator"), "{report:?}");
    }

    #[tokio::test]
    async fn a_refusal_names_the_permission_and_keeps_the_request_id() {
        let refusal = Refusal { status: 403, ..Refusal::default() };
        let granted = Scopes::default();
        let asked = ask(&granted, Feature::Presence, "Presence is not shown.", async {
            Err::<(), _>(GraphError::Refused(Box::new(refusal)))
        });
        let report = asked.await.expect_err("a report");
        assert!(report.why.contains("Presence.Read.All"), "{report:?}");
        assert!(report.details.contains(&("status".to_owned(), "403".to_owned())), "{report:?}");
    }
}
