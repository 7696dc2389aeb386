//! What is known of each permission: its id, who may grant it, what it is for and what it exposes.
//!
//! One table, `assets/permissions.tsv`, from which the administrator's request, the setup scripts and the offers in the program
//! are written. Must stay true: every scope and role of a [`Tier`](super::account::Tier) has a row; a test says so.
//! Deliberately absent: whether somebody holds a permission; that is [`Scopes`](super::account::Scopes).

use std::sync::OnceLock;

const TABLE: &str = include_str!("../../assets/permissions.tsv");

/// The application id of Microsoft Graph, whose permissions these are.
pub const GRAPH_APPLICATION: &str = "00000003-0000-0000-c000-000000000000";

/// Used by a person who signed in, or by a service without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PermissionKind {
    /// A scope.
    Delegated,
    /// A role.
    Application,
}

impl PermissionKind {
    /// `type` in a registration's `resourceAccess`.
    #[must_use]
    pub const fn resource_access(self) -> &'static str {
        match self {
            Self::Delegated => "Scope",
            Self::Application => "Role",
        }
    }
}

/// Who may grant a permission where nobody has changed the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grantor {
    /// The person.
    Person,
    /// The person by the permission's own mark; Microsoft's managed consent policy leaves it to an administrator [manage-app-consent-policies].
    PersonUnlessPolicy,
    /// An administrator, always.
    Administrator,
}

impl Grantor {
    /// As a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Person => "You may grant it yourself, unless your organisation says otherwise.",
            Self::PersonUnlessPolicy => "In many organisations only an administrator may grant it.",
            Self::Administrator => "Only an administrator may grant it.",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// As it is asked for, e.g. `Mail.Read`.
    pub name: &'static str,
    /// Delegated or application.
    pub kind: PermissionKind,
    /// Its id; `None` where none is published: then the tenant is asked.
    pub id: Option<&'static str>,
    /// Who may grant it.
    pub grantor: Grantor,
    /// What it is for, a sentence.
    pub reason: &'static str,
    /// What it exposes, a sentence.
    pub risk: &'static str,
}

impl Permission {
    /// The row of `name`, without regard to case.
    #[must_use]
    pub fn find(name: &str, kind: PermissionKind) -> Option<&'static Self> {
        Self::all().iter().find(|row| row.kind == kind && row.name.eq_ignore_ascii_case(name))
    }

    /// All rows.
    #[must_use]
    pub fn all() -> &'static [Self] {
        static ROWS: OnceLock<Vec<Permission>> = OnceLock::new();
        ROWS.get_or_init(|| TABLE.lines().filter_map(Self::read).collect())
    }

    /// Not every tenant knows it yet; whoever asks for it must be able to do without.
    #[must_use]
    pub fn may_be_unknown(&self) -> bool {
        self.name.starts_with("MailTips.")
    }

    fn read(line: &'static str) -> Option<Self> {
        let cells: Vec<&str> = line.split('\t').collect();
        let [name, kind, id, administrator, reason, risk] = cells[..] else { return None };
        let kind = match kind {
            "delegated" => PermissionKind::Delegated,
            "application" => PermissionKind::Application,
            _ => return None,
        };
        let grantor = match administrator {
            "no" => Grantor::Person,
            "policy" => Grantor::PersonUnlessPolicy,
            _ => Grantor::Administrator,
        };
        Some(Self { name, kind, id: Some(id).filter(|id| !id.is_empty()), grantor, reason, risk })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Tier;

    #[test]
    fn every_scope_and_role_of_a_tier_is_in_the_table() {
        for tier in Tier::ALL {
            for scope in tier.scopes() {
                assert!(Permission::find(scope, PermissionKind::Delegated).is_some(), "{scope}");
            }
            for role in tier.roles() {
                assert!(Permission::find(role, PermissionKind::Application).is_some(), "{role}");
            }
        }
    }

    #[test]
    fn every_line_of_the_table_is_read_and_says_what_it_is_for() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.starts_with("permission\t")).count();
        assert_eq!(Permission::all().len(), lines);
        for row in Permission::all() {
            assert!(row.reason.ends_with('.') && row.risk.ends_with('.'), "{row:?}");
            assert!(row.id.is_none_or(|id| id.len() == 36), "{row:?}");
            assert!(row.kind == PermissionKind::Delegated || row.grantor == Grantor::Administrator, "{row:?}");
        }
    }
}
