//! Keeping house: looking at the cache, making room, emptying it, writing it out for others.
//!
//! Must stay true: the outbox and the drafts are not touched here; what is removed can be fetched again. [`facts`] and [`wipe`] need no
//! sign-in, so that they work where the vault is shut.

use crate::base::activity::Activity;
use crate::base::paths::Places;
use crate::base::report::Report;
use crate::config::{CacheLimits, KeptBodies};
use crate::db::{Db, DbError, Exported};
use crate::domain::account::Account;
use crate::domain::cache::{CacheFacts, Cleaned};
use crate::engine::live::Live;
use crate::engine::{Engine, Inner, nobody_signed_in};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

pub use crate::db::{Exported as WrittenOut, Written};

/// After a start nobody is kept waiting by it.
const FIRST: Duration = Duration::from_mins(10);
const BETWEEN: Duration = Duration::from_hours(24);

/// Where the cache is.
pub(super) fn file(places: &Places) -> PathBuf {
    places.cache.join("deskbell.db")
}

fn opened(places: &Places) -> Result<Db, Report> {
    Ok(Db::open(&file(places), &Activity::default()).map_err(|error| error.report())?.db)
}

/// What lies in the cache of these places; `None` if there is none.
///
/// # Errors
/// When it cannot be read.
pub async fn facts(places: &Places) -> Result<Option<CacheFacts>, Report> {
    if !file(places).exists() {
        return Ok(None);
    }
    opened(places)?.facts().await.map(Some).map_err(|error| error.report())
}

/// Empties what is kept of `account`, or of everybody; tells how many bytes the disk got back.
///
/// # Errors
/// When the cache cannot be written.
pub async fn wipe(places: &Places, account: Option<&Account>) -> Result<u64, Report> {
    if !file(places).exists() {
        return Ok(0);
    }
    let db = opened(places)?;
    db.wipe(account.map(|account| account.key.clone())).await.map_err(|error| error.report())?;
    let removed = if account.is_none() { db.remove_set_aside() } else { 0 };
    tracing::info!(removed, "the cache was emptied");
    given_back(&db).await
}

/// A cache that cannot be made smaller now is no failure: what is free in it is used again.
async fn given_back(db: &Db) -> Result<u64, Report> {
    match db.give_back().await {
        Ok(bytes) => Ok(bytes),
        Err(error @ (DbError::Full | DbError::Unwritten | DbError::Busy)) => {
            tracing::info!(%error, "the cache keeps its size");
            Ok(0)
        }
        Err(error) => Err(error.report()),
    }
}

/// How many bytes of bodies may stay; `None`: all of them.
fn bytes_of(limits: CacheLimits) -> Option<u64> {
    match limits.bodies {
        KeptBodies::All => None,
        KeptBodies::Recent => Some(u64::from(limits.body_megabytes) << 20),
        KeptBodies::None => Some(0),
    }
}

impl Engine {
    /// Makes room: bodies over the limits, accounts nobody is signed in to any more, damaged files that were set aside.
    ///
    /// # Errors
    /// When cache or vault cannot be read or written.
    pub async fn clean(&self) -> Result<Cleaned, Report> {
        let report = |error: DbError| error.report();
        let inner = &self.inner;
        let mut cleaned = Cleaned::default();
        let mut signed_in: Vec<_> = inner
            .brokers
            .accounts()
            .await
            .map_err(|error| error.report())?
            .into_iter()
            .map(|stored| stored.account.key)
            .collect();
        signed_in.extend(self.live().map(|live| live.account().key.clone()));
        // A service signs in by itself: its rows belong to its profile as long as there is one.
        let profiles = inner.setup.config.profiles.values();
        let services: Vec<String> = profiles
            .filter(|profile| profile.is_service() && !profile.client_id.is_empty())
            .map(|profile| profile.client_id.clone())
            .collect();
        for account in inner.db.accounts().await.map_err(report)? {
            let is_service = services.iter().any(|client| account.key.object.starts_with(client.as_str()));
            if is_service || signed_in.contains(&account.key) {
                cleaned.bodies += trim(&inner.db, &account, inner.setup.config.cache).await.map_err(report)?;
            } else {
                inner.db.remove_account(&account.key).await.map_err(report)?;
                cleaned.accounts += 1;
            }
        }
        cleaned.files = inner.db.remove_set_aside();
        cleaned.bytes = given_back(&inner.db).await?;
        Ok(cleaned)
    }

    /// Writes what is known of the account in use into the SQLite file at `to`.
    ///
    /// # Errors
    /// When nobody is signed in, or the file cannot be written; what was in it before stays.
    pub async fn export(&self, to: &Path, bodies: bool) -> Result<Exported, Report> {
        let live = self.live().ok_or_else(nobody_signed_in)?;
        let now = jiff::Timestamp::try_from(self.inner.setup.clock.now()).unwrap_or_default();
        let key = live.account().key.clone();
        self.inner.db.export(key, to.to_owned(), bodies, now).await.map_err(|error| error.report())
    }
}

async fn trim(db: &Db, account: &Account, limits: CacheLimits) -> Result<u64, DbError> {
    match bytes_of(limits) {
        Some(bytes) => db.cache(&account.key).await?.trim_bodies(bytes).await,
        None => Ok(0),
    }
}

/// Keeps the bodies of the account in use within the limits as long as the engine lives: some time after the start, then once a day.
pub(super) fn keep_within_limits(inner: &Arc<Inner>) {
    let engine: Weak<Inner> = Arc::downgrade(inner);
    let clock = inner.setup.clock.clone();
    tokio::spawn(async move {
        let mut wait = FIRST;
        loop {
            clock.sleep(wait).await;
            wait = BETWEEN;
            let Some(inner) = engine.upgrade() else { return };
            let live: Option<Arc<Live>> = super::lock(&inner.live).clone();
            let Some(live) = live else { continue };
            let _working = inner.setup.activity.begin();
            match trim(&inner.db, live.account(), inner.setup.config.cache).await {
                Ok(0) => {}
                Ok(bodies) => tracing::info!(bodies, "the oldest bodies went"),
                Err(error) => tracing::warn!(%error, "the bodies were not trimmed"),
            }
        }
    });
}
