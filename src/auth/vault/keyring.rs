//! The keyring of this system: Secret Service on Linux and its kin, Keychain on macOS, Credential Manager on Windows.
//!
//! Must stay true: connecting is part of each call, so that it too is under the limit of time. Deliberately absent in builds
//! without the feature `keyring`: [`system`] gives nothing then. Tested on Linux only.

use super::store::KeyStore;
use std::sync::Arc;

/// This system's keyring, if this build knows one. Asks nothing yet.
#[must_use]
pub fn system() -> Option<Arc<dyn KeyStore>> {
    #[cfg(all(feature = "keyring", any(unix, windows)))]
    return Some(Arc::new(known::System::default()));
    #[cfg(not(all(feature = "keyring", any(unix, windows))))]
    None
}

#[cfg(all(feature = "keyring", any(unix, windows)))]
mod known {
    use crate::auth::vault::store::{KeyStore, StoreError};
    use crate::base::secret::Secret;
    use crate::base::text::tame;
    use keyring_core::api::CredentialStore;
    use keyring_core::{Entry, Error};
    use std::sync::{Arc, Mutex, PoisonError};

    #[cfg(target_os = "macos")]
    use apple_native_keyring_store::keychain::Store;
    #[cfg(windows)]
    use windows_native_keyring_store::Store;
    #[cfg(all(unix, not(target_os = "macos")))]
    use zbus_secret_service_keyring_store::Store;

    const SERVICE: &str = "deskbell";

    #[derive(Default)]
    pub(super) struct System {
        open: Mutex<Option<Arc<CredentialStore>>>,
    }

    impl System {
        fn entry(&self, name: &str) -> Result<Entry, StoreError> {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let store = match &*open {
                Some(store) => store.clone(),
                None => {
                    let store: Arc<CredentialStore> =
                        Store::new().map_err(|error| StoreError::Absent(words(&error)))?;
                    open.insert(store).clone()
                }
            };
            drop(open);
            store.build(SERVICE, name, None).map_err(|error| failure(&error))
        }
    }

    impl KeyStore for System {
        fn name(&self) -> &'static str {
            if cfg!(target_os = "macos") {
                "Keychain"
            } else if cfg!(windows) {
                "Credential Manager"
            } else {
                "Secret Service"
            }
        }

        fn read(&self, entry: &str) -> Result<Option<Secret<String>>, StoreError> {
            match self.entry(entry)?.get_password() {
                Ok(value) => Ok(Some(Secret::new(value))),
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(failure(&error)),
            }
        }

        fn write(&self, entry: &str, value: &Secret<String>) -> Result<(), StoreError> {
            self.entry(entry)?.set_password(value.expose()).map_err(|error| failure(&error))
        }

        fn remove(&self, entry: &str) -> Result<(), StoreError> {
            match self.entry(entry)?.delete_credential() {
                Ok(()) | Err(Error::NoEntry) => Ok(()),
                Err(error) => Err(failure(&error)),
            }
        }
    }

    fn failure(error: &Error) -> StoreError {
        match error {
            Error::NoStorageAccess(_) => StoreError::Locked(words(error)),
            _ => StoreError::Refused(words(error)),
        }
    }

    /// The error's words, without the data some kinds carry.
    fn words(error: &Error) -> String {
        match error {
            Error::BadEncoding(_) | Error::BadDataFormat(..) => "the entry is not what was put there".to_owned(),
            other => tame(other.to_string().trim_end_matches('.')).into_owned(),
        }
    }
}
