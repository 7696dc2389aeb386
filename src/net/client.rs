//! The two HTTP clients: one for Graph, one for signing in.
//!
//! Must stay true: they are built on first use, never on the way to the first frame (reading the machine's
//! certificates takes a while); neither follows redirects by itself (Graph's are followed by its transport, without the
//! token; the identity service has none to follow); loopback is never reached through a proxy, and needs no
//! certificates, so the demo works on a machine that has none. Other hosts use the proxy that the environment names.
//! Deliberately absent: retries and a total time limit (it would cut large downloads).

use super::calls::Calls;
use super::cloud::{Cloud, is_loopback};
use crate::base::report::{Kind, Report};
use std::sync::OnceLock;
use std::time::Duration;
use url::Url;

const CONNECT: Duration = Duration::from_secs(15);
/// The longest silence in an answer. Graph may think for long before the first byte of a large page.
const GRAPH_SILENCE: Duration = Duration::from_mins(1);
const SIGN_IN_SILENCE: Duration = Duration::from_secs(30);

/// Why a client could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client cannot be built: {0}")]
pub struct ClientError(String);

impl ClientError {
    /// The error in words.
    #[must_use]
    pub fn report(&self) -> Report {
        Report::new(Kind::Network, "noHttpClient", "No secure connection can be made from this computer.")
            .because("The computer's certificates or proxy settings could not be read.")
            .next("Check that CA certificates are installed, or name a file of them in SSL_CERT_FILE.")
            .next("Check the proxy variables HTTPS_PROXY and ALL_PROXY.")
            .detail("cause", self.0.clone())
    }
}

/// The two clients of one cloud.
#[derive(Debug)]
pub struct Clients {
    cloud: Cloud,
    calls: Calls,
    graph: OnceLock<Result<reqwest::Client, ClientError>>,
    sign_in: OnceLock<Result<reqwest::Client, ClientError>>,
}

impl Clients {
    /// The clients of `cloud`; nothing is built yet.
    #[must_use]
    pub fn new(cloud: Cloud) -> Self {
        Self { cloud, calls: Calls::default(), graph: OnceLock::new(), sign_in: OnceLock::new() }
    }

    /// What is remembered of the calls made with them.
    #[must_use]
    pub const fn calls(&self) -> &Calls {
        &self.calls
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
        self.graph.get_or_init(|| build(&self.cloud.graph, GRAPH_SILENCE)).clone()
    }

    /// The client for the identity service.
    ///
    /// # Errors
    /// As [`Clients::graph`].
    pub fn sign_in(&self) -> Result<reqwest::Client, ClientError> {
        self.sign_in.get_or_init(|| build(&self.cloud.authority, SIGN_IN_SILENCE)).clone()
    }
}

/// Who we say we are, on each call: product, version and system.
#[must_use]
pub fn user_agent() -> String {
    format!("deskbell/{} ({}; {})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH)
}

fn build(base: &Url, silence: Duration) -> Result<reqwest::Client, ClientError> {
    let mut builder = reqwest::Client::builder()
        .user_agent(user_agent())
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .read_timeout(silence);
    if is_loopback(base) {
        builder = builder.no_proxy().tls_certs_only([]);
    }
    builder.build().map_err(|error| ClientError(error_chain(&error)))
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
