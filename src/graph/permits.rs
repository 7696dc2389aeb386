//! How many calls may be on their way for one budget, and since when the service wants to hear from us again.
//!
//! Four at a time per application and mailbox [throttling-limits]; the background gets three, so that the person at the screen
//! never queues behind it. A wait that the service asked for holds for everybody who counts against the same budget. Must stay
//! true: nobody holds a permit while waiting for a clock.

use crate::graph::call::{Budget, Priority};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tokio::sync::Notify;

/// Calls at a time per budget.
pub const AT_A_TIME: u32 = 4;
/// Of these for the background.
pub const IN_BACKGROUND: u32 = 3;

/// The gates of all budgets.
#[derive(Default)]
pub struct Gates {
    gates: Mutex<HashMap<Budget, Arc<Gate>>>,
}

impl Gates {
    /// The gate of `budget`.
    pub fn of(&self, budget: &Budget) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(gates.entry(budget.clone()).or_default())
    }
}

/// The gate of one budget.
#[derive(Default)]
pub struct Gate {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    person: u32,
    background: u32,
    persons_waiting: u32,
    /// Tickets of the background calls that wait, so that a batch is not overtaken for ever by single calls.
    background_waiting: BTreeSet<u64>,
    next_ticket: u64,
    not_before: Option<SystemTime>,
}

impl State {
    fn may_start(&self, priority: Priority, weight: u32, ticket: u64) -> bool {
        let running = self.person + self.background;
        match priority {
            Priority::Person => running + weight <= AT_A_TIME,
            Priority::Background => {
                let is_room = running + weight <= AT_A_TIME && self.background + weight <= IN_BACKGROUND;
                is_room
                    && self.persons_waiting == 0
                    && self.background_waiting.first().is_none_or(|&first| first == ticket)
            }
        }
    }
}

impl Gate {
    /// Waits for room for a call that counts as `weight`, and takes it.
    pub async fn enter(self: &Arc<Self>, priority: Priority, weight: u32) -> Permit {
        let most = if priority == Priority::Person { AT_A_TIME } else { IN_BACKGROUND };
        let weight = weight.clamp(1, most);
        let queued = Queued::join(self, priority);
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(permit) = self.try_enter(priority, weight, queued.ticket) {
                return permit;
            }
            changed.await;
        }
    }

    fn try_enter(self: &Arc<Self>, priority: Priority, weight: u32, ticket: u64) -> Option<Permit> {
        let mut state = self.lock();
        if !state.may_start(priority, weight, ticket) {
            return None;
        }
        match priority {
            Priority::Person => state.person += weight,
            Priority::Background => state.background += weight,
        }
        drop(state);
        Some(Permit { gate: Arc::clone(self), priority, weight })
    }

    /// When the service wants to hear from us again, if it said so.
    pub fn not_before(&self) -> Option<SystemTime> {
        self.lock().not_before
    }

    /// Lets nobody send before `instant`; an earlier instant than the one that holds changes nothing.
    pub fn hold_until(&self, instant: SystemTime) {
        let mut state = self.lock();
        state.not_before = state.not_before.max(Some(instant));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room taken; given back when dropped.
pub struct Permit {
    gate: Arc<Gate>,
    priority: Priority,
    weight: u32,
}

impl Drop for Permit {
    fn drop(&mut self) {
        {
            let mut state = self.gate.lock();
            match self.priority {
                Priority::Person => state.person -= self.weight,
                Priority::Background => state.background -= self.weight,
            }
        }
        self.gate.changed.notify_waiters();
    }
}

/// A place in the queue: the background stays behind persons and in its own order.
struct Queued<'gate> {
    gate: &'gate Gate,
    priority: Priority,
    ticket: u64,
}

impl<'gate> Queued<'gate> {
    fn join(gate: &'gate Gate, priority: Priority) -> Self {
        let mut state = gate.lock();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        match priority {
            Priority::Person => state.persons_waiting += 1,
            Priority::Background => {
                state.background_waiting.insert(ticket);
            }
        }
        drop(state);
        Self { gate, priority, ticket }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        {
            let mut state = self.gate.lock();
            match self.priority {
                Priority::Person => state.persons_waiting -= 1,
                Priority::Background => {
                    state.background_waiting.remove(&self.ticket);
                }
            }
        }
        self.gate.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(person: u32, background: u32, persons_waiting: u32) -> State {
        State { person, background, persons_waiting, ..State::default() }
    }

    #[test]
    fn the_fourth_permit_is_the_persons() {
        assert!(state(0, 2, 0).may_start(Priority::Background, 1, 0));
        assert!(!state(0, 3, 0).may_start(Priority::Background, 1, 0));
        assert!(state(0, 3, 0).may_start(Priority::Person, 1, 0));
        assert!(!state(1, 3, 0).may_start(Priority::Person, 1, 0));
        assert!(!state(4, 0, 0).may_start(Priority::Background, 1, 0));
    }

    #[test]
    fn the_background_lets_a_waiting_person_pass() {
        assert!(!state(0, 1, 1).may_start(Priority::Background, 1, 0));
        assert!(state(0, 1, 1).may_start(Priority::Person, 1, 0));
    }

    #[test]
    fn a_batch_needs_the_room_of_several() {
        assert!(state(0, 0, 0).may_start(Priority::Background, 3, 0));
        assert!(!state(0, 1, 0).may_start(Priority::Background, 3, 0));
        assert!(!state(2, 0, 0).may_start(Priority::Background, 3, 0));
    }

    #[test]
    fn a_batch_is_not_overtaken() {
        let mut state = state(0, 1, 0);
        state.background_waiting.extend([3, 4]);
        assert!(!state.may_start(Priority::Background, 3, 3));
        assert!(!state.may_start(Priority::Background, 1, 4));
        state.background = 0;
        assert!(state.may_start(Priority::Background, 3, 3));
    }

    #[test]
    fn a_hold_only_grows() {
        let gate = Gate::default();
        let early = SystemTime::UNIX_EPOCH;
        let late = early + std::time::Duration::from_secs(9);
        gate.hold_until(late);
        gate.hold_until(early);
        assert_eq!(gate.not_before(), Some(late));
    }
}
