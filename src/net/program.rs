//! Programs of the person's that print a secret: a token, a client secret.
//!
//! Must stay true: no shell is involved, and nothing secret is handed over, least of all as an argument; the program reads nothing
//! from our terminal; it is ended after a while; what it prints is a secret until somebody knows better, and of what it complains
//! about only a short, tame piece without anything that looks like a token is kept.

use crate::base::clock::SharedClock;
use crate::base::secret::Secret;
use crate::base::text::{cut, tame};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};

/// A program that prints a token may take so long; some start an interpreter and ask a service.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// More output than this is no token.
const MOST_OUTPUT: u64 = 256 * 1024;
/// So much of a complaint is told.
const LONGEST_COMPLAINT: usize = 300;
/// Longer words in a complaint may be tokens.
const LONGEST_WORD: usize = 40;

/// Why a program gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// Nothing is configured to be run.
    #[error("no program is named")]
    Nothing,
    /// There is no such program.
    #[error("{0} was not found")]
    NotFound(String),
    /// It could not be started.
    #[error("{0} could not be started: {1}")]
    NotStarted(String, String),
    /// It took too long and was ended.
    #[error("{0} took too long")]
    TooSlow(String),
    /// It printed far more than a secret.
    #[error("{0} printed too much")]
    TooMuch(String),
    /// It failed.
    #[error("{program} failed")]
    Failed {
        /// Its name.
        program: String,
        /// Its exit code; none when it was killed.
        code: Option<i32>,
        /// What it complained about, tame and short.
        complaint: String,
    },
    /// It succeeded and printed nothing of use; why, in words.
    #[error("{0} printed nothing of use")]
    Useless(String, &'static str),
}

/// Runs `command` (a program and its arguments, taken as they are) and gives what it prints.
///
/// # Errors
/// [`ProgramError`].
pub async fn output_of(command: &[String], clock: &SharedClock) -> Result<Secret<String>, ProgramError> {
    let (program, arguments) = command.split_first().ok_or(ProgramError::Nothing)?;
    let name = tame(program).into_owned();
    #[expect(clippy::disallowed_methods, reason = "the home of programs that print secrets")]
    let mut started = std::process::Command::new(program);
    started.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut started = tokio::process::Command::from(started);
    let child = started.kill_on_drop(true).spawn();
    let mut child = child.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => ProgramError::NotFound(name.clone()),
        _ => ProgramError::NotStarted(name.clone(), error.kind().to_string()),
    })?;
    let (output, complaint) = (child.stdout.take(), child.stderr.take());
    let ended = async {
        let (printed, complaint) = futures_util::join!(read(output), read(complaint));
        (printed, complaint, child.wait().await)
    };
    let (printed, complaint, status) = tokio::select! {
        ended = ended => ended,
        () = clock.sleep(PATIENCE) => return Err(ProgramError::TooSlow(name)),
    };
    let status = status.map_err(|error| ProgramError::NotStarted(name.clone(), error.kind().to_string()))?;
    if !status.success() {
        let complaint = complaint.map(|bytes| told(bytes.expose())).unwrap_or_default();
        return Err(ProgramError::Failed { program: name, code: status.code(), complaint });
    }
    let printed = printed.ok_or_else(|| ProgramError::TooMuch(name.clone()))?;
    let text = String::from_utf8(printed.expose().clone());
    let text = text.map_err(|_| ProgramError::Useless(name.clone(), "It printed something that is no text."))?;
    let text = Secret::new(text);
    if text.expose().trim().is_empty() {
        return Err(ProgramError::Useless(name, "It printed nothing."));
    }
    Ok(text)
}

/// All of a pipe; nothing if it is too much.
async fn read(pipe: Option<impl AsyncRead + Unpin>) -> Option<Secret<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut pipe = pipe?.take(MOST_OUTPUT + 1);
    // A pipe that breaks has ended.
    let _ = pipe.read_to_end(&mut bytes).await;
    let is_too_much = bytes.len() as u64 > MOST_OUTPUT;
    let bytes = Secret::new(bytes);
    (!is_too_much).then_some(bytes)
}

/// The end of a complaint, where the reason stands, without what may be a token.
fn told(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(3)..].join(" ");
    let words: Vec<&str> =
        last.split_whitespace().map(|word| if word.len() > LONGEST_WORD { "[left out]" } else { word }).collect();
    cut(&tame(&words.join(" ")), LONGEST_COMPLAINT).clone()
}
