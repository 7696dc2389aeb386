//! The sign-in service's numbers in words: `assets/aadsts.toml`.
//!
//! Must stay true: a number chooses a sentence here and decides nothing anywhere.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("../../assets/aadsts.toml");

/// What a number means.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Why it happened, one sentence.
    pub cause: String,
    /// What to do, one sentence.
    pub remedy: String,
}

/// The entry of the first number we know.
#[must_use]
pub fn explain(codes: &[u64]) -> Option<&'static Entry> {
    codes.iter().find_map(|code| table().get(code))
}

/// All entries by number.
#[must_use]
pub fn table() -> &'static BTreeMap<u64, Entry> {
    static PARSED: OnceLock<BTreeMap<u64, Entry>> = OnceLock::new();
    PARSED.get_or_init(|| {
        let entries: BTreeMap<String, Entry> = toml::from_str(TABLE).unwrap_or_default();
        entries.into_iter().filter_map(|(code, entry)| Some((code.parse().ok()?, entry))).collect()
    })
}
