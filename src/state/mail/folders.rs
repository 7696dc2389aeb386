//! The folder tree: which folder the cursor is on. The tree itself is shared and lives in the session.

use crate::domain::mail::{Folder, FolderId};
use crate::state::surface::Motion;

/// The cursor in the folder tree.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    /// The folder under the cursor.
    pub cursor: Option<FolderId>,
}

/// A folder with its depth in the tree, from 0.
#[derive(Clone, Copy, Debug)]
pub struct Branch<'a> {
    /// The folder.
    pub folder: &'a Folder,
    /// How many folders lie above it.
    pub depth: usize,
}

/// The folders that are shown, in order, with their depth. Hidden ones are left out.
#[must_use]
pub fn branches(folders: &[Folder]) -> Vec<Branch<'_>> {
    let mut branches: Vec<Branch<'_>> = Vec::with_capacity(folders.len());
    for folder in folders.iter().filter(|folder| !folder.hidden) {
        let depth = folder
            .parent
            .as_ref()
            .and_then(|parent| branches.iter().find(|branch| branch.folder.id == *parent))
            .map_or(0, |parent| parent.depth + 1);
        branches.push(Branch { folder, depth });
    }
    branches
}

impl Folders {
    /// Moves the cursor.
    pub fn motion(&mut self, motion: Motion, folders: &[Folder]) {
        let branches = branches(folders);
        let Some(last) = branches.len().checked_sub(1) else { return };
        let at = branches.iter().position(|branch| Some(&branch.folder.id) == self.cursor.as_ref()).unwrap_or(0);
        let to = match motion {
            Motion::Next => at + 1,
            Motion::Previous => at.saturating_sub(1),
            Motion::HalfPageDown | Motion::PageDown => at + 10,
            Motion::HalfPageUp | Motion::PageUp => at.saturating_sub(10),
            Motion::First => 0,
            Motion::Last => last,
            _ => at,
        };
        self.cursor = branches.get(to.min(last)).map(|branch| branch.folder.id.clone());
    }
}
