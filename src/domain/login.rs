//! The steps of a sign-in, as the person sees them, and what they can ask for meanwhile.
//!
//! Must stay true: a pasted address is a secret from the field it was typed into; every step that waits carries its end, so that
//! whoever shows it can count down. Deliberately absent: how a step is reached. That is the engine's.

use crate::base::report::Report;
use crate::base::secret::Secret;
use crate::domain::account::{Account, AccountKey, Tier};
use jiff::Timestamp;

/// A way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LoginMethod {
    /// Browser on this computer with a loopback redirect and PKCE. A pasted address is taken as well.
    Browser,
    /// Browser on another computer; the address it ends at is pasted here.
    Paste,
    /// A code typed on another device.
    DeviceCode,
    /// A token printed by a command of the person's.
    Command,
}

/// What the registration is; typed by the person or taken from the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Application (client) id.
    pub client_id: String,
    /// `common`, `organizations`, `consumers`, a GUID or a domain.
    pub tenant: String,
}

/// What the sign-in page shall do with somebody who is signed in there already [v2-oauth2-auth-code-flow].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prompt {
    /// Show no page at all; fail where one is needed.
    None,
    /// Ask for the password again.
    Login,
    /// Let them choose among accounts.
    SelectAccount,
    /// Show the consent page again. Never sent unless asked for: it is how people end up in a consent loop.
    Consent,
}

impl Prompt {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Login, Self::SelectAccount, Self::Consent];

    /// The word of the protocol, which is the word of the option.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::SelectAccount => "select_account",
            Self::Consent => "consent",
        }
    }

    /// The prompt of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|prompt| prompt.word() == word)
    }
}

/// How a sign-in is done; from the profile, changed by the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginOptions {
    /// The port the browser comes back to; none: any free one.
    pub port: Option<u16>,
    /// The redirect address as it is registered, where it is not this computer's.
    pub redirect_uri: Option<String>,
    /// The address the page is filled with.
    pub login_hint: Option<String>,
    /// The domain whose own sign-in page is shown at once.
    pub domain_hint: Option<String>,
    /// What the page shall do.
    pub prompt: Option<Prompt>,
    /// Exactly these scopes; none: those of the tiers.
    pub scopes: Vec<String>,
    /// Scopes that are asked for beside those of the tiers.
    pub further_scopes: Vec<String>,
    /// Try to open the browser on this computer.
    pub open_browser: bool,
    /// A challenge of the service to answer, as it came.
    pub claims: Option<String>,
}

impl Default for LoginOptions {
    fn default() -> Self {
        Self {
            port: None,
            redirect_uri: None,
            login_hint: None,
            domain_hint: None,
            prompt: None,
            scopes: Vec::new(),
            further_scopes: Vec::new(),
            open_browser: true,
            claims: None,
        }
    }
}

/// Reads scopes as people write them: separated by spaces, commas or line ends. Each is named once, in the order of the text.
#[must_use]
pub fn scopes_of(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split(|character: char| character.is_whitespace() || character == ',') {
        if !scope.is_empty() && !scopes.iter().any(|known| known.eq_ignore_ascii_case(scope)) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

/// What the person asks of the sign-in. Where a `method` may be missing, the best way in here is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginCommand {
    /// Begin, or switch to, this way in. `open_browser`: try to open the browser on this computer.
    Begin {
        /// The way in.
        method: LoginMethod,
        /// Try to open the browser.
        open_browser: bool,
    },
    /// The address a browser ended at, for the sign-in that waits by browser or paste.
    Paste(Secret<String>),
    /// Ask for further tiers for the account in use; what it holds already is kept.
    Ask {
        /// The tiers.
        tiers: Vec<Tier>,
        /// The way in.
        method: Option<LoginMethod>,
    },
    /// Sign in the account in use again, in place. `claims`: a challenge to answer.
    Again {
        /// The challenge, as it came.
        claims: Option<String>,
        /// The way in.
        method: Option<LoginMethod>,
    },
    /// Sign in another account beside those that are there.
    Add {
        /// The way in.
        method: Option<LoginMethod>,
    },
    /// Use this account, which is signed in already.
    Switch(AccountKey),
    /// Remember this registration (written to the profile) and begin with the best way in.
    Register(Registration),
    /// The sign-in in use was lost: learn from why, and say anew which way in is best.
    Lost,
    /// Stop waiting. Not obeyed while a sign-in is being fetched: that ends within moments.
    Cancel,
    /// Demo only: the simulated person approves what is waiting.
    ApproveDemo,
}

/// Where the sign-in stands.
#[derive(Clone, Debug, PartialEq)]
pub enum LoginStep {
    /// No client id is configured: explain registrations and take one.
    NeedsRegistration,
    /// Nobody is signed in; `preferred` is the best way in here and `reason` says why.
    SignedOut {
        /// The best way in here.
        preferred: LoginMethod,
        /// Why, as a sentence; may be empty.
        reason: String,
    },
    /// A request is on its way; one short sentence says which.
    Working(String),
    /// The browser shall visit `address`; we wait for it to come back, or for the address it ended at.
    Browser {
        /// Where to go.
        address: String,
        /// The browser was started here.
        opened: bool,
        /// Where the browser comes back to.
        redirect_uri: String,
        /// We stop waiting then.
        expires: Timestamp,
        /// What was wrong with what came last, by paste or by browser; it ended nothing.
        problem: Option<String>,
    },
    /// A browser anywhere shall visit `address`; we wait for the address it ends at.
    Paste {
        /// Where to go.
        address: String,
        /// How the address to paste begins.
        redirect_uri: String,
        /// We stop waiting then.
        expires: Timestamp,
        /// What was wrong with the last paste; it ended nothing.
        problem: Option<String>,
    },
    /// The person shall type `code` at `address`. Told again after each look, with the time of the next.
    DeviceCode {
        /// The code.
        code: String,
        /// Where to type it.
        address: String,
        /// The code ends then.
        expires: Timestamp,
        /// We look then whether it was typed.
        next_check: Timestamp,
        /// The service or the line asked for rarer looks.
        is_slowed: bool,
    },
    /// The service has answered and the sign-in is being fetched; a sentence says so. Nothing may be called off now.
    Exchanging(String),
    /// Signed in.
    SignedIn(Account),
    /// It failed; the report says why and what to do. Another way in can be begun.
    Failed(Report),
}

impl LoginStep {
    /// Whether a person is waited for.
    #[must_use]
    pub const fn waits(&self) -> bool {
        matches!(self, Self::Browser { .. } | Self::Paste { .. } | Self::DeviceCode { .. })
    }

    /// Whether an address may be pasted now.
    #[must_use]
    pub const fn takes_paste(&self) -> bool {
        matches!(self, Self::Browser { .. } | Self::Paste { .. })
    }
}

/// A way in as it can be offered here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The way in.
    pub method: LoginMethod,
    /// Why it will hardly work here, as a sentence; empty where it should.
    pub obstacle: String,
}

/// The ways in that exist here, and which is best.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Those that exist, in the order of the ladder.
    pub offered: Vec<Way>,
    /// The best one here.
    pub preferred: LoginMethod,
    /// Why, as a sentence; may be empty.
    pub reason: String,
}

impl Default for Ways {
    fn default() -> Self {
        let way = |method| Way { method, obstacle: String::new() };
        Self {
            offered: [LoginMethod::Browser, LoginMethod::Paste, LoginMethod::DeviceCode].map(way).to_vec(),
            preferred: LoginMethod::Browser,
            reason: String::new(),
        }
    }
}
