//! The cache helps; it is no condition.
//!
//! A question that the service can answer is answered even when the cache cannot be read or written. Must stay true: the trouble
//! is in the log, and a damaged cache is told by the part that owns it, not once per question.

use crate::db::DbError;

/// What the cache gave, or nothing.
pub(crate) fn kept<T>(result: Result<T, DbError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::warn!(%error, "the cache could not help");
            None
        }
    }
}
