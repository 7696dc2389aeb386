//! Hits of a search that are selected together, however many there are: counted, and brought together for a change of them.
//!
//! Hits have no index of their own, so they are walked as a page of them is, stretch by stretch. Must stay true: no more than
//! [`MOST_AT_ONCE`] are gathered; whoever asks anew ends what is under way; what was shown as a hit, from the service too, is one here.

use super::{Searches, no_such_folder};
use crate::base::report::Report;
use crate::db::{DbError, Ongoing, Search, Walk};
use crate::domain::mail::MessageId;
use crate::domain::query::Query;
use crate::domain::selection::{Counted, MOST_AT_ONCE, SearchFor, Standing, Stretch};
use crate::domain::time::date_at;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashSet;
use std::sync::Arc;

/// Hits taken in one go.
const IN_ONE_GO: usize = 1_000;
/// A count ends after so many goes and is then a least one.
const MOST_GOES_OF_A_COUNT: usize = 100;

/// Hits of a stretch.
pub(in crate::engine) struct Gathered {
    /// Newest first.
    pub(in crate::engine) hits: Vec<Standing>,
    /// Their ends.
    ends: Option<Stretch>,
    /// There are no more.
    pub(in crate::engine) is_all: bool,
}

/// What they are gathered for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Count,
    Change,
}

impl Searches {
    /// How many hits lie in a stretch, or at least lie there; `None`: none.
    pub(in crate::engine) async fn count_selected(
        &self,
        search: &SearchFor,
        stretch: Stretch,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Option<Counted>, Report> {
        let gathered = self.gather(search, stretch, Purpose::Count, now, zone).await?;
        let count = u32::try_from(gathered.hits.len()).unwrap_or(u32::MAX);
        Ok(gathered.ends.map(|ends| Counted {
            // Where it was not walked to its end, its end is not known.
            stretch: if gathered.is_all { ends } else { Stretch { oldest: stretch.oldest, ..ends } },
            count,
            is_exact: gathered.is_all,
        }))
    }

    /// The hits of a stretch, as far as a change has to know them.
    pub(in crate::engine) async fn selected(
        &self,
        search: &SearchFor,
        stretch: Stretch,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Gathered, Report> {
        self.gather(search, stretch, Purpose::Change, now, zone).await
    }

    /// Nobody waits any more for the hits that were to be changed.
    pub(in crate::engine) fn forget_selected(&self) {
        self.lock().changing.end();
    }

    async fn gather(
        &self,
        search: &SearchFor,
        stretch: Stretch,
        purpose: Purpose,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Gathered, Report> {
        let ongoing = Ongoing::default();
        {
            let mut state = self.lock();
            let place = if purpose == Purpose::Count { &mut state.counting } else { &mut state.changing };
            std::mem::replace(place, ongoing.clone()).end();
        }
        let query = Arc::new(Query::parse(&search.text).map_err(|error| error.report())?);
        no_such_folder(&self.finder.cache, &query).await?;
        let today = date_at(now, zone);
        let also = match search.from_service {
            // What was shown is remembered. Should it be forgotten, it is asked for again, and nothing is done without it.
            true => self.ask_service(&query, today).await?.places,
            false => Arc::default(),
        };
        let wanted = Search { query, folder: search.folder.clone(), today, zone: zone.clone(), also };
        self.finder.gather(&wanted, stretch, purpose, &ongoing).await.map_err(|error| error.report())
    }
}

impl super::Finder {
    async fn gather(
        &self,
        wanted: &Search,
        stretch: Stretch,
        purpose: Purpose,
        ongoing: &Ongoing,
    ) -> Result<Gathered, DbError> {
        let most = usize::try_from(MOST_AT_ONCE).unwrap_or(usize::MAX);
        let mut gathered = Gathered { hits: Vec::new(), ends: None, is_all: true };
        let mut ids: HashSet<MessageId> = HashSet::new();
        let mut onward = Some(Walk::older(stretch.newest, true));
        let mut goes = 0;
        while let Some(from) = onward.filter(|walk| !walk.has_passed(stretch.oldest)) {
            if gathered.hits.len() > most || (purpose == Purpose::Count && goes == MOST_GOES_OF_A_COUNT) {
                gathered.is_all = false;
                break;
            }
            goes += 1;
            let walked = self.cache.search_until(wanted.clone(), from, IN_ONE_GO, ongoing).await?;
            onward = walked.onward;
            for (row, _) in walked.rows {
                if row.key < stretch.oldest {
                    onward = None;
                    break;
                }
                let message = row.message;
                if !ids.insert(message.id.clone()) {
                    continue;
                }
                let newest = gathered.ends.map_or(row.key, |ends| ends.newest);
                gathered.ends = Some(Stretch { newest, oldest: row.key });
                gathered.hits.push(Standing {
                    id: message.id,
                    folder: message.folder,
                    is_read: message.is_read,
                    is_flagged: message.is_flagged,
                    categories: message.categories,
                });
            }
        }
        gathered.is_all &= gathered.hits.len() <= most;
        gathered.hits.truncate(most);
        Ok(gathered)
    }
}
