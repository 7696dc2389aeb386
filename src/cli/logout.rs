//! `deskbell logout`: signing out, after a clear yes.
//!
//! Must stay true: nothing is forgotten without `--yes` or a typed yes; who it is is said before it is asked.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::{Global, Logout};
use crate::cli::output::{Out, plain};
use crate::cli::session::Session;
use crate::domain::account::Account;
use serde_json::{Value, json};

pub(crate) async fn run(global: Global, logout: &Logout, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment).await?;
    let accounts = who(&session, logout).await?;
    let names: Vec<String> = accounts.iter().map(|account| plain(&account.address)).collect();
    let names = names.join(", ");
    let what = if session.has_given_token {
        format!("The cached data of {names} will be gone from this computer.")
    } else {
        format!("This signs out {names}: the tokens and the cached mail and calendar go from this computer.")
    };
    let mut what = what;
    for account in &accounts {
        if let Some(lost) = session.engine.would_be_lost(&account.key).await? {
            what = format!("{what} {lost}");
        }
    }
    if !logout.yes && !is_confirmed(&what, out).await {
        return Err(Report::new(Kind::NeedsPerson, "notConfirmed", "Nobody was signed out.")
            .because(format!("{what} Nobody said yes to it."))
            .next("Type yes when asked, or run: deskbell logout --yes"));
    }
    for account in &accounts {
        session.engine.sign_out(&account.key).await?;
    }
    if out.is_json() {
        let items: Vec<Value> = accounts
            .iter()
            .map(|account| {
                json!({"address": account.address, "tenant": account.key.tenant, "object": account.key.object})
            })
            .collect();
        let first = accounts.first().map(|account| account.address.clone());
        out.json(&json!({"schema": "deskbell.logout/1", "account": first, "items": items, "errors": []}));
    } else if session.has_given_token {
        out.line(&format!(
            "The cached data of {names} is gone from this computer. The token itself is in DESKBELL_TOKEN."
        ));
    } else {
        let whose = if accounts.len() == 1 { "Its" } else { "Their" };
        out.line(&format!("Signed out {names}. {whose} tokens and cached data are gone from this computer."));
    }
    Ok(0)
}

/// Whom it is about: those who are named, all, or the one in use.
async fn who(session: &Session, logout: &Logout) -> Result<Vec<Account>, Report> {
    if let Some(wanted) = &logout.who {
        return Ok(vec![session.engine.find_signed_in(wanted).await?.account]);
    }
    let accounts = session.engine.known_accounts().await?;
    let in_use = accounts.in_use;
    let all = accounts.known.into_iter().chain(accounts.others).map(|known| known.account);
    let wanted: Vec<Account> = all.filter(|account| logout.all || Some(&account.key) == in_use.as_ref()).collect();
    if wanted.is_empty() {
        return Err(Report::new(Kind::NeedsPerson, "signIn", "Nobody is signed in here.").next("Run: deskbell login"));
    }
    Ok(wanted)
}

/// Asks at the terminal; without one nobody can say yes.
async fn is_confirmed(what: &str, out: &Out) -> bool {
    if !Out::hears_a_person() {
        return false;
    }
    out.aside(what);
    out.aside("Type yes to sign out:");
    Out::typed_line().await.is_some_and(|line| line.trim().eq_ignore_ascii_case("yes"))
}
