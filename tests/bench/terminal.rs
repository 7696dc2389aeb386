//! The real program in a pseudo-terminal, offline, beside the floor program: first screen, keys, memory, and what it does when
//! nothing happens.
//!
//! A thread stamps what the program writes as it arrives; the screen is made from it afterwards, so times are the program's. Figures
//! of memory and of wake-ups need `/proc` and are left out where there is none.

use crate::house::{self, ENVIRONMENT, Home, Program};
use crate::measure::{amount, line, median, memory_of, micros, now, percentile, ratio};
use crate::{floor, start};
use deskbell::base::clock::Clock;
use deskbell::engine::SystemClock;
use deskbell::sim::LoggedRequest;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant, UNIX_EPOCH};

const SIZE: PtySize = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
const STARTS: usize = 25;
const PRESSES: usize = 200;
/// Between two presses: longer than a frame, shorter than the rest after which the reader follows.
const GAP: Duration = Duration::from_millis(30);
/// A program that was silent this long has settled.
const SILENCE: Duration = Duration::from_millis(400);
const PATIENCE: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(30);
const IN_STEP: Duration = Duration::from_mins(5);
/// Texts ahead of need come in portions, less than this apart.
const PORTIONS: Duration = Duration::from_mins(1);
/// So many of them are waited for.
const FETCHING: usize = 12;

/// Runs all of it.
pub fn run() {
    let runtime = house::runtime();
    let homes = [1_000, 100_000].map(|messages| Home::filled(&runtime, messages));
    let reading = || {
        let mut command = floor_program();
        command.arg(homes[1].cache());
        Spawned::start(&command)
    };
    let [few, many] = homes.each_ref().map(|home| start::newest_subject(&home.cache()));
    let [floor, firsts @ ..] = starts([(&reading, &many), (&|| open(&homes[0]), &few), (&|| open(&homes[1]), &many)]);
    ratio("first row of mail, 1 000 messages", firsts[0], floor, None);
    ratio("first row of mail, 100 000 messages", firsts[1], floor, Some(1.5));
    ratio("the same, 100 000 against 1 000", firsts[1], firsts[0], Some(1.1));

    let small = settled(&homes[0]);
    let small_memory = small.memory();
    small.end();
    let mut large = settled(&homes[1]);
    tell_memory(large.memory(), small_memory);
    keys(&mut large);
    large.settle();
    idle(&mut large);
    turn_of_the_minute(&mut large);
    large.end();
}

fn floor_program() -> CommandBuilder {
    let mut command = CommandBuilder::new(std::env::current_exe().expect("this program is somewhere"));
    command.arg(floor::ARGUMENT);
    command
}

fn open(home: &Home) -> Spawned {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_deskbell"));
    command.args(home.arguments());
    Spawned::start(&command)
}

fn settled(home: &Home) -> Spawned {
    let mut program = open(home);
    program.until(&start::newest_subject(&home.cache()));
    program.settle();
    program
}

/// How a program is started, and what is on its screen when it is there.
type Start<'a> = (&'a dyn Fn() -> Spawned, &'a str);

/// Of each program the median time from its start to its text on the screen. They take turns: what else the machine does slows all.
fn starts<const COUNT: usize>(programs: [Start<'_>; COUNT]) -> [Duration; COUNT] {
    let mut times = [const { Vec::new() }; COUNT];
    for _ in 0..STARTS {
        for ((start, text), times) in programs.iter().zip(&mut times) {
            let mut program = start();
            times.push(program.until(text));
            program.settle();
            program.end();
        }
    }
    times.map(|mut times| {
        times.sort();
        median(&times)
    })
}

fn tell_memory(large: Option<(u64, u64)>, small: Option<(u64, u64)>) {
    let (Some((resident, anonymous)), Some((less, _))) = (large, small) else { return };
    let mebibytes = |kibibytes: u64| kibibytes as f64 / 1024.0;
    amount("memory with 100 000 messages", mebibytes(resident), "MiB", None, Some(28.0));
    amount("the anonymous part", mebibytes(anonymous), "MiB", None, Some(15.0));
    line(&format!(
        "  {:<42} {:>10.2}      (target 1.25)",
        "memory, 100 000 against 1 000",
        mebibytes(resident) / mebibytes(less)
    ));
}

fn keys(ours: &mut Spawned) {
    let mut plain = Spawned::start(&floor_program());
    plain.until(floor::FIRST_ROW);
    plain.settle();
    ours.write(b"2");
    ours.settle();
    for (name, keys, middle, tail) in [
        ("j", &[&b"j"[..]][..], Some(1.3), None),
        ("page down", &[b"\x1b[6~"], None, Some(2.0)),
        ("end and home", &[b"\x1b[F", b"\x1b[H"], None, Some(2.0)),
    ] {
        let (times, bytes, processor) = ours.presses(keys);
        let (floor_times, floor_bytes, floor_processor) = plain.presses(keys);
        ratio(&format!("{name}: key to first byte, median"), median(&times), median(&floor_times), middle);
        ratio(&format!("{name}: 95th percentile"), percentile(&times, 95), percentile(&floor_times, 95), tail);
        ratio(&format!("{name}: 99th percentile"), percentile(&times, 99), percentile(&floor_times, 99), None);
        amount(&format!("{name}: bytes, median"), bytes, "B", Some(floor_bytes), None);
        if let (Some(ours), Some(floor)) = (processor, floor_processor) {
            amount(&format!("{name}: processor time"), micros(ours), "µs", Some(micros(floor)), None);
        }
        ours.settle();
    }
    ours.write(b"gg");
    ours.settle();
    let (took, bytes) = ours.flood(&[b'j'; 300]);
    amount("300 j at once, to the last byte of the list", took.as_secs_f64() * 1e3, "ms", None, Some(25.0));
    amount("300 j at once, bytes", bytes as f64, "B", None, None);
    plain.end();
}

/// Half a minute without a key and without the turn of a minute.
fn idle(program: &mut Spawned) {
    let into_minute = SystemClock.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() % 60;
    if into_minute + IDLE.as_secs() > 57 {
        program.listen(Duration::from_secs(62 - into_minute));
    }
    let before = program.work();
    let bytes = program.listen(IDLE);
    let after = program.work();
    amount("idle for 30 s: bytes", bytes as f64, "B", None, Some(0.0));
    if let (Some(before), Some(after)) = (before, after) {
        amount("idle for 30 s: wake-ups", after.switches.saturating_sub(before.switches) as f64, "", None, Some(0.0));
        let processor = after.processor.saturating_sub(before.processor);
        amount("idle for 30 s: processor time", processor.as_secs_f64() * 1e3, "ms", None, Some(0.0));
    }
}

/// The turn of a minute: the clock in the header, and nothing else.
fn turn_of_the_minute(program: &mut Spawned) {
    let into_minute = SystemClock.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() % 60;
    program.listen(Duration::from_secs(57_u64.saturating_sub(into_minute)));
    let before = program.work();
    let bytes = program.listen(Duration::from_secs(6));
    amount("the turn of a minute: bytes", bytes as f64, "B", None, None);
    if let (Some(before), Some(after)) = (before, program.work()) {
        amount("the turn of a minute: wake-ups", after.switches.saturating_sub(before.switches) as f64, "", None, None);
        let processor = after.processor.saturating_sub(before.processor);
        amount("the turn of a minute: processor time", processor.as_secs_f64() * 1e3, "ms", None, None);
    }
}

/// Minutes in step with a tenant where nothing happens, by the request: what polling costs, once everything has been fetched.
pub fn in_step() {
    let runtime = house::runtime();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("home-in-step");
    let _ = std::fs::remove_dir_all(&folder);
    let (tenant, home) = runtime.block_on(async {
        let tenant = house::tenant(1_000).await;
        let home = Home::of(&folder, &tenant);
        Program::open(&home, Some(&tenant)).await.close().await;
        (tenant, home)
    });
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_deskbell"));
    command.args(home.arguments().into_iter().filter(|argument| argument != "--offline"));
    let mut program = Spawned::start(&command);
    program.until(&start::newest_subject(&home.cache()));
    // Texts ahead of need and the folders nobody looks at come one after another: work for once, not polling.
    for _ in 0..FETCHING {
        tenant.script().clear_requests();
        program.listen(PORTIONS);
        if tenant.script().requests().iter().all(|request| !request.path.ends_with("/$batch")) {
            break;
        }
    }
    tenant.script().clear_requests();
    let before = program.work();
    let bytes = program.listen(IN_STEP);
    let after = program.work();
    let requests = tenant.script().requests();
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    for request in &requests {
        *kinds.entry(kind_of(request)).or_default() += 1;
    }
    for (kind, count) in &kinds {
        line(&format!("  {count:>3} {kind}"));
    }
    let polls = requests.len().max(1) as f64;
    let fetched = requests.iter().filter(|request| request.path.ends_with("/$batch")).count();
    amount("five minutes in step: requests", polls, "", None, None);
    amount("those of them that fetched texts", fetched as f64, "", None, Some(0.0));
    amount("five minutes in step: bytes", bytes as f64, "B", None, None);
    if let (Some(before), Some(after)) = (before, after) {
        let switches = after.switches.saturating_sub(before.switches) as f64;
        let processor = after.processor.saturating_sub(before.processor);
        amount("in step: wake-ups of a request", switches / polls, "", None, Some(60.0));
        amount("in step: processor time of a request", processor.as_secs_f64() * 1e3 / polls, "ms", None, Some(5.0));
    }
    program.end();
}

/// What was asked for, whichever folder or calendar it was about.
fn kind_of(request: &LoggedRequest) -> String {
    let named = |segment: &&str| segment.len() < 24;
    let path: Vec<&str> = request.path.split('/').skip(2).filter(named).collect();
    format!("{} {}", request.method, path.join("/"))
}

/// What a process has done so far.
struct Work {
    switches: u64,
    processor: Duration,
}

/// A program in a pseudo-terminal.
struct Spawned {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    chunks: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    started: Instant,
    _terminal: Box<dyn MasterPty + Send>,
}

impl Spawned {
    fn start(command: &CommandBuilder) -> Self {
        let mut command = command.clone();
        command.env_clear();
        for (name, value) in ENVIRONMENT {
            command.env(name, value);
        }
        let pair = native_pty_system().openpty(SIZE).expect("a pseudo-terminal");
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let (sender, chunks) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send((now(), buffer[..read].to_vec())).is_err() {
                    return;
                }
            }
        });
        let started = now();
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let writer = pair.master.take_writer().expect("its input");
        let side = |cells| NonZeroU16::new(cells).expect("a screen has cells");
        let screen = vt100::Parser::new(side(SIZE.rows), side(SIZE.cols), 0);
        Self { child, writer, chunks, screen, started, _terminal: pair.master }
    }

    /// From the start until `text` is on the screen.
    fn until(&mut self, text: &str) -> Duration {
        loop {
            let Ok((at, chunk)) = self.chunks.recv_timeout(PATIENCE) else {
                panic!("\"{text}\" is not on the screen:\n{}", self.screen.screen().contents());
            };
            self.screen.process(&chunk);
            if self.screen.screen().contents().contains(text) {
                return at.duration_since(self.started);
            }
        }
    }

    /// Listens until nothing has come for a while.
    fn settle(&mut self) {
        while let Ok((_, chunk)) = self.chunks.recv_timeout(SILENCE) {
            self.screen.process(&chunk);
        }
    }

    /// Listens this long; how many bytes came.
    fn listen(&mut self, length: Duration) -> usize {
        let end = now() + length;
        let mut bytes = 0;
        while let Ok((_, chunk)) = self.chunks.recv_timeout(end.saturating_duration_since(now())) {
            bytes += chunk.len();
        }
        bytes
    }

    fn write(&mut self, keys: &[u8]) -> Instant {
        let at = now();
        self.writer.write_all(keys).and_then(|()| self.writer.flush()).expect("the program reads");
        at
    }

    /// Many single presses of these keys in turn: sorted times to the first byte, the median of bytes, and processor time of each.
    fn presses(&mut self, keys: &[&[u8]]) -> (Vec<Duration>, f64, Option<Duration>) {
        let before = self.work();
        let mut times = Vec::with_capacity(PRESSES);
        let mut bytes = Vec::with_capacity(PRESSES);
        for key in keys.iter().cycle().take(PRESSES) {
            let pressed = self.write(key);
            let Ok((at, chunk)) = self.chunks.recv_timeout(PATIENCE) else { continue };
            times.push(at.duration_since(pressed));
            bytes.push(chunk.len() + self.listen(GAP.saturating_sub(pressed.elapsed())));
        }
        times.sort();
        bytes.sort_unstable();
        let processor = before.zip(self.work()).map(|(before, after)| after.processor.saturating_sub(before.processor));
        let middle = bytes.get(bytes.len() / 2).copied().unwrap_or_default();
        (times, middle as f64, processor.map(|all| all / u32::try_from(PRESSES).unwrap_or(1)))
    }

    /// Keys written at once: the time to the last byte before the reader's rest, and all bytes until then.
    fn flood(&mut self, keys: &[u8]) -> (Duration, usize) {
        let pressed = self.write(keys);
        let (mut last, mut bytes) = (pressed, 0);
        while let Ok((at, chunk)) = self.chunks.recv_timeout(GAP) {
            last = at;
            bytes += chunk.len();
        }
        (last.duration_since(pressed), bytes)
    }

    fn memory(&self) -> Option<(u64, u64)> {
        memory_of(&self.child.process_id()?.to_string())
    }

    fn work(&self) -> Option<Work> {
        let mut work = Work { switches: 0, processor: Duration::ZERO };
        for task in std::fs::read_dir(format!("/proc/{}/task", self.child.process_id()?)).ok()? {
            let task = task.ok()?.path();
            let status = std::fs::read_to_string(task.join("status")).ok()?;
            let switches = status.lines().filter(|line| line.contains("ctxt_switches:"));
            work.switches +=
                switches.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).sum::<u64>();
            let run = std::fs::read_to_string(task.join("schedstat")).ok()?;
            work.processor += Duration::from_nanos(run.split_whitespace().next()?.parse().ok()?);
        }
        Some(work)
    }

    /// Leaves it as a person does, so that the next start finds things as they are after any day, and waits for the end.
    fn end(mut self) {
        self.write(b"q");
        while self.chunks.recv_timeout(PATIENCE).is_ok() {}
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
