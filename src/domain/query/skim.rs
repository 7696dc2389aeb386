//! The words of a body, for the index and for phrases: one pass, no tree, no lines.
//!
//! Far cheaper than reading a mail for the screen, and nearly as choosy: what is hidden (by tag, attribute or style) is left out, words
//! that are split by tags stay whole, entities are signs. Must stay true: linear in the source whatever it says; nothing panics.
//! Deliberately absent: links, pictures, quotes by depth.

use crate::domain::mail::BodyContent;

/// More of a source is not looked at.
const LONGEST_SOURCE: usize = 4 << 20;
/// More text is not kept.
const LONGEST_TEXT: usize = 512 << 10;
/// An attribute list longer than this hides nothing that we would see.
const LONGEST_TAG: usize = 4 << 10;

/// The words of a body, with white space between them and nothing tamed.
#[must_use]
pub fn skim(content: &BodyContent) -> String {
    let text = match content {
        BodyContent::Text(source) => return beginning(source, LONGEST_TEXT).to_owned(),
        BodyContent::Html(source) => words_of_html(beginning(source, LONGEST_SOURCE)),
    };
    beginning(&text, LONGEST_TEXT).to_owned()
}

fn beginning(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What is being skipped: a tag's name, and how many of the same lie open.
struct Hidden {
    name: String,
    depth: usize,
    /// Nothing inside is a tag but its own end.
    is_raw: bool,
}

fn words_of_html(source: &str) -> String {
    let mut text = String::with_capacity(source.len() / 3);
    let mut hidden: Option<Hidden> = None;
    let mut rest = source;
    while let Some(open) = rest.find('<') {
        if hidden.is_none() {
            push_text(&mut text, &rest[..open]);
        }
        if text.len() > LONGEST_TEXT {
            return text;
        }
        rest = &rest[open..];
        let is_raw = hidden.as_ref().is_some_and(|hidden| hidden.is_raw);
        if !is_raw && rest.starts_with("<!--") {
            rest = rest.find("-->").map_or("", |end| &rest[end + 3..]);
            continue;
        }
        let inside = &rest[1..];
        let (is_end, named) = inside.strip_prefix('/').map_or((false, inside), |named| (true, named));
        let name_length = named.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b':').count();
        if name_length == 0 {
            // `<3`, `<!DOCTYPE`, `<?xml`: a sign, or something that ends with the next bracket.
            let is_declaration = !is_raw && inside.starts_with(['!', '?', '/']);
            rest = if is_declaration { inside.find('>').map_or("", |end| &inside[end + 1..]) } else { inside };
            continue;
        }
        let name = &named[..name_length];
        let Some(length) = tag_length(&named[name_length..]) else {
            // A tag that never ends: what is behind it is no text.
            return text;
        };
        let attributes = &named[name_length..name_length + length];
        rest = named[name_length + length..].strip_prefix('>').unwrap_or("");
        match &mut hidden {
            Some(inside) => {
                if inside.name.eq_ignore_ascii_case(name) {
                    if is_end {
                        inside.depth -= 1;
                        if inside.depth == 0 {
                            hidden = None;
                        }
                    } else if !inside.is_raw && !attributes.ends_with('/') {
                        inside.depth += 1;
                    }
                }
            }
            None if is_end => {
                if !is_inline(name) {
                    text.push('\n');
                }
            }
            None => {
                let is_raw = ["style", "script", "title", "template", "noscript", "head"]
                    .iter()
                    .any(|raw| name.eq_ignore_ascii_case(raw));
                // A head holds tags, and ends with its own end or where the body begins.
                let is_head = name.eq_ignore_ascii_case("head");
                if !is_head && (is_raw || (!is_void(name) && !attributes.ends_with('/') && is_hidden(attributes))) {
                    hidden = Some(Hidden { name: name.to_owned(), depth: 1, is_raw });
                } else if !is_inline(name) {
                    text.push('\n');
                }
            }
        }
    }
    if hidden.is_none() {
        push_text(&mut text, rest);
    }
    text
}

/// How many bytes the attributes of a tag take, up to its closing bracket; brackets in quotes are none.
fn tag_length(attributes: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in attributes.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') if at < LONGEST_TAG => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            // A quote that never ends does not swallow the mail.
            (Some(_), b'>') if at > LONGEST_TAG => return Some(at),
            _ => {}
        }
    }
    quote.and_then(|_| attributes.find('>'))
}

/// Tags in the middle of a word.
fn is_inline(name: &str) -> bool {
    const INLINE: [&str; 22] = [
        "a", "abbr", "b", "bdi", "bdo", "big", "code", "em", "font", "i", "ins", "kbd", "mark", "s", "small", "span",
        "strike", "strong", "sub", "sup", "u", "wbr",
    ];
    INLINE.iter().any(|inline| name.eq_ignore_ascii_case(inline))
}

fn is_void(name: &str) -> bool {
    const VOID: [&str; 9] = ["area", "base", "br", "col", "hr", "img", "input", "link", "meta"];
    VOID.iter().any(|void| name.eq_ignore_ascii_case(void))
}

/// Whether attributes say that nobody sees it; the same signs as the reader's.
fn is_hidden(attributes: &str) -> bool {
    if attributes.len() > LONGEST_TAG || attributes.len() < 6 {
        return false;
    }
    let bytes = attributes.as_bytes();
    let begins = |at: usize, word: &str| {
        bytes.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    let stands_free =
        |at: usize| at == 0 || matches!(bytes[at - 1], b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'/');
    for at in 0..bytes.len() {
        match bytes[at] | 0x20 {
            b'h' if begins(at, "hidden") && stands_free(at) => {
                let after = bytes.get(at + 6).copied().unwrap_or(b' ');
                // In a style or a class the same word stands for other things.
                if matches!(after, b' ' | b'=' | b'/' | b'\t' | b'\n' | b'\r') && !is_in_value(&bytes[..at]) {
                    return true;
                }
            }
            b's' if begins(at, "style") && stands_free(at) => return style_hides(&attributes[at + 5..]),
            _ => {}
        }
    }
    false
}

/// Whether an odd number of quotes stands before.
fn is_in_value(before: &[u8]) -> bool {
    let mut quote = None;
    for byte in before {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), _) if open == *byte => quote = None,
            _ => {}
        }
    }
    quote.is_some()
}

fn style_hides(after: &str) -> bool {
    let Some(value) = after.trim_start().strip_prefix('=').map(str::trim_start) else { return false };
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(quote) => value[1..].split(quote).next().unwrap_or_default(),
        None => value.split_ascii_whitespace().next().unwrap_or_default(),
    };
    let is_zero = |value: &str| matches!(value, "0" | "0px" | "0pt" | "0em" | "0%" | "0.0");
    let (mut overflows, mut has_no_size) = (false, false);
    for declaration in value.split(';') {
        let Some((property, value)) = declaration.split_once(':') else { continue };
        let property = property.trim().to_ascii_lowercase();
        if !matches!(
            property.as_str(),
            "display"
                | "visibility"
                | "mso-hide"
                | "opacity"
                | "font-size"
                | "max-height"
                | "max-width"
                | "overflow"
                | "height"
                | "width"
        ) {
            continue;
        }
        let value = value.trim().trim_end_matches("!important").trim().to_ascii_lowercase();
        let value = value.as_str();
        match property.as_str() {
            "display" if value == "none" => return true,
            "visibility" if matches!(value, "hidden" | "collapse") => return true,
            "mso-hide" if value == "all" => return true,
            "opacity" | "font-size" | "max-height" | "max-width" if is_zero(value) => return true,
            "overflow" => overflows = value == "hidden",
            "height" | "width" => has_no_size |= is_zero(value),
            _ => {}
        }
    }
    overflows && has_no_size
}

/// Text between tags, its entities decoded.
fn push_text(text: &mut String, mut part: &str) {
    while let Some(at) = part.find('&') {
        text.push_str(&part[..at]);
        part = &part[at..];
        let end = part.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((entity(&part[1..end])?, end))) {
            Some((sign, end)) => {
                text.push(sign);
                part = &part[end + 1..];
            }
            None => {
                text.push('&');
                part = &part[1..];
            }
        }
    }
    text.push_str(part);
}

/// The sign of an entity: numbers, and the names that stand inside of words.
fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        // A soft hyphen or a joiner inside of a word is not seen.
        return char::from_u32(code);
    }
    const NAMES: [(&str, char); 8] = [
        ("nbsp", ' '),
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("rsquo", '’'),
        ("szlig", 'ß'),
    ];
    if let Some((_, sign)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*sign);
    }
    const ACCENTS: [(&str, &str, &str); 8] = [
        ("acute", "aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ"),
        ("grave", "aeiouAEIOU", "àèìòùÀÈÌÒÙ"),
        ("circ", "aeiouAEIOU", "âêîôûÂÊÎÔÛ"),
        ("uml", "aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"),
        ("tilde", "anoANO", "ãñõÃÑÕ"),
        ("cedil", "cC", "çÇ"),
        ("slash", "oO", "øØ"),
        ("ring", "aA", "åÅ"),
    ];
    let first = name.chars().next()?;
    let (_, plain, signs) = ACCENTS.iter().find(|(accent, ..)| name.get(1..) == Some(*accent))?;
    signs.chars().nth(plain.find(first)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(html: &str) -> String {
        let text = skim(&BodyContent::Html(html.to_owned()));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_seen_is_kept_and_what_is_hidden_is_not() {
        assert_eq!(
            words(
                "<!DOCTYPE html><html><head><title>no</title><style>p { no: 1 }</style></head><body><!-- no <p>no</p> -->\
                 <p>Re<b>port</b> f&uuml;r&nbsp;Anna&#32;&amp; Ben</p><div style=\"max-height:0; x\">no<div>no</div>no</div>\
                 <span hidden>no</span><td>one</td><td>two</td><script>if (a < b) no()</script>\
                 <div style='DISPLAY : none !important'>no</div><a href=\"x>y\" title='hidden'>link</a> 1 < 2 <br>end"
            ),
            "Report für Anna & Ben one two link 1 2 end"
        );
    }

    #[test]
    fn whatever_is_broken_ends() {
        for html in [
            "<",
            "<p",
            "<p title=\"",
            "a<div style=\"display:none\">b",
            "&#xffffffff;&;&",
            "<style>x",
            "</",
            "<!--",
            "<é>x",
        ] {
            let _ = words(html);
        }
        assert_eq!(words("a<p title=\"x>b</p>c"), "a b c");
        let deep = "<div style=\"display:none\">".repeat(50_000);
        assert_eq!(words(&deep), "");
    }
}
