//! The reader: one message at the width of its pane.
//!
//! Must stay true: what is shown stays until the answer for the next message is here, so nothing blinks while the list is walked.

use crate::base::report::Report;
use crate::base::text;
use crate::domain::mail::{Attachment, MessageId, Recipient};
use crate::domain::request::{Answer, Reading, Request};
use crate::state::event::Ticket;
use crate::state::slot::Slot;
use crate::state::surface::{Motion, Turn};

/// Text is set no wider than this.
pub const WIDEST_TEXT: u16 = 92;

/// A line above the text, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadLine {
    /// The subject.
    Subject,
    /// Who wrote it.
    From,
    /// Recipients with their label; one line of several.
    Recipients(&'static str, String),
    /// When it came.
    Date,
    /// Attachments with their label; one line of several.
    Attachments(&'static str, String),
    /// So many remote pictures were not fetched.
    BlockedImages(u32),
    /// A light rule.
    Rule,
    /// An empty line.
    Blank,
}

/// The message that is read.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    slot: Slot<Reading>,
    wanted: Option<MessageId>,
    width: u16,
    is_unfolded: bool,
    has_all_headers: bool,
    scroll: usize,
}

impl Reader {
    /// Asks for a message. Asking for the one that is shown changes nothing.
    pub fn show(&mut self, message: MessageId, width: u16, turn: &mut Turn<'_>) {
        if self.wanted.as_ref() == Some(&message) && self.width == width {
            return;
        }
        if self.wanted.as_ref() != Some(&message) {
            self.is_unfolded = false;
        }
        self.wanted = Some(message);
        self.width = width;
        self.ask(turn);
    }

    fn ask(&mut self, turn: &mut Turn<'_>) {
        if let Some(message) = self.wanted.clone() {
            let request = Request::Read { message, width: self.width, unfold: self.is_unfolded };
            self.slot.ask(request, turn);
        }
    }

    /// Forgets the message.
    pub fn clear(&mut self) {
        self.slot.clear();
        self.wanted = None;
        self.scroll = 0;
    }

    /// Asks again for what is shown: its body came, or it has changed.
    pub fn refresh(&mut self, turn: &mut Turn<'_>) {
        self.ask(turn);
    }

    /// The pane has another width.
    pub fn resized(&mut self, width: u16, turn: &mut Turn<'_>) {
        if self.width != width && self.wanted.is_some() {
            self.width = width;
            self.ask(turn);
        }
    }

    /// Takes an answer. False: it was not for the reader.
    pub fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>) -> bool {
        let shown = self.message().map(|shown| shown.message.id.clone());
        let is_taken = self.slot.take(ticket, result, |answer| match answer {
            Answer::Read(reading) => Some((**reading).clone()),
            _ => None,
        });
        if is_taken && self.message().is_some_and(|now| shown.as_ref() != Some(&now.message.id)) {
            self.scroll = 0;
        }
        is_taken
    }

    /// What is shown.
    #[must_use]
    pub const fn message(&self) -> Option<&Reading> {
        self.slot.value()
    }

    /// Whom the reader waits for, or shows.
    #[must_use]
    pub const fn wanted(&self) -> Option<&MessageId> {
        self.wanted.as_ref()
    }

    /// Why the message could not be read.
    #[must_use]
    pub const fn problem(&self) -> Option<&Report> {
        self.slot.problem()
    }

    /// The first line that is shown.
    #[must_use]
    pub const fn scroll(&self) -> usize {
        self.scroll
    }

    /// Whether quoted text is shown in full.
    #[must_use]
    pub const fn is_unfolded(&self) -> bool {
        self.is_unfolded
    }

    /// Folds or unfolds quotes.
    pub fn toggle_quotes(&mut self, turn: &mut Turn<'_>) {
        self.is_unfolded = !self.is_unfolded;
        self.ask(turn);
    }

    /// Shows few header lines or all.
    pub const fn toggle_headers(&mut self) {
        self.has_all_headers = !self.has_all_headers;
        self.scroll = 0;
    }

    /// The lines above the text, for a pane of `width` columns.
    #[must_use]
    pub fn head(&self, width: u16) -> Vec<HeadLine> {
        let Some(reading) = self.message() else { return Vec::new() };
        let message = &reading.message;
        let room = usize::from(width).saturating_sub(LABEL_WIDTH);
        let mut lines = vec![HeadLine::Subject, HeadLine::From];
        for (label, people) in [("To", &message.to), ("Cc", &message.cc)] {
            for (at, line) in recipient_lines(people, room, self.has_all_headers).into_iter().enumerate() {
                lines.push(HeadLine::Recipients(if at == 0 { label } else { "" }, line));
            }
        }
        lines.push(HeadLine::Date);
        for (at, line) in attachment_lines(&reading.attachments, room).into_iter().enumerate() {
            lines.push(HeadLine::Attachments(if at == 0 { "Attached" } else { "" }, line));
        }
        let blocked = reading.text.as_ref().map_or(0, |text| text.blocked_images);
        if blocked > 0 {
            lines.push(HeadLine::BlockedImages(blocked));
        }
        lines.push(HeadLine::Rule);
        lines
    }

    /// How many lines there are in all.
    #[must_use]
    pub fn length(&self, width: u16) -> usize {
        let text = self.message().and_then(|reading| reading.text.as_ref());
        let tail = text.map_or(1, |text| {
            let links = if text.links.is_empty() { 0 } else { text.links.len() + 1 };
            text.lines.len() + links + usize::from(!text.note.is_empty()) * 2
        });
        self.head(width).len() + tail
    }

    /// Moves in the text of a pane with `lines` lines. False: it is at the end already.
    pub fn motion(&mut self, motion: Motion, lines: u16, width: u16) -> bool {
        let page = usize::from(lines.saturating_sub(1)).max(1);
        let last = self.length(width).saturating_sub(usize::from(lines));
        let before = self.scroll;
        self.scroll = match motion {
            Motion::Next => before + 1,
            Motion::Previous => before.saturating_sub(1),
            Motion::HalfPageDown => before + page / 2,
            Motion::HalfPageUp => before.saturating_sub(page / 2),
            Motion::PageDown => before + page,
            Motion::PageUp => before.saturating_sub(page),
            Motion::First => 0,
            Motion::Last => last,
            _ => return false,
        }
        .min(last);
        before != self.scroll
    }
}

/// Columns of the labels at the left of header lines.
pub const LABEL_WIDTH: usize = 9;

fn recipient_lines(people: &[Recipient], room: usize, is_full: bool) -> Vec<String> {
    let names = people.iter().map(|person| {
        if is_full && !person.name.is_empty() && !person.address.is_empty() {
            format!("{} <{}>", person.name, person.address)
        } else {
            person.label().to_owned()
        }
    });
    if is_full {
        return flow(names, "; ", room);
    }
    // One line of whole names; how many were left out is said.
    let names: Vec<String> = names.collect();
    let full = names.join("; ");
    if names.is_empty() || text::width(&full) <= room {
        return if names.is_empty() { Vec::new() } else { vec![full] };
    }
    let fits = |shown: usize| {
        let line = format!("{} and {} more", names[..shown].join("; "), names.len() - shown);
        (text::width(&line) <= room).then_some(line)
    };
    let line = (1..names.len()).rev().find_map(fits);
    vec![line.unwrap_or_else(|| text::cut(&full, room))]
}

fn attachment_lines(attachments: &[Attachment], room: usize) -> Vec<String> {
    let shown = attachments.iter().filter(|attachment| !attachment.is_inline);
    // Two columns go to the sign.
    let names = shown.map(|attachment| format!("{} ({})", attachment.name, size_words(attachment.size)));
    flow(names, "  ", room.saturating_sub(2))
}

/// Sets words one after another into lines of `room` columns.
fn flow(words: impl Iterator<Item = String>, between: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if text::width(line) + text::width(between) + text::width(&word) <= room => {
                line.push_str(between);
                line.push_str(&word);
            }
            _ => lines.push(text::cut(&word, room)),
        }
    }
    lines
}

/// A size as people say it: 84 KB, 1.2 MB.
#[must_use]
pub fn size_words(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
