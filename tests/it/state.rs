//! The store by itself: one owner, latest answer wins, esc never quits, nothing typed is lost.

use crate::support::desk::{Desk, lena, monday};
use deskbell::base::report::{Kind, Report};
use deskbell::domain::login::{LoginCommand, LoginMethod, LoginStep, Registration};
use deskbell::domain::notice::Notice;
use deskbell::domain::presence::{Availability, Presence};
use deskbell::domain::request::{Answer, Request, SeenPresence};
use deskbell::domain::sync::{Area, Connection, Progress, SyncStatus};
use deskbell::state::event::{Effect, Event, Wake};
use deskbell::state::line::LineEdit;
use deskbell::state::surface::View;
use jiff::SignedDuration;

#[test]
fn history_goes_back_and_forward_over_views() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 5 esc 6 H");
    assert_eq!(desk.store.view(), View::People);
    desk.keys("esc H");
    assert_eq!(desk.store.view(), View::Mail);
    desk.keys("L");
    assert_eq!(desk.store.view(), View::People);
    desk.keys("esc 1 L");
    assert_eq!(desk.store.view(), View::Home, "a new way cuts off what was ahead");
    assert!(desk.screen().contains("Nothing is ahead."));
    desk.keys("H");
    assert_eq!(desk.store.view(), View::People, "what was ahead is forgotten");
}

#[test]
fn esc_from_any_depth_ends_in_the_plain_view_and_never_quits() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 enter ? /");
    desk.write("next");
    for _ in 0..8 {
        desk.keys("esc");
    }
    assert_eq!(desk.store.layers.len(), 0);
    assert_eq!(desk.store.view(), View::Mail);
    assert!(!desk.take_effects().contains(&Effect::Quit));
    desk.keys("q");
    assert!(desk.take_effects().contains(&Effect::Quit), "q at the top quits");
}

#[test]
fn q_closes_what_is_on_top_before_it_quits() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 enter ? q q");
    assert_eq!(desk.take_effects(), Vec::new());
    desk.keys("q");
    assert_eq!(desk.take_effects(), [Effect::Quit]);
}

#[test]
fn an_old_answer_never_reaches_the_screen() {
    let mut desk = Desk::new(120, 40);
    desk.keys("5");
    desk.holds_answers = true;
    desk.write("ana");
    desk.advance(500);
    desk.keys("ctrl-u");
    desk.write("tom");
    desk.advance(500);
    assert_eq!(desk.held.len(), 2);
    let (late, request) = desk.held.remove(0);
    desk.release();
    assert!(desk.screen().contains("Tom Berg"));
    // The first question is answered after the second.
    assert!(matches!(&request, deskbell::domain::request::Request::FindPeople { text } if text == "ana"));
    let people = vec![crate::support::desk::person("Ana Ruiz")];
    let found = deskbell::domain::request::FoundPeople {
        text: "ana".to_owned(),
        people,
        groups: Vec::new(),
        is_complete: true,
        problem: None,
    };
    desk.send(Event::Answered(late, Box::new(Ok(Answer::FoundPeople(found)))));
    let screen = desk.screen();
    assert!(screen.contains("Tom Berg") && !screen.contains("Ana Ruiz"), "{screen}");
}

#[test]
fn pasted_text_goes_into_a_field_and_nowhere_else() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2");
    let before = desk.screen();
    desk.send(Event::Paste("jjj\nq\n:quit\n".repeat(800)));
    let after = desk.screen();
    assert!(after.contains("Pasted text is taken by text fields only"), "{after}");
    assert_eq!(desk.take_effects(), Vec::new());
    assert_eq!(before.lines().take(37).collect::<Vec<_>>(), after.lines().take(37).collect::<Vec<_>>());
    desk.keys(":");
    desk.send(Event::Paste("who is\naway".to_owned()));
    assert!(desk.screen().contains(": who is away"), "{}", desk.screen());
}

#[test]
fn the_line_editor_moves_by_graphemes_and_deletes_by_words() {
    let mut line = LineEdit::default();
    line.insert("Zoe\u{308} 陳偉 x");
    let press = |line: &mut LineEdit, keys: &str| {
        for key in deskbell::config::parse_keys(keys).expect("keys") {
            assert!(line.key(key), "{keys}");
        }
    };
    press(&mut line, "backspace backspace left backspace");
    assert_eq!(line.text(), "Zoe\u{308} 偉");
    press(&mut line, "ctrl-e ctrl-w");
    assert_eq!(line.text(), "Zoe\u{308} ");
    press(&mut line, "backspace backspace");
    assert_eq!(line.text(), "Zo", "a letter goes with its marks");
    press(&mut line, "ctrl-a");
    line.insert("\u{1b}[2J\u{202e}");
    assert_eq!(line.text(), "Zo", "nothing that drives a terminal is taken");
    press(&mut line, "right ctrl-k");
    assert_eq!(line.text(), "Z");
    press(&mut line, "ctrl-u");
    assert!(line.is_empty());
}

#[test]
fn without_a_registration_the_first_page_explains_and_takes_one() {
    let mut desk = Desk::unknown(100, 30);
    desk.send(Event::Notice(Notice::Login(LoginStep::NeedsRegistration)));
    let screen = desk.screen();
    assert!(screen.contains("Registration") && screen.contains("deskbell demo"), "{screen}");
    desk.keys("enter");
    assert!(desk.screen().contains("The client id is missing"), "{}", desk.screen());
    desk.write("1b2c");
    desk.keys("tab ctrl-u");
    desk.write("contoso.com");
    desk.keys("enter");
    let registration = Registration { client_id: "1b2c".to_owned(), tenant: "contoso.com".to_owned() };
    assert_eq!(desk.take_effects(), [Effect::Login(LoginCommand::Register(registration))]);
}

#[test]
fn offline_by_choice_nothing_wakes_to_look_at_people_again() {
    for view in ["1", "2", "4", "6"] {
        let mut desk = Desk::new(120, 40);
        desk.keys(view);
        desk.advance(5_000);
        let connection = Connection::ForcedOffline;
        desk.send(Event::Notice(Notice::Sync(SyncStatus { connection, ..SyncStatus::default() })));
        desk.advance(300_000);
        let looks = |desk: &Desk| [Wake::Stale, Wake::Presence].map(|wake| desk.wakes.contains_key(&wake));
        assert_eq!(looks(&desk), [false, false], "view {view}: {:?}", desk.wakes);
        desk.keys("j");
        desk.advance(5_000);
        assert_eq!(looks(&desk), [false, false], "view {view}, after a key: {:?}", desk.wakes);
    }
}

#[test]
fn what_grew_old_without_a_network_is_looked_at_as_soon_as_it_is_back() {
    for view in ["1", "2", "4", "6"] {
        let mut desk = Desk::new(120, 40);
        desk.keys(view);
        desk.advance(5_000);
        let sync = |connection| Event::Notice(Notice::Sync(SyncStatus { connection, ..SyncStatus::default() }));
        desk.send(sync(Connection::Offline { since: desk.now, next_try: None }));
        desk.advance(300_000);
        assert!(!desk.wakes.contains_key(&Wake::Stale), "view {view}: {:?}", desk.wakes);
        desk.holds_answers = true;
        desk.send(sync(Connection::Online));
        desk.advance(1_000);
        let asked = |about: fn(&Request) -> bool| desk.held.iter().any(|(_, request)| about(request));
        let is_away = asked(|request| matches!(request, Request::Away { .. }));
        assert_eq!(is_away, matches!(view, "1" | "6"), "view {view}: {:?}", desk.held);
    }
}

#[test]
fn a_board_of_days_is_asked_for_every_few_minutes_and_a_person_in_sight_more_often() {
    let asked = |desk: &Desk, about: fn(&Request) -> bool| desk.held.iter().filter(|(_, each)| about(each)).count();
    for view in ["1", "6"] {
        let mut desk = Desk::new(120, 40);
        desk.keys(view);
        desk.advance(5_000);
        desk.holds_answers = true;
        desk.advance(12 * 60_000);
        let boards = asked(&desk, |request| matches!(request, Request::Away { .. }));
        assert!((2..=3).contains(&boards), "view {view}: {boards} boards in 12 minutes");
    }
    let mut desk = Desk::new(120, 40);
    desk.keys("6 p");
    desk.advance(5_000);
    desk.holds_answers = true;
    desk.advance(12 * 60_000);
    let cards = asked(&desk, |request| matches!(request, Request::Card { .. }));
    assert!((6..=9).contains(&cards), "{cards} cards in 12 minutes");
}

#[test]
fn a_board_is_asked_for_at_once_when_somebody_in_sight_has_left() {
    for view in ["1", "6"] {
        let mut desk = Desk::new(120, 40);
        desk.holds_answers = true;
        desk.keys(view);
        desk.release();
        desk.advance(5_000);
        desk.holds_answers = true;
        let mut boards_after = |is_out_of_office| {
            desk.advance(130_000);
            let asked = desk.held.iter().rev().find_map(|(ticket, request)| match request {
                Request::Presence { people } => Some((*ticket, people.clone())),
                _ => None,
            });
            let (ticket, people) = asked.expect("presence of those in sight");
            let presence = Presence {
                availability: Availability::Away,
                activity: String::new(),
                status_message: String::new(),
                is_out_of_office,
                work_place: None,
                as_of: desk.now,
            };
            let known = people.into_iter().map(|id| (id, presence.clone())).collect();
            desk.held.clear();
            let answer = Answer::Presence(SeenPresence { known, strangers: Vec::new() });
            desk.send(Event::Answered(ticket, Box::new(Ok(answer))));
            desk.advance(1);
            desk.held.iter().filter(|(_, request)| matches!(request, Request::Away { .. })).count()
        };
        let boards = [false, false, true, true, false].map(&mut boards_after);
        assert_eq!(boards, [0, 0, 1, 0, 1], "view {view}");
    }
}

#[test]
fn a_code_is_shown_with_a_countdown_that_ticks_only_while_it_is_there() {
    let mut desk = Desk::unknown(100, 30);
    let expires = monday() + SignedDuration::from_secs(90);
    let step = LoginStep::DeviceCode {
        code: "F7KQ2XBAT".to_owned(),
        address: "https://microsoft.com/devicelogin".to_owned(),
        expires,
        next_check: jiff::Timestamp::MAX,
        is_slowed: false,
    };
    desk.send(Event::Notice(Notice::Login(step)));
    let screen = desk.screen();
    assert!(screen.contains("F7KQ2XBAT") && screen.contains("1:30 left"), "{screen}");
    assert!(desk.wakes.contains_key(&Wake::Countdown), "it wakes for the next second");
    desk.advance(2_000);
    assert!(desk.screen().contains("1:28 left"));
    assert!(desk.wakes.contains_key(&Wake::Countdown), "and for the one after");
    desk.keys("y");
    assert_eq!(desk.take_effects(), [Effect::Copy("F7KQ2XBAT".to_owned())]);
    desk.keys("b");
    let begin = LoginCommand::Begin { method: LoginMethod::Browser, open_browser: true };
    assert_eq!(desk.take_effects(), [Effect::Login(begin)], "switching while waiting is one key");
    desk.keys("a");
    assert_eq!(desk.take_effects(), Vec::new(), "only the demo approves by itself");
    desk.send(Event::Notice(Notice::Me(Box::new(lena()))));
    assert!(desk.store.shows_sign_in() || desk.store.session.me.is_some());
    let account = deskbell::domain::account::Account {
        key: deskbell::domain::account::AccountKey { tenant: "t".to_owned(), object: "o".to_owned() },
        name: "Lena Ortiz".to_owned(),
        address: "lena@contoso.com".to_owned(),
        kind: deskbell::domain::account::AccountKind::Work,
        granted: lena().granted,
    };
    desk.send(Event::Notice(Notice::Login(LoginStep::SignedIn(account))));
    assert!(!desk.wakes.contains_key(&Wake::Countdown), "silent again");
    assert!(desk.screen().contains("1 Home"), "{}", desk.screen());
}

#[test]
fn a_refused_sign_in_says_why_and_what_next_and_another_way_is_one_key() {
    let mut desk = Desk::unknown(100, 30);
    let report = Report::new(Kind::NeedsPerson, "refused", "The sign-in was refused.")
        .because("Somebody pressed Cancel at the page.")
        .next("Begin again and press Accept.");
    desk.send(Event::Notice(Notice::Login(LoginStep::Failed(report))));
    let screen = desk.screen();
    for words in ["The sign-in was refused.", "Somebody pressed Cancel", "Begin again and press Accept."] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    desk.keys("d");
    let begin = LoginCommand::Begin { method: LoginMethod::DeviceCode, open_browser: false };
    assert_eq!(desk.take_effects(), [Effect::Login(begin)]);
}

#[test]
fn with_a_cache_the_program_reads_on_while_nobody_is_signed_in() {
    let mut desk = Desk::new(120, 40);
    let step = LoginStep::SignedOut { preferred: LoginMethod::Browser, reason: String::new() };
    desk.send(Event::Notice(Notice::Login(step)));
    assert!(!desk.store.shows_sign_in());
    desk.keys("2");
    assert!(desk.screen().contains("Contract draft v3"));
    desk.keys(":");
    desk.write("sign in");
    desk.keys("enter");
    assert!(desk.store.shows_sign_in());
    desk.keys("esc");
    assert!(!desk.store.shows_sign_in());
}

#[test]
fn signing_out_takes_the_person_off_the_screen_at_once() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 :");
    desk.write("sign out");
    desk.keys("enter");
    assert!(desk.screen().contains("Stay signed in"), "it asks first");
    assert!(!desk.take_effects().contains(&Effect::Logout));
    desk.keys("y");
    assert!(desk.take_effects().contains(&Effect::Logout));
    let screen = desk.screen();
    assert!(!screen.contains("Dana Levy") && !screen.contains("lena@contoso.com"), "{screen}");
    assert!(desk.store.screens.mail.list.rows().is_empty(), "nor in memory");
    assert_eq!(desk.store.screens.mail.reader.message(), None);
}

#[test]
fn being_offline_is_one_calm_line_and_everything_stays_readable() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 j");
    let selected = desk.cursor_line();
    let sync = SyncStatus {
        connection: Connection::Offline { since: monday(), next_try: Some(monday() + SignedDuration::from_mins(2)) },
        last_success: Some(monday() - SignedDuration::from_mins(20)),
        ..SyncStatus::default()
    };
    desk.send(Event::Notice(Notice::Sync(sync)));
    let screen = desk.screen();
    let banner = screen.lines().nth(1).expect("a second line");
    assert!(banner.contains("Offline since 10:12") && banner.contains("next try at 10:14"), "{banner}");
    assert!(screen.contains("offline, synced 20 min ago"), "{screen}");
    assert_eq!(desk.cursor_line(), selected);
    assert!(desk.store.layers.is_empty(), "no dialog");
}

#[test]
fn a_long_fetch_shows_its_counts_and_how_long_it_will_take() {
    for (columns, is_roomy) in [(120, true), (80, false)] {
        let mut desk = Desk::new(columns, 40);
        let progress = vec![
            Progress { area: Area::Mail, done: 7_700, total: Some(12_431), seconds_left: Some(170) },
            Progress { area: Area::Calendar, done: 3, total: None, seconds_left: None },
        ];
        let status = SyncStatus { progress, ..SyncStatus::default() };
        desk.send(Event::Notice(Notice::Sync(status.clone())));
        let screen = desk.screen();
        assert!(screen.contains("First sync") && screen.contains("7 700 of 12 431, about 3 min left"), "{screen}");
        // The first pages are there, much of the rest is not.
        let last_success = Some(desk.now);
        desk.send(Event::Notice(Notice::Sync(SyncStatus { last_success, ..status })));
        let screen = desk.screen();
        assert!(!screen.contains("First sync") && screen.contains("7 700 of 12 431"), "{screen}");
        assert_eq!(screen.contains("7 700 of 12 431, about 3 min left"), is_roomy, "{screen}");
    }
}

#[test]
fn a_problem_is_a_card_with_its_reason_its_remedy_and_details_to_copy() {
    let mut desk = Desk::new(100, 30);
    let report = Report::new(Kind::Failure, "odd", "The calendar could not be read.")
        .because("The service answered with something else.")
        .next("Try again in a minute.")
        .detail("request id", "abc");
    desk.send(Event::Notice(Notice::Problem(report.clone())));
    desk.send(Event::Notice(Notice::Problem(report.clone())));
    assert_eq!(desk.store.layers.len(), 1, "the same problem is one card");
    let screen = desk.screen();
    for words in ["The calendar could not be read.", "something else.", "Try again in a minute.", "request id  abc"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    desk.keys("y");
    assert_eq!(desk.take_effects(), [Effect::Copy(report.as_text())]);
    desk.keys("enter");
    assert_eq!(desk.store.layers.len(), 0, "enter takes the harmless remedy");
}

#[test]
fn a_slow_answer_gets_a_word_and_a_quick_one_gets_none() {
    let mut desk = Desk::new(120, 40);
    desk.keys("5");
    desk.holds_answers = true;
    desk.write("ana");
    desk.advance(350);
    assert!(!desk.screen().contains("Fetching"));
    desk.advance(300);
    assert!(desk.screen().contains("Fetching"));
    desk.release();
    assert!(!desk.screen().contains("Fetching"));
    assert!(!desk.wakes.contains_key(&Wake::SlowAnswer), "nothing stays due");
}

#[test]
fn coming_back_to_the_terminal_asks_for_what_is_old() {
    let mut desk = Desk::new(120, 40);
    desk.send(Event::Focus(false));
    desk.send(Event::Focus(true));
    assert_eq!(desk.take_effects(), Vec::new(), "a minute old is young");
    desk.now += SignedDuration::from_secs(90);
    desk.send(Event::Focus(true));
    assert_eq!(desk.take_effects(), [Effect::SyncNow]);
}

#[test]
fn a_click_selects_a_double_click_opens_and_the_header_leads_to_views() {
    let mut desk = Desk::new(120, 40);
    desk.click("2 Mail");
    assert_eq!(desk.store.view(), View::Mail);
    desk.click("Ben Okafor");
    assert!(desk.cursor_line().contains("Ben Okafor"));
    desk.click("Ben Okafor");
    assert!(desk.screen().contains("About \"Re: offsite dates\""), "{}", desk.screen());
    desk.click("? help");
    assert!(desk.screen().contains("Help: Mail"));
}

#[test]
fn home_acts_without_leaving_and_leads_into_the_thing() {
    let mut desk = Desk::new(120, 40);
    assert!(desk.cursor_line().contains("Budget review Q1"), "the next event: {}", desk.cursor_line());
    desk.keys("tab j enter");
    assert_eq!(desk.store.view(), View::Mail);
    assert!(desk.screen().contains("About \"Nightly failed: 3 tests\""), "{}", desk.screen());
    desk.keys("H tab");
    assert!(desk.cursor_line().contains("Tom Berg"), "{}", desk.cursor_line());
}

#[test]
fn a_new_day_asks_for_the_new_days_agenda() {
    let mut desk = Desk::new(120, 40);
    desk.holds_answers = true;
    desk.send(Event::Minute);
    assert_eq!(desk.held.len(), 0, "a minute alone asks nothing");
    desk.now += SignedDuration::from_hours(14);
    desk.send(Event::Minute);
    let asks_agenda = desk.held.iter().any(
        |(_, request)| matches!(request, deskbell::domain::request::Request::Agenda { from, .. } if from.day() == 24),
    );
    assert!(asks_agenda, "{:?}", desk.held);
}
