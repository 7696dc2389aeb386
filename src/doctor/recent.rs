//! The last calls of the running program: what failed lately, with what support asks for.

use crate::domain::calls::{CallEnd, CallRecord};
use crate::domain::check::{CheckResult, Outcome};
use crate::graph::diagnostics;

/// So many failures are told.
const MOST_TOLD: usize = 5;

/// What failed among `calls`, the newest first.
pub(super) fn check(calls: &[CallRecord]) -> CheckResult {
    let (name, title) = ("recentCalls", "Recent calls");
    let failed: Vec<_> = calls.iter().filter(|call| is_failure(call)).collect();
    let check = if failed.is_empty() {
        let reason = format!("{} calls, none of them failed.", calls.len());
        CheckResult::passed(name, title, reason)
    } else {
        let reason = format!("{} of the last {} calls failed.", failed.len(), calls.len());
        CheckResult::new(name, title, Outcome::Warning, "callsFailed", reason)
            .remedy("Look at them one by one in the view of recent calls.")
    };
    failed.iter().take(MOST_TOLD).fold(check, |check, call| {
        let means = diagnostics::in_words(&call.diagnostics).unwrap_or_default();
        check.detail("failed", call.to_line()).detail("that means", means)
    })
}

/// Whether nothing came of it. Waiting for a code to be typed is answered with an error too, and none is meant.
fn is_failure(call: &CallRecord) -> bool {
    let is_poll = matches!(call.end, CallEnd::Status(400)) && call.path.ends_with("/token");
    !call.end.is_success() && !matches!(call.end, CallEnd::Status(300..=399)) && !is_poll
}
