//! The listener a browser comes back to after signing in.
//!
//! One random port on 127.0.0.1 and, where there is one, on ::1, because browsers resolve `localhost` either way
//! [RFC 8252]. Must stay true: loopback addresses only; each connection may send one request, limited in size and time;
//! `state` is checked before anything else of a redirect is looked at, and a wrong one ends nothing; the page shown is
//! fixed text without script and never repeats what came in; after one good redirect the port is closed.
//! Connections are served side by side: browsers open some ahead and send nothing on them.

use crate::base::activity::{Activity, Working};
use crate::base::clock::SharedClock;
use crate::base::secret::Secret;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
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

/// Why there is no listener.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no loopback port can be opened: {0}")]
pub struct LoopbackError(String);

/// What came back: the parameters of one redirect whose `state` was right.
#[derive(Debug)]
pub struct Redirect {
    parameters: HashMap<String, Secret<String>>,
    /// Counts the redirect as work in flight until its receiver has dealt with it.
    pub working: Working,
}

impl Redirect {
    /// A parameter, e.g. `code` or `error`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Secret<String>> {
        self.parameters.get(name)
    }
}

/// A bound listener.
#[derive(Debug)]
pub struct Loopback {
    v4: TcpListener,
    v6: Option<TcpListener>,
    port: u16,
}

impl Loopback {
    /// Binds one random port on both loopback addresses; on 127.0.0.1 alone where ::1 is not to be had.
    ///
    /// # Errors
    /// [`LoopbackError`] when 127.0.0.1 has no port to give.
    pub async fn bind() -> Result<Self, LoopbackError> {
        let failed = |error: std::io::Error| LoopbackError(error.to_string());
        let v4 = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.map_err(failed)?;
        let port = v4.local_addr().map_err(failed)?.port();
        let v6 = TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await.ok();
        Ok(Self { v4, v6, port })
    }

    /// The address to register and to send: without a path, `localhost` by name, as the service wants it [reply-url].
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Waits for the redirect that carries `state`, answers it, and closes the port. Waits for ever: the caller sets
    /// the limit.
    pub async fn wait(self, state: &Secret<String>, clock: &SharedClock, activity: &Activity) -> Redirect {
        let mut open = FuturesUnordered::new();
        loop {
            let has_room = open.len() < MOST_CONNECTIONS;
            tokio::select! {
                stream = self.accept(), if has_room => {
                    if let Some(stream) = stream {
                        open.push(serve(stream, state, clock, activity));
                    }
                }
                Some(served) = open.next(), if !open.is_empty() => {
                    if let Some(redirect) = served {
                        return redirect;
                    }
                }
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

/// Serves one connection within the time limit.
async fn serve(
    mut stream: TcpStream,
    state: &Secret<String>,
    clock: &SharedClock,
    activity: &Activity,
) -> Option<Redirect> {
    tokio::select! {
        redirect = converse(&mut stream, state, activity) => redirect,
        () = clock.sleep(PATIENCE) => None,
    }
}

async fn converse(stream: &mut TcpStream, state: &Secret<String>, activity: &Activity) -> Option<Redirect> {
    let request = read_request(stream).await;
    let (page, redirect) = match request.map(|request| parameters(&request)) {
        Ok(Some(parameters)) if has_state(&parameters, state) => {
            (received(&parameters), Some(Redirect { parameters, working: activity.begin() }))
        }
        Ok(Some(_)) => (&WRONG_STATE, None),
        Ok(None) => (&NOT_HERE, None),
        Err(page) => (page, None),
    };
    // The redirect counts even when its sender does not wait for the page.
    let sent = answer(stream, page).await;
    if redirect.is_none() && sent.is_ok() {
        drain(stream).await;
    }
    redirect
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

async fn read_request(stream: &mut TcpStream) -> Result<Request, &'static Page> {
    let mut bytes = Vec::new();
    let end_of_head = loop {
        if let Some(end) = find(&bytes, b"\r\n\r\n") {
            break end;
        }
        if bytes.len() > LONGEST_HEAD {
            return Err(&TOO_LARGE);
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return Err(&BAD_REQUEST);
        }
    };
    let mut form = bytes.split_off(end_of_head + 4);
    let head = std::str::from_utf8(&bytes).map_err(|_| &BAD_REQUEST)?;
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

/// The parameters of a redirect; `None` for a request to any other path, e.g. `/favicon.ico`.
fn parameters(request: &Request) -> Option<HashMap<String, Secret<String>>> {
    if request.path != "/" {
        return None;
    }
    let text = match request.method {
        Method::Get => &request.query,
        Method::Post => request.form.expose(),
    };
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    Some(pairs.map(|(name, value)| (name.into_owned(), Secret::new(value.into_owned()))).collect())
}

fn has_state(parameters: &HashMap<String, Secret<String>>, state: &Secret<String>) -> bool {
    !state.expose().is_empty() && parameters.get("state") == Some(state)
}

fn received(parameters: &HashMap<String, Secret<String>>) -> &'static Page {
    if parameters.contains_key("code") { &RECEIVED } else { &REFUSED }
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

/// A fixed page: status line, heading, sentence.
struct Page {
    status: &'static str,
    heading: &'static str,
    sentence: &'static str,
}

const RECEIVED: Page = Page {
    status: "200 OK",
    heading: "deskbell has heard from your browser",
    sentence: "You may close this tab and go back to your terminal.",
};
const REFUSED: Page = Page {
    status: "200 OK",
    heading: "The sign-in was not finished",
    sentence: "deskbell tells why in your terminal. You may close this tab.",
};
const WRONG_STATE: Page = Page {
    status: "400 Bad Request",
    heading: "This is not the sign-in deskbell is waiting for",
    sentence: "Use the address that your terminal shows now. You may close this tab.",
};
const NOT_HERE: Page = Page { status: "404 Not Found", heading: "Nothing here", sentence: "" };
const BAD_REQUEST: Page = Page { status: "400 Bad Request", heading: "Not understood", sentence: "" };
const TOO_LARGE: Page = Page { status: "413 Content Too Large", heading: "Too large", sentence: "" };

async fn answer(stream: &mut TcpStream, page: &Page) -> std::io::Result<()> {
    let Page { status, heading, sentence } = page;
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
