use myelin_wire::evidence::{EvidenceTree, Files, MinerEvidence};
use proptest::prelude::*;

use super::*;

const VALIDATOR: AccountId = [7; 32];

fn list() -> FileList {
    let name = |round: u16| ["records", "seeds"].map(|what| (FileList::name(round, what), [round as u8; 32]));
    (0..3).flat_map(name).collect()
}

fn branches(files: Hash) -> Branches {
    let miner =
        |uid| MinerEvidence { uid, hotkey: [uid as u8; 32], answers: Vec::new(), records: Vec::new() };
    let files = Files { others: files, ..Files::default() };
    EvidenceTree::new((2, 41), VALIDATOR, files, (0..3).map(miner).collect()).branches()
}

fn contents(all: &[&[u8]]) -> BTreeMap<Hash, Vec<u8>> {
    all.iter().map(|content| (blake2_256(content), content.to_vec())).collect()
}

fn claims() -> Vec<FaultClaim> {
    let terms = Terms { burn_in: Some(9), collateral: 5, load: None };
    let other = Terms { burn_in: None, collateral: 0, load: Some(70_000) };
    let mut claims = vec![
        FaultClaim::Between { earlier: 0, later: 1 },
        FaultClaim::Round { round: 1, mechanism: 0, terms },
        FaultClaim::Weights { mechanism: 1, terms: other },
        FaultClaim::Seed { round: 2, place: 300 },
        FaultClaim::Twins { round: 2, first: 1, second: 70_000 },
        FaultClaim::Unseeded { round: 2, place: 1 << 20 },
    ];
    claims.sort_unstable();
    claims
}

fn whole() -> Vec<u8> {
    form::write(&branches(list().root()), Some(&list()), &contents(&[b"one", b"", b"three"]), &claims())
}

fn why(bytes: &[u8]) -> String {
    Rooted::from_bytes(bytes).err().map(|error| error.to_string()).expect("refused")
}

#[test]
fn parts_are_read_as_they_were_written() {
    let (rooted, read) = Rooted::from_bytes(&whole()).unwrap();
    assert_eq!((rooted.root(), read), (branches(list().root()).head.root(), claims()));
    for content in [&b"one"[..], b"", b"three"] {
        assert_eq!(rooted.content(blake2_256(content), Part::Standings).unwrap(), content);
    }
    assert_eq!(rooted.to_bytes(&claims()), whole(), "all parts were read");
    assert!(rooted.ensure_all_used().is_ok());
    rooted.forget();
    assert!(matches!(rooted.ensure_all_used(), Err(PartsError::Padded(_))));
    assert!(matches!(rooted.content([9; 32], Part::File(4, "seeds")), Err(PartsError::Missing(what))
        if what == "round-04.seeds"));
    // A holder of the public part has no list of files.
    let public = form::write(&branches([3; 32]), None, &contents(&[b"one"]), &claims()[..1]);
    let (rooted, _) = Rooted::from_bytes(&public).unwrap();
    assert_eq!(rooted.last_source().unwrap(), None);
    assert!(matches!(rooted.between(0, 1), Err(PartsError::Missing(_))));
}

#[test]
fn every_defect_has_its_name() {
    let whole = whole();
    assert!(why(&[]).contains("it ends too early"));
    assert!(why(&whole[..whole.len() - 1]).contains("it ends too early"));
    assert!(why(&[&whole[..], &[0]].concat()).contains("bytes after the end"));
    let of = |branches: &Branches, files: Option<&FileList>, contents: &[&[u8]], claims: &[FaultClaim]| {
        why(&form::write(branches, files, &self::contents(contents), claims))
    };
    let right = branches(list().root());
    assert!(of(&branches([1; 32]), Some(&list()), &[], &claims()).contains("not the one under the root"));
    let fewer = Branches { miners: right.miners[1..].to_vec(), ..right.clone() };
    assert!(of(&fewer, Some(&list()), &[], &claims()).contains("not those of its head"));
    let odd: FileList = [("salt".to_string(), [0; 32])].into_iter().collect();
    assert!(of(&branches(odd.root()), Some(&odd), &[], &claims()).contains("`salt` is not the name"));
    assert!(of(&right, Some(&list()), &[], &[]).contains("no claim"));
    let many = vec![claims()[0]; Rooted::MOST_CLAIMS + 1];
    assert!(of(&right, Some(&list()), &[], &many).contains("more than any file has"));
    assert!(of(&right, Some(&list()), &[], &many[..2]).contains("a claim stands twice"));
    let large = vec![0; Rooted::MOST_BYTES + 1];
    assert!(of(&right, Some(&list()), &[&large], &claims()).contains("larger than any"));
    let half = vec![1; Rooted::MOST_BYTES / 2 + 1];
    let other_half = vec![2; Rooted::MOST_BYTES / 2 + 1];
    assert!(of(&right, Some(&list()), &[&half, &other_half], &claims()).contains("larger than any"));
    // The kind of the first claim, and the mark before its last number.
    let first =
        form::write(&right, Some(&list()), &contents(&[]), &[FaultClaim::Seed { round: 0, place: 0 }]);
    let mut odd = first.clone();
    odd[first.len() - 7] = 6;
    assert!(why(&odd).contains("no claim has this kind"));
    let huge = [&u32::MAX.to_le_bytes()[..], &whole].concat();
    assert!(why(&huge).contains("larger than any"));
}

proptest! {
    #[test]
    fn bytes_have_one_meaning(at in any::<prop::sample::Index>(), flip in 1u8.., cut in any::<prop::sample::Index>()) {
        let whole = whole();
        prop_assert!(Rooted::from_bytes(&whole[..cut.index(whole.len())]).is_err());
        let mut other = whole.clone();
        other[at.index(whole.len())] ^= flip;
        // A changed file that still parses has another meaning, and is written back to the same bytes.
        if let Ok(parts) = form::read(&other) {
            let again = form::write(&parts.branches, parts.files.as_ref(), &parts.contents, &parts.claims);
            prop_assert_eq!(again, other);
        }
    }
}
