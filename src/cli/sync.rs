//! `deskbell sync`: bringing the copy on this computer into step with the service.
//!
//! Must stay true: it ends in step or says why not; a wait that the service asked for is waited; what was fetched before an
//! interruption is kept. A service profile is brought into step mailbox by mailbox.

use crate::base::environment::Environment;
use crate::base::report::Report;
use crate::cli::arguments::{Global, Sync};
use crate::cli::output::{Out, error, instant, plain};
use crate::cli::session::{Session, load};
use crate::cli::{Ended, PARTLY_DONE};
use crate::domain::account::AccountKey;
use crate::domain::cache::CachedAccount;
use crate::engine::house;
use serde_json::{Map, Value, json};

pub(crate) async fn run(global: Global, sync: &Sync, environment: Environment, out: &Out) -> Ended {
    if sync.pause || sync.resume {
        let session = Session::open(global, environment).await?;
        let me = session.me(out)?;
        session.engine.pause(sync.pause).await?;
        let as_of = session.engine.as_of().await;
        if out.is_json() {
            let mut more = Map::new();
            more.insert("paused".to_owned(), json!(sync.pause));
            let (address, none) = (&me.person.address, Vec::new());
            out.json(&crate::cli::output::envelope(
                "deskbell.sync/1",
                address,
                as_of,
                &session.zone,
                more,
                none,
                Vec::new(),
            ));
        } else if sync.pause {
            out.aside("Fetching ahead pauses, also in a running deskbell. What is opened is fetched all the same.");
        } else {
            out.aside("Fetching ahead goes on where it stopped.");
        }
        session.engine.close().await;
        return Ok(0);
    }
    if !sync.once {
        let mut session = Session::open(global, environment).await?;
        session.me(out)?;
        out.aside("Keeping the copy on this computer in step. Ctrl-C ends it; nothing is lost by that.");
        return Err(session.in_step_for_ever(out).await);
    }
    let mut rows = Vec::new();
    let mut items = Vec::new();
    let mut errors: Vec<Report> = Vec::new();
    let mut first = None;
    for session in sessions(&global, &environment).await {
        let mut session = session?;
        let me = session.me(out)?;
        let stale = session.in_step(out).await;
        let cached = cached(&session).await?;
        items.push(item(&session, &cached, stale.as_ref()));
        rows.push(row(&cached, stale.as_ref()));
        if let Some(report) = stale {
            errors.push(report);
        }
        first.get_or_insert((me.person.address, session.zone.clone(), cached.as_of));
        session.engine.close().await;
    }
    let Some((account, zone, as_of)) = first else { return Err(Session::mixed_up()) };
    // Where nothing at all was reached, the exit code is that of the reason.
    if errors.len() == items.len()
        && let Some(report) = errors.pop()
    {
        return Err(report);
    }
    if out.is_json() {
        let failed = errors.iter().map(error).collect();
        out.json(&crate::cli::output::envelope("deskbell.sync/1", &account, as_of, &zone, Map::new(), items, failed));
    } else {
        out.table(&["Mailbox", "Folders", "Messages", "Events", "People", ""], &rows);
        for report in &errors {
            out.aside(&report.as_text());
        }
    }
    Ok(if errors.is_empty() { 0 } else { PARTLY_DONE })
}

/// A session for each mailbox: one for a person, one for each that a service lists.
pub(crate) async fn sessions(global: &Global, environment: &Environment) -> Vec<Result<Session, Report>> {
    let count = match load(global, environment) {
        Ok(loaded) => {
            let profile = loaded.config.profile();
            if profile.is_service() { profile.mailboxes.len().max(1) } else { 1 }
        }
        Err(report) => return vec![Err(report)],
    };
    let mut sessions = Vec::with_capacity(count);
    for index in 0..count {
        sessions.push(Session::open_at(global.clone(), environment.clone(), index).await);
    }
    sessions
}

/// What is on this computer of the account in use.
async fn cached(session: &Session) -> Result<CachedAccount, Report> {
    let key: Option<AccountKey> = session.engine.account_key();
    let facts = house::facts(&session.engine.setup().places).await?;
    let accounts = facts.map(|facts| facts.accounts).unwrap_or_default();
    accounts.into_iter().find(|cached| Some(&cached.account.key) == key.as_ref()).ok_or_else(Session::mixed_up)
}

fn row(cached: &CachedAccount, stale: Option<&Report>) -> Vec<String> {
    vec![
        plain(&cached.account.address),
        cached.folders.to_string(),
        cached.messages.to_string(),
        cached.events.to_string(),
        cached.people.to_string(),
        stale.map_or_else(|| "in step".to_owned(), |report| plain(&report.what)),
    ]
}

fn item(session: &Session, cached: &CachedAccount, stale: Option<&Report>) -> Value {
    let mut item = json!({
        "mailbox": cached.account.address,
        "asOf": cached.as_of.map(|at| instant(at, &session.zone)),
        "folders": cached.folders,
        "messages": cached.messages,
        "bodies": cached.bodies,
        "events": cached.events,
        "people": cached.people,
    });
    if let Some(report) = stale {
        item["error"] = error(report);
    }
    item
}
