//! How one's own settings stand, in words: for the overlays and for the line under the header.

use crate::domain::event_draft::AutomaticRepliesSetting;
use crate::domain::own_settings::RepliesNow;
use crate::domain::time::{Zone, clock_time, date_at};
use crate::state::when;
use jiff::Timestamp;

/// An instant as one says it: the time today, day and time otherwise.
#[must_use]
pub fn moment(at: Timestamp, now: Timestamp, zone: &Zone) -> String {
    let rules = when::rules(zone);
    let day = date_at(at, &rules);
    if day == date_at(now, &rules) {
        return clock_time(at, &rules);
    }
    format!("{} {}", day.strftime("%a %-d %b"), clock_time(at, &rules))
}

/// How automatic replies stand.
#[must_use]
pub fn replies(setting: &AutomaticRepliesSetting, now: Timestamp, zone: &Zone) -> String {
    let told = |at| moment(at, now, zone);
    match setting.at(now) {
        RepliesNow::Off => "Off: nobody is answered.".to_owned(),
        RepliesNow::On => "On until you end them.".to_owned(),
        RepliesNow::OnUntil(end) => format!("On until {}.", told(end)),
        RepliesNow::From(span) => format!("They begin {} and end {}.", told(span.start), told(span.end)),
        RepliesNow::Over(end) => format!("Off: they ended {}.", told(end)),
    }
}

/// The line under the header; nothing while nobody is answered, now or later.
#[must_use]
pub fn replies_line(setting: &AutomaticRepliesSetting, now: Timestamp, zone: &Zone) -> Option<String> {
    let told = |at| moment(at, now, zone);
    match setting.at(now) {
        RepliesNow::Off | RepliesNow::Over(_) => None,
        RepliesNow::On => Some("Your automatic replies are on.".to_owned()),
        RepliesNow::OnUntil(end) => Some(format!("Your automatic replies are on until {}.", told(end))),
        RepliesNow::From(span) => {
            Some(format!("Your automatic replies begin {} and end {}.", told(span.start), told(span.end)))
        }
    }
}
