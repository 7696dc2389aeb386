//! Searching mail: the cache first, and the service when it is asked for.
//!
//! A search that is typed is asked anew with each key, so the latest wins: one for other words is interrupted, and where a whole page
//! takes longer than a key may, what a look at the newest messages finds comes first. What the service
//! finds is put into the cache where it is missing there, remembered for its query, and stands among the other hits by date, marked.
//! Must stay true: whatever is typed ends in hits or in a sentence; pages go by key and nothing is counted beyond a bound.

mod selected;

use crate::base::activity::Activity;
use crate::base::clock::SharedClock;
use crate::base::report::{Kind, Report};
use crate::base::text;
use crate::db::{Asking, Cache, Changes, Counted, DbError, Glanced, Ongoing, Search, Walk};
use crate::domain::change::{Change, MessagePatch};
use crate::domain::mail::{FolderId, MessageId, MessageKey, MessageRow};
use crate::domain::query::{Field, Query, Sought, skim};
use crate::domain::request::{FoundPage, FoundRow, PageStart, ServiceSearch};
use crate::domain::time::date_at;
use crate::engine::Setup;
use crate::graph::{Graph, mail_search};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Stretches of candidates a page may take; then it ends where it is.
const MOST_STRETCHES: usize = 100;
/// Extracts made for a page: about what a screen shows.
const MOST_EXTRACTS: usize = 48;
/// Letters before the word in an extract, and in all.
const EXTRACT_BEFORE: usize = 40;
const EXTRACT: usize = 200;
/// What is not there after so long is answered in two steps, and the look at the newest takes no longer either: a key is answered
/// within sixteen milliseconds.
const SOON: Duration = Duration::from_millis(4);
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
    /// Somebody types and waits for the next key.
    pub(super) as_typed: bool,
}

/// Searches of one account.
pub(super) struct Searches {
    finder: Finder,
    graph: Graph,
    is_offline: bool,
    clock: SharedClock,
    activity: Activity,
    state: Mutex<Remembered>,
}

/// What is looked for, wherever the page begins: whoever asks for something else ends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Identity {
    text: String,
    folder: Option<FolderId>,
    from_service: bool,
}

/// A page that is being made after what was found soon has been answered.
struct Pending {
    start: PageStart,
    count: usize,
    page: JoinHandle<Result<FoundPage, DbError>>,
}

#[derive(Default)]
struct Remembered {
    /// What was asked for last.
    latest: Identity,
    ongoing: Ongoing,
    pending: Option<Pending>,
    /// What the service found, by the query as printed; the oldest first.
    found: Vec<(String, FromService)>,
    /// Hits that are counted because they are selected, and those that are brought together to be changed.
    counting: Ongoing,
    changing: Ongoing,
}

#[derive(Clone)]
struct FromService {
    places: Arc<Vec<(MessageKey, MessageId)>>,
    is_cut: bool,
}

impl Searches {
    pub(super) fn new(cache: Cache, graph: Graph, setup: &Setup) -> Self {
        Self {
            finder: Finder { cache },
            graph,
            is_offline: setup.offline,
            clock: setup.clock.clone(),
            activity: setup.activity.clone(),
            state: Mutex::default(),
        }
    }

    /// A page of hits.
    pub(super) async fn find(&self, asked: &Asked, now: Timestamp, zone: &TimeZone) -> Result<FoundPage, Report> {
        let ongoing = self.begin(asked);
        let query = Arc::new(Query::parse(&asked.text).map_err(|error| error.report())?);
        no_such_folder(&self.finder.cache, &query).await?;
        if !asked.as_typed
            && let Some(page) = self.rest(asked)
        {
            return told(page.await.unwrap_or(Err(DbError::Interrupted)), asked);
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
        if asked.as_typed && asked.start == PageStart::Newest && !asked.from_service {
            return self.typed(asked, search, ongoing).await;
        }
        told(self.finder.page(asked, search, service, ongoing).await, asked)
    }

    /// Notes what is looked for; what was before, if it was something else, ends.
    fn begin(&self, asked: &Asked) -> Ongoing {
        let Asked { text, folder, from_service, .. } = asked;
        let wanted = Identity { text: text.clone(), folder: folder.clone(), from_service: *from_service };
        let mut state = self.lock();
        if state.latest != wanted {
            state.ongoing.end();
            state.ongoing = Ongoing::default();
            state.latest = wanted;
            state.pending = None;
        }
        state.ongoing.clone()
    }

    /// The whole page whose beginning was answered already.
    fn rest(&self, asked: &Asked) -> Option<JoinHandle<Result<FoundPage, DbError>>> {
        let mut state = self.lock();
        let is_it = |pending: &Pending| pending.start == asked.start && pending.count == asked.count;
        if state.pending.as_ref().is_some_and(is_it) { state.pending.take().map(|pending| pending.page) } else { None }
    }

    /// The page, if it is soon there; else what a look at the newest messages finds, while the page is being made.
    async fn typed(&self, asked: &Asked, search: Search, ongoing: Ongoing) -> Result<FoundPage, Report> {
        let mut page = {
            let (finder, asked, search, working) =
                (self.finder.clone(), asked.clone(), search.clone(), self.activity.begin());
            tokio::spawn(async move {
                let page = finder.page(&asked, search, ServiceSearch::NotAsked, ongoing).await;
                drop(working);
                page
            })
        };
        tokio::select! {
            biased;
            page = &mut page => return told(page.unwrap_or(Err(DbError::Interrupted)), asked),
            () = self.clock.limit(SOON) => {}
        }
        let looking = Ongoing::default();
        let mut glanced = std::pin::pin!(self.finder.cache.glance(search.clone(), asked.count, &looking));
        let glanced = tokio::select! {
            biased;
            page = &mut page => {
                looking.end();
                return told(page.unwrap_or(Err(DbError::Interrupted)), asked);
            }
            glanced = &mut glanced => glanced,
            () = self.clock.limit(SOON) => {
                looking.end();
                glanced.await
            }
        };
        let mut found = nothing(asked);
        if let Ok(rows) = glanced {
            let (mut hits, mut texts) = (Vec::with_capacity(rows.len()), HashMap::new());
            for Glanced { row, body } in rows {
                texts.extend(body.map(|body| (row.message.id.clone(), body)));
                hits.push((row, false));
            }
            found.rows = self.finder.told(&search.query, hits, texts).await.map_err(|error| error.report())?;
            found.at_least = u32::try_from(found.rows.len()).unwrap_or(u32::MAX);
        }
        let mut state = self.lock();
        if state.latest.text == asked.text && state.latest.folder == asked.folder {
            state.pending = Some(Pending { start: asked.start, count: asked.count, page });
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
        let asking = self.finder.cache.asking();
        let (patches, is_cut) = mail_search::search(&self.graph, &expression)
            .await
            .map_err(|error| error.report("The service could not be searched."))?;
        let ids: Vec<MessageId> = patches.iter().map(|patch| patch.id.clone()).collect();
        self.keep_new(&asking, patches).await.map_err(|error| error.report())?;
        let places = self.finder.cache.places(ids).await.map_err(|error| error.report())?;
        let found = FromService { places: Arc::new(places), is_cut };
        let mut state = self.lock();
        state.found.push((printed, found.clone()));
        if state.found.len() > MOST_REMEMBERED {
            state.found.remove(0);
        }
        Ok(found)
    }

    /// Puts what the cache lacks into the folders it knows; what is there already is the sync's business.
    async fn keep_new(&self, asking: &Asking, patches: Vec<MessagePatch>) -> Result<(), DbError> {
        let ids = patches.iter().map(|patch| patch.id.clone()).collect();
        let known: HashSet<MessageId> = self.finder.cache.places(ids).await?.into_iter().map(|(_, id)| id).collect();
        let folders: HashSet<FolderId> =
            self.finder.cache.folders().await?.into_iter().map(|folder| folder.id).collect();
        let mut new: BTreeMap<FolderId, Vec<Change<MessagePatch, MessageId>>> = BTreeMap::new();
        for patch in patches.into_iter().filter(|patch| !known.contains(&patch.id)) {
            if let Some(folder) = patch.folder.clone().filter(|folder| folders.contains(folder)) {
                new.entry(folder).or_default().push(Change::Upsert(patch));
            }
        }
        for (folder, rows) in new {
            asking.apply(Changes::Messages { folder, rows }, None).await?;
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks into the cache.
#[derive(Clone)]
struct Finder {
    cache: Cache,
}

/// Hits with whether only the service found them, and whether there are more.
type Hits = (Vec<(MessageRow, bool)>, bool);

impl Finder {
    async fn page(
        &self,
        asked: &Asked,
        search: Search,
        service: ServiceSearch,
        ongoing: Ongoing,
    ) -> Result<FoundPage, DbError> {
        let count = asked.count;
        // Before the look: what is indexed between the two is then one that waits, and is looked for again.
        let waiting = self.cache.waiting_for_index().await?;
        let half = if let PageStart::Around(key) = asked.start {
            self.walk(&search, Walk::newer(key), count / 2, &ongoing).await?.0
        } else {
            (Vec::new(), false)
        };
        let (newer, more_newer) = half;
        let walk = Walk::of(asked.start);
        let ((mut rows, more), counted) = self.walk(&search, walk, count - newer.len(), &ongoing).await?;
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
        let counted = match asked.start {
            _ if at_newest && at_oldest => None,
            PageStart::Newest if search.also.is_empty() => counted,
            PageStart::Newest | PageStart::Around(_) => self.cache.count_hits(search.clone()).await?,
            _ => None,
        };
        let here = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let (at_least, is_counted) = match counted {
            Some((counted, is_exact)) => (counted.max(here), is_exact),
            None => (here.saturating_add(u32::from(more || more_newer)), at_newest && at_oldest),
        };
        let rows = self.told(&search.query, all, HashMap::new()).await?;
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
            is_partial: false,
        })
    }

    /// Hits in the order of the walk, whether there are more, and how many there are where a walk from the newest on could tell.
    async fn walk(
        &self,
        search: &Search,
        from: Walk,
        count: usize,
        ongoing: &Ongoing,
    ) -> Result<(Hits, Counted), DbError> {
        let (mut rows, mut onward) = (Vec::new(), Some(from));
        let mut ids: HashSet<MessageId> = HashSet::new();
        let mut counted = None;
        for _ in 0..MOST_STRETCHES {
            let Some(from) = onward else { break };
            // Only so many are wanted, but one look more says whether that is all.
            if rows.len() >= count && count > 0 {
                break;
            }
            let wanted = (count - rows.len()).max(1);
            let walked = if from == Walk::NEWEST {
                let (walked, all) = self.cache.search_counted(search.clone(), wanted, ongoing).await?;
                counted = all;
                walked
            } else {
                self.cache.search_until(search.clone(), from, wanted, ongoing).await?
            };
            rows.extend(walked.rows.into_iter().filter(|(row, _)| ids.insert(row.message.id.clone())));
            onward = walked.onward;
        }
        let more = onward.is_some() || rows.len() > count;
        rows.truncate(count);
        Ok(((rows, more), counted))
    }

    /// The hits with where the words stand; `texts` are those that were unpacked already.
    async fn told(
        &self,
        query: &Query,
        rows: Vec<(MessageRow, bool)>,
        mut texts: HashMap<MessageId, String>,
    ) -> Result<Vec<FoundRow>, DbError> {
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
        texts.retain(|id, _| ids.contains(id));
        let missing: Vec<MessageId> = ids.into_iter().filter(|id| !texts.contains_key(id)).collect();
        let contents = if missing.is_empty() { Vec::new() } else { self.cache.contents(missing).await? };
        let extracts = tokio::task::spawn_blocking(move || {
            let skimmed = contents.into_iter().map(|(id, content)| (id, skim(&content)));
            let extract = |(id, text): (MessageId, String)| Some((id, extract(&text, &in_body)?));
            texts.into_iter().chain(skimmed).filter_map(extract).collect::<HashMap<MessageId, String>>()
        });
        let mut extracts = extracts.await.unwrap_or_default();
        for row in &mut found {
            row.extract = extracts.remove(&row.row.message.id);
        }
        Ok(found)
    }
}

/// The newest hits in the cache, at most about `count`: for whoever looks something up meanwhile. It takes nothing of the place that
/// is kept for what is typed.
pub(super) async fn newest(
    cache: &Cache,
    text: &str,
    count: usize,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Vec<MessageRow>, Report> {
    let query = Arc::new(Query::parse(text).map_err(|error| error.report())?);
    let search = Search { query, folder: None, today: date_at(now, zone), zone: zone.clone(), also: Arc::default() };
    let (mut rows, mut onward) = (Vec::new(), Some(Walk::NEWEST));
    for _ in 0..MOST_STRETCHES {
        let Some(from) = onward.filter(|_| rows.len() < count) else { break };
        let walked = cache.search(search.clone(), from, count - rows.len()).await.map_err(|error| error.report())?;
        rows.extend(walked.rows.into_iter().map(|(row, _)| row));
        onward = walked.onward;
    }
    Ok(rows)
}

/// A page as it is told. One that was ended because somebody typed on is for nobody any more; if it were, it would be asked again.
fn told(page: Result<FoundPage, DbError>, asked: &Asked) -> Result<FoundPage, Report> {
    match page {
        Err(DbError::Interrupted) => Ok(nothing(asked)),
        page => page.map_err(|error| error.report()),
    }
}

/// A page on which there is nothing yet.
fn nothing(asked: &Asked) -> FoundPage {
    FoundPage {
        text: asked.text.clone(),
        folder: asked.folder.clone(),
        rows: Vec::new(),
        at_newest: true,
        at_oldest: false,
        at_least: 0,
        is_counted: false,
        waiting: 0,
        service: ServiceSearch::NotAsked,
        is_partial: true,
    }
}

/// What is wrong with the folders a query names.
async fn no_such_folder(cache: &Cache, query: &Query) -> Result<(), Report> {
    for name in query.folders() {
        if !cache.has_folder_named(name).await.map_err(|error| error.report())? {
            return Err(no_folder(name));
        }
    }
    Ok(())
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
