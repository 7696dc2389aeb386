//! The discovery document of an identity service, as far as somebody who looks for a fault wants to know it
//! [v2-protocols-oidc].
//!
//! Deliberately absent: using its addresses. They follow from the authority, and a document that could move them could lead a
//! refresh token astray.

use super::Surroundings;
use super::identity::is_guid;
use crate::base::text::tame;
use crate::net::probe;
use serde::Deserialize;

/// What the document says. Texts are tame and empty where they are missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    /// Who signs; holds `{tenantid}` where any tenant may come.
    pub issuer: String,
    /// The host of Graph for a tenant.
    pub graph_host: String,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    token_endpoint: String,
    #[serde(default)]
    msgraph_host: Option<String>,
}

impl Discovery {
    /// The id of the tenant the document is of; `None` where any tenant may come.
    #[must_use]
    pub fn tenant_id(&self) -> Option<&str> {
        self.issuer.split('/').find(|part| is_guid(part))
    }
}

/// The id of the tenant a domain belongs to; `None` where the service knows of none, or does not answer.
pub async fn tenant_of_domain(surroundings: &Surroundings, domain: &str) -> Option<String> {
    let mut address = surroundings.clients.cloud().authority.clone();
    address.path_segments_mut().ok()?.pop_if_empty().extend([domain, "v2.0", ".well-known", "openid-configuration"]);
    let _working = surroundings.activity.begin();
    let seen = probe::sign_in(&surroundings.clients, &address).await.ok()?;
    let document = parse(&seen.body).filter(|_| seen.status == 200)?;
    document.tenant_id().map(str::to_owned)
}

/// Reads the document; `None` if it is none.
#[must_use]
pub fn parse(body: &[u8]) -> Option<Discovery> {
    let document: Document = serde_json::from_slice(body).ok()?;
    let text = |text: &str| tame(text).into_owned();
    (!document.token_endpoint.is_empty()).then(|| Discovery {
        issuer: text(&document.issuer),
        graph_host: text(document.msgraph_host.as_deref().unwrap_or_default()),
    })
}
