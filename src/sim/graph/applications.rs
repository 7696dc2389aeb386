//! The directory of programs: applications, service principals, and the grants between them. [application-post-applications]
//!
//! What is created here can sign in at once: it is the same registration the authority looks up. The service principal of
//! Graph tells the ids of its permissions, which a script must resolve by name.
//! Deliberately absent: owners' rights, keys of an application made here, and every resource but Graph.

use crate::sim::entra::registration::{Audience, ClientSecret, Registration, derived, not_registrable};
use crate::sim::entra::scopes::{self, GRAPH_ID, ROLES};
use crate::sim::graph::filter::Filter;
use crate::sim::graph::odata::{self, Page};
use crate::sim::http::seconds;
use crate::sim::request::{Answer, Request};
use crate::sim::world::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Name, kind, id and more, a line each; the official ids.
const PERMISSIONS: &str = include_str!("../../../assets/permissions.tsv");
const WRITE: &[&str] = &["Application.ReadWrite.All"];
const FILTERS: &[&str] = &["id", "appId", "displayName", "servicePrincipalType", "signInAudience"];
/// What identity words are called as permissions; people may always grant them.
const IDENTITY: &[&str] = &["openid", "profile", "email", "offline_access"];

/// Answers what is ours.
pub fn handle(world: &mut World, request: &Request) -> Option<Answer> {
    let words: Vec<String> = request.path.iter().map(|word| word.to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ours = ["applications", "serviceprincipals", "oauth2permissiongrants"];
    if !words.first().is_some_and(|first| ours.contains(first)) {
        return None;
    }
    Some(route(world, request, &words).unwrap_or_else(|refusal| refusal))
}

fn route(world: &mut World, request: &Request, words: &[&str]) -> Result<Answer, Answer> {
    request.caller.need(WRITE).map_err(|_| {
        Answer::error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    })?;
    // `applications(appId='…')` arrives as a pair of the query.
    let by_key = request.option("appid").map(str::to_owned);
    let (kind, mut rest) = (words[0], &words[1..]);
    let key = match by_key {
        Some(client) => Some(Key::Client(client)),
        None if rest.is_empty() => None,
        None => {
            let id = request.path[1].clone();
            rest = &rest[1..];
            Some(Key::Object(id))
        }
    };
    match (request.method.as_str(), kind, key, rest) {
        ("GET", "applications", None, []) => {
            let all = world.registrations.all().iter().map(|one| application_json(world, one)).collect();
            list(request, "applications", all)
        }
        ("POST", "applications", None, []) => create(world, request),
        ("GET", "applications", Some(key), []) => {
            let one = application(world, &key)?;
            Ok(odata::entity(request, "applications", application_json(world, one)))
        }
        ("PATCH", "applications", Some(key), []) => {
            let changed = changed(world, application(world, &key)?.clone(), &request.body)?;
            world.registrations.put(changed);
            Ok(Answer::empty(204))
        }
        ("DELETE", "applications", Some(key), []) => {
            let client = application(world, &key)?.client_id.clone();
            world.registrations.remove(&client);
            Ok(Answer::empty(204))
        }
        ("POST", "applications", Some(key), ["addpassword"]) => add_password(world, request, &key),
        ("GET", "applications", Some(key), ["owners"]) => {
            application(world, &key)?;
            list(request, "directoryObjects", Vec::new())
        }
        ("POST", "applications", Some(key), ["owners", "$ref"]) => {
            application(world, &key)?;
            Ok(Answer::empty(204))
        }
        ("GET", "serviceprincipals", None, []) => {
            let there = |one: &&Registration| !one.principal_missing && !one.without_principal;
            let mut all = vec![graph_principal(world)];
            all.extend(world.registrations.all().iter().filter(there).map(|one| principal_json(world, one)));
            list(request, "servicePrincipals", all)
        }
        ("POST", "serviceprincipals", None, []) => create_principal(world, request),
        ("GET", "serviceprincipals", Some(key), []) => {
            let value =
                if key.is_graph() { graph_principal(world) } else { principal_json(world, principal(world, &key)?) };
            Ok(odata::entity(request, "servicePrincipals", value))
        }
        ("GET", "serviceprincipals", Some(key), ["approleassignments"]) => {
            let one = principal(world, &key)?;
            let all = one.roles.iter().map(|role| assignment_json(one, role)).collect();
            list(request, "appRoleAssignments", all)
        }
        ("POST", "serviceprincipals", Some(key), ["approleassignments" | "approleassignedto"]) => {
            assign_role(world, request, &key)
        }
        ("POST", "oauth2permissiongrants", None, []) => grant(world, request),
        ("GET", "oauth2permissiongrants", None, []) => {
            let all = world.registrations.all().iter().filter_map(|one| grant_json(world, one)).collect();
            list(request, "oauth2PermissionGrants", all)
        }
        _ => {
            let segment = request.path.last().map_or("", String::as_str);
            Err(Answer::error(400, "BadRequest", &format!("Resource not found for the segment '{segment}'.")))
        }
    }
}

/// How a path names an object.
enum Key {
    Object(String),
    Client(String),
}

impl Key {
    fn is_graph(&self) -> bool {
        match self {
            Self::Object(id) => *id == derived(GRAPH_ID, "principal"),
            Self::Client(id) => id == GRAPH_ID,
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Object(id) | Self::Client(id) => id,
        }
    }
}

fn not_found(key: &str) -> Answer {
    let message =
        format!("Resource '{key}' does not exist or one of its queried reference-property objects are not present.");
    Answer::error(404, "Request_ResourceNotFound", &message)
}

fn bad(message: &str) -> Answer {
    Answer::error(400, "Request_BadRequest", message)
}

fn application<'a>(world: &'a World, key: &Key) -> Result<&'a Registration, Answer> {
    let found = world.registrations.all().iter().find(|one| match key {
        Key::Object(id) => one.object_id.eq_ignore_ascii_case(id),
        Key::Client(id) => one.client_id.eq_ignore_ascii_case(id),
    });
    found.ok_or_else(|| not_found(key.text()))
}

fn principal<'a>(world: &'a World, key: &Key) -> Result<&'a Registration, Answer> {
    let found = world.registrations.all().iter().find(|one| match key {
        Key::Object(id) => one.principal_id.eq_ignore_ascii_case(id),
        Key::Client(id) => one.client_id.eq_ignore_ascii_case(id),
    });
    found.filter(|one| !one.principal_missing && !one.without_principal).ok_or_else(|| not_found(key.text()))
}

fn list(request: &Request, context: &str, mut all: Vec<Value>) -> Result<Answer, Answer> {
    if let Some(text) = request.option("$filter") {
        let filter = Filter::read(text, FILTERS)?;
        all.retain(|one| filter.holds(one));
    }
    let page = Page::of(request, 100, 999)?;
    let (total, range) = (all.len(), page.range(all.len()));
    Ok(odata::list(request, context, &page, total, all.drain(range).collect()))
}

fn created(request: &Request, context: &str, value: Value) -> Answer {
    let answer = odata::entity(request, context, value);
    Answer { status: 201, ..answer }
}

fn create(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    if request.body["displayName"].as_str().is_none_or(str::is_empty) {
        return Err(bad("Property displayName is required."));
    }
    let client_id = world.ids.guid();
    let empty = Registration {
        client_id: client_id.clone(),
        audience: Audience::SingleTenant,
        scopes: Some(Vec::new()),
        principal_missing: true,
        ..Registration::default()
    };
    let made = changed(world, empty.complete(), &request.body)?;
    world.registrations.put(made);
    let one = application(world, &Key::Client(client_id))?;
    Ok(created(request, "applications", application_json(world, one)))
}

/// The registration with what the body names; nothing if any of it is wrong.
fn changed(world: &World, mut one: Registration, body: &Value) -> Result<Registration, Answer> {
    let Value::Object(members) = body else { return Err(bad("The body is not an object.")) };
    for (name, value) in members {
        match name.as_str() {
            "displayName" => {
                value.as_str().ok_or_else(|| bad("displayName is not a string."))?.clone_into(&mut one.name)
            }
            "signInAudience" => {
                let word = value.as_str().unwrap_or_default();
                one.audience = audience(word).ok_or_else(|| bad(&format!("'{word}' is no signInAudience.")))?;
            }
            "isFallbackPublicClient" => one.public_client_flows = value.as_bool().unwrap_or(false),
            "publicClient" => one.redirect_uris = addresses(value)?,
            "web" => one.web_redirect_uris = addresses(value)?,
            "spa" => one.spa_redirect_uris = addresses(value)?,
            "requiredResourceAccess" => {
                let (delegated, roles) = required(world, value)?;
                one.scopes = Some(delegated);
                one.wanted_roles = roles;
            }
            "keyCredentials" => one.certificates = keys(value)?,
            // Descriptions and the like are kept by the service and used by nobody here.
            "description" | "notes" | "tags" | "info" | "api" | "optionalClaims" | "serviceManagementReference" => {}
            other => return Err(bad(&format!("The property '{other}' cannot be set here."))),
        }
    }
    Ok(one)
}

const AUDIENCES: &[(&str, Audience)] = &[
    ("AzureADMyOrg", Audience::SingleTenant),
    ("AzureADMultipleOrgs", Audience::AnyTenant),
    ("AzureADandPersonalMicrosoftAccount", Audience::Everybody),
    ("PersonalMicrosoftAccount", Audience::Personal),
];

fn audience(word: &str) -> Option<Audience> {
    AUDIENCES.iter().find(|(name, _)| *name == word).map(|(_, audience)| *audience)
}

fn addresses(value: &Value) -> Result<Vec<String>, Answer> {
    let all = value["redirectUris"].as_array().cloned().unwrap_or_default();
    all.iter()
        .map(|uri| {
            let uri = uri.as_str().ok_or_else(|| bad("A redirect address is not a string."))?;
            match not_registrable(uri) {
                Some(why) => Err(bad(&format!("The redirect address '{uri}' {why}."))),
                None => Ok(uri.to_owned()),
            }
        })
        .collect()
}

/// Names of the scopes and roles of a `requiredResourceAccess`.
fn required(world: &World, value: &Value) -> Result<(Vec<String>, Vec<String>), Answer> {
    let (mut delegated, mut roles) = (Vec::new(), Vec::new());
    for resource in value.as_array().map_or(&[][..], Vec::as_slice) {
        if resource["resourceAppId"] != GRAPH_ID {
            return Err(bad(&format!("The resource {} is not known in this tenant.", resource["resourceAppId"])));
        }
        for access in resource["resourceAccess"].as_array().map_or(&[][..], Vec::as_slice) {
            let id = access["id"].as_str().unwrap_or_default();
            let unknown = || bad(&format!("Graph has no permission with the id '{id}' of this type."));
            match access["type"].as_str() {
                Some("Scope") => delegated.push(scope_named_by(world, id).ok_or_else(unknown)?),
                Some("Role") => roles.push(role_named_by(id).ok_or_else(unknown)?),
                _ => return Err(bad("A resourceAccess has the type Scope or Role.")),
            }
        }
    }
    Ok((delegated, roles))
}

/// The certificates of `keyCredentials`, whose `key` is base64 of the DER.
fn keys(value: &Value) -> Result<Vec<String>, Answer> {
    use crate::sim::entra::registration::Certificate;
    let all = value.as_array().cloned().unwrap_or_default();
    all.iter()
        .map(|key| {
            let pem = format!(
                "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
                key["key"].as_str().unwrap_or_default()
            );
            Certificate::from_pem(&pem).map(|_| pem).ok_or_else(|| bad("A key is no certificate with an RSA key."))
        })
        .collect()
}

fn add_password(world: &mut World, request: &Request, key: &Key) -> Result<Answer, Answer> {
    let client = application(world, key)?.client_id.clone();
    let (id, value) = (world.ids.guid(), format!("Sim8Q~{}", world.ids.token(34)));
    let now = seconds(world.now());
    let wanted = &request.body["passwordCredential"];
    let ends = wanted["endDateTime"].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let ends = ends.and_then(|at| u64::try_from(at.as_second()).ok()).unwrap_or(now + 2 * 365 * 24 * 60 * 60);
    if let Some(one) = world.registrations.find_mut(&client) {
        one.secrets.push(ClientSecret { id: id.clone(), value: value.clone(), ends: Some(ends) });
    }
    Ok(odata::entity(
        request,
        "microsoft.graph.passwordCredential",
        json!({
            "keyId": id, "displayName": wanted["displayName"], "secretText": value, "hint": &value[..3],
            "startDateTime": moment(now), "endDateTime": moment(ends), "customKeyIdentifier": null,
        }),
    ))
}

fn moment(seconds: u64) -> Value {
    let at = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    at.map_or(Value::Null, |at| json!(at.to_string()))
}

fn application_json(world: &World, one: &Registration) -> Value {
    let audience = AUDIENCES.iter().find(|(_, audience)| *audience == one.audience).map(|(name, _)| *name);
    let scopes = one.scopes.iter().flatten().filter_map(|name| scope_id(world, name));
    let mut access: Vec<Value> = scopes.map(|id| json!({"id": id, "type": "Scope"})).collect();
    access.extend(one.wanted_roles.iter().map(|name| json!({"id": role_id(name), "type": "Role"})));
    let required =
        if access.is_empty() { json!([]) } else { json!([{"resourceAppId": GRAPH_ID, "resourceAccess": access}]) };
    let passwords: Vec<Value> = one
        .secrets
        .iter()
        .map(|secret| {
            json!({
                "keyId": secret.id, "displayName": null, "secretText": null,
                "hint": secret.value.get(..3), "endDateTime": secret.ends.map_or(Value::Null, moment),
            })
        })
        .collect();
    let keys: Vec<Value> = one
        .certificates()
        .iter()
        .map(|certificate| {
            json!({
                "keyId": derived(&certificate.x5t_s256(), "key"), "type": "AsymmetricX509Cert", "usage": "Verify",
                "customKeyIdentifier": certificate.x5t(), "key": null,
            })
        })
        .collect();
    json!({
        "id": one.object_id, "appId": one.client_id, "displayName": one.name, "signInAudience": audience,
        "isFallbackPublicClient": one.public_client_flows,
        "publicClient": {"redirectUris": one.redirect_uris}, "web": {"redirectUris": one.web_redirect_uris},
        "spa": {"redirectUris": one.spa_redirect_uris}, "requiredResourceAccess": required,
        "passwordCredentials": passwords, "keyCredentials": keys,
    })
}

fn create_principal(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let client = request.body["appId"].as_str().unwrap_or_default();
    let Some(one) = world.registrations.find_mut(client) else {
        return Err(bad(&format!("The appId '{client}' of the service principal does not name an application.")));
    };
    if !one.principal_missing && !one.without_principal {
        let message = "Another object with the same value for property appId already exists.";
        return Err(Answer::error(409, "Request_MultipleObjectsWithSameKeyValue", message));
    }
    one.principal_missing = false;
    one.without_principal = false;
    let one = one.clone();
    Ok(created(request, "servicePrincipals", principal_json(world, &one)))
}

fn principal_json(world: &World, one: &Registration) -> Value {
    json!({
        "id": one.principal_id, "appId": one.client_id, "displayName": one.name, "accountEnabled": !one.disabled,
        "appDisplayName": one.name, "appOwnerOrganizationId": world.company.tenant_id,
        "appRoleAssignmentRequired": one.assignment_required, "servicePrincipalType": "Application",
        "replyUrls": one.redirect_uris, "oauth2PermissionScopes": [], "appRoles": [],
    })
}

/// Graph itself, with all its permissions.
fn graph_principal(world: &World) -> Value {
    let scopes: Vec<Value> = names(world)
        .map(|(name, administrators)| {
            json!({
                "id": scope_id(world, name), "value": name, "isEnabled": true,
                "type": if administrators { "Admin" } else { "User" },
                "adminConsentDisplayName": name, "userConsentDisplayName": name,
            })
        })
        .collect();
    let roles: Vec<Value> = roles()
        .into_iter()
        .map(|name| {
            json!({
                "id": role_id(name), "value": name, "isEnabled": true, "displayName": name,
                "allowedMemberTypes": ["Application"],
            })
        })
        .collect();
    json!({
        "id": derived(GRAPH_ID, "principal"), "appId": GRAPH_ID, "displayName": "Microsoft Graph",
        "servicePrincipalType": "Application", "accountEnabled": true, "oauth2PermissionScopes": scopes, "appRoles": roles,
    })
}

/// The delegated permissions this tenant knows, and whether they need an administrator.
fn names(world: &World) -> impl Iterator<Item = (&'static str, bool)> {
    let mail_tips = world.options.mail_tips;
    let known = scopes::delegated().filter(move |(name, _)| mail_tips || !name.starts_with("MailTips."));
    known.chain(IDENTITY.iter().map(|name| (*name, false)))
}

fn roles() -> BTreeSet<&'static str> {
    rows().filter(|(_, kind, _)| *kind == "application").map(|(name, ..)| name).chain(ROLES.iter().copied()).collect()
}

/// Name, kind and id of the official data.
fn rows() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    PERMISSIONS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut cells = line.split('\t');
        Some((cells.next()?, cells.next()?, cells.next()?))
    })
}

/// The official id; an invented one where none is published, the same at every start.
fn id_of(name: &str, kind: &str) -> String {
    let official = rows().find(|(known, of, id)| *known == name && *of == kind && !id.is_empty());
    official.map_or_else(|| derived(name, kind), |(.., id)| id.to_owned())
}

fn scope_id(world: &World, name: &str) -> Option<String> {
    names(world).any(|(known, _)| known == name).then(|| id_of(name, "delegated"))
}

fn role_id(name: &str) -> String {
    id_of(name, "application")
}

fn scope_named_by(world: &World, id: &str) -> Option<String> {
    names(world).map(|(name, _)| name).find(|name| id_of(name, "delegated").eq_ignore_ascii_case(id)).map(str::to_owned)
}

fn role_named_by(id: &str) -> Option<String> {
    roles().into_iter().find(|name| role_id(name).eq_ignore_ascii_case(id)).map(str::to_owned)
}

fn assign_role(world: &mut World, request: &Request, key: &Key) -> Result<Answer, Answer> {
    let of = request.body["principalId"].as_str().map_or(key.text(), |id| id).to_owned();
    let client = principal(world, &Key::Object(of))?.client_id.clone();
    if request.body["resourceId"] != json!(derived(GRAPH_ID, "principal")) {
        return Err(bad("The resourceId is not the service principal of Graph."));
    }
    let id = request.body["appRoleId"].as_str().unwrap_or_default();
    let role = role_named_by(id).ok_or_else(|| bad(&format!("Graph has no role with the id '{id}'.")))?;
    let Some(one) = world.registrations.find_mut(&client) else { return Err(not_found(&client)) };
    if one.roles.contains(&role) {
        return Err(bad("Permission being assigned already exists on the object."));
    }
    one.roles.push(role.clone());
    let value = assignment_json(one, &role);
    Ok(created(request, "appRoleAssignments", value))
}

fn assignment_json(one: &Registration, role: &str) -> Value {
    json!({
        "id": derived(&one.principal_id, role), "appRoleId": role_id(role), "principalId": one.principal_id,
        "principalType": "ServicePrincipal", "principalDisplayName": one.name,
        "resourceId": derived(GRAPH_ID, "principal"), "resourceDisplayName": "Microsoft Graph",
    })
}

/// Consent by an administrator, or for one person.
fn grant(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    let body = &request.body;
    let client = body["clientId"].as_str().unwrap_or_default();
    let client = principal(world, &Key::Object(client.to_owned()))?.client_id.clone();
    if body["resourceId"] != json!(derived(GRAPH_ID, "principal")) {
        return Err(bad("The resourceId is not the service principal of Graph."));
    }
    let mut named = Vec::new();
    for word in body["scope"].as_str().unwrap_or_default().split_whitespace() {
        match scopes::known(word) {
            Some(name) => named.push(name.to_owned()),
            None if IDENTITY.contains(&word) => {}
            None => return Err(bad(&format!("Graph has no delegated permission '{word}'."))),
        }
    }
    match (body["consentType"].as_str(), body["principalId"].as_str()) {
        (Some("AllPrincipals"), _) => world.grants.grant_everybody(&client, named),
        (Some("Principal"), Some(person)) => world.grants.grant_own(&client, person, named),
        _ => return Err(bad("consentType is AllPrincipals, or Principal with a principalId.")),
    }
    let mut value = body.clone();
    value["id"] = json!(world.ids.token(44));
    Ok(created(request, "oauth2PermissionGrants", value))
}

fn grant_json(world: &World, one: &Registration) -> Option<Value> {
    let scopes = world.grants.by_administrators(&one.client_id);
    (!scopes.is_empty()).then(|| {
        json!({
            "id": derived(&one.principal_id, "grant"), "clientId": one.principal_id, "consentType": "AllPrincipals",
            "principalId": null, "resourceId": derived(GRAPH_ID, "principal"), "scope": scopes.join(" "),
        })
    })
}
