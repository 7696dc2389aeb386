//! Colleagues as the directory knows them.

/// A directory object id (GUID).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub String);

/// Somebody in the directory. Every string is tamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Directory id.
    pub id: PersonId,
    /// Shown name.
    pub name: String,
    /// SMTP address; may be empty for an account without mail.
    pub address: String,
    /// Title, if it may be read.
    pub job_title: Option<String>,
    /// Department, if it may be read.
    pub department: Option<String>,
    /// Office, if it may be read.
    pub office: Option<String>,
    /// Phone numbers, if they may be read.
    pub phones: Vec<String>,
}
