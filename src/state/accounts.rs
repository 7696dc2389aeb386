//! The panel of accounts: who is signed in, who is in use, how long the token lasts, where the sign-ins are kept; and the switch to
//! another account.
//!
//! What it shows lives in the session, as the header and the sign-in screen need it, too; here is only the cursor. Must stay true:
//! the cursor stays on its account while others come and go.

use crate::domain::account::{Account, AccountKey, AccountKind, Scopes, Tier};
use crate::domain::accounts::{Accounts, KnownAccount};
use crate::domain::login::LoginCommand;
use crate::domain::notice::Notice;
use crate::domain::request::Request;
use crate::domain::time::Zone;
use crate::domain::token::{TokenFacts, TokenWay, VaultFacts};
use crate::state::command::CommandId;
use crate::state::event::Effect;
use crate::state::keys::KeyContext;
use crate::state::session::Session;
use crate::state::surface::{LIST_PAGE, Motion, Surface, Turn};
use crate::state::target::Target;
use crate::state::when;
use jiff::Timestamp;

/// Less than this between the clocks is nothing to speak of, in seconds.
const CLOCKS_AGREE: i64 = 60;

/// The panel.
#[derive(Clone, Debug, Default)]
pub struct AccountsPanel {
    chosen: Option<AccountKey>,
}

/// Asks for the accounts anew.
pub(super) fn ask(turn: &mut Turn<'_>) {
    let ticket = turn.ask(Request::Accounts);
    turn.session.accounts.wait_for(ticket);
}

impl AccountsPanel {
    /// Opens the panel and asks how things stand.
    #[must_use]
    pub fn open(turn: &mut Turn<'_>) -> Self {
        ask(turn);
        Self::default()
    }

    /// The place of the cursor: the chosen account, else the one in use.
    #[must_use]
    pub fn at(&self, accounts: &Accounts) -> usize {
        let place = |key: &AccountKey| accounts.known.iter().position(|known| known.account.key == *key);
        self.chosen.as_ref().and_then(place).or(accounts.place_in_use()).unwrap_or(0)
    }

    /// The account under the cursor.
    #[must_use]
    pub fn known<'a>(&self, session: &'a Session) -> Option<&'a KnownAccount> {
        let accounts = session.accounts.value()?;
        accounts.known.get(self.at(accounts))
    }

    /// Whether the account under the cursor is the one in use.
    #[must_use]
    pub fn is_in_use(&self, session: &Session) -> bool {
        let in_use = session.accounts.value().and_then(|accounts| accounts.in_use.as_ref());
        self.known(session).is_some_and(|known| Some(&known.account.key) == in_use)
    }

    fn choose(&mut self, at: usize, session: &Session) {
        let known = session.accounts.value().map_or(&[][..], |accounts| accounts.known.as_slice());
        self.chosen = known.get(at.min(known.len().saturating_sub(1))).map(|known| known.account.key.clone());
    }
}

/// What sort of account it is, in words.
#[must_use]
pub const fn kind_words(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Work => "work or school",
        AccountKind::Personal => "personal",
        AccountKind::Service => "service",
    }
}

/// The same pairs as lines, to be copied.
#[must_use]
pub fn as_text(panel: &AccountsPanel, session: &Session, now: Timestamp, zone: &Zone) -> String {
    let name = panel.known(session).map_or_else(String::new, |known| format!("{}\n", known.account.address));
    let facts = facts(panel, session, now, zone);
    facts.into_iter().fold(name, |text, (name, words)| format!("{text}{name}: {words}\n"))
}

/// Pairs that tell everything about the account under the cursor.
#[must_use]
pub fn facts(panel: &AccountsPanel, session: &Session, now: Timestamp, zone: &Zone) -> Vec<(&'static str, String)> {
    let (Some(accounts), Some(known)) = (session.accounts.value(), panel.known(session)) else { return Vec::new() };
    let mut facts = vec![("Account", account_words(&known.account))];
    match &accounts.service {
        Some(limits) => {
            let mailboxes = match limits.mailboxes.as_slice() {
                [] => "none; list them in the profile as mailboxes".to_owned(),
                mailboxes => mailboxes.join(", "),
            };
            facts.push(("Mailboxes", mailboxes));
            let changes = match limits.may_write {
                true => "allowed by the profile",
                false => "none: this service only reads",
            };
            facts.push(("Changes", changes.to_owned()));
        }
        None => facts.push(("May read", granted_words(&known.account.granted))),
    }
    if known.is_lost {
        facts.push(("Sign-in", "lost: the service takes it no more; sign in again".to_owned()));
    } else if let Some(issued) = known.issued {
        let at = when::wall(issued, zone).strftime("%-d %b %Y, %H:%M");
        facts.push(("Sign-in", format!("{}; last renewed {at}", way_words(known.way))));
    } else {
        facts.push(("Sign-in", way_words(known.way).to_owned()));
    }
    if let Some(token) = accounts.token.as_ref().filter(|_| panel.is_in_use(session)) {
        facts.push(("Token", token_words(token, now, zone)));
        if let Some(ahead) = token.clock_ahead.filter(|ahead| ahead.abs() >= CLOCKS_AGREE) {
            let side = if ahead > 0 { "ahead of" } else { "behind" };
            let minutes = (ahead.abs() + 30) / 60;
            facts.push(("Clock", format!("this computer is {minutes} min {side} the service; that is allowed for")));
        }
    }
    facts.push(("Kept", kept_words(&accounts.vault, known)));
    for other in &accounts.others {
        facts.push(("Elsewhere", format!("{}: {}", other.account.address, other.obstacle)));
    }
    let profile = match accounts.other_profiles.as_slice() {
        [] => accounts.profile.clone(),
        others => format!("{}; there are also {} (start with --profile NAME)", accounts.profile, others.join(", ")),
    };
    facts.push(("Profile", profile));
    facts
}

fn account_words(account: &Account) -> String {
    match account.kind {
        // A guest's name in the directory of its host.
        AccountKind::Work if account.address.contains("#EXT#") => {
            format!("guest in the tenant {}; its own mail and calendar are elsewhere", account.key.tenant)
        }
        AccountKind::Work => format!("work or school account of the tenant {}", account.key.tenant),
        AccountKind::Personal => "personal Microsoft account".to_owned(),
        AccountKind::Service => {
            format!("service of the tenant {}; nobody signs in, it proves itself", account.key.tenant)
        }
    }
}

fn granted_words(granted: &Scopes) -> String {
    let tiers: Vec<String> = Tier::granted(granted).into_iter().map(|tier| tier.title().to_lowercase()).collect();
    if tiers.is_empty() { "nothing yet; your organisation has granted nothing".to_owned() } else { tiers.join(", ") }
}

const fn way_words(way: TokenWay) -> &'static str {
    match way {
        TokenWay::Browser => "by browser",
        TokenWay::PastedRedirect => "by browser, with a pasted address",
        TokenWay::DeviceCode => "by code",
        TokenWay::Command => "none: a command prints the token (token.command)",
        TokenWay::Given => "none: the token was handed in (DESKBELL_TOKEN)",
        TokenWay::Imported => "imported from a file",
        TokenWay::ClientSecret => "none: it proves itself with a secret",
        TokenWay::ClientCertificate => "none: it proves itself with a certificate",
    }
}

fn token_words(token: &TokenFacts, now: Timestamp, zone: &Zone) -> String {
    let Some(ends) = token.ends else {
        return match token.issued {
            Some(_) => "does not say when it ends".to_owned(),
            None => "none fetched yet; it comes with the next call".to_owned(),
        };
    };
    let is_today = when::date(ends, zone) == when::date(now, zone);
    let at = when::wall(ends, zone).strftime(if is_today { "%H:%M" } else { "%H:%M on %-d %b" });
    let minutes = ends.duration_since(now).as_mins();
    let when = match minutes {
        i64::MIN..0 => {
            return format!("ended at {at}{}", if token.renews { "; the next call fetches another" } else { "" });
        }
        0 => format!("ends at {at}, in less than a minute"),
        1..120 => format!("ends at {at}, in {minutes} min"),
        _ => format!("ends at {at}, in {} h", minutes / 60),
    };
    match (token.renews, token.way) {
        (true, _) => format!("{when}; renewed by itself"),
        (false, TokenWay::Given) => format!("{when}; it cannot be renewed, hand in another by then"),
        (false, _) => {
            format!("{when}; not renewed: the service gave no refresh token, so a new sign-in is needed then")
        }
    }
}

fn kept_words(vault: &VaultFacts, known: &KnownAccount) -> String {
    let words = match known.way {
        TokenWay::Given | TokenWay::ClientSecret | TokenWay::ClientCertificate => {
            "Tokens are kept in memory only, until the program ends.".to_owned()
        }
        _ => vault.keeper.map_or_else(|| "Nothing is stored yet.".to_owned(), |keeper| keeper.protects().to_owned()),
    };
    if vault.note.is_empty() { words } else { format!("{words} {}", vault.note) }
}

impl Surface for AccountsPanel {
    fn context(&self) -> KeyContext {
        KeyContext::Accounts
    }

    fn hints(&self) -> &'static [CommandId] {
        &[
            CommandId::AccountsUse,
            CommandId::AccountsAdd,
            CommandId::AccountsAgain,
            CommandId::AccountsOut,
            CommandId::AccountsCopy,
            CommandId::Close,
        ]
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        let Some(accounts) = turn.session.accounts.value() else { return false };
        let at = self.at(accounts);
        let Some(to) = motion.along(at, accounts.known.len(), LIST_PAGE) else { return false };
        self.choose(to, turn.session);
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        let Some(known) = self.known(turn.session) else { return true };
        if self.is_in_use(turn.session) {
            turn.tell("This account is in use.");
        } else {
            let key = known.account.key.clone();
            turn.effects.push(Effect::Login(LoginCommand::Switch(key)));
        }
        true
    }

    /// News come after renewals and sign-ins.
    fn notice(&mut self, _notice: &Notice, is_shown: bool, turn: &mut Turn<'_>) {
        if is_shown && !turn.session.accounts.is_waiting() {
            ask(turn);
        }
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.choose(*at, turn.session);
            if is_double {
                self.open(turn);
            }
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        self.motion(if steps > 0 { Motion::Next } else { Motion::Previous }, turn);
    }
}
