//! Scopes: which exist, which are granted, and how they are asked for. [scopes-oidc; permissions-reference]
//!
//! Names compare without case; an answer carries the usual spelling. A scope of Graph may stand bare or behind the address of
//! Graph. `offline_access` is asked for and never answered.

use crate::sim::entra::error::Refusal;
use crate::sim::world::{Consent, WorldOptions};
use std::collections::BTreeSet;

/// Resource id of Graph, which also serves as its prefix.
pub(crate) const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";
/// The audience of its tokens, whatever address the simulated one listens at.
pub(crate) const GRAPH_AUDIENCE: &str = "https://graph.microsoft.com";

/// The delegated scopes the tenant knows; `true`: an administrator's in every tenant.
const DELEGATED: &[(&str, bool)] = &[
    ("User.Read", false),
    ("User.ReadBasic.All", false),
    ("User.Read.All", true),
    ("User.RevokeSessions.All", true),
    ("Presence.Read", false),
    ("Presence.Read.All", false),
    ("Presence.ReadWrite", false),
    ("MailTips.ReadBasic.Shared", false),
    ("Calendars.Read", false),
    ("Calendars.ReadBasic", true),
    ("Calendars.Read.Shared", false),
    ("Calendars.ReadWrite", false),
    ("Calendars.ReadWrite.Shared", false),
    ("Mail.Read", false),
    ("Mail.ReadBasic", false),
    ("Mail.Read.Shared", false),
    ("Mail.ReadWrite", false),
    ("Mail.ReadWrite.Shared", false),
    ("Mail.Send", false),
    ("Mail.Send.Shared", false),
    ("MailboxSettings.Read", false),
    ("MailboxSettings.ReadWrite", false),
    ("People.Read", false),
    ("People.Read.All", true),
    ("Contacts.Read", false),
    ("Contacts.ReadWrite", false),
    ("GroupMember.Read.All", true),
    ("GroupMember.ReadBasic.All", true),
    ("Place.Read.All", true),
    ("Application.ReadWrite.All", true),
    ("AppRoleAssignment.ReadWrite.All", true),
    ("DelegatedPermissionGrant.ReadWrite.All", true),
];

/// What the managed consent policy leaves to ordinary people. [configure-user-consent]
const LOW_RISK: &[&str] = &[
    "User.Read",
    "User.ReadBasic.All",
    "Presence.Read",
    "Presence.Read.All",
    "Presence.ReadWrite",
    "MailTips.ReadBasic.Shared",
    "Contacts.Read",
    "Mail.Send",
];

/// What a personal account has no use for: these are dropped. \[perm\]
const WORK_ONLY: &[&str] = &[
    "User.ReadBasic.All",
    "User.Read.All",
    "User.RevokeSessions.All",
    "Presence.Read",
    "Presence.Read.All",
    "Presence.ReadWrite",
    "MailTips.ReadBasic.Shared",
    "Calendars.ReadWrite.Shared",
    "Mail.Read.Shared",
    "Mail.ReadWrite.Shared",
    "Mail.Send.Shared",
    "People.Read.All",
    "GroupMember.Read.All",
    "GroupMember.ReadBasic.All",
    "Place.Read.All",
];

/// Whether the scope needs an administrator in every tenant.
pub(crate) fn is_administrators(scope: &str) -> bool {
    DELEGATED.iter().any(|(name, administrators)| *administrators && name.eq_ignore_ascii_case(scope))
}

/// Whether the managed consent policy leaves it to ordinary people.
pub(crate) fn is_low_risk(scope: &str) -> bool {
    LOW_RISK.iter().any(|name| name.eq_ignore_ascii_case(scope))
}

/// Whether it means nothing for a personal account.
pub(crate) fn is_work_only(scope: &str) -> bool {
    WORK_ONLY.iter().any(|name| name.eq_ignore_ascii_case(scope))
}

/// The usual spelling of a delegated scope the tenant knows.
pub(crate) fn known(scope: &str) -> Option<&'static str> {
    DELEGATED.iter().map(|(name, _)| *name).find(|name| name.eq_ignore_ascii_case(scope))
}

/// All delegated scopes and whether they need an administrator.
pub(crate) fn delegated() -> impl Iterator<Item = (&'static str, bool)> {
    DELEGATED.iter().copied()
}

/// These scopes in the order of the service's own list; what it does not know comes last.
pub(crate) fn in_order(scopes: &BTreeSet<String>) -> Vec<String> {
    let listed = DELEGATED.iter().map(|(name, _)| *name).filter(|name| scopes.contains(*name)).map(str::to_owned);
    let others = scopes.iter().filter(|scope| !DELEGATED.iter().any(|(name, _)| name == scope)).cloned();
    listed.chain(others).collect()
}

/// The application roles of the confidential client: reading, over all mailboxes.
pub(crate) const ROLES: &[&str] = &[
    "Calendars.Read",
    "Contacts.Read",
    "GroupMember.Read.All",
    "Mail.Read",
    "MailboxSettings.Read",
    "MailTips.ReadBasic.All",
    "Place.Read.All",
    "Presence.Read.All",
    "User.Read.All",
];

/// What a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// `openid`, `profile`, `email` as asked.
    pub(crate) identity: BTreeSet<String>,
    /// Whether a refresh token is asked for.
    pub(crate) offline: bool,
    /// Scopes of Graph in their usual spelling, in the order asked.
    pub(crate) graph: Vec<String>,
    /// `.default`: all there is.
    pub(crate) everything: bool,
}

impl Asked {
    /// Reads a `scope` parameter.
    ///
    /// # Errors
    /// 650053 for a scope Graph does not know, 70011 for `.default` beside others, 500011 for another resource.
    pub(crate) fn read(text: &str, graph: &str, options: &WorldOptions) -> Result<Self, Refusal> {
        let mut asked = Self::default();
        for word in text.split_whitespace() {
            match word.to_lowercase().as_str() {
                "offline_access" => asked.offline = true,
                name @ ("openid" | "profile" | "email") => {
                    asked.identity.insert(name.to_owned());
                }
                _ => asked.add(bare(word, graph)?, options)?,
            }
        }
        if asked.everything && !asked.graph.is_empty() {
            let message =
                format!("The scope '{text}' is not valid: .default stands for all scopes and goes with no single one.");
            return Err(Refusal::new("invalid_scope", 70011, message));
        }
        Ok(asked)
    }

    fn add(&mut self, name: &str, options: &WorldOptions) -> Result<(), Refusal> {
        if name.eq_ignore_ascii_case(".default") {
            self.everything = true;
            return Ok(());
        }
        let known = DELEGATED.iter().map(|(known, _)| *known).find(|known| known.eq_ignore_ascii_case(name));
        let known = known.filter(|known| options.mail_tips || !known.starts_with("MailTips.")).ok_or_else(|| {
            let message =
                format!("The application asked for the scope '{name}', which the resource '{GRAPH_ID}' does not have.");
            Refusal { status: 400, ..Refusal::new("invalid_client", 650_053, message) }
        })?;
        if !self.graph.iter().any(|scope| scope == known) {
            self.graph.push(known.to_owned());
        }
        Ok(())
    }

    /// What the tenant gives at all of it.
    pub(crate) fn granted(&self, options: &WorldOptions) -> Vec<String> {
        let may = |name: &str, administrators: bool| match options.consent {
            Consent::None => false,
            Consent::All => true,
            Consent::Basic => {
                !administrators && ["User.", "Presence.", "MailTips."].iter().any(|start| name.starts_with(start))
            }
        };
        let all = DELEGATED.iter().filter(|(name, administrators)| may(name, *administrators)).map(|(name, _)| *name);
        let all = all.filter(|name| options.mail_tips || !name.starts_with("MailTips."));
        if self.everything {
            return all.map(str::to_owned).collect();
        }
        let all: BTreeSet<&str> = all.collect();
        self.graph.iter().filter(|name| all.contains(name.as_str())).cloned().collect()
    }

    /// Whether everything asked for was also asked for in `before`.
    pub(crate) fn within(&self, before: &Self) -> bool {
        before.everything || !self.everything && self.graph.iter().all(|name| before.graph.contains(name))
    }
}

/// The name without the address of Graph before it.
fn bare<'a>(word: &'a str, graph: &str) -> Result<&'a str, Refusal> {
    for prefix in [graph, GRAPH_AUDIENCE, GRAPH_ID] {
        if let Some(name) = word.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('/')) {
            // Two slashes come from clients that append `/.default` to an address with a slash of its own.
            return Ok(name.trim_start_matches('/'));
        }
    }
    let Some((resource, _)) = word.rsplit_once('/') else { return Ok(word) };
    let message = format!("The tenant has no resource named {resource}.");
    Err(Refusal::new("invalid_resource", 500_011, message))
}

/// `scope` of an answer: the identity words, then what was granted. Never `offline_access`.
pub(crate) fn answered(identity: &BTreeSet<String>, granted: &[String]) -> String {
    let identity = ["openid", "profile", "email"].into_iter().filter(|word| identity.contains(*word));
    identity.chain(granted.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
}

/// What holding `granted` amounts to, in lower case: writing includes reading, the whole includes the basic.
pub(crate) fn implied(granted: &[String]) -> BTreeSet<String> {
    let mut held: BTreeSet<String> = granted.iter().map(|name| name.to_lowercase()).collect();
    for (greater, lesser) in [(".readwrite", ".read"), (".read", ".readbasic")] {
        let more: Vec<String> = held.iter().filter_map(|name| lesser_of(name, greater, lesser)).collect();
        held.extend(more);
    }
    for (greater, lesser) in [("user.read.all", "user.read"), ("presence.read.all", "presence.read")] {
        if held.contains(greater) {
            held.insert(lesser.to_owned());
        }
    }
    held
}

fn lesser_of(name: &str, greater: &str, lesser: &str) -> Option<String> {
    let (area, rest) = name.split_once('.')?;
    let suffix = format!(".{rest}");
    let tail = suffix.strip_prefix(greater)?;
    (tail.is_empty() || tail.starts_with('.')).then(|| format!("{area}{lesser}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_includes_reading_and_not_sending() {
        let held = implied(&[
            "Mail.ReadWrite".to_owned(),
            "Calendars.ReadWrite.Shared".to_owned(),
            "User.Read.All".to_owned(),
        ]);
        for name in [
            "mail.readwrite",
            "mail.read",
            "mail.readbasic",
            "calendars.read.shared",
            "user.readbasic.all",
            "user.read",
        ] {
            assert!(held.contains(name), "{name} of {held:?}");
        }
        assert!(!held.contains("mail.send") && !held.contains("mail.read.shared") && !held.contains("calendars.read"));
    }
}
