//! Groups of people: in the configuration, of the directory, and wherever people are typed.

use crate::support::stage::{Stage, StageOptions};
use deskbell::config::{parse_user_config, set_group};
use deskbell::domain::group::GroupRef;
use deskbell::domain::mail::Recipient;
use deskbell::domain::recipients::parse_one;
use deskbell::domain::request::{Answer, Request};
use std::time::Duration;

fn people(texts: &[&str]) -> Vec<Recipient> {
    texts.iter().map(|text| parse_one(text).expect("an address")).collect()
}

#[test]
fn groups_are_read_with_their_mistakes_places() {
    let file = "[groups]\n\"Contracts team\" = [\"Ana Ruiz <ana@contoso.com>\", \"eva@contoso.com\", \"ANA@contoso.com\"]\nlegal = \"ana@contoso.com\"\n\"a@b\" = []\nmixed = [\"ben@contoso.com\", \"nobody\", 7]\n";
    let loaded = parse_user_config("config.toml", file);
    let told: Vec<String> = loaded.problems.iter().map(deskbell::base::report::Report::as_text).collect();
    for (needle, line) in
        [("list of addresses", 3), ("cannot be a group's name", 4), ("no address of the group \"mixed\"", 5)]
    {
        assert!(told.iter().any(|text| text.contains(needle) && text.contains(&format!("line {line}"))), "{told:#?}");
    }
    assert_eq!(told.len(), 4, "{told:#?}");
    let groups: Vec<(&str, usize)> =
        loaded.config.groups.iter().map(|group| (group.name.as_str(), group.people.len())).collect();
    assert_eq!(groups, [("Contracts team", 2), ("mixed", 1)]);
    assert_eq!(loaded.config.groups[0].people[0].name, "Ana Ruiz");
}

#[test]
fn a_group_is_written_and_everything_else_stays() {
    let start = "# mine\n[look]\ntheme = \"dark\" # at night\n";
    let saved = set_group(start, "Contracts team", &people(&["Ana Ruiz <ana@x.org>", "eva@x.org"])).unwrap();
    assert_eq!(saved, format!("{start}\n[groups]\n\"Contracts team\" = [\"Ana Ruiz <ana@x.org>\", \"eva@x.org\"]\n"));
    // A second one goes below the header; the first loses nobody.
    let both = set_group(&saved, "Sales.EMEA", &people(&["ben@x.org"])).unwrap();
    assert!(both.contains("[groups]\n\"Sales.EMEA\" = [\"ben@x.org\"]\n\"Contracts team\" = [\"Ana"), "{both}");
    // Without people it goes, also under another case.
    assert_eq!(set_group(&both, "sales.emea", &[]).unwrap(), saved);
    assert_eq!(set_group(&saved, "Nobody's", &[]).unwrap(), saved);
    assert!(set_group(&saved, "a@b", &people(&["a@x.org"])).is_err());
    assert!(set_group("[groups\n", "A", &people(&["a@x.org"])).is_err(), "a broken file is left alone");
}

#[test]
fn comments_inside_a_group_stay() {
    let file = "[groups]\nteam = [\n    \"ana@x.org\", # leads\n    # on leave until May\n    \"eva@x.org\",\n    \"tom@x.org\", # new\n] # the team\n";
    let joined = set_group(file, "team", &people(&["ana@x.org", "eva@x.org", "tom@x.org", "Ben <ben@x.org>"])).unwrap();
    assert!(joined.contains("    \"tom@x.org\",\n    \"Ben <ben@x.org>\", # new\n] # the team"), "{joined}");
    for kept in ["# leads", "# on leave until May"] {
        assert!(joined.contains(kept), "{joined}");
    }
    let left = set_group(file, "team", &people(&["ana@x.org", "tom@x.org"])).unwrap();
    assert_eq!(left, file.replace("    \"eva@x.org\",\n", ""));
    let short = "groups = { a = [\"x@y.org\", \"z@y.org\"] }\n";
    let fewer = set_group(short, "a", &people(&["x@y.org"])).unwrap();
    assert_eq!(fewer, "groups = { a = [\"x@y.org\"] }\n");
}

const CONFIG: &str = "[groups]\n# whom I meet on Mondays\n\"Monday round\" = [\"Ben Okafor <ben@contoso.com>\", \"grace@contoso.com\"]\n[profile.default]\ntiers = [\"calendar\", \"mail\", \"directory\"]\n";

async fn add(stage: &mut Stage, typed: &str) {
    stage.type_text(typed).await;
    stage.advance(Duration::from_millis(500)).await;
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
}

fn file(stage: &Stage) -> String {
    std::fs::read_to_string(stage.engine().setup().places.config_file()).expect("the configuration")
}

#[tokio::test]
async fn a_group_opens_as_its_people_and_people_are_saved_as_a_group() {
    let mut stage = Stage::with(StageOptions { config: CONFIG.to_owned(), ..StageOptions::default() }).await;
    stage.press("4").await;
    stage.type_text("mond").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("group of 2 people");
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("Added the people of Monday round.");
    stage.sees("3 required");
    // A group of the directory: hidden members are counted, contacts are people, groups within are opened.
    add(&mut stage, "contracts team").await;
    stage.sees("1 of Contracts team has no address or is hidden from you.");
    // An address that turns out to be a list's gives way to its people.
    add(&mut stage, "platform@contoso.com").await;
    stage.press("Esc").await;
    for name in
        ["• Ben", "• Grace Kim", "• Ana", "• Eva", "• Fatima", "• Nina", "• Rosa", "• Katya", "• Sita", "13 required"]
    {
        stage.sees(name);
    }
    stage.sees_no("Yousef");
    stage.sees_no("platform@contoso.com");

    // Saved under a name; the file keeps its words.
    stage.press("S").await;
    stage.sees("Save 12 people as a group");
    add(&mut stage, "Everybody I need").await;
    stage.sees("Saved 12 people as Everybody I need.");
    let written = file(&stage);
    assert!(written.contains("# whom I meet on Mondays\n\"Monday round\" = ["), "{written}");
    assert!(written.contains("\"Everybody I need\" = ["), "{written}");
    // The same name again asks first, and no is no.
    stage.press("S").await;
    add(&mut stage, "monday round").await;
    stage.sees("Replace the group Monday round?");
    stage.press("Esc").await;
    assert_eq!(file(&stage), written);
    // Yes is yes, and the same key as for any change takes it back, one after the other.
    stage.press("S").await;
    add(&mut stage, "monday round").await;
    stage.press("y").await;
    stage.sees("Monday round has 12 people now. u undoes.");
    assert_ne!(file(&stage), written);
    stage.press("u").await;
    stage.sees("Monday round is as it was: 2 people.");
    assert_eq!(file(&stage), written);
    stage.press("u").await;
    stage.sees("The group Everybody I need is gone again.");
    assert!(!file(&stage).contains("Everybody I need"), "{}", file(&stage));

    // From a person card into a group and out again.
    stage.press("g p").await;
    add(&mut stage, "chen").await;
    stage.press("a").await;
    stage.sees("Groups of Chen Wei");
    add(&mut stage, "monday").await;
    stage.advance(Duration::from_millis(500)).await;
    let listed = deskbell::config::saved_groups(&stage.engine().setup().places.config_file()).expect("groups");
    let monday = listed.iter().find(|group| group.name == "Monday round").expect("the group");
    assert_eq!(monday.people.len(), 3, "{listed:?}");
    stage.press("a").await;
    stage.sees("is in it");
}

/// Fifty of them are taken, also where they are in groups within it, and it is said.
#[tokio::test]
async fn of_a_large_group_the_first_are_shown_and_it_is_said() {
    let mut stage = Stage::with(StageOptions { config: CONFIG.to_owned(), ..StageOptions::default() }).await;
    stage.tenant.script().world(|world| {
        let mut nested = world.company.groups[2].clone();
        nested.name = "Floors and cellar".to_owned();
        nested.alias = "floors".to_owned();
        nested.id = nested.id.replace("9e03", "9e77");
        nested.members.truncate(1);
        nested.groups = vec!["everybody".to_owned()];
        world.company.groups.push(nested);
    });
    for (key, name) in [("4", "All of Contoso"), ("A", "Floors and cellar")] {
        stage.press(key).await;
        add(&mut stage, name).await;
        stage.press("Esc").await;
        let said = stage.text();
        let (before, _) = said.split_once(" people: the first 50 are shown.").unwrap_or_else(|| panic!("{said}"));
        let count: usize = before.rsplit(' ').next().and_then(|count| count.parse().ok()).expect("how many");
        assert!(count > 50 && before.contains(&format!("{name} has ")), "{said}");
        // Lena is among the first fifty, and stands there once.
        stage.sees("50 required");
    }
}

#[tokio::test]
async fn without_the_permission_groups_of_the_directory_say_so_and_saved_ones_work() {
    let config = "[groups]\npair = [\"ben@contoso.com\", \"ana@contoso.com\"]\n";
    let stage = Stage::with(StageOptions { config: config.to_owned(), ..StageOptions::default() }).await;
    let ask = |name: &str| Request::Members(GroupRef::Named(name.to_owned()));
    let Ok(Answer::Members(pair)) = stage.engine().perform(ask("Pair")).await else { panic!("the saved group") };
    assert_eq!(pair.people.len(), 2);
    let refused = stage.engine().perform(ask("Engineering")).await.expect_err("no permission");
    assert!(refused.why.contains("GroupMember.ReadBasic.All is not granted"), "{refused:?}");
    let rooms = stage.engine().perform(Request::Rooms).await.expect_err("no permission");
    assert!(rooms.why.contains("Place.Read.All is not granted"), "{rooms:?}");
}

#[tokio::test]
async fn a_room_is_looked_for_and_each_slot_names_the_one_it_would_get() {
    let config = "[profile.default]\ntiers = [\"calendar\", \"mail\", \"directory\", \"write\"]\n";
    let mut stage = Stage::with(StageOptions { config: config.to_owned(), ..StageOptions::default() }).await;
    stage.press("4").await;
    for person in ["ben", "ana"] {
        add(&mut stage, person).await;
    }
    stage.press("Esc r").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("A room for the meeting");
    // As many seats as people; of a number that is typed, at least so many.
    stage.sees("Any room in Madrid with 3 seats");
    stage.type_text("madrid 8").await;
    stage.sees("Any room in Madrid with 8 seats");
    stage.sees("2 rooms");
    stage.sees_no("Room 4.02");
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("any room in Madrid with 8 seats");
    let listed = stage.lines().into_iter().find(|line| line.contains(" 3 of 3 ")).expect("a time for all");
    assert!(listed.contains("in Room 4.01") || listed.contains("in Boardroom Retiro"), "{listed}");
    // The meeting is made with the room: invited, and named as the place.
    stage.press("n Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    let room = if listed.contains("Room 4.01") { "Room 4.01" } else { "Boardroom Retiro" };
    stage.sees("New event");
    let named = stage.lines().into_iter().filter(|line| line.contains(room)).count();
    assert!(named >= 2, "among the people and as the place:\n{}", stage.text());
}

#[tokio::test]
async fn the_card_is_walked_up_and_down_and_leads_to_mail_meetings_and_a_message() {
    let config = "[profile.default]\ntiers = [\"calendar\", \"mail\", \"directory\", \"write\"]\n";
    let mut stage = Stage::with(StageOptions { config: config.to_owned(), ..StageOptions::default() }).await;
    stage.press("g p").await;
    add(&mut stage, "ana ruiz").await;
    stage.sees("╭─ Ana Ruiz ─");
    stage.sees("Olga Stern, Chief Operating Officer");
    stage.sees("in the office");
    for report in ["Eva Novak, Senior Counsel", "Fatima Benali", "Together", "1:1 Ana"] {
        stage.sees(report);
    }
    // Up to the manager, down to somebody else who reports to her, and back by the same way.
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("╭─ Olga Stern ─");
    stage.sees("Ingrid Falk");
    stage.press("Backspace").await;
    stage.sees("╭─ Ana Ruiz ─");
    stage.press("Backspace").await;
    stage.sees("╭─ Ana Ruiz ─");
    // A call and its address.
    stage.press("y l").await;
    assert_eq!(stage.copied().as_deref(), Some("https://teams.microsoft.com/l/call/0/0?users=ana@contoso.com"));
    // A message to her.
    stage.press("m").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("Ana Ruiz");
    stage.sees("Subject");
    stage.press("Esc").await;
    stage.advance(Duration::from_millis(500)).await;
}
