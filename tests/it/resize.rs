//! Every view at every size: nothing breaks, the selection stays, and below 60×16 a notice asks for room.

use crate::support::stage::Stage;
use std::time::Duration;

#[tokio::test]
async fn every_view_survives_every_size() {
    let mut stage = Stage::sized(200, 60).await;
    for view in ["1", "2", "2 Enter", "3", "3 z d", "3 z a", "4 Esc", "6", ":", "Esc ?"] {
        stage.press(view).await;
        // Until whoever came into sight has been asked about.
        stage.advance(Duration::from_secs(1)).await;
        let shown = stage.text();
        let sizes = (40..=200_u16).rev().step_by(7).map(|width| (width, (width * 3 / 10).max(10)));
        for (width, height) in
            sizes.clone().chain(sizes.rev()).chain([(200, 10), (40, 60), (60, 16), (59, 16), (60, 15)])
        {
            stage.resize(width, height).await;
            let lines = stage.lines();
            assert_eq!(lines.len(), usize::from(height));
            let is_small = width < 60 || height < 16;
            let asks = stage.text().contains("This needs at least 60 columns");
            assert_eq!(asks, is_small, "{view} at {width}×{height}:\n{}", stage.text());
            let (column, row) = stage.cursor();
            assert!(column < width && row < height, "the cursor is inside");
        }
        stage.resize(200, 60).await;
        stage.advance(Duration::from_millis(300)).await;
        assert_eq!(stage.text(), shown, "{view} is as it was");
        stage.press("Esc Esc").await;
    }
}
