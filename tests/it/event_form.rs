//! The form of an event beyond what, when and who: its text, its reminder, how it shows and how it repeats; and a range that is marked
//! to make an event of it. As the state and the screen have it; no engine is needed.

use crate::support::desk::Desk;
use deskbell::domain::event::EventId;
use deskbell::domain::event_draft::EventTime;
use deskbell::domain::freebusy::Availability;
use deskbell::domain::intent::Intent;
use deskbell::domain::request::Answer;
use deskbell::state::event::{Effect, Event};
use jiff::civil::date;

/// The calendar with the cursor on `subject`, found by going down.
fn on(desk: &mut Desk, subject: &str) {
    desk.keys("3 z a g g");
    for _ in 0..20 {
        if desk.store.screens.calendar.selected().is_some_and(|event| event.subject == subject) {
            return;
        }
        desk.keys("j");
    }
    panic!("{subject} is not in the calendar:\n{}", desk.screen());
}

#[test]
fn an_event_repeats_reminds_and_has_a_text() {
    for size in [(80, 24), (120, 40), (64, 16)] {
        let mut desk = Desk::writer(size.0, size.1);
        desk.keys("3 c");
        desk.write("Plan");
        desk.keys("tab tab tab tab tab");
        desk.write("sometimes");
        assert!(desk.screen().contains("\"sometimes\" is no way to repeat."), "{}", desk.screen());
        desk.keys("ctrl-s");
        assert!(desk.changes.is_empty() && desk.screen().contains("Repeats"), "{}", desk.screen());
        desk.keys("ctrl-u");
        desk.write("tue thu until 24 dec");
        // The day that was open is a Monday: the series begins on the first day that fits.
        let words =
            if size.0 < 80 { "every Tuesday and Thursday until Thu 24 Dec 2" } else { "24 Dec 2026, from 24 Nov" };
        assert!(desk.screen().contains(words), "{}", desk.screen());
        desk.keys("tab");
        assert!(desk.screen().contains("15 minutes before"), "{}", desk.screen());
        desk.keys("space right left");
        assert!(desk.screen().contains("30 minutes before"), "{}", desk.screen());
        desk.keys("tab space tab");
        assert!(desk.screen().contains("tentative"), "{}", desk.screen());
        desk.write("Bring numbers");
        desk.keys("enter");
        desk.write("q: all?");
        // A text is not lost by one key.
        desk.keys("esc");
        assert!(
            desk.screen().contains("q: all?") && desk.screen().contains("Once more leaves it"),
            "{}",
            desk.screen()
        );
        desk.write("!");
        desk.keys("ctrl-s");
        let [Intent::CreateEvent { event }] = desk.changes.as_slice() else { panic!("{:?}", desk.changes) };
        assert_eq!((event.body.as_str(), event.reminder), ("Bring numbers\nq: all?!", Some(30)));
        assert_eq!(event.show_as, Availability::Tentative);
        assert_eq!(event.time.first_day(), date(2026, 11, 24));
        let repeats = event.recurrence.as_ref().map(deskbell::domain::recurrence::Recurrence::words);
        assert_eq!(repeats.as_deref(), Some("every Tuesday and Thursday until Thu 24 Dec 2026"));
        assert!(!desk.screen().contains("New event"), "{}", desk.screen());

        // Left twice, it makes nothing.
        desk.keys("c tab tab tab tab tab tab tab tab");
        desk.write("never");
        desk.keys("esc esc");
        assert!(desk.changes.len() == 1 && !desk.screen().contains("New event"), "{}", desk.screen());
    }
}

#[test]
fn the_text_is_written_in_the_editor_as_well() {
    let mut desk = Desk::writer(100, 30);
    desk.keys("3 c");
    desk.write("Plan");
    desk.keys("tab tab tab tab tab tab tab tab");
    desk.write("One");
    desk.keys("ctrl-g");
    let Some(Effect::Edit(ticket, text)) = desk.take_effects().pop() else { panic!("no editor") };
    assert_eq!(text, "One");
    desk.send(Event::Answered(ticket, Box::new(Ok(Answer::Edited("One\n\u{1b}[31mtwo\n".to_owned())))));
    assert!(desk.screen().contains("two") && !desk.screen().contains('\u{1b}'), "{}", desk.screen());
    desk.keys("ctrl-s");
    let [Intent::CreateEvent { event }] = desk.changes.as_slice() else { panic!("{:?}", desk.changes) };
    assert!(event.body.starts_with("One\n") && event.body.ends_with("two"), "{:?}", event.body);
}

#[test]
fn what_only_the_service_knows_is_read_shown_and_changed_alone() {
    let mut desk = Desk::writer(100, 30);
    for event in desk.events.iter_mut().filter(|event| event.id.0 == "hiring") {
        event.is_organizer = true;
        event.attendees.clear();
        event.join_url = None;
    }
    on(&mut desk, "Hiring sync");
    desk.holds_answers = true;
    desk.keys("e");
    assert!(desk.screen().contains("The text is being read."), "{}", desk.screen());
    // Before it is known nothing is written over it.
    desk.keys("shift-tab");
    desk.write("x");
    assert!(desk.screen().contains("The text is still being read."), "{}", desk.screen());
    desk.holds_answers = false;
    desk.release();
    assert!(desk.screen().contains("1. Numbers") && desk.screen().contains("30 minutes before"), "{}", desk.screen());
    desk.keys("ctrl-s");
    assert!(desk.changes.is_empty() && desk.screen().contains("Nothing was changed."), "{}", desk.screen());
    desk.keys("e shift-tab");
    desk.write("!");
    desk.keys("shift-tab shift-tab left left ctrl-s");
    let [Intent::UpdateEvent { series: false, change, .. }] = desk.changes.as_slice() else {
        panic!("{:?}", desk.changes)
    };
    assert_eq!(change.reminder, Some(Some(10)));
    assert_eq!(change.body.as_deref().map(|body| body.contains("Numbers") && body.contains('!')), Some(true));
    assert!(change.time.is_none() && change.subject.is_none() && change.recurrence.is_none(), "{change:?}");
    assert!(change.show_as.is_none() && change.attendees.is_none(), "{change:?}");

    // The link of an online meeting stands in its text.
    for event in desk.events.iter_mut().filter(|event| event.id.0 == "hiring") {
        event.join_url = Some("https://teams.example/join".to_owned());
    }
    desk.keys("1");
    on(&mut desk, "Hiring sync");
    desk.keys("e shift-tab");
    desk.write("x");
    assert!(desk.screen().contains("The text of an online meeting holds its link"), "{}", desk.screen());
    desk.keys("ctrl-g");
    assert!(!desk.take_effects().iter().any(|effect| matches!(effect, Effect::Edit(..))), "no editor either");
}

#[test]
fn how_a_series_repeats_is_a_matter_of_all_of_it() {
    let mut desk = Desk::writer(100, 30);
    for event in desk.events.iter_mut().filter(|event| event.id.0 == "roadmap") {
        event.is_organizer = true;
        event.attendees.clear();
        event.join_url = None;
        event.series = Some(EventId("master".to_owned()));
    }
    on(&mut desk, "Roadmap sync");
    desk.keys("e tab tab tab tab tab");
    assert!(desk.screen().contains("every Tuesday"), "what it is, is said: {}", desk.screen());
    desk.keys("ctrl-u ctrl-s");
    assert!(desk.screen().contains("A series stays one") && desk.changes.is_empty(), "{}", desk.screen());
    desk.write("tue until 24 dec");
    desk.keys("ctrl-s");
    assert!(desk.screen().contains("Change the whole series"), "{}", desk.screen());
    assert!(!desk.screen().contains("this one"), "{}", desk.screen());
    desk.keys("s");
    let [Intent::UpdateEvent { event, series: true, change }] = desk.changes.as_slice() else {
        panic!("{:?}", desk.changes)
    };
    let words = change.recurrence.as_ref().map(deskbell::domain::recurrence::Recurrence::words);
    assert_eq!((event.0.as_str(), words.as_deref()), ("roadmap", Some("every Tuesday until Thu 24 Dec 2026")));
    assert!(matches!(change.time, Some(EventTime::Timed { .. })), "the pattern needs its day: {change:?}");
    // Anything else is asked about: this one or all.
    desk.keys("e tab tab tab");
    desk.write("Room 7");
    desk.keys("ctrl-s");
    assert!(desk.screen().contains("Change this one"), "{}", desk.screen());
    desk.keys("enter");
    let Some(Intent::UpdateEvent { series: false, change, .. }) = desk.changes.get(1) else {
        panic!("{:?}", desk.changes)
    };
    assert!(change.recurrence.is_none() && change.time.is_none(), "{change:?}");
}

#[test]
fn a_marked_range_becomes_an_event() {
    for size in [(80, 24), (120, 40)] {
        let mut desk = Desk::writer(size.0, size.1);
        desk.keys("3 z d l v");
        assert!(desk.screen().contains("30 min"), "{}", desk.screen());
        let begun = desk.store.screens.calendar.marked().expect("a mark");
        desk.keys("j v j j");
        let marked = desk.store.screens.calendar.marked().expect("a mark");
        assert_eq!(marked, (begun.0, begun.1 + 30, begun.1 + 120), "three rows from the one below the first");
        assert!(desk.screen().contains("1 h 30"), "{}", desk.screen());
        desk.keys("k k k");
        let marked = desk.store.screens.calendar.marked().expect("a mark");
        assert_eq!(marked, (begun.0, begun.1, begun.1 + 60), "it grows upwards as well");
        desk.keys("c");
        let clock = |minute: i32| format!("{:02}:{:02}", minute / 60, minute % 60);
        let when = format!("2026-11-24 {} 60m", clock(begun.1));
        assert!(desk.screen().contains("New event") && desk.screen().contains(&when), "{when}: {}", desk.screen());
        desk.write("Marked");
        desk.keys("ctrl-s");
        let [Intent::CreateEvent { event }] = desk.changes.as_slice() else { panic!("{:?}", desk.changes) };
        let EventTime::Timed { start, end, .. } = &event.time else { panic!("{:?}", event.time) };
        assert_eq!(end.duration_since(*start).as_mins(), 60);
        // Nothing is marked any more; Esc ends a mark and nothing else.
        assert_eq!(desk.store.screens.calendar.marked(), None);
        desk.keys("v l");
        let marked = desk.store.screens.calendar.marked().expect("a mark");
        assert_eq!(marked.0, date(2026, 11, 25), "it goes along to another day");
        desk.keys("esc");
        assert!(desk.store.screens.calendar.marked().is_none() && desk.screen().contains("Wednesday"));
        desk.keys("z a v");
        assert!(desk.screen().contains("The list has no hours"), "{}", desk.screen());
    }
}
