//! The one channel through which the engine tells its news.
//!
//! Each piece of news carries a [`Working`] token until somebody has dealt with it, so that idle means "told and heard".

use crate::base::activity::{Activity, Working};
use crate::domain::notice::Notice;
use tokio::sync::mpsc;

/// Sends news. Cheap to clone; news that nobody hears any more is dropped.
#[derive(Clone)]
pub struct Notices {
    sender: mpsc::UnboundedSender<(Notice, Working)>,
    activity: Activity,
}

/// Where the news arrives, in order.
pub type News = mpsc::UnboundedReceiver<(Notice, Working)>;

impl Notices {
    /// A channel whose news count as work in `activity`.
    #[must_use]
    pub fn new(activity: Activity) -> (Self, News) {
        // Unbounded on purpose: news are small, and a full channel would make the sync wait for the screen.
        let (sender, news) = mpsc::unbounded_channel();
        (Self { sender, activity }, news)
    }

    /// Tells `notice`.
    pub fn tell(&self, notice: Notice) {
        let _ = self.sender.send((notice, self.activity.begin()));
    }
}
