//! Floor 7: the command line. One verb a file; each reads for people as a table and for programs as JSON.
//!
//! Exit codes: 0 done, 1 failed, 2 usage, 3 configuration, 4 needs a person, 5 partly done, 6 network. A broken pipe is success.
//! Must stay true: standard output holds the answer and nothing else; what went wrong goes to standard error as what, why and what
//! next. Deliberately absent: views and keys; the program on the screen is started from `screen` and `demo` only.

mod arguments;
mod session;
mod output;
mod runtime;
mod screen;
#[cfg(feature = "demo")]
mod demo;
#[cfg(feature = "demo")]
mod tenant;
#[cfg(feature = "demo")]
mod shot;
#[cfg(feature = "demo")]
mod simulated;
mod kept_secret;
mod login;
mod cert;
mod watched;
mod accounts;
mod logout;
mod mail_search;
mod made_as;
mod passphrase;
mod place;
mod help;
mod profile;
mod setup;
mod doctor;
mod inbox;
mod mail;
mod outbox;
mod presence;
mod agenda;
mod change;
mod event;
mod event_edit;
mod event_export;
mod out_of_office;
mod busy;
mod away;
mod slots;
mod who;
mod status;
mod sync;
mod export;
mod cache;
mod get;
mod groups;
mod token;
mod token_file;
mod span;

use crate::base::environment::Environment;
use crate::base::report::Report;
use arguments::{Arguments, Global, Verb};
use output::Out;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// How a verb ended: an exit code, or a report that is told and picks the code.
pub(crate) type Ended = Result<u8, Report>;

/// Exit code of a command that was stopped by a mistake of ours.
const FAILED: u8 = 1;

/// Exit code of an answer that holds nothing but the network's failure, for each person.
pub(crate) const NO_NETWORK: u8 = 6;

/// Exit code where a script can do nothing more and a person has to sign in or consent.
const NEEDS_PERSON: u8 = 4;

/// Exit code of an answer in which something is missing, each with its reason.
pub(crate) const PARTLY_DONE: u8 = 5;

/// What the arguments ask for.
enum Work {
    /// The program on the screen, begun as far as it could be.
    Screen(Result<screen::Begun, Report>),
    /// One verb.
    Verb(Verb),
}

/// Runs the program with these arguments and returns its exit code.
pub fn main<I>(arguments: I, environment: Environment) -> ExitCode
where
    I: IntoIterator<Item = OsString>,
{
    let arguments = match Arguments::read(arguments.into_iter().collect()) {
        Ok(arguments) => arguments,
        Err(error) => {
            // The parser prints help and version to standard output and mistakes to standard error.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let Arguments { global, verb } = arguments;
    let work = match verb {
        None => Work::Screen(screen::begin(&global, &environment)),
        Some(verb) => Work::Verb(verb),
    };
    let out = Out::new(global.json);
    // A panic is told where it happens; here everything has been put back in order by then.
    let ended = catch_unwind(AssertUnwindSafe(|| match work {
        Work::Screen(begun) => screen::run(global, environment, begun?),
        Work::Verb(verb) => {
            let runtime = runtime::shared()?;
            let ended = runtime.block_on(run(global, verb, environment, &out));
            // Work that hangs in a system call must not keep the person waiting at the prompt.
            runtime.shutdown_background();
            ended
        }
    }));
    let ended = ended.unwrap_or(Ok(FAILED));
    ExitCode::from(match ended {
        // The answer came from the cache because only a person can open the way to a fresh one.
        Ok(0 | PARTLY_DONE) if out.needs_person() => NEEDS_PERSON,
        Ok(code) => {
            out.end();
            code
        }
        Err(report) => out.tell(&report),
    })
}

/// Every verb with its sentence, as the parser knows them; the README's table is made from it.
#[must_use]
pub fn verbs() -> Vec<(String, String)> {
    let command = <Arguments as clap::CommandFactory>::command();
    let row = |verb: &clap::Command| {
        (verb.get_name().to_owned(), verb.get_about().map(ToString::to_string).unwrap_or_default())
    };
    command.get_subcommands().map(row).collect()
}

async fn run(global: Global, verb: Verb, environment: Environment, out: &Out) -> Ended {
    match verb {
        #[cfg(feature = "demo")]
        Verb::Demo(demo) => demo::run(global, demo, environment, out).await,
        #[cfg(feature = "demo")]
        Verb::Tenant(tenant) => tenant::run(&tenant, global.authority.as_deref(), out).await,
        Verb::Setup(setup) => setup::run(global, &setup, environment, out).await,
        Verb::Profile { verb } => profile::run(&global, &verb, &environment, out),
        Verb::Login(login) => login::run(global, &login, environment, out).await,
        Verb::Cert(cert) => cert::run(&cert, out),
        Verb::Logout(logout) => logout::run(global, &logout, environment, out).await,
        Verb::Doctor(doctor) => doctor::run(global, doctor, environment, out).await,
        Verb::Accounts { verb } => accounts::run(global, verb, environment, out).await,
        Verb::Help(help) => help::run(&help, &environment, out),
        Verb::Inbox(inbox) => inbox::run(global, &inbox, environment, out).await,
        Verb::Mail { verb } => mail::run(global, verb, environment, out).await,
        Verb::Outbox { verb } => outbox::run(global, verb, environment, out).await,
        Verb::Agenda(agenda) => agenda::run(global, &agenda, environment, out).await,
        Verb::Busy(busy) => busy::run(global, &busy, environment, out).await,
        Verb::Slots(slots) => slots::run(global, &slots, environment, out).await,
        Verb::Who(who) => who::run(global, &who, environment, out).await,
        Verb::Status(status) => status::run(global, &status, environment, out).await,
        Verb::Event { verb } => event::run(global, verb, environment, out).await,
        Verb::Presence { verb } => presence::run(global, verb.as_ref(), environment, out).await,
        Verb::Out(wanted) => out_of_office::run(global, &wanted, environment, out).await,
        Verb::Away(away) => away::run(global, &away, environment, out).await,
        Verb::Sync(sync) => sync::run(global, &sync, environment, out).await,
        Verb::Export(export) => export::run(global, &export, environment, out).await,
        Verb::Cache { verb } => cache::run(global, verb, environment, out).await,
        Verb::Get(get) => get::run(global, &get, environment, out).await,
        Verb::Token(token) => token::run(global, token, environment, out).await,
    }
}
