//! Profiles as text: listed, shown, chosen, given to others without secrets, taken in with what is missing named.

use crate::support::program::{Program, Ran, program, ran};
use std::fs;
use std::path::{Path, PathBuf};

const CLIENT: &str = "11111111-2222-4333-8444-555555555555";

/// Two profiles, a person's and a service's, with everything that belongs to nobody else.
const MINE: &str = r#"# mine
default_profile = "work"

[profile.work]
client_id = "11111111-2222-4333-8444-555555555555"
tenant = "contoso.com" # ours
login_hint = "planted.person@contoso.com"
account = "planted.person@contoso.com"
tiers = ["calendar", "directory"]
allowed_tenants = ["contoso.com"]

[profile.rooms]
kind = "service"
client_id = "11111111-2222-4333-8444-555555555555"
tenant = "contoso.com"
cloud = "usgov"
mailboxes = ["room1@contoso.com", "room2@contoso.com"]
certificate = "/planted/folder/rooms.pem"
certificate_key = "/planted/folder/rooms.key"
secret_command = ["pass", "planted/entry"]
secret_env = "PLANTED_VARIABLE"
secret_expires = "2027-03-01"
"#;

struct Home(tempfile::TempDir);

impl Home {
    fn new(text: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        if !text.is_empty() {
            fs::create_dir_all(home.file().parent().unwrap()).unwrap();
            fs::write(home.file(), text).unwrap();
        }
        home
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("config").join("config.toml")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap_or_default()
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = program(self.0.path());
        command.arg("--home").arg(self.0.path()).args(arguments);
        ran(command)
    }

    /// Writes what was exported elsewhere.
    fn given(&self, text: &str) -> PathBuf {
        let path = self.0.path().join("given.toml");
        fs::write(&path, text).unwrap();
        path
    }

    fn import(&self, file: &Path, more: &[&str]) -> Ran {
        self.run(&[&["profile", "import", file.to_str().unwrap()], more].concat())
    }
}

#[test]
fn they_are_listed_shown_and_chosen() {
    let home = Home::new(MINE);
    let listed = home.run(&["profile", "list", "--json"]).json();
    let row = |name: &str| {
        let rows = listed["items"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name} in {listed}")).clone()
    };
    assert!(row("work")["used"] == true && row("rooms")["used"] == false, "{listed}");
    assert_eq!((&row("rooms")["kind"], &row("work")["kind"]), (&"service".into(), &"person".into()));
    assert_eq!(row("work")["options"]["tiers"], serde_json::json!(["calendar", "directory"]));
    let shown = home.run(&["profile", "show", "rooms"]).out;
    assert!(shown.starts_with("[profile.rooms]\nkind = \"service\"\n"), "{shown}");
    assert!(shown.contains("cloud = \"usgov\"\n") && !shown.contains("login ="), "only what differs: {shown}");

    let used = home.run(&["profile", "use", "rooms"]);
    assert_eq!((used.code, used.out.as_str()), (0, "The profile rooms is used from now on.\n"));
    assert_eq!(home.text(), MINE.replace("default_profile = \"work\"", "default_profile = \"rooms\""));
    let unknown = home.run(&["profile", "use", "nobody"]);
    assert!(unknown.code == 2 && unknown.err.contains("work"), "{unknown:?}");
    let elsewhere = home.run(&["--profile", "work", "profile", "show"]).out;
    assert!(elsewhere.starts_with("[profile.work]"), "{elsewhere}");
}

#[test]
fn what_is_given_away_holds_nothing_of_one_person_or_computer() {
    let home = Home::new(MINE);
    for name in ["work", "rooms"] {
        let given = home.run(&["profile", "export", name]);
        assert_eq!((given.code, given.err.as_str()), (0, ""));
        assert!(!given.out.to_lowercase().contains("planted"), "{}", given.out);
        assert!(given.out.contains(CLIENT) && given.out.contains("is left out"), "{}", given.out);
        assert!(toml::from_str::<toml::Table>(&given.out).is_ok());
    }
}

#[test]
fn what_is_taken_in_names_each_value_it_lacks() {
    let given = Home::new(MINE).run(&["profile", "export", "rooms"]).out;
    let other = Home::new("# theirs\n[look]\ntheme = \"dark\" # keep\n");
    let ended = other.import(&other.given(&given), &["--json"]);
    assert_eq!(ended.code, 5, "taken in, and something is missing: {ended:?}");
    let json = ended.json();
    let missing: Vec<&str> =
        json["errors"].as_array().unwrap().iter().map(|error| error["option"].as_str().unwrap()).collect();
    assert_eq!(missing, ["certificate"]);
    let text = other.text();
    assert!(text.starts_with("# theirs\n[look]\ntheme = \"dark\" # keep\n"), "{text}");
    assert!(text.contains("mailboxes = [\"room1@contoso.com\", \"room2@contoso.com\"]"), "{text}");
    assert_eq!(other.run(&["profile", "export", "rooms"]).out.lines().nth(1), Some("[profile.rooms]"));
    let bare = other.given("[profile.bare]\nkind = \"service\"\n");
    let told = other.import(&bare, &[]);
    assert_eq!(told.code, 5);
    for option in ["client_id", "tenant", "mailboxes", "certificate"] {
        assert!(told.err.contains(&format!("Missing: {option}, ")), "{option} in {told:?}");
    }
    assert!(told.err.contains("below [profile.bare]"), "{told:?}");
}

#[test]
fn a_whole_profile_comes_over_as_it_was() {
    let home = Home::new(MINE);
    let given = home.run(&["profile", "export", "work"]).out;
    let other = Home::new("");
    let ended = other.import(&other.given(&given), &["--rename", "contoso"]);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
    let options = |text: &str| text.lines().filter(|line| line.contains(" = ")).map(str::to_owned).collect::<Vec<_>>();
    let again = other.run(&["profile", "export", "contoso"]).out;
    assert_eq!(options(&again), options(&given));
    assert!(again.contains("[profile.contoso]"), "{again}");
}

#[test]
fn what_cannot_be_taken_in_changes_nothing() {
    let home = Home::new(MINE);
    let two = "[profile.a]\ntenant = \"a.com\"\n[profile.b]\ntenant = \"b.com\"\n";
    for (text, more, words) in [
        ("[profile.work]\ntenant = \"evil.com\"\n", &[][..], "--rename work-2"),
        ("[profile.new]\nclient_secret = \"hunter2\"\n", &[], "line 2"),
        ("[profile.new]\ncloud = \"moon\"\n", &[], "usgov"),
        ("[profile.new\n", &[], "line 1"),
        ("theme = \"dark\"\n", &[], "given.toml"),
        (two, &[], "2 profiles"),
        ("", &[], "0 profiles"),
        ("[profile.new]\ntenant = \"a.com\"\n", &["--rename", "no such\nname"], "name"),
    ] {
        let ended = home.import(&home.given(text), more);
        assert!(ended.code == 2 || ended.code == 3, "{text:?}: {ended:?}");
        assert!(ended.err.contains(words), "{words} for {text:?}: {ended:?}");
        assert!(!ended.err.contains("hunter2"), "a secret in the wrong place is not repeated: {ended:?}");
        assert_eq!(home.text(), MINE, "{text:?}");
    }
    let missing = home.import(&home.0.path().join("nowhere.toml"), &[]);
    assert!(missing.code == 2 && missing.err.contains("nowhere.toml"), "{missing:?}");
}

#[test]
fn every_name_of_a_tenant_and_a_cloud_leads_to_its_place() {
    let program = Program::new();
    let public = program.tenant.clients().public.clone();
    let page = |more: &str, arguments: &str| {
        program.configure(&format!("[profile.default]\nclient_id = \"{public}\"\n{more}\n"));
        let request = ran(program.alone(&format!("setup --print request {arguments}")));
        assert_eq!(request.code, 0, "{request:?}");
        let link = request.out.lines().find(|line| line.starts_with("https://")).expect("a link").to_owned();
        link.split("/v2.0/").next().unwrap().to_owned()
    };
    for (cloud, host) in [
        ("global", "https://login.microsoftonline.com"),
        ("usgov", "https://login.microsoftonline.us"),
        ("dod", "https://login.microsoftonline.us"),
        ("china", "https://login.partner.microsoftonline.cn"),
    ] {
        assert_eq!(page(&format!("cloud = \"{cloud}\"\ntenant = \"contoso.com\""), ""), format!("{host}/contoso.com"));
    }
    let guid = program.tenant.tenant_id().to_owned();
    for tenant in ["organizations", "contoso.com", &guid] {
        let expected = format!("https://login.microsoftonline.com/{tenant}");
        assert_eq!(page("", &format!("--tenant {tenant}")), expected);
    }
    let own = page("authority = \"https://login.example\"\ngraph = \"https://graph.example\"\ntenant = \"a.com\"", "");
    assert_eq!(own, "https://login.example/a.com");
}
