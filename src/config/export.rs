//! A profile as text to give to somebody else, and what such a text lacks.
//!
//! Must stay true: what is exported holds no secret and nothing of this computer: no file, no command, no address of a person. What
//! the receiver has to add is named.

use std::fmt::Write as _;

use super::edit::Setting;
use super::profile::{CertificateForm, LoginChoice, Profile, ProfileKind, TokenCache, Unattended};

/// The options in which `profile` differs from one nobody wrote down, in the order of the default file.
#[must_use]
pub fn profile_settings(profile: &Profile) -> Vec<(&'static str, Setting)> {
    let shipped = Profile::default();
    let text = |text: &str| Setting::Text(text.to_owned());
    let list = |items: &[String]| Setting::List(items.to_vec());
    let path = |path: &Option<std::path::PathBuf>| {
        Setting::Text(path.as_ref().map(|path| path.display().to_string()).unwrap_or_default())
    };
    let optional = |value: &Option<String>| text(value.as_deref().unwrap_or_default());
    let of = |profile: &Profile| {
        vec![
            ("kind", text(if profile.kind == ProfileKind::Service { "service" } else { "person" })),
            ("client_id", text(&profile.client_id)),
            ("tenant", text(&profile.tenant)),
            ("cloud", text(&profile.cloud)),
            ("authority", optional(&profile.authority)),
            ("graph", optional(&profile.graph)),
            ("allowed_tenants", list(&profile.allowed_tenants)),
            ("account", optional(&profile.account)),
            (
                "unattended",
                text(match profile.unattended {
                    Unattended::Warn => "warn",
                    Unattended::Allow => "allow",
                    Unattended::Refuse => "refuse",
                }),
            ),
            (
                "login",
                text(match profile.login {
                    LoginChoice::Auto => "auto",
                    LoginChoice::Browser => "browser",
                    LoginChoice::Paste => "paste",
                    LoginChoice::Device => "device",
                    LoginChoice::Command => "command",
                }),
            ),
            ("login_hint", optional(&profile.login_hint)),
            ("domain_hint", optional(&profile.domain_hint)),
            ("redirect_uri", optional(&profile.redirect_uri)),
            ("redirect_port", Setting::Number(profile.redirect_port.unwrap_or(0))),
            ("tiers", Setting::List(profile.tiers.iter().map(|tier| tier.name().to_owned()).collect())),
            ("scopes", list(&profile.scopes)),
            ("token.command", list(&profile.token_command)),
            ("token_cache", text(if profile.token_cache == TokenCache::None { "none" } else { "vault" })),
            ("mailboxes", list(&profile.mailboxes)),
            ("allow_write", Setting::Switch(profile.allow_write)),
            ("certificate", path(&profile.certificate)),
            ("certificate_key", path(&profile.certificate_key)),
            (
                "certificate_form",
                text(if profile.certificate_form == CertificateForm::Rs256 { "rs256" } else { "ps256" }),
            ),
            ("secret_command", list(&profile.secret_command)),
            ("secret_keyring", Setting::Switch(profile.secret_keyring)),
            ("secret_env", optional(&profile.secret_env)),
            ("secret_expires", text(&profile.secret_expires.map(|day| day.to_string()).unwrap_or_default())),
            ("server.authorize", text(&profile.provider.authorize)),
            ("server.token", text(&profile.provider.token)),
            ("server.device", text(&profile.provider.device)),
            ("server.identity", list(&profile.provider.identity)),
            ("server.scopes", list(&profile.provider.scopes)),
            ("server.application", text(&profile.provider.application)),
            ("server.tenant_claim", text(&profile.provider.tenant_claim)),
            ("server.person_claim", text(&profile.provider.person_claim)),
            ("server.personal_tenant", text(&profile.provider.personal_tenant)),
            ("server.takes_claims", Setting::Switch(profile.provider.takes_claims)),
        ]
    };
    of(profile).into_iter().zip(of(&shipped)).filter(|(mine, theirs)| mine != theirs).map(|(mine, _)| mine).collect()
}

/// Options that belong to a person or a computer, or lead to a secret.
const OWN: &[&str] = &[
    "account",
    "login_hint",
    "token.command",
    "certificate",
    "certificate_key",
    "secret_command",
    "secret_keyring",
    "secret_env",
    "secret_expires",
];

/// The profile as TOML for others, with a comment for what was left out.
#[must_use]
pub fn export_profile(name: &str, profile: &Profile) -> String {
    let (own, shared): (Vec<_>, Vec<_>) = profile_settings(profile).into_iter().partition(|(key, _)| OWN.contains(key));
    let mut text = format!(
        "# A profile of deskbell, without secrets. Take it in with: deskbell profile import FILE\n[profile.{name}]\n"
    );
    for (key, value) in shared {
        let _ = writeln!(text, "{key} = {}", value.written());
    }
    for (key, _) in own {
        let _ = writeln!(text, "# {key} is left out: it belongs to one person or computer.");
    }
    text
}

/// What a profile needs before it can be used, and what that is.
#[must_use]
pub fn missing_values(profile: &Profile) -> Vec<(&'static str, &'static str)> {
    let mut missing = Vec::new();
    let brings_tokens = !profile.token_command.is_empty();
    if profile.client_id.is_empty() && !brings_tokens {
        missing.push(("client_id", "the application (client) id of the registration"));
    }
    if profile.login == LoginChoice::Command && !brings_tokens {
        missing.push(("token.command", "the program that prints the token"));
    }
    if profile.is_service() {
        if matches!(profile.tenant.as_str(), "" | "organizations" | "common" | "consumers") {
            missing.push(("tenant", "the tenant's id or one of its domains"));
        }
        if profile.mailboxes.is_empty() {
            missing.push(("mailboxes", "the mailboxes it may read"));
        }
        if profile.certificate.is_none()
            && profile.secret_command.is_empty()
            && profile.secret_env.is_none()
            && !profile.secret_keyring
        {
            missing.push(("certificate", "a PEM file; or secret_command, or secret_env, for a secret"));
        }
    }
    missing
}

/// The names of the profiles that are written in a configuration file, in alphabetical order; none where it is no TOML.
#[must_use]
pub fn profile_names(text: &str) -> Vec<String> {
    let table = toml::from_str::<toml::Table>(text).unwrap_or_default();
    let profiles = table.get("profile").and_then(toml::Value::as_table);
    profiles.map(|profiles| profiles.keys().cloned().collect()).unwrap_or_default()
}
