//! `deskbell presence`: how one is shown to others, chosen and let go again, with the message beside it.
//!
//! Must stay true: a choice is a change like any other, kept and made through the outbox; what is shown says when it was read.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::Global;
use crate::cli::change;
use crate::cli::event::said;
use crate::cli::output::{Out, envelope, instant, plain};
use crate::cli::session::Session;
use crate::cli::who::{availability_word, in_words};
use crate::domain::intent::Intent;
use crate::domain::own_settings::{ChosenPresence, PresenceChoice, StatusNote};
use crate::domain::request::{Answer, Request};
use crate::domain::time::said::{Said, length};
use crate::domain::time::{clock_time, date_at, instant_of, long_date};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Map, json};

#[derive(Debug, Subcommand)]
pub(crate) enum PresenceVerb {
    /// Choose how you are shown
    Set(PresenceSet),
    /// Let it follow what you do again, and take the message away
    Clear,
}

#[derive(Debug, Args)]
pub(crate) struct PresenceSet {
    /// available, busy, dnd, brb, away or offline
    #[arg(value_name = "WHAT", required_unless_present = "message")]
    pub(crate) what: Option<String>,
    /// For how long, e.g. 90m or "2 hours"
    #[arg(long = "for", value_name = "LENGTH", conflicts_with = "until")]
    pub(crate) length: Option<String>,
    /// Until when, e.g. "15:00" or "friday"
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<String>,
    /// A message beside it; empty takes it away
    #[arg(long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
}

pub(crate) async fn run(global: Global, verb: Option<&PresenceVerb>, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment).await?;
    let me = session.me(out)?;
    let account = me.person.address.clone();
    let intents = match verb {
        None => return show(&session, out).await,
        Some(PresenceVerb::Clear) => vec![Intent::Presence(None), Intent::StatusNote(StatusNote::default())],
        Some(PresenceVerb::Set(wanted)) => wanted_of(wanted, &session)?,
    };
    change::make(&session, &account, intents, "deskbell.presence/1", out).await
}

fn wanted_of(wanted: &PresenceSet, session: &Session) -> Result<Vec<Intent>, Report> {
    let until = until(wanted, session)?;
    let mut intents = Vec::new();
    if let Some(what) = &wanted.what {
        let choice = PresenceChoice::from_name(what).ok_or_else(|| {
            let names: Vec<&str> = PresenceChoice::ALL.into_iter().map(PresenceChoice::name).collect();
            Report::new(Kind::Usage, "presence", format!("\"{}\" is no presence.", plain(what)))
                .because(format!("There are {}.", names.join(", ")))
                .next("Name one of them, like: deskbell presence set busy --for 1h")
        })?;
        let usual = session.now().checked_add(choice.usual()).unwrap_or(Timestamp::MAX);
        intents.push(Intent::Presence(Some(ChosenPresence { choice, until: until.unwrap_or(usual) })));
    }
    if let Some(text) = &wanted.message {
        let text = text.trim().to_owned();
        let until = until.filter(|_| !text.is_empty());
        intents.push(Intent::StatusNote(StatusNote { text, until }));
    }
    Ok(intents)
}

fn until(wanted: &PresenceSet, session: &Session) -> Result<Option<Timestamp>, Report> {
    let now = session.now();
    let end = match (&wanted.length, &wanted.until) {
        (Some(text), _) => {
            let length = length(text).ok_or_else(|| {
                Report::new(Kind::Usage, "length", format!("\"{}\" is no length.", plain(text)))
                    .because("A length is said like 30m, 1h30 or \"2 hours\".")
                    .next("Say it so, or give --until.")
            })?;
            now.checked_add(length).unwrap_or(Timestamp::MAX)
        }
        (None, Some(text)) => {
            let said = said(text, session)?;
            instant_of(if let Said::Slot { start, .. } = said { start } else { said.end() }, &session.rules())
        }
        (None, None) => return Ok(None),
    };
    if end <= now {
        return Err(Report::new(Kind::Usage, "period", "That is over already.")
            .because(format!("It would end {}.", told(end, session)))
            .next("Give a later --until."));
    }
    Ok(Some(end))
}

fn told(at: Timestamp, session: &Session) -> String {
    let rules = session.rules();
    format!("{} {}", long_date(date_at(at, &rules)), clock_time(at, &rules))
}

async fn show(session: &Session, out: &Out) -> Ended {
    let me = session.me(out)?;
    let people = vec![me.person.id.clone()];
    let Answer::Presence(found) = session.engine.perform(Request::Presence { people }).await? else {
        return Err(Session::mixed_up());
    };
    let Some((_, seen)) = found.known.into_iter().next() else {
        return Err(Report::new(Kind::Failure, "presenceUnknown", "Your presence could not be read.")
            .because("The service says nothing of it, or cannot be reached.")
            .next("Try again later; `deskbell doctor` says what may be missing."));
    };
    let now = session.now();
    let chosen = me.chosen.filter(|chosen| chosen.holds(now));
    if out.is_json() {
        let item = json!({
            "availability": availability_word(&seen.availability), "activity": seen.activity, "message": seen.status_message,
            "outOfOffice": seen.is_out_of_office, "readAt": instant(seen.as_of, &session.zone),
            "chosen": chosen.map(|chosen| json!({
                "availability": chosen.choice.name(), "until": instant(chosen.until, &session.zone),
            })),
        });
        let address = &me.person.address;
        let asked = Some(seen.as_of);
        out.json(&envelope("deskbell.presence/1", address, asked, &session.zone, Map::new(), vec![item], Vec::new()));
        return Ok(0);
    }
    out.line(&in_words(&seen));
    if let Some(chosen) = chosen {
        out.line(&format!("  chosen by you: {} until {}", chosen.choice.words(), told(chosen.until, session)));
    }
    Ok(0)
}
