//! The directory: finding people, and who works with whom.
//!
//! Must stay true: `ConsistencyLevel` is sent on every page of a search, or the second one fails [aad-advanced-queries]; what
//! somebody typed cannot leave its quotes.

use crate::domain::person::{Person, PersonId};
use crate::graph::batch;
use crate::graph::call::{Budget, Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::page;
use crate::graph::transport::{Graph, Response};
use crate::graph::wire;
use crate::graph::wire::people::{WireContact, WirePerson, WireUser};

/// What we read of a person. Those that need `User.Read.All` are absent without it and break nothing.
pub(crate) const FIELDS: &str =
    "id,displayName,mail,userPrincipalName,jobTitle,department,officeLocation,businessPhones,mobilePhone";
/// Rows of a page.
const PAGE: &str = "50";

fn directory(call: Call) -> Call {
    call.budget(Budget::Directory).priority(Priority::Person)
}

fn advanced(call: Call) -> Call {
    directory(call).header("ConsistencyLevel", "eventual")
}

/// Suggestions and contacts that are asked for at most.
const MOST_SUGGESTIONS: usize = 200;
const MOST_CONTACTS: usize = 2_000;

/// Those one works with most, as the service sees it [user-list-people]. Needs `People.Read`.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn suggestions(graph: &Graph) -> Result<Vec<Person>, GraphError> {
    let fields =
        "id,displayName,scoredEmailAddresses,userPrincipalName,jobTitle,department,officeLocation,phones,personType";
    let call = Call::get(&["me", "people"]).select(fields).query("$top", "100");
    let page = page::all::<WirePerson>(graph, call, Call::link, MOST_SUGGESTIONS).await?;
    Ok(page.filter_map(WirePerson::person).rows)
}

/// One's own contacts [user-list-contacts]. Needs `Contacts.Read`.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn contacts(graph: &Graph) -> Result<Vec<Person>, GraphError> {
    let fields = "id,displayName,emailAddresses,jobTitle,department,officeLocation,businessPhones,mobilePhone";
    let call = Call::get(&["me", "contacts"]).select(fields).query("$top", "200");
    let page = page::all::<WireContact>(graph, call, Call::link, MOST_CONTACTS).await?;
    Ok(page.filter_map(WireContact::person).rows)
}

/// The call that finds people of whose name or address every word of `text` is a beginning.
#[must_use]
pub fn search_call(text: &str) -> Call {
    let clauses: Vec<String> = text.split_whitespace().take(6).map(clause).collect();
    advanced(Call::get(&["users"]))
        .query("$search", clauses.join(" AND "))
        .query("$count", "true")
        .query("$orderby", "displayName")
        .query("$top", PAGE)
        .select(FIELDS)
}

/// One word in name or address. Inner quotes and backslashes are escaped [search-query-parameter]; an ampersand fails inside a
/// search [known-issues] and is left out.
fn clause(word: &str) -> String {
    let escaped = escaped(word);
    format!("(\"displayName:{escaped}\" OR \"mail:{escaped}\" OR \"userPrincipalName:{escaped}\")")
}

/// A word as it may stand in the quotes of a search.
pub(crate) fn escaped(word: &str) -> String {
    let mut escaped = String::with_capacity(word.len());
    for character in word.chars().filter(|character| *character != '&' && !character.is_control()) {
        if matches!(character, '"' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Reads a page of people.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_page(bytes: &[u8]) -> Result<page::Page<Person>, String> {
    Ok(wire::page::<WireUser>(bytes)?.filter_map(WireUser::person))
}

/// Reads one person.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_one(bytes: &[u8]) -> Result<Person, String> {
    wire::object::<WireUser>(bytes)?.person().ok_or_else(|| "it names nobody".to_owned())
}

/// People whose name or address begins with the words of `text`, at most `limit`.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn search(graph: &Graph, text: &str, limit: usize) -> Result<Vec<Person>, GraphError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let page = page::all::<WireUser>(graph, search_call(text), |link| advanced(Call::link(link)), limit).await?;
    Ok(page.filter_map(WireUser::person).rows)
}

/// The call that finds who has the address.
#[must_use]
pub fn address_call(address: &str) -> Call {
    let quoted = address.trim().replace('\'', "''");
    directory(Call::get(&["users"]))
        .query("$filter", format!("mail eq '{quoted}' or userPrincipalName eq '{quoted}'"))
        .query("$top", "2")
        .select(FIELDS)
}

/// Who has the address; `None` for nobody of the directory.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn by_address(graph: &Graph, address: &str) -> Result<Option<Person>, GraphError> {
    let page = page::one::<WireUser>(graph, address_call(address)).await?;
    Ok(page.filter_map(WireUser::person).rows.into_iter().next())
}

/// Who has each of the addresses, asked for together, in that order.
///
/// # Errors
/// When all are refused. What one is refused is its own result.
pub async fn by_addresses(
    graph: &Graph,
    addresses: &[String],
) -> Result<Vec<Result<Option<Person>, GraphError>>, GraphError> {
    let calls: Vec<Call> = addresses.iter().map(|address| address_call(address)).collect();
    let answers = batch::send(graph, &calls).await?;
    let read = |response: Response| {
        let page = parse_page(&response.body).map_err(|what| response.unreadable(what))?;
        Ok(page.rows.into_iter().next())
    };
    Ok(answers.into_iter().map(|answer| answer.and_then(read)).collect())
}

/// The person with the id; `None` when there is none.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn by_id(graph: &Graph, id: &PersonId) -> Result<Option<Person>, GraphError> {
    one(graph, Call::get(&["users", &id.0])).await
}

/// The manager; `None` when there is none. Needs `User.Read.All`, which an administrator grants.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn manager(graph: &Graph, id: &PersonId) -> Result<Option<Person>, GraphError> {
    one(graph, Call::get(&["users", &id.0, "manager"])).await
}

async fn one(graph: &Graph, call: Call) -> Result<Option<Person>, GraphError> {
    let response = match graph.send(directory(call).select(FIELDS)).await {
        Ok(response) => response,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    parse_one(&response.body).map(Some).map_err(|what| response.unreadable(what))
}

/// The own direct reports.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn direct_reports(graph: &Graph) -> Result<Vec<Person>, GraphError> {
    reports(graph, Call::get(&["me", "directReports"])).await
}

/// Who reports to somebody else. Needs `User.Read.All`, which an administrator grants.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn reports_of(graph: &Graph, id: &PersonId) -> Result<Vec<Person>, GraphError> {
    reports(graph, Call::get(&["users", &id.0, "directReports"])).await
}

async fn reports(graph: &Graph, call: Call) -> Result<Vec<Person>, GraphError> {
    let call = directory(call).select(FIELDS).query("$top", "100");
    let page = page::all::<WireUser>(graph, call, |link| directory(Call::link(link)), 1_000).await?;
    Ok(page.filter_map(WireUser::person).rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn value(call: &Call, name: &str) -> String {
        let base = Url::parse("https://graph.microsoft.com/v1.0").expect("an address");
        let address = call.address(&base).expect("an address");
        address.query_pairs().into_owned().find(|(key, _)| key == name).expect("the option").1
    }

    #[test]
    fn what_was_typed_cannot_leave_its_quotes() {
        let search = value(&search_call("a\" OR \"mail:x \\b"), "$search");
        assert!(search.starts_with(r#"("displayName:a\"" OR "mail:a\"" OR "#), "{search}");
        assert!(search.contains(r#""displayName:\\b""#), "{search}");
        let filter = value(&address_call("o'neil@x.example' or '1' eq '1"), "$filter");
        assert!(filter.starts_with("mail eq 'o''neil@x.example'' or ''1'' eq ''1' or "), "{filter}");
    }

    #[test]
    fn a_search_says_which_consistency_it_takes() {
        assert!(search_call("ada").extra_headers().contains(&("ConsistencyLevel".into(), "eventual".to_owned())));
        assert!(
            advanced(Call::link("x")).extra_headers().contains(&("ConsistencyLevel".into(), "eventual".to_owned()))
        );
    }
}
