//! A request as the `curl` command that would send the same (`--show-request`).
//!
//! Must stay true: the command can be copied into a shell as it is, and nothing in it is a secret: where a token, a code or a
//! password stands, the command names a shell variable. Deliberately absent: the proxy and the certificates, for curl reads the
//! same variables.

use crate::base::text::tame;
use reqwest::header::{HeaderName, HeaderValue};
use url::form_urlencoded;

/// What every client sends by itself, or what would only confuse.
const LEFT_OUT: [&str; 4] = ["user-agent", "accept-encoding", "content-length", "host"];
/// Fields of a form to the identity service that say what is asked and are no secrets.
const OPEN_FIELDS: [&str; 8] = [
    "grant_type",
    "client_id",
    "scope",
    "redirect_uri",
    "client_assertion_type",
    "response_type",
    "claims",
    "client_info",
];

/// The command for `request`.
#[must_use]
pub fn line(request: &reqwest::Request) -> String {
    let mut line = String::from("curl");
    if request.method().as_str() != "GET" {
        line.push_str(&format!(" -X {}", request.method()));
    }
    let mut is_form = false;
    for (name, value) in request.headers() {
        is_form |= name == "content-type" && value.as_bytes().starts_with(b"application/x-www-form-urlencoded");
        if !LEFT_OUT.contains(&name.as_str()) {
            line.push_str(" -H ");
            line.push_str(&header(name, value));
        }
    }
    if let Some(body) = request.body() {
        match body.as_bytes() {
            Some(body) if is_form => line.push_str(&form(body)),
            Some(body) => line.push_str(&format!(" --data {}", quoted(&String::from_utf8_lossy(body)))),
            None => line.push_str(" --data @FILE"),
        }
    }
    line.push(' ');
    line.push_str(&quoted(request.url().as_str()));
    tame(&line).into_owned()
}

fn header(name: &HeaderName, value: &HeaderValue) -> String {
    if name == "authorization" {
        let is_bearer = value.as_bytes().get(..7).is_some_and(|word| word.eq_ignore_ascii_case(b"bearer "));
        return format!("\"authorization: {}$TOKEN\"", if is_bearer { "Bearer " } else { "" });
    }
    let value = if value.is_sensitive() { "…".into() } else { String::from_utf8_lossy(value.as_bytes()) };
    quoted(&format!("{name}: {value}"))
}

/// The fields of a form; a value that may be a secret is a shell variable called like its field.
fn form(body: &[u8]) -> String {
    let mut text = String::new();
    for (name, value) in form_urlencoded::parse(body) {
        if OPEN_FIELDS.contains(&&*name) {
            text.push_str(&format!(" --data-urlencode {}", quoted(&format!("{name}={value}"))));
        } else {
            let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let name: String = name.chars().filter(|&letter| is_word(letter)).collect();
            text.push_str(&format!(" --data-urlencode \"{name}=${}\"", name.to_ascii_uppercase()));
        }
    }
    text
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_a_command_with_a_placeholder_for_the_token() {
        let client = reqwest::Client::builder().tls_certs_only([]).build().expect("a client");
        let request = client
            .get("https://graph.microsoft.com/v1.0/users?$filter=displayName%20eq%20'it''s'")
            .header("Prefer", "outlook.timezone=\"UTC\"")
            .bearer_auth("planted-secret")
            .build()
            .expect("a request");
        assert_eq!(
            line(&request),
            "curl -H 'prefer: outlook.timezone=\"UTC\"' -H \"authorization: Bearer $TOKEN\" \
             'https://graph.microsoft.com/v1.0/users?$filter=displayName%20eq%20%27it%27%27s%27'"
        );
    }

    #[test]
    fn what_may_be_a_secret_in_a_form_is_a_variable() {
        let client = reqwest::Client::builder().tls_certs_only([]).build().expect("a client");
        let body = "grant_type=refresh_token&refresh_token=planted&client_secret=planted&scope=a+b&%24(rm)=planted";
        let request = client
            .post("https://login.example.com/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .build()
            .expect("a request");
        let line = line(&request);
        assert!(!line.contains("planted") && !line.contains("$("), "{line}");
        assert!(
            line.contains("'grant_type=refresh_token' --data-urlencode \"refresh_token=$REFRESH_TOKEN\""),
            "{line}"
        );
        assert!(line.contains("'scope=a b'"), "{line}");
    }

    #[test]
    fn quotes_end_no_word() {
        assert_eq!(quoted("a'b; rm -rf $HOME"), r"'a'\''b; rm -rf $HOME'");
    }
}
