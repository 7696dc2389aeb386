//! `deskbell slots`: times that suit several people, the best first, with whom each hurts.
//!
//! The finder is ours (`domain::freebusy::find`). Must stay true: unknown is never free; whoever could not be asked is named; where
//! nothing suits, it is said without whom it would.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::arguments::{Global, Slots};
use crate::cli::busy::letter;
use crate::cli::output::{Out, age, envelope, instant, plain, zone_name};
use crate::cli::session::{Found, Session};
use crate::cli::{Ended, NO_NETWORK, PARTLY_DONE, screen};
use crate::domain::account::AccountKind;
use crate::domain::freebusy::{
    Candidate, Cell, FoundSlots, Hindrance, Part, Schedule, Suggestion, Wanted, find, reason,
};
use crate::domain::person::Person;
use crate::domain::request::{Answer, Request};
use crate::domain::time::said::{self, Said};
use crate::domain::time::{Span, Zone, clock_time, long_date, wall_time};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value, json};

/// Hours of a day in which a slot is looked for, where the asking person is.
const HOURS: (i8, i8) = (7, 20);
/// Minutes between two starts.
const STEP: u16 = 15;
/// Free/busy is given out for less than 62 days at a time [calendar-getschedule].
const MOST_DAYS: i32 = 61;

/// Somebody, or a room, a slot is looked for.
struct Guest {
    found: Found,
    part: Part,
    schedule: Option<Schedule>,
}

pub(crate) async fn run(global: Global, slots: &Slots, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment.clone()).await?;
    let zones = zones(&slots.zones, &session)?;
    let minutes = minutes(&slots.length)?;
    let now = wall_time(session.now(), &session.rules());
    let (within, windows) = windows(slots, now, &session)?;
    if slots.without_me && slots.people.is_empty() && slots.groups.is_empty() {
        return Err(Report::new(Kind::Usage, "usage", "Without you there is nobody to look for.")
            .next("Name people or a group beside --without-me."));
    }
    let me = session.me(out)?;
    // A service is nobody who could come: it meets those who are named, or everybody of its list.
    let is_service = me.kind == AccountKind::Service;
    let means_list = is_service && slots.groups.is_empty();
    let people = if means_list { session.meant(&slots.people, &me) } else { slots.people.clone() };
    let with_me = (!slots.without_me && !is_service).then_some(&me.person);
    let mut guests = guests(slots, &people, &session, with_me, out).await?;
    let window = Span { start: windows[0].start, end: windows[windows.len() - 1].end };
    let addresses: Vec<String> = guests.iter().filter_map(|guest| guest.found.address().map(str::to_owned)).collect();
    let request = Request::Availability { addresses, window, refresh: !session.is_offline };
    let Answer::Availability(schedules) = session.engine.perform(request).await? else {
        return Err(Session::mixed_up());
    };
    for guest in &mut guests {
        guest.schedule = guest.found.address().and_then(|address| {
            schedules.iter().find(|schedule| schedule.address.eq_ignore_ascii_case(address)).cloned()
        });
    }
    let known: Vec<&Guest> = guests.iter().filter(|guest| guest.schedule.is_some()).collect();
    let candidates: Vec<Candidate<'_>> = known
        .iter()
        .filter_map(|guest| Some(Candidate { schedule: guest.schedule.as_ref()?, part: guest.part }))
        .collect();
    let wanted = Wanted {
        windows,
        minutes,
        step: STEP,
        buffer: slots.buffer,
        not_before: session.now(),
        at_least: slots.at_least.map(usize::from),
        any_hours: slots.any_hours,
        most: usize::from(slots.count),
    };
    let mut result = find(&candidates, &wanted);
    // Somebody nobody can ask about may not be counted as coming.
    // Of any room of a building it is enough that some can be asked.
    let is_wanted = |guest: &&Guest| {
        guest.part != Part::Room || slots.rooms.iter().any(|room| room.eq_ignore_ascii_case(guest.found.asked()))
    };
    let is_partial = guests.iter().filter(is_wanted).any(|guest| trouble(guest).is_some());
    if slots.at_least.is_none() && guests.iter().any(|guest| guest.part == Part::Required && trouble(guest).is_some()) {
        result.slots.clear();
    }
    let asked = Asked { slots, session: &session, known: &known, zones: &zones };
    if out.is_json() {
        let mut more = Map::new();
        more.insert("minutes".to_owned(), json!(minutes));
        more.insert("from".to_owned(), json!(instant(window.start, &session.zone)));
        more.insert("to".to_owned(), json!(instant(window.end, &session.zone)));
        more.insert("through".to_owned(), json!(session.engine.asked_through()));
        more.insert("people".to_owned(), guests.iter().map(|guest| person(guest, &session)).collect());
        more.insert("without".to_owned(), result.hindrances.iter().map(|one| asked.hindrance_json(one)).collect());
        let as_of = schedules.iter().map(|schedule| schedule.as_of).min();
        let never = |(at, cell): &(usize, Cell)| json!({"person": asked.address(*at), "state": state(*cell)});
        more.insert("never".to_owned(), result.never.iter().map(never).collect());
        let nearest = result.nearest.as_ref().map(|nearest| asked.item(nearest, "suits the most of them"));
        more.insert("nearest".to_owned(), json!(nearest));
        let whys = (0..result.slots.len()).map(|at| reason(&result.slots, at));
        let items = result.slots.iter().zip(whys).map(|(slot, why)| asked.item(slot, why)).collect();
        out.json(&envelope("deskbell.slots/1", &me.person.address, as_of, &session.zone, more, items, Vec::new()));
    } else {
        session.say_through(out);
        asked.tell(&result, &within, out);
        for guest in guests.iter().filter(is_wanted) {
            if let Some(reason) = trouble(guest) {
                out.aside(&format!("{}: {reason}", guest.found.label()));
            }
        }
    }
    if slots.copy {
        // An empty list would take away what is on the clipboard.
        out.aside(&match result.slots.is_empty() {
            true => "There is nothing to copy.".to_owned(),
            false => screen::copy(&asked.text(&result.slots), &environment),
        });
    }
    if guests.iter().all(|guest| guest.found.is_out_of_reach()) {
        return Ok(NO_NETWORK);
    }
    Ok(if is_partial { PARTLY_DONE } else { 0 })
}

/// Everybody who is named, with me before them.
async fn guests(
    slots: &Slots,
    people: &[String],
    session: &Session,
    me: Option<&Person>,
    out: &Out,
) -> Result<Vec<Guest>, Report> {
    let mut guests: Vec<Guest> = Vec::new();
    let named = [(people, Part::Required), (&slots.optional, Part::Optional), (&slots.rooms, Part::Room)];
    let me = me.map(|person| Found::One { asked: person.address.clone(), person: Some(person.clone()) });
    let mut all: Vec<(Found, Part)> = me.map(|found| (found, Part::Required)).into_iter().collect();
    for (names, part) in named {
        all.extend(session.everybody(names, out).await?.into_iter().map(|found| (found, part)));
    }
    let members = session.members_of(&slots.groups, out).await?;
    all.extend(members.into_iter().map(|found| (found, Part::Required)));
    all.extend(session.rooms_for(slots).await?.into_iter().map(|found| (found, Part::Room)));
    for (found, part) in all {
        if !guests.iter().any(|guest| guest.found.is_same(&found)) {
            guests.push(Guest { found, part, schedule: None });
        }
    }
    Ok(guests)
}

/// Why nothing is known of somebody's time.
fn trouble(guest: &Guest) -> Option<String> {
    if let Found::Nobody { .. } = &guest.found {
        return Some(guest.found.reason());
    }
    match guest.schedule.as_ref().map(|schedule| &schedule.blocks) {
        Some(Ok(_)) => None,
        Some(Err(error)) => Some(format!("{} {}", error.message, error.remedy)),
        None => Some("The service said nothing about this address.".to_owned()),
    }
}

fn minutes(length: &str) -> Result<u32, Report> {
    let minutes =
        length.parse().ok().or_else(|| said::length(length).and_then(|length| u32::try_from(length.as_mins()).ok()));
    minutes.filter(|minutes| (5..=24 * 60).contains(minutes)).ok_or_else(|| {
        Report::new(Kind::Usage, "usage", format!("\"{}\" is no length of a meeting.", plain(length)))
            .next("Write it like --for 30m, --for 1h or --for 1h30; five minutes to a day.")
    })
}

fn zones(names: &[String], session: &Session) -> Result<Vec<Zone>, Report> {
    if names.is_empty() {
        return Ok(vec![session.zone.clone()]);
    }
    let known = |name: &String| {
        Some(Zone::find(name)).filter(|zone| zone.rules.is_some()).ok_or_else(|| {
            Report::new(Kind::Usage, "usage", format!("The zone \"{}\" is not known.", plain(name)))
                .next("Use an IANA name like Europe/Madrid, or a Windows name.")
        })
    };
    names.iter().map(known).collect()
}

/// The days that were meant, in words, and the times of them in which a slot may lie.
fn windows(slots: &Slots, now: DateTime, session: &Session) -> Result<(String, Vec<Span>), Report> {
    let said = match &slots.within {
        Some(text) => said::understand(text, now).map_err(|error| {
            Report::new(Kind::Usage, "usage", error.to_string())
                .next("For example: --within \"next week\" or --within \"24-26 nov\".")
        })?,
        None => {
            let end = now.date().checked_add(7.days()).unwrap_or(now.date());
            Said::Days { start: now.date(), end }
        }
    };
    let rules = session.rules();
    let at = |wall: DateTime| rules.to_ambiguous_timestamp(wall).compatible().ok();
    let spans: Vec<Span> = match said {
        Said::Slot { start, end } => {
            at(start).zip(at(end)).map(|(start, end)| Span { start, end }).into_iter().collect()
        }
        Said::Days { .. } | Said::Moment(_) => {
            let (first, end) =
                (said.start().date(), said.end().date().max(said.start().date().tomorrow().unwrap_or(Date::MAX)));
            if first.until(end).map_or(i32::MAX, |span| span.get_days()) > MOST_DAYS {
                return Err(Report::new(
                    Kind::Usage,
                    "usage",
                    "That is more than 61 days, and the service gives out no more at a time.",
                ));
            }
            let hours = |day: Date| {
                let whole = slots.any_hours.then(|| (day.at(0, 0, 0, 0), day.tomorrow().unwrap_or(day).at(0, 0, 0, 0)));
                let (from, to) = whole.unwrap_or((day.at(HOURS.0, 0, 0, 0), day.at(HOURS.1, 0, 0, 0)));
                // "after 3pm tomorrow" is a moment: from then on.
                let from = if let Said::Moment(moment) = said { from.max(moment) } else { from };
                at(from).zip(at(to)).map(|(start, end)| Span { start, end })
            };
            let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(|day| *day < end);
            days.filter_map(hours).collect()
        }
    };
    let spans: Vec<Span> = spans.into_iter().filter(|span| span.end > session.now()).collect();
    if spans.is_empty() {
        return Err(Report::new(Kind::Usage, "usage", format!("{} is over.", said.words()))
            .next("Name days that are still to come."));
    }
    Ok((said.words(), spans))
}

/// What is needed to say what was found.
struct Asked<'a> {
    slots: &'a Slots,
    session: &'a Session,
    known: &'a [&'a Guest],
    zones: &'a [Zone],
}

impl Asked<'_> {
    fn tell(&self, result: &FoundSlots, within: &str, out: &Out) {
        out.aside(&format!("Within {within} ({}):", self.session.zone.name));
        let rows: Vec<Vec<String>> = (0..result.slots.len()).map(|at| self.row(&result.slots, at)).collect();
        out.table(&["Day", "Time", "Free", "", "", "Why"], &rows);
        if !rows.is_empty() {
            return;
        }
        let need = if self.slots.at_least.is_some() { "enough of them" } else { "everybody" };
        out.line(&format!("No time suits {need}."));
        for (at, cell) in &result.never {
            let name = plain(&self.known[*at].found.label());
            match cell {
                Cell::Unknown => out.line(&format!("{name}: nothing is known of their time.")),
                cell => out.line(&format!("{name}: at no time, mostly {}.", cell.words())),
            }
        }
        if let Some(nearest) = &result.nearest {
            let (free, of) = (nearest.free_required, nearest.of_required);
            out.line(&format!("Most at once: {free} of {of}, {}", self.when(nearest.span, &self.session.zone)));
        }
        for hindrance in result.hindrances.iter().take(3) {
            let first = self.when(hindrance.first, &self.session.zone);
            match hindrance.who.map(|at| self.known[at].found.label()) {
                Some(name) => out.line(&format!("Without {}: {first}", plain(&name))),
                None => out.line(&format!("Without a room: {first}")),
            }
        }
    }

    fn row(&self, slots: &[Suggestion], at: usize) -> Vec<String> {
        let slot = &slots[at];
        let rules = self.session.rules();
        let hurt: Vec<String> = slot
            .affected
            .iter()
            .map(|(at, cell)| format!("{} {} {}", letter(*cell), plain(&self.known[*at].found.label()), cell.words()))
            .collect();
        let optional = if slot.of_optional > 0 {
            format!(" +{} of {}", slot.free_optional, slot.of_optional)
        } else {
            String::new()
        };
        let mut said = vec![if hurt.is_empty() { "everybody is free".to_owned() } else { hurt.join(", ") }];
        if let Some(room) = slot.rooms.first() {
            said.push(format!("in {}", plain(&self.known[*room].found.label())));
        }
        vec![
            long_date(wall_time(slot.span.start, &rules).date()),
            format!("{}-{}", clock_time(slot.span.start, &rules), clock_time(slot.span.end, &rules)),
            format!("{} of {}{optional}", slot.free_required, slot.of_required),
            said.join(", "),
            self.elsewhere(slot),
            reason(slots, at).to_owned(),
        ]
    }

    /// The clock of those whose day is not mine.
    fn elsewhere(&self, slot: &Suggestion) -> String {
        let mine = wall_time(slot.span.start, &self.session.rules());
        let clocks = self.known.iter().filter(|guest| guest.part != Part::Room).filter_map(|guest| {
            let rules = guest.schedule.as_ref()?.working_hours.as_ref()?.zone.rules.clone()?;
            let theirs = wall_time(slot.span.start, &rules);
            (theirs != mine).then(|| format!("{} {}", plain(&guest.found.label()), clock_time(slot.span.start, &rules)))
        });
        clocks.collect::<Vec<_>>().join(", ")
    }

    fn when(&self, span: Span, zone: &Zone) -> String {
        let rules = zone.rules.clone().unwrap_or_else(|| self.session.rules());
        let day = long_date(wall_time(span.start, &rules).date());
        format!("{day}, {}-{}", clock_time(span.start, &rules), clock_time(span.end, &rules))
    }

    /// The slots as text for a mail, in each zone.
    fn text(&self, slots: &[Suggestion]) -> String {
        let mut spans: Vec<Span> = slots.iter().map(|slot| slot.span).collect();
        spans.sort_by_key(|span| span.start);
        let of = |zone: &Zone| {
            let lines: Vec<String> = spans.iter().map(|span| self.when(*span, zone)).collect();
            format!("{}\n(times in {})", lines.join("\n"), zone_name(zone))
        };
        self.zones.iter().map(of).collect::<Vec<_>>().join("\n\n")
    }

    fn item(&self, slot: &Suggestion, why: &str) -> Value {
        let affected: Vec<Value> = slot
            .affected
            .iter()
            .map(|(at, cell)| json!({"person": self.address(*at), "name": self.known[*at].found.label(), "state": state(*cell)}))
            .collect();
        json!({
            "start": instant(slot.span.start, &self.session.zone),
            "end": instant(slot.span.end, &self.session.zone),
            "zone": zone_name(&self.session.zone),
            "required": {"free": slot.free_required, "of": slot.of_required},
            "optional": {"free": slot.free_optional, "of": slot.of_optional},
            "room": slot.rooms.first().map(|at| json!({"address": self.address(*at), "name": self.known[*at].found.label()})),
            "rooms": slot.rooms.iter().map(|at| self.address(*at)).collect::<Vec<_>>(),
            "affected": affected,
            "why": why,
        })
    }

    fn hindrance_json(&self, hindrance: &Hindrance) -> Value {
        json!({
            "person": hindrance.who.map(|at| self.address(at)),
            "what": if hindrance.who.is_some() { "person" } else { "room" },
            "starts": hindrance.starts,
            "first": instant(hindrance.first.start, &self.session.zone),
        })
    }

    fn address(&self, at: usize) -> String {
        self.known[at].found.address().unwrap_or_default().to_owned()
    }
}

fn person(guest: &Guest, session: &Session) -> Value {
    let part = match guest.part {
        Part::Required => "required",
        Part::Optional => "optional",
        Part::Room => "room",
    };
    let mut object = json!({
        "person": guest.found.address().unwrap_or(guest.found.asked()), "name": guest.found.label(), "part": part,
        "age": guest.schedule.as_ref().map(|schedule| age(schedule.as_of, session.now())),
    });
    if let Some(reason) = trouble(guest) {
        let code = match guest.schedule.as_ref().map(|schedule| &schedule.blocks) {
            Some(Err(error)) => error.code.clone(),
            _ => "notFound".to_owned(),
        };
        object["error"] = json!({"code": code, "message": reason});
    }
    object
}

fn state(cell: Cell) -> &'static str {
    match cell {
        Cell::Free => "free",
        Cell::OffHours => "offHours",
        Cell::Elsewhere => "workingElsewhere",
        Cell::Tentative => "tentative",
        Cell::Busy => "busy",
        Cell::OutOfOffice => "oof",
        Cell::Unknown => "unknown",
    }
}
