//! `deskbell token`: an access token for a person's own scripts, after a clear yes.
//!
//! Must stay true: nothing is printed without `--yes` or a typed yes; the token is the only thing on standard output; what it can
//! do and when it ends is said beside it. `--scopes` prints no secret and asks nothing.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::{Global, Token};
use crate::cli::output::{Out, envelope, instant, plain};
use crate::cli::session::Session;
use crate::cli::token_file;
use serde_json::{Map, json};

pub(crate) async fn run(global: Global, token: Token, environment: Environment, out: &Out) -> Ended {
    if let Some(verb) = token.verb {
        return token_file::run(global, verb, environment, out).await;
    }
    let is_offline = global.offline;
    let session = Session::open(global, environment).await?;
    let me = session.me(out)?;
    let account = &me.person.address;
    let scopes: Vec<&str> = me.granted.iter().collect();
    if token.scopes {
        if out.is_json() {
            let items = scopes.iter().map(|scope| json!({"scope": scope})).collect();
            let now = Some(session.now());
            out.json(&envelope("deskbell.scopes/1", account, now, &session.zone, Map::new(), items, Vec::new()));
        } else {
            for scope in scopes {
                out.line(scope);
            }
        }
        return Ok(0);
    }
    if is_offline {
        return Err(Report::new(Kind::Network, "offline", "No token is handed out.")
            .because("The program works offline, as asked, and a token may have to be renewed.")
            .next("Run it without --offline."));
    }
    warn(out, account, &scopes);
    if !token.yes && !is_confirmed(out).await {
        return Err(Report::new(Kind::NeedsPerson, "notConfirmed", "No token is handed out.")
            .because("Nobody said yes to it.")
            .next("Type yes when asked, or run: deskbell token --yes"));
    }
    let (secret, facts) = session.engine.hand_out_token().await?;
    if out.is_json() {
        let expires = facts.ends.map(|ends| instant(ends, &session.zone));
        let item = json!({"token": secret.expose(), "expires": expires, "scopes": scopes.join(" ")});
        let now = Some(session.now());
        out.json(&envelope("deskbell.token/1", account, now, &session.zone, Map::new(), vec![item], Vec::new()));
    } else {
        out.line(secret.expose());
    }
    out.aside(&match facts.ends {
        Some(ends) => {
            let minutes = (ends.as_second() - session.now().as_second()).max(0) / 60;
            format!("It ends at {}, in {minutes} minutes.", instant(ends, &session.zone))
        }
        None => "When it ends is not known; most last about an hour.".to_owned(),
    });
    Ok(0)
}

fn warn(out: &Out, account: &str, scopes: &[&str]) {
    let can = if scopes.is_empty() { "everything that was granted".to_owned() } else { scopes.join(", ") };
    out.aside(&format!(
        "Whoever has this token acts as {} until it ends: it cannot be called back.\nIt opens: {}.\nKeep it out of files, shell \
         histories and chats.",
        plain(account),
        plain(&can)
    ));
}

/// Asks at the terminal; without one nobody can say yes.
async fn is_confirmed(out: &Out) -> bool {
    if !Out::hears_a_person() {
        return false;
    }
    out.aside("Type yes to print it:");
    Out::typed_line().await.is_some_and(|line| line.trim().eq_ignore_ascii_case("yes"))
}
