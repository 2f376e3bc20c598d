//! Parts of a text that a translation keeps as they are: placeholders, markup, entities, addresses.

/// The protected parts of a text, in their order.
///
/// - printf: `%s`, `%1$d`, `%-5.2f`, `%@`, `%%`; Python: `%(name)s`; Qt: `%1`
/// - braces: `{}`, `{0}`, `{name}`, `{0!r}`, `${name}`, `{{name}}`
/// - markup: `<b>`, `</b>`, `<br/>`; entities: `&amp;`, `&#39;`
/// - addresses: `https://…`, `mailto:…`
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

/// Whether a translation has the same protected parts as often, and nothing that a program would take for another one.
/// Numbered placeholders may change their order, and tags as far as they stay nested.
pub fn keeps(source: &str, translation: &str) -> bool {
    let [source, translation] = [source, translation].map(pieces);
    let parts = |pieces: &[(&str, bool)]| -> Vec<String> {
        pieces.iter().filter(|(_, is_protected)| *is_protected).map(|(part, _)| (*part).to_owned()).collect()
    };
    let [mut before, mut after] = [parts(&source), parts(&translation)];
    let in_order = |parts: &[String]| -> Vec<String> {
        parts.iter().filter(|part| is_unnumbered(part)).cloned().collect()
    };
    let formats = before.iter().any(|part| part.starts_with('%'));
    let same_order = in_order(&before) == in_order(&after) && (!is_nested(&before) || is_nested(&after));
    before.sort_unstable();
    after.sort_unstable();
    // Where a program fills values in, a bare `%` may be read as the beginning of a placeholder.
    let percents = |pieces: &[(&str, bool)]| if formats { loose(pieces, |_| true, '%') } else { 0 };
    let opens = |next: Option<char>| next.is_some_and(|next| next.is_alphabetic() || "_:/!?".contains(next));
    let tags = |pieces: &[(&str, bool)]| loose(pieces, opens, '<');
    same_order
        && before == after
        && percents(&source) == percents(&translation)
        && tags(&source) == tags(&translation)
}

/// How often a letter stands in unprotected parts before another one that `counts`.
fn loose(pieces: &[(&str, bool)], counts: impl Fn(Option<char>) -> bool, letter: char) -> usize {
    let parts = pieces.iter().filter(|(_, is_protected)| !is_protected);
    parts
        .flat_map(|(part, _)| part.match_indices(letter).map(move |(at, found)| &part[at + found.len()..]))
        .filter(|rest| counts(rest.chars().next()))
        .count()
}

/// Whether every tag that opens is closed by the next one that closes.
fn is_nested(parts: &[String]) -> bool {
    let name = |tag: &str| -> String { tag.chars().take_while(|letter| letter.is_alphanumeric()).collect() };
    let mut open = Vec::new();
    for tag in parts.iter().filter_map(|part| part.strip_prefix('<')) {
        match tag.strip_prefix('/') {
            Some(closed) if open.pop() != Some(name(closed)) => return false,
            Some(_) => {}
            None if tag.ends_with("/>") => {}
            None => open.push(name(tag)),
        }
    }
    open.is_empty()
}

/// Placeholders that take their values by position, so that their order counts.
fn is_unnumbered(part: &str) -> bool {
    part == "{}"
        || (part.starts_with('%') && part != "%%" && !part.contains(['$', '(']) && !is_numbered(part))
}

/// `%1` of Qt.
fn is_numbered(part: &str) -> bool {
    part[1..].bytes().all(|byte| byte.is_ascii_digit())
}

/// Longest placeholder, entity, tag and address in bytes: what is longer is none.
const LONGEST: [usize; 4] = [70, 12, 1_000, 2_000];

/// The beginning of a text, at most so many bytes.
fn head(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn printf(text: &str) -> Option<usize> {
    let rest = head(text.strip_prefix('%')?, LONGEST[0]);
    if rest.starts_with('%') {
        return Some(2);
    }
    let mut at = 0;
    if let Some(name) = rest.strip_prefix('(') {
        at = name.find(')')? + 2;
    }
    // A blank is a flag as well, but "100 % of" is a text.
    let flags = rest[at..].find(|letter: char| !"-+#0123456789.*$'".contains(letter));
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = || (at == 0 && (1..=2).contains(&digits)).then_some(1 + digits);
    let Some(flags) = flags else { return numbered() };
    let lengths = ["hh", "ll", "h", "l", "j", "z", "t", "L", "q"];
    let behind = &rest[at + flags..];
    let length = lengths.into_iter().find(|length| behind.starts_with(length)).map_or(0, str::len);
    match behind[length..].chars().next() {
        Some(kind) if "diouxXeEfFgGaAcCsSpn@".contains(kind) => {
            Some(1 + at + flags + length + kind.len_utf8())
        }
        _ => numbered(),
    }
}

fn braces(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('$').filter(|rest| rest.starts_with('{')).unwrap_or(text);
    let open = rest.bytes().take(2).take_while(|byte| *byte == b'{').count();
    if open == 0 {
        return None;
    }
    let inner = head(&rest[open..], LONGEST[0]);
    let end = inner.find('}')?;
    let is_name =
        inner[..end].chars().all(|letter| letter.is_alphanumeric() || "_.-:,#!+ $".contains(letter));
    let closed = inner[end..].starts_with(if open == 2 { "}}" } else { "}" });
    (is_name && closed).then_some(text.len() - rest.len() + open + end + open)
}

fn markup(text: &str) -> Option<usize> {
    let rest = head(text.strip_prefix('<')?, LONGEST[2]);
    let name = rest.strip_prefix('/').unwrap_or(rest);
    if !name.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return None;
    }
    let end = rest.find(['>', '<'])?;
    rest[end..].starts_with('>').then_some(end + 2)
}

fn entity(text: &str) -> Option<usize> {
    let rest = head(text.strip_prefix('&')?, LONGEST[1]);
    let end = rest.find(';')?;
    let name = rest[..end].strip_prefix('#').unwrap_or(&rest[..end]);
    (!name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric())).then_some(end + 2)
}

fn address(text: &str) -> Option<usize> {
    let scheme = ["https://", "http://", "mailto:"].into_iter().find(|scheme| text.starts_with(scheme))?;
    let text = head(text, LONGEST[3]);
    let ends = |letter: char| letter.is_whitespace() || "<>\"'()".contains(letter);
    let end = text.find(ends).unwrap_or(text.len());
    // The point that ends a sentence is no part of an address.
    let address = text[..end].trim_end_matches(['.', ',', ';', '!', '?', ':']);
    (address.len() > scheme.len()).then_some(address.len())
}

/// Whether a text chooses between texts, as messages of ICU do: `{count, plural, one{…} other{…}}`.
pub fn chooses(text: &str) -> bool {
    let inner = text.split('{').skip(1).map(|inner| head(inner, LONGEST[0]));
    inner.into_iter().any(|inner| {
        let kind = inner.split(['{', '}']).next().and_then(|inner| inner.split(',').nth(1)).map(str::trim);
        matches!(kind, Some("plural" | "select" | "selectordinal"))
    })
}

/// Whether a letter that may be missing belongs to a word.
pub(crate) fn is_letter(letter: Option<char>) -> bool {
    letter.is_some_and(char::is_alphanumeric)
}

/// Whether a text has a word, not within others.
pub fn has_word(text: &str, word: &str) -> bool {
    let [begins, ends] = [word.chars().next(), word.chars().next_back()].map(is_letter);
    !word.is_empty()
        && text.match_indices(word).any(|(at, found)| {
            let inside = (begins && is_letter(text[..at].chars().next_back()))
                || (ends && is_letter(text[at + found.len()..].chars().next()));
            !inside
        })
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
    fn long_texts_of_beginnings_take_no_time() {
        for beginning in ["{", "{{", "&", "<", "<a", "%(", "%1", "https://", "${", "http://."] {
            let text = beginning.repeat(200_000);
            assert!(keeps(&text, &text) && !keeps("a", &format!("{text}<b>")), "{beginning}");
        }
    }

    #[test]
    fn messages_that_choose_and_words_are_found() {
        assert!(chooses("{count, plural, =1{1 file} other{{count} files}}") && chooses("a {x,select, a{b}}"));
        assert!(!chooses("{a}, {b}, plural") && !chooses("{0, number}"));
        assert!(has_word("Open App.", "App") && !has_word("Apply", "App") && !has_word("élan", "lan"));
    }

    #[test]
    fn a_translation_keeps_them() {
        assert!(keeps("%s of %d", "%s de %d"));
        assert!(!keeps("%s of %d", "%d de %s"), "values are taken by position");
        assert!(keeps("%1$s of %2$d", "%2$d de %1$s"));
        assert!(keeps("<b>{name}</b>", "<b>{name}</b>"));
        assert!(!keeps("{name}", "{nombre}"));
        assert!(!keeps("a", "a %s"));
        assert!(keeps("%1 of %2", "%2 de %1") && !keeps("%1 of %2", "%1 de"));
        assert!(keeps("50 percent", "50 %"), "no program fills values in here");
        for injected in ["Copiado %s al 100 % n", "Copiado %s %'s"] {
            assert!(!keeps("Copied %s", injected), "{injected}");
        }
        for injected in ["Abrir <img src=x //", "Abrir <_evil/>", "Abrir <!--", "Abrir </b"] {
            assert!(!keeps("Open", injected), "{injected}");
        }
        assert!(keeps("a < b", "b < a") && !keeps("<b>a</b>", "</b>a<b>"));
        assert!(keeps("<b>a</b> <i>c</i>", "<i>c</i> <b>a</b>"));
    }
}
