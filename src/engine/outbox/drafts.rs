//! Beginning and keeping drafts: recipients, subject and quoted text of an answer, and the text on this computer at each pause.

use crate::base::report::{Kind, Report};
use crate::db::outbox::Mark;
use crate::domain::draft::{Draft, DraftId, DraftKind};
use crate::domain::mail::{BodyContent, FolderId, Importance, Message, MessageId, Recipient};
use crate::domain::request::Answer;
use crate::domain::time::{clock_time, long_date};
use crate::engine::outbox::{LiveOutbox, random};
use crate::engine::reader;
use crate::graph;
use jiff::tz::TimeZone;

/// Text quoted beyond this is left out; the service keeps the original.
const MOST_QUOTED: usize = 60_000;

impl LiveOutbox {
    /// A new draft, with what an answer begins with.
    pub(crate) async fn begin_draft(
        &self,
        kind: DraftKind,
        about: Option<MessageId>,
        own_address: &str,
    ) -> Result<Answer, Report> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        let original = match (&about, kind) {
            (Some(id), _) => {
                let row = self.shared.cache.message(id).await.map_err(|error| error.report())?;
                Some(match row {
                    Some(row) => row.message,
                    None => self.fetched(id).await?,
                })
            }
            (None, DraftKind::New) => None,
            (None, _) => {
                return Err(Report::new(Kind::Usage, "noMessage", "There is nothing to answer.")
                    .because("An answer needs the message it is about.")
                    .next("Choose a message first."));
            }
        };
        let body = match &original {
            Some(message) => self.text_of(&message.id).await,
            None => String::new(),
        };
        let now = self.shared.now();
        let zone = self.zone.rules.clone().unwrap_or(TimeZone::UTC);
        let mut draft = Draft {
            id: DraftId(0),
            kind,
            about,
            to: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: String::new(),
            body: String::new(),
            importance: Importance::Normal,
            attachments: Vec::new(),
            cursor: 0,
            on_service: None,
            is_sending: false,
            is_in_step: false,
            elsewhere: None,
            made: now,
            kept: now,
        };
        if let Some(message) = &original {
            fill(&mut draft, message, &body, own_address, &zone);
        }
        let mark = Mark(random(&*self.shared.ids));
        let outbox = self.shared.outbox().await?;
        let draft = outbox.begin_draft(draft, mark).await.map_err(|error| error.report())?;
        Ok(Answer::Draft(Box::new(draft)))
    }

    /// A message that is not kept on this computer.
    async fn fetched(&self, id: &MessageId) -> Result<Message, Report> {
        let gone = || {
            Report::new(Kind::Failure, "gone", "This message is no longer there.")
                .because("It was moved or deleted meanwhile.")
                .next("Press F5 to fetch the list anew.")
        };
        let patch = match graph::mail::message(&self.shared.graph, id).await {
            Ok(patch) => patch,
            Err(error) if error.is_not_found() => return Err(gone()),
            Err(error) => return Err(error.report("The message could not be read.")),
        };
        let folder = patch.folder.clone().unwrap_or_else(|| FolderId(String::new()));
        patch.into_message(&folder).ok_or_else(gone)
    }

    /// The text of a message, from here or from the service; what is known of it where neither can be had.
    async fn text_of(&self, id: &MessageId) -> String {
        let known = self.shared.cache.body(id).await.ok().flatten();
        let body = match known {
            Some(body) => Some(body),
            None if self.shared.is_offline => None,
            None => graph::mail::body(&self.shared.graph, id).await.ok(),
        };
        match body.map(|body| body.content) {
            Some(BodyContent::Html(html)) => reader::plain_text(&html),
            Some(BodyContent::Text(text)) => text,
            None => {
                let row = self.shared.cache.message(id).await.ok().flatten();
                row.map_or_else(String::new, |row| row.message.preview)
            }
        }
    }

    /// Keeps what is being written.
    pub(crate) async fn keep_draft(&self, draft: Draft) -> Result<Answer, Report> {
        let outbox = self.shared.outbox().await?;
        let (id, now) = (draft.id, self.shared.now());
        match outbox.keep_draft(draft, now).await.map_err(|error| error.report())? {
            Some(draft) => Ok(Answer::Draft(Box::new(draft))),
            None => {
                let kept = outbox.kept_draft(id).await.map_err(|error| error.report())?;
                Err(if kept.is_some_and(|kept| kept.draft.is_sending) { on_its_way() } else { no_draft() })
            }
        }
    }

    /// All drafts of this computer.
    pub(crate) async fn drafts(&self) -> Result<Answer, Report> {
        if !self.shared.file.path().exists() {
            return Ok(Answer::Drafts(Vec::new()));
        }
        let outbox = self.shared.outbox().await?;
        outbox.drafts().await.map(Answer::Drafts).map_err(|error| error.report())
    }

    /// One draft.
    pub(crate) async fn open_draft(&self, id: DraftId) -> Result<Answer, Report> {
        let outbox = self.shared.outbox().await?;
        let kept = outbox.kept_draft(id).await.map_err(|error| error.report())?;
        let kept = kept.filter(|kept| !kept.is_discarded).ok_or_else(no_draft)?;
        Ok(Answer::Draft(Box::new(kept.draft)))
    }
}

pub(super) fn no_draft() -> Report {
    Report::new(Kind::Usage, "noSuchDraft", "There is no such draft.")
        .because("It was sent or thrown away.")
        .next("Look at the list of drafts again.")
}

pub(super) fn on_its_way() -> Report {
    Report::new(Kind::Usage, "onItsWay", "This message is on its way.")
        .because("It waits in the outbox to be sent, so it cannot be changed.")
        .next("Stop it first: undo it, or take it back in the outbox.")
}

/// Who, about what, and with which text an answer begins.
fn fill(draft: &mut Draft, message: &Message, body: &str, own_address: &str, zone: &TimeZone) {
    let is_own = |one: &Recipient| !own_address.is_empty() && one.address.eq_ignore_ascii_case(own_address);
    let prefix = if draft.kind == DraftKind::Forward { "Fwd: " } else { "Re: " };
    draft.subject = with_prefix(&message.subject, prefix);
    if draft.kind != DraftKind::Forward {
        let from_others = message.from.clone().filter(|from| !is_own(from));
        // An answer to what one has sent goes on to those it was sent to.
        draft.to = from_others.map_or_else(|| message.to.clone(), |from| vec![from]);
        if draft.kind == DraftKind::ReplyAll {
            let mut others: Vec<Recipient> = message.to.iter().chain(&message.cc).cloned().collect();
            others.retain(|one| !is_own(one) && !holds(&draft.to, one));
            let mut cc: Vec<Recipient> = Vec::new();
            for one in others {
                if !holds(&cc, &one) {
                    cc.push(one);
                }
            }
            draft.cc = cc;
        }
    }
    draft.body = quote(draft.kind, message, body, zone);
}

fn holds(list: &[Recipient], one: &Recipient) -> bool {
    list.iter().any(|known| known.address.eq_ignore_ascii_case(&one.address))
}

fn with_prefix(subject: &str, prefix: &str) -> String {
    let known = ["re:", "aw:", "sv:", "fwd:", "fw:", "wg:"];
    let mut rest = subject.trim();
    while let Some(word) =
        known.iter().find(|word| rest.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word)))
    {
        rest = rest[word.len()..].trim_start();
    }
    format!("{prefix}{rest}")
}

fn quote(kind: DraftKind, message: &Message, body: &str, zone: &TimeZone) -> String {
    let date = zone.to_datetime(message.received).date();
    let when = format!("{}, {}", long_date(date), clock_time(message.received, zone));
    let from = message.from.as_ref().map_or("(unknown)", Recipient::label);
    let end = body.floor_char_boundary(MOST_QUOTED);
    let body = body[..end].trim_end();
    let mut text = String::from("\n\n");
    if kind == DraftKind::Forward {
        let line = |list: &[Recipient]| list.iter().map(|one| one.label().to_owned()).collect::<Vec<_>>().join("; ");
        text.push_str("---------- Forwarded message ----------\n");
        text.push_str(&format!(
            "From: {from}\nDate: {when}\nSubject: {}\nTo: {}\n",
            message.subject,
            line(&message.to)
        ));
        if !message.cc.is_empty() {
            text.push_str(&format!("Cc: {}\n", line(&message.cc)));
        }
        text.push('\n');
        text.push_str(body);
    } else {
        text.push_str(&format!("On {when}, {from} wrote:\n"));
        for quoted in body.lines() {
            text.push_str(if quoted.is_empty() || quoted.starts_with('>') { ">" } else { "> " });
            text.push_str(quoted);
            text.push('\n');
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_says_once_what_it_is() {
        assert_eq!(with_prefix("Lunch?", "Re: "), "Re: Lunch?");
        assert_eq!(with_prefix("RE: AW: Re: Lunch?", "Re: "), "Re: Lunch?");
        assert_eq!(with_prefix("Fwd: ", "Re: "), "Re: ");
        assert_eq!(with_prefix("é", "Fwd: "), "Fwd: é");
    }
}
