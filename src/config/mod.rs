//! Floor 3: configuration as data: options, keys and themes.
//!
//! The defaults are real files in `assets`, written for people. A start does not read them: it has the same as values and tables, and
//! tests read the files with the code that reads the user's and refuse a difference, so the defaults and their documentation cannot
//! disagree. Must stay true: a wrong file never stops the program and is never overwritten; each mistake becomes a report that names
//! file, line, column and what is allowed, and the default is used in its place. Deliberately absent: what keys and colours are turned
//! into. `state` resolves keys to commands, `view` turns roles into styles.

mod cache;
mod edit;
mod export;
mod groups;
mod keymap;
mod options;
mod profile;
mod reference;
mod rows;
mod source;
mod theme;

pub use cache::{CacheLimits, KeptBodies};
pub use edit::{
    EditError, Setting, set_default_profile, set_profile_option, set_profile_options, set_profile_settings,
};
pub use export::{export_profile, missing_values, profile_names, profile_settings};
pub use groups::{save_group, saved_groups, set_group};
pub use keymap::{Binding, ContextKeys, KeymapData, key_text, keys_text, load_keymap, parse_key, parse_keys};
pub use options::{Config, Flags, Glyphs, Loaded, Retry, RetryMode, ThemeChoice, VaultKey, load, parse_user_config};
pub use profile::{CertificateForm, LoginChoice, Profile, ProfileKind, TokenCache, Unattended};
pub use reference::{OptionDocument, documented_options};
pub use theme::{Colour, Role, StyleData, ThemeData, ThemeName, parse_theme};
