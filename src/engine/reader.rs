//! Bodies made readable: HTML or text of a stranger becomes styled lines of a width.
//!
//! The tokenizer is html5ever's; the tree, the walk and the setting of lines are ours, because mail needs what a general renderer does
//! not give: nothing hidden shown, layout tables without borders, quotes by depth and folded, numbered links that tell where they lead.
//! Must stay true: nothing is fetched; every character is tamed; no line is wider than asked, quote bars (two columns a
//! depth) included; any input ends in some text, within bounds of size, depth and work.
//! Pure and slow: call it on a blocking thread and keep the answer by message, width and folding.

mod html;
mod layout;
mod links;
mod plain;
mod table;
mod tree;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::text;
use crate::domain::mail::BodyContent;
use crate::domain::styled::{StyledLine, StyledRun, StyledText, TextStyle};
use layout::Block;
use links::LinkTable;

/// More of a source is not read.
const LONGEST_SOURCE: usize = 1 << 20;
/// More lines are not made.
const MOST_LINES: usize = 20_000;
/// Quotes of fewer lines are not worth folding.
const SHORTEST_FOLD: usize = 4;
/// Narrower is taken for this.
const LEAST_WIDTH: usize = 8;

/// The body as lines of at most `width` columns; a line of quote depth *d* leaves two columns a depth for its bars.
/// Quotes are folded to a note unless `unfold`, or unless there is nothing else.
#[must_use]
pub fn render(content: &BodyContent, width: u16, unfold: bool) -> StyledText {
    let width = usize::from(width).max(LEAST_WIDTH);
    let source = match content {
        BodyContent::Html(source) | BodyContent::Text(source) => source,
    };
    let kept = beginning(source, LONGEST_SOURCE);
    let mut notes = Vec::new();
    if kept.len() < source.len() {
        notes.push("Only the first megabyte is shown.");
    }
    let mut document = match content {
        BodyContent::Text(_) => plain::read(kept),
        BodyContent::Html(_) => {
            // The parser has met much, and not everything.
            let read = catch_unwind(AssertUnwindSafe(|| html::read(kept))).ok().flatten();
            read.unwrap_or_else(|| {
                notes.push("The formatting of this mail could not be read; this is its text.");
                plain::read(&html::strip(kept))
            })
        }
    };
    let mut lines = layout::set(&document.blocks, width);
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        notes.push("The rest is left out.");
    }
    let folded_lines = if unfold { 0 } else { fold(&mut lines, width) };
    StyledText {
        lines,
        links: document.links.take(),
        folded_lines,
        blocked_images: document.blocked_images,
        note: notes.join(" "),
    }
}

/// The words of HTML as plain lines, tamed and not wrapped: for replies and messages too small for a reader. Links have no numbers
/// here, since nobody can follow them.
#[must_use]
pub fn plain_text(html: &str) -> String {
    let text = render(&BodyContent::Html(html.to_owned()), u16::MAX, true);
    let words = |run: &StyledRun| match run.style.link {
        Some(number) => run.text.replace(&format!("[{number}]"), ""),
        None => run.text.clone(),
    };
    let line = |line: &StyledLine| line.runs.iter().map(words).collect::<String>();
    text.lines.iter().map(line).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// A body read and not yet set.
#[derive(Default)]
struct Document {
    blocks: Vec<Block>,
    links: LinkTable,
    blocked_images: u32,
}

fn beginning(source: &str, most: usize) -> &str {
    let mut end = source.len().min(most);
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    &source[..end]
}

/// Folds each run of quoted lines to a note; the number of lines that went. A mail that is nothing but a quote stays open.
fn fold(lines: &mut Vec<StyledLine>, width: usize) -> u32 {
    let is_blank = |line: &StyledLine| line.runs.iter().all(|run| run.text.trim().is_empty());
    if !lines.iter().any(|line| line.quote_depth == 0 && !is_blank(line)) {
        return 0;
    }
    let mut folded = 0;
    let mut kept: Vec<StyledLine> = Vec::new();
    let mut rest = std::mem::take(lines).into_iter().peekable();
    while let Some(line) = rest.next() {
        if line.quote_depth == 0 {
            kept.push(line);
            continue;
        }
        let mut run = vec![line];
        while let Some(line) = rest.next_if(|line| line.quote_depth > 0) {
            run.push(line);
        }
        if run.len() < SHORTEST_FOLD {
            kept.append(&mut run);
            continue;
        }
        folded += run.len();
        let style = TextStyle { is_quiet: true, ..TextStyle::default() };
        // It stands at the quote's own depth, so that a bar says what it is.
        let note = text::cut(&format!("{} quoted lines folded", run.len()), width - 2);
        kept.push(StyledLine { runs: vec![StyledRun { text: note, style }], quote_depth: 1, is_right_to_left: false });
    }
    *lines = kept;
    u32::try_from(folded).unwrap_or(u32::MAX)
}

/// Whether a text is mostly written from right to left.
fn is_right_to_left(text: &str) -> bool {
    let (mut right, mut left) = (0_usize, 0_usize);
    for character in text.chars().filter(|character| character.is_alphabetic()) {
        match character {
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' => right += 1,
            _ => left += 1,
        }
    }
    right > left
}

/// A stranger's text in one line, tamed, with its white space kept.
fn tame_inline(source: &str) -> String {
    text::tame(source).into_owned()
}
