//! `deskbell outbox`: what waits for the service, and deciding about it.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::arguments::{Global, OutboxVerb};
use crate::cli::mail::{row, sentence};
use crate::cli::output::{Out, envelope};
use crate::cli::session::Session;
use crate::cli::{Ended, PARTLY_DONE};
use crate::domain::intent::{IntentId, ItemState, OutboxItem, Settlement};
use crate::domain::request::{Answer, Request};
use serde_json::Map;

pub(crate) async fn run(global: Global, verb: Option<OutboxVerb>, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment).await?;
    let me = session.me(out)?;
    let items = match verb {
        None => list(&session).await?,
        Some(verb) => {
            let (id, how) = match verb {
                OutboxVerb::Retry { id } => (id, Settlement::Retry),
                OutboxVerb::Cancel { id } => (id, Settlement::Cancel),
                OutboxVerb::KeepMine { id } => (id, Settlement::KeepMine),
                OutboxVerb::KeepTheirs { id } => (id, Settlement::KeepTheirs),
            };
            settle(&session, IntentId(id), how, out).await?
        }
    };
    if out.is_json() {
        let rows = items.iter().map(|item| row(item, &session)).collect();
        let as_of = session.engine.as_of().await;
        out.json(&envelope(
            "deskbell.outbox/1",
            &me.person.address,
            as_of,
            &session.zone,
            Map::new(),
            rows,
            Vec::new(),
        ));
    } else {
        let table: Vec<Vec<String>> = items
            .iter()
            .map(|item| vec![item.id.0.to_string(), item.words.clone(), item.attempts.to_string(), sentence(item)])
            .collect();
        out.table(&["Id", "Change", "Tries", "State"], &table);
        if items.is_empty() {
            out.aside("Nothing waits: the service has everything.");
        }
    }
    let is_stuck = items.iter().any(|item| matches!(item.state, ItemState::NeedsPerson(_)));
    Ok(if is_stuck { PARTLY_DONE } else { 0 })
}

async fn list(session: &Session) -> Result<Vec<OutboxItem>, Report> {
    match session.engine.perform(Request::Outbox).await? {
        Answer::Outbox(items) => Ok(items),
        _ => Err(Session::mixed_up()),
    }
}

/// Decides, then waits for what follows from it.
async fn settle(session: &Session, id: IntentId, how: Settlement, out: &Out) -> Result<Vec<OutboxItem>, Report> {
    let known = list(session).await?;
    let Some(item) = known.iter().find(|item| item.id == id) else {
        return Err(Report::new(Kind::Usage, "noSuchChange", format!("There is no change {} in the outbox.", id.0))
            .because("It has been made or taken back, or never was.")
            .next("See what is there: deskbell outbox"));
    };
    let words = item.words.clone();
    if !session.is_offline && !matches!(how, Settlement::Cancel | Settlement::KeepTheirs) {
        session.engine.start();
    }
    session.engine.perform(Request::Settle { id, how }).await?;
    if matches!(how, Settlement::Cancel | Settlement::KeepTheirs) {
        out.aside(&format!("Taken back: {words}"));
    } else if let Some(item) = session.engine.follow(&[id]).await?.first() {
        out.aside(&format!("{words}: {}", sentence(item)));
    }
    list(session).await
}
