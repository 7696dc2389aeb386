//! A newcomer in front of the demo, with nothing but the keys that the screen names.

use crate::support::stage::Stage;

#[tokio::test]
async fn the_demo_opens_on_a_filled_home_screen() {
    let mut stage = Stage::new().await;
    stage.sees("lena@contoso.com");
    stage.sees("Inbox");
    stage.sees("Today");
    eprintln!("{}", stage.text());
}
