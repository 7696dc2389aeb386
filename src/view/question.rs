//! A question before something that cannot be taken back.

use crate::base::text::wrap;
use crate::config::{self, Role};
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::keys::KeyContext;
use crate::state::question::Question;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::Painter;
use crate::view::parts::overlay;

pub(super) fn draw(question: &Question, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let width = body.width.saturating_sub(4).min(68);
    let room = usize::from(width.saturating_sub(4));
    let lines: Vec<String> = question.sentences.iter().flat_map(|sentence| wrap(sentence, room)).collect();
    let needed = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(5);
    let inside = overlay::open(body.centred(width, needed.min(body.height)), &question.title, "", painter);
    let (text, choices) = inside.split_bottom(3);
    for (y, line) in (text.y..text.bottom()).zip(&lines) {
        painter.text(text.x, y, text.width, line, Role::Text);
    }
    let answers = [(CommandId::Close, question.no, false), (CommandId::QuestionYes, question.yes, true)];
    for ((y, at), (command, words, is_yes)) in (choices.y + 1..choices.bottom()).zip(0usize..).zip(answers) {
        let row = Area { y, height: 1, ..choices };
        let keys = store.keymap().keys_of(command, KeyContext::Question).map(config::keys_text);
        painter.text(row.x + 2, y, 4, &keys.unwrap_or_default(), Role::HintKey);
        painter.text(row.x + 7, y, row.width.saturating_sub(7), words, Role::Text);
        if is_yes == question.is_on_yes() {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x, y);
        }
        painter.hit(row, Target::Entry(at));
    }
}
