//! A body as styled text: what the reader shows, made off the loop and drawn by the view.

/// How a run of text is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TextStyle {
    /// Strong.
    pub is_bold: bool,
    /// Emphasis.
    pub is_italic: bool,
    /// Struck through.
    pub is_struck: bool,
    /// Code or preformatted.
    pub is_code: bool,
    /// A heading.
    pub is_heading: bool,
    /// Light rules of tables and separators, fold notes.
    pub is_quiet: bool,
    /// Number of the link in [`StyledText::links`], from 1.
    pub link: Option<u16>,
}

/// A run of text in one style. Tamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StyledRun {
    /// The text.
    pub text: String,
    /// Its style.
    pub style: TextStyle,
}

/// One line, already broken to the width.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StyledLine {
    /// The runs.
    pub runs: Vec<StyledRun>,
    /// Depth of quotation; drawn as bars.
    pub quote_depth: u8,
    /// Mostly right-to-left: aligned to the right.
    pub is_right_to_left: bool,
}

/// A link of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it really leads: https, http or mailto, printable ASCII.
    pub target: String,
    /// The true host, for people.
    pub host: String,
}

/// A rendered body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StyledText {
    /// Lines.
    pub lines: Vec<StyledLine>,
    /// Links by number, from 1.
    pub links: Vec<Link>,
    /// How many quoted lines are folded away; 0 when unfolded or none.
    pub folded_lines: u32,
    /// Remote pictures that were not fetched.
    pub blocked_images: u32,
    /// What had to be left out, as a sentence; empty when nothing.
    pub note: String,
}
