//! The own automatic replies: how they stand, the period with what was understood of it, and both texts.

use crate::config::Role;
use crate::domain::event_draft::ExternalAudience;
use crate::state::geometry::Area;
use crate::state::own::replies::{Field, LABELS, RepliesForm, Way};
use crate::state::own::{OwnField, words};
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::own::choices;
use crate::view::own::unset;
use crate::view::painter::Painter;
use crate::view::parts::{field, overlay, text_area};

pub(in crate::view) fn draw(form: &RepliesForm, store: &Store, painter: &mut Painter<'_>) {
    let areas = form.areas(&store.session);
    let note = unset(form.is_touched(), form.is_resumed());
    overlay::open(areas.frame, "My automatic replies", note, painter);
    let (now, zone) = (painter.context.now, painter.context.zone);
    let (sentence, role) = match (form.known(), form.problem()) {
        (Some(known), _) => (words::replies(known, now, zone), Role::Text),
        (None, Some(report)) => (report.what.clone(), Role::Warning),
        (None, None) => (format!("Reading{}", painter.look.ellipsis()), Role::Quiet),
    };
    let state = areas.state;
    painter.text(state.x, state.y, LABELS, "Now", Role::Quiet);
    painter.text(state.x + LABELS, state.y, state.width.saturating_sub(LABELS), &sentence, role);

    label(Field::Way, areas.way, form, painter);
    let way = form.way() as usize;
    choices(value(areas.way), &["off", "on", "for a while"], way, form.focused() == Field::Way, painter);
    if form.way() == Way::While {
        for (which, area, placeholder) in
            [(Field::From, areas.from, "now"), (Field::Until, areas.until, "friday, 2 jan 9:00, in 3 days")]
        {
            label(which, area, form, painter);
            let at = value(area);
            if let Some(line) = form.line_of(which) {
                field::draw(at.x, at.y, at.width, line, placeholder, form.focused() == which, painter);
            }
        }
        if let Some((words, can_be)) = form.echo(now, zone) {
            let at = value(areas.echo);
            painter.text(at.x, at.y, at.width, &words, if can_be { Role::Quiet } else { Role::Warning });
        }
    }
    text(Field::Internal, areas.internal, "What colleagues read", form, painter);
    label(Field::Audience, areas.audience, form, painter);
    let audience = match form.audience() {
        ExternalAudience::None => 0,
        ExternalAudience::Contacts => 1,
        ExternalAudience::All => 2,
    };
    let who = ["nobody", "my contacts", "everybody"];
    choices(value(areas.audience), &who, audience, form.focused() == Field::Audience, painter);
    if form.is_used(Field::External) {
        text(Field::External, areas.external, "The same as colleagues", form, painter);
    }
}

fn value(area: Area) -> Area {
    Area { x: area.x + LABELS, width: area.width.saturating_sub(LABELS), ..area }
}

fn label(which: Field, area: Area, form: &RepliesForm, painter: &mut Painter<'_>) {
    let role = if form.focused() == which { Role::Accent } else { Role::Quiet };
    painter.text(area.x, area.y, LABELS, which.label(), role);
    painter.hit(area, Target::Own(OwnField::Replies(which)));
}

fn text(which: Field, area: Area, placeholder: &str, form: &RepliesForm, painter: &mut Painter<'_>) {
    let whole = Area { x: area.x.saturating_sub(LABELS), width: area.width + LABELS, ..area };
    label(which, whole, form, painter);
    let Some(written) = form.text_of(which) else { return };
    if written.text().is_empty() {
        painter.text(area.x, area.y, area.width, placeholder, Role::Quiet);
    }
    text_area::draw(area, written, form.focused() == which, painter);
}
