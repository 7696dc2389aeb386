//! The real program as a process of its own, in front of a tenant in this one, and a browser made of plain HTTP that finds its way
//! through the pages of a sign-in.
//!
//! The one place where the tests use the real clock: two processes cannot share a cranked one. Nothing waits for it.

use deskbell::base::ids::RandomIds;
use deskbell::engine::SystemClock;
use deskbell::sim::tenant::{Tenant, TenantOptions};
use serde_json::Value;
use std::cell::Cell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use url::{Url, form_urlencoded};

/// The program, a home for it, and the tenant it is pointed at.
pub(crate) struct Program {
    pub(crate) tenant: Tenant,
    pub(crate) home: TempDir,
    // Serves the tenant until the end.
    pub(crate) runtime: Runtime,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    /// Standard output as JSON, which it must be: one line.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "JSON is one line: {self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

impl Program {
    pub(crate) fn new() -> Self {
        Self::with(TenantOptions::default())
    }

    pub(crate) fn with(options: TenantOptions) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let tenant =
            runtime.block_on(Tenant::start(options, Arc::new(SystemClock), Arc::new(RandomIds))).expect("a tenant");
        let home = tempfile::tempdir().expect("a folder");
        Self { tenant, home, runtime }
    }

    /// Writes the user's configuration.
    pub(crate) fn configure(&self, text: &str) -> std::path::PathBuf {
        let path = self.home.path().join("config").join("config.toml");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The options that point the program at the tenant.
    pub(crate) fn pointers(&self) -> Vec<String> {
        let home = self.home.path().display().to_string();
        let (tenant, clients) = (&self.tenant, self.tenant.clients());
        ["--home", &home, "--authority", tenant.authority(), "--graph", tenant.graph()]
            .into_iter()
            .chain(["--tenant", tenant.tenant_id(), "--client-id", &clients.public])
            .map(str::to_owned)
            .collect()
    }

    /// The program with these arguments, in front of the tenant.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = program(self.home.path());
        command.args(self.pointers()).args(words(arguments));
        command
    }

    /// The same, where no file may grow beyond so many blocks of 512 bytes.
    #[cfg(unix)]
    #[expect(clippy::disallowed_methods, reason = "a limit is set by a shell")]
    pub(crate) fn limited(&self, blocks: u32, arguments: &str) -> Command {
        let whole = self.command(arguments);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("ulimit -c 0; ulimit -f {blocks}; exec \"$0\" \"$@\"")]);
        command.arg(whole.get_program()).args(whole.get_args()).env_clear();
        command.envs(whole.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        ran(self.command(arguments))
    }

    /// Runs a command with a token instead of a sign-in.
    pub(crate) fn run_with_token(&self, arguments: &str, person: &str, scope: &str) -> Ran {
        let token = self.tenant.script().token(person, scope).expect("a token");
        let mut command = self.command(arguments);
        command.env("DESKBELL_TOKEN", token);
        ran(command)
    }

    /// Signs Lena in through the pages of the tenant.
    pub(crate) fn sign_in(&self) {
        let ended = self.login("login --browser --no-open", |said| {
            let address = said.lines().last().filter(|line| line.starts_with("http://"))?;
            Some(self.approve_at(address))
        });
        assert_eq!(ended.code, 0, "{ended:?}");
    }

    /// Runs a sign-in. `act` sees what was said so far, line by line, until it has acted and gives the last page it saw.
    pub(crate) fn login(&self, arguments: &str, act: impl Fn(&str) -> Option<String>) -> Ran {
        watch(self.command(arguments), act)
    }

    /// The program in this home, pointed nowhere but by its own configuration.
    pub(crate) fn alone(&self, arguments: &str) -> Command {
        let mut command = program(self.home.path());
        command.arg("--home").arg(self.home.path()).args(words(arguments));
        command
    }

    /// Goes to `address` as `person`, who approves, and back to the program; the page it shows.
    pub(crate) fn approve_as(&self, person: &str, address: &str) -> String {
        let back = self.tenant.script().authorize(address, person).expect("they may sign in");
        Page::get(&back).html
    }

    /// Signs `person` in by `command`, a login without a browser; as often as it gives an address.
    pub(crate) fn sign_in_as(&self, person: &str, command: Command) -> Ran {
        watch_each(command, |said| {
            let address = said.lines().last().filter(|line| line.starts_with("http://"))?;
            Some(self.approve_as(person, address))
        })
    }

    /// Goes through the pages that begin at `address` as Lena, who approves; the last page.
    pub(crate) fn approve_at(&self, address: &str) -> String {
        let picker = Page::get(address);
        let lena = &self.tenant.people()[0].id;
        picker.press("person", lena).press("decision", "approve").last()
    }

    /// Refuses on the first page at `address`; the last page.
    pub(crate) fn refuse_at(&self, address: &str) -> String {
        Page::get(address).press("decision", "refuse").last()
    }

    /// Types a device code and approves as Lena; the last page.
    pub(crate) fn approve_code(&self, address: &str, code: &str) -> String {
        let lena = &self.tenant.people()[0].id;
        Page::get(address).press("otc", code).press("person", lena).press("decision", "approve").html
    }
}

/// Runs a sign-in. `act` sees what was said so far, line by line, until it has acted and gives the last page it saw.
pub(crate) fn watch(command: Command, act: impl Fn(&str) -> Option<String>) -> Ran {
    let has_acted = Cell::new(false);
    watch_each(command, |said| {
        let page = (!has_acted.get()).then(|| act(said)).flatten()?;
        assert!(page.contains("close this"), "{page}");
        has_acted.set(true);
        Some(page)
    })
}

/// The same, where it may have to act more than once.
fn watch_each(mut command: Command, act: impl Fn(&str) -> Option<String>) -> Ran {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    let mut has_acted = false;
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    while lines.read_line(&mut said).unwrap() > 0 {
        has_acted |= act(&said).is_some();
    }
    assert!(has_acted, "it never said where to sign in: {said}");
    end(child, said)
}

/// The program alone, with an environment in which nothing of this computer is left.
#[expect(clippy::disallowed_methods, reason = "the real program is what these tests are about")]
pub(crate) fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command.env_clear().envs([("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]).env("HOME", home).env("TMPDIR", home);
    command.stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn ran(mut command: Command) -> Ran {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    end(child, String::new())
}

fn end(child: Child, said: String) -> Ran {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("only Unicode is printed");
    Ran {
        code: output.status.code().expect("no signal ended it"),
        out: text(output.stdout),
        err: said + &text(output.stderr),
    }
}

/// Splits at spaces, but not within double quotes.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in text.split('"').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// A page in a browser without script.
struct Page {
    address: Url,
    html: String,
}

impl Page {
    fn get(address: &str) -> Self {
        Self::open(Url::parse(address).expect("an address"), None)
    }

    /// Fills `name` in the page's form and sends it, as pressing a button of that name does.
    fn press(&self, name: &str, value: &str) -> Self {
        assert!(self.html.contains(&format!("name=\"{name}\"")), "the page does not ask for {name}: {}", self.html);
        self.send(Some((name, value)))
    }

    /// The page that comes in the end: an answer that is posted goes on by itself in a browser with script.
    fn last(self) -> String {
        if self.html.contains(">Continue</button>") { self.send(None).html } else { self.html }
    }

    fn send(&self, pressed: Option<(&str, &str)>) -> Self {
        let action = self.attribute("<form", "action");
        let mut form = form_urlencoded::Serializer::new(String::new());
        for input in self.html.split("<input type=\"hidden\"").skip(1) {
            let tag = input.split('>').next().unwrap_or_default();
            form.append_pair(&attribute(tag, "name"), &attribute(tag, "value"));
        }
        if let Some((name, value)) = pressed {
            form.append_pair(name, value);
        }
        Self::open(self.address.join(&action).unwrap(), Some(form.finish()))
    }

    fn attribute(&self, tag: &str, name: &str) -> String {
        let tag = self.html.split(tag).nth(1).and_then(|rest| rest.split('>').next()).expect("a form");
        attribute(tag, name)
    }

    fn open(address: Url, form: Option<String>) -> Self {
        let (head, html) = exchange(&address, form.as_deref());
        let location = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
        });
        match location {
            Some(next) => Self::open(address.join(&next).unwrap(), None),
            None => Self { address, html },
        }
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    value.replace("&#39;", "'").replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// One request of HTTP/1.1 on a connection of its own: head and body of the answer.
fn exchange(address: &Url, form: Option<&str>) -> (String, String) {
    let port = address.port().expect("a port");
    let target = &address[url::Position::BeforePath..url::Position::AfterQuery];
    let host = address.host_str().unwrap();
    let method = if form.is_some() { "POST" } else { "GET" };
    let form = form.unwrap_or_default();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.to_owned(), body.to_owned())
}
