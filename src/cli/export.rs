//! `deskbell export`: writing what is known into a SQLite file for others to read.
//!
//! The file's form is explained in the file itself and in the help page `export`. Must stay true: the copy on this computer is
//! brought into step first, unless offline; what could not be is said, and what is here is exported all the same.

use crate::base::environment::Environment;
use crate::base::report::Report;
use crate::cli::arguments::{Export, Global};
use crate::cli::output::{Out, envelope, error, plain};
use crate::cli::session::Session;
use crate::cli::sync::sessions;
use crate::cli::{Ended, PARTLY_DONE};
use crate::domain::account::Feature;
use crate::domain::presence::AwayOf;
use crate::domain::request::Request;
use crate::engine::house::{Written, WrittenOut};
use serde_json::{Map, Value, json};

/// How far ahead absences of the team are looked for.
const AWAY_DAYS: u16 = 28;

pub(crate) async fn run(global: Global, export: &Export, environment: Environment, out: &Out) -> Ended {
    let mut items = Vec::new();
    let mut rows = Vec::new();
    let mut problems: Vec<Report> = Vec::new();
    let mut first = None;
    for session in sessions(&global, &environment).await {
        let mut session = session?;
        let me = session.me(out)?;
        let stale = session.in_step(out).await;
        look_who_is_away(&session).await;
        let written = session.engine.export(&export.db, export.bodies).await?;
        items.push(item(&me.person.address, &written, stale.as_ref()));
        rows.push(row(&me.person.address, &written));
        problems.extend(stale);
        first.get_or_insert((me.person.address, session.zone.clone(), session.engine.as_of().await));
        session.engine.close().await;
    }
    let Some((account, zone, as_of)) = first else { return Err(Session::mixed_up()) };
    if out.is_json() {
        let mut more = Map::new();
        more.insert("file".to_owned(), json!(export.db.display().to_string()));
        let errors = problems.iter().map(error).collect();
        out.json(&envelope("deskbell.export/1", &account, as_of, &zone, more, items, errors));
    } else {
        out.table(&["Mailbox", "Folders", "Messages", "Gone", "Bodies", "Events", "Gone", "People", "Replies"], &rows);
        for problem in &problems {
            out.aside(&format!("Exported as it was known before: {}", problem.as_text()));
        }
    }
    Ok(if problems.is_empty() { 0 } else { PARTLY_DONE })
}

/// Automatic replies are read when somebody looks; an export looks for the team. Where it may not, nothing is observed.
async fn look_who_is_away(session: &Session) {
    let granted = session.engine.me().map(|me| me.granted).unwrap_or_default();
    if session.is_offline || (!granted.is_empty() && !Feature::AutomaticReplies.is_open(&granted)) {
        return;
    }
    let request =
        Request::Away { from: session.today(), days: AWAY_DAYS, of: AwayOf::Team, refresh: true, remember: false };
    if let Err(report) = session.engine.perform(request).await {
        tracing::info!(what = %report.what, "the team's automatic replies were not observed");
    }
}

fn row(address: &str, written: &WrittenOut) -> Vec<String> {
    vec![
        plain(address),
        written.folders.changed.to_string(),
        written.messages.changed.to_string(),
        written.messages.gone.to_string(),
        written.bodies.to_string(),
        written.events.changed.to_string(),
        written.events.gone.to_string(),
        written.people.to_string(),
        written.automatic_replies.to_string(),
    ]
}

fn item(address: &str, written: &WrittenOut, stale: Option<&Report>) -> Value {
    let both = |written: Written| json!({"changed": written.changed, "gone": written.gone});
    let mut item = json!({
        "mailbox": address,
        "folders": both(written.folders),
        "messages": both(written.messages),
        "bodies": written.bodies,
        "events": both(written.events),
        "people": written.people,
        "automaticReplies": written.automatic_replies,
    });
    if let Some(report) = stale {
        item["error"] = error(report);
    }
    item
}
