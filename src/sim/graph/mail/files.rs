//! Attached files: their types by name, and bytes that a viewer can open.
//!
//! Must stay true: the same name and size give the same bytes. Deliberately absent: anything from disk.

use super::content::{Bytes, File};
use std::fmt::Write as _;

/// A file with made bytes.
#[must_use]
pub fn file(name: &str, size: u32) -> File {
    File {
        name: name.to_owned(),
        content_type: content_type(name).to_owned(),
        inline: false,
        content_id: None,
        bytes: Bytes::Made(size),
        gone: false,
    }
}

/// A picture inside the body.
#[must_use]
pub fn inline(name: &str, content_id: &str) -> File {
    let mut picture = file(name, u32::try_from(PICTURE.len()).unwrap_or(0));
    picture.inline = true;
    picture.content_id = Some(content_id.to_owned());
    picture
}

/// Media type by the end of the name.
#[must_use]
pub fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("").to_ascii_lowercase().as_str() {
        "pdf" => "application/pdf",
        "png" => "image/png",
        "txt" | "log" => "text/plain",
        "csv" => "text/csv",
        "ics" => "text/calendar",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _ => "application/octet-stream",
    }
}

impl File {
    /// Size in bytes as the list tells it.
    #[must_use]
    pub fn size(&self) -> usize {
        match &self.bytes {
            Bytes::Made(size) => *size as usize,
            Bytes::Given(bytes) => bytes.len(),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn read(&self) -> Vec<u8> {
        let size = match &self.bytes {
            Bytes::Given(bytes) => return bytes.clone(),
            Bytes::Made(size) => *size as usize,
        };
        match self.content_type.as_str() {
            "application/pdf" => pdf(&self.name, size),
            "image/png" => PICTURE.to_vec(),
            "text/calendar" => calendar(&self.name).into_bytes(),
            "text/csv" => lines("week;project;hours\r\n", "12;Atlas;37.5\r\n", size),
            "text/plain" => lines("", "step finished in 12 ms, nothing to report\n", size),
            name if name.ends_with("wordprocessingml.document") => document(&self.name, size),
            _ => lines("", "x", size),
        }
    }
}

fn lines(head: &str, line: &str, size: usize) -> Vec<u8> {
    let mut out = head.as_bytes().to_vec();
    while out.len() < size {
        out.extend_from_slice(line.as_bytes());
    }
    out.truncate(size.max(head.len()));
    out
}

/// One page with the file's name on it, padded with a comment.
fn pdf(name: &str, size: usize) -> Vec<u8> {
    let shown: String = name.chars().filter(|c| c.is_ascii() && !matches!(c, '(' | ')' | '\\')).collect();
    let text = format!("BT /F1 18 Tf 72 720 Td ({shown}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let padding = size.saturating_sub(900);
    for _ in 0..padding / 80 {
        let _ = writeln!(out, "%{}", "-".repeat(78));
    }
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let table = out.len();
    let _ = write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        let _ = writeln!(out, "{offset:010} 00000 n ");
    }
    let _ = write!(out, "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    out.into_bytes()
}

fn calendar(name: &str) -> String {
    let summary: String = name.trim_end_matches(".ics").replace(['-', '_'], " ");
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Contoso//Desk//EN\r\nBEGIN:VEVENT\r\nUID:{name}@contoso.com\r\n\
         DTSTAMP:20260101T080000Z\r\nDTSTART:20260105T090000Z\r\nDTEND:20260105T100000Z\r\nSUMMARY:{summary}\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// A text document: a zip archive of stored parts, with one more part as padding.
fn document(name: &str, size: usize) -> Vec<u8> {
    let types = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Types \
                 xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" \
                 ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"bin\" \
                 ContentType=\"application/octet-stream\"/><Override PartName=\"/word/document.xml\" \
                 ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
    let relations = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Relationships \
                     xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" \
                     Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
                     Target=\"word/document.xml\"/></Relationships>";
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document \
         xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>{}</w:t></w:r>\
         </w:p></w:body></w:document>",
        super::markup::escape(name)
    );
    let rest = vec![0_u8; size.saturating_sub(types.len() + relations.len() + text.len() + 420)];
    zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", relations.as_bytes()),
        ("word/document.xml", text.as_bytes()),
        ("docProps/rest.bin", &rest),
    ])
}

fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    let four = |value: usize| u32::try_from(value).unwrap_or(0).to_le_bytes();
    for (name, bytes) in parts {
        let offset = out.len();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend_from_slice(&crc(bytes).to_le_bytes());
        common.extend_from_slice(&four(bytes.len()));
        common.extend_from_slice(&four(bytes.len()));
        common.extend_from_slice(&four(name.len())[..2]);
        common.extend_from_slice(&[0, 0]);
        out.extend_from_slice(b"PK\x03\x04");
        out.extend_from_slice(&common);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(bytes);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&four(offset));
        directory.extend_from_slice(name.as_bytes());
    }
    let start = out.len();
    let count = four(parts.len());
    out.extend_from_slice(&directory);
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count[..2]);
    out.extend_from_slice(&count[..2]);
    out.extend_from_slice(&four(directory.len()));
    out.extend_from_slice(&four(start));
    out.extend_from_slice(&[0, 0]);
    out
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

/// One grey pixel as PNG.
const PICTURE: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x04, 0x00, 0x00, 0x00, 0xb5, 0x1c, 0x0c, 0x02, 0x00, 0x00, 0x00, 0x0b, 0x49,
    0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0x0f, 0x00, 0x01, 0x05, 0x01, 0x01, 0x27, 0x18, 0xe3, 0x66, 0x00,
    0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];
