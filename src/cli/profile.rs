//! `deskbell profile`: the profiles of the configuration, and taking one from computer to computer.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::arguments::{Global, ProfileVerb};
use crate::cli::output::{Out, plain};
use crate::cli::session::{Loaded, load};
use crate::cli::{Ended, PARTLY_DONE};
use crate::config::{
    Profile, Setting, export_profile, missing_values, parse_user_config, profile_names, profile_settings,
    set_default_profile, set_profile_settings,
};
use serde_json::{Map, Value, json};
use std::path::Path;

pub(crate) fn run(global: &Global, verb: &ProfileVerb, environment: &Environment, out: &Out) -> Ended {
    let loaded = load(global, environment)?;
    match verb {
        ProfileVerb::List => list(&loaded, out),
        ProfileVerb::Show { name } => show(&loaded, name.as_deref(), out)?,
        ProfileVerb::Export { name } => {
            let (name, profile) = find(&loaded, name.as_deref())?;
            out.document(&export_profile(&name, &profile));
        }
        ProfileVerb::Use { name } => {
            find(&loaded, Some(name))?;
            set_default_profile(&loaded.places.config_file(), name).map_err(|error| error.report())?;
            told(out, "deskbell.profile/1", name, &format!("The profile {name} is used from now on."));
        }
        ProfileVerb::Import { file, rename } => return import(&loaded, file, rename.as_deref(), out),
    }
    Ok(0)
}

fn find(loaded: &Loaded, name: Option<&str>) -> Result<(String, Profile), Report> {
    let name = name.unwrap_or(&loaded.config.profile_name);
    loaded.config.profiles.get(name).map(|profile| (name.to_owned(), profile.clone())).ok_or_else(|| {
        let names: Vec<&str> = loaded.config.profiles.keys().map(String::as_str).collect();
        Report::new(Kind::Usage, "usage", format!("There is no profile \"{name}\"."))
            .because(format!("The profiles are {}.", names.join(", ")))
            .next("See them all: deskbell profile list")
    })
}

fn list(loaded: &Loaded, out: &Out) {
    let current = &loaded.config.profile_name;
    if out.is_json() {
        let items: Vec<Value> =
            loaded.config.profiles.iter().map(|(name, profile)| as_json(name, profile, name == current)).collect();
        out.json(&json!({"schema": "deskbell.profiles/1", "account": null, "items": items, "errors": []}));
        return;
    }
    let rows: Vec<Vec<String>> = loaded
        .config
        .profiles
        .iter()
        .map(|(name, profile)| {
            let missing: Vec<&str> = missing_values(profile).into_iter().map(|(key, _)| key).collect();
            vec![
                if name == current { "*" } else { "" }.to_owned(),
                name.clone(),
                kind(profile).to_owned(),
                plain(&profile.tenant),
                profile.cloud.clone(),
                if missing.is_empty() { String::new() } else { format!("lacks {}", missing.join(", ")) },
            ]
        })
        .collect();
    out.table(&["", "Profile", "Kind", "Tenant", "Cloud", ""], &rows);
}

fn show(loaded: &Loaded, name: Option<&str>, out: &Out) -> Result<(), Report> {
    let (name, profile) = find(loaded, name)?;
    if out.is_json() {
        let item = as_json(&name, &profile, name == loaded.config.profile_name);
        out.json(&json!({"schema": "deskbell.profiles/1", "account": null, "items": [item], "errors": []}));
        return Ok(());
    }
    out.line(&format!("[profile.{name}]"));
    for (key, value) in profile_settings(&profile) {
        out.line(&format!("{key} = {}", value.written()));
    }
    for (key, what) in missing_values(&profile) {
        out.aside(&format!("Missing: {key}, {what}."));
    }
    Ok(())
}

fn as_json(name: &str, profile: &Profile, is_used: bool) -> Value {
    let value = |setting: Setting| match setting {
        Setting::Text(text) => json!(text),
        Setting::Switch(is_on) => json!(is_on),
        Setting::Number(number) => json!(number),
        Setting::List(items) => json!(items),
    };
    let options: Map<String, Value> =
        profile_settings(profile).into_iter().map(|(key, setting)| (key.to_owned(), value(setting))).collect();
    let missing: Vec<&str> = missing_values(profile).into_iter().map(|(key, _)| key).collect();
    json!({"name": name, "used": is_used, "kind": kind(profile), "options": options, "missing": missing})
}

fn kind(profile: &Profile) -> &'static str {
    if profile.is_service() { "service" } else { "person" }
}

/// Takes a profile in. Options that are wrong are refused before anything is written; what is missing is named after.
fn import(loaded: &Loaded, file: &Path, rename: Option<&str>, out: &Out) -> Ended {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        Report::new(Kind::Usage, "unreadable", format!("{} could not be read.", plain(&shown)))
            .because(format!("The system says: {error}."))
            .next("Give the file that \"deskbell profile export\" has written.")
    })?;
    let read = parse_user_config(&shown, &text);
    if let Some(problem) = read.problems.into_iter().next() {
        return Err(problem.next("Nothing was taken in."));
    }
    let names = profile_names(&text);
    let [from] = &names[..] else {
        return Err(Report::new(Kind::Usage, "usage", format!("{} holds {} profiles.", plain(&shown), names.len()))
            .because("One is taken in at a time.")
            .next("Give a file with one [profile.NAME], as \"deskbell profile export\" writes it."));
    };
    let name = rename.unwrap_or(from);
    let path = loaded.places.config_file();
    let here = std::fs::read_to_string(&path).unwrap_or_default();
    if profile_names(&here).iter().any(|known| known == name) {
        return Err(Report::new(Kind::Usage, "profileExists", format!("There is a profile {name} here already."))
            .because("Nothing was taken in, so that yours stays as it is.")
            .next(format!(
                "Take it in under another name: deskbell profile import {} --rename {name}-2",
                plain(&shown)
            )));
    }
    let profile = read.config.profiles.get(from).cloned().unwrap_or_default();
    let mut settings = profile_settings(&profile);
    if settings.is_empty() {
        // So that there is a table to write into.
        settings.push(("tenant", Setting::Text(profile.tenant.clone())));
    }
    set_profile_settings(&path, name, &settings).map_err(|error| error.report())?;
    let missing = missing_values(&profile);
    if out.is_json() {
        let errors: Vec<Value> = missing
            .iter()
            .map(|(key, what)| json!({"code": "missingValue", "message": format!("{key}: {what}"), "option": key}))
            .collect();
        out.json(&json!({
            "schema": "deskbell.profile/1", "account": null, "items": [{"name": name}], "errors": errors,
        }));
    } else {
        out.line(&format!(
            "The profile {name} was taken in. Use it with --profile {name}, or: deskbell profile use {name}"
        ));
        for (key, what) in &missing {
            out.aside(&format!("Missing: {key}, {what}. Add it below [profile.{name}] in {}.", path.display()));
        }
    }
    Ok(if missing.is_empty() { 0 } else { PARTLY_DONE })
}

fn told(out: &Out, schema: &str, name: &str, sentence: &str) {
    if out.is_json() {
        out.json(&json!({"schema": schema, "account": null, "items": [{"name": name}], "errors": []}));
    } else {
        out.line(sentence);
    }
}
