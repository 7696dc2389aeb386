//! The page about `--json` against what the commands print: every field of it exists, and none is missing from it.

use crate::support::program::Program;
use deskbell::domain::pages::HelpPage;
use serde_json::Value;
use std::collections::BTreeSet;

/// For each heading of the page, commands whose answers together have every field; `{message}` is the newest one of the inbox,
/// `{folder}` one to write into.
const COMMANDS: [(&str, &[&str]); 12] = [
    (
        "busy",
        &[
            "busy lena ben@contoso.com hugo@contoso.com nobodyatall --from 2026-11-23 --to 2026-11-27",
            "busy --from soon",
        ],
    ),
    (
        "slots",
        &[
            "slots ben@contoso.com grace@contoso.com --optional hugo@contoso.com --at-least 1 --within \"24-26 nov 2027\"",
            "slots ben@contoso.com --room room401@contoso.com --within \"24-26 nov 2027\"",
            "slots ben@contoso.com hugo@contoso.com --within \"24-26 nov 2027\"",
        ],
    ),
    // The first before the calendar was ever fetched: it says so.
    (
        "away",
        &[
            "away ben@contoso.com --offline",
            "away tom@contoso.com jonas@contoso.com eva@contoso.com nobody@contoso.com nobodyatall",
        ],
    ),
    (
        "who",
        &[
            "who tom@contoso.com",
            "who jonas@contoso.com",
            "who eva@contoso.com",
            "who grace@contoso.com",
            "who nobody@contoso.com",
            "who ana@contoso.com",
        ],
    ),
    ("out", &["out"]),
    ("presence", &["presence"]),
    ("status", &["status --fetch"]),
    ("agenda", &["agenda --from 2026-11-23 --to 2026-11-27"]),
    ("event", &["event new Described --when \"tomorrow 23:10\"", "event edit Described --place Here"]),
    ("inbox", &["inbox -n 20"]),
    ("mail export", &["mail export {message} no-such-id --out {folder}"]),
    ("event export", &["event export --from 2026-11-23 --to 2026-11-27 --out {folder}"]),
];

/// Every place of a value that holds something, lists as `[]`.
fn places(value: &Value, at: &str, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
                all.insert(at.clone());
                places(value, &at, all);
            }
        }
        Value::Array(rows) => {
            for row in rows {
                all.insert(format!("{at}[]"));
                places(row, &format!("{at}[]"), all);
            }
        }
        _ => {}
    }
}

/// The fields under a heading of the page.
fn documented(page: &str, heading: &str) -> BTreeSet<String> {
    let section = page.split("\n## ").find(|section| section.lines().next() == Some(heading)).expect("a heading");
    let field = |line: &str| line.strip_prefix("- `").and_then(|rest| rest.split('`').next()).map(str::to_owned);
    section.lines().filter_map(field).collect()
}

fn newest(program: &Program) -> String {
    program.run("inbox -n 1 --json").json()["items"][0]["id"].as_str().expect("an id").to_owned()
}

#[test]
fn every_field_that_is_printed_is_described_and_every_described_one_is_printed() {
    let page = HelpPage::find("json").expect("the page").text;
    let program = Program::new();
    program.configure("[time]\nzone = \"Europe/Madrid\"\n");
    // With the directory, where phones and managers stand.
    let ended =
        program.login("login --browser --no-open --for people,directory,calendar,mail,settings,write", |said| {
            let address = said.lines().last().filter(|line| line.starts_with("http://"))?;
            Some(program.approve_at(address))
        });
    assert_eq!(ended.code, 0, "{ended:?}");
    let chosen = program.run("presence set busy --for 2h");
    assert_eq!(chosen.code, 0, "{chosen:?}");
    let written = tempfile::tempdir().expect("a folder");
    let folder = written.path().display().to_string();
    let everywhere = documented(page, "In every answer");
    let mut seen_everywhere = BTreeSet::new();
    for (name, commands) in COMMANDS {
        let mut printed = BTreeSet::new();
        for command in commands {
            let line = match name.ends_with("export") {
                true => command.replace("{message}", &newest(&program)).replace("{folder}", &folder),
                false => (*command).to_owned(),
            };
            let line = format!("{line} --json");
            // What changes something asks for more than was granted at the sign-in.
            let ran = match name {
                "event" => program.run_with_token(&line, "lena", "User.Read Calendars.ReadWrite"),
                _ => program.run(&line),
            };
            places(&ran.json(), "", &mut printed);
        }
        let described = documented(page, name);
        let is_described = |place: &String| {
            let leads_on =
                |known: &String| known.strip_prefix(place.as_str()).is_some_and(|rest| rest.starts_with(['.', '[']));
            let all = || described.iter().chain(&everywhere);
            all().any(|known| known == place || leads_on(known)) || place.starts_with("nearest.")
        };
        let undescribed: Vec<&String> = printed.iter().filter(|place| !is_described(place)).collect();
        assert!(undescribed.is_empty(), "{name} prints what the page does not describe: {undescribed:?}");
        let absent: Vec<&String> = described.iter().filter(|place| !printed.contains(*place)).collect();
        assert!(absent.is_empty(), "{name} never prints what the page describes: {absent:?}");
        seen_everywhere.extend(printed);
    }
    let absent: Vec<&String> = everywhere.iter().filter(|place| !seen_everywhere.contains(*place)).collect();
    assert!(absent.is_empty(), "no command prints {absent:?}");
}
