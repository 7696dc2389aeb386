//! What to ask the service next, and when: a pure function of what is known and of the time.
//!
//! The cadence: folders every two minutes, the inbox every minute, the open folder every 45 seconds, the calendar every three minutes
//! (two, while it is on the screen). All other folders that are shown come one after the other: sent mail, drafts and the archive
//! soon after the start, the rest behind them; then every five to fifteen minutes, and at once when the tree says that one was
//! counted anew. Junk and deleted mail are read when somebody opens them, and seldom from then on. What lists cannot tell (a removal
//! that went without a word) is found by comparing what is visible now and then. All at half the pace without focus or when nobody
//! has pressed a key for long, each moved by up to a fifth so that many programs do not ask in step. Must stay true: nothing here
//! asks, waits or reads a clock; no round is begun twice at a time, and none while something holds.

use crate::domain::event::CalendarId;
use crate::domain::mail::{FolderId, FolderRole};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};

/// Days, in the person's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Days {
    /// The first.
    pub from: Date,
    /// The one after the last.
    pub to: Date,
}

/// One piece of keeping in step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Round {
    /// The folder tree with counts.
    Folders,
    /// The messages of a folder.
    Messages(FolderId),
    /// The newest messages of a folder, compared one by one with what is here.
    Newest(FolderId),
    /// The window of the main calendar.
    Calendar,
    /// The window of a calendar shown beside it.
    OtherCalendar(CalendarId),
    /// Days on the screen, read as a plain view and compared with what is here.
    View(Days),
    /// The list of calendars.
    Calendars,
    /// Bodies of the newest messages of the inbox, ahead of need.
    Bodies,
    /// A portion of all other bodies that are worth having.
    MoreBodies,
    /// The mailbox's settings and categories.
    Settings,
    /// Contacts and suggestions of people.
    People,
    /// A look whether there is a way to the service again; never planned, begun when an offline wait is over.
    Reach,
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
    /// The days of the calendar on the screen.
    pub days: Option<Days>,
}

/// A folder that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upkeep {
    /// Which.
    pub id: FolderId,
    /// What the service uses it for.
    pub role: Option<FolderRole>,
    /// Its messages were read to the end at least once.
    pub is_kept: bool,
}

/// All that a plan depends on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// When the program began.
    pub began: Timestamp,
    /// The inbox, once its id is known.
    pub inbox: Option<FolderId>,
    /// The folders that are shown, the inbox among them or not.
    pub folders: Vec<Upkeep>,
    /// Folders the service does not let us read; they are asked for again when somebody opens them.
    pub refused: HashSet<FolderId>,
    /// Calendars shown beside the main one.
    pub calendars: Vec<CalendarId>,
    /// The days that the window of the main calendar covers, once it was read.
    pub window: Option<Days>,
    /// What the screen shows.
    pub interest: Interest,
    /// Since when it shows those days.
    pub days_since: Timestamp,
    /// The terminal does not have the focus.
    pub is_unfocused: bool,
    /// When a person last pressed a key; `None`: nobody is expected to.
    pub touched: Option<Timestamp>,
    /// A person wants no long work now.
    pub is_paused: bool,
    /// There may be more bodies to fetch ahead.
    pub has_more_bodies: bool,
    /// Mail was granted.
    pub has_mail: bool,
    /// The calendar was granted.
    pub has_calendar: bool,
    /// The mailbox's settings were granted.
    pub has_settings: bool,
    /// Contacts or suggestions were granted.
    pub has_people: bool,
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
const BUSY_FOLDER: SignedDuration = SignedDuration::from_mins(5);
const QUIET_FOLDER: SignedDuration = SignedDuration::from_mins(15);
const UNLOVED_FOLDER: SignedDuration = SignedDuration::from_mins(30);
const CALENDAR: SignedDuration = SignedDuration::from_secs(180);
const OPEN_CALENDAR: SignedDuration = SignedDuration::from_secs(120);
const OTHER_CALENDAR: SignedDuration = SignedDuration::from_mins(5);
const CALENDARS: SignedDuration = SignedDuration::from_hours(6);
const VIEW_OUTSIDE: SignedDuration = SignedDuration::from_mins(5);
const VIEW_INSIDE: SignedDuration = SignedDuration::from_mins(10);
const NEWEST: SignedDuration = SignedDuration::from_mins(30);
const MORE_BODIES: SignedDuration = SignedDuration::from_secs(30);
const SETTINGS: SignedDuration = SignedDuration::from_hours(12);
const PEOPLE: SignedDuration = SignedDuration::from_hours(24);
/// A round that fails again and again is tried this seldom.
const SLOWEST: SignedDuration = SignedDuration::from_mins(15);
/// After the start come sent mail, drafts and the archive; then the other folders, and what nobody waits for.
const SOON: SignedDuration = SignedDuration::from_secs(15);
const LATER: SignedDuration = SignedDuration::from_secs(45);
/// Somebody who turns page after page does not want each of them.
const GLANCE: SignedDuration = SignedDuration::from_millis(400);
/// What is here is compared once it has been looked at for so long.
const LOOK: SignedDuration = SignedDuration::from_secs(20);
/// So long without a key is idle, and so long is idle for good.
const IDLE: SignedDuration = SignedDuration::from_mins(15);
const LONG_IDLE: SignedDuration = SignedDuration::from_mins(60);

/// Which rounds are due at `now`, and when the next one will be.
#[must_use]
pub fn plan(state: &State, now: Timestamp) -> Plan {
    match state.hold {
        Hold::Person => return Plan::default(),
        Hold::Until(instant) if now < instant => return Plan { begin: Vec::new(), wake: Some(instant) },
        Hold::Until(_) | Hold::None => {}
    }
    let mut plan = Plan::default();
    let mut look = |due: Option<Timestamp>, round: Round| match due {
        Some(due) if due <= now => plan.begin.push(round),
        Some(due) => plan.wake = Some(plan.wake.map_or(due, |earlier: Timestamp| earlier.min(due))),
        None => {}
    };
    for round in wanted(state) {
        if !state.running.contains(&round) {
            look(due(state, &round, now), round);
        }
    }
    if let Some((due, round)) = next_other(state, now) {
        look(Some(due), round);
    }
    plan
}

/// Which of the folders that nobody looks at is next, and when: one at a time, and none before the inbox was read.
fn next_other(state: &State, now: Timestamp) -> Option<(Timestamp, Round)> {
    let inbox = state.inbox.as_ref()?;
    let is_inbox_read = state.standings.get(&Round::Messages(inbox.clone())).is_some_and(|inbox| inbox.ended.is_some());
    if !state.has_mail || !is_inbox_read || state.is_paused {
        return None;
    }
    let rounds = || others(state).map(|other| Round::Messages(other.id.clone()));
    if rounds().any(|round| state.running.contains(&round)) {
        return None;
    }
    rounds().filter_map(|round| Some((due(state, &round, now)?, round))).min_by_key(|(due, _)| *due)
}

/// The folders that nobody looks at now.
fn others(state: &State) -> impl Iterator<Item = &Upkeep> {
    let is_looked_at = |id: &FolderId| Some(id) == state.inbox.as_ref() || Some(id) == state.interest.folder.as_ref();
    state.folders.iter().filter(move |folder| !is_looked_at(&folder.id) && !state.refused.contains(&folder.id))
}

/// The rounds that somebody has a use for, the most wanted first.
fn wanted(state: &State) -> Vec<Round> {
    let mut rounds = Vec::new();
    let open = || state.interest.folder.iter().filter(|folder| Some(*folder) != state.inbox.as_ref());
    if state.has_mail {
        rounds.push(Round::Folders);
        rounds.extend(open().chain(&state.inbox).cloned().map(Round::Messages));
    }
    if state.has_calendar {
        rounds.push(Round::Calendar);
        rounds.extend(state.interest.days.map(Round::View));
        rounds.extend(state.calendars.iter().cloned().map(Round::OtherCalendar));
    }
    if state.has_mail && state.inbox.is_some() {
        rounds.extend([Round::Bodies, Round::MoreBodies]);
    }
    if state.has_calendar {
        rounds.push(Round::Calendars);
    }
    if state.has_mail {
        rounds.extend(open().chain(&state.inbox).cloned().map(Round::Newest));
    }
    rounds.extend(state.has_settings.then_some(Round::Settings));
    rounds.extend(state.has_people.then_some(Round::People));
    if state.is_paused {
        // What a person asks for is done all the same; long work waits.
        let is_short =
            |round: &Round| !matches!(round, Round::Bodies | Round::MoreBodies | Round::Settings | Round::People);
        rounds.retain(|round| is_short(round) && state.standings.get(round).is_some_and(|standing| standing.is_asked));
    }
    rounds
}

/// When a round is due; `None`: only when asked for.
fn due(state: &State, round: &Round, now: Timestamp) -> Option<Timestamp> {
    let none = Standing::default();
    let standing = state.standings.get(round).unwrap_or(&none);
    if standing.is_asked {
        return Some(Timestamp::MIN);
    }
    let interval = match interval(state, round, now) {
        Some(interval) => interval,
        // A round that runs only on demand is tried again after a failure.
        None if standing.failures > 0 => INBOX,
        None => return None,
    };
    let Some(ended) = standing.ended else { return first(state, round) };
    ended.checked_add(jittered(backed_off(interval, standing.failures), standing.jitter)).ok()
}

/// When a round is due for the first time since the start; `None`: only when asked for.
fn first(state: &State, round: &Round) -> Option<Timestamp> {
    let after = |wait: SignedDuration| state.began.checked_add(wait).ok();
    let since_shown = |wait: SignedDuration| state.days_since.checked_add(wait).ok();
    match round {
        Round::Messages(folder) if is_looked_at(state, folder) => Some(Timestamp::MIN),
        Round::Messages(folder) => {
            let folder = state.folders.iter().find(|known| known.id == *folder)?;
            match folder.role {
                Some(FolderRole::Junk | FolderRole::Deleted) if !folder.is_kept => None,
                Some(FolderRole::Inbox | FolderRole::Sent | FolderRole::Drafts | FolderRole::Archive) => after(SOON),
                _ => after(LATER),
            }
        }
        Round::View(days) if is_outside(state, *days) => since_shown(GLANCE),
        Round::View(_) => since_shown(LOOK),
        Round::Newest(_) => after(NEWEST),
        Round::Calendars => after(SOON),
        Round::Settings | Round::People | Round::MoreBodies => after(LATER),
        Round::Folders | Round::Calendar | Round::OtherCalendar(_) | Round::Bodies => Some(Timestamp::MIN),
        Round::Reach => None,
    }
}

fn is_looked_at(state: &State, folder: &FolderId) -> bool {
    state.inbox.as_ref() == Some(folder) || state.interest.folder.as_ref() == Some(folder)
}

/// Whether some of `days` lie outside the window that is kept in step.
fn is_outside(state: &State, days: Days) -> bool {
    state.window.is_some_and(|window| days.from < window.from || days.to > window.to)
}

fn interval(state: &State, round: &Round, now: Timestamp) -> Option<SignedDuration> {
    let interval = match round {
        Round::Folders => FOLDERS,
        Round::Messages(folder) if state.interest.folder.as_ref() == Some(folder) => OPEN_FOLDER,
        Round::Messages(folder) if state.inbox.as_ref() == Some(folder) => INBOX,
        Round::Messages(folder) => match state.folders.iter().find(|known| known.id == *folder)?.role {
            Some(FolderRole::Sent | FolderRole::Drafts) => BUSY_FOLDER,
            Some(FolderRole::Junk | FolderRole::Deleted) => UNLOVED_FOLDER,
            _ => QUIET_FOLDER,
        },
        Round::Newest(_) => NEWEST,
        Round::Calendar if state.interest.calendar => OPEN_CALENDAR,
        Round::Calendar => CALENDAR,
        Round::OtherCalendar(_) => OTHER_CALENDAR,
        Round::View(days) if is_outside(state, *days) => VIEW_OUTSIDE,
        Round::View(_) => VIEW_INSIDE,
        Round::Calendars => CALENDARS,
        Round::Bodies | Round::Reach => return None,
        // A portion after the other, whoever looks: this is work to be done, not a question to be asked again.
        Round::MoreBodies => return state.has_more_bodies.then_some(MORE_BODIES),
        Round::Settings => SETTINGS,
        Round::People => PEOPLE,
    };
    let idle = state.touched.map_or(SignedDuration::ZERO, |touched| now.duration_since(touched));
    let slower = match () {
        () if idle >= LONG_IDLE => 4,
        () if idle >= IDLE || state.is_unfocused => 2,
        () => 1,
    };
    Some(interval * slower)
}

/// Twice as long for each failure in a row.
fn backed_off(interval: SignedDuration, failures: u32) -> SignedDuration {
    (interval * 2_i32.pow(failures.min(6))).min(SLOWEST.max(interval))
}

/// From four to six fifths of `interval`.
fn jittered(interval: SignedDuration, jitter: u8) -> SignedDuration {
    interval * 4 / 5 + interval * 2 / 5 * i32::from(jitter) / 255
}

impl State {
    /// The clock was set back by `by`, and now it is `now`: nothing has happened in the future, and no wait becomes longer by it.
    pub fn set_back(&mut self, by: SignedDuration, now: Timestamp) {
        let earlier = |at: Timestamp| at.checked_sub(by).unwrap_or(Timestamp::MIN);
        for standing in self.standings.values_mut() {
            standing.ended = standing.ended.map(|ended| ended.min(now));
        }
        if let Hold::Until(until) = &mut self.hold {
            *until = earlier(*until);
        }
        self.began = self.began.min(now);
        self.days_since = self.days_since.min(now);
        self.touched = self.touched.map(|touched| touched.min(now));
    }

    /// Forgets how views stand that nobody looks at any more.
    pub fn forget_views(&mut self) {
        let (shown, running) = (self.interest.days, &self.running);
        self.standings.retain(|round, _| match round {
            Round::View(days) => Some(*days) == shown || running.contains(round),
            _ => true,
        });
    }
}

/// How long to wait before the `tries`-th look whether the service can be reached again: 5 s, doubled each time, at most a minute as
/// long as there is no way to it at all, and five where it is reached and answers nothing of use.
#[must_use]
pub fn reconnect_after(tries: u32, has_way: bool, jitter: u8) -> SignedDuration {
    let longest = if has_way { SignedDuration::from_mins(5) } else { SignedDuration::from_mins(1) };
    let wait = SignedDuration::from_secs(5) * 2_i32.pow(tries.min(6));
    jittered(wait.min(longest), jitter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        let inbox = || folder("inbox");
        let rounds = [
            Round::Folders,
            Round::Messages(inbox()),
            Round::Calendar,
            Round::Bodies,
            Round::Calendars,
            Round::Newest(inbox()),
        ];
        State {
            began: at(0),
            days_since: at(0),
            inbox: Some(folder("inbox")),
            has_mail: true,
            has_calendar: true,
            standings: rounds.into_iter().map(|round| (round, ended(0))).collect(),
            ..State::default()
        }
    }

    #[test]
    fn a_new_program_asks_for_folders_and_calendar_and_then_for_the_inbox() {
        let state = State { began: at(0), has_mail: true, has_calendar: true, ..State::default() };
        assert_eq!(plan(&state, at(0)).begin, [Round::Folders, Round::Calendar]);
        let state = State { inbox: Some(folder("inbox")), running: [Round::Folders].into(), ..state };
        assert_eq!(plan(&state, at(0)).begin, [Round::Messages(folder("inbox")), Round::Calendar]);
    }

    #[test]
    fn only_what_was_granted_is_asked_for() {
        let state = State { began: at(0), has_calendar: true, ..State::default() };
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

    fn upkeep(id: &str, role: Option<FolderRole>, is_kept: bool) -> Upkeep {
        Upkeep { id: folder(id), role, is_kept }
    }

    fn of(name: &str) -> Round {
        Round::Messages(folder(name))
    }

    #[test]
    fn other_folders_come_one_after_the_other_at_their_own_pace() {
        let mut state = settled();
        state.began = at(0);
        state.folders = vec![
            upkeep("inbox", Some(FolderRole::Inbox), true),
            upkeep("clients", None, true),
            upkeep("sent", Some(FolderRole::Sent), false),
            upkeep("junk", Some(FolderRole::Junk), false),
        ];
        assert!(plan(&state, at(14)).begin.is_empty(), "what is on the screen comes first");
        assert_eq!(plan(&state, at(15)).begin, [of("sent")]);
        state.running.insert(of("sent"));
        assert!(plan(&state, at(46)).begin.is_empty(), "one at a time");
        state.running.clear();
        state.standings.insert(of("sent"), ended(46));
        assert_eq!(plan(&state, at(46)).begin, [of("clients")]);
        state.standings.insert(of("clients"), ended(47));
        for round in [Round::Folders, of("inbox"), Round::Calendar] {
            state.standings.insert(round, ended(300));
        }
        // Sent mail every five minutes, the others every fifteen; junk when it is opened, and seldom from then on.
        assert_eq!(plan(&state, at(347)).begin, [of("sent")]);
        state.standings.insert(of("sent"), ended(347));
        for round in [Round::Folders, of("inbox"), Round::Calendar, of("sent")] {
            state.standings.insert(round, ended(940));
        }
        assert_eq!(plan(&state, at(949)).begin, [of("clients")]);
        state.interest.folder = Some(folder("junk"));
        assert!(plan(&state, at(949)).begin.contains(&of("junk")));
        // No other folder before the inbox has been read.
        state.interest.folder = None;
        state.standings.remove(&of("inbox"));
        let begun = plan(&state, at(1_500)).begin;
        assert!(begun.contains(&of("inbox")) && !begun.contains(&of("clients")), "{begun:?}");
    }

    #[test]
    fn what_was_counted_anew_is_read_before_what_is_merely_due() {
        let mut state = settled();
        state.folders = ["a", "b"].map(|id| upkeep(id, None, true)).into();
        state.standings.insert(of("a"), ended(-2_000));
        state.standings.insert(of("b"), Standing { is_asked: true, ..ended(0) });
        assert_eq!(plan(&state, at(1)).begin, [of("b")]);
        state.refused.insert(folder("b"));
        assert_eq!(plan(&state, at(1)).begin, [of("a")], "what is refused is left alone");
    }

    #[test]
    fn days_on_the_screen_are_compared_and_those_outside_the_window_are_read_at_once() {
        let days = |from: &str, to: &str| Days { from: from.parse().expect("a day"), to: to.parse().expect("a day") };
        let mut state = settled();
        state.window = Some(days("2026-10-01", "2027-06-01"));
        state.interest.calendar = true;
        state.days_since = at(10);
        let next_year = days("2027-11-22", "2027-11-29");
        state.interest.days = Some(next_year);
        assert!(plan(&state, at(10)).begin.is_empty(), "a glance in passing asks nothing");
        assert_eq!(plan(&state, at(11)).begin, [Round::View(next_year)]);
        state.standings.insert(Round::View(next_year), ended(11));
        assert!(plan(&state, at(40)).begin.is_empty());
        let this_week = days("2026-11-23", "2026-11-30");
        state.interest.days = Some(this_week);
        assert!(plan(&state, at(29)).begin.is_empty());
        assert_eq!(plan(&state, at(31)).begin, [Round::View(this_week)]);
        state.forget_views();
        assert!(!state.standings.contains_key(&Round::View(next_year)));
    }

    #[test]
    fn a_pause_lets_only_through_what_a_person_asks_for() {
        let mut state = settled();
        state.folders = vec![upkeep("clients", None, false)];
        (state.is_paused, state.has_more_bodies) = (true, true);
        assert_eq!(plan(&state, at(100_000)), Plan::default());
        state.standings.insert(of("inbox"), Standing { is_asked: true, ..ended(0) });
        state.standings.insert(Round::Bodies, Standing { is_asked: true, ..ended(0) });
        assert_eq!(plan(&state, at(100_000)).begin, [of("inbox")]);
        state.is_paused = false;
        assert!(plan(&state, at(100_000)).begin.contains(&Round::MoreBodies));
    }

    #[test]
    fn whoever_is_away_from_the_keys_is_asked_for_less() {
        let mut state = settled();
        state.touched = Some(at(-900));
        assert!(plan(&state, at(90)).begin.is_empty());
        assert!(!plan(&state, at(145)).begin.is_empty());
        state.touched = Some(at(-3_600));
        assert!(plan(&state, at(145)).begin.is_empty());
        state.touched = Some(at(89));
        assert!(!plan(&state, at(90)).begin.is_empty());
    }

    #[test]
    fn a_clock_that_was_set_back_stops_nothing() {
        let mut state = settled();
        for round in [Round::Folders, of("inbox"), Round::Calendar] {
            state.standings.insert(round, ended(7_200));
        }
        state.hold = Hold::Until(at(7_230));
        assert_eq!(plan(&state, at(0)).wake, Some(at(7_230)), "two hours from now");
        state.set_back(SignedDuration::from_secs(7_200), at(0));
        assert_eq!(plan(&state, at(0)).wake, Some(at(30)));
        let wake = plan(&state, at(31)).wake.expect("a time");
        assert!(wake <= at(72), "{wake}");
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
        for (has_way, longest) in [(true, 300), (false, 60)] {
            let waits: Vec<i64> = (0..9).map(|tries| reconnect_after(tries, has_way, 128).as_secs()).collect();
            assert_eq!(waits[0], 5);
            assert!(waits.is_sorted());
            assert_eq!(waits[8], longest);
        }
    }

    fn any_round() -> impl Strategy<Value = Round> {
        let id = || (0..4_u8).prop_map(|id| folder(&format!("f{id}")));
        let days = (0..3_i64).prop_map(|week| {
            let from = jiff::civil::date(2026, 11, 23).saturating_add(jiff::Span::new().weeks(40 * week));
            Days { from, to: from.saturating_add(jiff::Span::new().days(7)) }
        });
        prop_oneof![
            Just(Round::Folders),
            id().prop_map(Round::Messages),
            id().prop_map(Round::Newest),
            Just(Round::Calendar),
            (0..2_u8).prop_map(|id| Round::OtherCalendar(CalendarId(format!("c{id}")))),
            days.prop_map(Round::View),
            Just(Round::Calendars),
            Just(Round::Bodies),
            Just(Round::MoreBodies),
            Just(Round::Settings),
            Just(Round::People),
        ]
    }

    fn any_standing() -> impl Strategy<Value = Standing> {
        (proptest::option::of(-90_000..1_000_i64), 0..9_u32, any::<bool>(), any::<u8>()).prop_map(
            |(ended, failures, is_asked, jitter)| Standing { ended: ended.map(at), failures, is_asked, jitter },
        )
    }

    prop_compose! {
        fn any_state()(
            standings in proptest::collection::hash_map(any_round(), any_standing(), 0..12),
            running in proptest::collection::hash_set(any_round(), 0..4),
            folders in proptest::collection::vec((0..4_u8, 0..7_usize, any::<bool>()), 0..5),
            shown in (any::<bool>(), proptest::option::of(0..4_u8), proptest::option::of(any_round())),
            flags in proptest::collection::vec(any::<bool>(), 7),
            hold in prop_oneof![3 => Just(Hold::None), 1 => Just(Hold::Person), 1 => (0..2_000_i64).prop_map(|until| Hold::Until(at(until)))],
            touched in proptest::option::of(-9_000..1_000_i64),
        ) -> State {
            let days = match shown.2 { Some(Round::View(days)) => Some(days), _ => None };
            State {
                began: at(-1_000),
                inbox: shown.0.then(|| folder("f0")),
                folders: folders.into_iter().map(|(id, role, is_kept)| {
                    upkeep(&format!("f{id}"), FolderRole::ALL.get(role).copied(), is_kept)
                }).collect(),
                calendars: vec![CalendarId("c0".to_owned())],
                interest: Interest { folder: shown.1.map(|id| folder(&format!("f{id}"))), calendar: flags[0], days },
                days_since: at(0),
                is_unfocused: flags[1],
                is_paused: flags[2],
                has_more_bodies: flags[3],
                has_mail: flags[4],
                has_calendar: flags[5],
                has_settings: flags[6],
                touched: touched.map(at),
                hold,
                running,
                standings,
                ..State::default()
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_the_state_no_round_is_begun_twice_and_none_against_a_hold(state in any_state(), now in 0..1_000_i64) {
            let now = at(now);
            let planned = plan(&state, now);
            let mut seen = HashSet::new();
            for round in &planned.begin {
                prop_assert!(seen.insert(round.clone()), "{round:?} twice");
                prop_assert!(!state.running.contains(round), "{round:?} runs already");
                let is_mail = matches!(round, Round::Folders | Round::Messages(_) | Round::Newest(_) | Round::Bodies | Round::MoreBodies);
                let is_calendar = matches!(round, Round::Calendar | Round::OtherCalendar(_) | Round::View(_) | Round::Calendars);
                prop_assert!(!is_mail || state.has_mail);
                prop_assert!(!is_calendar || state.has_calendar);
                prop_assert!(!state.is_paused || state.standings[round].is_asked);
            }
            match state.hold {
                Hold::Person => prop_assert_eq!(&planned, &Plan::default()),
                Hold::Until(until) if now < until => {
                    prop_assert!(planned.begin.is_empty());
                    prop_assert_eq!(planned.wake, Some(until));
                }
                _ => {}
            }
            // Nobody is woken for nothing: the instant lies ahead, and something begins then.
            if let Some(wake) = planned.wake {
                prop_assert!(wake > now);
                let begun = State { running: state.running.iter().chain(&planned.begin).cloned().collect(), ..state.clone() };
                let then = plan(&begun, wake);
                let is_held = matches!(state.hold, Hold::Until(until) if now < until);
                let is_slower = interval_moved(&state, now, wake);
                prop_assert!(is_held || is_slower || !then.begin.is_empty() || state.running.len() < begun.running.len(), "{then:?}");
            }
            // Of folders that nobody looks at one is read at a time.
            let is_other = |round: &&Round| matches!(round, Round::Messages(id) if !is_looked_at(&state, id));
            prop_assert!(planned.begin.iter().filter(is_other).count() <= 1);
        }
    }

    /// Whether somebody counts as idle at the second instant who did not at the first: the pace is another by then.
    fn interval_moved(state: &State, now: Timestamp, then: Timestamp) -> bool {
        interval(state, &Round::Folders, now) != interval(state, &Round::Folders, then)
    }
}
