//! A second opinion: what the service itself suggests, on a page of its own.
//!
//! Must stay true: its reasons stand there as it gave them, and nothing of it is mixed with our suggestions; it opens over nothing but the
//! view in which it was asked for.

use super::FindTime;
use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::meeting_times::Opinion;
use crate::domain::request::{Answer, Request};
use crate::domain::time::{Span, Zone, clock_time, long_date, wall_time};
use crate::state::event::Ticket;
use crate::state::page::{Page, PageLine};
use crate::state::surface::{Step, Turn, View};
use crate::state::when;

impl FindTime {
    /// Asks the service when it would meet, within the time shown.
    pub fn ask_opinion(&mut self, turn: &mut Turn<'_>) {
        if let Some(report) = turn.session.closed(Feature::MeetingTimes) {
            return turn.step(Step::Problem(report));
        }
        let Some(window) = self.window(turn.zone) else { return };
        let window = Span { start: window.start.max(turn.now), ..window };
        let addresses = |is_required: bool| {
            let meant = self.participants.iter().filter(move |each| !each.is_me && each.is_required == is_required);
            meant.map(|each| each.recipient.address.clone()).collect::<Vec<_>>()
        };
        let (required, optional) = (addresses(true), addresses(false));
        if required.is_empty() && optional.is_empty() || window.start >= window.end {
            return turn.tell("Add somebody first; then the service can be asked as well.");
        }
        self.opinion.ask(Request::SecondOpinion { required, optional, window, minutes: self.length }, turn);
    }

    pub(super) fn take_opinion(
        &mut self,
        ticket: Ticket,
        result: &Result<Answer, Report>,
        turn: &mut Turn<'_>,
    ) -> bool {
        let is_taken = self.opinion.take(ticket, result, |answer| match answer {
            Answer::SecondOpinion(opinion) => Some((**opinion).clone()),
            _ => None,
        });
        if !is_taken {
            return false;
        }
        match (self.opinion.problem(), self.opinion.value()) {
            (Some(report), _) => {
                let step = Box::new(Step::Problem(report.clone()));
                turn.step(Step::IfShown(View::FindTime, step, report.what.clone()));
            }
            (None, Some(opinion)) => {
                let step = Box::new(Step::Page(Box::new(self.page(opinion, turn.zone))));
                let otherwise = "The second opinion has come; O in Find time asks for it again.".to_owned();
                turn.step(Step::IfShown(View::FindTime, step, otherwise));
            }
            (None, None) => {}
        }
        true
    }

    fn page(&self, opinion: &Opinion, zone: &Zone) -> Page {
        let rules = when::rules(zone);
        let clock = |at| clock_time(at, &rules);
        let mut lines = vec![
            PageLine::Text(
                "These times and reasons are Microsoft 365's own, in its own words. Ours stand in the view and are \
                 found in another way; the two are not mixed."
                    .to_owned(),
            ),
            PageLine::Blank,
        ];
        if opinion.slots.is_empty() {
            lines.push(PageLine::Text("It suggests no time. Its word for why:".to_owned()));
            let word = if opinion.empty_reason.is_empty() { "(it gives none)" } else { &opinion.empty_reason };
            lines.push(PageLine::Verbatim(word.to_owned()));
        }
        for slot in &opinion.slots {
            let day = long_date(wall_time(slot.span.start, &rules).date());
            let sure = slot.confidence.map_or_else(String::new, |percent| format!("   confidence {percent} %"));
            lines.push(PageLine::Title(format!("{day}  {}-{}{sure}", clock(slot.span.start), clock(slot.span.end))));
            if !slot.reason.is_empty() {
                lines.push(PageLine::Text(format!("\u{201c}{}\u{201d}", slot.reason)));
            }
            let of = |(address, word): &(String, String)| format!("{}: {word}", self.label_of(address));
            let states: Vec<String> = slot.attendees.iter().map(of).collect();
            if !states.is_empty() {
                lines.push(PageLine::Text(states.join(", ")));
            }
            lines.push(PageLine::Blank);
        }
        lines.push(PageLine::Text(format!("Times in {}. As of {}.", zone.name, clock(opinion.as_of))));
        let copied: Vec<&str> = lines
            .iter()
            .map(|line| match line {
                PageLine::Title(text) | PageLine::Text(text) | PageLine::Verbatim(text) => text.as_str(),
                _ => "",
            })
            .collect();
        let copied = copied.join("\n");
        Page::of("Second opinion: Microsoft 365's own suggestions".to_owned(), lines, copied)
    }

    fn label_of<'a>(&'a self, address: &'a str) -> &'a str {
        let known = self.participants.iter().find(|each| each.recipient.address.eq_ignore_ascii_case(address));
        known.map_or(address, |each| each.recipient.label())
    }
}
