//! Groups and rooms on the command line: `--group`, `--building`, `--capacity`.

use crate::support::program::Program;

#[test]
fn groups_and_rooms_are_taken_by_the_verbs_about_colleagues() {
    let program = Program::new();
    program.configure(
        "[time]\nzone = \"Europe/Madrid\"\n[groups]\n\"Monday round\" = [\"ben@contoso.com\", \"ana@contoso.com\"]\n[profile.default]\ntiers = [\"calendar\", \"mail\", \"directory\"]\n",
    );
    program.sign_in();
    let people = |json: &serde_json::Value, list: &str| -> Vec<String> {
        let items = json[list].as_array().expect("a list");
        items.iter().filter_map(|one| one["person"].as_str().map(str::to_owned)).collect()
    };
    let busy = program.run("busy --group \"monday round\" ben@contoso.com --json");
    assert_eq!(people(&busy.json(), "items"), ["ben@contoso.com", "ana@contoso.com"], "{busy:?}");
    // A group of the directory, by its address; who hides is said beside.
    let contracts = program.run("busy --group contracts@contoso.com");
    assert!(
        contracts.out.contains("Nina Horvat") && contracts.err.contains("1 of Contracts team has no address"),
        "{contracts:?}"
    );
    // By its whole name alone as well, where nobody is called so; and whoever is given by address has their name.
    let named = program.run("busy \"Monday Round\" ben@contoso.com");
    assert!(named.code == 0 && named.out.contains("Ben Okafor") && named.out.contains("Ana Ruiz"), "{named:?}");
    assert!(!named.out.contains('@') && named.out.matches("Ben Okafor").count() == 1, "each once: {named:?}");
    // One that does not exist is its own error.
    let nobody = program.run("busy ben@contoso.com --group Nowhere --json");
    assert_eq!((nobody.code, nobody.json()["items"][1]["error"]["code"].as_str()), (5, Some("notFound")), "{nobody:?}");

    let away = program.run("away --group \"Monday round\" --weeks 3 --json");
    let json = away.json();
    assert_eq!((&json["of"], &json["days"]), (&"Monday round".into(), &21.into()), "{json}");
    assert_eq!(json["items"].as_array().map(Vec::len), Some(2), "{json}");
    assert!(json["meetings"].is_array() && json["hints"].is_array(), "{json}");
    assert!(!json["hints"].to_string().contains("not fetched yet"), "the calendar was read for it: {json}");
    let team = program.run("away --team --weeks 8");
    assert!(team.code == 0 || team.code == 5, "{team:?}");
    assert!(team.out.contains("Your meetings they miss:") && team.out.contains("(calendar)"), "{team:?}");
    assert_eq!(program.run("away ben@contoso.com --team").code, 2);

    let away = program.run("away \"monday round\" grace@contoso.com --json").json();
    assert_eq!(away["items"].as_array().map(Vec::len), Some(3), "{away}");
    let met = program.run("slots \"monday round\" --within \"next week\" --json").json();
    assert_eq!(people(&met, "people"), ["lena@contoso.com", "ben@contoso.com", "ana@contoso.com"], "{met}");

    let slots =
        program.run("slots --group \"Monday round\" --within \"next week\" --building madrid --capacity 8 --json");
    let json = slots.json();
    assert_eq!(slots.code, 0, "{slots:?}");
    assert_eq!(people(&json, "people")[..3], ["lena@contoso.com", "ben@contoso.com", "ana@contoso.com"]);
    for slot in json["items"].as_array().expect("slots") {
        let room = slot["room"]["address"].as_str().expect("a room");
        assert!(["room401@contoso.com", "boardroom@contoso.com"].contains(&room), "{slot}");
        assert_eq!(slot["rooms"][0], room, "{slot}");
    }
    let large = program.run("slots ben@contoso.com --building Madrid --capacity 500");
    assert!(
        large.code == 1
            && large.err.contains("There is not any room in Madrid with 500 seats.")
            && large.err.contains("Madrid (3)"),
        "{large:?}"
    );
}
