//! What folders hold in all, while changes of ours are on their way.
//!
//! Only the service knows how many messages lie in a folder and how many of them are unread; it counts what it has got of our changes.
//! Must stay true: of a change it may have heard of nobody knows whether it counts it, so what it says leaves a span of counts that
//! may be true with ours made; what is shown already stays where it lies in that span, and is no further off than the span is wide
//! otherwise. The same goes for counts that were asked for before a change ended. They are doubtful from then on, and are settled by
//! a whole tree that came when the service was being asked for nothing. Deliberately absent: counting messages here, for a folder may
//! hold more than is kept of it.

use crate::db::asking::Since;
use crate::db::wishes::{MessageWish, Wishes};
use crate::db::{Cache, DbError, folder, mail};
use crate::domain::mail::FolderId;
use crate::domain::outbox::FormerMessage;
use rusqlite::Transaction;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// What our changes add to a number that the service counted: at least and at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Span {
    least: i64,
    most: i64,
}

impl Span {
    /// One more change, where the service may be at any of `there` and shall come to `goal`.
    fn add(&mut self, goal: bool, there: impl Iterator<Item = bool> + Clone) {
        let step = |is_there: bool| i64::from(goal) - i64::from(is_there);
        self.least += there.clone().map(step).min().unwrap_or(0);
        self.most += there.map(step).max().unwrap_or(0);
    }

    /// What is shown where the service says `told`.
    fn shown(self, told: u32, ours: Option<u32>) -> u32 {
        let told = i64::from(told);
        let ours = ours.map_or(told, i64::from);
        u32::try_from(ours.clamp(told + self.least, told + self.most).max(0)).unwrap_or(u32::MAX)
    }

    const fn is_certain(self) -> bool {
        self.least == self.most
    }
}

/// How our changes shift the counts of a folder.
#[derive(Clone, Copy, Debug, Default)]
struct Shift {
    total: Span,
    unread: Span,
}

/// The folders whose counts our changes shift.
pub(super) struct Shifts(HashMap<FolderId, Shift>);

impl Shifts {
    pub(super) fn of(wishes: &Wishes, since: &Since, reader: &Transaction<'_>, account: i64) -> Result<Self, DbError> {
        let mut shifts: HashMap<FolderId, Shift> = HashMap::new();
        let now = wishes.messages.iter().map(|(id, wish)| match since.message(id) {
            Some(ended) => (id, Cow::Owned(ended.then(wish))),
            None => (id, Cow::Borrowed(wish)),
        });
        let over = since.messages().filter(|(id, _)| !wishes.messages.contains_key(*id));
        for (id, wish) in now.chain(over.map(|(id, wish)| (id, Cow::Borrowed(wish)))) {
            let Some(former) = &wish.former else { continue };
            // What nobody wants otherwise is as it is shown: somebody else may have changed it since.
            let (lies_in, is_read) =
                mail::place(reader, account, id)?.unwrap_or_else(|| (former.folder.clone(), former.is_read));
            let known = Known { former, lies_in, is_read };
            let goal = (known.goal_place(&wish, reader, account)?, wish.is_read.unwrap_or(known.is_read));
            let there = known.places(&wish, reader, account)?;
            let folders: BTreeSet<&FolderId> =
                there.iter().chain([&goal]).filter_map(|(lies, _)| lies.as_ref()).collect();
            for folder in folders {
                let lies = |(lies, _): &(Option<FolderId>, bool)| lies.as_ref() == Some(folder);
                let is_unread = |at: &(Option<FolderId>, bool)| lies(at) && !at.1;
                let shift = shifts.entry(folder.clone()).or_default();
                shift.total.add(lies(&goal), there.iter().map(lies));
                shift.unread.add(is_unread(&goal), there.iter().map(is_unread));
            }
        }
        Ok(Self(shifts))
    }

    /// The counts of a folder as they are shown, where the service says `total` and `unread`.
    pub(super) fn shown(
        &self,
        writer: &Transaction<'_>,
        account: i64,
        id: &FolderId,
        total: Option<u32>,
        unread: Option<u32>,
    ) -> Result<(Option<u32>, Option<u32>), DbError> {
        let Some(shift) = self.0.get(id) else { return Ok((total, unread)) };
        let mut ours = None;
        if !(shift.total.is_certain() && shift.unread.is_certain()) {
            note_doubt(writer, account)?;
            ours = folder::counts(writer, account, id)?;
        }
        Ok((
            total.map(|told| shift.total.shown(told, ours.map(|(total, _)| total))),
            unread.map(|told| shift.unread.shown(told, ours.map(|(_, unread)| unread))),
        ))
    }
}

/// What is known of a message that something is wanted of.
struct Known<'a> {
    /// Before what is wanted.
    former: &'a FormerMessage,
    /// As it is shown.
    lies_in: FolderId,
    is_read: bool,
}

impl Known<'_> {
    /// Where it shall lie.
    fn goal_place(
        &self,
        wish: &MessageWish,
        reader: &Transaction<'_>,
        account: i64,
    ) -> Result<Option<FolderId>, DbError> {
        match &wish.place {
            Some(place) => place.folder(reader, account),
            None => Ok(Some(self.lies_in.clone())),
        }
    }

    /// How it may stand with the service: as it was, or as any change of it says that the service may have heard of.
    fn places(
        &self,
        wish: &MessageWish,
        reader: &Transaction<'_>,
        account: i64,
    ) -> Result<Vec<(Option<FolderId>, bool)>, DbError> {
        let before = if wish.place.is_some() { &self.former.folder } else { &self.lies_in };
        let mut lies = vec![Some(before.clone())];
        for place in &wish.asked_places {
            lies.push(place.folder(reader, account)?);
        }
        let was_read = if wish.is_read.is_some() { self.former.is_read } else { self.is_read };
        let reads = [was_read].into_iter().chain(wish.asked_reads.iter().copied());
        Ok(reads.flat_map(|is_read| lies.iter().map(move |lies| (lies.clone(), is_read))).collect())
    }
}

fn doubt_name(account: i64) -> String {
    format!("doubt:{account}:counts")
}

/// The counts that are shown are to be read anew.
pub(super) fn note_doubt(writer: &Transaction<'_>, account: i64) -> Result<(), DbError> {
    writer
        .prepare_cached("INSERT OR IGNORE INTO memory (name, value) VALUES (?1, '')")?
        .execute([doubt_name(account)])?;
    Ok(())
}

/// All counts are told anew.
pub(super) fn forget_doubt(writer: &Transaction<'_>, account: i64) -> Result<(), DbError> {
    writer.prepare_cached("DELETE FROM memory WHERE name = ?1")?.execute([doubt_name(account)])?;
    Ok(())
}

impl Cache {
    /// Whether the folders are to be read as a whole, for the sake of their counts. Not while the service is being asked for something:
    /// what it says then is as doubtful.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn are_counts_doubtful(&self) -> Result<bool, DbError> {
        if self.wishes().messages.values().any(|wish| wish.is_asked) {
            return Ok(false);
        }
        self.read(|reader, account| {
            let mut statement = reader.prepare_cached("SELECT 1 FROM memory WHERE name = ?1")?;
            Ok(statement.exists([doubt_name(account)])?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn what_is_shown_stays_within_what_may_be_true() {
        // Thirty-six are being marked read; nobody knows how many of them are counted.
        let mut span = Span::default();
        for _ in 0..36 {
            span.add(false, [true, false].into_iter());
        }
        assert_eq!(span, Span { least: -36, most: 0 });
        for told in [77, 60, 41] {
            assert_eq!(span.shown(told, Some(41)), 41, "{told}");
        }
        // Ten came meanwhile, and all of ours are counted or none.
        assert_eq!((span.shown(51, Some(41)), span.shown(87, Some(41))), (41, 51));
        // Nobody was asked yet: what the service says is as it was before.
        let mut span = Span::default();
        span.add(false, std::iter::once(true));
        assert!(span.is_certain());
        assert_eq!((span.shown(77, None), span.shown(0, Some(3))), (76, 0));
    }
}
