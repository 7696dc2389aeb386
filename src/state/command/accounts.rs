//! Commands of the panel of accounts, and of a question.

use crate::domain::accounts::Accounts;
use crate::state::accounts::AccountsPanel;
use crate::state::command::{Act, Availability, Command, CommandId, Group, always};
use crate::state::keys::KeyContext;
use crate::state::layer::Layer;
use crate::state::sign_in::Purpose;
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
    Command { id, name, title, word, help, group: Group::Act, context: KeyContext::Accounts, availability, act }
}

/// The rows.
pub(super) const ROWS: &[Command] = &[
    row(
        CommandId::AccountsUse,
        "accounts_use",
        "Use this account",
        "use it",
        "Work for the account under the cursor from now on",
        |store| match on_top(store) {
            Some(panel) if panel.is_in_use(&store.session) => {
                Availability::Unavailable("This account is in use already.".to_owned())
            }
            _ => Availability::Available,
        },
        |act| act.store.open(act.context, act.effects),
    ),
    row(
        CommandId::AccountsAdd,
        "accounts_add",
        "Add an account",
        "add account",
        "Sign in another account beside those that are there",
        people_only,
        |act| act.store.sign_in_for(Purpose::Another),
    ),
    row(
        CommandId::AccountsAgain,
        "accounts_again",
        "Sign in again",
        "sign in again",
        "Sign in the account in use again; what is kept stays",
        people_only,
        |act| act.store.sign_in_for(Purpose::Again),
    ),
    row(
        CommandId::AccountsOut,
        "accounts_out",
        "Sign out",
        "sign out",
        "Sign out the account in use, after a question",
        people_only,
        |act| act.store.ask_sign_out(),
    ),
    row(
        CommandId::AccountsCopy,
        "accounts_copy",
        "Copy what is known",
        "copy",
        "Copy what is known about the account; it holds no token",
        always,
        |act| act.store.copy_account(act.context, act.effects),
    ),
    Command {
        id: CommandId::QuestionYes,
        name: "question_yes",
        title: "Yes, do it",
        word: "yes",
        help: "Do what is asked about",
        group: Group::Act,
        context: KeyContext::Question,
        availability: always,
        act: |act| act.store.answer_yes(act.context, act.effects),
    },
];

fn on_top(store: &Store) -> Option<&AccountsPanel> {
    match store.layers.last() {
        Some(Layer::Accounts(panel)) => Some(panel),
        _ => None,
    }
}

/// Nobody signs a service in or out.
pub(super) fn people_only(store: &Store) -> Availability {
    if store.session.accounts.value().is_some_and(Accounts::has_no_person) {
        return Availability::Unavailable("Nobody signs in here: the profile says who.".to_owned());
    }
    match store.session.is_signed_out() {
        true => Availability::Unavailable("Nobody is signed in.".to_owned()),
        false => Availability::Available,
    }
}
