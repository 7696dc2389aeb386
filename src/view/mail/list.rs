//! The message list: one line a message where there is room, else two; a quiet separator between days.

use crate::base::text;
use crate::config::Role;
use crate::domain::account::Feature;
use crate::domain::mail::{Importance, Message, MessageRow};
use crate::domain::presence::Presence;
use crate::domain::query::{Field, Sought};
use crate::state::geometry::Area;
use crate::state::mail::list::{ListLine, Room};
use crate::state::mail::search::SearchLine;
use crate::state::session::Session;
use crate::state::store::Store;
use crate::state::surface::{Pane, Surface};
use crate::state::target::Target;
use crate::state::when;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{empty, pane, presence, scrollbar, words};
use ratatui::style::Modifier;

pub(super) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let mail = &store.screens.mail;
    let has_focus = mail.pane() == Pane::List && store.layers.is_empty();
    let folder = mail.list.folder().and_then(|id| store.session.folder(id));
    let title = folder.map_or("Messages", |folder| folder.name.as_str());
    let note = folder.map_or(String::new(), |folder| {
        let unread =
            if folder.unread > 0 { format!("{} unread of ", words::count(folder.unread)) } else { String::new() };
        format!("{unread}{}", words::count(folder.total))
    });
    let searched = mail.list.searched();
    let (title, note) = match searched {
        // How many are selected has to be seen; where they lie stands in the line below.
        Some(_) if mail.marks.is_any() => ("Hits".to_owned(), String::new()),
        Some(searched) if searched.folder.is_none() => ("Hits in all folders".to_owned(), String::new()),
        Some(_) => (format!("Hits in {title}"), String::new()),
        None => (title.to_owned(), note),
    };
    let marked = words::count(u32::try_from(mail.marks.count()).unwrap_or(u32::MAX));
    let note = match (mail.marks.is_any(), mail.marks.is_counted()) {
        (true, true) => format!("{marked} selected"),
        (true, false) => format!("at least {marked} selected"),
        (false, _) => note,
    };
    let mut inside = pane::open(area, &title, &note, has_focus, painter);
    pane::hit(inside, Pane::List, painter);
    if let Some(search) = mail.search() {
        inside = super::search::draw(store, search, inside, painter);
    }
    if mail.list.rows().is_empty() && searched.is_some() {
        return;
    }
    if mail.list.rows().is_empty() {
        return nothing(store, inside, painter);
    }
    let room = mail.room(&store.session);
    let today = when::date(painter.context.now, painter.context.zone);
    let mut y = inside.y;
    let mut shown = 0;
    let text = Area { width: inside.width.saturating_sub(1), ..inside };
    for line in mail.list.lines(painter.context.zone, room) {
        match line {
            ListLine::Day(date) => {
                painter.text(text.x + 2, y, text.width, &words::day(date, today), Role::Quiet);
                y += 1;
            }
            ListLine::Row(index) => {
                let row = &mail.list.rows()[index];
                let row_area = Area { y, height: room.row_lines, ..text };
                match mail.search().filter(|_| searched.is_some()) {
                    Some(search) => draw_hit(store, search, row, row_area, room, painter),
                    None if room.row_lines == 1 => {
                        let columns = Columns::of(row_area.width, 18);
                        let known = of_sender(&row.message, &store.session, painter);
                        row_one_line(&row.message, known, row_area, &columns, room.has_days(), painter);
                    }
                    None => {
                        let known = of_sender(&row.message, &store.session, painter);
                        row_two_lines(&row.message, known, row_area, room.has_days(), painter);
                    }
                }
                finish_row(store, row, row_area, has_focus, painter);
                y += room.row_lines;
                shown += 1;
            }
        }
    }
    if mail.list.at_oldest() && y < inside.bottom() {
        below_oldest(store, Area { y, height: inside.bottom() - y, ..text }, painter);
    }
    let (above, total) = mail.list.place();
    let bar = Area::new(inside.right().saturating_sub(1), inside.y, 1, inside.height);
    scrollbar::draw(bar, above, shown, total, painter);
}

/// A hit: the words where they stand, from the text too; where it lies, if it may lie elsewhere; and whether only the service found
/// it.
fn draw_hit(store: &Store, search: &SearchLine, row: &MessageRow, area: Area, room: Room, painter: &mut Painter<'_>) {
    let beside = search.beside(&row.message.id);
    let mut shown = row.message.clone();
    if let Some(extract) = beside.and_then(|beside| beside.extract.as_ref()) {
        shown.preview.clone_from(extract);
    }
    let mut place = Vec::new();
    if search.before.folder() != Some(&shown.folder) {
        place.extend(store.session.folder(&shown.folder).map(|folder| folder.name.as_str()));
    }
    if beside.is_some_and(|beside| beside.is_from_service) {
        place.push("service");
    }
    if !place.is_empty() {
        shown.subject = format!("[{}] {}", place.join(", "), shown.subject);
    }
    let known = of_sender(&shown, &store.session, painter);
    let (people, rest) = if room.row_lines == 1 {
        let columns = Columns::of(area.width, 18);
        row_one_line(&shown, known, area, &columns, room.has_days(), painter);
        area.split_left(6 + columns.sender)
    } else {
        if beside.is_some_and(|beside| beside.extract.is_some()) {
            shown.subject = format!("{}  {}", shown.subject, shown.preview);
        }
        row_two_lines(&shown, known, area, room.has_days(), painter);
        area.split_top(1)
    };
    let fits = |fields: &[Field]| -> Vec<Sought> {
        search.sought.iter().filter(|sought| fields.contains(&sought.field)).cloned().collect()
    };
    let (in_people, in_text) =
        (fits(&[Field::Anywhere, Field::From]), fits(&[Field::Anywhere, Field::Subject, Field::Body]));
    painter.mark(people, &in_people, true);
    painter.mark(rest, &in_text, false);
}

fn finish_row(store: &Store, row: &MessageRow, area: Area, has_focus: bool, painter: &mut Painter<'_>) {
    let is_selected = store.screens.mail.list.selected().is_some_and(|selected| selected.key == row.key);
    if is_selected {
        mark_selected(area, has_focus, painter);
    }
    if store.screens.mail.is_marked(row) {
        let role = if is_selected && has_focus { Role::Selection } else { Role::Accent };
        painter.text(area.x + 1, area.y, 1, painter.signs().marked, role);
    }
    painter.hit(area, Target::Message(row.key));
}

/// The chosen row: with the focus a ground and a sign, without it the sign alone.
pub(super) fn mark_selected(area: Area, has_focus: bool, painter: &mut Painter<'_>) {
    let sign = painter.signs().cursor;
    if has_focus {
        painter.select(area);
        painter.sign(area.x, area.y, sign, painter.style(Role::Selection));
        painter.cursor(area.x, area.y);
    } else {
        painter.sign(area.x, area.y, sign, painter.style(Role::Accent));
    }
}

fn nothing(store: &Store, area: Area, painter: &mut Painter<'_>) {
    use crate::state::command::CommandId;
    let list = &store.screens.mail.list;
    if let Some(report) = store.session.closed(Feature::Mail) {
        return empty::draw(store, area, &report.what, Some(CommandId::ShowProblem), painter);
    }
    match (list.problem(), list.is_loaded()) {
        (Some(report), _) => empty::draw(store, area, &report.what, Some(CommandId::ShowProblem), painter),
        (None, true) if !store.session.sync.progress.is_empty() => {
            empty::draw(store, area, "Messages are on their way.", None, painter);
        }
        (None, true) => empty::draw(store, area, "No messages here yet.", Some(CommandId::Fetch), painter),
        (None, false) => shape_of_rows(area, painter),
    }
}

/// The shape of what comes, the first time.
fn shape_of_rows(area: Area, painter: &mut Painter<'_>) {
    for y in (area.y + 1..area.bottom()).step_by(2).take(8) {
        let width = area.width / 3;
        painter.across(Area::new(area.x + 2, y, width, 1), painter.signs().horizontal, Role::Line);
    }
}

/// Below the oldest message that is here: whether more exist on the server.
fn below_oldest(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let list = &store.screens.mail.list;
    let folder = list.folder().and_then(|id| store.session.folder(id));
    let more = folder.map_or(0, |folder| folder.total.saturating_sub(folder.cached));
    if more > 0 && !store.session.sync.progress.is_empty() {
        painter.text(area.x + 2, area.y, area.width, "Older messages are still arriving.", Role::Quiet);
    }
}

/// The columns of a list with one line a message.
pub(in crate::view) struct Columns {
    sender: u16,
    time: u16,
}

impl Columns {
    /// Columns for a width; the sender takes at least `sender`.
    pub(in crate::view) fn of(width: u16, sender: u16) -> Self {
        Self { sender: (width / 4).clamp(sender, 26), time: 9 }
    }
}

/// The presence of whom a message is from, as far as it is known.
pub(in crate::view) fn of_sender<'a>(
    message: &Message,
    session: &'a Session,
    painter: &Painter<'_>,
) -> Option<&'a Presence> {
    session.presences.of_address(&message.from.as_ref()?.address, painter.context.now)
}

/// Cursor, unread dot, marks, sender with their presence, subject with a quiet preview, time.
pub(in crate::view) fn row_one_line(
    message: &Message,
    known: Option<&Presence>,
    area: Area,
    columns: &Columns,
    has_days: bool,
    painter: &mut Painter<'_>,
) {
    let y = area.y;
    let right = draw_time(message, area, columns.time, has_days, painter);
    draw_signs(message, area.x + 2, y, painter);
    let x = area.x + 6;
    let style = weight(message, painter);
    draw_sender(message, known, Area { x, width: columns.sender, ..area }, painter);
    let x = x + columns.sender + 2;
    let room = right.saturating_sub(x + 1);
    let taken = painter.styled(x, y, room, subject(message), style);
    let x = x + taken + 2;
    if right > x + 12 {
        painter.text(x, y, right.saturating_sub(x + 1), &message.preview, Role::Quiet);
    }
}

fn row_two_lines(message: &Message, known: Option<&Presence>, area: Area, has_days: bool, painter: &mut Painter<'_>) {
    let right = draw_time(message, area, 9, has_days, painter);
    draw_signs(message, area.x + 2, area.y, painter);
    let x = area.x + 6;
    draw_sender(message, known, Area { x, width: right.saturating_sub(x + 1), ..area }, painter);
    let role = if message.is_read { Role::Quiet } else { Role::Text };
    painter.text(x, area.y + 1, area.right().saturating_sub(x + 1), subject(message), role);
}

/// The name, which gives way to the dot behind it.
fn draw_sender(message: &Message, known: Option<&Presence>, area: Area, painter: &mut Painter<'_>) {
    let style = weight(message, painter);
    let room = area.width.saturating_sub(if known.is_some() { 2 } else { 0 });
    let taken = painter.styled(area.x, area.y, room, sender(message), style);
    presence::beside(known, area.x + taken, area.y, painter);
}

/// Draws the time at the right; returns the column where it begins.
fn draw_time(message: &Message, area: Area, width: u16, has_days: bool, painter: &mut Painter<'_>) -> u16 {
    let (now, zone) = (painter.context.now, painter.context.zone);
    let time = match has_days {
        true => words::clock(message.received, zone),
        false => words::moment(message.received, now, zone),
    };
    let right = area.right().saturating_sub(1);
    let role = if message.is_read { Role::Quiet } else { Role::Text };
    painter.text_right(right, area.y, width, &time, role);
    right.saturating_sub(columns(&time).max(if has_days { 5 } else { 9 }))
}

/// Three columns: the unread dot, then flag or importance, then what it is or has.
fn draw_signs(message: &Message, x: u16, y: u16, painter: &mut Painter<'_>) {
    let signs = painter.signs();
    if !message.is_read {
        painter.text(x, y, 1, signs.unread, Role::Unread);
    }
    if message.is_flagged {
        painter.text(x + 1, y, 1, signs.flagged, Role::Flagged);
    } else if message.importance == Importance::High {
        painter.text(x + 1, y, 1, signs.important, Role::Warning);
    }
    if message.meeting.is_some() {
        painter.text(x + 2, y, 1, signs.invitation, Role::Accent);
    } else if message.is_draft {
        painter.text(x + 2, y, 1, signs.draft, Role::Quiet);
    } else if message.has_attachments {
        painter.text(x + 2, y, 1, signs.attachment, Role::Quiet);
    }
}

fn weight(message: &Message, painter: &Painter<'_>) -> ratatui::style::Style {
    let style = painter.style(Role::Text);
    if message.is_read { style } else { style.add_modifier(Modifier::BOLD) }
}

/// Who it is from; for drafts without a sender, whom it is for.
fn sender(message: &Message) -> &str {
    match &message.from {
        Some(from) => from.label(),
        None => message.to.first().map_or("(no recipient)", |to| to.label()),
    }
}

fn subject(message: &Message) -> &str {
    if text::width(&message.subject) == 0 { "(no subject)" } else { &message.subject }
}
