//! Kinds of pages, and the text that the bytes of a page stand for.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, UTF_8, WINDOWS_1252, X_USER_DEFINED};

/// Bytes in which a page may name its own charset (HTML Standard, "prescan a byte stream").
const PRESCAN_BYTES: usize = 1024;

/// Form of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTML and XHTML.
    Html,
    /// XML other than XHTML: feeds and sitemaps, for instance.
    Xml,
    /// JSON.
    Json,
    /// Text without a form.
    Plain,
}

impl Kind {
    /// The kind that a content type names, or none for pictures, programs and the like.
    pub fn of(content_type: &str) -> Option<Kind> {
        let name = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match name.as_str() {
            "text/html" | "application/xhtml+xml" => Some(Kind::Html),
            "text/xml" | "application/xml" => Some(Kind::Xml),
            "application/json" | "text/json" => Some(Kind::Json),
            "text/plain" | "text/markdown" | "text/csv" | "text/tab-separated-values" => Some(Kind::Plain),
            name if name.starts_with("image/") => None,
            name if name.ends_with("+xml") => Some(Kind::Xml),
            name if name.ends_with("+json") => Some(Kind::Json),
            _ => None,
        }
    }
}

/// The text of a page: at most three bytes for each one received.
///
/// A byte order mark decides, then the content type, then the page's own declaration. Otherwise the text is UTF-8 if
/// that is valid, and windows-1252 if not. Broken sequences become U+FFFD.
pub fn decode(kind: Kind, content_type: &str, bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    let named = charset_in(content_type).and_then(encoding_of);
    let own = || match kind {
        Kind::Html => meta_charset(&bytes[..bytes.len().min(PRESCAN_BYTES)]).or_else(|| xml_encoding(bytes)),
        Kind::Xml => xml_encoding(bytes),
        Kind::Json => Some(UTF_8),
        Kind::Plain => None,
    };
    let guess = || if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    let encoding = named.or_else(own).unwrap_or_else(guess);
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// The encoding of a label. Encodings that the standard replaces by one error have no text to read and do not count.
fn encoding_of(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.as_bytes())
}

/// An encoding that a page names in its own ASCII text cannot be UTF-16 (HTML Standard, same place).
fn own_encoding(label: &str) -> Option<&'static Encoding> {
    encoding_of(label).map(|encoding| match encoding {
        found if found == UTF_16BE || found == UTF_16LE => UTF_8,
        found if found == X_USER_DEFINED => WINDOWS_1252,
        found => found,
    })
}

/// The value of `charset=` in a content type.
fn charset_in(content_type: &str) -> Option<&str> {
    // Lower case of ASCII letters keeps all places.
    let at = content_type.to_ascii_lowercase().find("charset")?;
    let value = content_type[at + "charset".len()..].trim_start().strip_prefix('=')?.trim_start();
    let (value, end): (&str, &[char]) = match value.chars().next()? {
        quote @ ('"' | '\'') => (&value[1..], if quote == '"' { &['"'] } else { &['\''] }),
        _ => (value, &[';', ' ', '\t', ',']),
    };
    value.split(end).next().map(str::trim).filter(|value| !value.is_empty())
}

/// The encoding in `<?xml … encoding="…"?>`.
fn xml_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(PRESCAN_BYTES)]);
    let declaration = head.strip_prefix("<?xml")?.split("?>").next()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    own_encoding(value[1..].split(quote).next()?)
}

/// The encoding in the first `<meta charset>` or `<meta http-equiv=content-type>` outside comments.
fn meta_charset(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let mut rest = head.as_str();
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if let Some(tag) = rest.strip_prefix("meta").filter(|tag| tag.starts_with(is_gap)) {
            let (found, after) = meta_tag(tag);
            rest = after;
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

/// The encoding that one `meta` tag names, and the text after its attributes.
fn meta_tag(mut rest: &str) -> (Option<&'static Encoding>, &str) {
    let (mut charset, mut content, mut is_type) = (None, None, false);
    while let Some((name, value, after)) = attribute(rest) {
        rest = after;
        match name {
            "charset" => charset = charset.or(Some(value)),
            "content" => content = content.or(charset_in(value)),
            "http-equiv" => is_type |= value == "content-type",
            _ => {}
        }
    }
    (charset.or(content.filter(|_| is_type)).and_then(own_encoding), rest)
}

/// The name and value of the attribute that begins a text, and the text after it.
fn attribute(text: &str) -> Option<(&str, &str, &str)> {
    let text = text.trim_start_matches(is_gap);
    let end = text.find(|letter| is_gap(letter) || matches!(letter, '=' | '>')).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    if name.is_empty() {
        return None;
    }
    let Some(value) = after.trim_start().strip_prefix('=').map(str::trim_start) else {
        return Some((name, "", after));
    };
    if let Some(quote) = value.chars().next().filter(|quote| matches!(quote, '"' | '\'')) {
        let (inner, after) = value[1..].split_once(quote)?;
        return Some((name, inner.trim(), after));
    }
    let end = value.find(|letter: char| letter.is_ascii_whitespace() || letter == '>').unwrap_or(value.len());
    Some((name, &value[..end], &value[end..]))
}

fn is_gap(letter: char) -> bool {
    letter.is_ascii_whitespace() || letter == '/'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn declarations_count_in_their_order() {
        let page = |head: &str| [head.as_bytes(), b"\xe4"].concat();
        for (content_type, head, expected) in [
            ("text/html", "", "ä"),
            ("text/html; charset=windows-1251", "", "д"),
            ("text/html; Charset = \"windows-1251\" ; x=y", "", "д"),
            ("text/html", "<meta charset=windows-1251>", "д"),
            ("text/html; charset=iso-8859-1", "<meta charset=windows-1251>", "ä"),
            ("text/html; charset=nonsense", "<meta charset='windows-1251'/>", "д"),
            ("text/html", "<META content='text/html; charset=windows-1251' http-equiv=Content-Type>", "д"),
            ("text/html", "<meta content='text/html; charset=windows-1251'>", "ä"),
            ("text/html", "<!-- <meta charset=windows-1251> -->", "ä"),
            ("text/html", "<metacharset=windows-1251>", "ä"),
            ("text/html", "<meta charset=utf-16>", "\u{fffd}"),
            ("text/html", "<meta charset=iso-2022-kr>", "ä"),
            ("text/html", "<?xml version='1.0' encoding='windows-1251'?>", "д"),
            ("text/plain", "<meta charset=windows-1251>", "ä"),
        ] {
            let text = decode(Kind::of(content_type).unwrap(), content_type, &page(head));
            assert_eq!(text, format!("{head}{expected}"), "{content_type}");
        }
        let far = format!("{}<meta charset=windows-1251>", " ".repeat(PRESCAN_BYTES));
        assert!(decode(Kind::Html, "", &page(&far)).ends_with('ä'));
        assert_eq!(decode(Kind::Json, "application/json", b"\"\xe4\""), "\"\u{fffd}\"");
    }

    #[test]
    fn a_byte_order_mark_goes_before_the_header() {
        for bytes in [&b"\xef\xbb\xbf\xc3\xa4"[..], b"\xff\xfe\xe4\x00", b"\xfe\xff\x00\xe4"] {
            assert_eq!(decode(Kind::Html, "text/html; charset=windows-1251", bytes), "ä");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_become_text_of_bounded_length(
            content_type in "(text/html; charset=)?[ -~]{0,20}",
            head in "(<meta |<!--|<\\?xml encoding=|charset|=|'|\"|/|>|content=| )*",
            tail in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let bytes = [head.as_bytes(), &tail].concat();
            for kind in [Kind::Html, Kind::Xml, Kind::Json, Kind::Plain] {
                prop_assert!(decode(kind, &content_type, &bytes).len() <= 3 * bytes.len());
            }
        }
    }
}
