//! Finds what leads to a person: e-mail addresses and telephone numbers.

/// Fewest and most digits of a telephone number.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Takes e-mail addresses and telephone numbers out of a text.
///
/// Words with an at sign between a name and a host count as addresses. Digits count as a telephone number where they
/// begin with `+` or `00`, or with a word such as "Tel".
pub fn remove(text: &mut String) {
    if !text.contains('@') && !text.contains(|letter: char| letter.is_ascii_digit()) {
        return;
    }
    let words: Vec<&str> = text.split(' ').collect();
    let mut out: Vec<&str> = Vec::with_capacity(words.len());
    let (mut at, mut removed) = (0, false);
    while at < words.len() {
        let called = at > 0 && is_called(words[at - 1]);
        if let Some(count) = telephone(&words[at..], called) {
            at += count;
            removed = true;
        } else if is_mail(words[at]) {
            at += 1;
            removed = true;
        } else {
            out.push(words[at]);
            at += 1;
        }
    }
    if removed {
        *text = out.join(" ");
    }
}

fn is_mail(word: &str) -> bool {
    let word = word.strip_prefix("mailto:").unwrap_or(word);
    let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    word.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && !host.contains('@')
            && host.split('.').filter(|part| !part.is_empty()).count() >= 2
    })
}

fn is_called(word: &str) -> bool {
    let word = word.trim_end_matches([':', '.']).to_lowercase();
    ["tel", "phone", "telephone", "telefon", "teléfono", "mobile", "fax", "call"].contains(&word.as_str())
}

/// The number of words of a telephone number at the beginning.
fn telephone(words: &[&str], called: bool) -> Option<usize> {
    let first = words.first()?.trim_start_matches('(');
    if !(called || first.starts_with('+') || first.starts_with("00")) {
        return None;
    }
    let (mut digits, mut count) = (0, 0);
    for word in words {
        let inner = word.trim_end_matches([',', '.', ';']);
        let is_part = inner.contains(|letter: char| letter.is_ascii_digit())
            && inner.chars().all(|letter| letter.is_ascii_digit() || "+()-/.".contains(letter));
        if !is_part {
            break;
        }
        digits += inner.bytes().filter(u8::is_ascii_digit).count();
        count += 1;
        // Marks of a sentence end the number.
        if inner.len() < word.len() {
            break;
        }
    }
    DIGITS.contains(&digits).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_of_people_go_and_the_rest_stays() {
        for (text, wanted) in [
            ("Ask ann.o@mail.example, please", "Ask please"),
            ("(bob@b.example)", ""),
            ("@handle a@b", "@handle a@b"),
            ("Tel: 030 123 4567 89", "Tel:"),
            ("+49 (30) 1234-5678. Open", "Open"),
            ("0049301234567", ""),
            ("costs 1234567890 kr", "costs 1234567890 kr"),
            ("2026-03-09 12 300", "2026-03-09 12 300"),
            ("phone 12", "phone 12"),
        ] {
            let mut said = text.to_owned();
            remove(&mut said);
            assert_eq!(said, wanted, "{text}");
        }
    }
}
