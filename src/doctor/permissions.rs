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
    let scope = |feature: Feature| feature.scopes().first().copied().unwrap_or_default();
    let dark = |optional: bool| {
        let features = FEATURES.iter().filter(|(feature, _)| is_for_us(*feature) && is_optional(*feature) == optional);
        let dark = features.filter(|(feature, _)| !feature.is_open(granted));
        dark.map(|(feature, words)| format!("{words} ({})", scope(*feature))).collect::<Vec<_>>()
    };
    let (missing, further) = (dark(false), dark(true));
    let check = if !missing.is_empty() {
        let needed = FEATURES.iter().filter(|(feature, _)| is_for_us(*feature) && !is_optional(*feature)).count();
        let (outcome, code) = if missing.len() == needed {
            (Outcome::Failed, "nothingGranted")
        } else {
            (Outcome::Warning, "permissionMissing")
        };
        CheckResult::new(name, title, outcome, code, format!("Not granted: {}.", missing.join(", ")))
            .remedy("Sign in again and agree to them, or ask your administrator to grant them.")
            .remedy("What is granted works without the rest.")
    } else if further.is_empty() {
        CheckResult::passed(name, title, "Everything deskbell can show is granted.")
    } else {
        let reason = format!("All that is needed is granted. More would show: {}.", further.join(", "));
        CheckResult::passed(name, title, reason)
    };
    check.detail("granted", granted.to_line())
}
