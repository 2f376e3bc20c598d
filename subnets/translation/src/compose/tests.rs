use super::*;

fn meaning() -> Meaning {
    let noun = |name: &str| LEXICON.nouns.iter().position(|noun| noun[0].one == name).unwrap();
    let plain = |name: &str, many| Phrase { noun: noun(name), adjective: None, many, of: None };
    let adjective = |name: &str| LEXICON.adjectives.iter().position(|forms| forms[0][0] == name);
    Meaning {
        phrases: [
            Phrase {
                adjective: adjective("local"),
                of: Some((noun("screen"), false)),
                ..plain("file", true)
            },
            plain("alarm", false),
            plain("device", false),
        ],
        verbs: [0, 1],
        time: 0,
        names: ["Torvel".into(), "Brinda".into()],
        word: "korst".into(),
        number: 3,
        placeholder: "%s",
    }
}

#[test]
fn languages_join_and_bend_words() {
    let said = |language, wording: &str| fill(wording, language, &meaning());
    assert_eq!(
        said(Language::En, "{1}, {2a}, {2this}"),
        "the local files of the screen, an alarm, this alarm"
    );
    assert_eq!(said(Language::Es, "{1} {v+1}"), "los archivos locales de la pantalla abiertos");
    assert_eq!(said(Language::Fr, "{1} {v+1}"), "les fichiers locaux de l'écran ouverts");
    assert_eq!(said(Language::Pt, "{1} {v+1}"), "os ficheiros locais do ecrã abertos");
    assert_eq!(
        said(Language::Fr, "{of:v} {2} {of2} {to3} {3this}"),
        "d'ouvrir l'alarme de l'alarme à l'appareil cet appareil"
    );
    assert_eq!(said(Language::Es, "{of3} {to3} {in2}"), "del dispositivo al dispositivo en la alarma");
    assert_eq!(
        said(Language::Pt, "{of2} {to3} {in2this} {in2a} {of3your}"),
        "do alarme ao dispositivo neste alarme num alarme do seu dispositivo"
    );
    assert_eq!(
        said(Language::Pt, "{n1} {1all}"),
        "3 ficheiros locais do ecrã todos os ficheiros locais do ecrã"
    );
    assert_eq!(
        said(Language::Fr, "[1:a|ont] [2g:ouvert|ouverte] {p} {q} {x} {n}"),
        "ont ouverte Torvel korst %s 3"
    );
    assert_eq!(capitals("open it. then %s"), "Open it. Then %s");
}

#[test]
fn every_pattern_is_written_in_every_language() {
    assert!(PATTERNS.len() >= 30);
    for pattern in PATTERNS.iter() {
        for language in Language::ALL {
            let wordings = &pattern.wordings[language as usize];
            assert!(!wordings.is_empty(), "{:?}", pattern.wordings);
            for wording in wordings {
                let text = fill(wording, language, &meaning());
                let left: String = text.replace("%s", "");
                assert!(!left.contains(['{', '}', '[', ']', '|', '~']), "{wording}: {text}");
                // Values that stand in one language stand in all.
                for mark in ["{n}", "{x}", "{p}", "{r}", "{q}", "{t}"] {
                    let english = pattern.wordings[0][0];
                    assert_eq!(wording.matches(mark).count(), english.matches(mark).count(), "{wording}");
                }
            }
        }
    }
}

#[test]
fn tables_have_all_forms() {
    for language in Language::ALL {
        for at in 0..LEXICON.verbs.len() {
            let verb = LEXICON.verb(language, at);
            let forms = [&verb.base, &verb.imperative, &verb.participle, &verb.third];
            assert!(forms.iter().all(|form| !form.is_empty()), "{}", verb.base);
            assert!(
                !(language == Language::Fr && verb.participle.ends_with(['s', 'x'])),
                "{}",
                verb.participle
            );
        }
        for at in 0..LEXICON.nouns.len() {
            let noun = LEXICON.noun(language, at);
            assert!(!noun.one.is_empty() && !noun.many.is_empty(), "{}", noun.one);
        }
    }
    assert_eq!((LEXICON.nouns.len(), LEXICON.verbs.len()), (100, 40));
}

#[test]
fn a_secret_and_a_seed_give_the_same_text_and_others_give_others() {
    let text = |secret: u8, seed: u8| {
        Composer::new(&[secret; 32]).compose(&Seed([seed; 32]), Language::En, Language::Es, false)
    };
    assert_eq!(text(1, 1), text(1, 1));
    assert_ne!(text(1, 1).source, text(2, 1).source);
    let composer = Composer::new(&[1; 32]);
    let texts: std::collections::HashSet<String> = (0..2000)
        .map(|at| composer.compose(&Seed([3; 32]).derive(b"", at), Language::En, Language::Es, false).source)
        .collect();
    assert!(texts.len() >= 1_990, "{} different texts of 2,000", texts.len());
}
