//! The listener a browser comes back to after signing in.
//!
//! One port on 127.0.0.1 and, where there is one, on ::1, because browsers resolve `localhost` either way [RFC 8252]; a random
//! port, or a fixed one for a tunnel (`ssh -L`). Must stay true: loopback addresses only; each connection may send one request,
//! limited in size and time; `state` is checked before anything else of a redirect is looked at, and a wrong one ends nothing;
//! the page shown is fixed text without script and never repeats what came in; what comes after the one good redirect is told
//! that it is late. Connections are served side by side: browsers open some ahead and send nothing on them.

use crate::base::activity::{Activity, Working};
use crate::base::clock::SharedClock;
use crate::base::secret::Secret;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::HashMap;
use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request line with headers may be this long; a code in a query has about two thousand characters.
const LONGEST_HEAD: usize = 32 * 1024;
/// A form may be this long.
const LONGEST_FORM: usize = 64 * 1024;
/// A request that is not there after this time is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections served at the same time; further ones wait in the system's queue.
const MOST_CONNECTIONS: usize = 32;
/// So many random ports are tried before one is taken whose twin on ::1 belongs to somebody else.
const MOST_TRIES: u8 = 8;

/// Why there is no listener.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoopbackError {
    /// Another program listens there.
    #[error("port {0} is taken")]
    Taken(u16),
    /// The system does not let us have this port.
    #[error("port {0} may not be used")]
    Forbidden(u16),
    /// The system has no port to give.
    #[error("no loopback port can be opened: {0}")]
    System(String),
}

/// The parameters of a redirect.
#[derive(Debug, Default)]
pub struct Parameters(HashMap<String, Secret<String>>);

impl Parameters {
    /// Reads the text behind the question mark. Of a name that comes twice the first counts.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let mut parameters = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            parameters.entry(name.into_owned()).or_insert_with(|| Secret::new(value.into_owned()));
        }
        Self(parameters)
    }

    /// A parameter, e.g. `code` or `error`. Empty ones count as missing.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Secret<String>> {
        self.0.get(name).filter(|value| !value.expose().is_empty())
    }

    /// Whether this is the answer to a sign-in at all.
    #[must_use]
    pub fn is_answer(&self) -> bool {
        self.get("code").is_some() || self.get("error").is_some()
    }

    /// Whether they carry `state`.
    #[must_use]
    pub fn has_state(&self, state: &Secret<String>) -> bool {
        self.get("state") == Some(state)
    }
}

/// What came back: the parameters of one redirect whose `state` was right.
#[derive(Debug)]
pub struct Redirect {
    /// What it carried.
    pub parameters: Parameters,
    /// Counts the redirect as work in flight until its receiver has dealt with it.
    pub working: Working,
}

/// Somebody who came and was not the redirect we wait for. It ended nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stray {
    /// An answer to another sign-in.
    WrongState,
    /// The page was visited without an answer.
    NoAnswer,
    /// A request larger than any redirect.
    TooLarge,
    /// A request that was begun and not finished in time.
    TooSlow,
    /// No request at all.
    NotUnderstood,
}

impl Stray {
    /// What happened, for the person at the terminal.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::WrongState => "A browser came back from another sign-in. Use the address that is shown here now.",
            Self::NoAnswer => "A browser came without an answer from the sign-in. Finish the sign-in page first.",
            Self::TooLarge => "Something sent a request that was far too large for a redirect. It was turned away.",
            Self::TooSlow => "Something began a request and did not finish it. It was turned away.",
            Self::NotUnderstood => "Something came that was no browser. It was turned away.",
        }
    }
}

/// A bound listener.
#[derive(Debug)]
pub struct Loopback {
    v4: TcpListener,
    v6: Option<TcpListener>,
    port: u16,
    path: String,
}

impl Loopback {
    /// Binds `port` on both loopback addresses, or any one that is free on both; on 127.0.0.1 alone where there is no ::1.
    /// `path` is where the redirect comes to, `/` unless the registration says otherwise.
    ///
    /// # Errors
    /// [`LoopbackError`] when the port is not to be had.
    pub async fn bind(port: Option<u16>, path: &str) -> Result<Self, LoopbackError> {
        let path = if path.is_empty() { "/".to_owned() } else { path.to_owned() };
        let mut tries = 0;
        loop {
            let v4 = listen(Ipv4Addr::LOCALHOST.into(), port.unwrap_or(0)).await?;
            let bound = v4.local_addr().map_err(|error| LoopbackError::System(error.to_string()))?.port();
            match listen(Ipv6Addr::LOCALHOST.into(), bound).await {
                Ok(v6) => return Ok(Self { v4, v6: Some(v6), port: bound, path }),
                // A browser that goes to ::1 would hand the code to whoever listens there.
                Err(LoopbackError::Taken(taken)) if port.is_some() || tries == MOST_TRIES => {
                    return Err(LoopbackError::Taken(taken));
                }
                Err(LoopbackError::Taken(_)) => tries += 1,
                Err(_) => return Ok(Self { v4, v6: None, port: bound, path }),
            }
        }
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the redirect that carries `state` and answers it. Others are told to `stray` and end nothing. Waits for ever:
    /// the caller sets the limit.
    pub async fn wait(
        &self,
        state: &Secret<String>,
        clock: &SharedClock,
        activity: &Activity,
        stray: &(dyn Fn(Stray) + Send + Sync),
    ) -> Redirect {
        let mut open = FuturesUnordered::new();
        loop {
            let has_room = open.len() < MOST_CONNECTIONS;
            tokio::select! {
                stream = self.accept(), if has_room => {
                    if let Some(stream) = stream {
                        open.push(serve(stream, &self.path, Waiting::For(state), clock, activity));
                    }
                }
                Some(served) = open.next(), if !open.is_empty() => match served {
                    Served::Redirect(redirect) => return redirect,
                    Served::Stray(what) => stray(what),
                    Served::Nothing => {}
                }
            }
        }
    }

    /// Tells whoever comes that the sign-in is under way already, until dropped.
    pub async fn tell_late(&self, clock: &SharedClock, activity: &Activity) -> Infallible {
        let mut open = FuturesUnordered::new();
        loop {
            let has_room = open.len() < MOST_CONNECTIONS;
            tokio::select! {
                stream = self.accept(), if has_room => {
                    if let Some(stream) = stream {
                        open.push(serve(stream, &self.path, Waiting::NoMore, clock, activity));
                    }
                }
                Some(_) = open.next(), if !open.is_empty() => {}
            }
        }
    }

    async fn accept(&self) -> Option<TcpStream> {
        let accepted = match &self.v6 {
            Some(v6) => tokio::select! {
                accepted = self.v4.accept() => accepted,
                accepted = v6.accept() => accepted,
            },
            None => self.v4.accept().await,
        };
        accepted.ok().map(|(stream, _)| stream)
    }
}

async fn listen(address: IpAddr, port: u16) -> Result<TcpListener, LoopbackError> {
    TcpListener::bind(SocketAddr::from((address, port))).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => LoopbackError::Taken(port),
        ErrorKind::PermissionDenied => LoopbackError::Forbidden(port),
        _ => LoopbackError::System(error.to_string()),
    })
}

/// What a connection is checked against.
#[derive(Clone, Copy)]
enum Waiting<'a> {
    For(&'a Secret<String>),
    NoMore,
}

/// How a connection ended.
enum Served {
    Redirect(Redirect),
    Stray(Stray),
    Nothing,
}

/// Serves one connection within the time limit.
async fn serve(
    mut stream: TcpStream,
    path: &str,
    waiting: Waiting<'_>,
    clock: &SharedClock,
    activity: &Activity,
) -> Served {
    let mut bytes = Vec::new();
    let read = tokio::select! {
        read = read_request(&mut stream, &mut bytes) => read,
        () = clock.sleep(PATIENCE) => Err(&TOO_SLOW),
    };
    if read.is_err() && bytes.is_empty() {
        // A browser's connection ahead of need.
        return Served::Nothing;
    }
    drop(Secret::new(bytes));
    let (page, served) = match read {
        Ok(request) if request.path != path => (&NOT_HERE, Served::Nothing),
        Ok(request) => judge(request.parameters(), waiting, activity),
        Err(page) => (page, page.stray.map_or(Served::Nothing, Served::Stray)),
    };
    // The redirect counts even when its sender does not wait for the page.
    let is_done = matches!(served, Served::Redirect(_) | Served::Stray(Stray::TooSlow));
    tokio::select! {
        () = async {
            let sent = answer(&mut stream, page).await;
            if sent.is_ok() && !is_done {
                drain(&mut stream).await;
            }
        } => {}
        () = clock.sleep(PATIENCE) => {}
    }
    served
}

fn judge(parameters: Parameters, waiting: Waiting<'_>, activity: &Activity) -> (&'static Page, Served) {
    let Waiting::For(state) = waiting else { return (&LATE, Served::Nothing) };
    if !parameters.is_answer() {
        return (&NO_ANSWER, Served::Stray(Stray::NoAnswer));
    }
    if !parameters.has_state(state) {
        return (&WRONG_STATE, Served::Stray(Stray::WrongState));
    }
    let page = if parameters.get("code").is_some() { &RECEIVED } else { &REFUSED };
    (page, Served::Redirect(Redirect { parameters, working: activity.begin() }))
}

/// Reads what a refused request still sends: closing upon unread bytes would throw our page away on its way.
async fn drain(stream: &mut TcpStream) {
    let mut scrap = [0; 4096];
    let mut left = LONGEST_FORM;
    while left > 0 {
        match stream.read(&mut scrap).await {
            Ok(length) if length > 0 => left = left.saturating_sub(length),
            _ => return,
        }
    }
}

/// A request as far as it matters here.
struct Request {
    method: Method,
    path: String,
    query: String,
    form: Secret<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
}

impl Request {
    fn parameters(&self) -> Parameters {
        Parameters::parse(match self.method {
            Method::Get => &self.query,
            Method::Post => self.form.expose(),
        })
    }
}

/// `bytes` holds what came, also when this is given up half-way.
async fn read_request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Result<Request, &'static Page> {
    let end_of_head = loop {
        // However it comes, in one piece or in many.
        let end = find(bytes, b"\r\n\r\n");
        if end.unwrap_or(bytes.len()) > LONGEST_HEAD {
            return Err(&TOO_LARGE);
        }
        if let Some(end) = end {
            break end;
        }
        if stream.read_buf(bytes).await.unwrap_or(0) == 0 {
            return Err(&BAD_REQUEST);
        }
    };
    let mut form = bytes.split_off(end_of_head + 4);
    let head = std::str::from_utf8(bytes).map_err(|_| &BAD_REQUEST)?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, target) = match (words.next(), words.next()) {
        (Some("GET"), Some(target)) => (Method::Get, target),
        (Some("POST"), Some(target)) => (Method::Post, target),
        _ => return Err(&BAD_REQUEST),
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let length = if method == Method::Post { form_length(lines)? } else { 0 };
    while form.len() < length {
        if stream.read_buf(&mut form).await.unwrap_or(0) == 0 {
            return Err(&BAD_REQUEST);
        }
    }
    form.truncate(length);
    let form = String::from_utf8(form).map_err(|_| &BAD_REQUEST)?;
    Ok(Request { method, path: path.to_owned(), query: query.to_owned(), form: Secret::new(form) })
}

/// The length a form announces; only forms with a length are read.
fn form_length<'a>(headers: impl Iterator<Item = &'a str>) -> Result<usize, &'static Page> {
    let mut length = None;
    let mut is_form = false;
    for (name, value) in headers.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<usize>().ok();
        } else if name.eq_ignore_ascii_case("content-type") {
            let kind = value.split(';').next().unwrap_or_default().trim();
            is_form = kind.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        }
    }
    match length {
        Some(length) if length > LONGEST_FORM => Err(&TOO_LARGE),
        Some(length) if is_form => Ok(length),
        _ => Err(&BAD_REQUEST),
    }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

/// A fixed page: status line, heading, sentence; and what it means to the person at the terminal.
struct Page {
    status: &'static str,
    heading: &'static str,
    sentence: &'static str,
    stray: Option<Stray>,
}

const RECEIVED: Page = Page {
    status: "200 OK",
    heading: "deskbell has heard from your browser",
    sentence: "You may close this tab and go back to your terminal.",
    stray: None,
};
const REFUSED: Page = Page {
    status: "200 OK",
    heading: "The sign-in was not finished",
    sentence: "deskbell tells why in your terminal. You may close this tab.",
    stray: None,
};
const LATE: Page = Page {
    status: "200 OK",
    heading: "deskbell has the sign-in already",
    sentence: "This second answer was not needed. You may close this tab and go back to your terminal.",
    stray: None,
};
const WRONG_STATE: Page = Page {
    status: "400 Bad Request",
    heading: "This is not the sign-in deskbell is waiting for",
    sentence: "Use the address that your terminal shows now. You may close this tab.",
    stray: Some(Stray::WrongState),
};
const NO_ANSWER: Page = Page {
    status: "400 Bad Request",
    heading: "There is no answer in this address",
    sentence: "deskbell waits here for the sign-in page to send your browser back. Open the address that your terminal shows.",
    stray: Some(Stray::NoAnswer),
};
const NOT_HERE: Page = Page {
    status: "404 Not Found",
    heading: "Nothing here",
    sentence: "deskbell only waits for a sign-in at this port.",
    stray: None,
};
const BAD_REQUEST: Page = Page {
    status: "400 Bad Request",
    heading: "Not understood",
    sentence: "deskbell waits for a browser that comes back from a sign-in page.",
    stray: Some(Stray::NotUnderstood),
};
const TOO_LARGE: Page = Page {
    status: "413 Content Too Large",
    heading: "Too large",
    sentence: "No answer of a sign-in page is that long.",
    stray: Some(Stray::TooLarge),
};
const TOO_SLOW: Page = Page {
    status: "408 Request Timeout",
    heading: "Too slow",
    sentence: "The request was not finished in time. Load the address again.",
    stray: Some(Stray::TooSlow),
};

async fn answer(stream: &mut TcpStream, page: &Page) -> std::io::Result<()> {
    let Page { status, heading, sentence, .. } = page;
    let body = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>deskbell</title></head>\
         <body style=\"font-family:sans-serif;margin:4em auto;max-width:36em\"><h1>{heading}</h1><p>{sentence}</p></body></html>\n"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
