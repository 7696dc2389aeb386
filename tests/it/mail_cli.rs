//! Mail from the command line: read, filed, written, waited for; and the outbox behind it.

use crate::support::program::{Program, Ran};
use std::io::Write;
use std::process::Stdio;

fn run(program: &Program, arguments: &str) -> Ran {
    program.run(arguments)
}

/// Runs a command with this text at its standard input.
fn fed(program: &Program, arguments: &str, text: &str) -> Ran {
    let mut command = program.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    let ended = child.wait_with_output().expect("it ends");
    Ran {
        code: ended.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&ended.stdout).into_owned(),
        err: String::from_utf8_lossy(&ended.stderr).into_owned(),
    }
}

#[test]
fn messages_are_read_filed_written_and_what_waits_is_told() {
    let program = Program::new();
    program.configure("[profile.default]\ntiers = [\"calendar\", \"mail\", \"write\"]\n");
    program.sign_in();
    let inbox = run(&program, "inbox --json").json();
    let id = |at: usize| inbox["items"][at]["id"].as_str().expect("an id").to_owned();
    let subject = inbox["items"][0]["subject"].as_str().expect("a subject");

    let read = run(&program, &format!("mail read {}", id(0)));
    assert_eq!(read.code, 0, "{read:?}");
    assert!(read.out.contains(&format!("Subject: {subject}")) && read.out.lines().count() > 8, "{read:?}");

    let filed = run(&program, &format!("mail archive {} {} --json", id(0), id(1)));
    assert_eq!(filed.code, 0, "{filed:?}");
    let json = filed.json();
    assert_eq!(json["schema"], "deskbell.change/1");
    assert!(json["items"].as_array().expect("items").iter().all(|item| item["state"] == "done"), "{json}");
    let marked = fed(&program, "mail mark - --unread", &format!("{}\n{}\n", id(2), id(3)));
    assert_eq!((marked.code, marked.out.as_str()), (0, "Marked 2 messages as unread.\n"), "{marked:?}");
    let moved = run(&program, &format!("mail move {} --to Inbox/Clients", id(2)));
    assert_eq!(moved.code, 0, "{moved:?}");
    let nowhere = run(&program, &format!("mail move {} --to Nowhere", id(3)));
    assert!(nowhere.code == 2 && nowhere.err.contains("There is no folder"), "{nowhere:?}");
    let unsure = run(&program, &format!("mail delete {} --for-ever", id(3)));
    assert_eq!(unsure.code, 2, "{unsure:?}");
    let after = run(&program, "inbox --json").json();
    let left = |wanted: &str| after["items"].as_array().expect("items").iter().any(|item| item["id"] == *wanted);
    assert!(!left(&id(0)) && !left(&id(1)) && !left(&id(2)) && left(&id(3)), "{after}");

    let dry = fed(&program, "mail send --to nina@adatum.example --dry-run", "See the attachment.\n");
    assert_eq!(dry.code, 0, "{dry:?}");
    for said in ["There is no subject.", "nothing is attached", "outside your organisation", "Nothing was sent"] {
        assert!(dry.err.contains(said), "{said}: {dry:?}");
    }
    assert!(dry.out.contains("To: nina@adatum.example") && dry.out.ends_with("See the attachment.\n"), "{dry:?}");
    let nobody = run(&program, "mail send --to nina --subject Lunch --body Hello");
    assert!(nobody.code == 2 && nobody.err.contains("\"nina\" is no address."), "{nobody:?}");
    let sent = fed(&program, "mail send --to ben@contoso.com --subject Lunch", "At one?\n");
    assert_eq!((sent.code, sent.out.as_str()), (0, "\"Lunch\" is on its way.\n"), "{sent:?}");
    let answered = run(&program, &format!("mail reply {} --all --body Agreed.", id(3)));
    assert_eq!(answered.code, 0, "{answered:?}");
    assert_eq!(run(&program, "mail drafts").out, "");

    // Without the network it is kept, told, and goes when it is tried again.
    let kept = run(&program, &format!("--offline mail flag {}", id(3)));
    assert!(kept.code == 0 && kept.out.contains("Kept; it goes when the service can be reached."), "{kept:?}");
    let waiting = run(&program, "--offline outbox --json").json();
    assert_eq!((&waiting["schema"], waiting["items"].as_array().map(Vec::len)), (&"deskbell.outbox/1".into(), Some(1)));
    let number = waiting["items"][0]["id"].as_i64().expect("a number");
    let retried = run(&program, &format!("outbox retry {number}"));
    assert!(retried.code == 0 && retried.err.contains("Done.") && retried.out.is_empty(), "{retried:?}");
    assert_eq!(run(&program, &format!("outbox cancel {number}")).code, 2);
    let refused = run(&program, &format!("--read-only mail flag {} --off", id(3)));
    assert!(refused.code != 0 && refused.err.contains("read"), "{refused:?}");
}

#[test]
fn messages_and_events_are_written_into_files_and_none_is_written_over() {
    let program = Program::new();
    program.configure("[profile.default]\ntiers = [\"calendar\", \"mail\"]\n");
    program.sign_in();
    let inbox = run(&program, "inbox --json").json();
    let id = |at: usize| inbox["items"][at]["id"].as_str().expect("an id").to_owned();
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().display().to_string();

    let printed = run(&program, &format!("mail export {}", id(0)));
    assert!(printed.code == 0 && printed.out.contains("Subject: "), "{printed:?}");
    let several = run(&program, &format!("mail export {} {}", id(0), id(1)));
    assert!(several.code == 2 && several.err.contains("Name a folder") && several.out.is_empty(), "{several:?}");
    let first = run(&program, &format!("mail export {} {} --out {place}", id(0), id(1)));
    assert_eq!((first.code, first.out.lines().count()), (0, 2), "{first:?}");
    // The same again stands beside it.
    let again = run(&program, &format!("mail export {} no-such-id --out {place} --json", id(0)));
    assert_eq!(again.code, 5, "{again:?}");
    let json = again.json();
    assert_eq!(json["schema"], "deskbell.mailExport/1");
    let file = json["items"][0]["file"].as_str().expect("a file");
    assert!(file.ends_with("(2).eml") && json["items"][1]["error"]["message"].is_string(), "{json}");
    assert_eq!(std::fs::read(file).expect("it was written"), printed.out.as_bytes());
    // A file of one's own is written over only on purpose.
    let own = folder.path().join("own.ics");
    std::fs::write(&own, "mine").expect("a file");
    let own = own.display().to_string();
    let kept = run(&program, &format!("event export --week --from 2026-11-23 --out {own}"));
    assert!(kept.code == 2 && kept.err.contains("is there already"), "{kept:?}");
    assert_eq!(std::fs::read_to_string(&own).expect("text"), "mine");
    let forced = run(&program, &format!("event export --week --from 2026-11-23 --out {own} --force"));
    assert_eq!((forced.code, forced.out.trim()), (0, own.as_str()), "{forced:?}");
    let calendar = std::fs::read_to_string(&own).expect("text");
    let agenda = run(&program, "agenda --week --from 2026-11-23 --json").json();
    let events = agenda["items"].as_array().expect("items");
    assert!(calendar.matches("BEGIN:VEVENT").count() == events.len() && !events.is_empty(), "{calendar}");
    let one = run(&program, &format!("event export {}", events[0]["id"].as_str().expect("an id")));
    assert!(one.code == 0 && one.out.starts_with("BEGIN:VCALENDAR\r\n"), "{one:?}");
    assert_eq!(one.out.matches("BEGIN:VEVENT").count(), 1);
}
