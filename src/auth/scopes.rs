//! What is asked for: scopes as one line of a request.
//!
//! Must stay true: `offline_access` is always asked for, because an answer never repeats it and without it there is no next
//! token; a scope is named once, however it is written.

use crate::domain::account::Tier;

/// What an id token and a refresh token need.
const IDENTITY: [&str; 3] = ["openid", "profile", "offline_access"];

/// `scopes` for one request, with what an id token and a refresh token need.
#[must_use]
pub fn scope_line<'a>(scopes: impl IntoIterator<Item = &'a str>) -> String {
    let mut line: Vec<&str> = Vec::new();
    for scope in IDENTITY.into_iter().chain(scopes) {
        if !line.iter().any(|known| short(known).eq_ignore_ascii_case(short(scope))) {
            line.push(scope);
        }
    }
    line.join(" ")
}

/// The scopes of `tiers`. `mail_tips`: with the scope that not every tenant knows yet.
pub fn of_tiers(tiers: &[Tier], mail_tips: bool) -> impl Iterator<Item = &str> {
    let scopes = tiers.iter().flat_map(|tier| tier.scopes()).copied();
    scopes.filter(move |scope| mail_tips || !scope.starts_with("MailTips."))
}

/// The name behind the address of the resource.
fn short(scope: &str) -> &str {
    scope.rsplit('/').next().unwrap_or(scope)
}
