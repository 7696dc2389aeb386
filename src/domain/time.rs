//! The one home of time: spans, zones (IANA and Windows names), wall time, and dates as people say them.
//!
//! Instants are `jiff::Timestamp`, dates `jiff::civil::Date`, wall times `jiff::civil::Time` with a [`Zone`] beside them.
//! Must stay true: a zone that is not known is shown as unknown, never silently taken for UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// From an instant (inclusive) to an instant (exclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First instant.
    pub start: Timestamp,
    /// The instant after the last.
    pub end: Timestamp,
}

impl Span {
    /// Whether the two share more than a border. An empty span overlaps nothing.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `instant` lies inside.
    #[must_use]
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end
    }
}

/// A zone as somebody named it, with its rules if we know them.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// The name as it came (IANA or Windows), for display.
    pub name: String,
    /// The rules; `None` when the name is unknown.
    pub rules: Option<TimeZone>,
    /// The rules are a guess (a custom zone told by its offsets): times get a `~`.
    pub is_approximate: bool,
}
