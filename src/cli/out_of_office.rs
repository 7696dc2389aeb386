//! `deskbell out`: the own automatic replies, shown, set and cleared.
//!
//! Must stay true: a text that is not given stays as it is; what is shown is what the service has.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::arguments::{Global, OutOfOffice};
use crate::cli::event::said;
use crate::cli::output::{Out, envelope, instant, plain};
use crate::cli::session::Session;
use crate::cli::{Ended, change};
use crate::domain::event_draft::{AutomaticRepliesSetting, AutomaticRepliesState, ExternalAudience};
use crate::domain::intent::Intent;
use crate::domain::request::{Answer, Request};
use crate::domain::time::said::Said;
use crate::domain::time::{Span, clock_time, date_at, instant_of, long_date};
use serde_json::{Map, json};

pub(crate) async fn run(global: Global, wanted: &OutOfOffice, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment).await?;
    let me = session.me(out)?;
    let says = wanted.text.is_some() || wanted.outside.is_some() || wanted.nobody_outside || wanted.until.is_some();
    if !says && !wanted.clear {
        return show(&session, &me.person.address, out).await;
    }
    let setting = AutomaticRepliesSetting {
        state: state(wanted, &session)?,
        internal: wanted.text.clone(),
        external: wanted.outside.clone().or_else(|| wanted.text.clone().filter(|_| !wanted.nobody_outside)),
        audience: if wanted.nobody_outside { ExternalAudience::None } else { ExternalAudience::All },
        is_html: false,
    };
    let intents = vec![Intent::AutomaticReplies(setting)];
    change::make(&session, &me.person.address, intents, "deskbell.out/1", out).await
}

fn state(wanted: &OutOfOffice, session: &Session) -> Result<AutomaticRepliesState, Report> {
    if wanted.clear {
        return Ok(AutomaticRepliesState::Off);
    }
    let Some(until) = &wanted.until else { return Ok(AutomaticRepliesState::On) };
    let rules = session.rules();
    // A day that is named is a day away: back on the next.
    let until = said(until, session)?;
    let end = instant_of(if let Said::Slot { start, .. } = until { start } else { until.end() }, &rules);
    let start = match &wanted.from {
        None => session.now(),
        Some(from) => instant_of(said(from, session)?.start(), &rules),
    };
    if end <= start {
        return Err(Report::new(Kind::Usage, "period", "The end is not after the beginning.")
            .because(format!("It would end {}.", told(end, session)))
            .next("Give a later --until, or an earlier --from."));
    }
    Ok(AutomaticRepliesState::Scheduled(Span { start, end }))
}

fn told(at: jiff::Timestamp, session: &Session) -> String {
    let rules = session.rules();
    format!("{} {}", long_date(date_at(at, &rules)), clock_time(at, &rules))
}

async fn show(session: &Session, account: &str, out: &Out) -> Ended {
    let Answer::AutomaticReplies(replies) = session.engine.perform(Request::AutomaticReplies).await? else {
        return Err(Session::mixed_up());
    };
    let now = session.now();
    let (word, period) = match &replies.state {
        AutomaticRepliesState::Off => ("off", None),
        AutomaticRepliesState::On => ("on", None),
        AutomaticRepliesState::Scheduled(span) if span.end <= now => ("over", Some(*span)),
        AutomaticRepliesState::Scheduled(span) if span.start > now => ("scheduled", Some(*span)),
        AutomaticRepliesState::Scheduled(span) => ("on", Some(*span)),
    };
    let audience = match replies.audience {
        ExternalAudience::None => "none",
        ExternalAudience::Contacts => "contacts",
        ExternalAudience::All => "all",
    };
    if out.is_json() {
        let item = json!({
            "state": word, "from": period.map(|span| instant(span.start, &session.zone)),
            "until": period.map(|span| instant(span.end, &session.zone)), "text": replies.internal,
            "outside": replies.external, "audience": audience,
        });
        out.json(&envelope("deskbell.out/1", account, Some(now), &session.zone, Map::new(), vec![item], Vec::new()));
        return Ok(0);
    }
    let sentence = match (word, period) {
        ("over", Some(span)) => format!("Automatic replies are off; they ended {}.", told(span.end, session)),
        ("scheduled", Some(span)) => {
            format!("Automatic replies go out from {} until {}.", told(span.start, session), told(span.end, session))
        }
        (_, Some(span)) => format!("Automatic replies go out until {}.", told(span.end, session)),
        ("on", None) => "Automatic replies go out until they are cleared.".to_owned(),
        _ => "Automatic replies are off.".to_owned(),
    };
    out.line(&sentence);
    let internal = replies.internal.as_deref().unwrap_or_default().trim();
    for line in internal.lines() {
        out.line(&format!("  {}", plain(line)));
    }
    match (replies.external.as_deref().unwrap_or_default().trim(), replies.audience) {
        (_, ExternalAudience::None) => out.line("Nobody outside is answered."),
        (external, _) if external != internal && !external.is_empty() => {
            out.line("Outside:");
            external.lines().for_each(|line| out.line(&format!("  {}", plain(line))));
        }
        _ => {}
    }
    Ok(0)
}
