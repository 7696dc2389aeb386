//! The simulated tenant: Entra ID and Microsoft Graph on loopback, for `deskbell demo`, `deskbell tenant` and the tests.
//!
//! Two listeners, as in the world: one is the sign-in authority (`entra`), one is Graph (`graph`), so that a token sent to the
//! wrong host is noticed. State lives in one [`world::World`]: two clients see each other's changes, and everything is placed
//! relative to the injected clock. JSON is written by hand here and never through the client's types: client and server agree
//! only through bytes, or both would be wrong together. Must stay true: this floor imports `base` and nothing else of ours.
//!
//! [`Tenant`] starts it, [`Script`] moves it from inside the process, [`faults`] makes it misbehave.

pub mod company;
pub mod entra;
pub mod faults;
pub mod graph;
pub mod other;
pub mod request;
pub mod script;
pub mod tenant;
pub mod when;
pub mod world;
pub mod zones;

mod ahead;
mod http;
mod line;

pub use entra::claims::Challenge;
pub use entra::policy::{Conditional, Policy, Reuse, UserConsent, Where};
pub use entra::registration::{Audience, ClientSecret, Registration};
pub use script::{LoggedRequest, Script};
pub use tenant::{Clients, Tenant, TenantOptions};
pub use world::{Consent, WorldOptions};
