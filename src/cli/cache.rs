//! `deskbell cache`: looking at the copy on this computer, making room in it, emptying it.
//!
//! Must stay true: nothing that cannot be fetched again is touched, and it is said so before anything is asked.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::{CacheVerb, Global};
use crate::cli::output::{Out, instant, plain};
use crate::cli::session::{self, Session};
use crate::config::{CacheLimits, KeptBodies};
use crate::domain::cache::{CacheFacts, CachedAccount};
use crate::domain::time::Zone;
use crate::engine::house;
use serde_json::{Value, json};

pub(crate) async fn run(global: Global, verb: CacheVerb, environment: Environment, out: &Out) -> Ended {
    match verb {
        CacheVerb::Info => info(&global, &environment, out).await,
        CacheVerb::Clean => clean(global, environment, out).await,
        CacheVerb::Wipe { yes } => wipe(&global, yes, &environment, out).await,
    }
}

async fn info(global: &Global, environment: &Environment, out: &Out) -> Ended {
    let loaded = session::load(global, environment)?;
    let (limits, zone) = (loaded.config.cache, loaded.config.zone);
    let facts = house::facts(&loaded.places).await?;
    if out.is_json() {
        out.json(&as_json(facts.as_ref(), limits, &zone));
        return Ok(0);
    }
    let Some(facts) = facts else {
        out.aside("There is no cache here yet. It is made by the first command that reads.");
        return Ok(0);
    };
    out.line(&format!("{}  {}, of which {} free", facts.file.display(), bytes(facts.bytes), bytes(facts.free)));
    out.line(&format!("Bodies kept: {}", limits_in_words(limits)));
    let rows: Vec<Vec<String>> = facts.accounts.iter().map(|cached| row(cached, &zone)).collect();
    out.table(&["Account", "Folders", "Messages", "Bodies", "", "Events", "People", "Since", "In step"], &rows);
    for file in &facts.set_aside {
        out.aside(&format!("Set aside as damaged: {}. deskbell cache clean removes it.", file.display()));
    }
    Ok(0)
}

fn row(cached: &CachedAccount, zone: &Zone) -> Vec<String> {
    let time = |at: Option<jiff::Timestamp>, form: &str| {
        let rules = zone.rules.clone().unwrap_or(jiff::tz::TimeZone::UTC);
        at.map_or_else(|| "never".to_owned(), |at| at.to_zoned(rules).strftime(form).to_string())
    };
    let name = if cached.account.address.is_empty() { &cached.account.key.object } else { &cached.account.address };
    vec![
        plain(name),
        cached.folders.to_string(),
        cached.messages.to_string(),
        cached.bodies.to_string(),
        bytes(cached.body_bytes),
        cached.events.to_string(),
        cached.people.to_string(),
        time(cached.oldest, "%Y-%m-%d"),
        time(cached.as_of, "%Y-%m-%d %H:%M"),
    ]
}

fn limits_in_words(limits: CacheLimits) -> String {
    match limits.bodies {
        KeptBodies::All => "all that can be had".to_owned(),
        KeptBodies::None => "none".to_owned(),
        KeptBodies::Recent => format!(
            "those of the last {} days and what was opened, at most {} MB",
            limits.body_days, limits.body_megabytes
        ),
    }
}

fn as_json(facts: Option<&CacheFacts>, limits: CacheLimits, zone: &Zone) -> Value {
    let item = |cached: &CachedAccount| {
        json!({
            "address": cached.account.address,
            "tenant": cached.account.key.tenant,
            "object": cached.account.key.object,
            "folders": cached.folders,
            "messages": cached.messages,
            "bodies": cached.bodies,
            "bodyBytes": cached.body_bytes,
            "events": cached.events,
            "people": cached.people,
            "oldest": cached.oldest.map(|at| instant(at, zone)),
            "asOf": cached.as_of.map(|at| instant(at, zone)),
        })
    };
    let kept = match limits.bodies {
        KeptBodies::All => "all",
        KeptBodies::Recent => "recent",
        KeptBodies::None => "none",
    };
    json!({
        "schema": "deskbell.cache/1",
        "account": null,
        "file": facts.map(|facts| facts.file.display().to_string()),
        "bytes": facts.map(|facts| facts.bytes),
        "free": facts.map(|facts| facts.free),
        "setAside": facts.map_or(0, |facts| facts.set_aside.len()),
        "limits": {"bodies": kept, "bodyDays": limits.body_days, "bodyMegabytes": limits.body_megabytes},
        "items": facts.map_or_else(Vec::new, |facts| facts.accounts.iter().map(item).collect()),
        "errors": [],
    })
}

async fn clean(global: Global, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment).await?;
    let cleaned = session.engine.clean().await?;
    if out.is_json() {
        let item = json!({
            "bodies": cleaned.bodies, "accounts": cleaned.accounts, "files": cleaned.files, "bytes": cleaned.bytes,
        });
        out.json(&json!({"schema": "deskbell.cacheCleaned/1", "account": null, "items": [item], "errors": []}));
        return Ok(0);
    }
    let said = [
        (cleaned.bodies, "over the limits", "body", "bodies"),
        (cleaned.accounts, "nobody is signed in to", "account", "accounts"),
        (cleaned.files, "damaged", "file", "files"),
    ];
    for (count, why, one, many) in said.into_iter().filter(|said| said.0 > 0) {
        let what = if count == 1 { one } else { many };
        out.line(&format!("Removed {count} {what} ({why})."));
    }
    out.line(&format!("{} given back to the disk.", bytes(cleaned.bytes)));
    Ok(0)
}

async fn wipe(global: &Global, yes: bool, environment: &Environment, out: &Out) -> Ended {
    let loaded = session::load(global, environment)?;
    let facts = house::facts(&loaded.places).await?;
    let accounts = facts.map(|facts| facts.accounts).unwrap_or_default();
    let account = match &global.account {
        None => None,
        Some(wanted) => {
            Some(accounts.iter().map(|cached| &cached.account).find(|account| account.is_named(wanted)).ok_or_else(
                || {
                    Report::new(
                        Kind::Usage,
                        "noSuchAccount",
                        format!("Nothing of {} is on this computer.", plain(wanted)),
                    )
                    .next("See what is: deskbell cache info")
                },
            )?)
        }
    };
    let whose = account.map_or_else(|| "everybody".to_owned(), |account| plain(&account.address));
    let what = format!(
        "The copy of mail, calendar and people of {whose} on this computer will be emptied and fetched anew. Sign-ins, drafts and \
         changes that wait to be sent stay."
    );
    if !yes && !is_confirmed(&what, out).await {
        return Err(Report::new(Kind::NeedsPerson, "notConfirmed", "Nothing was emptied.")
            .because(format!("{what} Nobody said yes to it."))
            .next("Type yes when asked, or run: deskbell cache wipe --yes"));
    }
    let freed = house::wipe(&loaded.places, account).await?;
    if out.is_json() {
        let address = account.map(|account| account.address.clone());
        out.json(
            &json!({"schema": "deskbell.cacheWiped/1", "account": address, "items": [{"bytes": freed}], "errors": []}),
        );
    } else {
        out.line(&format!("Emptied. {} given back to the disk.", bytes(freed)));
    }
    Ok(0)
}

async fn is_confirmed(what: &str, out: &Out) -> bool {
    if !Out::hears_a_person() {
        return false;
    }
    out.aside(what);
    out.aside("Type yes to empty it:");
    Out::typed_line().await.is_some_and(|line| line.trim().eq_ignore_ascii_case("yes"))
}

/// Bytes for a person.
fn bytes(count: u64) -> String {
    match count {
        0..1024 => format!("{count} B"),
        1024..1_048_576 => format!("{} KB", count >> 10),
        _ => format!("{}.{} MB", count >> 20, ((count & 0xf_ffff) * 10) >> 20),
    }
}
