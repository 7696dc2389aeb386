//! What is asked for: the scopes of tiers.
//!
//! What an id token and a refresh token need beside them is the provider's to say.

use crate::domain::account::Tier;

/// The scopes of `tiers`. `mail_tips`: with the scope that not every tenant knows yet.
pub fn of_tiers(tiers: &[Tier], mail_tips: bool) -> impl Iterator<Item = &str> {
    let scopes = tiers.iter().flat_map(|tier| tier.scopes()).copied();
    scopes.filter(move |scope| mail_tips || !scope.starts_with("MailTips."))
}
