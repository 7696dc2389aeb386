//! The vault as the configuration wants it, and the passphrase it may need.
//!
//! Must stay true: a person is never asked from here; whoever opens the engine finds out with [`passphrase_wanted`] and hands
//! over what was typed. A keyring is not asked about sign-ins at a service on this computer: they are invented ones.

use crate::auth::vault::{Keeping, KeyChoice, Vault, VaultError, keyring, recorded_keeper};
use crate::base::environment::Environment;
use crate::base::paths::{Places, read_private};
use crate::base::report::{Kind, Report};
use crate::base::secret::Secret;
use crate::config::{Config, TokenCache, VaultKey};
use crate::domain::token::VaultKeeper;
use crate::engine::Setup;
use crate::net::cloud::{Cloud, is_loopback};
use std::path::Path;

/// Names a file with the passphrase, for starts nobody watches.
const PASSPHRASE_FILE: &str = "DESKBELL_PASSPHRASE_FILE";

/// What a person is to be asked before the engine is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassphraseWanted {
    /// The passphrase the stored sign-ins are locked with.
    Existing,
    /// One to lock them with from now on.
    New,
}

/// Whether the vault of these places is locked with a passphrase that no file names, or is to be.
#[must_use]
pub fn passphrase_wanted(places: &Places, config: &Config, environment: &Environment) -> Option<PassphraseWanted> {
    let is_elsewhere = environment.get(PASSPHRASE_FILE).is_some() || environment.get("DESKBELL_TOKEN").is_some();
    if is_elsewhere || config.profile().token_cache == TokenCache::None {
        return None;
    }
    match (recorded_keeper(&places.secrets), config.vault_key) {
        (Some(VaultKeeper::Passphrase), _) => Some(PassphraseWanted::Existing),
        (_, VaultKey::Passphrase) => Some(PassphraseWanted::New),
        _ => None,
    }
}

/// Whether `passphrase` opens the stored sign-ins. Takes a moment by design, and blocks.
///
/// # Errors
/// Why it does not.
pub fn try_passphrase(places: &Places, passphrase: &Secret<String>) -> Result<(), Report> {
    let keeping = Keeping { choice: KeyChoice::Passphrase, passphrase: Some(passphrase.clone()), ..Keeping::default() };
    let vault = Vault::kept(&places.secrets, std::sync::Arc::new(crate::base::ids::RandomIds), keeping);
    match vault.accounts() {
        Err(error @ VaultError::OtherKey(_)) => Err(error.report()),
        // Whatever else is wrong is told where the sign-ins are used.
        _ => Ok(()),
    }
}

/// The vault for this start.
pub(super) fn open(setup: &Setup, cloud: &Cloud) -> Result<Vault, Report> {
    if setup.config.profile().token_cache == TokenCache::None {
        return Ok(Vault::in_memory());
    }
    let choice = match setup.config.vault_key {
        VaultKey::Auto if is_loopback(&cloud.authority) => KeyChoice::File,
        VaultKey::Auto => KeyChoice::Auto,
        VaultKey::Keyring => KeyChoice::Keyring,
        VaultKey::Passphrase => KeyChoice::Passphrase,
        VaultKey::File => KeyChoice::File,
    };
    let passphrase = match &setup.passphrase {
        Some(passphrase) => Some(passphrase.clone()),
        None => setup.environment.get(PASSPHRASE_FILE).map(|path| from_file(Path::new(path))).transpose()?,
    };
    let keeping = Keeping { choice, store: keyring::system(), limit: None, passphrase };
    Ok(Vault::kept(&setup.places.secrets, setup.ids.clone(), keeping))
}

/// The passphrase in a file of the person's own: its first line.
fn from_file(path: &Path) -> Result<Secret<String>, Report> {
    let bytes = read_private(path).map_err(|error| error.report())?;
    let text = bytes.map(Secret::new);
    let line = text.as_ref().and_then(|text| std::str::from_utf8(text.expose()).ok()?.lines().next());
    match line.filter(|line| !line.is_empty()) {
        Some(line) => Ok(Secret::new(line.to_owned())),
        None => Err(Report::new(Kind::Configuration, "noPassphrase", "The passphrase could not be read.")
            .because(format!("{PASSPHRASE_FILE} names {}, which is missing or empty.", path.display()))
            .next("Put the passphrase into its first line, for you alone (chmod 600), or unset the variable.")),
    }
}
