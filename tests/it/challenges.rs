//! What an organisation demands of a sign-in reaches the page where the person signs in, whoever heard of it first.

use crate::support::program::{Program, watch};
use crate::support::stage::Stage;
use deskbell::auth::vault::Vault;
use deskbell::base::ids::RandomIds;
use deskbell::sim::entra::claims::Challenge;
use deskbell::sim::faults::{Action, Rule};
use std::sync::Arc;
use std::time::Duration;

fn challenge() -> Challenge {
    Challenge::new(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#).interactive()
}

#[tokio::test]
async fn what_graph_demands_goes_along_with_the_sign_in_over_the_view() {
    let mut stage = Stage::new().await;
    stage.press("2 Enter").await;
    stage.tenant.script().challenge("lena", challenge()).expect("somebody");
    stage.advance(Duration::from_mins(6)).await;
    stage.sees("Sign in again");
    // Graph takes no token but one of a sign-in whose page was told what is demanded.
    stage.press("b").await;
    stage.advance(Duration::from_secs(8)).await;
    stage.sees_no("Sign in again");
    stage.sees("Two points are left before we sign:");
    stage.advance(Duration::from_mins(6)).await;
    stage.sees_no("Sign in again");
    stage.sees("synced");
}

#[test]
fn a_script_ends_with_4_and_one_line_and_the_next_login_brings_what_was_demanded() {
    let program = Program::new();
    program.sign_in();
    assert_eq!(program.run("inbox").code, 0);
    let vault = Vault::in_folder(&program.home.path().join("secrets"), Arc::new(RandomIds));
    let script = program.tenant.script();
    let at_graph = || script.challenge("lena", challenge()).expect("somebody");
    let at_the_token_endpoint = || {
        let key = vault.accounts().expect("the vault")[0].account.key.clone();
        vault.update(&key, |stored| stored.access_token = None).expect("changed");
        script.fault(Rule::authority("*/token", Action::Challenge(challenge())).grant("refresh_token"));
    };
    for demand in [&at_graph as &dyn Fn(), &at_the_token_endpoint] {
        demand();
        let inbox = program.run("inbox");
        assert_eq!((inbox.code, inbox.err.lines().count()), (4, 1), "{inbox:?}");
        let demanded = vault.accounts().expect("the vault")[0].history.demanded.clone();
        assert!(demanded.is_some_and(|demanded| demanded.contains("acrs")), "it is forgotten with the process");
        let login = watch(program.command("login --browser --no-open"), |said| {
            let address = said.lines().last().filter(|line| line.starts_with("http://"))?;
            assert!(address.contains("acrs"), "the page is not told what is demanded: {address}");
            Some(program.approve_at(address))
        });
        assert_eq!(login.code, 0, "{login:?}");
        let inbox = program.run("inbox");
        assert_eq!(inbox.code, 0, "{inbox:?}");
        assert_eq!(vault.accounts().expect("the vault")[0].history.demanded, None);
    }
}
