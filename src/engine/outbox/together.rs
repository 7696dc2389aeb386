//! Many small changes of messages, made in one request: hundreds that are marked, moved or deleted at once are some tens of requests,
//! not hundreds.
//!
//! Only what says its goal whole goes this way (a field, a folder, being gone), and only its first try: each change of a batch is
//! noted on disk before the batch is sent, is answered for itself, and goes on alone from there. So whatever happens to a batch is,
//! for each of its changes, one of the answers that [`step`] knows. Deliberately absent: anything that makes or sends.

use crate::domain::intent::{Intent, IntentId, ItemState};
use crate::domain::outbox::{Ending, Entry, Progress, Stage};
use crate::engine::outbox::Shared;
use crate::engine::outbox::acting::{self, Subject, Told};
use crate::engine::outbox::drain::Run;
use crate::engine::outbox::step::{Next, Work, step};
use crate::engine::outbox::words;
use crate::graph::{Call, batch};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Fewer go one by one.
const LEAST: usize = 5;

/// As many go one batch after the other before it is looked what else there is to do.
const TRAIN: usize = 20 * batch::LARGEST;

/// What goes in one go: single changes in their order, and in place of the first of them up to a batch of those that may go together.
/// What was wanted together and is more than a batch is a train of its own, so that what is wanted later need not wait for all of
/// it.
pub(super) fn groups(entries: &[Entry], ready: Vec<IntentId>) -> Vec<Vec<IntentId>> {
    let is_ready: BTreeSet<IntentId> = ready.iter().copied().collect();
    let together = entries.iter().filter(|entry| is_ready.contains(&entry.item.id) && may_go_with_others(entry));
    let mut wanted: BTreeMap<IntentId, Vec<IntentId>> = BTreeMap::new();
    for entry in together {
        wanted.entry(entry.group).or_default().push(entry.item.id);
    }
    let (many, few): (Vec<_>, Vec<_>) = wanted.into_values().partition(|ids| ids.len() > batch::LARGEST);
    let few: Vec<IntentId> = few.into_iter().flatten().collect();
    let few = few.chunks(batch::LARGEST).filter(|_| few.len() >= LEAST);
    let chunks: Vec<&[IntentId]> = many.iter().flat_map(|ids| ids.chunks(TRAIN)).chain(few).collect();
    let of: HashMap<IntentId, usize> =
        chunks.iter().enumerate().flat_map(|(at, ids)| ids.iter().map(move |id| (*id, at))).collect();
    let mut groups = Vec::new();
    let mut placed = BTreeSet::new();
    for id in ready {
        match of.get(&id) {
            None => groups.push(vec![id]),
            Some(at) if placed.insert(*at) => groups.push(chunks[*at].to_vec()),
            Some(_) => {}
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
    /// One try of changes that go together, a batch at a time: of `rest` each batch is taken up when its turn comes. It ends early
    /// where the service cannot be reached; what was not taken up waits on.
    pub(super) async fn make_train(&self, first: Vec<Entry>, rest: Vec<IntentId>) -> Run {
        let mut run = Run { pause: None, was_train: !rest.is_empty() };
        self.make_together(first, &mut run).await;
        for ids in rest.chunks(batch::LARGEST) {
            if run.pause.is_some() {
                break;
            }
            let Ok(outbox) = self.outbox().await else { break };
            // Whoever looks next says why the disk would not take it.
            let Ok(entries) = outbox.take_up_all(ids.to_vec()).await else { break };
            if entries.is_empty() {
                continue;
            }
            self.cache.begin_wishes(entries.iter().map(Entry::intent));
            self.show_only(&entries).await;
            self.make_together(entries, &mut run).await;
            self.tell_summary().await;
        }
        self.refresh(true).await;
        run
    }

    /// One batch. Nothing here looks at all that waits: it may be thousands.
    async fn make_together(&self, entries: Vec<Entry>, run: &mut Run) {
        let members = self.members(&entries, run).await;
        let calls: Vec<Call> = members.iter().map(|member| member.call.clone()).collect();
        if calls.is_empty() {
            return;
        }
        let told: Vec<Told> = match batch::send(&self.graph, &calls).await {
            Ok(answers) => {
                let answered = members.iter().zip(&answers);
                answered.map(|(member, answer)| acting::told_among_others(&member.work, answer)).collect()
            }
            // What became of the batch became of each.
            Err(error) => members.iter().map(|_| acting::failed(&error)).collect(),
        };
        let mut ended = Vec::new();
        let mut given_up = Vec::new();
        for (member, told) in members.into_iter().zip(told) {
            let Member { subject, work, progress, .. } = member;
            let (after, next) = step(&work, progress.clone(), Some(&told.heard));
            let entry = subject.entry;
            match next {
                Next::Done => ended.push((entry.item.id, after, Ending::Done)),
                Next::Stays(trouble) => {
                    let report = words::trouble(trouble, entry.intent(), told.report);
                    ended.push((entry.item.id, after, Ending::Stays { trouble, report }));
                    given_up.push(entry.clone());
                }
                Next::Ask(_) | Next::Later { .. } => {
                    let ended = self.go_on(&subject, &work, progress, Some(told), run).await;
                    self.put_down_if_failed(entry.item.id, ended).await;
                }
            }
        }
        let ids: Vec<IntentId> = ended.iter().map(|(id, ..)| *id).collect();
        let noted = match self.outbox().await {
            Ok(outbox) => outbox.put_down_all(ended, self.now()).await.map_err(|error| error.report()),
            Err(report) => Err(report),
        };
        match noted {
            Ok(()) if given_up.is_empty() => {}
            Ok(()) => {
                self.reload_wishes().await;
                self.give_up(given_up).await;
            }
            Err(report) => {
                for id in ids {
                    self.put_down_if_failed(id, Err(report.clone())).await;
                }
            }
        }
    }

    /// What is to be sent, noted on disk before; what goes alone after all was made.
    async fn members<'a>(&self, entries: &'a [Entry], run: &mut Run) -> Vec<Member<'a>> {
        let mut members = Vec::with_capacity(entries.len());
        for entry in entries {
            match self.member(entry).await {
                Some(member) => members.push(member),
                None => {
                    let ended = self.try_make(entry, run).await;
                    self.put_down_if_failed(entry.item.id, ended).await;
                }
            }
        }
        let notes = members.iter().map(|member| (member.subject.entry.item.id, member.progress.clone())).collect();
        let noted = match self.outbox().await {
            Ok(outbox) => outbox.note_all(notes).await.map_err(|error| error.report()),
            Err(report) => Err(report),
        };
        if let Err(report) = noted {
            for member in &members {
                self.put_down_if_failed(member.subject.entry.item.id, Err(report.clone())).await;
            }
            return Vec::new();
        }
        members
    }

    /// A change as it would be sent; `None` if it goes alone after all.
    async fn member<'a>(&self, entry: &'a Entry) -> Option<Member<'a>> {
        let subject =
            Subject { entry, draft: None, event: None, transaction: String::new(), me: self.own.me().person.id };
        let work = self.work(entry, &subject).await?;
        let (progress, next) = step(&work, entry.progress.clone(), None);
        let Next::Ask(ask) = next else { return None };
        let call = acting::call_among_others(entry.intent(), ask)?;
        Some(Member { subject, work, progress, call })
    }
}
