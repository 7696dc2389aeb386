//! `deskbell mail`: reading, marking, filing, deleting and writing messages, each by its id (`deskbell inbox --json` tells it).
//!
//! A change is kept on disk first, shown by everything here at once, and then made; a command waits until it is made or cannot go on.
//! Must stay true: what is printed as done is done at the service, what only waits says so, and `--offline` keeps without asking.

mod change;
mod export;
mod read;
mod write;

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::{Global, MailVerb};
use crate::cli::output::{Out, envelope, error, instant, plain};
use crate::cli::session::Session;
use crate::cli::{NO_NETWORK, PARTLY_DONE, mail_search};
use crate::domain::intent::{Intent, ItemState, OutboxItem};
use crate::domain::request::{Answer, Request};
use serde_json::{Map, Value, json};

pub(crate) async fn run(global: Global, verb: MailVerb, environment: Environment, out: &Out) -> Ended {
    if let MailVerb::Search(search) = &verb {
        return mail_search::run(global, search, environment, out).await;
    }
    let session = Session::open(global, environment).await?;
    match verb {
        MailVerb::Read(read) => read::run(session, &read, out).await,
        MailVerb::Search(_) => Ok(0),
        MailVerb::Drafts => write::drafts(&session, out).await,
        MailVerb::Send(send) => write::send(&session, send, out).await,
        MailVerb::Reply(reply) => write::reply(&session, reply, out).await,
        MailVerb::Forward(forward) => write::forward(&session, forward, out).await,
        MailVerb::Mark(mark) => change::mark(&session, mark, out).await,
        MailVerb::Flag(flag) => change::flag(&session, flag, out).await,
        MailVerb::Category(category) => change::category(&session, category, out).await,
        MailVerb::Move(to) => change::to_folder(&session, to, out).await,
        MailVerb::Archive(which) => change::archive(&session, which, out).await,
        MailVerb::Delete(which) => change::delete(&session, which, out).await,
        MailVerb::Export(wanted) => export::run(&session, wanted, out).await,
    }
}

/// Has changes made and tells how each ended.
pub(super) async fn make(session: &Session, intents: Vec<Intent>, out: &Out) -> Ended {
    let me = session.me(out)?;
    if !session.is_offline {
        session.engine.start();
    }
    let Answer::Changed { ids, words } = session.engine.perform(Request::Change(intents)).await? else {
        return Err(Session::mixed_up());
    };
    let items = session.engine.follow(&ids).await?;
    if out.is_json() {
        let as_of = session.engine.as_of().await;
        let rows = items.iter().map(|item| row(item, session)).collect();
        out.json(&envelope(
            "deskbell.change/1",
            &me.person.address,
            as_of,
            &session.zone,
            Map::new(),
            rows,
            Vec::new(),
        ));
    } else {
        if items.iter().all(|item| item.state == ItemState::Done) {
            out.line(&words);
        }
        for item in items.iter().filter(|item| item.state != ItemState::Done) {
            let next = item.report.as_ref().and_then(|report| report.next.first()).map_or("", String::as_str);
            out.line(&format!("{}: {} {next}", item.words, sentence(item)));
        }
    }
    Ok(ending(&items, session.is_offline))
}

/// The exit code of changes that ended so.
fn ending(items: &[OutboxItem], is_offline: bool) -> u8 {
    let open = items.iter().filter(|item| item.state != ItemState::Done);
    let (mut waiting, mut stuck) = (0, 0);
    for item in open {
        match item.state {
            ItemState::NeedsPerson(_) => stuck += 1,
            _ => waiting += 1,
        }
    }
    let is_network = |item: &OutboxItem| item.report.as_ref().is_none_or(|report| report.kind == Kind::Network);
    match (waiting, stuck) {
        (0, 0) => 0,
        // Kept for later is what was asked for.
        (_, 0) if is_offline => 0,
        (_, 0) if items.iter().filter(|item| item.state == ItemState::Waiting).all(is_network) => NO_NETWORK,
        (0, stuck) if stuck == items.len() => crate::cli::FAILED,
        _ => PARTLY_DONE,
    }
}

/// How far a change has come, as a sentence.
pub(super) fn sentence(item: &OutboxItem) -> String {
    match item.state {
        ItemState::Done => "Done.".to_owned(),
        ItemState::Held { .. } => "Held; it goes in a moment.".to_owned(),
        ItemState::UnderWay => "The service is being asked.".to_owned(),
        ItemState::Waiting => match &item.report {
            Some(report) => format!("Kept; it goes later. {}", report.what),
            None => "Kept; it goes when the service can be reached.".to_owned(),
        },
        ItemState::NeedsPerson(_) => {
            let why = item.report.as_ref().map_or("It was not made.", |report| report.what.as_str());
            format!("{why} It stays in the outbox.")
        }
    }
}

/// A change as an item of an answer.
pub(super) fn row(item: &OutboxItem, session: &Session) -> Value {
    let state = match item.state {
        ItemState::Done => "done",
        ItemState::Held { .. } => "held",
        ItemState::Waiting => "waiting",
        ItemState::UnderWay => "underWay",
        ItemState::NeedsPerson(_) => "needsPerson",
    };
    json!({
        "id": item.id.0,
        "change": plain(&item.words),
        "message": item.intent.message().map(|message| message.0.clone()),
        "made": instant(item.made, &session.zone),
        "state": state,
        "attempts": item.attempts,
        "nextTry": item.next_try.map(|at| instant(at, &session.zone)),
        "error": item.report.as_ref().map(error),
    })
}

/// No ids where some are needed.
pub(super) fn nothing_named() -> Report {
    Report::new(Kind::Usage, "usage", "No message is named.")
        .because("A message is named by its id.")
        .next("List them with their ids: deskbell inbox --json")
}
