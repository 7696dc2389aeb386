//! The language of searches: what is read, what is refused in which words, and that what is printed reads the same.

use deskbell::domain::query::{DateWord, Field, Query, State, Unit, Wanted, When, index_text, indexed_words, words};
use jiff::civil::date;
use proptest::prelude::*;

fn wanted(text: &str) -> Vec<Wanted> {
    Query::parse(text).expect("a query").terms().map(|term| term.wanted.clone()).collect()
}

fn text(field: Field, text: &str, is_exact: bool) -> Wanted {
    Wanted::Text { field, text: text.to_owned(), is_exact }
}

#[test]
fn a_search_is_read_with_its_places() {
    assert_eq!(
        wanted(
            "report \"the end\" From:lena to:\"Ben Okafor\" cc:ola subject:x body:y has:attachments is:UNREAD in:\"Sent Items\""
        ),
        [
            text(Field::Anywhere, "report", false),
            text(Field::Anywhere, "the end", true),
            text(Field::From, "lena", false),
            text(Field::To, "Ben Okafor", true),
            text(Field::To, "ola", false),
            text(Field::Subject, "x", false),
            text(Field::Body, "y", false),
            Wanted::Attachment,
            Wanted::State(State::Unread),
            Wanted::Folder("Sent Items".to_owned()),
        ]
    );
    assert_eq!(
        wanted("before:2026 after:2026-03 on:2026-03-14 on:today before:yesterday after:7d"),
        [
            Wanted::Received(When::Before, DateWord::Year(2026)),
            Wanted::Received(When::After, DateWord::Month(2026, 3)),
            Wanted::Received(When::On, DateWord::Day(date(2026, 3, 14))),
            Wanted::Received(When::On, DateWord::Today),
            Wanted::Received(When::Before, DateWord::Yesterday),
            Wanted::Received(When::After, DateWord::Ago(7, Unit::Days)),
        ]
    );
    let query = Query::parse("a OR -b  c").expect("a query");
    let shape: Vec<usize> = query.parts.iter().map(|part| part.any.len()).collect();
    assert_eq!(shape, [2, 1]);
    assert!(query.parts[0].any[1].is_negated);
    assert_eq!(query.parts[0].any[1].place, 5..7);
    // What looks like a key and is none of ours in a subject or an address is text.
    assert_eq!(
        wanted("Re: 12:30 https://contoso.com/a"),
        [
            text(Field::Anywhere, "Re:", false),
            text(Field::Anywhere, "12:30", false),
            text(Field::Anywhere, "https://contoso.com/a", false),
        ]
    );
    // A sign between words is no word, and no obstacle.
    assert_eq!(wanted("R & D"), [text(Field::Anywhere, "R", false), text(Field::Anywhere, "D", false)]);
    assert!(Query::parse("   ").expect("nothing").is_empty());
}

#[test]
fn what_is_no_search_is_explained_with_its_place() {
    for (typed, part, what) in [
        ("from:", "from:", "After from: something is missing."),
        ("a form:lena", "form:", "There is no form: to search by."),
        ("is:old", "old", "No mail is “old”."),
        ("has:wings", "wings", "Mail can be asked for attachments only."),
        ("x on:2026-02-30", "2026-02-30", "“2026-02-30” is no date that can be read here."),
        ("before:soon", "soon", "“soon” is no date that can be read here."),
        ("a \"b c", "\"b c", "This quote has no end."),
        ("OR a", "OR", "Before this OR something is missing."),
        ("a OR", "OR", "After this OR something is missing."),
        ("a OR & b", "OR", "After this OR something is missing."),
        ("a -", "-", "After this minus something is missing."),
        ("&&", "&&", "There is no word in this."),
        ("subject:!", "!", "There is no word in this."),
    ] {
        let error = Query::parse(typed).expect_err(typed);
        assert_eq!((&error.text[error.place.clone()], error.what.as_str()), (part, what), "{typed}");
        assert!(!error.remedy.is_empty() && !error.report().next.is_empty(), "{typed}");
    }
}

#[test]
fn days_are_counted_from_today() {
    let today = date(2026, 11, 23);
    let days = |word: DateWord| word.days(today);
    assert_eq!(days(DateWord::Year(2026)), (date(2026, 1, 1), date(2027, 1, 1)));
    assert_eq!(days(DateWord::Month(2026, 12)), (date(2026, 12, 1), date(2027, 1, 1)));
    assert_eq!(days(DateWord::Today), (today, date(2026, 11, 24)));
    assert_eq!(days(DateWord::Yesterday), (date(2026, 11, 22), today));
    assert_eq!(days(DateWord::Ago(2, Unit::Weeks)), (date(2026, 11, 9), date(2026, 11, 10)));
    assert_eq!(days(DateWord::Ago(1, Unit::Years)).0, date(2025, 11, 23));
    // Nothing overflows.
    days(DateWord::Ago(9_999, Unit::Years));
    days(DateWord::Year(9_999));
    days(DateWord::Month(9_999, 12));
}

#[test]
fn words_are_those_of_the_index() {
    assert_eq!(
        words("Überprüfung: lena.olsen@contoso.com, 3,5 kg"),
        ["uberprufung", "lena", "olsen", "contoso", "com", "3", "5", "kg"]
    );
    assert_eq!(words("会议 room2"), ["会", "议", "room2"]);
    assert_eq!(index_text("a会议b"), "a 会  议 b");
    assert_eq!(
        indexed_words("Ein Bär", "Lena lena", "Ola", "Text 会"),
        "ꙫein ꙥei ꙥein ꙫbar ꙥba ꙥbar ꙮlena ꙭle ꙭlen ꙭlena ꙭena ꙩola ꙧol ꙧola Text  会 "
    );
}

fn piece() -> impl Strategy<Value = String> {
    let keys =
        ["", "-", "from:", "to:", "subject:", "body:", "is:", "has:", "in:", "before:", "after:", "on:", "OR", "x:"];
    let values = [
        "unread",
        "\"",
        "\"a b\"",
        "2026",
        "2026-03-14",
        "7d",
        "attachment",
        "lena",
        "é",
        "会议",
        ":",
        "-",
        "(",
        "*",
        "^",
        "NEAR",
        "a\"b",
    ];
    (prop::sample::select(keys.to_vec()), prop::sample::select(values.to_vec()), ".{0,6}")
        .prop_map(|(key, value, rest)| format!("{key}{value}{rest}"))
}

fn typed() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), prop::collection::vec(piece(), 0..6).prop_map(|pieces| pieces.join(" "))]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_typed_is_a_search_or_a_sentence(typed in typed()) {
        match Query::parse(&typed) {
            Ok(query) => {
                let printed = query.to_string();
                let again = Query::parse(&printed).expect("what is printed can be read");
                prop_assert_eq!(&again, &query);
                prop_assert_eq!(again.to_string(), printed);
                for term in query.terms() {
                    prop_assert!(typed.get(term.place.clone()).is_some_and(|part| !part.is_empty()));
                }
            }
            Err(error) => {
                prop_assert!(typed.get(error.place.clone()).is_some());
                prop_assert!(error.what.ends_with('.') && error.remedy.ends_with('.'));
                let _ = error.report();
            }
        }
    }
}
