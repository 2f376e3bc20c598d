use myelin_wire::record::Ppm;

use super::*;

fn standings(scores: &[u32]) -> Standings {
    let standing = |(key, score): (u8, &u32)| {
        let mut standing = Standing::default();
        standing.update(Ppm::new(*score), Ppm::ONE);
        ((0, [key; 32]), standing)
    };
    (1..).zip(scores).map(standing).collect()
}

fn folder() -> (tempfile::TempDir, EvidenceFolder) {
    let folder = tempfile::tempdir().unwrap();
    let evidence = EvidenceFolder { path: folder.path().into(), keep: 2 };
    (folder, evidence)
}

#[test]
fn standings_have_one_form_and_are_kept_once() {
    let (_guard, folder) = folder();
    let (before, after) = (standings(&[700_000]), standings(&[700_000, 300_000]));
    folder.write_standings(3, 0, &before, &after).unwrap();
    folder.write_standings(3, 1, &after, &after).unwrap();
    let kept = folder.round_standings(3, 0).unwrap().unwrap();
    assert_eq!(folder.standings(3, &kept.before).unwrap(), before);
    assert_eq!(folder.standings(3, &kept.after).unwrap(), after);
    assert_eq!(kept.after, to_hex(&standings_hash(&after).unwrap()));
    assert_eq!(fs::read_dir(folder.path.join("epoch-000003/standings")).unwrap().count(), 2);
    assert_eq!(folder.round_standings(3, 2).unwrap(), None, "an older validator kept none");
    let text = String::from_utf8(standings_bytes(&after).unwrap()).unwrap();
    assert!(text.starts_with(r#"{"mechanism":0,"hotkey":"0101"#) && text.lines().count() == 2, "{text}");
}

#[test]
fn standings_that_are_not_what_their_hash_says_are_damaged() {
    let (_guard, folder) = folder();
    folder.write_standings(3, 0, &standings(&[700_000]), &standings(&[700_000])).unwrap();
    let kept = folder.round_standings(3, 0).unwrap().unwrap();
    let path = folder.path.join("epoch-000003/standings").join(&kept.after);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("700000", "700001")).unwrap();
    assert!(matches!(folder.standings(3, &kept.after), Err(EvidenceError::Damaged { .. })));
    assert!(matches!(folder.standings(3, "../../secret"), Err(EvidenceError::Damaged { .. })));
    let twice = standings_bytes(&standings(&[1])).unwrap().repeat(2);
    assert!(read_standings(&twice).unwrap_err().contains("twice"));
    assert!(read_standings(b"{}\n").is_err());
}
