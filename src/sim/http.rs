//! What both listeners need of HTTP: a request read whole, an answer built, and answers that break half way.

use crate::base::clock::SharedClock;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use futures_util::stream;
use std::io;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use url::form_urlencoded;

/// Larger bodies are refused; the largest honest one is an attachment of 3 MB in base64. [attachment-post]
const GREATEST_BODY: usize = 8 * 1024 * 1024;

/// A request, read whole.
pub(crate) struct Incoming {
    pub(crate) method: String,
    /// As sent: still percent-encoded.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Incoming {
    /// Reads the request; `None` if the client breaks off or sends too much.
    pub(crate) async fn read(request: Request) -> Option<Self> {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, GREATEST_BODY).await.ok()?;
        let path = parts.uri.path().to_owned();
        let query = parts.uri.query().unwrap_or("").to_owned();
        Some(Self { method: parts.method.as_str().to_owned(), path, query, headers: parts.headers, body })
    }

    /// A header as text; `None` if absent or not text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The address the client used to reach us: `http://` and its `Host`.
    pub(crate) fn base(&self, otherwise: &str) -> String {
        self.header("host").map_or_else(|| otherwise.to_owned(), |host| format!("http://{host}"))
    }

    /// The pairs of the query.
    pub(crate) fn query_pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// The pairs of a form body.
    pub(crate) fn form_pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }
}

/// An answer about to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the connection breaks in the middle of the body.
    pub(crate) cut: bool,
}

impl Outgoing {
    /// An answer of one content type.
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into(), cut: false }
    }

    /// An HTML page.
    pub(crate) fn page(status: u16, body: String) -> Self {
        Self::new(status, "text/html; charset=utf-8", body)
    }

    /// JSON as the authority sends it.
    pub(crate) fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", value.to_string())
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The response as axum sends it.
    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
            {
                response.headers_mut().append(name, value);
            }
        }
        *response.body_mut() = if self.cut { broken(&self.body) } else { Body::from(self.body) };
        response
    }
}

/// The first half of `whole`, then a broken connection.
fn broken(whole: &[u8]) -> Body {
    let half = Bytes::copy_from_slice(&whole[..whole.len() / 2]);
    Body::from_stream(stream::iter([Ok(half), Err(io::Error::from(io::ErrorKind::ConnectionReset))]))
}

/// The first value of a pair.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}

/// Whole seconds since 1970.
pub(crate) fn seconds(moment: SystemTime) -> u64 {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// `moment` as an HTTP date. [RFC 9110]
pub(crate) fn http_date(moment: SystemTime) -> String {
    jiff::Timestamp::try_from(moment)
        .map(|moment| moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default()
}

/// `moment` in UTC by a pattern of strftime.
pub(crate) fn utc(moment: SystemTime, pattern: &str) -> String {
    jiff::Timestamp::try_from(moment).map(|moment| moment.strftime(pattern).to_string()).unwrap_or_default()
}

/// Waits on the tenant's clock.
pub(crate) async fn wait(clock: &SharedClock, milliseconds: u64) {
    clock.sleep(Duration::from_millis(milliseconds)).await;
}
