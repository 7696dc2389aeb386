//! One look at an address, for the doctor: what answers there, and by what clock.
//!
//! Must stay true: nothing secret is sent (no token, no cookie, no secret of the registration); nothing is repeated and no
//! redirect is followed, because where it leads is the finding; an answer is read up to a bound.

use super::client::{ClientError, Clients};
use super::failure::Failure;
use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use std::time::{Duration, SystemTime};
use url::Url;

/// An answer is read up to here; a sign-in page has some dozen kilobytes.
const LONGEST: usize = 512 * 1024;

/// All of a look has this long: one that drips must not hold up the doctor.
const WHOLE: Duration = Duration::from_mins(1);

/// What answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// HTTP status.
    pub status: u16,
    /// The `Date` of the answer.
    pub date: Option<SystemTime>,
    /// The media type without its parameters, lower case, tame; may be empty.
    pub media_type: String,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// The beginning of the body, as it came.
    pub body: Vec<u8>,
}

/// Why nothing answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// There is no HTTP client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The connection failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl ProbeError {
    /// The error in words; `what` is a full sentence saying what failed.
    #[must_use]
    pub fn report(&self, what: &str) -> Report {
        match self {
            Self::Client(error) => error.report(),
            Self::Failed(failure) => failure.explain(Report::new(Kind::Network, failure.kind.code(), what)),
        }
    }
}

/// Looks at an address of the identity service.
///
/// # Errors
/// [`ProbeError`].
pub async fn sign_in(clients: &Clients, address: &Url) -> Result<Seen, ProbeError> {
    look(clients, &clients.sign_in()?, address).await
}

/// Looks at an address of Graph, without a token.
///
/// # Errors
/// [`ProbeError`].
pub async fn graph(clients: &Clients, address: &Url) -> Result<Seen, ProbeError> {
    look(clients, &clients.graph()?, address).await
}

/// Whether anybody takes a connection where `address` leads: the host itself, or the proxy on the way. Nothing is sent. Waits as long
/// as the system does; the caller sets the limit.
pub async fn reaches(clients: &Clients, address: &Url) -> bool {
    let Ok(way) = clients.network().proxies.chosen(address) else { return false };
    let through = way.proxy().and_then(|proxy| proxy.address().parse::<Url>().ok());
    let target = through.as_ref().unwrap_or(address);
    let port = target.port_or_known_default().unwrap_or(1080);
    let Some(host) = target.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    tokio::net::TcpStream::connect((host, port)).await.is_ok()
}

async fn look(clients: &Clients, client: &reqwest::Client, address: &Url) -> Result<Seen, ProbeError> {
    let failed = |error: reqwest::Error| clients.failure(error, address);
    let mut answer = client.get(address.clone()).timeout(WHOLE).send().await.map_err(failed)?;
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let media_type = header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut seen = Seen {
        status: answer.status().as_u16(),
        date: header("date").and_then(|text| http_date(&text)),
        media_type: tame(&media_type).into_owned(),
        location: header("location"),
        body: Vec::new(),
    };
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        let room = LONGEST - seen.body.len();
        seen.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() >= room {
            break;
        }
    }
    Ok(seen)
}

/// A date as HTTP writes it (`Sat, 21 Nov 2026 09:12:13 GMT`) [RFC 9110].
#[must_use]
pub fn http_date(text: &str) -> Option<SystemTime> {
    let zoned = jiff::fmt::rfc2822::DateTimeParser::new().parse_zoned(text.trim()).ok()?;
    Some(SystemTime::from(zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::http_date;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_date_of_http_is_read() {
        let read = http_date("Sat, 21 Nov 2026 09:12:13 GMT");
        assert_eq!(read, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_252_333)));
        assert_eq!(http_date("yesterday"), None);
    }
}
