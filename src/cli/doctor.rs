//! `deskbell doctor`: what works, what does not, why, and what to do.
//!
//! Exit codes: 0 when nothing failed, else what the first failure calls for: 3 configuration, 4 a person, 6 network, 1 the rest.

use crate::base::activity::Activity;
use crate::base::environment::Environment;
use crate::base::ids::RandomIds;
use crate::base::paths::Places;
use crate::cli::Ended;
use crate::cli::arguments::{Doctor, Global};
use crate::cli::output::{self, Out};
use crate::cli::passphrase::passphrase;
use crate::cli::session::flags;
use crate::config;
use crate::doctor::{self, Patient, local::Terminal};
use crate::domain::check::{CheckResult, Diagnosis, Outcome};
use crate::engine::Setup;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) async fn run(global: Global, verb: Doctor, environment: Environment, out: &Out) -> Ended {
    let places = Places::find(global.home.as_deref(), &environment)?;
    let loaded = config::load(&places, &environment, &flags(&global));
    // Without it the examination goes on, and says what is locked.
    let passphrase = passphrase(&places, &loaded.config, &environment).unwrap_or_default();
    let setup = Setup {
        places,
        zone: loaded.config.zone.clone(),
        config: loaded.config,
        environment,
        clock: Arc::new(crate::engine::SystemClock),
        ids: Arc::new(RandomIds),
        activity: Activity::default(),
        offline: global.offline,
        passphrase,
        approver: None,
        approves_by_itself: false,
        show_requests: global.show_request.then(output::show_requests),
        limits: crate::engine::Limits::default(),
    };
    let patient = Patient {
        setup,
        problems: loaded.problems,
        terminal: Terminal { is_terminal: Out::is_terminal(), size: None },
        recent: Vec::new(),
        brokers: None,
        mailboxes: verb.mailbox,
    };
    let wants_block = verb.support;
    let quiet = out.is_json() || wants_block;
    let diagnosis = doctor::examine(&patient, |check| {
        if !quiet {
            tell(out, check);
        }
    })
    .await;
    if out.is_json() {
        out.json(&document(&diagnosis));
    } else if wants_block {
        for line in diagnosis.support_block().lines() {
            out.line(line);
        }
    } else {
        conclude(out, &diagnosis);
    }
    Ok(exit_code(&diagnosis))
}

fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "ok",
        Outcome::Skipped => "-",
        Outcome::Warning => "!",
        Outcome::Failed => "FAIL",
    }
}

/// A line for the finding, and one for each thing to do.
fn tell(out: &Out, check: &CheckResult) {
    out.line(&format!("{:<5} {:<24} {}", sign(check.outcome), check.title, check.reason));
    for step in &check.remedy {
        out.line(&format!("{:<30} > {step}", ""));
    }
}

fn conclude(out: &Out, diagnosis: &Diagnosis) {
    out.line("");
    match (diagnosis.cause(), diagnosis.worst()) {
        (Some(cause), _) => {
            out.line(&format!("Mend this first: {}. {}", cause.title, cause.remedy.first().map_or("", String::as_str)));
            out.line("For support: deskbell doctor --support prints everything without secrets.");
        }
        (None, Outcome::Warning) => out.line("It works, with what is marked by an exclamation mark above."),
        (None, _) => out.line("Everything that could be checked is well."),
    }
}

fn document(diagnosis: &Diagnosis) -> Value {
    let pairs = |pairs: &[(String, String)]| {
        Value::Object(pairs.iter().map(|(name, value)| (name.clone(), json!(value))).collect::<Map<_, _>>())
    };
    let items: Vec<Value> = diagnosis
        .checks
        .iter()
        .map(|check| {
            json!({
                "name": check.name, "title": check.title, "result": check.outcome.word(), "code": check.code,
                "reason": check.reason, "remedy": check.remedy, "details": pairs(&check.details),
            })
        })
        .collect();
    json!({
        "schema": "deskbell.doctor/1", "account": account(diagnosis), "asOf": diagnosis.at.to_string(),
        "subject": pairs(&diagnosis.subject), "cause": diagnosis.cause().map(|check| check.name),
        "items": items, "errors": [], "support": diagnosis.support_block(),
    })
}

/// The signed-in account, as the check of it names it.
fn account(diagnosis: &Diagnosis) -> Option<&str> {
    let check = diagnosis.checks.iter().find(|check| check.name == "account" && check.outcome == Outcome::Passed)?;
    check.reason.split(':').next()
}

fn exit_code(diagnosis: &Diagnosis) -> u8 {
    match diagnosis.cause().map(|cause| cause.name) {
        None => 0,
        Some("configuration" | "places" | "vault" | "cache") => 3,
        Some("signInService" | "graph") => 6,
        Some(
            "registration" | "tenant" | "account" | "token" | "permissions" | "graphAccount" | "mailbox"
            | "otherMailbox",
        ) => 4,
        Some(_) => 1,
    }
}
