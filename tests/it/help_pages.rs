//! The pages of the help, in the terminal and inside the program.

use crate::support::program::{program, ran};
use crate::support::stage::Stage;
use deskbell::domain::pages::PAGES;

#[test]
fn every_page_can_be_read_in_eighty_columns() {
    let home = tempfile::tempdir().unwrap();
    for page in PAGES {
        let mut command = program(home.path());
        command.args(["--home", home.path().to_str().unwrap(), "help", page.name]).env("COLUMNS", "80");
        let read = ran(command);
        assert_eq!((read.code, read.err.as_str()), (0, ""), "{}", page.name);
        assert!(read.out.starts_with(&page.title().to_uppercase()), "{}", read.out);
        for line in read.out.lines() {
            assert!(line.chars().count() <= 80, "{}: {line}", page.name);
        }
    }
}

#[tokio::test]
async fn every_page_opens_from_the_palette_and_is_read_to_its_end() {
    let mut stage = Stage::sized(80, 24).await;
    for page in PAGES {
        stage.press(":").await;
        stage.type_text(&format!("Read: {}", page.title())).await;
        stage.press("Enter").await;
        stage.sees(page.title());
        let last = page.text.trim_end().lines().last().unwrap().replace('`', "");
        let last_word = last.split_whitespace().last().unwrap().to_owned();
        stage.press("G").await;
        stage.sees(&last_word);
        stage.press("Esc").await;
    }
}
