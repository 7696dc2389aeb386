//! `$filter` and `$orderby` of messages, with the rule that binds them. [user-list-messages]
//!
//! Must stay true: a filter that only asks for what a row holds never makes a message's words, so it stays quick with
//! 100 000 messages. Deliberately absent: filters over recipients, which the service does not have either.

use super::ids::{self, Name};
use super::store::{Mailbox, Row};
use crate::sim::request::Answer;
use jiff::Timestamp;
use jiff::civil::Date;

/// A parsed filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Both.
    And(Box<Filter>, Box<Filter>),
    /// Either.
    Or(Box<Filter>, Box<Filter>),
    /// Not.
    Not(Box<Filter>),
    /// Property, operator, value.
    Compare(String, Operator, Value),
    /// Property begins with.
    Starts(String, String),
    /// Property contains.
    Contains(String, String),
    /// One of the categories is.
    Category(String),
    /// The extended property of this id has this value.
    Property(String, String),
}

/// Comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ne`
    Differs,
    /// `gt`
    Greater,
    /// `ge`
    AtLeast,
    /// `lt`
    Less,
    /// `le`
    AtMost,
}

/// A value in a filter or of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Boolean.
    Flag(bool),
    /// Text, compared without regard to case.
    Text(String),
    /// Seconds since 1970.
    Time(i64),
    /// Null.
    Null,
}

/// Parses a filter; the error says what is wrong.
pub fn parse(text: &str) -> Result<Filter, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0 };
    let filter = parser.either()?;
    if parser.at < tokens.len() {
        return Err(format!("Syntax error at '{}'.", tokens[parser.at].shown()));
    }
    Ok(filter)
}

/// The answer for a filter that is none.
#[must_use]
pub fn refuse(message: &str) -> Answer {
    Answer::error(400, "BadRequest", &format!("Invalid filter clause: {message}"))
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Open,
    Close,
    Comma,
}

impl Token {
    fn shown(&self) -> &str {
        match self {
            Self::Word(text) | Self::Quoted(text) => text,
            Self::Open => "(",
            Self::Close => ")",
            Self::Comma => ",",
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(character) = rest.chars().next() {
        let used = match character {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '\'' => quoted(rest)?,
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "(),'".contains(c)).unwrap_or(rest.len());
                (Token::Word(rest[..end].to_owned()), end)
            }
        };
        out.push(used.0);
        rest = rest[used.1..].trim_start();
    }
    Ok(out)
}

/// A literal whose quotes are doubled inside, and its length.
fn quoted(text: &str) -> Result<(Token, usize), String> {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != '\'' {
            out.push(character);
        } else if characters.peek().is_some_and(|(_, next)| *next == '\'') {
            out.push('\'');
            characters.next();
        } else {
            return Ok((Token::Quoted(out), at + 1));
        }
    }
    Err("There is an unterminated string literal.".to_owned())
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<Token, String> {
        let token = self.peek().cloned().ok_or("The filter ends too early.")?;
        self.at += 1;
        Ok(token)
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), String> {
        let token = self.next()?;
        if token == *wanted {
            Ok(())
        } else {
            Err(format!("'{}' expected, '{}' found.", wanted.shown(), token.shown()))
        }
    }

    fn word(&self, wanted: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted))
    }

    fn either(&mut self) -> Result<Filter, String> {
        let mut left = self.both()?;
        while self.word("or") {
            self.at += 1;
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Filter, String> {
        let mut left = self.single()?;
        while self.word("and") {
            self.at += 1;
            left = Filter::And(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Filter, String> {
        // Brackets inside brackets are bounded by the length of an address line, not by us.
        if self.at > 200 {
            return Err("The filter is too long.".to_owned());
        }
        if self.word("not") {
            self.at += 1;
            return Ok(Filter::Not(Box::new(self.single()?)));
        }
        if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let inner = self.either()?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        let Token::Word(name) = self.next()? else { return Err("A property is expected.".to_owned()) };
        match name.to_lowercase().as_str() {
            "startswith" => self.call().map(|(path, text)| Filter::Starts(path, text)),
            "contains" => self.call().map(|(path, text)| Filter::Contains(path, text)),
            "categories/any" => self.category(),
            "singlevalueextendedproperties/any" => self.property(),
            path => self.comparison(path),
        }
    }

    fn call(&mut self) -> Result<(String, String), String> {
        self.expect(&Token::Open)?;
        let Token::Word(path) = self.next()? else { return Err("A property is expected.".to_owned()) };
        self.expect(&Token::Comma)?;
        let Token::Quoted(text) = self.next()? else { return Err("A string is expected.".to_owned()) };
        self.expect(&Token::Close)?;
        Ok((known(&path.to_lowercase())?, text.to_lowercase()))
    }

    /// `(c:c eq 'x')`
    fn category(&mut self) -> Result<Filter, String> {
        self.expect(&Token::Open)?;
        self.next()?;
        // With a blank after the colon the variable is a word of its own.
        if !self.word("eq") && matches!(self.peek(), Some(Token::Word(_))) {
            self.next()?;
        }
        if !self.word("eq") {
            return Err("Only 'eq' is supported for categories.".to_owned());
        }
        self.at += 1;
        let Token::Quoted(name) = self.next()? else { return Err("A string is expected.".to_owned()) };
        self.expect(&Token::Close)?;
        Ok(Filter::Category(name.to_lowercase()))
    }

    /// `(ep:ep/id eq 'x' and ep/value eq 'y')`
    fn property(&mut self) -> Result<Filter, String> {
        self.expect(&Token::Open)?;
        let (mut id, mut value) = (None, None);
        for turn in 0..2 {
            let Token::Word(mut path) = self.next()? else { return Err("A property is expected.".to_owned()) };
            if turn == 0 && path.ends_with(':') {
                let Token::Word(next) = self.next()? else { return Err("A property is expected.".to_owned()) };
                path = next;
            }
            if !self.word("eq") {
                return Err("Only 'eq' is supported for extended properties.".to_owned());
            }
            self.at += 1;
            let Token::Quoted(text) = self.next()? else { return Err("A string is expected.".to_owned()) };
            match path.rsplit('/').next().map(str::to_lowercase).as_deref() {
                Some("id") => id = Some(text),
                Some("value") => value = Some(text),
                _ => return Err(format!("'{path}' is no member of an extended property.")),
            }
            if turn == 0 {
                if !self.word("and") {
                    return Err("An extended property is found by its id and its value.".to_owned());
                }
                self.at += 1;
            }
        }
        self.expect(&Token::Close)?;
        match (id, value) {
            (Some(id), Some(value)) => Ok(Filter::Property(id, value)),
            _ => Err("An extended property is found by its id and its value.".to_owned()),
        }
    }

    fn comparison(&mut self, path: &str) -> Result<Filter, String> {
        let path = known(path)?;
        if matches!(self.peek(), None | Some(Token::Close)) && path == "isread" {
            return Ok(Filter::Compare(path, Operator::Equal, Value::Flag(true)));
        }
        let Token::Word(operator) = self.next()? else { return Err("An operator is expected.".to_owned()) };
        let operator = match operator.to_lowercase().as_str() {
            "eq" => Operator::Equal,
            "ne" => Operator::Differs,
            "gt" => Operator::Greater,
            "ge" => Operator::AtLeast,
            "lt" => Operator::Less,
            "le" => Operator::AtMost,
            other => return Err(format!("'{other}' is not an operator.")),
        };
        let value = match self.next()? {
            Token::Quoted(text) => Value::Text(text),
            Token::Word(word) => literal(&word)?,
            other => return Err(format!("A value is expected, '{}' found.", other.shown())),
        };
        let fits = match value {
            Value::Time(_) => path.ends_with("datetime"),
            Value::Text(_) => !path.ends_with("datetime") && !path.starts_with("is") && path != "hasattachments",
            Value::Flag(_) => path.starts_with("is") || path == "hasattachments",
            Value::Null => true,
        };
        if fits {
            Ok(Filter::Compare(path, operator, value))
        } else {
            Err("A binary operator with incompatible types was detected.".to_owned())
        }
    }
}

fn literal(word: &str) -> Result<Value, String> {
    match word.to_lowercase().as_str() {
        "true" => return Ok(Value::Flag(true)),
        "false" => return Ok(Value::Flag(false)),
        "null" => return Ok(Value::Null),
        _ => {}
    }
    time(word).map(Value::Time).ok_or_else(|| format!("'{word}' is not a value."))
}

/// An instant or a date (its midnight in UTC), in seconds.
#[must_use]
pub fn time(word: &str) -> Option<i64> {
    let instant = word.parse::<Timestamp>().ok();
    let midnight = || word.parse::<Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    instant.map(jiff::Timestamp::as_second).or_else(|| midnight().map(|at| at.timestamp().as_second()))
}

const KNOWN: &[&str] = &[
    "isread",
    "isdraft",
    "hasattachments",
    "importance",
    "flag/flagstatus",
    "inferenceclassification",
    "receiveddatetime",
    "sentdatetime",
    "createddatetime",
    "lastmodifieddatetime",
    "subject",
    "from/emailaddress/address",
    "from/emailaddress/name",
    "sender/emailaddress/address",
    "sender/emailaddress/name",
    "conversationid",
    "internetmessageid",
    "parentfolderid",
];

fn known(path: &str) -> Result<String, String> {
    if KNOWN.contains(&path) {
        return Ok(path.to_owned());
    }
    Err(format!("Could not find a property named '{path}' that can be filtered."))
}

impl Filter {
    /// Whether a row passes.
    #[must_use]
    pub fn holds(&self, mailbox: &Mailbox, key: u32, row: &Row) -> bool {
        match self {
            Self::And(left, right) => left.holds(mailbox, key, row) && right.holds(mailbox, key, row),
            Self::Or(left, right) => left.holds(mailbox, key, row) || right.holds(mailbox, key, row),
            Self::Not(inner) => !inner.holds(mailbox, key, row),
            Self::Compare(path, operator, wanted) => {
                let exact = matches!(path.as_str(), "conversationid" | "parentfolderid");
                compare(&value(mailbox, row, path), *operator, wanted, exact)
            }
            Self::Starts(path, text) => {
                matches!(value(mailbox, row, path), Value::Text(own) if own.to_lowercase().starts_with(text))
            }
            Self::Contains(path, text) => {
                matches!(value(mailbox, row, path), Value::Text(own) if own.to_lowercase().contains(text))
            }
            Self::Property(id, value) => mailbox.notes.get(&key).is_some_and(|notes| {
                notes.properties.iter().any(|(own, is)| own.eq_ignore_ascii_case(id) && is == value)
            }),
            Self::Category(name) => mailbox
                .notes
                .get(&key)
                .is_some_and(|notes| notes.categories.iter().any(|own| own.to_lowercase() == *name)),
        }
    }

    /// The properties in the order of their appearance, each once.
    #[must_use]
    pub fn properties(&self) -> Vec<&str> {
        let mut out = Vec::new();
        self.collect(&mut out);
        out
    }

    fn collect<'a>(&'a self, out: &mut Vec<&'a str>) {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.collect(out);
                right.collect(out);
            }
            Self::Not(inner) => inner.collect(out),
            Self::Compare(path, ..) | Self::Starts(path, _) | Self::Contains(path, _) => {
                if !out.contains(&path.as_str()) {
                    out.push(path);
                }
            }
            Self::Category(_) => out.push("categories"),
            Self::Property(..) => out.push("singlevalueextendedproperties"),
        }
    }
}

fn value(mailbox: &Mailbox, row: &Row, path: &str) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    match path {
        "isread" => Value::Flag(row.read),
        "isdraft" => Value::Flag(row.draft),
        "hasattachments" => Value::Flag(row.attachments),
        "importance" => text(row.importance.wire()),
        "flag/flagstatus" => text(row.flag.wire()),
        "inferenceclassification" => text(if row.other { "other" } else { "focused" }),
        "receiveddatetime" | "createddatetime" | "lastmodifieddatetime" => Value::Time(row.received),
        "parentfolderid" => Value::Text(ids::encode(mailbox.number, Name::Folder(row.folder))),
        _ => {
            let content = mailbox.content(row);
            let from = content.from.as_ref();
            match path {
                "subject" => text(&content.subject),
                "sentdatetime" => Value::Time(content.sent.as_second()),
                "internetmessageid" => text(&content.internet_id),
                "conversationid" => Value::Text(ids::encode(mailbox.number, Name::Conversation(content.conversation))),
                path if path.ends_with("/address") => {
                    from.and_then(|one| one.address.as_deref()).map_or(Value::Null, text)
                }
                _ => from.map_or(Value::Null, |one| text(&one.name)),
            }
        }
    }
}

/// Ids differ by letter case (`exact`), other texts do not.
fn compare(own: &Value, operator: Operator, wanted: &Value, exact: bool) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let order = match (own, wanted) {
        (Value::Time(own), Value::Time(wanted)) => Some(own.cmp(wanted)),
        (Value::Text(own), Value::Text(wanted)) if exact => Some(own.cmp(wanted)),
        (Value::Text(own), Value::Text(wanted)) => Some(own.to_lowercase().cmp(&wanted.to_lowercase())),
        (Value::Flag(own), Value::Flag(wanted)) => Some(own.cmp(wanted)),
        (Value::Null, Value::Null) => Some(Equal),
        _ => None,
    };
    match operator {
        Operator::Equal => order == Some(Equal),
        Operator::Differs => order != Some(Equal),
        Operator::Greater => order == Some(Greater),
        Operator::AtLeast => matches!(order, Some(Greater | Equal)),
        Operator::Less => order == Some(Less),
        Operator::AtMost => matches!(order, Some(Less | Equal)),
    }
}

/// What a list is sorted by: lower-case property, and whether descending.
pub type Order = Vec<(String, bool)>;

/// Parses `$orderby`.
pub fn order(text: &str) -> Result<Order, String> {
    text.split(',')
        .map(|part| {
            let mut words = part.split_whitespace();
            let path = known(&words.next().unwrap_or("").to_lowercase())?;
            match words.next().map(str::to_lowercase).as_deref() {
                None | Some("asc") => Ok((path, false)),
                Some("desc") => Ok((path, true)),
                Some(other) => Err(format!("'{other}' is not a direction.")),
            }
        })
        .collect()
}

/// The rule: what is sorted by must be filtered by too, in the same order and before anything else. [user-list-messages]
pub fn check(filter: Option<&Filter>, order: &Order) -> Result<(), Answer> {
    let Some(filter) = filter else { return Ok(()) };
    let filtered = filter.properties();
    let leads = order.iter().enumerate().all(|(at, (path, _))| filtered.get(at) == Some(&path.as_str()));
    if leads {
        return Ok(());
    }
    let message = "The restriction or sort order is too complex for this operation.";
    Err(Answer::error(400, "InefficientFilter", message))
}

/// Sorts rows that have to be sorted by something other than their arrival.
pub fn sort(mailbox: &Mailbox, keys: &mut [u32], order: &Order) {
    keys.sort_by_cached_key(|key| {
        let Some(row) = mailbox.row(*key) else { return Vec::new() };
        order.iter().map(|(path, descending)| Rank::of(&value(mailbox, row, path), *descending)).collect::<Vec<_>>()
    });
}

/// A value that can be sorted by, in either direction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Number(i64),
    Up(String),
    Down(std::cmp::Reverse<String>),
}

impl Rank {
    fn of(value: &Value, descending: bool) -> Self {
        let number = |number: i64| Self::Number(if descending { -number } else { number });
        match value {
            Value::Flag(flag) => number(i64::from(*flag)),
            Value::Time(time) => number(*time),
            Value::Text(text) if descending => Self::Down(std::cmp::Reverse(text.to_lowercase())),
            Value::Text(text) => Self::Up(text.to_lowercase()),
            Value::Null => number(i64::MIN + 1),
        }
    }
}
