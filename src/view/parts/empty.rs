//! An empty view: what would be here, and the key that gets it.

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
    let y = area.y + area.height / 3;
    if area.height == 0 {
        return;
    }
    let room = area.width.saturating_sub(2);
    let x = area.x + 1 + room.saturating_sub(columns(sentence)) / 2;
    painter.text(x, y, room, sentence, Role::Quiet);
    let keys = command.and_then(|command| store.keymap().keys_of(command, store.focus().context()));
    if let (Some(command), Some(keys)) = (command, keys)
        && y + 1 < area.bottom()
    {
        let keys = config::keys_text(keys);
        let width = columns(&keys) + 1 + columns(command.row().word);
        let x = area.x + 1 + room.saturating_sub(width) / 2;
        let taken = painter.text(x, y + 1, room, &keys, Role::HintKey);
        painter.text(x + taken + 1, y + 1, room, command.row().word, Role::HintWord);
    }
}
