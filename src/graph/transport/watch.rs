//! An eye on an exchange that takes long: is the service slow, or is the network gone?
//!
//! Where packets vanish, a call hangs until its limits, a minute later. So after a short while a connection is tried beside it; if
//! none is taken, the network is gone: that is told at once, and what may be repeated is given up, to be sent again when there is a
//! way. Must stay true: what the service may be working on is never given up for a guess; a slow service is left in peace.

use super::{Exchange, Graph, Url};
use crate::base::secret::Secret;
use crate::graph::call::{Call, Repeat};
use crate::graph::error::Trace;
use crate::net::probe;
use std::time::Duration;

/// An answer that takes longer makes us look.
const QUIET: Duration = Duration::from_millis(2_500);
/// A connection that takes longer is none.
const TAKEN: Duration = Duration::from_millis(2_400);
/// The pauses between looks grow up to this.
const LONGEST: Duration = Duration::from_secs(20);

impl Graph {
    /// Whether there is a way to the service: a connection is taken within a few seconds. Nothing is sent.
    pub async fn is_in_reach(&self) -> bool {
        tokio::select! {
            biased;
            is_there = probe::reaches(&self.inner.parts.clients, &self.inner.base) => is_there,
            () = self.inner.parts.clock.limit(TAKEN) => false,
        }
    }

    /// One exchange with the service, watched.
    pub(super) async fn watched(&self, call: &Call, url: &Url, token: &Secret<String>) -> Exchange {
        let clock = &self.inner.parts.clock;
        let exchange = self.exchange(call, url.clone(), token);
        tokio::pin!(exchange);
        let mut pause = QUIET;
        loop {
            tokio::select! {
                biased;
                done = &mut exchange => return done,
                () = clock.limit(pause) => {}
            }
            let is_there = tokio::select! {
                biased;
                done = &mut exchange => return done,
                is_there = probe::reaches(&self.inner.parts.clients, url) => is_there,
                () = clock.limit(TAKEN) => false,
            };
            if !is_there {
                tracing::info!("no answer, and no connection is taken either");
                self.tell_unreachable(None);
                if call.repeats() == Repeat::Safe {
                    let failure = Box::new(self.inner.parts.clients.silence(url));
                    return Exchange::Failed { failure, was_sent: true, trace: Trace::default() };
                }
            }
            pause = (pause * 2).min(LONGEST);
        }
    }
}
