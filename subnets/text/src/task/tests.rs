use super::*;
use crate::{library::tests::own_sources, substitution::words as identifiers};

fn seed(number: u64) -> Seed {
    Seed([9; 32]).derive(b"task", number)
}

fn reference(task: &Task) -> &str {
    match &task.hidden {
        Hidden::Reference { text, .. } => text,
        _ => "",
    }
}

#[test]
fn a_seed_draws_the_same_task_every_time_and_another_seed_another_one() {
    let library = own_sources();
    for draw in [fill, continuation] {
        let first = draw(&library, &seed(1)).unwrap();
        assert_eq!(draw(&library, &seed(1)), Some(first.clone()));
        assert_ne!(draw(&library, &seed(2)), Some(first));
    }
}

#[test]
fn tasks_keep_to_their_sizes_and_to_the_protocol() {
    let library = own_sources();
    for number in 0..60 {
        let line = fill(&library, &seed(number)).unwrap();
        assert_eq!(line.request.check(), Ok(()));
        assert!(!reference(&line).contains('\n') && reference(&line).len() >= 4);
        assert!(line.request.suffix.as_ref().is_some_and(|suffix| suffix.starts_with('\n')), "{line:?}");
        let open = continuation(&library, &seed(number)).unwrap();
        assert_eq!(open.request.check(), Ok(()));
        assert!(reference(&open).len() >= 40);
    }
}

#[test]
fn no_string_of_the_validator_has_the_first_word_of_a_reference() {
    let library = Library::own([5; 32]).unwrap();
    for number in 0..100 {
        for task in [fill(&library, &seed(number)), continuation(&library, &seed(number))].map(Option::unwrap)
        {
            let Hidden::Reference { text, zero } = &task.hidden else { panic!("{task:?}") };
            assert_eq!((*zero, super::zero(&task.request, text)), (0, 0));
            assert!(words(text).count() >= LEAST_WORDS, "{text}");
        }
    }
}

#[test]
fn a_reference_that_begins_with_a_new_name_is_not_asked_for() {
    fn passage(hidden: &str) -> Passage<'_> {
        Passage { prefix: "let width = 3;\nlet area = wi", hidden, suffix: "\nlet height = 4;\n" }
    }
    assert!(passage("dth * height + 1;").is_foreseeable());
    assert!(!passage("dest * height + 1;").is_foreseeable(), "no such word");
    assert!(!passage("dth * depth + 1;").is_foreseeable(), "no such name");
    assert!(!passage("dth * 47 + 1;").is_foreseeable(), "no such number");
    assert!(!passage("dth;").is_foreseeable(), "too short");
}

#[test]
fn a_word_of_which_nothing_is_there_is_not_asked_for() {
    let is_foreseeable = |prefix: &str, hidden: &str| {
        let prefix = format!("let width = 3;\n{prefix}");
        Passage { prefix: &prefix, hidden, suffix: "\n" }.is_foreseeable()
    };
    assert!(is_foreseeable("let area = wi", "dth * 3 + 1;"));
    assert!(is_foreseeable("let area = width", " * width + 1;"));
    assert!(!is_foreseeable("let area = ", "width * 3 + 1;"));
    assert!(!is_foreseeable("let area =", " width * 3 + 1;"));
}

#[test]
fn few_places_are_asked_where_the_n_gram_model_finishes_the_word() {
    let library = Library::own([5; 32]).unwrap();
    let mut guessed = 0;
    for number in 0..60 {
        for task in [fill(&library, &seed(number)), continuation(&library, &seed(number))].map(Option::unwrap)
        {
            let begun = task.request.prompt.ends_with(in_word) && reference(&task).starts_with(in_word);
            guessed += usize::from(begun && library.is_guessed(&task.request, reference(&task)));
        }
    }
    assert!(guessed < 12, "{guessed} of 120; without the rule about a sixth");
}

#[test]
fn the_reference_is_not_what_stands_in_the_source() {
    let library = own_sources();
    let source = include_str!("../similarity.rs").to_owned()
        + include_str!("../substitution.rs")
        + include_str!("../protocol.rs")
        + include_str!("../library.rs");
    let tasks = (0..100).filter_map(|number| fill(&library, &seed(number)));
    let findable =
        tasks.filter(|task| source.contains(&(task.request.prompt.clone() + reference(task)))).count();
    assert!(findable < 10, "{findable} of 100 passages stand in the source as they are");
}

#[test]
fn new_names_in_the_reference_are_those_of_the_prompt() {
    let library = own_sources();
    let mut paired = 0;
    for number in 0..100 {
        let mut rng = seed(number).rng();
        let text = library.code(&mut rng);
        let Some(passage) = (0..8).find_map(|_| cut_line(&text, &mut rng)) else { continue };
        let [prefix, hidden, _] = passage.freshened(&library, &mut rng);
        let old: Vec<_> = identifiers(passage.hidden).map(|(_, word)| word).collect();
        let new: Vec<_> = identifiers(&hidden).map(|(_, word)| word).collect();
        if old.len() != new.len() {
            continue;
        }
        // Of a word in which the cut falls, the hidden part has the rest only.
        let whole = usize::from(passage.is_begun());
        for (old, new) in old.iter().zip(&new).skip(whole).filter(|(old, new)| old != new) {
            assert!(
                !identifiers(&prefix).any(|(_, word)| word == *old),
                "{old} is left in the prompt beside {new}"
            );
            paired += 1;
        }
    }
    assert!(paired > 30, "only {paired} names were replaced");
}

#[test]
fn a_cut_within_a_renamed_word_moves_to_its_start() {
    let passage = Passage { prefix: "let chan", hidden: "nel = open(channel);", suffix: "\n" };
    let library = own_sources();
    for number in 0..20 {
        let [prefix, hidden, _] = passage.freshened(&library, &mut seed(number).rng());
        if !hidden.contains("channel") {
            assert_eq!(prefix, "let ", "{hidden}");
        }
    }
}
