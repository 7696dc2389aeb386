//! The mail view: a window on a mailbox of any size, a reader that follows, a selection that survives news.

use crate::support::desk::{Desk, lines_of, monday, plain_message};
use deskbell::base::report::{Kind, Report};
use deskbell::domain::input::{Key, KeyCode};
use deskbell::domain::mail::{FolderId, MessageId};
use deskbell::domain::notice::Notice;
use deskbell::domain::request::Request;
use deskbell::state::event::{Effect, Event, Wake};
use jiff::SignedDuration;

fn selected(desk: &Desk) -> String {
    desk.store.screens.mail.list.selected().map_or(String::new(), |row| row.message.subject.clone())
}

#[test]
fn the_newest_is_selected_and_read_and_the_reader_follows_after_a_rest() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2");
    desk.advance(200);
    assert!(desk.screen().contains("About \"Contract draft v3: two open points\""));
    desk.keys("j");
    assert!(desk.cursor_line().contains("Build Bot"));
    assert!(desk.screen().contains("About \"Contract draft v3"), "what was there stays until the key has rested");
    desk.advance(119);
    assert!(desk.screen().contains("About \"Contract draft v3"));
    desk.advance(1);
    assert!(desk.screen().contains("About \"Nightly failed: 3 tests\""));
}

#[test]
fn enter_reads_at_once_and_esc_leads_back_to_the_list() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 j j enter");
    let screen = desk.screen();
    assert!(screen.contains("About \"Invitation: Roadmap sync, Tue 15:30\""), "{screen}");
    desk.keys("]");
    assert!(desk.screen().contains("About \"Re: offsite dates\""));
    desk.keys("esc k");
    assert_eq!(selected(&desk), "Invitation: Roadmap sync, Tue 15:30");
}

#[test]
fn the_reader_shows_who_when_what_hangs_on_it_and_where_links_lead() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 enter");
    let screen = desk.screen();
    for words in [
        "Contract draft v3: two open points",
        "Dana Levy <dana@fabrikam.com>",
        "EXTERNAL",
        "Lena Ortiz; Ana Ruiz",
        "Mon 23 Nov 2026 10:06  Madrid",
        "contract-v3.docx (84 KB)",
        "redline.pdf (1.2 MB)",
        "2 remote pictures blocked",
        "12 quoted lines folded",
        "[1] fabrikam.example  https://fabrikam.example/plan",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    desk.keys("z a G");
    assert!(desk.screen().contains("quoted line 11"), "{}", desk.screen());
    desk.keys("o");
    assert_eq!(desk.take_effects(), [Effect::OpenLink("https://fabrikam.example/plan".to_owned())]);
    desk.keys("esc j j j enter");
    assert!(!desk.screen().contains("EXTERNAL"), "a colleague is not marked: {}", desk.screen());
}

#[test]
fn a_window_of_rows_is_kept_however_far_one_walks() {
    let mut desk = Desk::with_mail(120, 40, 10_000);
    desk.keys("2");
    for step in 1..=3_000 {
        desk.send(Event::Key(Key::plain(KeyCode::Char('j'))));
        assert_eq!(selected(&desk), format!("Subject number {step}"));
    }
    assert!(desk.store.screens.mail.list.rows().len() < 1_000, "{}", desk.store.screens.mail.list.rows().len());
    for _ in 0..3_000 {
        desk.send(Event::Key(Key::plain(KeyCode::Char('k'))));
    }
    assert_eq!(selected(&desk), "Subject number 0");
    desk.keys("G");
    assert_eq!(selected(&desk), "Subject number 9999");
    assert!(desk.cursor_line().contains("Sender 3"), "{}", desk.cursor_line());
    desk.keys("pgup pgup g g");
    assert_eq!(selected(&desk), "Subject number 0");
}

#[test]
fn a_flood_of_keys_is_not_lost_while_the_cache_is_slow() {
    let mut desk = Desk::with_mail(120, 40, 10_000);
    desk.keys("2");
    desk.holds_answers = true;
    for _ in 0..300 {
        desk.send(Event::Key(Key::plain(KeyCode::Char('j'))));
    }
    let pages = desk.held.iter().filter(|(_, request)| matches!(request, Request::Messages { .. })).count();
    assert_eq!(pages, 1, "one page is asked for at a time");
    desk.release();
    assert_eq!(selected(&desk), "Subject number 300");
}

#[test]
fn one_key_changes_two_rows_and_nothing_else() {
    let mut desk = Desk::with_mail(120, 40, 10_000);
    desk.keys("2 j j");
    desk.advance(1_000);
    let before = desk.buffer();
    desk.keys("j");
    let after = desk.buffer();
    let width = usize::from(after.area.width);
    let changed: Vec<usize> = before
        .content()
        .chunks(width)
        .zip(after.content().chunks(width))
        .enumerate()
        .filter(|(_, (before, after))| before != after)
        .map(|(row, _)| row)
        .collect();
    // A message takes two lines at this width.
    assert_eq!(changed.len(), 4, "{changed:?}");
    let cells = before.diff(&after).len();
    assert!(cells <= 160, "{cells} cells");
}

#[test]
fn most_keys_scroll_nothing() {
    let mut desk = Desk::with_mail(120, 40, 1_000);
    desk.keys("2");
    // The sender in the first row tells whether the list has moved.
    let first_sender = |desk: &mut Desk| lines_of(&desk.buffer())[3].chars().skip(27).take(12).collect::<String>();
    let mut scrolled = 0;
    let mut before = first_sender(&mut desk);
    assert!(before.starts_with("Sender 0"), "{before}");
    for _ in 0..100 {
        desk.send(Event::Key(Key::plain(KeyCode::Char('j'))));
        let now = first_sender(&mut desk);
        scrolled += usize::from(now != before);
        before = now;
    }
    assert!(scrolled > 0, "it does move");
    assert!(scrolled <= 15, "{scrolled} of 100");
}

#[test]
fn the_selection_survives_news_above_it_and_its_own_end() {
    let mut desk = Desk::with_mail(120, 40, 500);
    desk.keys("2 j j j");
    assert_eq!(selected(&desk), "Subject number 3");
    for at in 1..=5 {
        let mut row = plain_message(-at, monday());
        row.message.subject = format!("Brand new {at}");
        desk.mail.insert(0, row);
    }
    desk.send(Event::Notice(Notice::MessagesChanged(FolderId("inbox".to_owned()))));
    assert_eq!(selected(&desk), "Subject number 3");
    assert!(desk.screen().contains("Brand new 5"), "the top is followed: {}", desk.screen());
    desk.mail.retain(|row| row.message.subject != "Subject number 3");
    desk.send(Event::Notice(Notice::MessagesChanged(FolderId("inbox".to_owned()))));
    assert_eq!(selected(&desk), "Subject number 4", "the next one takes its place");
}

#[test]
fn next_unread_reads_on_in_the_cache_as_far_as_it_takes() {
    let mut desk = Desk::with_mail(120, 40, 5_000);
    for row in &mut desk.mail {
        row.message.is_read = row.message.subject != "Subject number 4321";
    }
    desk.keys("2 g n");
    desk.advance(200);
    assert_eq!(selected(&desk), "Subject number 4321");
    assert!(desk.screen().contains("About \"Subject number 4321\""), "{}", desk.screen());
    desk.keys("g n");
    assert!(desk.screen().contains("No older message is unread."));
    assert_eq!(selected(&desk), "Subject number 4321");
}

#[test]
fn days_part_the_list_and_the_bigger_step_goes_by_days() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2");
    let screen = desk.screen();
    for day in ["Today  Mon 23 Nov", "Yesterday  Sun 22 Nov", "Friday 20 November", "Friday 13 November"] {
        assert!(screen.contains(day), "{day}: {screen}");
    }
    desk.keys("}");
    assert_eq!(selected(&desk), "Fwd: 新加坡行程 Singapore visit");
    desk.keys("} {");
    assert_eq!(selected(&desk), "Fwd: 新加坡行程 Singapore visit");
}

#[test]
fn a_body_that_arrives_later_is_shown_when_it_is_there() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 enter");
    desk.holds_answers = true;
    desk.send(Event::Notice(Notice::BodyArrived(MessageId("message-0".to_owned()))));
    assert_eq!(desk.held.len(), 1);
    desk.held.clear();
    desk.send(Event::Notice(Notice::BodyArrived(MessageId("message-7".to_owned()))));
    assert_eq!(desk.held.len(), 0, "another message's body is nobody's business");
}

#[test]
fn a_list_that_cannot_be_read_says_so_and_keeps_the_program_going() {
    let mut desk = Desk::new(120, 40);
    desk.holds_answers = true;
    desk.keys("2");
    let (ticket, _) = desk.held.remove(0);
    let report = Report::new(Kind::Failure, "disk", "The cache could not be read.").next("Free some room on the disk.");
    desk.send(Event::Answered(ticket, Box::new(Err(report))));
    let screen = desk.screen();
    assert!(screen.contains("The cache could not be read.") && screen.contains("! explain"), "{screen}");
    desk.keys("!");
    assert!(desk.screen().contains("Free some room on the disk."));
}

#[test]
fn panes_follow_the_width_and_the_selection_stays() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 j j");
    let panes = |desk: &mut Desk| {
        let screen = desk.screen();
        ["Folders", "Inbox", "Message"].map(|title| screen.contains(&format!("─ {title} ")))
    };
    assert_eq!(panes(&mut desk), [true, true, true]);
    desk.resize(110, 40);
    assert_eq!(panes(&mut desk), [false, true, true]);
    desk.resize(90, 30);
    assert_eq!(panes(&mut desk), [false, true, true]);
    desk.resize(70, 24);
    assert_eq!(panes(&mut desk), [false, true, false]);
    assert!(desk.cursor_line().contains("Ana Ruiz"), "{}", desk.cursor_line());
    desk.keys("enter");
    assert_eq!(panes(&mut desk), [false, false, true]);
    desk.keys("esc h");
    assert_eq!(panes(&mut desk), [true, false, false]);
}

#[test]
fn the_folder_tree_opens_folders() {
    let mut desk = Desk::new(90, 30);
    desk.keys("2 h j");
    assert!(desk.cursor_line().contains("Clients"), "{}", desk.cursor_line());
    desk.keys("enter");
    assert!(desk.screen().contains("─ Clients "), "{}", desk.screen());
    assert!(desk.screen().contains("No messages here yet."));
    desk.keys("g i");
    assert!(desk.screen().contains("Contract draft v3"));
}

#[test]
fn resting_is_asked_for_only_where_a_reader_is_in_sight() {
    let mut desk = Desk::new(70, 24);
    desk.keys("2 j");
    assert!(!desk.wakes.contains_key(&Wake::Rested));
}

#[test]
fn what_is_under_the_cursor_is_copied() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 y a y y");
    assert_eq!(
        desk.take_effects(),
        [
            Effect::Copy("dana@fabrikam.com".to_owned()),
            Effect::Copy("Dana Levy  Contract draft v3: two open points  2026-11-23 10:06".to_owned()),
        ]
    );
}

#[test]
fn old_mail_is_dated_as_people_say_it() {
    let mut desk = Desk::new(120, 40);
    desk.mail.push(plain_message(60 * 24 * 400, monday() - SignedDuration::from_hours(1)));
    desk.keys("2 1");
    let screen = desk.screen();
    for words in ["10:06", "Yesterday", "Fri", "13 Nov", "Oct 2025"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
}

#[test]
fn several_links_are_chosen_by_number_and_the_true_host_is_said() {
    let mut desk = Desk::new(120, 40);
    desk.links = 3;
    desk.keys("2 enter o");
    let screen = desk.screen();
    assert!(screen.contains("Open a link") && screen.contains("host3.example"), "{screen}");
    desk.keys("7");
    assert_eq!(desk.store.layers.len(), 1, "no such link, and no view either");
    desk.keys("2");
    assert_eq!(desk.take_effects(), [Effect::OpenLink("https://host2.example/plan".to_owned())]);
    assert!(desk.store.layers.is_empty());
    desk.click("project page");
    assert!(desk.screen().contains("This leads to host1.example; a double click opens it."), "{}", desk.screen());
    assert_eq!(desk.take_effects(), []);
    desk.click("project page");
    assert_eq!(desk.take_effects(), [Effect::OpenLink("https://host1.example/plan".to_owned())]);
}
