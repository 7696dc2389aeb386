//! What a registration for these answers looks like, as steps in the portal and as advice.
//!
//! Pure text. Must stay true: portal, script and requests make the same registration, because all are written from one [`Plan`].

use crate::base::text::wrap;
use crate::domain::account::Tier;
use crate::domain::consent::permissions;
use crate::domain::permission::{Permission, PermissionKind};

/// How a service proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Certificate,
    Secret,
}

/// The answers to the questions.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// What the registration is called.
    pub(crate) name: String,
    /// What for.
    pub(crate) tiers: Vec<Tier>,
    /// As whom.
    pub(crate) kind: PermissionKind,
    /// Which tenant.
    pub(crate) tenant: String,
    /// Name of the cloud.
    pub(crate) cloud: String,
    /// Where the browser comes back to.
    pub(crate) redirect_uri: String,
    /// Permissions by name beyond the tiers'.
    pub(crate) further: Vec<String>,
    /// A service's mailboxes.
    pub(crate) mailboxes: Vec<String>,
    /// A service's proof.
    pub(crate) proof: Proof,
}

impl Plan {
    pub(crate) fn is_service(&self) -> bool {
        self.kind == PermissionKind::Application
    }

    /// The permissions with what every sign-in needs.
    pub(crate) fn permissions(&self) -> Vec<&'static Permission> {
        let mut found = permissions(&self.tiers, self.kind);
        if !self.is_service() {
            let identity = ["openid", "profile", "offline_access"];
            found.extend(identity.iter().filter_map(|name| Permission::find(name, self.kind)));
        }
        found
    }

    /// Whose accounts may sign in, as Graph names it.
    pub(crate) fn audience(&self) -> &'static str {
        match self.tenant.as_str() {
            "organizations" if !self.is_service() => "AzureADMultipleOrgs",
            "common" if !self.is_service() => "AzureADandPersonalMicrosoftAccount",
            "consumers" if !self.is_service() => "PersonalMicrosoftAccount",
            _ => "AzureADMyOrg",
        }
    }

    /// Personal accounts take tokens of the second version only.
    pub(crate) fn takes_personal_accounts(&self) -> bool {
        self.audience().contains("Personal")
    }

    fn audience_in_the_portal(&self) -> &'static str {
        match self.audience() {
            "AzureADMultipleOrgs" => "Accounts in any organizational directory",
            "AzureADandPersonalMicrosoftAccount" => {
                "Accounts in any organizational directory and personal Microsoft accounts"
            }
            "PersonalMicrosoftAccount" => "Personal Microsoft accounts only",
            _ => "Accounts in this organizational directory only",
        }
    }

    fn portal(&self) -> &'static str {
        match self.cloud.as_str() {
            "usgov" | "dod" => "https://portal.azure.us",
            "china" => "https://portal.azure.cn",
            _ => "https://entra.microsoft.com",
        }
    }

    /// The steps in the portal: what to do, and the lines of a list below it.
    fn steps(&self) -> Vec<(String, Vec<String>)> {
        let names = self.permissions().iter().map(|permission| permission.name.to_owned()).collect();
        let unsure: Vec<&str> =
            self.permissions().iter().filter(|known| known.may_be_unknown()).map(|known| known.name).collect();
        let plain = |text: String| (text, Vec::new());
        let mut steps = vec![
            plain(format!("Open {} and choose App registrations, then New registration.", self.portal())),
            (
                "Fill in the page, then press Register.".to_owned(),
                vec![
                    format!("Name: {}", self.name),
                    format!("Supported account types: {}", self.audience_in_the_portal()),
                    if self.is_service() {
                        format!("Redirect URI: Web, {} (an administrator's page ends there)", self.redirect_uri)
                    } else {
                        format!("Redirect URI: Public client/native (mobile & desktop), {}", self.redirect_uri)
                    },
                ],
            ),
        ];
        if !self.is_service() {
            steps.push(plain(
                "Under Authentication (Settings, or Advanced settings) set \"Allow public client flows\" to Yes, and save. \
                 Without it the device code is refused. The redirect address must not stand under Web or Single-page \
                 application."
                    .to_owned(),
            ));
        }
        let kind = if self.is_service() { "Application permissions" } else { "Delegated permissions" };
        steps.push((
            format!("Under API permissions choose Add a permission, Microsoft Graph, {kind}, and tick:"),
            names,
        ));
        if !unsure.is_empty() {
            steps.push(plain(format!(
                "If {} is not in the list, leave it out: not every tenant knows it yet.",
                unsure.join(", ")
            )));
        }
        if !self.further.is_empty() {
            steps.push(("Add these as well, of the resource that defines them:".to_owned(), self.further.clone()));
        }
        if self.is_service() {
            steps.push(plain(match self.proof {
                Proof::Certificate => {
                    "Under Certificates & secrets, Certificates, upload the certificate (the public part, a .pem or .cer file). \
                     The key stays here."
                        .to_owned()
                }
                Proof::Secret => {
                    "Under Certificates & secrets choose New client secret. Copy the column Value at once, it is shown only \
                     now; Secret ID is not the secret. Note the day it expires."
                        .to_owned()
                }
            }));
            steps.push(plain(
                "Under API permissions an administrator presses \"Grant admin consent\". To limit it to some mailboxes, those \
                 permissions are granted in Exchange Online instead; deskbell setup --print request says how."
                    .to_owned(),
            ));
        } else {
            steps.push(plain(
                "If you are an administrator, press \"Grant admin consent\" there. If not, sign in first; should you be told \
                 that an administrator has to approve, deskbell setup --print request writes the message to them."
                    .to_owned(),
            ));
        }
        steps.push(plain(
            "On the page Overview copy \"Application (client) ID\" and \"Directory (tenant) ID\".".to_owned(),
        ));
        steps
    }

    /// The steps in the portal, numbered, in lines of at most `columns` columns.
    pub(crate) fn portal_steps(&self, columns: usize) -> String {
        let mut text = String::new();
        for (at, (words, list)) in self.steps().into_iter().enumerate() {
            let number = format!("{:>2}. ", at + 1);
            text.push_str(&hanging(&number, &words, columns));
            for line in list {
                text.push_str(&hanging("      ", &line, columns));
            }
        }
        text
    }

    /// The command that has these answers, so that nothing is asked again.
    pub(crate) fn command(&self, profile: Option<&str>) -> String {
        let mut command = String::from("deskbell");
        let mut push = |option: &str, value: &str| {
            let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "@.,-_:/".contains(sign);
            let value = if value.chars().all(is_plain) { value.to_owned() } else { super::script::quoted(value) };
            command.push_str(&format!(" {option} {value}"));
        };
        if let Some(profile) = profile {
            push("--profile", profile);
        }
        // Who is out is part of every answer.
        let is_said = |tier: &&Tier| self.tiers.len() == 1 || **tier != Tier::WhoIsOut;
        let tiers: Vec<&str> = self.tiers.iter().filter(is_said).map(|tier| tier.name()).collect();
        push("setup --for", &tiers.join(","));
        push("--as", if self.is_service() { "service" } else { "person" });
        for mailbox in &self.mailboxes {
            push("--mailbox", mailbox);
        }
        push("--tenant", &self.tenant);
        if self.name != super::NAME {
            push("--name", &self.name);
        }
        if self.is_service() && self.proof == Proof::Secret {
            push("--proof", "secret");
        }
        command
    }

    /// Who should own it.
    pub(crate) fn advice(&self) -> String {
        let mut text = String::from(
            "Who should own it: make it in the tenant whose mailboxes are read, and give it at least two owners, or a team; a \
             registration whose only owner has left is in nobody's hands. ",
        );
        text.push_str(if self.is_service() {
            "Somebody must notice when the secret or the certificate ends: put the day into a calendar that several people see."
        } else {
            "It holds no secret, so its client id may be given to every colleague; one registration serves the whole organisation."
        });
        text
    }
}

/// `words` behind `first`, in lines of at most `columns` columns, the others indented as far.
pub(crate) fn hanging(first: &str, words: &str, columns: usize) -> String {
    let indent = first.len();
    let lines = wrap(words, columns.saturating_sub(indent).max(20)).into_iter().enumerate();
    lines.map(|(at, line)| format!("{}{line}\n", if at == 0 { first.to_owned() } else { " ".repeat(indent) })).collect()
}
