//! Time: zones by both sorts of names, days over changes of the clocks, dates in words.

use deskbell::domain::time::{
    Span, Transition, Zone, add_days, add_months, clock_time, date_at, date_in_list, day_span, days_between,
    duration_words, instant_of, iso_week, long_date, offset_difference, relative_age, until_words, week_start,
    when_in_list,
};
use jiff::civil::{Date, Weekday, date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn rules(name: &str) -> TimeZone {
    Zone::find(name).rules.unwrap_or_else(|| panic!("{name} is a zone"))
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

#[test]
fn every_name_of_the_table_resolves_and_has_a_windows_name() {
    let table = include_str!("../../assets/windows_zones.tsv");
    let mut names = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        assert_eq!(fields.len(), 3, "{line}");
        let windows = Zone::find(fields[0]);
        assert!(windows.rules.is_some(), "{}", fields[0]);
        assert_eq!(windows.windows_name(), Some(fields[0]));
        for iana in fields[2].split_whitespace() {
            let zone = Zone::find(iana);
            assert!(zone.rules.is_some(), "{iana}");
            assert!(zone.windows_name().is_some(), "{iana}");
            names += 1;
        }
    }
    assert!(names > 500, "{names}");
}

#[test]
fn names_of_today_and_of_old_are_the_same_place() {
    for (today, old, windows) in [
        ("Asia/Kolkata", "Asia/Calcutta", "India Standard Time"),
        ("Europe/Kyiv", "Europe/Kiev", "FLE Standard Time"),
        ("Asia/Ho_Chi_Minh", "Asia/Saigon", "SE Asia Standard Time"),
        ("America/Argentina/Buenos_Aires", "America/Buenos_Aires", "Argentina Standard Time"),
        ("America/Nuuk", "America/Godthab", "Greenland Standard Time"),
    ] {
        let (one, two) = (Zone::find(today), Zone::find(old));
        assert!(one.has_same_clocks(&two, at("2026-11-21T00:00:00Z")), "{today}");
        assert_eq!(one.windows_name(), Some(windows));
        assert_eq!(two.windows_name(), Some(windows));
    }
    assert_eq!(Zone::find("Europe/Madrid").windows_name(), Some("Romance Standard Time"));
    assert_eq!(Zone::find("romance standard time").rules, Zone::find("Europe/Paris").rules);
    assert_eq!(Zone::find("America/Argentina/Buenos_Aires").place(), "Buenos Aires");
    assert_eq!(Zone::find("W. Europe Standard Time").place(), "Berlin");
}

#[test]
fn an_unknown_zone_stays_unknown() {
    for name in [
        "",
        "Customized Time Zone",
        "tzone://Microsoft/Custom",
        "Mars/Olympus",
        "../../etc/passwd",
        "localtime",
        "Etc/Unknown",
    ] {
        let zone = Zone::find(name);
        assert_eq!(zone.rules, None, "{name}");
        assert_eq!(zone.name, name);
        assert_eq!(zone.clock_time(at("2026-11-21T00:00:00Z")), "?");
        assert_eq!(offset_difference(&zone, &TimeZone::UTC, at("2026-11-21T00:00:00Z")), "zone unknown");
    }
    assert_eq!(Zone::find("tzone://Microsoft/Utc"), Zone::utc());
}

#[test]
fn a_custom_zone_follows_its_offsets_and_says_it_is_a_guess() {
    let change =
        |month, occurrence, hour| Transition { month, occurrence, weekday: Weekday::Sunday, time: time(hour, 0, 0, 0) };
    let berlin = Zone::from_bias("Customized Time Zone", -60, Some((change(10, 5, 3), change(3, 5, 2))), -60);
    assert!(berlin.is_approximate);
    for instant in ["2026-10-25T00:59:00Z", "2026-10-25T01:00:00Z", "2027-03-28T00:59:00Z", "2027-03-28T01:00:00Z"] {
        let guessed = berlin.wall_time(at(instant));
        assert_eq!(guessed, Zone::find("Europe/Berlin").wall_time(at(instant)), "{instant}");
    }
    assert_eq!(berlin.clock_time(at("2026-12-01T09:00:00Z")), "~10:00");
    let kathmandu = Zone::from_bias("custom", -345, None, 0);
    assert_eq!(kathmandu.clock_time(at("2026-12-01T00:00:00Z")), "~05:45");
    let newfoundland = Zone::from_bias("custom", 210, None, 0);
    assert_eq!(newfoundland.clock_time(at("2026-12-01T12:00:00Z")), "~08:30");
}

#[test]
fn days_are_as_long_as_the_clocks_make_them() {
    let hours = |zone: &str, day: Date| day_span(day, &rules(zone)).duration().as_hours();
    assert_eq!(hours("Europe/Madrid", date(2026, 10, 25)), 25);
    assert_eq!(hours("Europe/Madrid", date(2027, 3, 28)), 23);
    assert_eq!(hours("America/New_York", date(2027, 3, 14)), 23);
    assert_eq!(hours("Asia/Kolkata", date(2027, 3, 14)), 24);
    // Beirut changes at midnight, so that day begins at one.
    let beirut = day_span(date(2027, 3, 28), &rules("Asia/Beirut"));
    assert_eq!(clock_time(beirut.start, &rules("Asia/Beirut")), "01:00");
    assert_eq!(beirut.duration().as_hours(), 23);
}

#[test]
fn wall_times_that_are_skipped_or_doubled_have_one_instant() {
    let madrid = rules("Europe/Madrid");
    assert_eq!(instant_of(date(2027, 3, 28).at(2, 30, 0, 0), &madrid), at("2027-03-28T01:30:00Z"));
    assert_eq!(instant_of(date(2026, 10, 25).at(2, 30, 0, 0), &madrid), at("2026-10-25T00:30:00Z"));
}

#[test]
fn differences_of_clocks_in_words() {
    let madrid = rules("Europe/Madrid");
    let words = |zone: &str, instant: &str| offset_difference(&Zone::find(zone), &madrid, at(instant));
    assert_eq!(words("Singapore Standard Time", "2026-11-23T10:00:00Z"), "+7 h");
    assert_eq!(words("Asia/Kolkata", "2026-11-23T10:00:00Z"), "+4:30 h");
    assert_eq!(words("Europe/London", "2026-11-23T10:00:00Z"), "-1 h");
    assert_eq!(words("Europe/Berlin", "2026-11-23T10:00:00Z"), "same time");
    // Between the American and the European change it is an hour less.
    assert_eq!(words("America/New_York", "2027-03-13T12:00:00Z"), "-6 h");
    assert_eq!(words("America/New_York", "2027-03-15T12:00:00Z"), "-5 h");
}

#[test]
fn times_as_people_say_them() {
    let madrid = rules("Europe/Madrid");
    let now = at("2026-11-23T09:12:00Z");
    let list = |instant: &str| when_in_list(at(instant), now, &madrid);
    assert_eq!(list("2026-11-23T09:06:00Z"), "10:06");
    assert_eq!(list("2026-11-22T22:30:00Z"), "Yesterday");
    assert_eq!(list("2026-11-22T23:30:00Z"), "00:30");
    assert_eq!(list("2026-11-20T12:00:00Z"), "Fri");
    assert_eq!(list("2026-11-16T12:00:00Z"), "16 Nov");
    assert_eq!(list("2026-08-14T12:00:00Z"), "14 Aug");
    assert_eq!(list("2025-08-14T12:00:00Z"), "14 Aug 2025");
    assert_eq!(date_in_list(date(2026, 11, 24), date(2026, 11, 23)), "Tomorrow");
    assert_eq!(long_date(date(2026, 11, 23)), "Mon 23 Nov 2026");
    assert_eq!(relative_age(at("2026-11-23T09:11:30Z"), now), "now");
    assert_eq!(relative_age(at("2026-11-23T09:10:00Z"), now), "2 min");
    assert_eq!(relative_age(at("2026-11-23T05:00:00Z"), now), "4 h");
    assert_eq!(relative_age(at("2026-11-20T05:00:00Z"), now), "3 d");
    assert_eq!(relative_age(at("2026-11-24T05:00:00Z"), now), "now");
    assert_eq!(until_words(at("2026-11-23T09:12:01Z"), now), "in 1 min");
    assert_eq!(duration_words(SignedDuration::from_mins(90)), "1 h 30 min");
    assert_eq!(duration_words(SignedDuration::from_mins(30)), "30 min");
    assert_eq!(duration_words(SignedDuration::from_hours(50)), "2 d 2 h");
    assert_eq!(duration_words(SignedDuration::ZERO), "0 min");
}

#[test]
fn weeks_and_months() {
    assert_eq!(week_start(date(2026, 11, 22), Weekday::Monday), date(2026, 11, 16));
    assert_eq!(week_start(date(2026, 11, 22), Weekday::Sunday), date(2026, 11, 22));
    assert_eq!(week_start(date(2026, 11, 21), Weekday::Sunday), date(2026, 11, 15));
    assert_eq!(iso_week(date(2027, 1, 1)), (2026, 53));
    assert_eq!(iso_week(date(2026, 11, 23)), (2026, 48));
    assert_eq!(add_months(date(2027, 1, 31), 1), date(2027, 2, 28));
    assert_eq!(add_days(Date::MAX, 1), Date::MAX);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn days_join_without_gap_and_hold_their_own_instants(
        day in 0_i64..3000,
        zone in prop::sample::select(vec!["Europe/Madrid", "America/New_York", "Asia/Kolkata", "Asia/Beirut", "Pacific/Apia", "Australia/Lord_Howe"]),
        minute in 0_i64..1500,
    ) {
        let rules = rules(zone);
        let day = add_days(date(2024, 1, 1), day);
        let span = day_span(day, &rules);
        prop_assert_eq!(span.end, day_span(add_days(day, 1), &rules).start);
        let instant = span.start + SignedDuration::from_mins(minute);
        prop_assert_eq!(span.contains(instant), date_at(instant, &rules) == day);
        prop_assert_eq!(days_between(day, add_days(day, minute)), minute);
    }

    #[test]
    fn what_overlaps_intersects(a in 0_i64..100, b in 0_i64..100, c in 0_i64..100, d in 0_i64..100) {
        let span = |start: i64, length: i64| Span { start: Timestamp::from_second(start).expect("a time"), end: Timestamp::from_second(start + length).expect("a time") };
        let (one, two) = (span(a, b), span(c, d));
        if b > 0 && d > 0 {
            prop_assert_eq!(one.overlaps(&two), one.intersection(&two).is_some());
        }
        if let Some(both) = one.intersection(&two) {
            prop_assert!(one.covers(&both) && two.covers(&both));
        }
    }
}
