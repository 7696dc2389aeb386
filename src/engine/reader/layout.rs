//! Setting blocks into lines: wrapping by word and grapheme, quote depth, indentation.

use unicode_segmentation::UnicodeSegmentation;

use super::{is_right_to_left, table};
use crate::base::text;
use crate::domain::styled::{StyledLine, StyledRun, TextStyle};

/// A run of text before it is set; `\n` breaks the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) style: TextStyle,
}

/// What a block is.
#[derive(Debug)]
pub(super) enum Content {
    /// Text, wrapped.
    Paragraph(Vec<Piece>),
    /// Text whose spaces count.
    Preformatted(Vec<Piece>),
    /// A line across.
    Rule,
    /// Rows of cells; the flag says that the first row is a header.
    Table { rows: Vec<Vec<Vec<Piece>>>, has_header: bool },
}

/// A block with its place.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) content: Content,
    pub(super) quote_depth: u8,
    pub(super) indent: u8,
    /// Stands at the first line, left of the text.
    pub(super) marker: String,
    /// An empty line goes before, unless there is one.
    pub(super) has_gap: bool,
}

/// The blocks as lines.
pub(super) fn set(blocks: &[Block], width: usize) -> Vec<StyledLine> {
    let mut lines: Vec<StyledLine> = Vec::new();
    for block in blocks {
        // Bars may take a third of the width, and no more: the text has to go somewhere.
        let depth = usize::from(block.quote_depth).min(width / 6).min(9);
        let room = width - depth * 2;
        let marker_width = text::width(&block.marker);
        let indent = (usize::from(block.indent) * 2 + marker_width).min(room / 2);
        let depth = u8::try_from(depth).unwrap_or(0);
        if block.has_gap && lines.last().is_some_and(|line| !line.runs.is_empty()) {
            let between = lines.last().map_or(0, |line| line.quote_depth.min(depth));
            lines.push(StyledLine { quote_depth: between, ..StyledLine::default() });
        }
        let text_room = room - indent;
        let set = match &block.content {
            Content::Paragraph(pieces) => wrap(pieces, text_room, false),
            Content::Preformatted(pieces) => wrap(pieces, text_room, true),
            Content::Rule => vec![vec![quiet("─".repeat(text_room.min(40)))]],
            Content::Table { rows, has_header } => table::set(rows, *has_header, text_room),
        };
        let is_right_to_left = match &block.content {
            Content::Paragraph(pieces) => {
                is_right_to_left(&pieces.iter().map(|piece| piece.text.as_str()).collect::<String>())
            }
            _ => false,
        };
        for (index, mut runs) in set.into_iter().enumerate() {
            if indent > 0 && !runs.is_empty() {
                let lead = if index == 0 { text::pad_left(&block.marker, indent) } else { " ".repeat(indent) };
                runs.insert(0, StyledRun { text: lead, style: TextStyle::default() });
            }
            lines.push(StyledLine { runs, quote_depth: depth, is_right_to_left });
        }
        if lines.len() > super::MOST_LINES {
            break;
        }
    }
    while lines.last().is_some_and(|line| line.runs.is_empty()) {
        lines.pop();
    }
    lines
}

pub(super) fn quiet(text: String) -> StyledRun {
    StyledRun { text, style: TextStyle { is_quiet: true, ..TextStyle::default() } }
}

/// `pieces` in lines of at most `width` columns. Where `keeps_spaces`, runs of spaces stay and only what is too long is broken.
pub(super) fn wrap(pieces: &[Piece], width: usize, keeps_spaces: bool) -> Vec<Vec<StyledRun>> {
    let mut wrapping = Wrapping { width: width.max(2), keeps_spaces, ..Wrapping::default() };
    for piece in pieces {
        for grapheme in piece.text.graphemes(true) {
            wrapping.take(grapheme, piece.style);
        }
    }
    wrapping.end_word();
    wrapping.end_line();
    while wrapping.lines.last().is_some_and(Vec::is_empty) {
        wrapping.lines.pop();
    }
    wrapping.lines
}

#[derive(Default)]
struct Wrapping<'a> {
    width: usize,
    keeps_spaces: bool,
    lines: Vec<Vec<StyledRun>>,
    line: Vec<StyledRun>,
    line_width: usize,
    word: Vec<(&'a str, TextStyle, usize)>,
    word_width: usize,
    space: Option<TextStyle>,
}

impl<'a> Wrapping<'a> {
    fn take(&mut self, grapheme: &'a str, style: TextStyle) {
        match grapheme {
            "\n" => {
                self.end_word();
                self.end_line();
            }
            " " if !self.keeps_spaces => {
                self.end_word();
                if self.line_width > 0 {
                    self.space = Some(style);
                }
            }
            // A space that may not be broken at is drawn like any other.
            "\u{a0}" => self.add(" ", style, 1),
            _ => {
                let width = text::width(grapheme);
                let breaks = width > 1;
                if breaks {
                    self.end_word();
                }
                self.add(grapheme, style, width);
                if breaks {
                    self.end_word();
                }
            }
        }
    }

    fn add(&mut self, grapheme: &'a str, style: TextStyle, width: usize) {
        // A sign wider than the line, or marks without a letter, never end up on a line of their own.
        if width <= self.width {
            self.word.push((grapheme, style, width));
            self.word_width += width;
        }
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let space = self.space.take();
        let gap = usize::from(space.is_some());
        if self.line_width + gap + self.word_width <= self.width {
            if let Some(style) = space {
                self.push(" ", style, 1);
            }
        } else if self.line_width > 0 {
            self.end_line();
        }
        for (grapheme, style, width) in std::mem::take(&mut self.word) {
            if self.line_width + width > self.width {
                self.end_line();
            }
            self.push(grapheme, style, width);
        }
        self.word_width = 0;
    }

    fn push(&mut self, grapheme: &str, style: TextStyle, width: usize) {
        self.line_width += width;
        match self.line.last_mut() {
            Some(run) if run.style == style => run.text.push_str(grapheme),
            _ => self.line.push(StyledRun { text: grapheme.to_owned(), style }),
        }
    }

    fn end_line(&mut self) {
        self.space = None;
        self.line_width = 0;
        let mut line = std::mem::take(&mut self.line);
        // Only blanks: an empty line.
        if line.iter().all(|run| {
            run.text
                .chars()
                .all(|character| character.is_whitespace() || text::width(character.encode_utf8(&mut [0; 4])) == 0)
        }) {
            line.clear();
        }
        self.lines.push(line);
    }
}
