//! Changes in words: one by one for the outbox, together for whoever made them.

use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use crate::domain::event_draft::AutomaticRepliesState;
use crate::domain::intent::{Intent, InvitationAnswer, MoveTarget, Trouble};
use crate::domain::mail::FolderRole;

/// What a change is about, as far as it has a name.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// The subject of the message, the draft or the event.
    pub(super) subject: String,
    /// The name of the folder it goes to.
    pub(super) folder: String,
}

fn quoted(subject: &str) -> String {
    let subject = tame(subject);
    let subject = subject.trim();
    if subject.is_empty() {
        return "(no subject)".to_owned();
    }
    let short: String = subject.chars().take(60).collect();
    if short.len() < subject.len() { format!("\"{short}…\"") } else { format!("\"{short}\"") }
}

/// A change as it stands in the outbox.
pub(super) fn one(intent: &Intent, names: &Names) -> String {
    let about = quoted(&names.subject);
    match intent {
        Intent::MarkRead { is_read: true, .. } => format!("Mark {about} as read"),
        Intent::MarkRead { is_read: false, .. } => format!("Mark {about} as unread"),
        Intent::Flag { is_flagged: true, .. } => format!("Flag {about}"),
        Intent::Flag { is_flagged: false, .. } => format!("Take the flag off {about}"),
        Intent::Categorise { .. } => format!("Categorise {about}"),
        Intent::Move { to: MoveTarget::Role(FolderRole::Archive), .. } => format!("Archive {about}"),
        Intent::Move { to: MoveTarget::Role(FolderRole::Deleted), .. } => format!("Delete {about}"),
        Intent::Move { .. } => format!("Move {about} to {}", folder(names)),
        Intent::DeleteForEver { .. } => format!("Delete {about} for ever"),
        Intent::Send { .. } => format!("Send {about}"),
        Intent::KeepDraft { .. } => format!("Keep {about} in Drafts"),
        Intent::DiscardDraft { .. } => format!("Throw away {about}"),
        Intent::CreateEvent { .. } => format!("Put {about} into the calendar"),
        Intent::UpdateEvent { series: true, .. } => format!("Change all of {about}"),
        Intent::UpdateEvent { .. } => format!("Change {about}"),
        Intent::DeleteEvent { series: true, .. } => format!("Remove all of {about}"),
        Intent::DeleteEvent { .. } => format!("Remove {about} from the calendar"),
        Intent::Respond { answer, .. } => match answer {
            InvitationAnswer::Accept => format!("Accept {about}"),
            InvitationAnswer::Tentative => format!("Answer {about} with perhaps"),
            InvitationAnswer::Decline => format!("Decline {about}"),
        },
        Intent::AutomaticReplies(setting) => match setting.state {
            AutomaticRepliesState::Off => "Turn automatic replies off".to_owned(),
            AutomaticRepliesState::On => "Turn automatic replies on".to_owned(),
            AutomaticRepliesState::Scheduled(_) => "Schedule automatic replies".to_owned(),
        },
        Intent::WorkingTime(_) => "Change working hours and zone".to_owned(),
        Intent::Presence(Some(chosen)) => format!("Show as \"{}\"", chosen.choice.words()),
        Intent::Presence(None) => "Show the presence as it is".to_owned(),
        Intent::StatusNote(note) if note.text.is_empty() => "Take the status message away".to_owned(),
        Intent::StatusNote(note) => format!("Set the status message {}", quoted(&note.text)),
    }
}

fn folder(names: &Names) -> String {
    if names.folder.is_empty() { "another folder".to_owned() } else { tame(&names.folder).trim().to_owned() }
}

/// Changes made together, as a sentence of what happened. `is_held`: it can still be stopped.
pub(super) fn together(intents: &[(&Intent, &Names)], is_held: bool) -> String {
    let Some((first, names)) = intents.first() else { return "Nothing changed.".to_owned() };
    let same =
        |other: &Intent| std::mem::discriminant(*first) == std::mem::discriminant(other) && ways(first) == ways(other);
    if !intents.iter().all(|(intent, _)| same(intent)) {
        return format!("Changed {} things.", intents.len());
    }
    let what = if intents.len() == 1 { quoted(&names.subject) } else { String::new() };
    let messages = if intents.len() == 1 { what.clone() } else { format!("{} messages", intents.len()) };
    let events = if intents.len() == 1 { what } else { format!("{} events", intents.len()) };
    match first {
        Intent::MarkRead { is_read: true, .. } => format!("Marked {messages} as read."),
        Intent::MarkRead { is_read: false, .. } => format!("Marked {messages} as unread."),
        Intent::Flag { is_flagged: true, .. } => format!("Flagged {messages}."),
        Intent::Flag { is_flagged: false, .. } => format!("Took the flag off {messages}."),
        Intent::Categorise { .. } => format!("Categorised {messages}."),
        Intent::Move { to: MoveTarget::Role(FolderRole::Archive), .. } => format!("Archived {messages}."),
        Intent::Move { to: MoveTarget::Role(FolderRole::Deleted), .. } => format!("Deleted {messages}."),
        Intent::Move { .. } => format!("Moved {messages} to {}.", folder(names)),
        Intent::DeleteForEver { .. } if is_held => format!("Deleting {messages} for ever."),
        Intent::DeleteForEver { .. } => format!("Deleted {messages} for ever."),
        Intent::Send { .. } if is_held => format!("Sending {messages}."),
        Intent::Send { .. } => format!("{messages} is on its way."),
        Intent::KeepDraft { .. } => "The draft is kept.".to_owned(),
        Intent::DiscardDraft { .. } => format!("Threw away {messages}."),
        Intent::CreateEvent { .. } => format!("Put {events} into the calendar."),
        Intent::UpdateEvent { .. } => format!("Changed {events}."),
        Intent::DeleteEvent { .. } => format!("Removed {events} from the calendar."),
        Intent::Respond { answer, .. } => match answer {
            InvitationAnswer::Accept => format!("Accepted {events}."),
            InvitationAnswer::Tentative => format!("Answered {events} with perhaps."),
            InvitationAnswer::Decline => format!("Declined {events}."),
        },
        Intent::AutomaticReplies(setting) => match setting.state {
            AutomaticRepliesState::Off => "Automatic replies are off.".to_owned(),
            AutomaticRepliesState::On => "Automatic replies are on.".to_owned(),
            AutomaticRepliesState::Scheduled(_) => "Automatic replies are scheduled.".to_owned(),
        },
        Intent::WorkingTime(_) => "Changed working hours and zone.".to_owned(),
        Intent::Presence(Some(chosen)) => format!("You are shown as \"{}\".", chosen.choice.words()),
        Intent::Presence(None) => "Your presence is shown as it is.".to_owned(),
        Intent::StatusNote(note) if note.text.is_empty() => "Took the status message away.".to_owned(),
        Intent::StatusNote(_) => "Set the status message.".to_owned(),
    }
}

/// What makes two changes of one sort different in words.
fn ways(intent: &Intent) -> String {
    match intent {
        Intent::MarkRead { is_read, .. } => is_read.to_string(),
        Intent::Flag { is_flagged, .. } => is_flagged.to_string(),
        Intent::Move { to, .. } => format!("{to:?}"),
        Intent::Respond { answer, .. } => format!("{answer:?}"),
        _ => String::new(),
    }
}

/// Why a change stays, when the service said no more than that.
pub(super) fn trouble(trouble: Trouble, intent: &Intent, heard: Option<Report>) -> Report {
    let what = "This change was not made.";
    match trouble {
        Trouble::Gone if matches!(intent, Intent::Send { .. } | Intent::KeepDraft { .. }) => {
            let what = if matches!(intent, Intent::Send { .. }) {
                "What you wrote was not sent."
            } else {
                "What you wrote was not kept in Drafts."
            };
            Report::new(Kind::Failure, "gone", what)
                .because("The draft is no longer there: it was sent or deleted elsewhere meanwhile.")
                .next("Take this back: what you wrote stays here as a draft of its own, without the files that hung on the other.")
        }
        Trouble::Gone => Report::new(Kind::Failure, "gone", what)
            .because("What it changes is gone: it was moved away or deleted elsewhere.")
            .next("Take the change back; there is nothing left to change."),
        Trouble::ChangedElsewhere => Report::new(Kind::Failure, "changedElsewhere", what)
            .because("Somebody changed the same meanwhile, you on another device perhaps.")
            .next("Keep yours: it is written over the other.")
            .next("Keep theirs: yours is given up."),
        Trouble::Unclear if matches!(intent, Intent::Send { .. }) => {
            Report::new(Kind::Failure, "unclear", "Nobody can tell whether this message was sent.")
                .because("The connection broke while it was being sent, and no trace of it is seen in the mailbox.")
                .next("Look in Sent Items or ask who should have got it.")
                .next("Take it back to make it a draft again, or keep yours to send it once more.")
        }
        Trouble::Unclear => Report::new(Kind::Failure, "unclear", "Nobody can tell whether this change was made.")
            .because("The connection broke while it was being made, and what is there looks the same either way.")
            .next("Take it back if it was made, or keep yours to make it again."),
        Trouble::Refused => match heard {
            Some(report) => report,
            None => Report::new(Kind::Failure, "refused", what)
                .because("Microsoft 365 refused it.")
                .next("Try again, or take it back."),
        },
    }
}

/// Why this cannot be undone.
pub(super) fn cannot_undo(intent: &Intent) -> Report {
    let (what, next) = match intent {
        Intent::Send { .. } => ("It has been sent.", "Write another message that puts it right."),
        Intent::Respond { .. } => ("The answer has been sent.", "Answer again; the organizer sees the last answer."),
        Intent::DeleteForEver { .. } => ("It is gone for ever.", "An administrator may still have a copy."),
        Intent::DeleteEvent { .. } => ("Those who were invited have been told.", "Invite them anew."),
        Intent::UpdateEvent { change, .. } if !change.is_seen() => {
            ("What stood there before is not kept here.", "Change the event once more.")
        }
        Intent::CreateEvent { .. } | Intent::UpdateEvent { .. } => {
            ("Those who are invited have been told.", "Change or remove the event; they are told again.")
        }
        _ => ("Nobody knows how it was before.", "Change it by hand."),
    };
    Report::new(Kind::Failure, "cannotUndo", "This cannot be undone.").because(what).next(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mail::MessageId;

    #[test]
    fn changes_made_together_are_one_sentence() {
        let archive =
            |id: &str| Intent::Move { message: MessageId(id.to_owned()), to: MoveTarget::Role(FolderRole::Archive) };
        let names = Names { subject: "Lunch\u{1b}[2J?".to_owned(), folder: String::new() };
        let (one_of, two) = (archive("a"), archive("b"));
        assert_eq!(together(&[(&one_of, &names)], false), format!("Archived {}.", quoted(&names.subject)));
        assert!(!together(&[(&one_of, &names)], false).contains('\u{1b}'));
        assert_eq!(together(&[(&one_of, &names), (&two, &names)], false), "Archived 2 messages.");
        let read = Intent::MarkRead { message: MessageId("c".to_owned()), is_read: true };
        assert_eq!(together(&[(&one_of, &names), (&read, &names)], false), "Changed 2 things.");
        assert_eq!(one(&read, &Names::default()), "Mark (no subject) as read");
    }
}
