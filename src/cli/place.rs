//! Where something that is exported goes: to standard output, into a file, or into a folder under names of its own.
//!
//! Must stay true: a file that is there is written over only where somebody said so, and then in one step; names made of a stranger's
//! words are tame; what a stranger wrote is never printed on a terminal as it is.

use crate::base::paths::{write_beside_others, write_private};
use crate::base::report::{Kind, Report};
use crate::base::text::tame_file_name;
use crate::cli::arguments::ExportPlace;
use crate::cli::output::Out;
use std::path::{Path, PathBuf};

/// A place that was looked at.
pub(crate) enum Place {
    /// Standard output.
    Output,
    /// This file; `true`: over what is there.
    File(PathBuf, bool),
    /// This folder.
    Folder(PathBuf),
}

impl Place {
    /// The place that `wanted` means for `count` things. Nothing is written yet.
    pub(crate) fn of(wanted: &ExportPlace, count: usize, out: &Out) -> Result<Self, Report> {
        let Some(path) = wanted.out.as_deref().filter(|path| *path != Path::new("-")) else {
            if count > 1 {
                return Err(usage("Several messages are several files.").next("Name a folder: --out FOLDER/"));
            }
            if out.is_json() {
                return Err(usage("JSON tells of a file, and none is named.").next("Name one: --out FILE"));
            }
            return Ok(Self::Output);
        };
        let names_a_folder = path.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
        if names_a_folder || path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        if count > 1 {
            return Err(usage("Several messages are several files.")
                .because(format!("{} is no folder.", path.display()))
                .next(format!("Name a folder: --out {}/", path.display())));
        }
        if !wanted.force && std::fs::symlink_metadata(path).is_ok() {
            return Err(Report::new(Kind::Usage, "fileExists", format!("{} is there already.", path.display()))
                .because("Nothing was written.")
                .next("Name another file, or say --force to write over it."));
        }
        Ok(Self::File(path.to_owned(), wanted.force))
    }

    /// Puts `bytes` there; in a folder under `name`. The file that was made, if one was.
    pub(crate) fn put(&self, name: &str, bytes: &[u8], out: &Out) -> Result<Option<PathBuf>, Report> {
        let in_folder = |folder: &Path, name: &str| {
            // An empty folder is the one we stand in.
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            write_beside_others(folder, name, bytes).map(Some).map_err(|error| error.report())
        };
        match self {
            Self::Output => {
                if Out::is_terminal() {
                    return Err(usage("A file is not printed on a terminal.")
                        .next("Name a file or a folder: --out FILE")
                        .next("Or send it on: deskbell … | less"));
                }
                out.bytes(bytes);
                Ok(None)
            }
            Self::Folder(folder) => in_folder(folder, &tame_file_name(name)),
            Self::File(path, true) => {
                write_private(path, bytes).map(|()| Some(path.clone())).map_err(|error| error.report())
            }
            Self::File(path, false) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let written = in_folder(path.parent().unwrap_or(Path::new(".")), &name)?;
                Ok(written)
            }
        }
    }
}

fn usage(what: &str) -> Report {
    Report::new(Kind::Usage, "usage", what)
}
