//! Events that are made, changed, deleted and answered, as the state and the screen have it; no engine is needed for it.

use crate::support::desk::Desk;
use deskbell::domain::event::{Attendee, EventId, Response};
use deskbell::domain::event_draft::{EventTime, Invitee};
use deskbell::domain::intent::{Intent, InvitationAnswer};
use deskbell::domain::mail::Recipient;
use jiff::civil::date;

fn attendee(address: &str, is_resource: bool) -> Attendee {
    Attendee {
        recipient: Recipient { name: String::new(), address: address.to_owned() },
        is_optional: false,
        is_resource,
        response: Response::NotResponded,
    }
}

fn answered(event: &str, answer: InvitationAnswer, series: bool, note: &str) -> Intent {
    let (event, note) = (EventId(event.to_owned()), note.to_owned());
    Intent::Respond { event, series, answer, note, tell: true, proposal: None }
}

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
fn an_event_is_made_from_what_people_type() {
    for size in [(80, 24), (120, 40)] {
        let mut desk = Desk::writer(size.0, size.1);
        desk.keys("3 c");
        assert!(
            desk.screen().contains("New event") && desk.screen().contains("2026-11-23 10:30 30m"),
            "{}",
            desk.screen()
        );
        assert!(desk.screen().contains("Monday 23 Nov 2026, 10:30 to 11:00"), "{}", desk.screen());
        // Letters are text here, whatever they mean elsewhere.
        desk.write("Plan q?1");
        desk.keys("tab ctrl-u");
        desk.write("tue 14:00-15:00");
        assert!(desk.screen().contains("Tuesday 24 Nov 2026, 14:00 to 15:00"), "{}", desk.screen());
        desk.keys("tab");
        desk.write("be");
        desk.advance(300);
        assert!(desk.screen().contains("Who?"), "{}", desk.screen());
        desk.keys("tab");
        desk.write("x@fabrikam.com");
        desk.keys("tab");
        desk.write("Room 4");
        desk.keys("tab space");
        assert!(desk.screen().contains("2 people are invited and told."), "{}", desk.screen());
        desk.keys("ctrl-s");
        let [Intent::CreateEvent { event }] = desk.changes.as_slice() else { panic!("{:?}", desk.changes) };
        assert_eq!((event.subject.as_str(), event.location.as_str(), event.is_online), ("Plan q?1", "Room 4", true));
        let EventTime::Timed { start, end, zone } = &event.time else { panic!("{:?}", event.time) };
        assert_eq!((*start, *end), (date(2026, 11, 24).at(14, 0, 0, 0), date(2026, 11, 24).at(15, 0, 0, 0)));
        assert_eq!(zone.name, "Europe/Madrid");
        let invited: Vec<&str> = event.attendees.iter().map(|one| one.recipient.address.as_str()).collect();
        assert_eq!(invited, ["ben@contoso.com", "x@fabrikam.com"]);
        assert!(
            !desk.screen().contains("New event") && desk.screen().contains("Changed. u undoes."),
            "{}",
            desk.screen()
        );
    }
}

#[test]
fn what_is_not_understood_is_said_and_nothing_is_made() {
    let mut desk = Desk::writer(100, 30);
    desk.keys("3 l c");
    assert!(desk.screen().contains("2026-11-24 09:00 30m"), "another day begins in the morning: {}", desk.screen());
    desk.keys("ctrl-s");
    assert!(desk.screen().contains("Say in a word what it is."), "{}", desk.screen());
    desk.write("x");
    desk.keys("tab ctrl-u");
    desk.write("someday");
    assert!(desk.screen().contains("\"someday\" is no day or time."), "{}", desk.screen());
    desk.keys("ctrl-s");
    desk.keys("ctrl-u");
    desk.write("2026-12-24");
    desk.keys("tab");
    desk.write("nobody knows");
    desk.keys("ctrl-s");
    assert!(desk.screen().contains("is no address; choose somebody"), "{}", desk.screen());
    assert_eq!(desk.changes, []);
    desk.keys("ctrl-u ctrl-s");
    let [Intent::CreateEvent { event }] = desk.changes.as_slice() else { panic!("{:?}", desk.changes) };
    assert_eq!(event.time, EventTime::AllDay { start: date(2026, 12, 24), end: date(2026, 12, 25) });
    // Left alone, it makes nothing.
    desk.keys("c");
    desk.write("never");
    desk.keys("esc");
    assert!(desk.changes.len() == 1 && !desk.screen().contains("New event"));
}

#[test]
fn only_what_was_changed_is_changed() {
    let mut desk = Desk::writer(100, 30);
    for event in desk.events.iter_mut().filter(|event| event.id.0 == "budget") {
        event.is_organizer = true;
        event.attendees = vec![attendee("ben@contoso.com", false), attendee("room4@contoso.com", true)];
        event.attendees[0].is_optional = true;
    }
    on(&mut desk, "1:1 Ana");
    desk.keys("e");
    assert!(desk.screen().contains("Only its organizer can change it."), "{}", desk.screen());
    on(&mut desk, "Budget review Q1");
    desk.keys("e");
    assert!(desk.screen().contains("2026-11-23 10:30-11:30"), "{}", desk.screen());
    desk.keys("ctrl-s");
    assert!(desk.changes.is_empty() && desk.screen().contains("Nothing was changed."), "{}", desk.screen());
    desk.keys("e tab tab");
    desk.write("ana@contoso.com");
    desk.keys("tab ctrl-u");
    desk.write("Room 9");
    desk.keys("ctrl-s");
    let [Intent::UpdateEvent { event, series: false, change }] = desk.changes.as_slice() else {
        panic!("{:?}", desk.changes)
    };
    assert_eq!((event.0.as_str(), change.location.as_deref()), ("budget", Some("Room 9")));
    assert!(change.subject.is_none() && change.time.is_none() && change.is_online.is_none(), "{change:?}");
    let who = |address: &str, is_optional, is_resource| Invitee {
        recipient: Recipient { name: String::new(), address: address.to_owned() },
        is_optional,
        is_resource,
    };
    let expected = [
        who("ben@contoso.com", true, false),
        who("ana@contoso.com", false, false),
        who("room4@contoso.com", false, true),
    ];
    assert_eq!(change.attendees.as_deref(), Some(&expected[..]), "the room stays a room");
}

#[test]
fn invitations_are_answered_at_once_or_with_a_note_also_from_their_mail() {
    let mut desk = Desk::writer(100, 30);
    on(&mut desk, "Hiring sync");
    desk.keys("i a");
    assert_eq!(desk.changes, [answered("hiring", InvitationAnswer::Accept, false, "")]);
    desk.keys("i D");
    assert!(desk.screen().contains("Decline \"Hiring sync\"") && desk.screen().contains("Note"), "{}", desk.screen());
    desk.write("Away, so k no");
    desk.keys("enter");
    assert_eq!(desk.changes[1], answered("hiring", InvitationAnswer::Decline, false, "Away, so k no"));
    assert!(!desk.screen().contains("Decline \""), "{}", desk.screen());

    for event in desk.events.iter_mut().filter(|event| event.id.0 == "roadmap") {
        event.series = Some(EventId("master".to_owned()));
    }
    desk.keys("1");
    on(&mut desk, "Roadmap sync");
    desk.keys("i t");
    assert!(desk.screen().contains("the whole series"), "{}", desk.screen());
    desk.keys("k");
    assert_eq!(desk.changes.len(), 2, "left as it is");
    desk.keys("i t s");
    assert_eq!(desk.changes[2], answered("roadmap", InvitationAnswer::Tentative, true, ""));
    desk.keys("i t enter");
    assert_eq!(desk.changes[3], answered("roadmap", InvitationAnswer::Tentative, false, ""), "this one comes first");

    // From the mail: the third is an invitation, the others are none.
    let before = desk.changes.len();
    desk.keys("2 i a");
    assert!(desk.screen().contains("No invitation is under the cursor."), "{}", desk.screen());
    desk.keys("j j i t");
    assert_eq!(desk.changes.len(), before, "what is over is not answered: {:?}", desk.changes);
    assert!(desk.screen().contains("It is over already."), "{}", desk.screen());
    desk.events.retain(|event| event.id.0 != "standup");
    desk.keys("i t");
    assert_eq!(desk.changes[before..], [answered("budget", InvitationAnswer::Tentative, false, "")]);
}

#[test]
fn a_meeting_of_several_is_kept_unless_somebody_means_it() {
    let mut desk = Desk::writer(100, 30);
    for event in &mut desk.events {
        event.is_organizer = true;
        if event.id.0 == "budget" {
            event.attendees = vec![attendee("ben@contoso.com", false), attendee("ana@contoso.com", false)];
        }
    }
    let deleted = |event: &str, series, note: &str| Intent::DeleteEvent {
        event: EventId(event.to_owned()),
        series,
        note: note.to_owned(),
    };
    on(&mut desk, "1:1 Ana");
    desk.keys("d");
    assert_eq!(desk.changes, [deleted("ana", false, "")], "one's own goes at once; u brings it back");
    on(&mut desk, "Budget review Q1");
    desk.keys("d");
    assert!(desk.screen().contains("Cancel it and tell 2 people"), "{}", desk.screen());
    desk.keys("enter");
    assert!(desk.changes.len() == 1 && !desk.screen().contains("tell 2 people"), "Enter keeps it");
    desk.keys("d");
    desk.write("Sorry");
    desk.keys("tab enter");
    assert_eq!(desk.changes[1], deleted("budget", false, "Sorry"));
    // Somebody else's meeting: taken out of the calendar, and nobody is told.
    for event in desk.events.iter_mut().filter(|event| event.id.0 == "hiring") {
        event.is_organizer = false;
    }
    desk.keys("1");
    on(&mut desk, "Hiring sync");
    desk.keys("d");
    assert!(desk.screen().contains("Delete it; nobody is told"), "{}", desk.screen());
    desk.keys("esc d o");
    assert_eq!(desk.changes[2], deleted("hiring", false, ""));
}

#[test]
fn without_the_permission_it_is_said_and_nothing_opens() {
    let mut desk = Desk::new(100, 30);
    on(&mut desk, "Hiring sync");
    for keys in ["c", "e", "d", "i a", "i D"] {
        desk.keys(keys);
        assert!(desk.screen().contains("This was not granted yet"), "{keys}: {}", desk.screen());
    }
    assert!(desk.changes.is_empty() && desk.store.layers.is_empty());
    let mut reads = Desk::writer(100, 30);
    reads.store.session.is_read_only = true;
    reads.keys("3 c");
    assert!(reads.screen().contains("read-only") && reads.store.layers.is_empty(), "{}", reads.screen());
}
