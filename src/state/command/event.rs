//! Commands about events: making, changing, deleting, and answering invitations, also from their mail.

use crate::domain::account::Feature;
use crate::domain::event::Event;
use crate::domain::intent::InvitationAnswer;
use crate::domain::mail::MeetingMessage;
use crate::state::calendar::deed::{self, Wanted};
use crate::state::calendar::form::{EventForm, can_answer, is_over};
use crate::state::command::{Act, Availability, Command, CommandId, Group};
use crate::state::keys::KeyContext;
use crate::state::store::Store;
use crate::state::surface::{Pane, Step, View};

/// The rows.
pub(super) const ROWS: &[Command] = &[
    in_calendar(
        CommandId::EventCreate,
        "event_create",
        "New event",
        "new event",
        "Make an event: what, when, who, where",
        may_write,
        |act| {
            act.with(|screens, turn| {
                let day = screens.calendar.day().unwrap_or_else(|| turn.today());
                let form = match screens.calendar.take_marked(turn) {
                    Some(span) => EventForm::at(span, &[], turn),
                    None => EventForm::create(day, &[], turn),
                };
                turn.step(Step::FillEvent(Box::new(form)));
            });
        },
    ),
    in_calendar(
        CommandId::EventEdit,
        "event_edit",
        "Change the event",
        "change",
        "Change the event under the cursor; those who are invited are told",
        |store| match (may_write(store), store.screens.calendar.selected()) {
            (Availability::Available, None) => none_here(),
            (Availability::Available, Some(event)) if !event.is_organizer => {
                Availability::Unavailable("Only its organizer can change it.".to_owned())
            }
            (closed, _) => closed,
        },
        |act| {
            act.with(|screens, turn| {
                if let Some(event) = screens.calendar.selected().cloned() {
                    let form = EventForm::edit(&event, turn);
                    turn.step(Step::FillEvent(Box::new(form)));
                }
            });
        },
    ),
    in_calendar(
        CommandId::EventDelete,
        "event_delete",
        "Delete the event",
        "delete",
        "Delete the event under the cursor; a meeting of several people is cancelled after a question",
        |store| match (may_write(store), store.screens.calendar.selected()) {
            (Availability::Available, None) => none_here(),
            (closed, _) => closed,
        },
        |act| {
            act.with(|screens, turn| {
                if let Some(event) = screens.calendar.selected() {
                    deed::wanted(&event.clone(), Wanted::Delete, false, turn);
                }
            });
        },
    ),
    answering(
        CommandId::InvitationAccept,
        "invitation_accept",
        "Accept the invitation",
        "accept",
        "Accept the invitation under the cursor",
        |act| answer(act, InvitationAnswer::Accept, false),
    ),
    answering(
        CommandId::InvitationMaybe,
        "invitation_maybe",
        "Answer the invitation with maybe",
        "maybe",
        "Answer the invitation under the cursor with maybe",
        |act| answer(act, InvitationAnswer::Tentative, false),
    ),
    answering(
        CommandId::InvitationDecline,
        "invitation_decline",
        "Decline the invitation",
        "decline",
        "Decline the invitation under the cursor",
        |act| answer(act, InvitationAnswer::Decline, false),
    ),
    answering(
        CommandId::InvitationAcceptNote,
        "invitation_accept_note",
        "Accept with a note",
        "accept with note",
        "Accept the invitation under the cursor with a few words",
        |act| answer(act, InvitationAnswer::Accept, true),
    ),
    answering(
        CommandId::InvitationMaybeNote,
        "invitation_maybe_note",
        "Maybe, with a note",
        "maybe with note",
        "Answer the invitation under the cursor with maybe and a few words",
        |act| answer(act, InvitationAnswer::Tentative, true),
    ),
    answering(
        CommandId::InvitationDeclineNote,
        "invitation_decline_note",
        "Decline with a note",
        "decline with note",
        "Decline the invitation under the cursor with a few words",
        |act| answer(act, InvitationAnswer::Decline, true),
    ),
    answering(
        CommandId::InvitationPropose,
        "invitation_propose",
        "Propose another time",
        "propose time",
        "Answer the invitation under the cursor with maybe and propose another time",
        |act| answer_with(act, Wanted::Propose(None), false),
    ),
    Command {
        id: CommandId::EventSave,
        name: "event_save",
        title: "Save the event",
        word: "save",
        help: "Save the event; those who are invited are told",
        group: Group::Act,
        context: KeyContext::EventForm,
        availability: crate::state::command::always,
        act: |act| act.store.with_event_form(act.context, act.effects, EventForm::save),
    },
    Command {
        id: CommandId::EventEditor,
        name: "event_editor",
        title: "Write the event's text in the editor",
        word: "editor",
        help: "Write the text of the event in the editor of VISUAL or EDITOR",
        group: Group::Act,
        context: KeyContext::EventForm,
        availability: crate::state::command::always,
        act: |act| act.store.with_event_form(act.context, act.effects, EventForm::edit_outside),
    },
];

const fn in_calendar(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    availability: fn(&Store) -> Availability,
    act: fn(&mut Act<'_>),
) -> Command {
    Command { id, name, title, word, help, group: Group::Act, context: KeyContext::Calendar, availability, act }
}

const fn answering(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    act: fn(&mut Act<'_>),
) -> Command {
    Command { context: KeyContext::Everywhere, ..in_calendar(id, name, title, word, help, may_answer, act) }
}

fn may_write(store: &Store) -> Availability {
    store.session.why_not(Feature::CalendarWrite).map_or(Availability::Available, Availability::Unavailable)
}

fn none_here() -> Availability {
    Availability::Unavailable("No event is under the cursor.".to_owned())
}

/// The event under the cursor, in the calendar or on the home view.
fn event_here(store: &Store) -> Option<&Event> {
    match store.view() {
        View::Calendar => store.screens.calendar.selected(),
        View::Home if store.focus().pane() == Pane::HomeAgenda => store.screens.home.selected_event(),
        _ => None,
    }
}

/// Whether the message under the cursor is an invitation.
fn is_invitation_mail(store: &Store) -> bool {
    let row = match store.view() {
        View::Mail => store.screens.mail.list.selected(),
        View::Home if store.focus().pane() == Pane::HomeInbox => store.screens.home.selected_message(),
        _ => None,
    };
    row.is_some_and(|row| row.message.meeting == Some(MeetingMessage::Request))
}

fn may_answer(store: &Store) -> Availability {
    let closed = may_write(store);
    if closed != Availability::Available {
        return closed;
    }
    match event_here(store) {
        Some(event) if event.is_organizer => {
            Availability::Unavailable("It is a meeting of your own; nobody waits for your answer.".to_owned())
        }
        Some(event) if event.is_cancelled => Availability::Unavailable("It is cancelled.".to_owned()),
        Some(event) if can_answer(event) => Availability::Available,
        _ if is_invitation_mail(store) => Availability::Available,
        _ => Availability::Unavailable("No invitation is under the cursor.".to_owned()),
    }
}

fn answer(act: &mut Act<'_>, answer: InvitationAnswer, with_note: bool) {
    answer_with(act, Wanted::Answer(answer), with_note);
}

fn answer_with(act: &mut Act<'_>, wanted: Wanted, with_note: bool) {
    let event = event_here(act.store).cloned();
    let message = match act.store.view() {
        View::Home => act.store.screens.home.selected_message(),
        _ => act.store.screens.mail.list.selected(),
    };
    let message = message.map(|row| row.message.id.clone());
    match (event, message) {
        (Some(event), _) if is_over(&event, act.context.now, act.context.zone) => act.tell("It is over already."),
        (Some(event), _) => act.with(|_, turn| deed::wanted(&event, wanted, with_note, turn)),
        (None, Some(message)) => act.store.answer_mail(message, wanted, with_note, act.context, act.effects),
        (None, None) => {}
    }
}
