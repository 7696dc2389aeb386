//! An empty view: what would be here, and the key that gets it.

use crate::base::text::wrap;
use crate::config::{self, Role};
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::view::painter::{Painter, columns};

/// Says `sentence` in the upper third of an area, and under it the key of a command that helps.
pub(in crate::view) fn draw(
    store: &Store,
    area: Area,
    sentence: &str,
    command: Option<CommandId>,
    painter: &mut Painter<'_>,
) {
    let mut y = area.y + area.height / 3;
    let room = area.width.saturating_sub(2);
    for line in wrap(sentence, usize::from(room)) {
        if y >= area.bottom() {
            return;
        }
        let x = area.x + 1 + room.saturating_sub(columns(&line)) / 2;
        painter.text(x, y, room, &line, Role::Quiet);
        y += 1;
    }
    let keys = command.and_then(|command| store.keymap().keys_of(command, store.focus().context()));
    if let (Some(command), Some(keys)) = (command, keys)
        && y < area.bottom()
    {
        let keys = config::keys_text(keys);
        let width = columns(&keys) + 1 + columns(command.row().word);
        let x = area.x + 1 + room.saturating_sub(width) / 2;
        let taken = painter.text(x, y, room, &keys, Role::HintKey);
        painter.text(x + taken + 1, y, room, command.row().word, Role::HintWord);
    }
}
