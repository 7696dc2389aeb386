//! The options of the program, one row each; those of a profile are in `profile`.

use super::cache::KeptBodies;
use super::options::{Allowed, Given, Glyphs, RetryMode, Row, ThemeChoice, VaultKey};
use super::theme::ThemeName;
use crate::domain::time::Zone;
use std::path::PathBuf;

const THEMES: &[&str] = &["auto", "terminal", "dark", "light", "mono"];

/// The options of the program.
pub(super) const GLOBAL_ROWS: &[Row] = &[
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
        path: "mail.mark_read",
        variable: "DESKBELL_MARK_READ",
        allowed: Allowed::Switch,
        set: |config, _, given| config.mark_read = matches!(given, Given::Switch(true)),
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
        path: "vault.key",
        variable: "DESKBELL_VAULT_KEY",
        allowed: Allowed::Choice(&["auto", "keyring", "passphrase", "file"]),
        set: |config, _, given| {
            config.vault_key = match given.text().as_str() {
                "keyring" => VaultKey::Keyring,
                "passphrase" => VaultKey::Passphrase,
                "file" => VaultKey::File,
                _ => VaultKey::Auto,
            };
        },
    },
    Row {
        path: "network.ca_files",
        variable: "DESKBELL_CA_FILES",
        allowed: Allowed::List(&Allowed::Path),
        set: |config, _, given| config.ca_files = given.list().into_iter().map(PathBuf::from).collect(),
    },
    Row {
        path: "retry.mode",
        variable: "DESKBELL_RETRY",
        allowed: Allowed::Choice(&["auto", "never"]),
        set: |config, _, given| {
            config.retry.mode = if given.text() == "never" { RetryMode::Never } else { RetryMode::Auto };
        },
    },
    Row {
        path: "retry.statuses",
        variable: "DESKBELL_RETRY_STATUSES",
        allowed: Allowed::List(&Allowed::Number { least: 400, most: 599 }),
        set: |config, _, given| config.retry.statuses = given.numbers(),
    },
    Row {
        path: "retry.at_most",
        variable: "DESKBELL_RETRY_AT_MOST",
        allowed: Allowed::Number { least: 0, most: 10 },
        set: |config, _, given| config.retry.at_most = given.number().unwrap_or(config.retry.at_most),
    },
    Row {
        path: "retry.growing",
        variable: "DESKBELL_RETRY_GROWING",
        allowed: Allowed::Switch,
        set: |config, _, given| config.retry.growing = given.is_on(),
    },
    Row {
        path: "send.hold_seconds",
        variable: "DESKBELL_HOLD_SECONDS",
        allowed: Allowed::Number { least: 0, most: 60 },
        set: |config, _, given| config.hold_seconds = given.number().unwrap_or(config.hold_seconds),
    },
    Row {
        path: "cache.bodies",
        variable: "DESKBELL_CACHE_BODIES",
        allowed: Allowed::Choice(&["all", "recent", "none"]),
        set: |config, _, given| {
            config.cache.bodies = match given.text().as_str() {
                "all" => KeptBodies::All,
                "none" => KeptBodies::None,
                _ => KeptBodies::Recent,
            };
        },
    },
    Row {
        path: "cache.body_days",
        variable: "DESKBELL_CACHE_BODY_DAYS",
        allowed: Allowed::Number { least: 1, most: 3650 },
        set: |config, _, given| config.cache.body_days = given.number().unwrap_or(config.cache.body_days),
    },
    Row {
        path: "cache.body_megabytes",
        variable: "DESKBELL_CACHE_BODY_MEGABYTES",
        allowed: Allowed::Number { least: 1, most: 60_000 },
        set: |config, _, given| config.cache.body_megabytes = given.number().unwrap_or(config.cache.body_megabytes),
    },
];
