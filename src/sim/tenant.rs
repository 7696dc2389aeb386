//! The running tenant: two listeners on loopback over one world, stopped when dropped.

use crate::base::activity::Activity;
use crate::base::clock::SharedClock;
use crate::base::ids::Ids;
use crate::sim::ahead::Ahead;
use crate::sim::company::Person;
use crate::sim::entra::SignIn;
use crate::sim::faults::{Faults, Rule, Side};
use crate::sim::line::{Line, Wire};
use crate::sim::script::{LoggedRequest, Script};
use crate::sim::world::{World, WorldOptions};
use crate::sim::{entra, graph};
use serde_json::{Value, json};
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// More requests than any test makes.
const LONGEST_LOG: usize = 200_000;

/// How the tenant is started.
#[derive(Clone, Default)]
pub struct TenantOptions {
    /// How its world is made.
    pub world: WorldOptions,
    /// Port of the sign-in authority on 127.0.0.1; 0 takes a free one.
    pub authority_port: u16,
    /// Port of Graph on 127.0.0.1; 0 takes a free one.
    pub graph_port: u16,
    /// The address of the authority that discovery announces, e.g. behind a TLS front; else the one the client used.
    pub public_base: Option<String>,
    /// Seconds between polls for a device code; else as many as the real service wants.
    pub device_interval: Option<u64>,
    /// How it misbehaves from the start.
    pub faults: Vec<Rule>,
    /// Where requests in flight are counted.
    pub activity: Option<Activity>,
}

impl fmt::Debug for TenantOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TenantOptions").field("world", &self.world).finish_non_exhaustive()
    }
}

/// The registrations the tenant knows.
#[derive(Clone, Debug)]
pub struct Clients {
    /// A public client (desktop program) with `http://localhost` as its redirect address.
    pub public: String,
    /// A confidential client (service) with application roles.
    pub confidential: String,
    /// The secret of the confidential client. Invented, and worth nothing outside the tenant.
    pub confidential_secret: String,
    /// A secret of the same client that has expired.
    pub expired_secret: String,
    /// The id the portal shows beside the secret; pasting it instead is a common mistake.
    pub confidential_secret_id: String,
    /// A confidential client with the same secrets whom no role was granted.
    pub without_roles: String,
    /// A public client for work, school and personal accounts.
    pub everybody: String,
    /// A public client for accounts of this tenant only.
    pub single_tenant: String,
    /// A public client whose *Allow public client flows* is off.
    pub without_flows: String,
    /// A client whose `http://localhost` was registered for the platform *Web*.
    pub web: String,
}

/// What both listeners and the script share.
pub(crate) struct Shared {
    pub(crate) clock: SharedClock,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) authority: String,
    pub(crate) graph: String,
    pub(crate) public_base: Option<String>,
    pub(crate) device_interval: u64,
    pub(crate) tenant_id: String,
    pub(crate) clients: Clients,
    pub(crate) activity: Activity,
    pub(crate) offline: Arc<AtomicBool>,
    /// How many seconds our clock is ahead.
    pub(crate) clock_ahead: Arc<AtomicI64>,
    pub(crate) world: Mutex<World>,
    pub(crate) sign_in: Mutex<SignIn>,
    pub(crate) faults: Arc<Mutex<Faults>>,
    pub(crate) permits: Mutex<graph::permits::Permits>,
    pub(crate) log: Mutex<Vec<LoggedRequest>>,
    /// How many requests to Graph the script holds just now.
    pub(crate) held: watch::Sender<usize>,
}

impl Shared {
    /// Writes a request into the log; of a long-lived tenant only the newer part is kept.
    pub(crate) fn note(&self, entry: LoggedRequest) {
        let mut log = lock(&self.log);
        if log.len() >= LONGEST_LOG {
            log.drain(..LONGEST_LOG / 2);
        }
        log.push(entry);
    }
}

/// Locks, also after a panic elsewhere: the tenant goes on with the state it has.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The running tenant.
pub struct Tenant {
    shared: Arc<Shared>,
    _stop: watch::Sender<()>,
}

impl fmt::Debug for Tenant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tenant").field("authority", &self.shared.authority).finish_non_exhaustive()
    }
}

impl Tenant {
    /// Starts both listeners on the current tokio runtime. They stop when the tenant is dropped.
    ///
    /// # Errors
    /// If a port cannot be taken.
    pub async fn start(options: TenantOptions, clock: SharedClock, ids: Arc<dyn Ids>) -> io::Result<Self> {
        let offline = Arc::new(AtomicBool::new(false));
        let faults = Arc::new(Mutex::new(Faults::new(options.faults)));
        let authority = Line::listen(options.authority_port, Side::Authority, offline.clone(), faults.clone()).await?;
        let graph = Line::listen(options.graph_port, Side::Graph, offline.clone(), faults.clone()).await?;
        let ahead = Ahead::new(clock, options.world.policy.clock_ahead);
        let clock_ahead = ahead.seconds.clone();
        let clock: SharedClock = Arc::new(ahead);
        let world = World::new(clock.clone(), ids.clone(), options.world);
        let shared = Arc::new(Shared {
            authority: format!("http://{}", authority.address()?),
            graph: format!("http://{}", graph.address()?),
            public_base: options.public_base.map(|base| base.trim_end_matches('/').to_owned()),
            device_interval: options.device_interval.unwrap_or(entra::device::INTERVAL),
            tenant_id: world.company.tenant_id.clone(),
            clients: entra::clients(),
            activity: options.activity.unwrap_or_default(),
            offline,
            clock_ahead,
            world: Mutex::new(world),
            sign_in: Mutex::default(),
            faults,
            permits: Mutex::default(),
            log: Mutex::default(),
            held: watch::Sender::new(0),
            clock,
            ids,
        });
        tokio::task::spawn_blocking(entra::warm);
        let (stop, stopped) = watch::channel(());
        serve(authority, entra::http::router(shared.clone()), stopped.clone());
        serve(graph, graph::gate::router(shared.clone()), stopped);
        Ok(Self { shared, _stop: stop })
    }

    /// Root of the sign-in authority, e.g. `http://127.0.0.1:4711`; the tenant follows in the path.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.shared.authority
    }

    /// Root of Graph, e.g. `http://127.0.0.1:4712`; `/v1.0` follows.
    #[must_use]
    pub fn graph(&self) -> &str {
        &self.shared.graph
    }

    /// Tenant id (GUID).
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        &self.shared.tenant_id
    }

    /// The registrations.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.shared.clients
    }

    /// Everybody of the company.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        let world = lock(&self.shared.world);
        world.company.people.iter().filter(|person| !person.is_outsider()).cloned().collect()
    }

    /// Those who can sign in without being of the company: accounts of other tenants, and personal ones.
    #[must_use]
    pub fn outsiders(&self) -> Vec<Person> {
        let world = lock(&self.shared.world);
        world.company.people.iter().filter(|person| person.is_outsider()).cloned().collect()
    }

    /// A handle that moves the tenant from inside the process.
    #[must_use]
    pub fn script(&self) -> Script {
        Script::new(self.shared.clone())
    }

    /// What `deskbell tenant --json` prints, so that any client can be pointed here.
    #[must_use]
    pub fn describe(&self) -> Value {
        let world = lock(&self.shared.world);
        let people: Vec<Value> = world
            .company
            .people
            .iter()
            .map(|person| {
                json!({
                    "alias": person.alias, "id": person.id, "name": person.display_name, "mail": person.mail,
                    "userPrincipalName": person.user_principal_name, "kind": person.kind,
                })
            })
            .collect();
        json!({
            "schema": "deskbell.tenant/1",
            "authority": self.shared.authority,
            "graph": self.shared.graph,
            "tenant": self.shared.tenant_id,
            "domains": world.company.domains,
            "clients": [
                {"kind": "public", "clientId": self.shared.clients.public, "redirectUri": "http://localhost"},
                {
                    "kind": "confidential", "clientId": self.shared.clients.confidential,
                    "clientSecret": self.shared.clients.confidential_secret,
                },
            ],
            "people": people,
        })
    }
}

fn serve(line: Line, router: axum::Router, mut stopped: watch::Receiver<()>) {
    tokio::spawn(async move {
        // Ends when the sender is dropped with the tenant.
        let stop = async move { while stopped.changed().await.is_ok() {} };
        if let Err(error) =
            axum::serve(line, router.into_make_service_with_connect_info::<Wire>()).with_graceful_shutdown(stop).await
        {
            tracing::warn!(%error, "a listener of the simulated tenant ended");
        }
    });
}
