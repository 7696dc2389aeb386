//! The content file `assets/tenant_mail.toml`: written messages, templates and words, all without dates.
//!
//! Must stay true: the file is data. A time is "so long ago" or "the n-th working day back at this hour", a date in a text is
//! a placeholder relative to the day of its message, so that the demo is believable on any day.

use super::content::{Address, Kind};
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Somebody who is not in the company, or a machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// Shown name.
    pub name: String,
    /// SMTP address.
    pub address: String,
}

/// A pattern for generated messages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// `inbox`, `sent`, `junk` or `support`.
    pub lane: String,
    /// How often, relative to the others.
    #[serde(default)]
    pub weight: usize,
    /// Alias of a sender, or `colleague`, `client` or `stranger`; for `sent` the recipient.
    pub from: String,
    /// Subjects to choose from.
    pub subject: Vec<String>,
    /// Bodies to choose from, in light markup.
    pub body: Vec<String>,
    /// Bodies of answers; a template with answers becomes threads.
    #[serde(default)]
    pub reply: Vec<String>,
    /// `name:bytes`.
    #[serde(default)]
    pub files: Vec<String>,
    /// Sorted out of the focused inbox.
    #[serde(default)]
    pub other: bool,
    /// High importance.
    #[serde(default)]
    pub important: bool,
    /// Empty, `html` or `newsletter`.
    #[serde(default)]
    pub style: String,
    /// Name of the mailing list it was sent to, if it was.
    #[serde(default)]
    pub list: String,
    /// Kind of item; empty for a message.
    #[serde(default)]
    kind: String,
}

impl Template {
    /// Kind of item.
    #[must_use]
    pub fn kind(&self) -> Kind {
        kind_of(&self.kind)
    }
}

/// The meeting of a written invitation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenMeeting {
    /// Working days from today, at the weekend from the coming Monday.
    pub day: i64,
    /// Wall time in the zone of the first mailbox.
    pub time: String,
    /// Length.
    pub minutes: i64,
    /// Room; may be empty.
    #[serde(default)]
    pub place: String,
}

/// A written message.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Written {
    /// Name for answers to it.
    pub key: String,
    /// Well-known or shown name of the folder of the first mailbox; empty for the inbox (or Sent Items).
    pub folder: String,
    /// Alias, `Name <address>`, `Name` alone (no address), or `none` (null).
    pub from: String,
    /// As `from`.
    pub to: Vec<String>,
    /// As `from`.
    pub cc: Vec<String>,
    /// So long ago: `6m`, `3h`, `2d`.
    pub ago: String,
    /// Working days back from today, with `time`.
    pub day: i64,
    /// Wall time in the zone of the first mailbox.
    pub time: String,
    /// Subject; an answer has `Re: ` and the subject of what it answers.
    pub subject: String,
    /// Body in light markup.
    pub body: String,
    /// Sent as plain text.
    pub plain: bool,
    /// The body is HTML and goes out untouched.
    pub raw: bool,
    /// The key of the message it answers: joins its thread and quotes it.
    pub re: String,
    /// Not read by the owner of the first mailbox.
    pub unread: bool,
    /// Flagged by that owner.
    pub flagged: bool,
    /// `low`, `normal`, `high`.
    pub importance: String,
    /// Category names.
    pub categories: Vec<String>,
    /// `name:bytes`; `name:bytes:cid` for an inline picture.
    pub files: Vec<String>,
    /// Kind of item; empty for a message.
    pub kind: String,
    /// For invitations and answers.
    pub meeting: Option<WrittenMeeting>,
    /// Sorted out of the focused inbox.
    pub other: bool,
    /// The sender wants to know when it is read.
    pub receipt: bool,
}

impl Written {
    /// Kind of item.
    #[must_use]
    pub fn kind(&self) -> Kind {
        kind_of(&self.kind)
    }
}

/// A mailbox that is open to others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// Alias of the mailbox.
    pub mailbox: String,
    /// Aliases of those who may read it.
    pub readers: Vec<String>,
    /// Messages from customers in its inbox.
    #[serde(default)]
    pub messages: usize,
    /// How many of them nobody has read, the newest.
    #[serde(default)]
    pub unread: usize,
}

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// Alias of the person the demo is about.
    pub first: String,
    /// Aliases of people whose mailbox speaks another language than the tenant's.
    pub languages: BTreeMap<String, String>,
    /// Aliases of people whose mailbox has no archive folder.
    pub without_archive: Vec<String>,
    /// Mailboxes open to others.
    pub shared: Vec<Shared>,
    /// Machines and outsiders by alias.
    pub senders: BTreeMap<String, Sender>,
    /// Customers and suppliers.
    pub clients: Vec<Sender>,
    /// Senders of junk.
    pub strangers: Vec<Sender>,
    /// Words by kind.
    pub lists: BTreeMap<String, Vec<String>>,
    /// Sentences of long messages.
    pub sentences: Vec<String>,
    /// Headlines of newsletters.
    pub headlines: Vec<String>,
    /// Patterns.
    pub template: Vec<Template>,
    /// Written messages.
    pub message: Vec<Written>,
}

impl Script {
    /// The file that is built into the program.
    ///
    /// # Panics
    /// If `assets/tenant_mail.toml` does not fit these types; a test loads it.
    #[must_use]
    pub fn load() -> Self {
        toml::from_str(include_str!("../../../../assets/tenant_mail.toml"))
            .expect("assets/tenant_mail.toml fits its types")
    }

    /// A machine or an outsider by alias.
    #[must_use]
    pub fn sender(&self, alias: &str) -> Option<Address> {
        self.senders.get(alias).map(|sender| Address::new(&sender.name, &sender.address))
    }
}

fn kind_of(text: &str) -> Kind {
    match text {
        "request" => Kind::Request,
        "cancelled" => Kind::Cancelled,
        "accepted" => Kind::Accepted,
        "tentative" => Kind::Tentative,
        "declined" => Kind::Declined,
        _ => Kind::Message,
    }
}

/// The `count`-th working day after (or before, if negative) `date`; a weekend day counts from its neighbour.
#[must_use]
pub fn working_day(date: Date, count: i64) -> Date {
    let mut day = date;
    let mut left = count;
    while left != 0 {
        day = day.saturating_add(left.signum().days());
        if !weekend(day) {
            left -= left.signum();
        }
    }
    day
}

/// Saturday or Sunday.
#[must_use]
pub fn weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

const MESES: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// The word for a date placeholder such as `weekday+2`, `date-1`, `week`, `month-1`, `quarter`, `year`, relative to `date`.
/// Offsets of `weekday` and `date` (`fecha` in Spanish) count working days.
#[must_use]
pub fn date_word(name: &str, date: Date) -> Option<String> {
    let at = name.find(['+', '-']).unwrap_or(name.len());
    let (word, offset) = name.split_at(at);
    let offset: i64 = if offset.is_empty() { 0 } else { offset.parse().ok()? };
    match word {
        "weekday" => Some(working_day(date, offset).strftime("%A").to_string()),
        "date" => Some(working_day(date, offset).strftime("%-d %B").to_string()),
        "isodate" => Some(working_day(date, offset).to_string()),
        "fecha" => {
            let day = working_day(date, offset);
            Some(format!("{} de {}", day.day(), MESES[usize::try_from(day.month() - 1).unwrap_or(0) % 12]))
        }
        "week" => Some(date.saturating_add(offset.weeks()).iso_week_date().week().to_string()),
        "month" => Some(date.first_of_month().saturating_add(offset.months()).strftime("%B").to_string()),
        "quarter" => {
            let month = date.first_of_month().saturating_add((3 * offset).months()).month();
            Some(format!("Q{}", (month - 1) / 3 + 1))
        }
        "year" => Some((i64::from(date.year()) + offset).to_string()),
        _ => None,
    }
}
