//! Commands of overlays that stand over any view: help, pages, the error card, the doctor's panel.

use crate::domain::consent::Offer;
use crate::state::command::{Availability, Command, CommandId, Group, always};
use crate::state::keys::KeyContext;
use crate::state::layer::Layer;
use crate::state::store::Store;
use crate::state::surface::CopyPart;

/// The rows.
pub(super) const ROWS: &[Command] = &[
    Command {
        id: CommandId::FilterHelp,
        name: "filter_help",
        title: "Filter help",
        word: "filter",
        help: "Type to see only the lines of help with these words",
        group: Group::Act,
        context: KeyContext::Help,
        availability: always,
        act: |act| act.store.filter_help(),
    },
    Command {
        id: CommandId::CopyProblem,
        name: "copy_problem",
        title: "Copy the problem",
        word: "copy details",
        help: "Copy the problem with its details for support; it holds no token and no mail",
        group: Group::Act,
        context: KeyContext::Problem,
        availability: always,
        act: |act| act.store.copy_problem(act.effects),
    },
    Command {
        id: CommandId::CopyPage,
        name: "copy_page",
        title: "Copy the page",
        word: "copy",
        help: "Copy the whole page as text",
        group: Group::Act,
        context: KeyContext::Page,
        availability: always,
        act: |act| act.store.copy(CopyPart::Details, act.context, act.effects),
    },
    Command {
        id: CommandId::CallsCopy,
        name: "calls_copy",
        title: "Copy the call",
        word: "copy call",
        help: "Copy the call under the cursor with its ids for support; it holds no token",
        group: Group::Act,
        context: KeyContext::Calls,
        availability: always,
        act: |act| act.store.copy(CopyPart::Line, act.context, act.effects),
    },
    Command {
        id: CommandId::CallsCopyAll,
        name: "calls_copy_all",
        title: "Copy all calls",
        word: "copy all",
        help: "Copy all these calls with their ids for support; they hold no token",
        group: Group::Act,
        context: KeyContext::Calls,
        availability: always,
        act: |act| act.store.copy(CopyPart::Details, act.context, act.effects),
    },
    Command {
        id: CommandId::MissingAsk,
        name: "missing_ask",
        title: "Ask for the permission now",
        word: "ask now",
        help: "Sign in for the missing permission on top of what is granted",
        group: Group::Act,
        context: KeyContext::Missing,
        availability: |store| is_offered(store, Offer::AskNow),
        act: |act| act.store.ask_now(act.context, act.effects),
    },
    Command {
        id: CommandId::MissingAdministrator,
        name: "missing_administrator",
        title: "Ask my administrator",
        word: "ask administrator",
        help: "Show the finished request for the missing permission, to copy into a mail",
        group: Group::Act,
        context: KeyContext::Missing,
        availability: |store| is_offered(store, Offer::AskAdministrator),
        act: |act| act.store.ask_administrator(act.context, act.effects),
    },
    Command {
        id: CommandId::MissingNotNow,
        name: "missing_not_now",
        title: "Not now",
        word: "not now",
        help: "Say nothing more of the missing permission until tomorrow",
        group: Group::Act,
        context: KeyContext::Missing,
        availability: |store| is_offered(store, Offer::NotNow),
        act: |act| act.store.not_now(act.context, act.effects),
    },
    Command {
        id: CommandId::DoctorAgain,
        name: "doctor_again",
        title: "Examine again",
        word: "again",
        help: "Examine everything again",
        group: Group::Act,
        context: KeyContext::Doctor,
        availability: always,
        act: |act| act.store.examine_again(act.context, act.effects),
    },
    Command {
        id: CommandId::DoctorCopy,
        name: "doctor_copy",
        title: "Copy the report for support",
        word: "copy for support",
        help: "Copy every check for support; it holds no token and no mail",
        group: Group::Act,
        context: KeyContext::Doctor,
        availability: always,
        act: |act| act.store.copy(CopyPart::Details, act.context, act.effects),
    },
];

/// Whether the card on top makes this offer.
fn is_offered(store: &Store, offer: Offer) -> Availability {
    match store.layers.last() {
        Some(Layer::Missing(card)) if card.offers(offer) => Availability::Available,
        _ => Availability::Hidden,
    }
}
