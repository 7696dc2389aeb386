//! What to ask the service next, and when: a pure function of what is known and of the time.
//!
//! The cadence: folders every two minutes, the inbox every minute, the open folder every 45 seconds, every other folder that is
//! kept every five minutes, one after the other, the calendar every three minutes (two, while it is on the screen); all at half
//! the pace without focus, each moved by up to a fifth so that many programs do not ask in step. Must stay true: nothing here asks, waits or reads a clock.

use crate::domain::mail::FolderId;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};

/// One piece of keeping in step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Round {
    /// The folder tree with counts.
    Folders,
    /// The messages of a folder.
    Messages(FolderId),
    /// The calendar window.
    Calendar,
    /// Bodies of the newest messages of the inbox, ahead of need.
    Bodies,
}

/// How a round stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// When it last ended, well or not; `None`: not since the program started.
    pub ended: Option<Timestamp>,
    /// How often it failed in a row.
    pub failures: u32,
    /// Somebody wants it now.
    pub is_asked: bool,
    /// Jitter of the next wait, 0 to 255: from a fifth earlier to a fifth later.
    pub jitter: u8,
}

/// Why nothing may begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hold {
    /// Nothing holds.
    #[default]
    None,
    /// Until then: the service asked for it, or it could not be reached.
    Until(Timestamp),
    /// Until somebody acts: forced offline, or the sign-in must be repeated.
    Person,
}

/// What the screen shows, and so what should be young.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// The folder on the screen.
    pub folder: Option<FolderId>,
    /// The calendar is on the screen.
    pub calendar: bool,
}

/// All that a plan depends on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The inbox, once its id is known.
    pub inbox: Option<FolderId>,
    /// The folders whose messages are kept, the inbox among them or not.
    pub kept: Vec<FolderId>,
    /// What the screen shows.
    pub interest: Interest,
    /// The terminal does not have the focus.
    pub is_unfocused: bool,
    /// Mail was granted.
    pub has_mail: bool,
    /// The calendar was granted.
    pub has_calendar: bool,
    /// Why nothing may begin.
    pub hold: Hold,
    /// Rounds under way.
    pub running: HashSet<Round>,
    /// How the rounds stand.
    pub standings: HashMap<Round, Standing>,
}

/// What to do now, and when to look again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Rounds to begin, the most wanted first.
    pub begin: Vec<Round>,
    /// When the next one is due; `None`: only news can change anything.
    pub wake: Option<Timestamp>,
}

const FOLDERS: SignedDuration = SignedDuration::from_secs(120);
const INBOX: SignedDuration = SignedDuration::from_secs(60);
const OPEN_FOLDER: SignedDuration = SignedDuration::from_secs(45);
const KEPT_FOLDER: SignedDuration = SignedDuration::from_mins(5);
const CALENDAR: SignedDuration = SignedDuration::from_secs(180);
const OPEN_CALENDAR: SignedDuration = SignedDuration::from_secs(120);
/// A round that fails again and again is tried this seldom.
const SLOWEST: SignedDuration = SignedDuration::from_mins(15);

/// Which rounds are due at `now`, and when the next one will be.
#[must_use]
pub fn plan(state: &State, now: Timestamp) -> Plan {
    match state.hold {
        Hold::Person => return Plan::default(),
        Hold::Until(instant) if now < instant => return Plan { begin: Vec::new(), wake: Some(instant) },
        Hold::Until(_) | Hold::None => {}
    }
    let mut plan = Plan::default();
    for round in wanted(state) {
        if state.running.contains(&round) {
            continue;
        }
        match due(state, &round) {
            Some(due) if due <= now => plan.begin.push(round),
            Some(due) => plan.wake = Some(plan.wake.map_or(due, |earlier| earlier.min(due))),
            None => {}
        }
    }
    match next_kept(state) {
        Some((due, round)) if due <= now => plan.begin.push(round),
        Some((due, _)) => plan.wake = Some(plan.wake.map_or(due, |earlier| earlier.min(due))),
        None => {}
    }
    plan
}

/// Which of the kept folders that nobody looks at is next, and when: one at a time, and none before the inbox was read.
fn next_kept(state: &State) -> Option<(Timestamp, Round)> {
    let inbox = state.inbox.as_ref()?;
    let is_inbox_read = state.standings.get(&Round::Messages(inbox.clone())).is_some_and(|inbox| inbox.ended.is_some());
    if !state.has_mail || !is_inbox_read {
        return None;
    }
    let others =
        || state.kept.iter().filter(|folder| *folder != inbox && state.interest.folder.as_ref() != Some(*folder));
    let rounds = || others().cloned().map(Round::Messages);
    if rounds().any(|round| state.running.contains(&round)) {
        return None;
    }
    rounds().filter_map(|round| Some((due(state, &round)?, round))).min_by_key(|(due, _)| *due)
}

/// The rounds that somebody has a use for, the most wanted first.
fn wanted(state: &State) -> Vec<Round> {
    let mut rounds = Vec::new();
    if state.has_mail {
        rounds.push(Round::Folders);
        let open = state.interest.folder.iter().filter(|folder| Some(*folder) != state.inbox.as_ref());
        rounds.extend(open.chain(&state.inbox).cloned().map(Round::Messages));
    }
    if state.has_calendar {
        rounds.push(Round::Calendar);
    }
    if state.has_mail && state.inbox.is_some() {
        rounds.push(Round::Bodies);
    }
    rounds
}

/// When a round is due; `None`: only when asked for.
fn due(state: &State, round: &Round) -> Option<Timestamp> {
    let none = Standing::default();
    let standing = state.standings.get(round).unwrap_or(&none);
    if standing.is_asked {
        return Some(Timestamp::MIN);
    }
    let interval = match interval(state, round) {
        Some(interval) => interval,
        // A round that runs only on demand is tried again after a failure.
        None if standing.failures > 0 => INBOX,
        None => return None,
    };
    let Some(ended) = standing.ended else { return Some(Timestamp::MIN) };
    ended.checked_add(jittered(backed_off(interval, standing.failures), standing.jitter)).ok()
}

fn interval(state: &State, round: &Round) -> Option<SignedDuration> {
    let interval = match round {
        Round::Folders => FOLDERS,
        Round::Messages(folder) if state.interest.folder.as_ref() == Some(folder) => OPEN_FOLDER,
        Round::Messages(folder) if state.inbox.as_ref() == Some(folder) => INBOX,
        Round::Messages(_) => KEPT_FOLDER,
        Round::Calendar if state.interest.calendar => OPEN_CALENDAR,
        Round::Calendar => CALENDAR,
        Round::Bodies => return None,
    };
    Some(if state.is_unfocused { interval * 2 } else { interval })
}

/// Twice as long for each failure in a row.
fn backed_off(interval: SignedDuration, failures: u32) -> SignedDuration {
    (interval * 2_i32.pow(failures.min(6))).min(SLOWEST.max(interval))
}

/// From four to six fifths of `interval`.
fn jittered(interval: SignedDuration, jitter: u8) -> SignedDuration {
    interval * 4 / 5 + interval * 2 / 5 * i32::from(jitter) / 255
}

/// How long to wait before the `tries`-th look whether the service can be reached again: 5 s, doubled each time, at most five
/// minutes.
#[must_use]
pub fn reconnect_after(tries: u32, jitter: u8) -> SignedDuration {
    let wait = SignedDuration::from_secs(5) * 2_i32.pow(tries.min(6));
    jittered(wait.min(SignedDuration::from_mins(5)), jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).expect("a time")
    }

    fn folder(id: &str) -> FolderId {
        FolderId(id.to_owned())
    }

    fn ended(second: i64) -> Standing {
        Standing { ended: Some(at(second)), jitter: 128, ..Standing::default() }
    }

    /// Everything was done at second 0.
    fn settled() -> State {
        let rounds = [Round::Folders, Round::Messages(folder("inbox")), Round::Calendar, Round::Bodies];
        State {
            inbox: Some(folder("inbox")),
            has_mail: true,
            has_calendar: true,
            standings: rounds.into_iter().map(|round| (round, ended(0))).collect(),
            ..State::default()
        }
    }

    #[test]
    fn a_new_program_asks_for_folders_and_calendar_and_then_for_the_inbox() {
        let state = State { has_mail: true, has_calendar: true, ..State::default() };
        assert_eq!(plan(&state, at(0)).begin, [Round::Folders, Round::Calendar]);
        let state = State { inbox: Some(folder("inbox")), running: [Round::Folders].into(), ..state };
        assert_eq!(plan(&state, at(0)).begin, [Round::Messages(folder("inbox")), Round::Calendar]);
    }

    #[test]
    fn only_what_was_granted_is_asked_for() {
        let state = State { has_calendar: true, ..State::default() };
        assert_eq!(plan(&state, at(0)).begin, [Round::Calendar]);
        assert_eq!(plan(&State::default(), at(0)), Plan::default());
    }

    #[test]
    fn each_round_comes_at_its_own_pace() {
        let state = settled();
        let soon = plan(&state, at(1));
        assert!(soon.begin.is_empty());
        let inbox = soon.wake.expect("a time").as_second() - at(0).as_second();
        assert!((48..=72).contains(&inbox), "{inbox}");
        assert_eq!(plan(&state, at(73)).begin, [Round::Messages(folder("inbox"))]);
        assert_eq!(plan(&state, at(145)).begin, [Round::Folders, Round::Messages(folder("inbox"))]);
        assert!(plan(&state, at(217)).begin.contains(&Round::Calendar));
    }

    #[test]
    fn an_opened_folder_is_asked_for_at_once_and_kept_younger() {
        let mut state = settled();
        state.interest.folder = Some(folder("archive"));
        assert_eq!(plan(&state, at(1)).begin, [Round::Messages(folder("archive"))]);
        state.standings.insert(Round::Messages(folder("archive")), ended(1));
        assert!(plan(&state, at(2)).begin.is_empty());
        assert!(plan(&state, at(56)).begin.contains(&Round::Messages(folder("archive"))));
    }

    #[test]
    fn kept_folders_come_in_turn_every_five_minutes() {
        let mut state = settled();
        state.kept = ["inbox", "archive", "sent"].map(folder).into();
        let of = |name: &str| Round::Messages(folder(name));
        // Not read yet since the start: one after the other.
        assert_eq!(plan(&state, at(1)).begin, [of("archive")]);
        state.running.insert(of("archive"));
        assert!(plan(&state, at(1)).begin.is_empty());
        state.running.clear();
        state.standings.insert(of("archive"), ended(2));
        assert_eq!(plan(&state, at(3)).begin, [of("sent")]);
        state.standings.insert(of("sent"), ended(4));
        for (name, second) in [("inbox", 300), ("archive", 2), ("sent", 4)] {
            state.standings.insert(of(name), ended(second));
        }
        state.standings.insert(Round::Folders, ended(300));
        state.standings.insert(Round::Calendar, ended(300));
        // Whoever waits longest is next; the program wakes for it and not before.
        let early = plan(&state, at(301));
        assert!(early.begin.is_empty());
        assert!((at(302)..at(304)).contains(&early.wake.expect("a time")), "{early:?}");
        assert_eq!(plan(&state, at(310)).begin, [of("archive")]);
        state.is_unfocused = true;
        assert!(plan(&state, at(310)).begin.is_empty());
        // Nothing but the open folder and the inbox before the inbox has been read.
        state.standings.remove(&of("inbox"));
        assert_eq!(plan(&state, at(5000)).begin, [Round::Folders, of("inbox"), Round::Calendar]);
    }

    #[test]
    fn without_focus_the_pace_is_halved() {
        let state = State { is_unfocused: true, ..settled() };
        assert!(plan(&state, at(90)).begin.is_empty());
        assert!(!plan(&state, at(145)).begin.is_empty());
    }

    #[test]
    fn a_hold_stops_everything_and_wakes_when_it_ends() {
        let mut state = settled();
        state.hold = Hold::Until(at(500));
        assert_eq!(plan(&state, at(400)), Plan { begin: Vec::new(), wake: Some(at(500)) });
        assert!(!plan(&state, at(500)).begin.is_empty());
        state.hold = Hold::Person;
        assert_eq!(plan(&state, at(100_000)), Plan::default());
    }

    #[test]
    fn a_failing_round_is_asked_for_less_and_less_often_but_never_given_up() {
        let mut state = settled();
        state.standings.insert(Round::Calendar, Standing { failures: 2, ..ended(0) });
        assert!(!plan(&state, at(500)).begin.contains(&Round::Calendar));
        assert!(plan(&state, at(900)).begin.contains(&Round::Calendar));
        state.standings.insert(Round::Calendar, Standing { failures: 90, ..ended(0) });
        assert!(plan(&state, at(1081)).begin.contains(&Round::Calendar));
    }

    #[test]
    fn what_runs_is_not_begun_twice_and_bodies_come_on_demand_only() {
        let mut state = settled();
        state.running.insert(Round::Messages(folder("inbox")));
        assert!(plan(&state, at(80)).begin.is_empty());
        assert!(!plan(&state, at(100_000)).begin.contains(&Round::Bodies));
        state.standings.insert(Round::Bodies, Standing { is_asked: true, ..ended(0) });
        assert_eq!(plan(&state, at(1)).begin, [Round::Bodies]);
    }

    #[test]
    fn looking_for_the_network_slows_down_to_five_minutes() {
        let waits: Vec<i64> = (0..9).map(|tries| reconnect_after(tries, 128).as_secs()).collect();
        assert_eq!(waits[0], 5);
        assert!(waits.is_sorted());
        assert_eq!(waits[8], 300);
    }
}
