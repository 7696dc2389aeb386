//! Signing in by browser: authorization code with PKCE [v2-oauth2-auth-code-flow].
//!
//! Three steps: [`BrowserFlow::begin`] makes the address (and opens the port where the browser can come back to us),
//! [`BrowserFlow::wait`] waits for the redirect or for the address it went to, pasted; [`BrowserFlow::redeem`] exchanges what came.
//! Must stay true: `state`, nonce and verifier are new each time and leave this value only as the protocol wants it; what is
//! wrong with something pasted or with a visitor ends nothing; dropping the flow closes the port and ends it.

use super::Surroundings;
use super::entra::{Authorize, Entra};
use super::errors::{AuthError, Refusal};
use super::pasted::{self, PasteProblem};
use super::vault::StoredAccount;
use crate::base::activity::Working;
use crate::base::secret::Secret;
use crate::domain::login::LoginOptions;
use crate::net::cloud::is_loopback;
use crate::net::loopback::{Loopback, Parameters};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use url::Url;

/// The browser may take so long. A refused registration never comes back, so there has to be an end; the service's own
/// page gives up about then, too.
const PATIENCE: Duration = Duration::from_mins(10);
/// Characters of state and nonce, six random bits each.
const NONCE_LENGTH: usize = 32;
/// Characters of the PKCE verifier; 43 to 128 are allowed [RFC 7636].
const VERIFIER_LENGTH: usize = 64;

/// An address the person pasted, and what counts it as work.
pub type Pasted = (Secret<String>, Working);

/// Where the browser ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Landing {
    /// At a port of this computer.
    Here {
        /// The port asked for, if one was.
        port: Option<u16>,
        /// The redirect address as it is registered, without the port; none: `http://localhost`.
        address: Option<Url>,
    },
    /// At a page elsewhere, or at one that fails to load: the person pastes its address.
    Elsewhere(Url),
}

impl Landing {
    /// Where a sign-in with these options ends.
    ///
    /// # Errors
    /// [`AuthError::BadRedirect`] when the redirect address is none.
    pub fn of(options: &LoginOptions) -> Result<Self, AuthError> {
        let Some(text) = options.redirect_uri.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(Self::Here { port: options.port, address: None });
        };
        let address = Url::parse(text).map_err(|_| AuthError::BadRedirect("It is no web address."))?;
        if !address.username().is_empty() || address.password().is_some() || address.fragment().is_some() {
            return Err(AuthError::BadRedirect("It holds a user name, a password or a hash."));
        }
        match address.scheme() {
            "https" => Ok(Self::Elsewhere(address)),
            "http" if is_loopback(&address) => {
                Ok(Self::Here { port: options.port.or(address.port()), address: Some(address) })
            }
            "http" => {
                Err(AuthError::BadRedirect("It is plain http to another computer; the code would travel readable."))
            }
            _ => Err(AuthError::BadRedirect("It is neither https nor http.")),
        }
    }

    /// Whether a browser on this computer can come back by itself.
    #[must_use]
    pub const fn is_here(&self) -> bool {
        matches!(self, Self::Here { .. })
    }
}

/// A sign-in whose browser is under way.
#[derive(Debug)]
pub struct BrowserFlow {
    entra: Entra,
    scope: String,
    redirect_uri: String,
    state: Secret<String>,
    nonce: Secret<String>,
    verifier: Secret<String>,
    loopback: Option<Loopback>,
    surroundings: Surroundings,
    address: Url,
    expires: SystemTime,
    /// Codes that were tried, to know one that is pasted again.
    tried: Mutex<Vec<Secret<String>>>,
}

/// What a browser brought, or somebody pasted.
#[derive(Debug)]
pub struct Returned {
    parameters: Parameters,
    was_pasted: bool,
    /// Counts what follows as work.
    pub working: Working,
}

impl Returned {
    /// Whether a person pasted it.
    #[must_use]
    pub const fn was_pasted(&self) -> bool {
        self.was_pasted
    }
}

/// How the exchange went.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one in a sign-in")]
pub enum Redeemed {
    /// It is over, well or not.
    Done(Result<StoredAccount, AuthError>),
    /// The pasted code was of no use; waiting goes on.
    GoOn(PasteProblem),
}

impl BrowserFlow {
    /// Makes the address, and opens the port where `listens` and the redirect can come here. Nothing is sent yet.
    ///
    /// # Errors
    /// [`AuthError::Loopback`] when the port cannot be opened, [`AuthError::BadRedirect`] when the options name no usable address.
    pub async fn begin(
        entra: Entra,
        scope: &str,
        options: &LoginOptions,
        listens: bool,
        surroundings: &Surroundings,
    ) -> Result<Self, AuthError> {
        let (loopback, redirect_uri) = match Landing::of(options)? {
            Landing::Elsewhere(address) => (None, address.to_string()),
            Landing::Here { port, address } if listens => {
                let path = address.as_ref().map_or("/", Url::path);
                let loopback = Loopback::bind(port, path).await?;
                let redirect_uri = here(address, loopback.port());
                (Some(loopback), redirect_uri)
            }
            // Nobody listens there; the service wants an address of the registered form all the same.
            Landing::Here { port, address } => {
                (None, port.map_or_else(|| portless(address.as_ref()), |port| here(address.clone(), port)))
            }
        };
        let secret = |length| Secret::new(surroundings.ids.token(length));
        let (state, nonce, verifier) = (secret(NONCE_LENGTH), secret(NONCE_LENGTH), secret(VERIFIER_LENGTH));
        let address = entra.authorize_address(&Authorize {
            redirect_uri: &redirect_uri,
            scope,
            state: &state,
            nonce: &nonce,
            verifier: &verifier,
            options,
        });
        Ok(Self {
            entra,
            scope: scope.to_owned(),
            redirect_uri,
            state,
            nonce,
            verifier,
            loopback,
            surroundings: surroundings.clone(),
            address,
            expires: surroundings.clock.now() + PATIENCE,
            tried: Mutex::default(),
        })
    }

    /// Where the browser has to go.
    #[must_use]
    pub const fn address(&self) -> &Url {
        &self.address
    }

    /// Where it comes back to, as it was sent.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// When waiting ends.
    #[must_use]
    pub const fn expires(&self) -> SystemTime {
        self.expires
    }

    /// Waits until the browser comes back with our `state`, or its address is pasted. `working` ends once the clock knows
    /// that somebody waits. What is wrong with something that came is told to `problem`, as a sentence.
    ///
    /// # Errors
    /// [`AuthError::TimedOut`] ten minutes after the beginning.
    pub async fn wait(
        &self,
        working: Working,
        pasted: &mut mpsc::UnboundedReceiver<Pasted>,
        problem: &(dyn Fn(String) + Send + Sync),
    ) -> Result<Returned, AuthError> {
        let Surroundings { clock, activity, .. } = &self.surroundings;
        let end = clock.sleep_until(self.expires);
        drop(working);
        let stray = |stray: crate::net::loopback::Stray| problem(stray.sentence().to_owned());
        let visited = async {
            match &self.loopback {
                Some(loopback) => loopback.wait(&self.state, clock, activity, &stray).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            redirect = visited => {
                Ok(Returned { parameters: redirect.parameters, was_pasted: false, working: redirect.working })
            }
            Some(returned) = self.next_paste(pasted, problem) => Ok(returned),
            () = end => Err(AuthError::TimedOut),
        }
    }

    /// The first pasted address that is one; `None` when nobody can paste any more.
    async fn next_paste(
        &self,
        pasted: &mut mpsc::UnboundedReceiver<Pasted>,
        problem: &(dyn Fn(String) + Send + Sync),
    ) -> Option<Returned> {
        loop {
            let (text, working) = pasted.recv().await?;
            let read = pasted::read(&text, &self.state).and_then(|parameters| {
                let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
                let is_known = parameters.get("code").is_some_and(|code| tried.contains(code));
                if is_known { Err(PasteProblem::Used) } else { Ok(parameters) }
            });
            match read {
                Ok(parameters) => return Some(Returned { parameters, was_pasted: true, working }),
                Err(what) => problem(what.sentence(&self.redirect_uri)),
            }
        }
    }

    /// Exchanges what came. Whoever else comes to the port meanwhile is told that it is late.
    pub async fn redeem(&self, returned: &Returned) -> Redeemed {
        let Surroundings { clock, activity, .. } = &self.surroundings;
        let late = async {
            match &self.loopback {
                Some(loopback) => loopback.tell_late(clock, activity).await,
                None => std::future::pending().await,
            }
        };
        let result = tokio::select! {
            result = self.exchange(&returned.parameters) => result,
            never = late => match never {},
        };
        match result {
            Err(AuthError::Refused(refusal)) if returned.was_pasted && refusal.error == "invalid_grant" => {
                Redeemed::GoOn(PasteProblem::Spent)
            }
            result => Redeemed::Done(result),
        }
    }

    async fn exchange(&self, parameters: &Parameters) -> Result<StoredAccount, AuthError> {
        if let Some(error) = parameters.get("error") {
            return Err(match Refusal::of_redirect(parameters, error.expose()) {
                Some(refusal) => AuthError::Refused(Box::new(refusal)),
                None => AuthError::Declined,
            });
        }
        let code = parameters.get("code");
        let code = code.ok_or_else(|| AuthError::Malformed("a redirect without a code".to_owned()))?;
        self.tried.lock().unwrap_or_else(PoisonError::into_inner).push(code.clone());
        let tokens = self.entra.redeem(code, &self.verifier, &self.redirect_uri).await?;
        self.entra.account(tokens, &self.scope, Some(&self.nonce))
    }
}

/// The redirect address with the port that was opened. Without one of the profile's: `localhost` by name and no path, as the
/// service wants it [reply-url].
fn here(address: Option<Url>, port: u16) -> String {
    match address {
        None => format!("http://localhost:{port}"),
        Some(mut address) => {
            // Only an address without a host takes no port, and a loopback address has one.
            let _ = address.set_port(Some(port));
            address.to_string()
        }
    }
}

fn portless(address: Option<&Url>) -> String {
    address.map_or_else(|| "http://localhost".to_owned(), Url::to_string)
}
