//! Changes from the command line: kept first, then made, then told how they stand.
//!
//! Must stay true: what could not be made yet stays in the outbox and is said to stay there, with exit code 5; what needs a
//! person says why and what can be done.

use crate::base::report::{Kind, Report};
use crate::cli::output::{Out, envelope, error, plain};
use crate::cli::session::Session;
use crate::cli::{Ended, PARTLY_DONE};
use crate::domain::intent::{Intent, ItemState, OutboxItem};
use crate::domain::request::{Answer, Request};
use serde_json::{Map, Value, json};

/// Makes `intents` and tells how that went. `schema` names the answer.
pub(crate) async fn make(session: &Session, account: &str, intents: Vec<Intent>, schema: &str, out: &Out) -> Ended {
    let Answer::Changed { ids, words } = session.engine.perform(Request::Change(intents)).await? else {
        return Err(Session::mixed_up());
    };
    session.engine.start();
    let items = session.engine.follow(&ids).await?;
    let stuck: Vec<&OutboxItem> = items.iter().filter(|item| matches!(item.state, ItemState::NeedsPerson(_))).collect();
    let is_waiting = items.iter().any(|item| !matches!(item.state, ItemState::Done | ItemState::NeedsPerson(_)));
    let reports: Vec<Report> = stuck.iter().map(|item| why(item)).collect();
    if out.is_json() {
        let rows = items.iter().map(row).collect();
        let errors = reports.iter().map(error).collect();
        out.json(&envelope(schema, account, Some(session.now()), &session.zone, Map::new(), rows, errors));
    } else if stuck.is_empty() {
        out.line(&plain(&words));
        if is_waiting {
            out.aside("It waits on this computer and goes when the service can be reached.");
        }
    }
    match reports.into_iter().next() {
        Some(report) if !out.is_json() => Err(report),
        Some(report) if report.kind == Kind::NeedsPerson => {
            out.note_needs_person();
            Ok(PARTLY_DONE)
        }
        Some(_) => Ok(super::FAILED),
        None => Ok(if is_waiting { PARTLY_DONE } else { 0 }),
    }
}

fn why(item: &OutboxItem) -> Report {
    let otherwise = || {
        Report::new(Kind::Failure, "notChanged", "It could not be changed.")
            .because("The service does not say why.")
            .next("Look at the outbox in the program: g o.")
    };
    item.report.clone().unwrap_or_else(otherwise)
}

fn row(item: &OutboxItem) -> Value {
    let state = match item.state {
        ItemState::Done => "done",
        ItemState::NeedsPerson(_) => "needsPerson",
        ItemState::Held { .. } | ItemState::Waiting | ItemState::UnderWay => "waiting",
    };
    json!({
        "id": item.id.0, "words": item.words, "state": state, "attempts": item.attempts,
        "error": item.report.as_ref().map(error),
    })
}
