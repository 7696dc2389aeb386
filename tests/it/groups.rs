//! Groups of people: in the configuration, of the directory, and wherever people are typed.

use deskbell::config::{parse_user_config, set_group};
use deskbell::domain::mail::Recipient;
use deskbell::domain::recipients::parse_one;

fn people(texts: &[&str]) -> Vec<Recipient> {
    texts.iter().map(|text| parse_one(text).expect("an address")).collect()
}

#[test]
fn groups_are_read_with_their_mistakes_places() {
    let file = "[groups]\n\"Contracts team\" = [\"Ana Ruiz <ana@contoso.com>\", \"eva@contoso.com\", \"ANA@contoso.com\"]\nlegal = \"ana@contoso.com\"\n\"a@b\" = []\nmixed = [\"ben@contoso.com\", \"nobody\", 7]\n";
    let loaded = parse_user_config("config.toml", file);
    let told: Vec<String> = loaded.problems.iter().map(|problem| problem.as_text()).collect();
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
