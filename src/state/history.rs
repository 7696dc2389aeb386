//! One history for the whole program: `H` goes back, `L` forward.

use crate::state::surface::View;

/// More steps than this are forgotten, the oldest first.
const LONGEST: usize = 64;

/// The views that were visited, and where we stand among them.
#[derive(Clone, Debug)]
pub struct History {
    visited: Vec<View>,
    at: usize,
}

impl History {
    /// A history that begins at `view`.
    #[must_use]
    pub fn starting_at(view: View) -> Self {
        Self { visited: vec![view], at: 0 }
    }

    /// Notes that `view` came on the screen by another way than back or forward.
    pub fn visit(&mut self, view: View) {
        if self.visited.get(self.at) == Some(&view) {
            return;
        }
        self.visited.truncate(self.at + 1);
        self.visited.push(view);
        if self.visited.len() > LONGEST {
            self.visited.remove(0);
        }
        self.at = self.visited.len() - 1;
    }

    /// Steps back; `None` at the beginning.
    pub fn back(&mut self) -> Option<View> {
        self.at = self.at.checked_sub(1)?;
        self.visited.get(self.at).copied()
    }

    /// Steps forward; `None` at the end.
    pub fn forward(&mut self) -> Option<View> {
        let view = self.visited.get(self.at + 1).copied()?;
        self.at += 1;
        Some(view)
    }
}
