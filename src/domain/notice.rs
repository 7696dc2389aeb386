//! News of the engine: what changed without being asked for.

use crate::base::report::Report;
use crate::domain::intent::OutboxSummary;
use crate::domain::login::{LoginStep, Ways};
use crate::domain::mail::{FolderId, MessageId};
use crate::domain::me::Me;
use crate::domain::sync::SyncStatus;

/// News. Each is small; whoever shows the changed thing asks for it anew.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// The sign-in moved on.
    Login(LoginStep),
    /// Which ways in exist here, and which is best.
    Ways(Ways),
    /// Who we work for became known or changed (also at a start without network, from the cache).
    Me(Box<Me>),
    /// The sync moved on.
    Sync(SyncStatus),
    /// Folders or counts changed in the cache.
    FoldersChanged,
    /// Messages of a folder changed in the cache.
    MessagesChanged(FolderId),
    /// A body arrived in the cache.
    BodyArrived(MessageId),
    /// What was new can be searched now.
    Indexed,
    /// Events changed in the cache.
    EventsChanged,
    /// Presence, automatic replies or team changed in the cache.
    PeopleChanged,
    /// The outbox changed: something was wanted, got done, got stuck, or was taken back.
    OutboxChanged(OutboxSummary),
    /// Something failed that nobody asked for.
    Problem(Report),
}
