//! Searching mail: the cache first, and the service when it is asked for.
//!
//! A search that is typed is asked anew with each key, so the latest wins: one for other words ends at its next stop. What the service
//! finds is put into the cache where it is missing there, remembered for its query, and stands among the other hits by date, marked.
//! Must stay true: whatever is typed ends in hits or in a sentence; pages go by key and nothing is counted beyond a bound.

use crate::base::report::{Kind, Report};
use crate::base::text;
use crate::db::{Cache, Changes, DbError, Search, Walk};
use crate::domain::change::{Change, MessagePatch};
use crate::domain::mail::{FolderId, MessageId, MessageKey, MessageRow};
use crate::domain::query::{Field, Query, Sought, skim};
use crate::domain::request::{FoundPage, FoundRow, PageStart, ServiceSearch};
use crate::domain::time::date_at;
use crate::graph::{Graph, mail_search};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Stretches of candidates a page may take; then it ends where it is.
const MOST_STRETCHES: usize = 100;
/// Extracts made for a page: about what a screen shows.
const MOST_EXTRACTS: usize = 48;
/// Letters before the word in an extract, and in all.
const EXTRACT_BEFORE: usize = 40;
const EXTRACT: usize = 200;
/// Queries whose results from the service are remembered.
const MOST_REMEMBERED: usize = 8;

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) text: String,
    pub(super) folder: Option<FolderId>,
    pub(super) start: PageStart,
    pub(super) count: usize,
    pub(super) from_service: bool,
}

/// Searches of one account.
pub(super) struct Searches {
    cache: Cache,
    graph: Graph,
    is_offline: bool,
    state: Mutex<Remembered>,
}

#[derive(Default)]
struct Remembered {
    /// The words that were asked for last.
    latest: String,
    /// What the service found, by the query as printed; the oldest first.
    found: Vec<(String, FromService)>,
}

#[derive(Clone)]
struct FromService {
    places: Arc<Vec<(MessageKey, MessageId)>>,
    is_cut: bool,
}

impl Searches {
    pub(super) fn new(cache: Cache, graph: Graph, is_offline: bool) -> Self {
        Self { cache, graph, is_offline, state: Mutex::default() }
    }

    /// A page of hits.
    pub(super) async fn find(&self, asked: &Asked, now: Timestamp, zone: &TimeZone) -> Result<FoundPage, Report> {
        self.lock().latest.clone_from(&asked.text);
        let query = Arc::new(Query::parse(&asked.text).map_err(|error| error.report())?);
        for name in query.folders() {
            if !self.cache.has_folder_named(name).await.map_err(|error| error.report())? {
                return Err(no_folder(name));
            }
        }
        let today = date_at(now, zone);
        let (also, service) = if asked.from_service {
            match self.ask_service(&query, today).await {
                Ok(found) => {
                    let count = u32::try_from(found.places.len()).unwrap_or(u32::MAX);
                    (found.places, ServiceSearch::Done { found: count, is_cut: found.is_cut })
                }
                Err(report) => (Arc::default(), ServiceSearch::Failed(report)),
            }
        } else {
            (Arc::default(), ServiceSearch::NotAsked)
        };
        let search = Search { query: query.clone(), folder: asked.folder.clone(), today, zone: zone.clone(), also };
        let page = self.page(asked, search, service).await.map_err(|error| error.report())?;
        Ok(page)
    }

    async fn page(&self, asked: &Asked, search: Search, service: ServiceSearch) -> Result<FoundPage, DbError> {
        let count = asked.count;
        let half = if let PageStart::Around(key) = asked.start {
            self.walk(asked, &search, Walk::newer(key), count / 2).await?
        } else {
            (Vec::new(), false)
        };
        let (newer, more_newer) = half;
        let walk = Walk::of(asked.start);
        let (mut rows, more) = self.walk(asked, &search, walk, count - newer.len()).await?;
        let (at_newest, at_oldest) = match asked.start {
            PageStart::Newest => (true, !more),
            PageStart::Oldest | PageStart::NewerThan(_) => (!more, matches!(asked.start, PageStart::Oldest)),
            PageStart::OlderThan(_) => (false, !more),
            PageStart::Around(_) => (!more_newer, !more),
        };
        if !walk.is_older() {
            rows.reverse();
        }
        let mut all: Vec<(MessageRow, bool)> = newer;
        all.reverse();
        all.append(&mut rows);
        let counted = match (asked.start, search.also.is_empty()) {
            (PageStart::Newest | PageStart::Around(_), true) if !(at_newest && at_oldest) => {
                self.cache.count_hits(search.clone()).await?
            }
            _ => None,
        };
        let here = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let (at_least, is_counted) = match counted {
            Some((counted, is_exact)) => (counted.max(here), is_exact),
            None => (here.saturating_add(u32::from(more || more_newer)), at_newest && at_oldest),
        };
        let waiting = self.cache.waiting_for_index().await?;
        let rows = self.told(&search.query, all).await?;
        Ok(FoundPage {
            text: asked.text.clone(),
            folder: asked.folder.clone(),
            rows,
            at_newest,
            at_oldest,
            at_least,
            is_counted,
            waiting,
            service,
        })
    }

    /// Hits in the order of the walk, and whether there are more.
    async fn walk(
        &self,
        asked: &Asked,
        search: &Search,
        from: Walk,
        count: usize,
    ) -> Result<(Vec<(MessageRow, bool)>, bool), DbError> {
        let (mut rows, mut onward) = (Vec::new(), Some(from));
        let mut ids: HashSet<MessageId> = HashSet::new();
        for _ in 0..MOST_STRETCHES {
            let Some(from) = onward else { break };
            // Only so many are wanted, but one look more says whether that is all.
            if rows.len() >= count && count > 0 {
                break;
            }
            let walked = self.cache.search(search.clone(), from, (count - rows.len()).max(1)).await?;
            rows.extend(walked.rows.into_iter().filter(|(row, _)| ids.insert(row.message.id.clone())));
            onward = walked.onward;
            if self.lock().latest != asked.text {
                break;
            }
        }
        let more = onward.is_some() || rows.len() > count;
        rows.truncate(count);
        Ok((rows, more))
    }

    /// The hits with where the words stand.
    async fn told(&self, query: &Query, rows: Vec<(MessageRow, bool)>) -> Result<Vec<FoundRow>, DbError> {
        let sought = query.sought();
        let mut found: Vec<FoundRow> = rows
            .into_iter()
            .map(|(row, is_from_service)| FoundRow {
                in_subject: stands(&sought, Field::Subject, &row.message.subject),
                in_people: stands_in_people(&sought, &row),
                extract: None,
                is_from_service,
                row,
            })
            .collect();
        let in_body: Vec<Sought> =
            sought.into_iter().filter(|sought| matches!(sought.field, Field::Anywhere | Field::Body)).collect();
        if in_body.is_empty() {
            return Ok(found);
        }
        let wanting = |row: &FoundRow| {
            let message = &row.row.message;
            !in_body.iter().all(|word| {
                let word = std::slice::from_ref(word);
                stands(word, Field::Subject, &message.subject)
                    || stands_in_people(word, &row.row)
                    || stands(word, Field::Body, beginning(&message.preview))
            })
        };
        let ids: Vec<MessageId> =
            found.iter().filter(|row| wanting(row)).take(MOST_EXTRACTS).map(|row| row.row.message.id.clone()).collect();
        if ids.is_empty() {
            return Ok(found);
        }
        let contents = self.cache.contents(ids).await?;
        let extracts = tokio::task::spawn_blocking(move || {
            let extract = |(id, content)| Some((id, extract(&skim(&content), &in_body)?));
            contents.into_iter().filter_map(extract).collect::<HashMap<MessageId, String>>()
        });
        let mut extracts = extracts.await.unwrap_or_default();
        for row in &mut found {
            row.extract = extracts.remove(&row.row.message.id);
        }
        Ok(found)
    }

    /// What the service finds; asked once a query, until others were asked.
    async fn ask_service(&self, query: &Query, today: jiff::civil::Date) -> Result<FromService, Report> {
        let printed = query.to_string();
        let known = self.lock().found.iter().find(|(known, _)| *known == printed).map(|(_, found)| found.clone());
        if let Some(found) = known {
            return Ok(found);
        }
        if self.is_offline {
            return Err(Report::new(Kind::Network, "offline", "The service was not asked.")
                .because("The program works offline.")
                .next("Start without --offline to search the whole mailbox."));
        }
        let Some(expression) = mail_search::expression(query, today) else {
            return Err(Report::new(Kind::Usage, "query", "The service cannot search by this alone.")
                .because("It searches by words, people, dates and attachments.")
                .next("Add a word that the mail holds."));
        };
        let (patches, is_cut) = mail_search::search(&self.graph, &expression)
            .await
            .map_err(|error| error.report("The service could not be searched."))?;
        let ids: Vec<MessageId> = patches.iter().map(|patch| patch.id.clone()).collect();
        self.keep_new(patches).await.map_err(|error| error.report())?;
        let places = self.cache.places(ids).await.map_err(|error| error.report())?;
        let found = FromService { places: Arc::new(places), is_cut };
        let mut state = self.lock();
        state.found.push((printed, found.clone()));
        if state.found.len() > MOST_REMEMBERED {
            state.found.remove(0);
        }
        Ok(found)
    }

    /// Puts what the cache lacks into the folders it knows; what is there already is the sync's business.
    async fn keep_new(&self, patches: Vec<MessagePatch>) -> Result<(), DbError> {
        let ids = patches.iter().map(|patch| patch.id.clone()).collect();
        let known: HashSet<MessageId> = self.cache.places(ids).await?.into_iter().map(|(_, id)| id).collect();
        let folders: HashSet<FolderId> = self.cache.folders().await?.into_iter().map(|folder| folder.id).collect();
        let mut new: BTreeMap<FolderId, Vec<Change<MessagePatch, MessageId>>> = BTreeMap::new();
        for patch in patches.into_iter().filter(|patch| !known.contains(&patch.id)) {
            if let Some(folder) = patch.folder.clone().filter(|folder| folders.contains(folder)) {
                new.entry(folder).or_default().push(Change::Upsert(patch));
            }
        }
        for (folder, rows) in new {
            self.cache.apply(Changes::Messages { folder, rows }, None).await?;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_folder(name: &str) -> Report {
    let name = text::tame(name);
    Report::new(Kind::Usage, "query", format!("There is no folder called “{name}”."))
        .because("in: takes a folder’s name, or how it begins.")
        .next("Try in:inbox, in:sent, in:drafts, in:archive, in:deleted or in:junk.")
}

/// Whether one of the words that may stand in `field` stands in this text of it.
fn stands(sought: &[Sought], field: Field, text: &str) -> bool {
    let fits = |word: &&Sought| word.field == field || word.field == Field::Anywhere;
    sought.iter().filter(fits).any(|word| word.places_in(text, false).next().is_some())
}

fn stands_in_people(sought: &[Sought], row: &MessageRow) -> bool {
    let message = &row.message;
    sought.iter().any(|word| {
        let is_there = |text: &str| word.places_in(text, true).next().is_some();
        let from = matches!(word.field, Field::Anywhere | Field::From).then_some(message.from.as_ref()).flatten();
        let to = message.to.iter().chain(&message.cc).filter(|_| matches!(word.field, Field::Anywhere | Field::To));
        from.into_iter().chain(to).any(|person| is_there(&person.name) || is_there(&person.address))
    })
}

/// What a list has room for of a preview.
fn beginning(preview: &str) -> &str {
    preview.char_indices().nth(EXTRACT_BEFORE).map_or(preview, |(end, _)| &preview[..end])
}

/// Some of the text around the first word that is looked for, in one line.
fn extract(text: &str, sought: &[Sought]) -> Option<String> {
    let spans = crate::domain::query::word_spans(text);
    let at =
        spans.filter(|span| sought.iter().any(|word| word.is(&text[span.clone()]))).map(|span| span.start).next()?;
    let before = text[..at].char_indices().rev().take(EXTRACT_BEFORE).last().map_or(at, |(start, _)| start);
    // Begin with a whole word.
    let start = match text[before..at].find(char::is_whitespace) {
        Some(space) if before > 0 => before + space,
        _ => before,
    };
    let piece: String = text[start..].chars().take(EXTRACT * 2).collect();
    let line = piece.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = text::tame(&line).chars().take(EXTRACT).collect();
    Some(if start > 0 { format!("… {line}") } else { line })
}
