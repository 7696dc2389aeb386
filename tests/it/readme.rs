//! The README's tables are made from the program: commands from the parser, keys from the keymap, options from the configuration.
//!
//! `DESKBELL_UPDATE=1 cargo test --test it readme` writes them anew.

use deskbell::config::{documented_options, keys_text, load_keymap};
use std::fmt::Write;
use std::path::PathBuf;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// A cell of a table: the bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn commands() -> String {
    let mut table = "| command | |\n|---|---|\n| `deskbell` | Open the program |\n".to_owned();
    for (verb, sentence) in deskbell::cli::verbs() {
        let _ = writeln!(table, "| `deskbell {verb}` | {} |", cell(&sentence));
    }
    table
}

fn keys() -> String {
    let (keymap, problems) = load_keymap(None);
    assert!(problems.is_empty(), "{problems:?}");
    let mut table = "| where | keys | |\n|---|---|---|\n".to_owned();
    for context in &keymap.contexts {
        for binding in context.bindings.iter().filter(|binding| !binding.keys.is_empty()) {
            let keys: Vec<String> = binding.keys.iter().map(|keys| format!("`{}`", cell(&keys_text(keys)))).collect();
            let _ = writeln!(
                table,
                "| {} | {} | {} |",
                context.name.replace('_', " "),
                keys.join(" "),
                cell(&binding.sentence)
            );
        }
    }
    table
}

fn options() -> String {
    let mut table = "| option | default | |\n|---|---|---|\n".to_owned();
    for option in documented_options() {
        let _ = writeln!(table, "| `{}` | `{}` | {} |", option.path, option.default, cell(&option.text));
    }
    table
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a person who runs the test says so that the tables shall be written")]
fn the_readmes_tables_are_those_of_the_program() {
    let before = std::fs::read_to_string(path()).unwrap();
    let mut after = before.clone();
    for (name, table) in [("commands", commands()), ("keys", keys()), ("options", options())] {
        let start =
            after.find(&format!("<!-- {name}:")).unwrap_or_else(|| panic!("the README has no place for {name}"));
        let start = start + after[start..].find("-->").unwrap() + 3;
        let end = start + after[start..].find(&format!("<!-- /{name} -->")).unwrap();
        after.replace_range(start..end, &format!("\n\n{table}\n"));
    }
    if std::env::var_os("DESKBELL_UPDATE").is_some() {
        std::fs::write(path(), &after).unwrap();
        return;
    }
    assert!(before == after, "the README is behind the program: run DESKBELL_UPDATE=1 cargo test --test it readme");
}

#[test]
fn every_picture_of_the_readme_is_there() {
    let readme = std::fs::read_to_string(path()).unwrap();
    for part in readme.split("](assets/").skip(1) {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets").join(&part[..part.find(')').unwrap()]);
        assert!(file.exists(), "{} is named in the README and does not exist", file.display());
    }
}
