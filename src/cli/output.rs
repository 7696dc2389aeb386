//! Standard output and standard error, and the shape of our JSON.
//!
//! JSON is one object with `schema`, `account`, `asOf`, `items`, `errors`; instants are RFC 3339 with offset and a `zone` beside
//! them; what failed for one person is an item with an `error`, never missing. Text is tamed before it is printed.

use crate::base::report::Report;
use crate::base::secret::Secret;
use crate::base::text::{pad, tame, tame_lines, width, wrap};
use crate::domain::calls::ShowRequests;
use crate::domain::time::Zone;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Where a command speaks.
#[derive(Debug)]
pub(crate) struct Out {
    json: bool,
    needs_person: AtomicBool,
    made_as: OnceLock<Value>,
    warning: OnceLock<String>,
}

impl Out {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, needs_person: AtomicBool::new(false), made_as: OnceLock::new(), warning: OnceLock::new() }
    }

    /// Whether JSON is wished for.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Notes as whom the calls behind the answer are made.
    pub(crate) fn note_made_as(&self, made_as: Value) {
        let _ = self.made_as.set(made_as);
    }

    /// Keeps a sentence for after the answer; it is not told where a person has to do something first.
    pub(crate) fn warn_at_the_end(&self, warning: String) {
        let _ = self.warning.set(warning);
    }

    /// Tells what was kept for the end.
    pub(crate) fn end(&self) {
        if let Some(warning) = self.warning.get().filter(|_| !self.needs_person()) {
            self.aside(warning);
        }
    }

    /// Notes that a person has to do something before this command can do all of its work.
    pub(crate) fn note_needs_person(&self) {
        self.needs_person.store(true, Ordering::Relaxed);
    }

    /// Whether a person has to do something.
    pub(crate) fn needs_person(&self) -> bool {
        self.needs_person.load(Ordering::Relaxed)
    }

    /// Whether standard output is a terminal.
    pub(crate) fn is_terminal() -> bool {
        io::stdout().is_terminal()
    }

    /// The lines of standard input from now on, each a secret: a pasted address holds a code. An address that was broken into
    /// several lines grows with each of them. Ends with the input.
    pub(crate) fn pasted_lines() -> UnboundedReceiver<Secret<String>> {
        let (sender, lines) = unbounded_channel();
        std::thread::spawn(move || {
            let mut address = Secret::new(String::new());
            for line in io::stdin().lines() {
                let Ok(line) = line.map(Secret::new) else { return };
                let text = line.expose().trim();
                let begins = text.trim_start_matches(['"', '\'', '<', '`']).starts_with("http");
                let known = if begins { "" } else { address.expose().as_str() };
                address = Secret::new(format!("{known}{text}"));
                if !text.is_empty() && sender.send(address.clone()).is_err() {
                    return;
                }
            }
        });
        lines
    }

    /// Prints a line of the answer, tamed. A reader that went away is no failure.
    pub(crate) fn line(&self, text: &str) {
        let _ = writeln!(io::stdout().lock(), "{}", tame(text));
    }

    /// Prints lines beside the answer, tamed.
    pub(crate) fn aside(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{}", tame_lines(text));
    }

    /// Shows how far something is, in place of what was shown so before; for a terminal only. Empty: takes it away.
    pub(crate) fn progress(&self, text: &str) {
        let mut stderr = io::stderr().lock();
        if stderr.is_terminal() {
            let _ = write!(stderr, "\r\x1b[K{}", tame(text)).and_then(|()| stderr.flush());
        }
    }

    /// Prints a question beside the answer; where somebody types, the cursor waits behind it.
    pub(crate) fn prompt(&self, question: &str) {
        let mut stderr = io::stderr().lock();
        let _ = writeln!(stderr, "{}", tame_lines(question));
        if Self::hears_a_person() {
            let _ = write!(stderr, "> ");
            let _ = stderr.flush();
        }
    }

    /// Prints a text that is read, or pasted elsewhere: broken between words on a terminal, whole lines for anything else. Addresses
    /// and commands stay whole in both.
    pub(crate) fn letter(&self, text: &str, columns: usize) {
        if !Self::is_terminal() {
            return self.document(text);
        }
        for line in text.lines() {
            let words = line.trim_start();
            let is_kept = words.contains("://") || line.starts_with("  New-") || line.starts_with("  Test-");
            if is_kept || words.is_empty() {
                self.line(line);
                continue;
            }
            let first = line.len() - words.len();
            let hang = if words.starts_with("- ") { first + 2 } else { first };
            for (at, part) in wrap(words, columns.saturating_sub(hang).max(20)).iter().enumerate() {
                self.line(&format!("{}{part}", " ".repeat(if at == 0 { first } else { hang })));
            }
        }
    }

    /// Prints the JSON answer: the text is as it came, but what could drive a terminal is written as an escape.
    pub(crate) fn json(&self, value: &Value) {
        let mut value = Cow::Borrowed(value);
        if let Some(made_as) = self.made_as.get()
            && let Some(object) = value.to_mut().as_object_mut()
        {
            object.insert("madeAs".to_owned(), made_as.clone());
        }
        let _ = writeln!(io::stdout().lock(), "{}", escaped(&value.to_string()));
    }

    /// Prints text that is given out whole and nothing else, e.g. a picture.
    pub(crate) fn document(&self, text: &str) {
        let _ = io::stdout().lock().write_all(text.as_bytes());
    }

    /// Prints JSON for people: indented, and escaped as [`Out::json`] does.
    pub(crate) fn pretty_json(&self, value: &Value) {
        let text = serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string());
        let mut stdout = io::stdout().lock();
        // A line end in a string is an escape already; those that are left are ours.
        for line in text.lines() {
            if writeln!(stdout, "{}", escaped(line)).is_err() {
                return;
            }
        }
    }

    /// Prints lines of text, tamed.
    pub(crate) fn lines(&self, text: &str) {
        let _ = writeln!(io::stdout().lock(), "{}", tame_lines(text));
    }

    /// Prints bytes as they are; for files and pipes only.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        let mut stdout = io::stdout().lock();
        let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
    }

    /// Whether somebody may be looking: any of the three streams is a terminal.
    pub(crate) fn is_watched() -> bool {
        io::stdin().is_terminal() || io::stdout().is_terminal() || io::stderr().is_terminal()
    }

    /// Whether somebody can be asked: standard input is a terminal.
    pub(crate) fn hears_a_person() -> bool {
        io::stdin().is_terminal()
    }

    /// A line typed at standard input.
    pub(crate) async fn typed_line() -> Option<String> {
        let read = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().read_line(&mut line).ok().map(|_| line)
        });
        read.await.ok().flatten()
    }

    /// All of standard input as text; `None` where it cannot be read or is no text.
    pub(crate) async fn typed_text() -> Option<String> {
        let read = tokio::task::spawn_blocking(|| io::read_to_string(io::stdin()).ok());
        read.await.ok().flatten()
    }

    /// Tells a report and returns its exit code. With JSON it is an object on standard output too.
    pub(crate) fn tell(&self, report: &Report) -> u8 {
        if self.json {
            self.json(&json!({"schema": "deskbell.error/1", "items": [], "errors": [error(report)]}));
        }
        self.aside(&format!("deskbell: {}", report.as_text()));
        report.exit_code()
    }

    /// Prints rows under their titles, each column as wide as it needs; the last column is not padded.
    pub(crate) fn table(&self, titles: &[&str], rows: &[Vec<String>]) {
        let mut widths: Vec<usize> = titles.iter().map(|title| width(title)).collect();
        for row in rows {
            for (column, cell) in row.iter().enumerate() {
                widths[column] = widths[column].max(width(cell));
            }
        }
        let line = |cells: Vec<&str>| {
            let last = cells.len().saturating_sub(1);
            let mut text = String::new();
            for (column, cell) in cells.into_iter().enumerate() {
                if column == last {
                    text.push_str(cell);
                } else {
                    text.push_str(&pad(cell, widths[column]));
                    text.push_str("  ");
                }
            }
            self.line(text.trim_end());
        };
        if Self::is_terminal() && titles.iter().any(|title| !title.is_empty()) {
            line(titles.to_vec());
        }
        for row in rows {
            line(row.iter().map(String::as_str).collect());
        }
    }
}

/// The envelope of every answer. `more` adds members of the verb's own, e.g. `from` and `to`.
pub(crate) fn envelope(
    schema: &str,
    account: &str,
    as_of: Option<Timestamp>,
    zone: &Zone,
    more: Map<String, Value>,
    items: Vec<Value>,
    errors: Vec<Value>,
) -> Value {
    let mut object = Map::new();
    object.insert("schema".to_owned(), json!(schema));
    object.insert("account".to_owned(), json!(account));
    object.insert("asOf".to_owned(), as_of.map_or(Value::Null, |at| json!(instant_with_zone(at, zone))));
    object.insert("zone".to_owned(), json!(zone_name(zone)));
    object.extend(more);
    object.insert("items".to_owned(), Value::Array(items));
    object.insert("errors".to_owned(), Value::Array(errors));
    Value::Object(object)
}

/// A report as a member of `errors`, or as the `error` of an item.
pub(crate) fn error(report: &Report) -> Value {
    json!({"code": report.code, "message": report.what, "why": report.why, "remedy": report.next.first()})
}

/// An instant in RFC 3339 with the offset of `zone`; UTC where the zone's rules are unknown.
pub(crate) fn instant(at: Timestamp, zone: &Zone) -> String {
    zone.rules.as_ref().map_or_else(
        || at.to_string(),
        |rules| {
            let local = at.to_zoned(rules.clone());
            local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
        },
    )
}

/// The IANA name of a zone; where its rules are unknown, the name the service gave it.
pub(crate) fn zone_name(zone: &Zone) -> &str {
    zone.rules.as_ref().and_then(TimeZone::iana_name).unwrap_or(&zone.name)
}

/// [`instant`] with the zone's name behind it [RFC 9557], where the zone's rules are known.
pub(crate) fn instant_with_zone(at: Timestamp, zone: &Zone) -> String {
    let named = zone.rules.as_ref().and_then(TimeZone::iana_name).map(|name| format!("[{name}]"));
    instant(at, zone) + &named.unwrap_or_default()
}

/// `json` with everything that is not plain text in its strings as `\u` escapes. Such characters stand only in strings.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        let is_plain = !character.is_control()
            && (character.is_ascii() || tame(character.encode_utf8(&mut [0; 4])).chars().eq([character]));
        if is_plain {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// A period of time as ISO 8601 in seconds, e.g. `PT40S`.
pub(crate) fn age(since: Timestamp, now: Timestamp) -> String {
    format!("PT{}S", now.as_second().saturating_sub(since.as_second()).max(0))
}

/// `text` for a terminal or a pipe: one line, no control characters.
pub(crate) fn plain(text: &str) -> String {
    tame(text).into_owned()
}

/// Shows each request on standard error.
pub(crate) fn show_requests() -> ShowRequests {
    ShowRequests(Arc::new(|line| {
        let _ = writeln!(io::stderr().lock(), "{}", tame(line));
    }))
}
