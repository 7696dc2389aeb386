//! The vault's passphrase, asked before anything is opened: by the program on the screen and by every command alike.

use crate::app;
use crate::base::environment::Environment;
use crate::base::paths::Places;
use crate::base::report::{Kind, Report};
use crate::base::secret::Secret;
use crate::config::Config;
use crate::engine::vault::{PassphraseWanted, passphrase_wanted, try_passphrase};
use std::io::{IsTerminal, stderr, stdin};

/// How often a wrong one may be typed.
const TRIES: usize = 3;

/// Asks for the passphrase if one is needed. Where nobody can be asked the vault says later what it lacks, if it is needed at all.
pub(crate) fn passphrase(
    places: &Places,
    config: &Config,
    environment: &Environment,
) -> Result<Option<Secret<String>>, Report> {
    let Some(wanted) = passphrase_wanted(places, config, environment) else { return Ok(None) };
    if !stdin().is_terminal() || !stderr().is_terminal() {
        return Ok(None);
    }
    match wanted {
        PassphraseWanted::Existing => existing(places).map(Some),
        PassphraseWanted::New => new().map(Some),
    }
}

fn existing(places: &Places) -> Result<Secret<String>, Report> {
    let mut wrong = None;
    for _ in 0..TRIES {
        let passphrase = asked(if wrong.is_some() {
            "That was not it. Passphrase of the stored sign-ins:"
        } else {
            "Passphrase of the stored sign-ins:"
        })?;
        match try_passphrase(places, &passphrase) {
            Ok(()) => return Ok(passphrase),
            Err(report) => wrong = Some(report),
        }
    }
    Err(wrong.unwrap_or_else(given_up))
}

fn new() -> Result<Secret<String>, Report> {
    let passphrase = asked("A passphrase to lock your sign-ins with:")?;
    if passphrase.expose().is_empty() {
        return Err(given_up());
    }
    if asked("The same once more:")? == passphrase {
        return Ok(passphrase);
    }
    Err(Report::new(Kind::NeedsPerson, "passphraseDiffers", "The two passphrases are not the same.").next("Try again."))
}

/// Something secret, typed unseen; nothing where it was called off.
pub(crate) fn typed_unseen(prompt: &str) -> Option<Secret<String>> {
    app::passphrase::ask(prompt).ok().flatten()
}

fn asked(prompt: &str) -> Result<Secret<String>, Report> {
    match app::passphrase::ask(prompt) {
        Ok(Some(passphrase)) => Ok(passphrase),
        Ok(None) => Err(given_up()),
        Err(error) => Err(given_up().because(format!("The terminal could not be read: {error}."))),
    }
}

fn given_up() -> Report {
    Report::new(Kind::NeedsPerson, "passphraseNeeded", "The stored sign-ins stay locked: no passphrase was given.")
        .next("Start again and type it, or name a file with it in DESKBELL_PASSPHRASE_FILE.")
}
