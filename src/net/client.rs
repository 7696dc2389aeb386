//! The two HTTP clients: one for Graph, one for signing in.
//!
//! Must stay true: they are built on first use, never on the way to the first frame (reading the machine's
//! certificates takes a while); neither follows redirects by itself (Graph's are followed by its transport, without the
//! token; the identity service has none to follow); loopback is never reached through a proxy, and plain http needs no
//! certificates, so the demo works on a machine that has none.
//! Deliberately absent: retries, and a total time limit for Graph (it would cut large downloads). What the identity service says is
//! small: there all of an answer has its time, lest one that drips byte by byte holds up a sign-in for hours.

use super::calls::Calls;
use super::cloud::Cloud;
use super::failure::Failure;
use super::proxy::{Proxies, ProxyError, Straight, Way};
use super::service_time::ServiceTime;
use super::trust::Trust;
use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use crate::domain::calls::ShowRequests;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;
use url::Url;

const CONNECT: Duration = Duration::from_secs(15);
/// The longest silence in an answer. Graph may think for long before the first byte of a large page.
const GRAPH_SILENCE: Duration = Duration::from_mins(1);
const SIGN_IN_SILENCE: Duration = Duration::from_secs(30);
/// The longest exchange with the identity service, from the first byte sent to the last one read.
const SIGN_IN_WHOLE: Duration = Duration::from_secs(90);

/// Why a client could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// A file or folder of certificates that was named cannot be used.
    #[error("the certificates named by {named_by} cannot be used: {why}")]
    Certificates {
        /// The file or folder.
        path: PathBuf,
        /// The option or variable that names it.
        named_by: &'static str,
        /// Why, as a sentence.
        why: String,
    },
    /// A variable names no proxy.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The library cannot build it.
    #[error("the HTTP client cannot be built: {0}")]
    Library(String),
}

impl ClientError {
    /// The error in words.
    #[must_use]
    pub fn report(&self) -> Report {
        let what = "No secure connection can be made from this computer.";
        match self {
            Self::Certificates { path, named_by, why } => {
                let path = tame(&path.display().to_string()).into_owned();
                Report::new(
                    Kind::Configuration,
                    "noCertificates",
                    format!("The certificates in {path} cannot be used."),
                )
                .because(why.clone())
                .next(format!("Correct or remove what {named_by} names: a file of CA certificates in PEM."))
                .detail("named by", *named_by)
            }
            Self::Proxy(ProxyError { variable }) => Report::new(Kind::Configuration, "badProxy", what)
                .because(format!("The variable {variable} is set, but it is no address of a proxy."))
                .next(format!("Set {variable} to an address like http://proxy.example.com:3128, or unset it."))
                .next("Allowed are http, https, socks5, socks5h, socks4 and socks4a."),
            Self::Library(cause) => Report::new(Kind::Network, "noHttpClient", what)
                .because("The computer's certificates could not be read.")
                .next("Check that CA certificates are installed, or name a file of them in SSL_CERT_FILE.")
                .detail("cause", tame(cause)),
        }
    }
}

/// What this computer says about connections: proxies and certificates. The default is neither.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Which proxy a connection goes through.
    pub proxies: Proxies,
    /// Whose certificates are believed beside the system's.
    pub trust: Trust,
    /// Who is shown the requests.
    pub shown: Option<ShowRequests>,
}

impl Network {
    /// What the environment says, with the certificate files of the configuration.
    #[must_use]
    pub fn of(environment: &Environment, ca_files: &[PathBuf]) -> Self {
        Self { proxies: Proxies::of(environment), trust: Trust::of(environment, ca_files), shown: None }
    }
}

/// The two clients of one cloud.
#[derive(Debug)]
pub struct Clients {
    cloud: Cloud,
    network: Network,
    calls: Calls,
    service_time: ServiceTime,
    graph: OnceLock<Result<reqwest::Client, ClientError>>,
    sign_in: OnceLock<Result<reqwest::Client, ClientError>>,
}

impl Clients {
    /// The clients of `cloud`, without a proxy and with the system's certificates; nothing is built yet.
    #[must_use]
    pub fn new(cloud: Cloud) -> Self {
        Self::with(cloud, Network::default())
    }

    /// The clients of `cloud` on this network; nothing is built or read yet.
    #[must_use]
    pub fn with(cloud: Cloud, network: Network) -> Self {
        Self {
            cloud,
            calls: Calls::shown(network.shown.clone()),
            network,
            service_time: ServiceTime::default(),
            graph: OnceLock::new(),
            sign_in: OnceLock::new(),
        }
    }

    /// Proxies and certificates they use.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// What an error on the way to `url` means.
    #[must_use]
    pub fn failure(&self, error: reqwest::Error, url: &Url) -> Failure {
        let way = self.network.proxies.chosen(url).unwrap_or(Way::Straight(Straight::NoneNamed));
        Failure::of(error, url, &way)
    }

    /// What it means that nothing is heard on the way to `url`.
    #[must_use]
    pub fn silence(&self, url: &Url) -> Failure {
        let way = self.network.proxies.chosen(url).unwrap_or(Way::Straight(Straight::NoneNamed));
        Failure::silent(url, &way)
    }

    /// What is remembered of the calls made with them.
    #[must_use]
    pub const fn calls(&self) -> &Calls {
        &self.calls
    }

    /// The service's clock, as its answers tell it.
    #[must_use]
    pub const fn service_time(&self) -> &ServiceTime {
        &self.service_time
    }

    /// The cloud they are for.
    #[must_use]
    pub const fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The client for Graph. Cloning it is cheap and shares its connections.
    ///
    /// # Errors
    /// [`ClientError`] when the machine's certificates or proxy settings cannot be used.
    pub fn graph(&self) -> Result<reqwest::Client, ClientError> {
        self.graph.get_or_init(|| build(&self.network, &self.cloud.graph, GRAPH_SILENCE, None)).clone()
    }

    /// The client for the identity service.
    ///
    /// # Errors
    /// As [`Clients::graph`].
    pub fn sign_in(&self) -> Result<reqwest::Client, ClientError> {
        self.sign_in
            .get_or_init(|| build(&self.network, &self.cloud.authority, SIGN_IN_SILENCE, Some(SIGN_IN_WHOLE)))
            .clone()
    }
}

/// Who we say we are, on each call: product, version and system.
#[must_use]
pub fn user_agent() -> String {
    format!("deskbell/{} ({}; {})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH)
}

fn build(
    network: &Network,
    base: &Url,
    silence: Duration,
    whole: Option<Duration>,
) -> Result<reqwest::Client, ClientError> {
    let builder = reqwest::Client::builder()
        .user_agent(user_agent())
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .read_timeout(silence)
        .no_proxy();
    let builder = match whole {
        Some(whole) => builder.timeout(whole),
        None => builder,
    };
    // Plain http is loopback: nothing on the way there needs a certificate or a proxy.
    let builder = if base.scheme() == "http" {
        builder.tls_certs_only([])
    } else {
        network.proxies.chosen(base)?;
        let proxies = network.proxies.clone();
        // Each connection is asked about anew, for a redirect may lead to where no proxy is needed.
        let proxy = reqwest::Proxy::custom(move |url| {
            proxies.chosen(url).ok()?.proxy().map(|proxy| proxy.address().to_owned())
        });
        builder.tls_backend_preconfigured(network.trust.tls()?).proxy(proxy)
    };
    builder.build().map_err(|error| ClientError::Library(error_chain(&error)))
}

/// An error of the HTTP library with its causes, without the address (its query may hold what nobody shall read).
#[must_use]
pub fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = String::new();
    let mut current = Some(error);
    while let Some(error) = current {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        current = error.source();
    }
    text
}
