//! `deskbell inbox`: the newest messages of the inbox.

use crate::base::environment::Environment;
use crate::base::report::Report;
use crate::cli::Ended;
use crate::cli::arguments::{Global, Inbox};
use crate::cli::output::{Out, envelope, instant, plain};
use crate::cli::session::Session;
use crate::domain::account::Feature;
use crate::domain::mail::{Folder, FolderRole, MeetingMessage, Message, Recipient};
use crate::domain::request::{Answer, PageStart, Request};
use crate::domain::time::when_in_list;
use serde_json::{Map, Value, json};

/// Unread messages are picked out of this many newest at most.
const MOST_LOOKED_AT: u16 = 1000;

pub(crate) async fn run(global: Global, inbox: &Inbox, environment: Environment, out: &Out) -> Ended {
    let mut session = Session::open(global, environment).await?;
    let me = session.me(out)?;
    let stale = session.refresh().await;
    let Some(folder) = session.inbox().await? else {
        return Err(session.nothing_of("inbox", Feature::Mail, stale));
    };
    let count = if inbox.unread { MOST_LOOKED_AT } else { inbox.count };
    let request = Request::Messages { folder: folder.id.clone(), start: PageStart::Newest, count };
    let Answer::Messages(page) = session.engine.perform(request).await? else { return Err(Session::mixed_up()) };
    let messages: Vec<Message> = page
        .rows
        .into_iter()
        .map(|row| row.message)
        .filter(|message| !inbox.unread || !message.is_read)
        .take(usize::from(inbox.count))
        .collect();
    let errors = session.tell_stale(out, stale);
    if out.is_json() {
        let mut more = Map::new();
        more.insert("unread".to_owned(), json!(folder.unread));
        more.insert("total".to_owned(), json!(folder.total));
        let items = messages.iter().map(|message| item(message, &session)).collect();
        let as_of = session.engine.as_of().await;
        let complete = errors.is_empty();
        out.json(&envelope("deskbell.inbox/1", &me.person.address, as_of, &session.zone, more, items, errors));
        return Ok(if complete { 0 } else { crate::cli::PARTLY_DONE });
    }
    let now = session.now();
    let rows: Vec<Vec<String>> = messages
        .iter()
        .map(|message| {
            vec![
                signs(message),
                when_in_list(message.received, now, &session.rules()),
                plain(message.from.as_ref().map_or("(no sender)", Recipient::label)),
                plain(if message.subject.is_empty() { "(no subject)" } else { &message.subject }),
            ]
        })
        .collect();
    out.table(&["", "When", "From", "Subject"], &rows);
    if rows.is_empty() {
        out.aside(if inbox.unread { "Nothing unread." } else { "The inbox is empty." });
    }
    Ok(if errors.is_empty() { 0 } else { crate::cli::PARTLY_DONE })
}

/// `N` unread, `!` flagged, `i` invitation, `@` attachment, as on the screen in ASCII.
fn signs(message: &Message) -> String {
    [
        if message.is_read { ' ' } else { 'N' },
        if message.is_flagged { '!' } else { ' ' },
        match (message.meeting, message.has_attachments) {
            (Some(MeetingMessage::Request), _) => 'i',
            (_, true) => '@',
            _ => ' ',
        },
    ]
    .iter()
    .collect()
}

fn item(message: &Message, session: &Session) -> Value {
    json!({
        "id": message.id.0,
        "received": instant(message.received, &session.zone),
        "from": message.from.as_ref().map(recipient),
        "to": message.to.iter().map(recipient).collect::<Vec<_>>(),
        "subject": message.subject,
        "preview": message.preview,
        "unread": !message.is_read,
        "flagged": message.is_flagged,
        "attachments": message.has_attachments,
        "invitation": message.meeting == Some(MeetingMessage::Request),
        "conversation": message.conversation,
    })
}

pub(crate) fn recipient(recipient: &Recipient) -> Value {
    json!({"name": recipient.name, "address": recipient.address})
}

impl Session {
    /// The inbox among the folders in the cache, if it was ever fetched.
    pub(crate) async fn inbox(&self) -> Result<Option<Folder>, Report> {
        let Answer::Folders(folders) = self.engine.perform(Request::Folders).await? else {
            return Err(Self::mixed_up());
        };
        Ok(folders.into_iter().find(|folder| folder.role == Some(FolderRole::Inbox)))
    }
}
