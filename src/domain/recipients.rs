//! Recipients as people type and paste them: `ana@contoso.com`, `Dana Levy <dana@fabrikam.com>; "Levy, Ben" <ben@…>`.
//!
//! Must stay true: what is printed is read again as the same, and what is no address is handed back, never dropped. Whether an address
//! exists is not known here.

use crate::base::text::tame;
use crate::domain::mail::Recipient;

/// Whether `text` looks like an address: one sign "at" with something before it and a dotted or plain host behind it.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let is_plain = |part: &str| {
        !part.is_empty() && !part.contains(|letter: char| letter.is_whitespace() || "<>()[],;:\"".contains(letter))
    };
    is_plain(local) && is_plain(host) && !local.contains('@') && !host.starts_with('.') && !host.ends_with('.')
}

/// One recipient: an address, or a name with an address in angle brackets.
#[must_use]
pub fn parse_one(text: &str) -> Option<Recipient> {
    let tame = tame(text);
    let text = tame.trim();
    if is_address(text) {
        return Some(Recipient { name: String::new(), address: text.to_owned() });
    }
    let (name, rest) = text.rsplit_once('<')?;
    let address = rest.strip_suffix('>')?.trim();
    let name = name.trim().trim_matches('"').trim().replace("\\\"", "\"");
    is_address(address).then(|| Recipient { name, address: address.to_owned() })
}

/// All recipients of a line, and the pieces that are none. They are divided by commas, semicolons and line breaks outside of quotes.
#[must_use]
pub fn parse(text: &str) -> (Vec<Recipient>, Vec<String>) {
    let mut recipients: Vec<Recipient> = Vec::new();
    let mut left = Vec::new();
    for piece in pieces(text) {
        match parse_one(piece) {
            Some(recipient) => {
                let is_new = !recipients.iter().any(|known| known.address.eq_ignore_ascii_case(&recipient.address));
                if is_new {
                    recipients.push(recipient);
                }
            }
            None if piece.trim().is_empty() => {}
            None => left.push(tame(piece).trim().to_owned()),
        }
    }
    (recipients, left)
}

fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    // A quote that never ends is a sign like any other.
    let ends = text.matches('"').count().is_multiple_of(2);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if ends && !is_escaped => is_quoted = !is_quoted,
            ',' | ';' | '\n' if !is_quoted => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    pieces.push(&text[start..]);
    pieces
}

/// A recipient in full, as it is read again.
#[must_use]
pub fn full(recipient: &Recipient) -> String {
    let Recipient { name, address } = recipient;
    if name.is_empty() || name == address {
        return address.clone();
    }
    if name.contains(|letter: char| ",;\"<>".contains(letter)) {
        return format!("\"{}\" <{address}>", name.replace('"', "\\\""));
    }
    format!("{name} <{address}>")
}

#[cfg(test)]
mod tests {
    use super::{full, is_address, parse, parse_one};
    use crate::domain::mail::Recipient;

    fn someone(name: &str, address: &str) -> Recipient {
        Recipient { name: name.to_owned(), address: address.to_owned() }
    }

    #[test]
    fn what_people_write_is_taken_apart() {
        let (found, left) = parse(
            "ana@contoso.com, Dana Levy <dana@fabrikam.com>;\n\"Levy, Ben\" <ben@x.org>; ANA@contoso.com, nobody",
        );
        assert_eq!(
            found,
            [
                someone("", "ana@contoso.com"),
                someone("Dana Levy", "dana@fabrikam.com"),
                someone("Levy, Ben", "ben@x.org")
            ]
        );
        assert_eq!(left, ["nobody"]);
        assert_eq!(parse(" ; ,\n").1, Vec::<String>::new());
        assert_eq!(parse("it\"s@x.org, b@x.org").0, [someone("", "b@x.org")]);
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in ["", "ana", "@x", "ana@", "a b@x.org", "a@b@c", "ana@.org", "<a@x.org", "Ana <>", "a@x.org>"] {
            assert!(!is_address(text) && parse_one(text).is_none(), "{text}");
        }
        for text in ["ana@localhost", "ana.ruiz+x@contoso.co.uk", "用户@例子.公司"] {
            assert!(is_address(text), "{text}");
        }
    }

    #[test]
    fn what_is_printed_is_read_again() {
        for recipient in [
            someone("", "a@x.org"),
            someone("Ana Ruiz", "a@x.org"),
            someone("Ruiz, Ana; \"the\" one", "a@x.org"),
            someone("A <b>", "a@x.org"),
        ] {
            assert_eq!(parse(&full(&recipient)).0, [recipient]);
        }
    }
}
