//! Who the program works for, with what they have set of their own.
//!
//! Must stay true: what is wanted and not yet known to the service is shown over what was last read, and what a wish does not name
//! stays as it is. Deliberately absent: accounts by their keys (`account`), and the settings as values (`own_settings`).

use crate::domain::account::{AccountKind, Scopes};
use crate::domain::event_draft::AutomaticRepliesSetting;
use crate::domain::freebusy::WorkingHours;
use crate::domain::own_settings::{ChosenPresence, StatusNote, WorkingTime};
use crate::domain::person::Person;
use crate::domain::time::Zone;

/// Who the program works for: known after sign-in, kept in the cache for a start without network.
#[derive(Clone, Debug, PartialEq)]
pub struct Me {
    /// The person.
    pub person: Person,
    /// A person or a service; a service is shown with a badge.
    pub kind: AccountKind,
    /// What was granted.
    pub granted: Scopes,
    /// Their mailbox's zone, if told.
    pub zone: Option<Zone>,
    /// Their working hours, if told.
    pub working_hours: Option<WorkingHours>,
    /// Their automatic replies as last read, with what is wanted over them; the texts plain and tame.
    pub replies: Option<AutomaticRepliesSetting>,
    /// The presence they chose here, while it holds.
    pub chosen: Option<ChosenPresence>,
    /// The note beside it that was set here.
    pub note: Option<StatusNote>,
}

impl Me {
    /// Shows a wish of working hours and zone.
    pub fn take_time(&mut self, wanted: &WorkingTime) {
        self.zone = wanted.zone.clone().or_else(|| self.zone.clone());
        self.working_hours = wanted.hours.clone().or_else(|| self.working_hours.clone());
    }

    /// Shows a wish of automatic replies.
    pub fn take_replies(&mut self, wanted: &AutomaticRepliesSetting) {
        self.replies = Some(match &self.replies {
            Some(known) => known.with(wanted),
            None => wanted.clone(),
        });
    }
}
