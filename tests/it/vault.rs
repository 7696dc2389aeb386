//! Who keeps the vault's key: a keyring that works, hangs, is locked or refuses; a passphrase; a file. And what a damaged vault
//! still gives.

use deskbell::auth::vault::store::{KeyStore, StoreError};
use deskbell::auth::vault::{
    AccessToken, GrantHistory, Keeping, KeyChoice, StoredAccount, Vault, VaultError, recorded_keeper,
};
use deskbell::base::ids::RandomIds;
use deskbell::base::paths::write_private;
use deskbell::base::secret::Secret;
use deskbell::domain::account::{Account, AccountKey, AccountKind, Scopes};
use deskbell::domain::token::VaultKeeper;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// What the keyring does with the next request.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Works,
    Locked,
    Refuses,
    Forgets,
    Hangs,
}

/// A keyring as a test wants it.
struct Keyring {
    mood: Mutex<Mood>,
    kept: Mutex<HashMap<String, Secret<String>>>,
    /// One that hangs waits here until the test lets it go.
    gate: Mutex<Receiver<()>>,
    asked: Mutex<Vec<&'static str>>,
}

impl Keyring {
    fn new() -> (Arc<Self>, Sender<()>) {
        let (sender, gate) = channel();
        let keyring = Self {
            mood: Mutex::new(Mood::Works),
            kept: Mutex::default(),
            gate: Mutex::new(gate),
            asked: Mutex::default(),
        };
        (Arc::new(keyring), sender)
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn answer(&self, what: &'static str) -> Result<(), StoreError> {
        self.asked.lock().unwrap().push(what);
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Works | Mood::Forgets => Ok(()),
            Mood::Locked => Err(StoreError::Locked("prompt dismissed".to_owned())),
            Mood::Refuses => Err(StoreError::Refused("not for you".to_owned())),
            Mood::Hangs => {
                let _ = self.gate.lock().unwrap().recv();
                Ok(())
            }
        }
    }
}

impl KeyStore for Keyring {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn read(&self, entry: &str) -> Result<Option<Secret<String>>, StoreError> {
        self.answer("read")?;
        let is_forgetful = *self.mood.lock().unwrap() == Mood::Forgets;
        Ok(self.kept.lock().unwrap().get(entry).cloned().filter(|_| !is_forgetful))
    }

    fn write(&self, entry: &str, value: &Secret<String>) -> Result<(), StoreError> {
        self.answer("write")?;
        self.kept.lock().unwrap().insert(entry.to_owned(), value.clone());
        Ok(())
    }

    fn remove(&self, entry: &str) -> Result<(), StoreError> {
        self.kept.lock().unwrap().remove(entry);
        Ok(())
    }
}

fn kept(folder: &Path, choice: KeyChoice, store: Option<Arc<Keyring>>, passphrase: Option<&str>) -> Vault {
    // The limit is met by a keyring that hangs for ever, and by nothing else, however busy the computer is.
    let hangs = store.as_ref().is_some_and(|store| *store.mood.lock().unwrap() == Mood::Hangs);
    let limit = Some(if hangs { Duration::from_millis(200) } else { Duration::from_secs(30) });
    let store = store.map(|store| store as Arc<dyn KeyStore>);
    let passphrase = passphrase.map(|text| Secret::new(text.to_owned()));
    Vault::kept(folder, Arc::new(RandomIds), Keeping { choice, store, limit, passphrase })
}

fn account(name: &str) -> StoredAccount {
    let received = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
    StoredAccount {
        account: Account {
            key: AccountKey { tenant: "t".to_owned(), object: name.to_owned() },
            name: name.to_owned(),
            address: format!("{name}@contoso.com"),
            kind: AccountKind::Work,
            granted: Scopes::parse("Mail.Read"),
        },
        client_id: "client".to_owned(),
        tenant: "contoso.com".to_owned(),
        authority: "https://login.microsoftonline.com/".to_owned(),
        scope: "Mail.Read".to_owned(),
        refresh_token: Some(Secret::new("r".repeat(4096))),
        access_token: Some(AccessToken {
            token: Secret::new("a".repeat(4096)),
            received,
            expires: received + Duration::from_hours(1),
            clock_ahead: 0,
        }),
        history: GrantHistory::default(),
    }
}

#[test]
fn a_keyring_that_works_keeps_the_key_and_nothing_opens_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let (keyring, _gate) = Keyring::new();
    let vault = kept(folder.path(), KeyChoice::Auto, Some(keyring.clone()), None);
    assert_eq!(vault.facts().keeper, None, "chosen before there is anything to keep");
    vault.put(account("lena")).unwrap();
    assert_eq!(vault.facts().keeper, Some(VaultKeeper::Keyring));
    assert!(!folder.path().join("vault.key").exists());
    let asked = keyring.asked();
    vault.put(account("ben")).unwrap();
    assert_eq!(keyring.asked(), asked, "asked again for a key that is known");

    let again = kept(folder.path(), KeyChoice::Auto, Some(keyring.clone()), None);
    assert_eq!(again.accounts().unwrap(), [account("lena"), account("ben")]);
    keyring.kept.lock().unwrap().clear();
    let again = kept(folder.path(), KeyChoice::Auto, Some(keyring), None);
    assert_eq!(again.accounts(), Err(VaultError::KeyGone));
    assert!(recorded_keeper(folder.path()).is_some(), "the vault was moved away");
}

#[test]
fn a_new_vault_falls_to_the_next_keeper_and_says_why() {
    for (mood, said) in [
        (Mood::Hangs, "did not answer"),
        (Mood::Locked, "is locked"),
        (Mood::Refuses, "not for you"),
        (Mood::Forgets, "does not give back"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (keyring, _gate) = Keyring::new();
        keyring.is(mood);
        let vault = kept(folder.path(), KeyChoice::Auto, Some(keyring.clone()), None);
        vault.put(account("lena")).unwrap();
        let facts = vault.facts();
        assert_eq!(facts.keeper, Some(VaultKeeper::File));
        assert!(facts.note.contains(said), "{}", facts.note);
        // What was recorded is kept to, and the keyring is left in peace.
        keyring.is(Mood::Works);
        let asked = keyring.asked();
        let again = kept(folder.path(), KeyChoice::Auto, Some(keyring.clone()), None);
        again.put(account("ben")).unwrap();
        assert_eq!((again.accounts().unwrap().len(), again.facts(), keyring.asked()), (2, facts, asked));

        let folder = tempfile::tempdir().unwrap();
        keyring.is(mood);
        let vault = kept(folder.path(), KeyChoice::Auto, Some(keyring), Some("correct horse"));
        vault.put(account("lena")).unwrap();
        assert_eq!(vault.facts().keeper, Some(VaultKeeper::Passphrase));
    }
}

#[test]
fn a_recorded_keyring_that_fails_is_an_error_of_its_own_and_nobody_takes_its_place() {
    for (mood, code, said) in [
        (Mood::Hangs, "keyringLocked", "did not answer"),
        (Mood::Locked, "keyringLocked", "locked"),
        (Mood::Refuses, "keyringUnusable", "not for you"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (keyring, gate) = Keyring::new();
        kept(folder.path(), KeyChoice::Auto, Some(keyring.clone()), None).put(account("lena")).unwrap();
        let before = fs::read(folder.path().join("vault")).unwrap();
        keyring.is(mood);
        let vault = kept(folder.path(), KeyChoice::Auto, Some(keyring.clone()), Some("passphrase"));
        for error in [vault.accounts().unwrap_err(), vault.put(account("ben")).unwrap_err()] {
            let report = error.report();
            assert_eq!((report.code.as_str(), report.exit_code()), (code, 4), "{report:?}");
            assert!(report.why.contains(said) && report.why.contains("nothing was lost"), "{report:?}");
        }
        assert_eq!(fs::read(folder.path().join("vault")).unwrap(), before);
        assert!(!folder.path().join("vault.key").exists());
        if mood == Mood::Hangs {
            // A thread that hangs is not doubled, and its late answer is taken.
            assert_eq!(keyring.asked.lock().unwrap().iter().filter(|what| **what == "read").count(), 2);
            gate.send(()).unwrap();
        }
        keyring.is(Mood::Works);
        assert_eq!(vault.accounts().unwrap(), [account("lena")]);
    }
}

#[test]
fn without_any_keyring_the_explicit_wish_for_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let vault = kept(folder.path(), KeyChoice::Keyring, None, Some("passphrase"));
    let error = vault.put(account("lena")).unwrap_err();
    assert!(matches!(error, VaultError::Keyring(StoreError::Absent(_))), "{error:?}");
    assert!(!folder.path().join("vault").exists() && !folder.path().join("vault.key").exists());
}

#[test]
fn a_passphrase_opens_the_vault_a_wrong_one_and_none_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let vault = kept(folder.path(), KeyChoice::Passphrase, None, None);
    assert_eq!(vault.put(account("lena")), Err(VaultError::NeedsPassphrase));
    kept(folder.path(), KeyChoice::Passphrase, None, Some("correct horse")).put(account("lena")).unwrap();
    assert_eq!(recorded_keeper(folder.path()), Some(VaultKeeper::Passphrase));
    assert!(!folder.path().join("vault.key").exists());
    let before = fs::read(folder.path().join("vault")).unwrap();

    let again = kept(folder.path(), KeyChoice::Auto, None, Some("correct horse"));
    assert_eq!(again.accounts().unwrap(), [account("lena")]);
    let wrong = kept(folder.path(), KeyChoice::Auto, None, Some("wrong horse")).accounts().unwrap_err();
    assert_eq!(wrong, VaultError::OtherKey(VaultKeeper::Passphrase));
    let none = kept(folder.path(), KeyChoice::Auto, None, None).accounts().unwrap_err();
    assert_eq!(none, VaultError::NeedsPassphrase);
    for error in [wrong, none] {
        let report = error.report();
        assert_eq!(report.exit_code(), 4, "{report:?}");
        assert!(!format!("{report:?}").contains("horse"), "{report:?}");
    }
    assert_eq!(fs::read(folder.path().join("vault")).unwrap(), before, "nothing was touched");
}

#[test]
fn another_keeper_is_taken_when_it_is_wished_for_and_the_former_holds_nothing_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let (keyring, _gate) = Keyring::new();
    kept(folder.path(), KeyChoice::File, None, None).put(account("lena")).unwrap();
    kept(folder.path(), KeyChoice::Keyring, Some(keyring.clone()), None).put(account("ben")).unwrap();
    assert_eq!(recorded_keeper(folder.path()), Some(VaultKeeper::Keyring));
    assert!(!folder.path().join("vault.key").exists() && !folder.path().join("vault.before").exists());
    kept(folder.path(), KeyChoice::Passphrase, Some(keyring.clone()), Some("horse")).put(account("mia")).unwrap();
    let vault = kept(folder.path(), KeyChoice::Auto, None, Some("horse"));
    assert_eq!(vault.accounts().unwrap().len(), 3);
}

#[test]
fn a_damaged_vault_gives_back_what_it_held_before_the_last_change() {
    let folder = tempfile::tempdir().unwrap();
    let vault = kept(folder.path(), KeyChoice::File, None, None);
    vault.put(account("lena")).unwrap();
    vault.update(&account("lena").account.key, |stored| stored.client_id = "newer".to_owned()).unwrap();
    let path = folder.path().join("vault");
    let whole = fs::read(&path).unwrap();
    write_private(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(vault.accounts().unwrap(), [account("lena")], "no account is lost");
    let kept_as = vault.facts().recovered.expect("it is told");
    assert_eq!(fs::read(kept_as).unwrap(), whole[..whole.len() / 2]);
    assert_eq!(vault.accounts().unwrap(), [account("lena")]);
    // Whoever signs out leaves nothing behind, not even in the copy.
    vault.remove(&account("lena").account.key).unwrap();
    write_private(&path, b"deskbell vault").unwrap();
    assert!(matches!(vault.accounts(), Err(VaultError::Damaged(_))));
}
