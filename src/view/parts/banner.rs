//! What stands under the header: that we are offline, or signed out while the cache can be read, or how far the first sync is.

use crate::base::report::Report;
use crate::config::Role;
use crate::domain::sync::Connection;
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::own;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{progress, words};

/// Columns of the key that tells the rest, with the air around it.
const EXPLAIN: u16 = 14;

pub(in crate::view) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    if store.session.is_first_sync() && !store.session.is_offline() && store.session.login_problem().is_none() {
        return first_sync(store, area, painter);
    }
    let zone = painter.context.zone;
    let text = match &store.session.sync.connection {
        Connection::ForcedOffline => "Offline by choice: everything shown is what is kept on this computer.".to_owned(),
        Connection::Offline { since, next_try } => {
            let next = next_try.map_or(String::new(), |at| format!("; next try at {}", words::clock(at, zone)));
            format!("Offline since {}: what is kept on this computer is shown{next}.", words::clock(*since, zone))
        }
        _ if store.session.login_problem().is_none() => return replies(store, area, painter),
        _ => store.session.login_problem().map(|report| in_short(report, area.width)).unwrap_or_default(),
    };
    let taken = painter.text(area.x + 1, area.y, area.width.saturating_sub(2), &text, Role::Warning);
    if let (Some(_), Some(keys)) =
        (store.session.login_problem(), store.keymap().keys_of(CommandId::ShowProblem, store.focus().context()))
    {
        let hint = crate::config::keys_text(keys);
        let x = area.x + taken + 3;
        let used = painter.text(x, area.y, area.right().saturating_sub(x), &hint, Role::HintKey);
        painter.text(x + used + 1, area.y, area.right().saturating_sub(x + used + 1), "explain", Role::HintWord);
    }
    painter.hit(area, Target::Command(CommandId::ShowProblem));
}

/// That automatic replies go out, or will, and the key that changes it.
fn replies(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let known = store.session.me.as_ref().and_then(|me| me.replies.as_ref());
    let (now, zone) = (painter.context.now, painter.context.zone);
    let Some(line) = known.and_then(|known| own::words::replies_line(known, now, zone)) else { return };
    let taken = painter.text(area.x + 1, area.y, area.width.saturating_sub(2), &line, Role::Away);
    if let Some(keys) = store.keymap().keys_of(CommandId::OwnReplies, store.focus().context()) {
        let x = area.x + taken + 3;
        let used =
            painter.text(x, area.y, area.right().saturating_sub(x), &crate::config::keys_text(keys), Role::HintKey);
        painter.text(x + used + 1, area.y, area.right().saturating_sub(x + used + 1), "change", Role::HintWord);
    }
    painter.hit(area, Target::Command(CommandId::OwnReplies));
}

/// What happened, and why where there is room for both and for the key that tells the rest.
fn in_short(report: &Report, width: u16) -> String {
    let both = format!("{} {}", report.what, report.why);
    let fits = columns(&both) + EXPLAIN <= width;
    if report.why.is_empty() || !fits { report.what.clone() } else { both }
}

/// A bar for each area, newest data first; everything is usable meanwhile.
fn first_sync(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let (head, rest) = area.split_top(1);
    let sentence = "First sync, newest first. All is usable meanwhile; you may quit, it resumes.";
    painter.text(head.x + 1, head.y, head.width.saturating_sub(2), sentence, Role::Quiet);
    // What stands before the bar, and the longest counts with the time left behind it.
    let bar_width = area.width.saturating_sub(24 + 36).clamp(12, 40);
    for (y, step) in (rest.y..rest.bottom()).zip(&store.session.sync.progress) {
        painter.text(rest.x + 1, y, 20, progress::title(step.area), Role::Text);
        let x = rest.x + 22;
        progress::bar(x, y, bar_width, step, painter);
        let x = x + bar_width + 2;
        let words = progress::counts_and_time(step, true);
        painter.text(x, y, rest.right().saturating_sub(x + 1), &words, Role::Quiet);
    }
}
