//! Commands of the sign-in screen.

use crate::domain::login::{LoginCommand, LoginMethod, LoginStep};
use crate::state::command::{Act, Availability, Command, CommandId, Group, always};
use crate::state::event::Effect;
use crate::state::keys::KeyContext;
use crate::state::store::Store;

const fn row(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    availability: fn(&Store) -> Availability,
    act: fn(&mut Act<'_>),
) -> Command {
    Command { id, name, title, word, help, group: Group::Act, context: KeyContext::SignIn, availability, act }
}

/// The rows.
pub(super) const ROWS: &[Command] = &[
    row(
        CommandId::SignInBegin,
        "sign_in_begin",
        "Go on",
        "go on",
        "Begin with the chosen way in, or take what was typed",
        |store| match &store.session.login {
            Some(LoginStep::Exchanging(_) | LoginStep::Working(_)) => {
                Availability::Unavailable("An answer is on its way.".to_owned())
            }
            _ if store.sign_in.would_begin_again(&store.session) => {
                Availability::Unavailable("It is waited for; nothing has to be pressed here.".to_owned())
            }
            _ => Availability::Available,
        },
        |act| act.store.open(act.context, act.effects),
    ),
    row(
        CommandId::SignInBrowser,
        "sign_in_browser",
        "Sign in with the browser",
        "browser",
        "Sign in with the browser of this computer",
        |store| can_begin(store, LoginMethod::Browser),
        |act| act.store.begin_sign_in(LoginMethod::Browser, act.context, act.effects),
    ),
    row(
        CommandId::SignInPaste,
        "sign_in_paste",
        "Sign in with a browser on another computer",
        "paste address",
        "Sign in with a browser anywhere and paste the address it ends at",
        |store| can_begin(store, LoginMethod::Paste),
        |act| act.store.begin_sign_in(LoginMethod::Paste, act.context, act.effects),
    ),
    row(
        CommandId::SignInCode,
        "sign_in_code",
        "Sign in with a code on another device",
        "code",
        "Sign in by typing a code on any device; also gets a new code",
        |store| can_begin(store, LoginMethod::DeviceCode),
        |act| act.store.begin_sign_in(LoginMethod::DeviceCode, act.context, act.effects),
    ),
    row(
        CommandId::SignInToken,
        "sign_in_token",
        "Take the token of your command",
        "token",
        "Sign in with the token that your command prints",
        |store| can_begin(store, LoginMethod::Command),
        |act| act.store.begin_sign_in(LoginMethod::Command, act.context, act.effects),
    ),
    row(
        CommandId::SignInRegistration,
        "sign_in_registration",
        "Use another registration",
        "registration",
        "Type the client id and the tenant of your organisation's registration",
        |store| match store.sign_in.takes_registration() || store.signs_in_over_view() {
            true => Availability::Hidden,
            false => Availability::Available,
        },
        |act| act.store.sign_in.take_registration(),
    ),
    row(
        CommandId::SignInCopy,
        "sign_in_copy",
        "Copy the code or the address",
        "copy",
        "Copy the code, or the address where there is no code",
        has_address,
        |act| {
            let text = match &act.store.session.login {
                Some(LoginStep::DeviceCode { code, .. }) => code.clone(),
                Some(LoginStep::Browser { address, .. } | LoginStep::Paste { address, .. }) => address.clone(),
                _ => return,
            };
            act.effects.push(Effect::Copy(text));
        },
    ),
    row(
        CommandId::SignInOpen,
        "sign_in_open",
        "Open the sign-in page here",
        "open page",
        "Open the page in the browser of this computer",
        has_address,
        |act| {
            if let Some(address) = address(act.store) {
                act.effects.push(Effect::OpenLink(address.to_owned()));
            }
        },
    ),
    row(
        CommandId::SignInAddress,
        "sign_in_address",
        "Show the whole address",
        "whole address",
        "Show all of the address, for a terminal that cannot copy",
        |store| match store.session.login {
            Some(LoginStep::Browser { .. } | LoginStep::Paste { .. }) => Availability::Available,
            _ => Availability::Hidden,
        },
        |act| act.store.show_address(),
    ),
    row(
        CommandId::SignInPermissions,
        "sign_in_permissions",
        "Explain what is asked for",
        "permissions",
        "Explain each permission that is asked for: what it is for and what it exposes",
        always,
        |act| act.store.explain_permissions(),
    ),
    row(
        CommandId::SignInAdministrator,
        "sign_in_administrator",
        "Write to your administrator",
        "ask administrator",
        "Show the finished request to an administrator, to copy into a mail",
        |store| match store.session.login {
            Some(LoginStep::NeedsRegistration) => Availability::Hidden,
            _ => Availability::Available,
        },
        |act| {
            let tiers = act.store.sign_in.tiers(None);
            act.store.ask_consent(tiers, act.context, act.effects);
        },
    ),
    row(
        CommandId::SignInApprove,
        "sign_in_approve",
        "Approve as the simulated person",
        "approve",
        "Demo: let the simulated person approve what is waiting",
        |store| match store.session.is_demo {
            true => has_address(store),
            false => Availability::Hidden,
        },
        |act| {
            act.effects.push(Effect::Login(LoginCommand::ApproveDemo));
            act.tell("The simulated person approves.");
        },
    ),
];

/// The page that is waited for.
fn address(store: &Store) -> Option<&str> {
    match &store.session.login {
        Some(
            LoginStep::DeviceCode { address, .. }
            | LoginStep::Browser { address, .. }
            | LoginStep::Paste { address, .. },
        ) => Some(address),
        _ => None,
    }
}

fn can_begin(store: &Store, method: LoginMethod) -> Availability {
    let is_offered = store.session.ways.offered.iter().any(|way| way.method == method);
    match store.session.login {
        Some(LoginStep::NeedsRegistration) => {
            Availability::Unavailable("A registration is needed first: type its client id.".to_owned())
        }
        Some(LoginStep::Exchanging(_)) => Availability::Unavailable("The sign-in is being fetched.".to_owned()),
        _ if is_offered => Availability::Available,
        _ => Availability::Hidden,
    }
}

fn has_address(store: &Store) -> Availability {
    match address(store) {
        Some(_) => Availability::Available,
        None => Availability::Unavailable("There is nothing to approve yet: choose a way to sign in.".to_owned()),
    }
}
