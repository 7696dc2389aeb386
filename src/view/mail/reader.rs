//! The reader: a header block, then the text at a comfortable width, quotes by a bar per depth, links with their numbers.

use crate::base::text;
use crate::config::Role;
use crate::domain::request::Reading;
use crate::domain::styled::{StyledLine, StyledText, TextStyle};
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::mail::reader::{HeadLine, LABEL_WIDTH, WIDEST_TEXT};
use crate::state::store::Store;
use crate::state::surface::{Pane, Surface};
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{avatar, empty, pane, presence, scrollbar, words};
use ratatui::style::{Modifier, Style};

pub(super) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let mail = &store.screens.mail;
    let has_focus = mail.pane() == Pane::Reader && store.layers.is_empty();
    let inside = pane::open(area, "Message", "", has_focus, painter);
    pane::hit(inside, Pane::Reader, painter);
    let Some(reading) = mail.reader.message() else {
        return nothing(store, inside, painter);
    };
    let (_, width) = mail.reader_room(&store.session);
    let column = text_column(inside, width);
    let scroll = mail.reader.scroll();
    let lines = lines_of(store, reading, width);
    for (y, line) in (column.y..column.bottom()).zip(lines.iter().skip(scroll)) {
        draw_line(store, reading, line, Area { y, height: 1, ..column }, painter);
    }
    if let Some(search) = mail.search().filter(|_| mail.list.searched().is_some()) {
        painter.mark(column, &search.sought, false);
    }
    if has_focus {
        painter.cursor(column.x, column.y);
    }
    let bar = Area::new(inside.right().saturating_sub(1), inside.y, 1, inside.height);
    let total = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    scrollbar::draw(bar, u32::try_from(scroll).unwrap_or(u32::MAX), u32::from(inside.height), total, painter);
}

/// The text stands in the middle of a wide pane, else one cell from the left.
fn text_column(inside: Area, width: u16) -> Area {
    let spare = inside.width.saturating_sub(width + 2);
    let offset = if width >= WIDEST_TEXT { 1 + spare / 2 } else { 1 };
    Area { x: inside.x + offset, width, ..inside }
}

fn nothing(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let reader = &store.screens.mail.reader;
    match (reader.problem(), reader.wanted()) {
        (Some(report), _) => empty::draw(store, area, &report.what, Some(CommandId::ShowProblem), painter),
        (None, Some(_)) => {}
        (None, None) => empty::draw(store, area, "A message is read here.", Some(CommandId::Open), painter),
    }
}

/// A line of the reader, head and text alike.
enum Line<'a> {
    Head(HeadLine),
    Text(&'a StyledLine),
    /// A quiet sentence of ours.
    Quiet(String),
    /// A link of the list below the text, by number from 1.
    Link(u16),
    Blank,
}

fn lines_of<'a>(store: &Store, reading: &'a Reading, width: u16) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = store.screens.mail.reader.head(width).into_iter().map(Line::Head).collect();
    let Some(body) = &reading.text else {
        let why = reading.problem.as_ref().map_or("The text is on its way.", |report| report.what.as_str());
        lines.push(Line::Quiet(why.to_owned()));
        return lines;
    };
    lines.extend(body.lines.iter().map(Line::Text));
    if !body.note.is_empty() {
        lines.extend([Line::Blank, Line::Quiet(body.note.clone())]);
    }
    if !body.links.is_empty() {
        lines.push(Line::Blank);
        lines.extend((1..).zip(&body.links).map(|(number, _)| Line::Link(number)));
    }
    lines
}

fn draw_line(store: &Store, reading: &Reading, line: &Line<'_>, area: Area, painter: &mut Painter<'_>) {
    match line {
        Line::Head(head) => draw_head(store, reading, head, area, painter),
        Line::Text(line) => draw_text(line, area, painter),
        Line::Quiet(sentence) => {
            painter.text(area.x, area.y, area.width, sentence, Role::Quiet);
        }
        Line::Link(number) => draw_link(reading.text.as_ref(), *number, area, painter),
        Line::Blank => {}
    }
}

fn draw_head(store: &Store, reading: &Reading, line: &HeadLine, area: Area, painter: &mut Painter<'_>) {
    let message = &reading.message;
    let (x, y, width) = (area.x, area.y, area.width);
    let label_width = u16::try_from(LABEL_WIDTH).unwrap_or(9);
    let mut labelled = |label: &str, value: &str, role: Role| {
        painter.text(x, y, label_width, label, Role::Quiet);
        painter.text(x + label_width, y, width.saturating_sub(label_width), value, role)
    };
    match line {
        HeadLine::Subject => {
            let style = painter.style(Role::Text).add_modifier(Modifier::BOLD);
            let subject = if message.subject.is_empty() { "(no subject)" } else { &message.subject };
            painter.styled(x, y, width, subject, style);
        }
        HeadLine::From => draw_from(store, reading, area, painter),
        HeadLine::Recipients(label, people) => {
            labelled(label, people, Role::Text);
        }
        HeadLine::Date => {
            let wall = crate::state::when::wall(message.received, painter.context.zone);
            let city = words::city(painter.context.zone);
            let date = format!("{}  {city}", wall.strftime("%a %-d %b %Y %H:%M"));
            painter.text(x, y, label_width, "Date", Role::Quiet);
            painter.text(x + label_width, y, width.saturating_sub(label_width), &date, Role::Text);
        }
        HeadLine::Attachments(label, names) => {
            let sign = painter.signs().attachment;
            painter.text(x, y, label_width, label, Role::Quiet);
            let taken = painter.text(x + label_width, y, 1, sign, Role::Accent);
            painter.text(x + label_width + taken + 1, y, width.saturating_sub(label_width + 2), names, Role::Text);
        }
        HeadLine::BlockedImages(count) => {
            let plural = if *count == 1 { "picture" } else { "pictures" };
            let sentence = format!("{count} remote {plural} blocked");
            painter.text(x, y, width, &sentence, Role::Quiet);
        }
        HeadLine::Rule => painter.across(area, painter.signs().horizontal, Role::Line),
        HeadLine::Blank => {}
    }
}

fn draw_from(store: &Store, reading: &Reading, area: Area, painter: &mut Painter<'_>) {
    let Some(from) = &reading.message.from else {
        painter.text(area.x, area.y, area.width, "(no sender)", Role::Quiet);
        return;
    };
    avatar::draw(area.x, area.y, &from.name, &from.address, painter);
    let label_width = u16::try_from(LABEL_WIDTH).unwrap_or(9);
    let is_external = store.session.is_external(&from.address);
    let mark = if is_external { format!("{} EXTERNAL", painter.signs().external) } else { String::new() };
    let right = painter.text_right(area.right(), area.y, columns(&mark), &mark, Role::External);
    let x = area.x + label_width;
    let taken = painter.text(x, area.y, right.saturating_sub(x + 1), from.label(), Role::Text);
    let known = store.session.presences.of_address(&from.address, painter.context.now);
    let mut x = x + taken;
    x += presence::beside(known, x, area.y, painter);
    if !from.name.is_empty() {
        x += 1;
        x += painter.text(x, area.y, right.saturating_sub(x + 1), &format!("<{}>", from.address), Role::Quiet);
    }
    // In words too, where there is room for all of them.
    if let Some(known) = known {
        let said = presence::words_now(known, painter.context.now);
        if x + 2 + columns(&said) < right {
            painter.text(x + 2, area.y, columns(&said), &said, Role::Quiet);
        }
    }
}

fn draw_text(line: &StyledLine, area: Area, painter: &mut Painter<'_>) {
    let mut x = area.x;
    let bar = painter.signs().bar;
    for depth in 1..=line.quote_depth.min(6) {
        painter.text(x, area.y, 1, bar, Role::quote(depth));
        x += 2;
    }
    if line.is_right_to_left {
        let width: usize = line.runs.iter().map(|run| text::width(&run.text)).sum();
        x = area.right().saturating_sub(u16::try_from(width).unwrap_or(area.width)).max(x);
    }
    for run in &line.runs {
        let style = run_style(run.style, line.quote_depth, painter);
        let room = area.right().saturating_sub(x);
        let taken = painter.styled(x, area.y, room, &run.text, style);
        if let Some(number) = run.style.link {
            painter.hit(Area::new(x, area.y, taken, 1), Target::Link(number));
        }
        x += taken;
    }
}

fn run_style(run: TextStyle, quote_depth: u8, painter: &Painter<'_>) -> Style {
    let ground = painter.style(if quote_depth == 0 { Role::Text } else { Role::quote(quote_depth) });
    let role = match run {
        TextStyle { is_heading: true, .. } => Some(Role::Heading),
        TextStyle { link: Some(_), .. } => Some(Role::Link),
        TextStyle { is_code: true, .. } => Some(Role::Code),
        TextStyle { is_quiet: true, .. } => Some(Role::Quiet),
        _ => None,
    };
    let mut style = role.map_or(ground, |role| ground.patch(painter.style(role)));
    if run.link.is_some() {
        style = style.add_modifier(Modifier::UNDERLINED);
    }
    if run.is_bold {
        style = style.add_modifier(Modifier::BOLD);
    }
    if run.is_italic {
        style = style.add_modifier(Modifier::ITALIC);
    }
    if run.is_struck {
        style = style.add_modifier(Modifier::CROSSED_OUT);
    }
    style
}

/// `[1] fabrikam.example  https://fabrikam.example/plan`: the true host first.
fn draw_link(body: Option<&StyledText>, number: u16, area: Area, painter: &mut Painter<'_>) {
    let Some(link) = body.and_then(|body| body.links.get(usize::from(number).saturating_sub(1))) else { return };
    let label = format!("[{number}]");
    let taken = painter.text(area.x, area.y, area.width, &label, Role::Accent);
    let mut x = area.x + taken.max(3) + 1;
    x += painter.text(x, area.y, area.right().saturating_sub(x), &link.host, Role::Text) + 2;
    painter.text(x, area.y, area.right().saturating_sub(x), &link.target, Role::Quiet);
    painter.hit(area, Target::Link(number));
}
