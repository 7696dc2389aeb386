//! The request to an administrator as text to paste, and what is offered where a permission is missing.
//!
//! Pure: whoever knows the registration fills in a [`ConsentRequest`]. Must stay true: each permission is named with its reason and
//! its risk; the link asks for exactly these, so that nobody grants more than was read. Deliberately absent: sending it.

use crate::domain::account::Tier;
use crate::domain::permission::{Grantor, Permission, PermissionKind};
use std::fmt::Write as _;

/// What a registration needs, and where it is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRequest {
    /// The identity service, without a slash at its end.
    pub authority: String,
    /// Graph, without a slash at its end.
    pub graph: String,
    /// Application (client) id.
    pub client_id: String,
    /// The tenant: its id where it is known.
    pub tenant: String,
    /// For a person or for a service.
    pub kind: PermissionKind,
    /// What is asked for.
    pub tiers: Vec<Tier>,
    /// A redirect address of the registration; the page ends there.
    pub redirect_uri: String,
    /// Who asks: name or address; empty while nobody is known.
    pub asker: String,
    /// A service's mailboxes; empty: not limited by us.
    pub mailboxes: Vec<String>,
}

impl ConsentRequest {
    /// What is asked for, each once.
    #[must_use]
    pub fn permissions(&self) -> Vec<&'static Permission> {
        permissions(&self.tiers, self.kind)
    }

    /// The v2 admin-consent page for exactly these permissions [v2-admin-consent]. A service's are granted as a whole.
    #[must_use]
    pub fn address(&self) -> String {
        self.address_of(&self.permissions())
    }

    /// The same without what a tenant may not know yet, as the whole page fails for that; `None` where everything is known. It is
    /// the second choice: a sign-in asks for all, and finds what nobody granted refused.
    #[must_use]
    pub fn narrower_address(&self) -> Option<String> {
        let all = self.permissions();
        let known: Vec<&Permission> = all.iter().copied().filter(|permission| !permission.may_be_unknown()).collect();
        (self.kind == PermissionKind::Delegated && known.len() < all.len()).then(|| self.address_of(&known))
    }

    fn address_of(&self, permissions: &[&Permission]) -> String {
        let root = self.graph.trim_end_matches('/');
        let scope = match self.kind {
            PermissionKind::Application => format!("{root}/.default"),
            PermissionKind::Delegated => {
                let named = permissions.iter().map(|permission| format!("{root}/{}", permission.name));
                let scopes: Vec<String> =
                    named.chain(["openid", "profile", "offline_access"].map(str::to_owned)).collect();
                scopes.join(" ")
            }
        };
        // The page of `common` would take personal accounts too, and those have no administrator.
        let tenant = if self.tenant.is_empty() || self.tenant == "common" { "organizations" } else { &self.tenant };
        format!(
            "{}/{}/v2.0/adminconsent?client_id={}&scope={}&redirect_uri={}&state=deskbell",
            self.authority.trim_end_matches('/'),
            encoded(tenant),
            encoded(&self.client_id),
            encoded(&scope),
            encoded(&self.redirect_uri),
        )
    }

    /// The whole request, to be pasted into a mail or a ticket.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text =
            String::from("Subject: please allow permissions for the app registration of deskbell\n\nHello,\n\n");
        let service = self.kind == PermissionKind::Application;
        let who = match (self.asker.as_str(), service) {
            ("", false) => "I would like to use deskbell".to_owned(),
            ("", true) => "I would like to run deskbell as a service".to_owned(),
            (asker, false) => format!("I ({asker}) would like to use deskbell"),
            (asker, true) => format!("I ({asker}) would like to run deskbell as a service"),
        };
        let _ = write!(
            text,
            "{who}, a program in the terminal that reads calendars, mail and absences from Microsoft 365. It runs on my \
             computer only and sends nothing elsewhere. Our organisation leaves these permissions to an administrator.\n\n"
        );
        let _ =
            write!(text, "To grant them, open this page and sign in as an administrator:\n\n{}\n\n", self.address());
        if let Some(narrower) = self.narrower_address() {
            let unsure: Vec<&str> =
                self.permissions().iter().filter(|one| one.may_be_unknown()).map(|one| one.name).collect();
            let _ = write!(
                text,
                "Should it say that a permission does not exist (AADSTS650053): your tenant does not know {} yet. Then open this \
                 page, which leaves it out:\n\n{narrower}\n\n",
                unsure.join(", ")
            );
        }
        if self.redirect_uri.contains("//localhost") || self.redirect_uri.contains("//127.0.0.1") {
            let _ = write!(
                text,
                "At its end the page goes to {}. Nothing listens there on your computer, so the browser may say that it \
                 cannot be reached; the permissions are granted all the same.\n\n",
                self.redirect_uri
            );
        }
        let _ = write!(text, "Application (client) id: {}\nTenant: {}\n\n", self.client_id, self.tenant);
        let kind = if service { "application permissions" } else { "delegated permissions" };
        let _ = write!(text, "What is asked for ({kind} of Microsoft Graph):\n\n");
        for permission in self.permissions() {
            let _ = writeln!(text, "- {}", permission.name);
            let _ = writeln!(text, "  Reason: {}", permission.reason);
            let _ = writeln!(text, "  Risk: {}", permission.risk);
            if permission.may_be_unknown() {
                let _ = writeln!(text, "  Not every tenant knows it yet. Without it this part stays dark.");
            }
        }
        text.push('\n');
        text.push_str(&if service { self.narrowing_of_service() } else { self.narrowing_of_person() });
        text.push_str("\nThank you.\n");
        text
    }

    fn narrowing_of_person(&self) -> String {
        let mut text = String::from(
            "How far it reaches: with delegated permissions deskbell sees what the person who signed in may see, and never more. \
             All of the above are for reading.\n\nTo narrow it further:\n\n\
             - Who may use it: in the Entra admin centre under Enterprise applications, open the application, set Properties > \
             Assignment required to Yes, and add people or a group under Users and groups.\n\
             - For one person only: grant on behalf of that person instead of the organisation, with Graph's \
             oauth2PermissionGrants (consentType Principal).\n\
             - From where: a Conditional Access policy for the application.\n\
             - To take it back: delete the application under Enterprise applications, or revoke single permissions there.\n",
        );
        if self.tiers.iter().any(|tier| matches!(tier, Tier::Calendar | Tier::Mail)) && self.tiers.len() > 1 {
            text.push_str("- Less is useful too: each permission opens its own part, and without the others the rest still works.\n");
        }
        text
    }

    /// RBAC for Applications adds to what Entra grants, so the same role must not be granted there as well [application-rbac].
    fn narrowing_of_service(&self) -> String {
        let roles: Vec<&str> = self
            .permissions()
            .into_iter()
            .map(|permission| permission.name)
            .filter(|name| {
                ["Mail.", "Calendars.", "Contacts.", "MailboxSettings."].iter().any(|area| name.starts_with(area))
            })
            .collect();
        let mut text = String::from(
            "How far it reaches: application permissions hold for every mailbox of the organisation unless they are narrowed.\n\n",
        );
        if roles.is_empty() {
            text.push_str("None of the above opens a mailbox, so there is nothing to narrow.\n");
            return text;
        }
        let _ = write!(
            text,
            "To narrow it to some mailboxes, do not grant {} on the page above, but in Exchange Online with RBAC for Applications \
             (what is granted on the page comes on top and is not narrowed):\n\n",
            roles.join(", ")
        );
        let filter = if self.mailboxes.is_empty() {
            "CustomAttribute1 -eq 'deskbell'".to_owned()
        } else {
            let each: Vec<String> = self
                .mailboxes
                .iter()
                .map(|address| format!("PrimarySmtpAddress -eq '{}'", address.replace('\'', "''")))
                .collect();
            each.join(" -or ")
        };
        let _ = writeln!(
            text,
            "  New-ServicePrincipal -AppId {} -ObjectId <object id of the enterprise application>",
            self.client_id
        );
        let _ = writeln!(text, "  New-ManagementScope -Name deskbell -RecipientRestrictionFilter \"{filter}\"");
        for role in &roles {
            let _ = writeln!(
                text,
                "  New-ManagementRoleAssignment -App {} -Role \"Application {role}\" -CustomResourceScope deskbell",
                self.client_id
            );
        }
        let first = self.mailboxes.first().map_or("someone@your.domain", String::as_str);
        let _ = writeln!(text, "  Test-ServicePrincipalAuthorization {} -Resource {first}", self.client_id);
        text.push_str("\nIt takes from 30 minutes to two hours until Graph follows such a change.\n");
        text
    }
}

/// The permissions of `tiers`, each once, in the order of the tiers.
#[must_use]
pub fn permissions(tiers: &[Tier], kind: PermissionKind) -> Vec<&'static Permission> {
    let mut found: Vec<&'static Permission> = Vec::new();
    for tier in tiers {
        let names = match kind {
            PermissionKind::Delegated => tier.scopes(),
            PermissionKind::Application => tier.roles(),
        };
        for permission in names.iter().filter_map(|name| Permission::find(name, kind)) {
            if !found.contains(&permission) {
                found.push(permission);
            }
        }
    }
    found
}

/// What can be done about a missing permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Offer {
    /// Ask the service for it now: a sign-in for these tiers on top.
    AskNow,
    /// Show the finished request, to be pasted.
    AskAdministrator,
    /// Leave it dark and say nothing more until tomorrow.
    NotNow,
}

impl Offer {
    /// In words.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::AskNow => "Ask for it now",
            Self::AskAdministrator => "Ask my administrator",
            Self::NotNow => "Not now",
        }
    }
}

/// A tier that is dark: what is missing and what can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPermission {
    /// What is dark.
    pub tier: Tier,
    /// What is not held of it; empty: it is open.
    pub permissions: Vec<&'static Permission>,
    /// Who may grant the most demanding of them.
    pub grantor: Grantor,
    /// Somebody has said "not now" today.
    pub is_put_off: bool,
    /// What can be done, best first.
    pub offers: Vec<Offer>,
    /// The request for [`Offer::AskAdministrator`].
    pub request: ConsentRequest,
}

/// Everything but the unreserved characters as `%XX` [RFC 3986].
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(kind: PermissionKind, tiers: &[Tier]) -> ConsentRequest {
        ConsentRequest {
            authority: "https://login.microsoftonline.com/".to_owned(),
            graph: "https://graph.microsoft.com".to_owned(),
            client_id: "11111111-2222-4333-8444-555555555555".to_owned(),
            tenant: "contoso.com".to_owned(),
            kind,
            tiers: tiers.to_vec(),
            redirect_uri: "http://localhost".to_owned(),
            asker: "lena@contoso.com".to_owned(),
            mailboxes: Vec::new(),
        }
    }

    #[test]
    fn the_link_asks_for_what_the_text_names_and_a_second_leaves_out_what_a_tenant_may_not_know() {
        let request = request(PermissionKind::Delegated, &[Tier::WhoIsOut, Tier::Mail]);
        let address = request.address();
        assert!(
            address.starts_with("https://login.microsoftonline.com/contoso.com/v2.0/adminconsent?client_id=11111111-"),
            "{address}"
        );
        assert!(address.contains("https%3A%2F%2Fgraph.microsoft.com%2FMail.Read%20"), "{address}");
        assert!(address.contains("redirect_uri=http%3A%2F%2Flocalhost&"), "{address}");
        assert!(address.contains("MailTips.ReadBasic.Shared") && !address.contains("Calendars"), "{address}");
        let narrower = request.narrower_address().expect("a second link");
        assert!(!narrower.contains("MailTips") && narrower.contains("Mail.Read%20"), "{narrower}");
        let text = request.text();
        assert!(text.contains(&address) && text.contains(&narrower));
        for permission in request.permissions() {
            assert!(
                text.contains(permission.name) && text.contains(permission.reason) && text.contains(permission.risk)
            );
        }
        assert!(text.contains("lena@contoso.com") && text.contains("Assignment required"));
    }

    #[test]
    fn a_service_is_told_how_it_is_narrowed_to_its_mailboxes() {
        let mut request = request(PermissionKind::Application, &[Tier::WhoIsOut, Tier::Mail, Tier::SharedMailboxes]);
        request.mailboxes = vec!["o'brien@contoso.com".to_owned()];
        assert!(request.address().contains("scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&"));
        let text = request.text();
        assert_eq!(text.matches("- Mail.Read\n").count(), 1, "{text}");
        assert!(text.contains("-Role \"Application Mail.Read\""), "{text}");
        assert!(text.contains("PrimarySmtpAddress -eq 'o''brien@contoso.com'"), "{text}");
        assert!(!text.contains("Application User.ReadBasic"), "only mailboxes are narrowed there: {text}");
    }

    #[test]
    fn common_has_no_administrator_and_becomes_the_organisation() {
        let request =
            ConsentRequest { tenant: "common".to_owned(), ..request(PermissionKind::Delegated, &[Tier::Mail]) };
        assert!(request.address().contains("/organizations/v2.0/adminconsent?"));
    }
}
