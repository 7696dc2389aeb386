//! Presence beside senders and in completions: asked for together, kept fresh while they are in sight, and not without the permission.

use crate::support::desk::Desk;
use crate::support::stage::{Stage, StageOptions};
use deskbell::domain::account::Scopes;
use deskbell::domain::login::LoginStep;
use deskbell::domain::request::Request;
use deskbell::sim::faults::{Action, FaultBody, Rule, Side};
use deskbell::state::event::Event;
use std::time::Duration;

fn asked(stage: &Stage) -> usize {
    let requests = stage.tenant.script().requests();
    requests.iter().filter(|request| request.path.to_lowercase().contains("getpresences")).count()
}

fn line_with(stage: &mut Stage, text: &str) -> String {
    let (_, row) = stage.find(text);
    stage.lines()[usize::from(row)].clone()
}

/// Ana is the third of the company, in a call; signs are those of ASCII, so that no colour says anything.
#[tokio::test]
async fn senders_have_their_presence_beside_them_and_it_is_kept_fresh() {
    let config = "[look]\nglyphs = \"ascii\"\n".to_owned();
    let mut stage = Stage::with(StageOptions { config, width: 80, height: 24, ..StageOptions::default() }).await;
    stage.press("2").await;
    stage.advance(Duration::from_secs(1)).await;
    assert!(line_with(&mut stage, "Ana Ruiz").contains("Ana Ruiz # "), "{}", stage.text());
    // Walking and reading within what is in sight asks nothing; one question is for all.
    let before = asked(&stage);
    assert!((1..=2).contains(&before), "{before}");
    stage.press("j*4 k*4").await;
    assert_eq!(asked(&stage), before);

    stage.tenant.script().world(|world| world.presence.of_mut(2).availability = "Available".to_owned());
    stage.advance(Duration::from_secs(130)).await;
    assert!(line_with(&mut stage, "Ana Ruiz").contains("Ana Ruiz + "), "{}", stage.text());
    assert!((1..=2).contains(&(asked(&stage) - before)));
    let (_, row) = stage.find("Ana Ruiz");
    while stage.cursor().1 != row {
        stage.press("j").await;
    }
    stage.press("Enter").await;
    let from = line_with(&mut stage, "<ana@contoso.com>");
    assert!(from.contains("Ana Ruiz + <ana@contoso.com>  Available"), "{from}");
    stage.press("Esc").await;

    // What cannot be asked any more is soon nobody's presence; where people are offered it is told with its age.
    let path = "*getPresencesByUserId".to_owned();
    let action = Action::Status(400, FaultBody::Error("BadRequest".to_owned()), None);
    stage.tenant.script().fault(Rule {
        side: Side::Graph,
        method: None,
        path,
        grant: None,
        nth: 1,
        times: None,
        action,
    });
    stage.advance(Duration::from_mins(7)).await;
    let line = line_with(&mut stage, "Ana Ruiz");
    assert!(!line.contains("Ana Ruiz + "), "{line}");
    stage.press("4").await;
    stage.type_text("ana").await;
    stage.advance(Duration::from_secs(2)).await;
    let offered = line_with(&mut stage, "ana@contoso");
    assert!(offered.contains("+ Ana Ruiz") && offered.contains(" min ago"), "{offered}");
}

#[test]
fn nothing_is_asked_about_presence_that_was_not_granted() {
    for (scopes, is_asked) in [("User.Read Mail.Read Presence.Read.All", true), ("User.Read Mail.Read", false)] {
        let mut desk = Desk::new(100, 30);
        if let Some(LoginStep::SignedIn(account)) = &mut desk.store.session.login {
            account.granted = Scopes::parse(scopes);
        }
        // Answers come after what was asked, as in the program.
        desk.holds_answers = true;
        desk.keys("2");
        desk.release();
        desk.holds_answers = true;
        desk.advance(200_000);
        let about_presence = |request: &Request| matches!(request, Request::Presence { .. });
        assert_eq!(desk.held.iter().any(|(_, request)| about_presence(request)), is_asked, "{scopes}");
    }
}

/// Who looks elsewhere is asked for half as often.
#[test]
fn presence_is_asked_for_less_often_while_nobody_looks() {
    let asked = |has_focus: bool| {
        let mut desk = Desk::new(100, 30);
        if let Some(LoginStep::SignedIn(account)) = &mut desk.store.session.login {
            account.granted = Scopes::parse("User.Read Mail.Read Presence.Read.All");
        }
        desk.send(Event::Focus(has_focus));
        desk.holds_answers = true;
        desk.keys("2");
        desk.release();
        desk.holds_answers = true;
        desk.advance(1_200_000);
        desk.held.iter().filter(|(_, request)| matches!(request, Request::Presence { .. })).count()
    };
    let (looking, elsewhere) = (asked(true), asked(false));
    assert!(elsewhere >= 5 && looking >= elsewhere * 2 - 2, "{looking} and {elsewhere} in twenty minutes");
}
