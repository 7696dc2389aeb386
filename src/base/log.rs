//! The log: one file a day in the log folder, seven kept, plain text.
//!
//! Only our own crate writes below `warn`: the HTTP libraries print headers at `debug`, and headers hold tokens. Every line is
//! also [redacted](redact) and tamed, so that neither a slip of ours nor a stranger's subject line does harm.
//! Must stay true: nothing is ever logged to the terminal the program draws on.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::Mutex;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;

use crate::base::paths::Places;
use crate::base::report::{Kind, Report};
use crate::base::text;

/// How much of our own doings is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What failed.
    Error,
    /// What is odd.
    Warn,
    /// What was done.
    #[default]
    Info,
    /// How.
    Debug,
    /// Every step.
    Trace,
}

impl Level {
    /// All levels, the quietest first.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    /// The level called `name`, in any letter case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }
}

/// Starts logging for the rest of the process. Once only; a second call changes nothing.
///
/// # Errors
/// A report if the log file cannot be opened. The program may well go on without a log.
pub fn start(places: &Places, level: Level) -> Result<(), Report> {
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("deskbell")
        .filename_suffix("log")
        .max_log_files(7)
        .build(&places.log)
        .map_err(|error| {
            Report::new(Kind::Configuration, "noLog", "The log file could not be opened.")
                .because(error.to_string())
                .next(format!("Look at {}.", places.log.display()))
        })?;
    // The only possible failure is that a log is already running.
    let _ = tracing::subscriber::set_global_default(subscriber(appender, level));
    Ok(())
}

/// What [`start`] installs, writing to `writer`.
pub fn subscriber<W: Write + Send + 'static>(writer: W, level: Level) -> impl Subscriber + Send + Sync {
    let ours = match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    let filter = Targets::new().with_default(LevelFilter::WARN).with_target("deskbell", ours);
    let writer = Mutex::new(Redacting { writer });
    // On a full disk each line would be complained about on standard error, and that is where the screen is.
    let lines = tracing_subscriber::fmt().log_internal_errors(false).with_max_level(LevelFilter::TRACE);
    lines.with_ansi(false).with_writer(writer).finish().with(filter)
}

/// Passes on whole lines, redacted.
struct Redacting<W: Write> {
    writer: W,
}

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let line = redact(line.trim_end_matches('\n'));
        self.writer.write_all(text::tame(&line).as_bytes())?;
        self.writer.write_all(b"\n")?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Names whose value is a secret, as they stand in forms, JSON and headers.
const SECRET_NAMES: [&str; 12] = [
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "client_assertion",
    "assertion",
    "device_code",
    "code_verifier",
    "password",
    "authorization",
    "bearer",
    "code",
];

/// `line` without anything that looks like a secret: values behind a name of a secret (`code=…`, `"refresh_token":"…"`,
/// `Bearer …`) and bare JSON web tokens become `[redacted]`.
#[must_use]
pub fn redact(line: &str) -> Cow<'_, str> {
    let mut redacted = String::new();
    let mut kept_up_to = 0;
    let mut at = 0;
    while at < line.len() {
        let Some(secret) = secret_at(line, at) else {
            at += line[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        redacted.push_str(&line[kept_up_to..secret.start]);
        redacted.push_str("[redacted]");
        kept_up_to = secret.end;
        at = secret.end;
    }
    if kept_up_to == 0 {
        return Cow::Borrowed(line);
    }
    redacted.push_str(&line[kept_up_to..]);
    Cow::Owned(redacted)
}

/// The secret whose name, or which itself, begins at `at`.
fn secret_at(line: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if at > 0 && is_word(line.as_bytes()[at - 1]) {
        return None;
    }
    let rest = line.get(at..)?;
    if rest.starts_with("eyJ") {
        let length = value_length(rest);
        return (length >= 20).then_some(at..at + length);
    }
    let name = SECRET_NAMES.iter().find(|name| {
        rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && rest.as_bytes().get(name.len()).is_some_and(|&byte| !is_word(byte))
    })?;
    let behind = &rest[name.len()..];
    let value = behind.trim_start_matches(['"', '\'', ' ', ':', '=', '\\']);
    let between = &behind[..behind.len() - value.len()];
    let is_assigned = match *name {
        // `"code":"ErrorItemNotFound"` is what a log is read for; the secret one stands in a form or an address.
        "code" => between == "=",
        "bearer" => true,
        _ => between.contains(['=', ':']),
    };
    let value_start = at + rest.len() - value.len();
    let length = value_length(value);
    // "Authorization: Bearer …" is taken by the second word, which has the secret behind it.
    let is_scheme = value.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("bearer "));
    (is_assigned && length > 0 && !is_scheme).then_some(value_start..value_start + length)
}

/// How far a token, code or password goes.
fn value_length(text: &str) -> usize {
    text.find(|character: char| character.is_whitespace() || "\"'&,;)}]<>\\".contains(character)).unwrap_or(text.len())
}
