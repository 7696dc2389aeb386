//! How an account stands with its organisation: what only the doctor asks.
//!
//! Each question is asked once and never repeated by itself. Must stay true: nothing here is read from a mailbox but that it is
//! there. Deliberately absent: what the answers mean; that is the doctor's to say.

use crate::graph::call::{Budget, Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::transport::Graph;
use crate::graph::wire;
use crate::graph::wire::people::{WireLicences, WireStanding};

/// How the directory holds the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// It is kept in step with a directory of the organisation's own (a hybrid organisation).
    pub is_synchronised: bool,
}

/// What the account's licences say about a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Licence {
    /// One with Exchange Online is there and in force.
    Exchange,
    /// One with Exchange Online is there and not in force yet, or no more.
    Pending,
    /// There are licences, and none with Exchange Online.
    Other,
    /// There is none at all.
    None,
}

/// The mailbox or part of one that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The inbox.
    Inbox,
    /// The calendar.
    Calendar,
}

/// How the directory holds the account in use. Needs `User.Read`. `renews`: a 401 renews the token once, as for every call.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send_once`], or as from [`Graph::send`] with `renews`.
pub async fn standing(graph: &Graph, renews: bool) -> Result<Standing, GraphError> {
    let call = Call::get(&["me"]).select("id,onPremisesSyncEnabled");
    let call = call.budget(Budget::Directory).priority(Priority::Person);
    let response = if renews { graph.send(call).await? } else { graph.send_once(call).await? };
    let read: WireStanding = wire::object(&response.body).map_err(|what| response.unreadable(what))?;
    Ok(Standing { is_synchronised: read.is_synchronised() })
}

/// What the licences of the account in use say about a mailbox.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send_once`]; often a refusal, for not everybody may read them.
pub async fn licence(graph: &Graph) -> Result<Licence, GraphError> {
    let call = Call::get(&["me", "licenseDetails"]).budget(Budget::Directory).priority(Priority::Person);
    let response = graph.send_once(call).await?;
    let read: WireLicences = wire::object(&response.body).map_err(|what| response.unreadable(what))?;
    Ok(read.licence())
}

/// Whether a part of a mailbox can be read: the own one, or that of `whose`.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send_once`].
pub async fn open(graph: &Graph, whose: Option<&str>, part: Part) -> Result<(), GraphError> {
    let mut segments = match whose {
        Some(address) => vec!["users", address],
        None => vec!["me"],
    };
    segments.extend(match part {
        Part::Inbox => ["mailFolders", "inbox"].as_slice(),
        Part::Calendar => ["calendar"].as_slice(),
    });
    graph.send_once(Call::get(&segments).select("id").priority(Priority::Person)).await.map(drop)
}
