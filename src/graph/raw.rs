//! Any path of Graph, read for somebody who knows what is there (`deskbell get`).
//!
//! Must stay true: reading only; below the version root of Graph's own host and nowhere else, because the token goes along; links
//! of the service are followed by the same rules as everywhere. What came before a page failed is given out.

use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use crate::graph::Graph;
use crate::graph::call::{Call, Priority, is_same_origin};
use crate::graph::error::GraphError;
use crate::graph::page::Trail;
use crate::graph::transport::Response;
use serde_json::Value;
use url::Url;

const WHAT: &str = "The path could not be read.";
/// Headers that belong to the connection, to the sign-in or to us.
const OURS: [&str; 9] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "user-agent",
    "client-request-id",
];

/// What is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawRead {
    /// A path below the version root, with or without the version, or a full address at Graph.
    pub path: String,
    /// Follow the service's links to further pages.
    pub all: bool,
    /// Headers beside ours, name and value.
    pub headers: Vec<(String, String)>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub enum RawAnswer {
    /// JSON.
    Json {
        /// The document; with `all`, the first page with the members of every page in its `value`.
        document: Value,
        /// There are further pages.
        has_more: bool,
        /// Why a further page could not be read.
        problem: Option<Report>,
    },
    /// Something else, e.g. a photo or the source of a message.
    Bytes {
        /// What the service calls it.
        content_type: String,
        /// As they came.
        bytes: Vec<u8>,
    },
}

/// Reads.
///
/// # Errors
/// A report for a path that is refused here, and for whatever the service or the network says.
pub async fn read(graph: &Graph, wanted: &RawRead) -> Result<RawAnswer, Report> {
    let url = address(&wanted.path, graph.base())?;
    for (name, value) in &wanted.headers {
        check_header(name, value)?;
    }
    let told = |error: GraphError| error.report(WHAT);
    let below = url.path().strip_prefix(graph.base().path()).unwrap_or(url.path());
    graph.admit_path(below).map_err(told)?;
    let mut trail = Trail::default();
    trail.follow(url.as_str()).map_err(told)?;
    let response = graph.send(call(url.as_str(), wanted)).await.map_err(told)?;
    let Some(mut document) = json(&response).map_err(told)? else {
        let Response { body: bytes, content_type, .. } = response;
        return Ok(RawAnswer::Bytes { content_type, bytes });
    };
    let mut next = next_link(&document);
    let mut problem = None;
    while let Some(link) = next.take_if(|_| wanted.all) {
        let page = match trail.follow(&link) {
            Ok(()) => page(graph, call(&link, wanted)).await,
            Err(error) => Err(error),
        };
        match page {
            Ok(mut page) => {
                next = next_link(&page);
                let rows = page.get_mut("value").map(Value::take);
                if let (Some(Value::Array(all)), Some(Value::Array(rows))) = (document.get_mut("value"), rows) {
                    all.extend(rows);
                }
            }
            Err(error) => problem = Some(error.report("A further page could not be read.")),
        }
    }
    if wanted.all
        && problem.is_none()
        && let Some(object) = document.as_object_mut()
    {
        object.remove("@odata.nextLink");
    }
    Ok(RawAnswer::Json { document, has_more: next.is_some(), problem })
}

fn call(link: &str, wanted: &RawRead) -> Call {
    let call = Call::link(link).priority(Priority::Person);
    wanted.headers.iter().fold(call, |call, (name, value)| {
        if name.eq_ignore_ascii_case("prefer") { call.prefer(value) } else { call.header(name.clone(), value) }
    })
}

async fn page(graph: &Graph, call: Call) -> Result<Value, GraphError> {
    let response = graph.send(call).await?;
    json(&response)?.filter(Value::is_object).ok_or_else(|| response.unreadable("a page is not JSON".to_owned()))
}

/// The answer as JSON; `None` where the service says that it is something else.
fn json(response: &Response) -> Result<Option<Value>, GraphError> {
    let kind = response.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if response.body.is_empty() {
        return Err(response.unreadable("it is empty".to_owned()));
    }
    if kind == "text/html" || kind == "application/xhtml+xml" {
        return Err(response.unreadable("it is a web page".to_owned()));
    }
    let is_json = kind.is_empty() || kind == "application/json" || kind.ends_with("+json");
    match serde_json::from_slice(&response.body) {
        Ok(document) if is_json => Ok(Some(document)),
        Err(_) if is_json => Err(response.unreadable("it is no JSON".to_owned())),
        _ => Ok(None),
    }
}

fn next_link(document: &Value) -> Option<String> {
    document.get("@odata.nextLink")?.as_str().map(str::to_owned)
}

/// The address that `path` means.
fn address(path: &str, base: &Url) -> Result<Url, Report> {
    let refused = |why: String| {
        Report::new(Kind::Usage, "pathRefused", "This path is not read.")
            .because(why)
            .next(format!("Give a path like /me/messages, or an address that begins with {base}."))
    };
    let path = path.trim();
    if path.chars().any(|letter| letter.is_control() || letter.is_whitespace() || letter == '\\') {
        return Err(refused("There is a space or a sign in it that must be percent-encoded.".to_owned()));
    }
    let root = base.path().trim_end_matches('/');
    let url = if path.contains("://") && !path.starts_with('/') {
        Url::parse(path).map_err(|_| refused("It is no web address.".to_owned()))?
    } else {
        let below = path.trim_start_matches('/');
        let has_version = matches!(below.split(['/', '?']).next(), Some("v1.0" | "beta"));
        let root = if has_version { root.strip_suffix("/v1.0").unwrap_or(root) } else { root };
        let mut url = base.clone();
        url.set_path("");
        Url::parse(&format!("{}{root}/{below}", url.as_str().trim_end_matches('/')))
            .map_err(|_| refused("It is no path.".to_owned()))?
    };
    if !is_same_origin(&url, base) {
        let host = tame(url.host_str().unwrap_or("another place")).into_owned();
        return Err(refused(format!("The token would go along to {host}, and it goes to Graph only.")));
    }
    if url.fragment().is_some() {
        return Err(refused("A path to read has no #.".to_owned()));
    }
    let is_below = url.path().strip_prefix(root).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1);
    if !is_below {
        let why = if url.path().contains("/beta") {
            "Only the version 1.0 of Graph is read; what is below beta may change any day.".to_owned()
        } else {
            format!("It does not lead below {root}/.")
        };
        return Err(refused(why));
    }
    Ok(url)
}

fn check_header(name: &str, value: &str) -> Result<(), Report> {
    let is_token = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let refused = |why: &str| {
        let name = tame(name).into_owned();
        Err(Report::new(Kind::Usage, "headerRefused", format!("The header \"{name}\" is not sent."))
            .because(why)
            .next("Give NAME:VALUE, e.g. --header ConsistencyLevel:eventual"))
    };
    if name.is_empty() || !name.chars().all(is_token) {
        return refused("That is no name of a header.");
    }
    if !value.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic()) {
        return refused("Its value has signs that no header may have.");
    }
    if OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
        return refused("It belongs to the connection or to the sign-in.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Result<String, String> {
        let base = Url::parse("https://graph.microsoft.com/v1.0").expect("an address");
        address(path, &base).map(String::from).map_err(|report| report.why)
    }

    #[test]
    fn a_path_with_or_without_the_version_and_a_full_address_mean_the_same() {
        let whole = "https://graph.microsoft.com/v1.0/me/messages?$top=2";
        for path in
            ["/me/messages?$top=2", "me/messages?$top=2", "/v1.0/me/messages?$top=2", whole, " /me/messages?$top=2 "]
        {
            assert_eq!(at(path).as_deref(), Ok(whole), "{path}");
        }
        let colon = at("/users?$filter=startsWith(mail,'a://b')");
        assert!(colon.is_ok_and(|url| url.starts_with("https://graph.microsoft.com/v1.0/users")));
    }

    #[test]
    fn the_token_leaves_neither_the_host_nor_the_version() {
        for path in [
            "https://evil.example/v1.0/me",
            "https://graph.microsoft.com.evil.example/v1.0/me",
            "https://lena@graph.microsoft.com/v1.0/me",
            "http://graph.microsoft.com/v1.0/me",
            "https://graph.microsoft.com:444/v1.0/me",
            "file:///etc/passwd",
            "/beta/me",
            "https://graph.microsoft.com/beta/me",
            "/v1.0/../beta/me",
            "/../beta/me",
            "/%2e%2e/beta/me",
            "/me\\..\\..\\beta",
            "https://graph.microsoft.com/v1.0",
            "https://graph.microsoft.com/v1.0beta/me",
            "",
            "/",
            "/me messages",
            "/me#x",
        ] {
            assert!(at(path).is_err(), "{path}: {:?}", at(path));
        }
        for path in ["//evil.example/me", "@evil.example/me", ":80@evil.example/me"] {
            assert!(at(path).is_ok_and(|url| url.starts_with("https://graph.microsoft.com/v1.0/")), "{path}");
        }
        assert!(at("/beta/me").is_err_and(|why| why.contains("beta may change")));
    }

    #[test]
    fn headers_of_ours_and_headers_that_are_none_are_refused() {
        for (name, value) in [
            ("Authorization", "Bearer x"),
            ("HOST", "evil.example"),
            ("Cookie", "a=b"),
            ("", "x"),
            ("a b", "x"),
            ("x", "a\r\nAuthorization: b"),
            ("x", "\u{fc}"),
        ] {
            assert!(check_header(name, value).is_err(), "{name}: {value}");
        }
        assert!(check_header("ConsistencyLevel", "eventual").is_ok());
    }
}
