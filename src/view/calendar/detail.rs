//! What is known of the event under the cursor, so that short words in the grid are enough.

use super::cards;
use crate::config::Role;
use crate::domain::event::{Attendee, Event, Response, When};
use crate::state::calendar::when_words;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::view::painter::Painter;
use crate::view::parts::words;
use ratatui::style::Modifier;

pub(super) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let calendar = &store.screens.calendar;
    let Some(event) = calendar.selected() else {
        painter.text(area.x, area.y, area.width, "Nothing on this day.", Role::Quiet);
        return;
    };
    let mut y = area.y;
    let style = painter.style(Role::Text).add_modifier(Modifier::BOLD);
    let bar_style = painter.style(cards::bar_role(event));
    painter.sign(area.x, y, cards::bar(event, painter), bar_style);
    let taken = painter.styled(area.x + 2, y, area.width.saturating_sub(2), &cards::title(event, painter), style);
    let state = state_of(event, painter);
    if !state.is_empty() {
        let x = area.x + 2 + taken + 2;
        painter.text(x, y, area.right().saturating_sub(x), &state, Role::Warning);
    }
    y += 1;
    for (text, role) in lines(event, store, painter) {
        for line in broken(&text, area.width.saturating_sub(2)) {
            if y >= area.bottom() {
                return;
            }
            painter.text(area.x + 2, y, area.width.saturating_sub(2), line, role);
            y += 1;
        }
    }
}

/// What wants attention: cancelled, not answered, about to begin.
fn state_of(event: &Event, painter: &Painter<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    if event.is_cancelled {
        parts.push("cancelled".to_owned());
    } else if event.response == Response::NotResponded {
        parts.push("not answered".to_owned());
    } else if event.response == Response::Declined {
        parts.push("declined".to_owned());
    }
    if let When::Timed(span) = event.when {
        let now = painter.context.now;
        let minutes = span.start.duration_since(now).as_secs() / 60;
        if span.contains(now) {
            parts.push(format!("until {}", words::clock(span.end, painter.context.zone)));
        } else if span.start > now && minutes < 60 {
            parts.push(format!("in {}", words::length(now, span.start)));
        }
    }
    parts.join(", ")
}

fn lines(event: &Event, store: &Store, painter: &Painter<'_>) -> Vec<(String, Role)> {
    let zone = painter.context.zone;
    let dot = painter.signs().dot;
    let mut place = when_words(event, zone);
    if let (Some(second), When::Timed(span)) = (&store.session.second_zone, event.when) {
        place.push_str(&format!("  ({} {})", words::clock(span.start, second), words::city(second)));
    }
    if !event.location.is_empty() {
        place.push_str(&format!("  {dot}  {}", event.location));
    }
    let mut lines = vec![(place, Role::Text)];
    let mut who: Vec<String> = Vec::new();
    if event.is_organizer {
        who.push("you organise".to_owned());
    } else if let Some(organizer) = &event.organizer {
        who.push(format!("from {}", organizer.label()));
    }
    match event.response {
        Response::Accepted => who.push("you accepted".to_owned()),
        Response::Tentative => who.push("you may come".to_owned()),
        _ => {}
    }
    let invited: Vec<&Attendee> = event.attendees.iter().filter(|attendee| !attendee.is_resource).collect();
    if !invited.is_empty() {
        let accepted = invited.iter().filter(|attendee| attendee.response == Response::Accepted).count();
        who.push(format!("{accepted} of {} accepted", invited.len()));
    }
    if event.series.is_some() {
        who.push("repeats".to_owned());
    }
    if event.join_url.is_some() {
        who.push("online meeting".to_owned());
    }
    if !who.is_empty() {
        lines.push((who.join(&format!("  {dot}  ")), Role::Quiet));
    }
    if store.screens.calendar.is_detail_open() {
        lines.extend(
            invited
                .iter()
                .map(|attendee| (format!("{}  {}", answer(attendee, painter), attendee.recipient.label()), Role::Text)),
        );
    }
    if !event.preview.is_empty() {
        lines.push((event.preview.clone(), Role::Quiet));
    }
    lines
}

/// An attendee's answer as a word of fixed width.
fn answer(attendee: &Attendee, _painter: &Painter<'_>) -> &'static str {
    match attendee.response {
        Response::Organizer => "organises ",
        Response::Accepted => "accepted  ",
        Response::Tentative => "maybe     ",
        Response::Declined => "declined  ",
        Response::None | Response::NotResponded if attendee.is_optional => "optional  ",
        Response::None | Response::NotResponded => "no answer ",
    }
}

/// A text broken between words to a width.
pub(in crate::view) fn broken(text: &str, width: u16) -> Vec<&str> {
    let width = usize::from(width.max(1));
    let mut rest = text.trim();
    let mut lines = Vec::new();
    while !rest.is_empty() {
        if crate::base::text::width(rest) <= width {
            lines.push(rest);
            break;
        }
        let fits = crate::base::text::head(rest, width).len();
        let at = rest[..fits].rfind(' ').filter(|at| *at > 0).unwrap_or(fits);
        if at == 0 {
            // A single letter wider than the room: nothing of it can be shown.
            break;
        }
        lines.push(rest[..at].trim_end());
        rest = rest[at..].trim_start();
    }
    lines
}
