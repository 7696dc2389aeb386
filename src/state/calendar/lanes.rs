//! Overlapping events side by side: which share the width of a day, and how.
//!
//! Events that overlap, directly or through others, form a cluster; each gets the first lane that is free when it begins, and the
//! cluster's number of lanes divides the width. Pure, so that the view and its tests agree.

/// An event's stretch of a day, in minutes, `start` inclusive and `end` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// First minute.
    pub start: i32,
    /// The minute after the last.
    pub end: i32,
}

/// Where an event stands across the day's width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// From 0.
    pub index: u16,
    /// How many share the width.
    pub of: u16,
}

/// A lane for each of `stretches`, which are sorted by start. An event shorter than `shortest` takes up that much, since it is drawn
/// that high.
#[must_use]
pub fn lanes(stretches: &[Stretch], shortest: i32) -> Vec<Lane> {
    let mut placed: Vec<Lane> = Vec::with_capacity(stretches.len());
    let mut cluster_from = 0;
    let mut cluster_end = i32::MIN;
    let mut ends: Vec<i32> = Vec::new();
    for (at, stretch) in stretches.iter().enumerate() {
        let end = stretch.end.max(stretch.start + shortest);
        if stretch.start >= cluster_end {
            close(&mut placed[cluster_from..], ends.len());
            cluster_from = at;
            ends.clear();
        }
        let index = ends.iter().position(|taken| *taken <= stretch.start).unwrap_or(ends.len());
        if index == ends.len() {
            ends.push(end);
        } else {
            ends[index] = end;
        }
        cluster_end = if ends.len() == 1 && index == 0 && cluster_from == at { end } else { cluster_end.max(end) };
        placed.push(Lane { index: u16::try_from(index).unwrap_or(u16::MAX), of: 0 });
    }
    close(&mut placed[cluster_from..], ends.len());
    placed
}

fn close(cluster: &mut [Lane], lanes: usize) {
    for lane in cluster {
        lane.of = u16::try_from(lanes).unwrap_or(u16::MAX);
    }
}
