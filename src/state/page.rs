//! A page of text over any view: what permissions mean, a request to an administrator, a page of help.
//!
//! Must stay true: nothing is cut; what does not fit is scrolled to, and `y` copies the whole text as it should be pasted elsewhere.
//! Deliberately absent: where the text comes from. Whoever opens a page hands in its lines, tamed.

use crate::base::text;
use crate::domain::pages::{Block, HelpPage};
use crate::domain::time::Zone;
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::keys::KeyContext;
use crate::state::session::Session;
use crate::state::surface::{CopyPart, Motion, Surface, Turn};
use crate::state::target::Target;

/// A comfortable width to read at.
const WIDEST: u16 = 92;
/// Columns of the names at the left of [`PageLine::Pair`].
const NAMES: usize = 16;

/// A line of a page before it is broken to a width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageLine {
    /// A heading.
    Title(String),
    /// A paragraph.
    Text(String),
    /// A name and what it is.
    Pair(String, String),
    /// Something to do.
    Step(String),
    /// An entry of a list.
    Item(String),
    /// A line that is kept as it is as long as it fits: a command, an address.
    Verbatim(String),
    /// Air.
    Blank,
}

/// How a laid line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A heading.
    Title,
    /// What is read.
    Text,
    /// A name before a value; the value begins at the column after it.
    Name,
    /// The sign before something to do.
    Bullet,
    /// Something to do.
    Step,
    /// Kept as it is.
    Verbatim,
}

/// A piece of a line on the screen: its column, its text and how it is meant.
pub type Piece = (usize, String, Tone);

/// A page that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Set into the frame.
    pub title: String,
    lines: Vec<PageLine>,
    copied: String,
    top: usize,
}

impl Page {
    /// A page that shows `lines`; `copied` is what goes to the clipboard.
    #[must_use]
    pub const fn of(title: String, lines: Vec<PageLine>, copied: String) -> Self {
        Self { title, lines, copied, top: 0 }
    }

    /// A page of a text that is shown as it is copied.
    #[must_use]
    pub fn of_text(title: String, text: &str) -> Self {
        let line = |line: &str| if line.trim().is_empty() { PageLine::Blank } else { PageLine::Text(line.to_owned()) };
        Self::of(title, text.lines().map(line).collect(), text.to_owned())
    }

    /// A page of the help.
    #[must_use]
    pub fn of_help(page: HelpPage) -> Self {
        let line = |block| match block {
            Block::Title(_) => None,
            Block::Heading(words) => Some(PageLine::Title(words)),
            Block::Paragraph(words) => Some(PageLine::Text(words)),
            Block::Item(words) => Some(PageLine::Item(words)),
            Block::Code(words) => Some(PageLine::Verbatim(format!("  {words}"))),
            Block::Blank => Some(PageLine::Blank),
        };
        // The heading is set into the frame; what follows it begins without air.
        let lines = page.blocks().into_iter().filter_map(line).skip_while(|line| *line == PageLine::Blank).collect();
        Self::of(page.title().to_owned(), lines, page.text.to_owned())
    }

    /// Where the page stands on the screen.
    #[must_use]
    pub fn area(&self, session: &Session) -> Area {
        let body = session.screen().body;
        let width = body.width.saturating_sub(4).min(WIDEST);
        let lines = self.laid(usize::from(width.saturating_sub(5))).len();
        body.centred(width, u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2).min(body.height))
    }

    /// The lines at a width, each of its pieces.
    #[must_use]
    pub fn laid(&self, width: usize) -> Vec<Vec<Piece>> {
        let mut laid = Vec::new();
        for line in &self.lines {
            lay(line, width, &mut laid);
        }
        laid
    }

    /// How many lines lie above the screen, for a page of `lines` lines of which `shown` fit.
    #[must_use]
    pub fn top(&self, lines: usize, shown: usize) -> usize {
        self.top.min(lines.saturating_sub(shown))
    }

    fn scroll(&mut self, by: isize, session: &Session) {
        let inside = self.area(session).inside(2, 1);
        let lines = self.laid(usize::from(inside.width.saturating_sub(1))).len();
        let last = lines.saturating_sub(usize::from(inside.height));
        self.top = self.top.min(last).saturating_add_signed(by).min(last);
    }
}

fn lay(line: &PageLine, width: usize, laid: &mut Vec<Vec<Piece>>) {
    let mut hanging = |first: &str, indent: usize, words: &str, tone: Tone| {
        let lines = text::wrap(words, width.saturating_sub(indent).max(8));
        for (at, line) in lines.into_iter().enumerate() {
            let mut pieces = Vec::new();
            if at == 0 && tone == Tone::Step {
                pieces.push((0, String::new(), Tone::Bullet));
            }
            if at == 0 && !first.is_empty() {
                pieces.push((0, first.to_owned(), Tone::Name));
            }
            pieces.push((indent, line, tone));
            laid.push(pieces);
        }
    };
    match line {
        PageLine::Blank => laid.push(Vec::new()),
        PageLine::Title(words) => hanging("", 0, words, Tone::Title),
        PageLine::Text(words) => hanging("", leading(words), words, Tone::Text),
        PageLine::Step(words) => hanging("", 2, words, Tone::Step),
        PageLine::Item(words) => hanging("-", 2, words, Tone::Text),
        PageLine::Verbatim(words) => {
            let mut rest = words.as_str();
            while !rest.is_empty() {
                let fits = text::head(rest, width).len();
                laid.push(vec![(0, rest[..fits].to_owned(), Tone::Verbatim)]);
                if fits == 0 {
                    break;
                }
                rest = &rest[fits..];
            }
        }
        PageLine::Pair(name, words) if text::width(name) < NAMES => hanging(name, NAMES, words, Tone::Text),
        PageLine::Pair(name, words) => {
            hanging("", 0, name, Tone::Name);
            hanging("", 2, words, Tone::Text);
        }
    }
}

/// Spaces a paragraph begins with stay in front of all its lines.
fn leading(words: &str) -> usize {
    words.len() - words.trim_start_matches(' ').len()
}

impl Surface for Page {
    fn context(&self) -> KeyContext {
        KeyContext::Page
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::CopyPage, CommandId::Next, CommandId::Previous, CommandId::PageDown, CommandId::Close]
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        let page = isize::from(i16::try_from(turn.session.screen().body.height).unwrap_or(20)) - 4;
        let by = match motion {
            Motion::Next => 1,
            Motion::Previous => -1,
            Motion::HalfPageDown => page / 2,
            Motion::HalfPageUp => -page / 2,
            Motion::PageDown => page,
            Motion::PageUp => -page,
            Motion::First => isize::MIN / 2,
            Motion::Last => isize::MAX / 2,
            _ => return false,
        };
        self.scroll(by, turn.session);
        true
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        self.scroll(isize::try_from(steps).unwrap_or(0), turn.session);
    }

    fn copy(&self, _part: CopyPart, _zone: &Zone) -> Option<String> {
        Some(self.copied.clone())
    }
}
