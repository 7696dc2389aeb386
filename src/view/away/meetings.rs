//! My meetings with people who are away then: when, what, who, and how we know.

use crate::config::Role;
use crate::domain::presence::{AwayFrom, AwayMeeting, AwaySource};
use crate::state::away::Away;
use crate::state::geometry::Area;
use crate::state::target::Target;
use crate::view::painter::Painter;
use crate::view::parts::{pane, words};

pub(super) fn draw(view: &Away, is_service: bool, area: Area, has_focus: bool, painter: &mut Painter<'_>) {
    let meetings = view.meetings();
    // Nothing is a service's own: it reads the calendar of a mailbox.
    let title = if is_service { "Meetings they miss" } else { "Your meetings they miss" };
    let inside = pane::open(area, title, &meetings.len().to_string(), has_focus, painter);
    let chosen = view.meeting_at();
    let rows = usize::from(inside.height);
    let first = chosen.unwrap_or(0).saturating_sub(rows.saturating_sub(1));
    for (y, (at, meeting)) in (inside.y..inside.bottom()).zip(meetings.iter().enumerate().skip(first)) {
        let row = Area { y, height: 1, ..inside };
        draw_row(meeting, row, painter);
        painter.hit(row, Target::Event(meeting.event.clone()));
        if chosen == Some(at) {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            if has_focus {
                painter.cursor(row.x, y);
            }
        }
    }
}

fn draw_row(meeting: &AwayMeeting, row: Area, painter: &mut Painter<'_>) {
    // A weekday with its number is one day only in the weeks the board shows.
    let day = meeting.date.strftime("%a %d").to_string();
    let time = meeting.span.map_or("all day".to_owned(), |span| words::clock(span.start, painter.context.zone));
    painter.text(row.x + 2, row.y, 14, &format!("{day} {time}"), Role::Text);
    let x = row.x + 17;
    let room = row.right().saturating_sub(x + 1);
    let who: Vec<String> = meeting.away.iter().map(told).collect();
    let who = who.join(", ");
    let subject = if meeting.subject.is_empty() { "(no subject)" } else { &meeting.subject };
    let taken = painter.text(x, row.y, room / 2, subject, Role::Text);
    painter.text(x + taken + 2, row.y, room.saturating_sub(taken + 2), &who, Role::Quiet);
}

/// "Eva Novak (reply, calendar)".
fn told(away: &AwayFrom) -> String {
    let sources: Vec<&str> = away
        .sources
        .iter()
        .map(|source| match source {
            AwaySource::AutomaticReply => "reply",
            AwaySource::Presence => "presence",
            AwaySource::Calendar => "calendar",
        })
        .collect();
    let role = if away.is_organizer { ", organises it" } else { "" };
    format!("{} ({}{role})", away.name, sources.join(", "))
}
