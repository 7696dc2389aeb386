//! What the grid means in words: the proposed time and whom it hurts, what the person under the cursor has then, the signs.

use super::chart::first_name;
use super::{Row, word};
use crate::config::Role;
use crate::domain::freebusy::{Availability, Block, Cell, Schedule};
use crate::domain::time::{Span, duration_words};
use crate::state::away::status_word;
use crate::state::find_time::FindTime;
use crate::state::geometry::Area;
use crate::state::when;
use crate::view::painter::Painter;
use crate::view::parts::{ribbon, words};

/// Blocks that are told in words; more do not fit a line.
const MOST_BLOCKS: usize = 3;

pub(super) fn draw(view: &FindTime, people: &[Row<'_>], area: Area, painter: &mut Painter<'_>) {
    let Some(slot) = view.slot() else { return };
    let line = |row: u16| Area { x: area.x + 3, y: area.y + row, width: area.width.saturating_sub(4), height: 1 };
    let mut lines = vec![(of_slot(view, people, slot, painter), Role::Text)];
    if area.height > 1
        && let Some(person) = people.iter().find(|each| view.selected() == Some(each.participant))
    {
        lines.push((of_person(person, slot, painter), Role::Quiet));
    }
    let legend = u16::try_from(lines.len()).unwrap_or(0);
    for (row, (sentence, role)) in (0..area.height).zip(lines) {
        let line = line(row);
        painter.text(line.x, line.y, line.width, &sentence, role);
    }
    if area.height > legend {
        let entries = [
            (Cell::Free, "free"),
            (Cell::Busy, "busy"),
            (Cell::Tentative, "maybe"),
            (Cell::OutOfOffice, "away"),
            (Cell::Elsewhere, "elsewhere"),
            (Cell::OffHours, "off hours"),
            (Cell::Unknown, "not known"),
        ];
        ribbon::legend(line(legend), &entries, painter);
    }
}

/// The proposed time, how many of the required are free, and whom it hurts.
fn of_slot(view: &FindTime, people: &[Row<'_>], slot: Span, painter: &Painter<'_>) -> String {
    let required: Vec<&Row<'_>> = people.iter().filter(|each| each.participant.is_required).collect();
    let free = required.iter().filter(|each| each.over(slot).is_free()).count();
    let zone = painter.context.zone;
    let day = when::date(slot.start, zone).strftime("%a %-d %b").to_string();
    let mut sentence = format!(
        "{}{day} {}{}{}: {free} of {} free",
        if view.mark().is_some() { "Marking " } else { "" },
        words::clock(slot.start, zone),
        painter.signs().dash,
        words::clock(slot.end, zone),
        required.len()
    );
    let others: Vec<String> = people
        .iter()
        .map(|each| (each.participant, each.over(slot)))
        .filter(|(_, cell)| !cell.is_free())
        .map(|(each, cell)| format!("{} {}", first_name(each), word(cell)))
        .collect();
    if !others.is_empty() {
        sentence.push_str("; ");
        sentence.push_str(&others.join(", "));
    }
    sentence.push('.');
    if let Some(choice) = view.room_choice() {
        match view.free_room(slot) {
            Some(room) => sentence.push_str(&format!(" {} is free.", room.name)),
            None if choice.rooms.len() == 1 => sentence.push_str(" The room is not free."),
            None => sentence.push_str(" No room is free."),
        }
    }
    sentence
}

/// What the person under the cursor has at the proposed time, where they are, and how old that is.
fn of_person(person: &Row<'_>, slot: Span, painter: &Painter<'_>) -> String {
    let zone = painter.context.zone;
    let label = person.participant.recipient.label();
    let Some(schedule) = person.schedule else { return format!("{label}: nothing is known yet.") };
    let mut said = match &schedule.blocks {
        Err(error) => {
            let code = error.service.split(' ').next().unwrap_or_default();
            let code = if code.is_empty() { String::new() } else { format!(" ({code})") };
            format!("{label}: {}{code} {}", error.message.trim_end_matches('.'), error.remedy)
        }
        Ok(blocks) => {
            let there = schedule.working_hours.as_ref().map(|hours| &hours.zone).filter(|there| there.rules.is_some());
            let there = there.map_or_else(String::new, |there| {
                format!(" ({} {})", words::city(there), words::clock(slot.start, there))
            });
            format!("{label}{there}: {}.", state(person, schedule, blocks, slot, painter))
        }
    };
    said.push_str(&format!(" As of {}.", words::clock(schedule.as_of, zone)));
    said
}

fn state(person: &Row<'_>, schedule: &Schedule, blocks: &[Block], slot: Span, painter: &Painter<'_>) -> String {
    let zone = painter.context.zone;
    let is_taken = |block: &&Block| block.status != Some(Availability::Free);
    let touching: Vec<String> = blocks
        .iter()
        .filter(is_taken)
        .filter(|block| block.span.overlaps(&slot))
        .take(MOST_BLOCKS)
        .map(|block| of_block(block, painter))
        .collect();
    let mut parts = touching;
    let cell = person.over(slot);
    if cell == Cell::OffHours
        && let Some(hours) = &schedule.working_hours
    {
        let clock = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
        parts.push(format!("off hours; works {}{}{}", clock(hours.start), painter.signs().dash, clock(hours.end)));
    } else if parts.is_empty() {
        let next =
            blocks.iter().filter(is_taken).map(|block| block.span.start).filter(|start| *start >= slot.end).min();
        let day = when::date(slot.start, zone);
        parts.push(match next.filter(|next| when::date(*next, zone) == day) {
            Some(next) if cell.is_free() => {
                let length = duration_words(next.duration_since(slot.start));
                format!("{} until {}, {length}", word(cell), words::clock(next, zone))
            }
            None if cell.is_free() => format!("{} for the rest of the day", word(cell)),
            _ => word(cell).to_owned(),
        });
    }
    parts.join("; ")
}

/// "busy 10:00–11:00, Budget review, Room 4".
fn of_block(block: &Block, painter: &Painter<'_>) -> String {
    let zone = painter.context.zone;
    let word = block.status.and_then(status_word).unwrap_or("not known");
    let clock = |at| {
        let is_here = when::date(at, zone) == when::date(block.span.start, zone);
        let day = if is_here { String::new() } else { format!("{} ", when::date(at, zone).strftime("%a")) };
        format!("{day}{}", words::clock(at, zone))
    };
    let mut said = format!("{word} {}{}{}", clock(block.span.start), painter.signs().dash, clock(block.span.end));
    let known = [&block.subject, &block.location].into_iter().flatten().filter(|text| !text.is_empty());
    for text in known {
        said.push_str(", ");
        said.push_str(text);
    }
    if block.is_private {
        said.push_str(", private");
    }
    said
}
