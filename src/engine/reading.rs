//! Messages for reading: the body from the cache or, once, from the service, made into styled text off the loop.
//!
//! A text is kept by message, width and folding, so that going back and forth costs nothing; a resize asks anew. A body that is not
//! in the cache is fetched while the headers are already shown; a notice says when it is there, or that it could not be had.

use crate::base::activity::Activity;
use crate::base::report::{Kind, Report};
use crate::config::KeptBodies;
use crate::db::Cache;
use crate::domain::mail::{Body, MessageId};
use crate::domain::notice::Notice;
use crate::domain::request::Reading;
use crate::domain::styled::StyledText;
use crate::engine::notices::Notices;
use crate::engine::reader;
use crate::graph::{self, Graph};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Texts kept ready; a text is a few kilobytes, long newsletters some tens.
const MOST_TEXTS: usize = 24;
/// Bodies held where none is kept on this computer: enough to go back and forth, to resize and to unfold.
const MOST_UNKEPT: usize = 8;

/// Makes messages readable for one account.
#[derive(Clone)]
pub(crate) struct Readings {
    cache: Cache,
    graph: Graph,
    notices: Notices,
    activity: Activity,
    /// Whether what was opened is kept on disk.
    keeps_bodies: bool,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    texts: VecDeque<(Asked, Arc<StyledText>)>,
    /// Where none goes to the disk: the last few, for as long as the program runs.
    bodies: VecDeque<(MessageId, Body)>,
    on_the_way: BTreeSet<MessageId>,
    failed: BTreeMap<MessageId, Report>,
}

#[derive(Clone, PartialEq, Eq)]
struct Asked {
    message: MessageId,
    width: u16,
    unfold: bool,
}

impl Readings {
    pub(crate) fn new(cache: Cache, graph: Graph, notices: Notices, activity: Activity, bodies: KeptBodies) -> Self {
        let keeps_bodies = bodies != KeptBodies::None;
        Self { cache, graph, notices, activity, keeps_bodies, kept: Arc::default() }
    }

    /// The message with its text at this width; the text is missing while the body is on its way.
    pub(crate) async fn read(&self, message: MessageId, width: u16, unfold: bool) -> Result<Reading, Report> {
        let row = self.cache.message(&message).await.map_err(|error| error.report())?;
        let Some(row) = row else { return Err(gone()) };
        let mut reading = Reading { message: row.message, text: None, attachments: Vec::new(), width, problem: None };
        match self.body(&message).await? {
            Some(body) => {
                reading.attachments.clone_from(&body.attachments);
                reading.text = Some(self.text(Asked { message, width, unfold }, body).await?);
            }
            None => {
                reading.problem = self.lock().failed.remove(&message);
                if reading.problem.is_none() {
                    self.fetch(message);
                }
            }
        }
        Ok(reading)
    }

    /// Forgets what failed, so that it is tried again.
    pub(crate) fn forget_failures(&self) {
        self.lock().failed.clear();
    }

    async fn body(&self, message: &MessageId) -> Result<Option<Body>, Report> {
        let held = self.lock().bodies.iter().find(|(id, _)| id == message).map(|(_, body)| body.clone());
        match held {
            Some(body) => Ok(Some(body)),
            None => self.cache.body(message).await.map_err(|error| error.report()),
        }
    }

    /// Keeps what was fetched, on the disk or, where none shall be there, in memory for a while.
    async fn keep(&self, message: &MessageId, body: Body) -> Result<(), Report> {
        if self.keeps_bodies {
            return match self.cache.put_bodies(vec![(message.clone(), body)]).await {
                Ok(_) => Ok(()),
                Err(error) => Err(error.report()),
            };
        }
        let mut kept = self.lock();
        kept.bodies.retain(|(id, _)| id != message);
        kept.bodies.push_back((message.clone(), body));
        if kept.bodies.len() > MOST_UNKEPT {
            kept.bodies.pop_front();
        }
        Ok(())
    }

    async fn text(&self, asked: Asked, body: Body) -> Result<StyledText, Report> {
        let kept = self.lock().texts.iter().find(|(key, _)| *key == asked).map(|(_, text)| text.clone());
        if let Some(text) = kept {
            return Ok((*text).clone());
        }
        let (width, unfold) = (asked.width, asked.unfold);
        let text = tokio::task::spawn_blocking(move || reader::render(&body.content, width, unfold)).await;
        let text = text.map_err(|_| {
            Report::new(Kind::Failure, "unreadable", "This message could not be made readable.")
                .because("Its text broke the part of the program that lays it out.")
                .next("Read it in Outlook on the web, and please report it.")
        })?;
        let mut kept = self.lock();
        kept.texts.push_back((asked, Arc::new(text.clone())));
        if kept.texts.len() > MOST_TEXTS {
            kept.texts.pop_front();
        }
        Ok(text)
    }

    /// Fetches a body once, however often it is asked for meanwhile.
    fn fetch(&self, message: MessageId) {
        if !self.lock().on_the_way.insert(message.clone()) {
            return;
        }
        let working = self.activity.begin();
        let readings = self.clone();
        tokio::spawn(async move {
            let fetched = match graph::mail::body(&readings.graph, &message).await {
                Ok(body) => readings.keep(&message, body).await,
                Err(error) => Err(error.report("The text of this message could not be fetched.")),
            };
            {
                let mut kept = readings.lock();
                kept.on_the_way.remove(&message);
                if let Err(report) = fetched {
                    kept.failed.insert(message.clone(), report);
                }
            }
            readings.notices.tell(Notice::BodyArrived(message));
            drop(working);
        });
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gone() -> Report {
    Report::new(Kind::Failure, "gone", "This message is no longer there.")
        .because("It was moved or deleted meanwhile.")
        .next("Press F5 to fetch the list anew.")
}
