//! Parts of a text that a translation keeps as they are: placeholders, markup, entities, addresses.

/// The protected parts of a text, in their order.
///
/// - printf: `%s`, `%1$d`, `%-5.2f`, `%@`, `%%`; Python: `%(name)s`
/// - braces: `{}`, `{0}`, `{name}`, `${name}`, `{{name}}`
/// - markup: `<b>`, `</b>`, `<br/>`; entities: `&amp;`, `&#39;`
/// - addresses: `https://…`, `name@host`
pub fn protected(text: &str) -> Vec<&str> {
    pieces(text).into_iter().filter(|(_, is_protected)| *is_protected).map(|(part, _)| part).collect()
}

/// A text as its protected parts and those between them, in their order.
pub fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut found = Vec::new();
    let (mut begun, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let length = printf(rest)
            .or_else(|| braces(rest))
            .or_else(|| markup(rest))
            .or_else(|| entity(rest))
            .or_else(|| address(rest));
        match length {
            Some(length) => {
                if begun < at {
                    found.push((&text[begun..at], false));
                }
                found.push((&rest[..length], true));
                at += length;
                begun = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    if begun < at {
        found.push((&text[begun..], false));
    }
    found
}

/// The numbers of a text in ascending order, without its protected parts.
pub fn numbers(text: &str) -> Vec<&str> {
    let parts = pieces(text).into_iter().filter(|(_, is_protected)| !is_protected);
    let mut numbers: Vec<&str> = parts
        .flat_map(|(part, _)| part.split(|letter: char| !letter.is_ascii_digit()))
        .filter(|number| !number.is_empty())
        .collect();
    numbers.sort_unstable();
    numbers
}

/// A translation with the white space of the text at its ends: tools for PO files want the same line ends.
pub fn ends_like(source: &str, said: &str) -> String {
    let inner = source.trim();
    let begin = source.len() - source.trim_start().len();
    let (before, after) = (&source[..begin], &source[begin + inner.len()..]);
    format!("{before}{}{after}", said.trim())
}

/// Whether a translation has the same protected parts as often. Numbered placeholders may change their order.
pub fn keeps(source: &str, translation: &str) -> bool {
    let parts = |text| {
        let mut parts = protected(text);
        parts.sort_unstable();
        parts
    };
    let in_order =
        |text| -> Vec<&str> { protected(text).into_iter().filter(|part| is_unnumbered(part)).collect() };
    parts(source) == parts(translation) && in_order(source) == in_order(translation)
}

/// Placeholders that take their values by position, so that their order counts.
fn is_unnumbered(part: &str) -> bool {
    part == "{}" || (part.starts_with('%') && part != "%%" && !part.contains(['$', '(']))
}

fn printf(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('%')?;
    if rest.starts_with('%') {
        return Some(2);
    }
    let mut at = 0;
    if let Some(name) = rest.strip_prefix('(') {
        at = name.find(')')? + 2;
    }
    let flags = rest[at..].find(|letter: char| !"-+#0123456789.*$".contains(letter))?;
    // A blank is a flag as well, but "100 % of" is a text.
    at += flags;
    let length = ["hh", "ll", "h", "l", "j", "z", "t", "L", "q"];
    let length = length.into_iter().find(|length| rest[at..].starts_with(length));
    at += length.map_or(0, str::len);
    let kind = rest[at..].chars().next()?;
    "diouxXeEfFgGaAcCsSpn@".contains(kind).then_some(1 + at + kind.len_utf8())
}

fn braces(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('$').filter(|rest| rest.starts_with('{')).unwrap_or(text);
    let open = rest.bytes().take_while(|byte| *byte == b'{').count().min(2);
    if open == 0 {
        return None;
    }
    let inner = &rest[open..];
    let end = inner.find('}')?;
    let is_name = inner[..end].chars().all(|letter| letter.is_alphanumeric() || "_.-:,# $".contains(letter));
    let closed = inner[end..].starts_with(if open == 2 { "}}" } else { "}" });
    (is_name && closed && end <= 64).then_some(text.len() - rest.len() + open + end + open)
}

fn markup(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('<')?;
    let name = rest.strip_prefix('/').unwrap_or(rest);
    let end = rest.find('>')?;
    (name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && !rest[..end].contains('<'))
        .then_some(end + 2)
}

fn entity(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('&')?;
    let end = rest.find(';').filter(|end| (1..=10).contains(end))?;
    let name = rest[..end].strip_prefix('#').unwrap_or(&rest[..end]);
    (!name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric())).then_some(end + 2)
}

fn address(text: &str) -> Option<usize> {
    let scheme = ["https://", "http://", "mailto:"].into_iter().find(|scheme| text.starts_with(scheme))?;
    let ends = |letter: char| letter.is_whitespace() || "<>\"'()".contains(letter);
    let end = text.find(ends).unwrap_or(text.len());
    // The point that ends a sentence is no part of an address.
    let address = text[..end].trim_end_matches(['.', ',', ';', '!', '?', ':']);
    (address.len() > scheme.len()).then_some(address.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protected_parts_are_found() {
        let cases: [(&str, &[&str]); 12] = [
            ("Open %s in %1$d of %-5.2f %%", &["%s", "%1$d", "%-5.2f", "%%"]),
            ("%(name)s has %lu files", &["%(name)s", "%lu"]),
            ("Hello %@", &["%@"]),
            ("{} of {0}, {name} and ${HOME}", &["{}", "{0}", "{name}", "${HOME}"]),
            ("Hi {{user}}!", &["{{user}}"]),
            ("<b>bold</b> <br/> a < b > c", &["<b>", "</b>", "<br/>"]),
            ("R&amp;D &#39;x&#39; A & B;", &["&amp;", "&#39;", "&#39;"]),
            ("See https://example.org/a?b=1.", &["https://example.org/a?b=1"]),
            ("100 % of it", &[]),
            ("50% off", &[]),
            ("{ a: \"b\" }", &[]),
            ("ünï % {", &[]),
        ];
        for (text, parts) in cases {
            assert_eq!(protected(text), parts, "{text}");
        }
    }

    #[test]
    fn a_translation_keeps_them() {
        assert!(keeps("%s of %d", "%s de %d"));
        assert!(!keeps("%s of %d", "%d de %s"), "values are taken by position");
        assert!(keeps("%1$s of %2$d", "%2$d de %1$s"));
        assert!(keeps("<b>{name}</b>", "<b>{name}</b>"));
        assert!(!keeps("{name}", "{nombre}"));
        assert!(!keeps("a", "a %s"));
    }
}
