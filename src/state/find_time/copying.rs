//! Times as text for a mail: the proposed one, those that were picked, or the best ones; in one's own zone or in those of everybody.
//!
//! Must stay true: what is copied unpicked is free for all who are required; whoever's zone is not known is not given one.

use super::FindTime;
use crate::domain::freebusy::Suggestion;
use crate::domain::time::{Span, Zone, clock_time, long_date, wall_time};
use crate::state::surface::Turn;
use crate::state::when;

/// Times a text for a mail offers.
const OFFERED: usize = 4;

/// In which zones times are copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CopyZones {
    /// In the zone that is shown.
    #[default]
    Mine,
    /// In the zone of everybody who is invited, mine first.
    Everybodys,
}

impl FindTime {
    /// In my zone only, or in everybody's.
    pub fn toggle_copy_zones(&mut self, turn: &mut Turn<'_>) {
        self.copy_zones = match self.copy_zones {
            CopyZones::Mine => CopyZones::Everybodys,
            CopyZones::Everybodys => CopyZones::Mine,
        };
        let zones = self.zones(turn.zone);
        let names: Vec<String> = zones.iter().map(Zone::place).collect();
        turn.tell(format!("Times are copied as in {}.", names.join(", ")));
    }

    /// The zones in which times are written, those with the same clock once.
    fn zones(&self, mine: &Zone) -> Vec<Zone> {
        let mut zones = vec![mine.clone()];
        if self.copy_zones == CopyZones::Everybodys {
            let at = self.slot.unwrap_or_default();
            for each in &self.participants {
                let Some(hours) = self.schedule(each).and_then(|schedule| schedule.working_hours.as_ref()) else {
                    continue;
                };
                let is_new =
                    hours.zone.rules.is_some() && !zones.iter().any(|zone| zone.has_same_clocks(&hours.zone, at));
                if is_new && !each.is_me {
                    zones.push(hours.zone.clone());
                }
            }
        }
        zones
    }

    /// The proposed time as text.
    #[must_use]
    pub fn slot_as_text(&self, zone: &Zone) -> Option<String> {
        Some(self.as_text(&[self.slot()?], zone))
    }

    /// The times that were picked to be copied.
    #[must_use]
    pub fn picks(&self) -> &[Span] {
        &self.picks
    }

    /// Picks the proposed time, or lets it go again; of the suggestions the next is proposed then.
    pub fn toggle_pick(&mut self, turn: &mut Turn<'_>) {
        let Some(slot) = self.slot() else { return };
        self.mark = None;
        match self.picks.iter().position(|pick| *pick == slot) {
            Some(at) => {
                self.picks.remove(at);
            }
            None => self.picks.push(slot),
        }
        turn.tell(match self.picks.len() {
            0 => "No time is picked; the best ones are copied.".to_owned(),
            1 => "1 time is picked to be copied; Esc lets it go.".to_owned(),
            count => format!("{count} times are picked to be copied; Esc lets them go."),
        });
        if self.suggestion.is_some_and(|at| at + 1 < self.suggestions.len()) {
            self.walk(1, turn);
        }
    }

    /// Lets all picked times go. False: there was none.
    pub(super) fn unpick(&mut self) -> bool {
        !std::mem::take(&mut self.picks).is_empty()
    }

    /// What was picked, else the best times, as text for a mail.
    #[must_use]
    pub fn slots_as_text(&self, zone: &Zone) -> Option<String> {
        let suits = |each: &&Suggestion| each.free_required == each.of_required;
        let mut spans: Vec<Span> = if self.picks.is_empty() {
            self.suggestions.iter().filter(suits).take(OFFERED).map(|each| each.span).collect()
        } else {
            self.picks.clone()
        };
        spans.sort_by_key(|span| span.start);
        (!spans.is_empty()).then(|| self.as_text(&spans, zone))
    }

    fn as_text(&self, spans: &[Span], mine: &Zone) -> String {
        let of = |zone: &Zone| {
            let rules = when::rules(zone);
            let line = |span: &Span| {
                let (start, end) = (wall_time(span.start, &rules), wall_time(span.end, &rules));
                let until = if start.date() == end.date() { "" } else { " the next day" };
                format!(
                    "{}  {}-{}{until}",
                    long_date(start.date()),
                    clock_time(span.start, &rules),
                    clock_time(span.end, &rules)
                )
            };
            let lines: Vec<String> = spans.iter().map(line).collect();
            format!("{}\n(times in {})", lines.join("\n"), zone.name)
        };
        self.zones(mine).iter().map(of).collect::<Vec<_>>().join("\n\n")
    }
}
