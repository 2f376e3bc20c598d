//! Proof of evaluation: who asks the miners it pays is paid, and nobody else.

use frame_support::assert_noop;
use myelin_abi::{EvidenceDemand, OutvotedMark, ProofHistory};
use myelin_economy::params::RevealTiming;
use myelin_wire::{
    evidence::{EvaluationProof, EvidenceTree, Lots, ProofError, SampleFault},
    hash::Hash,
    seed::SeedProof,
    sr25519::Keypair,
};
use proptest::prelude::*;
use sp_runtime::{traits::Dispatchable, DispatchError};
use std::collections::BTreeMap;

mod away;
mod panels;

use super::mock::*;
use crate::{
    benchmarking::{
        asked::{miner, Occasion},
        scene::hold,
    },
    epoch::EpochClock,
    evidence::EvidenceLedger,
    pallet::*,
    subnets::Hyperparameters,
    weights::WeightLedger,
};
use myelin_units::{NetUid, Uid};
use myelin_yuma::{framing::Mark, proven::History};

const TEMPO: u16 = 20;
const MINERS: u16 = 6;
/// Uids: the owner 0, the miners 1 to 6, then the validators.
const FIRST_JUDGE: Uid = MINERS + 1;
/// True quality of the miners, as weights.
const QUALITY: [u16; MINERS as usize] = [60_000, 50_000, 40_000, 30_000, 20_000, 10_000];

fn judge_key(uid: Uid) -> Keypair {
    Keypair::from_seed(&[uid as u8; 32])
}

fn account(key: &Keypair) -> AccountId {
    AccountId::from(key.public())
}

/// A subnet with six miners and `judges` validators of equal stake, which demands proof from now on.
fn demanding(judges: u16, answers: u16) -> NetUid {
    peopled(MINERS, judges, answers)
}

/// The same with another number of miners, at most 80 with the validators.
fn peopled(miners: u16, judges: u16, answers: u16) -> NetUid {
    let netuid = subnet().started().create();
    Tempo::<Test>::insert(netuid, TEMPO);
    WeightsSetRateLimit::<Test>::insert(netuid, 0);
    RubricNotice::<Test>::put(1);
    let join = |number: u8, key: &Keypair| {
        Burn::<Test>::insert(netuid, tao(1));
        ok(&coldkey(number), Network::burned_register { netuid, hotkey: account(key) });
    };
    for uid in 1..=miners {
        join(10 + uid as u8, &miner(uid));
    }
    for uid in miners + 1..=miners + judges {
        let number = 10 + uid as u8;
        join(number, &judge_key(uid));
        hold::<Test>(&account(&judge_key(uid)), &coldkey(number), netuid, 1_000);
    }
    // The first epoch gives permits.
    next_epoch(netuid);
    assert!(ValidatorPermit::<Test>::get(netuid)[usize::from(miners) + 1]);
    ok(&coldkey(0), Network::demand_evidence { netuid, answers, mechanisms: 1 });
    run_blocks(2);
    assert_eq!(EvidenceLedger::<Test>::demanded(netuid, 0), Some(answers));
    netuid
}

/// Runs to the second block of the next epoch.
fn next_epoch(netuid: NetUid) {
    let began = EpochClock::<Test>::last_slot(netuid);
    while EpochClock::<Test>::last_slot(netuid) == began {
        pass_block();
    }
    run_blocks(1);
}

/// Runs to a block of the present epoch.
fn run_to_place(netuid: NetUid, place: u64) {
    let block = (EpochClock::<Test>::last_slot(netuid) + place) as u32;
    while System::block_number() + 1 < block {
        pass_block();
    }
    run_to(block);
}

/// Evidence of a validator, about these miners, of the present epoch.
fn ask(netuid: NetUid, uid: Uid, miners: &[(Uid, Keypair)], answers: u16) -> Held {
    ask_on(System::block_hash(0).into(), netuid, uid, miners, answers)
}

/// The same on the chain with this first block.
fn ask_on(genesis: Hash, netuid: NetUid, uid: Uid, miners: &[(Uid, Keypair)], answers: u16) -> Held {
    let source = EpochClock::<Test>::last_slot(netuid) + 1;
    let hash = [source as u8 | 1; 32];
    frame_system::BlockHash::<Test>::insert(source as u32, sp_core::H256::from(hash));
    let drawn_from = crate::evidence::seed_source::<Test>(source).expect("the block is known");
    let occasion = Occasion {
        genesis,
        netuid,
        epoch: EpochClock::<Test>::number(netuid, System::block_number().into()),
        source: (source, drawn_from),
        judge: judge_key(uid),
    };
    let (tree, seeds) = occasion.evidence(miners.iter().map(|(uid, key)| (*uid, key.clone())), answers);
    Held { tree, seeds }
}

struct Held {
    tree: EvidenceTree,
    seeds: BTreeMap<Hash, SeedProof>,
}

/// Weights that a validator has committed to, and its evidence if it has any.
struct Pending {
    row: Vec<(Uid, u16)>,
    held: Option<Held>,
    block: u64,
}

/// Sends a call; a validator without a permit is refused, and nobody else.
fn send(signer: &AccountId, call: Network) {
    let outcome = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(signer.clone()));
    let no_permit = DispatchError::from(Refusal::NeuronNoValidatorPermit);
    let fault = outcome.err().map(|refused| refused.error).filter(|error| *error != no_permit);
    assert_eq!(fault, None);
}

fn split(row: &[(Uid, u16)]) -> (Vec<Uid>, Vec<u16>) {
    row.iter().copied().unzip()
}

fn commit(netuid: NetUid, uid: Uid, row: Vec<(Uid, u16)>, held: Option<Held>) -> Pending {
    let hotkey = account(&judge_key(uid));
    let (uids, values) = split(&row);
    let commit_hash = WeightLedger::<Test>::commit_hash(&hotkey, netuid, &uids, &values, &[1], 0);
    match &held {
        Some(Held { tree, .. }) => {
            let root = tree.root();
            send(&hotkey, Network::commit_proven_weights { netuid, mecid: 0, commit_hash, root });
        }
        None => send(&hotkey, Network::commit_weights { netuid, commit_hash }),
    }
    Pending { row, held, block: System::block_number().into() }
}

fn proof_of(netuid: NetUid, uid: Uid, pending: &Pending) -> Option<Vec<u8>> {
    let hotkey = account(&judge_key(uid));
    let Held { tree, seeds } = pending.held.as_ref()?;
    let randomness = EvidenceLedger::<Test>::randomness(netuid).expect("the draw is known");
    let weights = EvidenceLedger::<Test>::need_proof(&hotkey, netuid, &pending.row, pending.block);
    // A validator without an answer that was drawn proves what it can: nothing.
    let paid = EvidenceLedger::<Test>::paid(&hotkey, netuid, pending.block);
    let demand = EvidenceDemands::<Test>::get(netuid).in_force(pending.block);
    let answers = demand.on(0).unwrap_or(1).into();
    let proof = tree.prove(&Lots { randomness, weights: &weights, paid: &paid, answers }, seeds, |_| None);
    Some(proof.map(|proof| proof.to_bytes()).unwrap_or_default())
}

fn reveal_with(netuid: NetUid, row: &[(Uid, u16)], proof: Option<Vec<u8>>) -> Network {
    let ((uids, values), salt, version_key) = (split(row), vec![1], 0);
    match proof {
        Some(proof) => {
            Network::reveal_proven_weights { netuid, mecid: 0, uids, values, salt, version_key, proof }
        }
        None => Network::reveal_weights { netuid, uids, values, salt, version_key },
    }
}

fn reveal(netuid: NetUid, uid: Uid, pending: &Pending) {
    let proof = proof_of(netuid, uid, pending);
    send(&account(&judge_key(uid)), reveal_with(netuid, &pending.row, proof));
}

fn all_miners() -> Vec<(Uid, Keypair)> {
    (1..=MINERS).map(|uid| (uid, miner(uid))).collect()
}

fn true_row() -> Vec<(Uid, u16)> {
    (1..).zip(QUALITY).collect()
}

/// Weights, and the evidence for them if there is any.
type Claim = (Vec<(Uid, u16)>, Option<Held>);
/// One epoch's work of a validator: what it commits to; `None` for nothing.
type Work<'a> = &'a dyn Fn(NetUid, u64, Uid) -> Option<Claim>;

fn honest(netuid: NetUid, _: u64, uid: Uid) -> Option<Claim> {
    Some((true_row(), Some(ask(netuid, uid, &all_miners(), 3))))
}

/// Validators whose evidence a validator says it holds, by the number of the epoch.
type Holds<'a> = &'a dyn Fn(u64, Uid) -> Vec<Uid>;

/// States in the present epoch whose evidence a validator holds.
fn attest(netuid: NetUid, uid: Uid, held: Vec<Uid>) {
    let hotkey = account(&judge_key(uid));
    let present = EpochClock::<Test>::number(netuid, System::block_number().into());
    let epoch = present - RevealPeriodEpochs::<Test>::get(netuid) - 1;
    if held.is_empty() {
        return;
    }
    let held = held.into_iter().map(|uid| (uid, [uid as u8; 16])).collect();
    send(&hotkey, Network::attest_evidence { netuid, epoch, held });
}

/// Runs epochs in which the validators work so, and returns the sum of the dividends of each over all epochs but the
/// first two.
fn dividends(netuid: NetUid, epochs: u64, works: &[Work]) -> Vec<u64> {
    dividends_with(netuid, epochs, works, &|_, _| Vec::new())
}

/// The same with validators that hold the evidence of others.
fn dividends_with(netuid: NetUid, epochs: u64, works: &[Work], holds: Holds) -> Vec<u64> {
    let mut sums = vec![0; works.len()];
    play(netuid, epochs, works, holds, &mut |epoch| {
        if epoch < 2 {
            return;
        }
        let paid = Dividends::<Test>::get(netuid);
        for (uid, sum) in (usize::from(FIRST_JUDGE)..).zip(&mut sums) {
            *sum += u64::from(paid[uid]);
        }
    });
    sums
}

/// Runs epochs in which the validators work so, and looks after each. Weights count from the second or third on.
fn play(netuid: NetUid, epochs: u64, works: &[Work], holds: Holds, look: &mut dyn FnMut(u64)) {
    let mut pending: Vec<Option<Pending>> = works.iter().map(|_| None).collect();
    next_epoch(netuid);
    for epoch in 0..epochs {
        run_to_place(netuid, 4);
        for (uid, pending) in (FIRST_JUDGE..).zip(&pending) {
            pending.iter().for_each(|pending| reveal(netuid, uid, pending));
        }
        run_to_place(netuid, 10);
        for (uid, _) in (FIRST_JUDGE..).zip(works) {
            attest(netuid, uid, holds(epoch, uid));
        }
        run_to_place(netuid, 15);
        for ((uid, work), pending) in (FIRST_JUDGE..).zip(works).zip(&mut pending) {
            *pending = work(netuid, epoch, uid).map(|(row, held)| commit(netuid, uid, row, held));
        }
        next_epoch(netuid);
        look(epoch);
    }
}

/// Earnings of an agent beside three honest validators of the same stake, as a part of what each of them earns.
fn worth(epochs: u64, agent: Work) -> f64 {
    on_chain(|| {
        let netuid = demanding(4, 2);
        let sums = dividends(netuid, epochs, &[&honest, &honest, &honest, agent]);
        let others = sums[..3].iter().sum::<u64>() as f64 / 3.0;
        assert!(others > 0.0, "honest validators are paid");
        sums[3] as f64 / others
    })
}

#[test]
fn the_commit_asks_for_stake_and_a_reveal_with_a_proof_does_not() {
    on_chain(|| {
        let netuid = demanding(1, 2);
        let hotkey = account(&judge_key(FIRST_JUDGE));
        next_epoch(netuid);
        run_to_place(netuid, 15);
        let threshold = crate::subnets::NetworkSettings::<Test>::set_stake_threshold;
        threshold(u64::MAX);
        let call =
            Network::commit_proven_weights { netuid, mecid: 0, commit_hash: [1; 32].into(), root: [1; 32] };
        refused(&hotkey, call, Refusal::NotEnoughStakeToSetWeights);
        threshold(0);
        let held = ask(netuid, FIRST_JUDGE, &all_miners(), 2);
        let pending = commit(netuid, FIRST_JUDGE, true_row(), Some(held));
        next_epoch(netuid);
        run_to_place(netuid, 4);
        threshold(u64::MAX);
        let proof = proof_of(netuid, FIRST_JUDGE, &pending);
        refused(&hotkey, reveal_with(netuid, &pending.row, None), Refusal::NotEnoughStakeToSetWeights);
        ok(&hotkey, reveal_with(netuid, &pending.row, proof));
        assert_eq!(crate::Weights::<Test>::get(netuid, FIRST_JUDGE).len(), pending.row.len());
    });
}

#[test]
fn honest_validators_earn_alike_and_all_of_it() {
    let share = worth(12, &honest);
    assert!((0.99..1.01).contains(&share), "{share}");
}

#[test]
fn who_copies_weights_without_asking_earns_nothing() {
    // The copier knows the weights of the last epoch, which are those of this one.
    assert_eq!(worth(8, &|_, _, _| Some((true_row(), None))), 0.0);
    // With a root over an empty tree its proofs fail, and it loses its permit too.
    let empty = |netuid, _, uid| Some((true_row(), Some(ask(netuid, uid, &[], 0))));
    assert_eq!(worth(8, &empty), 0.0);
}

#[test]
fn who_works_in_one_epoch_of_thirteen_is_paid_for_one_of_thirteen() {
    let lazy = |netuid, epoch, uid| (epoch % 13 == 0).then(|| honest(netuid, epoch, uid)).flatten();
    let share = worth(41, &lazy);
    assert!(share > 0.0 && share <= 0.1, "{share}");
}

#[test]
fn who_asks_half_of_the_miners_and_weighs_all_earns_next_to_nothing() {
    // It asks the three best, which have five sevenths of the weight.
    let half = |netuid, _, uid| {
        let asked: Vec<_> = all_miners().into_iter().take(3).collect();
        Some((true_row(), Some(ask(netuid, uid, &asked, 3))))
    };
    assert!(worth(20, &half) <= 0.1);
}

#[test]
fn who_asks_half_of_the_miners_and_pays_no_others_earns_little() {
    let half = |netuid, _, uid| {
        let asked: Vec<_> = all_miners().into_iter().take(3).collect();
        Some((true_row()[..3].to_vec(), Some(ask(netuid, uid, &asked, 3))))
    };
    let share = worth(60, &half);
    assert!(share <= 0.1, "{share}");
}

#[test]
fn who_weighs_the_owner_alone_needs_to_ask_all_the_same() {
    // Others burn half of the emission by a weight for the owner's neuron.
    let burning = |netuid, epoch, uid| {
        let (mut row, held) = honest(netuid, epoch, uid)?;
        row.insert(0, (0, u16::MAX));
        Some((row, held))
    };
    let lazy = |netuid, _, uid| Some((vec![(0, u16::MAX)], Some(ask(netuid, uid, &[], 0))));
    on_chain(|| {
        let netuid = demanding(4, 2);
        let sums = dividends(netuid, 12, &[&burning, &burning, &burning, &lazy]);
        assert!(sums[0] > 0 && sums[3] * 10 <= sums[0], "{sums:?}");
    });
}

#[test]
fn a_framing_validator_costs_a_miner_next_to_nothing_and_is_marked() {
    let framing = |netuid, epoch, uid| {
        let (mut row, held) = honest(netuid, epoch, uid)?;
        row.retain(|(miner, _)| *miner != 3);
        Some((row, held))
    };
    let incentive = |agent: Work| {
        on_chain(|| {
            let netuid = demanding(4, 2);
            dividends(netuid, 6, &[&honest, &honest, &honest, agent]);
            (Incentive::<Test>::get(netuid)[3], OutvotedMarks::<Test>::get(netuid))
        })
    };
    let ((fair, nobody), (framed, marks)) = (incentive(&honest), incentive(&framing));
    assert!(fair > 0 && u32::from(framed) * 100 >= u32::from(fair) * 98, "{framed} instead of {fair}");
    assert_eq!(nobody, []);
    let pairs: Vec<_> = marks.iter().map(|mark| (mark.validator, mark.miner)).collect();
    assert_eq!(pairs, [(FIRST_JUDGE + 3, 3)]);
    assert!(marks[0].epochs >= 2, "{marks:?}");
}

#[test]
fn over_twelve_epochs_one_of_four_validators_that_differ_costs_a_miner_two_percent_at_most() {
    // Scores err by up to a tenth, differently in each epoch.
    let erring = |netuid, epoch: u64, uid: Uid| {
        let (row, held) = honest(netuid, epoch, uid)?;
        let error = |miner: Uid| {
            let drawn = sp_io::hashing::twox_64(&[epoch as u8, uid as u8, miner as u8]);
            (u64::from_le_bytes(drawn) % 201) as u32
        };
        let scored =
            |(miner, weight): (Uid, u16)| (miner, (u32::from(weight) * (900 + error(miner)) / 1_100) as u16);
        Some((row.into_iter().map(scored).collect::<Vec<_>>(), held))
    };
    let framing = |netuid, epoch, uid| {
        let (mut row, held) = erring(netuid, epoch, uid)?;
        row.retain(|(miner, _)| *miner != 3);
        Some((row, held))
    };
    let paid_beside = |agent: Work| {
        on_chain(|| {
            let netuid = demanding(4, 2);
            let (mut paid, mut marked) = (0, Vec::new());
            play(netuid, 14, &[&erring, &erring, &erring, agent], &|_, _| Vec::new(), &mut |epoch| {
                if epoch >= 2 {
                    paid += u32::from(Incentive::<Test>::get(netuid)[3]);
                }
                let mark = |mark: OutvotedMark| (mark.validator, mark.miner, Mark::from(mark).is_set());
                marked.push(OutvotedMarks::<Test>::get(netuid).into_iter().map(mark).collect::<Vec<_>>());
            });
            (paid, marked)
        })
    };
    let ((fair, nobody), (framed, marked)) = (paid_beside(&erring), paid_beside(&framing));
    assert!(nobody.iter().flatten().all(|(_, _, is_set)| !is_set), "{nobody:?}");
    let pair = |set| vec![(FIRST_JUDGE + 3, 3, set)];
    let mut outvoted = marked.iter().skip_while(|marks| marks.is_empty());
    assert_eq!(outvoted.next(), Some(&pair(false)), "{marked:?}");
    // An honest validator may be outvoted once, and is not marked for it.
    let set = |marks: &Vec<_>| marks.iter().filter(|(_, _, is_set)| *is_set).copied().collect::<Vec<_>>();
    assert!(outvoted.clone().count() >= 11 && outvoted.all(|marks| set(marks) == pair(true)), "{marked:?}");
    assert!(framed * 100 >= fair * 98, "{framed} instead of {fair}");
}

#[test]
fn marks_end_with_their_neurons_and_are_told_once() {
    on_chain(|| {
        let netuid = subnet().started().create();
        let input = |registered: u64| myelin_yuma::EpochInput {
            registered: vec![registered; 3],
            last_step_block: 10,
            ..Default::default()
        };
        let is_mark = |event: &RuntimeEvent| {
            matches!(event, RuntimeEvent::SubtensorModule(Event::ValidatorMarked { .. }))
        };
        let told = || System::events().iter().filter(|record| is_mark(&record.event)).count();
        for epoch in 1..=3 {
            EvidenceLedger::<Test>::note_outvoted(netuid, &input(5), &[(1, 2)]);
            let mark = myelin_abi::OutvotedMark { validator: 1, miner: 2, epochs: epoch };
            assert_eq!(OutvotedMarks::<Test>::get(netuid), [mark]);
            assert_eq!(told(), usize::from(epoch >= 2));
        }
        EvidenceLedger::<Test>::note_outvoted(netuid, &input(11), &[(1, 2)]);
        assert_eq!(OutvotedMarks::<Test>::get(netuid)[0].epochs, 1, "others have these uids now");
        EvidenceLedger::<Test>::note_outvoted(netuid, &input(5), &[]);
        assert!(!OutvotedMarks::<Test>::contains_key(netuid));
    });
}

#[test]
fn one_colluding_miner_does_not_make_a_validator() {
    // All answers are signed by the colluding miner, in the name of others or in its own.
    let made_up = |netuid, _, uid| {
        let signed: Vec<_> = (1..=MINERS).map(|miner_uid| (miner_uid, miner(6))).collect();
        Some((true_row(), Some(ask(netuid, uid, &signed, 3))))
    };
    assert_eq!(worth(8, &made_up), 0.0);
    // It pays the colluding miner alone, which it can prove.
    let alone = |netuid, _, uid| Some((vec![(6, u16::MAX)], Some(ask(netuid, uid, &[(6, miner(6))], 3))));
    assert!(worth(12, &alone) <= 0.1);
}

#[test]
fn answers_that_were_given_to_another_validator_are_worth_nothing() {
    let bought = |netuid, _, _| Some((true_row(), Some(ask(netuid, FIRST_JUDGE, &all_miners(), 3))));
    assert_eq!(worth(8, &bought), 0.0);
}

#[test]
fn too_few_answers_do_not_suffice() {
    let once = |netuid, _, uid| Some((true_row(), Some(ask(netuid, uid, &all_miners(), 1))));
    assert_eq!(worth(8, &once), 0.0);
}

#[test]
fn a_miner_that_is_away_is_left_out_and_costs_an_honest_validator_nothing() {
    // Miner 5 answers nobody. Honest validators give it no weight.
    let without = |netuid, _, uid| {
        let asked: Vec<_> = all_miners().into_iter().filter(|(uid, _)| *uid != 5).collect();
        let row = true_row().into_iter().filter(|(uid, _)| *uid != 5).collect();
        Some((row, Some(ask(netuid, uid, &asked, 3))))
    };
    on_chain(|| {
        let netuid = demanding(3, 2);
        let sums = dividends(netuid, 8, &[&without, &without, &without]);
        assert!(sums.iter().all(|sum| *sum >= 6 * 21_000), "{sums:?}");
    });
}

#[test]
fn one_missed_epoch_of_sixteen_costs_nothing() {
    let missing = |netuid, epoch, uid| (epoch != 18).then(|| honest(netuid, epoch, uid)).flatten();
    let share = worth(24, &missing);
    assert!((0.99..1.01).contains(&share), "{share}");
}

#[test]
fn three_failed_proofs_cost_the_permit_for_a_time() {
    on_chain(|| {
        let netuid = demanding(2, 1);
        let none = |netuid, _, uid| Some((true_row(), Some(ask(netuid, uid, &[], 0))));
        dividends(netuid, 4, &[&honest, &none]);
        let (barred, until) = BarredValidators::<Test>::get(netuid).pop().expect("it is barred");
        assert_eq!(barred, account(&judge_key(FIRST_JUDGE + 1)));
        let now = EpochClock::<Test>::number(netuid, System::block_number().into());
        assert!((now + 15..now + 21).contains(&until), "{until} after {now}");
        next_epoch(netuid);
        assert!(!ValidatorPermit::<Test>::get(netuid)[usize::from(FIRST_JUDGE) + 1]);
        assert!(ValidatorPermit::<Test>::get(netuid)[usize::from(FIRST_JUDGE)]);
        while EpochClock::<Test>::number(netuid, System::block_number().into()) <= until + 1 {
            next_epoch(netuid);
        }
        assert!(
            ValidatorPermit::<Test>::get(netuid)[usize::from(FIRST_JUDGE) + 1],
            "it has its permit again"
        );
    });
}

#[test]
fn where_nobody_proves_anything_nobody_is_paid() {
    on_chain(|| {
        let netuid = demanding(2, 1);
        for _ in 0..3 {
            next_epoch(netuid);
        }
        assert!(Emission::<Test>::get(netuid).iter().all(|paid| paid.to_rao() == 0));
    });
}

#[test]
fn a_proof_has_as_many_answers_as_were_demanded_at_its_commitment() {
    on_chain(|| {
        let netuid = demanding(1, 1);
        // Nobody has as many answers. It comes into force after the commitment.
        run_to_place(netuid, 5);
        RubricNotice::<Test>::put(12);
        ok(&coldkey(0), Network::demand_evidence { netuid, answers: 5, mechanisms: 1 });
        run_to_place(netuid, 15);
        assert_eq!(EvidenceLedger::<Test>::demanded(netuid, 0), Some(1));
        let (row, held) = honest(netuid, 0, FIRST_JUDGE).expect("it works");
        let pending = commit(netuid, FIRST_JUDGE, row, held);
        next_epoch(netuid);
        run_to_place(netuid, 4);
        assert_eq!(EvidenceLedger::<Test>::demanded(netuid, 0), Some(5));
        reveal(netuid, FIRST_JUDGE, &pending);
        let epoch = EpochClock::<Test>::number(netuid, System::block_number().into()) - 1;
        let hotkey = account(&judge_key(FIRST_JUDGE));
        announced(Event::EvidenceProven { hotkey, index: netuid, epoch });
    });
}

#[test]
fn a_demand_ends_with_its_notice_alone_and_leaves_time_for_proofs() {
    on_chain(|| {
        let netuid = subnet().started().create();
        RubricNotice::<Test>::put(50);
        let demand = |answers, mechanisms| {
            ok(&coldkey(0), Network::demand_evidence { netuid, answers, mechanisms });
        };
        let changed =
            |change: fn(&mut RevealTiming)| Hyperparameters::<Test>::ensure_reveal_in_time(netuid, change);
        let off: fn(&mut RevealTiming) = |timing| timing.enabled = false;
        let long: fn(&mut RevealTiming) = |timing| (timing.tempo, timing.immunity) = (1_201, u16::MAX);
        let fits: fn(&mut RevealTiming) = |timing| (timing.tempo, timing.immunity) = (1_200, u16::MAX);
        assert_eq!((changed(off), changed(long)), (Ok(()), Ok(())));
        demand(1, 1);
        // Announced is as good as in force.
        let refused = (Err(Refusal::EvidenceDemanded.into()), Err(Refusal::ProofTooLate.into()));
        assert_eq!((changed(off), changed(long)), refused);
        run_blocks(51);
        assert_eq!((changed(off), changed(long)), refused);
        assert_eq!(changed(fits), Ok(()));
        demand(0, 0);
        run_blocks(49);
        assert_eq!(changed(off), Err(Refusal::EvidenceDemanded.into()));
        run_blocks(2);
        assert_eq!((changed(off), changed(long)), (Ok(()), Ok(())));
        Tempo::<Test>::insert(netuid, 1_201);
        let again = Network::demand_evidence { netuid, answers: 1, mechanisms: 1 };
        super::mock::refused(&coldkey(0), again, Refusal::ProofTooLate);
    });
}

#[test]
fn roots_and_proofs_follow_a_replaced_hotkey() {
    on_chain(|| {
        let netuid = demanding(2, 1);
        dividends(netuid, 3, &[&honest, &honest]);
        let (old, new) = (judge_key(FIRST_JUDGE), Keypair::from_seed(&[99; 32]));
        run_to_place(netuid, 15);
        let (row, held) = honest(netuid, 0, FIRST_JUDGE).expect("it works");
        let pending = commit(netuid, FIRST_JUDGE, row, held);
        let owner = coldkey(10 + FIRST_JUDGE as u8);
        let swap = |old: &Keypair, new: &Keypair, owner: &AccountId| {
            ok(owner, Network::swap_hotkey { hotkey: account(old), new_hotkey: account(new), netuid: None });
        };
        swap(&old, &new, &owner);
        // A miner replaces its hotkey too: its answers of the time before count.
        swap(&miner(1), &Keypair::from_seed(&[98; 32]), &coldkey(11));
        next_epoch(netuid);
        run_to_place(netuid, 4);
        let randomness = EvidenceLedger::<Test>::randomness(netuid).expect("the draw is known");
        let weights = EvidenceLedger::<Test>::need_proof(&account(&new), netuid, &pending.row, pending.block);
        let Held { tree, seeds } = pending.held.as_ref().expect("it has asked");
        let paid = EvidenceLedger::<Test>::paid(&account(&new), netuid, pending.block);
        let lots = Lots { randomness, weights: &weights, paid: &paid, answers: 1 };
        let proof = tree.prove(&lots, seeds, |_| None).expect("all were asked").to_bytes();
        ok(&account(&new), reveal_with(netuid, &pending.row, Some(proof)));
        let epoch = EpochClock::<Test>::number(netuid, System::block_number().into()) - 1;
        announced(Event::EvidenceProven { hotkey: account(&new), index: netuid, epoch });
        assert_eq!(FormerHotkeys::<Test>::get(netuid, account(&new)), Some(account(&old)));
    });
}

#[test]
fn a_reveal_waits_for_its_draw_and_needs_a_root() {
    on_chain(|| {
        let netuid = demanding(1, 1);
        run_to_place(netuid, 15);
        let (row, held) = honest(netuid, 0, FIRST_JUDGE).expect("it works");
        let pending = commit(netuid, FIRST_JUDGE, row, held);
        let hotkey = account(&judge_key(FIRST_JUDGE));
        let call = |proof| reveal_with(netuid, &pending.row, Some(proof));
        refused(&hotkey, call(vec![]), Refusal::RevealTooEarly);
        next_epoch(netuid);
        refused(&hotkey, call(vec![]), Refusal::RevealTooEarly);
        run_to_place(netuid, 3);
        refused(&hotkey, call(vec![0; 40_961]), Refusal::ProofTooLong);
        ok(&hotkey, call(vec![0; 3]));
        let epoch = EpochClock::<Test>::number(netuid, System::block_number().into()) - 1;
        announced(Event::EvidenceRefused {
            hotkey: hotkey.clone(),
            index: netuid,
            epoch,
            sample: 255,
            fault: 1,
        });
        run_to_place(netuid, 15);
        let bare = commit(netuid, FIRST_JUDGE, true_row(), None);
        next_epoch(netuid);
        run_to_place(netuid, 4);
        refused(&hotkey, reveal_with(netuid, &bare.row, Some(vec![])), Refusal::NoRootCommitted);
    });
}

/// Reveals a changed proof over evidence of this chain, or of the one with the first block `genesis`. Its first sample
/// has this fault.
fn refused_for(genesis: Option<Hash>, change: fn(&mut EvaluationProof), fault: SampleFault) {
    on_chain(|| {
        let netuid = demanding(1, 2);
        run_to_place(netuid, 15);
        let genesis = genesis.unwrap_or_else(|| System::block_hash(0).into());
        let held = ask_on(genesis, netuid, FIRST_JUDGE, &all_miners(), 3);
        let pending = commit(netuid, FIRST_JUDGE, true_row(), Some(held));
        next_epoch(netuid);
        run_to_place(netuid, 4);
        let bytes = proof_of(netuid, FIRST_JUDGE, &pending).expect("it has asked");
        let mut proof = EvaluationProof::from_bytes(&bytes).expect("all were asked");
        change(&mut proof);
        let (hotkey, bytes) = (account(&judge_key(FIRST_JUDGE)), proof.to_bytes());
        let roots = EvidenceRoots::<Test>::get(netuid, &hotkey);
        let root = roots.back().expect("it committed to a root");
        let randomness = EvidenceLedger::<Test>::randomness(netuid).expect("the draw is known");
        let named = ProofError::Sample { number: 0, fault };
        assert_noop!(
            EvidenceLedger::<Test>::check(&hotkey, netuid, root, &pending.row, randomness, 2, &bytes),
            named
        );
        // The weights are used up. Beside them the failure alone is noted, and they do not count.
        ok(&hotkey, reveal_with(netuid, &pending.row, Some(bytes)));
        let (sample, fault) = named.code();
        let epoch = epoch_before(netuid);
        announced(Event::EvidenceRefused { hotkey: hotkey.clone(), index: netuid, epoch, sample, fault });
        let failed = History::default().fail(epoch + 1);
        assert_eq!(ProofHistories::<Test>::get(netuid, &hotkey), ProofHistory::from(failed));
        next_epoch(netuid);
        assert_eq!(Dividends::<Test>::get(netuid)[usize::from(FIRST_JUDGE)], 0);
    });
}

#[test]
fn a_miner_that_is_not_under_the_root_is_named_and_so_are_answers_of_another_chain() {
    let not_under_root = SampleFault::MinerNotUnderRoot;
    refused_for(None, |proof| proof.samples[0].miner_path[0][0] ^= 1, not_under_root);
    refused_for(None, |proof| proof.samples[0].place ^= 1, not_under_root);
    refused_for(Some([9; 32]), |_| (), SampleFault::AnswerNotUnderRoot);
}

#[test]
fn under_the_strict_rules_draws_wait_for_a_turn_of_the_authors_and_seeds_come_from_the_beacon() {
    on_chain(|| {
        let netuid = demanding(1, 1);
        super::mock::BlockAuthors::set(&9);
        let honest_epoch = |by_hashes: bool| {
            run_to_place(netuid, 15);
            let (row, held) = honest(netuid, 0, FIRST_JUDGE).expect("it works");
            let source = EpochClock::<Test>::last_slot(netuid) + 1;
            let hash: [u8; 32] = System::block_hash(source as u32).into();
            assert_eq!(crate::evidence::seed_source::<Test>(source) == Some(hash), by_hashes);
            commit(netuid, FIRST_JUDGE, row, held)
        };
        let hotkey = account(&judge_key(FIRST_JUDGE));
        let first = honest_epoch(true);
        next_epoch(netuid);
        // They begin in the middle of the epoch, so its draw is by the old rule, and its seeds are by the new one.
        super::mock::StrictFrom::set(&Some(EpochClock::<Test>::last_slot(netuid) + 1));
        run_to_place(netuid, 3);
        let proof = proof_of(netuid, FIRST_JUDGE, &first);
        ok(&hotkey, reveal_with(netuid, &first.row, proof));
        announced(Event::EvidenceProven {
            hotkey: hotkey.clone(),
            index: netuid,
            epoch: epoch_before(netuid),
        });

        let second = honest_epoch(false);
        next_epoch(netuid);
        // A quarter of a tempo of 20 blocks is less than a turn of nine authors.
        run_to_place(netuid, 5);
        refused(&hotkey, reveal_with(netuid, &second.row, Some(vec![])), Refusal::RevealTooEarly);
        run_to_place(netuid, 6);
        let proof = proof_of(netuid, FIRST_JUDGE, &second);
        ok(&hotkey, reveal_with(netuid, &second.row, proof));
        announced(Event::EvidenceProven {
            hotkey: hotkey.clone(),
            index: netuid,
            epoch: epoch_before(netuid),
        });
    });
}

/// Number of the epoch before the present one.
fn epoch_before(netuid: NetUid) -> u64 {
    EpochClock::<Test>::number(netuid, System::block_number().into()) - 1
}

#[test]
fn a_root_serves_one_epoch_and_the_last_of_an_epoch_alone() {
    // It asks once, and commits to the same weights for ever, without a root or with the old one.
    for with_root in [false, true] {
        let first = std::cell::RefCell::new(None);
        let again = |netuid, epoch, uid| {
            let mut first = first.borrow_mut();
            let Held { tree, seeds } = first.get_or_insert_with(|| ask(netuid, uid, &all_miners(), 3));
            let held = Held { tree: tree.clone(), seeds: seeds.clone() };
            Some((true_row(), (with_root || epoch == 0).then_some(held)))
        };
        assert_eq!(worth(8, &again), 0.0);
    }
    on_chain(|| {
        let netuid = demanding(1, 1);
        run_to_place(netuid, 15);
        let (row, held) = honest(netuid, 0, FIRST_JUDGE).expect("it works");
        let first = commit(netuid, FIRST_JUDGE, row, held);
        let (row, held) = honest(netuid, 0, FIRST_JUDGE).expect("it works");
        commit(netuid, FIRST_JUDGE, row[..5].to_vec(), held);
        next_epoch(netuid);
        run_to_place(netuid, 4);
        let proof = proof_of(netuid, FIRST_JUDGE, &first);
        let hotkey = account(&judge_key(FIRST_JUDGE));
        refused(&hotkey, reveal_with(netuid, &first.row, proof), Refusal::NoRootCommitted);
    });
}

#[test]
fn a_demand_comes_with_notice_and_names_existing_mechanisms() {
    on_chain(|| {
        let netuid = subnet().started().create();
        RubricNotice::<Test>::put(50);
        let demand = |answers, mechanisms| Network::demand_evidence { netuid, answers, mechanisms };
        refused(&coldkey(0), demand(1, 0), Refusal::InvalidValue);
        refused(&coldkey(0), demand(0, 1), Refusal::InvalidValue);
        refused(&coldkey(0), demand(1, 2), Refusal::MechanismDoesNotExist);
        refused(&coldkey(1), demand(1, 1), Refusal::NotSubnetOwner);
        ok(&coldkey(0), demand(1, 1));
        let from = u64::from(System::block_number()) + 50;
        announced(Event::EvidenceDemanded { netuid, answers: 1, mechanisms: 1, from });
        assert_eq!(EvidenceLedger::<Test>::demanded(netuid, 0), None);
        System::set_block_number(from as u32);
        assert_eq!(EvidenceLedger::<Test>::demanded(netuid, 0), Some(1));
        assert_eq!(EvidenceLedger::<Test>::demanded(netuid, 1), None);
        // Without commit-reveal there is nothing to prove, so nothing is demanded.
        CommitRevealWeightsEnabled::<Test>::insert(netuid, false);
        assert_eq!(EvidenceLedger::<Test>::demanded(netuid, 0), None);
    });
}

/// Dividends of four honest validators of the same stake of which the last shows its evidence as told.
fn shown(epochs: u64, holds: Holds) -> Vec<u64> {
    on_chain(|| {
        let netuid = demanding(4, 2);
        dividends_with(netuid, epochs, &[&honest, &honest, &honest, &honest], holds)
    })
}

/// The three first validators.
const OTHERS: std::ops::Range<Uid> = FIRST_JUDGE..FIRST_JUDGE + 3;
const LAST: Uid = FIRST_JUDGE + 3;

#[test]
fn who_shows_its_evidence_to_nobody_earns_next_to_nothing() {
    let sums = shown(12, &|_, _| OTHERS.collect());
    // The evidence of its first epoch opens two epochs later.
    assert!(sums[3] * 5 < sums[0], "{sums:?}");
    assert!(sums[0] == sums[1] && sums[1] == sums[2]);
    assert_eq!(sums[3], shown(4, &|_, _| OTHERS.collect())[3], "it earns nothing after that");
    announced_withheld();
    let sums =
        shown(12, &|_, uid| if uid == LAST { OTHERS.chain([LAST]).collect() } else { OTHERS.collect() });
    assert!(sums[3] * 5 < sums[0], "its own word does not count: {sums:?}");
    let alone = shown(8, &|_, uid| if uid == LAST { OTHERS.take(2).collect() } else { vec![] });
    assert!(alone.iter().all(|sum| *sum == alone[0]), "one of four cannot switch the rule on: {alone:?}");
}

fn announced_withheld() {
    on_chain(|| {
        let netuid = demanding(4, 2);
        let works: [Work; 4] = [&honest; 4];
        dividends_with(netuid, 4, &works, &|_, _| OTHERS.collect());
        let epoch = EpochClock::<Test>::number(netuid, System::block_number().into()) - 3;
        announced(Event::EvidenceWithheld { index: netuid, epoch, validators: vec![LAST] });
    });
}

#[test]
fn one_holder_is_enough_and_one_epoch_of_sixteen_without_one_is_free() {
    let one = shown(10, &|_, uid| {
        if uid == FIRST_JUDGE {
            (FIRST_JUDGE..=LAST).collect()
        } else {
            vec![FIRST_JUDGE]
        }
    });
    assert!(one.iter().all(|sum| *sum == one[0] && *sum > 0), "{one:?}");
    let gap =
        shown(24, &|epoch, _| if epoch == 20 { OTHERS.collect() } else { (FIRST_JUDGE..=LAST).collect() });
    assert!(gap.iter().all(|sum| *sum == gap[0]), "{gap:?}");
}

#[test]
fn holders_name_the_epoch_that_has_opened_and_more_than_before() {
    on_chain(|| {
        let netuid = demanding(2, 1);
        dividends(netuid, 4, &[&honest, &honest]);
        let (hotkey, miner) = (account(&judge_key(FIRST_JUDGE)), account(&miner(1)));
        let opened = EpochClock::<Test>::number(netuid, System::block_number().into()) - 2;
        let holds = |epoch, uids: &[Uid]| {
            let held = uids.iter().map(|uid| (*uid, [1; 16])).collect();
            Network::attest_evidence { netuid, epoch, held }
        };
        for epoch in [opened - 1, opened + 1, u64::MAX] {
            refused(&hotkey, holds(epoch, &[1]), Refusal::EvidenceNotOpen);
        }
        refused(&hotkey, holds(opened, &[2, 1]), Refusal::InvalidValue);
        refused(&hotkey, holds(opened, &(0..65).collect::<Vec<_>>()), Refusal::InvalidValue);
        ok(&hotkey, holds(opened, &[1]));
        announced(Event::EvidenceAttested {
            netuid,
            hotkey: hotkey.clone(),
            epoch: opened,
            validators: vec![1],
        });
        refused(&hotkey, holds(opened, &[1]), Refusal::NothingNewHeld);
        ok(&hotkey, holds(opened, &[2]));
        let held: Vec<Uid> =
            EvidenceHeld::<Test>::get(netuid, &hotkey).held.iter().map(|(uid, _)| *uid).collect();
        assert_eq!(held, [1, 2], "statements of an epoch add up");
        refused(&hotkey, holds(opened, &(3..66).collect::<Vec<_>>()), Refusal::InvalidValue);
        ValidatorPermit::<Test>::mutate(netuid, |permits| permits[1] = false);
        refused(&miner, holds(opened, &[1]), Refusal::NeuronNoValidatorPermit);
        refused(&coldkey(77), holds(opened, &[1]), Refusal::HotKeyNotRegisteredInSubNet);
    });
}

#[test]
fn a_miner_commits_to_its_answers_once_for_each_epoch() {
    on_chain(|| {
        let netuid = demanding(1, 1);
        let hotkey = account(&miner(1));
        let answers =
            |epoch| Network::commit_answer_root { netuid, epoch, root: [epoch as u8; 32], answers: 7 };
        next_epoch(netuid);
        let present = EpochClock::<Test>::number(netuid, System::block_number().into());
        for epoch in [present + 1, present - 2] {
            refused(&hotkey, answers(epoch), Refusal::AnswerRootOutOfTurn);
        }
        ok(&hotkey, answers(present - 1));
        refused(&hotkey, answers(present - 1), Refusal::AnswerRootOutOfTurn);
        ok(&hotkey, answers(present));
        refused(&hotkey, answers(present - 1), Refusal::AnswerRootOutOfTurn);
        refused(&coldkey(77), answers(present), Refusal::HotKeyNotRegisteredInSubNet);
        // Another one has until half of the epoch for its answers of the last one, of which there may be none.
        let (hotkey, late) = (account(&miner(2)), account(&miner(3)));
        let none = |epoch| Network::commit_answer_root { netuid, epoch, root: [0; 32], answers: 0 };
        run_to_place(netuid, u64::from(TEMPO / 2));
        ok(&hotkey, none(present - 1));
        run_to_place(netuid, u64::from(TEMPO / 2) + 1);
        refused(&late, none(present - 1), Refusal::AnswerRootOutOfTurn);
        ok(&late, none(present));
        let hotkey = account(&miner(1));
        for _ in 0..12 {
            next_epoch(netuid);
            let epoch = EpochClock::<Test>::number(netuid, System::block_number().into());
            ok(&hotkey, answers(epoch));
        }
        let kept = AnswerRoots::<Test>::get(netuid, &hotkey);
        assert_eq!((kept.len(), kept.back().map(|root| root.epoch)), (10, Some(present + 12)));
    });
}

proptest! {
    #[test]
    fn a_demand_is_off_on_mechanisms_that_it_does_not_name(answers: u16, mechanisms: u16, mecid in 0u8..=255) {
        let on = EvidenceDemand { answers, mechanisms }.on(mecid);
        let named = mecid < 16 && mechanisms & (1 << mecid.min(15)) != 0;
        prop_assert_eq!(on.is_some(), named && answers > 0);
    }
}
