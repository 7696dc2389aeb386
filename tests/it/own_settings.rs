//! One's own automatic replies, working hours and presence on the screen, against the tenant: seen, set, kept, undone.

use crate::support::stage::{Stage, StageOptions};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const EVERYTHING: &str = "[profile.default]\ntiers = [\"calendar\", \"mail\", \"settings\", \"write\"]\n";

async fn stage(width: u16, height: u16) -> Stage {
    Stage::with(StageOptions { width, height, config: EVERYTHING.to_owned(), ..StageOptions::default() }).await
}

/// What another client of Lena's says and hears.
async fn elsewhere(stage: &Stage, method: Method, path: &str, body: Value) -> Value {
    let token = stage.tenant.script().token("lena", "").expect("a token");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.request(method, format!("{}/v1.0/me/{path}", stage.tenant.graph())).bearer_auth(token);
    let request = if body.is_null() { request } else { request.json(&body) };
    request.send().await.expect("an answer").json().await.unwrap_or(Value::Null)
}

async fn replies(stage: &Stage) -> Value {
    let settings = elsewhere(stage, Method::GET, "mailboxSettings", Value::Null).await;
    settings["automaticRepliesSetting"].clone()
}

#[tokio::test]
async fn automatic_replies_are_scheduled_seen_under_the_header_ended_and_put_back() {
    let mut stage = stage(80, 24).await;
    stage.sees_no("Your automatic replies");
    stage.press("g R").await;
    stage.sees("My automatic replies");
    stage.sees("Off: nobody is answered.");
    // As large as what is in it: what comes after the text stands close below.
    let text = stage.text();
    let row = |label: &str| text.lines().position(|line| line.contains(label)).expect("a label");
    assert_eq!(row("Outside") - row("Colleagues"), 7, "{text}");
    // For a while; a letter is no command here, and the time is echoed before it is used.
    stage.press("Space Space Tab Tab").await;
    stage.sees("[for a while]");
    stage.type_text("fredag").await;
    stage.sees("is no day or time");
    stage.press("ctrl-u").await;
    stage.type_text("friday").await;
    stage.sees("Now until Sat 28 Nov 00:00");
    stage.press("Tab").await;
    stage.type_text("Away <all> week & happy.").await;
    stage.press("Tab Space Space").await;
    stage.sees("[everybody]");
    // Nothing typed is lost by leaving, by another view, or by the end of the program.
    stage.press("Esc").await;
    stage.sees("is kept here and not set");
    assert_eq!(replies(&stage).await["status"], "disabled");
    stage.press("2 g R").await;
    stage.sees("from an earlier time");
    stage.sees("Away <all> week & happy.");
    stage.press("ctrl-o").await;
    stage.sees("As others see it");
    stage.press("Esc").await;
    stage.press("ctrl-s").await;
    stage.sees("Automatic replies are scheduled. u undoes.");
    stage.sees("Your automatic replies are on until Sat 28 Nov 00:00.");
    let set = replies(&stage).await;
    assert_eq!(set["status"], "scheduled", "{set}");
    assert_eq!(set["internalReplyMessage"], "Away &lt;all&gt; week &amp; happy.");
    assert_eq!(set["externalReplyMessage"], set["internalReplyMessage"], "others read the same");

    // Another client formats the text: seen after a round, and not touched where only the audience changes.
    let html = "<p>Away <b>all</b> week</p><script>x</script>";
    let theirs = json!({"automaticRepliesSetting": {"status": "alwaysEnabled", "internalReplyMessage": html}});
    elsewhere(&stage, Method::PATCH, "mailboxSettings", theirs).await;
    stage.press("F5").await;
    stage.advance(Duration::from_mins(31)).await;
    stage.sees("Your automatic replies are on.");
    stage.press("g R").await;
    stage.sees("Away all week");
    stage.sees_no("<b>");
    stage.press("Tab Tab Space ctrl-s").await;
    assert_eq!(replies(&stage).await["externalAudience"], "none");
    assert_eq!(replies(&stage).await["internalReplyMessage"], html, "what was not edited stays as it was");
    // A text that is edited and undone has its formatting again.
    stage.press("g R Tab").await;
    stage.type_text("Still ").await;
    stage.press("ctrl-s").await;
    assert_eq!(replies(&stage).await["internalReplyMessage"], "Still Away all week");
    stage.press("u").await;
    assert_eq!(replies(&stage).await["internalReplyMessage"], html);
    // Ended with one key, and that undone.
    stage.press("g R ctrl-t").await;
    stage.sees_no("Your automatic replies");
    assert_eq!(replies(&stage).await["status"], "disabled");
    stage.press("u").await;
    stage.sees("Your automatic replies are on.");
    assert_eq!(replies(&stage).await["status"], "alwaysEnabled");
    // What was typed and not set survives the program.
    stage.press("g R Tab").await;
    stage.type_text("Not set. ").await;
    stage.press("Esc").await;
    let options = StageOptions { home: Some(stage.end().await), config: EVERYTHING.to_owned(), ..Default::default() };
    let mut stage = Stage::with(options).await;
    stage.press("g R").await;
    stage.sees("from an earlier time");
    stage.sees("Not set. Away all week");
}

#[tokio::test]
async fn working_hours_and_zone_are_set_and_the_calendar_follows() {
    let mut stage = stage(120, 40).await;
    stage.press("3 z w").await;
    // What was typed is not lost by leaving, and can be thrown away.
    stage.press("g W Tab ctrl-u").await;
    stage.type_text("7:30").await;
    stage.sees("─ not set yet ");
    stage.press("Esc").await;
    stage.sees("is kept here and not set");
    stage.press("2 g W").await;
    stage.sees("not set yet, from an earlier time");
    stage.sees("10 h 30 min");
    stage.press("ctrl-n").await;
    stage.sees_no("not set yet");
    stage.sees("9 h 00 min");
    stage.press("Esc 3").await;
    stage.press("g W").await;
    stage.sees("My working hours and zone");
    stage.sees("[Mon] [Tue] [Wed] [Thu] [Fri]  Sat   Sun");
    stage.press("Right Right Space Tab ctrl-u").await;
    stage.type_text("7:30").await;
    stage.sees("10 h 30 min");
    stage.press("Tab Tab ctrl-u").await;
    stage.type_text("lisb").await;
    stage.sees("Europe/Lisbon");
    stage.press("Tab").await;
    stage.sees("It is 09:12 there now.");
    stage.press("ctrl-s").await;
    stage.sees("Changed working hours and zone. u undoes.");
    let set = elsewhere(&stage, Method::GET, "mailboxSettings", Value::Null).await;
    assert_eq!(set["timeZone"], "Europe/Lisbon");
    assert_eq!(set["workingHours"]["daysOfWeek"], json!(["monday", "tuesday", "thursday", "friday"]));
    assert_eq!(set["workingHours"]["startTime"], "07:30:00.0000000");
    assert_eq!(set["workingHours"]["timeZone"]["name"], "Europe/Lisbon");
    let me = stage.engine().me().expect("somebody");
    assert_eq!(me.zone.expect("a zone").name, "Europe/Lisbon", "the engine's own copy follows");
    stage.press("u").await;
    let set = elsewhere(&stage, Method::GET, "mailboxSettings", Value::Null).await;
    assert_eq!(set["timeZone"], "Europe/Madrid");
    assert_eq!(set["workingHours"]["startTime"], "09:00:00.0000000");
    assert_eq!(stage.engine().me().expect("somebody").zone.expect("a zone").name, "Europe/Madrid");
}

#[tokio::test]
async fn the_own_presence_is_chosen_for_a_while_with_a_message_and_let_go() {
    let mut stage = stage(80, 24).await;
    stage.press("g P").await;
    stage.sees("Others see");
    stage.sees("Available");
    stage.press("Tab").await;
    stage.type_text("90m").await;
    stage.press("BackTab").await;
    stage.press("3").await;
    stage.sees("You are shown as \"Do not disturb\". u undoes.");
    let seen = elsewhere(&stage, Method::GET, "presence", Value::Null).await;
    assert_eq!(seen["availability"], "DoNotDisturb");
    stage.press("g P").await;
    stage.sees("Do not disturb until 11:42");
    stage.press("Tab Tab").await;
    stage.type_text("Writing; back at noon").await;
    stage.press("Esc").await;
    stage.sees("is kept here and not set");
    stage.press("g P").await;
    stage.sees("not set yet, from an earlier time");
    stage.press("Tab").await;
    stage.type_text("today 12:00").await;
    stage.press("Enter").await;
    let seen = elsewhere(&stage, Method::GET, "presence", Value::Null).await;
    assert_eq!(seen["statusMessage"]["message"]["content"], "Writing; back at noon");
    assert_eq!(seen["availability"], "DoNotDisturb", "the message alone was set");
    stage.press("u").await;
    let seen = elsewhere(&stage, Method::GET, "presence", Value::Null).await;
    assert!(seen["statusMessage"].is_null(), "{seen}");
    stage.press("u").await;
    let seen = elsewhere(&stage, Method::GET, "presence", Value::Null).await;
    assert_eq!(seen["availability"], "Available");
    stage.press("g P").await;
    stage.sees("nothing here: it follows what you do");
}

#[tokio::test]
async fn calendars_are_chosen_events_saved_times_proposed_and_the_absent_named() {
    let mut stage = stage(120, 40).await;
    // Presence stands beside whoever is found, and is asked for as long as they are in sight.
    stage.press("5").await;
    stage.type_text("ana").await;
    stage.advance(Duration::from_millis(600)).await;
    stage.sees("Busy, In a call");
    let asked = |stage: &Stage| {
        let requests = stage.tenant.script().requests();
        requests.iter().filter(|request| request.path.contains("getPresencesByUserId")).count()
    };
    let before = asked(&stage);
    stage.advance(Duration::from_mins(5)).await;
    assert!((3..=5).contains(&(asked(&stage) - before)), "{}", asked(&stage) - before);
    stage.press("Esc 3").await;
    let before = asked(&stage);
    stage.advance(Duration::from_mins(10)).await;
    assert_eq!(asked(&stage), before, "who is not in sight is not asked about");

    stage.press("z k").await;
    stage.sees("Calendars");
    stage.sees("always shown");
    stage.press("Enter").await;
    stage.sees("Your own calendar is always shown.");
    stage.press("j Space").await;
    stage.sees("is shown; its events are being fetched.");
    stage.press("Esc").await;
    // The event under the cursor as a file.
    stage.press("t w").await;
    stage.sees("Saved as ");
    stage.sees(".ics.");
}
