//! Why a connection failed, by kind and in words, with what to do about it.
//!
//! Must stay true: each kind has its own sentence; no sentence holds the address's path or query, for they name people; what the
//! library says stands in the details only. Deliberately absent: whose call it was, and whether to try again.

use super::client::error_chain;
use super::proxy::{IMPOSSIBLE, Way};
use super::trust::UnknownIssuer;
use crate::base::report::Report;
use crate::base::text::{cut, tame};
use rustls::CertificateError;
use std::error::Error;
use std::io;
use url::Url;

/// Columns of the library's words that are kept.
const LONGEST_DETAIL: usize = 400;
/// Issuers that the services really have; whoever does not know them lacks the system's certificates.
const GENUINE: [&str; 3] = ["DigiCert", "Microsoft", "GlobalSign"];

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The name of the host has no address.
    NoName,
    /// Nobody listens there.
    Refused,
    /// There is no way to that network.
    NoRoute,
    /// The connection was not made, or the answer did not come, in time.
    TimedOut,
    /// The connection broke.
    Cut,
    /// Nobody who is believed has signed the certificate.
    UnknownIssuer(Option<String>),
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not come.
    NotYetValid,
    /// The certificate is for other hosts.
    WrongName,
    /// The certificate is refused for another reason.
    BadCertificate,
    /// What answers does not speak TLS, or not with us.
    NoTls,
    /// The proxy itself cannot be reached.
    ProxyUnreachable,
    /// The proxy wants a name and a password (407).
    ProxyPassword,
    /// The proxy does not let us through.
    ProxyRefused,
    /// Something else.
    Other,
}

/// A connection that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", .kind.code())]
pub struct Failure {
    /// What went wrong.
    pub kind: Kind,
    /// The host that was meant.
    pub host: String,
    /// The proxy on the way, without its password.
    pub proxy: Option<String>,
    /// The cause in the words of the library, tamed.
    pub detail: String,
}

impl Kind {
    /// A stable word for scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoName => "noName",
            Self::Refused => "connectionRefused",
            Self::NoRoute => "noRoute",
            Self::TimedOut => "timedOut",
            Self::Cut => "connectionCut",
            Self::UnknownIssuer(_) => "unknownIssuer",
            Self::Expired => "certificateExpired",
            Self::NotYetValid => "certificateNotYetValid",
            Self::WrongName => "certificateWrongName",
            Self::BadCertificate => "badCertificate",
            Self::NoTls => "noTls",
            Self::ProxyUnreachable => "proxyUnreachable",
            Self::ProxyPassword => "proxyPassword",
            Self::ProxyRefused => "proxyRefused",
            Self::Other => "unreachable",
        }
    }

    /// Whether trying again by itself can help. Certificates and proxies stay as they are.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::NoName | Self::Refused | Self::NoRoute | Self::TimedOut | Self::Cut | Self::Other)
    }
}

impl Failure {
    /// What an error of the HTTP library means, on the way to `url`.
    #[must_use]
    pub fn of(error: reqwest::Error, url: &Url, way: &Way) -> Self {
        let error = error.without_url();
        let detail = error_chain(&error);
        let proxy = way.proxy();
        let kind = kind_of(&error, &detail, proxy.is_some());
        Self {
            kind,
            host: tame(url.host_str().unwrap_or_default()).into_owned(),
            proxy: proxy.map(|proxy| proxy.shown.clone()),
            detail: cut(&tame(&detail), LONGEST_DETAIL),
        }
    }

    /// No sign of life on the way to `url`: an answer does not come, and no new connection is taken either.
    #[must_use]
    pub fn silent(url: &Url, way: &Way) -> Self {
        Self {
            kind: Kind::TimedOut,
            host: tame(url.host_str().unwrap_or_default()).into_owned(),
            proxy: way.proxy().map(|proxy| proxy.shown.clone()),
            detail: "no connection is taken".to_owned(),
        }
    }

    /// Why, as a full sentence.
    #[must_use]
    pub fn why(&self) -> String {
        let host = &self.host;
        let proxy = self.proxy.as_deref().unwrap_or("the proxy");
        match &self.kind {
            Kind::NoName => format!("The name {host} has no address here."),
            Kind::Refused => format!("Nobody answers at {host}."),
            Kind::NoRoute => format!("There is no way to {host} from this network."),
            Kind::TimedOut => format!("{host} did not answer in time."),
            Kind::Cut => format!("The connection to {host} broke."),
            Kind::UnknownIssuer(issuer) => {
                let issuer = issuer.as_deref().map_or_else(String::new, |issuer| format!(", \"{issuer}\","));
                format!("The certificate of {host} is signed by somebody{issuer} whom this computer does not trust.")
            }
            Kind::Expired => format!("The certificate of {host} has expired, or the clock of this computer is wrong."),
            Kind::NotYetValid => {
                format!("The certificate of {host} is not valid yet, or the clock of this computer is wrong.")
            }
            Kind::WrongName => format!("The certificate that answers for {host} belongs to another host."),
            Kind::BadCertificate => format!("The certificate of {host} cannot be accepted."),
            Kind::NoTls => format!("What answers at {host} does not speak TLS with us."),
            Kind::ProxyUnreachable => format!("The proxy {proxy} cannot be reached."),
            Kind::ProxyPassword => format!("The proxy {proxy} wants a name and a password."),
            Kind::ProxyRefused => format!("The proxy {proxy} does not let us through to {host}."),
            Kind::Other => format!("The connection to {host} failed."),
        }
    }

    /// What to do, a full sentence each, best first.
    #[must_use]
    pub fn next(&self) -> Vec<String> {
        let add = |whose: &str| {
            format!(
                "Get {whose} as a file from your IT, and name it in the configuration: [network] ca_files = [\"FILE.pem\"]."
            )
        };
        match &self.kind {
            Kind::UnknownIssuer(Some(issuer)) if GENUINE.iter().any(|name| issuer.contains(name)) => vec![
                "Install or renew the system's CA certificates (the package is often called ca-certificates)."
                    .to_owned(),
                "If SSL_CERT_FILE or SSL_CERT_DIR is set, check that it names all of them.".to_owned(),
            ],
            Kind::UnknownIssuer(issuer) => vec![
                "Most likely a proxy of your organisation reads the traffic and signs it anew.".to_owned(),
                add(&issuer.as_ref().map_or_else(
                    || "its CA certificate".to_owned(),
                    |issuer| format!("the CA certificate \"{issuer}\""),
                )),
                "If you do not know who that is, do not go on: somebody else may be reading.".to_owned(),
            ],
            Kind::Expired | Kind::NotYetValid => {
                vec!["Check date and time of this computer.".to_owned(), "Try another network.".to_owned()]
            }
            Kind::WrongName => vec![
                "Check the addresses in the profile.".to_owned(),
                "Check whether this network shows a sign-in page first: open any page in a browser.".to_owned(),
            ],
            Kind::BadCertificate | Kind::NoTls => vec![
                "Check whether this network shows a sign-in page first: open any page in a browser.".to_owned(),
                "Check the addresses in the profile and the proxy variables.".to_owned(),
            ],
            Kind::ProxyUnreachable => {
                vec!["Check the address in HTTPS_PROXY or ALL_PROXY, and whether the proxy runs.".to_owned()]
            }
            Kind::ProxyPassword => vec![
                "Put them into the proxy's address: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT".to_owned(),
                IMPOSSIBLE.to_owned(),
            ],
            Kind::ProxyRefused => vec![
                format!("Ask your IT to allow {} on port 443.", self.host),
                "Or name the host in NO_PROXY, if it can be reached without the proxy.".to_owned(),
            ],
            Kind::NoName if self.proxy.as_ref().is_some_and(|proxy| proxy.starts_with("socks5:")) => {
                vec!["Write socks5h:// in place of socks5://, so that the proxy looks the name up.".to_owned()]
            }
            Kind::NoName | Kind::NoRoute if self.proxy.is_none() => vec![
                "Check the network, then try again.".to_owned(),
                "If this network needs a proxy, name it in HTTPS_PROXY.".to_owned(),
            ],
            Kind::NoName | Kind::Refused | Kind::NoRoute | Kind::TimedOut | Kind::Cut | Kind::Other => {
                vec!["Check the network, then try again.".to_owned()]
            }
        }
    }

    /// Puts reason, steps and details into `report`. What only a person can change also gives the report its code.
    #[must_use]
    pub fn explain(&self, report: Report) -> Report {
        let mut report = report.because(self.why());
        if !self.kind.may_pass() {
            self.kind.code().clone_into(&mut report.code);
        }
        let report = self.next().into_iter().fold(report, Report::next);
        let report = report.detail("failure", self.kind.code()).detail("host", self.host.clone());
        let report = match &self.proxy {
            Some(proxy) => report.detail("proxy", proxy.clone()),
            None => report,
        };
        report.detail("cause", self.detail.clone())
    }
}

fn kind_of(error: &reqwest::Error, detail: &str, has_proxy: bool) -> Kind {
    for cause in causes(error) {
        if let Some(error) = cause.downcast_ref::<rustls::Error>() {
            return tls(error);
        }
    }
    if has_proxy {
        // The library has words and no types for these.
        let says = |words: &str| detail.contains(words);
        if says("proxy authorization required") || says("credentials not accepted") || says("user/pass authentication")
        {
            return Kind::ProxyPassword;
        }
        if says("tunnel error: unsuccessful") {
            return Kind::ProxyRefused;
        }
        if says("failed to create underlying connection") {
            return Kind::ProxyUnreachable;
        }
        if error.is_connect() && (says("tunnel error") || says("SOCKS error")) {
            return Kind::ProxyRefused;
        }
    }
    if error.is_timeout() {
        return Kind::TimedOut;
    }
    if ["dns error", "error resolving DNS", "invalid dns name"].iter().any(|words| detail.contains(words)) {
        return Kind::NoName;
    }
    for cause in causes(error) {
        let Some(error) = cause.downcast_ref::<io::Error>() else { continue };
        match error.kind() {
            io::ErrorKind::ConnectionRefused => return Kind::Refused,
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => return Kind::NoRoute,
            io::ErrorKind::TimedOut => return Kind::TimedOut,
            _ => {}
        }
    }
    if error.is_connect() { Kind::Other } else { Kind::Cut }
}

fn tls(error: &rustls::Error) -> Kind {
    let rustls::Error::InvalidCertificate(error) = error else { return Kind::NoTls };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Kind::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Kind::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Kind::WrongName,
        CertificateError::UnknownIssuer => Kind::UnknownIssuer(None),
        CertificateError::Other(other) => match other.0.downcast_ref::<UnknownIssuer>() {
            Some(unknown) => Kind::UnknownIssuer(unknown.issuer.clone()),
            None => Kind::BadCertificate,
        },
        _ => Kind::BadCertificate,
    }
}

/// An error, its causes, and what I/O errors carry within.
fn causes<'error>(error: &'error (dyn Error + 'static)) -> Vec<&'error (dyn Error + 'static)> {
    let mut all = Vec::new();
    let mut open = vec![error];
    while let Some(error) = open.pop() {
        all.push(error);
        open.extend(error.source());
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(inner) = inner {
            let inner: &(dyn Error + 'static) = inner;
            open.push(inner);
        }
        // Nobody nests deeper; a circle would have no end.
        if all.len() > 64 {
            break;
        }
    }
    all
}
