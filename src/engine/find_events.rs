//! Events by words, from the cache.

use crate::base::report::Report;
use crate::db::Cache;
use crate::domain::query::fold;
use crate::domain::request::FoundEvents;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// So many hits are kept, those next to where somebody stands.
const MOST: usize = 2_000;

/// The events with all words of `text`, by day; the nearest is the first on or after `around`, else the last before it.
pub(super) async fn find(cache: &Cache, zone: &TimeZone, text: String, around: Date) -> Result<FoundEvents, Report> {
    let words: Vec<String> = text.split_whitespace().map(fold).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return Ok(FoundEvents { text, hits: Vec::new(), nearest: 0, is_cut: false });
    }
    let mut hits = cache.find_events(words, zone.clone()).await.map_err(|error| error.report())?;
    let is_cut = hits.len() > MOST;
    let mut nearest = hits.partition_point(|hit| hit.day < around).min(hits.len().saturating_sub(1));
    if is_cut {
        let first = nearest.saturating_sub(MOST / 2).min(hits.len() - MOST);
        hits = hits.split_off(first);
        hits.truncate(MOST);
        nearest -= first;
    }
    Ok(FoundEvents { text, hits, nearest, is_cut })
}
