use super::*;
use crate::language::Language;

fn text(text: &str) -> Text {
    Text { text: text.into(), ..Text::default() }
}

fn accuracy(source: &str, reference: &str, translation: &str) -> u32 {
    let source = text(source);
    Right::new(&source, &[reference.into()], &[], &[]).accuracy(&source, translation).0.get()
}

#[test]
fn a_right_translation_is_worth_everything_and_a_copy_nothing() {
    let (source, reference) = ("Torvel wants to open 3 files.", "Torvel quiere abrir 3 archivos.");
    assert_eq!(accuracy(source, reference, reference), 1_000_000);
    for copy in [source, "Torvel 3", "Torvel Torvel 3.", "torvel WANTS 3 open"] {
        assert_eq!(accuracy(source, reference, copy), 0, "{copy}");
    }
    let near = accuracy(source, reference, "Torvel quiere abrir 3 ficheros.");
    assert!((500_000..900_000).contains(&near), "{near}");
    let joined = accuracy(source, reference, "Torvelquiereabrir3archivos.");
    assert!(joined <= 500_000, "without blanks: {joined}");
    // Between languages that are much alike a copy is worth nothing either.
    assert_eq!(accuracy("abrir la ventana", "abrir a janela", "abrir la ventana"), 0);
}

#[test]
fn the_nearest_reference_counts() {
    let source = text("Do you want to open it?");
    let right = Right::new(&source, &["¿Desea abrirlo?".into(), "¿Quiere abrirlo?".into()], &[], &[]);
    assert_eq!(right.accuracy(&source, "¿Quiere abrirlo?"), (Ppm::ONE, None));
    // Both at once are not better than one.
    let (both, flaw) = right.accuracy(&source, "¿Desea abrirlo? ¿Quiere abrirlo?");
    assert!(both < Ppm::new(800_000) && flaw.is_some(), "{both:?}");
}

#[test]
fn flaws_cost() {
    let source = Text { limit: Some(30), ..text("Open %s in 5 windows") };
    let term = Term {
        source: "window".into(),
        target: "ventana".into(),
        targets: "ventanas".into(),
        ..Term::default()
    };
    let right = Right::new(&source, &["Abra %s en 5 ventanas".into()], &[term], &[]);
    let judged = |translation: &str| right.accuracy(&source, translation);
    assert_eq!(judged("Abra %s en 5 ventanas"), (Ppm::ONE, None));
    assert_eq!(judged("Abra en 5 ventanas").0, Ppm::ZERO, "a placeholder is lost");
    assert_eq!(judged("Abra %s %s en 5 ventanas").0, Ppm::ZERO, "a placeholder is added");
    assert_eq!(judged(" ").0, Ppm::ZERO);
    assert_eq!(judged("Abra %s en las 5 ventanas de aquí").1, Some("longer than its limit"));
    let number = judged("Abra %s en 6 ventanas");
    assert!(number.0 < FLAWED && number.1 == Some("another number"), "{number:?}");
    let term = judged("Abra %s en 5 pantallas");
    assert!(term.0 < FLAWED && term.1 == Some("a term of the glossary is missing"), "{term:?}");
    let keep = Right::new(&source, &["Abra %s en 5 ventanas".into()], &[], &["ventanas".into()]);
    assert_eq!(keep.accuracy(&source, "Abra %s en 5 puertas").1, None, "a word that the text has not");
    let source = text("Open Nebula");
    let keep = Right::new(&source, &["Abra Nebula".into()], &[], &["Nebula".into()]);
    assert_eq!(keep.accuracy(&source, "Abra Nebulosa").1, Some("a word that stays is lost"));
}

#[test]
fn answers_of_another_form_are_refused() {
    let request = TranslationRequest {
        from: Language::En,
        to: Language::Es,
        texts: vec![text("Open the window"), text("Close the file")],
        glossary: vec![],
        keep: vec![],
    };
    let references = ["Abra la ventana", "Cierre el archivo"];
    let right: Vec<Right> = request
        .texts
        .iter()
        .zip(references)
        .map(|(text, reference)| Right::new(text, &[reference.into()], &[], &[]))
        .collect();
    let answer = |texts: &[&str], confidence: &[u8]| TranslationResponse {
        texts: texts.iter().map(|text| (*text).into()).collect(),
        confidence: confidence.to_vec(),
    };
    let judged = |answer: &TranslationResponse| judge(&request, &right, answer);
    let best = judged(&answer(&references, &[100, 100]));
    assert_eq!((best.parts, best.reason), ([Ppm::ONE; 2], Reason::Scored));
    let unsure = judged(&answer(&references, &[50, 50]));
    assert_eq!(unsure.parts[1], Ppm::new(750_000));
    let reason = |answer: &TranslationResponse| judged(answer).reason;
    assert_eq!(reason(&answer(&["Abra la ventana"], &[100])), Reason::Malformed);
    assert_eq!(reason(&answer(&references, &[100])), Reason::Malformed);
    assert_eq!(reason(&answer(&references, &[100, 101])), Reason::Malformed);
    assert_eq!(reason(&answer(&["", " "], &[0, 0])), Reason::Empty);
    assert_eq!(reason(&answer(&["Open the window", "Close the file"], &[0, 0])), Reason::Garbage);
    assert_eq!(reason(&answer(&["x", &"y".repeat(300_000)], &[0, 0])), Reason::Oversize);
    let far = judged(&answer(&["Abra la ventana", &"{".repeat(120_000)], &[100, 0]));
    assert!(far.note.contains("far too long"), "{}", far.note);
    // One text left out costs its share.
    let half = judged(&answer(&["Abra la ventana", ""], &[100, 0]));
    assert_eq!((half.parts[0], half.note.as_str()), (Ppm::new(500_000), "accuracy 0.500, 1 × nothing"));
}

#[test]
fn a_text_that_is_its_own_translation_does_not_count() {
    let request = TranslationRequest {
        from: Language::En,
        to: Language::Es,
        texts: vec![text("Wi-Fi"), text("Open the window")],
        glossary: vec![],
        keep: vec![],
    };
    let right = |reference: &str, at: usize| Right::new(&request.texts[at], &[reference.into()], &[], &[]);
    let said = |texts: [&str; 2]| TranslationResponse {
        texts: texts.map(str::to_owned).to_vec(),
        confidence: vec![100; 2],
    };
    let one = [right("Wi-Fi", 0), right("Abra la ventana", 1)];
    assert_eq!(judge(&request, &one, &said(["Wi-Fi", "Abra la ventana"])).parts[0], Ppm::ONE);
    assert_eq!(judge(&request, &one, &said(["Wi-Fi", "Open the window"])).reason, Reason::Garbage);
    let none = [right("Wi-Fi", 0), right("Open the window", 1)];
    assert_eq!(judge(&request, &none, &said(["Wi-Fi", "Open the window"])).reason, Reason::Excused);
}
