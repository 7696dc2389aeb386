//! A request to Graph as a value.
//!
//! Building a [`Call`] does no I/O and needs no client, so paths, queries and bodies are unit tests. What the transport must
//! know to be polite is part of the value: whose budget it counts against, whether a person waits for it, whether it changes
//! anything, and whether it may be sent twice. Must stay true: an id is one path segment, percent-encoded here and nowhere else; a link of the server's is an
//! opaque string that is followed whole \[paging\]. Deliberately absent: sending (`graph::transport`).

use serde_json::Value;
use std::borrow::Cow;
use url::Url;

/// The verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Acts, or asks with a body.
    Post,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Whether a call may be sent a second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Sending it twice does no more than sending it once.
    Safe,
    /// Only when the service said that it did nothing (429) or nothing was sent.
    OnlyIfNotProcessed,
}

/// Who waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// The person at the screen; one permit is kept free for them.
    Person,
    /// Nobody in particular.
    Background,
}

/// Which of the service's budgets a call counts against. One mailbox never throttles another [throttling-limits].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Budget {
    /// A mailbox: mail, calendars, settings, people. `me`, or the address or id in the path.
    Mailbox(String),
    /// Users and groups.
    Directory,
    /// Presence.
    Presence,
}

/// Where a call goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// Segments under the version root, not yet encoded, with query pairs.
    Path { segments: Vec<String>, query: Vec<(String, String)> },
    /// A next or delta link, whole.
    Link(String),
}

/// Why a call has no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// An empty segment or one that a path would swallow (`.`, `..`).
    #[error("an id of the service cannot be part of an address")]
    Segment,
    /// The link is no address.
    #[error("the service sent a link that is no address")]
    Malformed,
    /// The link leads to another host, port or scheme than Graph's; the token must not go there.
    #[error("the service sent a link to another host ({0})")]
    Foreign(String),
}

/// A request as a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    method: Method,
    target: Target,
    headers: Vec<(Cow<'static, str>, String)>,
    prefer: Vec<String>,
    body: Option<Value>,
    repeat: Repeat,
    changes: bool,
    budget: Budget,
    priority: Priority,
    weight: u32,
    requests: u32,
}

impl Call {
    /// Reads `segments` under the version root.
    #[must_use]
    pub fn get(segments: &[&str]) -> Self {
        Self::new(Method::Get, Self::path(segments), None, Repeat::Safe)
    }

    /// Follows a next or delta link as it came.
    #[must_use]
    pub fn link(link: &str) -> Self {
        Self::new(Method::Get, Target::Link(link.to_owned()), None, Repeat::Safe)
    }

    /// Asks something that needs a body but changes nothing (`getSchedule`, `getMailTips`).
    #[must_use]
    pub fn ask(segments: &[&str], body: Value) -> Self {
        Self::new(Method::Post, Self::path(segments), Some(body), Repeat::Safe).changing(false)
    }

    /// Acts; repeated only if the service says that it did nothing.
    #[must_use]
    pub fn post(segments: &[&str], body: Value) -> Self {
        Self::new(Method::Post, Self::path(segments), Some(body), Repeat::OnlyIfNotProcessed)
    }

    /// Acts without saying more; repeated only if the service says that it did nothing.
    #[must_use]
    pub fn act(segments: &[&str]) -> Self {
        Self::new(Method::Post, Self::path(segments), None, Repeat::OnlyIfNotProcessed).header("Content-Length", "0")
    }

    /// Changes something to how it shall be; sent twice it is so all the same.
    #[must_use]
    pub fn patch(segments: &[&str], body: Value) -> Self {
        Self::new(Method::Patch, Self::path(segments), Some(body), Repeat::Safe)
    }

    /// Removes something; repeated only if the service says that it did nothing, for what is removed twice may be gone for
    /// ever \[message-delete\].
    #[must_use]
    pub fn delete(segments: &[&str]) -> Self {
        Self::new(Method::Delete, Self::path(segments), None, Repeat::OnlyIfNotProcessed)
    }

    fn path(segments: &[&str]) -> Target {
        Target::Path { segments: segments.iter().map(|&segment| segment.to_owned()).collect(), query: Vec::new() }
    }

    fn new(method: Method, target: Target, body: Option<Value>, repeat: Repeat) -> Self {
        Self {
            method,
            target,
            headers: Vec::new(),
            prefer: Vec::new(),
            body,
            repeat,
            changes: method != Method::Get,
            budget: Budget::Mailbox("me".to_owned()),
            priority: Priority::Background,
            weight: 1,
            requests: 1,
        }
    }

    /// Adds a query option. Ignored on a link, which carries its own.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Target::Path { query, .. } = &mut self.target {
            query.push((name.to_owned(), value.into()));
        }
        self
    }

    /// Adds `$select`.
    #[must_use]
    pub fn select(self, fields: &str) -> Self {
        self.query("$select", fields)
    }

    /// Adds a header. Never `Authorization`: the transport alone writes that.
    #[must_use]
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a value to `Prefer`, beside those that every call carries.
    #[must_use]
    pub fn prefer(mut self, value: impl Into<String>) -> Self {
        self.prefer.push(value.into());
        self
    }

    /// Says which budget it counts against; the own mailbox otherwise.
    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Says who waits; nobody in particular otherwise.
    #[must_use]
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Says how many requests the service counts (each item of a batch is one).
    #[must_use]
    pub(crate) const fn requests(mut self, requests: u32) -> Self {
        self.requests = requests;
        self
    }

    /// How many requests the service counts.
    pub(crate) const fn counted(&self) -> u32 {
        self.requests
    }

    /// Says how many calls it is to the service at a time (a batch is several).
    #[must_use]
    pub(crate) const fn weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// Makes the call safe to repeat, or not.
    #[must_use]
    pub(crate) const fn repeat(mut self, repeat: Repeat) -> Self {
        self.repeat = repeat;
        self
    }

    /// Says whether it changes anything at the service.
    #[must_use]
    pub(crate) const fn changing(mut self, changes: bool) -> Self {
        self.changes = changes;
        self
    }

    /// Whether it changes anything at the service.
    #[must_use]
    pub const fn changes(&self) -> bool {
        self.changes
    }

    /// The verb.
    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// Whether it may be sent again.
    #[must_use]
    pub const fn repeats(&self) -> Repeat {
        self.repeat
    }

    /// The budget it counts against.
    #[must_use]
    pub const fn counts_against(&self) -> &Budget {
        &self.budget
    }

    /// Who waits.
    #[must_use]
    pub const fn waits(&self) -> Priority {
        self.priority
    }

    /// How many calls it is to the service.
    pub(crate) const fn counts_as(&self) -> u32 {
        self.weight
    }

    /// The body to send.
    #[must_use]
    pub const fn body(&self) -> Option<&Value> {
        self.body.as_ref()
    }

    /// The segments of its path; nothing for one that follows a link.
    pub(crate) fn segments_mut(&mut self) -> Option<&mut Vec<String>> {
        match &mut self.target {
            Target::Path { segments, .. } => Some(segments),
            Target::Link(_) => None,
        }
    }

    /// The list called `name` in its body.
    pub(crate) fn body_list_mut(&mut self, name: &str) -> Option<&mut Vec<Value>> {
        self.body.as_mut()?.get_mut(name)?.as_array_mut()
    }

    /// Headers beside `Prefer` and those of every call.
    #[must_use]
    pub fn extra_headers(&self) -> &[(Cow<'static, str>, String)] {
        &self.headers
    }

    /// The whole `Prefer` line. Ids are immutable and times UTC on every call: headers are no part of a delta token
    /// [delta-query-events].
    #[must_use]
    pub fn prefer_line(&self) -> String {
        let mut line = String::from("IdType=\"ImmutableId\", outlook.timezone=\"UTC\"");
        for value in &self.prefer {
            line.push_str(", ");
            line.push_str(value);
        }
        line
    }

    /// Path and query below the version root, encoded: what goes into the `url` of a batch item.
    ///
    /// # Errors
    /// When a segment cannot be part of a path, or the call follows a link (links do not go into batches).
    pub fn relative(&self) -> Result<String, AddressError> {
        let Target::Path { segments, query } = &self.target else {
            return Err(AddressError::Malformed);
        };
        let mut text = String::new();
        for segment in segments {
            if segment.is_empty() || segment == "." || segment == ".." {
                return Err(AddressError::Segment);
            }
            text.push('/');
            encode(segment, "$", &mut text);
        }
        for (index, (name, value)) in query.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            encode(name, "$", &mut text);
            text.push('=');
            encode(value, "", &mut text);
        }
        Ok(text)
    }

    /// The address under the version root `base`.
    ///
    /// # Errors
    /// When a segment or a link makes no address, or a link leads anywhere but to the host of `base`.
    pub fn address(&self, base: &Url) -> Result<Url, AddressError> {
        match &self.target {
            Target::Path { .. } => {
                let root = base.as_str().trim_end_matches('/');
                Url::parse(&format!("{root}{}", self.relative()?)).map_err(|_| AddressError::Malformed)
            }
            Target::Link(link) => {
                let url = Url::parse(link).map_err(|_| AddressError::Malformed)?;
                if is_same_origin(&url, base) {
                    return Ok(url);
                }
                Err(AddressError::Foreign(url.host_str().unwrap_or("no host").chars().take(253).collect()))
            }
        }
    }
}

/// Same scheme, host and port, and nobody's name or password in it.
pub(crate) fn is_same_origin(url: &Url, base: &Url) -> bool {
    url.scheme() == base.scheme()
        && url.host() == base.host()
        && url.port_or_known_default() == base.port_or_known_default()
        && url.username().is_empty()
        && url.password().is_none()
}

/// Percent-encodes all but unreserved characters [RFC 3986] and those in `also`.
fn encode(text: &str, also: &str, into: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in text.as_bytes() {
        let character = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-._~".contains(character) || (byte.is_ascii() && also.contains(character)) {
            into.push(character);
        } else {
            into.push('%');
            into.push(char::from(HEX[usize::from(byte >> 4)]));
            into.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("https://graph.microsoft.com/v1.0/").expect("an address")
    }

    #[test]
    fn an_id_is_one_segment_whatever_it_holds() {
        let call = Call::get(&["me", "messages", "AA/+=?#% ü"]).select("id,subject");
        let address = call.address(&base()).expect("an address");
        assert_eq!(
            address.as_str(),
            "https://graph.microsoft.com/v1.0/me/messages/AA%2F%2B%3D%3F%23%25%20%C3%BC?$select=id%2Csubject"
        );
    }

    #[test]
    fn an_id_of_dots_cannot_climb() {
        for id in [".", "..", ""] {
            let call = Call::get(&["me", "messages", id]);
            assert_eq!(call.address(&base()), Err(AddressError::Segment));
        }
    }

    #[test]
    fn plus_and_ampersand_survive_in_values() {
        let call = Call::get(&["users"]).query("$search", "\"displayName:a&b\" OR \"mail:a+b\"");
        let address = call.address(&base()).expect("an address");
        let value = address.query_pairs().next().expect("a pair").1.into_owned();
        assert_eq!(value, "\"displayName:a&b\" OR \"mail:a+b\"");
    }

    #[test]
    fn a_link_is_followed_whole_and_only_at_home() {
        let link = "https://graph.microsoft.com/v1.0/me/messages/delta?$skiptoken=a%2Bb(c)";
        assert_eq!(Call::link(link).address(&base()).expect("an address").as_str(), link);
        for foreign in [
            "http://graph.microsoft.com/v1.0/me",
            "https://graph.microsoft.com:444/v1.0/me",
            "https://graph.microsoft.com.evil.example/v1.0/me",
            "https://evil@graph.microsoft.com/v1.0/me",
            "https://evil.example/v1.0/me",
        ] {
            assert!(matches!(Call::link(foreign).address(&base()), Err(AddressError::Foreign(_))), "{foreign}");
        }
        assert_eq!(Call::link("/me/messages").address(&base()), Err(AddressError::Malformed));
    }

    #[test]
    fn every_call_prefers_immutable_ids_and_utc() {
        let line = Call::get(&["me"]).prefer("odata.maxpagesize=200").prefer_line();
        assert_eq!(line, "IdType=\"ImmutableId\", outlook.timezone=\"UTC\", odata.maxpagesize=200");
    }

    #[test]
    fn asking_may_be_repeated_and_acting_not() {
        assert_eq!(Call::ask(&["me", "calendar", "getSchedule"], Value::Null).repeats(), Repeat::Safe);
        assert_eq!(Call::post(&["me", "sendMail"], Value::Null).repeats(), Repeat::OnlyIfNotProcessed);
    }
}
