//! A profile: where, as whom and with what to sign in; and its rows in the table of options.
//!
//! Must stay true: no row holds a secret. A secret is named by where it comes from (a command, a variable, a file's key), so that a
//! configuration file can be shown, copied and kept in a repository.

use std::path::PathBuf;

use jiff::civil::Date;

use super::options::{Allowed, Config, Given, Row};
use crate::domain::account::Tier;
use crate::domain::provider::Provider;

/// A person signs in, or a service acts by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProfileKind {
    /// Somebody signs in.
    #[default]
    Person,
    /// An application with a secret or a certificate of its own.
    Service,
}

/// The way in that is tried first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoginChoice {
    /// What is best here.
    #[default]
    Auto,
    /// The browser on this computer.
    Browser,
    /// A browser elsewhere; the address it ends at is pasted.
    Paste,
    /// A code typed on another device.
    Device,
    /// A command prints the token.
    Command,
}

/// Where tokens are kept between starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenCache {
    /// In the vault.
    #[default]
    Vault,
    /// Nowhere: in memory until the program ends.
    None,
}

/// What becomes of a command that runs without a terminal on a person's account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unattended {
    /// It says so, and goes on.
    #[default]
    Warn,
    /// It goes on.
    Allow,
    /// It does not run.
    Refuse,
}

/// How an assertion made with a certificate is signed [certificate-credentials].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CertificateForm {
    /// PS256 with the SHA-256 thumbprint.
    #[default]
    Ps256,
    /// RS256 with the SHA-1 thumbprint: the older form.
    Rs256,
}

/// Where and as whom to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// A person or a service.
    pub kind: ProfileKind,
    /// The application (client) id of the registration; empty until somebody gives one.
    pub client_id: String,
    /// Tenant: a domain, a GUID, `organizations`, `common` or `consumers`.
    pub tenant: String,
    /// `global`, `usgov`, `dod` or `china`.
    pub cloud: String,
    /// Address of another sign-in server; `None`: the cloud's.
    pub authority: Option<String>,
    /// Address of another Graph; `None`: the cloud's.
    pub graph: Option<String>,
    /// What the sign-in server is like.
    pub provider: Provider,
    /// Tenants whose accounts are accepted; empty: any.
    pub allowed_tenants: Vec<String>,
    /// The account (address or id) that is used where several are signed in; `None`: the one chosen last.
    pub account: Option<String>,
    /// What becomes of a command without a terminal on a person's account.
    pub unattended: Unattended,
    /// The way in that is tried first.
    pub login: LoginChoice,
    /// The address to sign in with, so that nobody has to pick an account.
    pub login_hint: Option<String>,
    /// The domain whose sign-in page is shown at once.
    pub domain_hint: Option<String>,
    /// Where the browser comes back to, if it is not an address of ours.
    pub redirect_uri: Option<String>,
    /// The port we listen on; `None`: any free one.
    pub redirect_port: Option<u16>,
    /// What the first sign-in asks for beside who is out.
    pub tiers: Vec<Tier>,
    /// Further scopes each sign-in asks for.
    pub scopes: Vec<String>,
    /// Prints an access token: program and arguments; empty: none.
    pub token_command: Vec<String>,
    /// Where tokens are kept.
    pub token_cache: TokenCache,
    /// A service's mailboxes, by address; nothing else is read.
    pub mailboxes: Vec<String>,
    /// A service may change what it reads.
    pub allow_write: bool,
    /// A service's certificate, PEM.
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM; `None`: in the certificate's file.
    pub certificate_key: Option<PathBuf>,
    /// How it signs.
    pub certificate_form: CertificateForm,
    /// Prints a service's secret: program and arguments; empty: none.
    pub secret_command: Vec<String>,
    /// A service's secret lies in the system's keyring.
    pub secret_keyring: bool,
    /// The variable that holds a service's secret.
    pub secret_env: Option<String>,
    /// `--secret-fd`: the file descriptor that holds a service's secret. The command line only.
    pub secret_descriptor: Option<u16>,
    /// The day the secret ends, as the portal says.
    pub secret_expires: Option<Date>,
}

impl Default for Profile {
    /// As it is shipped.
    fn default() -> Self {
        Self {
            kind: ProfileKind::Person,
            client_id: String::new(),
            tenant: "organizations".to_owned(),
            cloud: "global".to_owned(),
            authority: None,
            graph: None,
            provider: Provider::default(),
            allowed_tenants: Vec::new(),
            account: None,
            unattended: Unattended::Warn,
            login: LoginChoice::Auto,
            login_hint: None,
            domain_hint: None,
            redirect_uri: None,
            redirect_port: None,
            tiers: vec![Tier::Calendar, Tier::Mail],
            scopes: Vec::new(),
            token_command: Vec::new(),
            token_cache: TokenCache::Vault,
            mailboxes: Vec::new(),
            allow_write: false,
            certificate: None,
            certificate_key: None,
            certificate_form: CertificateForm::Ps256,
            secret_command: Vec::new(),
            secret_keyring: false,
            secret_env: None,
            secret_descriptor: None,
            secret_expires: None,
        }
    }
}

impl Profile {
    /// Whether it is a service's.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.kind == ProfileKind::Service
    }

    /// The tiers the first sign-in asks for: who is out, then what the profile says, each once.
    #[must_use]
    pub fn first_tiers(&self) -> Vec<Tier> {
        Tier::ALL.into_iter().filter(|tier| *tier == Tier::WhoIsOut || self.tiers.contains(tier)).collect()
    }
}

const WORD: Allowed = Allowed::Word;
const TENANTS: Allowed = Allowed::List(&WORD);
const SCOPES: Allowed = Allowed::List(&Allowed::Scope);
const COMMAND: Allowed = Allowed::List(&Allowed::Text);
const MAILBOXES: Allowed = Allowed::List(&Allowed::Mailbox);
const TIERS: Allowed = Allowed::List(&Allowed::Choice(&[
    "people",
    "directory",
    "calendar",
    "shared-calendars",
    "mail",
    "shared-mailboxes",
    "settings",
    "write",
]));

macro_rules! row {
    ($key:literal, $variable:literal, $allowed:expr, |$profile:ident, $given:ident| $set:expr) => {
        Row {
            path: concat!("profile.NAME.", $key),
            variable: $variable,
            allowed: $allowed,
            set: |config: &mut Config, name: &str, $given: Given| {
                let $profile = config.profile_mut(name);
                $set;
            },
        }
    };
}

/// The options of a profile, in the order of the default file.
pub(super) const ROWS: &[Row] = &[
    row!("kind", "DESKBELL_KIND", Allowed::Choice(&["person", "service"]), |profile, given| {
        profile.kind = if given.text() == "service" { ProfileKind::Service } else { ProfileKind::Person };
    }),
    row!("client_id", "DESKBELL_CLIENT_ID", WORD, |profile, given| profile.client_id = given.text()),
    row!("tenant", "DESKBELL_TENANT", WORD, |profile, given| profile.tenant = given.text()),
    row!("cloud", "DESKBELL_CLOUD", Allowed::Choice(&["global", "usgov", "dod", "china"]), |profile, given| {
        profile.cloud = given.text();
    }),
    row!("authority", "DESKBELL_AUTHORITY", Allowed::Address, |profile, given| {
        profile.authority = given.optional_text();
    }),
    row!("graph", "DESKBELL_GRAPH", Allowed::Address, |profile, given| profile.graph = given.optional_text()),
    row!("allowed_tenants", "DESKBELL_ALLOWED_TENANTS", TENANTS, |profile, given| {
        profile.allowed_tenants = given.list();
    }),
    row!("account", "DESKBELL_ACCOUNT", Allowed::Text, |profile, given| profile.account = given.optional_text()),
    row!("unattended", "DESKBELL_UNATTENDED", Allowed::Choice(&["warn", "allow", "refuse"]), |profile, given| {
        profile.unattended = match given.text().as_str() {
            "allow" => Unattended::Allow,
            "refuse" => Unattended::Refuse,
            _ => Unattended::Warn,
        };
    }),
    row!(
        "login",
        "DESKBELL_LOGIN",
        Allowed::Choice(&["auto", "browser", "paste", "device", "command"]),
        |profile, given| {
            profile.login = match given.text().as_str() {
                "browser" => LoginChoice::Browser,
                "paste" => LoginChoice::Paste,
                "device" => LoginChoice::Device,
                "command" => LoginChoice::Command,
                _ => LoginChoice::Auto,
            };
        }
    ),
    row!("login_hint", "DESKBELL_LOGIN_HINT", Allowed::Text, |profile, given| {
        profile.login_hint = given.optional_text();
    }),
    row!("domain_hint", "DESKBELL_DOMAIN_HINT", WORD, |profile, given| profile.domain_hint = given.optional_text()),
    row!("redirect_uri", "DESKBELL_REDIRECT_URI", Allowed::Redirect, |profile, given| {
        profile.redirect_uri = given.optional_text();
    }),
    row!("redirect_port", "DESKBELL_REDIRECT_PORT", Allowed::Number { least: 0, most: u16::MAX }, |profile, given| {
        profile.redirect_port = given.number().filter(|port| *port > 0);
    }),
    row!("tiers", "DESKBELL_TIERS", TIERS, |profile, given| {
        profile.tiers = given.list().iter().filter_map(|name| Tier::from_name(name)).collect();
    }),
    row!("scopes", "DESKBELL_SCOPES", SCOPES, |profile, given| profile.scopes = given.list()),
    row!("token.command", "DESKBELL_TOKEN_COMMAND", COMMAND, |profile, given| profile.token_command = given.list()),
    row!("token_cache", "DESKBELL_TOKEN_CACHE", Allowed::Choice(&["vault", "none"]), |profile, given| {
        profile.token_cache = if given.text() == "none" { TokenCache::None } else { TokenCache::Vault };
    }),
    row!("mailboxes", "DESKBELL_MAILBOXES", MAILBOXES, |profile, given| profile.mailboxes = given.list()),
    row!("allow_write", "DESKBELL_ALLOW_WRITE", Allowed::Switch, |profile, given| {
        profile.allow_write = given.is_on();
    }),
    row!("certificate", "DESKBELL_CERTIFICATE", Allowed::Path, |profile, given| {
        profile.certificate = given.optional_text().map(PathBuf::from);
    }),
    row!("certificate_key", "DESKBELL_CERTIFICATE_KEY", Allowed::Path, |profile, given| {
        profile.certificate_key = given.optional_text().map(PathBuf::from);
    }),
    row!("certificate_form", "DESKBELL_CERTIFICATE_FORM", Allowed::Choice(&["ps256", "rs256"]), |profile, given| {
        profile.certificate_form =
            if given.text() == "rs256" { CertificateForm::Rs256 } else { CertificateForm::Ps256 };
    }),
    row!("secret_command", "DESKBELL_SECRET_COMMAND", COMMAND, |profile, given| profile.secret_command = given.list()),
    row!("secret_keyring", "DESKBELL_SECRET_KEYRING", Allowed::Switch, |profile, given| {
        profile.secret_keyring = given.is_on();
    }),
    row!("secret_env", "DESKBELL_SECRET_ENV", Allowed::Variable, |profile, given| {
        profile.secret_env = given.optional_text();
    }),
    row!("secret_expires", "DESKBELL_SECRET_EXPIRES", Allowed::Date, |profile, given| {
        profile.secret_expires = given.text().parse().ok();
    }),
    row!("server.authorize", "DESKBELL_SERVER_AUTHORIZE", Allowed::Endpoint, |profile, given| {
        profile.provider.authorize = given.text();
    }),
    row!("server.token", "DESKBELL_SERVER_TOKEN", Allowed::Endpoint, |profile, given| {
        profile.provider.token = given.text();
    }),
    row!("server.device", "DESKBELL_SERVER_DEVICE", Allowed::NoEndpoint, |profile, given| {
        profile.provider.device = given.text();
    }),
    row!("server.identity", "DESKBELL_SERVER_IDENTITY", SCOPES, |profile, given| {
        profile.provider.identity = given.list();
    }),
    row!("server.scopes", "DESKBELL_SERVER_SCOPES", SCOPES, |profile, given| profile.provider.scopes = given.list()),
    row!("server.application", "DESKBELL_SERVER_APPLICATION", Allowed::Text, |profile, given| {
        profile.provider.application = given.text();
    }),
    row!("server.tenant_claim", "DESKBELL_SERVER_TENANT_CLAIM", WORD, |profile, given| {
        profile.provider.tenant_claim = given.text();
    }),
    row!("server.person_claim", "DESKBELL_SERVER_PERSON_CLAIM", WORD, |profile, given| {
        profile.provider.person_claim = given.text();
    }),
    row!("server.personal_tenant", "DESKBELL_SERVER_PERSONAL_TENANT", WORD, |profile, given| {
        profile.provider.personal_tenant = given.text();
    }),
    row!("server.takes_claims", "DESKBELL_SERVER_TAKES_CLAIMS", Allowed::Switch, |profile, given| {
        profile.provider.takes_claims = given.is_on();
    }),
];
