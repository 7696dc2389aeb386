//! The one channel through which the engine tells its news.
//!
//! Each piece of news carries a [`Working`] token until somebody has dealt with it, so that idle means "told and heard". News of
//! something that was committed to disk also go to the other processes of this home ([`Nudge`]); what is heard from them is told
//! here only.

use crate::base::activity::{Activity, Working};
use crate::domain::notice::Notice;
use crate::engine::nudge::{Kind, Nudge};
use std::sync::Arc;
use std::sync::OnceLock;
use tokio::sync::mpsc;

/// Sends news. Cheap to clone; news that nobody hears any more is dropped.
#[derive(Clone)]
pub struct Notices {
    sender: mpsc::UnboundedSender<(Notice, Working)>,
    activity: Activity,
    nudge: Arc<OnceLock<Nudge>>,
}

/// Where the news arrives, in order.
pub type News = mpsc::UnboundedReceiver<(Notice, Working)>;

impl Notices {
    /// A channel whose news count as work in `activity`.
    #[must_use]
    pub fn new(activity: Activity) -> (Self, News) {
        // Unbounded on purpose: news are small, and a full channel would make the sync wait for the screen.
        let (sender, news) = mpsc::unbounded_channel();
        (Self { sender, activity, nudge: Arc::default() }, news)
    }

    /// From now on other processes are told through `nudge`.
    pub(super) fn nudge_through(&self, nudge: Nudge) {
        let _ = self.nudge.set(nudge);
    }

    /// Tells `notice`, and the other processes if it is about something on disk.
    pub fn tell(&self, notice: Notice) {
        if let (Some(nudge), Some(kind)) = (self.nudge.get(), committed(&notice)) {
            nudge.send(&kind);
        }
        self.tell_here(notice);
    }

    /// Tells `notice` in this process only.
    pub fn tell_here(&self, notice: Notice) {
        let _ = self.sender.send((notice, self.activity.begin()));
    }
}

/// What of this is on disk, where other processes find it.
fn committed(notice: &Notice) -> Option<Kind> {
    match notice {
        Notice::FoldersChanged => Some(Kind::Folders),
        Notice::MessagesChanged(folder) => Some(Kind::Messages(folder.clone())),
        Notice::BodyArrived(message) => Some(Kind::Body(message.clone())),
        Notice::EventsChanged => Some(Kind::Events),
        Notice::PeopleChanged => Some(Kind::People),
        Notice::OutboxChanged(_) => Some(Kind::Outbox),
        _ => None,
    }
}
