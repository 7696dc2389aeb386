//! Places on disk, and the two ways of touching a private file.
//!
//! Folders are made 0700 and private files 0600. [`write_private`] replaces a file in one step, so that a crash leaves
//! the old one or the new one and never a half; [`read_private`] refuses a file that others may read, because a secret that was
//! readable yesterday is no secret today. On Windows the profile folder's own protection has to do.
//! Deliberately absent: the database file's handling, which is SQLite's.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};

/// Where the program keeps its things. All are folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// `config.toml`, `keymap.toml`, `themes/`.
    pub config: PathBuf,
    /// What can be fetched again: the databases.
    pub cache: PathBuf,
    /// What cannot be fetched again: the outbox's own notes, remembered answers.
    pub state: PathBuf,
    /// The vault.
    pub secrets: PathBuf,
    /// Log files.
    pub log: PathBuf,
    /// Where the person finds what they save; theirs, not ours.
    pub downloads: PathBuf,
}

impl Places {
    /// The places below one folder; everything the program writes stays in it.
    #[must_use]
    pub fn under(home: &Path) -> Self {
        Self {
            config: home.join("config"),
            cache: home.join("cache"),
            state: home.join("state"),
            secrets: home.join("secrets"),
            log: home.join("log"),
            downloads: home.join("downloads"),
        }
    }

    /// The places for this start: below `home` (the option), else below `DESKBELL_HOME`, else where the system wants them
    /// (the XDG folders on Linux).
    ///
    /// # Errors
    /// A report if the system knows no home folder for this user.
    pub fn find(home: Option<&Path>, environment: &Environment) -> Result<Self, Report> {
        if let Some(home) = home {
            return Ok(Self::under(home));
        }
        if let Some(home) = environment.get("DESKBELL_HOME") {
            return Ok(Self::under(Path::new(home)));
        }
        let Some(folders) = directories::ProjectDirs::from("", "", "deskbell") else {
            return Err(Report::new(Kind::Configuration, "noHome", "There is no home folder to keep things in.")
                .because("The system names no home folder for this user.")
                .next("Start with --home and a folder, or set DESKBELL_HOME."));
        };
        let state = folders.state_dir().unwrap_or_else(|| folders.data_local_dir());
        Ok(Self {
            config: folders.config_dir().to_owned(),
            cache: folders.cache_dir().to_owned(),
            state: state.to_owned(),
            secrets: folders.data_local_dir().join("secrets"),
            log: state.join("log"),
            downloads: downloads(),
        })
    }

    /// Makes the folders that are missing, for this user only.
    ///
    /// # Errors
    /// [`PlaceError`] naming the folder that could not be made.
    pub fn create(&self) -> Result<(), PlaceError> {
        for folder in [&self.config, &self.cache, &self.state, &self.secrets, &self.log] {
            create_private_folder(folder)?;
        }
        Ok(())
    }

    /// The user's configuration.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The user's keys.
    #[must_use]
    pub fn keymap_file(&self) -> PathBuf {
        self.config.join("keymap.toml")
    }
}

/// The folder of downloads as the system names it, else the home folder.
fn downloads() -> PathBuf {
    let folders = directories::UserDirs::new();
    folders.map_or_else(PathBuf::new, |folders| folders.download_dir().unwrap_or_else(|| folders.home_dir()).to_owned())
}

/// A place on disk that could not be used.
#[derive(Debug)]
pub enum PlaceError {
    /// The system refused.
    Io {
        /// What was tried: "read", "write", "create".
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read a private file.
    ReadableByOthers {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

impl PlaceError {
    fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    /// For a person.
    #[must_use]
    pub fn report(&self) -> Report {
        let report = Report::new(Kind::Configuration, "placeUnusable", self.to_string());
        match self {
            Self::Io { path, source, .. } => {
                report.because(format!("The system says: {source}.")).next(format!("Look at {}.", path.display()))
            }
            Self::ReadableByOthers { path, .. } => report
                .because("Whoever can read it can act as you, so it is not trusted.")
                .next(format!("Make it yours alone with \"chmod 600 {}\", then sign in again.", path.display())),
        }
    }
}

impl fmt::Display for PlaceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, path, .. } => write!(formatter, "Could not {action} {}.", path.display()),
            Self::ReadableByOthers { path, mode } => {
                write!(formatter, "{} may be read by others (mode {mode:o}).", path.display())
            }
        }
    }
}

impl std::error::Error for PlaceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::ReadableByOthers { .. } => None,
        }
    }
}

/// Makes `folder` and what is missing above it, 0700 each. A folder that is there keeps its permissions.
///
/// # Errors
/// [`PlaceError::Io`].
pub fn create_private_folder(folder: &Path) -> Result<(), PlaceError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| PlaceError::io("create", folder, source))
}

/// Replaces `path` by `bytes` in one step: a new file beside it (0600), flushed to the disk, then renamed over it. The folder is
/// made if it is missing. A link is followed, so that a configuration kept elsewhere stays there.
///
/// # Errors
/// [`PlaceError::Io`]; the old file is then untouched.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), PlaceError> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    let beside = name_beside(path);
    let written = write_new_private(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if let Err(source) = written {
        // The first failure is the one to tell; a left-over is taken away if that is possible.
        let _ = fs::remove_file(&beside);
        return Err(PlaceError::io("write", path, source));
    }
    // The rename itself is durable only once the folder is; not every system can flush a folder.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn name_beside(path: &Path) -> PathBuf {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}-{number}", std::process::id()));
    path.with_file_name(name)
}

fn write_new_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Writes `bytes` into a new file of `folder` that only this user can read; its name is `name`, with a number where that is taken. Where it
/// lies now.
///
/// # Errors
/// [`PlaceError::Io`]; no file is left then, and none that was there is touched.
pub fn write_beside_others(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, PlaceError> {
    create_private_folder(folder)?;
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    for number in 1..10_000_u32 {
        let path = if number == 1 { folder.join(name) } else { folder.join(format!("{stem} ({number}){extension}")) };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(PlaceError::io("write", &path, source)),
            Ok(mut file) => {
                if let Err(source) = file.write_all(bytes).and_then(|()| file.sync_all()) {
                    // It was made a moment ago and holds a half.
                    let _ = fs::remove_file(&path);
                    return Err(PlaceError::io("write", &path, source));
                }
                return Ok(path);
            }
        }
    }
    Err(PlaceError::io("write", &folder.join(name), io::ErrorKind::AlreadyExists.into()))
}

/// The bytes of a private file; `None` if there is none.
///
/// # Errors
/// [`PlaceError::ReadableByOthers`] if group or others have any right on it, [`PlaceError::Io`] if it cannot be read.
pub fn read_private(path: &Path) -> Result<Option<Vec<u8>>, PlaceError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(PlaceError::io("read", path, source)),
    };
    #[cfg(unix)]
    {
        // Asked of the open file, not of the name: the name may point elsewhere a moment later.
        use std::os::unix::fs::PermissionsExt;
        let metadata = file.metadata().map_err(|source| PlaceError::io("read", path, source))?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(PlaceError::ReadableByOthers { path: path.to_owned(), mode });
        }
    }
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut file, &mut bytes).map_err(|source| PlaceError::io("read", path, source))?;
    Ok(Some(bytes))
}
