//! Which hosts belong together: where one signs in and where Graph answers.
//!
//! The four clouds of [deployments; authentication-national-cloud] by name, or explicit addresses (a simulated tenant,
//! a gateway). Must stay true: an address is https, or http to loopback; a token made for one cloud is sent to its
//! Graph host only, which is what [`Cloud::is_graph_host`] answers.
//! Deliberately absent: tenants and client ids. They belong to the account.

use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use crate::domain::provider::Provider;
use url::{Host, Url};

/// Where to sign in and where Graph is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// The identity service, without the tenant and without a trailing slash in its path.
    pub authority: Url,
    /// Graph, without the version and without a trailing slash in its path.
    pub graph: Url,
    /// What the identity service is like.
    pub provider: Provider,
}

/// Why a cloud could not be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloudError {
    /// The name is none of the four.
    #[error("there is no cloud named {0:?}")]
    UnknownName(String),
    /// The text is no web address with a host, or has a part an address here must not have.
    #[error("{option} is not a usable address: {reason}")]
    BadAddress {
        /// `authority` or `graph`.
        option: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Plain http to another machine.
    #[error("{option} is plain http to {host}")]
    PlainHttp {
        /// `authority` or `graph`.
        option: &'static str,
        /// The host.
        host: String,
    },
}

impl CloudError {
    /// The error in words.
    #[must_use]
    pub fn report(&self) -> Report {
        let report = Report::new(Kind::Configuration, "badCloud", "The address of the cloud cannot be used.");
        match self {
            Self::UnknownName(name) => report
                .because(format!("There is no cloud named \"{}\".", tame(name)))
                .next("Set `cloud` to \"global\", \"usgov\", \"dod\" or \"china\", or give `authority` and `graph`."),
            Self::BadAddress { option, reason } => report
                .because(format!("The {option} address is not usable: {reason}."))
                .next(format!("Set `{option}` to an https address, for example {}.", example(option))),
            Self::PlainHttp { option, host } => report
                .because(format!("The {option} address is plain http to {}; tokens would travel readable.", tame(host)))
                .next("Use https. Plain http is for this computer only (localhost, 127.0.0.1, ::1)."),
        }
    }
}

fn example(option: &str) -> &'static str {
    if option == "graph" { "https://graph.microsoft.com" } else { "https://login.microsoftonline.com" }
}

impl Cloud {
    /// The cloud of a name: `global`, `usgov`, `dod` or `china`.
    ///
    /// # Errors
    /// [`CloudError::UnknownName`] for any other name.
    pub fn named(name: &str) -> Result<Self, CloudError> {
        let (authority, graph) = match name {
            "global" => ("https://login.microsoftonline.com", "https://graph.microsoft.com"),
            "usgov" => ("https://login.microsoftonline.us", "https://graph.microsoft.us"),
            "dod" => ("https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
            // The Graph deployments page prints another sign-in host; the Entra page is the newer one.
            "china" => ("https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"),
            other => return Err(CloudError::UnknownName(other.to_owned())),
        };
        Self::at(authority, graph)
    }

    /// The cloud at explicit addresses.
    ///
    /// # Errors
    /// [`CloudError`] when one is no address, or is plain http to another machine than this.
    pub fn at(authority: &str, graph: &str) -> Result<Self, CloudError> {
        Ok(Self {
            authority: address("authority", authority)?,
            graph: address("graph", graph)?,
            provider: Provider::default(),
        })
    }

    /// The same with an identity service of this make.
    #[must_use]
    pub fn with_provider(self, provider: Provider) -> Self {
        Self { provider, ..self }
    }

    /// An address of the identity service: `path` is one of the provider's, below the authority.
    #[must_use]
    pub fn sign_in_address(&self, path: &str, tenant: &str) -> Url {
        let mut url = self.authority.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            let parts = path.split('/').filter(|part| !part.is_empty());
            segments.pop_if_empty().extend(parts.map(|part| if part == "{tenant}" { tenant } else { part }));
        }
        url
    }

    /// Whether `url` leads to this cloud's Graph: same scheme, host and port. Only such a request may carry a token.
    #[must_use]
    pub fn is_graph_host(&self, url: &Url) -> bool {
        url.scheme() == self.graph.scheme()
            && url.host() == self.graph.host()
            && url.port_or_known_default() == self.graph.port_or_known_default()
    }

    /// The scope that stands for everything configured on the registration, for application sign-in.
    #[must_use]
    pub fn default_scope(&self) -> String {
        self.provider.application.replace("{graph}", self.graph.as_str().trim_end_matches('/'))
    }
}

/// Whether `url` leads to this very computer.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn address(option: &'static str, text: &str) -> Result<Url, CloudError> {
    let bad = |reason| CloudError::BadAddress { option, reason };
    let mut url = Url::parse(text.trim()).map_err(|_| bad("it is not a web address"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(bad("it is neither https nor http"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("it holds a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("it holds a question mark or a hash"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(CloudError::PlainHttp { option, host: url.host_str().unwrap_or_default().to_owned() });
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}
