//! Rounds of changes of a window. [event-delta; delta-query-events]
//!
//! A link carries everything: the frozen window, the change the round starts after, and where its next page begins. Pages stand
//! on the item numbers, which never move; what changes between two pages comes again with the next round.

use super::render::{Renderer, Row, Style};
use super::store::{Item, Mailbox, Window};
use super::{Sight, view};
use crate::sim::graph::odata::link;
use crate::sim::request::{Answer, Request};
use crate::sim::world::World;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// What a link remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Round {
    person: usize,
    calendar: usize,
    generation: u32,
    window: (i64, i64),
    /// Rows are what changed after this.
    since: u64,
    /// The next round starts after this.
    until: u64,
    /// Item and row within it at which the next page begins.
    at: (u64, usize),
}

const REFUSED: [&str; 6] = ["$select", "$filter", "$orderby", "$expand", "$search", "$top"];

pub(super) fn answer(
    world: &World,
    request: &Request,
    person: usize,
    sight: Sight,
    calendar: usize,
    style: &Style,
) -> Result<Answer, Answer> {
    if let Some(option) = REFUSED.iter().find(|option| request.option(option).is_some()) {
        let message = format!("The query parameter '{option}' is not supported for change tracking.");
        return Err(Answer::error(400, "ErrorInvalidUrlQuery", &message));
    }
    let mailbox = world.calendar.peek(person).ok_or_else(view::not_found)?;
    let round = match request.option("$skiptoken").or_else(|| request.option("$deltatoken")) {
        Some(token) => continued(world, mailbox, token, person, calendar)?,
        None => begun(world, mailbox, request, person, calendar)?,
    };
    let size = request.preference("odata.maxpagesize").and_then(|size| size.parse().ok()).unwrap_or(10).clamp(1, 500);
    let renderer = Renderer { owner: world.person(person), style, sight };
    let window = Window {
        start: Timestamp::from_second(round.window.0).unwrap_or(Timestamp::MIN),
        end: Timestamp::from_second(round.window.1).unwrap_or(Timestamp::MAX),
    };
    let teller =
        Teller { mailbox, renderer: &renderer, round: &round, window, silent: world.calendar.forget_deleted_days };
    let (rows, next) = match (style.quirks, request.query.iter().any(|(name, _)| name.ends_with("token"))) {
        // A page may be empty and still have a next one, and may repeat what the last one said. [paging]
        (true, false) => (Vec::new(), Some((0, 1))),
        (true, true) => match teller.page(size) {
            (rows, Some((number, index))) if size > 1 && index > 0 => (rows, Some((number, index - 1))),
            other => other,
        },
        (false, _) => teller.page(size),
    };
    let mut body =
        json!({"@odata.context": format!("{}/v1.0/$metadata#Collection(event)", request.base), "value": rows});
    let (name, link) = match next {
        Some(at) => ("@odata.nextLink", follow(request, "$skiptoken", &Round { at, ..round })),
        None => {
            let next = Round { since: round.until, until: 0, at: (0, 0), ..round };
            ("@odata.deltaLink", follow(request, "$deltatoken", &next))
        }
    };
    body[name] = json!(link);
    let answer = Answer::ok(body);
    Ok(match request.preference("odata.maxpagesize") {
        Some(size) => answer.with("Preference-Applied", &format!("odata.maxpagesize={size}")),
        None => answer,
    })
}

fn begun(world: &World, mailbox: &Mailbox, request: &Request, person: usize, calendar: usize) -> Result<Round, Answer> {
    let window = view::window(request)?;
    Ok(Round {
        person,
        calendar,
        generation: world.calendar.generation,
        window: (window.start.as_second(), window.end.as_second()),
        since: 0,
        until: mailbox.last_change(),
        at: (0, 0),
    })
}

fn continued(world: &World, mailbox: &Mailbox, token: &str, person: usize, calendar: usize) -> Result<Round, Answer> {
    let lost = || {
        let message = "The sync state generation is not found; continue with a full synchronization.";
        Answer::error(410, "SyncStateNotFound", message)
    };
    let mut round = Round::read(token).ok_or_else(lost)?;
    if (round.person, round.calendar, round.generation) != (person, calendar, world.calendar.generation) {
        return Err(lost());
    }
    if round.until == 0 {
        round.until = mailbox.last_change();
    }
    Ok(round)
}

/// The window is in the token, so the address of the following request has nothing else.
fn follow(request: &Request, name: &str, round: &Round) -> String {
    let bare = Request { query: Vec::new(), ..request.clone() };
    link(&bare, name, &round.write())
}

impl Round {
    fn write(&self) -> String {
        let (window, at) = (self.window, self.at);
        let text = format!(
            "{} {} {} {} {} {} {} {} {}",
            self.person, self.calendar, self.generation, window.0, window.1, self.since, self.until, at.0, at.1
        );
        URL_SAFE_NO_PAD.encode(text.bytes().rev().collect::<Vec<u8>>())
    }

    fn read(token: &str) -> Option<Self> {
        let mut bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        bytes.reverse();
        let text = String::from_utf8(bytes).ok()?;
        let numbers: Vec<i64> = text.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
        let &[person, calendar, generation, start, end, since, until, item, row] = numbers.as_slice() else {
            return None;
        };
        Some(Self {
            person: usize::try_from(person).ok()?,
            calendar: usize::try_from(calendar).ok()?,
            generation: u32::try_from(generation).ok()?,
            window: (start, end),
            since: u64::try_from(since).ok()?,
            until: u64::try_from(until).ok()?,
            at: (u64::try_from(item).ok()?, usize::try_from(row).ok()?),
        })
    }
}

/// Behind every item: the place of what is gone.
const GONE: u64 = 1 << 62;

struct Teller<'a> {
    mailbox: &'a Mailbox,
    renderer: &'a Renderer<'a>,
    round: &'a Round,
    window: Window,
    silent: bool,
}

impl Teller<'_> {
    /// The rows of a page, and where the next one begins.
    fn page(&self, size: usize) -> (Vec<Value>, Option<(u64, usize)>) {
        let mut rows = Vec::new();
        let (from, skip) = self.round.at;
        let items = self
            .mailbox
            .items_from(from)
            .filter(|item| item.calendar == self.round.calendar)
            .map(|item| (item.number, self.rows(item)));
        let gone = (0..).zip(self.gone()).map(|(index, row)| (GONE + index, vec![row]));
        for (number, of_item) in items.chain(gone.skip_while(|(number, _)| *number < from)) {
            let skip = if number == from { skip } else { 0 };
            for (index, row) in of_item.into_iter().enumerate().skip(skip) {
                if rows.len() == size {
                    return (rows, Some((number, index)));
                }
                rows.push(row);
            }
        }
        (rows, None)
    }

    /// What there is to say of an item in this round.
    fn rows(&self, item: &Item) -> Vec<Value> {
        let whole = item.change > self.round.since;
        let touched = whole || item.days.values().any(|(change, _)| *change > self.round.since);
        if !touched {
            return Vec::new();
        }
        let first_round = self.round.since == 0;
        let instances = item.instances(self.window, &TimeZone::UTC);
        if item.details.recurrence.is_none() {
            return match (instances.is_empty(), first_round) {
                (false, _) => vec![self.full(item, Row::Single)],
                (true, false) => vec![removed(&item.id)],
                (true, true) => Vec::new(),
            };
        }
        if instances.is_empty() && whole {
            return if first_round { Vec::new() } else { vec![removed(&item.id)] };
        }
        let mut rows = vec![self.full(item, Row::Master)];
        for day in instances.iter().filter_map(|instance| instance.day) {
            match item.days.get(&day) {
                Some((change, _)) if whole || *change > self.round.since => {
                    rows.push(self.full(item, Row::Occurrence(day)));
                }
                None if whole => {
                    let mut stub = self.renderer.stub(item, Row::Occurrence(day));
                    if let Value::Object(members) = &mut stub {
                        members.remove("originalStart");
                    }
                    rows.push(tagged(stub));
                }
                _ => {}
            }
        }
        if !first_round && !self.silent {
            let shown = |day: Date| instances.iter().any(|instance| instance.day == Some(day));
            let lost = item.days.iter().filter(|(day, (change, _))| *change > self.round.since && !shown(**day));
            rows.extend(lost.map(|(day, _)| removed(&item.day_id(*day))));
            let before = self.mailbox.shapes_before(item.number, self.round.since);
            let days = before.flat_map(|old| old.instances(self.window, &TimeZone::UTC)).filter_map(|one| one.day);
            let mut days: Vec<Date> = days.filter(|day| !shown(*day) && !item.days.contains_key(day)).collect();
            days.sort_unstable();
            days.dedup();
            rows.extend(days.into_iter().map(|day| removed(&item.day_id(day))));
        }
        rows
    }

    fn gone(&self) -> impl Iterator<Item = Value> + '_ {
        let since = if self.round.since == 0 { u64::MAX } else { self.round.since };
        self.mailbox.gone_after(since).filter(|gone| gone.item.calendar == self.round.calendar).flat_map(|gone| {
            let days = gone.item.instances(self.window, &TimeZone::UTC).into_iter().filter_map(|instance| instance.day);
            let of_days = days.map(|day| removed(&gone.item.day_id(day))).collect::<Vec<_>>();
            std::iter::once(removed(&gone.item.id)).chain(of_days)
        })
    }

    fn full(&self, item: &Item, row: Row) -> Value {
        tagged(self.renderer.event(item, row))
    }
}

fn tagged(mut row: Value) -> Value {
    row["@odata.type"] = json!("#microsoft.graph.event");
    row
}

fn removed(id: &str) -> Value {
    json!({"@odata.type": "#microsoft.graph.event", "id": id, "@removed": {"reason": "deleted"}})
}
