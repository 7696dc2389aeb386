//! `$search` of the directory. [search-query-parameter]
//!
//! `displayName` and `description` are cut into tokens; every token of the clause must begin one of them, in any order and
//! letter case. Any other property has to begin with the text. So "contains" does not exist, on purpose.

use crate::sim::graph::filter::at;
use crate::sim::request::Answer;
use serde_json::Value;

/// What is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    Or(Vec<Search>),
    And(Vec<Search>),
    /// Property and text.
    Clause(String, String),
}

const TOKENS: [&str; 2] = ["displayname", "description"];
const STRINGS: [&str; 6] = ["mail", "userprincipalname", "givenname", "surname", "jobtitle", "mailnickname"];

impl Search {
    /// Reads `"displayName:ada" OR "mail:ada"`.
    ///
    /// # Errors
    /// 400 `Request_BadRequest` for anything that is not such clauses joined by `AND`, `OR` and parentheses.
    pub fn read(text: &str) -> Result<Self, Answer> {
        let bad =
            || Answer::error(400, "Request_BadRequest", &format!("Syntax error: invalid $search expression {text}."));
        let tokens = tokens(text).ok_or_else(bad)?;
        let mut rest = tokens.as_slice();
        let search = or(&mut rest).ok_or_else(bad)?;
        if rest.is_empty() { Ok(search) } else { Err(bad()) }
    }

    /// Whether it finds `object`.
    #[must_use]
    pub fn finds(&self, object: &Value) -> bool {
        match self {
            Self::Or(parts) => parts.iter().any(|part| part.finds(object)),
            Self::And(parts) => parts.iter().all(|part| part.finds(object)),
            Self::Clause(property, text) => {
                let Some(value) = at(object, property).as_str() else { return false };
                if TOKENS.contains(&property.as_str()) {
                    let held = words(value);
                    let asked = words(text);
                    !asked.is_empty()
                        && asked.iter().all(|asked| held.iter().any(|held| held.starts_with(asked.as_str())))
                } else {
                    value.to_lowercase().starts_with(&text.to_lowercase())
                }
            }
        }
    }
}

/// Cut at spaces, symbols, digits and where a capital follows a small letter; in lower case.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for letter in text.chars() {
        let kinds_differ =
            letter.is_numeric() != before.is_numeric() || (before.is_lowercase() && letter.is_uppercase());
        if !letter.is_alphanumeric() || kinds_differ {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Clause(String, String),
    Word(String),
    Mark(char),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' => {}
            '(' | ')' => tokens.push(Token::Mark(letter)),
            '"' => {
                let mut inside = String::new();
                loop {
                    match letters.next()? {
                        '\\' => inside.push(letters.next()?),
                        '"' => break,
                        other => inside.push(other),
                    }
                }
                let (property, text) = inside.split_once(':')?;
                let property = property.trim().to_ascii_lowercase();
                let known = TOKENS.contains(&property.as_str()) || STRINGS.contains(&property.as_str());
                known.then_some(())?;
                tokens.push(Token::Clause(property, text.trim().to_owned()));
            }
            _ => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|next| !" ()\"".contains(*next)) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

fn or(rest: &mut &[Token]) -> Option<Search> {
    let mut parts = vec![and(rest)?];
    while take(rest, "OR") {
        parts.push(and(rest)?);
    }
    Some(if parts.len() == 1 { parts.remove(0) } else { Search::Or(parts) })
}

fn and(rest: &mut &[Token]) -> Option<Search> {
    let mut parts = vec![one(rest)?];
    while take(rest, "AND") {
        parts.push(one(rest)?);
    }
    Some(if parts.len() == 1 { parts.remove(0) } else { Search::And(parts) })
}

fn one(rest: &mut &[Token]) -> Option<Search> {
    let (first, tail) = rest.split_first()?;
    *rest = tail;
    match first {
        Token::Clause(property, text) => Some(Search::Clause(property.clone(), text.clone())),
        Token::Mark('(') => {
            let inside = or(rest)?;
            let (close, tail) = rest.split_first()?;
            *rest = tail;
            (*close == Token::Mark(')')).then_some(inside)
        }
        _ => None,
    }
}

/// Takes a joining word, which has to be in capitals.
fn take(rest: &mut &[Token], word: &str) -> bool {
    if let Some((Token::Word(found), tail)) = rest.split_first()
        && found == word
    {
        *rest = tail;
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tokens_begin_words_and_strings_begin_whole() {
        let finds = |text: &str| {
            let user = json!({"displayName": "McKay Room 4.01", "mail": "ana@contoso.com"});
            Search::read(text).map(|search| search.finds(&user)).ok()
        };
        assert_eq!(finds("\"displayName:kay\""), Some(true), "a capital behind a small letter begins a token");
        assert_eq!(finds("\"displayName:ckay\""), Some(false), "there is no contains");
        assert_eq!(finds("\"displayName:room mc\""), Some(true), "the order does not matter");
        assert_eq!(finds("\"mail:contoso\""), Some(false));
        assert_eq!(finds("\"displayName:zz\" OR \"mail:ana\""), Some(true));
        assert_eq!(finds("\"displayName:zz\" or \"mail:ana\""), None, "joining words are in capitals");
        assert_eq!(finds("ana"), None, "the property is required");
    }
}
