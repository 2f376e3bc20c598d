use myelin_wire::seed::Seed;

use super::*;
use crate::library::public_documents;

/// A writer of the public texts.
fn writer(secret: u8) -> Writer {
    let documents = public_documents().unwrap();
    let (code, prose): (Vec<_>, Vec<_>) =
        documents.iter().partition(|document| document.label.ends_with(".rs"));
    let [code, prose] =
        [code, prose].map(|all| all.into_iter().map(|document| document.text.as_str()).collect::<Vec<_>>());
    Writer::new(&code, &prose, [secret; 32]).unwrap()
}

fn rng(number: u64) -> SeedRng {
    Seed([4; 32]).derive(b"writer", number).rng()
}

#[test]
fn a_seed_and_a_secret_give_one_text_and_every_other_secret_another() {
    let [one, same, other] = [1, 1, 2].map(writer);
    for write in [Writer::code, Writer::prose] {
        let text = write(&one, &mut rng(1));
        assert_eq!(write(&same, &mut rng(1)), text);
        assert_ne!(write(&one, &mut rng(2)), text);
        assert_ne!(write(&other, &mut rng(1)), text);
    }
}

#[test]
fn few_lines_of_composed_texts_stand_elsewhere() {
    let writer = writer(1);
    let documents = public_documents().unwrap();
    let known: BTreeSet<&str> = documents
        .iter()
        .flat_map(|document| document.text.lines().map(str::trim))
        .filter(|line| line.len() > 24)
        .collect();
    let (mut seen, mut repeated) = (BTreeSet::new(), 0);
    let mut long = 0;
    for number in 0..100 {
        let text = writer.code(&mut rng(number)) + &writer.prose(&mut rng(number));
        let lines: BTreeSet<String> =
            text.lines().map(str::trim).filter(|line| line.len() > 24).map(str::to_owned).collect();
        long += lines.len();
        repeated += lines.iter().filter(|line| known.contains(line.as_str()) || seen.contains(*line)).count();
        seen.extend(lines);
    }
    // These are lines without names or arguments to replace.
    assert!(long > 1_000 && repeated * 20 < long, "{repeated} of {long} lines stand elsewhere");
}

#[test]
fn texts_come_back_to_their_names() {
    let writer = writer(1);
    let (mut names, mut places) = (0, 0);
    for number in 0..40 {
        let text = writer.code(&mut rng(number));
        let named = words(&text).filter(|(start, word)| {
            !writer.common[0].contains(*word) && role_in_code(&text, *start, word).is_some()
        });
        let named: Vec<&str> = named.map(|(_, word)| word).collect();
        places += named.len();
        names += named.into_iter().collect::<BTreeSet<_>>().len();
    }
    assert!(names * 4 < places * 3, "{names} names in {places} places");
}

#[test]
fn too_few_texts_are_no_writer() {
    let short = Writer::new(&["fn main() {\n    let a = b(c);\n}\n"], &["One sentence."], [1; 32]).err();
    let short = short.expect("one function is no writer");
    assert_eq!((short.sort.as_str(), short.needed), ("first lines of functions", LEAST_PIECES));
    assert!(short.has < 2);
}

#[test]
fn a_sort_with_few_pieces_uses_them_all_whatever_the_secret_says() {
    let lines =
        |count: usize| -> String { (0..count).map(|n| format!("fn number_{n}(count: u64) {{\n")).collect() };
    let of = |count, kept: usize| {
        let text = lines(count);
        let keep = |piece: &str| (0..kept).any(|n| piece.contains(&format!("number_{n}(")));
        Pieces::of(&[&text], &[], keep, LEAST_PIECES).headers.len()
    };
    assert_eq!(of(60, 30), 30);
    assert_eq!(of(30, 18), 30);
    assert_eq!(of(9, 4), 9);
}
