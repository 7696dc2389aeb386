//! Meeting mail: invitations, cancellations and answers, as the calendar sends them.
//!
//! They are there at once: what the calendar does is not handed in by a client.

use super::content::{Address, Content, Importance, Kind, Meeting, Text};
use super::{instant, under_way};
use crate::sim::world::World;

/// What a meeting mail says.
pub struct Note<'a> {
    /// What kind it is.
    pub kind: Kind,
    /// Subject with its prefix.
    pub subject: String,
    /// HTML.
    pub body: String,
    /// The meeting.
    pub meeting: Meeting,
    /// Who sends it.
    pub from: &'a Address,
}

/// Puts a meeting mail into the inbox of everybody in `to` who has one here, and into the sender's Sent Items.
pub fn tell(world: &mut World, to: &[Address], note: Note<'_>) {
    if to.is_empty() {
        return;
    }
    let now = instant(world.now());
    let mut content = Content::empty(now);
    content.subject = note.subject;
    content.from = Some(note.from.clone());
    content.sender = Some(note.from.clone());
    content.to = to.to_vec();
    content.text = Text::Html(note.body);
    content.kind = note.kind;
    content.meeting = Some(note.meeting);
    content.internet_id = format!("<{}@contoso.com>", world.ids.guid());
    content.conversation = u64::from(super::ids::number_of(&content.internet_id)) << 16;
    let smtp = note.from.address.clone().unwrap_or_default();
    let homes = to.iter().map(|one| (one.address.clone().unwrap_or_default(), "inbox", false));
    for (address, folder, read) in homes.chain([(smtp, "sentitems", true)]) {
        let Some(mailbox) = world.mail.find(&address).and_then(|at| world.mail.get_mut(at)) else { continue };
        let Some(folder) = mailbox.well_known(folder) else { continue };
        under_way::put(mailbox, content.clone(), now, folder, read, Importance::Normal);
    }
}
