//! What can be seen without the network: terminal, configuration, places on disk, vault and cache.

use super::Patient;
use crate::auth::broker::Brokers;
use crate::auth::vault::StoredAccount;
use crate::base::environment::Colours;
use crate::base::report::Report;
use crate::db;
use crate::domain::check::{CheckResult, Outcome};
use crate::domain::token::VaultKeeper;
use crate::engine::cloud;
use std::path::Path;
use std::sync::Arc;

/// The smallest screen the program draws on.
const SMALLEST: (u16, u16) = (60, 16);

/// The terminal as whoever owns it sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Standard output is one.
    pub is_terminal: bool,
    /// Columns and rows, where they are known.
    pub size: Option<(u16, u16)>,
}

/// Whether the program can be shown here.
pub(super) fn terminal(patient: &Patient) -> CheckResult {
    let (name, title) = ("terminal", "Terminal");
    let Terminal { is_terminal, size } = patient.terminal;
    let environment = &patient.setup.environment;
    let colours = match environment.colours() {
        Colours::None => "no colours",
        Colours::Sixteen => "16 colours",
        Colours::Indexed => "256 colours",
        Colours::True => "24-bit colours",
    };
    let signs = if environment.is_utf8() { "Unicode" } else { "ASCII only" };
    let kind = environment.get("TERM").unwrap_or("not set").to_owned();
    let with_details = |check: CheckResult| {
        let over = if environment.is_ssh() { "ssh" } else { "this computer" };
        check.detail("TERM", kind.clone()).detail("session", over).detail("colours", colours).detail("signs", signs)
    };
    if !is_terminal {
        return with_details(CheckResult::skipped(name, title, "The output does not go to a terminal."));
    }
    if kind == "dumb" || kind == "not set" {
        let reason = "The terminal says that it can do nothing but print lines.";
        let check = CheckResult::new(name, title, Outcome::Warning, "terminalDumb", reason);
        return with_details(check.remedy("Set TERM to your terminal's name, for example xterm-256color."));
    }
    match size {
        Some((width, height)) if width < SMALLEST.0 || height < SMALLEST.1 => {
            let reason = format!("The terminal has {width}x{height} cells; {}x{} are needed.", SMALLEST.0, SMALLEST.1);
            let check = CheckResult::new(name, title, Outcome::Warning, "terminalSmall", reason);
            with_details(check.remedy("Make the window larger, or the letters smaller."))
        }
        Some((width, height)) => {
            with_details(CheckResult::passed(name, title, format!("{width}x{height} cells, {colours}, {signs}.")))
        }
        None => with_details(CheckResult::passed(name, title, format!("{colours}, {signs}."))),
    }
}

/// Whether the user's own files can be read and what is needed is in them.
pub(super) fn configuration(patient: &Patient) -> CheckResult {
    let (name, title) = ("configuration", "Configuration");
    let file = patient.setup.places.config_file();
    let place = file.display().to_string();
    if let Some(problem) = patient.problems.first() {
        let mut check = CheckResult::from_report(name, title, Outcome::Failed, problem);
        let more = patient.problems.len() - 1;
        if more > 0 {
            check.reason.push_str(&format!(" {more} more like it."));
        }
        if check.remedy.is_empty() {
            check = check.remedy("Correct it, or take it away: what it is by itself is used then.");
        }
        return check;
    }
    if let Err(report) = cloud(&patient.setup.config) {
        return CheckResult::from_report(name, title, Outcome::Failed, &report).detail("file", place);
    }
    let has_token = patient.setup.environment.get("DESKBELL_TOKEN").is_some();
    if patient.setup.config.profile().client_id.is_empty() && !has_token {
        let reason =
            format!("The profile \"{}\" names no registration (client id).", patient.setup.config.profile_name);
        return CheckResult::new(name, title, Outcome::Failed, "noClientId", reason)
            .remedy("Run: deskbell setup")
            .remedy("Or try it on invented people: deskbell demo")
            .detail("file", place);
    }
    let from = if file.exists() { "" } else { " (no file of your own; everything is as it comes)" };
    CheckResult::passed(name, title, format!("Profile \"{}\"{from}.", patient.setup.config.profile_name))
        .detail("file", place)
}

/// Whether what we keep can be written, and only by its owner.
pub(super) fn places(patient: &Patient) -> CheckResult {
    let (name, title) = ("places", "Places on disk");
    let places = &patient.setup.places;
    let folders = [&places.config, &places.cache, &places.state, &places.secrets, &places.log];
    for folder in folders {
        if let Some(reason) = unusable(folder) {
            return CheckResult::new(name, title, Outcome::Failed, "placeUnusable", reason)
                .remedy(format!("Make {} a folder of yours that can be written.", folder.display()))
                .remedy("Or name another place with --home DIR.");
        }
    }
    if let Some(mode) = open_to_others(&places.secrets) {
        let reason = format!("Others may look into {} (mode {mode:o}).", places.secrets.display());
        return CheckResult::new(name, title, Outcome::Warning, "placeOpen", reason)
            .remedy(format!("Run: chmod 700 {}", places.secrets.display()));
    }
    let below = places.state.parent().unwrap_or(Path::new("")).display().to_string();
    CheckResult::passed(name, title, "All folders are there and can be written.").detail("state", below)
}

/// Why nothing can be kept in `folder`; `None` if it can. A folder that is not there yet is made at the start.
fn unusable(folder: &Path) -> Option<String> {
    match std::fs::metadata(folder) {
        Ok(metadata) if !metadata.is_dir() => Some(format!("{} is no folder.", folder.display())),
        Ok(metadata) if metadata.permissions().readonly() => Some(format!("{} cannot be written.", folder.display())),
        Ok(_) => None,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => Some(format!("{}: {error}.", folder.display())),
    }
}

#[cfg(unix)]
fn open_to_others(folder: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(folder).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_to_others(_folder: &Path) -> Option<u32> {
    None
}

/// Whether the stored sign-ins can be read, which they are, and what protects them.
pub(super) async fn vault(
    patient: &Patient,
    brokers: &Result<Arc<Brokers>, Report>,
) -> (CheckResult, Vec<StoredAccount>) {
    let (name, title) = ("vault", "Stored sign-ins");
    let brokers = match brokers {
        Ok(brokers) => brokers,
        Err(_) if cloud(&patient.setup.config).is_err() => {
            return (
                CheckResult::skipped(name, title, "The addresses in the configuration cannot be used."),
                Vec::new(),
            );
        }
        Err(report) => return (CheckResult::from_report(name, title, Outcome::Failed, report), Vec::new()),
    };
    let read = brokers.accounts().await;
    let facts = brokers.vault_facts();
    let (check, accounts) = match read {
        Ok(accounts) => {
            let many = match accounts.len() {
                0 => "None yet.".to_owned(),
                1 => "One account.".to_owned(),
                many => format!("{many} accounts."),
            };
            let protects = facts.keeper.map_or_else(String::new, |keeper| format!(" {}", keeper.protects()));
            let check = match &facts.recovered {
                Some(damaged) => {
                    let reason =
                        format!("The file was damaged; the copy from before the last change took its place. {many}");
                    CheckResult::new(name, title, Outcome::Warning, "vaultRecovered", reason)
                        .remedy("Sign in again if the last sign-in is missing.")
                        .detail("damaged file", damaged.clone())
                }
                None => CheckResult::passed(name, title, format!("{many}{protects}")),
            };
            (check, accounts)
        }
        Err(error) => (CheckResult::from_report(name, title, Outcome::Failed, &error.report()), Vec::new()),
    };
    let keeper = facts.keeper.map_or("", VaultKeeper::name);
    let place = patient.setup.places.secrets.display().to_string();
    (check.detail("key kept by", keeper).detail("why not in the keyring", facts.note).detail("folder", place), accounts)
}

/// Whether a damaged outbox was set aside: what could not be read of it is for a person to look after.
pub(super) fn outbox(patient: &Patient) -> Option<CheckResult> {
    let path = patient.setup.places.state.join("outbox.db");
    let aside = db::set_aside(&path).pop()?;
    let reason = "It was damaged and has been begun anew with what could be read of it.";
    Some(
        CheckResult::new("outbox", "Outbox", Outcome::Warning, "outboxSetAside", reason)
            .remedy("Look in Outlook whether your last changes and messages are there, then remove the damaged file.")
            .detail("damaged file", aside.display().to_string()),
    )
}

/// Whether the cache is whole.
pub(super) async fn cache(patient: &Patient) -> CheckResult {
    let (name, title) = ("cache", "Cache");
    let path = patient.setup.places.cache.join("deskbell.db");
    let place = path.display().to_string();
    let looked = tokio::task::spawn_blocking(move || db::inspect(&path)).await;
    let check = match looked {
        Ok(Ok(Some(found))) => {
            let size = found.bytes.div_ceil(1 << 20);
            let left_out = match found.skipped {
                0 => String::new(),
                1 => " One row of the service could not be read and was left out.".to_owned(),
                rows => format!(" {rows} rows of the service could not be read and were left out."),
            };
            let check = match found.set_aside.last() {
                None => CheckResult::passed(name, title, format!("Whole, {size} MB.{left_out}")),
                Some(aside) => {
                    let reason =
                        format!("It was damaged and has been begun anew; now it is whole, {size} MB.{left_out}");
                    CheckResult::new(name, title, Outcome::Warning, "cacheSetAside", reason)
                        .remedy("Remove the damaged file with: deskbell cache clean")
                        .detail("damaged file", aside.display().to_string())
                }
            };
            check.detail("form", found.version.to_string()).detail("rows left out", found.skipped.to_string())
        }
        Ok(Ok(None)) => CheckResult::passed(name, title, "Not made yet; the first start makes it."),
        Ok(Err(error)) => CheckResult::from_report(name, title, Outcome::Failed, &error.report()),
        Err(_) => CheckResult::new(name, title, Outcome::Failed, "internal", "It could not be read to the end.")
            .remedy("This is a mistake of ours; please report it."),
    };
    check.detail("file", place)
}
