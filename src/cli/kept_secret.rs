//! `deskbell login --keep-secret`: a service's secret goes into the system's keyring.
//!
//! Must stay true: the secret is typed unseen or comes from standard input, never from an argument; the profile says afterwards
//! where it is, and holds nothing of it.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::base::secret::Secret;
use crate::cli::arguments::Global;
use crate::cli::output::Out;
use crate::cli::passphrase::typed_unseen;
use crate::cli::session::load;
use crate::config::{Setting, set_profile_settings};
use crate::engine::access::keep_secret;
use std::io::{IsTerminal, stdin};

/// Longer lines are no secret.
const LONGEST: usize = 4096;

/// Asks for the secret, keeps it, and writes into the profile where it is.
pub(crate) async fn run(global: &Global, environment: &Environment, out: &Out) -> Result<(), Report> {
    let loaded = load(global, environment)?;
    let (name, profile) = (loaded.config.profile_name.clone(), loaded.config.profile());
    if !profile.is_service() {
        return Err(Report::new(
            Kind::Usage,
            "noService",
            format!("The profile {name} is a person's and has no secret."),
        )
        .next("Name the service's profile: deskbell --profile NAME login --keep-secret")
        .next("Or make one: deskbell setup --as service"));
    }
    let secret = tokio::task::spawn_blocking(asked).await.map_err(|_| none())??;
    let client_id = profile.client_id;
    let kept = tokio::task::spawn_blocking(move || keep_secret(&client_id, &secret)).await.map_err(|_| none())?;
    let store = kept?;
    set_profile_settings(&loaded.places.config_file(), &name, &[("secret_keyring", Setting::Switch(true))])
        .map_err(|error| error.report())?;
    out.aside(&format!("The secret is in the keyring ({store}); the profile {name} takes it from there."));
    Ok(())
}

fn asked() -> Result<Secret<String>, Report> {
    let mut line = Secret::new(String::new());
    if stdin().is_terminal() {
        line = typed_unseen("The secret of the service (its value, not its id):").ok_or_else(none)?;
    } else {
        let mut text = String::new();
        let read = stdin().read_line(&mut text);
        let text = Secret::new(text);
        if read.is_ok() {
            line = Secret::new(text.expose().trim().to_owned());
        }
    }
    if line.expose().is_empty() || line.expose().len() > LONGEST { Err(none()) } else { Ok(line) }
}

fn none() -> Report {
    Report::new(Kind::Usage, "noSecret", "No secret was given.")
        .next("Type it when asked, or hand it over: deskbell login --keep-secret < FILE")
}
