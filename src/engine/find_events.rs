//! Events by words, from the cache.
//!
//! Must stay true: who types on ends the search for what was typed before.

use crate::base::report::Report;
use crate::db::{Cache, DbError, Near, Ongoing, Standing};
use crate::domain::query::fold;
use crate::domain::request::FoundEvents;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::sync::{Mutex, PoisonError};

/// So many hits are kept, those next to where somebody stands.
const MOST: usize = 1_000;

/// What is looked for at the moment.
#[derive(Default)]
pub(super) struct Finding {
    ongoing: Mutex<Ongoing>,
}

impl Finding {
    /// The events with all words of `text`, by day; the nearest is the first on or after `around`, else the last before it.
    pub(super) async fn find(
        &self,
        cache: &Cache,
        zone: &TimeZone,
        text: String,
        around: Date,
    ) -> Result<FoundEvents, Report> {
        let ongoing = self.begin();
        let words: Vec<String> = text.split_whitespace().map(fold).filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Ok(FoundEvents { text, hits: Vec::new(), nearest: 0, is_cut: false });
        }
        let standing = Standing { day: around, zone: zone.clone(), most: MOST };
        let Near { hits, nearest, is_cut } = match cache.find_events(words, standing, &ongoing).await {
            // Nobody looks at it: other words are being looked for.
            Err(DbError::Interrupted) => Near { hits: Vec::new(), nearest: 0, is_cut: false },
            near => near.map_err(|error| error.report())?,
        };
        Ok(FoundEvents { text, hits, nearest, is_cut })
    }

    /// Ends what was looked for before.
    fn begin(&self) -> Ongoing {
        let mut ongoing = self.ongoing.lock().unwrap_or_else(PoisonError::into_inner);
        ongoing.end();
        *ongoing = Ongoing::default();
        ongoing.clone()
    }
}
