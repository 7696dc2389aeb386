//! Events and automatic replies from the command line, as a process, up to what others see of them.

use crate::support::program::{Program, Ran};
use serde_json::Value;

const WRITES: &str = "User.Read Calendars.ReadWrite MailboxSettings.ReadWrite";

fn lena(program: &Program, arguments: &str) -> Ran {
    program.run_with_token(arguments, "lena", WRITES)
}

/// The events of this subject as somebody's calendar at the service has them.
fn at_service(program: &Program, person: &str, subject: &str) -> Vec<Value> {
    let subject = subject.replace(' ', "%20");
    let path = format!("get /me/events?$filter=subject%20eq%20'{subject}'");
    let answer = program.run_with_token(&path, person, "User.Read Calendars.Read");
    assert_eq!(answer.code, 0, "{answer:?}");
    serde_json::from_str::<Value>(&answer.out).expect("JSON")["value"].as_array().expect("rows").clone()
}

#[test]
fn an_event_is_made_answered_and_cancelled_by_command() {
    let program = Program::new();
    program.configure("[time]\nzone = \"Europe/Madrid\"\n");
    let made = lena(&program, "event new Retro --when someday --with ben@contoso.com");
    assert_eq!(made.code, 2, "that is no time: {made:?}");
    let made = lena(
        &program,
        "event new Retro --when \"tomorrow 23:10-23:40\" --with ben@contoso.com --place \"Room 4\" --online --json",
    );
    assert_eq!(made.code, 0, "{made:?}");
    let json = made.json();
    assert_eq!(
        (&json["schema"], &json["items"][0]["state"]),
        (&Value::from("deskbell.event/1"), &Value::from("done")),
        "{json}"
    );
    let theirs = at_service(&program, "ben", "Retro");
    assert_eq!(theirs.len(), 1, "{theirs:?}");
    assert_eq!(
        (&theirs[0]["location"]["displayName"], &theirs[0]["responseStatus"]["response"]),
        (&Value::from("Room 4"), &Value::from("notResponded"))
    );
    assert_eq!(theirs[0]["isOnlineMeeting"], true);

    let ben = |arguments: &str| program.run_with_token(arguments, "ben", WRITES);
    let nobody = ben("event accept No-such-thing");
    assert_eq!((nobody.code, nobody.out.as_str()), (2, ""), "{nobody:?}");
    let yes = ben("event accept retro --note Fine");
    assert_eq!(yes.code, 0, "{yes:?}");
    assert!(yes.out.contains("Retro"), "{yes:?}");
    let mine = at_service(&program, "lena", "Retro");
    assert_eq!(mine[0]["attendees"][0]["status"]["response"], "accepted");
    let own = lena(&program, "event accept Retro");
    assert!(own.code == 2 && own.err.contains("meeting of your own"), "{own:?}");

    let theirs = ben("event edit Retro --subject Mine --yes");
    assert!(theirs.code == 2 && theirs.err.contains("Only its organizer"), "{theirs:?}");
    let online = lena(&program, "event edit Retro --text New --yes");
    assert!(online.code == 2 && online.err.contains("online meeting"), "{online:?}");

    let refused = lena(&program, "--read-only event delete Retro --yes");
    assert_ne!(refused.code, 0, "{refused:?}");
    let unasked = lena(&program, "event delete Retro");
    assert!(unasked.code == 2 && unasked.err.contains("cancels a meeting of 1 person"), "{unasked:?}");
    assert_eq!(at_service(&program, "lena", "Retro").len(), 1, "nothing was done");
    let ungranted = program.run_with_token("event delete Retro --yes", "lena", "User.Read Calendars.Read");
    assert_ne!(ungranted.code, 0, "{ungranted:?}");
    let gone = lena(&program, "event delete Retro --yes --note Sorry");
    assert_eq!(gone.code, 0, "{gone:?}");
    assert!(at_service(&program, "lena", "Retro").is_empty());
    assert_eq!(at_service(&program, "ben", "Canceled: Retro").len(), 1);
}

#[test]
fn automatic_replies_are_set_shown_and_cleared_by_command() {
    let program = Program::new();
    program.configure("[time]\nzone = \"Europe/Madrid\"\n");
    let set = lena(&program, "out --until 2031-01-02 --text \"Back soon, <b>ask</b> Ana.\"");
    assert_eq!(set.code, 0, "{set:?}");
    let shown = lena(&program, "out");
    assert!(
        shown.out.contains("Automatic replies go out until") && shown.out.contains("  Back soon, <b>ask</b> Ana."),
        "{shown:?}"
    );
    assert!(shown.out.contains("3 Jan 2031 00:00"), "the day that is named is a day away: {shown:?}");
    let json = lena(&program, "out --json").json();
    let item = &json["items"][0];
    assert_eq!((&item["state"], &item["audience"]), (&Value::from("on"), &Value::from("all")), "{json}");
    assert_eq!(item["until"], "2031-01-03T00:00:00+01:00");
    let backwards = lena(&program, "out --from 2031-01-02 --until 2031-01-01");
    assert!(backwards.code == 2 && backwards.err.contains("not after the beginning"), "{backwards:?}");
    let inside = lena(&program, "out --text Away --nobody-outside");
    assert_eq!(inside.code, 0, "{inside:?}");
    assert!(lena(&program, "out").out.contains("until they are cleared"));
    assert_eq!(lena(&program, "out --clear").code, 0);
    let off = lena(&program, "out --json").json();
    assert_eq!(
        (&off["items"][0]["state"], &off["items"][0]["text"]),
        (&Value::from("off"), &Value::from("Away")),
        "the text stays"
    );
}

#[test]
fn a_series_is_made_and_changed_by_command() {
    let program = Program::new();
    program.configure("[time]\nzone = \"Europe/Madrid\"\n");
    let wrong = lena(&program, "event new Yoga --when \"2031-01-07 18:00\" --repeat sometimes");
    assert!(wrong.code == 2 && wrong.err.contains("no way to repeat"), "{wrong:?}");
    let wrong = lena(&program, "event new Yoga --when \"2031-01-07 18:00\" --remind soon");
    assert_eq!(wrong.code, 2, "{wrong:?}");
    // It begins on the first day that fits: tomorrow may be any day of the week.
    let made =
        lena(&program, "event new Yoga --when \"tomorrow 23:00\" --repeat \"wed 4 times\" --remind none --text Mat");
    assert_eq!(made.code, 0, "{made:?}");
    let series = &at_service(&program, "lena", "Yoga")[0];
    assert_eq!((&series["type"], &series["isReminderOn"]), (&Value::from("seriesMaster"), &Value::from(false)));
    assert_eq!(series["recurrence"]["pattern"]["daysOfWeek"][0], "wednesday");
    let one = lena(&program, "event edit Yoga --repeat weekly");
    assert!(one.code == 2 && one.err.contains("Add --series"), "{one:?}");
    let moved = lena(&program, "event edit Yoga --series --place Hall --repeat \"every 2 weeks wed\"");
    assert_eq!(moved.code, 0, "{moved:?}");
    assert!(moved.err.contains("every 2 weeks on Wednesday"), "{moved:?}");
    let series = &at_service(&program, "lena", "Yoga")[0];
    assert_eq!(
        (&series["recurrence"]["pattern"]["interval"], &series["recurrence"]["range"]["type"]),
        (&Value::from(2), &Value::from("noEnd"))
    );
    assert_eq!(series["location"]["displayName"], "Hall");
    let single = lena(&program, "event edit Yoga --subject Once");
    assert_eq!(single.code, 0, "{single:?}");
    assert_eq!(at_service(&program, "lena", "Yoga").len(), 1, "one day of it is another's name now, the series is not");
}

#[test]
fn only_what_is_named_is_changed_by_command() {
    let program = Program::new();
    program.configure("[time]\nzone = \"Europe/Madrid\"\n");
    let made =
        lena(&program, "event new Tasting --when \"tomorrow 23:10-23:50\" --with ben@contoso.com --place Cellar");
    assert_eq!(made.code, 0, "{made:?}");
    let unasked = lena(&program, "event edit Tasting --place Roof");
    assert!(unasked.code == 2 && unasked.err.contains("tells 1 person"), "{unasked:?}");
    let nothing = lena(&program, "event edit Tasting --place Cellar --yes");
    assert!(nothing.code == 2 && nothing.err.contains("Nothing was changed"), "{nothing:?}");
    let stranger = lena(&program, "event edit Tasting --without hugo --yes");
    assert!(stranger.code == 2 && stranger.err.contains("is not invited"), "{stranger:?}");
    let refused = lena(&program, "--read-only event edit Tasting --place Roof --yes");
    assert_ne!(refused.code, 0, "{refused:?}");
    let line = "event edit Tasting --subject Tasted --with ana@contoso.com --without ben --remind 30 --show-as tentative --yes";
    let edited = lena(&program, &format!("{line} --json"));
    assert_eq!((edited.code, &edited.json()["items"][0]["state"]), (0, &Value::from("done")), "{edited:?}");
    let now = &at_service(&program, "lena", "Tasted")[0];
    assert_eq!(now["attendees"].as_array().map(Vec::len), Some(1), "{now}");
    assert_eq!(now["attendees"][0]["emailAddress"]["address"], "ana@contoso.com");
    assert_eq!((&now["reminderMinutesBeforeStart"], &now["showAs"]), (&Value::from(30), &Value::from("tentative")));
    assert_eq!(now["location"]["displayName"], "Cellar", "what was not named stays");
    let length = |event: &Value| {
        let at = |name: &str| event[name]["dateTime"].as_str().map(|text| text[11..16].to_owned());
        (at("start"), at("end"))
    };
    let before = length(now);
    // A beginning alone keeps its length.
    let moved = lena(&program, "event edit Tasted --when \"tomorrow 22:10\" --yes");
    assert!(moved.code == 0 && moved.err.contains("22:10 to 22:50"), "{moved:?}");
    assert_ne!(length(&at_service(&program, "lena", "Tasted")[0]), before);
}
