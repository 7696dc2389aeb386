//! The sign-in screen: the ladder of ways in, what is waited for, and the page that takes a registration.
//!
//! Where the sign-in stands is the engine's word and lives in the session; here are only the cursor, the fields and what the sign-in is
//! for. Must stay true: a pasted address is a secret from its first letter and is never drawn; while nothing is pasted, letters are
//! keys, so that another way in is one key away.

use crate::base::secret::Secret;
use crate::domain::account::{Scopes, Tier};
use crate::domain::input::{Key, KeyCode};
use crate::domain::login::{LoginCommand, LoginMethod, LoginStep, Registration, Way, Ways};
use crate::domain::notice::Notice;
use crate::state::command::CommandId;
use crate::state::event::{Effect, Wake};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::session::Session;
use crate::state::surface::{Motion, Pane, Surface, Turn};
use crate::state::target::Target;
use jiff::SignedDuration;

/// More than any address; what comes after it is left out.
const LONGEST_PASTE: usize = 64 * 1024;
/// An address that is typed, or pasted by a terminal that does not say so, begins with one of these. Every other letter is a key.
const BEGINNINGS: &str = "hH<\"";

/// The tenant where none is typed: whichever organisation the person belongs to.
const ANY_ORGANISATION: &str = "organizations";

/// What the sign-in is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody, the first one.
    #[default]
    Anyone,
    /// The account in use, again.
    Again,
    /// Another account beside those that are there.
    Another,
    /// Further tiers for the account in use.
    Widen(Vec<Tier>),
}

impl Purpose {
    /// What asks for it; without a method the best way in is taken.
    #[must_use]
    pub fn command(&self, method: Option<LoginMethod>, ways: &Ways) -> LoginCommand {
        match self {
            Self::Anyone => {
                let method = method.unwrap_or(ways.preferred);
                LoginCommand::Begin { method, open_browser: method == LoginMethod::Browser }
            }
            Self::Again => LoginCommand::Again { claims: None, method },
            Self::Another => LoginCommand::Add { method },
            Self::Widen(tiers) => LoginCommand::Ask { tiers: tiers.clone(), method },
        }
    }
}

/// The sign-in screen.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// It stands on the screen although the cache can be read.
    pub is_open: bool,
    /// A sign-in was lost, and the next quiet moment shows the screen.
    pub is_wanted: bool,
    /// The person went on reading instead; it is not shown again unasked.
    pub was_put_off: bool,
    /// What it is for.
    pub purpose: Purpose,
    client_id: LineEdit,
    tenant: LineEdit,
    is_at_tenant: bool,
    takes_registration: bool,
    /// There is no registration, so nothing but the page that takes one.
    has_no_registration: bool,
    /// The way in under the cursor; none: the best one here.
    chosen: Option<LoginMethod>,
    /// The step before the newest waited for a person.
    was_waiting: bool,
    /// The pasted address, until it is handed over.
    pasted: Secret<String>,
    /// Why the typed registration was not taken.
    problem: Option<&'static str>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            is_open: false,
            is_wanted: false,
            was_put_off: false,
            purpose: Purpose::default(),
            client_id: LineEdit::default(),
            tenant: LineEdit::default(),
            is_at_tenant: false,
            takes_registration: false,
            has_no_registration: false,
            chosen: None,
            was_waiting: false,
            pasted: Secret::new(String::new()),
            problem: None,
        }
    }
}

impl SignIn {
    /// The fields of the registration page: client id, tenant, and whether the cursor is in the second.
    #[must_use]
    pub const fn fields(&self) -> (&LineEdit, &LineEdit, bool) {
        (&self.client_id, &self.tenant, self.is_at_tenant)
    }

    /// The way in under the cursor.
    #[must_use]
    pub fn method(&self, ways: &Ways) -> LoginMethod {
        let is_offered = |method: &LoginMethod| ways.offered.iter().any(|way| way.method == *method);
        self.chosen.filter(is_offered).unwrap_or(ways.preferred)
    }

    /// Whether the page that takes a registration is shown.
    #[must_use]
    pub const fn takes_registration(&self) -> bool {
        self.takes_registration
    }

    /// Shows the page that takes a registration.
    pub const fn take_registration(&mut self) {
        self.takes_registration = true;
    }

    /// Why the typed registration was not taken.
    #[must_use]
    pub const fn problem(&self) -> Option<&'static str> {
        self.problem
    }

    /// How much of an address stands in the field, in characters.
    #[must_use]
    pub fn held(&self) -> usize {
        self.pasted.expose().chars().count()
    }

    /// Stands over a view from now on, for `purpose`.
    pub fn open_for(&mut self, purpose: Purpose) {
        self.is_open = true;
        self.is_wanted = false;
        self.purpose = purpose;
        self.chosen = None;
        self.takes_registration = false;
    }

    /// Whether Enter would begin again what is waited for already. The code on the screen would be worth nothing then.
    #[must_use]
    pub fn would_begin_again(&self, session: &Session) -> bool {
        let waits_by = match &session.login {
            Some(LoginStep::Browser { .. }) => LoginMethod::Browser,
            Some(LoginStep::Paste { .. }) => LoginMethod::Paste,
            Some(LoginStep::DeviceCode { .. }) => LoginMethod::DeviceCode,
            _ => return false,
        };
        !self.takes_registration && self.held() == 0 && self.method(&session.ways) == waits_by
    }

    /// Begins, or goes another way.
    pub fn begin(&mut self, method: LoginMethod, turn: &mut Turn<'_>) {
        self.chosen = Some(method);
        self.takes_registration = false;
        let command = self.purpose.command(Some(method), &turn.session.ways);
        turn.effects.push(Effect::Login(command));
    }

    fn register(&mut self, turn: &mut Turn<'_>) {
        let client_id = self.client_id.text().trim().to_owned();
        let tenant = match self.tenant.text().trim() {
            "" => ANY_ORGANISATION.to_owned(),
            tenant => tenant.to_owned(),
        };
        self.problem = if client_id.is_empty() {
            Some("The client id is missing: paste the application id of the registration.")
        } else if client_id.contains(char::is_whitespace) || tenant.contains(char::is_whitespace) {
            Some("Neither may hold a space.")
        } else {
            None
        };
        if self.problem.is_none() {
            let registration = Registration { client_id, tenant };
            turn.effects.push(Effect::Login(LoginCommand::Register(registration)));
        }
    }

    /// Hands the pasted address over.
    fn hand_over(&mut self, turn: &mut Turn<'_>) {
        let pasted = std::mem::replace(&mut self.pasted, Secret::new(String::new()));
        turn.effects.push(Effect::Login(LoginCommand::Paste(pasted)));
    }

    fn take(&mut self, text: &str) {
        let mut held = self.pasted.expose().clone();
        let room = LONGEST_PASTE.saturating_sub(held.len());
        held.extend(text.chars().scan(0, |taken, letter| {
            *taken += letter.len_utf8();
            (*taken <= room).then_some(letter)
        }));
        self.pasted = Secret::new(held);
    }

    /// Keeps the countdown going while one is on the screen.
    fn tick(step: Option<&LoginStep>, turn: &mut Turn<'_>) {
        if step.is_some_and(LoginStep::waits) {
            turn.wake_after(Wake::Countdown, SignedDuration::from_secs(1));
        }
    }

    fn move_by(&mut self, by: isize, ways: &Ways) {
        let at = ways.offered.iter().position(|way| way.method == self.method(ways)).unwrap_or(0);
        let to = at.saturating_add_signed(by).min(ways.offered.len().saturating_sub(1));
        self.chosen = ways.offered.get(to).map(|way| way.method);
    }

    /// What the tiers asked for need, for whoever wants to know before they agree.
    #[must_use]
    pub fn tiers(&self, granted: Option<&Scopes>) -> Vec<Tier> {
        let mut tiers = match granted {
            Some(granted) if self.purpose != Purpose::Another => Tier::granted(granted),
            _ => Vec::new(),
        };
        tiers.extend(match &self.purpose {
            Purpose::Widen(more) => more.clone(),
            _ => Tier::FIRST.to_vec(),
        });
        tiers.sort_unstable();
        tiers.dedup();
        tiers
    }
}

impl Surface for SignIn {
    fn context(&self) -> KeyContext {
        KeyContext::SignIn
    }

    fn hints(&self) -> &'static [CommandId] {
        if self.takes_registration && self.has_no_registration {
            &[CommandId::SignInBegin, CommandId::NextPane, CommandId::Quit]
        } else if self.takes_registration {
            &[CommandId::SignInBegin, CommandId::NextPane, CommandId::Close, CommandId::Quit]
        } else if self.held() > 0 {
            &[CommandId::SignInBegin, CommandId::Close]
        } else if self.was_waiting {
            // The ways in have their letters beside them; what is waited for comes first.
            &[
                CommandId::SignInApprove,
                CommandId::SignInBegin,
                CommandId::SignInCopy,
                CommandId::Close,
                CommandId::SignInOpen,
                CommandId::SignInAddress,
                CommandId::SignInCode,
                CommandId::SignInBrowser,
                CommandId::SignInPaste,
                CommandId::SignInPermissions,
                CommandId::SignInAdministrator,
                CommandId::SignInRegistration,
                CommandId::Doctor,
            ]
        } else if self.is_open {
            &[
                CommandId::SignInBegin,
                CommandId::Close,
                CommandId::ShowProblem,
                CommandId::SignInBrowser,
                CommandId::SignInPaste,
                CommandId::SignInCode,
                CommandId::SignInToken,
                CommandId::SignInPermissions,
                CommandId::SignInAdministrator,
                CommandId::Doctor,
            ]
        } else {
            &[
                CommandId::SignInBegin,
                CommandId::ShowProblem,
                CommandId::Back,
                CommandId::SignInBrowser,
                CommandId::SignInPaste,
                CommandId::SignInCode,
                CommandId::SignInToken,
                CommandId::SignInPermissions,
                CommandId::SignInAdministrator,
                CommandId::SignInRegistration,
                CommandId::Doctor,
            ]
        }
    }

    fn word(&self, command: CommandId, session: &Session) -> Option<&'static str> {
        let waits_by_code = matches!(session.login, Some(LoginStep::DeviceCode { .. }));
        Some(match command {
            CommandId::NextPane => "next field",
            CommandId::SignInCopy => {
                if waits_by_code {
                    "copy code"
                } else {
                    "copy address"
                }
            }
            CommandId::SignInCode if waits_by_code => "new code",
            CommandId::Close if self.takes_registration => "back",
            CommandId::Close if self.held() > 0 => "throw away",
            CommandId::Close if self.was_waiting => "stop waiting",
            CommandId::Close => "go on reading",
            CommandId::Back if !self.was_waiting && !self.is_open => "quit",
            _ => return None,
        })
    }

    fn pane(&self) -> Pane {
        if self.takes_registration { Pane::Field } else { Pane::Main }
    }

    fn field(&self) -> Option<&LineEdit> {
        self.takes_registration.then_some(if self.is_at_tenant { &self.tenant } else { &self.client_id })
    }

    fn field_mut(&mut self) -> Option<&mut LineEdit> {
        self.takes_registration.then_some(if self.is_at_tenant { &mut self.tenant } else { &mut self.client_id })
    }

    fn edited(&mut self, _turn: &mut Turn<'_>) {
        self.problem = None;
    }

    /// An address that comes letter by letter: from the keyboard, or pasted in a terminal that does not mark it.
    fn typed(&mut self, key: Key, turn: &mut Turn<'_>) -> bool {
        let takes = turn.session.login.as_ref().is_some_and(LoginStep::takes_paste);
        if self.takes_registration || !takes || key.alt {
            return false;
        }
        match (key.code, key.ctrl) {
            (KeyCode::Char(letter), false) if self.held() > 0 || BEGINNINGS.contains(letter) => {
                self.take(letter.encode_utf8(&mut [0; 4]));
            }
            (KeyCode::Backspace, false) if self.held() > 0 => {
                let mut held = self.pasted.expose().clone();
                held.pop();
                self.pasted = Secret::new(held);
            }
            (KeyCode::Char('u'), true) if self.held() > 0 => self.pasted = Secret::new(String::new()),
            _ => return false,
        }
        true
    }

    /// A pasted address is handed over at once, whatever line breaks it has.
    fn pasted(&mut self, text: &str, turn: &mut Turn<'_>) -> bool {
        if self.takes_registration || !turn.session.login.as_ref().is_some_and(LoginStep::takes_paste) {
            return false;
        }
        self.pasted = Secret::new(String::new());
        self.take(text);
        self.hand_over(turn);
        true
    }

    fn notice(&mut self, notice: &Notice, is_shown: bool, turn: &mut Turn<'_>) {
        let Notice::Login(step) = notice else { return };
        self.has_no_registration = match step {
            LoginStep::NeedsRegistration => true,
            LoginStep::Failed(_) => self.has_no_registration,
            _ => false,
        };
        self.takes_registration = match step {
            LoginStep::NeedsRegistration => true,
            // What was typed and refused can be corrected.
            LoginStep::Failed(_) => self.takes_registration,
            _ => false,
        };
        if !step.takes_paste() {
            self.pasted = Secret::new(String::new());
        }
        match step {
            LoginStep::SignedIn(_) => {
                self.is_open = false;
                self.is_wanted = false;
                self.was_put_off = false;
                self.purpose = Purpose::Anyone;
                self.chosen = None;
            }
            // Told again after each look: the cursor moves only when the way changes.
            LoginStep::DeviceCode { .. } if !self.was_waiting => self.chosen = Some(LoginMethod::DeviceCode),
            LoginStep::Browser { .. } if !self.was_waiting => self.chosen = Some(LoginMethod::Browser),
            LoginStep::Paste { .. } if !self.was_waiting => self.chosen = Some(LoginMethod::Paste),
            // What will hardly work again gives way to the best one here.
            LoginStep::Failed(_) => {
                let ways = &turn.session.ways;
                let is_blocked = |way: &&Way| Some(way.method) == self.chosen && !way.obstacle.is_empty();
                if ways.offered.iter().any(|way| is_blocked(&way)) {
                    self.chosen = None;
                }
            }
            _ => {}
        }
        self.was_waiting = step.waits();
        if is_shown {
            Self::tick(Some(step), turn);
        }
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        if wake == Wake::Countdown {
            let step = turn.session.login.clone();
            Self::tick(step.as_ref(), turn);
        }
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        match motion {
            Motion::NextPane | Motion::PreviousPane | Motion::Next | Motion::Previous if self.takes_registration => {
                self.is_at_tenant = !self.is_at_tenant;
            }
            Motion::Next | Motion::Right | Motion::NextPane => self.move_by(1, &turn.session.ways),
            Motion::Previous | Motion::Left | Motion::PreviousPane => self.move_by(-1, &turn.session.ways),
            _ => return false,
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.takes_registration {
            self.register(turn);
        } else if self.held() > 0 {
            self.hand_over(turn);
        } else if self.would_begin_again(turn.session) {
            turn.tell("It is waited for; nothing has to be pressed here.");
        } else {
            self.begin(self.method(&turn.session.ways), turn);
        }
        true
    }

    fn close(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.held() > 0 {
            self.pasted = Secret::new(String::new());
            return true;
        }
        if self.takes_registration && !self.has_no_registration {
            self.takes_registration = false;
            return true;
        }
        match &turn.session.login {
            Some(LoginStep::Exchanging(_)) => {
                turn.tell("The sign-in is being fetched; that takes a moment and cannot be called off.");
                return true;
            }
            Some(step) if step.waits() || matches!(step, LoginStep::Working(_)) => {
                turn.effects.push(Effect::Login(LoginCommand::Cancel));
                return true;
            }
            _ => {}
        }
        if self.is_open && turn.session.me.is_some() {
            self.was_put_off = true;
            // What was asked for on top is given up; what was there before holds.
            if matches!(self.purpose, Purpose::Widen(_) | Purpose::Another) {
                turn.effects.push(Effect::Login(LoginCommand::Cancel));
            }
            self.purpose = Purpose::Anyone;
            turn.tell("You go on reading what is kept here.");
        }
        std::mem::take(&mut self.is_open)
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        let Target::Entry(at) = target else { return };
        if self.takes_registration {
            self.is_at_tenant = *at == 1;
        } else if let Some(way) = turn.session.ways.offered.get(*at) {
            let method = way.method;
            self.begin(method, turn);
        }
    }
}
