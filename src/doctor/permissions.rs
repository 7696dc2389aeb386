//! What was granted against what each feature needs.

use crate::domain::account::{AccountKind, Feature, Scopes};
use crate::domain::check::{CheckResult, Outcome};

pub(super) const CHECK: (&str, &str) = ("permissions", "Permissions");

/// The features and what they are called here.
const FEATURES: [(Feature, &str); 8] = [
    (Feature::Mail, "mail"),
    (Feature::Calendar, "own calendar"),
    (Feature::FreeBusy, "free/busy of colleagues"),
    (Feature::Directory, "directory search"),
    (Feature::Presence, "presence"),
    (Feature::AutomaticReplies, "automatic replies of colleagues"),
    (Feature::Manager, "managers"),
    (Feature::Settings, "own working hours and zone"),
];

/// Which features `granted` leaves dark, and which permission each of them lacks.
pub(super) fn check(granted: &Scopes, kind: AccountKind) -> CheckResult {
    let (name, title) = CHECK;
    if granted.is_empty() {
        let reason = "What is granted cannot be read from the token; Graph decides call by call.";
        return CheckResult::skipped(name, title, reason);
    }
    let is_for_us = |feature: Feature| match kind {
        AccountKind::Personal => {
            !matches!(feature, Feature::FreeBusy | Feature::Directory | Feature::Presence | Feature::Manager)
        }
        AccountKind::Work | AccountKind::Service => true,
    };
    let is_optional = |feature: Feature| matches!(feature, Feature::Manager | Feature::Settings);
    let is_service = kind == AccountKind::Service;
    let needed = |feature: Feature| if is_service { role(feature) } else { scope(feature) };
    let is_open = |feature: Feature| feature.is_open(granted) || (is_service && granted.has(role(feature)));
    let dark = |optional: bool| {
        let features = FEATURES.iter().filter(|(feature, _)| is_for_us(*feature) && is_optional(*feature) == optional);
        let dark = features.filter(|(feature, _)| !is_open(*feature));
        dark.map(|(feature, words)| format!("{words} ({})", needed(*feature))).collect::<Vec<_>>()
    };
    let (missing, further) = (dark(false), dark(true));
    let check = if !missing.is_empty() {
        let needed = FEATURES.iter().filter(|(feature, _)| is_for_us(*feature) && !is_optional(*feature)).count();
        let (outcome, code) = if missing.len() == needed {
            (Outcome::Failed, "nothingGranted")
        } else {
            (Outcome::Warning, "permissionMissing")
        };
        let check = CheckResult::new(name, title, outcome, code, format!("Not granted: {}.", missing.join(", ")));
        let check = if is_service {
            check.remedy(
                "Add them to the registration as application permissions (not delegated ones), and let an administrator grant them.",
            )
        } else {
            check.remedy("Sign in again and agree to them, or ask your administrator to grant them.")
        };
        check.remedy("What is granted works without the rest.")
    } else if further.is_empty() {
        CheckResult::passed(name, title, "Everything deskbell can show is granted.")
    } else {
        let reason = format!("All that is needed is granted. More would show: {}.", further.join(", "));
        CheckResult::passed(name, title, reason)
    };
    check.detail(if is_service { "roles" } else { "granted" }, granted.to_line())
}

/// The delegated permission a person needs for a feature.
fn scope(feature: Feature) -> &'static str {
    feature.scopes().first().copied().unwrap_or_default()
}

/// The application permission a service needs for the same.
fn role(feature: Feature) -> &'static str {
    match feature {
        // The delegated one is for mailboxes a person may read.
        Feature::AutomaticReplies => "MailTips.ReadBasic.All",
        _ => scope(feature),
    }
}
