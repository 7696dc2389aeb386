//! Files of the person's: what lies where while a path is typed, what can be attached, and what is saved out of the mailbox.
//!
//! Must stay true: names of files are tame before they are shown or made, a path goes back as it is on disk, and no file that is there is
//! ever written over. Deliberately absent: opening anything that was saved.

use crate::base::environment::Environment;
use crate::base::paths::write_beside_others;
use crate::base::report::{Kind, Report};
use crate::base::text::{tame, tame_file_name};
use crate::domain::draft::DraftAttachment;
use crate::domain::mail::MessageId;
use crate::domain::request::{Answer, PathEntry};
use crate::graph::call::Priority;
use crate::graph::{Graph, mail_write};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// So many names are offered; more are narrowed by typing on.
const MOST: usize = 200;
/// What the service takes at most in one message [outlook-large-attachments].
const LARGEST: u64 = 150 * 1_000_000;

/// Files and folders whose path begins as typed, folders first.
pub(super) async fn paths(environment: &Environment, typed: String) -> Result<Vec<PathEntry>, Report> {
    let home = home(environment);
    off_the_loop(move || list(home.as_deref(), &typed)).await
}

/// A file, to be attached.
pub(super) async fn attach(environment: &Environment, path: String) -> Result<DraftAttachment, Report> {
    let home = home(environment);
    off_the_loop(move || look_at(&absolute(home.as_deref(), &path))).await
}

/// Saves a message as it came, or what hangs on it. A file that is there is never written over.
pub(super) async fn save(
    graph: &Graph,
    folder: &Path,
    message: &MessageId,
    attachment: Option<&str>,
    name: &str,
) -> Result<Answer, Report> {
    let bytes = match attachment {
        Some(attachment) => mail_write::content(graph, message, attachment, Priority::Person).await,
        None => mail_write::source(graph, message, Priority::Person).await,
    };
    let bytes = bytes.map_err(|error| error.report("It could not be fetched, so nothing was saved."))?;
    let (folder, name) = (folder.to_owned(), tame_file_name(name));
    off_the_loop(move || write_beside_others(&folder, &name, &bytes).map(Answer::Saved).map_err(|error| error.report()))
        .await
}

/// Saves messages as they came, each into a file of its own. One that is gone does not keep the others from being saved; whatever else
/// fails would fail for the next one, too, so it ends there.
pub(super) async fn save_all(
    graph: &Graph,
    folder: &Path,
    messages: Vec<(MessageId, String)>,
) -> Result<Answer, Report> {
    let all = messages.len();
    let mut failed = None;
    let mut saved = 0;
    for (message, name) in messages {
        match save(graph, folder, &message, None, &name).await {
            Ok(_) => saved += 1,
            Err(report) => {
                let is_gone = report.code == "notFound";
                failed = failed.or(Some(report));
                if !is_gone {
                    break;
                }
            }
        }
    }
    match failed {
        None => Ok(Answer::SavedAll(saved, folder.to_owned())),
        Some(first) => {
            let why = format!("{} {}", first.what, first.why).trim_end().to_owned();
            Err(Report { what: format!("{saved} of {all} messages were saved."), why, ..first })
        }
    }
}

/// Saves a text of ours into a new file.
pub(super) async fn save_text(folder: &Path, name: &str, text: String) -> Result<Answer, Report> {
    let (folder, name) = (folder.to_owned(), tame_file_name(name));
    off_the_loop(move || {
        write_beside_others(&folder, &name, text.as_bytes()).map(Answer::Saved).map_err(|error| error.report())
    })
    .await
}

pub(super) async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Report> + Send + 'static,
) -> Result<T, Report> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| {
        Err(Report::new(Kind::Failure, "files", "The files could not be looked at.")
            .because("A part of the program stopped while it looked.")
            .next("Try again."))
    })
}

fn home(environment: &Environment) -> Option<PathBuf> {
    environment.get("HOME").or_else(|| environment.get("USERPROFILE")).map(PathBuf::from)
}

/// The path that is meant: `~` is the home folder, and what begins nowhere begins there.
fn absolute(home: Option<&Path>, typed: &str) -> PathBuf {
    let rest = typed.strip_prefix("~/").or(if typed == "~" { Some("") } else { None });
    match (rest, home) {
        (Some(rest), Some(home)) => home.join(rest),
        (None, Some(home)) if !Path::new(typed).is_absolute() => home.join(typed),
        _ => PathBuf::from(typed),
    }
}

fn list(home: Option<&Path>, typed: &str) -> Result<Vec<PathEntry>, Report> {
    let (folder, begins) = typed.rsplit_once('/').map_or(("", typed), |(folder, name)| (folder, name));
    let shown = if typed.contains('/') { format!("{folder}/") } else { String::new() };
    let at = absolute(home, if shown.is_empty() { "~" } else { &shown });
    let begins = begins.to_lowercase();
    let mut found: Vec<PathEntry> = fs::read_dir(&at)
        .map_err(|error| unreadable(&at, &error))?
        .filter_map(Result::ok)
        .filter_map(|entry| {
            // A name that is no text cannot be typed, shown or put on a message.
            let name = entry.file_name().into_string().ok()?;
            let is_meant =
                name.to_lowercase().starts_with(&begins) && (!name.starts_with('.') || begins.starts_with('.'));
            let facts = fs::metadata(entry.path()).ok().filter(|facts| facts.is_dir() || facts.is_file())?;
            is_meant.then(|| PathEntry {
                name: if facts.is_dir() { format!("{}/", tame(&name)) } else { tame(&name).into_owned() },
                path: format!("{shown}{name}"),
                size: facts.is_file().then_some(facts.len()),
            })
        })
        .collect();
    found.sort_by_key(|entry| (entry.size.is_some(), entry.name.to_lowercase()));
    found.truncate(MOST);
    Ok(found)
}

fn look_at(path: &Path) -> Result<DraftAttachment, Report> {
    let facts = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !facts.is_file() {
        return Err(refused(path, "It is no file.").next("Choose a file; a folder can be packed into one first."));
    }
    // Whether it may be read is better known now than when the message is sent.
    fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    if facts.len() > LARGEST {
        return Err(refused(path, "It is larger than the service takes (150 MB).").next("Share it and send a link."));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    Ok(DraftAttachment { path, name: tame_file_name(&name), size: facts.len() })
}

fn refused(path: &Path, why: &str) -> Report {
    let shown = tame(&path.display().to_string()).into_owned();
    Report::new(Kind::Failure, "attachment", format!("{shown} cannot be attached.")).because(why)
}

fn unreadable(path: &Path, error: &io::Error) -> Report {
    let shown = tame(&path.display().to_string()).into_owned();
    Report::new(Kind::Failure, "file", format!("{shown} cannot be read."))
        .because(format!("The system says: {error}."))
        .next("Look whether it is there and may be read.")
}

#[cfg(test)]
mod tests {
    use super::{absolute, list, look_at};
    use std::fs;
    use std::path::Path;

    #[test]
    fn a_path_is_completed_from_what_lies_there() {
        let home = tempfile::tempdir().unwrap();
        for name in ["plan.pdf", "Plans.txt", ".hidden", "other"] {
            fs::write(home.path().join(name), "x").unwrap();
        }
        fs::create_dir(home.path().join("places")).unwrap();
        fs::write(home.path().join("places/map.png"), "xyz").unwrap();
        let names = |typed: &str| -> Vec<(String, String)> {
            list(Some(home.path()), typed).unwrap().into_iter().map(|entry| (entry.name, entry.path)).collect()
        };
        let pair = |name: &str, path: &str| (name.to_owned(), path.to_owned());
        assert_eq!(
            names("~/pl"),
            [pair("places/", "~/places"), pair("plan.pdf", "~/plan.pdf"), pair("Plans.txt", "~/Plans.txt")]
        );
        assert_eq!(names("pla").len(), 3, "what begins nowhere begins at home");
        assert_eq!(names("~/places/"), [pair("map.png", "~/places/map.png")]);
        assert_eq!(names("~/.h"), [pair(".hidden", "~/.hidden")]);
        assert_eq!(names("~/").len(), 4, "hidden ones are not offered");
        assert!(list(Some(home.path()), "~/nowhere/").is_err());
        assert_eq!(absolute(Some(Path::new("/home/lena")), "/etc/hosts"), Path::new("/etc/hosts"));
    }

    #[test]
    fn only_files_that_can_be_read_are_attached() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("plan.pdf");
        fs::write(&path, "four").unwrap();
        let file = look_at(&path).unwrap();
        assert_eq!((file.name.as_str(), file.size), ("plan.pdf", 4));
        for (path, said) in [(home.path().to_owned(), "cannot be attached"), (home.path().join("no"), "cannot be read")]
        {
            let report = look_at(&path).unwrap_err();
            assert!(report.what.contains(said) && !report.next.is_empty(), "{report:?}");
        }
    }
}
