//! What the engine tells about colleagues: found, free or busy, present, away; from the service and from the cache.

use deskbell::auth::{StaticToken, TokenSource};
use deskbell::base::activity::Activity;
use deskbell::base::clock::{Clock, CrankedClock};
use deskbell::base::ids::SeededIds;
use deskbell::base::secret::Secret;
use deskbell::db::{Cache, Db};
use deskbell::domain::account::AccountKey;
use deskbell::domain::calls::RetryPolicy;
use deskbell::domain::person::{Person, PersonId};
use deskbell::domain::presence::AwayOf;
use deskbell::domain::presence::DayState;
use deskbell::domain::request::PersonRef;
use deskbell::domain::time::Span;
use deskbell::engine::{away, card, freebusy, people, presences};
use deskbell::graph::transport::{NobodyListens, Parts};
use deskbell::graph::{Graph, me};
use deskbell::net::client::Clients;
use deskbell::net::cloud::Cloud;
use deskbell::sim::faults::{Action, FaultBody, Rule, Side};
use deskbell::sim::tenant::{Tenant, TenantOptions};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::time::Duration;

struct Bench {
    tenant: Tenant,
    graph: Graph,
    cache: Cache,
    clock: CrankedClock,
    me: Person,
    _folder: tempfile::TempDir,
}

impl Bench {
    async fn new(scopes: &str) -> Self {
        let clock = CrankedClock::at("2026-11-23T09:12:00Z".parse::<Timestamp>().unwrap().into());
        let ids = Arc::new(SeededIds::new(3));
        let tenant = Tenant::start(TenantOptions::default(), Arc::new(clock.clone()), ids).await.unwrap();
        let graph = graph_of(&tenant, &clock, scopes, false);
        let folder = tempfile::tempdir().unwrap();
        let opened = Db::open(&folder.path().join("cache.sqlite"), &Activity::default()).unwrap();
        let key = AccountKey { tenant: tenant.tenant_id().to_owned(), object: "lena".to_owned() };
        let cache = opened.db.cache(&key).await.unwrap();
        let me = me::person(&graph).await.unwrap();
        Self { tenant, graph, cache, clock, me, _folder: folder }
    }

    fn offline(&self) -> Graph {
        graph_of(&self.tenant, &self.clock, "", true)
    }

    fn asked(&self, path: &str) -> usize {
        self.tenant.script().requests().iter().filter(|request| request.path.contains(path)).count()
    }

    fn fault(&self, path: &str, action: Action) {
        let path = path.to_owned();
        self.tenant.script().fault(Rule {
            side: Side::Graph,
            method: None,
            path,
            grant: None,
            nth: 1,
            times: None,
            action,
        });
    }

    async fn board(&self, graph: &Graph, people: &[&str]) -> deskbell::domain::presence::AwayBoard {
        let people: Vec<String> = people.iter().map(|&name| name.to_owned()).collect();
        let of = if people.is_empty() { AwayOf::Team } else { AwayOf::People(people) };
        let query = away::Query { from: date(2026, 11, 23), days: 12, of, refresh: false };
        let groups = std::path::Path::new("/nonexistent/config.toml");
        away::board(graph, &self.cache, groups, &self.me, &madrid(), &query).await.unwrap()
    }
}

fn graph_of(tenant: &Tenant, clock: &CrankedClock, scopes: &str, is_offline: bool) -> Graph {
    let token = tenant.script().token("lena", scopes).unwrap();
    let tokens: Arc<dyn TokenSource> = Arc::new(StaticToken::new(&Secret::new(token)));
    Graph::new(Parts {
        reach: deskbell::graph::Reach::Own,
        clients: Arc::new(Clients::new(Cloud::at(tenant.authority(), tenant.graph()).unwrap())),
        tokens,
        clock: Arc::new(clock.clone()),
        ids: Arc::new(SeededIds::new(4)),
        observer: Arc::new(NobodyListens),
        is_offline,
        made_as: None,
        retry: RetryPolicy::default(),
    })
}

fn madrid() -> TimeZone {
    TimeZone::get("Europe/Madrid").unwrap()
}

fn week() -> Span {
    Span { start: "2026-11-22T23:00:00Z".parse().unwrap(), end: "2026-11-27T23:00:00Z".parse().unwrap() }
}

fn addresses(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{name}@contoso.com")).collect()
}

#[tokio::test]
async fn availability_has_a_row_for_everybody_and_asks_again_only_when_old() {
    let bench = Bench::new("").await;
    let asked = addresses(&["Ben", "hugo", "nobody", "eva", "ben"]);
    let rows = freebusy::availability(&bench.graph, &bench.cache, &asked, week(), false).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.address.clone()).collect::<Vec<_>>(), asked);
    assert!(rows[0].blocks.as_ref().is_ok_and(|blocks| !blocks.is_empty()), "{:?}", rows[0].blocks);
    assert_eq!(rows[0].blocks, rows[4].blocks);
    for row in &rows[1..3] {
        let error = row.blocks.as_ref().unwrap_err();
        assert!(!error.message.is_empty() && !error.remedy.is_empty(), "{error:?}");
    }
    bench.clock.advance(Duration::from_secs(119));
    let again = freebusy::availability(&bench.graph, &bench.cache, &asked, week(), false).await.unwrap();
    assert_eq!((bench.asked("getSchedule"), &again), (1, &rows), "young enough");
    freebusy::availability(&bench.graph, &bench.cache, &asked, week(), true).await.unwrap();
    bench.clock.advance(Duration::from_secs(121));
    let fresh = freebusy::availability(&bench.graph, &bench.cache, &asked, week(), false).await.unwrap();
    assert_eq!(bench.asked("getSchedule"), 3);
    assert!(fresh[0].as_of > rows[0].as_of);
}

#[tokio::test]
async fn many_are_asked_for_in_parts_too_many_days_not_at_all_and_what_is_known_without_asking() {
    let bench = Bench::new("").await;
    let mut asked: Vec<String> = (0..43).map(|at| format!("guest{at}@contoso.com")).collect();
    asked.extend(addresses(&["ben", "eva"]));
    let rows = freebusy::availability(&bench.graph, &bench.cache, &asked, week(), false).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.address.clone()).collect::<Vec<_>>(), asked, "in the order asked");
    assert_eq!(bench.asked("getSchedule"), 3);
    assert!(rows[44].blocks.is_ok() && rows[0].blocks.is_err());

    // One part that fails spoils no other.
    bench.clock.advance(Duration::from_mins(5));
    let once = Rule {
        side: Side::Graph,
        method: None,
        path: "/me/calendar/getSchedule".to_owned(),
        grant: None,
        nth: 1,
        times: Some(1),
        action: Action::Status(400, FaultBody::Error("ErrorInternal".to_owned()), None),
    };
    bench.tenant.script().fault(once);
    let rows = freebusy::availability(&bench.graph, &bench.cache, &asked, week(), false).await.unwrap();
    let now = deskbell::domain::time::instant(bench.clock.now());
    let fresh = rows.iter().filter(|row| row.as_of == now).count();
    assert!(fresh == 25 || fresh == 40, "one part of three failed: {fresh}");
    assert!(rows.iter().all(|row| row.as_of >= now - jiff::SignedDuration::from_mins(5)), "what was known stays");

    let before = bench.asked("getSchedule");
    let known = freebusy::known(&bench.cache, &addresses(&["ben", "zoe", "eva"]), week()).await;
    assert_eq!(known.iter().map(|row| &*row.address).collect::<Vec<_>>(), ["ben@contoso.com", "eva@contoso.com"]);
    let long = Span { start: week().start, end: week().start + jiff::SignedDuration::from_hours(24 * 62) };
    let refused = freebusy::availability(&bench.graph, &bench.cache, &asked, long, true).await.unwrap_err();
    assert_eq!((&*refused.code, bench.asked("getSchedule")), ("tooManyDays", before));
}

#[tokio::test]
async fn availability_is_shown_with_its_age_when_the_service_is_gone() {
    let bench = Bench::new("").await;
    let asked = addresses(&["ben", "eva"]);
    let offline = bench.offline();
    let nothing = freebusy::availability(&offline, &bench.cache, &asked, week(), false).await.unwrap_err();
    assert_eq!(nothing.code, "offline");
    let rows = freebusy::availability(&bench.graph, &bench.cache, &asked[..1], week(), false).await.unwrap();
    bench.clock.advance(Duration::from_hours(2));
    let later = freebusy::availability(&offline, &bench.cache, &asked, week(), false).await.unwrap();
    assert_eq!((&later[0].blocks, later[0].as_of), (&rows[0].blocks, rows[0].as_of));
    assert_eq!(later[1].blocks.as_ref().unwrap_err().code, "unreachable");
}

#[tokio::test]
async fn people_are_found_in_the_directory_and_later_in_the_cache() {
    let bench = Bench::new("").await;
    let found = people::find(&bench.graph, &bench.cache, "eva nov").await;
    assert!(found.is_complete && found.problem.is_none());
    assert_eq!(found.people[0].name, "Eva Novak");
    let cached = people::find(&bench.offline(), &bench.cache, "nov").await;
    assert!(!cached.is_complete);
    assert_eq!(cached.people, found.people[..1]);
    assert_eq!(cached.problem.unwrap().code, "offline");
}

#[tokio::test]
async fn the_board_merges_replies_presence_and_calendars() {
    let bench = Bench::new("").await;
    let board =
        bench.board(&bench.graph, &["eva@contoso.com", "hugo@contoso.com", "Ben Okafor", "nobody@contoso.com"]).await;
    let row = |name: &str| board.rows.iter().find(|row| row.person.name.contains(name)).unwrap();
    let eva = row("Eva");
    assert!(eva.is_away_now, "{eva:?}");
    assert!(eva.reply.as_ref().is_some_and(|reply| !reply.message.contains('<')), "{:?}", eva.reply);
    assert_eq!(eva.days.len(), 12);
    assert_eq!(eva.days[0], DayState::Away);
    assert!(eva.until.is_some());
    assert_eq!(row("Hugo").days[0], DayState::Unknown, "what nobody told stays unknown");
    let nobody = row("nobody");
    assert_eq!(nobody.problems[0].code, "notFound");
    assert_eq!(board.rows[0].person.name, eva.person.name, "who is away comes first");
    assert!(board.as_of.is_some());

    bench.clock.advance(Duration::from_hours(1));
    let offline = bench.board(&bench.offline(), &["eva@contoso.com"]).await;
    assert_eq!((offline.rows[0].days.clone(), offline.rows[0].problems.len()), (eva.days.clone(), 0));
}

#[tokio::test]
async fn the_own_team_is_shown_when_nobody_is_named() {
    let bench = Bench::new("").await;
    let team = away::team(&bench.graph, &bench.cache, &bench.me, false).await.unwrap();
    assert!(!team.is_empty());
    assert!(team.iter().all(|person| person.id != bench.me.id));
    let board = bench.board(&bench.graph, &[]).await;
    assert_eq!(board.rows.len(), team.len());
    assert_eq!(away::team(&bench.offline(), &bench.cache, &bench.me, false).await.unwrap(), team);
}

#[tokio::test]
async fn one_failing_source_costs_only_itself() {
    let bench = Bench::new("").await;
    bench.fault(
        "*getMailTips",
        Action::Status(403, deskbell::sim::faults::FaultBody::Error("ErrorAccessDenied".to_owned()), None),
    );
    let board = bench.board(&bench.graph, &["ben@contoso.com"]).await;
    let ben = &board.rows[0];
    assert!(ben.presence.is_some() && ben.schedule.as_ref().is_some_and(|schedule| schedule.blocks.is_ok()));
    assert_eq!(ben.problems.len(), 1);
    assert!(ben.problems[0].why.contains("MailTips.ReadBasic.Shared"), "{:?}", ben.problems);
}

#[tokio::test]
async fn the_card_of_a_colleague_and_of_a_stranger() {
    let bench = Bench::new("").await;
    let who = |address: &str, name: &str| PersonRef::Address { address: address.to_owned(), name: name.to_owned() };
    let eva = card::card(&bench.graph, &bench.cache, &bench.me.address, &madrid(), &who("eva@contoso.com", ""))
        .await
        .unwrap();
    assert!(eva.is_internal && eva.problems.is_empty(), "{:?}", eva.problems);
    assert!(eva.manager.is_some() && eva.presence.is_some() && eva.reply.is_some() && eva.schedule.is_some());
    let by_id = PersonRef::Id(eva.person.id.clone());
    let again = card::card(&bench.graph, &bench.cache, &bench.me.address, &madrid(), &by_id).await.unwrap();
    assert_eq!(again.person, eva.person);

    let stranger = who("sales@supplier.example", "Sal\u{202e}es \u{1b}[31mTeam");
    let stranger = card::card(&bench.graph, &bench.cache, &bench.me.address, &madrid(), &stranger).await.unwrap();
    assert!(!stranger.is_internal && stranger.schedule.is_none());
    assert_eq!(stranger.person.name, "Sales Team");
}

#[tokio::test]
async fn a_card_without_permissions_names_them() {
    let bench = Bench::new("openid User.Read User.ReadBasic.All").await;
    let who = PersonRef::Address { address: "eva@contoso.com".to_owned(), name: "Eva".to_owned() };
    let eva = card::card(&bench.graph, &bench.cache, &bench.me.address, &madrid(), &who).await.unwrap();
    assert_eq!(eva.person.name, "Eva Novak");
    let named: Vec<&str> = ["User.Read.All", "Presence.Read.All", "MailTips.ReadBasic.Shared", "Calendars.Read"]
        .into_iter()
        .filter(|scope| eva.problems.iter().any(|problem| problem.why.contains(scope)))
        .collect();
    assert_eq!(named.len(), 4, "{:?}", eva.problems);
    assert!(eva.problems.iter().all(|problem| !problem.next.is_empty()));
}

#[tokio::test]
async fn presence_of_addresses_asks_the_directory_about_its_own_alone() {
    let bench = Bench::new("").await;
    let of = |addresses: &[&str]| addresses.iter().map(|one| PersonId::of_address(one)).collect::<Vec<_>>();
    bench.tenant.script().clear_requests();
    let outside = of(&["contoso@workday.example", "no address"]);
    let seen = presences::of(&bench.graph, &bench.cache, &bench.me.address, &outside).await;
    assert_eq!((seen.known, seen.strangers), (Vec::new(), outside), "nobody of the directory");
    let asked = bench.tenant.script().requests();
    assert!(asked.is_empty(), "an address of others is nobody's business: {asked:?}");
    let ours = of(&["BEN@contoso.com", "nobody@contoso.com"]);
    let seen = presences::of(&bench.graph, &bench.cache, &bench.me.address, &ours).await;
    assert_eq!((seen.known.len(), seen.strangers), (1, of(&["nobody@contoso.com"])));
    assert_eq!((bench.asked("$batch"), bench.asked("getPresencesByUserId")), (1, 1), "together");
    // Whose id is known by now is not looked up again.
    bench.clock.advance(Duration::from_mins(10));
    presences::of(&bench.graph, &bench.cache, &bench.me.address, &of(&["ben@contoso.com"])).await;
    assert_eq!((bench.asked("$batch"), bench.asked("getPresencesByUserId")), (1, 2));
}
