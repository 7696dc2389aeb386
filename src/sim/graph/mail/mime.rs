//! A message as MIME, and the headers it came with. [outlook-get-mime-message]
//!
//! Must stay true: header values never hold a raw line end. Deliberately absent: reading MIME from clients.

use super::content::Address;
use super::ids;
use super::store::{Mailbox, Row};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The whole message as text.
#[must_use]
pub fn of(mailbox: &Mailbox, row: &Row) -> String {
    let content = mailbox.content(row);
    let (html, text) = mailbox.body(row);
    let mut out = String::new();
    for (name, value) in fields(mailbox, row) {
        let _ = write!(out, "{name}: {value}\r\n");
    }
    let kind = if html { "text/html" } else { "text/plain" };
    let body = format!(
        "Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        wrapped(text.as_bytes())
    );
    let files: Vec<_> = content.files.iter().filter(|file| !file.gone).collect();
    if files.is_empty() {
        out.push_str(&body);
        return out;
    }
    let edge = format!("_{:016x}_", content.conversation);
    let _ = write!(out, "Content-Type: multipart/mixed; boundary=\"{edge}\"\r\n\r\n--{edge}\r\n{body}");
    for file in files {
        let name = encoded(&file.name);
        let _ = write!(
            out,
            "--{edge}\r\nContent-Type: {}; name=\"{name}\"\r\nContent-Disposition: {}; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n{}",
            file.content_type,
            if file.inline { "inline" } else { "attachment" },
            wrapped(&file.read())
        );
    }
    let _ = write!(out, "--{edge}--\r\n");
    out
}

/// `internetMessageHeaders`.
#[must_use]
pub fn headers(mailbox: &Mailbox, row: &Row) -> Value {
    fields(mailbox, row).into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn fields(mailbox: &Mailbox, row: &Row) -> Vec<(&'static str, String)> {
    let content = mailbox.content(row);
    let mut out = vec![
        ("Received", format!("from mail.contoso.com (192.0.2.25) by mailbox.contoso.com; {}", date(row.received))),
        ("Date", date(content.sent.as_second())),
        ("Subject", encoded(&content.subject)),
        ("Message-ID", content.internet_id.clone()),
        ("MIME-Version", "1.0".to_owned()),
    ];
    if let Some(from) = &content.from {
        out.push(("From", one(from)));
    }
    for (name, people) in [("To", &content.to), ("Cc", &content.cc)] {
        if !people.is_empty() {
            out.push((name, people.iter().map(one).collect::<Vec<_>>().join(", ")));
        }
    }
    out
}

fn date(seconds: i64) -> String {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

fn one(address: &Address) -> String {
    format!("{} <{}>", encoded(&address.name), address.address.as_deref().unwrap_or("unknown"))
}

/// An encoded word where the text is not plain ASCII. [RFC 2047]
fn encoded(text: &str) -> String {
    if text.chars().all(|c| c == ' ' || c.is_ascii_graphic() && c != '"') {
        return text.to_owned();
    }
    // An encoded word may not be longer than 75 characters: 30 bytes of text leave room.
    let mut words = Vec::new();
    let mut part = String::new();
    for character in text.chars() {
        if part.len() + character.len_utf8() > 30 {
            words.push(std::mem::take(&mut part));
        }
        part.push(character);
    }
    words.push(part);
    words.iter().map(|word| format!("=?utf-8?B?{}?=", ids::base64(word.as_bytes()))).collect::<Vec<_>>().join(" ")
}

fn wrapped(bytes: &[u8]) -> String {
    let text = ids::base64(bytes);
    let mut out = String::with_capacity(text.len() + text.len() / 38);
    for line in text.as_bytes().chunks(76) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push_str("\r\n");
    }
    out
}
