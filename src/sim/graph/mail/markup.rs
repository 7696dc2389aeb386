//! From the light markup of the content file to the HTML that mail programs write, and from HTML back to text.
//!
//! Paragraphs are separated by blank lines; `| a | b |` rows make a table, `- ` a list, `> ` a quotation, `# ` a heading,
//! `[text](address)` a link, `![name](cid:x)` a picture, `**bold**` bold. Must stay true: everything else is escaped, and the
//! way back never panics on broken HTML, because clients may send any.

use std::fmt::Write as _;

/// Escapes text for HTML.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

/// The inner HTML of a text in light markup.
#[must_use]
pub fn html_of(markup: &str) -> String {
    let mut out = String::new();
    for block in markup.trim().split("\n\n").filter(|block| !block.trim().is_empty()) {
        let lines: Vec<&str> = block.trim_matches('\n').lines().collect();
        let starts = |mark: &str| lines.iter().all(|line| line.starts_with(mark));
        if starts("|") {
            table(&mut out, &lines);
        } else if starts("- ") {
            out.push_str("<ul>");
            for line in &lines {
                let _ = write!(out, "<li>{}</li>", inline(&line[2..]));
            }
            out.push_str("</ul>\r\n");
        } else if starts(">") {
            let inner: Vec<&str> = lines.iter().map(|line| line[1..].trim_start()).collect();
            let _ = write!(
                out,
                "<blockquote style=\"border-left: 3px solid rgb(200, 200, 200); padding-left: 1ex; color: rgb(102, 102, \
                 102);\">{}</blockquote>\r\n",
                inline(&inner.join("\n"))
            );
        } else if let Some(heading) = block.trim_start().strip_prefix("# ") {
            let _ = write!(out, "<h2 style=\"font-size: 16pt;\">{}</h2>\r\n", inline(heading));
        } else {
            let _ = write!(out, "<p>{}</p>\r\n", inline(&lines.join("\n")));
        }
    }
    out
}

fn table(out: &mut String, lines: &[&str]) {
    out.push_str("<table border=\"1\" cellspacing=\"0\" cellpadding=\"4\" style=\"border-collapse: collapse;\">");
    for (index, line) in lines.iter().enumerate() {
        let tag = if index == 0 { "th" } else { "td" };
        out.push_str("<tr>");
        for cell in line.trim().trim_matches('|').split('|') {
            let _ = write!(out, "<{tag}>{}</{tag}>", inline(cell.trim()));
        }
        out.push_str("</tr>");
    }
    out.push_str("</table>\r\n");
}

fn inline(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['[', '*', '!']) {
        out.push_str(&escape(&rest[..at]).replace('\n', "<br>\r\n"));
        rest = &rest[at..];
        if let Some((label, target, after)) = rest.strip_prefix('!').and_then(bracketed) {
            let _ = write!(out, "<img src=\"{}\" alt=\"{}\">", escape(target), escape(label));
            rest = after;
        } else if let Some((label, target, after)) = bracketed(rest) {
            let _ = write!(out, "<a href=\"{}\">{}</a>", escape(target), escape(label));
            rest = after;
        } else if let Some((bold, after)) = rest.strip_prefix("**").and_then(|inner| inner.split_once("**")) {
            let _ = write!(out, "<b>{}</b>", escape(bold));
            rest = after;
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.push_str(&escape(rest).replace('\n', "<br>\r\n"));
    out
}

/// `[label](target)` at the beginning, and what follows.
fn bracketed(text: &str) -> Option<(&str, &str, &str)> {
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (target, after) = rest.split_once(')')?;
    (!label.contains('\n') && !target.contains([' ', '\n'])).then_some((label, target, after))
}

/// Light markup as a plain-text message: links keep their address.
#[must_use]
pub fn plain_of(markup: &str) -> String {
    let mut out = String::new();
    let mut rest = markup.trim();
    while let Some(at) = rest.find('[') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((label, target, after)) = bracketed(rest) {
            let _ = if label == target { write!(out, "{target}") } else { write!(out, "{label} <{target}>") };
            rest = after;
        } else {
            out.push('[');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out.replace("**", "").replace('\n', "\r\n")
}

/// The document around the inner HTML, as the usual mail programs write it.
#[must_use]
pub fn document(inner: &str) -> String {
    format!(
        "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\r\n<style \
         type=\"text/css\" style=\"display:none;\"> P {{margin-top:0;margin-bottom:0;}} </style>\r\n</head>\r\n<body \
         dir=\"ltr\">\r\n<div class=\"elementToProof\" style=\"font-family: Aptos, Calibri, Helvetica, sans-serif; \
         font-size: 12pt; color: rgb(0, 0, 0);\">\r\n{inner}</div>\r\n</body>\r\n</html>\r\n"
    )
}

/// The text a person would read in `html`.
#[must_use]
pub fn text_of(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 4);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        unescape(&mut out, &rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        let tag: String = rest[1..].chars().take_while(|c| *c == '/' || c.is_ascii_alphanumeric()).collect();
        rest = &rest[end..];
        let tag = tag.to_ascii_lowercase();
        match tag.as_str() {
            "style" | "script" | "title" => {
                let close = format!("</{tag}");
                let skip = find_ignoring_case(rest, &close).unwrap_or(rest.len());
                rest = &rest[skip..];
            }
            "br" | "/p" | "/div" | "/tr" | "/li" | "/h1" | "/h2" | "/h3" | "/blockquote" | "/table" | "hr" => {
                while out.ends_with(' ') {
                    out.pop();
                }
                if !out.is_empty() && !out.ends_with("\n\n") {
                    out.push('\n');
                }
            }
            "/td" | "/th" if !out.ends_with('\t') => out.push('\t'),
            "li" => out.push_str("* "),
            _ => {}
        }
    }
    unescape(&mut out, rest);
    out.trim().replace('\n', "\r\n")
}

/// Byte position of an ASCII `needle`, letters of any case.
fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    text.as_bytes().windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

/// Adds text of HTML: line ends and runs of blanks become one blank, entities their character.
fn unescape(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if character == '&'
            && let Some((name, after)) = rest[1..].split_once(';')
            && let Some(meant) = entity(name)
        {
            out.push(meant);
            rest = after;
            continue;
        }
        if matches!(character, '\r' | '\n' | ' ' | '\t') {
            if !out.is_empty() && !out.ends_with([' ', '\n', '\t']) {
                out.push(' ');
            }
        } else {
            out.push(character);
        }
        rest = &rest[character.len_utf8()..];
    }
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        "middot" => Some('·'),
        "copy" => Some('©'),
        "mdash" => Some('—'),
        "ndash" => Some('–'),
        "hellip" => Some('…'),
        "euro" => Some('€'),
        "zwnj" => Some('\u{200c}'),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// The first 255 characters, as the service cuts them. \[message\]
#[must_use]
pub fn preview(text: &str) -> String {
    text.trim().chars().take(255).collect()
}
