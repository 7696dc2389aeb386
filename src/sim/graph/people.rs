//! The directory: users, manager and reports, people suggestions, photos. [user-get; user-list; user-list-people]
//!
//! What a row holds depends on the scope (`User.ReadBasic.All` gives the basic set only); what `$search` finds on the tokens
//! of 'search-query-parameter': there is no "contains".

use crate::sim::company::Person;
use crate::sim::graph::filter::Filter;
use crate::sim::graph::odata::{self, Page};
use crate::sim::graph::search::Search;
use crate::sim::request::{Answer, Request};
use crate::sim::world::{Target, World};
use serde_json::{Map, Value, json};

/// What comes without `$select`.
const DEFAULT: &[&str] = &[
    "id",
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];
/// All that `User.ReadBasic.All` gives.
const BASIC: &[&str] = &["id", "displayName", "givenName", "mail", "surname", "userPrincipalName"];
const FILTERS: &[&str] = &[
    "id",
    "displayName",
    "givenName",
    "surname",
    "mail",
    "userPrincipalName",
    "jobTitle",
    "department",
    "officeLocation",
    "userType",
    "accountEnabled",
    "companyName",
    "mailNickname",
];
const ANYBODY: &[&str] = &["User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"];
const EVERYTHING: &[&str] = &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All"];
const MYSELF: &[&str] = &["User.Read", "User.ReadWrite", "User.Read.All", "User.ReadBasic.All"];

/// Answers what is ours.
pub fn handle(world: &mut World, request: &Request) -> Option<Answer> {
    if request.method == "GET" && request.path.len() == 1 && request.path[0].eq_ignore_ascii_case("users") {
        return Some(list(world, request).unwrap_or_else(|refusal| refusal));
    }
    let answer = world.resolve(request)?.and_then(|target| of_somebody(world, request, &target));
    match answer {
        Ok(answer) => answer,
        Err(refusal) => Some(refusal),
    }
}

fn of_somebody(world: &World, request: &Request, target: &Target<'_>) -> Result<Option<Answer>, Answer> {
    if request.method != "GET" {
        return Ok(None);
    }
    let words: Vec<String> = target.rest.iter().map(|word| word.to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Ok(Some(match words.as_slice() {
        [] => user(world, request, target)?,
        ["licensedetails"] => licences(world, request, target)?,
        ["manager"] => manager(world, request, target.person)?,
        ["directreports"] => reports(world, request, target)?,
        ["people"] => suggestions(world, request, target)?,
        ["contacts"] => contacts(request)?,
        ["outlook", "mastercategories"] => categories(request)?,
        ["memberof"] => {
            request.caller.need(&["User.Read", "User.ReadWrite", "Directory.Read.All", "User.Read.All"])?;
            groups(world, request, target.person)?
        }
        ["photo" | "photos", ..] => {
            request.caller.need(&["User.Read", "User.ReadBasic.All", "User.Read.All", "ProfilePhoto.Read.All"])?;
            Answer::error(
                404,
                "ImageNotFound",
                "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown.",
            )
        }
        _ => return Ok(None),
    }))
}

/// What is assigned to somebody. [user-list-licensedetails]
fn licences(world: &World, request: &Request, target: &Target<'_>) -> Result<Answer, Answer> {
    let own = ["User.Read", "User.ReadWrite", "LicenseAssignment.Read.All", "User.Read.All", "Directory.Read.All"];
    refused(request.caller.need(if target.own { &own } else { &own[2..] }))?;
    let person = world.person(target.person);
    let plan =
        |name: &str, status: &str| json!({"servicePlanName": name, "provisioningStatus": status, "appliesTo": "User"});
    let office = plan("OFFICESUBSCRIPTION", "Success");
    let fitting = if person.has_mailbox { "exchange" } else { "other" };
    let value = match person.licence.as_deref().unwrap_or(fitting) {
        "none" => Vec::new(),
        "exchange" => {
            vec![json!({"skuPartNumber": "SPE_E3", "servicePlans": [office, plan("EXCHANGE_S_ENTERPRISE", "Success")]})]
        }
        "pending" => {
            vec![
                json!({"skuPartNumber": "SPE_E3", "servicePlans": [office, plan("EXCHANGE_S_ENTERPRISE", "PendingActivation")]}),
            ]
        }
        _ => vec![json!({"skuPartNumber": "OFFICESUBSCRIPTION", "servicePlans": [office]})],
    };
    Ok(Answer::ok(json!({"value": value})))
}

fn refused(caller: Result<(), Answer>) -> Result<(), Answer> {
    caller.map_err(|_| {
        Answer::error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    })
}

fn user(world: &World, request: &Request, target: &Target<'_>) -> Result<Answer, Answer> {
    refused(request.caller.need(if target.own { MYSELF } else { ANYBODY }))?;
    let all = target.own || request.caller.need(EVERYTHING).is_ok();
    let mut value = cut(request, user_json(world, target.person), all);
    if let Some(expand) = request.option("$expand")
        && expand.to_ascii_lowercase().starts_with("manager")
    {
        refused(request.caller.need(EVERYTHING))?;
        value["manager"] = manager_of(world, target.person).map_or(Value::Null, |boss| directory_object(world, boss));
    }
    if request.option("$select").is_none() && world.options.quirks {
        value["@microsoft.graph.tips"] = json!("Use $select to choose only the properties your app needs.");
    }
    let context = format!("{}/v1.0/$metadata#users/$entity", request.base);
    value["@odata.context"] = json!(context);
    Ok(Answer::ok(value))
}

/// The members the caller gets: selected or default ones, and of others only the basic ones without more rights.
fn cut(request: &Request, value: Value, all: bool) -> Value {
    let Value::Object(members) = value else { return Value::Null };
    let selected = request.option("$select").filter(|text| !text.trim().is_empty());
    let wanted: Vec<&str> = selected.map_or_else(|| DEFAULT.to_vec(), |text| text.split(',').map(str::trim).collect());
    let named = |names: &[&str], name: &str| names.iter().any(|one| one.eq_ignore_ascii_case(name));
    // Without the right a member that was not selected is missing; a selected one is null.
    let kept = members.into_iter().filter_map(|(name, value)| {
        let allowed = all || named(BASIC, &name);
        match (named(&wanted, &name), allowed) {
            (true, true) => Some((name, value)),
            (true, false) if selected.is_some() && !value.is_array() => Some((name, Value::Null)),
            _ => None,
        }
    });
    Value::Object(kept.collect::<Map<String, Value>>())
}

fn user_json(world: &World, index: usize) -> Value {
    let person = world.person(index);
    let phones: Vec<&String> = person.business_phone.iter().collect();
    let optional = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    json!({
        "id": person.id, "businessPhones": phones, "displayName": person.display_name,
        "givenName": optional(&person.given_name), "surname": optional(&person.surname), "jobTitle": person.job_title,
        "mail": person.mail, "mobilePhone": person.mobile_phone, "officeLocation": person.office_location,
        "preferredLanguage": person.language, "userPrincipalName": person.user_principal_name,
        "department": person.department, "companyName": person.company.as_deref().unwrap_or(&world.company.name),
        "mailNickname": person.alias, "accountEnabled": !matches!(person.kind.as_str(), "room" | "equipment" | "shared"),
        "userType": if person.kind == "guest" { "Guest" } else { "Member" }, "showInAddressList": true,
        "onPremisesSyncEnabled": person.synchronised.then_some(true),
        "city": person.office_location.as_deref().and_then(|office| office.split(',').next()),
    })
}

pub(super) fn directory_object(world: &World, index: usize) -> Value {
    let Value::Object(members) = user_json(world, index) else { return Value::Null };
    let mut kept: Map<String, Value> =
        members.into_iter().filter(|(name, _)| DEFAULT.contains(&name.as_str())).collect();
    kept.insert("@odata.type".to_owned(), json!("#microsoft.graph.user"));
    Value::Object(kept)
}

/// `$search` needs `ConsistencyLevel: eventual` on every page. [aad-advanced-queries]
fn list(world: &World, request: &Request) -> Result<Answer, Answer> {
    refused(request.caller.need(ANYBODY))?;
    let all = request.caller.need(EVERYTHING).is_ok();
    let eventual = request.header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
    let counted = request.option("$count").is_some_and(|count| count.eq_ignore_ascii_case("true"));
    let search = request.option("$search");
    if (search.is_some() || counted) && !eventual {
        let message = "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'";
        return Err(Answer::error(400, "Request_UnsupportedQuery", message));
    }
    if request.option("$skip").is_some() {
        return Err(Answer::error(400, "Request_BadRequest", "'$skip' is not supported by the service."));
    }
    let search = search.map(Search::read).transpose()?;
    let filter = request.option("$filter").map(|text| Filter::read(text, FILTERS)).transpose()?;
    let mut found: Vec<Value> = (0..world.company.people.len())
        .filter(|index| !world.person(*index).is_outsider())
        .map(|index| user_json(world, index))
        .filter(|user| search.as_ref().is_none_or(|search| search.finds(user)))
        .filter(|user| filter.as_ref().is_none_or(|filter| filter.holds(user)))
        .collect();
    if let Some(order) = request.option("$orderby") {
        if (search.is_some() || filter.is_some()) && !(eventual && counted) {
            return Err(Answer::error(400, "Request_UnsupportedQuery", "Sorting not supported for current query."));
        }
        let descending = order.trim_end().to_ascii_lowercase().ends_with(" desc");
        found.sort_by_key(|user| user["displayName"].as_str().unwrap_or_default().to_lowercase());
        if descending {
            found.reverse();
        }
    }
    let page = Page::of(request, 100, 999)?;
    let (total, range) = (found.len(), page.range(found.len()));
    let rows = found.drain(range).map(|user| cut(request, user, all)).collect();
    Ok(odata::list(request, "users", &page, total, rows))
}

fn manager_of(world: &World, person: usize) -> Option<usize> {
    world.company.find(world.person(person).manager.as_deref()?)
}

fn manager(world: &World, request: &Request, person: usize) -> Result<Answer, Answer> {
    refused(request.caller.need(EVERYTHING))?;
    let boss = manager_of(world, person).ok_or_else(|| {
        Answer::error(
            404,
            "Request_ResourceNotFound",
            "Resource 'manager' does not exist or one of its queried reference-property objects are not present.",
        )
    })?;
    Ok(odata::entity(request, "directoryObjects", directory_object(world, boss)))
}

/// `User.Read` is enough, also for somebody else's. \[perm\]
fn reports(world: &World, request: &Request, target: &Target<'_>) -> Result<Answer, Answer> {
    refused(request.caller.need(MYSELF))?;
    let boss = &world.person(target.person).alias;
    let all: Vec<Value> = (0..world.company.people.len())
        .filter(|index| world.person(*index).manager.as_ref() == Some(boss))
        .map(|index| directory_object(world, index))
        .collect();
    let page = Page::of(request, 100, 999)?;
    let (total, range) = (all.len(), page.range(all.len()));
    Ok(odata::list(request, "directoryObjects", &page, total, all[range].to_vec()))
}

/// The groups somebody is in, directly. [user-list-memberof]
fn groups(world: &World, request: &Request, person: usize) -> Result<Answer, Answer> {
    let own =
        world.company.groups.iter().filter(|group| {
            group.everybody || group.members.iter().any(|alias| world.company.find(alias) == Some(person))
        });
    let rows: Vec<Value> = own
        .map(|group| {
            let mut value = super::groups::group_json(world, group);
            value["@odata.type"] = json!("#microsoft.graph.group");
            value
        })
        .collect();
    let page = Page::of(request, 100, 999)?;
    let (total, range) = (rows.len(), page.range(rows.len()));
    Ok(odata::list(request, "directoryObjects", &page, total, rows[range].to_vec()))
}

/// Whom somebody keeps as a contact: people of nobody's directory. [user-list-contacts]
fn contacts(request: &Request) -> Result<Answer, Answer> {
    request.caller.need(&["Contacts.Read", "Contacts.ReadWrite"])?;
    let contact = |number: usize, name: &str, address: &str, title: &str| {
        json!({
            "id": format!("AAMkAContact{number:04}AAA="), "displayName": name, "jobTitle": title, "department": null,
            "officeLocation": null, "businessPhones": [format!("+34 911 23 45 {number:02}")], "mobilePhone": null,
            "emailAddresses": [{"name": name, "address": address}],
        })
    };
    let all = [
        contact(1, "Rosa Marchetti", "rosa.marchetti@northwind.example", "Travel desk"),
        contact(2, "Piet van Dam", "piet@harbour-printing.example", "Printer"),
        json!({"id": "AAMkAContact0003AAA=", "displayName": "Nobody's address", "emailAddresses": []}),
    ];
    let page = Page::of(request, 10, 1000)?;
    let range = page.range(all.len());
    Ok(odata::list(request, "me/contacts", &page, all.len(), all[range].to_vec()))
}

/// The mailbox's own list of categories. [outlookuser-list-mastercategories]
fn categories(request: &Request) -> Result<Answer, Answer> {
    request.caller.need(&["MailboxSettings.Read", "MailboxSettings.ReadWrite"])?;
    let named = [("Clients", "preset7"), ("Travel", "preset3"), ("Waiting", "none")];
    let all: Vec<Value> = (1..)
        .zip(named)
        .map(|(number, (name, color))| {
            json!({"id": format!("00000000-0000-4000-8000-00000000000{number}"), "displayName": name, "color": color})
        })
        .collect();
    Ok(Answer::ok(json!({"value": all})))
}

/// Those one works with, the nearest first: reports, manager, the rest of the department, everybody. [user-list-people]
fn suggestions(world: &World, request: &Request, target: &Target<'_>) -> Result<Answer, Answer> {
    request.caller.need(if target.own { &["People.Read", "People.Read.All"] } else { &["People.Read.All"] })?;
    let mine = world.person(target.person);
    let mut ranked: Vec<(u8, usize)> = (0..world.company.people.len())
        .filter(|index| *index != target.person && world.person(*index).mail.is_some())
        .filter(|index| !world.person(*index).is_outsider())
        .map(|index| (distance(world, mine, index), index))
        .collect();
    ranked.sort_unstable();
    let search = request.option("$search").map(|text| text.trim_matches('"').to_lowercase());
    let found: Vec<Value> = ranked
        .into_iter()
        .filter(|(_, index)| search.as_ref().is_none_or(|text| sounds_like(world.person(*index), text)))
        .map(|(distance, index)| person_json(world, index, distance))
        .collect();
    let page = Page::of(request, 10, 1000)?;
    let (total, range) = (found.len(), page.range(found.len()));
    let context = format!("users('{}')/people", mine.id);
    Ok(odata::list(request, &context, &page, total, found[range].to_vec()))
}

fn distance(world: &World, mine: &Person, index: usize) -> u8 {
    let person = world.person(index);
    match () {
        () if person.manager.as_ref() == Some(&mine.alias) => 0,
        () if mine.manager.as_ref() == Some(&person.alias) => 1,
        () if person.department == mine.department && person.department.is_some() => 2,
        () if person.kind == "guest" => 4,
        () if person.kind != "user" => 5,
        () => 3,
    }
}

fn sounds_like(person: &Person, text: &str) -> bool {
    let names = person.display_name.to_lowercase();
    let mail = person.mail.as_deref().unwrap_or_default().to_lowercase();
    names.split_whitespace().any(|part| part.starts_with(text)) || names.starts_with(text) || mail.starts_with(text)
}

fn person_json(world: &World, index: usize, distance: u8) -> Value {
    let person = world.person(index);
    let subclass = match person.kind.as_str() {
        "room" | "equipment" => "Room",
        "guest" => "ImplicitContact",
        _ => "OrganizationUser",
    };
    let phones: Vec<Value> = [("mobile", &person.mobile_phone), ("business", &person.business_phone)]
        .into_iter()
        .filter_map(|(kind, number)| number.as_ref().map(|number| json!({"type": kind, "number": number})))
        .collect();
    json!({
        "id": person.id, "displayName": person.display_name, "givenName": person.given_name, "surname": person.surname,
        "birthday": "", "personNotes": "", "isFavorite": false, "jobTitle": person.job_title,
        "companyName": person.company, "yomiCompany": "", "department": person.department,
        "officeLocation": person.office_location, "profession": "", "userPrincipalName": person.user_principal_name,
        "imAddress": format!("sip:{}", person.user_principal_name), "phones": phones, "postalAddresses": [], "websites": [],
        "scoredEmailAddresses": [{"address": person.mail, "relevanceScore": 30.0 - f64::from(distance) * 5.0,
            "selectionLikelihood": "notSpecified"}],
        "personType": {"class": "Person", "subclass": subclass},
    })
}
