//! Fills the mailboxes at the beginning: folders, written messages, and generated ones around them.
//!
//! Written messages go to everybody they name, so the same thread lies in several mailboxes. Must stay true: everything is
//! placed before the clock's present moment, by working hours of the first mailbox, and the same clock gives the same world.

use super::content::{Address, Content, Importance, Meeting, Text};
use super::dice::Dice;
use super::generate::{self, Generator, Lane};
use super::script::{Script, Written, WrittenMeeting, weekend, working_day};
use super::store::{Flag, MailState, Mailbox, Row};
use super::{files, markup};
use crate::sim::company::{Company, Person};
use crate::sim::when::Anchor;
use crate::sim::world::WorldOptions;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use std::collections::HashMap;
use std::sync::Arc;

/// How many messages the first inbox holds when nobody says otherwise.
const INBOX: usize = 300;
/// Days over which that many are spread.
const SPAN: usize = 42;
/// A large mailbox goes back three years.
const LONGEST: usize = 3 * 365;
const SEED: u64 = 0x6465_736b_6265_6c6c;

/// All mailboxes as of `now`.
#[must_use]
pub fn world(company: &Company, now: Timestamp, options: &WorldOptions) -> MailState {
    let script = Script::load();
    let colleagues = company
        .people
        .iter()
        .filter(|one| one.kind == "user" && one.job_title.is_some())
        .filter_map(address_of)
        .collect();
    let staff = company.people.iter().filter_map(|one| Some((one.alias.clone(), address_of(one)?))).collect();
    let generator =
        Arc::new(Generator::new(SEED, script, colleagues, staff, options.mail.is_some_and(|wanted| wanted > INBOX)));
    let owners: Vec<(&Person, Address)> = company
        .people
        .iter()
        .filter(|person| person.has_mailbox && matches!(person.kind.as_str(), "user" | "shared" | "personal"))
        .filter_map(|person| Some((person, address_of(person)?)))
        .collect();
    let mut boxes: Vec<Mailbox> =
        owners.iter().map(|(person, address)| mailbox(company, person, address, &generator, options)).collect();
    let mut writer = Writer { company, generator: &generator, now, zone: TimeZone::UTC, done: HashMap::new() };
    writer.zone =
        boxes.iter().find(|one| one.alias == generator.script().first).map_or(TimeZone::UTC, |one| one.zone.clone());
    for written in &generator.script().message {
        writer.deliver(written, &mut boxes);
    }
    for (mailbox, (person, _)) in boxes.iter_mut().zip(&owners) {
        fill(mailbox, person, &generator, now, options);
        mailbox.settle();
    }
    let mut state = MailState::of(boxes, now);
    for (at, (person, address)) in owners.iter().enumerate() {
        for name in [Some(&person.id), Some(&person.user_principal_name), Some(&person.alias), address.address.as_ref()]
        {
            state.name(name.map_or("", String::as_str), at);
        }
    }
    state
}

/// The address of somebody of the company.
#[must_use]
pub fn address_of(person: &Person) -> Option<Address> {
    person.mail.as_deref().map(|mail| Address::new(&person.display_name, mail))
}

/// Names of the usual folders in a language, in the order of [`USUAL`].
fn folder_names(language: &str) -> [&'static str; 9] {
    match language {
        "es" => [
            "Bandeja de entrada",
            "Borradores",
            "Elementos enviados",
            "Archivo",
            "Elementos eliminados",
            "Correo no deseado",
            "Bandeja de salida",
            "Historial de conversaciones",
            "Problemas de sincronización",
        ],
        "de" => [
            "Posteingang",
            "Entwürfe",
            "Gesendete Elemente",
            "Archiv",
            "Gelöschte Elemente",
            "Junk-E-Mail",
            "Postausgang",
            "Aufgezeichnete Unterhaltungen",
            "Synchronisierungsprobleme",
        ],
        _ => [
            "Inbox",
            "Drafts",
            "Sent Items",
            "Archive",
            "Deleted Items",
            "Junk Email",
            "Outbox",
            "Conversation History",
            "Sync Issues",
        ],
    }
}

const USUAL: [&str; 9] = [
    "inbox",
    "drafts",
    "sentitems",
    "archive",
    "deleteditems",
    "junkemail",
    "outbox",
    "conversationhistory",
    "syncissues",
];

fn mailbox(
    company: &Company,
    person: &Person,
    address: &Address,
    generator: &Arc<Generator>,
    options: &WorldOptions,
) -> Mailbox {
    let script = generator.script();
    let zone = TimeZone::get(&person.zone).unwrap_or(TimeZone::UTC);
    let number = super::ids::number_of(&person.id);
    let mut mailbox = Mailbox::new(number, &person.id, &person.alias, address.clone(), zone, Arc::clone(generator));
    let language = script.languages.get(&person.alias).unwrap_or(&options.locale);
    for (well_known, name) in USUAL.into_iter().zip(folder_names(language)) {
        if well_known == "archive" && script.without_archive.contains(&person.alias) {
            continue;
        }
        mailbox.add_folder(name, Some(well_known), Some(0));
    }
    let settings = mailbox.add_folder("Conversation Action Settings", None, Some(0));
    mailbox.folders[usize::from(settings)].hidden = true;
    if person.alias == script.first {
        let inbox = mailbox.well_known("inbox");
        let clients = mailbox.add_folder("Clients", None, inbox);
        mailbox.add_folder("Fabrikam", None, Some(clients));
        mailbox.add_folder("Northwind", None, Some(clients));
        let projects = mailbox.add_folder("Projects", None, inbox);
        mailbox.add_folder("Atlas", None, Some(projects));
        mailbox.add_folder("Harbour", None, Some(projects));
        mailbox.add_folder("Team folders", None, Some(0));
        let search = mailbox.add_folder("Unread and flagged", None, Some(0));
        mailbox.folders[usize::from(search)].search =
            Some("isRead eq false or flag/flagStatus eq 'flagged'".to_owned());
    }
    let readers =
        script.shared.iter().filter(|shared| shared.mailbox == person.alias).flat_map(|shared| &shared.readers);
    mailbox.readers = readers.filter_map(|alias| company.find(alias)).map(|at| company.people[at].id.clone()).collect();
    mailbox
}

/// Puts written messages into the mailboxes they name.
struct Writer<'a> {
    company: &'a Company,
    generator: &'a Generator,
    now: Timestamp,
    zone: TimeZone,
    /// What was written so far, for answers.
    done: HashMap<&'a str, Content>,
}

impl<'a> Writer<'a> {
    fn deliver(&mut self, written: &'a Written, boxes: &mut [Mailbox]) {
        let received = self.received(written);
        let content = self.content(written, received);
        if !written.key.is_empty() {
            self.done.insert(&written.key, content.clone());
        }
        let first = &self.generator.script().first;
        let mut placed = false;
        for mailbox in boxes {
            let own = content.from.as_ref() == Some(&mailbox.owner);
            let named = content.to.iter().chain(&content.cc).any(|one| *one == mailbox.owner);
            let is_first = mailbox.alias == *first;
            // A message without recipients (drafts, hidden copies) lies in the first mailbox only.
            let lies_here = own || named || (is_first && content.to.is_empty());
            if !lies_here {
                continue;
            }
            if !is_first && !written.folder.is_empty() {
                // What the first person filed, drafted or got as junk is nobody else's.
                continue;
            }
            placed = true;
            let usual = if own { "sentitems" } else { "inbox" };
            let folder = if written.folder.is_empty() { usual } else { &written.folder };
            let folder = mailbox.well_known(folder).or_else(|| mailbox.named(folder)).unwrap_or(1);
            let mut copy = content.clone();
            // Thread ids belong to one mailbox.
            copy.conversation ^= u64::from(mailbox.number) << 17;
            let source = mailbox.keep(copy);
            let mut row = Row::new(received, source, folder);
            row.attachments = content.has_attachments();
            row.importance = Importance::parse(&written.importance).unwrap_or_default();
            row.draft = mailbox.well_known("drafts") == Some(folder);
            row.other = written.other;
            if is_first {
                row.read = !written.unread;
                row.flag = if written.flagged { Flag::Flagged } else { Flag::None };
            } else {
                row.read = own || Dice::of(SEED, content.conversation, u64::from(mailbox.number)).chance(80);
            }
            let key = mailbox.plant(row);
            if is_first && !written.categories.is_empty() {
                mailbox.notes.entry(key).or_default().categories.clone_from(&written.categories);
            }
        }
        debug_assert!(
            placed || self.company.people.len() < 12,
            "nobody gets the written message {:?}",
            written.subject
        );
    }

    fn received(&self, written: &Written) -> Timestamp {
        if let Some((unit, number)) =
            written.ago.chars().last().zip(written.ago.get(..written.ago.len().saturating_sub(1)))
        {
            let number: i64 = number.parse().unwrap_or(1);
            let minutes = match unit {
                'd' => number * 24 * 60,
                'h' => number * 60,
                _ => number,
            };
            return self.now - minutes.minutes();
        }
        self.wall(-written.day.abs(), &written.time)
    }

    /// A wall time of the first mailbox, working days back; never in the future.
    fn wall(&self, days: i64, time: &str) -> Timestamp {
        let today = self.now.to_zoned(self.zone.clone()).date();
        let time: Time = time.parse().unwrap_or(Time::constant(9, 0, 0, 0));
        let at = working_day(today, days).to_datetime(time).to_zoned(self.zone.clone());
        at.map_or(self.now, |zoned| zoned.timestamp()).min(self.now)
    }

    /// When a meeting is: by the same rule as the calendar's, so that an invitation and its event agree.
    fn meeting(&self, written: &WrittenMeeting) -> Option<Meeting> {
        let anchor = Anchor::at(self.now.into(), &self.zone);
        let wall = anchor.wall(&format!("workday{:+} {}", written.day, written.time))?;
        let start = wall.to_zoned(self.zone.clone()).ok()?.timestamp();
        Some(Meeting::new(start, start + written.minutes.minutes(), written.place.clone()))
    }

    fn content(&self, written: &Written, received: Timestamp) -> Content {
        let date = received.to_zoned(self.zone.clone()).date();
        let words = |text: &str| generate::replace(text, |name| super::script::date_word(name, date));
        let parent = self.done.get(written.re.as_str());
        let mut content = Content::empty(received - 2.seconds());
        content.subject = match parent {
            Some(parent) if written.subject.is_empty() => format!("Re: {}", parent.subject.trim_start_matches("Re: ")),
            _ => words(&written.subject),
        };
        content.from = self.address(&written.from);
        content.sender = content.from.clone();
        content.to = written.to.iter().filter_map(|one| self.address(one)).collect();
        content.cc = written.cc.iter().filter_map(|one| self.address(one)).collect();
        let thread = format!("{}/{}/{}", written.key, written.subject, written.from);
        content.conversation =
            parent.map_or_else(|| u64::from(super::ids::number_of(&thread)) << 8, |one| one.conversation);
        content.depth = parent.map_or(0, |one| one.depth + 1);
        content.internet_id =
            format!("<{:08x}.{}@mail.contoso.com>", super::ids::number_of(&thread), received.as_second());
        content.receipt = written.receipt;
        content.kind = written.kind();
        content.meeting = written.meeting.as_ref().and_then(|meeting| self.meeting(meeting));
        content.files = written.files.iter().map(|spec| file(spec)).collect();
        content.text = self.text(written, &words(&written.body), parent);
        content
    }

    fn text(&self, written: &Written, body: &str, parent: Option<&Content>) -> Text {
        if written.raw {
            return Text::Html(body.to_owned());
        }
        if written.plain {
            let mut text = markup::plain_of(body);
            if let Some(parent) = parent {
                text.push_str("\r\n\r\n");
                text.push_str(&self.quoted_plain(parent));
            }
            return Text::Plain(text);
        }
        let mut inner = markup::html_of(body);
        if let Some(parent) = parent {
            inner.push_str(&self.quoted(parent));
        }
        Text::Html(markup::document(&inner))
    }

    fn quoted(&self, parent: &Content) -> String {
        let name = |one: &Address| markup::escape(&one.name);
        let names = |all: &[Address]| all.iter().map(name).collect::<Vec<_>>().join("; ");
        let old = match &parent.text {
            Text::Html(html) => inner(html).to_owned(),
            Text::Plain(text) => format!("<pre>{}</pre>", markup::escape(text)),
            Text::Later => String::new(),
        };
        format!(
            "<hr style=\"display: inline-block; width: 98%;\">\r\n<div id=\"divRplyFwdMsg\" dir=\"ltr\"><b>From:</b> \
             {}<br>\r\n<b>Sent:</b> {}<br>\r\n<b>To:</b> {}<br>\r\n<b>Subject:</b> {}</div>\r\n<div><br></div>\r\n{old}",
            parent.from.as_ref().map(name).unwrap_or_default(),
            parent.sent.to_zoned(self.zone.clone()).strftime("%A, %-d %B %Y %H:%M"),
            names(&parent.to),
            markup::escape(&parent.subject),
        )
    }

    fn quoted_plain(&self, parent: &Content) -> String {
        let from = parent.from.as_ref().map_or("", |one| one.name.as_str());
        let old = match &parent.text {
            Text::Html(html) => markup::text_of(html),
            Text::Plain(text) => text.clone(),
            Text::Later => String::new(),
        };
        let sent = parent.sent.to_zoned(self.zone.clone()).strftime("On %a, %-d %b %Y at %H:%M").to_string();
        let lines: Vec<String> = old.lines().map(|line| format!("> {line}")).collect();
        format!("{sent}, {from} wrote:\r\n{}", lines.join("\r\n"))
    }

    /// `none`, an alias, `Name <address>`, or a name without an address.
    fn address(&self, text: &str) -> Option<Address> {
        if text == "none" {
            return None;
        }
        if let Some((name, rest)) = text.split_once(" <") {
            return Some(Address::new(name, rest.trim_end_matches('>')));
        }
        let known = self.company.people.iter().find(|person| person.alias == text).and_then(address_of);
        let known = known.or_else(|| self.generator.script().sender(text));
        Some(known.unwrap_or_else(|| Address { name: text.to_owned(), address: None }))
    }
}

/// What stands between the body tags.
fn inner(html: &str) -> &str {
    let start = html.find("<body").and_then(|at| html[at..].find('>').map(|end| at + end + 1)).unwrap_or(0);
    let end = html.rfind("</body>").unwrap_or(html.len());
    html.get(start..end).unwrap_or(html)
}

/// `name:bytes`, or `name:bytes:cid` for an inline picture.
fn file(spec: &str) -> super::content::File {
    let mut parts = spec.split(':');
    let name = parts.next().unwrap_or_default();
    let size = parts.next().and_then(|size| size.parse().ok()).unwrap_or(20_000);
    match parts.next() {
        Some(content_id) => files::inline(name, content_id),
        None => files::file(name, size),
    }
}

/// Adds generated messages around the written ones.
fn fill(mailbox: &mut Mailbox, person: &Person, generator: &Generator, now: Timestamp, options: &WorldOptions) {
    let script = generator.script();
    let first = person.alias == script.first;
    let mut dice = Dice::of(SEED, u64::from(mailbox.number), 20);
    let planted = |mailbox: &Mailbox, folder: u16| mailbox.rows.iter().filter(|row| row.folder == folder).count();
    let inbox = mailbox.well_known("inbox").unwrap_or(1);
    let sent = mailbox.well_known("sentitems").unwrap_or(3);
    if let Some(shared) = script.shared.iter().find(|shared| shared.mailbox == person.alias) {
        add(mailbox, generator, now, Lane::Support, 0, shared.messages, inbox, SPAN);
        for row in mailbox.rows.iter_mut().rev().take(shared.unread) {
            row.read = false;
        }
        return;
    }
    if !first {
        let count = 20 + dice.below(21);
        add(mailbox, generator, now, Lane::Inbox, 0, count, inbox, 21);
        add(mailbox, generator, now, Lane::Sent, 0, 8, sent, 21);
        return;
    }
    let wanted = options.mail.unwrap_or(INBOX);
    let written = planted(mailbox, inbox);
    if wanted < written {
        thin(mailbox, inbox, wanted);
    }
    let count = wanted.saturating_sub(written);
    let span = (SPAN * wanted / INBOX).clamp(SPAN, LONGEST);
    add(mailbox, generator, now, Lane::Inbox, 0, count, inbox, span);
    let sent_count = 80_usize.saturating_sub(planted(mailbox, sent));
    add(mailbox, generator, now, Lane::Sent, 0, sent_count, sent, SPAN);
    let from = u32::try_from(count).unwrap_or(0) + 1_000;
    for (step, (folder, count, span)) in
        [("archive", 46, 160), ("deleteditems", 14, 20), ("Fabrikam", 18, 90), ("Northwind", 12, 90), ("Atlas", 24, 60)]
            .into_iter()
            .chain([("Harbour", 9, 60), ("Team folders", 5, 90)])
            .enumerate()
    {
        let folder = mailbox.well_known(folder).or_else(|| mailbox.named(folder));
        let from = from + 200 * u32::try_from(step).unwrap_or(0);
        if let Some(folder) = folder {
            add(mailbox, generator, now - 12.hours(), Lane::Filed, from, count, folder, span);
        }
    }
    if let Some(junk) = mailbox.well_known("junkemail") {
        let count = 11_usize.saturating_sub(planted(mailbox, junk));
        add(mailbox, generator, now, Lane::Junk, 0, count, junk, 25);
    }
}

/// Keeps the newest `wanted` rows of a folder; for mailboxes smaller than what was written.
fn thin(mailbox: &mut Mailbox, folder: u16, wanted: usize) {
    let mut times: Vec<i64> = mailbox.rows.iter().filter(|row| row.folder == folder).map(|row| row.received).collect();
    times.sort_unstable_by_key(|time| std::cmp::Reverse(*time));
    let limit = times.get(wanted).copied().unwrap_or(i64::MIN);
    mailbox.rows.retain(|row| row.folder != folder || row.received > limit);
    // Notes are kept by row number, which has just changed.
    mailbox.notes.clear();
}

#[expect(clippy::too_many_arguments, reason = "eight plain facts about one stretch of mail")]
fn add(
    mailbox: &mut Mailbox,
    generator: &Generator,
    now: Timestamp,
    lane: Lane,
    from: u32,
    count: usize,
    folder: u16,
    span: usize,
) {
    let latest = now - 4.hours();
    let times = spread(latest, &mailbox.zone, count, span, u64::from(folder) + u64::from(mailbox.number));
    let fresh = (now - 100.hours()).as_second();
    mailbox.begin_run(generate::number(lane, from), count);
    // Older rows get smaller numbers, so that two messages of one second still stand in the order of their coming.
    for (index, time) in times.iter().enumerate().rev() {
        let number = generate::number(lane, from + u32::try_from(index).unwrap_or(0));
        let mut row = generator.row(mailbox.number, number, *time, folder);
        let mut dice = Dice::of(SEED, u64::from(number), u64::from(mailbox.number));
        if lane != Lane::Sent {
            row.read = !(lane == Lane::Junk || (row.received > fresh && row.other && dice.chance(30)));
            if matches!(lane, Lane::Inbox | Lane::Filed) && dice.chance(2) {
                row.flag = if dice.chance(60) { Flag::Flagged } else { Flag::Complete };
            }
        }
        let key = mailbox.plant(row);
        if lane == Lane::Inbox && dice.chance(3) {
            let names = &generator.script().lists;
            if let Some(name) = names.get("category").and_then(|list| dice.pick(list)) {
                mailbox.notes.entry(key).or_default().categories.push(name.clone());
            }
        }
    }
}

/// Share of a day's mail that has come by the hour.
const BY_HOUR: [(f64, f64); 9] = [
    (0.0, 0.0),
    (6.5, 0.03),
    (9.0, 0.17),
    (11.0, 0.40),
    (13.5, 0.62),
    (15.0, 0.70),
    (18.0, 0.93),
    (22.0, 0.99),
    (24.0, 1.0),
];

/// `count` times before `latest`, newest first, over `span` days, dense in working hours and thin at weekends.
fn spread(latest: Timestamp, zone: &TimeZone, count: usize, span: usize, salt: u64) -> Vec<Timestamp> {
    let end = latest.to_zoned(zone.clone());
    let today = end.date();
    let hour = f64::from(end.hour()) + f64::from(end.minute()) / 60.0;
    let mut days: Vec<(Date, f64, f64)> = Vec::with_capacity(span);
    let mut total = 0.0;
    for back in 0..span.max(1) {
        let day = today.saturating_sub(i64::try_from(back).unwrap_or(0).days());
        let part = if back == 0 { interpolate(&BY_HOUR, hour) } else { 1.0 };
        let weight = part * if weekend(day) { 0.08 } else { 1.0 };
        days.push((day, part, weight));
        total += weight;
    }
    let mut at = 0;
    let mut before = 0.0;
    (0..count)
        .map(|index| {
            let jitter = Dice::of(SEED, index as u64, salt).fraction();
            let position = (index as f64 + jitter) / count as f64 * total;
            while at + 1 < days.len() && before + days[at].2 < position {
                before += days[at].2;
                at += 1;
            }
            let (day, part, weight) = days[at];
            let into = if weight > 0.0 { ((position - before) / weight).clamp(0.0, 1.0) } else { 0.0 };
            let hours = interpolate(&BY_HOUR.map(|(hour, share)| (share, hour)), part * (1.0 - into));
            let midnight = day.to_zoned(zone.clone()).map_or(latest, |zoned| zoned.timestamp());
            #[expect(clippy::cast_possible_truncation, reason = "a second within one day")]
            let second = (hours * 3_600.0) as i64;
            (midnight + second.seconds()).min(latest)
        })
        .collect()
}

fn interpolate(table: &[(f64, f64)], x: f64) -> f64 {
    for pair in table.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if x <= x1 && x1 > x0 {
            return y0 + (y1 - y0) * ((x - x0) / (x1 - x0)).clamp(0.0, 1.0);
        }
    }
    table.last().map_or(0.0, |(_, y)| *y)
}
