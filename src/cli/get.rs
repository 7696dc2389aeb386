//! `deskbell get`: any path of Graph, as the service answers it.
//!
//! Must stay true: reading only; standard output holds the answer alone, so that it can be piped; what could drive a terminal is
//! escaped, and bytes that are no text go to no terminal.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::arguments::{Get, Global};
use crate::cli::output::{Out, error, plain};
use crate::cli::session::Session;
use crate::cli::{Ended, PARTLY_DONE};
use crate::engine::{RawAnswer, RawRead};
use serde_json::{Map, Value, json};

pub(crate) async fn run(global: Global, get: &Get, environment: Environment, out: &Out) -> Ended {
    if global.offline {
        return Err(Report::new(Kind::Network, "offline", "The path could not be read.")
            .because("The program works offline, as asked, and only the service knows what is there.")
            .next("Run it without --offline."));
    }
    let wanted = RawRead { path: get.path.clone(), all: get.all, headers: headers(&get.headers)? };
    let session = Session::open(global, environment).await?;
    let me = session.me(out)?;
    match session.engine.read_raw(&wanted).await? {
        RawAnswer::Json { document, has_more, problem } => {
            if out.is_json() {
                let errors: Vec<Value> = problem.iter().map(error).collect();
                let more = Map::from_iter([("hasMore".to_owned(), json!(has_more || problem.is_some()))]);
                let items = items(document);
                let now = Some(session.now());
                let address = &me.person.address;
                out.json(&crate::cli::output::envelope(
                    "deskbell.get/1",
                    address,
                    now,
                    &session.zone,
                    more,
                    items,
                    errors,
                ));
            } else {
                out.pretty_json(&document);
            }
            if has_more && problem.is_none() {
                out.aside("There are further pages; add --all to read them too.");
            }
            match problem {
                Some(report) => {
                    out.aside(&format!("deskbell: {}", report.as_text()));
                    Ok(PARTLY_DONE)
                }
                None => Ok(0),
            }
        }
        RawAnswer::Bytes { content_type, bytes } => {
            let is_text = content_type.starts_with("text/");
            if out.is_json() || (Out::is_terminal() && !is_text) {
                let kind = if content_type.is_empty() { "nothing it names" } else { &content_type };
                return Err(Report::new(Kind::Usage, "noJson", "The answer is no JSON.")
                    .because(format!("The service sent {} bytes of {}.", bytes.len(), plain(kind)))
                    .next("Send it into a file: deskbell get PATH > FILE"));
            }
            if Out::is_terminal() {
                out.lines(&String::from_utf8_lossy(&bytes));
            } else {
                out.bytes(&bytes);
            }
            Ok(0)
        }
    }
}

/// The members of a collection, or the one thing that was answered.
fn items(document: Value) -> Vec<Value> {
    match document {
        Value::Object(mut object) if object.get("value").is_some_and(Value::is_array) => match object.remove("value") {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        },
        other => vec![other],
    }
}

fn headers(given: &[String]) -> Result<Vec<(String, String)>, Report> {
    let parted = given.iter().map(|line| {
        let (name, value) = line.split_once([':', '=']).ok_or_else(|| {
            Report::new(Kind::Usage, "headerRefused", format!("\"{}\" is no header.", plain(line)))
                .next("Give NAME:VALUE, e.g. --header ConsistencyLevel:eventual")
        })?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    });
    parted.collect()
}
