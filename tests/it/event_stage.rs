//! Events over the whole way: a series that is made, found and changed; one event that two clients change; another time that is
//! proposed; and an opinion that comes late.

use crate::support::second_client::SecondClient;
use crate::support::stage::{Stage, StageOptions};
use deskbell::sim::faults::{Action, Rule};
use serde_json::{Value, json};
use std::time::Duration;

/// Somebody whose calendar may be changed.
async fn writer() -> Stage {
    let config = "[profile.default]\ntiers = [\"calendar\", \"write\"]\n".to_owned();
    Stage::with(StageOptions { config, ..StageOptions::default() }).await
}

/// The one event of this subject as somebody's calendar has it: a series by its pattern.
async fn the_one(client: &SecondClient, subject: &str) -> Value {
    let subject = subject.replace(' ', "%20");
    let found = client.get(&format!("/me/events?$filter=subject%20eq%20'{subject}'")).await;
    let rows = found["value"].as_array().expect("rows").clone();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].clone()
}

/// The cursor on an event, found by its words.
async fn find(stage: &mut Stage, words: &str) {
    stage.press("3 z w t / ctrl-u").await;
    stage.type_text(words).await;
    stage.press("Enter").await;
}

#[tokio::test]
async fn a_series_is_made_found_and_changed_as_a_whole() {
    let mut stage = writer().await;
    let lena = SecondClient::of(&stage, "lena");
    stage.press("3 z w c").await;
    stage.type_text("Quartz circle").await;
    stage.press("Tab ctrl-u").await;
    stage.type_text("tue 14:00-14:30").await;
    stage.press("Tab Tab Tab Tab").await;
    stage.type_text("weekly 3 times").await;
    stage.sees("every Tuesday, 3 times");
    stage.press("Tab Tab Tab").await;
    stage.type_text("Bring a stone.").await;
    // There is no network: what was wanted is shown all the same, every day of it.
    stage.tenant.script().offline(true);
    stage.press("ctrl-s").await;
    stage.sees("Quartz circle");
    stage.press("]").await;
    stage.sees("Quartz circle");
    // One day of it has no name yet.
    find(&mut stage, "quartz stone").await;
    stage.sees("nothing");
    stage.press("Esc").await;
    find(&mut stage, "quartz").await;
    stage.sees("of 3");
    stage.press("d").await;
    stage.press("o").await;
    stage.sees("One day of this series cannot be changed yet");
    stage.press("Esc Esc").await;
    stage.tenant.script().offline(false);
    stage.advance(Duration::from_secs(75)).await;
    let made = the_one(&lena, "Quartz circle").await;
    assert_eq!((&made["type"], &made["isReminderOn"]), (&json!("seriesMaster"), &json!(true)));
    let recurrence = &made["recurrence"];
    assert_eq!(recurrence["pattern"]["daysOfWeek"], json!(["tuesday"]), "{recurrence}");
    assert_eq!(recurrence["range"]["numberOfOccurrences"], 3, "{recurrence}");
    assert!(made["body"]["content"].as_str().is_some_and(|body| body.contains("Bring a stone.")), "{made}");

    // The real days have taken the place of ours, each once; n goes round.
    find(&mut stage, "quartz").await;
    stage.sees("1 of 3");
    stage.sees("Week 48");
    stage.press("n n").await;
    stage.sees("3 of 3");
    stage.sees("Week 50");
    stage.press("n N N").await;
    stage.sees("2 of 3");
    stage.sees("Week 49");

    // One day is moved, and all of them are meant: the pattern goes along.
    stage.press("e").await;
    stage.advance(Duration::from_secs(1)).await;
    stage.sees("Bring a stone.");
    stage.press("Tab ctrl-u").await;
    stage.type_text("2 dec 15:00-15:30").await;
    stage.press("ctrl-s").await;
    stage.sees("Change the whole series");
    stage.press("s").await;
    stage.advance(Duration::from_secs(2)).await;
    let made = the_one(&lena, "Quartz circle").await;
    assert_eq!(made["recurrence"]["pattern"]["daysOfWeek"], json!(["wednesday"]), "{made}");
    assert_eq!(made["recurrence"]["range"]["startDate"], "2026-11-25");
    assert_eq!(made["start"]["dateTime"], "2026-11-25T14:00:00.0000000");
    find(&mut stage, "quartz").await;
    stage.sees("of 3");
    stage.sees("Wed 25 Nov 2026  15:00-15:30");
    stage.press("n").await;
    stage.sees("Wed 2 Dec 2026  15:00-15:30");

    // How often it happens is changed for all, too.
    stage.press("e").await;
    stage.advance(Duration::from_secs(1)).await;
    stage.press("Tab Tab Tab Tab Tab ctrl-u").await;
    stage.type_text("every 2 weeks wed 2 times").await;
    stage.press("ctrl-s s").await;
    stage.advance(Duration::from_secs(2)).await;
    find(&mut stage, "quartz").await;
    stage.sees("of 2");
    let made = the_one(&lena, "Quartz circle").await;
    assert_eq!(made["recurrence"]["pattern"]["interval"], 2, "{made}");
}

#[tokio::test]
async fn an_event_that_somebody_else_changed_waits_for_a_word() {
    let mut stage = writer().await;
    let lena = SecondClient::of(&stage, "lena");
    let at = |hour: u32| json!({"dateTime": format!("2026-11-24T{hour:02}:00:00"), "timeZone": "Europe/Madrid"});
    let made = lena
        .post(
            "/me/events",
            json!({"subject": "Quartz", "start": at(17), "end": at(18), "attendees": [
                {"type": "required", "emailAddress": {"address": "ben@contoso.com", "name": "Ben"}}]}),
        )
        .await;
    let path = format!("/me/events/{}", made["id"].as_str().expect("an id"));
    stage.press("F5").await;
    stage.advance(Duration::from_secs(2)).await;
    for (ours, theirs, key) in [("Quartz A", "Quartz B", "m"), ("Quartz C", "Quartz D", "t")] {
        let now = lena.get(&path).await["subject"].as_str().expect("a subject").to_owned();
        find(&mut stage, &now).await;
        stage.press("e").await;
        stage.advance(Duration::from_secs(1)).await;
        stage.press("ctrl-u").await;
        stage.type_text(ours).await;
        stage.press("ctrl-s").await;
        // Others are told, so it is held; meanwhile somebody changes the same.
        stage.sees(ours);
        lena.patch(&path, json!({"subject": theirs})).await;
        stage.advance(Duration::from_secs(15)).await;
        stage.press("g o").await;
        stage.sees("changed elsewhere");
        stage.sees("Somebody changed the same meanwhile");
        assert_eq!(lena.get(&path).await["subject"], theirs, "nothing is written over it unasked");
        stage.press("Enter").await;
        stage.sees("Keep theirs: yours is given up.");
        stage.press("Esc").await;
        stage.press(key).await;
        stage.advance(Duration::from_secs(5)).await;
        stage.sees("Nothing waits");
        stage.press("Esc").await;
        stage.advance(Duration::from_secs(5)).await;
        let kept = if key == "m" { ours } else { theirs };
        assert_eq!(lena.get(&path).await["subject"], kept);
        find(&mut stage, kept).await;
        stage.sees("1 of 1");
        stage.press("Esc").await;
        stage.sees(kept);
        stage.sees_no(if key == "m" { theirs } else { ours });
    }
}

#[tokio::test]
async fn another_time_is_proposed_and_reaches_the_organizer() {
    let mut stage = writer().await;
    let ben = SecondClient::of(&stage, "ben");
    let at = |hour: u32| json!({"dateTime": format!("2026-11-25T{hour:02}:00:00"), "timeZone": "Europe/Madrid"});
    let made = ben
        .post(
            "/me/events",
            json!({"subject": "Quartz talk", "start": at(11), "end": at(12), "attendees": [
                {"type": "required", "emailAddress": {"address": "lena@contoso.com", "name": "Lena"}}]}),
        )
        .await;
    stage.press("F5").await;
    stage.advance(Duration::from_secs(2)).await;
    find(&mut stage, "quartz talk").await;
    stage.press("i p").await;
    stage.sees("Another time for");
    stage.press("Enter").await;
    stage.sees("Type a day or a time");
    stage.type_text("yesterday 9:00").await;
    stage.sees("That is over already.");
    stage.press("ctrl-u").await;
    stage.type_text("thu 15:00").await;
    // As long as the meeting is.
    stage.sees("Thursday 26 Nov 2026, 15:00 to 16:00");
    stage.press("Enter").await;
    stage.sees_no("Another time for");
    stage.advance(Duration::from_secs(15)).await;
    let path = format!("/me/events/{}", made["id"].as_str().expect("an id"));
    let seen = ben.get(&path).await;
    let proposal = &seen["attendees"][0]["proposedNewTime"];
    assert_eq!(proposal["start"]["dateTime"], "2026-11-26T14:00:00.0000000", "{seen}");
    assert_eq!(proposal["end"]["dateTime"], "2026-11-26T15:00:00.0000000", "{seen}");
    assert_eq!(seen["attendees"][0]["status"]["response"], "tentativelyAccepted");
}

#[tokio::test]
async fn an_opinion_that_comes_late_opens_over_nothing_else() {
    let config = "[profile.default]\ntiers = [\"calendar\", \"shared-calendars\"]\n".to_owned();
    let mut stage = Stage::with(StageOptions { config, ..StageOptions::default() }).await;
    stage.press("4").await;
    stage.type_text("ben").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.press("Esc").await;
    stage.tenant.script().fault(Rule::graph("/me/findMeetingTimes", Action::Slow(5_000)).times(2));
    stage.press("O 1").await;
    stage.advance(Duration::from_secs(6)).await;
    stage.sees_no("Second opinion: Microsoft");
    stage.sees("The second opinion has come");
    // Nor over what was opened above the view.
    stage.press("4 O ?").await;
    stage.advance(Duration::from_secs(6)).await;
    stage.sees_no("Second opinion: Microsoft");
    stage.press("Esc O").await;
    stage.advance(Duration::from_secs(1)).await;
    stage.sees("Second opinion: Microsoft");
}
