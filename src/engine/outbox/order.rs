//! Which changes may be made now: order is kept where it matters, everything else goes side by side.
//!
//! Pure. What changes the same thing goes in the order in which it was wanted, also when the first of it stays and waits for a
//! person; answers in one conversation leave in their order too, but one that stays holds no others up.

use crate::db::provisional_id;
use crate::domain::intent::{Intent, IntentId, ItemState};
use crate::domain::outbox::Entry;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What can be done now, and when there is more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// These may be made now, side by side.
    pub ready: Vec<IntentId>,
    /// The next instant at which there is more.
    pub next: Option<Timestamp>,
}

/// What two changes have in common that keeps them in order.
fn things(entry: &Entry) -> Vec<String> {
    let mut things = Vec::new();
    let intent = entry.intent();
    if let Some(message) = intent.message() {
        things.push(format!("message {}", message.0));
    }
    if let Some(draft) = intent.draft() {
        things.push(format!("draft {}", draft.0));
    }
    if let Some(event) = intent.event() {
        things.push(format!("event {}", event.0));
        for series in entry.former.events.iter().filter_map(|event| event.series.as_ref()).take(1) {
            things.push(format!("event {}", series.0));
        }
    }
    match intent {
        Intent::CreateEvent { .. } => things.push(format!("event {}", provisional_id(entry.item.id).0)),
        Intent::AutomaticReplies(_) => things.push("replies".to_owned()),
        Intent::WorkingTime(_) => things.push("working time".to_owned()),
        Intent::Presence(_) => things.push("presence".to_owned()),
        Intent::StatusNote(_) => things.push("note".to_owned()),
        _ => {}
    }
    things
}

/// A clock that goes back by less is only being corrected.
const SET_BACK: SignedDuration = SignedDuration::from_secs(1);

/// Until when a change waits where the clock was set back, if that is not what is noted: no longer than it would have, and not less
/// than it still had to. `seen`: when this wait was last looked at; without it, when the change was made tells whether the clock went
/// back meanwhile. A wait that was moved once is not moved again.
#[must_use]
pub fn moved_wait(entry: &Entry, seen: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let until = entry.not_before()?;
    let made = entry.item.made;
    let began = match seen {
        Some(seen) if seen.duration_since(now) > SET_BACK => seen,
        // What is left must end before the change was made by the clock of then, or it could not be told from one that was moved.
        None if until > made && until.duration_since(made) < made.duration_since(now) => made,
        _ => return None,
    };
    now.checked_add(until.duration_since(began).max(SignedDuration::ZERO)).ok()
}

/// The changes that may be made at `now`, in order. `conversations` names the conversation of each sending that has one.
#[must_use]
pub fn due(entries: &[Entry], conversations: &BTreeMap<IntentId, String>, now: Timestamp) -> Due {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut due = Due::default();
    for entry in entries {
        let id = entry.item.id;
        let mut things = things(entry);
        let stays = matches!(entry.item.state, ItemState::NeedsPerson(_));
        if !stays && let Some(conversation) = conversations.get(&id) {
            things.push(format!("conversation {conversation}"));
        }
        let waits = things.iter().any(|thing| taken.contains(thing));
        let may_go = matches!(entry.item.state, ItemState::Waiting | ItemState::Held { .. });
        if !waits && may_go {
            match entry.not_before().filter(|instant| *instant > now) {
                Some(instant) => due.next = Some(due.next.map_or(instant, |next| next.min(instant))),
                None => due.ready.push(id),
            }
        }
        taken.extend(things);
    }
    due
}
