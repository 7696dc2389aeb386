//! What a sign-in server is like, as data: its addresses, what it calls things, and its habits.
//!
//! Who signs in works by the standards [RFC 6749; OpenID Connect Core]; in what servers differ stands here, and the flows ask. What is
//! shipped is Entra ID v2 [v2-protocols-oidc]. Deliberately absent: hosts. They belong to the cloud.

/// The tenant all personal accounts live in [id-token-claims-reference].
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// What a sign-in server is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Path of the sign-in page below the server's address; `{tenant}` stands for the tenant, here and below.
    pub authorize: String,
    /// Path where tokens come from.
    pub token: String,
    /// Path where codes for another device come from; empty: there are none.
    pub device: String,
    /// What an id token and a refresh token need.
    pub identity: Vec<String>,
    /// What a sign-in asks for; empty: what the tiers of the product need.
    pub scopes: Vec<String>,
    /// What an application asks for; `{graph}` stands for the address of Graph.
    pub application: String,
    /// The claim of an id token that names the tenant; empty: there are none, and the issuer stands in.
    pub tenant_claim: String,
    /// The claim that names the person, for good.
    pub person_claim: String,
    /// The tenant of people who belong to no organisation; empty: there is none.
    pub personal_tenant: String,
    /// It knows the parameter `claims` and what clients say they can answer.
    pub takes_claims: bool,
}

impl Default for Provider {
    /// Entra ID.
    fn default() -> Self {
        let text = |text: &str| text.to_owned();
        Self {
            authorize: text("/{tenant}/oauth2/v2.0/authorize"),
            token: text("/{tenant}/oauth2/v2.0/token"),
            device: text("/{tenant}/oauth2/v2.0/devicecode"),
            identity: ["openid", "profile", "offline_access"].map(text).to_vec(),
            scopes: Vec::new(),
            application: text("{graph}/.default"),
            tenant_claim: text("tid"),
            person_claim: text("oid"),
            personal_tenant: text(PERSONAL),
            takes_claims: true,
        }
    }
}

impl Provider {
    /// Whether a code can be typed on another device.
    #[must_use]
    pub const fn has_codes(&self) -> bool {
        !self.device.is_empty()
    }

    /// `scopes` for one request, with what an id token and a refresh token need; each named once, however it is written.
    #[must_use]
    pub fn scope_line<'a>(&'a self, scopes: impl IntoIterator<Item = &'a str>) -> String {
        let mut line: Vec<&str> = Vec::new();
        for scope in self.identity.iter().map(String::as_str).chain(scopes) {
            if !line.iter().any(|known| short(known).eq_ignore_ascii_case(short(scope))) {
                line.push(scope);
            }
        }
        line.join(" ")
    }
}

/// The name behind the address of the resource.
fn short(scope: &str) -> &str {
    scope.rsplit('/').next().unwrap_or(scope)
}
