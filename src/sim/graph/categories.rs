//! The categories of a mailbox: names that do not change once made, and their colours. [outlookuser-list-mastercategories]
//! \[outlookcategory\]
//!
//! Items may carry names that are not in this list. Must stay true: a name is there once, whatever its letter case.

use crate::sim::graph::odata::{self, Page};
use crate::sim::request::{Answer, Request};
use crate::sim::world::World;
use serde_json::{Value, json};

/// A category.
#[derive(Clone, Debug)]
pub(super) struct Category {
    id: String,
    name: String,
    /// `none` or `preset0` to `preset24`.
    color: String,
}

/// What every mailbox begins with, and what this company's people use.
pub(super) fn usual() -> Vec<Category> {
    let names = ["Red category", "Orange category", "Yellow category", "Green category", "Blue category", "Travel"];
    let colors = ["preset0", "preset1", "preset3", "preset4", "preset7", "preset5"];
    let one = |(at, (name, color)): (usize, (&&str, &&str))| Category {
        id: format!("5c2a1f00-7d10-4c0e-8a51-{at:012x}"),
        name: (*name).to_owned(),
        color: (*color).to_owned(),
    };
    names.iter().zip(&colors).enumerate().map(one).collect()
}

pub(super) fn answer(world: &mut World, request: &Request, person: usize, id: Option<&str>) -> Result<Answer, Answer> {
    let missing = || Answer::error(404, "ErrorItemNotFound", "The specified object was not found in the store.");
    let context = format!("users('{}')/outlook/masterCategories", world.person(person).id);
    let guid = world.ids.guid();
    let all = &mut world.settings.of_mut(person).categories;
    let at = id.map(|id| all.iter().position(|one| one.id.eq_ignore_ascii_case(id)).ok_or_else(missing)).transpose()?;
    match (request.method.as_str(), at) {
        ("GET", None) => {
            let page = Page::of(request, 100, 1_000)?;
            let rows = all[page.range(all.len())].iter().map(shown).collect();
            Ok(odata::list(request, &context, &page, all.len(), rows))
        }
        ("GET", Some(at)) => Ok(odata::entity(request, &context, shown(&all[at]))),
        ("POST", None) => {
            let name = request.body["displayName"].as_str().map(str::trim).filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| bad("A category needs a displayName."))?;
            if all.iter().any(|one| one.name.eq_ignore_ascii_case(name)) {
                return Err(Answer::error(409, "ErrorCategoryExists", "A category with this name exists."));
            }
            let color = color(&request.body)?.unwrap_or_else(|| "none".to_owned());
            let made = Category { id: guid, name: name.to_owned(), color };
            let value = shown(&made);
            all.push(made);
            Ok(Answer { status: 201, ..odata::entity(request, &context, value) })
        }
        ("PATCH", Some(_)) if request.body.get("displayName").is_some() => {
            Err(bad("The name of a category cannot be changed."))
        }
        ("PATCH", Some(at)) => {
            if let Some(color) = color(&request.body)? {
                all[at].color = color;
            }
            Ok(odata::entity(request, &context, shown(&all[at])))
        }
        ("DELETE", Some(at)) => {
            all.remove(at);
            Ok(Answer::empty(204))
        }
        _ => Err(Answer::error(405, "BadRequest", "The method is not allowed here.")),
    }
}

fn shown(category: &Category) -> Value {
    json!({"id": category.id, "displayName": category.name, "color": category.color})
}

fn color(body: &Value) -> Result<Option<String>, Answer> {
    let Some(given) = body.get("color") else { return Ok(None) };
    let given = given.as_str().unwrap_or_default().to_ascii_lowercase();
    let is_preset = given.strip_prefix("preset").and_then(|number| number.parse::<u8>().ok()).is_some_and(|at| at < 25);
    if given == "none" || is_preset { Ok(Some(given)) } else { Err(bad("There is no such colour.")) }
}

fn bad(message: &str) -> Answer {
    Answer::error(400, "RequestBodyRead", message)
}
