//! The mouse does what keys do, over what the last frame shows.

use crate::support::stage::Stage;
use std::time::Duration;

#[tokio::test]
async fn views_rows_and_hints_can_be_clicked() {
    let mut stage = Stage::new().await;
    let (column, row) = stage.find("2 Mail");
    stage.click(column, row).await;
    stage.sees("─ Folders ─");
    let (column, row) = stage.find("Build Bot");
    stage.click(column, row).await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("4 211 tests");
    let (column, row) = stage.find("Northwind");
    stage.click(column, row).await;
    stage.click(column, row).await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("─ Northwind ─");
    let (column, row) = stage.find(": commands");
    stage.click(column, row).await;
    stage.sees("─ Commands ─");
    stage.press("Esc 3 z a").await;
    let (column, row) = stage.find("Budget review Q1");
    stage.click(column, row).await;
    assert_eq!(stage.cursor().1, row, "the clicked event is chosen");
    // A click on nothing does nothing.
    let before = stage.text();
    stage.click(119, 38).await;
    assert_eq!(stage.text(), before);
}
