//! A pseudo-terminal with the real program in it, and a terminal's own idea of what it shows.

use portable_pty::{CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use tempfile::TempDir;

/// So long a test may take before it fails. Never waited for when all is well.
const LIMIT: Duration = Duration::from_mins(1);

enum Said {
    Bytes(Vec<u8>),
    Ended(i32),
    TooLate,
}

/// A terminal in a test's hands.
pub(crate) struct Console {
    master: Box<dyn MasterPty + Send>,
    // Held, so that the modes of the line can be looked at after the program has ended.
    _slave: Box<dyn SlavePty + Send>,
    keyboard: Box<dyn Write + Send>,
    _in_time: Sender<()>,
    said: Receiver<Said>,
    raw: Vec<u8>,
    parser: vt100::Parser,
    modes: String,
    process: u32,
    ended: Option<i32>,
    folder: TempDir,
}

impl Console {
    /// Starts the program with `arguments` on a terminal of `size` (columns and rows) that says its background is dark.
    pub(crate) fn open(arguments: &str, size: (u16, u16), more: &[(&str, &str)]) -> Self {
        let mut environment = vec![("COLORFGBG", "15;0")];
        environment.extend(more);
        Self::start(program(arguments), size, &environment)
    }

    /// The same as the job of a shell, which says "job stopped" when it was, and continues it in front after a line was typed.
    #[cfg(unix)]
    pub(crate) fn in_shell(arguments: &str, size: (u16, u16), more: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new("/bin/sh");
        let script = r#"set -m; "$0" "$@"; echo "job stopped"; read line; fg"#;
        command.args(["-c", script, env!("CARGO_BIN_EXE_deskbell")]);
        command.args(arguments.split_whitespace());
        let mut environment = vec![("COLORFGBG", "15;0")];
        environment.extend(more);
        Self::start(command, size, &environment)
    }

    /// The same on a terminal that has to be asked for its background, and does not answer.
    pub(crate) fn asked_for_colours(arguments: &str, size: (u16, u16)) -> Self {
        Self::start(program(arguments), size, &[])
    }

    fn start(mut command: CommandBuilder, size: (u16, u16), environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pair = native_pty_system().openpty(pty_size(size)).expect("a pseudo-terminal");
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")] {
            command.env(name, value);
        }
        for (name, value) in environment {
            command.env(name, value);
        }
        command.env("TMPDIR", folder.path());
        command.env("HOME", folder.path());
        command.cwd(folder.path());
        let modes = modes(pair.master.as_ref());
        let mut child = pair.slave.spawn_command(command).expect("the program starts");
        let process = child.process_id().expect("a process");
        let (sender, said) = channel();
        let mut output = pair.master.try_clone_reader().unwrap();
        let bytes = sender.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 16 * 1024];
            while let Ok(length @ 1..) = output.read(&mut buffer) {
                if bytes.send(Said::Bytes(buffer[..length].to_vec())).is_err() {
                    return;
                }
            }
        });
        let (in_time, watched) = channel();
        let late = sender.clone();
        std::thread::spawn(move || {
            if watched.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
                let _ = late.send(Said::TooLate);
            }
        });
        std::thread::spawn(move || {
            let code = child.wait().map_or(-1, |status| i32::try_from(status.exit_code()).unwrap_or(-1));
            let _ = sender.send(Said::Ended(code));
        });
        Self {
            keyboard: pair.master.take_writer().unwrap(),
            master: pair.master,
            _slave: pair.slave,
            _in_time: in_time,
            said,
            raw: Vec::new(),
            parser: vt100::Parser::new(cells(size.1), cells(size.0), 0),
            modes,
            process,
            ended: None,
            folder,
        }
    }

    /// The program's home and temporary folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Drags the window to another size.
    pub(crate) fn resize(&mut self, size: (u16, u16)) {
        self.parser.screen_mut().set_size(cells(size.1), cells(size.0));
        self.master.resize(pty_size(size)).unwrap();
    }

    /// Sends a signal.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let process = rustix::process::Pid::from_raw(i32::try_from(self.process).unwrap()).unwrap();
        rustix::process::kill_process(process, signal).unwrap();
    }

    /// Waits until `text` is on the screen.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the screen is as `is_so` says.
    #[track_caller]
    pub(crate) fn wait_until(&mut self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        while !is_so(self.parser.screen()) {
            self.hear(what);
        }
    }

    /// Waits for the end, and for the last the program wrote; its exit code.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> i32 {
        // Taking the title back is the last thing done to a terminal, where it was given one.
        while self.ended.is_none() || self.raw().rfind("\u{1b}[23;0t") < self.raw().rfind("\u{1b}[22;0t") {
            self.hear("the program ends");
        }
        self.ended.unwrap_or(-1)
    }

    #[track_caller]
    fn hear(&mut self, what: &str) {
        match self.said.recv() {
            Ok(Said::Bytes(bytes)) => {
                self.raw.extend_from_slice(&bytes);
                self.parser.process(&bytes);
            }
            Ok(Said::Ended(code)) => self.ended = Some(code),
            Ok(Said::TooLate) | Err(_) => {
                panic!("in vain: {what}; ended: {:?}; the screen:\n{}", self.ended, self.screen().contents())
            }
        }
    }

    /// What a terminal shows now.
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Everything that was written so far.
    pub(crate) fn raw(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.raw)
    }

    /// Whether echo, line editing and the rest are as they were before the program began.
    pub(crate) fn has_its_modes_back(&self) -> bool {
        modes(self.master.as_ref()) == self.modes
    }

    /// Every escape sequence and control character that was written, ends of lines aside.
    pub(crate) fn sequences(&self) -> Vec<String> {
        let raw = self.raw();
        let mut rest = raw.as_ref();
        let mut found = Vec::new();
        while let Some(at) = rest.find(|letter: char| letter.is_control() && !"\r\n".contains(letter)) {
            rest = &rest[at..];
            let length = sequence_length(rest);
            found.push(rest[..length].to_owned());
            rest = &rest[length..];
        }
        found
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if self.ended.is_none() {
            #[cfg(unix)]
            self.signal(rustix::process::Signal::KILL);
        }
    }
}

fn program(arguments: &str) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_deskbell"));
    command.args(arguments.split_whitespace());
    command
}

/// How long the sequence is with which `text` begins.
fn sequence_length(text: &str) -> usize {
    let end_of = |marks: &[&str]| {
        marks.iter().filter_map(|mark| text.find(mark).map(|at| at + mark.len())).min().unwrap_or(text.len())
    };
    if text.starts_with("\u{1b}]") {
        end_of(&["\u{7}", "\u{1b}\\"])
    } else if let Some(rest) = text.strip_prefix("\u{1b}[") {
        rest.find(|letter: char| ('@'..='~').contains(&letter)).map_or(text.len(), |at| at + 3)
    } else if text.starts_with('\u{1b}') {
        text.chars().take(2).map(char::len_utf8).sum()
    } else {
        text.chars().next().map_or(1, char::len_utf8)
    }
}

fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a size")
}

fn pty_size((columns, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

#[cfg(unix)]
fn modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().expect("modes"))
}

#[cfg(not(unix))]
fn modes(_master: &(dyn MasterPty + Send)) -> String {
    String::new()
}
