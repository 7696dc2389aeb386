//! HTML of a stranger, walked into blocks.
//!
//! Dropped: scripts, styles, what is hidden (by attribute, by style, by size), tracking pictures. Layout tables become what is in their
//! cells, data tables stay tables. What Outlook puts below its separator is a quote, although nothing says so.

use super::layout::{Block, Content, Piece};
use super::tree::{self, Element, Node};
use super::{Document, tame_inline};
use crate::base::text;
use crate::domain::styled::TextStyle;

/// Columns and rows a data table may have.
const MOST_COLUMNS: usize = 30;
const MOST_ROWS: usize = 2000;

/// Reads HTML; `None` where parsing it would take too long.
pub(super) fn read(source: &str) -> Option<Document> {
    let root = tree::parse(source)?;
    let mut walker = Walker::default();
    walker.children(&root);
    walker.end_block();
    Some(walker.document)
}

struct Tag<'a> {
    name: &'a str,
    is_end: bool,
    /// The text between the tag before and this one.
    before: &'a str,
}

/// The tags of a source, found by their brackets only.
struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        let (before, behind) = self.rest.split_once('<')?;
        let (inside, rest) = behind.split_once('>').unwrap_or((behind, ""));
        self.rest = rest;
        let (is_end, inside) = inside.strip_prefix('/').map_or((false, inside), |inside| (true, inside));
        let length = inside.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(inside.len());
        Some(Tag { name: &inside[..length], is_end, before })
    }
}

/// The text of HTML without parsing it: for what cannot be parsed.
pub(super) fn strip(source: &str) -> String {
    const BREAKING: [&str; 10] = ["br", "p", "div", "tr", "li", "h1", "h2", "h3", "table", "blockquote"];
    let mut stripped = String::new();
    let mut hidden_in: Option<String> = None;
    let mut tags = Tags { rest: source };
    loop {
        let rest = tags.rest;
        let Some(tag) = tags.next() else {
            if hidden_in.is_none() {
                push_decoded(&mut stripped, rest);
            }
            return stripped;
        };
        let name = tag.name.to_ascii_lowercase();
        match &hidden_in {
            Some(hidden) if tag.is_end && *hidden == name => hidden_in = None,
            Some(_) => {}
            None => {
                push_decoded(&mut stripped, tag.before);
                if !tag.is_end && matches!(name.as_str(), "script" | "style" | "title" | "template") {
                    hidden_in = Some(name);
                } else if BREAKING.contains(&name.as_str()) && !stripped.ends_with('\n') {
                    stripped.push('\n');
                }
            }
        }
    }
}

fn push_decoded(into: &mut String, text: &str) {
    const ENTITIES: [(&str, &str); 6] =
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let decoded = ENTITIES.iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign));
    for word in decoded.split_whitespace() {
        if !into.is_empty() && !into.ends_with(['\n', ' ']) {
            into.push(' ');
        }
        into.push_str(word);
    }
}

#[derive(Default)]
struct Walker {
    document: Document,
    pieces: Vec<Piece>,
    style: TextStyle,
    is_pre: bool,
    quote_depth: u8,
    indent: u8,
    marker: String,
    has_gap: bool,
    /// Numbers of the lists around; `None` for one without.
    lists: Vec<Option<u32>>,
}

impl Walker {
    fn children(&mut self, element: &Element) {
        for child in &element.children {
            match child {
                Node::Text(text) => self.text(text),
                Node::Element(element) => self.element(element),
            }
        }
    }

    fn element(&mut self, node: &Element) {
        let name = node.name.as_str();
        if is_dropped(name) || is_hidden(node) {
            return;
        }
        if is_outlook_separator(node) {
            self.end_block();
            self.quote_depth = self.quote_depth.saturating_add(1);
            self.has_gap = true;
        }
        let style = self.style;
        match name {
            "br" => self.pieces.push(Piece { text: "\n".to_owned(), style }),
            "hr" => self.block(Content::Rule),
            "img" => self.image(node),
            "a" => self.link(node),
            "b" | "strong" | "th" => self.styled(node, |style| style.is_bold = true),
            "i" | "em" | "cite" | "var" => self.styled(node, |style| style.is_italic = true),
            "s" | "strike" | "del" => self.styled(node, |style| style.is_struck = true),
            "code" | "kbd" | "samp" | "tt" => self.styled(node, |style| style.is_code = true),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.spaced(|walker| {
                walker.styled(node, |style| (style.is_heading, style.is_bold) = (true, true));
            }),
            "pre" => self.preformatted(node),
            "blockquote" => self.quote(node),
            "p" | "dl" | "figure" => self.spaced(|walker| walker.children(node)),
            "ul" => self.list(node, None),
            "ol" => self.list(node, Some(start_of_list(node))),
            "li" => self.item(node),
            "table" if is_data_table(node) => self.table(node),
            "dd" => {
                self.end_block();
                self.indent = self.indent.saturating_add(1);
                self.children(node);
                self.end_block();
                self.indent = self.indent.saturating_sub(1);
            }
            "address" | "article" | "aside" | "body" | "button" | "caption" | "center" | "details" | "div" | "dt"
            | "fieldset" | "figcaption" | "footer" | "form" | "header" | "html" | "legend" | "main" | "nav"
            | "option" | "section" | "summary" | "table" | "tbody" | "td" | "tfoot" | "thead" | "tr" => {
                self.end_block();
                self.children(node);
                self.end_block();
            }
            _ => self.children(node),
        }
    }

    fn styled(&mut self, node: &Element, change: impl FnOnce(&mut TextStyle)) {
        let before = self.style;
        change(&mut self.style);
        self.children(node);
        self.style = before;
    }

    /// A block with an empty line before and after it.
    fn spaced(&mut self, walk: impl FnOnce(&mut Self)) {
        self.end_block();
        self.has_gap = true;
        walk(self);
        self.end_block();
        self.has_gap = true;
    }

    fn preformatted(&mut self, node: &Element) {
        self.spaced(|walker| {
            walker.is_pre = true;
            walker.styled(node, |style| style.is_code = true);
            walker.end_block();
            walker.is_pre = false;
        });
    }

    fn quote(&mut self, node: &Element) {
        self.end_block();
        let before = self.quote_depth;
        self.quote_depth = before.saturating_add(1);
        self.spaced(|walker| walker.children(node));
        self.quote_depth = before;
    }

    fn list(&mut self, node: &Element, first: Option<u32>) {
        self.end_block();
        let is_inner = !self.lists.is_empty();
        self.has_gap |= !is_inner;
        self.lists.push(first);
        self.indent = self.indent.saturating_add(u8::from(is_inner));
        self.children(node);
        self.end_block();
        self.indent = self.indent.saturating_sub(u8::from(is_inner));
        self.lists.pop();
        self.has_gap |= !is_inner;
    }

    fn item(&mut self, node: &Element) {
        self.end_block();
        self.marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => "- ".to_owned(),
        };
        self.children(node);
        self.end_block();
        self.marker.clear();
    }

    fn link(&mut self, node: &Element) {
        let number = node.attribute("href").and_then(|address| self.document.links.number(address));
        let Some(number) = number.filter(|_| self.style.link.is_none()) else {
            return self.children(node);
        };
        let before = self.style;
        self.style.link = Some(number);
        let (pieces, blocks) = (self.pieces.len(), self.document.blocks.len());
        self.children(node);
        // A link around nothing that is seen has no number to be seen either.
        let is_seen = self.document.blocks.len() > blocks
            || self.pieces.get(pieces..).is_some_and(|pieces| pieces.iter().any(|piece| !piece.text.trim().is_empty()));
        if is_seen {
            // The number belongs to the word before it.
            if let Some(piece) = self.pieces.last_mut() {
                piece.text.truncate(piece.text.trim_end_matches(' ').len());
            }
            let style = self.style;
            self.pieces.push(Piece { text: format!("[{number}]"), style });
        }
        self.style = before;
    }

    fn image(&mut self, node: &Element) {
        if is_tiny(node) {
            return;
        }
        let source = node.attribute("src").unwrap_or_default().to_ascii_lowercase();
        if source.starts_with("http:") || source.starts_with("https:") {
            self.document.blocked_images = self.document.blocked_images.saturating_add(1);
        }
        let title = node.attribute("alt").unwrap_or_default();
        if !title.trim().is_empty() {
            let before = self.style;
            self.style.is_quiet = true;
            self.text(&format!("[{}]", title.trim()));
            self.style = before;
        }
    }

    fn table(&mut self, node: &Element) {
        self.end_block();
        let mut rows = Vec::new();
        let mut has_header = false;
        collect_rows(node, &mut |row| {
            let mut cells: Vec<Vec<Piece>> = Vec::new();
            for cell in row.elements().filter(|cell| matches!(cell.name.as_str(), "td" | "th")) {
                let name = cell.name.as_str();
                has_header |= rows.is_empty() && name == "th";
                cells.push(self.cell(cell, name == "th"));
                let span = cell.attribute("colspan").and_then(|span| span.trim().parse().ok()).unwrap_or(1);
                cells.extend(
                    std::iter::repeat_with(Vec::new).take(usize::min(span, MOST_COLUMNS) - usize::from(span > 0)),
                );
            }
            cells.truncate(MOST_COLUMNS);
            if rows.len() < MOST_ROWS && !cells.is_empty() {
                rows.push(cells);
            }
        });
        if !rows.is_empty() {
            self.has_gap = true;
            self.block(Content::Table { rows, has_header });
            self.has_gap = true;
        }
    }

    /// A cell on its own: its blocks become lines of one text.
    fn cell(&mut self, node: &Element, is_header: bool) -> Vec<Piece> {
        let mut inner = Self { style: TextStyle { is_bold: is_header, ..self.style }, ..Self::default() };
        std::mem::swap(&mut inner.document.links, &mut self.document.links);
        inner.children(node);
        inner.end_block();
        std::mem::swap(&mut inner.document.links, &mut self.document.links);
        self.document.blocked_images = self.document.blocked_images.saturating_add(inner.document.blocked_images);
        let mut pieces = Vec::new();
        for block in inner.document.blocks {
            if !pieces.is_empty() {
                pieces.push(Piece { text: "\n".to_owned(), style: TextStyle::default() });
            }
            if let Content::Paragraph(mut inner) | Content::Preformatted(mut inner) = block.content {
                pieces.append(&mut inner);
            }
        }
        pieces
    }

    fn text(&mut self, source: &str) {
        let style = self.style;
        if self.is_pre {
            self.pieces.push(Piece { text: text::tame_lines(source).into_owned(), style });
            return;
        }
        let ends_in_space = self.pieces.last().is_none_or(|piece| piece.text.ends_with([' ', '\n']));
        let mut text = String::with_capacity(source.len());
        for character in tame_inline(source).chars() {
            if character != ' ' {
                text.push(character);
            } else if !(text.ends_with(' ') || text.is_empty() && ends_in_space) {
                text.push(' ');
            }
        }
        if !text.is_empty() {
            self.pieces.push(Piece { text, style });
        }
    }

    /// Ends the text so far as a block of its own.
    fn end_block(&mut self) {
        let pieces = std::mem::take(&mut self.pieces);
        if pieces
            .iter()
            .all(|piece| piece.text.trim_matches(|character| character == ' ' || character == '\n').is_empty())
        {
            // Line breaks alone are a gap.
            self.has_gap |= pieces.iter().any(|piece| piece.text.contains('\n'));
            return;
        }
        // An empty paragraph is how Outlook writes an empty line.
        if pieces
            .iter()
            .all(|piece| piece.text.chars().all(|character| character.is_whitespace() || character == '\u{200c}'))
        {
            self.has_gap = true;
            return;
        }
        let content = if self.is_pre { Content::Preformatted(pieces) } else { Content::Paragraph(pieces) };
        self.block(content);
    }

    fn block(&mut self, content: Content) {
        if matches!(content, Content::Rule) {
            self.end_block();
        }
        // The second block of an item stands below the first, without a marker.
        let indent = self.indent.saturating_add(u8::from(!self.lists.is_empty() && self.marker.is_empty()));
        self.document.blocks.push(Block {
            content,
            quote_depth: self.quote_depth,
            indent,
            marker: std::mem::take(&mut self.marker),
            has_gap: std::mem::take(&mut self.has_gap),
        });
    }
}

/// The value of a property in a `style` attribute, in lower case.
fn style_value(style: &str, wanted: &str) -> Option<String> {
    style.split(';').filter_map(|property| property.split_once(':')).find_map(|(name, value)| {
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.replace("!important", "").trim().to_ascii_lowercase())
    })
}

fn is_dropped(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "head"
            | "title"
            | "template"
            | "object"
            | "embed"
            | "iframe"
            | "frame"
            | "audio"
            | "video"
            | "canvas"
            | "svg"
            | "math"
            | "select"
            | "textarea"
            | "input"
            | "map"
            | "meta"
            | "link"
    )
}

/// Hidden by attribute or style, as preheaders and traps for filters are.
fn is_hidden(node: &Element) -> bool {
    if node.attribute("hidden").is_some() {
        return true;
    }
    let Some(style) = node.attribute("style") else {
        return false;
    };
    let is = |property: &str, values: &[&str]| {
        style_value(style, property).is_some_and(|value| values.contains(&value.as_str()))
    };
    const ZERO: [&str; 5] = ["0", "0px", "0pt", "0em", "0%"];
    is("display", &["none"])
        || is("visibility", &["hidden", "collapse"])
        || is("mso-hide", &["all"])
        || is("opacity", &["0", "0.0"])
        || is("font-size", &ZERO)
        || is("max-height", &ZERO)
        || is("max-width", &ZERO)
        || is("overflow", &["hidden"]) && (is("height", &ZERO) || is("width", &ZERO))
}

/// A picture of a pixel: somebody counts who reads.
fn is_tiny(node: &Element) -> bool {
    let style = node.attribute("style").unwrap_or_default();
    ["width", "height"].iter().any(|side| {
        let size = node.attribute(side).map(str::to_owned).or_else(|| style_value(style, side));
        size.is_some_and(
            |size| matches!(size.trim().trim_end_matches("px").parse::<f32>(), Ok(number) if number <= 2.0),
        )
    })
}

/// The block Outlook puts between an answer and what it answers.
fn is_outlook_separator(node: &Element) -> bool {
    node.attribute("id")
        .is_some_and(|id| id.ends_with("divRplyFwdMsg") || id == "mail-editor-reference-message-container")
}

fn start_of_list(node: &Element) -> u32 {
    node.attribute("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1)
}

/// A table whose rows and columns mean something: it has headings or drawn borders, more than one column, and no table within.
fn is_data_table(node: &Element) -> bool {
    if node.attribute("role").is_some_and(|role| matches!(role.trim(), "presentation" | "none")) {
        return false;
    }
    let mut signs = TableSigns::default();
    look_for_signs(node, &mut signs);
    let border = node.attribute("border").and_then(|border| border.trim().parse::<u32>().ok()).unwrap_or(0);
    let is_grid = node.attribute("class").is_some_and(|class| class.contains("MsoTableGrid"));
    !signs.has_table && signs.most_cells > 1 && (signs.has_heading || signs.has_border || border > 0 || is_grid)
}

#[derive(Default)]
struct TableSigns {
    has_table: bool,
    has_heading: bool,
    has_border: bool,
    most_cells: usize,
}

fn look_for_signs(node: &Element, signs: &mut TableSigns) {
    let mut cells = 0;
    for child in node.elements() {
        match child.name.as_str() {
            "table" => signs.has_table = true,
            "th" => (cells, signs.has_heading) = (cells + 1, true),
            "td" => {
                cells += 1;
                let style = child.attribute("style").unwrap_or_default();
                signs.has_border |= ["border", "border-bottom", "border-top"]
                    .iter()
                    .any(|side| style_value(style, side).is_some_and(|value| value.contains("solid")));
            }
            _ => {}
        }
        if signs.has_table {
            return;
        }
        look_for_signs(child, signs);
    }
    signs.most_cells = signs.most_cells.max(cells);
}

/// Calls `found` for the rows of a table, in order.
fn collect_rows<'a>(node: &'a Element, found: &mut impl FnMut(&'a Element)) {
    for child in node.elements().filter(|child| !is_hidden(child)) {
        match child.name.as_str() {
            "tr" => found(child),
            "thead" | "tbody" | "tfoot" => collect_rows(child, found),
            _ => {}
        }
    }
}
