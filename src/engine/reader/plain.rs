//! Plain text: quotes by their `>`, addresses found, line breaks kept.

use super::layout::{Block, Content, Piece};
use super::{Document, beginning, tame_inline};
use crate::base::text;
use crate::domain::styled::TextStyle;

/// What begins the mail that was answered, in Outlook's words.
const ORIGINAL: [&str; 4] = [
    "-----original message-----",
    "-----ursprüngliche nachricht-----",
    "-----mensaje original-----",
    "-----message d'origine-----",
];

/// Addresses are looked for only so far ahead, and only so many in a line: a line of a megabyte would take minutes.
const MOST_SEARCHED: usize = 16 * 1024;
const MOST_PIECES: usize = 2000;

/// Reads a plain text.
pub(super) fn read(source: &str) -> Document {
    let mut document = Document::default();
    let tamed = text::tame_lines(source);
    let mut base_depth = 0;
    let mut was_blank = false;
    for line in tamed.lines() {
        let (depth, rest) = quote_depth(line);
        if rest.trim().is_empty() {
            was_blank = true;
            continue;
        }
        if ORIGINAL.contains(&rest.trim().to_lowercase().as_str()) {
            base_depth = 1;
        }
        let content = Content::Preformatted(pieces(rest.trim_end(), &mut document));
        let quote_depth = depth.saturating_add(base_depth);
        let has_gap = std::mem::take(&mut was_blank);
        document.blocks.push(Block { content, quote_depth, indent: 0, marker: String::new(), has_gap });
    }
    // Long lines are paragraphs; their spaces do not have to be kept.
    for block in &mut document.blocks {
        if let Content::Preformatted(pieces) = &mut block.content
            && pieces.iter().all(|piece| !piece.text.contains("  "))
        {
            block.content = Content::Paragraph(std::mem::take(pieces));
        }
    }
    document
}

/// How often a line is quoted, and the rest of it.
fn quote_depth(line: &str) -> (u8, &str) {
    let mut depth: u8 = 0;
    let mut rest = line;
    while let Some(behind) = rest.strip_prefix('>').or_else(|| rest.strip_prefix(" >").filter(|_| depth > 0)) {
        depth = depth.saturating_add(1);
        rest = behind;
    }
    (depth, if depth > 0 { rest.strip_prefix(' ').unwrap_or(rest) } else { rest })
}

/// A line with its addresses made links.
fn pieces(line: &str, document: &mut Document) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(start) = address_start(beginning(rest, MOST_SEARCHED)).filter(|_| pieces.len() < MOST_PIECES) {
        let length = address_length(&rest[start..]);
        let (before, behind) = rest.split_at(start);
        let (address, after) = behind.split_at(length);
        let target = if address.starts_with("www.") { format!("https://{address}") } else { address.to_owned() };
        let number = document.links.number(&target);
        add(&mut pieces, before, TextStyle::default());
        match number {
            Some(number) => {
                let style = TextStyle { link: Some(number), ..TextStyle::default() };
                add(&mut pieces, &format!("{address}[{number}]"), style);
            }
            None => add(&mut pieces, address, TextStyle::default()),
        }
        rest = after;
    }
    add(&mut pieces, rest, TextStyle::default());
    pieces
}

fn add(pieces: &mut Vec<Piece>, text: &str, style: TextStyle) {
    if !text.is_empty() {
        pieces.push(Piece { text: tame_inline(text), style });
    }
}

/// Where an address begins: at a scheme or `www.`, not inside a word.
fn address_start(text: &str) -> Option<usize> {
    ["https://", "http://", "mailto:", "www."]
        .iter()
        .filter_map(|scheme| {
            text.match_indices(scheme)
                .map(|(at, _)| at)
                .find(|at| !text[..*at].ends_with(char::is_alphanumeric) && address_length(&text[*at..]) > scheme.len())
        })
        .min()
}

/// How far an address goes: to the next space or bracket, without the punctuation of the sentence it stands in.
fn address_length(text: &str) -> usize {
    let end =
        text.find(|character: char| character.is_whitespace() || "<>\"".contains(character)).unwrap_or(text.len());
    let mut address = &text[..end];
    loop {
        let shorter = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', ']', '*']);
        let shorter = match shorter.strip_suffix(')') {
            Some(inner) if inner.matches('(').count() <= inner.matches(')').count() => inner,
            _ => shorter,
        };
        if shorter.len() == address.len() {
            return address.len();
        }
        address = shorter;
    }
}
