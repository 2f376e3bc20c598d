use super::*;
use proptest::prelude::*;

const CODE: &str = "//! A crate.\npub fn answer() -> u32 {\n    // the answer to everything\n    let value = compute();\n    value\n}\n\nfn compute() -> u32 {\n    let parts = [\"a\", \"b\", \"c\"];\n    parts.iter().map(|part| part.len() as u32).sum()\n}\n";

/// A registry folder with crates of one source file each.
fn registry(crates: &[(&str, &str, &str, &str)]) -> (tempfile::TempDir, CrateSources) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, version, licence, code) in crates {
        let root = folder.path().join(format!("{name}-{version}"));
        std::fs::create_dir_all(root.join("src")).expect("a crate folder");
        std::fs::write(root.join("Cargo.toml"), format!("[package]\nlicense = \"{licence}\"\n"))
            .expect("a manifest");
        std::fs::write(root.join("src/lib.rs"), code).expect("a source file");
    }
    let sources = CrateSources::in_folders(&[folder.path().to_owned()]);
    (folder, sources)
}

fn lock(packages: &[(&str, &str)]) -> String {
    let package = |(name, version): &(&str, &str)| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry+https://index\"\n\n")
    };
    packages.iter().map(package).collect()
}

#[test]
fn one_crate_in_eight_is_held_out_by_its_name() {
    let held = (0..8000).filter(|i| Split::of(&format!("crate-{i}")) == Split::HeldOut).count();
    assert!((850..1150).contains(&held), "{held}");
    assert_eq!(Split::of("serde_json"), Split::HeldOut);
    assert_eq!(Split::of("serde"), Split::Training);
}

#[test]
fn the_pinned_list_parses_and_holds_both_sides() {
    let list = CrateList::pinned().expect("the pinned list is valid");
    let held = list.crates.iter().filter(|c| Split::of(&c.name) == Split::HeldOut).count();
    assert!(list.crates.len() > 500 && held > 50);
    assert_eq!(CrateList::parse(&list.to_text()).expect("its own text"), list);
    assert!(matches!(CrateList::parse("# fine\nbroken"), Err(CorpusError::List { line: 2 })));
}

#[test]
fn selection_takes_permissive_crates_in_their_newest_version() {
    let (_folder, sources) = registry(&[
        ("alpha", "1.2.0", "MIT OR Apache-2.0", CODE),
        ("alpha", "1.10.0", "MIT/Apache-2.0", CODE),
        ("beta-2", "0.1.0", "GPL-3.0-only", CODE),
        ("gamma", "0.1.0", "GPL-3.0 OR BSD-3-Clause", CODE),
        ("delta-sys", "0.1.0", "MIT", CODE),
        ("unlocked", "0.1.0", "MIT", CODE),
    ]);
    let locks = [
        lock(&[("alpha", "1.2.0"), ("beta-2", "0.1.0"), ("delta-sys", "0.1.0")]),
        lock(&[("alpha", "1.10.0"), ("gamma", "0.1.0"), ("absent", "1.0.0")]),
    ];
    let list = CrateList::select(&locks, &sources);
    let chosen: Vec<_> = list.crates.iter().map(|c| (c.name.as_str(), c.version.as_str())).collect();
    assert_eq!(chosen, [("alpha", "1.10.0"), ("gamma", "0.1.0")]);
}

#[test]
fn the_corpus_is_the_same_wherever_it_is_built() {
    let other = CODE.replace("answer", "question");
    let crates = [
        ("serde", "1.0.0", "MIT", CODE),
        ("tokio", "1.0.0", "MIT", other.as_str()),
        ("rand", "0.9.0", "MIT", CODE),
        ("serde_json", "1.0.0", "MIT", CODE),
    ];
    let list = crates.map(|(name, version, licence, _)| format!("{name} {version} {licence}\n")).concat();
    let list = CrateList::parse(&list).expect("a list");
    let build = |crates: &[(&str, &str, &str, &str)]| {
        let (_folder, sources) = registry(crates);
        Corpus::build(&list, Split::Training, &sources).expect("all crates are there")
    };
    let corpus = build(&crates);
    let mut reversed = crates;
    reversed.reverse();
    assert_eq!(build(&reversed), corpus);
    // equal texts count once, held-out crates not at all
    assert_eq!(corpus.documents.len(), 2);
    assert!(corpus.documents.iter().all(|d| d.crate_name() != "serde_json"));
    let mut changed = crates;
    let text = CODE.replace("value", "thing");
    changed[0].3 = &text;
    assert_ne!(build(&changed).hash(), corpus.hash());

    let (_folder, sources) = registry(&crates);
    let held = Corpus::build(&list, Split::HeldOut, &sources).expect("all crates are there");
    assert_eq!(held.documents[0].crate_name(), "serde_json");

    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("corpus");
    corpus.save(&file).expect("saving");
    assert_eq!(Corpus::load(&file).expect("loading"), corpus);
    std::fs::write(&file, "something else").expect("writing");
    assert!(matches!(Corpus::load(&file), Err(CorpusError::Format { .. })));
}

#[test]
fn relatives_of_known_documents_are_not_novel() {
    let document = |label: &str, text: String| Document { label: label.into(), text };
    let known = Corpus { documents: vec![document("a-1.0.0/src/lib.rs", CODE.into())] };
    let fork = CODE.replace("answer", "reply");
    let fresh = CODE.lines().map(|l| format!("{l} // entirely other words\n")).collect::<String>();
    let corpus = Corpus {
        documents: vec![document("b-1.0.0/src/lib.rs", fork), document("c-1.0.0/src/lib.rs", fresh)],
    };
    let novel = corpus.novel(&known);
    assert_eq!(novel.documents.iter().map(Document::crate_name).collect::<Vec<_>>(), ["c"]);
}

#[test]
fn missing_sources_are_named() {
    let list = CrateList::parse("serde 1.0.0 MIT\nzzz-none 2.0.0 MIT\n").expect("a list");
    let (_folder, sources) = registry(&[("serde", "1.0.0", "MIT", CODE)]);
    match Corpus::build(&list, Split::of("zzz-none"), &sources) {
        Err(CorpusError::Missing { missing: 1, first, .. }) => assert_eq!(first, "zzz-none 2.0.0"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn missing_crates_are_asked_for_in_their_exact_version() {
    let list = CrateList::parse("alpha 1.2.3 MIT\nbeta-2 0.1.0+meta MIT\n").expect("a list");
    let text = fetch::manifest(&list.crates.iter().collect::<Vec<_>>());
    assert!(text.contains("c0 = { package = \"alpha\", version = \"=1.2.3\", default-features = false }\n"));
    assert!(text.contains("package = \"beta-2\", version = \"=0.1.0+meta\""));
    // nothing is missing, so nothing is run
    let (folder, sources) =
        registry(&[("alpha", "1.2.3", "MIT", CODE), ("beta-2", "0.1.0+meta", "MIT", CODE)]);
    assert!(list.fetch_missing(&sources, &folder.path().join("none")).expect("nothing to do").is_empty());
    assert!(!folder.path().join("none").exists());
}

#[test]
fn only_ordinary_text_is_kept() {
    let clean = |text: &str| clean(text.as_bytes());
    assert_eq!(clean(CODE).as_deref(), Some(CODE));
    assert_eq!(clean(&CODE.replace('\n', "  \r\n")).as_deref(), Some(CODE));
    let licence = "// Copyright (c) Somebody\n// Licensed under the MIT license\n\n";
    assert_eq!(clean(&format!("{licence}{CODE}")).as_deref(), Some(CODE));
    assert_eq!(clean(&format!("/*\n * Copyright\n */\n{CODE}")).as_deref(), Some(CODE));
    let remark = format!("// About parsing.\n{CODE}");
    assert_eq!(clean(&remark).as_deref(), Some(remark.as_str()));
    let refused = [
        format!("// @generated by a tool\n{CODE}"),
        format!("{CODE}// {}\n", "x".repeat(400)),
        "0x1234, 0x5678, 0x9abc,\n".repeat(60),
        "// 漢字漢字漢字漢字漢字\n".repeat(60),
        "fn short() {}\n".to_owned(),
        "a\n".repeat(MAX_FILE_BYTES),
        format!("{CODE}\0"),
    ];
    refused.iter().for_each(|text| assert_eq!(clean(text), None, "{:.40}", text));
}

proptest! {
    #[test]
    fn cleaning_never_panics_and_keeps_no_trailing_blanks(
        bytes in prop::collection::vec(any::<u8>(), 0..600), text in "[ -~\n]{200,600}",
    ) {
        let _ = clean(&bytes);
        if let Some(kept) = clean(text.as_bytes()) {
            prop_assert!(kept.ends_with('\n'));
            prop_assert!(kept.lines().all(|l| l == l.trim_end()));
        }
    }
}
