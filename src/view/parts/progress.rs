//! Progress as a thin bar with counts.

use crate::config::Role;
use crate::domain::sync::{Area as SyncArea, Progress};
use crate::state::geometry::Area;
use crate::view::painter::{Painter, columns};
use crate::view::parts::words;

/// What is being fetched, for people.
pub(in crate::view) const fn title(area: SyncArea) -> &'static str {
    match area {
        SyncArea::Folders => "Folders",
        SyncArea::Mail => "Mail, newest first",
        SyncArea::OtherFolders => "Other folders",
        SyncArea::Bodies => "Message texts",
        SyncArea::Calendar => "Calendar",
        SyncArea::People => "People",
    }
}

/// A bar of `width` columns.
pub(in crate::view) fn bar(x: u16, y: u16, width: u16, step: &Progress, painter: &mut Painter<'_>) {
    let [done, open] = painter.signs().progress;
    let filled = match step.total {
        Some(total) if total > 0 => {
            let share = u64::from(step.done.min(total)) * u64::from(width) / u64::from(total);
            u16::try_from(share).unwrap_or(width)
        }
        _ => 0,
    };
    painter.across(Area::new(x, y, filled, 1), done, Role::Accent);
    painter.across(Area::new(x + filled, y, width - filled, 1), open, Role::Line);
}

/// What is done of what, as words.
fn counts(step: &Progress) -> String {
    match step.total {
        Some(total) => format!("{} of {}", words::count(step.done), words::count(total)),
        None if step.done > 0 => words::count(step.done),
        None => String::new(),
    }
}

/// A status line of so many columns has room for the time that is left, beside what happened.
const ROOMY: u16 = 100;

/// Counts and the time left, as far as either is known.
pub(super) fn counts_and_time(step: &Progress, is_roomy: bool) -> String {
    let words = [Some(counts(step)).filter(|counts| !counts.is_empty()), step.words_left().filter(|_| is_roomy)];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A small bar at the right end of the status line; returns the column where it begins.
pub(super) fn at_right(step: &Progress, area: Area, painter: &mut Painter<'_>) -> u16 {
    let counts = counts_and_time(step, area.width >= ROOMY);
    let title = title(step.area);
    let width = if step.total.is_some() { 12 } else { 0 };
    let right = area.right().saturating_sub(1);
    let x = painter.text_right(right, area.y, area.width, &counts, Role::Quiet);
    let x = x.saturating_sub(if width > 0 { width + 2 } else { 0 });
    bar(x, area.y, width, step, painter);
    painter.text_right(x.saturating_sub(2), area.y, columns(title), title, Role::Quiet)
}
