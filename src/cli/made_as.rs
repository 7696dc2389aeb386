//! As whom a command's calls are made: told in its JSON, and where it matters in words.
//!
//! A command that runs where nobody sits, on a person's account, is told so: it ends when that person's sign-in ends. The profile
//! may say that this is meant (`unattended`).

use crate::base::report::{Kind, Report};
use crate::cli::accounts::kind;
use crate::cli::output::{Out, plain};
use crate::config::{Config, Unattended};
use crate::domain::account::AccountKind;
use crate::domain::me::Me;
use serde_json::json;

/// Notes as whom the calls are made, and warns where nobody sits.
///
/// # Errors
/// When the profile refuses such commands.
pub(crate) fn note(me: &Me, config: &Config, out: &Out) -> Result<(), Report> {
    let address = plain(&me.person.address);
    let profile = &config.profile_name;
    let who = if me.kind == AccountKind::Service { "service" } else { "person" };
    out.note_made_as(json!({"kind": who, "account": address, "accountKind": kind(me.kind), "profile": profile}));
    if me.kind == AccountKind::Service {
        if !out.is_json() && Out::is_watched() {
            out.warn_at_the_end(format!("Made as the service of the profile {profile}, for {address}."));
        }
        return Ok(());
    }
    if Out::is_watched() {
        return Ok(());
    }
    match config.profile().unattended {
        Unattended::Allow => Ok(()),
        Unattended::Warn => {
            out.warn_at_the_end(format!(
                "Made as {address}, a person, though no terminal is there: it stops when their sign-in ends (deskbell help cron)."
            ));
            Ok(())
        }
        Unattended::Refuse => Err(Report::new(
            Kind::Configuration,
            "unattended",
            "This is not done on a person's account.",
        )
        .because(format!(
            "No terminal is there, {address} is a person, and the profile {profile} says unattended = \"refuse\"."
        ))
        .next("Use a service profile: deskbell help service-accounts")
        .next("Or run it in a terminal.")),
    }
}
