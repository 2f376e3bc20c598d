use myelin_wallet::Keypair;
use myelin_wire::evidence::{EvidenceTree, Files};

use super::*;
use crate::testkit::{MemoryChain, NETUID};

/// A part of an epoch with this many bytes of records, as far as a disk is concerned.
fn part(epoch: u64, bytes: usize) -> PublicPart {
    let branches = EvidenceTree::new((NETUID, epoch), [1; 32], Files::default(), Vec::new()).branches();
    let records = BTreeMap::from([(0, vec![0; bytes])]);
    PublicPart { branches, records, around: BTreeMap::new(), standings: BTreeMap::new(), weights: Vec::new() }
}

fn holder(place: &tempfile::TempDir, keep: usize, most: u64) -> Holder<MemoryChain> {
    let key = Arc::new(Keypair::from_uri("//holder").unwrap());
    let chain = MemoryChain::new(100, true).signed_by(key.public());
    let folder = EvidenceFolder { path: place.path().join("evidence"), keep };
    let (reporter, _) = watch::channel(ValidatorReport::default());
    Holder::new(chain, key, NETUID, (folder, most), reporter)
}

#[tokio::test]
async fn the_oldest_epochs_of_each_validator_go_first_and_none_takes_anothers_room() {
    let place = tempfile::tempdir().unwrap();
    let holder = holder(&place, 100, 2 << 20);
    let (large, small) = (holder.folder.held_of(&[1; 32]), holder.folder.held_of(&[2; 32]));
    for epoch in 1..=6 {
        large.write_public(epoch, &part(epoch, 300_000)).unwrap();
        small.write_public(epoch, &part(epoch, 3_000)).unwrap();
    }
    let root = |signer| CommittedRoot { validator: signer, signer, root: [0; 32] };
    let share = holder.share(&[(0, root([1; 32]))]);
    assert_eq!(share, 1 << 20, "two validators share the room, also if one has left");
    holder.tidy(6, share).await.unwrap();
    assert_eq!(large.epochs(), [4, 5, 6], "300 kB each");
    assert_eq!(small.epochs(), [1, 2, 3, 4, 5, 6]);
}

#[tokio::test]
async fn as_many_epochs_are_held_as_of_the_own_evidence() {
    let place = tempfile::tempdir().unwrap();
    let holder = holder(&place, 2, 1 << 30);
    let (staying, gone) = (holder.folder.held_of(&[1; 32]), holder.folder.held_of(&[2; 32]));
    for epoch in 1..=6 {
        staying.write_public(epoch, &part(epoch, 10)).unwrap();
    }
    gone.write_public(3, &part(3, 10)).unwrap();
    holder.tidy(6, 1 << 30).await.unwrap();
    assert_eq!(staying.epochs(), [5, 6]);
    assert!(!gone.path.exists(), "a validator that left is forgotten in time");
}

#[tokio::test]
async fn a_reason_is_kept_until_it_changes() {
    let place = tempfile::tempdir().unwrap();
    let mut holder = holder(&place, 2, 1 << 30);
    let mut report = holder.reporter.subscribe();
    holder.tell(7, 1, 2, vec![(4, [4; 32], "it is away".into())]);
    let held = report.borrow_and_update().held.clone().unwrap();
    assert_eq!((held.epoch, held.held, held.of), (7, 1, 2));
    assert_eq!(held.missing, [(4, "it is away".to_owned())]);
    assert_eq!(holder.told.len(), 1);
    holder.tell(8, 2, 2, Vec::new());
    assert!(holder.told.is_empty(), "the next time it is said again");
}
