//! Many small changes of messages, made in one request: hundreds that are marked, moved or deleted at once are some tens of requests,
//! not hundreds.
//!
//! Only what says its goal whole goes this way (a field, a folder, being gone), and only its first try: each change of a batch is noted on disk
//! before the batch is sent, is answered for itself, and goes on alone from there. So whatever happens to a batch is, for each of
//! its changes, one of the answers that [`step`] knows. Deliberately absent: anything that makes or sends.

use crate::domain::intent::{Intent, IntentId, ItemState};
use crate::domain::outbox::{Entry, Progress, Stage};
use crate::engine::outbox::Shared;
use crate::engine::outbox::acting::{self, Subject, Told};
use crate::engine::outbox::drain::Run;
use crate::engine::outbox::step::{Next, Work, step};
use crate::graph::{Call, batch};
use std::collections::BTreeSet;

/// Fewer go one by one.
const LEAST: usize = 5;

/// What is taken up in one go: single changes in their order, and up to a batch of those that may go together in place of the first
/// of them.
pub(super) fn groups(entries: &[Entry], ready: Vec<IntentId>) -> Vec<Vec<IntentId>> {
    let is_ready: BTreeSet<IntentId> = ready.iter().copied().collect();
    let together: Vec<IntentId> = entries
        .iter()
        .filter(|entry| is_ready.contains(&entry.item.id) && may_go_with_others(entry))
        .map(|entry| entry.item.id)
        .collect();
    if together.len() < LEAST {
        return ready.into_iter().map(|id| vec![id]).collect();
    }
    let grouped: BTreeSet<IntentId> = together.iter().copied().collect();
    let mut chunks = together.chunks(batch::LARGEST);
    let mut groups = Vec::new();
    let mut in_groups: BTreeSet<IntentId> = BTreeSet::new();
    for id in ready {
        if !grouped.contains(&id) {
            groups.push(vec![id]);
        } else if !in_groups.contains(&id)
            && let Some(chunk) = chunks.next()
        {
            in_groups.extend(chunk);
            groups.push(chunk.to_vec());
        }
    }
    groups
}

fn may_go_with_others(entry: &Entry) -> bool {
    let is_new = entry.item.attempts == 0
        && entry.progress.stage == Stage::Begin
        && !entry.progress.may_have_acted
        // What was held is ready only once nobody may stop it any more.
        && matches!(entry.item.state, ItemState::Waiting | ItemState::Held { .. });
    let says_its_goal = matches!(
        entry.intent(),
        Intent::MarkRead { .. }
            | Intent::Flag { .. }
            | Intent::Categorise { .. }
            | Intent::Move { .. }
            | Intent::DeleteForEver { .. }
    );
    is_new && says_its_goal
}

/// A change of a batch, with what it waits for.
struct Member<'a> {
    subject: Subject<'a>,
    work: Work,
    progress: Progress,
    call: Call,
}

impl Shared {
    /// One try of changes that go together.
    pub(super) async fn make_together(&self, entries: Vec<Entry>) -> Run {
        let mut run = Run { pause: None };
        let mut members = Vec::with_capacity(entries.len());
        for entry in &entries {
            match self.member(entry).await {
                Ok(Some(member)) => members.push(member),
                Ok(None) => {
                    let ended = self.try_make(entry, &mut run).await;
                    self.put_down_if_failed(entry.item.id, ended).await;
                }
                Err(report) => self.put_down_if_failed(entry.item.id, Err(report)).await,
            }
        }
        let calls: Vec<Call> = members.iter().map(|member| member.call.clone()).collect();
        let told: Vec<Told> = match batch::send(&self.graph, &calls).await {
            Ok(answers) => {
                let answered = members.iter().zip(&answers);
                answered.map(|(member, answer)| acting::told_among_others(&member.work, answer)).collect()
            }
            // What became of the batch became of each.
            Err(error) => members.iter().map(|_| acting::failed(&error)).collect(),
        };
        for (member, told) in members.into_iter().zip(told) {
            let Member { subject, work, progress, .. } = member;
            let ended = self.go_on(&subject, &work, progress, Some(told), &mut run).await;
            self.put_down_if_failed(subject.entry.item.id, ended).await;
        }
        self.refresh(true).await;
        run
    }

    /// Notes on disk that a change is about to be sent; `None` if it goes alone after all.
    async fn member<'a>(&self, entry: &'a Entry) -> Result<Option<Member<'a>>, crate::base::report::Report> {
        let subject =
            Subject { entry, draft: None, event: None, transaction: String::new(), me: self.own.me().person.id };
        let Some(work) = self.work(entry, &subject).await else { return Ok(None) };
        let (progress, next) = step(&work, entry.progress.clone(), None);
        let Next::Ask(ask) = next else { return Ok(None) };
        let Some(call) = acting::call_among_others(entry.intent(), ask) else { return Ok(None) };
        let outbox = self.outbox().await?;
        outbox.note(entry.item.id, progress.clone()).await.map_err(|error| error.report())?;
        Ok(Some(Member { subject, work, progress, call }))
    }
}
