//! Searching: a [`Query`] as what FTS5 understands, and walking its hits newest first.
//!
//! What words can tell drives the walk through the index; what only the row can tell (states, folders, parts that mix both) is looked
//! at for each candidate. Must stay true: nothing is sorted and nothing counted beyond a bound, a walk ends after a bounded number of
//! candidates and says where to go on; every query is an expression FTS5 accepts, so nobody ever sees an error of its syntax.

use crate::db::body::packed;
use crate::db::encode::Word;
use crate::db::index::{WIDEST, docs_of, slot, waiting};
use crate::db::mail::{COLUMNS, from_row};
use crate::db::{Cache, DbError, Ongoing};
use crate::domain::mail::{FolderId, FolderRole, MessageId, MessageKey, MessageRow, people_text};
use crate::domain::query::{
    Field, LEAST_IN_BODY, LEAST_IN_HEADERS, Looked, Marks, Part, Query, RECIPIENTS, SENDER, SoughtWord, State, Term,
    Wanted, When, fold, is_in_text, skim, sought_in_people, sought_in_subject, words,
};
use crate::domain::request::PageStart;
use crate::domain::time::day_start;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{CachedStatement, Row, Transaction, named_params};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Candidates looked at in one go; then somebody else has a turn.
const MOST_CANDIDATES: usize = 4_000;
/// The same where texts have to be looked into.
const MOST_TEXTS: usize = 200;
/// Hits are counted up to this.
const MOST_COUNTED: u32 = 1_000;
/// The newest messages that are looked at without the index.
const MOST_LOOKED_AT: usize = 32;
/// So many of them in any case: an answer that comes soon and holds nothing is none.
const LEAST_LOOKED_AT: usize = 6;

/// What is searched for, and when it is today.
#[derive(Clone, Debug)]
pub struct Search {
    /// The query.
    pub query: Arc<Query>,
    /// Only this folder.
    pub folder: Option<FolderId>,
    /// Today, for words such as `yesterday`.
    pub today: Date,
    /// The zone in which days begin.
    pub zone: TimeZone,
    /// What the service found for the same query, newest first.
    pub also: Arc<Vec<(MessageKey, MessageId)>>,
}

/// Where a walk goes from; made from a [`PageStart`], or by the walk before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walk {
    is_older: bool,
    from: MessageKey,
    is_included: bool,
}

/// How many hits there are or at least are, and whether that is exact; `None` where only looking at each would tell.
pub type Counted = Option<(u32, bool)>;

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walked {
    /// Hits in the order of the walk, with whether only the service found it.
    pub rows: Vec<(MessageRow, bool)>,
    /// Go on from here for more; `None`: there is no more.
    pub onward: Option<Walk>,
}

/// What was found by looking at the newest.
#[derive(Debug)]
pub struct Glanced {
    /// The hit.
    pub row: MessageRow,
    /// Its text, where that was looked into; empty if there is none.
    pub body: Option<String>,
}

/// The highest and the lowest place.
const ABOVE_ALL: MessageKey = MessageKey { received: i64::MAX, row: i64::MAX };
const BELOW_ALL: MessageKey = MessageKey { received: i64::MIN, row: i64::MIN };

impl Walk {
    /// Towards older hits, the newest first.
    pub const NEWEST: Self = Self { is_older: true, from: ABOVE_ALL, is_included: true };
    /// Towards newer hits, the oldest first.
    pub const OLDEST: Self = Self { is_older: false, from: BELOW_ALL, is_included: true };

    /// Towards older hits, this one first if `is_included`.
    #[must_use]
    pub const fn older(from: MessageKey, is_included: bool) -> Self {
        Self { is_older: true, from, is_included }
    }

    /// Towards newer hits, the next one first.
    #[must_use]
    pub const fn newer(from: MessageKey) -> Self {
        Self { is_older: false, from, is_included: false }
    }

    /// The walk a page begins with; around a key it is the one towards older hits.
    #[must_use]
    pub const fn of(start: PageStart) -> Self {
        match start {
            PageStart::Newest => Self::NEWEST,
            PageStart::Oldest => Self::OLDEST,
            PageStart::OlderThan(key) => Self::older(key, false),
            PageStart::NewerThan(key) => Self::newer(key),
            PageStart::Around(key) => Self::older(key, true),
        }
    }

    /// Whether nothing at this place or on the way to it lies ahead.
    #[must_use]
    pub fn has_passed(self, place: MessageKey) -> bool {
        if self.is_older { self.from < place } else { self.from > place }
    }

    /// Whether it goes towards older hits.
    #[must_use]
    pub const fn is_older(self) -> bool {
        self.is_older
    }
}

impl Cache {
    /// What a search finds among the newest messages by looking at each, without the index: soon answered however common the words
    /// are. What it finds is part of what [`Cache::search`] finds, and few more than were looked at until it was told to end.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn glance(&self, search: Search, count: usize, ongoing: &Ongoing) -> Result<Vec<Glanced>, DbError> {
        let ongoing = ongoing.clone();
        let work = move |reader: &Transaction<'_>, account| {
            Plan::new(reader, account, &search)?.glance(reader, account, &search, count, &ongoing)
        };
        self.read(work).await
    }

    /// As [`Cache::search`] from the newest on, and how many hits there are or at least are (see [`Cache::count_hits`]), in one go.
    ///
    /// # Errors
    /// When the cache cannot be read, or [`DbError::Interrupted`] when it was told to end.
    pub async fn search_counted(
        &self,
        search: Search,
        count: usize,
        ongoing: &Ongoing,
    ) -> Result<(Walked, Counted), DbError> {
        let (account, handle) = (self.account, ongoing.clone());
        let work = move |reader: &Transaction<'_>| {
            let plan = Plan::new(reader, account, &search)?;
            let mut counter = plan.is_countable(&search).then_some(0);
            let walked = plan.walk(reader, &search, Walk::NEWEST, count, &handle, counter.as_mut())?;
            Ok((walked, counter.map(|counted| (counted, counted < MOST_COUNTED))))
        };
        self.db.look(ongoing.clone(), work).await
    }

    /// As [`Cache::search`], until it is told to end.
    ///
    /// # Errors
    /// When the cache cannot be read, or [`DbError::Interrupted`] when it was told to end.
    pub async fn search_until(
        &self,
        search: Search,
        walk: Walk,
        count: usize,
        ongoing: &Ongoing,
    ) -> Result<Walked, DbError> {
        let (account, handle) = (self.account, ongoing.clone());
        let work = move |reader: &Transaction<'_>| {
            Plan::new(reader, account, &search)?.walk(reader, &search, walk, count, &handle, None)
        };
        self.db.look(ongoing.clone(), work).await
    }

    /// Walks to at most `count` hits, or to the end of a bounded stretch ([`Walked::onward`] is then there with fewer hits).
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn search(&self, search: Search, walk: Walk, count: usize) -> Result<Walked, DbError> {
        let work = move |reader: &Transaction<'_>, account| {
            Plan::new(reader, account, &search)?.walk(reader, &search, walk, count, &Ongoing::default(), None)
        };
        self.read(work).await
    }

    /// How many hits there are, or at least are, and whether that is exact; `None` where only looking at each would tell.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn count_hits(&self, search: Search) -> Result<Option<(u32, bool)>, DbError> {
        self.read(move |reader, account| Plan::new(reader, account, &search)?.count(reader, &search)).await
    }

    /// Whether a folder goes by this name for `in:`.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn has_folder_named(&self, name: &str) -> Result<bool, DbError> {
        let name = name.to_owned();
        self.read(move |reader, account| Ok(!folders_named(reader, account, &name)?.is_empty())).await
    }

    /// The places in the index of messages by their ids, newest first; what is not in the cache is left out.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn places(&self, ids: Vec<MessageId>) -> Result<Vec<(MessageKey, MessageId)>, DbError> {
        self.read(move |reader, account| {
            let mut statement = reader.prepare_cached(
                "SELECT m.row, m.received, d.doc FROM messages m LEFT JOIN mail_docs d ON d.message = m.row
                 WHERE m.account = :account AND m.id = :id ORDER BY m.row DESC LIMIT 1",
            )?;
            let mut places = Vec::with_capacity(ids.len());
            for id in ids {
                let mut rows = statement.query(named_params! {":account": account, ":id": id.0})?;
                if let Some(row) = rows.next()? {
                    let (received, doc): (i64, Option<i64>) = (row.get(1)?, row.get(2)?);
                    let doc = doc.unwrap_or_else(|| slot(account, received));
                    places.push((MessageKey { received: doc, row: row.get(0)? }, id));
                }
            }
            places.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
            places.dedup_by(|one, other| one.1 == other.1);
            Ok(places)
        })
        .await
    }

    /// About how many messages are not in the index yet.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn waiting_for_index(&self) -> Result<u32, DbError> {
        self.read(|reader, _| waiting(reader)).await
    }
}

/// The expression FTS5 is asked for one text: its words, wherever they stand; that they follow each other is looked at later.
fn text_expression(field: Field, text: &str, is_exact: bool) -> String {
    let words = words(text);
    let last = words.len().saturating_sub(1);
    let word = |(at, word): (usize, &String)| word_expression(field, word, !is_exact && at == last);
    format!("({})", words.iter().enumerate().map(word).collect::<Vec<_>>().join(" AND "))
}

fn word_expression(field: Field, word: &str, may_go_on: bool) -> String {
    let letters = word.chars().count();
    let may_go_on = may_go_on && letters >= LEAST_IN_HEADERS;
    let all = |sought: Vec<SoughtWord>| {
        let words =
            sought.iter().map(|sought| format!("\"{}\"{}", sought.word, if sought.is_beginning { " *" } else { "" }));
        format!("({})", words.collect::<Vec<_>>().join(" AND "))
    };
    let subject = || all(sought_in_subject(word, may_go_on));
    let people = |marks: Marks| all(sought_in_people(word, may_go_on, marks));
    let body = || {
        let is_beginning = may_go_on && letters >= LEAST_IN_BODY;
        all(vec![SoughtWord { word: word.to_owned(), is_beginning }])
    };
    match field {
        Field::Anywhere => {
            format!("({} OR {} OR {} OR {})", subject(), people(SENDER), people(RECIPIENTS), body())
        }
        Field::From => people(SENDER),
        Field::To => people(RECIPIENTS),
        Field::Subject => subject(),
        Field::Body => body(),
    }
}

/// Several words that must follow each other; a part of an address is several words, too.
fn is_phrase(term: &Term) -> bool {
    matches!(&term.wanted, Wanted::Text { text, .. } if words(text).len() > 1)
}

fn term_expression(term: &Term) -> Option<String> {
    match &term.wanted {
        Wanted::Text { field, text, is_exact } => Some(text_expression(*field, text, *is_exact)),
        _ => None,
    }
}

/// The expression of a part that is words alone and nothing negated.
fn part_expression(part: &Part) -> Option<String> {
    let any: Option<Vec<String>> =
        part.any.iter().map(|term| if term.is_negated { None } else { term_expression(term) }).collect();
    any.map(|any| format!("({})", any.join(" OR ")))
}

/// A query as FTS5 is asked: what must be found, if words must; the parts that have to be looked at message by message.
fn expression(query: &Query) -> (Option<String>, Vec<&Part>) {
    let (mut all, mut not, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for part in &query.parts {
        match (part_expression(part), part.any.as_slice()) {
            (Some(expression), any) => {
                all.push(expression);
                if any.iter().any(is_phrase) {
                    rest.push(part);
                }
            }
            (None, [term]) if term.is_negated && !is_phrase(term) && term_expression(term).is_some() => {
                not.push((term_expression(term), part));
            }
            (None, _) => rest.push(part),
        }
    }
    if all.is_empty() {
        rest.extend(not.into_iter().map(|(_, part)| part));
        return (None, rest);
    }
    let mut expression = all.join(" AND ");
    if !not.is_empty() {
        let not: Vec<String> = not.into_iter().filter_map(|(expression, _)| expression).collect();
        expression = format!("({expression}) NOT ({})", not.join(" OR "));
    }
    (Some(expression), rest)
}

/// A term, ready to be held against a row.
enum Check {
    Words(String),
    /// The expression, and what has to stand in the text itself.
    Phrase(String, Field, String, bool),
    Attachment,
    State(State),
    Folders(HashSet<i64>),
    Received(i64, i64),
}

/// How a search is done.
struct Plan {
    expression: Option<String>,
    /// Each: one of these must hold (negated: must not).
    checks: Vec<Vec<(bool, Check)>>,
    /// Only this folder.
    folder: Option<i64>,
    /// The docs that can be meant: first (inclusive), last (exclusive).
    docs: (i64, i64),
    /// Nothing can be found.
    is_void: bool,
}

impl Plan {
    fn new(reader: &Transaction<'_>, account: i64, search: &Search) -> Result<Self, DbError> {
        let (expression, rest) = expression(&search.query);
        let mut docs = docs_of(account);
        let mut checks = Vec::new();
        for part in rest {
            let mut any = Vec::new();
            for term in &part.any {
                let check = check(reader, account, search, term)?;
                if let (Check::Received(first, last), false, 1) = (&check, term.is_negated, part.any.len()) {
                    docs.0 = docs.0.max(slot(account, *first));
                    docs.1 = docs.1.min(slot(account, *last).saturating_add(WIDEST));
                }
                any.push((term.is_negated, check));
            }
            checks.push(any);
        }
        let folder = match &search.folder {
            Some(id) => super::folder::find(reader, account, id)?,
            None => None,
        };
        let is_void = search.query.is_empty() || (search.folder.is_some() && folder.is_none());
        Ok(Self { expression, checks, folder, docs, is_void })
    }

    fn count(&self, reader: &Transaction<'_>, search: &Search) -> Result<Option<(u32, bool)>, DbError> {
        if self.is_void {
            return Ok(Some((0, true)));
        }
        let (Some(expression), true, None) = (&self.expression, self.checks.is_empty(), self.folder) else {
            return Ok(None);
        };
        let own = reader
            .prepare_cached(
                "SELECT rowid FROM mail_words WHERE mail_words MATCH :match AND rowid >= :first AND rowid < :last
                 ORDER BY rowid DESC LIMIT :most",
            )?
            .query_map(
                named_params! {":match": expression, ":first": self.docs.0, ":last": self.docs.1, ":most": MOST_COUNTED},
                |row| row.get(0),
            )?
            .collect::<Result<HashSet<i64>, _>>()?;
        let count = u32::try_from(own.len()).unwrap_or(u32::MAX);
        let is_exact = count < MOST_COUNTED;
        if !is_exact || search.also.is_empty() {
            return Ok(Some((count, is_exact)));
        }
        // What only the service found comes to it.
        let mut place = reader.prepare_cached(
            "SELECT d.doc FROM messages m LEFT JOIN mail_docs d ON d.message = m.row WHERE m.row = :row AND m.id = :id",
        )?;
        let mut further = 0_u32;
        for (key, id) in search.also.iter() {
            let mut rows = place.query(named_params! {":row": key.row, ":id": id.0})?;
            if let Some(row) = rows.next()? {
                let doc: Option<i64> = row.get(0)?;
                further += u32::from(doc.is_none_or(|doc| !own.contains(&doc)));
            }
        }
        Ok(Some((count.saturating_add(further), true)))
    }

    /// Whether the index alone knows how many hits there are.
    fn is_countable(&self, search: &Search) -> bool {
        let is_words = self.expression.is_some() && self.checks.is_empty() && self.folder.is_none();
        self.is_void || (is_words && search.also.is_empty())
    }

    fn glance(
        &self,
        reader: &Transaction<'_>,
        account: i64,
        search: &Search,
        count: usize,
        ongoing: &Ongoing,
    ) -> Result<Vec<Glanced>, DbError> {
        let mut rows: Vec<Glanced> = Vec::new();
        if self.is_void {
            return Ok(rows);
        }
        let checks: Vec<Vec<(bool, &Wanted, Check)>> = (search.query.parts.iter())
            .map(|part| {
                let checks = part
                    .any
                    .iter()
                    .map(|term| Ok((term.is_negated, &term.wanted, check(reader, account, search, term)?)));
                checks.collect::<Result<_, DbError>>()
            })
            .collect::<Result<_, DbError>>()?;
        let is_in_body = |wanted: &Wanted| matches!(wanted, Wanted::Text { field: Field::Anywhere | Field::Body, .. });
        let needs_body = search.query.terms().any(|term| is_in_body(&term.wanted));
        let mut newest = reader.prepare_cached(
            "SELECT doc FROM mail_docs WHERE doc >= :first AND doc < :last ORDER BY doc DESC LIMIT :most",
        )?;
        let most = i64::try_from(MOST_LOOKED_AT).unwrap_or(0);
        let mut docs = newest.query(named_params! {":first": self.docs.0, ":last": self.docs.1, ":most": most})?;
        let mut looker = Looker::new(reader)?;
        for at in 0.. {
            if at >= LEAST_LOOKED_AT && ongoing.is_over() {
                break;
            }
            let Some(doc) = docs.next()? else { break };
            let Some(hit) = looker.by_doc(doc.get(0)?, self.folder)? else { continue };
            let looked = looker.looked(&hit, needs_body)?;
            let holds = |(is_negated, wanted, check): &(bool, &Wanted, Check)| {
                looked.holds(wanted).unwrap_or_else(|| hit.is(check)) != *is_negated
            };
            if checks.iter().all(|any| any.iter().any(holds))
                && !rows.iter().any(|known| known.row.message.id == hit.row.message.id)
            {
                rows.push(Glanced { row: hit.row, body: needs_body.then_some(looked.body) });
                if rows.len() == count {
                    break;
                }
            }
        }
        Ok(rows)
    }

    fn walk(
        &self,
        reader: &Transaction<'_>,
        search: &Search,
        walk: Walk,
        count: usize,
        ongoing: &Ongoing,
        counter: Option<&mut u32>,
    ) -> Result<Walked, DbError> {
        let mut found: BTreeMap<MessageKey, (MessageRow, bool)> = BTreeMap::new();
        // Beyond this nothing is known of the words yet.
        let mut reached = None;
        if !self.is_void {
            reached = self.walk_words(reader, walk, count, &mut found, ongoing, counter)?;
        }
        let ids: HashSet<MessageId> = found.values().map(|(row, _)| row.message.id.clone()).collect();
        let lies_ahead = |key: MessageKey| {
            (if walk.is_older { key < walk.from } else { key > walk.from }) || (walk.is_included && key == walk.from)
        };
        let is_known = |key: MessageKey| reached.is_none_or(|at| if walk.is_older { key >= at } else { key <= at });
        let mut also: Vec<&(MessageKey, MessageId)> =
            search.also.iter().filter(|(key, id)| lies_ahead(*key) && is_known(*key) && !ids.contains(id)).collect();
        if !walk.is_older {
            also.reverse();
        }
        let mut left_over = also.len() > count + 1;
        let mut looker = Looker::new(reader)?;
        for (key, id) in also.into_iter().take(count + 1) {
            let hit = looker.by_row(key.row, *key)?;
            // What the service found is held against the rest of the query here, since it knows words only.
            if let Some(hit) = hit.filter(|hit| hit.row.message.id == *id && self.holds_beside_words(hit)) {
                found.insert(*key, (hit.row, true));
            }
        }
        let mut rows: Vec<(MessageRow, bool)> = found.into_values().collect();
        if walk.is_older {
            rows.reverse();
        }
        if rows.len() > count {
            rows.truncate(count);
            left_over = true;
        }
        let from = match (left_over, rows.last(), reached) {
            (true, Some((row, _)), _) => Some(row.key),
            (_, _, reached) => reached,
        };
        Ok(Walked { rows, onward: from.map(|from| Walk { from, is_included: false, ..walk }) })
    }

    /// Hits of the cache's own words; gives back the place of the last candidate if the walk stopped before the end.
    fn walk_words(
        &self,
        reader: &Transaction<'_>,
        walk: Walk,
        count: usize,
        found: &mut BTreeMap<MessageKey, (MessageRow, bool)>,
        ongoing: &Ongoing,
        mut counter: Option<&mut u32>,
    ) -> Result<Option<MessageKey>, DbError> {
        let (mut first, mut last) = self.docs;
        let edge = walk.from.received;
        if walk.is_older {
            last = last.min(edge.saturating_add(i64::from(walk.is_included)));
        } else {
            first = first.max(edge.saturating_add(i64::from(!walk.is_included)));
        }
        let order = if walk.is_older { "DESC" } else { "ASC" };
        let sql = match &self.expression {
            Some(_) => format!(
                "SELECT rowid FROM mail_words WHERE mail_words MATCH :match AND rowid >= :first AND rowid < :last
                 ORDER BY rowid {order}"
            ),
            None => format!(
                "SELECT doc FROM mail_docs WHERE :match IS NULL AND doc >= :first AND doc < :last ORDER BY doc {order}"
            ),
        };
        let mut statement = reader.prepare_cached(&sql)?;
        let mut candidates =
            statement.query(named_params! {":match": self.expression, ":first": first, ":last": last})?;
        let mut looker = Looker::new(reader)?;
        let (mut looked_at, mut ids) = (0, HashSet::new());
        let has_phrase = self.checks.iter().flatten().any(|(_, check)| matches!(check, Check::Phrase(..)));
        let most = if has_phrase { MOST_TEXTS } else { MOST_CANDIDATES };
        while let Some(candidate) = candidates.next()? {
            let doc: i64 = candidate.get(0)?;
            looked_at += 1;
            if let Some(counter) = &mut counter {
                **counter += 1;
            }
            if ongoing.is_over() {
                return Err(DbError::Interrupted);
            }
            let mut reached = MessageKey { received: doc, row: 0 };
            if let Some(hit) = looker.by_doc(doc, self.folder)? {
                reached = hit.row.key;
                if self.holds(&looker, doc, &hit)? && ids.insert(hit.row.message.id.clone()) {
                    found.insert(hit.row.key, (hit.row, false));
                }
            }
            if found.len() > count || looked_at >= most {
                // The same words are asked for the rest: gathering them anew would cost as much again.
                if let Some(counter) = counter {
                    while *counter < MOST_COUNTED && candidates.next()?.is_some() {
                        *counter += 1;
                    }
                }
                return Ok(Some(reached));
            }
        }
        Ok(None)
    }

    fn holds(&self, looker: &Looker<'_>, doc: i64, hit: &Hit) -> Result<bool, DbError> {
        for any in &self.checks {
            let mut is_one = false;
            for (is_negated, check) in any {
                let holds = match check {
                    Check::Words(expression) => looker.has_words(doc, expression)?,
                    Check::Phrase(expression, field, text, is_exact) => {
                        looker.has_words(doc, expression)? && looker.has_phrase(hit, *field, text, *is_exact)?
                    }
                    other => hit.is(other),
                };
                if holds != *is_negated {
                    is_one = true;
                    break;
                }
            }
            if !is_one {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn holds_beside_words(&self, hit: &Hit) -> bool {
        self.folder.is_none_or(|folder| folder == hit.folder)
            && self.checks.iter().all(|any| {
                any.iter().any(|(is_negated, check)| {
                    matches!(check, Check::Words(_) | Check::Phrase(..)) || hit.is(check) != *is_negated
                })
            })
    }
}

fn check(reader: &Transaction<'_>, account: i64, search: &Search, term: &Term) -> Result<Check, DbError> {
    Ok(match &term.wanted {
        Wanted::Text { field, text, is_exact } => {
            let expression = text_expression(*field, text, *is_exact);
            match is_phrase(term) {
                true => Check::Phrase(expression, *field, text.clone(), *is_exact),
                false => Check::Words(expression),
            }
        }
        Wanted::Attachment => Check::Attachment,
        Wanted::State(state) => Check::State(*state),
        Wanted::Folder(name) => Check::Folders(folders_named(reader, account, name)?),
        Wanted::Received(when, date) => {
            let (first, after) = date.days(search.today);
            let start = |day| day_start(day, &search.zone).as_microsecond();
            match when {
                When::Before => Check::Received(i64::MIN, start(first)),
                When::After => Check::Received(start(first), i64::MAX),
                When::On => Check::Received(start(first), start(after)),
            }
        }
    })
}

/// The folders that are called so, by the service's word for it or by how their name begins.
fn folders_named(reader: &Transaction<'_>, account: i64, name: &str) -> Result<HashSet<i64>, DbError> {
    let wanted = fold(name);
    let role = match wanted.as_str() {
        "trash" | "bin" => Some(FolderRole::Deleted),
        "spam" => Some(FolderRole::Junk),
        word => FolderRole::from_word(word),
    };
    let mut statement = reader.prepare_cached("SELECT row, name, role FROM folders WHERE account = ?1")?;
    let mut rows = statement.query([account])?;
    let (mut exact, mut begun) = (HashSet::new(), HashSet::new());
    while let Some(row) = rows.next()? {
        let (folder, name): (i64, String) = (row.get(0)?, fold(&row.get::<_, String>(1)?));
        let has_role = role
            .is_some_and(|role| row.get::<_, Option<String>>(2).is_ok_and(|word| word.as_deref() == Some(role.word())));
        if has_role || name == wanted {
            exact.insert(folder);
        } else if name.starts_with(&wanted) {
            begun.insert(folder);
        }
    }
    Ok(if exact.is_empty() { begun } else { exact })
}

/// A message with the row of its folder.
struct Hit {
    row: MessageRow,
    message: i64,
    folder: i64,
    received: i64,
}

impl Hit {
    fn is(&self, check: &Check) -> bool {
        let message = &self.row.message;
        match check {
            Check::Words(_) | Check::Phrase(..) => false,
            Check::Attachment => message.has_attachments,
            Check::State(State::Unread) => !message.is_read,
            Check::State(State::Read) => message.is_read,
            Check::State(State::Flagged) => message.is_flagged,
            Check::State(State::Draft) => message.is_draft,
            Check::Folders(folders) => folders.contains(&self.folder),
            Check::Received(first, last) => (*first..*last).contains(&self.received),
        }
    }
}

/// Fetches candidates one by one.
struct Looker<'a> {
    reader: &'a Transaction<'a>,
    by_doc: CachedStatement<'a>,
    folders: BTreeMap<i64, FolderId>,
}

impl<'a> Looker<'a> {
    fn new(reader: &'a Transaction<'a>) -> Result<Self, DbError> {
        let sql = format!(
            "SELECT {COLUMNS}, m.folder FROM mail_docs d JOIN messages m ON m.row = d.message WHERE d.doc = ?1"
        );
        Ok(Self { reader, by_doc: reader.prepare_cached(&sql)?, folders: BTreeMap::new() })
    }

    /// The message of a doc, if it lies in `folder`.
    fn by_doc(&mut self, doc: i64, folder: Option<i64>) -> Result<Option<Hit>, DbError> {
        let mut rows = self.by_doc.query([doc])?;
        match rows.next()? {
            Some(row) if folder.is_some() && folder != Some(row.get(17)?) => Ok(None),
            Some(row) => hit(self.reader, &mut self.folders, row, doc).map(Some),
            None => Ok(None),
        }
    }

    fn by_row(&mut self, message: i64, key: MessageKey) -> Result<Option<Hit>, DbError> {
        let sql = format!("SELECT {COLUMNS}, m.folder FROM messages m WHERE m.row = ?1");
        let mut statement = self.reader.prepare_cached(&sql)?;
        let mut rows = statement.query([message])?;
        match rows.next()? {
            Some(row) => hit(self.reader, &mut self.folders, row, key.received).map(Some),
            None => Ok(None),
        }
    }

    /// Whether words stand one after the other, first where that costs nothing.
    fn has_phrase(&self, hit: &Hit, field: Field, text: &str, is_exact: bool) -> Result<bool, DbError> {
        let message = &hit.row.message;
        let is = |fields: &[Field]| fields.contains(&field) || field == Field::Anywhere;
        let holds = |held: &str| is_in_text(held, text, is_exact, LEAST_IN_HEADERS);
        if (is(&[Field::Subject]) && holds(&message.subject))
            || (is(&[Field::From]) && holds(&people_text(&message.from)))
            || (is(&[Field::To]) && holds(&people_text(message.to.iter().chain(&message.cc))))
        {
            return Ok(true);
        }
        if !is(&[Field::Body]) {
            return Ok(false);
        }
        Ok(self.body(hit)?.is_some_and(|body| is_in_text(&body, text, is_exact, LEAST_IN_BODY)))
    }

    /// The text of a message, if it is here and can be unpacked.
    fn body(&self, hit: &Hit) -> Result<Option<String>, DbError> {
        let mut statement =
            self.reader.prepare_cached("SELECT kind, packed, packing FROM bodies WHERE message = ?1")?;
        let mut rows = statement.query([hit.message])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let Some(packed) = packed(row, 0)? else { return Ok(None) };
        Ok(packed.content().ok().map(|content| skim(&content)))
    }

    /// The texts of a message, its body only where that is needed: unpacking it takes longest.
    fn looked(&self, hit: &Hit, needs_body: bool) -> Result<Looked, DbError> {
        let message = &hit.row.message;
        Ok(Looked {
            subject: message.subject.clone(),
            sender: people_text(&message.from),
            recipients: people_text(message.to.iter().chain(&message.cc)),
            body: if needs_body { self.body(hit)?.unwrap_or_default() } else { String::new() },
        })
    }

    fn has_words(&self, doc: i64, expression: &str) -> Result<bool, DbError> {
        let mut statement =
            self.reader.prepare_cached("SELECT 1 FROM mail_words WHERE mail_words MATCH :match AND rowid = :doc")?;
        Ok(statement.exists(named_params! {":match": expression, ":doc": doc})?)
    }
}

fn hit(
    reader: &Transaction<'_>,
    folders: &mut BTreeMap<i64, FolderId>,
    row: &Row<'_>,
    doc: i64,
) -> Result<Hit, DbError> {
    let folder: i64 = row.get(17)?;
    let folder_id = match folders.entry(folder) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => {
            let id: String = reader
                .prepare_cached("SELECT id FROM folders WHERE row = ?1")?
                .query_row([folder], |row| row.get(0))?;
            unknown.insert(FolderId(id))
        }
    };
    let mut found = from_row(row, folder_id)?;
    let received = found.key.received;
    found.key.received = doc;
    Ok(Hit { message: found.key.row, row: found, folder, received })
}
