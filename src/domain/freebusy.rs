//! Availability: schedules, working hours, and the grid made of them.
//!
//! Worst first: out of office, busy, tentative, working elsewhere, free. A cell shows the worst state it touches, so nothing busy
//! ever looks free; what nobody told us is unknown, never free. Free for counting means free or working elsewhere inside the
//! person's own hours. Rows are built from `scheduleItems`; the digits fill only what items lack [calendar-getschedule].

//!
//! Reading a schedule is in `grid`, finding a time in `slots`.

mod grid;
mod slots;

use crate::domain::time::{Span, Zone};
use jiff::Timestamp;
use jiff::civil::{Time, Weekday};

pub use grid::{Reading, cells, count_free, next_free};
pub use slots::{Candidate, FoundSlots, Hindrance, Part, Suggestion, Wanted, find, reason};

/// How a block of time shows to others. The order is from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Availability {
    /// Free.
    Free,
    /// Working elsewhere.
    WorkingElsewhere,
    /// Tentative.
    Tentative,
    /// Busy.
    Busy,
    /// Out of office.
    OutOfOffice,
}

/// A block of somebody's schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// When.
    pub span: Span,
    /// How it shows; `None` for a word we do not know, drawn as unknown.
    pub status: Option<Availability>,
    /// Subject, if shared; tamed.
    pub subject: Option<String>,
    /// Place, if shared; tamed.
    pub location: Option<String>,
    /// Private.
    pub is_private: bool,
}

/// Somebody's working hours.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkingHours {
    /// Working days.
    pub days: Vec<Weekday>,
    /// Start, wall time in `zone`.
    pub start: Time,
    /// End, wall time in `zone`; before or at `start` it means the next day.
    pub end: Time,
    /// Their zone.
    pub zone: Zone,
}

/// Why somebody's schedule could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleError {
    /// A stable camelCase word of ours: `notFound`, `noMailbox`, `notShared`, `tooMany`, `unreadable`, `noPermission`.
    pub code: String,
    /// In words, with the person's name left out.
    pub message: String,
    /// What to do.
    pub remedy: String,
    /// The service's own code and words, for the log.
    pub service: String,
}

/// What is known of somebody's time over a window.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// The address asked for.
    pub address: String,
    /// The window asked for; outside it everything is unknown.
    pub window: Span,
    /// The blocks, or why there are none.
    pub blocks: Result<Vec<Block>, ScheduleError>,
    /// The service's digits, one per `view_step` from the window's start; fills what the items lack. May be empty.
    pub view: String,
    /// Minutes per digit.
    pub view_minutes: u16,
    /// Their working hours, if told.
    pub working_hours: Option<WorkingHours>,
    /// When we read it.
    pub as_of: Timestamp,
}

/// One cell of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// Free inside their hours.
    Free,
    /// Free but outside their hours.
    OffHours,
    /// Working elsewhere.
    Elsewhere,
    /// Tentative.
    Tentative,
    /// Busy.
    Busy,
    /// Out of office.
    OutOfOffice,
    /// Nobody told us.
    Unknown,
}

impl Cell {
    /// Free for finding a time and for counting: free or working elsewhere, inside their own hours.
    #[must_use]
    pub const fn is_free(self) -> bool {
        matches!(self, Self::Free | Self::Elsewhere)
    }

    /// The state in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::OffHours => "off hours",
            Self::Elsewhere => "working elsewhere",
            Self::Tentative => "tentative",
            Self::Busy => "busy",
            Self::OutOfOffice => "out of office",
            Self::Unknown => "unknown",
        }
    }
}

impl From<Availability> for Cell {
    fn from(availability: Availability) -> Self {
        match availability {
            Availability::Free => Self::Free,
            Availability::WorkingElsewhere => Self::Elsewhere,
            Availability::Tentative => Self::Tentative,
            Availability::Busy => Self::Busy,
            Availability::OutOfOffice => Self::OutOfOffice,
        }
    }
}
