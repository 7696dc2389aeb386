//! The away board: automatic replies, presence and calendars merged into one row a person.
//!
//! Gathering asks three sources at once; merging is pure. Must stay true: any source that says away counts; a person's own
//! words (the dates of their reply) win over their calendar about since and until; what nobody told stays unknown; no
//! failing source costs anything but itself.

use crate::base::report::{Kind, Report};
use crate::db::{Cache, Relation, Scope};
use crate::domain::account::Feature;
use crate::domain::away_meetings::{self, reply_span};
use crate::domain::freebusy::{Availability, Schedule};
use crate::domain::group::GroupRef;
use crate::domain::person::{Person, PersonId};
use crate::domain::presence::{
    AutomaticReply, AwayBoard, AwayOf, AwayRow, AwaySource, DayState, Presence, absence, day_state,
};
use crate::domain::time::{Span, add_days, date_at, days_span, instant_of};
use crate::engine::kept::kept;
use crate::engine::people::{self, Known, PERSON_FRESH};
use crate::engine::{freebusy, groups, permission};
use crate::graph::{self, Graph};
use jiff::civil::{Date, DateTime, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::path::Path;

/// Days read beyond the board, so that an absence that leaves it has an end.
const BEYOND: u16 = 21;
const NO_TEAM: &str = "Your team could not be read.";
/// The service takes windows under 62 days.
const MOST_DAYS: u16 = 60;

/// What the board is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// First day, in the asking person's zone.
    pub from: Date,
    /// Number of days.
    pub days: u16,
    /// Whose days; what was remembered is looked up before.
    pub of: AwayOf,
    /// Ask the service however young the cache is.
    pub refresh: bool,
}

/// The board for `me`, whose days are those of `zone`; `groups` is the file that holds the saved ones.
///
/// # Errors
/// When nobody to show can be found out: the team cannot be read and is not cached.
pub async fn board(
    graph: &Graph,
    cache: &Cache,
    groups: &Path,
    me: &Person,
    zone: &TimeZone,
    query: &Query,
) -> Result<AwayBoard, Report> {
    let days = query.days.clamp(1, MOST_DAYS);
    let Asked { people, title, left_out } = people_of(graph, cache, groups, me, query).await?;
    let facts =
        gather(graph, cache, people, days_span(query.from, (days + BEYOND).min(MOST_DAYS + 1), zone), query.refresh)
            .await;
    let now = graph.now();
    let mut rows: Vec<AwayRow> = facts.into_iter().map(|facts| merge(facts, query.from, days, zone, now)).collect();
    sort(&mut rows);
    let as_of = rows.iter().flat_map(ages).min();
    let window = days_span(query.from, days, zone);
    let end = add_days(query.from, i64::from(days));
    let events = kept(cache.events(query.from, end, window).await).unwrap_or_default();
    let meetings = away_meetings::meetings(&events, &rows, now, zone);
    let mut hints = hints(graph, &query.of);
    let is_fetched = kept(cache.cursor(&Scope::Calendar).await).flatten().is_some();
    if !is_fetched && Feature::Calendar.is_open(&graph.granted()) {
        hints.push("Your calendar was not fetched yet, so your meetings with them are not known.".to_owned());
    }
    Ok(AwayBoard { of: query.of.clone(), title, left_out, hints, meetings, from: query.from, days, rows, as_of })
}

/// Who is on the board, and what it is called.
struct Asked {
    people: Vec<(Person, Option<Report>)>,
    title: String,
    left_out: Option<String>,
}

async fn people_of(graph: &Graph, cache: &Cache, groups: &Path, me: &Person, query: &Query) -> Result<Asked, Report> {
    let all = |people: Vec<Person>| people.into_iter().map(|person| (person, None)).collect();
    Ok(match &query.of {
        // A service has no team; it has the mailboxes of its list.
        AwayOf::Remembered | AwayOf::Team if !graph.mailboxes().is_empty() => Asked {
            people: named(graph, cache, graph.mailboxes()).await,
            title: "the mailboxes of the profile".to_owned(),
            left_out: None,
        },
        AwayOf::Remembered | AwayOf::Team => Asked {
            people: all(team(graph, cache, me, query.refresh).await?),
            title: "my team".to_owned(),
            left_out: None,
        },
        AwayOf::Peers => Asked {
            people: all(peers(graph, cache, me, query.refresh).await?),
            title: "my manager's team".to_owned(),
            left_out: None,
        },
        AwayOf::Group(group) => {
            let members = groups::members(graph, cache, groups, group).await?;
            let mut people: Vec<(Person, Option<Report>)> = Vec::with_capacity(members.people.len());
            for person in &members.people {
                // A saved address may be a colleague's, of whom the directory knows more.
                let known = match person.id.is_of_directory() {
                    true => Some(person.clone()),
                    false => people::by_address(graph, cache, &person.address).await.ok().flatten(),
                };
                people.push((known.unwrap_or_else(|| person.clone()), None));
            }
            Asked { people, title: members.name.clone(), left_out: members.words() }
        }
        AwayOf::People(names) => {
            Asked { people: named(graph, cache, names).await, title: "people".to_owned(), left_out: None }
        }
    })
}

/// What more could be known, and what it takes.
fn hints(graph: &Graph, of: &AwayOf) -> Vec<String> {
    let granted = graph.granted();
    if granted.is_empty() {
        return Vec::new();
    }
    let mut hints = Vec::new();
    if !Feature::FreeBusy.is_open(&granted) {
        hints.push(format!(
            "Days to come are known from automatic replies only; calendars need the permission {}.",
            Feature::FreeBusy.scopes()[0]
        ));
    }
    if !Feature::Presence.is_open(&granted) {
        hints.push(format!("Presence needs the permission {}.", Feature::Presence.scopes()[0]));
    }
    if !Feature::Groups.is_open(&granted) && !matches!(of, AwayOf::Group(_) | AwayOf::People(_)) {
        hints.push(format!("Groups of the directory need the permission {}.", Feature::Groups.scopes()[0]));
    }
    hints
}

/// The own reports; who has none sees those who share their manager, where that may be read.
///
/// # Errors
/// When the service cannot be asked and nothing is known.
pub async fn team(graph: &Graph, cache: &Cache, me: &Person, refresh: bool) -> Result<Vec<Person>, Report> {
    let known = kept(cache.related(&me.id, Relation::Reports).await).flatten();
    if let Some((team, as_of)) = &known
        && !refresh
        && graph.now().duration_since(*as_of) <= PERSON_FRESH
    {
        return Ok(team.clone());
    }
    match ask_team(graph, me).await {
        Ok(team) => {
            kept(cache.put_related(&me.id, Relation::Reports, team.clone(), graph.now()).await);
            Ok(team)
        }
        Err(report) => known.map(|(team, _)| team).ok_or(report),
    }
}

async fn ask_team(graph: &Graph, me: &Person) -> Result<Vec<Person>, Report> {
    let reports = graph::people::direct_reports(graph).await.map_err(|error| error.report(NO_TEAM))?;
    if !reports.is_empty() || !Feature::Manager.is_open(&graph.granted()) {
        return Ok(reports);
    }
    ask_peers(graph, me).await
}

/// Those who share the own manager.
async fn peers(graph: &Graph, cache: &Cache, me: &Person, refresh: bool) -> Result<Vec<Person>, Report> {
    let known = kept(cache.related(&me.id, Relation::Peers).await).flatten();
    if let Some((peers, as_of)) = &known
        && !refresh
        && graph.now().duration_since(*as_of) <= PERSON_FRESH
    {
        return Ok(peers.clone());
    }
    let asked = if graph.granted().is_empty() || Feature::Manager.is_open(&graph.granted()) {
        ask_peers(graph, me).await
    } else {
        Err(permission::missing(Feature::Manager, "Your manager's team could not be read."))
    };
    match asked {
        Ok(peers) => {
            kept(cache.put_related(&me.id, Relation::Peers, peers.clone(), graph.now()).await);
            Ok(peers)
        }
        Err(report) => known.map(|(peers, _)| peers).ok_or(report),
    }
}

async fn ask_peers(graph: &Graph, me: &Person) -> Result<Vec<Person>, Report> {
    let manager = graph::people::manager(graph, &me.id).await.map_err(|error| error.report(NO_TEAM))?;
    let Some(manager) = manager else { return Ok(Vec::new()) };
    let peers = graph::people::reports_of(graph, &manager.id).await.map_err(|error| error.report(NO_TEAM))?;
    Ok(peers.into_iter().filter(|peer| peer.id != me.id).collect())
}

/// People by name or address. Whoever is not found keeps a row that says so.
async fn named(graph: &Graph, cache: &Cache, names: &[String]) -> Vec<(Person, Option<Report>)> {
    let mut people: Vec<(Person, Option<Report>)> = Vec::with_capacity(names.len());
    for name in names {
        let found = if name.contains('@') {
            people::by_address(graph, cache, name).await
        } else {
            let found = people::find(graph, cache, name).await;
            let first = found.people.into_iter().next();
            found.problem.filter(|_| first.is_none()).map_or(Ok(first), Err)
        };
        let row = match found {
            // The directory has no address of an account without a mailbox; it stands under the one it was named by.
            Ok(Some(person)) if person.address.is_empty() && name.contains('@') => {
                (Person { address: stranger(name).address, ..person }, None)
            }
            Ok(Some(person)) => (person, None),
            Ok(None) => (stranger(name), Some(nobody(name))),
            Err(report) => (stranger(name), Some(report)),
        };
        if !people.iter().any(|(person, _)| person.id == row.0.id) {
            people.push(row);
        }
    }
    people
}

/// Somebody of whom only a name or an address is known.
pub(crate) fn stranger(name: &str) -> Person {
    let name = crate::base::text::tame(name).trim().to_owned();
    let address = if name.contains('@') { name.clone() } else { String::new() };
    Person {
        id: PersonId(name.to_lowercase()),
        name,
        address,
        job_title: None,
        department: None,
        office: None,
        phones: Vec::new(),
    }
}

fn nobody(name: &str) -> Report {
    let name = crate::base::text::tame(name).into_owned();
    Report::new(Kind::Failure, "notFound", format!("Nobody called {name} is in the directory."))
        .next("Check the spelling, or use the address.")
}

/// What the sources say about one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Who.
    pub person: Person,
    /// Automatic reply.
    pub reply: Known<AutomaticReply>,
    /// Presence.
    pub presence: Known<Presence>,
    /// Calendar, or why there is nothing.
    pub schedule: Known<Schedule>,
    /// Why they are not known.
    pub problem: Option<Report>,
}

/// A choice as it is remembered; nothing for people who were only named.
#[must_use]
pub fn write_choice(of: &AwayOf) -> Option<String> {
    Some(match of {
        AwayOf::Team => "team".to_owned(),
        AwayOf::Peers => "peers".to_owned(),
        AwayOf::Group(GroupRef::Saved(name)) => format!("saved {name}"),
        AwayOf::Group(GroupRef::Directory { id, name }) => format!("directory {id} {name}"),
        AwayOf::Remembered | AwayOf::People(_) | AwayOf::Group(GroupRef::Named(_)) => return None,
    })
}

/// A choice that was remembered.
#[must_use]
pub fn read_choice(text: &str) -> Option<AwayOf> {
    Some(match text.split_once(' ') {
        None if text == "team" => AwayOf::Team,
        None if text == "peers" => AwayOf::Peers,
        Some(("saved", name)) => AwayOf::Group(GroupRef::Saved(name.to_owned())),
        Some(("directory", rest)) => {
            let (id, name) = rest.split_once(' ')?;
            AwayOf::Group(GroupRef::Directory { id: id.to_owned(), name: name.to_owned() })
        }
        _ => return None,
    })
}

/// Whoever shows the board keeps the presence of those on it fresh, together with all others in sight: it is not asked for twice.
const PRESENCE_KEPT: SignedDuration = SignedDuration::from_mins(5);

async fn gather(
    graph: &Graph,
    cache: &Cache,
    people: Vec<(Person, Option<Report>)>,
    window: Span,
    refresh: bool,
) -> Vec<Facts> {
    let addresses: Vec<String> =
        people.iter().map(|(person, _)| person.address.clone()).filter(|address| !address.is_empty()).collect();
    let ids: Vec<PersonId> =
        people.iter().filter(|(_, problem)| problem.is_none()).map(|(person, _)| person.id.clone()).collect();
    let (replies, presences, schedules) = futures_util::join!(
        people::automatic_replies(graph, cache, &addresses, refresh),
        people::presence(graph, cache, &ids, (!refresh).then_some(PRESENCE_KEPT)),
        freebusy::availability(graph, cache, &addresses, window, refresh),
    );
    let unknown = || Known { value: None, problem: None };
    let facts = people.into_iter().map(|(person, problem)| {
        let place = addresses.iter().position(|address| *address == person.address);
        let schedule = match (&schedules, place) {
            (Ok(schedules), Some(place)) => Known { value: schedules.get(place).cloned(), problem: None },
            (Err(report), Some(_)) => Known { value: None, problem: Some(report.clone()) },
            (_, None) => Known { value: None, problem: None },
        };
        let presence = presences.iter().find(|(id, _)| *id == person.id).map(|(_, known)| known.clone());
        Facts {
            reply: place.and_then(|place| replies.get(place).cloned()).unwrap_or(Known { value: None, problem: None }),
            presence: presence.unwrap_or_else(unknown),
            schedule,
            problem: problem.or_else(|| graph.refusal(&person.address)),
            person,
        }
    });
    facts.collect()
}

/// One row of the board.
#[must_use]
pub fn merge(facts: Facts, from: Date, days: u16, zone: &TimeZone, now: Timestamp) -> AwayRow {
    let reply = facts.reply.value.filter(|reply| {
        let is_coming = !reply.message.is_empty() && reply.start.is_some_and(|start| now < start);
        reply.is_on(now) || is_coming
    });
    let schedule = facts.schedule.value;
    let states = (0..i64::from(days)).map(|day| {
        let date = add_days(from, day);
        let said = schedule.as_ref().map_or(DayState::Unknown, |schedule| day_state(schedule, date, zone));
        let core = working_day(schedule.as_ref(), date, zone);
        match &reply {
            Some(reply) => with_reply(said, reply_span(reply, now, zone), core),
            None => said,
        }
    });
    let days = states.collect();
    let out_now = schedule.as_ref().is_some_and(|schedule| is_out_at(schedule, now));
    let present_out = facts.presence.value.as_ref().is_some_and(|presence| presence.is_out_of_office);
    let reply_on = reply.as_ref().is_some_and(|reply| reply.is_on(now));
    let calendar = schedule.as_ref().and_then(|schedule| absence(schedule, now, zone));
    let (since, until) = bounds(reply.as_ref(), calendar, now, zone);
    let mut sources = Vec::new();
    if reply.is_some() {
        sources.push(AwaySource::AutomaticReply);
    }
    if present_out {
        sources.push(AwaySource::Presence);
    }
    if calendar.is_some() {
        sources.push(AwaySource::Calendar);
    }
    let problems = [facts.problem, facts.reply.problem, facts.presence.problem, facts.schedule.problem];
    AwayRow {
        person: facts.person,
        days,
        is_away_now: reply_on || present_out || out_now,
        until,
        since,
        reply,
        presence: facts.presence.value,
        sources,
        schedule,
        problems: distinct(problems.into_iter().flatten()),
    }
}

fn distinct(reports: impl Iterator<Item = Report>) -> Vec<Report> {
    let mut kept: Vec<Report> = Vec::new();
    for report in reports {
        if !kept.iter().any(|other| other.code == report.code && other.what == report.what) {
            kept.push(report);
        }
    }
    kept
}

fn is_out_at(schedule: &Schedule, now: Timestamp) -> bool {
    let blocks = schedule.blocks.as_deref().unwrap_or_default();
    blocks.iter().any(|block| block.status == Some(Availability::OutOfOffice) && block.span.contains(now))
}

/// Their working day on `date`; nine to five in `zone` where nobody told us.
fn working_day(schedule: Option<&Schedule>, date: Date, zone: &TimeZone) -> Span {
    let hours = schedule.and_then(|schedule| schedule.working_hours.as_ref());
    let own = hours.and_then(|hours| Some((hours.start, hours.end, hours.zone.rules.as_ref()?)));
    let (start, end, zone) = own.unwrap_or((time(9, 0, 0, 0), time(17, 0, 0, 0), zone));
    let last = if end <= start { add_days(date, 1) } else { date };
    Span {
        start: instant_of(DateTime::from_parts(date, start), zone),
        end: instant_of(DateTime::from_parts(last, end), zone),
    }
}

/// A day as the calendar says it, with what the reply adds. Days off stay days off.
fn with_reply(said: DayState, away: Span, core: Span) -> DayState {
    match said {
        DayState::OffHours | DayState::Away => said,
        _ if away.start <= core.start && core.end <= away.end => DayState::Away,
        _ if away.overlaps(&core) => DayState::PartAway,
        _ => said,
    }
}

/// First and last day away of the absence that is on or comes next.
fn bounds(
    reply: Option<&AutomaticReply>,
    calendar: Option<(Date, Date)>,
    now: Timestamp,
    zone: &TimeZone,
) -> (Option<Date>, Option<Date>) {
    let today = date_at(now, zone);
    let words = reply.map(|reply| {
        let since = reply.start.map(|start| date_at(start, zone));
        let until = reply.end.map(|end| {
            let last = end.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(end);
            date_at(last, zone)
        });
        (since, until, reply.is_on(now))
    });
    match (words, calendar) {
        (None, None) => (None, None),
        (None, Some((first, last))) => (Some(first), Some(last)),
        (Some((since, until, _)), None) => (since, until),
        (Some((since, until, is_on)), Some((first, last))) => {
            // A calendar entry of another time is another absence.
            let reaches = since.is_none_or(|since| since <= add_days(last, 1))
                && until.map_or(first <= today, |until| first <= add_days(until, 1));
            if reaches {
                (since.or(Some(first)), until.or(Some(last)))
            } else if is_on || since.is_some_and(|since| since <= first) {
                (since, until)
            } else {
                (Some(first), Some(last))
            }
        }
    }
}

/// Who is back first, then who goes next, then who is here, then who is unknown.
fn sort(rows: &mut [AwayRow]) {
    rows.sort_by_cached_key(|row| {
        let is_known = row.days.iter().any(|day| *day != DayState::Unknown);
        let group = match row {
            _ if row.is_away_now => 0,
            _ if row.since.is_some() => 1,
            _ if is_known => 2,
            _ => 3,
        };
        let date = if group == 1 { row.since } else { row.until };
        (group, date.unwrap_or(Date::MAX), row.person.name.to_lowercase())
    });
}

fn ages(row: &AwayRow) -> impl Iterator<Item = Timestamp> {
    let schedule = row.schedule.as_ref().filter(|schedule| schedule.blocks.is_ok()).map(|schedule| schedule.as_of);
    [schedule, row.reply.as_ref().map(|reply| reply.as_of), row.presence.as_ref().map(|presence| presence.as_of)]
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::freebusy::{Block, ScheduleError, WorkingHours};
    use crate::domain::time::Zone;
    use jiff::civil::{Weekday, date};

    const MONDAY: Date = date(2026, 11, 23);

    fn instant(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn now() -> Timestamp {
        instant("2026-11-23T10:00:00Z")
    }

    fn schedule(blocks: &[(&str, &str, Availability)]) -> Schedule {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        let block = |(start, end, status): &(&str, &str, Availability)| Block {
            span: Span { start: instant(start), end: instant(end) },
            status: Some(*status),
            subject: None,
            location: None,
            is_private: false,
        };
        Schedule {
            address: "eva@x.example".to_owned(),
            window: Span { start: instant("2026-11-23T00:00:00Z"), end: instant("2026-12-30T00:00:00Z") },
            blocks: Ok(blocks.iter().map(block).collect()),
            view: String::new(),
            view_minutes: 15,
            working_hours: Some(WorkingHours {
                days: vec![Monday, Tuesday, Wednesday, Thursday, Friday],
                start: time(9, 0, 0, 0),
                end: time(17, 0, 0, 0),
                zone: Zone::utc(),
            }),
            as_of: now(),
        }
    }

    fn reply(message: &str, start: Option<&str>, end: Option<&str>) -> AutomaticReply {
        AutomaticReply { message: message.to_owned(), start: start.map(instant), end: end.map(instant), as_of: now() }
    }

    fn facts(name: &str, reply: Option<AutomaticReply>, schedule: Option<Schedule>) -> Facts {
        let known = |value| Known { value, problem: None };
        Facts {
            person: stranger(name),
            reply: Known { value: reply, problem: None },
            presence: known(None),
            schedule: Known { value: schedule, problem: None },
            problem: None,
        }
    }

    fn row(reply: Option<AutomaticReply>, schedule: Option<Schedule>) -> AwayRow {
        merge(facts("Eva", reply, schedule), MONDAY, 7, &TimeZone::UTC, now())
    }

    #[test]
    fn a_scheduled_reply_makes_its_working_days_away_and_knows_the_way_back() {
        let words = reply("Back Monday", Some("2026-11-20T17:00:00Z"), Some("2026-11-25T12:00:00Z"));
        let row = row(Some(words), Some(schedule(&[])));
        use DayState::{Away, Here, OffHours, PartAway};
        assert_eq!(row.days, [Away, Away, PartAway, Here, Here, OffHours, OffHours]);
        assert!(row.is_away_now);
        assert_eq!((row.since, row.until), (Some(date(2026, 11, 20)), Some(date(2026, 11, 25))));
        assert_eq!(row.back(MONDAY), Some(date(2026, 11, 25)), "in the afternoon");
        assert_eq!(row.sources, [AwaySource::AutomaticReply]);
    }

    #[test]
    fn whoever_is_away_until_the_end_of_a_week_is_back_when_the_next_begins() {
        let calendar = schedule(&[("2026-11-25T00:00:00Z", "2026-11-28T00:00:00Z", Availability::OutOfOffice)]);
        let board = |days| merge(facts("Eva", None, Some(calendar.clone())), MONDAY, days, &TimeZone::UTC, now());
        assert_eq!(board(14).until, Some(date(2026, 11, 27)));
        assert_eq!(board(14).back(MONDAY), Some(date(2026, 11, 30)), "not on Saturday");
        assert_eq!(board(7).back(MONDAY), None, "nobody looked so far");
    }

    #[test]
    fn a_day_is_away_by_their_own_hours_and_a_day_off_stays_one() {
        let mut calendar = schedule(&[]);
        // Their day is over where the reply of Tuesday begins, at five in Tokyo.
        calendar.working_hours =
            calendar.working_hours.map(|hours| WorkingHours { zone: Zone::find("Asia/Tokyo"), ..hours });
        let words = reply("Away", Some("2026-11-24T08:00:00Z"), Some("2026-12-01T00:00:00Z"));
        use DayState::{Away, Here, OffHours};
        assert_eq!(row(Some(words), Some(calendar)).days, [Here, Here, Away, Away, Away, OffHours, OffHours]);
    }

    #[test]
    fn a_reply_without_an_end_says_nothing_about_tomorrow() {
        let row = row(Some(reply("Away", None, None)), Some(schedule(&[])));
        assert_eq!(row.days[..2], [DayState::Away, DayState::Here]);
        assert!(row.is_away_now);
        assert_eq!((row.since, row.until), (None, None));
    }

    #[test]
    fn a_reply_without_an_end_borrows_it_from_the_calendar() {
        let calendar = schedule(&[("2026-11-23T00:00:00Z", "2026-11-26T00:00:00Z", Availability::OutOfOffice)]);
        let row = row(Some(reply("Away", None, None)), Some(calendar));
        assert_eq!((row.since, row.until), (Some(MONDAY), Some(date(2026, 11, 25))));
        assert_eq!(row.sources, [AwaySource::AutomaticReply, AwaySource::Calendar]);
    }

    #[test]
    fn replies_that_are_over_or_empty_say_nothing() {
        for words in [reply("Old", Some("2026-11-01T00:00:00Z"), Some("2026-11-20T00:00:00Z")), reply("", None, None)] {
            let row = row(Some(words), Some(schedule(&[])));
            assert_eq!((row.is_away_now, row.reply, row.sources), (false, None, Vec::new()));
            assert_eq!(row.days[0], DayState::Here);
        }
    }

    #[test]
    fn what_nobody_told_stays_unknown() {
        let refused = ScheduleError {
            code: "notShared".to_owned(),
            message: String::new(),
            remedy: String::new(),
            service: String::new(),
        };
        let hidden = Schedule { blocks: Err(refused), ..schedule(&[]) };
        for schedule in [None, Some(hidden)] {
            let row = row(None, schedule);
            assert!(row.days.iter().all(|day| *day == DayState::Unknown), "{:?}", row.days);
            assert!(!row.is_away_now);
        }
    }

    #[test]
    fn presence_alone_makes_somebody_away_now() {
        let mut facts = facts("Eva", None, Some(schedule(&[])));
        facts.presence.value = Some(Presence {
            availability: crate::domain::presence::Availability::Offline,
            activity: "Out of office".to_owned(),
            status_message: String::new(),
            is_out_of_office: true,
            work_place: None,
            as_of: now(),
        });
        let row = merge(facts, MONDAY, 1, &TimeZone::UTC, now());
        assert_eq!((row.is_away_now, row.sources), (true, vec![AwaySource::Presence]));
    }

    #[test]
    fn who_is_back_first_comes_first_and_the_unknown_last() {
        let out = |end: &str| Some(schedule(&[("2026-11-23T00:00:00Z", end, Availability::OutOfOffice)]));
        let next = Some(schedule(&[("2026-11-26T00:00:00Z", "2026-11-27T00:00:00Z", Availability::OutOfOffice)]));
        let mut rows: Vec<AwayRow> = [
            facts("Unknown", None, None),
            facts("Here", None, Some(schedule(&[]))),
            facts("Next", None, next),
            facts("Friday", None, out("2026-11-28T00:00:00Z")),
            facts("Endless", Some(reply("Away", None, None)), Some(schedule(&[]))),
            facts("Tuesday", None, out("2026-11-25T00:00:00Z")),
        ]
        .into_iter()
        .map(|facts| merge(facts, MONDAY, 7, &TimeZone::UTC, now()))
        .collect();
        sort(&mut rows);
        let names: Vec<&str> = rows.iter().map(|row| row.person.name.as_str()).collect();
        assert_eq!(names, ["Tuesday", "Friday", "Endless", "Next", "Here", "Unknown"]);
    }

    #[test]
    fn a_choice_is_remembered_as_it_was() {
        let directory = GroupRef::Directory { id: "1-2".to_owned(), name: "All of Contoso".to_owned() };
        for of in [
            AwayOf::Team,
            AwayOf::Peers,
            AwayOf::Group(GroupRef::Saved("Monday round".to_owned())),
            AwayOf::Group(directory),
        ] {
            assert_eq!(read_choice(&write_choice(&of).expect("remembered")), Some(of));
        }
        assert_eq!((write_choice(&AwayOf::People(Vec::new())), read_choice("nonsense")), (None, None));
    }

    #[test]
    fn an_absence_of_another_time_is_another_absence() {
        let calendar = schedule(&[("2026-12-21T00:00:00Z", "2026-12-24T00:00:00Z", Availability::OutOfOffice)]);
        let words = reply("Back soon", Some("2026-11-22T00:00:00Z"), Some("2026-11-25T00:00:00Z"));
        let row = row(Some(words), Some(calendar));
        assert_eq!((row.since, row.until), (Some(date(2026, 11, 22)), Some(date(2026, 11, 24))));
        // Where the reply has no end, that of another time is none of it.
        let calendar = schedule(&[("2026-12-21T00:00:00Z", "2026-12-24T00:00:00Z", Availability::OutOfOffice)]);
        let endless = reply("Away", Some("2026-11-20T17:00:00Z"), None);
        let row = merge(facts("Eva", Some(endless), Some(calendar)), MONDAY, 7, &TimeZone::UTC, now());
        assert_eq!((row.since, row.until), (Some(date(2026, 11, 20)), None));
    }
}
