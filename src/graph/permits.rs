//! How many calls may be on their way for one budget, and since when the service wants to hear from us again.
//!
//! Four at a time per application and mailbox [throttling-limits]; the background gets three, so that the person at the screen
//! never queues behind it. A wait that the service asked for holds for everybody who counts against the same budget. Of the requests
//! that the service takes in ten minutes a part is left over, and the last of ours are the person's: what would go beyond waits
//! before it is sent. Must stay true: nobody holds a permit while waiting for a clock; a clock that was set back prolongs nothing.

use crate::graph::call::{Budget, Priority};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;

/// Calls at a time per budget.
pub const AT_A_TIME: u32 = 4;
/// Of these for the background.
pub const IN_BACKGROUND: u32 = 3;
/// Requests in ten minutes per budget. The service takes 10 000 and counts refused ones too [throttling-limits]; other programs of
/// this registration and our own commands count against the same.
pub const IN_TEN_MINUTES: u32 = 9_500;
/// Of these for the background.
pub const IN_TEN_MINUTES_IN_BACKGROUND: u32 = 9_000;
/// Ten minutes are counted in stretches of so many seconds.
const STRETCH: u64 = 10;
const STRETCHES: u64 = 60;

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
    /// Since when and until when the service wants to be left alone.
    not_before: Option<(SystemTime, SystemTime)>,
    /// Requests of each stretch of the last ten minutes, the oldest first.
    sent: VecDeque<(u64, u32)>,
}

impl State {
    /// Counts `requests` as sent at `now`, or says from when on there is room for them.
    fn spend(&mut self, now: SystemTime, priority: Priority, requests: u32) -> Result<(), SystemTime> {
        let stretch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() / STRETCH;
        self.sent.retain(|(of, _)| of + STRETCHES >= stretch);
        for (of, _) in &mut self.sent {
            // The clock was set back: what was sent later than now was sent now.
            *of = (*of).min(stretch);
        }
        let most = match priority {
            Priority::Person => IN_TEN_MINUTES,
            Priority::Background => IN_TEN_MINUTES_IN_BACKGROUND,
        };
        let mut over =
            self.sent.iter().map(|(_, count)| count).sum::<u32>().saturating_add(requests).saturating_sub(most);
        for (of, count) in &self.sent {
            if over == 0 {
                break;
            }
            over = over.saturating_sub(*count);
            if over == 0 {
                return Err(SystemTime::UNIX_EPOCH + Duration::from_secs((of + STRETCHES + 1) * STRETCH));
            }
        }
        match self.sent.back_mut() {
            Some((of, count)) if *of == stretch => *count = count.saturating_add(requests),
            _ => self.sent.push_back((stretch, requests)),
        }
        Ok(())
    }

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

    /// When the service wants to hear from us again, if it said so. A clock that was set back does not make the wait longer than it
    /// was.
    pub fn not_before(&self, now: SystemTime) -> Option<SystemTime> {
        let mut state = self.lock();
        let (since, until) = state.not_before?;
        if now < since {
            let wait = until.duration_since(since).unwrap_or_default();
            state.not_before = Some((now, now + wait));
        }
        state.not_before.map(|(_, until)| until)
    }

    /// Lets nobody send before `instant`; an earlier instant than the one that holds changes nothing.
    pub fn hold_until(&self, instant: SystemTime, now: SystemTime) {
        let mut state = self.lock();
        if state.not_before.is_none_or(|(_, until)| until < instant) {
            state.not_before = Some((now, instant));
        }
    }

    /// Counts `requests` that are about to be sent.
    ///
    /// # Errors
    /// From when on there is room for them.
    pub fn spend(&self, now: SystemTime, priority: Priority, requests: u32) -> Result<(), SystemTime> {
        self.lock().spend(now, priority, requests)
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
        let early = SystemTime::UNIX_EPOCH + Duration::from_hours(24);
        let late = early + Duration::from_secs(9);
        gate.hold_until(late, early);
        gate.hold_until(early, early);
        assert_eq!(gate.not_before(early), Some(late));
        // The clock goes back an hour: the wait stays as long as it was, and ends.
        let before = early - Duration::from_hours(1);
        assert_eq!(gate.not_before(before), Some(before + Duration::from_secs(9)));
        assert_eq!(gate.not_before(before + Duration::from_secs(9)), Some(before + Duration::from_secs(9)));
    }

    #[test]
    fn ten_minutes_hold_so_many_requests_and_the_last_are_the_persons() {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000);
        let mut state = State::default();
        for number in 0..IN_TEN_MINUTES_IN_BACKGROUND {
            let now = start + Duration::from_millis(u64::from(number) * 10);
            assert_eq!(state.spend(now, Priority::Background, 1), Ok(()), "{number}");
        }
        let now = start + Duration::from_secs(95);
        let room = state.spend(now, Priority::Background, 20).expect_err("the budget is spent");
        // The first stretch falls out ten minutes after it ended, not before.
        assert_eq!(room, start + Duration::from_mins(10) + Duration::from_secs(10));
        assert_eq!(state.spend(now, Priority::Person, 1), Ok(()));
        assert!(state.spend(room - Duration::from_secs(1), Priority::Background, 20).is_err());
        assert_eq!(state.spend(room, Priority::Background, 20), Ok(()));
        // A clock that was set back keeps the count and does not keep us waiting for longer than ten minutes.
        let before = start - Duration::from_hours(3);
        let room = state.spend(before, Priority::Background, 9_000).expect_err("still counted");
        assert!(room <= before + Duration::from_secs(620));
        assert_eq!(state.spend(room, Priority::Background, 9_000), Ok(()));
    }
}
