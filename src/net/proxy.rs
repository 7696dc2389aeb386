//! Which proxy a connection goes through, and why that one.
//!
//! The environment decides, by the variables that curl reads too; where it names no proxy, the system's settings do (macOS and
//! Windows have some). Must stay true: this computer itself is never reached through a proxy; what is chosen can be told in
//! words, without the password that may stand in a proxy's address; a variable that makes no sense is an error and never a
//! silent straight connection. Deliberately absent, because they are not possible here: automatic proxy scripts (PAC), and
//! proxies that want NTLM or Kerberos.

use super::cloud::is_loopback;
use crate::base::environment::Environment;
use crate::base::secret::Secret;
use crate::base::text::tame;
use hyper_util::client::proxy::matcher::Matcher;
use std::sync::Arc;
use url::Url;

/// What no setting can make work, as a sentence.
pub const IMPOSSIBLE: &str = "Automatic proxy scripts (PAC) and proxies that want NTLM or Kerberos cannot be used directly; a local helper such as px or \
     cntlm can stand in between.";
const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
const SYSTEM: &str = "the system's settings";
const HAS_SYSTEM_SETTINGS: bool = cfg!(any(target_os = "macos", target_os = "windows"));

/// A variable that names a proxy but is no address of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is no address of a proxy")]
pub struct ProxyError {
    /// The variable.
    pub variable: &'static str,
}

/// A proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    address: Secret<String>,
    /// The address without name and password.
    pub shown: String,
    /// The variable that names it, or "the system's settings".
    pub named_by: &'static str,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Proxy({} by {})", self.shown, self.named_by)
    }
}

impl Proxy {
    /// The address with name and password, for the HTTP library alone.
    pub(super) fn address(&self) -> &str {
        self.address.expose()
    }
}

/// Why a connection goes straight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Straight {
    /// The address is this computer.
    ThisComputer,
    /// `NO_PROXY` names the host.
    Excepted,
    /// No proxy is named anywhere.
    NoneNamed,
}

/// The way a connection takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Without a proxy.
    Straight(Straight),
    /// Through this one.
    Through(Proxy),
}

impl Way {
    /// The way in words, as a full sentence.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Straight(Straight::ThisComputer) => "No proxy: the address is this computer.".to_owned(),
            Self::Straight(Straight::Excepted) => "No proxy: NO_PROXY names the host.".to_owned(),
            Self::Straight(Straight::NoneNamed) => "No proxy: neither HTTPS_PROXY nor ALL_PROXY names one.".to_owned(),
            Self::Through(proxy) => format!("Through the proxy {}, named by {}.", proxy.shown, proxy.named_by),
        }
    }

    /// The proxy, if there is one.
    #[must_use]
    pub const fn proxy(&self) -> Option<&Proxy> {
        match self {
            Self::Through(proxy) => Some(proxy),
            Self::Straight(_) => None,
        }
    }
}

type Named = Option<Result<Proxy, ProxyError>>;

/// The proxies of this computer. The default is none.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    https: Named,
    http: Named,
    /// Matches what is not excepted; `None` where nothing is.
    exceptions: Option<Arc<Matcher>>,
    system: Option<Arc<Matcher>>,
}

impl Proxies {
    /// What the environment names, else the system.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let all = named(environment, ["ALL_PROXY", "all_proxy"]);
        let https = named(environment, ["HTTPS_PROXY", "https_proxy"]).or_else(|| all.clone());
        let http = named(environment, ["HTTP_PROXY", "http_proxy"]).or(all);
        let exceptions = ["NO_PROXY", "no_proxy"].into_iter().find_map(|name| environment.get(name));
        let exceptions = exceptions.map(|list| Arc::new(Matcher::builder().all("http://proxy").no(list).build()));
        let is_named = https.is_some() || http.is_some();
        let system = (HAS_SYSTEM_SETTINGS && !is_named).then(|| Arc::new(Matcher::from_system()));
        Self { https, http, exceptions, system }
    }

    /// The way to `url`.
    ///
    /// # Errors
    /// [`ProxyError`] when the variable that decides is no address.
    pub fn chosen(&self, url: &Url) -> Result<Way, ProxyError> {
        if is_loopback(url) {
            return Ok(Way::Straight(Straight::ThisComputer));
        }
        let place = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
        let Ok(place) = place.parse() else { return Ok(Way::Straight(Straight::NoneNamed)) };
        let named = if url.scheme() == "http" { &self.http } else { &self.https };
        let Some(named) = named else {
            let system = self.system.as_ref().and_then(|system| system.intercept(&place));
            let proxy = system.and_then(|proxy| proxy_at(&proxy.uri().to_string(), SYSTEM).ok());
            return Ok(proxy.map_or(Way::Straight(Straight::NoneNamed), Way::Through));
        };
        if self.exceptions.as_ref().is_some_and(|exceptions| exceptions.intercept(&place).is_none()) {
            return Ok(Way::Straight(Straight::Excepted));
        }
        named.clone().map(Way::Through)
    }
}

fn named(environment: &Environment, names: [&'static str; 2]) -> Named {
    names.into_iter().find_map(|name| environment.get(name).map(|text| proxy_at(text, name)))
}

fn proxy_at(text: &str, named_by: &'static str) -> Result<Proxy, ProxyError> {
    let wrong = ProxyError { variable: named_by };
    let text = text.trim();
    let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let address = Url::parse(&text).map_err(|_| wrong.clone())?;
    if !SCHEMES.contains(&address.scheme()) || !address.has_host() {
        return Err(wrong);
    }
    let mut shown = format!("{}://{}", address.scheme(), address.host_str().unwrap_or_default());
    if let Some(port) = address.port_or_known_default() {
        shown.push_str(&format!(":{port}"));
    }
    Ok(Proxy { shown: tame(&shown).into_owned(), address: Secret::new(address.into()), named_by })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(pairs: &[(&'static str, &'static str)], url: &str) -> Result<Way, ProxyError> {
        let environment = Environment::from_pairs(pairs.iter().copied());
        Proxies::of(&environment).chosen(&Url::parse(url).expect("an address"))
    }

    fn shown(pairs: &[(&'static str, &'static str)], url: &str) -> String {
        way(pairs, url).map_or_else(|error| error.to_string(), |way| way.words())
    }

    const GRAPH: &str = "https://graph.microsoft.com/v1.0/me";

    #[test]
    fn the_variable_for_the_scheme_wins_over_the_one_for_all() {
        let both = [("HTTPS_PROXY", "http://one:3128"), ("all_proxy", "socks5://two")];
        assert_eq!(shown(&both, GRAPH), "Through the proxy http://one:3128, named by HTTPS_PROXY.");
        assert_eq!(shown(&both, "http://example.com"), "Through the proxy socks5://two, named by all_proxy.");
        assert_eq!(shown(&[("HTTP_PROXY", "one")], GRAPH), "No proxy: neither HTTPS_PROXY nor ALL_PROXY names one.");
        assert_eq!(
            shown(&[("https_proxy", "one:8080")], GRAPH),
            "Through the proxy http://one:8080, named by https_proxy."
        );
        assert_eq!(shown(&[("HTTPS_PROXY", "")], GRAPH), "No proxy: neither HTTPS_PROXY nor ALL_PROXY names one.");
    }

    #[test]
    fn exceptions_are_names_with_what_is_below_them_addresses_and_networks() {
        for (list, is_excepted) in [
            ("graph.microsoft.com", true),
            (".microsoft.com", true),
            ("microsoft.com, example.com", true),
            ("*", true),
            ("soft.com", false),
            ("login.microsoftonline.com", false),
        ] {
            let way = way(&[("HTTPS_PROXY", "http://one"), ("NO_PROXY", list)], GRAPH).expect("a way");
            assert_eq!(way == Way::Straight(Straight::Excepted), is_excepted, "{list}");
        }
        let by_network = [("HTTPS_PROXY", "http://one"), ("no_proxy", "10.0.0.0/8")];
        assert_eq!(shown(&by_network, "https://10.1.2.3/"), "No proxy: NO_PROXY names the host.");
    }

    #[test]
    fn this_computer_is_reached_straight_whatever_is_set() {
        for url in ["http://localhost:1/", "https://127.0.0.1/", "http://[::1]:4711/x"] {
            let way = way(&[("ALL_PROXY", "http://one"), ("HTTPS_PROXY", "nonsense://")], url);
            assert_eq!(way, Ok(Way::Straight(Straight::ThisComputer)), "{url}");
        }
    }

    #[test]
    fn a_variable_that_is_no_proxy_is_an_error_that_names_it() {
        for text in ["ftp://one", "http://", "://", "http://one:99999", "file:///etc/passwd"] {
            assert_eq!(way(&[("HTTPS_PROXY", text)], GRAPH), Err(ProxyError { variable: "HTTPS_PROXY" }), "{text}");
        }
    }

    #[test]
    fn a_password_is_used_and_never_shown() {
        let way = way(&[("HTTPS_PROXY", "http://lena:planted%40secret@one:3128")], GRAPH).expect("a way");
        assert!(!format!("{way:?}{}", way.words()).contains("planted"));
        assert!(way.proxy().expect("a proxy").address().contains("lena:planted%40secret@"));
    }
}
