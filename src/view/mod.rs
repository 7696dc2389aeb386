//! Floor 6: the view layer. [`paint`] turns the store into cells; it is a pure function of store, look, time and size.
//!
//! One file per view, `parts` for what they share. Everything goes through [`painter::Painter`], which cannot write a control
//! character and cannot write outside its area. [`people`] is the smallest complete view.
//! Must stay true: nothing here changes the store, asks a clock or knows the terminal. What the mouse may point at and where the
//! cursor belongs is returned as [`Drawn`].
//! Deliberately absent: boxes around panes, colours (only roles), motion.

mod accounts;
mod away;
mod calendar;
mod calls;
mod card;
mod compose;
mod doctor;
mod drafts;
mod find_time;
mod help;
mod home;
mod links;
pub mod look;
mod mail;
mod missing;
mod outbox;
mod own;
mod page;
mod painter;
mod palette;
mod parts;
mod people;
mod picker;
mod problem;
mod question;
mod sign_in;

pub use look::{Depth, Look};

use crate::config::Role;
use crate::state::geometry::{Area, SMALLEST, Shape, Size, shape};
use crate::state::layer::Layer;
use crate::state::store::Store;
use crate::state::surface::View;
use crate::state::target::HitMap;
use crate::state::{Context, when};
use crate::view::painter::Painter;
use ratatui::buffer::Buffer;

/// What a frame tells back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    /// What was drawn where; the next mouse event is looked up here.
    pub hits: HitMap,
    /// Where the terminal's cursor belongs: the focused row or field.
    pub cursor: Option<(u16, u16)>,
    /// The cursor stands in a text field and should be seen.
    pub is_typing: bool,
}

/// Draws the store into a buffer. Should the buffer have another size than the store knows of (a resize is on its way), what does not
/// fit is left out.
pub fn paint(store: &Store, look: &Look, context: &Context<'_>, buffer: &mut Buffer) -> Drawn {
    let size = Size { width: buffer.area.width, height: buffer.area.height };
    let mut painter = Painter::new(buffer, look, context);
    painter.ground(Area::new(0, 0, size.width, size.height), Role::Surface);
    if shape(size) == Shape::TooSmall || store.session.shape() == Shape::TooSmall {
        too_small(&mut painter, size);
    } else if store.shows_sign_in() && !store.signs_in_over_view() {
        sign_in::draw(store, &mut painter);
        layers(store, &mut painter);
    } else {
        let screen = store.session.screen();
        // For whoever reads along with the cursor: never nowhere, also in a view that is still empty.
        painter.cursor(screen.body.x, screen.body.y);
        parts::header::draw(store, screen.header, &mut painter);
        parts::banner::draw(store, screen.banner, &mut painter);
        view(store, screen.body, &mut painter);
        if store.signs_in_over_view() {
            sign_in::draw_over(store, screen.body, &mut painter);
        }
        parts::footer::draw(store, screen.status, screen.hints, &mut painter);
        layers(store, &mut painter);
    }
    painter.finish(store.focus().is_typing())
}

fn view(store: &Store, area: Area, painter: &mut Painter<'_>) {
    match store.view() {
        View::Home => home::draw(store, area, painter),
        View::Mail => mail::draw(store, painter),
        View::Calendar => calendar::draw(store, area, painter),
        View::FindTime => find_time::draw(store, area, painter),
        View::People => people::draw(store, area, painter),
        View::Away => away::draw(store, area, painter),
    }
}

fn layers(store: &Store, painter: &mut Painter<'_>) {
    // A question wants an answer and nothing else to be read.
    let asked = store.layers.iter().rposition(|layer| matches!(layer, Layer::Question(_))).unwrap_or(0);
    for layer in store.layers.iter().skip(asked) {
        match layer {
            Layer::Palette(palette) => palette::draw(palette, store, painter),
            Layer::Help(help) => help::draw(help, store, painter),
            Layer::Card(card) => card::draw(card, store, painter),
            Layer::Problem(problem) => problem::draw(problem, store, painter),
            Layer::Links(links) => links::draw(links, store, painter),
            Layer::Page(page) => page::draw(page, store, painter),
            Layer::Missing(missing) => missing::draw(missing, store, painter),
            Layer::Calls(calls) => calls::draw(calls, store, painter),
            Layer::Doctor(doctor) => doctor::draw(doctor, store, painter),
            Layer::Accounts(panel) => accounts::draw(panel, store, painter),
            Layer::Question(question) => question::draw(question, store, painter),
            Layer::Compose(written) => compose::draw(written, store, painter),
            Layer::Picker(picker) => picker::draw(picker, store, painter),
            Layer::EventForm(form) => calendar::form::draw(form, store, painter),
            Layer::EventAsk(ask) => calendar::form::draw_ask(ask, store, painter),
            Layer::Outbox(panel) => outbox::draw(panel, store, painter),
            Layer::Drafts(panel) => drafts::draw(panel, store, painter),
            Layer::Calendars(panel) => calendar::chooser::draw(panel, store, painter),
            Layer::OwnReplies(form) => own::replies::draw(form, store, painter),
            Layer::OwnTime(form) => own::time::draw(form, store, painter),
            Layer::OwnPresence(panel) => own::presence::draw(panel, store, painter),
        }
    }
    parts::continuations::draw(store, painter);
}

fn too_small(painter: &mut Painter<'_>, size: Size) {
    let lines = [
        format!("This needs at least {} columns and {} rows.", SMALLEST.width, SMALLEST.height),
        format!("Here are {} and {}. Please make the window larger.", size.width, size.height),
    ];
    let top = size.height.saturating_sub(2) / 2;
    for (row, line) in (top..).zip(&lines) {
        let width = u16::try_from(crate::base::text::width(line)).unwrap_or(u16::MAX);
        let x = size.width.saturating_sub(width) / 2;
        painter.text(x, row, size.width, line, Role::Text);
    }
    painter.cursor(0, 0);
}

/// Wall time of an instant in the zone shown.
fn wall(painter: &Painter<'_>, instant: jiff::Timestamp) -> jiff::civil::DateTime {
    when::wall(instant, painter.context.zone)
}
