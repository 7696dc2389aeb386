//! Drafts of the Drafts folder, whoever began them, as drafts of this computer.
//!
//! A draft that another program began is fetched whole, kept here beside our own, and saved and sent as the message it is: no second
//! one is ever made of it. Must stay true: what somebody wrote here is never replaced by what lies there; what nobody touched here
//! is fetched anew each time; a body whose text was left alone is left alone with all its formatting; a text that is known only in
//! part is not taken up, for it would be written back so.

use crate::base::report::{Kind, Report};
use crate::base::text::tame_lines;
use crate::db::outbox::{KeptDraft, Mark};
use crate::domain::draft::{Draft, DraftId, DraftKind};
use crate::domain::draft_elsewhere::{Elsewhere, FileThere};
use crate::domain::mail::{BodyContent, MessageId};
use crate::domain::request::Answer;
use crate::engine::outbox::{LiveOutbox, random};
use crate::engine::reader;
use crate::graph::draft::{self, WrittenDraft};

/// A longer source is shown only in part, and a longer text is no pleasure to write in.
const LONGEST_SOURCE: usize = 900_000;
const LONGEST_TEXT: usize = 400_000;

impl LiveOutbox {
    /// The draft that this message of the mailbox is, ready to be written further.
    pub(crate) async fn adopt_draft(&self, message: MessageId) -> Result<Answer, Report> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        let outbox = self.shared.outbox().await?;
        let known = outbox.draft_of(&message).await.map_err(|error| error.report())?;
        if known.as_ref().is_some_and(|known| known.is_discarded) {
            return Err(Report::new(Kind::Usage, "thrownAway", "This draft is being thrown away.")
                .because("That waits in the outbox.")
                .next("Take it back there, or undo it."));
        }
        let known = match known {
            // What somebody wrote here is newer than anything there.
            Some(known) if known.draft.is_sending || !known.draft.is_in_step => return Ok(answer(known.draft)),
            known => known,
        };
        let fetched = if self.shared.is_offline { None } else { Some(draft::read(&self.shared.graph, &message).await) };
        let there = match (fetched, known.as_ref()) {
            (Some(Ok(Some(there))), _) => there,
            // It is kept here, and nobody can say now whether it changed; if it did, that is found when it is saved.
            (_, Some(known)) => return Ok(answer(known.draft.clone())),
            (Some(Ok(None)), None) => return Err(gone()),
            (Some(Err(error)), None) => return Err(error.report("This draft could not be fetched.")),
            (None, None) => {
                return Err(Report::new(Kind::Network, "offline", "This draft is not on this computer.")
                    .because("It was begun elsewhere, and the network is not asked now.")
                    .next("Open it again once the network may be used."));
            }
        };
        if !there.is_draft {
            return Err(Report::new(Kind::Failure, "sentElsewhere", "This message is no draft any more.")
                .because("It was sent elsewhere meanwhile.")
                .next("Look in Sent Items."));
        }
        if let Some(known) = known.as_ref().filter(|known| known.version.as_ref() == Some(&there.change_key)) {
            return Ok(answer(known.draft.clone()));
        }
        let mark = Mark(there.mark.clone().unwrap_or_else(|| random(&*self.shared.ids)));
        let version = Some(there.change_key.clone()).filter(|key| !key.is_empty());
        let draft = self.draft_from(there, known)?;
        let kept = outbox.adopt_draft(draft, mark, version).await.map_err(|error| error.report())?;
        Ok(answer(kept))
    }

    /// What was fetched as a draft of ours; `known` is what is kept of it.
    fn draft_from(&self, there: WrittenDraft, known: Option<KeptDraft>) -> Result<Draft, Report> {
        let (source, is_formatted) = match &there.body {
            BodyContent::Html(source) => (source, is_formatted(source)),
            BodyContent::Text(source) => (source, false),
        };
        let is_too_long = source.len() > LONGEST_SOURCE;
        let text = match &there.body {
            _ if is_too_long => String::new(),
            BodyContent::Html(source) => reader::plain_text(source),
            BodyContent::Text(source) => source.clone(),
        };
        // As the editor will hold it, so that what was left alone is known to be the same.
        let text = tame_lines(&text).into_owned();
        if is_too_long || text.len() > LONGEST_TEXT {
            return Err(Report::new(
                Kind::Failure,
                "draftTooLong",
                "This draft is too long to be written further here.",
            )
            .because("Its text could be shown only in part, and would be saved so.")
            .next("Write it further where it was begun."));
        }
        let files = there.files.into_iter().map(|file| FileThere {
            id: file.id,
            name: file.name,
            size: file.size,
            is_inline: file.is_inline,
            is_taken_off: false,
        });
        let elsewhere = Elsewhere {
            to: Some(there.to.clone()),
            cc: Some(there.cc.clone()),
            bcc: Some(there.bcc.clone()),
            subject: Some(there.subject.clone()),
            text: Some(text.clone()),
            is_formatted,
            is_touched: false,
            files: files.collect(),
        };
        let now = self.shared.now();
        let known = known.map(|known| known.draft);
        Ok(Draft {
            id: known.as_ref().map_or(DraftId(0), |known| known.id),
            kind: known.as_ref().map_or(DraftKind::New, |known| known.kind),
            about: known.as_ref().and_then(|known| known.about.clone()),
            to: there.to,
            cc: there.cc,
            bcc: there.bcc,
            subject: there.subject,
            body: text,
            importance: there.importance,
            made: known.as_ref().map_or(now, |known| known.made),
            attachments: known.map(|known| known.attachments).unwrap_or_default(),
            cursor: 0,
            on_service: Some(there.message),
            is_sending: false,
            is_in_step: true,
            elsewhere: Some(Box::new(elsewhere)),
            kept: now,
        })
    }

    /// Forgets a draft of another program that was opened and left as it is. What lies in the Drafts folder stays.
    pub(crate) async fn let_go_of_draft(&self, id: DraftId) -> Result<Answer, Report> {
        let outbox = self.shared.outbox().await?;
        outbox.let_go_of_untouched(id).await.map_err(|error| error.report())?;
        self.drafts().await
    }
}

fn answer(draft: Draft) -> Answer {
    Answer::Draft(Box::new(draft))
}

fn gone() -> Report {
    Report::new(Kind::Failure, "gone", "This draft is no longer there.")
        .because("It was sent or deleted elsewhere meanwhile.")
        .next("Press F5 to fetch the list anew.")
}

/// Whether a plain text would lose anything of it but line breaks.
fn is_formatted(source: &str) -> bool {
    const PLAIN: &[&str] = &["html", "head", "meta", "body", "div", "p", "br", "pre", "!--", "!doctype"];
    let name = |tag: &str| {
        let tag = tag.trim_start_matches('/');
        let end = tag.find(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/')).unwrap_or(tag.len());
        tag[..end].to_ascii_lowercase()
    };
    let has_style = |tag: &str| {
        let inside = tag.split('>').next().unwrap_or_default().to_ascii_lowercase();
        inside.contains("style=") || inside.contains("bgcolor=")
    };
    source.split('<').skip(1).any(|tag| {
        let name = name(tag);
        !PLAIN.contains(&name.as_str()) && !name.starts_with("!--") || has_style(tag)
    })
}

#[cfg(test)]
mod tests {
    use super::is_formatted;

    #[test]
    fn what_a_plain_text_would_lose_is_known() {
        assert!(!is_formatted("<html><head><meta charset=\"utf-8\"></head><body><div>One<br>two</div></body></html>"));
        assert!(!is_formatted("no tags at all, 1 &lt; 2"));
        for source in
            ["<b>x</b>", "<p style=\"color:red\">x</p>", "<table><tr><td>x", "a <img src=\"cid:1\">", "<ul><li>x"]
        {
            assert!(is_formatted(source), "{source}");
        }
    }
}
