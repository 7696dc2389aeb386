//! Who we work for and what they have set, as every screen shows it: what the service said last, with what is wanted over it.
//!
//! The one copy in the program; the sync, the outbox and the requests share it. Must stay true: what the service said is in the cache
//! before it is told; a wish is shown at once and goes away with the change that carries it, done or given up; nothing is told that
//! did not change.

use crate::base::text::tame;
use crate::db::Cache;
use crate::domain::event_draft::AutomaticRepliesSetting;
use crate::domain::intent::{Intent, ItemState};
use crate::domain::me::Me;
use crate::domain::notice::Notice;
use crate::domain::outbox::Entry;
use crate::engine::notices::Notices;
use crate::engine::reader::plain_text;
use crate::graph::settings::OwnReplies;
use crate::graph::{Graph, Priority, presence};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the service said, and what is wanted.
#[derive(Debug)]
struct Known {
    said: Me,
    wanted: Vec<Intent>,
    /// What was told last.
    shown: Me,
}

/// Who we work for.
pub struct Own {
    known: Mutex<Known>,
    cache: Cache,
    graph: Graph,
    notices: Notices,
    /// What is learnt is learnt one after the other.
    order: tokio::sync::Mutex<()>,
}

impl Own {
    /// Of an account whose person was last read as `me`.
    #[must_use]
    pub fn new(me: Me, cache: Cache, graph: Graph, notices: Notices) -> Self {
        let known = Known { said: me.clone(), wanted: Vec::new(), shown: me };
        Self { known: Mutex::new(known), cache, graph, notices, order: tokio::sync::Mutex::new(()) }
    }

    /// As it is shown.
    pub(super) fn me(&self) -> Me {
        self.known().shown.clone()
    }

    /// Takes what the service said. True: it is news.
    pub(super) async fn learn(&self, change: impl FnOnce(&mut Me)) -> bool {
        let _turn = self.order.lock().await;
        let before = self.known().said.clone();
        // Another process may have learnt more.
        let mut me = match self.cache.me().await {
            Ok(Some(me)) => Me { kind: before.kind, granted: before.granted.clone(), ..me },
            _ => before.clone(),
        };
        let was_kept = me.clone();
        change(&mut me);
        let is_news = me != was_kept;
        if is_news && let Err(error) = self.cache.put_me(me.clone()).await {
            tracing::warn!(%error, "what was learnt of the person was not kept");
        }
        self.known().said = me;
        self.tell();
        is_news
    }

    /// Another process wrote into the cache.
    pub(super) async fn look(&self) {
        self.learn(|_| {}).await;
    }

    /// These changes are not made yet; what they want is shown.
    pub(super) fn wants(&self, entries: &[Entry]) {
        let is_on = |entry: &&Entry| {
            matches!(entry.item.state, ItemState::Held { .. } | ItemState::Waiting | ItemState::UnderWay)
        };
        let is_own = |intent: &&Intent| {
            matches!(
                intent,
                Intent::AutomaticReplies(_) | Intent::WorkingTime(_) | Intent::Presence(_) | Intent::StatusNote(_)
            )
        };
        self.known().wanted = entries.iter().filter(is_on).map(Entry::intent).filter(is_own).cloned().collect();
        self.tell();
    }

    /// The service has made this change.
    pub(super) async fn has(&self, intent: &Intent) {
        match intent {
            Intent::AutomaticReplies(_) | Intent::WorkingTime(_) => {
                self.learn(|me| apply(intent, me)).await;
            }
            Intent::Presence(_) | Intent::StatusNote(_) => {
                self.learn(|me| apply(intent, me)).await;
                self.read_presence().await;
            }
            _ => {}
        }
    }

    /// How we are shown to others, asked anew: what was kept of it is not true any more.
    async fn read_presence(&self) {
        let me = self.me().person.id;
        match presence::of(&self.graph, std::slice::from_ref(&me), Priority::Person).await {
            Ok(read) => {
                let rows = read.into_iter().map(|(_, presence)| (me.clone(), presence)).collect();
                if let Err(error) = self.cache.put_presence(rows).await {
                    tracing::warn!(%error, "the own presence was not kept");
                }
                self.notices.tell(Notice::PeopleChanged);
            }
            Err(error) => tracing::info!(%error, "the own presence was not read"),
        }
    }

    fn tell(&self) {
        let news = {
            let mut known = self.known();
            let mut shown = known.said.clone();
            for intent in &known.wanted {
                apply(intent, &mut shown);
            }
            if shown == known.shown {
                return;
            }
            known.shown = shown.clone();
            shown
        };
        self.notices.tell(Notice::Me(Box::new(news)));
    }

    /// Locks for the length of a copy; nothing is awaited under it.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Automatic replies as they are shown: plain and tame.
pub(super) fn shown_replies(replies: OwnReplies) -> AutomaticRepliesSetting {
    AutomaticRepliesSetting {
        state: replies.state,
        internal: Some(plain_text(&replies.internal)),
        external: Some(plain_text(&replies.external)),
        audience: replies.audience,
        is_html: false,
    }
}

fn apply(intent: &Intent, me: &mut Me) {
    match intent {
        Intent::AutomaticReplies(wanted) if wanted.is_html => {
            let plain = |text: &Option<String>| text.as_deref().map(plain_text);
            me.take_replies(&AutomaticRepliesSetting {
                internal: plain(&wanted.internal),
                external: plain(&wanted.external),
                is_html: false,
                ..wanted.clone()
            });
        }
        Intent::AutomaticReplies(wanted) => me.take_replies(wanted),
        Intent::WorkingTime(wanted) => me.take_time(wanted),
        Intent::Presence(chosen) => me.chosen = *chosen,
        Intent::StatusNote(note) => {
            me.note = (!note.text.is_empty()).then(|| note.clone()).map(|mut note| {
                note.text = tame(&note.text).into_owned();
                note
            });
        }
        _ => {}
    }
}
