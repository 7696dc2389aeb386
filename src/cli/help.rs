//! `deskbell help`: pages to read in the terminal.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::base::text::wrap;
use crate::cli::Ended;
use crate::cli::arguments::Help;
use crate::cli::output::Out;
use crate::domain::pages::{Block, HelpPage, PAGES};
use serde_json::{Value, json};

/// A comfortable width to read at; a narrower terminal has its own.
const WIDEST: usize = 78;

pub(crate) fn run(help: &Help, environment: &Environment, out: &Out) -> Ended {
    let Some(name) = &help.page else {
        contents(out);
        return Ok(0);
    };
    let Some(page) = HelpPage::find(name) else {
        let names: Vec<&str> = PAGES.iter().map(|page| page.name).collect();
        return Err(Report::new(Kind::Usage, "usage", format!("There is no page \"{name}\"."))
            .because(format!("The pages are {}.", names.join(", ")))
            .next("See them all: deskbell help")
            .next("For a command's options: deskbell COMMAND --help"));
    };
    if out.is_json() {
        let item = json!({"name": page.name, "title": page.title(), "text": page.text});
        out.json(&json!({"schema": "deskbell.help/1", "items": [item], "errors": []}));
        return Ok(0);
    }
    let columns = environment.get("COLUMNS").and_then(|columns| columns.parse().ok()).unwrap_or(WIDEST);
    for line in laid(&page.blocks(), columns.clamp(40, WIDEST)) {
        out.line(&line);
    }
    Ok(0)
}

fn contents(out: &Out) {
    if out.is_json() {
        let items: Vec<Value> =
            PAGES.iter().map(|page| json!({"name": page.name, "title": page.title(), "about": page.about})).collect();
        out.json(&json!({"schema": "deskbell.help/1", "items": items, "errors": []}));
        return;
    }
    let rows: Vec<Vec<String>> = PAGES.iter().map(|page| vec![page.name.to_owned(), page.about.to_owned()]).collect();
    out.table(&["Page", "About"], &rows);
    out.aside("Read one with: deskbell help PAGE. Commands and their options: deskbell --help");
}

/// The blocks as lines of at most `columns` columns; what is code is kept as it is.
fn laid(blocks: &[Block], columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for block in blocks {
        match block {
            Block::Title(text) => lines.push(text.to_uppercase()),
            Block::Heading(text) => lines.push(text.clone()),
            Block::Paragraph(text) => lines.extend(wrap(text, columns - 2).into_iter().map(|line| format!("  {line}"))),
            Block::Item(text) => {
                let wrapped = wrap(text, columns - 4).into_iter().enumerate();
                lines.extend(wrapped.map(|(at, line)| format!("  {} {line}", if at == 0 { "-" } else { " " })));
            }
            Block::Code(text) => lines.push(format!("      {text}")),
            Block::Blank => lines.push(String::new()),
        }
    }
    lines
}
