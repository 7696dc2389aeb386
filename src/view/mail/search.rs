//! The search line above the list, and what is to be said of the search below it.

use crate::config::Role;
use crate::domain::request::ServiceSearch;
use crate::state::geometry::Area;
use crate::state::mail::completing::Offer;
use crate::state::mail::search::{LINES, Purpose, Reach, SearchLine, Summary};
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{field, overlay, who, words};

/// What can be typed, while nothing is.
const LANGUAGE: &str = "from: to: subject: in: is:unread has:attachment after:7d \"phrase\" -not OR";
/// The same where there is little room; help tells the rest.
const LANGUAGE_IN_SHORT: &str = "from: in: is:unread after:7d \"a b\" -c";
const DATES: &str = "2026-03-14, 2026-03, 2026, yesterday, 7d";

/// Draws the lines of a search; returns the area left for the list.
pub(super) fn draw(store: &Store, search: &SearchLine, area: Area, painter: &mut Painter<'_>) -> Area {
    let (top, rest) = area.split_top(LINES);
    let is_on_top = store.layers.is_empty();
    let reach = reach_words(store, search);
    let reach_width = if top.width > 40 { columns(&reach) } else { 0 };
    let sign = if search.purpose == Purpose::Date { "Go to" } else { "/" };
    let taken = painter.text(top.x + 1, top.y, 6, sign, Role::Accent) + 2;
    let width = top.width.saturating_sub(taken + reach_width + 3);
    let hint = if search.purpose == Purpose::Date { "a date" } else { "Type what to look for" };
    field::draw(top.x + taken, top.y, width, &search.line, hint, search.is_typing && is_on_top, painter);
    if reach_width > 0 {
        painter.text_right(top.right().saturating_sub(1), top.y, reach_width, &reach, Role::Quiet);
    }
    let room = top.width.saturating_sub(2);
    match (&search.problem, &search.summary) {
        (Some(report), _) => {
            let sentence = match report.next.first() {
                Some(next) => format!("{} {next}", report.what),
                None => report.what.clone(),
            };
            painter.text(top.x + 1, top.y + 1, room, &sentence, Role::Warning);
        }
        (None, Some(summary)) => {
            let is_waiting = store.screens.mail.list.is_asking() && search.reach == Reach::Service;
            let marked = u32::try_from(store.screens.mail.marks.count()).unwrap_or(u32::MAX);
            painter.text(top.x + 1, top.y + 1, room, &summary_words(summary, marked, is_waiting), Role::Quiet);
        }
        (None, None) => {
            let known = match search.purpose {
                Purpose::Date => DATES,
                Purpose::Words if columns(LANGUAGE) <= room => LANGUAGE,
                Purpose::Words => LANGUAGE_IN_SHORT,
            };
            painter.text(top.x + 1, top.y + 1, room, known, Role::Quiet);
        }
    }
    rest
}

/// What is offered for the word that is typed, over the list of the pane in `area`.
pub(super) fn draw_offers(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let mail = &store.screens.mail;
    let offers = mail.offers(&store.session);
    let (Some(search), false) = (mail.search(), offers.is_empty() || !store.layers.is_empty()) else { return };
    let body = store.session.screen().body;
    let y = area.y + 1 + LINES;
    let height = u16::try_from(offers.len()).unwrap_or(u16::MAX).saturating_add(2).min(body.bottom().saturating_sub(y));
    if height < 3 {
        return;
    }
    let width = body.right().saturating_sub(area.x + 2).min(58);
    let inside = overlay::open(Area { x: area.x + 1, y, width, height }, "Search for", "tab takes", painter);
    for (y, (at, offer)) in (inside.y..inside.bottom()).zip(offers.iter().enumerate()) {
        let row = Area { y, height: 1, ..inside };
        match offer {
            Offer::Person(person) => who::draw(person, &store.session, row, painter),
            Offer::Words { shown, note, .. } => {
                let half = (row.width / 2).min(24);
                painter.text(row.x + 1, y, half.saturating_sub(2), shown, Role::Text);
                painter.text(row.x + half, y, row.width.saturating_sub(half), note, Role::Quiet);
            }
        }
        painter.hit(row, Target::Entry(at));
        if at == search.offer {
            painter.select(row);
        }
    }
}

/// Where it looks.
fn reach_words(store: &Store, search: &SearchLine) -> String {
    if search.purpose == Purpose::Date {
        return String::new();
    }
    match search.reach {
        Reach::Folder => {
            let folder = search.before.folder().and_then(|id| store.session.folder(id));
            folder.map_or_else(|| "this folder".to_owned(), |folder| folder.name.clone())
        }
        Reach::Everywhere => "all folders".to_owned(),
        Reach::Service => "all folders, service".to_owned(),
    }
}

/// How many there are, as far as that is known; where `marked` of them are selected, there are so many.
fn summary_words(summary: &Summary, marked: u32, is_waiting: bool) -> String {
    let at_least = if summary.is_counted { summary.at_least } else { summary.at_least.max(marked) };
    let count = words::count(at_least);
    let mut all = match (at_least, summary.is_counted) {
        (0, _) => "Nothing found".to_owned(),
        (1, true) => "1 hit".to_owned(),
        (_, true) => format!("{count} hits"),
        (_, false) => format!("at least {count} hits"),
    };
    match &summary.service {
        _ if is_waiting => all.push_str("; the service is being asked"),
        ServiceSearch::NotAsked => {}
        ServiceSearch::Done { found, is_cut: false } => {
            all.push_str(&format!("; the service knows {}", words::count(*found)))
        }
        ServiceSearch::Done { found, is_cut: true } => {
            all.push_str(&format!("; the service tells {} and knows more", words::count(*found)));
        }
        ServiceSearch::Failed(report) => all.push_str(&format!("; {}", report.what)),
    }
    match summary.waiting {
        0 => {}
        1 => all.push_str("; 1 message is not searchable yet"),
        many => all.push_str(&format!("; {} messages are not searchable yet", words::count(many))),
    }
    all
}
