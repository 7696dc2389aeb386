//! The page that explains permissions: what each is for, what it exposes, and who may grant it.

use crate::domain::account::Tier;
use crate::domain::consent::permissions;
use crate::domain::permission::PermissionKind;
use crate::state::page::{Page, PageLine};
use std::fmt::Write as _;

/// The page for what a sign-in asks for.
#[must_use]
pub fn page(tiers: &[Tier]) -> Page {
    let mut lines = vec![PageLine::Text(
        "All of it is for reading, with your own rights: nothing you may not see yourself, and nothing is changed."
            .to_owned(),
    )];
    let mut copied = String::new();
    for tier in tiers {
        lines.push(PageLine::Blank);
        lines.push(PageLine::Title(format!("{}: {}", tier.title(), tier.opens())));
        for permission in permissions(&[*tier], PermissionKind::Delegated) {
            lines.push(PageLine::Text(format!("  {}", permission.name)));
            let grantor = permission.grantor.sentence();
            lines.push(PageLine::Pair("    for".to_owned(), permission.reason.to_owned()));
            lines.push(PageLine::Pair("    exposes".to_owned(), permission.risk.to_owned()));
            lines.push(PageLine::Pair("    granted by".to_owned(), grantor.to_owned()));
            let _ =
                writeln!(copied, "{}\n  {}\n  {}\n  {grantor}", permission.name, permission.reason, permission.risk);
        }
    }
    Page::of("What is asked for".to_owned(), lines, copied)
}
