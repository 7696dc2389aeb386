//! The discovery document of an identity service, as far as somebody who looks for a fault wants to know it
//! [v2-protocols-oidc].
//!
//! Deliberately absent: using its addresses. They follow from the authority, and a document that could move them could lead a
//! refresh token astray.

use crate::base::text::tame;
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
