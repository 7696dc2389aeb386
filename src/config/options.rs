//! The options: one table of rows, from which the file, the environment and the documentation are read.
//!
//! Layers, each over the one before: the defaults, the user's file, `DESKBELL_…` variables, the command line. The defaults are
//! written down for people in `assets/config.toml`; every start wants them, so they also stand here as values, which costs no reading.
//! Must stay true: an option is a row here and an entry with a comment in that file, and the file laid over the values changes
//! nothing, or a test fails.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use toml::de::{DeTable, DeValue};

use crate::base::environment::{Colours, Environment};
use crate::base::paths::Places;
use crate::base::report::{Kind, Report};
use crate::base::text;
use crate::config::cache::CacheLimits;
use crate::config::groups;
use crate::config::profile::{self, Profile, TokenCache};
use crate::config::rows;
use crate::config::source::{Key, Source, Value};
use crate::config::theme::ThemeName;
use crate::domain::account::Tier;
use crate::domain::group::SavedGroup;
use crate::domain::time::Zone;

/// The default configuration for people: every option with its value and what it means.
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

/// How the vault's key is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VaultKey {
    /// The keyring where it works, else a passphrase or a file.
    #[default]
    Auto,
    /// In the system's keyring only.
    Keyring,
    /// Made from a passphrase.
    Passphrase,
    /// In a file beside the vault.
    File,
}

/// Whether a failed call is sent again by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryMode {
    /// Where it is safe.
    #[default]
    Auto,
    /// Never.
    Never,
}

/// How failed calls are repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// At all.
    pub mode: RetryMode,
    /// The statuses after which a call is sent again.
    pub statuses: Vec<u16>,
    /// Repeats of one call at most.
    pub at_most: u16,
    /// The waits grow from one repeat to the next, where the service names none.
    pub growing: bool,
}

impl Default for Retry {
    /// As it is shipped.
    fn default() -> Self {
        Self { mode: RetryMode::Auto, statuses: vec![429, 500, 502, 503, 504, 509], at_most: 4, growing: true }
    }
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
    /// A message that is opened is marked as read.
    pub mark_read: bool,
    /// The zone times are shown in; always with rules.
    pub zone: Zone,
    /// A second zone beside it, with rules.
    pub second_zone: Option<Zone>,
    /// How the vault's key is kept.
    pub vault_key: VaultKey,
    /// Certificates of authorities that are trusted beside the system's, PEM.
    pub ca_files: Vec<PathBuf>,
    /// How failed calls are repeated.
    pub retry: Retry,
    /// How much is kept on this computer.
    pub cache: CacheLimits,
    /// Seconds for which what cannot be taken back is held.
    pub hold_seconds: u16,
    /// Groups of people, by name.
    pub groups: Vec<SavedGroup>,
}

impl Config {
    /// The profile in force.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profiles.get(&self.profile_name).cloned().unwrap_or_default()
    }

    /// Puts the `index`th mailbox of a service's list first, where it stands for the own one; without one there nothing changes.
    pub fn lead_with(&mut self, index: usize) {
        let name = self.profile_name.clone();
        let mailboxes = &mut self.profile_mut(&name).mailboxes;
        if index < mailboxes.len() {
            mailboxes.rotate_left(index);
        }
    }

    pub(super) fn profile_mut(&mut self, name: &str) -> &mut Profile {
        self.profiles.entry(name.to_owned()).or_default()
    }

    /// As it is shipped: what `assets/config.toml` says.
    fn shipped() -> Self {
        Self {
            profile_name: "default".to_owned(),
            profiles: BTreeMap::from([("default".to_owned(), Profile::default())]),
            read_only: false,
            theme: ThemeChoice::Auto,
            glyphs: Glyphs::Unicode,
            mouse: true,
            hint_delay_ms: 300,
            mark_read: true,
            zone: Zone { name: String::new(), rules: None, is_approximate: false },
            second_zone: None,
            vault_key: VaultKey::Auto,
            ca_files: Vec::new(),
            retry: Retry::default(),
            cache: CacheLimits::default(),
            hold_seconds: 10,
            groups: Vec::new(),
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
    /// `--account`
    pub account: Option<String>,
    /// `--no-store`: tokens stay in memory.
    pub no_store: bool,
    /// `--secret-fd`
    pub secret_descriptor: Option<u16>,
    /// Tiers the first sign-in asks for besides those of the profile.
    pub further_tiers: Vec<Tier>,
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

impl Loaded {
    /// The defaults.
    fn shipped() -> Self {
        Self { config: Config::shipped(), problems: Vec::new() }
    }
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
    /// One line, or empty.
    Text,
    /// A path, or empty.
    Path,
    /// A permission's name, short or as an address.
    Scope,
    /// An address of a mailbox.
    Mailbox,
    /// A variable's name, or empty.
    Variable,
    /// A day, or empty.
    Date,
    /// An address: https, or http to this machine; or empty. A slash at its end is nothing.
    Address,
    /// The same, taken as it is: a redirect must be that of the registration to the letter.
    Redirect,
    /// A path below an address.
    Endpoint,
    /// The same, or empty.
    NoEndpoint,
    /// A profile's name.
    ProfileName,
    /// Any number of these.
    List(&'static Self),
}

/// A value that passed.
pub(super) enum Given {
    Text(String),
    Switch(bool),
    Number(u16),
    List(Vec<Self>),
}

impl Given {
    pub(super) fn text(self) -> String {
        if let Self::Text(text) = self { text } else { String::new() }
    }

    pub(super) fn optional_text(self) -> Option<String> {
        Some(self.text()).filter(|text| !text.is_empty())
    }

    pub(super) const fn is_on(&self) -> bool {
        matches!(self, Self::Switch(true))
    }

    pub(super) const fn number(&self) -> Option<u16> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// The texts of a list.
    pub(super) fn list(self) -> Vec<String> {
        if let Self::List(items) = self { items.into_iter().map(Self::text).collect() } else { Vec::new() }
    }

    /// The numbers of a list.
    pub(super) fn numbers(&self) -> Vec<u16> {
        if let Self::List(items) = self { items.iter().filter_map(Self::number).collect() } else { Vec::new() }
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
    pub(super) set: fn(&mut Config, &str, Given),
}

/// Every option.
fn rows() -> impl Iterator<Item = &'static Row> {
    rows::GLOBAL_ROWS.iter().chain(profile::ROWS)
}

pub(super) fn row(path: &str) -> Option<&'static Row> {
    rows().find(|row| row.path == path)
}

/// Names under which somebody might write a secret down.
const SECRETS: &[&str] =
    &["client_secret", "secret", "password", "passphrase", "access_token", "refresh_token", "token"];

/// The configuration in force for this start. Never fails: what is wrong is left out and reported.
#[must_use]
pub fn load(places: &Places, environment: &Environment, flags: &Flags) -> Loaded {
    let path = places.config_file();
    let name = path.display().to_string();
    let mut loaded = match fs::read_to_string(&path) {
        Ok(text) => parse_user_config(&name, &text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Loaded::shipped(),
        Err(error) => {
            let mut loaded = Loaded::shipped();
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
    place_files(&mut loaded.config, &places.config, environment);
    settle(&mut loaded, environment);
    loaded
}

/// Files are named from the folder of the configuration, or from the person's own with `~/`.
fn place_files(config: &mut Config, folder: &Path, environment: &Environment) {
    let home = environment.get("HOME").or_else(|| environment.get("USERPROFILE")).map(PathBuf::from);
    let placed = |path: &mut PathBuf| {
        *path = match (path.strip_prefix("~"), &home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => folder.join(&*path),
        };
    };
    config.ca_files.iter_mut().for_each(placed);
    for profile in config.profiles.values_mut() {
        [&mut profile.certificate, &mut profile.certificate_key].into_iter().flatten().for_each(placed);
    }
}

/// The defaults with the user's file `name`, of this `text`, over them; no environment, no command line. The zone may be without
/// rules here, where none is named.
#[must_use]
pub fn parse_user_config(name: &str, text: &str) -> Loaded {
    let mut loaded = Loaded::shipped();
    lay_file(&mut loaded, &Source::new(name, text));
    loaded
}

fn lay_file(loaded: &mut Loaded, source: &Source<'_>) {
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
            (groups::SECTION, DeValue::Table(saved)) => groups::lay(loaded, source, saved),
            (section, DeValue::Table(entries)) if rows().any(|row| is_below(row.path, section)) => {
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

fn lay_profiles(loaded: &mut Loaded, source: &Source<'_>, profiles: &DeTable<'_>) {
    for (name, value) in profiles {
        let DeValue::Table(entries) = value.get_ref() else {
            let what = "A profile is a table, like [profile.work]";
            loaded.problems.push(source.problem(name.span(), what));
            continue;
        };
        if let Err(why) = check(Allowed::ProfileName, &Raw::Text(name.get_ref())) {
            let what = format!("\"{}\" cannot be a profile's name", name.get_ref());
            loaded.problems.push(source.problem(name.span(), &what).because(why));
            continue;
        }
        ensure_profile(&mut loaded.config, name.get_ref());
        for (key, value) in entries {
            match (key.get_ref().as_ref(), value.get_ref()) {
                (section, DeValue::Table(entries))
                    if rows().any(|row| is_below(row.path, &format!("profile.NAME.{section}"))) =>
                {
                    for (key, value) in entries {
                        lay_entry(loaded, source, &format!("profile.NAME.{section}."), name.get_ref(), key, value);
                    }
                }
                _ => lay_entry(loaded, source, "profile.NAME.", name.get_ref(), key, value),
            }
        }
    }
}

/// A profile nobody wrote down yet is a copy of the default one as it is shipped.
fn ensure_profile(config: &mut Config, name: &str) {
    if !config.profiles.contains_key(name) {
        config.profiles.insert(name.to_owned(), Profile::default());
    }
}

fn lay_entry(loaded: &mut Loaded, source: &Source<'_>, section: &str, profile: &str, key: &Key<'_>, value: &Value<'_>) {
    let path = format!("{section}{}", key.get_ref());
    let Some(row) = row(&path) else {
        if SECRETS.contains(&key.get_ref().as_ref()) {
            loaded.problems.push(no_secret(source, key));
            return;
        }
        let known: Vec<&str> = rows().filter_map(|row| row.path.strip_prefix(section)).collect();
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
    let raw = raw(value.get_ref());
    match check(row.allowed, &raw) {
        Ok(given) => (row.set)(&mut loaded.config, profile, given),
        Err(why) => {
            let what = format!("{} cannot have this value", key.get_ref());
            let mut problem = source.problem(value.span(), &what).because(why);
            if let Some(meant) = meant(row.allowed, &raw) {
                problem = problem.next(format!("Did you mean \"{meant}\"?"));
            }
            loaded.problems.push(problem.next("What was in force before is used until then."));
        }
    }
}

/// The report for a secret in a file; the secret itself is not repeated.
fn no_secret(source: &Source<'_>, key: &Key<'_>) -> Report {
    source
        .problem(key.span(), &format!("{} has no place in a configuration file", key.get_ref()))
        .because("Such files are shown, copied and backed up; a secret in one is soon known to others.")
        .next("Delete the line. If others could read it, make a new secret and remove the old one in the portal.")
        .next("Say where it comes from instead: secret_command = [\"program\", \"argument\"] or secret_env = \"VARIABLE\".")
        .next("Or put it into the system's keyring: deskbell login --keep-secret")
}

/// A value as it was written.
enum Raw<'a> {
    Text(&'a str),
    Switch(bool),
    Number(&'a str),
    List(Vec<Self>),
    Other,
}

fn raw<'a>(value: &'a DeValue<'_>) -> Raw<'a> {
    match value {
        DeValue::String(text) => Raw::Text(text),
        DeValue::Boolean(switch) => Raw::Switch(*switch),
        DeValue::Integer(number) => Raw::Number(number.as_str()),
        DeValue::Array(items) => Raw::List(items.iter().map(|item| raw(item.get_ref())).collect()),
        _ => Raw::Other,
    }
}

/// The word that was probably meant by one that may not stand here.
fn meant(allowed: Allowed, raw: &Raw<'_>) -> Option<&'static str> {
    match (allowed, raw) {
        (Allowed::Choice(choices), Raw::Text(word)) if !choices.contains(word) => super::source::closest(word, choices),
        (Allowed::List(one), Raw::List(items)) => items.iter().find_map(|item| meant(*one, item)),
        _ => None,
    }
}

/// Whether a value may stand here.
///
/// # Errors
/// What is allowed, as a sentence.
fn check(allowed: Allowed, raw: &Raw<'_>) -> Result<Given, String> {
    let is_fitting = |text: &str| match allowed {
        Allowed::Choice(choices) => choices.contains(&text),
        Allowed::Zone => text.is_empty() || Zone::find(text).rules.is_some(),
        Allowed::Word => is_word(text),
        Allowed::Text | Allowed::Path => text.len() <= 4096 && !text.chars().any(char::is_control),
        Allowed::Scope => is_scope(text),
        Allowed::Mailbox => is_mailbox(text),
        Allowed::Variable => is_variable(text),
        Allowed::Date => text.is_empty() || text.parse::<Date>().is_ok(),
        Allowed::Address | Allowed::Redirect => text.is_empty() || is_address(text),
        Allowed::Endpoint => is_endpoint(text),
        Allowed::NoEndpoint => text.is_empty() || is_endpoint(text),
        Allowed::ProfileName => is_profile_name(text),
        Allowed::Switch | Allowed::Number { .. } | Allowed::List(_) => false,
    };
    match (allowed, raw) {
        (Allowed::Switch, Raw::Switch(switch)) => Ok(Given::Switch(*switch)),
        (Allowed::Number { least, most }, Raw::Number(text)) => {
            let number = text.replace('_', "").parse().ok().filter(|number| (least..=most).contains(number));
            number.map(Given::Number).ok_or_else(|| describe(allowed))
        }
        (Allowed::List(one), Raw::List(items)) => {
            let items: Result<Vec<Given>, String> = items.iter().map(|item| check(*one, item)).collect();
            items.map(Given::List).map_err(|_| describe(allowed))
        }
        (Allowed::Address, Raw::Text(text)) if is_fitting(text) => {
            Ok(Given::Text(text.trim_end_matches('/').to_owned()))
        }
        (_, Raw::Text(text)) if is_fitting(text) => Ok(Given::Text((*text).to_owned())),
        _ => Err(describe(allowed)),
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
        Allowed::Address | Allowed::Redirect => {
            "Allowed is an https address, or http to this machine only, or nothing.".to_owned()
        }
        Allowed::Endpoint => "Allowed is a path like \"/{tenant}/oauth2/v2.0/token\".".to_owned(),
        Allowed::NoEndpoint => "Allowed is a path like \"/oauth2/devicecode\", or nothing.".to_owned(),
        Allowed::ProfileName => "Allowed is a name of letters, digits, - and _, at most 40.".to_owned(),
        Allowed::Text => "Allowed is one line of text in quotes, or nothing.".to_owned(),
        Allowed::Path => "Allowed is the path of a file in quotes, or nothing.".to_owned(),
        Allowed::Scope => "Allowed is a permission's name, like \"Mail.Read\".".to_owned(),
        Allowed::Mailbox => "Allowed is the address of a mailbox, like \"support@contoso.com\".".to_owned(),
        Allowed::Variable => {
            "Allowed is the name of a variable of the environment (not its value), or nothing.".to_owned()
        }
        Allowed::Date => "Allowed is a day like \"2027-05-31\", or nothing.".to_owned(),
        Allowed::List(one) => {
            let one = describe(*one);
            let one = one.trim_start_matches("Allowed is ").trim_start_matches("Allowed are ");
            format!("Allowed is a list in brackets, each of them: {one}")
        }
    }
}

fn is_word(text: &str) -> bool {
    text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

fn is_scope(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:/".contains(&byte))
}

/// A path of plain segments; `{tenant}` may be one of them.
fn is_endpoint(text: &str) -> bool {
    let is_plain = |part: &str| part == "{tenant}" || !matches!(part, "" | "." | "..") && is_word(part);
    text.strip_prefix('/').is_some_and(|path| path.split('/').all(is_plain))
}

fn is_mailbox(text: &str) -> bool {
    let is_plain = |part: &str| {
        !part.is_empty() && !part.chars().any(|character| character.is_control() || " \"<>@".contains(character))
    };
    text.len() <= 320 && text.split_once('@').is_some_and(|(name, domain)| is_plain(name) && is_plain(domain))
}

fn is_variable(text: &str) -> bool {
    text.len() <= 128
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
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
    for row in rows() {
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
        ("profile.NAME.account", "--account", &flags.account),
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
    let name = loaded.config.profile_name.clone();
    let profile = loaded.config.profile_mut(&name);
    profile.secret_descriptor = flags.secret_descriptor;
    profile.tiers.extend(&flags.further_tiers);
    if flags.no_store {
        profile.token_cache = TokenCache::None;
    }
}

/// Lays a value that is text by nature; one for profiles is for the profile in force.
fn lay_text(loaded: &mut Loaded, row: &Row, text: &str, from: &str) {
    let raw = match row.allowed {
        Allowed::List(one) => Raw::List(items(*one, text).map(|item| raw_of_text(*one, item)).collect()),
        allowed => raw_of_text(allowed, text),
    };
    let profile = loaded.config.profile_name.clone();
    match check(row.allowed, &raw) {
        Ok(given) => {
            ensure_profile(&mut loaded.config, &profile);
            (row.set)(&mut loaded.config, &profile, given);
        }
        Err(why) => {
            let what = match row.allowed {
                // Somebody may have put the secret itself here.
                Allowed::Variable => format!("{from} cannot have this value."),
                _ => format!("{from} cannot be \"{}\".", text::cut(&text::tame(text), 60)),
            };
            loaded.problems.push(Report::new(Kind::Configuration, "configurationWrong", what).because(why));
        }
    }
}

fn raw_of_text(allowed: Allowed, text: &str) -> Raw<'_> {
    match allowed {
        Allowed::Switch => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Raw::Switch(true),
            "0" | "false" | "no" | "off" => Raw::Switch(false),
            _ => Raw::Other,
        },
        Allowed::Number { .. } => Raw::Number(text),
        _ => Raw::Text(text),
    }
}

/// The items of a list that is written as one text: at commas and ends of lines, and at spaces where an item cannot hold one. A
/// command is split at spaces only; one that needs more is written in the file.
fn items(one: Allowed, text: &str) -> impl Iterator<Item = &str> {
    text.split(move |character: char| match one {
        Allowed::Text => character.is_whitespace(),
        Allowed::Path => matches!(character, ',' | '\n'),
        _ => character == ',' || character.is_whitespace(),
    })
    .map(str::trim)
    .filter(|item| !item.is_empty())
}

/// What can only be said once all layers are there: the profile in force exists, the zone has rules.
fn settle(loaded: &mut Loaded, environment: &Environment) {
    let name = loaded.config.profile_name.clone();
    ensure_profile(&mut loaded.config, &name);
    let profile = loaded.config.profile();
    if profile.is_service() && matches!(profile.tenant.as_str(), "" | "organizations" | "common" | "consumers") {
        loaded.problems.push(
            Report::new(
                Kind::Configuration,
                "serviceTenant",
                format!("The profile {name} is a service's and names no tenant of its own."),
            )
            .because("A service belongs to one tenant; there is nobody who could choose one.")
            .next("Set tenant to the tenant's id or one of its domains, like \"contoso.com\"."),
        );
    }
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
