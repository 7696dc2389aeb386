//! Who is signed in, and what their mailbox is set to.

use crate::domain::freebusy::WorkingHours;
use crate::domain::person::Person;
use crate::domain::time::Zone;
use crate::graph::call::{Budget, Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::people::FIELDS;
use crate::graph::settings::OwnReplies;
use crate::graph::transport::Graph;
use crate::graph::wire;
use crate::graph::wire::people::{WireSettings, WireUser};

/// What we read of the mailbox's settings \[mailboxsettings\].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The zone, Windows or IANA as last set; `None` for a mailbox that was never opened.
    pub zone: Option<Zone>,
    /// Working hours.
    pub working_hours: Option<WorkingHours>,
    /// Automatic replies, their texts HTML as it came.
    pub replies: Option<OwnReplies>,
}

/// The call for the person.
#[must_use]
pub fn person_call() -> Call {
    Call::get(&["me"]).select(FIELDS).budget(Budget::Directory).priority(Priority::Person)
}

/// Reads an answer to [`person_call`].
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_person(bytes: &[u8]) -> Result<Person, String> {
    wire::object::<WireUser>(bytes)?.person().ok_or_else(|| "it names nobody".to_owned())
}

/// The person signed in.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn person(graph: &Graph) -> Result<Person, GraphError> {
    let response = graph.send(person_call()).await?;
    parse_person(&response.body).map_err(|what| response.unreadable(what))
}

/// The call for the settings; only what we show.
#[must_use]
pub fn settings_call() -> Call {
    Call::get(&["me", "mailboxSettings"]).select("timeZone,workingHours,automaticRepliesSetting")
}

/// Reads an answer to [`settings_call`].
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_settings(bytes: &[u8]) -> Result<Settings, String> {
    let settings: WireSettings = wire::object(bytes)?;
    let zone = wire::some_line(settings.time_zone.as_deref()).map(|name| Zone::find(&name));
    Ok(Settings {
        zone,
        working_hours: settings.working_hours.and_then(wire::schedule::WireHours::hours),
        replies: settings.automatic_replies_setting.map(wire::people::WireOwnReplies::replies),
    })
}

/// The settings of the own mailbox. Needs `MailboxSettings.Read`.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn settings(graph: &Graph) -> Result<Settings, GraphError> {
    let response = graph.send(settings_call()).await?;
    parse_settings(&response.body).map_err(|what| response.unreadable(what))
}
