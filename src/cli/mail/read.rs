//! `deskbell mail read`: a message as text.

use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::MailRead;
use crate::cli::inbox::recipient;
use crate::cli::output::{Out, envelope, error, instant, plain};
use crate::cli::session::Session;
use crate::domain::mail::{MessageId, Recipient};
use crate::domain::notice::Notice;
use crate::domain::recipients::full;
use crate::domain::request::{Answer, Reading, Request};
use serde_json::{Map, json};
use std::time::Duration;

/// A text that is no longer on its way after this is not waited for.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn run(mut session: Session, read: &MailRead, out: &Out) -> Ended {
    let me = session.me(out)?;
    let message = MessageId(read.id.clone());
    let mut reading = ask(&session, &message, read.width).await?;
    if reading.text.is_none() && reading.problem.is_none() && !session.is_offline {
        let limit = session.patience(PATIENCE);
        tokio::pin!(limit);
        loop {
            tokio::select! {
                biased;
                Some((notice, _working)) = session.news.recv() => {
                    if notice == Notice::BodyArrived(message.clone()) {
                        break;
                    }
                }
                () = &mut limit => break,
            }
        }
        reading = ask(&session, &message, read.width).await?;
    }
    let lines: Option<Vec<String>> = reading.text.as_ref().map(|text| {
        let line = |line: &crate::domain::styled::StyledLine| {
            let quote = "> ".repeat(usize::from(line.quote_depth));
            let words: String = line.runs.iter().map(|run| run.text.as_str()).collect();
            format!("{quote}{words}").trim_end().to_owned()
        };
        text.lines.iter().map(line).collect()
    });
    if out.is_json() {
        let as_of = session.engine.as_of().await;
        let errors = reading.problem.iter().map(error).collect::<Vec<_>>();
        let item = json!({
            "id": reading.message.id.0,
            "received": instant(reading.message.received, &session.zone),
            "from": reading.message.from.as_ref().map(recipient),
            "to": reading.message.to.iter().map(recipient).collect::<Vec<_>>(),
            "cc": reading.message.cc.iter().map(recipient).collect::<Vec<_>>(),
            "subject": reading.message.subject,
            "unread": !reading.message.is_read,
            "flagged": reading.message.is_flagged,
            "categories": reading.message.categories,
            "attachments": reading.attachments.iter().filter(|each| !each.is_inline).map(|each| {
                json!({"id": each.id, "name": each.name, "type": each.content_type, "size": each.size})
            }).collect::<Vec<_>>(),
            "text": lines.as_ref().map(|lines| lines.join("\n")),
            "links": reading.text.as_ref().map(|text| text.links.iter().map(|link| link.target.clone()).collect::<Vec<_>>()),
        });
        let code = if lines.is_some() { 0 } else { crate::cli::PARTLY_DONE };
        out.json(&envelope(
            "deskbell.message/1",
            &me.person.address,
            as_of,
            &session.zone,
            Map::new(),
            vec![item],
            errors,
        ));
        return Ok(code);
    }
    head(&reading, &session, out);
    match (lines, reading.problem) {
        (Some(lines), _) => {
            for line in &lines {
                out.line(line);
            }
            let links = reading.text.map_or_else(Vec::new, |text| text.links);
            for (number, link) in (1..).zip(&links) {
                out.line(&format!("[{number}] {}", link.target));
            }
            Ok(0)
        }
        (None, Some(report)) => Err(report),
        (None, None) => Err(Report::new(Kind::Network, "noBody", "The text of this message is not on this computer.")
            .because(if session.is_offline { "It was never fetched." } else { "It did not come in time." })
            .next("Run the command again without --offline.")),
    }
}

fn head(reading: &Reading, session: &Session, out: &Out) {
    let message = &reading.message;
    let all = |people: &[Recipient]| people.iter().map(full).collect::<Vec<_>>().join(", ");
    let from = message.from.as_ref().map_or_else(|| "(no sender)".to_owned(), full);
    let files: Vec<&str> =
        reading.attachments.iter().filter(|each| !each.is_inline).map(|each| each.name.as_str()).collect();
    let rows = [
        ("From", from),
        ("To", all(&message.to)),
        ("Cc", all(&message.cc)),
        ("Date", instant(message.received, &session.zone)),
        ("Subject", message.subject.clone()),
        ("Attached", files.join(", ")),
    ];
    for (name, words) in rows.iter().filter(|(_, words)| !words.is_empty()) {
        out.line(&format!("{name}: {}", plain(words)));
    }
    out.line("");
}

async fn ask(session: &Session, message: &MessageId, width: u16) -> Result<Reading, Report> {
    let request = Request::Read { message: message.clone(), width, unfold: true };
    match session.engine.perform(request).await? {
        Answer::Read(reading) => Ok(*reading),
        _ => Err(Session::mixed_up()),
    }
}
