//! Presence of those in sight, also where only an address is known of them: the sender of a message, a contact.
//!
//! Presence is asked for by directory id \[presence\]. Ids are looked up in the cache first; an address of one's own domain that is not
//! there is asked of the directory, many in one request, and kept. Must stay true: the directory is never asked about an address of
//! another domain, and nothing is asked without the permission. Deliberately absent: remembering who is a stranger; whoever asks again
//! and again leaves them out.

use crate::db::Cache;
use crate::domain::person::PersonId;
use crate::domain::request::SeenPresence;
use crate::engine::kept::kept;
use crate::engine::people;
use crate::graph::Graph;
use std::collections::HashMap;

/// Addresses that are looked up in the directory for one answer; the others are for the next time.
const MOST_LOOKED_UP: usize = 60;

/// Presence of `asked`; `mine` is the own address.
pub async fn of(graph: &Graph, cache: &Cache, mine: &str, asked: &[PersonId]) -> SeenPresence {
    let addresses: Vec<String> = asked.iter().filter_map(PersonId::address).map(str::to_owned).collect();
    let (found, strangers) = match addresses.is_empty() {
        true => (HashMap::new(), Vec::new()),
        false => look_up(graph, cache, mine, addresses).await,
    };
    let id_of = |id: &PersonId| match id.address() {
        Some(address) => found.get(address).cloned(),
        None => Some(id.clone()),
    };
    let pairs: Vec<(PersonId, PersonId)> = asked.iter().filter_map(|id| Some((id.clone(), id_of(id)?))).collect();
    let mut ids: Vec<PersonId> = pairs.iter().map(|(_, id)| id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let known = people::presence(graph, cache, &ids, Some(people::PRESENCE_FRESH)).await;
    let known: HashMap<PersonId, _> = known.into_iter().collect();
    let known = pairs
        .into_iter()
        .filter_map(|(asked, id)| known.get(&id).and_then(|known| known.value.clone()).map(|value| (asked, value)));
    SeenPresence { known: known.collect(), strangers }
}

/// The ids behind addresses, and those that are nobody's. What could not be found out is in neither.
async fn look_up(
    graph: &Graph,
    cache: &Cache,
    mine: &str,
    addresses: Vec<String>,
) -> (HashMap<String, PersonId>, Vec<PersonId>) {
    let mut found: HashMap<String, PersonId> =
        kept(cache.ids_of(addresses.clone()).await).unwrap_or_default().into_iter().collect();
    let domain = mine.rsplit_once('@').map(|(_, domain)| domain);
    let is_ours = |address: &String| {
        domain.zip(address.rsplit_once('@')).is_some_and(|(mine, (_, theirs))| mine.eq_ignore_ascii_case(theirs))
    };
    let unknown = addresses.into_iter().filter(|address| !found.contains_key(address));
    let (mut ours, outside): (Vec<String>, Vec<String>) = unknown.partition(is_ours);
    let mut strangers: Vec<PersonId> = outside.iter().map(|address| PersonId::of_address(address)).collect();
    ours.truncate(MOST_LOOKED_UP);
    for (address, person) in people::ask_addresses(graph, cache, ours).await {
        match person {
            Some(person) => {
                found.insert(address, person.id);
            }
            None => strangers.push(PersonId::of_address(&address)),
        }
    }
    (found, strangers)
}
