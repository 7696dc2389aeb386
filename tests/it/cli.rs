//! The command line: the real program as a process, against a tenant in this one. Signing in by page and by code, every verb for
//! people and as JSON, every exit code.

use crate::support::program::{Program, Ran, program, ran};
use deskbell::sim::tenant::TenantOptions;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

const MADRID: &str = "[time]\nzone = \"Europe/Madrid\"\n";

/// A program whose person lives in Madrid.
fn in_madrid() -> Program {
    let program = Program::new();
    program.configure(MADRID);
    program
}

/// What every answer in JSON has.
#[track_caller]
fn envelope(answer: &Ran, schema: &str) -> Value {
    let json = answer.json();
    assert_eq!(json["schema"], schema, "{json}");
    assert_eq!(json["account"], "lena@contoso.com", "{json}");
    assert!(json["items"].is_array() && json["errors"].is_array(), "{json}");
    json
}

/// Fails unless `value` is an instant with Madrid's offset.
#[track_caller]
fn is_in_madrid(value: &Value) {
    let text = value.as_str().unwrap_or_default();
    assert!(text.ends_with("+01:00") || text.ends_with("+02:00"), "{value} has not the offset of the zone");
    assert!(text.parse::<jiff::Timestamp>().is_ok(), "{value} is no instant");
}

fn item<'a>(json: &'a Value, name: &str) -> &'a Value {
    let items = json["items"].as_array().expect("items");
    items.iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("nobody is called {name}: {json}"))
}

#[test]
fn somebody_signs_in_by_browser_reads_everything_and_signs_out() {
    let program = in_madrid();
    let mut before = program.run("inbox");
    assert_eq!(before.code, 4, "nobody is signed in: {before:?}");
    assert!(before.out.is_empty() && before.err.contains("deskbell login"), "{before:?}");

    program.sign_in();
    let accounts = program.run("accounts");
    assert_eq!(accounts.code, 0);
    assert!(accounts.out.starts_with("lena@contoso.com  Lena Ortiz  work"), "{accounts:?}");

    let inbox = program.run("inbox");
    assert_eq!((inbox.code, inbox.out.lines().count()), (0, 20), "{inbox:?}");
    // What was read once is there without the network.
    program.tenant.script().offline(true);
    let offline = program.run("--offline inbox");
    assert_eq!((offline.code, &offline.out), (0, &inbox.out), "{offline:?}");
    let agenda = program.run("--offline agenda --week");
    assert_eq!(agenda.code, 0);
    assert!(agenda.out.lines().filter(|line| !line.starts_with(' ')).count() == 7, "a heading a day: {agenda:?}");
    program.tenant.script().offline(false);

    let out = program.run("logout --yes");
    assert_eq!(out.code, 0);
    assert!(out.out.contains("Signed out lena@contoso.com"), "{out:?}");
    before = program.run("--json inbox");
    assert_eq!((before.code, &before.json()["errors"][0]["code"]), (4, &Value::from("signIn")));
    assert_eq!(program.run("accounts --json").json()["items"], Value::Array(Vec::new()));
}

#[test]
fn a_sign_in_without_a_terminal_speaks_in_plain_lines() {
    let program = Program::new();
    let ended = program.login("login --browser --no-open", |said| {
        let address = said.lines().last().filter(|line| line.starts_with("http://"))?;
        Some(program.approve_at(address))
    });
    assert_eq!((ended.code, ended.out.as_str()), (0, "Signed in as Lena Ortiz <lena@contoso.com>.\n"), "{ended:?}");
    assert!(!ended.err.contains('\u{1b}') && !ended.err.contains('\r'), "{ended:?}");
}

#[test]
fn somebody_signs_in_by_a_code() {
    let program = Program::with(TenantOptions { device_interval: Some(1), ..TenantOptions::default() });
    let ended = program.login("login --device --json", |said| {
        let after = |words: &str| said.lines().find_map(|line| line.strip_prefix(words)).map(str::trim);
        let (address, code) = (after("On any device open")?, after("and enter the code")?);
        Some(program.approve_code(address, code))
    });
    assert_eq!(ended.code, 0, "{ended:?}");
    let json = envelope(&ended, "deskbell.login/1");
    assert_eq!(json["items"][0]["name"], "Lena Ortiz");
    assert!(json["items"][0]["scopes"].as_str().unwrap().contains("calendars.read"));
}

#[test]
fn a_refused_sign_in_is_told_in_words() {
    let program = Program::new();
    let ended = program.login("login --browser --no-open", |said| {
        let address = said.lines().last().filter(|line| line.starts_with("http://"))?;
        Some(program.refuse_at(address))
    });
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.err.contains("Next: "), "{ended:?}");
}

#[test]
fn the_inbox_and_the_agenda_as_json() {
    let program = in_madrid();
    let inbox = program.run_with_token("inbox --unread -n 3 --json", "lena", "");
    assert_eq!(inbox.code, 0, "{inbox:?}");
    let json = envelope(&inbox, "deskbell.inbox/1");
    assert_eq!(json["zone"], "Europe/Madrid");
    let as_of = json["asOf"].as_str().unwrap();
    is_in_madrid(&Value::from(as_of.strip_suffix("[Europe/Madrid]").expect("the zone stands behind")));
    let messages = json["items"].as_array().unwrap();
    assert_eq!(messages.len(), 3, "{json}");
    for message in messages {
        assert_eq!(message["unread"], true, "{message}");
        assert!(message["from"]["address"].is_string() && message["subject"].is_string(), "{message}");
        is_in_madrid(&message["received"]);
    }

    let agenda = program.run_with_token("agenda --week --json", "lena", "");
    assert_eq!(agenda.code, 0, "{agenda:?}");
    let json = envelope(&agenda, "deskbell.agenda/1");
    let day = |name: &str| json[name].as_str().unwrap().parse::<jiff::civil::Date>().unwrap();
    assert_eq!(day("from").until(day("to")).unwrap().get_days(), 7);
    let events = json["items"].as_array().unwrap();
    assert!(events.len() > 5, "a week of Lena's is full: {json}");
    for event in events {
        if event["allDay"] == true {
            assert!(event["start"].as_str().unwrap().parse::<jiff::civil::Date>().is_ok(), "{event}");
        } else {
            is_in_madrid(&event["start"]);
            is_in_madrid(&event["end"]);
        }
    }
}

#[test]
fn colleagues_have_each_an_answer_or_a_reason() {
    let program = in_madrid();
    let busy = program.run_with_token("busy ana \"Ben Okafor\" hugo nobody --week --json", "lena", "");
    assert_eq!(busy.code, 5, "some could not be had: {busy:?}");
    let json = envelope(&busy, "deskbell.busy/1");
    is_in_madrid(&json["from"]);
    is_in_madrid(&json["to"]);
    assert_eq!(json["items"].as_array().unwrap().len(), 4);
    let ben = item(&json, "Ben Okafor");
    assert_eq!((&ben["person"], &ben["zone"]), (&"ben@contoso.com".into(), &"Europe/London".into()), "{ben}");
    assert_eq!(ben["workingHours"]["days"], serde_json::json!(["mon", "tue", "wed", "thu", "fri"]));
    assert!(
        ben["workingHours"]["start"].as_str().unwrap().len() == 5 && ben["age"].as_str().unwrap().starts_with("PT")
    );
    let blocks = item(&json, "Ana Ruiz")["blocks"].as_array().unwrap();
    assert!(!blocks.is_empty(), "a week without meetings: {json}");
    for block in blocks {
        is_in_madrid(&block["start"]);
        is_in_madrid(&block["end"]);
        let status = block["status"].as_str().unwrap();
        assert!(["free", "tentative", "busy", "oof", "workingElsewhere", "unknown"].contains(&status), "{block}");
        assert!(block["private"].is_boolean());
    }
    for (name, code) in [("Hugo Lima", "notShared"), ("nobody", "notFound")] {
        let error = &item(&json, name)["error"];
        assert_eq!(error["code"], code, "{json}");
        assert!(error["message"].is_string() && error["remedy"].is_string(), "{error}");
    }

    let table = program.run_with_token("busy ana hugo", "lena", "");
    assert_eq!(table.code, 5, "{table:?}");
    let row = |name: &str| table.out.lines().find(|line| line.starts_with(name)).unwrap_or_default().len();
    assert_eq!(row("Ana Ruiz"), row("Hugo Lima  "), "strips are of one length: {table:?}");
    assert_eq!(program.run_with_token("busy ana", "lena", "").code, 0);
}

#[test]
fn who_is_away_and_what_their_reply_says() {
    let program = in_madrid();
    let away = program.run_with_token("away vera ana --json", "lena", "");
    let json = envelope(&away, "deskbell.away/1");
    let vera = item(&json, "Vera Popescu");
    assert!(vera["reply"]["message"].as_str().unwrap().contains("Away"), "{vera}");
    assert_eq!(vera["days"].as_str().unwrap().len(), 14);
    assert!(vera["sources"].as_array().unwrap().contains(&"automaticReply".into()), "{vera}");
    assert_eq!(item(&json, "Ana Ruiz")["reply"], Value::Null);

    let team = program.run_with_token("away", "lena", "");
    assert_eq!(team.code, 0, "{team:?}");
    assert!(team.out.contains("Priya Nair") && team.out.contains("I am on leave"), "{team:?}");
}

#[test]
fn text_of_others_cannot_drive_the_terminal() {
    let program = in_madrid();
    let today = program.run_with_token("agenda --json", "lena", "").json()["from"].as_str().unwrap().to_owned();
    let later = today.parse::<jiff::civil::Date>().unwrap() + jiff::ToSpan::days(20);
    let agenda = format!("agenda --to {later}");
    for arguments in [&agenda, "away vera", &format!("{agenda} --json"), "away vera --json"] {
        let ran = program.run_with_token(arguments, "lena", "");
        let bad = |character: char| {
            character.is_control() && character != '\n' || ('\u{202a}'..='\u{202e}').contains(&character)
        };
        assert!(!ran.out.contains(bad), "{arguments}: {:?}", ran.out);
        assert!(ran.out.contains("Red alert") || ran.out.contains("Away"), "{arguments}: {:?}", ran.out);
    }
}

#[test]
fn every_ending_has_its_code() {
    let program = Program::new();
    for (arguments, code, words) in [
        ("frob", 2, "frob"),
        ("busy", 4, "deskbell login"),
        ("slots", 4, "deskbell login"),
        ("agenda --from someday", 2, "2026-11-23"),
        ("agenda --from 2026-11-23 --to 2027-11-23", 2, "61 days"),
        ("--log loud inbox", 2, "debug"),
        ("demo --shot nowhere", 2, "find-time"),
        // Standard output is no terminal here.
        ("", 2, "terminal"),
        ("demo", 2, "terminal"),
        ("inbox", 4, "deskbell login"),
        ("tenant token nobody", 1, "nobody"),
        ("tenant token lena --authority http://127.0.0.1:1", 6, "deskbell tenant --port"),
        ("--version", 0, ""),
        ("--help", 0, ""),
    ] {
        let is_pointed = !arguments.contains("--authority");
        let ran = if is_pointed { program.run(arguments) } else { self::ran(bare(&program, arguments)) };
        // A usage mistake of a verb is told before anybody has to be signed in.
        assert_eq!(ran.code, code, "{arguments}: {ran:?}");
        assert!(ran.err.contains(words), "{arguments}: {ran:?}");
    }
    let login = ran(bare(&program, "login"));
    assert_eq!(login.code, 3, "{login:?}");
    assert!(login.err.contains("--client-id"), "{login:?}");
    let refused = program.run_with_token("inbox", "lena", "User.Read");
    assert_eq!(refused.code, 4, "a permission is missing: {refused:?}");
    let out_of_reach = program.run_with_token("--offline busy ana", "lena", "");
    assert_eq!(out_of_reach.code, 6, "{out_of_reach:?}");
}

/// A command that is pointed nowhere.
fn bare(program: &Program, arguments: &str) -> std::process::Command {
    let mut command = self::program(program.home.path());
    command.arg("--home").arg(program.home.path()).args(arguments.split_whitespace());
    command
}

#[test]
fn a_broken_configuration_is_named_and_left_alone() {
    let program = Program::new();
    for (text, words) in [
        ("[time]\nzon = \"Europe/Madrid\"\n", ["line 2", "zone"]),
        ("[look]\ntheme = \"pink\"\n", ["line 2", "mono"]),
        ("[time\n", ["line 1", "TOML"]),
    ] {
        let path = program.configure(text);
        let ran = program.run("inbox");
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(ran.err.contains(&path.display().to_string()), "{ran:?}");
        for word in words {
            assert!(ran.err.contains(word), "{word} is not said: {ran:?}");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "the file is nobody's but the user's");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let program = Program::new();
    let token = program.tenant.script().token("lena", "").unwrap();
    let mut command = program.command("inbox -n 300");
    command
        .env("DESKBELL_TOKEN", token)
        .env("DESKBELL_UNATTENDED", "allow")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn a_tenant_of_its_own_says_where_it_is_and_gives_tokens() {
    let program = Program::new();
    let mut command = self::program(program.home.path());
    let mut tenant = command.args(["tenant", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(tenant.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).expect("one line of JSON");
    let (authority, graph) = (said["authority"].as_str().unwrap(), said["graph"].as_str().unwrap());
    assert!(said["people"].as_array().unwrap().len() >= 40 && said["clients"][1]["clientSecret"].is_string());

    let token = ran(bare(&program, &format!("tenant token lena --authority {authority}")));
    assert_eq!((token.code, token.out.split('.').count()), (0, 3), "{token:?}");
    let mut command = bare(&program, &format!("inbox -n 1 --authority {authority} --graph {graph}"));
    command.env("DESKBELL_TOKEN", token.out.trim());
    let inbox = ran(command);
    assert_eq!((inbox.code, inbox.out.lines().count()), (0, 1), "{inbox:?}");
    tenant.kill().unwrap();
    tenant.wait().unwrap();
}
