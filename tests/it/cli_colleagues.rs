//! The command line about colleagues: times that suit, everything about one person, a line for a status bar.

use crate::support::program::Program;
use serde_json::Value;

fn signed_in() -> Program {
    let program = Program::new();
    program.configure("[time]\nzone = \"Europe/Madrid\"\n");
    program.sign_in();
    program
}

fn instant(value: &Value) -> jiff::Timestamp {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{value} is no instant"))
}

#[test]
fn slots_are_free_for_everybody_they_claim() {
    let program = signed_in();
    let slots = program.run("slots \"Ben Okafor\" ana@contoso.com --for 30m --within \"next week\" --json");
    assert_eq!(slots.code, 0, "{slots:?}");
    let json = slots.json();
    assert_eq!((&json["schema"], &json["minutes"]), (&"deskbell.slots/1".into(), &30.into()), "{json}");
    let people: Vec<&str> =
        json["people"].as_array().expect("people").iter().filter_map(|one| one["person"].as_str()).collect();
    assert_eq!(people, ["lena@contoso.com", "ben@contoso.com", "ana@contoso.com"], "me first");
    assert_eq!(json["people"][0]["name"], "Lena Ortiz", "by name like everybody");
    let found = json["items"].as_array().expect("items");
    assert_eq!(found.len(), 5, "{json}");
    // What the free/busy of each says must leave every slot alone.
    let (from, to) = (instant(&json["from"]).to_string(), instant(&json["to"]).to_string());
    let busy = program
        .run(&format!(
            "busy lena@contoso.com ben@contoso.com ana@contoso.com --from {} --to {} --json",
            &from[..10],
            &to[..10]
        ))
        .json();
    for person in busy["items"].as_array().expect("people") {
        for block in person["blocks"].as_array().expect("blocks") {
            let is_free = matches!(block["status"].as_str(), Some("free" | "workingElsewhere"));
            for slot in found.iter().filter(|_| !is_free) {
                let apart = instant(&block["end"]) <= instant(&slot["start"])
                    || instant(&slot["end"]) <= instant(&block["start"]);
                assert!(apart, "{slot} is not free: {block}");
            }
        }
    }
    for slot in found {
        assert_eq!((&slot["required"]["free"], &slot["affected"]), (&3.into(), &Value::Array(Vec::new())), "{slot}");
    }

    let table = program.run("slots ben@contoso.com --within \"next week\" -n 2");
    assert_eq!((table.code, table.out.lines().count()), (0, 2), "{table:?}");
    assert!(
        table.out.contains("2 of 2") && table.out.contains("everybody is free") && table.err.contains("Within Monday"),
        "{table:?}"
    );
}

#[test]
fn what_cannot_be_asked_or_does_not_suit_is_said() {
    let program = signed_in();
    // His calendar may not be seen, so nothing can be promised; without needing him there are times.
    let unseen = program.run("slots hugo@contoso.com --within \"next week\" --json");
    assert_eq!((unseen.code, unseen.json()["items"].as_array().map(Vec::len)), (5, Some(0)), "{unseen:?}");
    assert!(unseen.json()["people"][1]["error"]["message"].is_string(), "{unseen:?}");
    let enough = program.run("slots hugo@contoso.com --at-least 1 --within \"next week\" --json").json();
    let table = program.run("slots hugo@contoso.com --within \"next week\" --copy");
    assert!(table.err.contains("There is nothing to copy.") && !table.err.contains("clipboard"), "{table:?}");
    assert!(enough["items"].as_array().is_some_and(|items| !items.is_empty()), "{enough}");
    assert_eq!(enough["items"][0]["affected"][0]["state"], "unknown", "{enough}");
    for (arguments, word) in [
        ("slots ben@contoso.com --within soonish", "soonish"),
        ("slots ben@contoso.com --within \"do 9-10\"", "Thursday or Sunday"),
        ("slots ben@contoso.com --within yesterday", "over"),
        ("slots ben@contoso.com --for ages", "ages"),
        ("slots ben@contoso.com --zone Mars/Olympus", "Mars/Olympus"),
    ] {
        let ended = program.run(arguments);
        assert!(ended.code == 2 && ended.err.contains(word), "{arguments}: {ended:?}");
    }
}

#[test]
fn everything_about_one_person_and_a_line_for_the_bar() {
    let program = signed_in();
    let who = program.run("who \"Ben Okafor\" --json");
    let ben = who.json()["items"][0].clone();
    assert_eq!(
        (&ben["person"], &ben["name"], &ben["internal"]),
        (&"ben@contoso.com".into(), &"Ben Okafor".into(), &true.into()),
        "{who:?}"
    );
    assert!(ben["presence"]["availability"].is_string() && ben["zone"].is_string() && ben["today"].is_array(), "{ben}");
    let table = program.run("who ben@contoso.com");
    assert!(table.out.starts_with("Ben Okafor <ben@contoso.com>\n") && table.out.contains("Local time"), "{table:?}");
    let nobody = program.run("who Nobody");
    assert_eq!(nobody.code, 1, "{nobody:?}");

    // The line asks nobody unless it is told to.
    program.tenant.script().clear_requests();
    let before = program.run("status");
    assert_eq!((before.code, before.out.as_str()), (0, "nothing fetched yet\n"), "{before:?}");
    assert!(program.tenant.script().requests().is_empty(), "a prompt asks nothing of the network");
    let fetched = program.run("status --fetch --json").json();
    assert_eq!(fetched["schema"], "deskbell.status/1");
    let unread = fetched["items"][0]["unread"].as_u64().expect("a count");
    let line = program.run("status");
    assert!(line.out.contains(&format!("{unread} unread")), "{line:?}");
    // Weeks of his calendar are kept after this; today is one day all the same.
    assert_eq!(program.run("away ben@contoso.com --weeks 4").code, 0);
    let later = program.run("who \"Ben Okafor\" --json").json();
    assert_eq!(later["items"][0]["today"], ben["today"], "{later}");
}

#[test]
fn the_own_presence_is_chosen_read_and_let_go_by_a_command() {
    let program = Program::new();
    program.configure("[time]\nzone = \"Europe/Madrid\"\n");
    let ended = program.login("login --browser --no-open --for calendar,mail,write", |said| {
        let address = said.lines().last().filter(|line| line.starts_with("http://"))?;
        Some(program.approve_at(address))
    });
    assert_eq!(ended.code, 0, "{ended:?}");
    let of_lena = || {
        let ran = program.run("presence --json");
        assert_eq!((ran.code, &ran.json()["schema"]), (0, &"deskbell.presence/1".into()), "{ran:?}");
        ran.json()["items"][0].clone()
    };
    let before = of_lena();
    assert_eq!((&before["availability"], &before["chosen"]), (&"available".into(), &Value::Null), "{before}");

    let set = program.run("presence set dnd --for 90m --message \"Writing; back at noon\"");
    assert_eq!((set.code, set.out.trim().is_empty()), (0, false), "{set:?}");
    let after = of_lena();
    assert_eq!((&after["availability"], &after["message"]), (&"doNotDisturb".into(), &"Writing; back at noon".into()));
    let (until, read) = (instant(&after["chosen"]["until"]), instant(&after["readAt"]));
    let left = until.duration_since(read).as_mins();
    assert!((80..=90).contains(&left), "{after}");
    let words = program.run("presence");
    assert!(words.out.contains("chosen by you: ") && words.out.contains("Writing; back at noon"), "{words:?}");

    let cleared = program.run("presence clear --json");
    assert_eq!((cleared.code, &cleared.json()["items"][0]["state"]), (0, &"done".into()), "{cleared:?}");
    let again = of_lena();
    assert_eq!(
        (&again["availability"], &again["chosen"], &again["message"]),
        (&"available".into(), &Value::Null, &"".into())
    );

    for wrong in ["presence set asleep", "presence set busy --for soon", "presence set busy --until \"2020-01-01\""] {
        let refused = program.run(wrong);
        assert_eq!(refused.code, 2, "{wrong}: {refused:?}");
    }
    let refused = program.run("presence set busy --read-only");
    assert_ne!(refused.code, 0, "{refused:?}");
}

/// The meetings are those of the calendar as it is, also where nothing was fetched before.
#[test]
fn meetings_with_those_who_are_away_are_counted_from_the_calendar_as_it_is() {
    let program = signed_in();
    let away = program.run("away --json");
    let meetings = away.json()["meetings"].clone();
    let named =
        |meeting: &Value| meeting["subject"].is_string() && !meeting["away"].as_array().expect("people").is_empty();
    assert!(meetings.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(named)), "{meetings}");
}
