//! Telling other processes of this home that something was committed, so that they look again without polling.
//!
//! Each process that listens has a datagram socket of its own in `state/nudge/` (the folder 0700, the socket 0600); whoever commits
//! to the cache or the outbox sends one small datagram to each of the others. A nudge says where to look and carries no content:
//! what changed is read from the file, so a lost one costs a moment and never a fact. Where there are no such sockets (Windows, or a
//! path too long for one), the same goes over UDP on loopback: a private file names the port and the word that a datagram must
//! begin with. Must stay true: sending never blocks and never waits; what is heard is parsed strictly and bounded; a socket whose
//! process is gone is taken away by the next who finds it.

use crate::base::activity::{Activity, Working};
use crate::base::ids::{Ids, RandomIds};
use crate::base::paths::{create_private_folder, read_private, write_private};
use crate::domain::mail::{FolderId, MessageId};
use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::AbortHandle;

/// A longer datagram is nobody of ours.
const LONGEST: usize = 1024;
/// More processes than this on one home are not told; they find out at their next round.
const MOST_PEERS: usize = 32;
/// The first word of each datagram, with the version of its form.
const FIRST_WORD: &str = "deskbell1";
/// Where a socket's address ends: 104 bytes on macOS, 108 on Linux, with a zero behind it.
const LONGEST_SOCKET_PATH: usize = 100;

/// What was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Folders or their counts.
    Folders,
    /// Messages of a folder.
    Messages(FolderId),
    /// The body of a message.
    Body(MessageId),
    /// Events or calendars.
    Events,
    /// People, presence, automatic replies.
    People,
    /// Something in the outbox.
    Outbox,
    /// Keeping in step was paused or goes on.
    Pace,
}

impl Kind {
    fn to_line(&self) -> String {
        match self {
            Self::Folders => "folders".to_owned(),
            Self::Messages(folder) => format!("messages {}", folder.0),
            Self::Body(message) => format!("body {}", message.0),
            Self::Events => "events".to_owned(),
            Self::People => "people".to_owned(),
            Self::Outbox => "outbox".to_owned(),
            Self::Pace => "pace".to_owned(),
        }
    }

    fn of_line(line: &str) -> Option<Self> {
        let (word, id) = line.split_once(' ').unwrap_or((line, ""));
        let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic());
        match (word, is_id) {
            ("messages", true) => Some(Self::Messages(FolderId(id.to_owned()))),
            ("body", true) => Some(Self::Body(MessageId(id.to_owned()))),
            _ if !id.is_empty() => None,
            ("folders", _) => Some(Self::Folders),
            ("events", _) => Some(Self::Events),
            ("people", _) => Some(Self::People),
            ("outbox", _) => Some(Self::Outbox),
            ("pace", _) => Some(Self::Pace),
            _ => None,
        }
    }
}

/// How a process is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// A socket in the folder.
    #[cfg(unix)]
    Socket,
    /// UDP on loopback, named by a file in the folder.
    Loopback,
}

impl Line {
    fn of(folder: &Path, name: &str) -> Self {
        #[cfg(unix)]
        if folder.join(name).as_os_str().len() + Self::Socket.suffix().len() <= LONGEST_SOCKET_PATH {
            return Self::Socket;
        }
        let _ = (folder, name);
        Self::Loopback
    }

    const fn suffix(self) -> &'static str {
        match self {
            #[cfg(unix)]
            Self::Socket => ".sock",
            Self::Loopback => ".port",
        }
    }
}

/// This process among those of the same home. Cheap to clone; what was opened goes with the last clone.
#[derive(Clone)]
pub struct Nudge {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    name: String,
    line: Line,
    listening: Mutex<Option<Listening>>,
}

struct Listening {
    task: AbortHandle,
    file: PathBuf,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
        // Whoever finds it later takes it away.
        let _ = std::fs::remove_file(&self.file);
    }
}

impl Nudge {
    /// Knows where the others are; opens nothing yet. `state` is the state folder.
    #[must_use]
    pub fn new(state: &Path) -> Self {
        let mut bytes = [0_u8; 8];
        // Truly random, also where a test hands in ids: two engines on one home must not have one name.
        RandomIds.fill(&mut bytes);
        let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("{}-{random}", std::process::id());
        let folder = state.join("nudge");
        let line = Line::of(&folder, &name);
        Self { inner: Arc::new(Inner { folder, name, line, listening: Mutex::new(None) }) }
    }

    /// Tells the other processes; they are told or they are not, nothing is waited for.
    pub fn send(&self, kind: &Kind) {
        let Ok(entries) = std::fs::read_dir(&self.inner.folder) else { return };
        let mut line = kind.to_line();
        line.truncate(line.floor_char_boundary(LONGEST - 128));
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())).take(MOST_PEERS) {
            let own = path.file_stem().is_some_and(|stem| stem == self.inner.name.as_str());
            if !own && let Err(error) = send_to(&path, &line) {
                tracing::debug!(%error, "another process could not be told");
            }
        }
    }

    /// Begins to listen: `hear` is told what others committed, each with a token of the work it makes. A second call changes
    /// nothing. Without a socket the program works on; it then sees the others' changes at its next round.
    pub fn listen(&self, activity: &Activity, hear: impl Fn(Kind, Working) + Send + 'static) {
        let mut listening = self.inner.listening.lock().unwrap_or_else(PoisonError::into_inner);
        if listening.is_some() {
            return;
        }
        match self.open(activity.clone(), hear) {
            Ok(opened) => *listening = Some(opened),
            Err(error) => tracing::warn!(%error, "other processes cannot tell us what they change"),
        }
    }

    /// Stops listening, and takes the socket away.
    pub fn close(&self) {
        drop(self.inner.listening.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    fn open(&self, activity: Activity, hear: impl Fn(Kind, Working) + Send + 'static) -> io::Result<Listening> {
        let Inner { folder, name, line, .. } = &*self.inner;
        create_private_folder(folder).map_err(io::Error::other)?;
        tidy(folder);
        let file = folder.join(format!("{name}{}", line.suffix()));
        let task = match line {
            #[cfg(unix)]
            Line::Socket => {
                use std::os::unix::fs::PermissionsExt;
                let socket = tokio::net::UnixDatagram::bind(&file)?;
                std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
                tokio::spawn(async move {
                    let mut buffer = vec![0; LONGEST + 1];
                    while let Ok(length) = socket.recv(&mut buffer).await {
                        heard(&buffer[..length], FIRST_WORD, &activity, &hear);
                    }
                })
            }
            Line::Loopback => {
                let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
                socket.set_nonblocking(true)?;
                let port = socket.local_addr()?.port();
                let socket = tokio::net::UdpSocket::from_std(socket)?;
                // The name holds what nobody outside this folder can know.
                write_private(&file, format!("{port} {name}\n").as_bytes()).map_err(io::Error::other)?;
                let word = format!("{FIRST_WORD}-{name}");
                tokio::spawn(async move {
                    let mut buffer = vec![0; LONGEST + 1];
                    while let Ok(length) = socket.recv(&mut buffer).await {
                        heard(&buffer[..length], &word, &activity, &hear);
                    }
                })
            }
        };
        Ok(Listening { task: task.abort_handle(), file })
    }
}

fn heard(datagram: &[u8], word: &str, activity: &Activity, hear: &impl Fn(Kind, Working)) {
    if let Some(kind) = parse(datagram, word) {
        hear(kind, activity.begin());
    }
}

/// What a datagram says; `None` for anything that is not ours to the letter.
fn parse(datagram: &[u8], word: &str) -> Option<Kind> {
    if datagram.len() > LONGEST {
        return None;
    }
    let (first, line) = std::str::from_utf8(datagram).ok()?.split_once(' ')?;
    if first == word { Kind::of_line(line) } else { None }
}

fn send_to(path: &Path, line: &str) -> io::Result<()> {
    match path.extension().and_then(|extension| extension.to_str()) {
        #[cfg(unix)]
        Some("sock") => {
            let socket = std::os::unix::net::UnixDatagram::unbound()?;
            socket.set_nonblocking(true)?;
            match socket.send_to(format!("{FIRST_WORD} {line}").as_bytes(), path) {
                // Nobody holds it any more.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path),
                // A full queue is enough to make its owner look.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
                other => other.map(drop),
            }
        }
        Some("port") => {
            let Some((port, word)) = port_of(path) else { return Ok(()) };
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
            socket.set_nonblocking(true)?;
            let sent = socket.send_to(format!("{FIRST_WORD}-{word} {line}").as_bytes(), (Ipv4Addr::LOCALHOST, port));
            sent.map(drop)
        }
        _ => Ok(()),
    }
}

fn port_of(path: &Path) -> Option<(u16, String)> {
    let bytes = read_private(path).ok()??;
    let text = std::str::from_utf8(bytes.get(..bytes.len().min(256))?).ok()?;
    let (port, word) = text.trim_end().split_once(' ')?;
    Some((port.parse().ok()?, word.to_owned()))
}

/// Takes away what processes that are gone left behind.
fn tidy(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())).take(16 * MOST_PEERS) {
        let is_stale = match path.extension().and_then(|extension| extension.to_str()) {
            #[cfg(unix)]
            Some("sock") => std::os::unix::net::UnixDatagram::unbound()
                .and_then(|socket| socket.connect(&path))
                .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused),
            // A port that can be taken is nobody's.
            Some("port") => {
                port_of(&path).is_some_and(|(port, _)| UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok())
            }
            _ => false,
        };
        if is_stale {
            let _ = std::fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    fn nudge(state: &Path, line: Line) -> Nudge {
        let nudge = Nudge::new(state);
        let Inner { folder, name, .. } = &*nudge.inner;
        let inner = Inner { folder: folder.clone(), name: name.clone(), line, listening: Mutex::new(None) };
        Nudge { inner: Arc::new(inner) }
    }

    fn ear(nudge: &Nudge) -> mpsc::UnboundedReceiver<Kind> {
        let (heard, ear) = mpsc::unbounded_channel();
        nudge.listen(&Activity::default(), move |kind, _| heard.send(kind).expect("the test listens"));
        ear
    }

    fn lines() -> Vec<Line> {
        vec![
            #[cfg(unix)]
            Line::Socket,
            Line::Loopback,
        ]
    }

    #[test]
    fn every_kind_comes_back_as_it_went() {
        let kinds = [
            Kind::Folders,
            Kind::Messages(FolderId("AA+/b=".to_owned())),
            Kind::Body(MessageId("x".to_owned())),
            Kind::Events,
            Kind::People,
            Kind::Outbox,
            Kind::Pace,
        ];
        for kind in kinds {
            let datagram = format!("{FIRST_WORD} {}", kind.to_line());
            assert_eq!(parse(datagram.as_bytes(), FIRST_WORD), Some(kind));
        }
    }

    #[test]
    fn what_is_not_ours_is_not_heard() {
        let long = format!("{FIRST_WORD} messages {}", "x".repeat(LONGEST));
        let hostile: [&[u8]; 9] = [
            b"",
            b" ",
            b"\xff\xfe",
            b"deskbell1",
            b"deskbell1 ",
            b"deskbell1 nothing",
            b"deskbell2 events",
            b"deskbell1 messages a\x1b[2Jb",
            b"deskbell1 events and more",
        ];
        for datagram in hostile.into_iter().chain([long.as_bytes()]) {
            assert_eq!(parse(datagram, FIRST_WORD), None, "{datagram:?}");
        }
    }

    #[tokio::test]
    async fn the_others_hear_and_oneself_does_not() {
        for line in lines() {
            let home = tempfile::tempdir().expect("a folder");
            let (one, two) = (nudge(home.path(), line), nudge(home.path(), line));
            let (mut heard_by_one, mut heard_by_two) = (ear(&one), ear(&two));
            one.send(&Kind::Events);
            assert_eq!(heard_by_two.recv().await, Some(Kind::Events), "{line:?}");
            two.send(&Kind::Outbox);
            assert_eq!(heard_by_one.recv().await, Some(Kind::Outbox), "{line:?}");
            assert!(heard_by_two.try_recv().is_err(), "{line:?}");
        }
    }

    #[tokio::test]
    async fn what_the_dead_left_is_taken_away_and_a_full_ear_holds_nobody_up() {
        for line in lines() {
            let home = tempfile::tempdir().expect("a folder");
            let dead = nudge(home.path(), line);
            drop(ear(&dead));
            // As after a kill: the file stays and nobody listens.
            let left = {
                let mut listening = dead.inner.listening.lock().expect("no panic");
                let opened = listening.take().expect("it listens");
                opened.task.abort();
                let left = opened.file.clone();
                std::mem::forget(opened);
                left
            };
            tokio::task::yield_now().await;
            let two = nudge(home.path(), line);
            let _ear = ear(&two);
            assert!(!left.exists(), "{line:?}");
            // Nobody reads meanwhile: the queue of the kernel fills.
            for _ in 0..5_000 {
                dead.send(&Kind::Folders);
            }
            let file = home.path().join("nudge");
            two.close();
            assert_eq!(std::fs::read_dir(file).expect("the folder").count(), 0, "{line:?}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_can_reach_the_socket() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().expect("a folder");
        let one = nudge(home.path(), Line::Socket);
        let _ear = ear(&one);
        let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        let folder = home.path().join("nudge");
        assert_eq!(mode(&folder), 0o700);
        for entry in std::fs::read_dir(&folder).expect("the folder") {
            assert_eq!(mode(&entry.expect("an entry").path()), 0o600);
        }
        let long = home.path().join("x".repeat(90));
        assert_eq!(Line::of(&long.join("nudge"), "1-2"), Line::Loopback);
    }
}
