//! Colleagues as the directory knows them.

/// A directory object id (GUID), or what stands for one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub String);

impl PersonId {
    /// Stands for somebody the directory does not hold: a contact, or whoever one has written with.
    #[must_use]
    pub fn of_address(address: &str) -> Self {
        Self(format!("mailto:{}", address.to_lowercase()))
    }

    /// Whether the directory knows this id.
    #[must_use]
    pub fn is_of_directory(&self) -> bool {
        self.address().is_none()
    }

    /// The address this stands for, where the directory's id is not known.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.0.strip_prefix("mailto:")
    }
}

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
