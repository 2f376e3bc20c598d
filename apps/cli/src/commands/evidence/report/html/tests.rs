use super::super::compose::tests::{forgotten, hostile};
use super::*;

/// The tags of a page in their order. Fails where a tag is not closed in the right place, an attribute has no quotes,
/// or a text holds a bare angle bracket.
fn tags(page: &str) -> Vec<String> {
    let (mut open, mut seen): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut rest = page.strip_prefix("<!doctype html>").expect("a doctype");
    while let Some(at) = rest.find(['<', '>']) {
        assert!(rest[at..].starts_with('<'), "a bare bracket: {}", &rest[..at.min(80)]);
        let end = rest[at..].find('>').expect("a tag ends") + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed in the wrong place");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
        assert_eq!(attributes.matches('"').count(), 2 * attributes.matches("=\"").count(), "{tag}");
        seen.push(name.to_owned());
        if name == "style" {
            let end = rest.find("</style>").expect("the end of the style");
            assert!(!rest[..end].contains('<'));
            rest = &rest[end..];
        }
        if name != "meta" {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "not closed: {open:?}");
    seen
}

#[test]
fn the_page_is_whole_and_loads_and_runs_nothing() {
    for found in [hostile(), forgotten()] {
        let page = page(&found.document());
        let tags = tags(&page);
        for foreign in ["script", "link", "img", "iframe", "object", "form", "b", "i"] {
            assert!(!tags.iter().any(|tag| tag == foreign), "{foreign}");
        }
        for outside in ["url(", "@import", "src=", "http://", "https://", "javascript:"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}

#[test]
fn strangers_texts_are_text() {
    let page = page(&hostile().document());
    assert!(!page.contains("<script") && !page.contains('\u{202e}'));
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)"), "{page}");
    assert!(page.contains("&lt;b&gt;accuracy&lt;/b&gt;"));
    assert_eq!(escaped("<&>\"'`"), "&lt;&amp;&gt;&quot;&#39;&#96;");
}

#[test]
fn people_who_cannot_see_it_can_read_it() {
    let document = hostile().document();
    let page = page(&document);
    let tags = tags(&page);
    let count = |name: &str| tags.iter().filter(|tag| *tag == name).count();
    assert!(page.contains("<html lang=\"en\">"));
    assert_eq!(count("h1"), 1);
    assert_eq!(count("h2"), document.sections.len());
    assert_eq!((count("table"), count("thead")), (count("caption"), count("table")));
    assert_eq!(page.matches("<th ").count(), page.matches("<th scope=").count());
    for section in &document.sections {
        assert!(
            page.contains(&format!("href=\"#{}\"", section.id))
                && page.contains(&format!("<h2 id=\"{}\">", section.id))
        );
    }
    assert!(page.contains("prefers-color-scheme:dark") && page.contains("@media print"));
}

#[test]
fn every_statement_of_the_json_is_on_the_page() {
    let document = hostile().document();
    let page = page(&document);
    for section in &document.sections {
        for fact in &section.facts {
            let row = format!("<th scope=\"row\">{}", escaped(fact.name));
            assert!(page.contains(&row) && page.contains(&shown(&fact.cell, fact.unit)), "{}", fact.id);
            assert!(fact.verify.iter().all(|command| page.contains(&escaped(command))), "{}", fact.id);
        }
    }
}

#[test]
fn numbers_have_their_unit() {
    let number = |value: u64, unit| text_of(&value.into(), unit);
    assert_eq!(number(750_000, Unit::Millionths), "0.750000");
    assert_eq!(number(32_768, Unit::Of65535), "50.00&nbsp;%");
    assert_eq!(number(1_500_000_000, Unit::Rao), "1.500000000");
    assert_eq!(number(u64::MAX, Unit::Plain), "18446744073709551615");
    assert_eq!(text_of(&serde_json::json!({}), Unit::Plain), "none");
    assert_eq!(
        shown(&Cell::Unknown("<gone>".into()), Unit::Plain),
        "<span class=\"unknown\">not known, because &lt;gone&gt;</span>"
    );
}
