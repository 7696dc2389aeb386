//! HTML into a tree, in one pass.
//!
//! html5ever's tokenizer knows what a tag, an entity and a comment is; the tree is ours and simpler than a browser's: elements that may
//! not contain each other end each other, a stray end tag is ignored, formatting is not opened anew. That is enough to read mail,
//! and its work grows with the length alone, where a browser's rules let a stranger make it grow with length times depth.
//! Must stay true: no tree is deeper than [`DEEPEST`], so walking and dropping it may recurse.

use std::cell::RefCell;
use std::collections::HashMap;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, StartTag, Tag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// Elements deeper than this are left out; what is in them goes to the deepest one kept.
const DEEPEST: usize = 200;
/// A tag with more blanks is no mail's: the tokenizer compares every attribute with every other.
const MOST_BLANKS_IN_TAG: usize = 3000;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// In lower case.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Node>,
}

/// What stands in an element.
#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// The value of an attribute.
    pub(super) fn attribute(&self, wanted: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// The elements directly in it.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }
}

/// The tree of a source, below an element without a name; `None` for a source made to keep the tokenizer busy.
pub(super) fn parse(source: &str) -> Option<Element> {
    let is_laden = |tag: &str| {
        let inside = tag.split('>').next().unwrap_or(tag);
        inside.bytes().filter(u8::is_ascii_whitespace).count() > MOST_BLANKS_IN_TAG
    };
    if source.split('<').skip(1).any(is_laden) {
        return None;
    }
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(source));
    // The sink never asks to stop, so one feed takes all; scripts are raw text here.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut builder = tokenizer.sink.builder.into_inner();
    while builder.open.len() > 1 {
        builder.close_last();
    }
    builder.open.pop()
}

#[derive(Default)]
struct Sink {
    builder: RefCell<Builder>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut builder = self.builder.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == StartTag => builder.start(&tag),
            Token::TagToken(tag) => {
                builder.end(&tag.name);
                TokenSinkResult::Continue
            }
            Token::CharacterTokens(text) => {
                builder.text(&text);
                TokenSinkResult::Continue
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

struct Builder {
    /// Open elements; the first is the root.
    open: Vec<Element>,
    /// Elements too deep to be kept, whose end tags are still to come.
    left_out: HashMap<String, usize>,
    /// Inside an element whose text is for nobody: its name.
    unseen: Option<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Self { open: vec![Element::default()], left_out: HashMap::new(), unseen: None }
    }
}

impl Builder {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        if let Some(kind) = raw_kind(name) {
            self.unseen = Some(name.to_owned());
            return TokenSinkResult::RawData(kind);
        }
        self.end_what_cannot_hold(name);
        let element = || Element {
            name: name.to_owned(),
            attributes: tag.attrs.iter().map(|one| (one.name.local.to_string(), one.value.to_string())).collect(),
            children: Vec::new(),
        };
        if is_void(name) || tag.self_closing && is_foreign(name) {
            self.push(Node::Element(element()));
        } else if self.open.len() <= DEEPEST {
            self.open.push(element());
        } else {
            *self.left_out.entry(name.to_owned()).or_default() += 1;
        }
        TokenSinkResult::Continue
    }

    fn end(&mut self, name: &str) {
        if self.unseen.as_deref() == Some(name) {
            self.unseen = None;
            return;
        }
        if let Some(count) = self.left_out.get_mut(name).filter(|count| **count > 0) {
            *count -= 1;
            return;
        }
        // An end tag in a cell ends nothing outside of it.
        let is_of_tables = is_part_of_table(name) || name == "table";
        for (index, element) in self.open.iter().enumerate().skip(1).rev() {
            if element.name == name {
                self.close_to(index);
                return;
            }
            if !is_of_tables && matches!(element.name.as_str(), "td" | "th" | "table") {
                return;
            }
        }
    }

    fn text(&mut self, text: &str) {
        if self.unseen.is_none() {
            let last = self.open.last_mut().and_then(|element| element.children.last_mut());
            match last {
                Some(Node::Text(before)) => before.push_str(text),
                _ => self.push(Node::Text(text.to_owned())),
            }
        }
    }

    fn push(&mut self, node: Node) {
        if let Some(element) = self.open.last_mut() {
            element.children.push(node);
        }
    }

    /// Ends open elements that a start tag ends by coming: a paragraph before a block, an item before the next.
    fn end_what_cannot_hold(&mut self, name: &str) {
        let (ended, fences): (&[&str], &[&str]) = match name {
            "li" => (&["li"], &["ul", "ol", "table"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl", "table"]),
            "tr" => (&["tr"], &["table"]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "thead" | "tbody" | "tfoot" => (&["thead", "tbody", "tfoot", "tr"], &["table"]),
            "a" => (&["a"], &["td", "th", "table"]),
            _ if is_block(name) => (&["p"], &["td", "th", "table", "li", "blockquote", "div"]),
            _ => return,
        };
        let mut outermost = None;
        for (index, element) in self.open.iter().enumerate().skip(1).rev() {
            if ended.contains(&element.name.as_str()) {
                outermost = Some(index);
                // Row groups end with the row in them; everything else stands once.
                if ended.len() < 4 {
                    break;
                }
            } else if fences.contains(&element.name.as_str()) {
                break;
            }
        }
        if let Some(index) = outermost {
            self.close_to(index);
        }
    }

    /// Closes the element at `index` and all within it.
    fn close_to(&mut self, index: usize) {
        while self.open.len() > index.max(1) {
            self.close_last();
        }
    }

    fn close_last(&mut self) {
        if let Some(element) = self.open.pop() {
            self.push(Node::Element(element));
        }
    }
}

/// Elements whose text is not markup and is for nobody.
fn raw_kind(name: &str) -> Option<RawKind> {
    match name {
        "script" => Some(RawKind::ScriptData),
        "style" | "iframe" | "noembed" | "noframes" | "xmp" => Some(RawKind::Rawtext),
        "title" | "textarea" => Some(RawKind::Rcdata),
        _ => None,
    }
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements of other vocabularies (`<o:p/>` of Office) may close themselves.
fn is_foreign(name: &str) -> bool {
    name.contains(':') || matches!(name, "svg" | "math" | "path")
}

fn is_part_of_table(name: &str) -> bool {
    matches!(name, "tr" | "td" | "th" | "thead" | "tbody" | "tfoot")
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "details"
            | "div"
            | "dl"
            | "fieldset"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "ul"
    )
}
