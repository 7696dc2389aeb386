//! Writing mail, and what is done with it, as the state and the screen have it; no engine is needed for it.

use crate::support::desk::Desk;
use deskbell::base::report::{Kind, Report};
use deskbell::domain::draft::DraftId;
use deskbell::domain::intent::{
    Intent, IntentId, ItemState, MoveTarget, OutboxItem, OutboxSummary, Settlement, Trouble,
};
use deskbell::domain::mail::{FolderRole, MessageId};
use deskbell::domain::notice::Notice;
use deskbell::domain::request::{Answer, Request};
use deskbell::state::event::{Effect, Event};
use deskbell::state::layer::Layer;

/// Rests so long that everything typed is kept.
fn rest(desk: &mut Desk) {
    desk.advance(1_500);
}

#[test]
fn a_message_is_written_with_completion_kept_and_sent() {
    for size in [(80, 24), (120, 40)] {
        let mut desk = Desk::writer(size.0, size.1);
        desk.keys("2 c");
        assert!(desk.screen().contains("New message"), "{}", desk.screen());
        desk.write("be");
        desk.advance(300);
        assert!(desk.screen().contains("Ben Okafor"), "{}", desk.screen());
        desk.keys("tab");
        desk.write("x@fabrikam.com,");
        desk.keys("tab tab tab");
        desk.write("Lunch?");
        desk.keys("tab");
        desk.write("At one, see the attachment: q2?");
        rest(&mut desk);
        let screen = desk.screen();
        assert!(screen.contains("Ben Okafor; x@fabrikam.com"), "{screen}");
        assert!(screen.contains("You wrote \"attachment\" and nothing is attached."), "{screen}");
        let kept = desk.drafts.last().expect("it is kept");
        assert_eq!((kept.subject.as_str(), kept.body.as_str()), ("Lunch?", "At one, see the attachment: q2?"));
        assert_eq!(kept.to.len(), 2);
        // What is doubtful is shown first, and Enter there does not send it.
        desk.keys("ctrl-s");
        assert!(desk.screen().contains("Before it goes"), "{}", desk.screen());
        desk.keys("enter");
        assert!(desk.changes.is_empty() && !desk.screen().contains("Before it goes"));
        desk.keys("ctrl-s y");
        assert_eq!(desk.changes, [Intent::Send { draft: DraftId(1) }]);
        assert!(desk.screen().contains("Changed. u undoes."), "{}", desk.screen());
        assert!(!desk.screen().contains("New message"));
        // Undo opens it again.
        desk.keys("u");
        assert!(desk.screen().contains("At one, see the attachment"), "{}", desk.screen());
    }
}

#[test]
fn letters_are_text_and_nothing_else_while_a_message_is_written() {
    let mut desk = Desk::writer(100, 30);
    desk.keys("2 r");
    let every = "qdDasUFuvmc123?:/*gGjk!";
    desk.write(every);
    let screen = desk.screen();
    assert!(screen.contains("Reply") && screen.contains(every), "{screen}");
    assert!(screen.contains("> Two points are left."), "{screen}");
    assert_eq!(desk.changes, []);
    desk.send(Event::Paste("two\nlines \u{1b}[2J".to_owned()));
    assert!(desk.screen().contains("lines"), "{}", desk.screen());
    desk.advance(1_500);
    assert!(desk.drafts[0].body.starts_with(&format!("{every}two\nlines ")), "{:?}", desk.drafts[0].body);
}

#[test]
fn keys_typed_before_the_draft_is_there_are_in_it() {
    let mut desk = Desk::writer(100, 30);
    desk.keys("2");
    desk.holds_answers = true;
    desk.keys("R");
    desk.write("Dear Dana");
    assert!(desk.screen().contains("Dear Dana"));
    desk.release();
    let screen = desk.screen();
    assert!(screen.contains("Dear Dana") && screen.contains("> Two points are left."), "{screen}");
    assert!(screen.contains("Dana Levy"), "{screen}");
    rest(&mut desk);
    assert!(desk.drafts[0].body.starts_with("Dear Dana\n\nOn Monday"), "{:?}", desk.drafts[0].body);
}

#[test]
fn nothing_typed_is_lost_on_the_ways_out() {
    let mut desk = Desk::writer(100, 30);
    // An untouched message goes without a word.
    desk.keys("2 c esc");
    assert!(!desk.screen().contains("New message"));
    assert_eq!(desk.changes, [Intent::DiscardDraft { draft: DraftId(1) }]);
    desk.changes.clear();
    // Another view: it is kept as a draft.
    desk.keys("c");
    desk.write("ben");
    desk.keys("ctrl-p");
    desk.write("Calendar");
    desk.keys("enter");
    assert!(desk.screen().contains("Your message is kept as a draft; gr shows the drafts."), "{}", desk.screen());
    assert_eq!(desk.drafts[0].to[0].label(), "ben");
    // It is found again with what was half typed.
    desk.keys("g r");
    assert!(desk.screen().contains("(no subject)"), "{}", desk.screen());
    desk.keys("enter");
    assert!(desk.screen().contains("To       ben"), "{}", desk.screen());
    desk.keys("ctrl-s");
    assert!(desk.screen().contains("\"ben\" is nobody's address."), "{}", desk.screen());
    // Put aside, the service gets a copy.
    desk.keys("esc p");
    assert_eq!(desk.changes, [Intent::KeepDraft { draft: DraftId(1) }]);
    assert!(desk.screen().contains("Kept as a draft."));
    // Thrown away only by its letter.
    desk.keys("g r enter");
    desk.write("x");
    desk.keys("esc q");
    desk.keys("enter");
    assert_eq!(desk.changes.len(), 1, "Enter keeps it");
    desk.keys("q y");
    assert_eq!(desk.changes[1], Intent::DiscardDraft { draft: DraftId(1) });
    assert!(desk.layers().is_empty());
}

#[test]
fn a_key_pressed_before_the_draft_is_made_is_not_lost() {
    let mut desk = Desk::writer(100, 30);
    desk.keys("2");
    desk.holds_answers = true;
    desk.keys("c");
    desk.write("ben");
    desk.keys("esc q");
    assert!(desk.screen().contains("The draft is still being made; then it goes on."), "{}", desk.screen());
    desk.release();
    assert!(desk.screen().contains("Keep it"), "{}", desk.screen());
    desk.keys("y");
    assert_eq!(desk.changes, [Intent::DiscardDraft { draft: DraftId(1) }]);
}

#[test]
fn a_draft_that_cannot_be_kept_says_so_and_does_not_leave() {
    let mut desk = Desk::writer(100, 30);
    desk.keys("2 r");
    desk.write("Yes.");
    desk.holds_answers = true;
    desk.keys("ctrl-s");
    let (ticket, request) = desk.held.remove(0);
    assert!(matches!(request, Request::KeepDraft(_)), "{request:?}");
    let full = Report::new(Kind::Failure, "diskFull", "The disk is full.").because("Nothing fits.").next("Make room.");
    desk.send(Event::Answered(ticket, Box::new(Err(full))));
    assert!(desk.screen().contains("The disk is full."), "{}", desk.screen());
    assert!(desk.held.is_empty(), "nothing is sent that was not kept: {:?}", desk.held);
    desk.write("!");
    desk.advance(6_000);
    assert!(matches!(desk.held[0].1, Request::KeepDraft(_)));
}

#[test]
fn the_text_goes_to_the_editor_and_comes_back() {
    let mut desk = Desk::writer(100, 30);
    desk.keys("2 r ctrl-g");
    let Some(Effect::Edit(ticket, text)) = desk.take_effects().pop() else { panic!("no editor") };
    assert!(text.contains("> Two points are left."));
    desk.send(Event::Answered(ticket, Box::new(Ok(Answer::Edited("From outside\n\u{1b}[31m> red".to_owned())))));
    assert!(desk.screen().contains("From outside"), "{}", desk.screen());
    rest(&mut desk);
    assert_eq!(desk.drafts[0].body, "From outside\n> red");
    desk.keys("ctrl-g");
    let Some(Effect::Edit(ticket, _)) = desk.take_effects().pop() else { panic!("no editor") };
    let report = Report::new(Kind::Failure, "editor", "The editor's text was not taken.").next("Look in the file.");
    desk.send(Event::Answered(ticket, Box::new(Err(report))));
    assert!(desk.screen().contains("was not taken"), "{}", desk.screen());
    desk.keys("esc");
    assert!(desk.screen().contains("From outside"));
}

#[test]
fn messages_are_acted_on_one_by_one_and_together() {
    let mut desk = Desk::writer(120, 40);
    desk.keys("2");
    let ids: Vec<MessageId> = desk.mail.iter().map(|row| row.message.id.clone()).collect();
    let archived = |id: &MessageId| Intent::Move { message: id.clone(), to: MoveTarget::Role(FolderRole::Archive) };
    desk.keys("a");
    assert_eq!(desk.changes, [archived(&ids[0])]);
    assert!(desk.screen().contains("Changed. u undoes."), "{}", desk.screen());
    desk.changes.clear();
    // Space goes down; an act takes all that are selected.
    desk.keys("space space a");
    assert_eq!(desk.changes, [archived(&ids[0]), archived(&ids[1])]);
    desk.changes.clear();
    // A range, and back a step.
    desk.keys("g g v j j j k");
    assert!(desk.screen().contains("3 selected"), "{}", desk.screen());
    desk.keys("F");
    let flags: Vec<bool> =
        desk.changes.iter().map(|each| matches!(each, Intent::Flag { is_flagged: true, .. })).collect();
    assert_eq!(flags, [true; 3]);
    desk.changes.clear();
    desk.keys("esc");
    assert!(!desk.screen().contains("selected"));
    // By words; one goal for all.
    desk.keys("*");
    desk.write("re:");
    desk.keys("enter U");
    let reads: Vec<&Intent> = desk.changes.iter().collect();
    assert!(reads.len() > 1, "{reads:?}");
    let goals: Vec<bool> = reads.iter().map(|each| matches!(each, Intent::MarkRead { is_read: true, .. })).collect();
    assert!(goals.iter().all(|goal| *goal == goals[0]), "{reads:?}");
    desk.changes.clear();
    desk.keys("esc s");
    desk.write("junk");
    desk.keys("enter");
    let [Intent::Move { to: MoveTarget::Folder(folder), .. }] = desk.changes.as_slice() else {
        panic!("{:?}", desk.changes)
    };
    assert_eq!(folder.0, "junk");
    desk.changes.clear();
    desk.keys("C");
    desk.write("Clients");
    desk.keys("enter");
    assert!(
        matches!(&desk.changes[..], [Intent::Categorise { categories, .. }] if categories.contains(&"Clients".to_owned()))
    );
}

#[test]
fn deleting_for_ever_asks_and_many_need_their_number() {
    let mut desk = Desk::writer(100, 30);
    desk.keys("2 D");
    for answer in ["enter", "esc"] {
        desk.keys(answer);
        assert_eq!(desk.changes, [], "{answer} keeps it");
        desk.keys("D");
    }
    desk.keys("y");
    assert!(matches!(desk.changes[..], [Intent::DeleteForEver { .. }]));
    assert!(!desk.screen().contains("undoes"), "it cannot be taken back: {}", desk.screen());
    desk.changes.clear();
    let mut desk = Desk::with_mail(120, 40, 60);
    desk.grant_writing();
    desk.keys("2 v G");
    desk.keys("D");
    desk.write("y");
    desk.keys("enter");
    assert!(desk.changes.is_empty(), "{}", desk.screen());
    desk.keys("backspace");
    desk.write("60");
    desk.keys("enter");
    assert!(desk.changes.len() == 60, "{}", desk.screen());
}

#[test]
fn a_message_that_is_looked_at_is_read_and_one_that_is_passed_is_not() {
    let mut desk = Desk::writer(120, 40);
    let unread = desk.mail.iter().position(|row| !row.message.is_read).expect("one is unread");
    desk.keys("2 g g");
    for _ in 0..unread {
        desk.keys("j");
    }
    desk.advance(5_000);
    assert_eq!(desk.changes, [], "passing by is no reading");
    desk.keys("enter");
    desk.advance(900);
    assert_eq!(desk.changes, []);
    desk.advance(200);
    let id = desk.mail[unread].message.id.clone();
    assert_eq!(desk.changes, [Intent::MarkRead { message: id, is_read: true }]);
    assert!(!desk.screen().contains("Changed."), "nobody asked to hear of it");
    // Who reads only marks nothing.
    let mut reader = Desk::new(120, 40);
    reader.keys("2 enter");
    reader.advance(5_000);
    assert_eq!(reader.changes, []);
}

#[test]
fn what_may_not_be_done_says_why() {
    let mut desk = Desk::new(100, 30);
    desk.keys("2 a");
    assert!(
        desk.screen().contains("This was not granted yet; the command \"Permission: Writing\" asks"),
        "{}",
        desk.screen()
    );
    desk.keys("c");
    assert!(desk.screen().contains("not granted yet") && desk.layers().is_empty());
    desk.keys(":");
    desk.write("Archive");
    assert!(desk.screen().contains("not now"), "{}", desk.screen());
    let mut desk = Desk::writer(100, 30);
    desk.store.session.is_read_only = true;
    for key in ["a", "d", "D", "s", "F", "U", "C", "r", "R", "f", "c", "m"] {
        desk.keys(&format!("2 {key}"));
        assert!(desk.screen().contains("This runs read-only: nothing is changed."), "{key}: {}", desk.screen());
    }
    assert_eq!(desk.changes, []);
}

fn item(id: i64, words: &str, state: ItemState, report: Option<Report>) -> OutboxItem {
    OutboxItem {
        id: IntentId(id),
        intent: Intent::Flag { message: MessageId("m".to_owned()), is_flagged: true },
        words: words.to_owned(),
        made: "2026-11-23T09:00:00Z".parse().expect("an instant"),
        state,
        attempts: 3,
        next_try: None,
        report,
    }
}

/// Answers the questions for the outbox that are held.
fn answer_outbox(desk: &mut Desk, items: &[OutboxItem]) -> Vec<Request> {
    let held = std::mem::take(&mut desk.held);
    let mut asked = Vec::new();
    for (ticket, request) in held {
        if let Request::KeepDraft(draft) = &request {
            desk.drafts = vec![(**draft).clone()];
            desk.send(Event::Answered(ticket, Box::new(Ok(Answer::Draft(draft.clone())))));
        } else if matches!(request, Request::Outbox | Request::Settle { .. }) {
            desk.send(Event::Answered(ticket, Box::new(Ok(Answer::Outbox(items.to_vec())))));
        }
        asked.push(request);
    }
    asked
}

#[test]
fn the_outbox_shows_what_waits_and_lets_decide() {
    for size in [(80, 24), (120, 40)] {
        let mut desk = Desk::writer(size.0, size.1);
        let summary = OutboxSummary {
            held: 1,
            waiting: 1,
            troubled: 1,
            next_send: Some(desk.now + jiff::SignedDuration::from_secs(9)),
        };
        desk.send(Event::Notice(Notice::OutboxChanged(summary)));
        assert!(desk.screen().contains("outbox 3, a message goes in 9 s, one needs you (go)"), "{}", desk.screen());
        desk.advance(2_000);
        assert!(desk.screen().contains("goes in 7 s"), "it counts down: {}", desk.screen());
        let until = desk.now + jiff::SignedDuration::from_secs(7);
        let report = Report::new(Kind::Failure, "changedElsewhere", "Somebody else moved it.")
            .because("It lies in Clients.")
            .next("Decide.");
        let items = [
            item(1, "Send \"Lunch?\" to Ben", ItemState::Held { until }, None),
            item(2, "Flag \"Plan\"", ItemState::Waiting, None),
            item(3, "Archive \"Contract\"", ItemState::NeedsPerson(Trouble::ChangedElsewhere), Some(report)),
        ];
        desk.holds_answers = true;
        desk.keys("g o");
        answer_outbox(&mut desk, &items);
        let screen = desk.screen();
        for text in ["Send \"Lunch?\" to Ben", "goes in 7 s", "waits", "changed elsewhere", "Attempts"] {
            assert!(screen.contains(text), "{text}: {screen}");
        }
        desk.keys("m");
        assert!(desk.screen().contains("Nobody else changed the same."), "{}", desk.screen());
        desk.keys("x");
        assert_eq!(
            answer_outbox(&mut desk, &items[1..]),
            [Request::Settle { id: IntentId(1), how: Settlement::Cancel }]
        );
        desk.keys("G m");
        assert_eq!(
            answer_outbox(&mut desk, &items[1..]),
            [Request::Settle { id: IntentId(3), how: Settlement::KeepMine }]
        );
        desk.keys("enter");
        assert!(desk.screen().contains("It lies in Clients."), "{}", desk.screen());
        desk.keys("esc r");
        assert_eq!(answer_outbox(&mut desk, &[]), [Request::Settle { id: IntentId(3), how: Settlement::Retry }]);
        assert!(desk.screen().contains("Nothing waits"), "{}", desk.screen());
    }
}

#[test]
fn leaving_with_things_unsent_asks_once_and_names_them() {
    let mut desk = Desk::writer(100, 30);
    desk.keys("ctrl-c");
    assert_eq!(desk.take_effects(), [Effect::Quit], "nothing is in the way");
    let mut desk = Desk::writer(100, 30);
    desk.send(Event::Notice(Notice::OutboxChanged(OutboxSummary { held: 1, ..OutboxSummary::default() })));
    desk.keys("2 r");
    desk.write("Yes, on");
    desk.holds_answers = true;
    desk.keys("ctrl-c");
    assert_eq!(desk.take_effects(), []);
    let until = desk.now;
    answer_outbox(&mut desk, &[item(1, "Send \"Lunch?\" to Ben", ItemState::Held { until }, None)]);
    let screen = desk.screen();
    assert!(
        screen.contains("Send \"Lunch?\" to Ben") && screen.contains("\"Re: Contract draft\" is not sent"),
        "{screen}"
    );
    desk.keys("esc");
    assert!(desk.screen().contains("Yes, on"), "it stays: {}", desk.screen());
    assert_eq!(desk.take_effects(), []);
    desk.keys("ctrl-c");
    answer_outbox(&mut desk, &[item(1, "Send \"Lunch?\" to Ben", ItemState::Held { until }, None)]);
    desk.write("!");
    desk.holds_answers = false;
    desk.keys("y");
    assert_eq!(desk.take_effects(), [Effect::Quit]);
    assert!(desk.drafts[0].body.starts_with("Yes, on\n"), "kept before the end: {:?}", desk.drafts);
}

impl Desk {
    fn layers(&self) -> &[Layer] {
        &self.store.layers
    }
}
