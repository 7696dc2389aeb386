//! Coming.
use crate::sim::tenant::Shared;
use std::sync::Arc;
pub(crate) fn router(_shared: Arc<Shared>) -> axum::Router {
    axum::Router::new()
}
