//! The person's own editor: the one place where the terminal is handed to another program.
//!
//! The text goes through a private file (0600) in the state folder. Must stay true: nothing of ours reads the terminal meanwhile, it is
//! given back whole before and taken whole afterwards, and the file stays whenever anything went wrong, so that nothing written
//! is lost. The editor runs in the foreground as part of our job: ctrl-z stops both, and the shell continues both.
//! Deliberately absent: a shell around the editor's command line, and a second way to start one.

use crate::app::screen::Screen;
use crate::base::environment::Environment;
use crate::base::paths::{Places, create_private_folder, write_private};
use crate::base::report::{Kind, Report};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// Tried where no variable names an editor, the simplest first.
const KNOWN: [&str; 4] = ["nano", "vi", "vim", "emacs"];
/// More than this is no mail.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Which editor, and where its files lie.
#[derive(Clone, Debug)]
pub struct Editor {
    named: Option<Vec<String>>,
    /// Where one is looked for that nobody named.
    path: String,
    folder: PathBuf,
}

impl Editor {
    /// The editor of `VISUAL`, else of `EDITOR`, else the first known one on the path. The path is not looked through before there is
    /// something to edit: a start would wait for that.
    #[must_use]
    pub fn of(environment: &Environment, places: &Places) -> Self {
        let named = environment.get("VISUAL").or_else(|| environment.get("EDITOR")).map(words);
        let path = environment.get("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin");
        Self {
            named: named.filter(|words| !words.is_empty()),
            path: path.to_owned(),
            folder: places.state.join("letters"),
        }
    }

    fn command(&self) -> Option<Vec<String>> {
        self.named.clone().or_else(|| {
            let folders = || self.path.split(':').filter(|folder| !folder.is_empty()).map(Path::new);
            let is_there = |name: &&str| folders().any(|folder| folder.join(name).is_file());
            KNOWN.into_iter().find(is_there).map(|name| vec![name.to_owned()])
        })
    }

    /// Lets the person edit `text` on `screen`. The first result is the text as they left it, the second whether the terminal is still
    /// ours.
    pub fn edit(&self, text: &str, screen: &mut impl Screen) -> (Result<String, Report>, io::Result<()>) {
        let Some(command) = self.command() else { return (Err(none_found()), Ok(())) };
        let path = match self.write(text) {
            Ok(path) => path,
            Err(report) => return (Err(report), Ok(())),
        };
        let mut ended = None;
        let lent = screen.lend(&mut || ended = Some(run(&command, &path)));
        let edited = match ended {
            Some(Ok(status)) if status.success() => read(&path),
            Some(Ok(status)) => Err(format!("{} ended with {}.", command[0], status_words(status))),
            Some(Err(error)) => Err(format!("{} could not be started: {error}.", command[0])),
            None => Err("The terminal could not be given away.".to_owned()),
        };
        let edited = edited.map_err(|why| kept(&why, &path));
        if edited.is_ok() {
            // What is left over is the person's own text in their own folder.
            let _ = fs::remove_file(&path);
        }
        (edited, lent)
    }

    /// A file nobody else has, with the text in it.
    fn write(&self, text: &str) -> Result<PathBuf, Report> {
        create_private_folder(&self.folder).map_err(|error| error.report())?;
        let path = (1..10_000)
            .map(|number| self.folder.join(format!("letter-{number}.txt")))
            .find(|path| !path.exists())
            .ok_or_else(|| {
                Report::new(Kind::Failure, "tooManyLetters", "There is no room for another file to edit.")
                    .because(format!("{} holds too many texts that were never taken.", self.folder.display()))
                    .next("Look through that folder and remove what you do not need.")
            })?;
        // A last line without an end confuses some editors.
        let ends = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        write_private(&path, format!("{text}{ends}").as_bytes()).map_err(|error| error.report())?;
        Ok(path)
    }
}

fn run(command: &[String], path: &Path) -> io::Result<ExitStatus> {
    #[expect(clippy::disallowed_methods, reason = "the one place where the terminal is handed to another program")]
    let mut program = std::process::Command::new(&command[0]);
    program.args(&command[1..]).arg(path).status()
}

fn read(path: &Path) -> Result<String, String> {
    let why = |error: &io::Error| format!("The file could not be read again: {error}.");
    let length = fs::metadata(path).map_err(|error| why(&error))?.len();
    if length > LONGEST {
        return Err(format!("The file has grown to {} MB, which is too much for a mail.", length / 1_000_000));
    }
    let bytes = fs::read(path).map_err(|error| why(&error))?;
    let mut text = String::from_utf8(bytes).map_err(|_| "The file is no text in UTF-8 any more.".to_owned())?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}

fn kept(why: &str, path: &Path) -> Report {
    Report::new(Kind::Failure, "editor", "The editor's text was not taken; what you had before is still there.")
        .because(why)
        .next(format!("What was written there is kept in {}.", path.display()))
        .next("Name the editor you want in VISUAL or EDITOR, or write here.")
}

fn none_found() -> Report {
    Report::new(Kind::Configuration, "noEditor", "No editor was found.")
        .because("Neither VISUAL nor EDITOR is set, and none of the usual ones is on the path.")
        .next("Set EDITOR, e.g. export EDITOR=nano, and start deskbell again.")
}

fn status_words(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("code {code}"),
        None => "a signal".to_owned(),
    }
}

/// The words of a command line; quotes keep spaces together, a backslash takes the next sign as it is.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\\', None | Some('"')) if cfg!(unix) => word.get_or_insert_default().extend(letters.next()),
            (_, Some(open)) if letter == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (_, None) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_command_line_is_taken_apart_as_a_shell_would() {
        for (line, parts) in [
            ("vi", vec!["vi"]),
            ("code --wait", vec!["code", "--wait"]),
            ("  'my editor' -c \"set tw=72\" ", vec!["my editor", "-c", "set tw=72"]),
            (r"/opt/my\ editor ''", vec!["/opt/my editor", ""]),
            ("", vec![]),
        ] {
            assert_eq!(words(line), parts, "{line}");
        }
    }
}
