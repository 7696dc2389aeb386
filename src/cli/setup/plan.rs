//! What a registration for these answers looks like, as steps in the portal and as advice.
//!
//! Pure text. Must stay true: portal, script and requests make the same registration, because all are written from one [`Plan`].

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

    /// The steps in the portal, numbered.
    pub(crate) fn portal_steps(&self) -> String {
        let names: Vec<&str> = self.permissions().iter().map(|permission| permission.name).collect();
        let unsure: Vec<&str> =
            self.permissions().iter().filter(|known| known.may_be_unknown()).map(|known| known.name).collect();
        let mut steps = vec![
            format!("Open {} and choose App registrations, then New registration.", self.portal()),
            format!("Name: {}. Supported account types: {}.", self.name, self.audience_in_the_portal()),
        ];
        if self.is_service() {
            steps.push("Leave the redirect address empty, and press Register.".to_owned());
        } else {
            steps.push(format!(
                "Redirect URI: choose \"Public client/native (mobile & desktop)\" and enter {} (not Web, not Single-page \
                 application). Press Register.",
                self.redirect_uri
            ));
            steps.push(
                "Authentication, Settings or Advanced settings: set \"Allow public client flows\" to Yes, and save. Without it \
                 the device code is refused."
                    .to_owned(),
            );
        }
        let kind = if self.is_service() { "Application permissions" } else { "Delegated permissions" };
        steps.push(format!("API permissions, Add a permission, Microsoft Graph, {kind}. Tick: {}.", names.join(", ")));
        if !unsure.is_empty() {
            steps.push(format!(
                "If {} is not in the list, leave it out: not every tenant knows it yet.",
                unsure.join(", ")
            ));
        }
        for name in &self.further {
            steps.push(format!("Add {name} as well, of the resource that defines it."));
        }
        if self.is_service() {
            steps.push(match self.proof {
                Proof::Certificate => {
                    "Certificates & secrets, Certificates: upload the certificate (the public part, a .pem or \
                                       .cer file). The key stays here."
                        .to_owned()
                }
                Proof::Secret => {
                    "Certificates & secrets, New client secret. Copy the column Value at once, it is shown only now; \
                                  Secret ID is not the secret. Note the day it expires."
                        .to_owned()
                }
            });
            steps.push(
                "API permissions: an administrator presses \"Grant admin consent\". To limit it to some mailboxes, grant those of \
                 mailboxes in Exchange Online instead (the request below says how)."
                    .to_owned(),
            );
        } else {
            steps.push(
                "If you are an administrator, press \"Grant admin consent\" there. If not, sign in first; in case you are told \
                 that an administrator has to approve: deskbell setup --print request"
                    .to_owned(),
            );
        }
        steps.push("Overview: copy \"Application (client) ID\" and \"Directory (tenant) ID\".".to_owned());
        let numbered = steps.iter().enumerate().map(|(at, step)| format!("{:>2}. {step}\n", at + 1));
        numbered.collect()
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
