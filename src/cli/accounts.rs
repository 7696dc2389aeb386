//! `deskbell accounts`: who is signed in on this computer.

use crate::base::environment::Environment;
use crate::cli::Ended;
use crate::cli::arguments::Global;
use crate::cli::output::{Out, plain};
use crate::cli::session::Session;
use crate::domain::account::AccountKind;
use crate::domain::token::VaultKeeper;
use serde_json::{Value, json};

pub(crate) async fn run(global: Global, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment).await?;
    let accounts = session.engine.accounts().await?;
    if out.is_json() {
        let items: Vec<Value> = accounts
            .iter()
            .map(|account| {
                json!({
                    "address": account.address, "name": account.name, "tenant": account.key.tenant, "object": account.key.object,
                    "kind": kind(account.kind), "scopes": account.granted.to_line(),
                })
            })
            .collect();
        let current = session.engine.me().map(|me| me.person.address);
        let facts = session.engine.vault_facts();
        let vault =
            json!({"keeper": facts.keeper.map(VaultKeeper::name), "note": facts.note, "recovered": facts.recovered});
        out.json(
            &json!({"schema": "deskbell.accounts/1", "account": current, "items": items, "vault": vault, "errors": []}),
        );
        return Ok(0);
    }
    let rows: Vec<Vec<String>> = accounts
        .iter()
        .map(|account| {
            vec![
                plain(&account.address),
                plain(&account.name),
                kind(account.kind).to_owned(),
                account.key.tenant.clone(),
            ]
        })
        .collect();
    out.table(&["Account", "Name", "Kind", "Tenant"], &rows);
    if rows.is_empty() {
        out.aside("Nobody is signed in. Run: deskbell login");
    }
    let facts = session.engine.vault_facts();
    if let Some(keeper) = facts.keeper {
        out.aside(format!("{} {}", keeper.protects(), facts.note).trim_end());
    }
    if let Some(kept) = facts.recovered {
        out.aside(&format!(
            "They were damaged; the copy from before the last change was taken. The damaged file is {kept}."
        ));
    }
    Ok(0)
}

fn kind(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Work => "work",
        AccountKind::Personal => "personal",
        AccountKind::Service => "service",
    }
}
