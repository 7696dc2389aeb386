//! Finding people, their presence and their automatic replies: the cache while it is young, else the service.
//!
//! Must stay true: what cannot be read names its reason, and never hides what was known before. Ages: directory a day, presence a
//! minute, automatic replies a quarter of an hour.

use crate::base::report::{Kind, Report};
use crate::db::Cache;
use crate::domain::account::Feature;
use crate::domain::person::{Person, PersonId};
use crate::domain::presence::{AutomaticReply, Presence};
use crate::domain::request::FoundPeople;
use crate::engine::kept::kept;
use crate::engine::permission;
use crate::graph::mail_tips::{self, MailTip};
use crate::graph::{Graph, Priority, people, presence};
use jiff::{SignedDuration, Timestamp};

/// A directory entry this young is taken for the present.
pub const PERSON_FRESH: SignedDuration = SignedDuration::from_hours(24);
/// Presence this young is taken for the present.
pub const PRESENCE_FRESH: SignedDuration = SignedDuration::from_secs(60);
/// An automatic reply this young is taken for the present.
pub const REPLY_FRESH: SignedDuration = SignedDuration::from_mins(15);
/// People in an answer; more are not read by anybody who types on.
const MOST_FOUND: u16 = 50;

/// What is known of one thing, and why not more.
#[derive(Clone, Debug, PartialEq)]
pub struct Known<T> {
    /// What is known, possibly old.
    pub value: Option<T>,
    /// Why it is not newer or not there.
    pub problem: Option<Report>,
}

impl<T> Known<T> {
    /// What the cache says after the service could not be asked. Being offline is no news where something is known: its age
    /// tells.
    #[must_use]
    pub fn after_failure(value: Option<T>, problem: &Report) -> Self {
        let is_told = value.is_some() && problem.kind == Kind::Network;
        Self { value, problem: (!is_told).then(|| problem.clone()) }
    }
}

/// People whose name or address begins with the words of `text`: those of the cache and, if it can be asked, the directory. Groups are
/// not among them.
pub async fn find(graph: &Graph, cache: &Cache, text: &str) -> FoundPeople {
    let mut found = kept(cache.find_people(text, MOST_FOUND).await).unwrap_or_default();
    let call = people::search(graph, text, usize::from(MOST_FOUND));
    let asked =
        permission::ask(&graph.granted(), Feature::Directory, "The directory could not be searched.", call).await;
    let problem = match asked {
        Ok(listed) => {
            kept(cache.put_people(listed.clone(), graph.now()).await);
            found.retain(|known| !listed.iter().any(|person| person.id == known.id));
            found.extend(listed);
            None
        }
        Err(report) => Some(report),
    };
    rank(&mut found, text);
    found.truncate(usize::from(MOST_FOUND));
    FoundPeople { text: text.to_owned(), people: found, groups: Vec::new(), is_complete: problem.is_none(), problem }
}

/// Best first: the whole text begins the name or the address, then a name with mail, then by name.
fn rank(people: &mut [Person], text: &str) {
    let text = text.trim().to_lowercase();
    people.sort_by_cached_key(|person| {
        let name = person.name.to_lowercase();
        let begins = name.starts_with(&text) || person.address.to_lowercase().starts_with(&text);
        (!begins, person.address.is_empty(), name)
    });
}

/// Who has the address: the cache while it is young, else the directory. `Ok(None)`: nobody in the directory.
///
/// # Errors
/// When the directory cannot be asked and the cache knows nobody.
pub async fn by_address(graph: &Graph, cache: &Cache, address: &str) -> Result<Option<Person>, Report> {
    let known = kept(cache.person_by_address(address).await).flatten();
    if let Some((person, as_of)) = &known
        && graph.now().duration_since(*as_of) <= PERSON_FRESH
    {
        return Ok(Some(person.clone()));
    }
    let call = people::by_address(graph, address);
    let asked = permission::ask(&graph.granted(), Feature::Directory, "The directory could not be asked.", call).await;
    fall_back(graph, cache, asked, known).await
}

/// What the directory says of many addresses, asked together, and keeps it: who has it, `Ok(None)` for nobody. An address that could
/// not be asked about is missing.
pub async fn ask_addresses(graph: &Graph, cache: &Cache, addresses: Vec<String>) -> Vec<(String, Option<Person>)> {
    if addresses.is_empty() {
        return Vec::new();
    }
    let call = people::by_addresses(graph, &addresses);
    let asked = permission::ask(&graph.granted(), Feature::Directory, "The directory could not be asked.", call).await;
    let answers = addresses.into_iter().zip(asked.unwrap_or_default());
    let told: Vec<(String, Option<Person>)> =
        answers.filter_map(|(address, answer)| Some((address, answer.ok()?))).collect();
    let found: Vec<Person> = told.iter().filter_map(|(_, person)| person.clone()).collect();
    if !found.is_empty() {
        kept(cache.put_people(found, graph.now()).await);
    }
    told
}

/// Who has the addresses, as far as that is known or the directory tells: each under the address that was asked for, which need not be
/// the one they write from.
pub async fn by_addresses(graph: &Graph, cache: &Cache, addresses: Vec<String>) -> Vec<Person> {
    let mut found = Vec::new();
    let mut unknown = Vec::new();
    for address in addresses {
        match kept(cache.person_by_address(&address).await).flatten() {
            Some((person, _)) if person.id.is_of_directory() => found.push(person),
            // A contact, or somebody one has written with; the directory knows more of its own people.
            _ => unknown.push(address),
        }
    }
    let told = ask_addresses(graph, cache, unknown).await.into_iter();
    found.extend(told.filter_map(|(address, person)| Some(Person { address, ..person? })));
    found
}

/// The person with the id: the cache while it is young, else the directory.
///
/// # Errors
/// When the directory cannot be asked and the cache knows nobody.
pub async fn by_id(graph: &Graph, cache: &Cache, id: &PersonId) -> Result<Option<Person>, Report> {
    let known = kept(cache.person(id).await).flatten();
    if let Some((person, as_of)) = &known
        && graph.now().duration_since(*as_of) <= PERSON_FRESH
    {
        return Ok(Some(person.clone()));
    }
    if !id.is_of_directory() {
        return Ok(known.map(|(person, _)| person));
    }
    let call = people::by_id(graph, id);
    let asked = permission::ask(&graph.granted(), Feature::Directory, "The directory could not be asked.", call).await;
    fall_back(graph, cache, asked, known).await
}

async fn fall_back(
    graph: &Graph,
    cache: &Cache,
    asked: Result<Option<Person>, Report>,
    known: Option<(Person, Timestamp)>,
) -> Result<Option<Person>, Report> {
    match (asked, known) {
        (Ok(Some(person)), _) => {
            kept(cache.put_people(vec![person.clone()], graph.now()).await);
            Ok(Some(person))
        }
        (Ok(None), _) => Ok(None),
        (Err(_), Some((person, _))) => Ok(Some(person)),
        (Err(report), None) => Err(report),
    }
}

/// Presence of `ids`: each with what is known. Answers of the cache no older than `fresh` are taken; `None`: all are asked anew.
pub async fn presence(
    graph: &Graph,
    cache: &Cache,
    ids: &[PersonId],
    fresh: Option<SignedDuration>,
) -> Vec<(PersonId, Known<Presence>)> {
    let now = graph.now();
    let known = kept(cache.presence(ids.to_vec()).await).unwrap_or_default();
    let find = |list: &[(PersonId, Presence)], id: &PersonId| {
        list.iter().find(|(other, _)| other.0.eq_ignore_ascii_case(&id.0)).map(|(_, presence)| presence.clone())
    };
    let is_young = |id: &PersonId| {
        let age = find(&known, id).map(|presence| now.duration_since(presence.as_of));
        age.zip(fresh).is_some_and(|(age, fresh)| age <= fresh)
    };
    let asked: Vec<PersonId> = ids.iter().filter(|id| id.is_of_directory() && !is_young(id)).cloned().collect();
    let mut answered = Vec::new();
    let mut problem = None;
    if !asked.is_empty() {
        let call = presence::of(graph, &asked, Priority::Person);
        match permission::ask(&graph.granted(), Feature::Presence, "Presence could not be read.", call).await {
            Ok(list) => answered = list,
            Err(report) => problem = Some(report),
        }
    }
    if !answered.is_empty() {
        // Under the ids asked for: the service may write them in another case.
        let rows = asked.iter().filter_map(|id| Some((id.clone(), find(&answered, id)?))).collect();
        kept(cache.put_presence(rows).await);
    }
    let rows = ids.iter().map(|id| {
        let value = find(&answered, id).or_else(|| find(&known, id));
        let is_asked = asked.contains(id);
        let known = match &problem {
            Some(report) if is_asked => Known::after_failure(value, report),
            _ => Known { value, problem: None },
        };
        (id.clone(), known)
    });
    rows.collect()
}

/// Automatic replies of `addresses`, in that order: each with what is known. `value` is `None` where the service tells nothing
/// (people outside); a reply with an empty message says that nobody is away.
pub async fn automatic_replies(
    graph: &Graph,
    cache: &Cache,
    addresses: &[String],
    refresh: bool,
) -> Vec<Known<AutomaticReply>> {
    let now = graph.now();
    let mut known = Vec::with_capacity(addresses.len());
    for address in addresses {
        known.push(kept(cache.automatic_reply(&address.to_lowercase()).await).flatten());
    }
    let is_young = |reply: &Option<AutomaticReply>| {
        !refresh && reply.as_ref().is_some_and(|reply| now.duration_since(reply.as_of) <= REPLY_FRESH)
    };
    let asked: Vec<String> = addresses
        .iter()
        .zip(&known)
        .filter(|(_, reply)| !is_young(reply))
        .map(|(address, _)| address.clone())
        .collect();
    let mut tips = Vec::new();
    let mut problem = None;
    if !asked.is_empty() {
        let call = mail_tips::of(graph, &asked, Priority::Person);
        let what = "The automatic reply could not be read.";
        match permission::ask(&graph.granted(), Feature::AutomaticReplies, what, call).await {
            Ok(list) => tips = list,
            Err(report) => problem = Some(report),
        }
    }
    let now = graph.now();
    let answered: Vec<(String, AutomaticReply)> = tips.iter().filter_map(|tip| told(tip, now)).collect();
    if !answered.is_empty() {
        kept(cache.put_automatic_replies(answered.clone()).await);
    }
    let rows = addresses.iter().zip(known).map(|(address, known)| {
        let answer =
            answered.iter().find(|(other, _)| other.eq_ignore_ascii_case(address)).map(|(_, reply)| reply.clone());
        let is_asked = asked.contains(address);
        match (answer, &problem) {
            (Some(reply), _) => Known { value: Some(reply), problem: None },
            (None, Some(report)) if is_asked => Known::after_failure(known, report),
            (None, _) => Known { value: known, problem: refusal_of(&tips, address) },
        }
    });
    rows.collect()
}

/// What a tip tells, by address in lower case.
fn told(tip: &MailTip, as_of: Timestamp) -> Option<(String, AutomaticReply)> {
    let reply = tip.reply.as_ref().ok()?.as_ref()?;
    let message = text_of(&reply.html);
    Some((tip.address.to_lowercase(), AutomaticReply { message, start: reply.start, end: reply.end, as_of }))
}

/// Why the service tells nothing about one address, in its words.
fn refusal_of(tips: &[MailTip], address: &str) -> Option<Report> {
    let tip = tips.iter().find(|tip| tip.address.eq_ignore_ascii_case(address))?;
    let words = tip.reply.as_ref().err()?;
    Some(
        Report::new(Kind::Failure, "noMailTip", "The automatic reply could not be read.")
            .because("The service does not tell about this address.")
            .next("Ask them, or look at their calendar.")
            .detail("message", words.clone()),
    )
}

/// A reply's HTML as plain, tame text. A reply without any text is still a reply and says so.
#[must_use]
pub fn text_of(html: &str) -> String {
    if html.trim().is_empty() {
        return String::new();
    }
    let text = crate::engine::reader::plain_text(html);
    if text.is_empty() { "(an automatic reply without text)".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_becomes_tame_text() {
        let html = "<style>p{margin:0}</style><div dir=\"ltr\"><p>Back <b>Monday</b>.<br>Urgent: Ben\u{202e}\u{1b}[31m</p></div>";
        assert_eq!(text_of(html), "Back Monday.\nUrgent: Ben");
        assert_eq!(text_of(" \r\n"), "");
        assert_eq!(text_of("<div><img src=\"x\"></div>"), "(an automatic reply without text)");
    }

    #[test]
    fn a_hostile_reply_ends() {
        assert!(!text_of(&"<div>".repeat(100_000)).is_empty());
        assert!(!text_of(&"<table><tr><td>".repeat(3_000)).is_empty());
    }

    #[test]
    fn names_that_begin_with_what_was_typed_come_first() {
        let person = |name: &str, address: &str| Person {
            id: PersonId(name.to_owned()),
            name: name.to_owned(),
            address: address.to_owned(),
            job_title: None,
            department: None,
            office: None,
            phones: Vec::new(),
        };
        let mut people = [
            person("Olga Ben", "olga@x.example"),
            person("Ben Zero", ""),
            person("Ben Okafor", "ben@x.example"),
            person("Zoe", "benz@x.example"),
        ];
        rank(&mut people, "ben");
        let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!(names, ["Ben Okafor", "Zoe", "Ben Zero", "Olga Ben"]);
    }

    #[test]
    fn being_offline_is_no_news_where_something_is_known() {
        let offline = Report::new(Kind::Network, "offline", "x");
        let forbidden = Report::new(Kind::NeedsPerson, "permissionMissing", "x");
        assert_eq!(Known::after_failure(Some(1), &offline).problem, None);
        assert_eq!(Known::<u8>::after_failure(None, &offline).problem, Some(offline));
        assert_eq!(Known::after_failure(Some(1), &forbidden).problem, Some(forbidden));
    }
}
