//! A person as two initials on their colour, stable from the address.

use crate::config::Role;
use crate::view::painter::Painter;

/// Draws four columns: the initials with air at both sides.
pub(in crate::view) fn draw(x: u16, y: u16, name: &str, address: &str, painter: &mut Painter<'_>) {
    let text = format!(" {} ", initials(name, address));
    painter.text(x, y, 4, &text, colour(address));
}

/// First letters of the first and last word of the name, else of the address.
pub(in crate::view) fn initials(name: &str, address: &str) -> String {
    let source = if name.is_empty() { address } else { name };
    let letter = |word: &str| word.chars().find(|character| character.is_alphanumeric());
    let mut words = source
        .split(|character: char| character.is_whitespace() || character == '@')
        .filter(|word| letter(word).is_some());
    let first = words.next().and_then(letter);
    let last = if name.is_empty() { None } else { words.next_back().and_then(letter) };
    let mut initials: String = first.into_iter().chain(last).flat_map(char::to_uppercase).collect();
    // A wide letter fills both columns.
    while crate::base::text::width(&initials) > 2 {
        initials.pop();
    }
    crate::base::text::pad(&initials, 2)
}

/// The colour of a person. FNV-1a: the same on every run and every machine.
fn colour(address: &str) -> Role {
    let hash = address.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    });
    Role::category(usize::try_from(hash % 8).unwrap_or(0))
}
