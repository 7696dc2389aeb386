//! Taking back what was wanted last.
//!
//! What the service has not heard of is taken off the outbox; what it may have heard of is answered by its opposite, one more change
//! that waits its turn behind the first. What cannot be taken back says so, and the next undo goes further back.

use crate::base::report::{Kind, Report};
use crate::db::outbox::Outbox;
use crate::domain::event::{Event, EventId, When};
use crate::domain::event_draft::{AutomaticRepliesSetting, EventChange, EventDraft, EventTime};
use crate::domain::freebusy::Availability;
use crate::domain::intent::{Intent, IntentId, ItemState, MoveTarget};
use crate::domain::outbox::{Entry, Stage};
use crate::domain::own_settings::WorkingTime;
use crate::domain::request::Answer;
use crate::domain::time::Zone;
use crate::engine::outbox::{LiveOutbox, acting, words};
use std::collections::HashMap;

impl LiveOutbox {
    /// Takes back the changes that were wanted last, together, in this run.
    pub(crate) async fn undo(&self) -> Result<Answer, Report> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        let nothing = || {
            Report::new(Kind::Usage, "nothingToUndo", "There is nothing to undo.")
                .because("Nothing was changed since deskbell was started, or all of it is undone.")
                .next("Change something back by hand.")
        };
        if !self.shared.file.path().exists() {
            return Err(nothing());
        }
        let outbox = self.shared.outbox().await?;
        let group = outbox.last_group(&self.shared.session).await.map_err(|error| error.report())?;
        let Some(first) = group.first().cloned() else { return Err(nothing()) };
        let (mut taken, mut opposites, mut impossible) = (Vec::new(), Vec::new(), Vec::new());
        let mut ways = Vec::with_capacity(group.len());
        for entry in group.iter().rev() {
            let opposite = self.opposite(&outbox, entry).await?;
            ways.push((entry, may_be_taken(entry, opposite.is_some()), opposite));
        }
        let free = ways.iter().filter(|(_, may, _)| *may).map(|(entry, ..)| entry.item.id).collect();
        let free = outbox.take_back_all(free).await.map_err(|error| error.report())?;
        let mut free: HashMap<IntentId, Entry> = free.into_iter().map(|entry| (entry.item.id, entry)).collect();
        for (entry, _, opposite) in ways {
            // What is not among them was taken up or made in this very moment.
            match (free.remove(&entry.item.id), opposite) {
                (Some(entry), opposite) => {
                    opposites.extend(opposite.filter(|_| may_be_there(&entry)));
                    taken.push(entry);
                }
                (None, Some(opposite)) => opposites.push(opposite),
                (None, None) => impossible.push(entry),
            }
        }
        outbox.set_undone(first.group).await.map_err(|error| error.report())?;
        let undone = taken.len().max(group.len() - impossible.len());
        taken.extend(self.take_dependents(&outbox, &taken).await);
        self.shared.reload_wishes().await;
        // In the order of undoing: the last change is put back first.
        taken.sort_by_key(|entry| entry.item.id);
        self.shared.give_up(taken).await;
        let opposites = self.keep_opposites(opposites).await?;
        if opposites == 0 {
            self.shared.refresh(false).await;
            self.start();
            self.ear.send(super::Event::Look);
        }
        if let (Some(entry), 0) = (impossible.first(), undone) {
            return Err(words::cannot_undo(entry.intent()));
        }
        let what = if group.len() == 1 { first.item.words.clone() } else { format!("{undone} changes") };
        let words = match impossible.len() {
            0 => format!("Undone: {what}."),
            left => format!("Undone: {what}. {left} could not be undone."),
        };
        Ok(Answer::Undone { words })
    }

    async fn keep_opposites(&self, opposites: Vec<Intent>) -> Result<usize, Report> {
        let count = opposites.len();
        self.keep(opposites, true).await?;
        Ok(count)
    }

    /// The change that takes another back; `None`: there is none.
    async fn opposite(&self, outbox: &Outbox, entry: &Entry) -> Result<Option<Intent>, Report> {
        let former = &entry.former;
        let message = former.message.as_ref();
        Ok(match entry.intent() {
            Intent::MarkRead { message: id, .. } => {
                message.map(|former| Intent::MarkRead { message: id.clone(), is_read: former.is_read })
            }
            Intent::Flag { message: id, .. } => {
                message.map(|former| Intent::Flag { message: id.clone(), is_flagged: former.is_flagged })
            }
            Intent::Categorise { message: id, .. } => {
                message.map(|former| Intent::Categorise { message: id.clone(), categories: former.categories.clone() })
            }
            Intent::Move { message: id, .. } => message
                .map(|former| Intent::Move { message: id.clone(), to: MoveTarget::Folder(former.folder.clone()) }),
            Intent::KeepDraft { .. } | Intent::Send { .. } | Intent::DeleteForEver { .. } | Intent::Respond { .. } => {
                None
            }
            Intent::DiscardDraft { draft } => {
                let restored = outbox.restore_draft(*draft).await.map_err(|error| error.report())?;
                restored.then_some(Intent::KeepDraft { draft: *draft })
            }
            Intent::CreateEvent { event } => {
                // The newest progress: it may have been made since the list was read.
                let made = outbox.entry(entry.item.id).await.map_err(|error| error.report())?;
                let item = made.and_then(|entry| entry.progress.item);
                let event_id = item.map_or_else(|| crate::db::provisional_id(entry.item.id), EventId);
                event.attendees.is_empty().then(|| Intent::DeleteEvent {
                    event: event_id,
                    series: event.recurrence.is_some(),
                    note: String::new(),
                })
            }
            Intent::UpdateEvent { event, series, change } => {
                former.events.first().filter(|former| !series && !tells(former, change)).map(|former| {
                    Intent::UpdateEvent {
                        event: entry.progress.item.clone().map_or_else(|| event.clone(), EventId),
                        series: false,
                        change: Box::new(self.change_back(former, change)),
                    }
                })
            }
            Intent::DeleteEvent { series, .. } => former
                .events
                .first()
                .filter(|former| !series && !acting::has_guests(former) && former.series.is_none())
                .map(|former| Intent::CreateEvent { event: Box::new(self.made_anew(former)) }),
            Intent::AutomaticReplies(wanted) => {
                let now = outbox.entry(entry.item.id).await.map_err(|error| error.report())?;
                now.and_then(|entry| entry.former.replies).map(|former| {
                    // A text that was left alone is left alone again.
                    Intent::AutomaticReplies(AutomaticRepliesSetting {
                        internal: former.internal.filter(|_| wanted.internal.is_some()),
                        external: former.external.filter(|_| wanted.external.is_some()),
                        ..former
                    })
                })
            }
            Intent::WorkingTime(wanted) => {
                let now = outbox.entry(entry.item.id).await.map_err(|error| error.report())?;
                let former = now.and_then(|entry| entry.former.time);
                let back = former.map(|former| WorkingTime {
                    zone: former.zone.filter(|_| wanted.zone.is_some()),
                    hours: former.hours.filter(|_| wanted.hours.is_some()),
                });
                back.filter(|back| *back != WorkingTime::default()).map(|back| Intent::WorkingTime(Box::new(back)))
            }
            Intent::Presence(_) => Some(Intent::Presence(former.chosen)),
            Intent::StatusNote(_) => Some(Intent::StatusNote(former.note.clone().unwrap_or_default())),
        })
    }

    fn time_of(&self, when: When) -> EventTime {
        match when {
            When::AllDay { start, end } => EventTime::AllDay { start, end },
            When::Timed(span) => {
                let zone: &Zone = &self.zone;
                let rules = zone.rules.clone().unwrap_or(jiff::tz::TimeZone::UTC);
                EventTime::Timed {
                    start: rules.to_datetime(span.start),
                    end: rules.to_datetime(span.end),
                    zone: zone.clone(),
                }
            }
        }
    }

    fn change_back(&self, former: &Event, change: &EventChange) -> EventChange {
        EventChange {
            subject: change.subject.as_ref().map(|_| former.subject.clone()),
            time: change.time.as_ref().map(|_| self.time_of(former.when)),
            location: change.location.as_ref().map(|_| former.location.clone()),
            attendees: change.attendees.as_ref().map(|_| acting::invitees(former)),
            show_as: change.show_as.and(former.show_as),
            categories: change.categories.as_ref().map(|_| former.categories.clone()),
            is_online: None,
            body: None,
            reminder: None,
            recurrence: None,
        }
    }

    fn made_anew(&self, former: &Event) -> EventDraft {
        EventDraft {
            location: former.location.clone(),
            body: former.preview.clone(),
            show_as: former.show_as.unwrap_or(Availability::Busy),
            is_private: former.is_private,
            ..EventDraft::new(former.subject.clone(), self.time_of(former.when))
        }
    }
}

/// Whether the service may have heard of a change that waits.
fn may_be_there(entry: &Entry) -> bool {
    entry.has_begun() && !matches!(entry.item.state, ItemState::NeedsPerson(_))
}

/// Whether a change may be taken off the outbox, if nobody is making it.
fn may_be_taken(entry: &Entry, has_opposite: bool) -> bool {
    if entry.item.state == ItemState::Done || entry.item.state == ItemState::UnderWay {
        return false;
    }
    let is_on_its_way = matches!(entry.progress.stage, Stage::Act | Stage::Confirm);
    !(may_be_there(entry) && !has_opposite && is_on_its_way)
}

/// Whether people were told of a change, or it changed what nobody here can put back.
fn tells(former: &Event, change: &EventChange) -> bool {
    change.attendees.is_some() || !change.is_seen() || former.is_organizer && acting::has_guests(former)
}
