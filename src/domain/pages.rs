//! The pages of the help, and what stands in them.
//!
//! The text is ours, written in a small part of Markdown: headings, paragraphs, lists, indented code. Whoever shows a page breaks its
//! blocks to a width. Deliberately absent: the help about keys, which is made from the keymap.

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HelpPage {
    /// What is typed to see it.
    pub name: &'static str,
    /// What it is about, as a sentence.
    pub about: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The pages, in the order they are read in.
pub const PAGES: [HelpPage; 10] = [
    HelpPage {
        name: "signing-in",
        about: "The ways in, tenants, permissions and staying signed in.",
        text: include_str!("../../assets/help/signing-in.md"),
    },
    HelpPage {
        name: "words",
        about: "Registration, enterprise application, scope, role, assertion.",
        text: include_str!("../../assets/help/words.md"),
    },
    HelpPage {
        name: "service-accounts",
        about: "Acting without a person, with a secret or a certificate.",
        text: include_str!("../../assets/help/service-accounts.md"),
    },
    HelpPage {
        name: "writing",
        about: "Marking, filing, writing and sending mail; the outbox and undo.",
        text: include_str!("../../assets/help/writing.md"),
    },
    HelpPage {
        name: "cron",
        about: "Commands that run by themselves.",
        text: include_str!("../../assets/help/cron.md"),
    },
    HelpPage {
        name: "export",
        about: "Mail, events, people and out-of-office history as a SQLite file.",
        text: include_str!("../../assets/help/export.md"),
    },
    HelpPage {
        name: "json",
        about: "What --json prints, field by field.",
        text: include_str!("../../assets/help/json.md"),
    },
    HelpPage {
        name: "from-ews",
        about: "What becomes of what one knew from Exchange Web Services.",
        text: include_str!("../../assets/help/from-ews.md"),
    },
    HelpPage {
        name: "known-gaps",
        about: "What deskbell does not do, and why.",
        text: include_str!("../../assets/help/known-gaps.md"),
    },
    HelpPage { name: "doctor", about: "Finding out what is wrong.", text: include_str!("../../assets/help/doctor.md") },
];

/// A part of a page, its text in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The heading of the page.
    Title(String),
    /// A heading within.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// An entry of a list.
    Item(String),
    /// A line that is kept as it is.
    Code(String),
    /// Air between blocks.
    Blank,
}

impl HelpPage {
    /// The page of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        PAGES.into_iter().find(|page| page.name == name)
    }

    /// The heading.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.text.lines().next().map_or(self.name, |line| line.trim_start_matches("# "))
    }

    /// Its blocks, the heading first. Marks around a command (`) are left out; the words say that it is one.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        self.text.lines().map(block).collect()
    }
}

fn block(line: &str) -> Block {
    let plain = |text: &str| text.replace('`', "");
    if let Some(code) = line.strip_prefix("    ") {
        Block::Code(code.to_owned())
    } else if let Some(title) = line.strip_prefix("# ") {
        Block::Title(plain(title))
    } else if let Some(heading) = line.strip_prefix("## ") {
        Block::Heading(plain(heading))
    } else if let Some(item) = line.strip_prefix("- ") {
        Block::Item(plain(item))
    } else if line.trim().is_empty() {
        Block::Blank
    } else {
        Block::Paragraph(plain(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_begins_with_its_title_and_is_only_what_can_be_shown() {
        for page in PAGES {
            let blocks = page.blocks();
            assert!(matches!(&blocks[0], Block::Title(title) if title == page.title()), "{}", page.name);
            assert!(page.about.ends_with('.') && blocks.len() > 5, "{}", page.name);
            for block in blocks {
                let (Block::Paragraph(text) | Block::Item(text) | Block::Heading(text)) = block else { continue };
                assert!(!text.starts_with(['#', '*', '|', '>', ' ']) && !text.contains("]("), "{}: {text}", page.name);
            }
        }
    }

    #[test]
    fn a_page_that_another_names_exists() {
        for page in PAGES {
            for rest in page.text.split("deskbell help ").skip(1) {
                let name: String = rest.chars().take_while(|sign| sign.is_ascii_lowercase() || *sign == '-').collect();
                assert!(HelpPage::find(&name).is_some(), "{} names {name}", page.name);
            }
        }
    }
}
