//! Free/busy: rows of cells, counts, free times and days away, each against a slow and obvious recount.

use deskbell::domain::freebusy::{
    Availability, Block, Candidate, Cell, Part, Reading, Schedule, ScheduleError, Suggestion, Wanted, WorkingHours,
    cells, count_free, find, next_free, reason,
};
use deskbell::domain::presence::{DayState, absence, day_state};
use deskbell::domain::time::{Span, Zone};
use jiff::civil::{Weekday, date, time};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const WEEK: [Weekday; 5] = [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn span(start: &str, end: &str) -> Span {
    Span { start: at(start), end: at(end) }
}

fn block(start: &str, end: &str, status: Option<Availability>) -> Block {
    Block { span: span(start, end), status, subject: None, location: None, is_private: false }
}

fn nine_to_five(zone: &str) -> Option<WorkingHours> {
    Some(WorkingHours { days: WEEK.to_vec(), start: time(9, 0, 0, 0), end: time(17, 0, 0, 0), zone: Zone::find(zone) })
}

/// Two weeks from Monday 23 November 2026.
fn schedule(blocks: Vec<Block>, view: &str, working_hours: Option<WorkingHours>) -> Schedule {
    Schedule {
        address: "ben@contoso.com".to_owned(),
        window: span("2026-11-23T00:00:00Z", "2026-12-07T00:00:00Z"),
        blocks: Ok(blocks),
        view: view.to_owned(),
        view_minutes: 30,
        working_hours,
        as_of: at("2026-11-23T08:00:00Z"),
    }
}

fn unreadable() -> Schedule {
    let error =
        ScheduleError { code: "notShared".into(), message: "m".into(), remedy: "r".into(), service: String::new() };
    Schedule { blocks: Err(error), ..schedule(Vec::new(), "", None) }
}

#[test]
fn a_cell_shows_the_worst_it_touches() {
    let day = span("2026-11-23T09:00:00Z", "2026-11-23T12:00:00Z");
    let busy_ten = block("2026-11-23T09:50:00Z", "2026-11-23T10:05:00Z", Some(Availability::Busy));
    let maybe = block("2026-11-23T09:00:00Z", "2026-11-23T11:00:00Z", Some(Availability::Tentative));
    let strange = block("2026-11-23T11:00:00Z", "2026-11-23T11:30:00Z", None);
    let schedule = schedule(vec![busy_ten, maybe, strange], "", None);
    use Cell::{Busy, Free, Tentative, Unknown};
    assert_eq!(cells(&schedule, day, 30), [Tentative, Busy, Busy, Tentative, Unknown, Free]);
    // A time without length has the state of its instant, that of where it begins too.
    let instant = |text: &str| Reading::new(&schedule).over(Span { start: at(text), end: at(text) });
    assert_eq!(instant("2026-11-23T09:50:00Z"), Busy);
    assert_eq!(instant("2026-11-23T10:05:00Z"), Tentative);
}

#[test]
fn digits_fill_only_what_blocks_lack() {
    // 09:00 is slot 18. The block explains the busy digits of 09:00; nothing explains those of 10:00 and 10:30.
    let view = format!("{}2023x", "0".repeat(18));
    let busy = block("2026-11-23T09:00:00Z", "2026-11-23T09:10:00Z", Some(Availability::Busy));
    let schedule = schedule(vec![busy], &view, None);
    let row = cells(&schedule, span("2026-11-23T09:00:00Z", "2026-11-23T11:30:00Z"), 10);
    use Cell::{Busy, Free, OutOfOffice, Unknown};
    let mut wanted = vec![Busy, Free, Free, Free, Free, Free];
    wanted.extend([Busy; 3]);
    wanted.extend([OutOfOffice; 3]);
    wanted.extend([Unknown; 3]);
    assert_eq!(row, wanted);
}

#[test]
fn outside_the_window_and_without_an_answer_nothing_is_known() {
    let before = span("2026-11-22T23:00:00Z", "2026-11-23T01:00:00Z");
    assert_eq!(
        cells(&schedule(Vec::new(), "", None), before, 30),
        [Cell::Unknown, Cell::Unknown, Cell::Free, Cell::Free]
    );
    assert_eq!(cells(&unreadable(), before, 60), [Cell::Unknown; 2]);
    assert_eq!(next_free(&unreadable(), at("2026-11-23T09:00:00Z"), 30), None);
}

#[test]
fn hours_are_theirs_and_none_told_means_none_kept() {
    let noon = span("2026-11-23T08:30:00Z", "2026-11-23T09:30:00Z");
    let singapore = schedule(Vec::new(), "", nine_to_five("Singapore Standard Time"));
    assert_eq!(cells(&singapore, noon, 30), [Cell::Free, Cell::OffHours]);
    let untold = schedule(Vec::new(), "", None);
    assert!(!Reading::new(&untold).knows_hours());
    assert_eq!(Reading::new(&untold).at(at("2026-11-28T03:00:00Z")), Cell::Free);
    // A zone nobody knows tells no hours either.
    assert!(!Reading::new(&schedule(Vec::new(), "", nine_to_five("Mars/Olympus"))).knows_hours());
    // A night shift ends on the next day.
    let mut night = nine_to_five("UTC").expect("hours");
    (night.start, night.end) = (time(22, 0, 0, 0), time(6, 0, 0, 0));
    let night = schedule(Vec::new(), "", Some(night));
    assert_eq!(Reading::new(&night).at(at("2026-11-24T03:00:00Z")), Cell::Free);
    assert_eq!(Reading::new(&night).at(at("2026-11-24T12:00:00Z")), Cell::OffHours);
}

#[test]
fn hours_follow_their_change_of_clocks() {
    let mut kept = schedule(Vec::new(), "", nine_to_five("America/New_York"));
    kept.window = span("2027-03-10T00:00:00Z", "2027-03-20T00:00:00Z");
    assert_eq!(Reading::new(&kept).at(at("2027-03-12T13:30:00Z")), Cell::OffHours);
    assert_eq!(Reading::new(&kept).at(at("2027-03-15T13:30:00Z")), Cell::Free);
}

#[test]
fn elsewhere_counts_at_work_and_not_at_night() {
    let elsewhere = block("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", Some(Availability::WorkingElsewhere));
    let schedule = schedule(vec![elsewhere], "", nine_to_five("UTC"));
    assert!(Reading::new(&schedule).at(at("2026-11-23T10:00:00Z")).is_free());
    assert_eq!(Reading::new(&schedule).at(at("2026-11-23T20:00:00Z")), Cell::OffHours);
}

#[test]
fn the_next_free_time_is_the_first_that_is_long_enough() {
    let one = block("2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z", Some(Availability::Busy));
    let two = block("2026-11-23T10:15:00Z", "2026-11-23T16:45:00Z", Some(Availability::Tentative));
    let schedule = schedule(vec![one, two], "", nine_to_five("UTC"));
    assert_eq!(next_free(&schedule, at("2026-11-23T09:20:00Z"), 15), Some(at("2026-11-23T10:00:00Z")));
    assert_eq!(next_free(&schedule, at("2026-11-23T09:20:00Z"), 30), Some(at("2026-11-24T09:00:00Z")));
    assert_eq!(next_free(&schedule, at("2026-11-23T06:00:00Z"), 15), Some(at("2026-11-23T10:00:00Z")));
}

#[test]
fn suggestions_put_required_people_first_and_say_whom_they_hurt() {
    let morning = block("2026-11-24T09:00:00Z", "2026-11-24T12:00:00Z", Some(Availability::Busy));
    let afternoon = block("2026-11-24T12:00:00Z", "2026-11-24T17:00:00Z", Some(Availability::OutOfOffice));
    let ana = schedule(vec![morning], "", nine_to_five("UTC"));
    let ben = schedule(vec![afternoon], "", nine_to_five("UTC"));
    let hugo = unreadable();
    let people = [
        Candidate { schedule: &ana, part: Part::Required },
        Candidate { schedule: &ben, part: Part::Optional },
        Candidate { schedule: &hugo, part: Part::Optional },
    ];
    let window = span("2026-11-24T08:00:00Z", "2026-11-24T18:00:00Z");
    let mut wanted = wanted(vec![window], 60);
    wanted.not_before = at("2026-11-24T12:40:00Z");
    let found = find(&people, &wanted);
    let best = &found.slots[0];
    assert_eq!(best.span, span("2026-11-24T13:00:00Z", "2026-11-24T14:00:00Z"));
    assert_eq!((best.free_required, best.of_required, best.free_optional, best.of_optional), (1, 1, 0, 2));
    assert_eq!(best.affected, [(1, Cell::OutOfOffice), (2, Cell::Unknown)]);
    assert!(find(&people, &Wanted { minutes: 0, ..wanted }).slots.is_empty());
}

/// Slots within these windows that begin on half hours and suit everybody.
fn wanted(windows: Vec<Span>, minutes: u32) -> Wanted {
    let not_before = windows.first().map_or(Timestamp::MIN, |window| window.start);
    Wanted { windows, minutes, step: 30, buffer: 0, not_before, at_least: None, any_hours: false, most: 1000 }
}

#[test]
fn where_nothing_suits_everybody_it_is_said_without_whom_it_would() {
    let all_day = block("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z", Some(Availability::OutOfOffice));
    let morning = block("2026-11-24T09:00:00Z", "2026-11-24T16:00:00Z", Some(Availability::Busy));
    let ana = schedule(vec![all_day], "", nine_to_five("UTC"));
    let ben = schedule(vec![morning], "", nine_to_five("UTC"));
    let room = schedule(Vec::new(), "", None);
    let window = span("2026-11-24T08:00:00Z", "2026-11-24T18:00:00Z");
    let of = |part, schedule| Candidate { schedule, part };
    let found = find(&[of(Part::Required, &ana), of(Part::Required, &ben)], &wanted(vec![window], 60));
    assert!(found.slots.is_empty());
    let [hindrance] = &found.hindrances[..] else { panic!("{:?}", found.hindrances) };
    assert_eq!((hindrance.who, hindrance.starts), (Some(0), 1));
    assert_eq!(hindrance.first, span("2026-11-24T16:00:00Z", "2026-11-24T17:00:00Z"));
    // One of the two is enough: then there is a time, and it says whom it hurts.
    let enough = Wanted { at_least: Some(1), ..wanted(vec![window], 60) };
    let found = find(&[of(Part::Required, &ana), of(Part::Required, &ben), of(Part::Room, &room)], &enough);
    assert_eq!((found.slots[0].span, &found.slots[0].rooms[..]), (hindrance.first, &[2][..]));
    assert_eq!(found.slots[0].affected, [(0, Cell::OutOfOffice)]);
    // A room that is taken stands in the way like a person.
    let found = find(&[of(Part::Required, &ben), of(Part::Room, &ana)], &wanted(vec![window], 60));
    assert_eq!((found.slots.len(), found.hindrances[0].who), (0, None));
    // With an hour of air around it, nothing is left of the afternoon.
    let airy = Wanted { buffer: 60, ..wanted(vec![window], 60) };
    assert!(find(&[of(Part::Required, &ben)], &airy).slots.is_empty());
    // Who is free themselves, but not around it, is told with what comes too near.
    let near = Wanted { buffer: 60, at_least: Some(1), ..wanted(vec![hindrance.first], 60) };
    let busy = [of(Part::Required, &ben), of(Part::Required, &room)];
    assert_eq!(find(&busy, &near).slots[0].affected, [(0, Cell::Busy)]);
    // Whoever keeps more starts from being slots is told first.
    let taken = |start, end| schedule(vec![block(start, end, Some(Availability::Busy))], "", nine_to_five("UTC"));
    let once = taken("2026-11-24T09:00:00Z", "2026-11-24T09:30:00Z");
    let twice = taken("2026-11-24T09:30:00Z", "2026-11-24T10:30:00Z");
    let window = span("2026-11-24T09:00:00Z", "2026-11-24T10:30:00Z");
    let found = find(&[of(Part::Required, &once), of(Part::Required, &twice)], &wanted(vec![window], 30));
    let told: Vec<_> = found.hindrances.iter().map(|one| (one.who, one.starts)).collect();
    assert_eq!(told, [(Some(1), 2), (Some(0), 1)]);
}

#[test]
fn whom_no_time_suits_and_which_suits_the_most_is_told() {
    let of = |part, schedule| Candidate { schedule, part };
    let window = span("2026-11-24T09:00:00Z", "2026-11-24T17:00:00Z");
    // Ana is away all day but for a quarter of an hour, Hugo shares nothing, Ben has the morning, Eva all but the last hour.
    let ana = schedule(
        vec![
            block("2026-11-24T00:00:00Z", "2026-11-24T12:00:00Z", Some(Availability::OutOfOffice)),
            block("2026-11-24T12:15:00Z", "2026-11-24T17:00:00Z", Some(Availability::Busy)),
            block("2026-11-24T13:00:00Z", "2026-11-25T00:00:00Z", Some(Availability::OutOfOffice)),
        ],
        "",
        nine_to_five("UTC"),
    );
    let hugo = unreadable();
    let ben = schedule(
        vec![block("2026-11-24T09:00:00Z", "2026-11-24T13:00:00Z", Some(Availability::Busy))],
        "",
        nine_to_five("UTC"),
    );
    let eva = schedule(
        vec![block("2026-11-24T09:00:00Z", "2026-11-24T16:00:00Z", Some(Availability::Tentative))],
        "",
        nine_to_five("UTC"),
    );
    let people = [
        of(Part::Required, &ana),
        of(Part::Optional, &hugo),
        of(Part::Required, &hugo),
        of(Part::Required, &ben),
        of(Part::Required, &eva),
    ];
    let found = find(&people, &wanted(vec![window], 30));
    assert!(found.slots.is_empty() && found.hindrances.is_empty(), "two stand in the way everywhere: {found:?}");
    // Only those who are required, and by what is most often in their way; whoever has a time at all is not among them.
    assert_eq!(found.never, [(0, Cell::OutOfOffice), (2, Cell::Unknown)]);
    let nearest = found.nearest.expect("a time");
    assert_eq!(nearest.span, span("2026-11-24T16:00:00Z", "2026-11-24T16:30:00Z"), "the first at which most can");
    assert_eq!((nearest.free_required, nearest.of_required, nearest.free_optional), (2, 4, 0));
    assert_eq!(nearest.affected, [(0, Cell::OutOfOffice), (1, Cell::Unknown), (2, Cell::Unknown)]);
    // Where there is a time, nobody is told to be in the way.
    let found = find(&people[3..], &wanted(vec![window], 30));
    assert_eq!((found.never.len(), found.nearest, found.slots[0].span), (0, None, nearest.span));
    // Without a start there is nothing to be said of anybody.
    let past = Wanted { not_before: window.end, ..wanted(vec![window], 30) };
    assert_eq!(find(&people, &past), deskbell::domain::freebusy::FoundSlots::default());
}

#[test]
fn each_suggestion_has_a_reason_that_is_true() {
    let of = |required: (usize, usize), optional: (usize, usize), affected: &[(usize, Cell)]| Suggestion {
        span: span("2026-11-24T09:00:00Z", "2026-11-24T09:30:00Z"),
        free_required: required.0,
        of_required: required.1,
        free_optional: optional.0,
        of_optional: optional.1,
        rooms: Vec::new(),
        affected: affected.to_vec(),
    };
    let all = of((2, 2), (1, 1), &[]);
    let late = of((2, 2), (1, 1), &[]);
    let fewer_optional = of((2, 2), (0, 1), &[(2, Cell::OffHours)]);
    let taken = of((2, 2), (0, 1), &[(2, Cell::Busy)]);
    let fewer = of((1, 2), (1, 1), &[(0, Cell::Busy)]);
    let slots = [all.clone(), late, fewer_optional.clone(), taken, fewer.clone()];
    let told: Vec<&str> = (0..6).map(|at| reason(&slots, at)).collect();
    assert_eq!(
        told,
        [
            "the first that suits everybody",
            "as good, and later",
            "suits fewer of those who are optional",
            "as many can, more of the others have something else",
            "suits fewer of those who are required",
            "",
        ]
    );
    assert_eq!(reason(&[fewer_optional], 0), "suits all who are required, and most of the others");
    assert_eq!(reason(&[of((2, 2), (0, 0), &[(3, Cell::OffHours)])], 0), "the first that suits all who are required");
    assert_eq!(reason(&[fewer], 0), "suits the most of those who are required");
}

/// Eight people in eight zones, with half hours, Windows names and both hemispheres, over every change of the clocks of a year: a
/// quarter of an hour is within somebody's hours exactly when the clock on their wall says so.
#[test]
fn hours_are_kept_over_every_change_of_clocks() {
    let zones = [
        "Asia/Kolkata",
        "India Standard Time",
        "Australia/Adelaide",
        "America/St_Johns",
        "Europe/Lisbon",
        "Pacific/Auckland",
        "Eastern Standard Time",
        "W. Europe Standard Time",
    ];
    for change in ["2026-10-25", "2026-11-01", "2027-03-14", "2027-03-28", "2027-04-04"] {
        let middle = at(&format!("{change}T00:00:00Z"));
        let three = SignedDuration::from_hours(72);
        let window = Span { start: middle - three, end: middle + three };
        for zone in zones {
            let kept = Schedule { window, ..schedule(Vec::new(), "", nine_to_five(zone)) };
            let (reading, hours) = (Reading::new(&kept), nine_to_five(zone).expect("hours"));
            for quarter in 0..6 * 24 * 4 {
                let now = window.start + SignedDuration::from_mins(15 * quarter);
                let wall = hours.zone.wall_time(now).expect("a zone");
                let is_in = WEEK.contains(&wall.weekday()) && hours.start <= wall.time() && wall.time() < hours.end;
                assert_eq!(reading.at(now).is_free(), is_in, "{zone} at {now}");
            }
        }
    }
}

#[test]
fn days_of_the_board() {
    let madrid = Zone::find("Europe/Madrid").rules.expect("a zone");
    let week_off = block("2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z", Some(Availability::OutOfOffice));
    let dentist = block("2026-11-26T10:00:00Z", "2026-11-26T11:00:00Z", Some(Availability::OutOfOffice));
    let home = block("2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z", Some(Availability::WorkingElsewhere));
    let kept = schedule(vec![week_off, dentist, home], "", nine_to_five("Europe/London"));
    let state = |day| day_state(&kept, date(2026, 11, day), &madrid);
    use DayState::{Away, Elsewhere, Here, OffHours, PartAway};
    assert_eq!([23, 24, 25, 26, 27, 28].map(state), [Here, Away, Away, PartAway, Elsewhere, OffHours]);
    assert_eq!(day_state(&unreadable(), date(2026, 11, 23), &madrid), DayState::Unknown);
    assert_eq!(day_state(&kept, date(2026, 12, 21), &madrid), DayState::Unknown);
}

#[test]
fn an_absence_goes_on_over_the_weekend() {
    let madrid = Zone::find("Europe/Madrid").rules.expect("a zone");
    let away = |day: i8| {
        let start = format!(
            "2026-{:02}-{:02}T00:00:00Z",
            if day > 30 { 12 } else { 11 },
            if day > 30 { day - 30 } else { day }
        );
        let start = at(&start);
        let span = Span { start, end: start + SignedDuration::from_hours(24) };
        Block { span, status: Some(Availability::OutOfOffice), subject: None, location: None, is_private: false }
    };
    let kept = schedule([26, 27, 30, 33].map(away).to_vec(), "", nine_to_five("Europe/London"));
    let found = |now| absence(&kept, at(now), &madrid);
    assert_eq!(found("2026-11-24T09:00:00Z"), Some((date(2026, 11, 26), date(2026, 11, 30))));
    assert_eq!(found("2026-11-28T09:00:00Z"), Some((date(2026, 11, 26), date(2026, 11, 30))));
    assert_eq!(found("2026-12-01T09:00:00Z"), Some((date(2026, 12, 3), date(2026, 12, 3))));
    assert_eq!(found("2026-12-04T09:00:00Z"), None);
}

/// Minutes from the start of the schedule's window.
fn minute(minutes: i64) -> Timestamp {
    at("2026-11-23T00:00:00Z") + SignedDuration::from_mins(minutes)
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let status = prop::sample::select(vec![
        None,
        Some(Availability::Free),
        Some(Availability::WorkingElsewhere),
        Some(Availability::Tentative),
        Some(Availability::Busy),
        Some(Availability::OutOfOffice),
    ]);
    let blocks = prop::collection::vec((0_i64..2900, 0_i64..300, status), 0..8);
    let zone = prop::sample::select(vec!["UTC", "Asia/Kolkata", "America/New_York"]);
    (blocks, "[0-4?]{0,60}", prop::option::of(zone)).prop_map(|(blocks, view, zone)| {
        let blocks = blocks.into_iter().map(|(start, length, status)| Block {
            span: Span { start: minute(start), end: minute(start + length) },
            status,
            subject: None,
            location: None,
            is_private: false,
        });
        schedule(blocks.collect(), &view, zone.and_then(nine_to_five))
    })
}

/// Whether this minute is free, from first principles.
fn minute_is_free(schedule: &Schedule, index: i64) -> bool {
    let is_working = schedule.working_hours.as_ref().is_none_or(|hours| {
        let wall = hours.zone.wall_time(minute(index)).expect("a zone");
        WEEK.contains(&wall.weekday()) && hours.start <= wall.time() && wall.time() < hours.end
    });
    minute_is_open(schedule, index) && is_working
}

/// Whether nothing is told of this minute but that it is free, in their hours or not.
fn minute_is_open(schedule: &Schedule, index: i64) -> bool {
    if index < 0 {
        return false;
    }
    let here = Span { start: minute(index), end: minute(index + 1) };
    let blocks = schedule.blocks.as_ref().expect("blocks");
    let is_fine = |status| matches!(status, Some(Availability::Free | Availability::WorkingElsewhere));
    let is_blocked = blocks.iter().any(|block| block.span.overlaps(&here) && !is_fine(block.status));
    let slot = usize::try_from(index / 30).expect("positive");
    let slot_span = Span { start: minute(index / 30 * 30), end: minute(index / 30 * 30 + 30) };
    let is_digit_blocked = schedule.view.chars().nth(slot).is_some_and(|digit| {
        let level = match digit {
            '0' | '4' => return false,
            '1' => Some(Availability::Tentative),
            '2' => Some(Availability::Busy),
            '3' => Some(Availability::OutOfOffice),
            _ => None,
        };
        let told =
            blocks.iter().filter(|block| block.span.overlaps(&slot_span) && block.status != Some(Availability::Free));
        let told: Vec<_> = told.filter_map(|block| block.status).collect();
        told.iter().all(|status| Some(*status) < level) && (level.is_some() || told.is_empty())
    });
    !is_blocked && !is_digit_blocked
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cell_is_free_exactly_when_all_of_its_minutes_are(schedule in any_schedule(), start in 0_i64..2000, step in 1_u16..90) {
        let window = Span { start: minute(start), end: minute(start + 700) };
        let row = cells(&schedule, window, step);
        prop_assert_eq!(row.len(), 700_usize.div_ceil(usize::from(step)));
        for (index, cell) in row.iter().enumerate() {
            let from = start + i64::try_from(index).expect("small") * i64::from(step);
            let to = (from + i64::from(step)).min(start + 700);
            let all_free = (from..to).all(|index| minute_is_free(&schedule, index));
            prop_assert_eq!(cell.is_free(), all_free, "cell {} is {:?}", index, cell);
        }
    }

    #[test]
    fn counts_agree_with_a_recount(schedules in prop::collection::vec(any_schedule(), 1..5)) {
        let window = Span { start: minute(1920), end: minute(2640) };
        let rows: Vec<Vec<Cell>> = schedules.iter().map(|schedule| cells(schedule, window, 30)).collect();
        for (column, count) in count_free(&rows).into_iter().enumerate() {
            prop_assert_eq!(count, rows.iter().filter(|row| row[column].is_free()).count());
        }
    }

    #[test]
    fn the_next_free_time_is_free_and_nothing_earlier_is(schedule in any_schedule(), from in 0_i64..2500, length in 1_u32..90) {
        let is_free = |start: i64| (start..start + i64::from(length)).all(|index| minute_is_free(&schedule, index));
        let found = next_free(&schedule, minute(from), length).map(|at| at.duration_since(minute(0)).as_mins());
        let last = 14 * 1440 - i64::from(length);
        prop_assert_eq!(found, (from..=last).find(|start| is_free(*start)));
    }
}

/// A reminder of no length in somebody's calendar takes no time from anybody.
#[test]
fn a_block_without_length_touches_nothing() {
    let instant = minute(600);
    let empty = Span { start: instant, end: instant };
    let around = Span { start: minute(590), end: minute(610) };
    assert!(!empty.overlaps(&around) && !around.overlaps(&empty), "an empty span overlaps nothing, wherever it lies");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// Minute by minute: whom each start suits, which starts do, which is the best, and who alone is in the way of the others.
    #[test]
    fn slots_agree_with_a_slow_recount(
        people in prop::collection::vec((any_schedule(), prop::sample::select(vec![Part::Required, Part::Required, Part::Optional, Part::Room])), 1..5),
        length in prop::sample::select(vec![15_i64, 30, 45, 60, 37, 80]),
        buffer in prop::sample::select(vec![0_u16, 10]),
        at_least in prop::option::of(0_usize..3),
        any_hours in any::<bool>(),
        first in (0_i64..40).prop_map(|quarter| quarter * 15),
    ) {
        let window = Span { start: minute(first), end: minute(first + 900) };
        let candidates: Vec<Candidate<'_>> =
            people.iter().map(|(schedule, part)| Candidate { schedule, part: *part }).collect();
        let wanted = Wanted { buffer, at_least, any_hours, ..wanted(vec![window], u32::try_from(length).expect("small")) };
        // Each minute is looked at once: open, and free.
        let minutes: Vec<Vec<(bool, bool)>> = people
            .iter()
            .map(|(schedule, _)| {
                let looked_at = |index| (minute_is_open(schedule, index), minute_is_free(schedule, index));
                (first - 60..first + 1000).map(looked_at).collect()
            })
            .collect();
        let told = |who: usize, index: i64| minutes[who][usize::try_from(index - (first - 60)).expect("near")];
        let all_open = |who: usize, from: i64, to: i64| (from..to).all(|index| told(who, index).0);
        let suits = |who: usize, from: i64| {
            let free = |index| {
                let (open, free) = told(who, index);
                if any_hours || people[who].1 == Part::Room { open } else { free }
            };
            (from..from + length).all(free)
                && all_open(who, from - i64::from(buffer), from + length + i64::from(buffer))
        };
        let people = &people;
        let of = move |part: Part| (0..people.len()).filter(move |who| people[*who].1 == part);
        let count = |part: Part, from: i64| of(part).filter(|who| suits(*who, from)).count();
        let starts: Vec<i64> = (first..=first + 900 - length).step_by(30).collect();
        let needed = at_least.map_or(of(Part::Required).count(), |least| least.min(of(Part::Required).count()));
        let has_room = |from: i64| of(Part::Room).count() == 0 || count(Part::Room, from) > 0;
        let does = |from: i64| {
            count(Part::Required, from) >= needed && count(Part::Required, from) + count(Part::Optional, from) > 0 && has_room(from)
        };
        let worth = |from: i64| {
            let blocked = (0..people.len()).filter(|who| people[*who].1 != Part::Room && !suits(*who, from) && !all_open(*who, from, from + length)).count();
            (std::cmp::Reverse(count(Part::Required, from)), std::cmp::Reverse(count(Part::Optional, from)), blocked, from)
        };
        let found = find(&candidates, &wanted);
        let begin = |span: Span| span.start.duration_since(minute(0)).as_mins();
        let best = starts.iter().copied().filter(|from| does(*from)).min_by_key(|from| worth(*from));
        prop_assert_eq!(found.slots.first().map(|slot| begin(slot.span)), best);
        for (at, slot) in found.slots.iter().enumerate() {
            let from = begin(slot.span);
            prop_assert!(does(from) && window.covers(&slot.span) && slot.span.minutes() == length);
            prop_assert!(!found.slots[..at].iter().any(|other| other.span.overlaps(&slot.span)));
            prop_assert_eq!((slot.free_required, slot.free_optional), (count(Part::Required, from), count(Part::Optional, from)));
            for index in (0..people.len()).filter(|who| people[*who].1 != Part::Room) {
                prop_assert_eq!(suits(index, from), !slot.affected.iter().any(|(affected, _)| *affected == index));
            }
            prop_assert_eq!(&slot.rooms, &of(Part::Room).filter(|who| suits(*who, from)).collect::<Vec<_>>());
        }
        for hindrance in &found.hindrances {
            let spare = of(Part::Required).count() - needed;
            let is_alone = |from: i64| {
                let missing: Vec<usize> = of(Part::Required).filter(|who| !suits(*who, from)).collect();
                match hindrance.who {
                    Some(who) => spare == 0 && missing == [who] && has_room(from),
                    None => missing.len() <= spare && !has_room(from),
                }
            };
            let alone: Vec<i64> = starts.iter().copied().filter(|from| is_alone(*from)).collect();
            prop_assert_eq!((hindrance.starts, begin(hindrance.first)), (alone.len(), alone[0]));
        }
    }
}
