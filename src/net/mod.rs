//! Floor 3: the network, and nothing about what travels on it.
//!
//! Which hosts belong together ([`cloud`]), the two HTTP clients ([`client`]), what is remembered of
//! their calls ([`calls`]), which proxy they use ([`proxy`]), whom they believe ([`trust`]), why they fail ([`failure`]), how a
//! request is shown ([`curl`]), the listener a browser comes back to ([`loopback`]), starting that browser ([`browser`]), how far
//! our clock is from theirs ([`service_time`]) and the clock's waiting half ([`clock`]).
//! Must stay true: `reqwest`'s builder and tokio's timers are used here only; plain http is spoken to loopback and to
//! nobody else; a listener binds loopback addresses only.
//! Deliberately absent: tokens, retries and Graph. They belong to `auth` and `graph`.

pub mod browser;
pub mod calls;
mod certificate;
pub mod client;
pub mod clock;
pub mod cloud;
pub mod curl;
pub mod failure;
pub mod loopback;
pub mod program;
pub mod proxy;
pub mod service_time;
pub mod trust;
pub mod probe;
