//! The sign-in screen: ways in, what is waited for, and the page that explains registrations.
//!
//! Where the sign-in stands is the engine's word and lives in the session; here are only the fields and the cursor.

use crate::domain::login::{LoginCommand, LoginMethod, LoginStep, Registration};
use crate::domain::notice::Notice;
use crate::state::command::CommandId;
use crate::state::event::{Effect, Wake};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::surface::{Motion, Pane, Surface, Turn};
use crate::state::target::Target;
use jiff::SignedDuration;

/// The two ways in, in the order of the screen.
pub const METHODS: [LoginMethod; 2] = [LoginMethod::Browser, LoginMethod::DeviceCode];

/// The sign-in screen.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// It stands on the screen although the cache can be read.
    pub is_open: bool,
    /// A sign-in was lost, and the next quiet moment shows the screen.
    pub is_wanted: bool,
    /// The person went on reading instead; it is not shown again unasked.
    pub was_put_off: bool,
    client_id: LineEdit,
    tenant: LineEdit,
    is_at_tenant: bool,
    takes_registration: bool,
    at: usize,
    was_waiting: bool,
    /// Why the typed registration was not taken.
    problem: Option<&'static str>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            is_open: false,
            is_wanted: false,
            was_put_off: false,
            client_id: LineEdit::default(),
            tenant: LineEdit::with("organizations"),
            is_at_tenant: false,
            takes_registration: false,
            at: 0,
            was_waiting: false,
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
    pub const fn method(&self) -> LoginMethod {
        METHODS[if self.at < METHODS.len() { self.at } else { 0 }]
    }

    /// Whether the page that takes a registration is shown.
    #[must_use]
    pub const fn takes_registration(&self) -> bool {
        self.takes_registration
    }

    /// Why the typed registration was not taken.
    #[must_use]
    pub const fn problem(&self) -> Option<&'static str> {
        self.problem
    }

    fn register(&mut self, turn: &mut Turn<'_>) {
        let client_id = self.client_id.text().trim().to_owned();
        let tenant = self.tenant.text().trim().to_owned();
        self.problem = if client_id.is_empty() {
            Some("The client id is missing: paste the application id of the registration.")
        } else if tenant.is_empty() {
            Some("The tenant is missing: a domain, an id, or the word organizations.")
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

    /// Keeps the countdown going while one is on the screen.
    fn tick(step: Option<&LoginStep>, turn: &mut Turn<'_>) {
        if step.is_some_and(LoginStep::waits) {
            turn.wake_after(Wake::Countdown, SignedDuration::from_secs(1));
        }
    }
}

impl Surface for SignIn {
    fn context(&self) -> KeyContext {
        KeyContext::SignIn
    }

    fn hints(&self) -> &'static [CommandId] {
        if self.takes_registration {
            &[CommandId::SignInBegin, CommandId::NextPane, CommandId::Quit]
        } else {
            &[
                CommandId::SignInApprove,
                CommandId::SignInBegin,
                CommandId::SignInBrowser,
                CommandId::SignInCode,
                CommandId::SignInCopy,
                CommandId::SignInOpen,
                CommandId::Back,
            ]
        }
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

    fn notice(&mut self, notice: &Notice, is_shown: bool, turn: &mut Turn<'_>) {
        let Notice::Login(step) = notice else { return };
        self.takes_registration = match step {
            LoginStep::NeedsRegistration => true,
            // What was typed and refused can be corrected.
            LoginStep::Failed(_) => self.takes_registration,
            _ => false,
        };
        match step {
            LoginStep::SignedIn(_) => {
                self.is_open = false;
                self.is_wanted = false;
                self.was_put_off = false;
            }
            LoginStep::SignedOut { preferred, .. } => {
                self.at = METHODS.iter().position(|method| method == preferred).unwrap_or(0);
            }
            // Told again after each look: the cursor moves only when the way changes.
            LoginStep::DeviceCode { .. } | LoginStep::Browser { .. } if !self.was_waiting => {
                self.at = usize::from(matches!(step, LoginStep::DeviceCode { .. }));
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

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        match motion {
            Motion::NextPane | Motion::PreviousPane | Motion::Next | Motion::Previous if self.takes_registration => {
                self.is_at_tenant = !self.is_at_tenant;
            }
            Motion::Next | Motion::Right | Motion::NextPane => self.at = (self.at + 1).min(METHODS.len() - 1),
            Motion::Previous | Motion::Left | Motion::PreviousPane => self.at = self.at.saturating_sub(1),
            _ => return false,
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.takes_registration {
            if !self.is_at_tenant && self.tenant.is_empty() {
                self.is_at_tenant = true;
            } else {
                self.register(turn);
            }
            return true;
        }
        let method = self.method();
        let open_browser = method == LoginMethod::Browser;
        turn.effects.push(Effect::Login(LoginCommand::Begin { method, open_browser }));
        true
    }

    fn close(&mut self, turn: &mut Turn<'_>) -> bool {
        let is_waiting = matches!(
            turn.session.login,
            Some(
                LoginStep::DeviceCode { .. }
                    | LoginStep::Browser { .. }
                    | LoginStep::Paste { .. }
                    | LoginStep::Working(_)
                    | LoginStep::Exchanging(_)
            )
        );
        if is_waiting {
            turn.effects.push(Effect::Login(LoginCommand::Cancel));
            return true;
        }
        if self.is_open && turn.session.me.is_some() {
            self.was_put_off = true;
            turn.tell("You go on reading what is kept here.");
        }
        std::mem::take(&mut self.is_open)
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            if self.takes_registration {
                self.is_at_tenant = *at == 1;
            } else {
                self.at = (*at).min(METHODS.len() - 1);
                self.open(turn);
            }
        }
    }
}
