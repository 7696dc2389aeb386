//! The last calls: what failed lately, with what support asks for. Of the running program from its memory, else from the log.

use crate::base::text::tame;
use crate::domain::calls::CallRecord;
use crate::domain::check::{CheckResult, Outcome};
use crate::graph::diagnostics;
use crate::net::calls::FAILED;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// So many failures are told.
const MOST_TOLD: usize = 5;
/// So much of the end of a log is read.
const MOST_READ: u64 = 256 * 1024;
/// So many days of logs are read.
const DAYS: usize = 2;

const CHECK: (&str, &str) = ("recentCalls", "Recent calls");

/// What failed among `calls`, the newest first.
pub(super) fn check(calls: &[CallRecord]) -> CheckResult {
    let (name, title) = CHECK;
    let failed: Vec<_> = calls.iter().filter(|call| call.is_failure()).collect();
    let check = if failed.is_empty() {
        let reason = format!("{} calls, none of them failed.", calls.len());
        CheckResult::passed(name, title, reason)
    } else {
        let reason = format!("{} of the last {} calls failed.", failed.len(), calls.len());
        CheckResult::new(name, title, Outcome::Warning, "callsFailed", reason)
            .remedy("Look at them one by one in the view of recent calls.")
    };
    failed.iter().take(MOST_TOLD).zip(1..).fold(check, |check, (call, number)| {
        let means = diagnostics::in_words(&call.diagnostics).unwrap_or_default();
        check.detail(&format!("failed {number}"), call.to_line()).detail(&format!("that means {number}"), means)
    })
}

/// What failed in the last days by the logs in `folder`; nothing where there is none. It is past: no warning.
pub(super) fn from_log(folder: &Path) -> Option<CheckResult> {
    let (name, title) = CHECK;
    let mut logs: Vec<_> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    logs.retain(|path| path.extension().is_some_and(|end| end == "log"));
    // Their names hold the day.
    logs.sort_unstable();
    let failed: Vec<String> = logs.iter().rev().take(DAYS).flat_map(|log| failed_in(log)).take(MOST_TOLD).collect();
    if failed.is_empty() {
        return None;
    }
    let reason = "Some calls failed in the last days, in this program or another one here; the newest is told first.";
    let check = CheckResult::passed(name, title, reason).remedy("See them: deskbell doctor --support");
    Some(failed.into_iter().zip(1..).fold(check, |check, (line, number)| {
        // What stands in front is the level and the place in the program.
        let means = line.split_once(" diagnostics ").and_then(|(_, headers)| diagnostics::in_words(headers));
        let check = check.detail(&format!("failed {number}"), line);
        check.detail(&format!("that means {number}"), means.unwrap_or_default())
    }))
}

/// The failed calls at the end of a log, the newest first.
fn failed_in(log: &Path) -> Vec<String> {
    let read = || {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(MOST_READ)))?;
        let mut bytes = Vec::new();
        file.take(MOST_READ).read_to_end(&mut bytes)?;
        std::io::Result::Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().rev().filter_map(|line| line.split_once(FAILED));
    lines.take(MOST_TOLD).map(|(_, call)| tame(call).into_owned()).collect()
}
