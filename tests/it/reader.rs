//! The reader: bodies of strangers as styled lines.

use deskbell::base::text::width;
use deskbell::domain::mail::BodyContent;
use deskbell::domain::styled::{StyledLine, StyledRun, StyledText};
use deskbell::engine::reader::render;
use proptest::prelude::*;

fn html(source: &str, columns: u16) -> StyledText {
    checked(render(&BodyContent::Html(source.to_owned()), columns, true), columns)
}

fn plain(source: &str, columns: u16) -> StyledText {
    checked(render(&BodyContent::Text(source.to_owned()), columns, true), columns)
}

fn line_text(line: &StyledLine) -> String {
    line.runs.iter().map(|run| run.text.as_str()).collect()
}

fn lines(text: &StyledText) -> Vec<String> {
    text.lines.iter().map(line_text).collect()
}

fn run<'a>(text: &'a StyledText, containing: &str) -> &'a StyledRun {
    let mut runs = text.lines.iter().flat_map(|line| &line.runs);
    runs.find(|run| run.text.contains(containing)).unwrap_or_else(|| panic!("{containing} in {:?}", lines(text)))
}

/// What must hold for every rendered text.
fn checked(text: StyledText, columns: u16) -> StyledText {
    for line in &text.lines {
        let used = width(&line_text(line)) + usize::from(line.quote_depth) * 2;
        assert!(used <= usize::from(columns.max(8)), "{used} > {columns}: {line:?}");
        for run in &line.runs {
            assert!(!run.text.chars().any(char::is_control), "{run:?}");
            assert!(run.style.link.is_none_or(|link| link >= 1 && usize::from(link) <= text.links.len()), "{run:?}");
        }
    }
    text
}

#[test]
fn paragraphs_wrap_at_words_with_one_empty_line_between() {
    let text = html("<p>The  quick\n brown fox</p><p>jumps <b>over</b> the dog</p>", 12);
    assert_eq!(lines(&text), ["The quick", "brown fox", "", "jumps over", "the dog"]);
    assert!(run(&text, "over").style.is_bold && !run(&text, "jumps").style.is_bold);
    assert_eq!(
        lines(&html("one<br>two<div>three</div><p>&nbsp;</p><div>four</div>", 20)),
        ["one", "two", "three", "", "four"]
    );
}

#[test]
fn words_longer_than_the_line_and_wide_signs_are_broken() {
    assert_eq!(lines(&html("<p>abcdefghijklmno</p>", 10)), ["abcdefghij", "klmno"]);
    assert_eq!(lines(&html("<p>日本語のメール</p>", 9)), ["日本語の", "メール"]);
}

#[test]
fn what_is_hidden_stays_hidden() {
    let source = "<head><title>t</title><style>p{color:red}</style></head><body><script>alert('<p>x</p>')</script>\
        <div style='display:none'>preheader</div><span style='font-size: 0px'>spam</span><p hidden>secret</p>\
        <div style='mso-hide:all'>mso</div><!-- comment -->seen<svg><text>drawn</text></svg></body>";
    assert_eq!(lines(&html(source, 40)), ["seen"]);
}

#[test]
fn pictures_are_named_not_fetched_and_pixels_are_not_even_named() {
    let source = "<img src='https://x.example/a.png' alt='Our logo'><img src='https://t.example/p.gif' width=1 height=1 alt=pixel>\
        <img src='cid:part1' alt='chart'>";
    let text = html(source, 60);
    assert_eq!(lines(&text), ["[Our logo][chart]"]);
    assert_eq!(text.blocked_images, 1);
}

#[test]
fn links_are_numbered_and_tell_where_they_lead() {
    let safe =
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.contoso.com%2Fa%3Fb%3D1&amp;data=05";
    let source = format!(
        "<a href='{safe}'>bank.example</a> and <a href='https://bank.example@evil.example/x'>bank</a> \
         and <a href='javascript:alert(1)'>no</a> and <a href='https://www.contoso.com/a?b=1'>again</a>"
    );
    let text = html(&source, 80);
    assert_eq!(lines(&text), ["bank.example[1] and bank[2] and no and again[1]"]);
    let told: Vec<(&str, &str)> = text.links.iter().map(|link| (link.target.as_str(), link.host.as_str())).collect();
    let wanted =
        [("https://www.contoso.com/a?b=1", "www.contoso.com"), ("https://bank.example@evil.example/x", "evil.example")];
    assert_eq!(told, wanted);
    assert_eq!(run(&text, "bank.example").style.link, Some(1));
    assert_eq!(run(&text, "no").style.link, None);
}

#[test]
fn addresses_in_plain_text_are_links_without_the_punctuation_around() {
    let text = plain("See (https://contoso.com/a_(b)), www.contoso.com. Or <mailto:x@y.example>!", 100);
    let targets: Vec<&str> = text.links.iter().map(|link| link.target.as_str()).collect();
    assert_eq!(targets, ["https://contoso.com/a_(b)", "https://www.contoso.com", "mailto:x@y.example"]);
    assert_eq!(lines(&text), ["See (https://contoso.com/a_(b)[1]), www.contoso.com[2]. Or <mailto:x@y.example[3]>!"]);
}

#[test]
fn layout_tables_lose_their_frame_and_data_tables_keep_their_columns() {
    let layout =
        "<table border=0 role=presentation><tr><td><table><tr><td>one</td></tr></table></td><td>two</td></tr></table>";
    assert_eq!(lines(&html(layout, 40)), ["one", "two"]);
    let data =
        "<table><tr><th>Name</th><th>Days</th></tr><tr><td>Ana Ruiz<td>5</tr><tr><td>Ben</td><td>12</td></tr></table>";
    assert_eq!(lines(&html(data, 40)), ["Name     │ Days", "─────────┼─────", "Ana Ruiz │ 5", "Ben      │ 12"]);
    let excel =
        "<table><tr><td style='border:solid windowtext 1.0pt'>a</td><td style='border:solid'>b</td></tr></table>";
    assert_eq!(lines(&html(excel, 40)), ["a │ b"]);
}

#[test]
fn a_wide_table_shrinks_and_a_wider_one_becomes_a_list() {
    let row = |cells: usize| "<td>some words in a cell</td>".repeat(cells);
    let three = html(&format!("<table border=1><tr>{}</tr></table>", row(3)), 30);
    assert!(three.lines.len() > 1 && lines(&three)[0].contains('│'), "{:?}", lines(&three));
    let ten = html(&format!("<table border=1><tr>{}</tr></table>", row(10)), 30);
    assert!(!lines(&ten)[0].contains('│') && ten.lines.len() >= 10);
}

#[test]
fn lists_have_their_marks_and_hang() {
    let text = html("<ul><li>one two three<li>four<ol start=9><li>five</li><li>six</li></ol></ul>after", 10);
    assert_eq!(lines(&text), ["- one two", "  three", "- four", "  9. five", " 10. six", "", "after"]);
}

#[test]
fn quotes_have_depth_and_fold() {
    let source = "<p>Thanks!</p><blockquote>one<br>two<blockquote>three<br>four</blockquote></blockquote>";
    let open = html(source, 40);
    let depths: Vec<u8> = open.lines.iter().filter(|line| !line.runs.is_empty()).map(|line| line.quote_depth).collect();
    assert_eq!(depths, [0, 1, 1, 2, 2]);
    assert_eq!(open.folded_lines, 0);
    let folded = render(&BodyContent::Html(source.to_owned()), 40, false);
    assert_eq!(folded.folded_lines, 5);
    assert_eq!(lines(&folded).last().map(String::as_str), Some("5 quoted lines folded"));
    // Nothing but a quote is not folded away.
    let only = render(&BodyContent::Text("> a\n> b\n> c\n> d\n> e".to_owned()), 40, false);
    assert_eq!((only.folded_lines, only.lines.len()), (0, 5));
}

#[test]
fn what_outlook_puts_below_its_separator_is_a_quote() {
    let source = "<div>Yes.</div><hr><div id='divRplyFwdMsg'><b>From:</b> Ana</div><div>Shall we?</div>";
    let text = html(source, 40);
    let depth = |word: &str| text.lines.iter().find(|line| line_text(line).contains(word)).map(|line| line.quote_depth);
    assert_eq!([depth("Yes"), depth("From"), depth("Shall")], [Some(0), Some(1), Some(1)]);
    let plain = plain("Yes.\n\n-----Original Message-----\nFrom: Ana\n> older", 40);
    assert_eq!(plain.lines.last().map(|line| line.quote_depth), Some(2));
}

#[test]
fn code_headings_and_direction() {
    let text = html("<h2>Plan</h2><pre>if x:\n    go()</pre><p>שלום לכולם</p><s>gone</s>", 40);
    assert_eq!(lines(&text), ["Plan", "", "if x:", "    go()", "", "שלום לכולם", "", "gone"]);
    assert!(
        run(&text, "Plan").style.is_heading && run(&text, "go()").style.is_code && run(&text, "gone").style.is_struck
    );
    assert!(text.lines[5].is_right_to_left && !text.lines[0].is_right_to_left);
}

#[test]
fn escapes_of_strangers_are_gone() {
    let text = html("<p>a&#27;[31mb\u{1b}]0;title\u{7}c\u{202e}d&#155;e&#8238;f</p><pre>x\u{1b}[2Jy\tz</pre>", 40);
    assert_eq!(lines(&text)[0], "abcd›ef");
    assert_eq!(plain("a\u{1b}[31mb\r\nc\u{7f}", 40).lines.len(), 2);
}

#[test]
fn hostile_structures_end_soon_and_in_text() {
    let deep = format!("{}deep{}after", "<div>".repeat(20_000), "</div>".repeat(20_000));
    assert_eq!(lines(&html(&deep, 40)), ["deep", "after"]);
    let quoted = format!("{}deep", "<blockquote>".repeat(5_000));
    assert_eq!(lines(&html(&quoted, 40)), ["deep"]);
    for columns in 1..30 {
        html(&quoted, columns);
    }
    let tables = format!("{}in", "<table><tr><td>".repeat(3_000));
    assert_eq!(lines(&html(&tables, 40)), ["in"]);
    let fonts: String = (0..2_000).map(|number| format!("<font color={number}><p>x")).collect();
    assert!(html(&fonts, 40).lines.len() >= 2_000);
    let laden: String = (0..100_000).map(|number| format!(" a{number}=1")).collect();
    let text = html(&format!("<p>first<div {laden}>second</div>"), 40);
    assert_eq!(lines(&text), ["first", "second"]);
    assert!(text.note.contains("formatting"));
    for odd in [
        "<table><tr><td colspan=999999999>x<td rowspan=0>y</table>",
        "<td>x",
        "</p></table></div>x",
        "<",
        "<p",
        "&#xffffffff;x",
        "<a href",
    ] {
        html(odd, 20);
    }
}

#[test]
fn a_source_of_many_megabytes_is_cut_and_says_so() {
    let text = html(&"<p>word é</p>".repeat(200_000), 40);
    assert!(text.note.contains("first megabyte"), "{}", text.note);
    let text = plain(&"www.a.example ".repeat(100_000), 40);
    assert!(text.links.len() == 1 && text.note.contains("first megabyte"));
}

fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "<p>",
            "</p>",
            "<div>",
            "</div>",
            "<b>",
            "</b>",
            "<a href='https://x.example/1'>",
            "</a>",
            "<table border=1>",
            "</table>",
            "<tr>",
            "<td>",
            "<th>",
            "</td>",
            "<ul>",
            "<li>",
            "</ul>",
            "<blockquote>",
            "</blockquote>",
            "<pre>",
            "</pre>",
            "<br>",
            "<hr>",
            "<ol start=7>",
            "<div id=divRplyFwdMsg>",
            "<script>",
            "</script>",
            "<style>",
            "<!--",
            "-->",
            "<img alt=x src=http://y>",
            "&nbsp;",
            "&#27;",
            "<span hidden>",
            "</span>",
            "日本語",
            "e\u{301}\u{301}",
            "שלום",
            "👩\u{200d}👧",
            "\u{1b}[1m",
            "> quoted\n",
            "\n\n",
            "\t",
            "https://z.example/a",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,12}",
        "[a-z]{1,40} ",
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_body_fits_its_width_and_is_tame(source in soup(), columns in 1_u16..100) {
        html(&source, columns);
        plain(&source, columns);
        checked(render(&BodyContent::Html(source), columns, false), columns);
    }
}
