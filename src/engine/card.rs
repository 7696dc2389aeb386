//! Everything about one person, from several sources at once.
//!
//! Must stay true: each part that cannot be had leaves a reason in its place, and the rest of the card is shown; somebody outside
//! the organisation has a card too, with what a mail told of them.

use crate::base::report::Report;
use crate::db::{Cache, Relation};
use crate::domain::account::Feature;
use crate::domain::person::{Person, PersonId};
use crate::domain::request::{Card, PersonRef};
use crate::domain::time::{Span, date_at, day_span};
use crate::engine::away::stranger;
use crate::engine::kept::kept;
use crate::engine::people::{self, Known, PERSON_FRESH};
use crate::engine::{freebusy, permission};
use crate::graph::{self, Graph};
use jiff::tz::TimeZone;

/// The card of `who`; today is today in `zone`, and `home` is the asking person's address.
///
/// # Errors
/// When a person named by id cannot be found out at all.
pub async fn card(graph: &Graph, cache: &Cache, home: &str, zone: &TimeZone, who: &PersonRef) -> Result<Card, Report> {
    let mut problems = Vec::new();
    let found = match who {
        PersonRef::Id(id) => people::by_id(graph, cache, id).await?,
        PersonRef::Address { address, .. } => match people::by_address(graph, cache, address).await {
            Ok(found) => found,
            Err(report) => {
                problems.push(report);
                None
            }
        },
    };
    let is_listed = found.is_some();
    let person = found.unwrap_or_else(|| unlisted(who));
    let is_internal = is_listed || (!problems.is_empty() && has_same_domain(&person.address, home));
    let today = day_span(date_at(graph.now(), zone), zone);
    let (manager, reports, presence, reply, schedule) = futures_util::join!(
        manager(graph, cache, &person.id, is_listed),
        reports(graph, cache, &person.id, is_listed),
        presence_of(graph, cache, &person.id, is_listed),
        reply_of(graph, cache, &person.address),
        schedule_of(graph, cache, &person.address, today, is_internal),
    );
    problems.extend([manager.problem, presence.problem, reply.problem, schedule.problem].into_iter().flatten());
    let told = schedule.value.as_ref().filter(|schedule| schedule.blocks.is_ok()).map(|schedule| schedule.as_of);
    let ages = [told, reply.value.as_ref().map(|reply| reply.as_of), presence.value.as_ref().map(|one| one.as_of)];
    Ok(Card {
        person,
        is_internal,
        manager: manager.value,
        reports,
        presence: presence.value,
        reply: reply.value,
        schedule: schedule.value,
        problems,
        as_of: ages.into_iter().flatten().min(),
    })
}

/// Somebody the directory does not know, as the thing under the cursor names them.
fn unlisted(who: &PersonRef) -> Person {
    match who {
        PersonRef::Id(id) => stranger(&id.0),
        PersonRef::Address { address, name } => {
            let person = stranger(address);
            let name = crate::base::text::tame(name).trim().to_owned();
            if name.is_empty() { person } else { Person { name, ..person } }
        }
    }
}

fn has_same_domain(address: &str, home: &str) -> bool {
    let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
    domain(address).is_some_and(|here| domain(home) == Some(here))
}

const fn nothing<T>() -> Known<T> {
    Known { value: None, problem: None }
}

async fn manager(graph: &Graph, cache: &Cache, id: &PersonId, is_listed: bool) -> Known<Person> {
    if !is_listed {
        return nothing();
    }
    let known = kept(cache.related(id, Relation::Manager).await).flatten();
    if let Some((managers, as_of)) = &known
        && graph.now().duration_since(*as_of) <= PERSON_FRESH
    {
        return Known { value: managers.first().cloned(), problem: None };
    }
    let what = "The manager could not be read.";
    match permission::ask(&graph.granted(), Feature::Manager, what, graph::people::manager(graph, id)).await {
        Ok(manager) => {
            kept(cache.put_related(id, Relation::Manager, manager.iter().cloned().collect(), graph.now()).await);
            Known { value: manager, problem: None }
        }
        Err(report) => Known::after_failure(known.and_then(|(managers, _)| managers.into_iter().next()), &report),
    }
}

/// Who reports to them. The manager's line says already when the directory may not be read, so this one is silent then.
async fn reports(graph: &Graph, cache: &Cache, id: &PersonId, is_listed: bool) -> Vec<Person> {
    if !is_listed {
        return Vec::new();
    }
    // The own team is kept under the own id, and holds those who share my manager where nobody reports to me.
    let known = kept(cache.related(id, Relation::DirectReports).await).flatten();
    if let Some((reports, as_of)) = &known
        && graph.now().duration_since(*as_of) <= PERSON_FRESH
    {
        return reports.clone();
    }
    let what = "Who reports to them could not be read.";
    match permission::ask(&graph.granted(), Feature::Manager, what, graph::people::reports_of(graph, id)).await {
        Ok(reports) => {
            kept(cache.put_related(id, Relation::DirectReports, reports.clone(), graph.now()).await);
            reports
        }
        Err(_) => known.map(|(reports, _)| reports).unwrap_or_default(),
    }
}

async fn presence_of(
    graph: &Graph,
    cache: &Cache,
    id: &PersonId,
    is_listed: bool,
) -> Known<crate::domain::presence::Presence> {
    if !is_listed {
        return nothing();
    }
    let mut found = people::presence(graph, cache, std::slice::from_ref(id), Some(people::PRESENCE_FRESH)).await;
    found.pop().map_or_else(nothing, |(_, known)| known)
}

async fn reply_of(graph: &Graph, cache: &Cache, address: &str) -> Known<crate::domain::presence::AutomaticReply> {
    if address.is_empty() {
        return nothing();
    }
    people::automatic_replies(graph, cache, &[address.to_owned()], false).await.pop().unwrap_or_else(nothing)
}

async fn schedule_of(
    graph: &Graph,
    cache: &Cache,
    address: &str,
    today: Span,
    is_internal: bool,
) -> Known<crate::domain::freebusy::Schedule> {
    if address.is_empty() || !is_internal {
        return nothing();
    }
    match freebusy::availability(graph, cache, &[address.to_owned()], today, false).await {
        Ok(mut schedules) => Known { value: schedules.pop(), problem: None },
        Err(report) => Known { value: None, problem: Some(report) },
    }
}
