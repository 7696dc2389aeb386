//! Configuration: options in layers, mistakes with their place, keys as data, and edits that keep the user's file the user's.

use deskbell::base::environment::Environment;
use deskbell::base::paths::Places;
use deskbell::config::{
    CacheLimits, CertificateForm, Flags, Glyphs, KeymapData, Loaded, LoginChoice, Profile, ProfileKind, Retry,
    RetryMode, Setting, ThemeChoice, ThemeName, documented_options, key_text, keys_text, load, load_keymap, parse_key,
    parse_keys, parse_user_config, set_default_profile, set_profile_option, set_profile_options, set_profile_settings,
};
use deskbell::domain::account::Tier;
use deskbell::domain::input::{Key, KeyCode};
use proptest::prelude::*;
use std::path::Path;

fn told(loaded: &Loaded) -> Vec<String> {
    loaded.problems.iter().map(deskbell::base::report::Report::as_text).collect()
}

fn start(file: &str, variables: &[(&str, &str)], flags: &Flags) -> Loaded {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let places = Places::under(folder.path());
    places.create().expect("folders");
    std::fs::write(places.config_file(), file).expect("written");
    let zone = [("TZ", "Europe/Madrid")];
    let loaded = load(&places, &Environment::from_pairs(zone.iter().chain(variables).copied()), flags);
    assert_eq!(std::fs::read_to_string(places.config_file()).expect("still there"), file, "a start writes nothing");
    loaded
}

#[test]
fn the_defaults_are_without_a_mistake_and_each_is_documented() {
    let loaded = parse_user_config("none", "");
    let written = parse_user_config("config.toml", include_str!("../../assets/config.toml"));
    assert_eq!(written, loaded, "the file that is shipped says what is in force without any");
    assert!(loaded.problems.is_empty(), "{:?}", told(&loaded));
    let config = loaded.config;
    assert_eq!((config.theme, config.glyphs, config.mouse), (ThemeChoice::Auto, Glyphs::Unicode, true));
    assert_eq!((config.hint_delay_ms, config.read_only, config.second_zone.is_none()), (300, false, true));
    let profile = config.profile();
    assert_eq!(
        (profile.tenant.as_str(), profile.cloud.as_str(), profile.client_id.as_str()),
        ("organizations", "global", "")
    );
    let documents = documented_options();
    assert_eq!(documents.len(), 56);
    assert_eq!(profile, Profile::default(), "a profile that nobody wrote down is as the one that is shipped");
    assert_eq!((config.retry, config.cache), (Retry::default(), CacheLimits::default()));
    for document in documents {
        assert!(document.text.ends_with('.') && document.text.len() > 20, "{document:?}");
        assert!(document.variable.starts_with("DESKBELL_") && document.allowed.ends_with('.'), "{document:?}");
    }
}

#[test]
fn each_layer_lies_over_the_one_before() {
    let file = "[look]\ntheme = \"light\"\nglyphs = \"ascii\"\n[profile.default]\ntenant = \"file.example\"\nclient_id = \"id-1\"\n";
    let variables = [("DESKBELL_THEME", "dark"), ("DESKBELL_TENANT", "variable.example"), ("DESKBELL_MOUSE", "off")];
    let flags = Flags { tenant: Some("flag.example".into()), read_only: true, ..Flags::default() };
    let loaded = start(file, &variables, &flags);
    assert!(loaded.problems.is_empty(), "{:?}", told(&loaded));
    let config = loaded.config;
    assert_eq!(config.theme, ThemeChoice::Named(ThemeName::Dark));
    assert_eq!((config.glyphs, config.mouse, config.read_only), (Glyphs::Ascii, false, true));
    let profile = config.profile();
    assert_eq!((profile.tenant.as_str(), profile.client_id.as_str()), ("flag.example", "id-1"));
    assert_eq!(config.zone.name, "Europe/Madrid");
}

#[test]
fn a_named_profile_is_used_and_inherits_nothing_from_another() {
    let file = "[profile.default]\nclient_id = \"one\"\n[profile.work]\ntenant = \"work.example\"\nauthority = \"http://127.0.0.1:9/\"\n";
    let flags =
        Flags { profile: Some("work".into()), graph: Some("https://graph.example/v1.0".into()), ..Flags::default() };
    let config = start(file, &[], &flags).config;
    assert_eq!(config.profile_name, "work");
    let profile = config.profile();
    assert_eq!(
        (profile.client_id.as_str(), profile.tenant.as_str(), profile.cloud.as_str()),
        ("", "work.example", "global")
    );
    assert_eq!(profile.authority.as_deref(), Some("http://127.0.0.1:9"));
    assert_eq!(profile.graph.as_deref(), Some("https://graph.example/v1.0"));
}

#[test]
fn mistakes_name_their_place_and_what_is_allowed() {
    let file = "[look]\ntheme = \"drak\"\nmouse = 1\nhint_delay_ms = 99999\ncolour = true\n\n[lok]\nx = 1\n[profile.\"a b\"]\n[time]\nzone = \"Europe/Madird\"\n[profile.default]\nauthority = \"http://evil.example\"\n";
    let loaded = start(file, &[("DESKBELL_GLYPHS", "emoji")], &Flags::default());
    let told = told(&loaded);
    let one = |needles: &[&str]| {
        assert!(told.iter().any(|text| needles.iter().all(|needle| text.contains(needle))), "{needles:?} in {told:#?}");
    };
    one(&["config.toml, line 2, column 9", "auto, terminal, dark, light, mono", "Did you mean \"dark\"?"]);
    one(&["line 3, column 9", "true and false"]);
    one(&["line 4", "from 0 to 10000"]);
    one(&["line 5, column 1", "\"colour\" is not known"]);
    one(&["line 7", "Did you mean \"look\"?"]);
    one(&["line 9", "cannot be a profile's name"]);
    one(&["line 11", "zone name"]);
    one(&["line 13", "https address"]);
    one(&["DESKBELL_GLYPHS", "unicode, ascii, nerd"]);
    assert_eq!(told.len(), 9, "{told:#?}");
    assert_eq!((loaded.config.theme, loaded.config.hint_delay_ms), (ThemeChoice::Auto, 300));
}

#[test]
fn every_option_of_a_profile_is_read_from_the_file() {
    let file = r#"
[profile.default]
kind = "service"
client_id = "id"
tenant = "contoso.com"
cloud = "usgov"
allowed_tenants = ["contoso.com", "4b3a2c1d-0000-4000-8000-000000000000"]
login = "paste"
login_hint = "lena@contoso.com"
domain_hint = "contoso.com"
redirect_uri = "http://localhost:8400/"
redirect_port = 8400
tiers = ["settings"]
scopes = ["Files.Read", "api://other/read"]
token.command = ["print-token", "--for", "a b"]
token_cache = "none"
mailboxes = ["support@contoso.com"]
allow_write = true
certificate = "service.pem"
certificate_key = "~/keys/service.key"
certificate_form = "rs256"
secret_command = ["pass", "show", "deskbell"]
secret_keyring = true
secret_env = "SERVICE_SECRET"
secret_expires = "2027-05-31"
server.authorize = "/connect/authorize"
server.token = "/connect/token"
server.device = ""
server.identity = ["openid"]
server.scopes = ["mail"]
server.application = "everything"
server.tenant_claim = ""
server.person_claim = "sub"
server.personal_tenant = ""
server.takes_claims = false
[network]
ca_files = ["/etc/ssl/company.pem"]
[retry]
mode = "never"
statuses = [429]
at_most = 2
growing = false
"#;
    let loaded = start(file, &[("HOME", "/home/lena")], &Flags::default());
    assert!(loaded.problems.is_empty(), "{:?}", told(&loaded));
    let profile = loaded.config.profile();
    assert_eq!((profile.kind, profile.login), (ProfileKind::Service, LoginChoice::Paste));
    assert_eq!(profile.allowed_tenants.len(), 2);
    assert_eq!(profile.login_hint.as_deref(), Some("lena@contoso.com"));
    assert_eq!((profile.redirect_uri.as_deref(), profile.redirect_port), (Some("http://localhost:8400/"), Some(8400)));
    assert_eq!(profile.first_tiers(), [Tier::WhoIsOut, Tier::Settings]);
    assert_eq!(profile.scopes, ["Files.Read", "api://other/read"]);
    assert_eq!(profile.token_command, ["print-token", "--for", "a b"]);
    assert_eq!((profile.mailboxes.len(), profile.allow_write), (1, true));
    assert!(profile.certificate.is_some_and(|path| path.is_absolute() && path.ends_with("config/service.pem")));
    assert_eq!(profile.certificate_key.as_deref(), Some(std::path::Path::new("/home/lena/keys/service.key")));
    assert_eq!(profile.certificate_form, CertificateForm::Rs256);
    assert_eq!(profile.secret_command.len(), 3);
    assert_eq!(profile.secret_env.as_deref(), Some("SERVICE_SECRET"));
    assert!(profile.secret_keyring);
    assert_eq!(profile.secret_expires.map(|day| day.to_string()).as_deref(), Some("2027-05-31"));
    let provider = profile.provider;
    assert_eq!((provider.authorize.as_str(), provider.token.as_str()), ("/connect/authorize", "/connect/token"));
    assert!(!provider.has_codes() && !provider.takes_claims);
    assert_eq!((provider.scope_line(["mail"]), provider.scopes), ("openid mail".to_owned(), vec!["mail".to_owned()]));
    assert_eq!((provider.application.as_str(), provider.person_claim.as_str()), ("everything", "sub"));
    assert_eq!((provider.tenant_claim.as_str(), provider.personal_tenant.as_str()), ("", ""));
    let retry = loaded.config.retry;
    assert_eq!((retry.mode, retry.statuses, retry.at_most, retry.growing), (RetryMode::Never, vec![429], 2, false));
    assert_eq!(loaded.config.ca_files.len(), 1);
}

#[test]
fn lists_come_from_variables_too() {
    let variables = [
        ("DESKBELL_SCOPES", "Files.Read, Tasks.Read\nNotes.Read"),
        ("DESKBELL_TOKEN_COMMAND", "print-token --raw"),
        ("DESKBELL_TIERS", "mail"),
    ];
    let profile = start("", &variables, &Flags::default()).config.profile();
    assert_eq!(profile.scopes, ["Files.Read", "Tasks.Read", "Notes.Read"]);
    assert_eq!(profile.token_command, ["print-token", "--raw"]);
    assert_eq!(profile.tiers, [Tier::Mail]);
}

#[test]
fn a_secret_in_the_file_is_refused_in_words_and_never_repeated() {
    let secret = "planted~secret.value";
    for line in ["client_secret", "secret", "token", "password"] {
        let file = format!("[profile.default]\n{line} = \"{secret}\"\n");
        let told = told(&start(&file, &[], &Flags::default()));
        assert!(told.len() == 1 && told[0].contains("line 2") && told[0].contains("secret_command"), "{told:?}");
        assert!(!told[0].contains(secret), "{told:?}");
    }
    let told = told(&start("", &[("DESKBELL_SECRET_ENV", secret)], &Flags::default()));
    assert!(told.len() == 1 && !told[0].contains(secret) && told[0].contains("not its value"), "{told:?}");
}

#[test]
fn a_service_names_its_tenant_and_lists_say_what_each_item_may_be() {
    let file = "[profile.default]\nkind = \"service\"\nmailboxes = [\"support\"]\ntiers = [\"calender\"]\n";
    let told = told(&start(file, &[], &Flags::default()));
    assert!(told.iter().any(|text| text.contains("line 3") && text.contains("address of a mailbox")), "{told:#?}");
    assert!(
        told.iter().any(|text| text.contains("line 4") && text.contains("Did you mean \"calendar\"?")),
        "{told:#?}"
    );
    assert!(told.iter().any(|text| text.contains("service's") && text.contains("contoso.com")), "{told:#?}");
    assert_eq!(told.len(), 3, "{told:#?}");
}

#[test]
fn a_file_that_is_no_toml_is_left_aside_as_a_whole() {
    let loaded = start("[look]\ntheme = \"dark\"\nmouse = = true\n", &[], &Flags::default());
    let told = told(&loaded);
    assert!(told.len() == 1 && told[0].contains("line 3"), "{told:?}");
    assert_eq!(loaded.config.theme, ThemeChoice::Auto);
}

#[test]
fn an_edit_changes_one_value_and_keeps_every_other_byte() {
    let file =
        "# mine\n[profile.work]   # the office\n  tenant = 'old.example' # keep me\n\n[look]\ntheme = \"dark\"\n";
    let edited = set_profile_option(file, "work", "tenant", "new.example").expect("edited");
    assert_eq!(edited, file.replace("'old.example'", "\"new.example\""));
    let added = set_profile_option(file, "work", "client_id", "abc").expect("edited");
    assert_eq!(added, file.replace("# the office\n", "# the office\nclient_id = \"abc\"\n"));
    let appended = set_profile_option(file, "home", "client_id", "abc").expect("edited");
    assert_eq!(appended, format!("{file}\n[profile.home]\nclient_id = \"abc\"\n"));
    assert_eq!(
        set_profile_option("", "default", "tenant", "t").expect("edited"),
        "[profile.default]\ntenant = \"t\"\n"
    );
    let windows = set_profile_option("[profile.a]\r\n", "a", "tenant", "t").expect("edited");
    assert_eq!(windows, "[profile.a]\r\ntenant = \"t\"\r\n");
}

#[test]
fn lists_switches_and_the_profile_in_use_are_written_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "# mine\n[profile.rooms]\nmailboxes = [\n  \"old@a.example\",\n]  # keep\n")
        .expect("written");
    let settings = [
        ("mailboxes", Setting::List(vec!["a@a.example".into(), "b@a.example".into()])),
        ("kind", Setting::Text("service".into())),
        ("redirect_port", Setting::Number(8400)),
        ("token.command", Setting::List(vec!["say".into()])),
    ];
    set_profile_settings(&path, "rooms", &settings).expect("edited");
    set_default_profile(&path, "rooms").expect("edited");
    let text = std::fs::read_to_string(&path).expect("there");
    assert!(text.starts_with("default_profile = \"rooms\"\n# mine\n[profile.rooms]\n"), "{text}");
    assert!(text.contains("mailboxes = [\"a@a.example\", \"b@a.example\"]  # keep\n"), "{text}");
    let config = parse_user_config("", &text).config;
    assert_eq!((config.profile_name.as_str(), config.profile().mailboxes.len()), ("rooms", 2));
    assert_eq!(config.profile().token_command, ["say"]);
    assert!(set_profile_settings(&path, "rooms", &[("tiers", Setting::List(vec!["nonsense".into()]))]).is_err());
    assert_eq!(std::fs::read_to_string(&path).expect("there"), text, "a refused edit writes nothing");
}

#[test]
fn an_edit_that_would_not_read_back_is_refused() {
    assert!(set_profile_option("x = = 1\n", "a", "tenant", "t").is_err());
    let inline = "profile = { a = { tenant = \"t\" } }\n";
    assert_eq!(
        set_profile_option(inline, "a", "tenant", "u").expect("a value in place can be replaced"),
        inline.replace("\"t\"", "\"u\"")
    );
    let error = set_profile_option(inline, "b", "tenant", "u").expect_err("a table cannot be added to an inline one");
    assert!(error.report().as_text().contains("tenant = \"u\""), "{}", error.report().as_text());
    let hidden = "note = \"\"\"\n[profile.a]\n\"\"\"\n";
    assert!(set_profile_option(hidden, "a", "tenant", "t").is_err(), "a header inside a text is none");
    assert!(set_profile_option("", "a", "nosuch", "t").is_err());
    assert!(set_profile_option("", "a", "client_id", "two words").is_err());
}

#[test]
fn the_file_is_made_when_it_is_missing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let places = Places::under(folder.path());
    set_profile_options(&places.config_file(), "default", &[("client_id", "abc"), ("tenant", "contoso.com")])
        .expect("written");
    let environment = Environment::from_pairs([("TZ", "UTC")]);
    let profile = load(&places, &environment, &Flags::default()).config.profile();
    assert_eq!((profile.client_id.as_str(), profile.tenant.as_str()), ("abc", "contoso.com"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a person who runs the test says so that the table shall be written")]
fn the_default_keys_are_without_a_mistake_and_each_has_a_sentence() {
    let text = include_str!("../../assets/keymap.toml");
    let (keymap, problems) = KeymapData::parse("keymap.toml", text);
    assert_eq!(problems, []);
    let baked = KeymapData::baked().expect("no mistake");
    if std::env::var_os("DESKBELL_UPDATE").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/keymap.tsv"), &baked).expect("written");
        return;
    }
    assert!(
        baked == include_str!("../../assets/keymap.tsv") && keymap == KeymapData::built_in(),
        "keymap.tsv is behind keymap.toml: run DESKBELL_UPDATE=1 cargo test --test it default_keys"
    );
    assert!(keymap.context("everywhere").is_some_and(|context| context.bindings.len() > 30));
    for context in &keymap.contexts {
        for binding in &context.bindings {
            assert!(binding.sentence.ends_with('.') && binding.sentence.len() > 5, "{binding:?}");
        }
    }
}

#[test]
fn keys_bound_twice_or_hidden_behind_another_are_refused_with_their_line() {
    let text = "[a]\nnext = { keys = [\"j\", \"down\"], help = \"x\" }\nprevious = [\"k\", \"j\"]\ngo = [\"g\"]\ngo_home = [\"g h\"]\nbad = [\"ctrl-i\", \"hyper-x\"]\n[b]\nnext = [\"j\"]\n";
    let (keymap, problems) = KeymapData::parse("mine.toml", text);
    let told: Vec<String> = problems.iter().map(deskbell::base::report::Report::as_text).collect();
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(
        told.iter().any(
            |text| text.contains("line 3") && text.contains("\"j\" of previous is already \"j\" of next in line 2")
        )
    );
    assert!(told.iter().any(|text| text.contains("line 5") && text.contains("cannot be told from")));
    assert!(told.iter().any(|text| text.contains("line 6") && text.contains("same byte")));
    let keys = |context: usize, command: usize| keymap.contexts[context].bindings[command].keys.len();
    assert_eq!([keys(0, 0), keys(0, 1), keys(0, 2), keys(0, 3), keys(1, 0)], [2, 1, 1, 0, 1]);
}

#[test]
fn the_users_keys_replace_those_of_their_commands_and_take_what_they_need() {
    let (keymap, problems) = load_keymap(Some(("mine.toml", "[everywhere]\nquit = [\"j\"]\nmine = [\"g g x\"]\n")));
    assert_eq!(problems, []);
    let everywhere = keymap.context("everywhere").expect("a context");
    let keys = |command: &str| {
        let binding = everywhere.bindings.iter().find(|binding| binding.command == command).expect("a binding");
        binding.keys.iter().map(|keys| keys_text(keys)).collect::<Vec<_>>()
    };
    assert_eq!(keys("quit"), ["j"]);
    assert_eq!(keys("next"), ["down"]);
    assert_eq!(keys("first"), ["home"]);
    let quit = everywhere.bindings.iter().find(|binding| binding.command == "quit").expect("a binding");
    assert!(quit.sentence.ends_with('.'), "the sentence stays");
}

#[test]
fn keys_are_written_as_they_are_pressed() {
    let plain = |code| Key::plain(code);
    assert_eq!(parse_key("j"), Ok(plain(KeyCode::Char('j'))));
    assert_eq!(parse_key("F12"), Ok(plain(KeyCode::F(12))));
    assert_eq!(parse_key("Shift-Tab"), Ok(plain(KeyCode::BackTab)));
    assert_eq!(parse_key("-"), Ok(plain(KeyCode::Char('-'))));
    assert_eq!(parse_key("ctrl-D"), Ok(Key { ctrl: true, ..plain(KeyCode::Char('d')) }));
    assert_eq!(parse_keys("g m").map(|keys| keys_text(&keys)), Ok("gm".to_owned()));
    assert_eq!(parse_keys("ctrl-x e").map(|keys| keys_text(&keys)), Ok("ctrl-x e".to_owned()));
    for wrong in ["", "F13", "F0", "ctrl-", "ctrl-m", "hyper-x", "jj"] {
        assert!(parse_keys(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_key_reads_back_as_it_is_written(character in "[!-~äñ]", ctrl in any::<bool>(), alt in any::<bool>(), other in 0_usize..20) {
        let codes = [
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Backspace, KeyCode::Delete, KeyCode::Left,
            KeyCode::Right, KeyCode::Up, KeyCode::Down, KeyCode::Home, KeyCode::End, KeyCode::PageUp, KeyCode::PageDown, KeyCode::F(7),
            KeyCode::Char(' '), KeyCode::ShiftLeft, KeyCode::ShiftRight,
        ];
        let typed = character.chars().next().expect("one");
        let is_refused = ctrl && ("imhjIMHJ[".contains(typed) || typed.is_uppercase());
        let code = codes.get(other).copied().unwrap_or(KeyCode::Char(if is_refused { 'd' } else { typed }));
        let key = Key { code, ctrl, alt };
        prop_assert_eq!(parse_key(&key_text(key)), Ok(key));
    }

    #[test]
    fn no_text_makes_the_readers_fall(text in "(\\[|\\]|=|\"|\n|[a-z_]{1,8}|profile|look|theme|keys| |\\.|,|\\{|\\}|é|#){0,40}") {
        let _ = parse_user_config("any", &text);
        let _ = KeymapData::parse("any", &text);
        let _ = deskbell::config::parse_theme("any", &text);
        if let Ok(edited) = set_profile_option(&text, "default", "tenant", "t") {
            prop_assert_eq!(parse_user_config("any", &edited).config.profile().tenant, "t");
        }
    }
}
