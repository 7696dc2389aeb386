//! `deskbell accounts`: who is signed in on this computer, and which of them is used.

use crate::base::environment::Environment;
use crate::cli::Ended;
use crate::cli::arguments::{AccountsVerb, Global};
use crate::cli::output::{Out, instant, plain};
use crate::cli::session::Session;
use crate::domain::account::{AccountKind, Tier};
use crate::domain::accounts::KnownAccount;
use crate::domain::token::VaultKeeper;
use serde_json::{Value, json};

pub(crate) async fn run(global: Global, verb: Option<AccountsVerb>, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment).await?;
    if let Some(AccountsVerb::Use { who }) = verb {
        let account = session.engine.choose(&who).await?;
        if out.is_json() {
            let item = json!({"address": account.address, "tenant": account.key.tenant, "object": account.key.object});
            out.json(&json!({
                "schema": "deskbell.accounts/1", "account": account.address, "items": [item], "errors": [],
            }));
        } else {
            out.line(&format!("{} is used from now on.", account.address));
        }
        return Ok(0);
    }
    let accounts = session.engine.known_accounts().await?;
    let facts = &accounts.vault;
    let is_used = |known: &KnownAccount| Some(&known.account.key) == accounts.in_use.as_ref();
    let mut all: Vec<&KnownAccount> = accounts.known.iter().chain(&accounts.others).collect();
    all.sort_by_key(|known| !is_used(known));
    if out.is_json() {
        let items: Vec<Value> = all.iter().map(|known| as_json(known, is_used(known), &session)).collect();
        let current = session.engine.me().map(|me| me.person.address);
        let vault =
            json!({"keeper": facts.keeper.map(VaultKeeper::name), "note": facts.note, "recovered": facts.recovered});
        out.json(
            &json!({"schema": "deskbell.accounts/1", "account": current, "items": items, "vault": vault, "errors": []}),
        );
        return Ok(0);
    }
    let now = session.now();
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|known| {
            vec![
                plain(&known.account.address),
                plain(&known.account.name),
                kind(known.account.kind).to_owned(),
                known.token.life_in_short(now),
                plain(&known.account.key.tenant),
                if is_used(known) { "in use" } else { "" }.to_owned(),
            ]
        })
        .collect();
    out.table(&["Account", "Name", "Kind", "Token ends", "Tenant", ""], &rows);
    if rows.is_empty() {
        out.aside("Nobody is signed in. Run: deskbell login");
    }
    for known in &accounts.others {
        out.aside(&format!("{}: {}", known.account.address, known.obstacle));
    }
    if let Some(used) = all.iter().find(|known| is_used(known)) {
        let opens: Vec<&str> = Tier::granted(&used.account.granted).into_iter().map(Tier::title).collect();
        out.aside(&format!("In use: {}", plain(&used.account.address)));
        out.aside(&format!("Opens: {}", if opens.is_empty() { "not known".to_owned() } else { opens.join(", ") }));
        out.aside(&format!("Token: {}", used.token.life(now)));
    }
    if accounts.known.len() > 1 {
        out.aside("Use another: deskbell accounts use ADDRESS, or for one command: --account ADDRESS");
    }
    if let Some(keeper) = facts.keeper {
        out.aside(format!("{} {}", keeper.protects(), facts.note).trim_end());
    }
    if let Some(kept) = &facts.recovered {
        out.aside(&format!(
            "They were damaged; the copy from before the last change was taken. The damaged file is {kept}."
        ));
    }
    Ok(0)
}

fn as_json(known: &KnownAccount, is_used: bool, session: &Session) -> Value {
    let KnownAccount { account, client_id, token, obstacle, .. } = known;
    json!({
        "address": account.address, "name": account.name, "tenant": account.key.tenant, "object": account.key.object,
        "kind": kind(account.kind), "scopes": account.granted.to_line(), "used": is_used, "clientId": client_id,
        "expires": token.ends.map(|ends| instant(ends, &session.zone)), "renews": token.renews, "way": token.way.name(),
        "obstacle": obstacle,
    })
}

pub(crate) fn kind(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Work => "work",
        AccountKind::Personal => "personal",
        AccountKind::Service => "service",
    }
}
