//! Commands of the sign-in screen.

use crate::domain::login::{LoginCommand, LoginMethod, LoginStep};
use crate::state::command::{Availability, Command, CommandId, Group, always};
use crate::state::event::Effect;
use crate::state::keys::KeyContext;
use crate::state::store::Store;

/// The rows.
pub(super) const ROWS: &[Command] = &[
    Command {
        id: CommandId::SignInBegin,
        name: "sign_in_begin",
        title: "Go on",
        word: "go on",
        help: "Begin with the chosen way in, or take what was typed",
        group: Group::Act,
        context: KeyContext::SignIn,
        availability: always,
        act: |act| act.store.open(act.context, act.effects),
    },
    Command {
        id: CommandId::SignInBrowser,
        name: "sign_in_browser",
        title: "Sign in with the browser",
        word: "browser",
        help: "Sign in with the browser of this computer",
        group: Group::Act,
        context: KeyContext::SignIn,
        availability: can_begin,
        act: |act| {
            let begin = LoginCommand::Begin { method: LoginMethod::Browser, open_browser: true };
            act.effects.push(Effect::Login(begin));
        },
    },
    Command {
        id: CommandId::SignInCode,
        name: "sign_in_code",
        title: "Sign in with a code on another device",
        word: "code",
        help: "Sign in by typing a code on any device; also gets a new code",
        group: Group::Act,
        context: KeyContext::SignIn,
        availability: can_begin,
        act: |act| {
            let begin = LoginCommand::Begin { method: LoginMethod::DeviceCode, open_browser: false };
            act.effects.push(Effect::Login(begin));
        },
    },
    Command {
        id: CommandId::SignInCopy,
        name: "sign_in_copy",
        title: "Copy the code or the address",
        word: "copy",
        help: "Copy the code, or the address where there is no code",
        group: Group::Act,
        context: KeyContext::SignIn,
        availability: has_address,
        act: |act| {
            let text = match &act.store.session.login {
                Some(LoginStep::DeviceCode { code, .. }) => code.clone(),
                Some(LoginStep::Browser { address, .. } | LoginStep::Paste { address, .. }) => address.clone(),
                _ => return,
            };
            act.effects.push(Effect::Copy(text));
        },
    },
    Command {
        id: CommandId::SignInOpen,
        name: "sign_in_open",
        title: "Open the sign-in page here",
        word: "open page",
        help: "Open the page in the browser of this computer",
        group: Group::Act,
        context: KeyContext::SignIn,
        availability: has_address,
        act: |act| {
            if let Some(LoginStep::DeviceCode { address, .. } | LoginStep::Browser { address, .. }) =
                &act.store.session.login
            {
                act.effects.push(Effect::OpenLink(address.clone()));
            }
        },
    },
    Command {
        id: CommandId::SignInApprove,
        name: "sign_in_approve",
        title: "Approve as the simulated person",
        word: "approve",
        help: "Demo: let the simulated person approve what is waiting",
        group: Group::Act,
        context: KeyContext::SignIn,
        availability: |store| match store.session.is_demo {
            true => has_address(store),
            false => Availability::Hidden,
        },
        act: |act| act.effects.push(Effect::Login(LoginCommand::ApproveDemo)),
    },
];

fn can_begin(store: &Store) -> Availability {
    match store.session.login {
        Some(LoginStep::NeedsRegistration) => {
            Availability::Unavailable("A registration is needed first: type its client id.".to_owned())
        }
        _ => Availability::Available,
    }
}

fn has_address(store: &Store) -> Availability {
    match store.session.login {
        Some(LoginStep::DeviceCode { .. } | LoginStep::Browser { .. } | LoginStep::Paste { .. }) => {
            Availability::Available
        }
        _ => Availability::Unavailable("There is nothing to approve yet: choose a way to sign in.".to_owned()),
    }
}
