//! Which ways in exist here, which is best, and why.

use crate::auth::browser::Landing;
use crate::domain::login::{LoginMethod, LoginOptions, Way, Ways};
use crate::net::browser::Display;

/// What the choice depends on.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// Where a browser started here would show itself.
    pub display: Display,
    /// How the sign-in is done.
    pub options: &'a LoginOptions,
    /// The sign-in server knows codes.
    pub has_codes: bool,
    /// A command that prints a token is configured.
    pub has_command: bool,
    /// The organisation has refused codes before.
    pub code_is_blocked: bool,
    /// The service demands something of the next sign-in that only its page can ask for.
    pub is_challenged: bool,
    /// The way in the profile names.
    pub chosen: Option<LoginMethod>,
}

const BLOCKED: &str = "Your organisation has refused sign-in by code here before.";
const CHALLENGED: &str = "Your organisation asks for something that a code cannot answer.";
const REMOTE: &str = "This session is remote: a browser here would be on the wrong computer.";
const ABSENT: &str = "There is no display here for a browser.";
const ELSEWHERE: &str = "The registered redirect address is elsewhere, so the browser cannot come back by itself.";
const NO_REDIRECT: &str = "The redirect address of this profile cannot be used.";

/// The ways in for these circumstances.
#[must_use]
pub fn ways(circumstances: Circumstances<'_>) -> Ways {
    let Circumstances { display, options, has_codes, has_command, code_is_blocked, is_challenged, chosen } =
        circumstances;
    let landing = Landing::of(options);
    let comes_here = landing.as_ref().is_ok_and(Landing::is_here);
    let browser = match (&landing, display) {
        (Err(_), _) => NO_REDIRECT,
        (Ok(Landing::Elsewhere(_)), _) => ELSEWHERE,
        // With a port of one's own choice there is a tunnel.
        (Ok(_), _) if options.port.is_some() => "",
        (Ok(_), Display::Remote) => REMOTE,
        (Ok(_), Display::Absent) => ABSENT,
        (Ok(_), Display::Here) => "",
    };
    let code = match (code_is_blocked, is_challenged) {
        (true, _) => BLOCKED,
        (false, true) => CHALLENGED,
        (false, false) => "",
    };
    let way = |method, obstacle: &str| Way { method, obstacle: obstacle.to_owned() };
    let mut offered = vec![way(LoginMethod::Browser, browser)];
    if landing.is_ok() {
        offered.push(way(LoginMethod::Paste, ""));
    }
    if has_codes {
        offered.push(way(LoginMethod::DeviceCode, code));
    }
    if has_command {
        offered.push(way(LoginMethod::Command, ""));
    }
    let chosen = chosen.filter(|chosen| offered.iter().any(|way| way.method == *chosen));
    let (preferred, reason) = if let Some(chosen) = chosen {
        (chosen, "Your profile names this way.".to_owned())
    } else if has_command {
        (LoginMethod::Command, "Your profile names a command that gets the token.".to_owned())
    } else if landing.is_ok() && !comes_here {
        (LoginMethod::Paste, ELSEWHERE.to_owned())
    } else if browser.is_empty() {
        (LoginMethod::Browser, String::new())
    } else if !code.is_empty() && landing.is_ok() {
        (LoginMethod::Paste, format!("{browser} {code}"))
    } else if !has_codes && landing.is_ok() {
        (LoginMethod::Paste, browser.to_owned())
    } else {
        (LoginMethod::DeviceCode, browser.to_owned())
    };
    Ways { offered, preferred, reason }
}
