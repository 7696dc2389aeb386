//! `deskbell mail search`: the search of the screen at the command line, from the cache, and from the service when asked for.

use crate::base::environment::Environment;
use crate::cli::Ended;
use crate::cli::arguments::{Global, MailSearch};
use crate::cli::inbox::recipient;
use crate::cli::output::{Out, envelope, instant, plain};
use crate::cli::session::Session;
use crate::domain::mail::{FolderId, Recipient};
use crate::domain::query::Query;
use crate::domain::request::{Answer, FoundPage, FoundRow, PageStart, Request, ServiceSearch};
use crate::domain::time::when_in_list;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Hits are fetched so many at a time.
const PAGE: u16 = 200;

pub(crate) async fn run(global: Global, search: &MailSearch, environment: Environment, out: &Out) -> Ended {
    let text = search.query.join(" ");
    // What is no search is said before anything is opened.
    Query::parse(&text).map_err(|error| error.report())?;
    let mut session = Session::open(global, environment).await?;
    let me = session.me(out)?;
    let stale = session.refresh().await;
    session.engine.index_some().await?;
    let (rows, first) = hits(&session, &text, search).await?;
    let mut errors = session.tell_stale(out, stale);
    if let ServiceSearch::Failed(report) = &first.service {
        errors.push(json!({"code": report.code, "message": report.what, "remedy": report.next.first()}));
        out.aside(&report.what);
    }
    if first.waiting > 0 {
        out.aside(&format!("Messages that are not searchable yet: {}.", first.waiting));
    }
    let ended = if errors.is_empty() { 0 } else { crate::cli::PARTLY_DONE };
    let folders = folder_names(&session).await?;
    if out.is_json() {
        let mut more = Map::new();
        more.insert("query".to_owned(), json!(text));
        more.insert("atLeast".to_owned(), json!(first.at_least));
        more.insert("isCounted".to_owned(), json!(first.is_counted));
        more.insert("notIndexed".to_owned(), json!(first.waiting));
        let items = rows.iter().map(|found| item(found, &folders, &session)).collect();
        let as_of = session.engine.as_of().await;
        out.json(&envelope("deskbell.mailSearch/1", &me.person.address, as_of, &session.zone, more, items, errors));
        return Ok(ended);
    }
    let now = session.now();
    let table: Vec<Vec<String>> = rows
        .iter()
        .map(|found| {
            let message = &found.row.message;
            vec![
                if found.is_from_service { "service" } else { "" }.to_owned(),
                when_in_list(message.received, now, &session.rules()),
                plain(message.from.as_ref().map_or("(no sender)", Recipient::label)),
                plain(if message.subject.is_empty() { "(no subject)" } else { &message.subject }),
                plain(folders.get(&message.folder).map_or("", String::as_str)),
            ]
        })
        .collect();
    out.table(&["", "When", "From", "Subject", "Folder"], &table);
    if table.is_empty() {
        out.aside("Nothing found.");
    } else if !first.is_counted || usize::try_from(first.at_least).is_ok_and(|all| all > table.len()) {
        out.aside(&format!("There are more than these {}; --count shows more.", table.len()));
    }
    Ok(ended)
}

/// The hits, and the first page with what it says of all of them.
async fn hits(
    session: &Session,
    text: &str,
    search: &MailSearch,
) -> Result<(Vec<FoundRow>, FoundPage), crate::base::report::Report> {
    let (mut rows, mut first): (Vec<FoundRow>, Option<FoundPage>) = (Vec::new(), None);
    let wanted = usize::from(search.count);
    loop {
        let start = rows.last().map_or(PageStart::Newest, |last| PageStart::OlderThan(last.row.key));
        let count = u16::try_from(wanted - rows.len()).unwrap_or(PAGE).min(PAGE);
        let request = Request::Search {
            text: text.to_owned(),
            folder: None,
            start,
            count,
            from_service: search.server,
            as_typed: false,
        };
        let Answer::Found(mut page) = session.engine.perform(request).await? else { return Err(Session::mixed_up()) };
        let (is_end, is_empty) = (page.at_oldest, page.rows.is_empty());
        rows.append(&mut page.rows);
        let first_page = first.get_or_insert(*page);
        if is_end || is_empty || rows.len() >= wanted {
            first_page.is_counted |= is_end;
            first_page.at_least = first_page.at_least.max(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            break;
        }
    }
    first.map(|first| (rows, first)).ok_or_else(Session::mixed_up)
}

async fn folder_names(session: &Session) -> Result<HashMap<FolderId, String>, crate::base::report::Report> {
    let Answer::Folders(folders) = session.engine.perform(Request::Folders).await? else {
        return Err(Session::mixed_up());
    };
    Ok(folders.into_iter().map(|folder| (folder.id, folder.name)).collect())
}

fn item(found: &FoundRow, folders: &HashMap<FolderId, String>, session: &Session) -> Value {
    let message = &found.row.message;
    let mut places = Vec::new();
    places.extend(found.in_subject.then_some("subject"));
    places.extend(found.in_people.then_some("people"));
    places.extend(found.extract.is_some().then_some("body"));
    json!({
        "id": message.id.0,
        "folder": folders.get(&message.folder),
        "received": instant(message.received, &session.zone),
        "from": message.from.as_ref().map(recipient),
        "to": message.to.iter().map(recipient).collect::<Vec<_>>(),
        "cc": message.cc.iter().map(recipient).collect::<Vec<_>>(),
        "subject": message.subject,
        "preview": message.preview,
        "extract": found.extract,
        "foundIn": places,
        "fromService": found.is_from_service,
        "unread": !message.is_read,
        "flagged": message.is_flagged,
        "draft": message.is_draft,
        "attachments": message.has_attachments,
        "conversation": message.conversation,
    })
}
