//! `$filter` over a JSON value: comparisons, `startswith`, `any` over strings, `and`, `or`, `not` and parentheses.
//!
//! An area names the properties it can filter by; anything else is refused with 400, as the service does.

use crate::sim::request::Answer;
use serde_json::Value;
use std::cmp::Ordering;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    Or(Vec<Filter>),
    And(Vec<Filter>),
    Not(Box<Filter>),
    /// Property, operator, literal.
    Compare(String, String, Value),
    StartsWith(String, String),
    /// A list of strings holds this one.
    Any(String, String),
}

impl Filter {
    /// Reads a `$filter` that names only `properties` (paths with `/`).
    ///
    /// # Errors
    /// 400 for what cannot be read and for another property.
    pub fn read(text: &str, properties: &[&str]) -> Result<Self, Answer> {
        let bad = || Answer::error(400, "BadRequest", &format!("Invalid filter clause: '{text}'."));
        let tokens = tokens(text).ok_or_else(bad)?;
        let mut reader = Reader { tokens: &tokens, at: 0, properties };
        let filter = reader.or().ok_or_else(bad)?;
        if reader.at == tokens.len() { Ok(filter) } else { Err(bad()) }
    }

    /// Whether `value` fulfils it. Strings compare without regard to case.
    #[must_use]
    pub fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Or(parts) => parts.iter().any(|part| part.holds(value)),
            Self::And(parts) => parts.iter().all(|part| part.holds(value)),
            Self::Not(part) => !part.holds(value),
            Self::Compare(path, operator, literal) => compare(at(value, path), operator, literal),
            Self::StartsWith(path, text) => {
                at(value, path).as_str().is_some_and(|found| found.to_lowercase().starts_with(&text.to_lowercase()))
            }
            Self::Any(path, text) => at(value, path).as_array().is_some_and(|all| {
                all.iter().any(|one| one.as_str().is_some_and(|one| one.eq_ignore_ascii_case(text)))
            }),
        }
    }
}

/// The member at a path, its names in any letter case.
#[must_use]
pub fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('/').fold(value, |value, name| {
        let found =
            value.as_object().and_then(|members| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)));
        found.map_or(&Value::Null, |(_, value)| value)
    })
}

fn compare(found: &Value, operator: &str, literal: &Value) -> bool {
    let order = match (found, literal) {
        (Value::String(found), Value::String(literal)) => {
            // `2026-11-01T00:00:00` and `…00.0000000` are the same moment.
            let trim = |text: &str| text.to_lowercase().trim_end_matches('z').trim_end_matches(".0000000").to_owned();
            Some(trim(found).cmp(&trim(literal)))
        }
        (Value::Number(found), Value::Number(literal)) => found.as_f64().partial_cmp(&literal.as_f64()),
        (found, literal) => (found == literal).then_some(Ordering::Equal),
    };
    match operator {
        "eq" => order == Some(Ordering::Equal),
        "ne" => order != Some(Ordering::Equal),
        "lt" => order == Some(Ordering::Less),
        "le" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        "gt" => order == Some(Ordering::Greater),
        _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' => {}
            '(' | ')' | ',' | ':' => tokens.push(Token::Mark(letter)),
            '\'' => {
                let mut inside = String::new();
                loop {
                    match letters.next()? {
                        // A doubled quote is one. [query-parameters]
                        '\'' if letters.peek() == Some(&'\'') => {
                            letters.next();
                            inside.push('\'');
                        }
                        '\'' => break,
                        other => inside.push(other),
                    }
                }
                tokens.push(Token::Text(inside));
            }
            _ => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|next| !" (),'".contains(*next)) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    properties: &'a [&'a str],
}

impl Reader<'_> {
    fn or(&mut self) -> Option<Filter> {
        let mut parts = vec![self.and()?];
        while self.word("or") {
            parts.push(self.and()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Filter::Or(parts) })
    }

    fn and(&mut self) -> Option<Filter> {
        let mut parts = vec![self.one()?];
        while self.word("and") {
            parts.push(self.one()?);
        }
        Some(if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) })
    }

    fn one(&mut self) -> Option<Filter> {
        if self.word("not") {
            return Some(Filter::Not(Box::new(self.one()?)));
        }
        if self.mark('(') {
            let inside = self.or()?;
            return self.mark(')').then_some(inside);
        }
        let Token::Word(word) = self.next()? else { return None };
        if word.eq_ignore_ascii_case("startswith") {
            self.mark('(').then_some(())?;
            let property = self.property()?;
            self.mark(',').then_some(())?;
            let text = self.text()?;
            return self.mark(')').then_some(Filter::StartsWith(property, text));
        }
        if let Some(list) = word.strip_suffix("/any") {
            let property = self.allowed(list)?;
            // `any(c:c eq 'x')`: the variable's name does not matter.
            self.mark('(').then_some(())?;
            self.next()?;
            while !self.word("eq") {
                self.next()?;
            }
            let text = self.text()?;
            return self.mark(')').then_some(Filter::Any(property, text));
        }
        let property = self.allowed(&word)?;
        let Token::Word(operator) = self.next()? else { return None };
        let operator = operator.to_ascii_lowercase();
        if !["eq", "ne", "lt", "le", "gt", "ge"].contains(&operator.as_str()) {
            return None;
        }
        let literal = match self.next()? {
            Token::Text(text) => Value::String(text),
            Token::Word(word) => serde_json::from_str(&word).unwrap_or(Value::String(word)),
            Token::Mark(_) => return None,
        };
        Some(Filter::Compare(property, operator, literal))
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned()?;
        self.at += 1;
        Some(token)
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(found);
        found
    }

    fn mark(&mut self, wanted: char) -> bool {
        let found = self.tokens.get(self.at) == Some(&Token::Mark(wanted));
        self.at += usize::from(found);
        found
    }

    fn text(&mut self) -> Option<String> {
        match self.next()? {
            Token::Text(text) => Some(text),
            _ => None,
        }
    }

    fn property(&mut self) -> Option<String> {
        match self.next()? {
            Token::Word(word) => self.allowed(&word),
            _ => None,
        }
    }

    fn allowed(&self, word: &str) -> Option<String> {
        self.properties.iter().any(|property| property.eq_ignore_ascii_case(word)).then(|| word.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_hold_as_written() {
        let holds = |text: &str| {
            let value = json!({"subject": "O'Brien's plan", "isCancelled": false, "tags": ["Red"],
                "start": {"dateTime": "2026-11-23T09:00:00.0000000"}});
            Filter::read(text, &["subject", "isCancelled", "tags", "start/dateTime"])
                .map(|filter| filter.holds(&value))
                .ok()
        };
        assert_eq!(holds("startsWith(subject,'o''brien')"), Some(true));
        assert_eq!(holds("isCancelled eq false and tags/any(c:c eq 'red')"), Some(true));
        assert_eq!(holds("start/dateTime ge '2026-11-23T09:00:00'"), Some(true));
        assert_eq!(holds("start/dateTime gt '2026-11-23T09:00:00'"), Some(false));
        assert_eq!(holds("not (isCancelled eq true or subject eq 'x')"), Some(true));
        assert_eq!(holds("body eq 'x'"), None);
        assert_eq!(holds("subject eq 'x"), None);
    }
}
