//! Groups of the directory: finding them, and who is in them, groups within groups included.
//!
//! Must stay true: as everywhere in the directory, `ConsistencyLevel` is sent on every page of a search [aad-advanced-queries]; what is
//! hidden from the person is counted and never guessed.

use crate::domain::group::DirectoryGroup;
use crate::domain::person::Person;
use crate::graph::call::{Budget, Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::page;
use crate::graph::people::{FIELDS, escaped};
use crate::graph::transport::Graph;
use crate::graph::wire::groups::{Member, WireGroup, WireMember};

/// What we read of a group.
const GROUP_FIELDS: &str = "id,displayName,mail";
/// Groups that are found at most.
const MOST_FOUND: usize = 20;
/// Members that are counted at most.
const MOST_COUNTED: usize = 5_000;

fn directory(call: Call) -> Call {
    call.budget(Budget::Directory).priority(Priority::Person)
}

fn advanced(call: Call) -> Call {
    directory(call).header("ConsistencyLevel", "eventual")
}

/// The call that finds groups of whose name or address every word of `text` is a beginning.
#[must_use]
pub fn search_call(text: &str) -> Call {
    let clause = |word: &str| {
        let word = escaped(word);
        format!("(\"displayName:{word}\" OR \"mail:{word}\")")
    };
    let clauses: Vec<String> = text.split_whitespace().take(6).map(clause).collect();
    advanced(Call::get(&["groups"]))
        .query("$search", clauses.join(" AND "))
        .query("$count", "true")
        .query("$top", MOST_FOUND.to_string())
        .select(GROUP_FIELDS)
}

/// Groups whose name or address begins with the words of `text`.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn search(graph: &Graph, text: &str) -> Result<Vec<DirectoryGroup>, GraphError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let page = page::all::<WireGroup>(graph, search_call(text), |link| advanced(Call::link(link)), MOST_FOUND).await?;
    Ok(page.filter_map(WireGroup::group).rows)
}

/// The call that finds the group with the address.
#[must_use]
pub fn address_call(address: &str) -> Call {
    let quoted = address.trim().replace('\'', "''");
    directory(Call::get(&["groups"]))
        .query("$filter", format!("mail eq '{quoted}'"))
        .query("$top", "2")
        .select(GROUP_FIELDS)
}

/// The group with the address; `None` where there is none.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn by_address(graph: &Graph, address: &str) -> Result<Option<DirectoryGroup>, GraphError> {
    let page = page::one::<WireGroup>(graph, address_call(address)).await?;
    Ok(page.filter_map(WireGroup::group).rows.into_iter().next())
}

/// Who is in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Everybody with an address.
    pub people: Vec<Person>,
    /// How many have none, or hide it.
    pub faceless: usize,
}

/// Who is in the group with this id and in the groups within it [group-list-transitivemembers]. Needs `GroupMember.ReadBasic.All`,
/// which an administrator grants.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn members(graph: &Graph, id: &str) -> Result<Listed, GraphError> {
    let call = directory(Call::get(&["groups", id, "transitiveMembers"])).select(FIELDS).query("$top", "999");
    let page = page::all::<WireMember>(graph, call, |link| directory(Call::link(link)), MOST_COUNTED).await?;
    let mut listed = Listed::default();
    for member in page.rows {
        match member.member() {
            Member::Person(person) => listed.people.push(person),
            Member::Faceless => listed.faceless += 1,
            Member::Thing => {}
        }
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::wire;
    use url::Url;

    #[test]
    fn what_was_typed_stays_within_its_quotes() {
        let base = Url::parse("https://graph.microsoft.com/v1.0").expect("an address");
        let address = search_call("all \"x").address(&base).expect("an address");
        let search = address.query_pairs().into_owned().find(|(name, _)| name == "$search").expect("a search").1;
        assert_eq!(search, r#"("displayName:all" OR "mail:all") AND ("displayName:\"x" OR "mail:\"x")"#);
        let filter = address_call("o'x@y.org' or 1 eq 1").address(&base).expect("an address");
        assert!(filter.query_pairs().any(|(_, value)| value == "mail eq 'o''x@y.org'' or 1 eq 1'"));
    }

    #[test]
    fn a_member_is_a_person_a_secret_or_a_thing() {
        let bytes = br##"{"value":[
            {"@odata.type":"#microsoft.graph.user","id":"1","displayName":"Ana\u202e","mail":"ana@x.org"},
            {"@odata.type":"#microsoft.graph.user","id":"2"},
            {"@odata.type":"#microsoft.graph.user","id":"3","displayName":"No mail","mail":null},
            {"@odata.type":"#microsoft.graph.group","id":"4","displayName":"Within","mail":"within@x.org"},
            {"@odata.type":"#microsoft.graph.orgContact","id":"5","displayName":"Rosa","mail":"rosa@y.org"},
            {"@odata.type":"#microsoft.graph.device","id":"6","displayName":"Laptop"}]}"##;
        let page = wire::page::<WireMember>(bytes).expect("a page");
        let members: Vec<Member> = page.rows.into_iter().map(WireMember::member).collect();
        assert!(matches!(&members[0], Member::Person(person) if person.name == "Ana" && person.id.0 == "1"));
        assert!(matches!(members[1], Member::Faceless) && matches!(members[2], Member::Faceless));
        assert!(matches!(members[3], Member::Thing) && matches!(members[5], Member::Thing));
        assert!(matches!(&members[4], Member::Person(person) if !person.id.is_of_directory()));
    }
}
