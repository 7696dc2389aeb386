//! Data tables: columns with light rules; too many columns for the width become a list of cells.

use super::layout::{Piece, quiet, wrap};
use crate::base::text;
use crate::domain::styled::StyledRun;

/// A column is never narrower.
const LEAST_COLUMN: usize = 6;
const SEPARATOR: &str = " │ ";
const CROSSING: &str = "─┼─";

type Lines = Vec<Vec<StyledRun>>;

/// The table in lines of at most `width` columns.
pub(super) fn set(rows: &[Vec<Vec<Piece>>], has_header: bool, width: usize) -> Lines {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let separators = columns.saturating_sub(1) * text::width(SEPARATOR);
    if columns == 0 {
        return Vec::new();
    }
    if separators + columns * LEAST_COLUMN > width {
        return rows.iter().flat_map(|row| as_list(row, width)).collect();
    }
    let widths = column_widths(rows, columns, width - separators);
    let mut lines = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        set_row(row, &widths, &mut lines);
        if index == 0 && has_header && rows.len() > 1 {
            let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
            lines.push(vec![quiet(rule.join(CROSSING))]);
        }
    }
    lines
}

/// The cells of a row below each other.
fn as_list(row: &[Vec<Piece>], width: usize) -> Lines {
    let mut lines: Lines =
        row.iter().flat_map(|cell| wrap(cell, width, false)).filter(|line| !line.is_empty()).collect();
    lines.push(Vec::new());
    lines
}

/// What each column would like, the widest cut down until all fit.
fn column_widths(rows: &[Vec<Vec<Piece>>], columns: usize, room: usize) -> Vec<usize> {
    let mut widths = vec![1; columns];
    for row in rows {
        for (cell, wanted) in row.iter().zip(&mut widths) {
            let plain: String = cell.iter().map(|piece| piece.text.as_str()).collect();
            let longest = plain.lines().map(text::width).max().unwrap_or(0);
            *wanted = (*wanted).max(longest.min(room));
        }
    }
    while widths.iter().sum::<usize>() > room {
        let widest = widths.iter().copied().max().unwrap_or(0);
        let below =
            widths.iter().copied().filter(|width| *width < widest).max().unwrap_or(LEAST_COLUMN).max(LEAST_COLUMN);
        let excess = widths.iter().sum::<usize>() - room;
        let sharing = widths.iter().filter(|width| **width == widest).count();
        let cut = (excess.div_ceil(sharing)).min(widest.saturating_sub(below)).max(1);
        for width in widths.iter_mut().filter(|width| **width == widest) {
            *width = width.saturating_sub(cut).max(1);
        }
    }
    widths
}

fn set_row(row: &[Vec<Piece>], widths: &[usize], lines: &mut Lines) {
    let empty = Vec::new();
    let cells: Vec<Lines> =
        widths.iter().enumerate().map(|(index, width)| wrap(row.get(index).unwrap_or(&empty), *width, false)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    for index in 0..height {
        let mut line: Vec<StyledRun> = Vec::new();
        for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
            if column > 0 {
                line.push(quiet(SEPARATOR.to_owned()));
            }
            let runs = cell.get(index).cloned().unwrap_or_default();
            let used: usize = runs.iter().map(|run| text::width(&run.text)).sum();
            line.extend(runs);
            let is_last = column + 1 == widths.len();
            if used < *width && !is_last {
                line.push(quiet(" ".repeat(width - used)));
            }
        }
        lines.push(line);
    }
}
