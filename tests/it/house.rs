//! The copy on this computer as a thing to look after: bringing it into step, writing it out for others, looking at it, making room.
//! The real program as a process.

use crate::support::program::{Program, ran};
use rusqlite::Connection;
use serde_json::Value;
use std::path::Path;

fn number(file: &Connection, sql: &str) -> i64 {
    file.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn text(file: &Connection, sql: &str) -> String {
    file.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn export(program: &Program, arguments: &str) -> Value {
    let ended = program.run(&format!("{arguments} --json"));
    assert_eq!(ended.code, 0, "{ended:?}");
    let json = ended.json();
    assert_eq!(
        (&json["schema"], &json["account"]),
        (&"deskbell.export/1".into(), &"lena@contoso.com".into()),
        "{json}"
    );
    json["items"][0].clone()
}

fn home_file(program: &Program, name: &str) -> std::path::PathBuf {
    program.home.path().join(name)
}

/// Changes Lena's inbox behind the program's back: its newest message goes, the next one's subject changes.
fn change_the_inbox(program: &Program) -> (String, String) {
    let token = program.tenant.script().token("lena", "Mail.ReadWrite").expect("a token");
    let graph = program.tenant.graph().to_owned();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::new();
        let list =
            format!("{graph}/v1.0/me/mailFolders/inbox/messages?$top=2&$select=id&$orderby=receivedDateTime%20desc");
        let prefer = ("Prefer", "IdType=\"ImmutableId\"");
        let page: Value = serde_json::from_str(
            &client
                .get(&list)
                .bearer_auth(&token)
                .header(prefer.0, prefer.1)
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap(),
        )
        .unwrap();
        let id = |at: usize| page["value"][at]["id"].as_str().expect("an id").to_owned();
        let (gone, changed) = (id(0), id(1));
        let address = |id: &str| format!("{graph}/v1.0/me/messages/{id}");
        let deleted = client
            .post(address(&gone) + "/permanentDelete")
            .bearer_auth(&token)
            .header(prefer.0, prefer.1)
            .send()
            .await
            .unwrap();
        assert_eq!(deleted.status(), 204);
        let patched = client
            .patch(address(&changed))
            .bearer_auth(&token)
            .header(prefer.0, prefer.1)
            .json(&serde_json::json!({"flag": {"flagStatus": "flagged"}, "categories": ["Written out"]}))
            .send()
            .await
            .unwrap();
        assert_eq!(patched.status(), 200);
        (gone, changed)
    })
}

#[test]
fn what_is_known_is_written_out_and_the_file_is_kept_up_to_date() {
    let program = Program::new();
    program.sign_in();
    let path = home_file(&program, "out.db");
    let arguments = format!("export --db {} --bodies", path.display());
    let first = export(&program, &arguments);
    let file = Connection::open(&path).unwrap();
    let messages = number(&file, "SELECT count(*) FROM messages");
    assert!(messages >= 300, "{messages}");
    assert_eq!(first["messages"]["changed"], messages);
    let bodies = number(&file, "SELECT count(*) FROM bodies WHERE length(content) > 0");
    assert!(bodies >= 50, "{bodies}: {first}");
    assert!(number(&file, "SELECT count(*) FROM events WHERE is_all_day = 1 AND length(starts) = 10") > 0);
    assert!(number(&file, "SELECT count(*) FROM automatic_replies WHERE message <> ''") > 0, "the team was looked at");
    assert!(number(&file, "SELECT count(*) FROM people WHERE address <> ''") > 0, "those who are written to");
    assert_eq!(text(&file, "SELECT value FROM about WHERE name = 'form'"), "1");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    // Nothing changed: nothing is written, and what is gone for good is told apart from what changed.
    let again = export(&program, &arguments);
    assert_eq!(
        (&again["messages"]["changed"], &again["messages"]["gone"], &again["bodies"]),
        (&0.into(), &0.into(), &0.into())
    );
    assert_eq!((&again["events"]["changed"], &again["events"]["gone"]), (&0.into(), &0.into()), "{again}");
    let (gone, changed) = change_the_inbox(&program);
    // A reader in the middle of its work sees the file as it was, and keeps nobody from writing.
    file.execute_batch("BEGIN; SELECT count(*) FROM messages;").unwrap();
    let later = export(&program, &arguments);
    assert_eq!((&later["messages"]["changed"], &later["messages"]["gone"]), (&1.into(), &1.into()), "{later}");
    assert_eq!(number(&file, "SELECT count(*) FROM messages WHERE gone IS NOT NULL"), 0);
    file.execute_batch("COMMIT").unwrap();
    assert_eq!(text(&file, "SELECT id FROM messages WHERE gone IS NOT NULL"), gone);
    assert_eq!(
        text(&file, "SELECT id FROM messages WHERE is_flagged = 1 AND categories LIKE '%Written out%'"),
        changed
    );
    assert_eq!(number(&file, "SELECT count(*) FROM messages"), messages, "a row that went stays");

    // What was called gone and is there after all is there again.
    file.execute("UPDATE messages SET gone = '2020-01-01T00:00:00Z' WHERE id = ?1", [&changed]).unwrap();
    assert_eq!(export(&program, &arguments)["messages"]["changed"], 1);
    assert_eq!(text(&file, "SELECT id FROM messages WHERE gone IS NOT NULL"), gone);
    assert_eq!(number(&file, "SELECT count(*) FROM messages WHERE gone IS NOT NULL"), 1);

    // An emptied copy that knows nothing yet calls nothing gone.
    assert_eq!(program.run("cache wipe --yes").code, 0);
    let offline = export(&program, &format!("--offline {arguments}"));
    assert_eq!((&offline["messages"]["gone"], &offline["events"]["gone"]), (&0.into(), &0.into()), "{offline}");
}

#[test]
fn a_file_that_is_not_ours_is_left_as_it_is() {
    let program = Program::new();
    program.sign_in();
    let (letter, book, later) =
        (home_file(&program, "letter.txt"), home_file(&program, "book.db"), home_file(&program, "later.db"));
    std::fs::write(&letter, "Dear Ben,\n").unwrap();
    Connection::open(&book)
        .unwrap()
        .execute_batch("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup');")
        .unwrap();
    export(&program, &format!("--offline export --db {}", later.display()));
    Connection::open(&later).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let refused = |path: &Path, code: &str| {
        let ended = program.run(&format!("--json --offline export --db {}", path.display()));
        assert_eq!((ended.code, &ended.json()["errors"][0]["code"]), (2, &code.into()), "{ended:?}");
    };
    refused(&letter, "notAnExport");
    refused(&book, "notAnExport");
    refused(&later, "exportNewer");
    assert_eq!(std::fs::read_to_string(&letter).unwrap(), "Dear Ben,\n");
    assert_eq!(text(&Connection::open(&book).unwrap(), "SELECT name FROM recipes"), "soup");
    let nowhere = program.run("--json --offline export --db /nowhere/at/all.db");
    assert_eq!(&nowhere.json()["errors"][0]["code"], "exportFailed");
    assert_eq!(nowhere.code, 3, "{nowhere:?}");
}

#[test]
fn the_copy_is_looked_at_trimmed_emptied_and_filled_again() {
    let program = Program::new();
    let before = program.run("cache info --json").json();
    assert_eq!((&before["schema"], &before["file"]), (&"deskbell.cache/1".into(), &Value::Null));
    program.sign_in();
    let synced = program.run("sync --once --json").json();
    assert_eq!(synced["schema"], "deskbell.sync/1");
    let info = || program.run("cache info --json").json();
    let known = info()["items"][0].clone();
    assert_eq!(known["address"], "lena@contoso.com");
    for what in ["folders", "messages", "bodies", "bodyBytes", "events"] {
        assert!(known[what].as_u64().is_some_and(|count| count > 0), "{what}: {known}");
    }
    assert_eq!(synced["items"][0]["messages"], known["messages"]);

    let cache = Connection::open(program.home.path().join("cache/deskbell.db")).unwrap();
    let oldest: jiff::Timestamp = known["oldest"].as_str().expect("an instant").parse().expect("an instant");
    assert_eq!(oldest.as_second(), number(&cache, "SELECT min(received) / 1000000 FROM messages"));

    // A pause is kept for whoever comes next.
    for (verb, kept) in [("sync --pause", 1), ("sync --resume", 0)] {
        assert_eq!(program.run(verb).code, 0);
        assert_eq!(number(&cache, "SELECT count(*) FROM memory WHERE name LIKE 'paused %'"), kept, "{verb}");
    }

    // Without bodies nothing but them goes; a damaged file that was set aside is removed.
    let aside = program.home.path().join("cache/deskbell.db.damaged-1");
    std::fs::write(&aside, "junk").unwrap();
    assert_eq!(info()["setAside"], 1);
    let mut command = program.command("cache clean --json");
    command.env("DESKBELL_CACHE_BODIES", "none");
    let cleaned = ran(command).json()["items"][0].clone();
    assert_eq!((&cleaned["bodies"], &cleaned["files"], &cleaned["accounts"]), (&known["bodies"], &1.into(), &0.into()));
    assert!(cleaned["bytes"].as_u64().is_some_and(|bytes| bytes > 0) && !aside.exists(), "{cleaned}");
    let left = info()["items"][0].clone();
    assert_eq!((&left["bodies"], &left["messages"]), (&0.into(), &known["messages"]));

    // Where nothing is left to remove nothing is told of.
    assert!(!program.run("cache clean").out.contains("Removed"));

    let asked = program.run("cache wipe");
    assert_eq!(
        (asked.code, info()["items"][0]["messages"] == known["messages"]),
        (4, true),
        "nobody said yes: {asked:?}"
    );
    assert_eq!(program.run("cache wipe --account nobody@contoso.com --yes").code, 2);
    // A month outside the window was looked at: once it is empty nothing may say that it was read.
    let looked =
        "INSERT INTO event_spans (account, calendar, starts, ends, as_of) SELECT row, 'one', 1, 2, 3 FROM accounts";
    assert_eq!(cache.execute(looked, []).unwrap(), 1);
    // Of two accounts the one that is named is emptied.
    cache
        .execute_batch(
            "INSERT INTO accounts (tenant, object, address, name, kind) SELECT tenant, 'other', 'other@contoso.com', '', kind
             FROM accounts; INSERT INTO categories (account, name, colour) SELECT row, 'Theirs', NULL FROM accounts
             WHERE object = 'other'",
        )
        .unwrap();
    assert_eq!(program.run("cache wipe --account lena@contoso.com --yes").code, 0);
    assert_eq!(number(&cache, "SELECT count(*) FROM messages"), 0);
    assert_eq!(number(&cache, "SELECT count(*) FROM categories"), 1, "the other's stay");
    assert_eq!(program.run("cache wipe --yes").code, 0);
    assert!(number(&cache, "SELECT count(*) FROM mail_words_data") < 4, "no word is left in the index");
    assert_eq!(number(&cache, "SELECT freelist_count FROM pragma_freelist_count"), 0, "the room is given back");
    let mut tables = cache
        .prepare(
            "SELECT t.name FROM sqlite_master t JOIN pragma_table_info(t.name) c ON c.name = 'account'
             WHERE t.type = 'table' AND t.name <> 'automatic_reply_changes'",
        )
        .unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    assert!(tables.len() > 8, "{tables:?}");
    for table in tables {
        assert_eq!(number(&cache, &format!("SELECT count(*) FROM {table}")), 0, "{table} is left");
    }
    let empty = info()["items"][0].clone();
    assert_eq!((&empty["messages"], &empty["events"], &empty["people"]), (&0.into(), &0.into(), &0.into()), "{empty}");
    let inbox = program.run("inbox");
    assert_eq!((inbox.code, inbox.out.lines().count()), (0, 20), "the sign-in stayed: {inbox:?}");
}

#[test]
fn a_service_writes_every_mailbox_of_its_list_into_one_file() {
    let program = Program::new();
    let clients = program.tenant.clients();
    program.configure(&format!(
        "[profile.default]\nkind = \"service\"\nclient_id = \"{}\"\ntenant = \"{}\"\nauthority = \"{}\"\ngraph = \"{}\"\n\
         mailboxes = [\"lena@contoso.com\", \"ben@contoso.com\", \"hugo@nowhere.example\"]\nsecret_env = \"SERVICE_SECRET\"\n",
        clients.confidential,
        program.tenant.tenant_id(),
        program.tenant.authority(),
        program.tenant.graph(),
    ));
    let path = home_file(&program, "out.db");
    let mut command = program.alone(&format!("export --db {} --json", path.display()));
    command.env("SERVICE_SECRET", &clients.confidential_secret);
    let ended = ran(command);
    assert_eq!(ended.code, 5, "one of the three has no mailbox: {ended:?}");
    let json = ended.json();
    assert_eq!(json["items"].as_array().map(Vec::len), Some(3), "{json}");
    assert!(json["items"][2]["error"]["code"].is_string(), "{json}");
    let file = Connection::open(&path).unwrap();
    let of = |address: &str| {
        number(
            &file,
            &format!("SELECT count(*) FROM messages JOIN accounts USING (account) WHERE address = '{address}'"),
        )
    };
    assert!(of("lena@contoso.com") > 0 && of("ben@contoso.com") > 0 && of("hugo@nowhere.example") == 0);
    assert_eq!(number(&file, "SELECT count(DISTINCT account) FROM messages"), 2);

    assert_eq!(number(&file, "SELECT count(*) FROM bodies"), 0, "nobody asked for them");

    // Brought into step in part is told apart from nothing reached at all.
    let in_step = |mailboxes: &str| {
        let mut command = program.alone("sync --once --json");
        command.env("SERVICE_SECRET", &clients.confidential_secret).env("DESKBELL_MAILBOXES", mailboxes);
        ran(command)
    };
    let partly = in_step("lena@contoso.com hugo@nowhere.example");
    assert_eq!(partly.code, 5, "{partly:?}");
    assert_eq!(partly.json()["items"].as_array().map(Vec::len), Some(2), "{partly:?}");
    let nothing = in_step("hugo@nowhere.example");
    assert!(![0, 5].contains(&nothing.code), "{nothing:?}");
}
