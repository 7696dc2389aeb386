//! `deskbell mail search`: the real program as a process.

use crate::support::program::Program;

#[test]
fn mail_is_searched_at_the_command_line() {
    let program = Program::new();
    program.configure("[time]\nzone = \"Europe/Madrid\"\n");
    program.sign_in();
    let found = program.run("mail search contract from:levy");
    assert_eq!(found.code, 0, "{found:?}");
    assert!(found.out.contains("Dana Levy") && found.out.contains("Contract draft v3"), "{found:?}");
    let json = program.run("mail search --json from:dana -- -zebra").json();
    assert_eq!(json["schema"], "deskbell.mailSearch/1", "{json}");
    assert_eq!(json["items"][0]["from"]["name"], "Dana Levy", "{json}");
    assert_eq!(json["items"][0]["foundIn"][0], "people", "{json}");
    assert_eq!((&json["isCounted"], &json["notIndexed"]), (&true.into(), &0.into()), "{json}");
    // The service's hits come along when they are asked for, each once.
    let wider = program.run("mail search --server --json -n 500 budget").json();
    let ids: Vec<&str> =
        wider["items"].as_array().expect("items").iter().filter_map(|item| item["id"].as_str()).collect();
    let only: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), only.len(), "no hit twice");
    assert!(wider["items"].as_array().expect("items").iter().any(|item| item["fromService"] == true), "{wider}");
    // What is no search, and what is nowhere.
    let wrong = program.run("mail search is:old");
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(wrong.err.contains("No mail is “old”.") && wrong.err.contains("is:unread"), "{wrong:?}");
    let folder = program.run("mail search in:nowhere x");
    assert_eq!(folder.code, 2, "{folder:?}");
    let nothing = program.run("mail search qqqqqq");
    assert_eq!((nothing.code, nothing.out.as_str()), (0, ""), "{nothing:?}");
    assert!(nothing.err.contains("Nothing found."), "{nothing:?}");
}
