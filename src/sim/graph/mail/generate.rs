//! Messages made from their number: the headers when a list asks, the body when somebody opens it.
//!
//! `--mail 100000` therefore starts in a moment and costs a row each. Templates and words come from
//! `assets/tenant_mail.toml`; chance comes from [`Dice`] alone. Must stay true: the same seed, mailbox and number give the
//! same message for ever; the preview is the beginning of the body; in a large mailbox sizes follow a log-normal with a
//! median near 7.7 KB and a ninetieth percentile near 29 KB, as those of real mail do. In the small one of the demo a body
//! is what a person would want to read, and no longer.

use super::content::{Address, Content, File, Importance, Kind, Meeting, Text};
use super::dice::Dice;
use super::markup;
use super::script::{Script, Template};
use super::store::{Mailbox, Row, Source};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use std::collections::HashMap;
use std::fmt::Write as _;

/// One message in this many holds a word that occurs nowhere else, so that a search has something rare to find.
const RARE_EVERY: u32 = 10_000;
/// Which one of them.
const RARE_AT: u32 = 4_321;

/// What a generated message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Came in.
    Inbox,
    /// Went out.
    Sent,
    /// Came in as junk.
    Junk,
    /// Came to a shared mailbox from customers.
    Support,
    /// Came in and was worth filing: mail between people.
    Filed,
}

const LANES: [(Lane, &str); 5] = [
    (Lane::Inbox, "inbox"),
    (Lane::Sent, "sent"),
    (Lane::Junk, "junk"),
    (Lane::Support, "support"),
    (Lane::Filed, "inbox"),
];

/// The number of a generated message: its lane and its index (below 2²⁸).
#[must_use]
pub fn number(lane: Lane, index: u32) -> u32 {
    let at = LANES.iter().position(|(each, _)| *each == lane).unwrap_or(0);
    (u32::try_from(at).unwrap_or(0) << 28) | (index & 0x0fff_ffff)
}

/// Makes messages from numbers.
#[derive(Debug)]
pub struct Generator {
    seed: u64,
    script: Script,
    /// Colleagues who write.
    colleagues: Vec<Address>,
    /// Everybody of the company by alias.
    staff: HashMap<String, Address>,
    lanes: [Vec<u16>; 5],
    /// Whether bodies are brought to the sizes of real mail.
    bulk: bool,
}

/// What is decided about a message before any text is made.
struct Plan<'a> {
    seed: u64,
    number: u32,
    /// Number that decides the words: the thread's, or the message's own.
    words: u32,
    template: Option<&'a Template>,
    /// Answers before it, 0 for the first of a thread.
    depth: u8,
    thread: u64,
}

impl Generator {
    /// From the script, the colleagues who write, and everybody of the company by alias.
    #[must_use]
    pub fn new(
        seed: u64,
        script: Script,
        colleagues: Vec<Address>,
        staff: HashMap<String, Address>,
        bulk: bool,
    ) -> Self {
        let lanes = LANES.map(|(lane, name)| {
            let mut all = Vec::new();
            let fits = |each: &Template| each.lane == name && (lane != Lane::Filed || !each.reply.is_empty());
            for (at, template) in script.template.iter().enumerate().filter(|(_, each)| fits(each)) {
                all.extend(std::iter::repeat_n(u16::try_from(at).unwrap_or(0), template.weight.max(1)));
            }
            all
        });
        Self { seed, script, colleagues, staff, lanes, bulk }
    }

    /// The script.
    #[must_use]
    pub fn script(&self) -> &Script {
        &self.script
    }

    fn plan(&self, mailbox: u32, number: u32) -> Plan<'_> {
        let seed = self.seed ^ (u64::from(mailbox) << 20);
        let lane = (number >> 28) as usize % LANES.len();
        let index = number & 0x0fff_ffff;
        // Of eight neighbours three may be one thread: the oldest begins it, the younger ones answer.
        let (group, place) = (index / 8, index % 8);
        let position = [5, 2, 0].iter().position(|each| *each == place);
        let head = (number & 0xf000_0000) | (group * 8 + 5);
        let pick = |words: u32| {
            let mut dice = Dice::of(seed, u64::from(words), 1);
            dice.pick(&self.lanes[lane]).and_then(|at| self.script.template.get(usize::from(*at)))
        };
        let threaded = position.and_then(|depth| {
            pick(head).filter(|template| !template.reply.is_empty()).map(|template| (depth, template))
        });
        match threaded {
            Some((depth, template)) => Plan {
                seed,
                number,
                words: head,
                template: Some(template),
                depth: u8::try_from(depth).unwrap_or(0),
                thread: thread_number(seed, head),
            },
            None => Plan {
                seed,
                number,
                words: number,
                template: pick(number),
                depth: 0,
                thread: thread_number(seed, number),
            },
        }
    }

    /// The row of a message: only what lists count and filter by.
    #[must_use]
    pub fn row(&self, mailbox: u32, number: u32, received: Timestamp, folder: u16) -> Row {
        let plan = self.plan(mailbox, number);
        let mut dice = Dice::of(plan.seed, u64::from(number), 2);
        let mut row = Row::new(received, Source::Generated(number), folder);
        if let Some(template) = plan.template {
            row.attachments = plan.depth == 0 && !template.files.is_empty();
            row.other = template.other;
            if template.important {
                row.importance = Importance::High;
            } else if dice.chance(2) {
                row.importance = Importance::Low;
            }
        }
        row
    }

    /// Everything but the body.
    #[must_use]
    pub fn headers(&self, mailbox: &Mailbox, number: u32, received: i64) -> Content {
        let plan = self.plan(mailbox.number, number);
        let received = Timestamp::from_second(received).unwrap_or(Timestamp::UNIX_EPOCH);
        let mut dice = Dice::of(plan.seed, u64::from(number), 3);
        let sent = received - i64::try_from(1 + dice.below(4)).unwrap_or(1).seconds();
        let mut content = Content::empty(sent);
        content.text = Text::Later;
        content.conversation = plan.thread;
        content.depth = plan.depth;
        content.internet_id = format!("<{:016x}.{number:x}@mail.contoso.com>", plan.thread);
        let Some(template) = plan.template else { return content };
        let date = self.date(mailbox, &plan, received);
        let subject = self.fill(&plan, choose(&plan, &template.subject, 4), mailbox, date);
        content.subject = match plan.depth {
            0 => subject,
            _ => format!("Re: {}", subject.trim_start_matches("Re: ")),
        };
        let outgoing = template.lane == "sent";
        let other = self.correspondent(&plan, template, mailbox, plan.number);
        let (from, to) = if outgoing {
            (mailbox.owner.clone(), other)
        } else if template.list.is_empty() {
            (other, mailbox.owner.clone())
        } else {
            (other, Address::new(&template.list, &list_address(&template.list)))
        };
        content.from = Some(from.clone());
        content.sender = Some(from);
        content.to.push(to);
        if !template.reply.is_empty() && dice.chance(35) {
            content.cc.push(self.colleague(&plan, mailbox, "cc"));
        }
        if plan.depth == 0 {
            content.files = template.files.iter().map(|file| self.file(&plan, file, mailbox, date)).collect();
        }
        content.kind = template.kind();
        if content.kind != Kind::Message {
            let start = received + i64::try_from(20 + dice.below(90)).unwrap_or(24).hours();
            content.meeting = Some(Meeting::new(start, start + 30.minutes(), String::new()));
        }
        content
    }

    /// The beginning of the body as text: what the message says itself, before any quotation.
    #[must_use]
    pub fn words(&self, mailbox: &Mailbox, number: u32, received: i64) -> String {
        let main = self.main(mailbox, number, received);
        if self.is_html(mailbox, number) { markup::text_of(&markup::html_of(&main)) } else { markup::plain_of(&main) }
    }

    /// The body as (is HTML, text).
    #[must_use]
    pub fn body(&self, mailbox: &Mailbox, number: u32, received: i64) -> (bool, String) {
        let plan = self.plan(mailbox.number, number);
        let mut dice = Dice::of(plan.seed, u64::from(number), 5);
        // Median 7.7 KB and p90 29 KB: the logarithm has a deviation of ln(29/7.7)/1.2816.
        let target = match self.bulk {
            true => (7_700.0 * (1.035 * dice.normal()).exp()).clamp(900.0, 400_000.0),
            false => 0.0,
        };
        if !self.is_html(mailbox, number) {
            let mut text = self.plain(mailbox, number, received);
            while (text.len() as f64) < target {
                let _ = write!(text, "\r\n\r\n{}", self.paragraph(&mut dice));
            }
            return (false, text);
        }
        let mut inner = self.inner(mailbox, number, received);
        if target > 0.0 {
            self.lengthen(&mut inner, &plan, target, &mut dice);
        }
        (true, markup::document(&inner))
    }

    /// The inner HTML: what the message says, and what it answers.
    fn inner(&self, mailbox: &Mailbox, number: u32, received: i64) -> String {
        let plan = self.plan(mailbox.number, number);
        let inner = markup::html_of(&self.main(mailbox, number, received));
        if plan.template.is_some_and(|template| template.style == "newsletter") {
            return newsletter_card(&inner, number);
        }
        match self.parent(mailbox, &plan) {
            Some((parent, at)) => {
                let from = self.writer(mailbox, parent);
                format!("{inner}{}{}", quoted_head(&from), self.inner(mailbox, parent, at))
            }
            None => inner,
        }
    }

    fn plain(&self, mailbox: &Mailbox, number: u32, received: i64) -> String {
        let plan = self.plan(mailbox.number, number);
        let mut text = markup::plain_of(&self.main(mailbox, number, received));
        if let Some((parent, at)) = self.parent(mailbox, &plan) {
            let _ = write!(text, "\r\n\r\n{} wrote:\r\n", self.writer(mailbox, parent));
            for line in self.plain(mailbox, parent, at).lines() {
                let _ = write!(text, "> {line}\r\n");
            }
        }
        text
    }

    /// The message that a message answers, and when it came.
    fn parent(&self, mailbox: &Mailbox, plan: &Plan<'_>) -> Option<(u32, i64)> {
        let parent = match plan.depth {
            1 => plan.words,
            2 => plan.words - 3,
            _ => return None,
        };
        Some((parent, mailbox.received_of(parent)?))
    }

    /// Shown name of who wrote a message.
    fn writer(&self, mailbox: &Mailbox, number: u32) -> String {
        let plan = self.plan(mailbox.number, number);
        match plan.template {
            Some(template) if template.lane != "sent" => self.correspondent(&plan, template, mailbox, number).name,
            _ => mailbox.owner.name.clone(),
        }
    }

    /// Brings a body to the size that real mail has: older quotations, more cards, or the style sheets of machines.
    fn lengthen(&self, inner: &mut String, plan: &Plan<'_>, target: f64, dice: &mut Dice) {
        // What the document around it costs.
        let frame = 520;
        let newsletter = plan.template.is_some_and(|template| template.style == "newsletter");
        let people = plan.template.is_some_and(|template| !template.reply.is_empty());
        while ((inner.len() + frame) as f64) < target {
            let room = target - (inner.len() + frame) as f64;
            if newsletter {
                let card = markup::html_of(&format!("# {}\n\n{}", self.headline(dice), self.paragraph(dice)));
                inner.push_str(&newsletter_card(&card, plan.number));
            } else if !people {
                inner.push_str(&style_sheet(room, dice));
            } else if room < 700.0 {
                inner.push_str(&padding(room));
            } else {
                let from = dice.pick(&self.colleagues).map_or("Contoso", |address| address.name.as_str());
                let paragraphs = 1 + dice.below(4);
                inner.push_str(&quoted_head(from));
                for _ in 0..paragraphs {
                    inner.push_str(&word_paragraph(&self.paragraph(dice)));
                }
            }
        }
    }

    fn is_html(&self, mailbox: &Mailbox, number: u32) -> bool {
        let plan = self.plan(mailbox.number, number);
        let styled = plan.template.is_some_and(|template| template.style == "newsletter" || template.style == "html");
        styled || Dice::of(plan.seed, u64::from(number), 6).chance(82)
    }

    /// The day that date placeholders count from: that of the thread's first message, so that its answers agree with it.
    fn date(&self, mailbox: &Mailbox, plan: &Plan<'_>, received: Timestamp) -> Date {
        let first = (plan.depth > 0).then(|| mailbox.received_of(plan.words)).flatten();
        let at = first.and_then(|at| Timestamp::from_second(at).ok()).unwrap_or(received);
        at.to_zoned(mailbox.zone.clone()).date()
    }

    /// What the message says itself, in light markup, before any quotation.
    #[must_use]
    pub fn main(&self, mailbox: &Mailbox, number: u32, received: i64) -> String {
        let plan = self.plan(mailbox.number, number);
        let Some(template) = plan.template else { return String::new() };
        let received = Timestamp::from_second(received).unwrap_or(Timestamp::UNIX_EPOCH);
        let date = self.date(mailbox, &plan, received);
        let texts = if plan.depth == 0 { &template.body } else { &template.reply };
        let mut text = self.fill(&plan, choose_for(&plan, texts, 7).trim(), mailbox, date);
        if !template.reply.is_empty() {
            let _ = write!(text, "\n\n{}", first_name(&self.writer(mailbox, number)));
        }
        if number & 0x0fff_ffff != 0 && (number & 0x0fff_ffff) % RARE_EVERY == RARE_AT {
            text.push_str("\n\nP.S. The word on the coffee machine today is zymurgy.");
        }
        text
    }

    fn paragraph(&self, dice: &mut Dice) -> String {
        let mut text = String::new();
        for _ in 0..2 + dice.below(4) {
            if !text.is_empty() {
                text.push(' ');
            }
            if let Some(sentence) = dice.pick(&self.script.sentences) {
                text.push_str(&self.fill_by(dice, sentence));
            }
        }
        text
    }

    fn headline(&self, dice: &mut Dice) -> String {
        match dice.pick(&self.script.headlines) {
            Some(headline) => self.fill_by(dice, headline),
            None => String::new(),
        }
    }

    /// Fills every placeholder anew; for running text, where nothing has to agree.
    fn fill_by(&self, dice: &mut Dice, text: &str) -> String {
        let mut filled = text.to_owned();
        // A word may hold a placeholder itself: "the people from {client}".
        for _ in 0..2 {
            filled = replace(&filled, |name| match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
                "n" => Some((2 + dice.below(60)).to_string()),
                kind => dice.pick(self.script.lists.get(kind)?).cloned(),
            });
        }
        sentence_case(&filled)
    }

    /// Fills placeholders so that subject, body and answers of a thread agree.
    fn fill(&self, plan: &Plan<'_>, text: &str, mailbox: &Mailbox, date: Date) -> String {
        let once = self.fill_once(plan, text, mailbox, date);
        // A word may hold a placeholder itself: "Training for {client}".
        let filled = if once.contains('{') { self.fill_once(plan, &once, mailbox, date) } else { once };
        sentence_case(&filled)
    }

    fn fill_once(&self, plan: &Plan<'_>, text: &str, mailbox: &Mailbox, date: Date) -> String {
        replace(text, |name| {
            let salt = u64::from(super::ids::number_of(name));
            let mut dice = Dice::of(plan.seed, u64::from(plan.words), salt);
            let kind = name.trim_end_matches(|c: char| c.is_ascii_digit());
            Some(match kind {
                "me" => first_name(&mailbox.owner.name).to_owned(),
                "them" => {
                    let template = plan.template?;
                    first_name(&self.correspondent(plan, template, mailbox, plan.number).name).to_owned()
                }
                "person" => first_name(&self.colleague(plan, mailbox, name).name).to_owned(),
                "fullname" => self.colleague(plan, mailbox, name).name,
                "n" => (2 + dice.below(38)).to_string(),
                "percent" => (61 + dice.below(38)).to_string(),
                "sum" => (20 + dice.below(880)).to_string(),
                "amount" => format!("{} {:03}", 1 + dice.below(96), dice.below(200) * 5),
                "number" => (1_000 + dice.below(8_999)).to_string(),
                "hash" => format!("{:07x}", dice.next() & 0x0fff_ffff),
                "time" => format!("{:02}:{:02}", 9 + dice.below(8), 15 * dice.below(4)),
                _ => super::script::date_word(name, date)
                    .or_else(|| self.script.lists.get(kind).and_then(|list| dice.pick(list).cloned()))?,
            })
        })
    }

    /// Who the message is from (or to, when the owner wrote it).
    fn correspondent(&self, plan: &Plan<'_>, template: &Template, mailbox: &Mailbox, number: u32) -> Address {
        let mut dice = Dice::of(plan.seed, u64::from(number), 8);
        match template.from.as_str() {
            "colleague" => self.colleague(plan, mailbox, &format!("from{number}")),
            "client" => dice
                .pick(&self.script.clients)
                .map(|client| Address::new(&client.name, &client.address))
                .unwrap_or_default(),
            "stranger" => {
                dice.pick(&self.script.strangers).map(|one| Address::new(&one.name, &one.address)).unwrap_or_default()
            }
            alias => self.staff.get(alias).cloned().or_else(|| self.script.sender(alias)).unwrap_or_default(),
        }
    }

    fn colleague(&self, plan: &Plan<'_>, mailbox: &Mailbox, salt: &str) -> Address {
        let mut dice = Dice::of(plan.seed, u64::from(plan.words), u64::from(super::ids::number_of(salt)));
        for _ in 0..4 {
            if let Some(one) = dice.pick(&self.colleagues)
                && one.address != mailbox.owner.address
            {
                return one.clone();
            }
        }
        self.colleagues.first().cloned().unwrap_or_default()
    }

    fn file(&self, plan: &Plan<'_>, spec: &str, mailbox: &Mailbox, date: Date) -> File {
        let (name, size) = spec.rsplit_once(':').unwrap_or((spec, "20000"));
        let name = self.fill(plan, name, mailbox, date);
        super::files::file(&name, size.parse().unwrap_or(20_000))
    }
}

fn thread_number(seed: u64, words: u32) -> u64 {
    Dice::of(seed, u64::from(words), 9).next()
}

fn choose<'a>(plan: &Plan<'_>, texts: &'a [String], salt: u64) -> &'a str {
    Dice::of(plan.seed, u64::from(plan.words), salt).pick(texts).map_or("", String::as_str)
}

/// As [`choose`], but different in each message of a thread.
fn choose_for<'a>(plan: &Plan<'_>, texts: &'a [String], salt: u64) -> &'a str {
    let first = Dice::of(plan.seed, u64::from(plan.words), salt).below(texts.len());
    texts.get((first + usize::from(plan.depth)) % texts.len().max(1)).map_or("", String::as_str)
}

/// Replaces `{name}` where `value` knows the name.
pub(super) fn replace(text: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = rest.find('}').and_then(|end| value(&rest[1..end]).map(|found| (found, end)));
        match known {
            Some((found, end)) => {
                let vowel = found.starts_with(['a', 'e', 'i', 'o', 'u']) || found.starts_with("honest");
                if vowel && (out.ends_with(" a ") || out.ends_with("A ")) {
                    out.insert(out.len() - 1, 'n');
                }
                out.push_str(&found);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// A capital at the beginning of each paragraph and sentence, where a placeholder may have put a small letter.
fn sentence_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    let mut before = ' ';
    for character in text.chars() {
        if begins && character.is_alphabetic() {
            out.extend(character.to_uppercase());
        } else {
            out.push(character);
        }
        begins = match character {
            '\n' => true,
            ' ' => begins || matches!(before, '.' | '?' | '!'),
            '*' => begins,
            _ => false,
        };
        before = character;
    }
    out
}

/// The first word of a name.
#[must_use]
pub fn first_name(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}

fn list_address(name: &str) -> String {
    format!("{}@contoso.com", name.to_lowercase().replace(' ', "-"))
}

/// A card of a newsletter: tables for layout, as newsletters do it, and a tracking pixel.
fn newsletter_card(inner: &str, number: u32) -> String {
    format!(
        "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
         style=\"background-color: #f4f4f4;\"><tr><td align=\"center\" style=\"padding: 12px;\"><table \
         role=\"presentation\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"background-color: \
         #ffffff; border-radius: 6px;\"><tr><td style=\"padding: 24px 32px; font-family: Arial, Helvetica, sans-serif; \
         font-size: 15px; line-height: 22px; color: #333333;\">\r\n{inner}</td></tr><tr><td style=\"padding: 0 32px \
         24px;\"><a href=\"https://news.example.com/read?i={number}\" style=\"display: inline-block; padding: 10px 18px; \
         background-color: #2b5797; color: #ffffff; text-decoration: none; border-radius: 4px;\">Read on</a><img \
         src=\"https://track.example.com/o.gif?i={number}\" width=\"1\" height=\"1\" alt=\"\"></td></tr></table></td></tr>\
         </table>\r\n"
    )
}

/// What stands above an earlier message below an answer.
fn quoted_head(from: &str) -> String {
    format!(
        "<hr style=\"display: inline-block; width: 98%;\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><b>From:</b> \
         {}<br>\r\n</div>\r\n<div><br></div>\r\n",
        markup::escape(from)
    )
}

/// A paragraph as a word processor writes it.
fn word_paragraph(text: &str) -> String {
    format!(
        "<p class=\"MsoNormal\" style=\"margin: 0 0 8pt; line-height: 107%;\"><span lang=\"EN-GB\" style=\"font-size: \
         11.0pt; font-family: &quot;Aptos&quot;,sans-serif; color: #1f1f1f;\">{}</span></p>\r\n",
        markup::escape(text)
    )
}

/// A style sheet in the middle of a body, of about this size, as machines send it.
fn style_sheet(room: f64, dice: &mut Dice) -> String {
    let mut out = String::from("<style type=\"text/css\">\r\n");
    while (out.len() as f64) < room {
        let (class, size, colour) = (dice.below(1_000), 10 + dice.below(20), dice.next() & 0x00ff_ffff);
        let _ = write!(out, ".c{class} {{ padding: 0 {size}px; font-size: {size}px; color: #{colour:06x}; }}\r\n");
    }
    out.push_str("</style>\r\n");
    out
}

/// The kind of nothing that mail programs put at the end of a message.
fn padding(room: f64) -> String {
    let line = "<div style=\"font-family: Aptos, Calibri, Helvetica, sans-serif; font-size: 12pt;\"><br></div>\r\n";
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand characters at most")]
    let lines = 1 + (room / line.len() as f64) as usize;
    line.repeat(lines)
}
