//! The options: one table of rows, from which the file, the environment and the documentation are read.
//!
//! Layers, each over the one before: the defaults in `assets/config.toml`, the user's file, `DESKBELL_…` variables, the command
//! line. Must stay true: an option is a row here and an entry with a comment in that file, or a test fails.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use jiff::tz::TimeZone;
use toml::de::{DeTable, DeValue};

use crate::base::environment::{Colours, Environment};
use crate::base::paths::Places;
use crate::base::report::{Kind, Report};
use crate::base::text;
use crate::config::source::{Key, Source, Value};
use crate::config::theme::ThemeName;
use crate::domain::time::Zone;

/// The default configuration: every option with its value and what it means.
pub(super) const DEFAULTS: &str = include_str!("../../assets/config.toml");

/// Which theme the user wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThemeChoice {
    /// What suits the terminal.
    Auto,
    /// This one.
    Named(ThemeName),
}

impl ThemeChoice {
    /// The theme to use in this environment. `background_is_light` is the terminal's own answer, if it gave one.
    #[must_use]
    pub fn resolve(self, environment: &Environment, background_is_light: Option<bool>) -> ThemeName {
        let Self::Auto = self else {
            let Self::Named(name) = self else { return ThemeName::Terminal };
            return name;
        };
        let is_light = background_is_light.or_else(|| environment.background_is_light());
        match (environment.colours(), is_light) {
            (Colours::None, _) => ThemeName::Mono,
            (Colours::True, Some(true)) => ThemeName::Light,
            (Colours::True, Some(false)) => ThemeName::Dark,
            _ => ThemeName::Terminal,
        }
    }
}

/// Which signs are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// Single-width Unicode.
    Unicode,
    /// ASCII only.
    Ascii,
    /// A patched font's icons.
    Nerd,
}

/// Where and as whom to sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The application (client) id of the registration; empty until somebody gives one.
    pub client_id: String,
    /// Tenant: a domain, a GUID, or `organizations`.
    pub tenant: String,
    /// `global`, `usgov`, `dod` or `china`.
    pub cloud: String,
    /// Address of another sign-in server; `None`: the cloud's.
    pub authority: Option<String>,
    /// Address of another Graph; `None`: the cloud's.
    pub graph: Option<String>,
}

/// The configuration in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The name of the profile in force.
    pub profile_name: String,
    /// All profiles by name; the one in force is always among them.
    pub profiles: BTreeMap<String, Profile>,
    /// Every change is refused.
    pub read_only: bool,
    /// Theme.
    pub theme: ThemeChoice,
    /// Signs.
    pub glyphs: Glyphs,
    /// The mouse is listened to.
    pub mouse: bool,
    /// Milliseconds until a half-typed key sequence shows what may follow.
    pub hint_delay_ms: u16,
    /// The zone times are shown in; always with rules.
    pub zone: Zone,
    /// A second zone beside it, with rules.
    pub second_zone: Option<Zone>,
}

impl Config {
    /// The profile in force.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profiles.get(&self.profile_name).cloned().unwrap_or_default()
    }

    fn profile_mut(&mut self, name: &str) -> &mut Profile {
        self.profiles.entry(name.to_owned()).or_default()
    }

    /// A configuration of nothing, for the defaults to be laid over.
    fn empty() -> Self {
        Self {
            profile_name: "default".to_owned(),
            profiles: BTreeMap::new(),
            read_only: false,
            theme: ThemeChoice::Auto,
            glyphs: Glyphs::Unicode,
            mouse: true,
            hint_delay_ms: 0,
            zone: Zone { name: String::new(), rules: None, is_approximate: false },
            second_zone: None,
        }
    }
}

/// What the command line says about options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--profile`
    pub profile: Option<String>,
    /// `--client-id`
    pub client_id: Option<String>,
    /// `--tenant`
    pub tenant: Option<String>,
    /// `--cloud`
    pub cloud: Option<String>,
    /// `--authority`
    pub authority: Option<String>,
    /// `--graph`
    pub graph: Option<String>,
    /// `--read-only`
    pub read_only: bool,
    /// `--theme`
    pub theme: Option<String>,
    /// `--glyphs`
    pub glyphs: Option<String>,
    /// `--zone`
    pub zone: Option<String>,
}

/// A configuration with what was wrong on the way to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// In force; defaults where something was wrong.
    pub config: Config,
    /// One a mistake.
    pub problems: Vec<Report>,
}

/// What a value may be.
#[derive(Clone, Copy)]
pub(super) enum Allowed {
    Choice(&'static [&'static str]),
    Switch,
    Number {
        least: u16,
        most: u16,
    },
    /// A zone we have rules for, or empty.
    Zone,
    /// A word without spaces, or empty.
    Word,
    /// An address: https, or http to this machine; or empty.
    Address,
    /// A profile's name.
    ProfileName,
}

/// A value that passed.
enum Given {
    Text(String),
    Switch(bool),
    Number(u16),
}

impl Given {
    fn text(self) -> String {
        if let Self::Text(text) = self { text } else { String::new() }
    }

    fn optional_text(self) -> Option<String> {
        Some(self.text()).filter(|text| !text.is_empty())
    }
}

/// An option.
pub(super) struct Row {
    /// `table.key`; profiles stand as `profile.NAME.key`.
    pub(super) path: &'static str,
    /// The variable that sets it.
    pub(super) variable: &'static str,
    pub(super) allowed: Allowed,
    /// Puts the value in place; the second argument is the profile it is for.
    set: fn(&mut Config, &str, Given),
}

const THEMES: &[&str] = &["auto", "terminal", "dark", "light", "mono"];

pub(super) const ROWS: &[Row] = &[
    Row {
        path: "default_profile",
        variable: "DESKBELL_PROFILE",
        allowed: Allowed::ProfileName,
        set: |config, _, given| config.profile_name = given.text(),
    },
    Row {
        path: "read_only",
        variable: "DESKBELL_READ_ONLY",
        allowed: Allowed::Switch,
        set: |config, _, given| config.read_only = matches!(given, Given::Switch(true)),
    },
    Row {
        path: "look.theme",
        variable: "DESKBELL_THEME",
        allowed: Allowed::Choice(THEMES),
        set: |config, _, given| {
            let name = given.text();
            let named = ThemeName::ALL.into_iter().find(|theme| theme.name() == name);
            config.theme = named.map_or(ThemeChoice::Auto, ThemeChoice::Named);
        },
    },
    Row {
        path: "look.glyphs",
        variable: "DESKBELL_GLYPHS",
        allowed: Allowed::Choice(&["unicode", "ascii", "nerd"]),
        set: |config, _, given| {
            config.glyphs = match given.text().as_str() {
                "ascii" => Glyphs::Ascii,
                "nerd" => Glyphs::Nerd,
                _ => Glyphs::Unicode,
            };
        },
    },
    Row {
        path: "look.mouse",
        variable: "DESKBELL_MOUSE",
        allowed: Allowed::Switch,
        set: |config, _, given| config.mouse = matches!(given, Given::Switch(true)),
    },
    Row {
        path: "look.hint_delay_ms",
        variable: "DESKBELL_HINT_DELAY_MS",
        allowed: Allowed::Number { least: 0, most: 10_000 },
        set: |config, _, given| {
            if let Given::Number(number) = given {
                config.hint_delay_ms = number;
            }
        },
    },
    Row {
        path: "time.zone",
        variable: "DESKBELL_ZONE",
        allowed: Allowed::Zone,
        set: |config, _, given| config.zone = Zone::find(&given.text()),
    },
    Row {
        path: "time.second_zone",
        variable: "DESKBELL_SECOND_ZONE",
        allowed: Allowed::Zone,
        set: |config, _, given| config.second_zone = given.optional_text().map(|name| Zone::find(&name)),
    },
    Row {
        path: "profile.NAME.client_id",
        variable: "DESKBELL_CLIENT_ID",
        allowed: Allowed::Word,
        set: |config, profile, given| config.profile_mut(profile).client_id = given.text(),
    },
    Row {
        path: "profile.NAME.tenant",
        variable: "DESKBELL_TENANT",
        allowed: Allowed::Word,
        set: |config, profile, given| config.profile_mut(profile).tenant = given.text(),
    },
    Row {
        path: "profile.NAME.cloud",
        variable: "DESKBELL_CLOUD",
        allowed: Allowed::Choice(&["global", "usgov", "dod", "china"]),
        set: |config, profile, given| config.profile_mut(profile).cloud = given.text(),
    },
    Row {
        path: "profile.NAME.authority",
        variable: "DESKBELL_AUTHORITY",
        allowed: Allowed::Address,
        set: |config, profile, given| config.profile_mut(profile).authority = given.optional_text(),
    },
    Row {
        path: "profile.NAME.graph",
        variable: "DESKBELL_GRAPH",
        allowed: Allowed::Address,
        set: |config, profile, given| config.profile_mut(profile).graph = given.optional_text(),
    },
];

pub(super) fn row(path: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.path == path)
}

/// The configuration in force for this start. Never fails: what is wrong is left out and reported.
#[must_use]
pub fn load(places: &Places, environment: &Environment, flags: &Flags) -> Loaded {
    let path = places.config_file();
    let name = path.display().to_string();
    let mut loaded = match fs::read_to_string(&path) {
        Ok(text) => parse_user_config(&name, &text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => parse_user_config(&name, ""),
        Err(error) => {
            let mut loaded = parse_user_config(&name, "");
            loaded.problems.push(
                Report::new(Kind::Configuration, "configurationUnreadable", format!("Could not read {name}."))
                    .because(format!("The system says: {error}."))
                    .next("The defaults are used."),
            );
            loaded
        }
    };
    lay_environment(&mut loaded, environment);
    lay_flags(&mut loaded, flags);
    settle(&mut loaded, environment);
    loaded
}

/// The defaults with the user's file `name`, of this `text`, over them; no environment, no command line. The zone may be without
/// rules here, where none is named.
#[must_use]
pub fn parse_user_config(name: &str, text: &str) -> Loaded {
    let mut loaded = Loaded { config: Config::empty(), problems: Vec::new() };
    lay_file(&mut loaded, Source { name: "config.toml (built in)", text: DEFAULTS });
    lay_file(&mut loaded, Source { name, text });
    loaded
}

fn lay_file(loaded: &mut Loaded, source: Source<'_>) {
    let table = match source.parse() {
        Ok(table) => table,
        Err(problem) => {
            loaded.problems.push(problem.next("The whole file is left aside until then."));
            return;
        }
    };
    for (key, value) in &table {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("profile", DeValue::Table(profiles)) => lay_profiles(loaded, source, profiles),
            (section, DeValue::Table(entries)) if ROWS.iter().any(|row| is_below(row.path, section)) => {
                for (key, value) in entries {
                    lay_entry(loaded, source, &format!("{section}."), "", key, value);
                }
            }
            _ => lay_entry(loaded, source, "", "", key, value),
        }
    }
}

fn is_below(path: &str, section: &str) -> bool {
    path.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
}

fn lay_profiles(loaded: &mut Loaded, source: Source<'_>, profiles: &DeTable<'_>) {
    for (name, value) in profiles {
        let DeValue::Table(entries) = value.get_ref() else {
            let what = "A profile is a table, like [profile.work]";
            loaded.problems.push(source.problem(name.span(), what));
            continue;
        };
        if let Err(why) = check(Allowed::ProfileName, Raw::Text(name.get_ref())) {
            let what = format!("\"{}\" cannot be a profile's name", name.get_ref());
            loaded.problems.push(source.problem(name.span(), &what).because(why));
            continue;
        }
        ensure_profile(&mut loaded.config, name.get_ref());
        for (key, value) in entries {
            lay_entry(loaded, source, "profile.NAME.", name.get_ref(), key, value);
        }
    }
}

/// A profile nobody wrote down yet is a copy of the default one as it is shipped.
fn ensure_profile(config: &mut Config, name: &str) {
    if !config.profiles.contains_key(name) {
        let shipped = Profile { tenant: "organizations".to_owned(), cloud: "global".to_owned(), ..Profile::default() };
        config.profiles.insert(name.to_owned(), shipped);
    }
}

fn lay_entry(loaded: &mut Loaded, source: Source<'_>, section: &str, profile: &str, key: &Key<'_>, value: &Value<'_>) {
    let path = format!("{section}{}", key.get_ref());
    let Some(row) = row(&path) else {
        let known: Vec<&str> = ROWS.iter().filter_map(|row| row.path.strip_prefix(section)).collect();
        let known: Vec<&str> = if section.is_empty() {
            known.iter().map(|path| path.split('.').next().unwrap_or(path)).collect()
        } else {
            known
        };
        let mut known = known;
        known.dedup();
        loaded.problems.push(source.unknown(key.span(), "The option", key.get_ref(), &known));
        return;
    };
    let raw = match value.get_ref() {
        DeValue::String(text) => Raw::Text(text),
        DeValue::Boolean(switch) => Raw::Switch(*switch),
        DeValue::Integer(number) => Raw::Number(number.as_str()),
        _ => Raw::Other,
    };
    match check(row.allowed, raw) {
        Ok(given) => (row.set)(&mut loaded.config, profile, given),
        Err(why) => {
            let what = format!("{} cannot have this value", key.get_ref());
            let mut problem = source.problem(value.span(), &what).because(why);
            if let (Allowed::Choice(choices), Raw::Text(word)) = (row.allowed, raw)
                && let Some(meant) = super::source::closest(word, choices)
            {
                problem = problem.next(format!("Did you mean \"{meant}\"?"));
            }
            loaded.problems.push(problem.next("What was in force before is used until then."));
        }
    }
}

/// A value as it was written.
#[derive(Clone, Copy)]
enum Raw<'a> {
    Text(&'a str),
    Switch(bool),
    Number(&'a str),
    Other,
}

/// Whether a value may stand here.
///
/// # Errors
/// What is allowed, as a sentence.
fn check(allowed: Allowed, raw: Raw<'_>) -> Result<Given, String> {
    let sentence = describe(allowed);
    match (allowed, raw) {
        (Allowed::Switch, Raw::Switch(switch)) => Ok(Given::Switch(switch)),
        (Allowed::Number { least, most }, Raw::Number(text)) => {
            let number = text.replace('_', "").parse().ok().filter(|number| (least..=most).contains(number));
            number.map(Given::Number).ok_or(sentence)
        }
        (Allowed::Choice(choices), Raw::Text(text)) if choices.contains(&text) => Ok(Given::Text(text.to_owned())),
        (Allowed::Zone, Raw::Text(text)) if text.is_empty() || Zone::find(text).rules.is_some() => {
            Ok(Given::Text(text.to_owned()))
        }
        (Allowed::Word, Raw::Text(text)) if is_word(text) => Ok(Given::Text(text.to_owned())),
        (Allowed::Address, Raw::Text("")) => Ok(Given::Text(String::new())),
        (Allowed::Address, Raw::Text(text)) if is_address(text) => {
            Ok(Given::Text(text.trim_end_matches('/').to_owned()))
        }
        (Allowed::ProfileName, Raw::Text(text)) if is_profile_name(text) => Ok(Given::Text(text.to_owned())),
        _ => Err(sentence),
    }
}

/// What is allowed, as a sentence.
pub(super) fn describe(allowed: Allowed) -> String {
    match allowed {
        Allowed::Choice(choices) => format!("Allowed are {}.", choices.join(", ")),
        Allowed::Switch => "Allowed are true and false.".to_owned(),
        Allowed::Number { least, most } => format!("Allowed is a number from {least} to {most}."),
        Allowed::Zone => "Allowed is an IANA or Windows zone name, like \"Europe/Madrid\", or nothing.".to_owned(),
        Allowed::Word => "Allowed is one word of letters, digits and -._ in quotes.".to_owned(),
        Allowed::Address => "Allowed is an https address, or http to this machine only, or nothing.".to_owned(),
        Allowed::ProfileName => "Allowed is a name of letters, digits, - and _, at most 40.".to_owned(),
    }
}

fn is_word(text: &str) -> bool {
    text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

fn is_profile_name(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_address(text: &str) -> bool {
    let Some(link) = text::tame_link(text) else { return false };
    let host = text::link_host(&link);
    let is_here = host == "localhost" || host == "::1" || host.starts_with("127.");
    link == text && !link.contains('@') && (link.starts_with("https://") || link.starts_with("http://") && is_here)
}

fn lay_environment(loaded: &mut Loaded, environment: &Environment) {
    for row in ROWS {
        if let Some(text) = environment.get(row.variable) {
            lay_text(loaded, row, text, &format!("The variable {}", row.variable));
        }
    }
}

fn lay_flags(loaded: &mut Loaded, flags: &Flags) {
    let given = [
        ("default_profile", "--profile", &flags.profile),
        ("look.theme", "--theme", &flags.theme),
        ("look.glyphs", "--glyphs", &flags.glyphs),
        ("time.zone", "--zone", &flags.zone),
        ("profile.NAME.client_id", "--client-id", &flags.client_id),
        ("profile.NAME.tenant", "--tenant", &flags.tenant),
        ("profile.NAME.cloud", "--cloud", &flags.cloud),
        ("profile.NAME.authority", "--authority", &flags.authority),
        ("profile.NAME.graph", "--graph", &flags.graph),
    ];
    for (path, flag, text) in given {
        if let (Some(row), Some(text)) = (row(path), text) {
            lay_text(loaded, row, text, &format!("The option {flag}"));
        }
    }
    loaded.config.read_only |= flags.read_only;
}

/// Lays a value that is text by nature; one for profiles is for the profile in force.
fn lay_text(loaded: &mut Loaded, row: &Row, text: &str, from: &str) {
    let raw = match row.allowed {
        Allowed::Switch => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Raw::Switch(true),
            "0" | "false" | "no" | "off" => Raw::Switch(false),
            _ => Raw::Other,
        },
        Allowed::Number { .. } => Raw::Number(text),
        _ => Raw::Text(text),
    };
    let profile = loaded.config.profile_name.clone();
    match check(row.allowed, raw) {
        Ok(given) => {
            ensure_profile(&mut loaded.config, &profile);
            (row.set)(&mut loaded.config, &profile, given);
        }
        Err(why) => {
            let what = format!("{from} cannot be \"{}\".", text::cut(&text::tame(text), 60));
            loaded.problems.push(Report::new(Kind::Configuration, "configurationWrong", what).because(why));
        }
    }
}

/// What can only be said once all layers are there: the profile in force exists, the zone has rules.
fn settle(loaded: &mut Loaded, environment: &Environment) {
    let name = loaded.config.profile_name.clone();
    ensure_profile(&mut loaded.config, &name);
    if loaded.config.zone.rules.is_some() {
        return;
    }
    let Some(zone) = system_zone(environment) else {
        loaded.config.zone = Zone::utc();
        loaded.problems.push(
            Report::new(
                Kind::Configuration,
                "zoneUnknown",
                "The time zone of this machine is not known; times are in UTC.",
            )
            .because("Neither TZ nor the system names one.")
            .next("Name it in the configuration: zone = \"Europe/Madrid\" below [time]."),
        );
        return;
    };
    loaded.config.zone = zone;
}

fn system_zone(environment: &Environment) -> Option<Zone> {
    if let Some(name) = environment.get("TZ") {
        let zone = Zone::find(name.trim_start_matches(':'));
        if zone.rules.is_some() {
            return Some(zone);
        }
    }
    let rules = TimeZone::try_system().ok().filter(|rules| !rules.is_unknown())?;
    let name = rules.iana_name().unwrap_or("local").to_owned();
    Some(Zone { name, rules: Some(rules), is_approximate: false })
}
