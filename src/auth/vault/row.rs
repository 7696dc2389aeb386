//! Accounts as they are written into the vault: JSON, borrowed on the way out, so that no copy of a token is left behind.
//!
//! Must stay true: members are only added, and a missing one has a meaning, so that an older vault reads. Deliberately
//! absent: encryption (`vault::file`).

use super::{AccessToken, GrantHistory, StoredAccount};
use crate::base::secret::Secret;
use crate::domain::account::{Account, AccountKey, AccountKind, Scopes};
use crate::domain::token::{LostGrant, TokenWay};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The accounts as JSON, in a buffer that did not have to grow: growing would leave copies behind in freed memory. `spare` bytes
/// more fit in.
pub(super) fn write(accounts: &[StoredAccount], spare: usize) -> Option<Vec<u8>> {
    let rows = Rows { accounts: accounts.iter().map(Row::of).collect() };
    let length = accounts.iter().map(Row::longest).sum::<usize>() + 64 + spare;
    let mut text = Vec::with_capacity(length);
    serde_json::to_writer(&mut text, &rows).ok()?;
    Some(text)
}

/// The accounts of such a text.
pub(super) fn read(text: &[u8]) -> Option<Vec<StoredAccount>> {
    let rows = serde_json::from_slice::<OwnedRows>(text).ok()?;
    Some(rows.accounts.into_iter().map(OwnedRow::into_account).collect())
}

#[derive(Serialize)]
struct Rows<'a> {
    accounts: Vec<Row<'a>>,
}

/// An account as it is written; borrowed, so that no copy of a token is left behind.
#[derive(Serialize)]
struct Row<'a> {
    tid: &'a str,
    oid: &'a str,
    name: &'a str,
    address: &'a str,
    kind: &'static str,
    granted: String,
    client_id: &'a str,
    tenant: &'a str,
    authority: &'a str,
    scope: &'a str,
    refresh_token: Option<&'a str>,
    access_token: Option<&'a str>,
    received: Option<u64>,
    expires: Option<u64>,
    way: &'static str,
    issued: Option<u64>,
    last_used: Option<u64>,
    begun: Option<u64>,
    clock_ahead: i64,
    lost: Option<LostRow>,
    demanded: Option<&'a str>,
}

/// A lost grant as it is written.
#[derive(Serialize, Deserialize)]
struct LostRow {
    issued: Option<u64>,
    last_used: Option<u64>,
    refused: Option<u64>,
    #[serde(default)]
    cut_off: Option<u64>,
    error: String,
    code: String,
    correlation_id: String,
}

impl LostRow {
    fn of(lost: &LostGrant) -> Self {
        let seconds = |time: Option<Timestamp>| time.and_then(|time| u64::try_from(time.as_second()).ok());
        Self {
            issued: seconds(lost.issued),
            last_used: seconds(lost.last_used),
            refused: seconds(lost.refused),
            cut_off: seconds(lost.cut_off),
            error: lost.error.clone(),
            code: lost.code.clone(),
            correlation_id: lost.correlation_id.clone(),
        }
    }

    fn into_lost(self) -> LostGrant {
        let at = |seconds: Option<u64>| {
            seconds.and_then(|seconds| Timestamp::from_second(i64::try_from(seconds).ok()?).ok())
        };
        LostGrant {
            issued: at(self.issued),
            last_used: at(self.last_used),
            refused: at(self.refused),
            cut_off: at(self.cut_off),
            error: self.error,
            code: self.code,
            correlation_id: self.correlation_id,
        }
    }
}

impl<'a> Row<'a> {
    fn of(stored: &'a StoredAccount) -> Self {
        let StoredAccount { account, access_token, history, .. } = stored;
        Self {
            tid: &account.key.tenant,
            oid: &account.key.object,
            name: &account.name,
            address: &account.address,
            kind: match account.kind {
                AccountKind::Work => "work",
                AccountKind::Personal => "personal",
                AccountKind::Service => "service",
            },
            granted: account.granted.to_line(),
            client_id: &stored.client_id,
            tenant: &stored.tenant,
            authority: &stored.authority,
            scope: &stored.scope,
            refresh_token: stored.refresh_token.as_ref().map(|token| token.expose().as_str()),
            access_token: access_token.as_ref().map(|token| token.token.expose().as_str()),
            received: access_token.as_ref().map(|token| seconds(token.received)),
            expires: access_token.as_ref().map(|token| seconds(token.expires)),
            way: history.way.name(),
            issued: history.issued.map(seconds),
            last_used: history.last_used.map(seconds),
            begun: history.begun.map(seconds),
            clock_ahead: access_token.as_ref().map_or(0, |token| token.clock_ahead),
            lost: history.lost.as_ref().map(LostRow::of),
            demanded: history.demanded.as_deref(),
        }
    }

    /// An upper bound of the length of an account as JSON.
    fn longest(stored: &StoredAccount) -> usize {
        let StoredAccount { account, client_id, tenant, authority, scope, refresh_token, access_token, history } =
            stored;
        let lost =
            history.lost.as_ref().map_or(0, |lost| lost.error.len() + lost.code.len() + lost.correlation_id.len());
        let lost = lost + history.demanded.as_ref().map_or(0, String::len);
        let tokens = refresh_token.as_ref().map_or(0, |token| token.expose().len())
            + access_token.as_ref().map_or(0, |token| token.token.expose().len());
        let texts = [
            &account.key.tenant,
            &account.key.object,
            &account.name,
            &account.address,
            client_id,
            tenant,
            authority,
            scope,
        ];
        let texts = texts.iter().map(|text| text.len()).sum::<usize>() + account.granted.to_line().len();
        // A character becomes six at most (\u0000).
        (tokens + texts + lost) * 6 + 1024
    }
}

#[derive(Deserialize)]
struct OwnedRows {
    accounts: Vec<OwnedRow>,
}

#[derive(Deserialize)]
struct OwnedRow {
    tid: String,
    oid: String,
    name: String,
    address: String,
    kind: String,
    granted: String,
    client_id: String,
    tenant: String,
    authority: String,
    scope: String,
    refresh_token: Option<String>,
    access_token: Option<String>,
    received: Option<u64>,
    expires: Option<u64>,
    #[serde(default)]
    way: String,
    #[serde(default)]
    issued: Option<u64>,
    #[serde(default)]
    last_used: Option<u64>,
    #[serde(default)]
    begun: Option<u64>,
    #[serde(default)]
    clock_ahead: i64,
    #[serde(default)]
    lost: Option<LostRow>,
    #[serde(default)]
    demanded: Option<String>,
}

impl OwnedRow {
    fn into_account(self) -> StoredAccount {
        let access_token = self.access_token.map(Secret::new).zip(self.received.zip(self.expires));
        StoredAccount {
            account: Account {
                key: AccountKey { tenant: self.tid, object: self.oid },
                name: self.name,
                address: self.address,
                kind: match self.kind.as_str() {
                    "personal" => AccountKind::Personal,
                    "service" => AccountKind::Service,
                    _ => AccountKind::Work,
                },
                granted: Scopes::parse(&self.granted),
            },
            client_id: self.client_id,
            tenant: self.tenant,
            authority: self.authority,
            scope: self.scope,
            refresh_token: self.refresh_token.map(Secret::new),
            access_token: access_token.map(|(token, (received, expires))| AccessToken {
                token,
                received: at(received),
                expires: at(expires),
                clock_ahead: self.clock_ahead,
            }),
            history: GrantHistory {
                way: TokenWay::named(&self.way).unwrap_or_default(),
                issued: self.issued.map(at),
                last_used: self.last_used.map(at),
                begun: self.begun.map(at),
                lost: self.lost.map(LostRow::into_lost),
                demanded: self.demanded,
            },
        }
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH)
}
