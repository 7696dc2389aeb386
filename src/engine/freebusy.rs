//! Availability of colleagues and rooms: the cache while it is young, else the service.
//!
//! Must stay true: everybody asked for has a row, in the order asked, each with its own age and its own reason if it cannot be
//! told; when the service cannot be reached, what was known is shown with its age.

use crate::base::report::{Kind, Report};
use crate::db::Cache;
use crate::domain::account::Feature;
use crate::domain::freebusy::{Schedule, ScheduleError};
use crate::domain::meeting_times::Opinion;
use crate::domain::time::Span;
use crate::engine::kept::kept;
use crate::engine::permission;
use crate::graph::{Graph, Priority, meeting_times, schedule};
use jiff::{SignedDuration, Timestamp};

/// An answer this young is taken for the present.
pub const FRESH: SignedDuration = SignedDuration::from_secs(120);
const WHAT: &str = "Free/busy could not be read.";

/// The schedules of `addresses` over `window`, in that order. `refresh`: ask the service however young the cache is.
///
/// # Errors
/// When the service cannot be asked and nothing at all is known.
pub async fn availability(
    graph: &Graph,
    cache: &Cache,
    addresses: &[String],
    window: Span,
    refresh: bool,
) -> Result<Vec<Schedule>, Report> {
    refuse_too_long(window)?;
    let now = graph.now();
    // Who is asked anew anyway need not be read first.
    let known = if refresh { vec![None; addresses.len()] } else { of_cache(cache, addresses, window).await };
    let is_young = |schedule: &Option<Schedule>| {
        schedule.as_ref().is_some_and(|schedule| now.duration_since(schedule.as_of) <= FRESH)
    };
    let mut asked: Vec<String> = Vec::new();
    for (address, schedule) in addresses.iter().zip(&known) {
        let is_new = graph.refusal(address).is_none() && !is_young(schedule);
        if is_new && !asked.iter().any(|other| other.eq_ignore_ascii_case(address)) {
            asked.push(address.clone());
        }
    }
    let mut problem = None;
    let mut answered = Vec::new();
    // Which mailbox a service asks through is found out once, not by each part.
    let alone = usize::from(graph.asked_through().is_none() && !graph.mailboxes().is_empty());
    let parts: Vec<&[String]> = asked.chunks(schedule::AT_A_TIME).collect();
    let (first, others) = parts.split_at(alone.min(parts.len()));
    for together in [first, others] {
        let calls = together.iter().map(|part| {
            let call = schedule::schedules(graph, part, window, Priority::Person);
            async { permission::ask(&graph.granted(), Feature::FreeBusy, WHAT, call).await }
        });
        // What one part cannot tell is no reason to lose the others.
        for part in futures_util::future::join_all(calls).await {
            match part {
                Ok(schedules) => answered.extend(schedules),
                Err(report) => problem = problem.or(Some(report)),
            }
        }
    }
    keep(cache, &answered).await;
    let known = if refresh && problem.is_some() { of_cache(cache, addresses, window).await } else { known };
    if let Some(report) = &problem
        && answered.is_empty()
        && known.iter().all(Option::is_none)
    {
        return Err(report.clone());
    }
    let rows = addresses.iter().zip(known).map(|(address, known)| {
        let answer = answered.iter().find(|schedule| schedule.address.eq_ignore_ascii_case(address)).cloned();
        let refusal = graph.refusal(address);
        let row = answer.or(known.filter(|_| refusal.is_none()));
        let row = row.unwrap_or_else(|| untold(address, window, now, refusal.as_ref().or(problem.as_ref())));
        Schedule { address: address.clone(), ..row }
    });
    Ok(rows.collect())
}

/// What the cache knows of these over `window`, each with its age; who is not known is left out. Asks nobody.
pub async fn known(cache: &Cache, addresses: &[String], window: Span) -> Vec<Schedule> {
    let known = of_cache(cache, addresses, window).await;
    let row = |(address, row): (&String, Option<Schedule>)| Some(Schedule { address: address.clone(), ..row? });
    addresses.iter().zip(known).filter_map(row).collect()
}

/// What the cache has of each of these, in that order.
async fn of_cache(cache: &Cache, addresses: &[String], window: Span) -> Vec<Option<Schedule>> {
    let keys = addresses.iter().map(|address| address.to_lowercase()).collect();
    kept(cache.schedules(keys, window).await).unwrap_or_else(|| vec![None; addresses.len()])
}

/// When the service itself would meet.
///
/// # Errors
/// When it may not be asked, or cannot be.
pub async fn second_opinion(graph: &Graph, asked: &meeting_times::Asked) -> Result<Opinion, Report> {
    refuse_too_long(asked.window)?;
    let what = "The service could not be asked for its suggestions.";
    permission::ask(&graph.granted(), Feature::MeetingTimes, what, meeting_times::find(graph, asked)).await
}

/// Keeps what was answered, by addresses in lower case: the service does not tell them apart.
async fn keep(cache: &Cache, answered: &[Schedule]) {
    if answered.is_empty() {
        return;
    }
    let rows = answered
        .iter()
        .map(|schedule| Schedule { address: schedule.address.to_lowercase(), ..schedule.clone() })
        .collect();
    kept(cache.put_schedules(rows).await);
}

/// The service takes windows under 62 days [calendar-getschedule]; more is refused here, before anybody is asked.
fn refuse_too_long(window: Span) -> Result<(), Report> {
    if window.duration() <= schedule::LONGEST_WINDOW {
        return Ok(());
    }
    Err(Report::new(
        Kind::Usage,
        "tooManyDays",
        "That is more than 61 days, and the service gives out no more at a time.",
    )
    .because("Free/busy is told for less than 62 days in one question.")
    .next("Ask for fewer days, and for the rest after it."))
}

fn untold(address: &str, window: Span, now: Timestamp, problem: Option<&Report>) -> Schedule {
    let (code, message, remedy) = match problem {
        Some(report) if report.code == "mailboxNotListed" => (&*report.code, report.what.clone(), report.next.first()),
        Some(report) if report.code == "permissionMissing" => ("noPermission", report.why.clone(), report.next.first()),
        Some(report) => ("unreachable", report.why.clone(), report.next.first()),
        None => ("unreadable", "The answer for this calendar could not be read.".to_owned(), None),
    };
    let remedy = remedy.map_or_else(|| "Refresh; if it stays, report it.".to_owned(), Clone::clone);
    let error = ScheduleError { code: code.to_owned(), message, remedy, service: String::new() };
    Schedule {
        address: address.to_owned(),
        window,
        blocks: Err(error),
        view: String::new(),
        view_minutes: schedule::VIEW_MINUTES,
        working_hours: None,
        as_of: now,
    }
}
