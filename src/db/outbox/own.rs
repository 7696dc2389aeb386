//! A person's own settings as rows: in changes that wait, in what was there before, and in who the account's person is.

use crate::db::DbError;
use crate::db::encode::{
    self, Word, WorkingHoursJson, ZoneJson, hours_from_json, hours_to_json, instant, zone_from_json, zone_to_json,
};
use crate::domain::event_draft::{AutomaticRepliesSetting, AutomaticRepliesState, ExternalAudience};
use crate::domain::own_settings::{ChosenPresence, PresenceChoice, StatusNote, UnsetReplies, WorkingTime};
use crate::domain::time::Span;
use serde::{Deserialize, Serialize};

impl encode::Word for PresenceChoice {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Available, "available"),
        (Self::Busy, "busy"),
        (Self::DoNotDisturb, "doNotDisturb"),
        (Self::BeRightBack, "beRightBack"),
        (Self::Away, "away"),
        (Self::Offline, "offline"),
    ];
}

#[derive(Serialize, Deserialize)]
pub(in crate::db) struct RepliesJson {
    on: bool,
    schedule: Option<(i64, i64)>,
    internal: Option<String>,
    external: Option<String>,
    audience: String,
    #[serde(default)]
    html: bool,
}

pub(in crate::db) fn replies_json(setting: &AutomaticRepliesSetting) -> RepliesJson {
    let schedule = match &setting.state {
        AutomaticRepliesState::Scheduled(span) => Some((span.start.as_microsecond(), span.end.as_microsecond())),
        AutomaticRepliesState::Off | AutomaticRepliesState::On => None,
    };
    RepliesJson {
        on: setting.state != AutomaticRepliesState::Off,
        schedule,
        internal: setting.internal.clone(),
        external: setting.external.clone(),
        audience: setting.audience.word().to_owned(),
        html: setting.is_html,
    }
}

pub(in crate::db) fn replies(row: RepliesJson) -> Result<AutomaticRepliesSetting, DbError> {
    let state = match (row.on, row.schedule) {
        (false, _) => AutomaticRepliesState::Off,
        (true, None) => AutomaticRepliesState::On,
        (true, Some((start, end))) => {
            AutomaticRepliesState::Scheduled(Span { start: instant(start)?, end: instant(end)? })
        }
    };
    Ok(AutomaticRepliesSetting {
        state,
        internal: row.internal,
        external: row.external,
        audience: ExternalAudience::from_word(&row.audience).unwrap_or_default(),
        is_html: row.html,
    })
}

#[derive(Serialize, Deserialize)]
pub(in crate::db) struct TimeSettingJson {
    zone: Option<ZoneJson>,
    hours: Option<WorkingHoursJson>,
}

pub(in crate::db) fn working_time_json(time: &WorkingTime) -> TimeSettingJson {
    TimeSettingJson { zone: time.zone.as_ref().map(zone_to_json), hours: time.hours.as_ref().map(hours_to_json) }
}

pub(in crate::db) fn working_time(row: TimeSettingJson) -> WorkingTime {
    WorkingTime { zone: row.zone.map(zone_from_json), hours: row.hours.map(hours_from_json) }
}

#[derive(Serialize, Deserialize)]
pub(in crate::db) struct ChosenJson {
    choice: String,
    until: i64,
}

pub(in crate::db) fn chosen_json(chosen: &ChosenPresence) -> ChosenJson {
    ChosenJson { choice: chosen.choice.word().to_owned(), until: chosen.until.as_microsecond() }
}

pub(in crate::db) fn chosen(row: &ChosenJson) -> Result<ChosenPresence, DbError> {
    let choice = PresenceChoice::from_word(&row.choice);
    let choice = choice.ok_or_else(|| DbError::Row(format!("\"{}\" is not known here", row.choice)))?;
    Ok(ChosenPresence { choice, until: instant(row.until)? })
}

#[derive(Serialize, Deserialize)]
pub(in crate::db) struct NoteJson {
    text: String,
    until: Option<i64>,
}

pub(in crate::db) fn note_json(note: &StatusNote) -> NoteJson {
    NoteJson { text: note.text.clone(), until: note.until.map(jiff::Timestamp::as_microsecond) }
}

pub(in crate::db) fn note(row: NoteJson) -> Result<StatusNote, DbError> {
    Ok(StatusNote { text: row.text, until: row.until.map(instant).transpose()? })
}

/// Automatic replies that are being written, kept beside the account.
#[derive(Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(in crate::db) struct UnsetJson {
    way: u8,
    from: String,
    until: String,
    audience: u8,
    internal: String,
    external: String,
}

impl From<&UnsetReplies> for UnsetJson {
    fn from(unset: &UnsetReplies) -> Self {
        Self {
            way: unset.way,
            from: unset.from.clone(),
            until: unset.until.clone(),
            audience: unset.audience,
            internal: unset.internal.clone(),
            external: unset.external.clone(),
        }
    }
}

impl From<UnsetJson> for UnsetReplies {
    fn from(row: UnsetJson) -> Self {
        Self {
            way: row.way,
            from: row.from,
            until: row.until,
            audience: row.audience,
            internal: row.internal,
            external: row.external,
        }
    }
}
