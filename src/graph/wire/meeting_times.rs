//! The service's suggestions of meeting times on the wire.

use super::time::WallTime;
use super::{Several, line};
use crate::domain::meeting_times::OpinionSlot;
use crate::domain::time::Span;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireSlot {
    start: Option<WallTime>,
    end: Option<WallTime>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireAddress {
    address: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireAttendee {
    email_address: Option<WireAddress>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireAvailability {
    attendee: Option<WireAttendee>,
    availability: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireSuggestion {
    order: Option<i64>,
    confidence: Option<f64>,
    meeting_time_slot: Option<WireSlot>,
    attendee_availability: Option<Several<WireAvailability>>,
    suggestion_reason: Option<String>,
}

impl WireSuggestion {
    fn slot(&self) -> Option<OpinionSlot> {
        let slot = self.meeting_time_slot.as_ref()?;
        let (start, end) = (slot.start.as_ref()?.instant()?, slot.end.as_ref()?.instant()?);
        let attendees = self.attendee_availability.as_ref().map_or(&[][..], |rows| &rows.0);
        let attendee = |row: &WireAvailability| {
            let address = row.attendee.as_ref()?.email_address.as_ref()?.address.as_deref()?;
            Some((line(address), line(row.availability.as_deref().unwrap_or("unknown"))))
        };
        (start < end).then(|| OpinionSlot {
            span: Span { start, end },
            confidence: self.confidence.and_then(percent),
            reason: line(self.suggestion_reason.as_deref().unwrap_or_default()),
            attendees: attendees.iter().filter_map(attendee).collect(),
        })
    }
}

/// A whole number of percent; nothing else is one.
fn percent(confidence: f64) -> Option<u8> {
    (0..=100).find(|percent| (f64::from(*percent) - confidence).abs() <= 0.5)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireOpinion {
    meeting_time_suggestions: Option<Several<WireSuggestion>>,
    empty_suggestions_reason: Option<String>,
}

impl WireOpinion {
    /// The suggestions that can be read, each with its place.
    pub fn slots(&self) -> Vec<(i64, OpinionSlot)> {
        let rows = self.meeting_time_suggestions.as_ref().map_or(&[][..], |rows| &rows.0);
        rows.iter().filter_map(|row| Some((row.order.unwrap_or(i64::MAX), row.slot()?))).collect()
    }

    /// Why there are none, in the service's word; empty where there are some.
    pub fn empty_reason(&self) -> String {
        line(self.empty_suggestions_reason.as_deref().unwrap_or_default())
    }
}
