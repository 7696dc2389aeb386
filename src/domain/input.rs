//! Keys and the mouse, in our own words; `app` translates the terminal's.

/// A key without its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyCode {
    /// A character, with shift already applied.
    Char(char),
    /// Function key 1 to 12.
    F(u8),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// Arrow with shift; where it means nothing of its own it is the arrow.
    ShiftLeft,
    /// The same to the right.
    ShiftRight,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

/// A key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// With control.
    pub ctrl: bool,
    /// With alt.
    pub alt: bool,
}

impl Key {
    /// A key without modifiers.
    #[must_use]
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// The same key without shift.
    #[must_use]
    pub const fn unshifted(self) -> Self {
        let code = match self.code {
            KeyCode::ShiftLeft => KeyCode::Left,
            KeyCode::ShiftRight => KeyCode::Right,
            code => code,
        };
        Self { code, ..self }
    }
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseKind {
    /// Left button pressed.
    Press,
    /// Moved with the button held.
    Drag,
    /// Left button released.
    Release,
    /// Wheel towards the top.
    WheelUp,
    /// Wheel towards the bottom.
    WheelDown,
}

/// A mouse event at a cell, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub kind: MouseKind,
    /// Column.
    pub column: u16,
    /// Row.
    pub row: u16,
}
