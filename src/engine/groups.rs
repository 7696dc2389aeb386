//! Groups of people: those saved in the configuration, read anew each time, and those of the directory, from the cache while it is young.
//!
//! Must stay true: a saved group needs nobody's permission and no network; of a directory's group at most
//! [`MOST_MEMBERS`] are given out, and how many there are is said; without the permission the report
//! names it.

use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use crate::config;
use crate::db::{Cache, Relation};
use crate::domain::account::Feature;
use crate::domain::group::{DirectoryGroup, FoundGroup, GroupRef, MOST_MEMBERS, Members, SavedGroup, check_name, find};
use crate::domain::mail::Recipient;
use crate::domain::person::{Person, PersonId};
use crate::engine::away::stranger;
use crate::engine::files::off_the_loop;
use crate::engine::kept::kept;
use crate::engine::permission;
use crate::graph::{self, Graph};
use jiff::SignedDuration;
use std::path::Path;

/// A list of members this young is taken for the present.
const MEMBERS_FRESH: SignedDuration = SignedDuration::from_hours(1);
/// Groups that are offered while somebody types.
const MOST_OFFERED: usize = 10;

/// The saved groups, by name.
///
/// # Errors
/// When the configuration cannot be read.
pub(super) async fn saved(file: &Path) -> Result<Vec<SavedGroup>, Report> {
    let file = file.to_owned();
    off_the_loop(move || config::saved_groups(&file).map_err(|error| error.report())).await
}

/// Saves a group; without people it is removed. Gives back the groups there are then.
///
/// # Errors
/// When the name is none, or the configuration cannot be changed.
pub(super) async fn save(file: &Path, name: String, people: Vec<Recipient>) -> Result<Vec<SavedGroup>, Report> {
    let name = name.trim().to_owned();
    if let Err(why) = check_name(&name) {
        return Err(Report::new(Kind::Usage, "groupName", "A group cannot be called that.").because(why));
    }
    let file = file.to_owned();
    off_the_loop(move || config::save_group(&file, &name, &people).map_err(|error| error.report())).await
}

/// Groups whose name or address begins with the words of `text`: the saved ones first, then those of the directory where they may be
/// read. What fails is no news to somebody who types a name.
pub(super) async fn matching(graph: &Graph, file: &Path, text: &str) -> Vec<FoundGroup> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    let typed = text.to_lowercase();
    let wanted: Vec<&str> = typed.split_whitespace().collect();
    let begins = |group: &SavedGroup| {
        let name = group.name.to_lowercase();
        let words: Vec<&str> = name.split(|letter: char| !letter.is_alphanumeric()).collect();
        name.starts_with(&typed) || wanted.iter().all(|wanted| words.iter().any(|word| word.starts_with(wanted)))
    };
    let saved = saved(file).await.unwrap_or_default();
    let mut found: Vec<FoundGroup> = saved.iter().filter(|group| begins(group)).map(FoundGroup::saved).collect();
    let granted = graph.granted();
    if !granted.is_empty() && Feature::Groups.is_open(&granted) {
        match graph::groups::search(graph, text).await {
            Ok(groups) => found.extend(groups.into_iter().map(FoundGroup::of_directory)),
            Err(error) => tracing::info!(%error, "no groups were found"),
        }
    }
    found.truncate(MOST_OFFERED);
    found
}

/// Who is in `group`.
///
/// # Errors
/// When there is no such group, several are meant, or it may not be read.
pub(super) async fn members(graph: &Graph, cache: &Cache, file: &Path, group: &GroupRef) -> Result<Members, Report> {
    match group {
        GroupRef::Saved(name) => {
            let groups = saved(file).await?;
            find(&groups, name).map(of_saved).ok_or_else(|| unknown(name, &groups))
        }
        GroupRef::Directory { id, name } => of_directory(graph, cache, id, name).await,
        GroupRef::Named(name) => {
            let groups = saved(file).await?;
            if let Some(group) = find(&groups, name) {
                return Ok(of_saved(group));
            }
            let group = in_directory(graph, name, &groups).await?;
            of_directory(graph, cache, &group.id, &group.name).await
        }
    }
}

/// The group of the directory somebody means by an address or a name.
async fn in_directory(graph: &Graph, name: &str, saved: &[SavedGroup]) -> Result<DirectoryGroup, Report> {
    let what = format!("The group \"{}\" could not be looked up.", tame(name));
    let call = async {
        if name.contains('@') {
            return Ok(graph::groups::by_address(graph, name).await?.into_iter().collect());
        }
        graph::groups::search(graph, name).await
    };
    let found: Vec<DirectoryGroup> = permission::ask(&graph.granted(), Feature::Groups, &what, call).await?;
    let exact = |group: &&DirectoryGroup| {
        group.name.to_lowercase() == name.trim().to_lowercase() || group.address.eq_ignore_ascii_case(name.trim())
    };
    let exactly: Vec<&DirectoryGroup> = found.iter().filter(exact).collect();
    match (&exactly[..], &found[..]) {
        ([one], _) => Ok((*one).clone()),
        (_, [one]) => Ok(one.clone()),
        (_, []) => Err(unknown(name, saved)),
        (_, several) => {
            let names: Vec<String> = several.iter().take(5).map(|group| group.name.clone()).collect();
            Err(Report::new(
                Kind::Failure,
                "ambiguous",
                format!("\"{}\" fits {} groups: {}.", tame(name), several.len(), names.join(", ")),
            )
            .next("Give the whole name, or its address."))
        }
    }
}

fn unknown(name: &str, saved: &[SavedGroup]) -> Report {
    let names: Vec<&str> = saved.iter().map(|group| group.name.as_str()).collect();
    let known = if names.is_empty() {
        "No group is saved in the configuration.".to_owned()
    } else {
        format!("Saved are: {}.", names.join(", "))
    };
    Report::new(Kind::Failure, "notFound", format!("There is no group called \"{}\".", tame(name)))
        .because(known)
        .next("Check the spelling, or save people as a group below [groups] in the configuration.")
}

fn of_saved(group: &SavedGroup) -> Members {
    let person = |recipient: &Recipient| {
        let person = stranger(&recipient.address);
        Person { name: recipient.label().to_owned(), id: PersonId::of_address(&recipient.address), ..person }
    };
    Members {
        name: group.name.clone(),
        people: group.people.iter().map(person).collect(),
        total: group.people.len(),
        without_address: 0,
        as_of: None,
    }
}

async fn of_directory(graph: &Graph, cache: &Cache, id: &str, name: &str) -> Result<Members, Report> {
    let key = PersonId(id.to_owned());
    let known = kept(cache.related(&key, Relation::Members).await).flatten();
    let sizes = kept(cache.recall("groups").await).flatten().unwrap_or_default();
    let told = |people: Vec<Person>, as_of| {
        let (total, without_address) = size_of(&sizes, id).unwrap_or((people.len(), 0));
        Members { name: name.to_owned(), people, total, without_address, as_of: Some(as_of) }
    };
    if let Some((people, as_of)) = &known
        && graph.now().duration_since(*as_of) <= MEMBERS_FRESH
    {
        return Ok(told(people.clone(), *as_of));
    }
    let what = format!("The members of \"{name}\" could not be read.");
    match permission::ask(&graph.granted(), Feature::Groups, &what, graph::groups::members(graph, id)).await {
        Ok(listed) => {
            let total = listed.people.len() + listed.faceless;
            let mut people = listed.people;
            people.sort_by_cached_key(|person| person.name.to_lowercase());
            people.truncate(MOST_MEMBERS);
            let now = graph.now();
            kept(cache.put_related(&key, Relation::Members, people.clone(), now).await);
            kept(cache.remember("groups", with_size(&sizes, id, total, listed.faceless)).await);
            Ok(Members { name: name.to_owned(), people, total, without_address: listed.faceless, as_of: Some(now) })
        }
        Err(report) => known.map(|(people, as_of)| told(people, as_of)).ok_or(report),
    }
}

/// How many a group had altogether, and how many of them without an address, in the lines that are remembered.
fn size_of(lines: &str, id: &str) -> Option<(usize, usize)> {
    let mut words = lines.lines().find_map(|line| line.strip_prefix(id)?.strip_prefix(' '))?.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

/// The same lines with one group's size; of the oldest, some are forgotten.
fn with_size(lines: &str, id: &str, total: usize, faceless: usize) -> String {
    let others = lines.lines().filter(|line| !line.starts_with(&format!("{id} "))).take(100);
    std::iter::once(format!("{id} {total} {faceless}")).chain(others.map(str::to_owned)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_kept_by_group() {
        let lines = with_size(&with_size("", "a", 240, 1), "b", 3, 0);
        assert_eq!(
            (size_of(&lines, "a"), size_of(&lines, "b"), size_of(&lines, "c")),
            (Some((240, 1)), Some((3, 0)), None)
        );
        assert_eq!(size_of(&with_size(&lines, "a", 2, 0), "a"), Some((2, 0)));
    }
}
