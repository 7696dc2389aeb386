//! Groups of the directory, who is in them, and the rooms. [group-list; group-list-transitivemembers; place-list]
//!
//! An object somebody hides from the member lists comes with its type and its id only.

use crate::sim::company::Group;
use crate::sim::graph::filter::Filter;
use crate::sim::graph::odata::{self, Page};
use crate::sim::graph::people::directory_object;
use crate::sim::graph::search::Search;
use crate::sim::request::{Answer, Request};
use crate::sim::world::World;
use serde_json::{Value, json};

const READERS: &[&str] = &[
    "GroupMember.ReadBasic.All",
    "GroupMember.Read.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
];
const FILTERS: &[&str] = &["id", "displayName", "mail", "mailNickname"];

/// Answers what is ours.
pub fn handle(world: &mut World, request: &Request) -> Option<Answer> {
    if request.method != "GET" {
        return None;
    }
    let words: Vec<String> = request.path.iter().map(|word| word.to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let answer = match words.as_slice() {
        ["groups"] => list(world, request),
        ["groups", id] => one(world, request, id),
        ["groups", id, "members"] => members(world, request, id, false),
        ["groups", id, "transitivemembers"] => members(world, request, id, true),
        ["places", "microsoft.graph.room"] => rooms(world, request),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refusal| refusal))
}

fn may(request: &Request, scopes: &[&str]) -> Result<(), Answer> {
    request.caller.need(scopes).map_err(|_| {
        Answer::error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    })
}

fn list(world: &World, request: &Request) -> Result<Answer, Answer> {
    may(request, READERS)?;
    let is_eventual = request.header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
    let search = request.option("$search");
    if search.is_some() && !is_eventual {
        let message = "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'";
        return Err(Answer::error(400, "Request_UnsupportedQuery", message));
    }
    let search = search.map(Search::read).transpose()?;
    let filter = request.option("$filter").map(|text| Filter::read(text, FILTERS)).transpose()?;
    let found: Vec<Value> = world
        .company
        .groups
        .iter()
        .map(|group| group_json(world, group))
        .filter(|group| search.as_ref().is_none_or(|search| search.finds(group)))
        .filter(|group| filter.as_ref().is_none_or(|filter| filter.holds(group)))
        .collect();
    let page = Page::of(request, 100, 999)?;
    let (total, range) = (found.len(), page.range(found.len()));
    Ok(odata::list(request, "groups", &page, total, found[range].to_vec()))
}

fn find<'a>(world: &'a World, id: &str) -> Result<&'a Group, Answer> {
    world.company.groups.iter().find(|group| group.id.eq_ignore_ascii_case(id)).ok_or_else(|| {
        let message =
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        Answer::error(404, "Request_ResourceNotFound", &message)
    })
}

fn one(world: &World, request: &Request, id: &str) -> Result<Answer, Answer> {
    may(request, READERS)?;
    Ok(odata::entity(request, "groups", group_json(world, find(world, id)?)))
}

/// The group as the directory holds it.
pub(super) fn group_json(world: &World, group: &Group) -> Value {
    let is_unified = group.alias == "everybody";
    json!({
        "id": group.id, "displayName": group.name, "description": null,
        "groupTypes": if is_unified { vec!["Unified"] } else { Vec::new() },
        "mail": format!("{}@{}", group.alias, world.company.domains[0]), "mailEnabled": true,
        "mailNickname": group.alias, "securityEnabled": false,
        "visibility": if is_unified { json!("Private") } else { Value::Null },
    })
}

/// The address of a group.
pub(super) fn has_address(world: &World, group: &Group, address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(local, domain)| {
        local.eq_ignore_ascii_case(&group.alias)
            && world.company.domains.iter().any(|own| own.eq_ignore_ascii_case(domain))
    })
}

/// The people of a group, those of groups within it too.
pub(super) fn people_of(world: &World, group: &Group) -> Vec<usize> {
    let mut found = Vec::new();
    let mut seen = vec![group.alias.clone()];
    let mut waiting = vec![group];
    while let Some(group) = waiting.pop() {
        let everybody = (0..world.company.people.len()).filter(|index| {
            let person = world.person(*index);
            group.everybody && matches!(person.kind.as_str(), "user" | "guest")
        });
        let named = group.members.iter().filter_map(|alias| world.company.find(alias));
        for person in everybody.chain(named) {
            if !found.contains(&person) {
                found.push(person);
            }
        }
        for within in world.company.groups.iter().filter(|within| group.groups.contains(&within.alias)) {
            if !seen.contains(&within.alias) {
                seen.push(within.alias.clone());
                waiting.push(within);
            }
        }
    }
    found
}

fn members(world: &World, request: &Request, id: &str, transitive: bool) -> Result<Answer, Answer> {
    may(request, READERS)?;
    let group = find(world, id)?;
    let everybody = group.everybody || transitive;
    let people = if everybody {
        people_of(world, group)
    } else {
        group.members.iter().filter_map(|alias| world.company.find(alias)).collect()
    };
    let mut rows: Vec<Value> = people
        .into_iter()
        .map(|index| {
            if group.hidden.contains(&world.person(index).alias) {
                return json!({"@odata.type": "#microsoft.graph.user", "id": world.person(index).id});
            }
            directory_object(world, index)
        })
        .collect();
    rows.extend(group.contacts.iter().enumerate().map(|(number, contact)| {
        json!({
            "@odata.type": "#microsoft.graph.orgContact", "id": format!("5d0e4f00-0000-4000-8000-{number:012}"),
            "displayName": contact.name, "mail": contact.mail,
        })
    }));
    rows.extend(world.company.groups.iter().filter(|within| group.groups.contains(&within.alias)).map(|within| {
        let mut value = group_json(world, within);
        value["@odata.type"] = json!("#microsoft.graph.group");
        value
    }));
    let page = Page::of(request, 100, 999)?;
    let (total, range) = (rows.len(), page.range(rows.len()));
    Ok(odata::list(request, "directoryObjects", &page, total, rows[range].to_vec()))
}

/// All rooms: where they are and how many sit in them.
fn rooms(world: &World, request: &Request) -> Result<Answer, Answer> {
    may(request, &["Place.Read.All", "Place.ReadWrite.All"])?;
    let rows: Vec<Value> = world
        .company
        .people
        .iter()
        .filter(|person| person.kind == "room")
        .map(|room| {
            let office = room.office_location.as_deref().unwrap_or_default();
            let building = office.split(',').next().unwrap_or_default();
            json!({
                "id": room.id, "displayName": room.display_name, "emailAddress": room.mail, "nickname": room.alias,
                "building": building, "floorNumber": room.floor, "floorLabel": null, "label": null,
                "capacity": room.capacity, "bookingType": "standard", "tags": [], "audioDeviceName": null,
                "videoDeviceName": null, "displayDeviceName": null, "isWheelChairAccessible": true, "phone": "",
            })
        })
        .collect();
    let page = Page::of(request, 100, 999)?;
    let (total, range) = (rows.len(), page.range(rows.len()));
    Ok(odata::list(request, "places/microsoft.graph.room", &page, total, rows[range].to_vec()))
}
