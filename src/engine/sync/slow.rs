//! What changes seldom: the mailbox's settings, categories, contacts and suggestions of people.
//!
//! Must stay true: what is not granted or not there is left out without a word; nobody waits for it.

use crate::domain::account::Feature;
use crate::domain::me::Me;
use crate::engine::own::shown_replies;
use crate::engine::sync::round::{Ending, RoundError, Tools};
use crate::graph::call::Priority;
use crate::graph::{GraphError, me, people, settings};

/// The mailbox's zone, hours and categories.
pub(super) async fn settings(tools: &Tools) -> Ending {
    let mut changed = 0;
    if let Some(read) = optional(me::settings(&tools.graph).await)? {
        changed += u32::from(tools.own.learn(|me| take(me, read)).await);
    }
    if let Some(categories) = optional(settings::categories(&tools.graph, Priority::Background).await)? {
        changed += u32::from(tools.cache.put_categories(categories).await?);
    }
    Ok(changed)
}

/// Takes what the service says of the mailbox; what it leaves out stays.
pub(in crate::engine) fn take(me: &mut Me, read: me::Settings) {
    me.zone = read.zone.or(me.zone.take());
    me.working_hours = read.working_hours.or(me.working_hours.take());
    me.replies = read.replies.map(shown_replies).or(me.replies.take());
}

/// Whom one writes with and whom one keeps as a contact, for completion.
pub(super) async fn people(tools: &Tools) -> Ending {
    let granted = tools.graph.granted();
    let mut found = Vec::new();
    if granted.has("People.Read") {
        found.extend(optional(people::suggestions(&tools.graph).await)?.unwrap_or_default());
    }
    if granted.has("Contacts.Read") {
        found.extend(optional(people::contacts(&tools.graph).await)?.unwrap_or_default());
    }
    let mut kept = Vec::new();
    for person in found {
        // Whom the directory holds is not told twice.
        let is_known = match tools.cache.person_by_address(&person.address).await? {
            Some((known, _)) => known.id.is_of_directory(),
            None => false,
        };
        if person.id.is_of_directory() || !is_known {
            kept.push(person);
        }
    }
    let count = u32::try_from(kept.len()).unwrap_or(u32::MAX);
    if !kept.is_empty() {
        tools.cache.put_people(kept, tools.now()).await?;
    }
    Ok(count)
}

/// Whether any of it is granted.
pub(super) fn has_people(granted: &crate::domain::account::Scopes) -> bool {
    granted.has("People.Read") || granted.has("Contacts.Read")
}

/// Whether the settings are granted.
pub(super) fn has_settings(granted: &crate::domain::account::Scopes) -> bool {
    Feature::Settings.is_open(granted)
}

/// What a service that has none of it answers is no failure.
fn optional<T>(result: Result<T, GraphError>) -> Result<Option<T>, RoundError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(GraphError::Refused(refusal)) => {
            tracing::info!(status = refusal.status, "the service has none of it for us");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
