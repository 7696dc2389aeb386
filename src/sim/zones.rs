//! Time zones as the service names them: Windows names and IANA names, both ways.
//!
//! The table is Unicode's (`assets/windows_zones.tsv`); it is read here once more than in the product on purpose, since client
//! and server agree only through bytes. A name that is in neither list is refused, never taken for UTC.

use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A zone together with the name it was asked by, which is the name it is answered with.
#[derive(Clone, Debug)]
pub struct Zone {
    /// As somebody wrote it: a Windows or an IANA name.
    pub name: String,
    /// What it means.
    pub rules: TimeZone,
}

impl Zone {
    /// The zone of a Windows or IANA name, in any letter case; `None` for a name in neither list.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        let iana = tables().by_windows.get(name.to_ascii_lowercase().as_str()).copied().unwrap_or(name);
        let known = iana.eq_ignore_ascii_case("UTC") || iana.contains('/');
        let rules = known.then(|| TimeZone::get(iana).ok())??;
        Some(Self { name: name.to_owned(), rules })
    }

    /// UTC, under that name.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }
}

/// The Windows name of an IANA zone.
#[must_use]
pub fn windows_name(iana: &str) -> Option<&'static str> {
    tables().by_iana.get(iana.to_ascii_lowercase().as_str()).copied()
}

/// Every Windows name, in the order of the table, each with the IANA zone it stands for.
#[must_use]
pub fn windows_names() -> &'static [(&'static str, &'static str)] {
    &tables().windows
}

/// Every IANA name of the table, sorted.
#[must_use]
pub fn iana_names() -> &'static [&'static str] {
    &tables().iana
}

struct Tables {
    windows: Vec<(&'static str, &'static str)>,
    iana: Vec<&'static str>,
    by_windows: HashMap<String, &'static str>,
    by_iana: HashMap<String, &'static str>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| read(include_str!("../../assets/windows_zones.tsv")))
}

fn read(text: &'static str) -> Tables {
    let mut tables =
        Tables { windows: Vec::new(), iana: Vec::new(), by_windows: HashMap::new(), by_iana: HashMap::new() };
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split('\t');
        let (Some(windows), Some(territory), Some(names)) = (columns.next(), columns.next(), columns.next()) else {
            continue;
        };
        let default = names.split(' ').next().unwrap_or(names);
        // `001` is the world: the zone that a Windows name stands for where no country is known.
        if territory == "001" {
            tables.windows.push((windows, default));
            tables.by_windows.insert(windows.to_ascii_lowercase(), default);
        }
        for name in names.split(' ') {
            tables.by_iana.entry(name.to_ascii_lowercase()).or_insert(windows);
            tables.iana.push(name);
        }
    }
    tables.by_windows.insert("utc".to_owned(), "UTC");
    tables.iana.sort_unstable();
    tables.iana.dedup();
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        assert_eq!(windows_name("Europe/Madrid"), Some("Romance Standard Time"));
        assert_eq!(
            Zone::named("india standard time").unwrap().rules.iana_name(),
            Some("Asia/Calcutta"),
            "CLDR keeps the old spelling"
        );
        assert!(Zone::named("Asia/Kolkata").is_some());
        assert!(Zone::named("Customized Time Zone").is_none());
        assert!(Zone::named("Europe/Atlantis").is_none());
    }

    #[test]
    fn every_windows_name_has_rules() {
        assert!(windows_names().len() > 130);
        for (windows, _) in windows_names() {
            assert!(Zone::named(windows).is_some(), "{windows}");
        }
    }
}
