//! The address a browser ended at, as people paste it.
//!
//! Must stay true: tolerant of how text is copied (spaces, line ends, quotes, angle brackets, `&amp;`), strict about what it is:
//! the `state` is ours or nothing of it is used; no sentence repeats what was pasted.

use super::aadsts;
use super::errors::Refusal;
use crate::base::secret::Secret;
use crate::net::loopback::Parameters;

/// No redirect is longer.
const LONGEST: usize = 64 * 1024;

/// Why a pasted text is of no use. The sign-in goes on waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasteProblem {
    /// Nothing was pasted.
    Empty,
    /// Far too long.
    TooLong,
    /// The source of a page instead of its address.
    Page,
    /// The address of a page, without an answer.
    NoAnswer,
    /// No address at all.
    NoAddress,
    /// A code alone.
    CodeAlone,
    /// It answers another sign-in.
    WrongState,
    /// It carries a refusal.
    Refused(Box<Refusal>),
    /// The person pressed Cancel on the page.
    Declined,
    /// It was pasted before.
    Used,
    /// The service did not take the code any more.
    Spent,
}

impl PasteProblem {
    /// The problem in words. `redirect_uri`: how the right address begins.
    #[must_use]
    pub fn sentence(&self, redirect_uri: &str) -> String {
        match self {
            Self::Empty => "Nothing was pasted.".to_owned(),
            Self::TooLong => "This is far longer than any address. Paste the address of the last page only.".to_owned(),
            Self::Page => "This is the text of a page. Paste its address, from the browser's address line.".to_owned(),
            Self::NoAnswer => format!(
                "This address carries no answer. Finish the sign-in in the browser, then paste the address that begins with {redirect_uri}"
            ),
            Self::NoAddress => format!("This is no address. The one to paste begins with {redirect_uri}"),
            Self::CodeAlone => {
                "This seems to be the code alone. Paste the whole address: what stands around the code proves that it is yours."
                    .to_owned()
            }
            Self::WrongState => {
                "This address answers another sign-in. Open the address shown here, and paste the one it ends at.".to_owned()
            }
            Self::Declined => {
                "The sign-in was declined in the browser. Open the address again if that was not meant.".to_owned()
            }
            Self::Refused(refusal) => {
                let known = aadsts::explain(&refusal.codes).map(|entry| format!("{} {}", entry.cause, entry.remedy));
                let told = || match refusal.description.as_str() {
                    "" => format!("The service only says \"{}\".", refusal.error),
                    description => description.to_owned(),
                };
                format!("This address carries a refusal. {}", known.unwrap_or_else(told))
            }
            Self::Used => "This address was pasted before; each works once. Open the address again for a new one.".to_owned(),
            Self::Spent => {
                "The code in this address was used already or is too old. Open the address again and paste the new one."
                    .to_owned()
            }
        }
    }
}

/// Reads what was pasted: the parameters of a redirect with our `state` and a code.
///
/// # Errors
/// [`PasteProblem`].
pub fn read(text: &Secret<String>, state: &Secret<String>) -> Result<Parameters, PasteProblem> {
    let text = text.expose();
    if text.len() > LONGEST {
        return Err(PasteProblem::TooLong);
    }
    if is_page(text) {
        return Err(PasteProblem::Page);
    }
    let joined: String =
        text.chars().filter(|character| !character.is_whitespace() && !character.is_control()).collect();
    let joined = Secret::new(joined.replace("&amp;", "&"));
    let address = joined.expose().trim_matches(|character| QUOTES.contains(&character));
    if address.is_empty() {
        return Err(PasteProblem::Empty);
    }
    let is_address = address.contains("://");
    // The answer stands behind the question mark, or behind the hash where a server ignores how it was asked.
    let (before, fragment) = address.split_once('#').unwrap_or((address, ""));
    let query = match before.split_once('?') {
        Some((_, query)) => query,
        None if is_address => "",
        None => before,
    };
    let parameters = [query, fragment].into_iter().map(Parameters::parse).find(Parameters::is_answer);
    let Some(parameters) = parameters else {
        return Err(match is_address {
            true => PasteProblem::NoAnswer,
            false if looks_like_code(address) => PasteProblem::CodeAlone,
            false => PasteProblem::NoAddress,
        });
    };
    if !parameters.has_state(state) {
        return Err(PasteProblem::WrongState);
    }
    match parameters.get("error") {
        None => Ok(parameters),
        Some(error) => match refused(&parameters, error.expose()) {
            // Opening the page again would end the same way: this one ends the sign-in, like any other answer.
            PasteProblem::Refused(refusal) if refusal.wants_administrator() => Ok(parameters),
            problem => Err(problem),
        },
    }
}

/// What stands around an address in mails, chats and shells.
const QUOTES: &[char] = &['"', '\'', '`', '<', '>', '(', ')', '“', '”', '‘', '’', '«', '»'];

fn is_page(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(9).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with("<!doctype") || start.starts_with("<html")
}

fn looks_like_code(text: &str) -> bool {
    text.len() >= 30 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-~".contains(&byte))
}

fn refused(parameters: &Parameters, error: &str) -> PasteProblem {
    match Refusal::of_redirect(parameters, error) {
        Some(refusal) => PasteProblem::Refused(Box::new(refusal)),
        None => PasteProblem::Declined,
    }
}
