//! `deskbell mail export`: messages as they came, as `.eml` files for other programs.

use crate::cli::arguments::MailExport;
use crate::cli::mail::change::ids;
use crate::cli::output::{Out, envelope, error, plain};
use crate::cli::place::Place;
use crate::cli::session::Session;
use crate::cli::{Ended, PARTLY_DONE};
use crate::domain::request::{Answer, Request};
use serde_json::{Map, json};

pub(super) async fn run(session: &Session, wanted: MailExport, out: &Out) -> Ended {
    let me = session.me(out)?;
    let ids = ids(&wanted.which).await?;
    let place = Place::of(&wanted.place, ids.len(), out)?;
    let (mut items, mut failed) = (Vec::new(), Vec::new());
    for id in &ids {
        let done = match session.engine.perform(Request::Source(id.clone())).await {
            Ok(Answer::Source { subject, bytes }) => {
                let name = if subject.trim().is_empty() { "message" } else { subject.trim() };
                let put = place.put(&format!("{}.eml", crate::base::text::cut(name, 60)), &bytes, out);
                put.map(|file| (subject, file, bytes.len()))
            }
            Ok(_) => Err(Session::mixed_up()),
            Err(report) => Err(report),
        };
        match done {
            Ok((subject, file, size)) => {
                if let Some(file) = file.as_ref().filter(|_| !out.is_json()) {
                    out.line(&format!("{}", file.display()));
                }
                let file = file.map(|file| file.display().to_string());
                items.push(json!({"id": id.0, "subject": plain(&subject), "file": file, "bytes": size, "error": null}));
            }
            Err(report) => {
                if !out.is_json() && ids.len() > 1 {
                    out.aside(&format!("{}: {} {}", id.0, report.what, report.why));
                }
                items.push(json!({"id": id.0, "subject": null, "file": null, "bytes": null, "error": error(&report)}));
                failed.push(report);
            }
        }
    }
    let is_all = failed.len() == ids.len();
    if let Some(report) = failed.first().filter(|_| is_all && !(out.is_json() && ids.len() > 1)) {
        return Err(report.clone());
    }
    if out.is_json() {
        let as_of = session.engine.as_of().await;
        let (address, zone) = (&me.person.address, &session.zone);
        out.json(&envelope("deskbell.mailExport/1", address, as_of, zone, Map::new(), items, Vec::new()));
    }
    Ok(if failed.is_empty() { 0 } else { PARTLY_DONE })
}
