//! Coming.
use crate::sim::tenant::Shared;
pub(crate) fn decide(_shared: &Shared, _what: &str, _person: Option<&str>) -> Result<(), String> {
    Err("coming".to_owned())
}
