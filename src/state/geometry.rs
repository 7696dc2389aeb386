//! Cells and sizes: how the screen is divided, as far as the state has to know it.
//!
//! Paging needs to know how many rows a pane has, and a body is asked for at the width of its pane, so the division of the
//! screen is a pure function here and the view draws into what it returns. Deliberately absent: everything that is only
//! about looks (columns, paddings, frames of overlays).

/// A size in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// Below this the screen only asks for more room.
pub const SMALLEST: Size = Size { width: 60, height: 16 };

/// A rectangle of cells, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Left column.
    pub x: u16,
    /// Top row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// An area at (`x`, `y`).
    #[must_use]
    pub const fn new(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self { x, y, width, height }
    }

    /// The column after the last.
    #[must_use]
    pub const fn right(&self) -> u16 {
        self.x.saturating_add(self.width)
    }

    /// The row after the last.
    #[must_use]
    pub const fn bottom(&self) -> u16 {
        self.y.saturating_add(self.height)
    }

    /// Whether nothing fits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Whether the cell lies inside.
    #[must_use]
    pub const fn contains(&self, x: u16, y: u16) -> bool {
        x >= self.x && x < self.right() && y >= self.y && y < self.bottom()
    }

    /// The first `rows` rows, and what is left below them.
    #[must_use]
    pub fn split_top(self, rows: u16) -> (Self, Self) {
        let rows = rows.min(self.height);
        let top = Self { height: rows, ..self };
        let rest = Self { y: self.y + rows, height: self.height - rows, ..self };
        (top, rest)
    }

    /// What is left above, and the last `rows` rows.
    #[must_use]
    pub fn split_bottom(self, rows: u16) -> (Self, Self) {
        let rows = rows.min(self.height);
        self.split_top(self.height - rows)
    }

    /// The first `columns` columns, and what is left of them at the right.
    #[must_use]
    pub fn split_left(self, columns: u16) -> (Self, Self) {
        let columns = columns.min(self.width);
        let left = Self { width: columns, ..self };
        let rest = Self { x: self.x + columns, width: self.width - columns, ..self };
        (left, rest)
    }

    /// The area without `columns` at each side and `rows` above and below.
    #[must_use]
    pub fn inside(self, columns: u16, rows: u16) -> Self {
        Self {
            x: self.x.saturating_add(columns.min(self.width)),
            y: self.y.saturating_add(rows.min(self.height)),
            width: self.width.saturating_sub(columns.saturating_mul(2)),
            height: self.height.saturating_sub(rows.saturating_mul(2)),
        }
    }

    /// An area of at most `width` by `height` in the middle of this one.
    #[must_use]
    pub fn centred(self, width: u16, height: u16) -> Self {
        let width = width.min(self.width);
        let height = height.min(self.height);
        Self { x: self.x + (self.width - width) / 2, y: self.y + (self.height - height) / 2, width, height }
    }
}

/// How many panes the width allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Below 60×16: only a notice.
    TooSmall,
    /// Below 80 columns.
    OnePane,
    /// 80 to 99 columns: list above reader.
    Stacked,
    /// 100 to 119 columns: list and reader beside each other.
    Beside,
    /// From 120 columns.
    ThreePanes,
}

/// The shape for a size.
#[must_use]
pub const fn shape(size: Size) -> Shape {
    if size.width < SMALLEST.width || size.height < SMALLEST.height {
        return Shape::TooSmall;
    }
    match size.width {
        0..=79 => Shape::OnePane,
        80..=99 => Shape::Stacked,
        100..=119 => Shape::Beside,
        _ => Shape::ThreePanes,
    }
}

/// The rows of the screen, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Views, who, where and when.
    pub header: Area,
    /// The calm line about being offline, or the progress of the first sync; no rows when there is nothing to say.
    pub banner: Area,
    /// The view. Its first row is the rule that carries the titles of the panes.
    pub body: Area,
    /// What happens and how old it is.
    pub status: Area,
    /// The likely keys; no rows below a height of 24.
    pub hints: Area,
}

/// Divides the screen.
#[must_use]
pub fn screen(size: Size, banner_rows: u16) -> Screen {
    let whole = Area::new(0, 0, size.width, size.height);
    let (header, rest) = whole.split_top(1);
    let (banner, rest) = rest.split_top(banner_rows);
    let (rest, hints) = rest.split_bottom(u16::from(size.height >= 24));
    let (body, status) = rest.split_bottom(1);
    Screen { header, banner, body, status, hints }
}
