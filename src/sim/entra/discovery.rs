//! The discovery document and the keys. [v2-protocols-oidc]

use crate::sim::entra::account::CONSUMERS;
use crate::sim::entra::error::Refusal;
use crate::sim::entra::keys;
use crate::sim::tenant::{Shared, lock};
use serde_json::{Value, json};

/// The tenant as it stands in the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tenancy {
    /// `common` or `organizations`: any tenant.
    Any(String),
    /// `consumers`, or its id: personal accounts.
    Consumers,
    /// Ours, by id or by domain.
    Ours,
}

impl Tenancy {
    /// Reads the first segment of a path.
    ///
    /// # Errors
    /// 90002 for a tenant that does not exist.
    pub(crate) fn read(shared: &Shared, tenant: &str) -> Result<Self, Refusal> {
        let lower = tenant.to_lowercase();
        match lower.as_str() {
            "common" | "organizations" => return Ok(Self::Any(lower)),
            "consumers" | CONSUMERS => return Ok(Self::Consumers),
            _ => {}
        }
        let ours = lower == shared.tenant_id.to_lowercase() || {
            lock(&shared.world).company.domains.iter().any(|domain| domain.eq_ignore_ascii_case(tenant))
        };
        if ours {
            return Ok(Self::Ours);
        }
        let message = format!("The tenant '{tenant}' was not found. Check its name, and whether this is its cloud.");
        Err(Refusal::new("invalid_request", 90002, message))
    }

    /// As it stands in an issuer: a template where any tenant may come.
    fn issuer(&self, shared: &Shared) -> String {
        match self {
            Self::Any(_) => "{tenantid}".to_owned(),
            Self::Consumers => CONSUMERS.to_owned(),
            Self::Ours => shared.tenant_id.clone(),
        }
    }

    /// As it stands in endpoint addresses.
    pub(crate) fn segment<'a>(&'a self, shared: &'a Shared) -> &'a str {
        match self {
            Self::Any(word) => word,
            Self::Consumers => "consumers",
            Self::Ours => &shared.tenant_id,
        }
    }
}

/// `.well-known/openid-configuration`, with the addresses as the client reached them.
pub(crate) fn document(shared: &Shared, base: &str, tenancy: &Tenancy) -> Value {
    let segment = tenancy.segment(shared);
    let at = |path: &str| format!("{base}/{segment}{path}");
    let graph_host = shared.graph.trim_start_matches("http://");
    json!({
        "token_endpoint": at("/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": at("/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{base}/{}/v2.0", tenancy.issuer(shared)),
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": format!("{}/oidc/userinfo", shared.graph),
        "authorization_endpoint": at("/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": at("/oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "end_session_endpoint": at("/oauth2/v2.0/logout"),
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver", "email", "oid",
        ],
        "tenant_region_scope": match tenancy { Tenancy::Ours => json!("EU"), _ => Value::Null },
        "cloud_instance_name": base.split("//").nth(1),
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": graph_host,
        "rbac_url": "https://pas.windows.net",
    })
}

/// `discovery/v2.0/keys`; each key carries its own issuer.
pub(crate) fn keys(shared: &Shared, base: &str, tenancy: &Tenancy) -> Value {
    keys::published(&format!("{base}/{}/v2.0", tenancy.issuer(shared)))
}
