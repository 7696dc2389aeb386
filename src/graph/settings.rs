//! The mailbox's own settings that are changed here: automatic replies, working hours and zone; and the categories a person may choose
//! from.
//!
//! Must stay true: only what shall change is sent, for the service keeps the last texts while replies are off
//! [user-update-mailboxsettings]; texts go as HTML made here from plain ones. Deliberately absent: language and formats.

pub use crate::domain::mail::Category;

use crate::domain::event_draft::{AutomaticRepliesSetting, AutomaticRepliesState, ExternalAudience};
use crate::domain::own_settings::WorkingTime;
use crate::domain::time::{Span, weekday_long};
use crate::graph::call::{Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::page;
use crate::graph::transport::{Graph, Response};
use crate::graph::wire;
use crate::graph::wire::people::{WireOwnReplies, WireSettings};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The own automatic replies as the service has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnReplies {
    /// When they are sent. A period that is over stays as it was set.
    pub state: AutomaticRepliesState,
    /// Who outside is answered.
    pub audience: ExternalAudience,
    /// The text for colleagues: HTML as it came.
    pub internal: String,
    /// The text for everybody else: HTML as it came.
    pub external: String,
}

/// The call that changes the automatic replies. The goal is said whole, so it may be repeated.
#[must_use]
pub fn automatic_replies_call(setting: &AutomaticRepliesSetting) -> Call {
    let mut replies = Map::new();
    let status = match &setting.state {
        AutomaticRepliesState::Off => "disabled",
        AutomaticRepliesState::On => "alwaysEnabled",
        AutomaticRepliesState::Scheduled(span) => {
            replies.insert("scheduledStartDateTime".to_owned(), utc_json(span.start));
            replies.insert("scheduledEndDateTime".to_owned(), utc_json(span.end));
            "scheduled"
        }
    };
    replies.insert("status".to_owned(), json!(status));
    if setting.state != AutomaticRepliesState::Off {
        let audience = match setting.audience {
            ExternalAudience::None => "none",
            ExternalAudience::Contacts => "contactsOnly",
            ExternalAudience::All => "all",
        };
        replies.insert("externalAudience".to_owned(), json!(audience));
    }
    for (name, text) in [("internalReplyMessage", &setting.internal), ("externalReplyMessage", &setting.external)] {
        if let Some(text) = text {
            replies.insert(name.to_owned(), if setting.is_html { json!(text) } else { json!(html(text)) });
        }
    }
    Call::patch(&["me", "mailboxSettings"], json!({ "automaticRepliesSetting": replies }))
}

/// Changes the automatic replies. Needs `MailboxSettings.ReadWrite`.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`]; 400 for a period that ends before it begins.
pub async fn set_automatic_replies(
    graph: &Graph,
    setting: &AutomaticRepliesSetting,
    priority: Priority,
) -> Result<(), GraphError> {
    graph.send(automatic_replies_call(setting).priority(priority)).await.map(drop)
}

/// The own automatic replies. Needs `MailboxSettings.Read`.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn automatic_replies(graph: &Graph, priority: Priority) -> Result<OwnReplies, GraphError> {
    let call = Call::get(&["me", "mailboxSettings"]).select("automaticRepliesSetting");
    let response = graph.send(call.priority(priority)).await?;
    own_replies(&response)
}

/// The call that changes working hours and zone. The goal is said whole, so it may be repeated.
#[must_use]
pub fn working_time_call(wanted: &WorkingTime) -> Call {
    let mut settings = Map::new();
    if let Some(zone) = &wanted.zone {
        settings.insert("timeZone".to_owned(), json!(zone.name));
    }
    if let Some(hours) = &wanted.hours {
        let days: Vec<String> = hours.days.iter().map(|day| weekday_long(*day).to_lowercase()).collect();
        let time = |time: jiff::civil::Time| time.strftime("%H:%M:%S").to_string();
        let mut row = Map::new();
        row.insert("daysOfWeek".to_owned(), json!(days));
        row.insert("startTime".to_owned(), json!(time(hours.start)));
        row.insert("endTime".to_owned(), json!(time(hours.end)));
        // A zone that is told by its rules has no name to be said again; it stays as it is.
        if !hours.zone.is_approximate && hours.zone.rules.is_some() {
            row.insert("timeZone".to_owned(), json!({ "name": hours.zone.name }));
        }
        settings.insert("workingHours".to_owned(), Value::Object(row));
    }
    Call::patch(&["me", "mailboxSettings"], Value::Object(settings))
}

/// Changes working hours and zone. Needs `MailboxSettings.ReadWrite`.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`]; 400 for a zone the service does not know.
pub async fn set_working_time(graph: &Graph, wanted: &WorkingTime, priority: Priority) -> Result<(), GraphError> {
    graph.send(working_time_call(wanted).priority(priority)).await.map(drop)
}

fn own_replies(response: &Response) -> Result<OwnReplies, GraphError> {
    let settings: WireSettings = response.object()?;
    let replies = settings.automatic_replies_setting;
    Ok(replies.ok_or_else(|| response.unreadable("it says nothing of automatic replies".to_owned()))?.replies())
}

impl WireOwnReplies {
    /// What it says.
    pub(super) fn replies(self) -> OwnReplies {
        let period = || {
            let start = self.scheduled_start_date_time.as_ref()?.instant()?;
            Some(Span { start, end: self.scheduled_end_date_time.as_ref()?.instant()?.max(start) })
        };
        let state = match (wire::word(self.status.as_deref()).as_str(), period()) {
            ("alwaysenabled", _) => AutomaticRepliesState::On,
            ("scheduled", Some(period)) => AutomaticRepliesState::Scheduled(period),
            _ => AutomaticRepliesState::Off,
        };
        let audience = match wire::word(self.external_audience.as_deref()).as_str() {
            "none" => ExternalAudience::None,
            "contactsonly" => ExternalAudience::Contacts,
            _ => ExternalAudience::All,
        };
        OwnReplies {
            state,
            audience,
            internal: self.internal_reply_message.unwrap_or_default(),
            external: self.external_reply_message.unwrap_or_default(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireCategory {
    display_name: Option<String>,
    color: Option<String>,
}

/// The categories the person has. Needs `MailboxSettings.Read`.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn categories(graph: &Graph, priority: Priority) -> Result<Vec<Category>, GraphError> {
    let call = Call::get(&["me", "outlook", "masterCategories"]).priority(priority);
    let page = page::all::<WireCategory>(graph, call, |link| Call::link(link).priority(priority), 1_000).await?;
    let category = |row: WireCategory| {
        let colour = wire::word(row.color.as_deref());
        Some(Category {
            name: wire::some_line(row.display_name.as_deref())?,
            colour: colour.strip_prefix("preset").and_then(|number| number.parse().ok()).filter(|number| *number < 25),
        })
    };
    Ok(page.filter_map(category).rows)
}

fn utc_json(at: Timestamp) -> Value {
    let wall = at.to_zoned(TimeZone::UTC).datetime();
    json!({ "dateTime": wall.strftime("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": "UTC" })
}

/// Plain text as HTML that shows the same.
#[must_use]
pub fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.trim_end().chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\n' => html.push_str("<br>\n"),
            '\r' => {}
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_shall_change_is_sent() {
        let off = AutomaticRepliesSetting {
            state: AutomaticRepliesState::Off,
            internal: None,
            external: None,
            audience: ExternalAudience::All,
            is_html: false,
        };
        let body = |setting: &AutomaticRepliesSetting| {
            automatic_replies_call(setting).body().expect("a body")["automaticRepliesSetting"].clone()
        };
        assert_eq!(body(&off), json!({"status": "disabled"}));
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let span = Span { start: at("2026-12-23T23:00:00Z"), end: at("2027-01-01T23:00:00Z") };
        let scheduled = AutomaticRepliesSetting {
            state: AutomaticRepliesState::Scheduled(span),
            internal: Some("Back <soon> & well.\r\nAna helps.\n".to_owned()),
            external: None,
            audience: ExternalAudience::None,
            is_html: false,
        };
        assert_eq!(
            body(&scheduled),
            json!({
                "status": "scheduled", "externalAudience": "none",
                "scheduledStartDateTime": {"dateTime": "2026-12-23T23:00:00", "timeZone": "UTC"},
                "scheduledEndDateTime": {"dateTime": "2027-01-01T23:00:00", "timeZone": "UTC"},
                "internalReplyMessage": "Back &lt;soon&gt; &amp; well.<br>\nAna helps.",
            })
        );
    }

    #[test]
    fn replies_are_read_in_any_letter_case() {
        let settings: WireSettings = wire::object(
            br#"{"automaticRepliesSetting":{"status":"AlwaysEnabled","externalAudience":"ContactsOnly","internalReplyMessage":"<p>x</p>"}}"#,
        )
        .expect("settings");
        let replies = settings.automatic_replies_setting.expect("replies").replies();
        assert_eq!((replies.state, replies.audience), (AutomaticRepliesState::On, ExternalAudience::Contacts));
        assert_eq!((replies.internal.as_str(), replies.external.as_str()), ("<p>x</p>", ""));
    }
}
