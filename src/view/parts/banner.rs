//! The calm line under the header: offline, or signed out while the cache can be read.

use crate::config::Role;
use crate::domain::sync::Connection;
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::Painter;
use crate::view::parts::words;

pub(in crate::view) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    let zone = painter.context.zone;
    let text = match &store.session.sync.connection {
        Connection::ForcedOffline => "Offline by choice: everything shown is what is kept on this computer.".to_owned(),
        Connection::Offline { since, next_try } => {
            let next = next_try.map_or(String::new(), |at| format!("; next try at {}", words::clock(at, zone)));
            format!("Offline since {}: what is kept on this computer is shown{next}.", words::clock(*since, zone))
        }
        _ => store.session.login_problem().map(|report| report.what.clone()).unwrap_or_default(),
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
