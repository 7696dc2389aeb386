//! Writing: a new message, an answer, passing one on; and the drafts of this computer.
//!
//! The text comes from standard input. What the screen asks about before sending is told here beside the answer; what keeps a message
//! from being sent is a mistake of usage.

use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::{MailForward, MailReply, MailSend, Written};
use crate::cli::inbox::recipient;
use crate::cli::mail::make;
use crate::cli::output::{Out, envelope, instant, plain};
use crate::cli::session::Session;
use crate::domain::draft::{Draft, DraftKind};
use crate::domain::draft_check::{Check, checks};
use crate::domain::intent::Intent;
use crate::domain::mail::{MessageId, Recipient};
use crate::domain::recipients::{full, parse};
use crate::domain::request::{Answer, Request};
use serde_json::{Map, Value, json};

pub(super) async fn send(session: &Session, send: MailSend, out: &Out) -> Ended {
    write(session, DraftKind::New, None, Some(send.subject), send.written, out).await
}

pub(super) async fn reply(session: &Session, reply: MailReply, out: &Out) -> Ended {
    let kind = if reply.all { DraftKind::ReplyAll } else { DraftKind::Reply };
    write(session, kind, Some(MessageId(reply.id)), None, reply.written, out).await
}

pub(super) async fn forward(session: &Session, forward: MailForward, out: &Out) -> Ended {
    write(session, DraftKind::Forward, Some(MessageId(forward.id)), None, forward.written, out).await
}

async fn write(
    session: &Session,
    kind: DraftKind,
    about: Option<MessageId>,
    subject: Option<String>,
    written: Written,
    out: &Out,
) -> Ended {
    let me = session.me(out)?;
    let (to, cc, bcc) = (people(&written.to)?, people(&written.cc)?, people(&written.bcc)?);
    let mut files = Vec::new();
    for path in &written.attach {
        // A path of the command line begins where the command runs.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        let request = Request::Attach { path: path.to_string_lossy().into_owned() };
        let Answer::Attached(file) = session.engine.perform(request).await? else { return Err(Session::mixed_up()) };
        files.push(file);
    }
    let text = match written.body {
        Some(text) => text,
        None => {
            if Out::hears_a_person() {
                out.aside("Write the text; a line with ctrl-d alone ends it.");
            }
            Out::typed_text().await.ok_or_else(|| {
                Report::new(Kind::Usage, "noText", "The text could not be read from standard input.")
                    .because("It has to be text in UTF-8.")
                    .next("Give it with --body, or by a pipe.")
            })?
        }
    };
    let Answer::Draft(begun) = session.engine.perform(Request::BeginDraft { kind, about }).await? else {
        return Err(Session::mixed_up());
    };
    let mut draft = *begun;
    draft.to.extend(to);
    draft.cc.extend(cc);
    draft.bcc.extend(bcc);
    draft.attachments.extend(files);
    if let Some(subject) = subject {
        draft.subject = plain(&subject);
    }
    draft.body = format!(
        "{}{}",
        text.trim_end_matches('\n'),
        if draft.body.is_empty() { String::new() } else { format!("\n{}", draft.body) }
    );
    let said = checks(&draft, &me.person.address);
    let discard = || session.engine.perform(Request::Change(vec![Intent::DiscardDraft { draft: draft.id }]));
    if let Some(wrong) = said.iter().find(|check| check.is_blocking()) {
        discard().await?;
        return Err(Report::new(Kind::Usage, "recipients", wrong.words())
            .because("Every recipient needs an address.")
            .next("Name them: --to ana@contoso.com, several with commas between."));
    }
    for check in &said {
        out.aside(&check.words());
    }
    if written.dry_run {
        discard().await?;
        show(session, &me.person.address, &draft, &said, out);
        return Ok(0);
    }
    let Answer::Draft(kept) = session.engine.perform(Request::KeepDraft(Box::new(draft.clone()))).await? else {
        return Err(Session::mixed_up());
    };
    make(session, vec![Intent::Send { draft: kept.id }], out).await
}

/// What would be sent.
fn show(session: &Session, account: &str, draft: &Draft, said: &[Check], out: &Out) {
    if out.is_json() {
        let mut item = item(draft, session);
        if let Some(object) = item.as_object_mut() {
            object.insert("text".to_owned(), json!(draft.body));
            object.insert("checks".to_owned(), json!(said.iter().map(Check::words).collect::<Vec<_>>()));
        }
        out.json(&envelope("deskbell.draft/1", account, None, &session.zone, Map::new(), vec![item], Vec::new()));
        return;
    }
    let all = |people: &[Recipient]| people.iter().map(full).collect::<Vec<_>>().join(", ");
    let files: Vec<String> =
        draft.attachments.iter().map(|file| format!("{} ({} bytes)", file.name, file.size)).collect();
    let rows = [
        ("To", all(&draft.to)),
        ("Cc", all(&draft.cc)),
        ("Bcc", all(&draft.bcc)),
        ("Subject", draft.subject.clone()),
        ("Attached", files.join(", ")),
    ];
    for (name, words) in rows.iter().filter(|(_, words)| !words.is_empty()) {
        out.line(&format!("{name}: {}", plain(words)));
    }
    out.line("");
    out.lines(&draft.body);
    out.aside("Nothing was sent: --dry-run.");
}

pub(super) async fn drafts(session: &Session, out: &Out) -> Ended {
    let me = session.me(out)?;
    let Answer::Drafts(drafts) = session.engine.perform(Request::Drafts).await? else {
        return Err(Session::mixed_up());
    };
    if out.is_json() {
        let items = drafts.iter().map(|draft| item(draft, session)).collect();
        out.json(&envelope(
            "deskbell.drafts/1",
            &me.person.address,
            None,
            &session.zone,
            Map::new(),
            items,
            Vec::new(),
        ));
        return Ok(0);
    }
    let rows: Vec<Vec<String>> = drafts
        .iter()
        .map(|draft| {
            let to = draft.to.first().map_or("(nobody yet)", |person| person.label());
            vec![draft.id.0.to_string(), instant(draft.kept, &session.zone), plain(to), plain(draft.label())]
        })
        .collect();
    out.table(&["Id", "Kept", "To", "Subject"], &rows);
    if rows.is_empty() {
        out.aside("No drafts are on this computer.");
    }
    Ok(0)
}

fn item(draft: &Draft, session: &Session) -> Value {
    json!({
        "id": draft.id.0,
        "kind": match draft.kind {
            DraftKind::New => "new",
            DraftKind::Reply => "reply",
            DraftKind::ReplyAll => "replyAll",
            DraftKind::Forward => "forward",
        },
        "about": draft.about.as_ref().map(|message| message.0.clone()),
        "to": draft.to.iter().map(recipient).collect::<Vec<_>>(),
        "cc": draft.cc.iter().map(recipient).collect::<Vec<_>>(),
        "bcc": draft.bcc.iter().map(recipient).collect::<Vec<_>>(),
        "subject": draft.subject,
        "attachments": draft.attachments.iter().map(|file| json!({"name": file.name, "size": file.size})).collect::<Vec<_>>(),
        "sending": draft.is_sending,
        "kept": instant(draft.kept, &session.zone),
    })
}

/// Recipients of the command line; what is no address is refused by name.
fn people(given: &[String]) -> Result<Vec<Recipient>, Report> {
    let (found, left) = parse(&given.join("\n"));
    match left.first() {
        None => Ok(found),
        Some(wrong) => Err(Report::new(Kind::Usage, "recipients", format!("\"{}\" is no address.", plain(wrong)))
            .because("A recipient is ana@contoso.com or \"Ana Ruiz <ana@contoso.com>\".")
            .next("Look it up: deskbell busy NAME names who is meant.")),
    }
}
