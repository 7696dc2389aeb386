//! Links: numbered in order of appearance, with where they really lead.

use std::collections::HashMap;

use crate::base::text::{link_host, tame_link};
use crate::domain::styled::Link;

/// More links than this are shown as text.
const MOST_LINKS: usize = 999;

/// The links of a body; the same target has one number.
#[derive(Default)]
pub(super) struct LinkTable {
    links: Vec<Link>,
    numbers: HashMap<String, u16>,
}

impl LinkTable {
    /// The number of a link, from 1; `None` if it leads nowhere it may.
    pub(super) fn number(&mut self, address: &str) -> Option<u16> {
        let target = unwrap_safe_link(tame_link(address)?);
        if let Some(number) = self.numbers.get(&target) {
            return Some(*number);
        }
        if self.links.len() >= MOST_LINKS {
            return None;
        }
        let number = u16::try_from(self.links.len() + 1).ok()?;
        self.links.push(Link { host: link_host(&target), target: target.clone() });
        self.numbers.insert(target, number);
        Some(number)
    }

    pub(super) fn take(&mut self) -> Vec<Link> {
        std::mem::take(&mut self.links)
    }
}

/// What a Safe Links address wraps; wrapped more than once is unwrapped more than once.
fn unwrap_safe_link(mut link: String) -> String {
    for _ in 0..3 {
        let host = link_host(&link);
        let is_wrapped =
            host.ends_with(".safelinks.protection.outlook.com") || host.ends_with(".safelinks.office365.us");
        let Some(inner) = is_wrapped.then(|| wrapped(&link)).flatten() else {
            break;
        };
        link = inner;
    }
    link
}

fn wrapped(link: &str) -> Option<String> {
    let (_, query) = link.split_once('?')?;
    let value = query.split(['&', '#']).find_map(|pair| pair.strip_prefix("url="))?;
    tame_link(&percent_decode(value))
}

fn percent_decode(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut ahead = bytes.clone();
        let mut half =
            || ahead.next().and_then(|digit| char::from(digit).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
        match (half(), half()) {
            (Some(high), Some(low)) => {
                decoded.push(high << 4 | low);
                bytes = ahead;
            }
            _ => decoded.push(byte),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
