//! Panels for elections, where proof is demanded.

use super::*;

#[test]
fn where_proof_is_demanded_the_proofs_of_sixteen_epochs_are_the_measure() {
    on_chain(|| {
        let netuid = demanding(3, 2);
        ElectionsOn::set(&true);
        let latest = EpochClock::<Test>::number(netuid, System::block_number().into());
        for (place, proven) in [u16::MAX, 0x00FF, 0].into_iter().enumerate() {
            let judge = account(&judge_key(FIRST_JUDGE + place as Uid));
            let history = myelin_abi::ProofHistory { latest, proven, failed: 0 };
            ProofHistories::<Test>::insert(netuid, judge, history);
        }
        next_epoch(netuid);
        let (of, panel, by_proofs) = EpochsNoted::get().pop().expect("an epoch ended");
        assert_eq!((of, by_proofs), (netuid, true));
        let measures: Vec<_> = (0..3)
            .map(|place| account(&judge_key(FIRST_JUDGE + place)))
            .map(|judge| panel.members.iter().find(|member| member.hotkey == <[u8; 32]>::from(judge.clone())))
            .map(|member| member.map(|member| member.measure.parts()))
            .collect();
        assert_eq!(measures, [Some(1_000_000_000), Some(500_000_000), Some(0)]);
    });
}
