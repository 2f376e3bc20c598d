//! Miners that are away: honest validators lose nothing by them, and others gain nothing.

use myelin_wire::evidence::{draw, may_lack, says_away, ProofError, MOST_ABSENT};

use super::*;

/// Miners, uids 1 to 60. In each epoch with absences a sixth of them is away, and another one in the next epoch. So a
/// fifth of those that were paid is away at once, in every epoch.
const CROWD: u16 = 60;
const FIRST: Uid = CROWD + 1;
const HONEST: usize = 4;

/// Choices of a validator.
#[derive(Clone, Copy)]
struct Agent {
    /// Percentage of the miners that it asks. It pays no others.
    asks: u16,
    /// Whether it asks others in each epoch; else always the same.
    anew: bool,
    /// Whether it reveals at once in any case; else it waits for the miners' roots where that helps, and reveals
    /// nothing that would fail.
    hasty: bool,
    /// Whether the colluding miners sign for it.
    befriended: bool,
}

const FAIR: Agent = Agent { asks: 100, anew: false, hasty: false, befriended: false };

/// Choices of the miners.
#[derive(Clone, Copy, Default)]
struct World {
    /// Epochs of the story before any miner is away.
    quiet: u64,
    /// Percentage of the miners that collude: they commit to no root in each second epoch, and sign for all who ask.
    colluding: u16,
}

impl World {
    fn is_away(self, epoch: u64, uid: Uid) -> bool {
        epoch >= self.quiet && u64::from(uid % 6) == epoch % 6
    }

    /// Spread over the sixths.
    fn colludes(self, uid: Uid) -> bool {
        uid / 6 * 10 < self.colluding
    }

    /// Whether a miner commits to a root of an epoch.
    fn commits(self, epoch: u64, uid: Uid) -> bool {
        !(self.is_away(epoch, uid) || self.colludes(uid) && epoch % 2 == 1)
    }

    fn asked(self, agent: Agent, epoch: u64) -> Vec<(Uid, Keypair)> {
        let turn = if agent.anew { epoch } else { 0 };
        let is_chosen = |uid: Uid| (u64::from(uid) * 37 + turn * 61) % 100 < u64::from(agent.asks);
        // An idler lets colluding miners hide instead of asking them, unless they sign for it.
        let is_asked = |uid: Uid| match self.colludes(uid) && agent.asks < 100 {
            true => agent.befriended,
            false => is_chosen(uid),
        };
        let uids = (1..=CROWD).filter(|uid| !self.is_away(epoch, *uid) && is_asked(*uid));
        uids.map(|uid| (uid, miner(uid))).collect()
    }
}

/// A proof with the miners drawn by head that have no answer in it; `None` if there is none.
fn prospect(netuid: NetUid, uid: Uid, pending: &Pending) -> Option<(Vec<u8>, Vec<Uid>)> {
    let hotkey = account(&judge_key(uid));
    let Held { tree, seeds } = pending.held.as_ref()?;
    let randomness = EvidenceLedger::<Test>::randomness(netuid)?;
    let weights = EvidenceLedger::<Test>::need_proof(&hotkey, netuid, &pending.row, pending.block);
    let paid = EvidenceLedger::<Test>::paid(&hotkey, netuid, pending.block);
    let lots = Lots { randomness, weights: &weights, paid: &paid, answers: 1 };
    let proof = tree.prove(&lots, seeds, |_| None).ok()?;
    Some((proof.to_bytes(), proof.lacking(&draw(&tree.root(), &lots))))
}

fn present(netuid: NetUid) -> u64 {
    EpochClock::<Test>::number(netuid, System::block_number().into())
}

fn excused(netuid: NetUid, lacking: &[Uid]) -> usize {
    let epoch = present(netuid) - 1;
    let is_away = |uid: &&Uid| {
        let roots = AnswerRoots::<Test>::get(netuid, account(&miner(**uid)));
        says_away(roots.iter().map(|root| root.epoch), epoch)
    };
    lacking.iter().filter(is_away).count()
}

/// The life of agents, in the order of their uids.
#[derive(Default)]
struct Life {
    /// Sum of the dividends over all epochs but the first two.
    earned: Vec<u64>,
    /// Epochs without a dividend among them.
    lost: Vec<u64>,
    /// Proofs that needed excuses and were revealed.
    waited: Vec<u64>,
}

impl Life {
    /// Earnings of an agent as a part of what the honest ones earn.
    fn worth(&self, agent: usize) -> f64 {
        let honest = self.earned[..HONEST].iter().sum::<u64>() as f64 / HONEST as f64;
        self.earned[agent] as f64 / honest
    }
}

/// Runs epochs in which the agents work, after an honest majority of [`HONEST`].
fn live(epochs: u64, world: World, others: &[Agent]) -> Life {
    let agents: Vec<Agent> = [FAIR; HONEST].iter().chain(others).copied().collect();
    let netuid = peopled(CROWD, agents.len() as u16, 1);
    let mut pending: Vec<Option<Pending>> = agents.iter().map(|_| None).collect();
    let none = || vec![0; agents.len()];
    let mut life = Life { earned: none(), lost: none(), waited: none() };
    next_epoch(netuid);
    let started = present(netuid);
    for epoch in 0..epochs {
        run_to_place(netuid, 4);
        for ((uid, agent), slot) in (FIRST..).zip(&agents).zip(&mut pending) {
            let Some(one) = slot.as_ref() else { continue };
            let is_complete =
                prospect(netuid, uid, one).is_some_and(|(_, lacking)| lacking.len() <= MOST_ABSENT);
            if agent.hasty || is_complete {
                reveal(netuid, uid, one);
                *slot = None;
            }
        }
        run_to_place(netuid, 8);
        let before = present(netuid) - 1;
        let story = before.checked_sub(started);
        for uid in (1..=CROWD).filter(|uid| story.is_some_and(|story| world.commits(story, *uid))) {
            let root = Network::commit_answer_root { netuid, epoch: before, root: [1; 32], answers: 0 };
            let signed = RuntimeOrigin::signed(account(&miner(uid)));
            assert_eq!(
                RuntimeCall::from(root).dispatch(signed).map(|_| ()).map_err(|fault| fault.error),
                Ok(())
            );
        }
        run_to_place(netuid, 12);
        for ((place, uid), slot) in (0..).zip(FIRST..).zip(&mut pending) {
            let Some(one) = slot.take() else { continue };
            let Some((_, lacking)) = prospect(netuid, uid, &one) else { continue };
            if may_lack(lacking.len(), excused(netuid, &lacking)) {
                let failed = ProofHistories::<Test>::get(netuid, account(&judge_key(uid))).failed;
                reveal(netuid, uid, &one);
                let after = ProofHistories::<Test>::get(netuid, account(&judge_key(uid)));
                assert!(
                    after.proven & 1 == 1 && after.failed.count_ones() <= failed.count_ones(),
                    "it holds"
                );
                life.waited[place] += 1;
            }
        }
        run_to_place(netuid, 15);
        for ((uid, agent), slot) in (FIRST..).zip(&agents).zip(&mut pending) {
            let asked = world.asked(*agent, epoch);
            let mut row: Vec<_> = asked.iter().map(|(uid, _)| (*uid, 20_000 + 100 * uid)).collect();
            if row.is_empty() {
                // The owner's neuron needs no answers.
                row.push((0, u16::MAX));
            }
            *slot = Some(commit(netuid, uid, row, Some(ask(netuid, uid, &asked, 1))));
        }
        next_epoch(netuid);
        if epoch >= 2 {
            let paid = Dividends::<Test>::get(netuid);
            for (place, uid) in (0..agents.len()).zip(usize::from(FIRST)..) {
                life.earned[place] += u64::from(paid[uid]);
                life.lost[place] += u64::from(paid[uid] == 0);
            }
        }
    }
    life
}

#[test]
fn honest_validators_lose_no_epoch_with_a_fifth_of_the_miners_away() {
    // One epoch of sixteen is free for those who proved the fifteen before.
    let life = on_chain(|| live(18 + 30, World { quiet: 18, ..World::default() }, &[]));
    assert_eq!(life.lost, [0; HONEST]);
    assert!(life.waited.iter().sum::<u64>() >= 12, "the absences were noticed: {:?}", life.waited);
}

#[test]
fn who_asks_half_of_the_miners_earns_next_to_nothing_where_a_fifth_is_away() {
    let half = Agent { asks: 50, ..FAIR };
    let agents =
        [half, half, Agent { anew: true, ..half }, Agent { hasty: true, ..half }, Agent { asks: 0, ..half }];
    let life = on_chain(|| live(42, World::default(), &agents));
    for agent in HONEST..HONEST + agents.len() {
        assert!(life.worth(agent) <= 0.1, "agent {}: {}", agent - HONEST, life.worth(agent));
    }
    assert_eq!(life.earned[HONEST + 4], 0, "it asks nobody");
}

#[test]
fn who_reveals_before_the_roots_are_in_has_no_excuse() {
    let hasty = Agent { hasty: true, ..FAIR };
    let life = on_chain(|| live(42, World::default(), &[hasty, FAIR]));
    // It fails one of five proofs, and loses its permit for a time.
    assert!(life.worth(HONEST) < 0.8 && life.worth(HONEST + 1) > 0.9, "{:?}", life.earned);
}

#[test]
fn miners_that_hide_their_roots_help_less_than_miners_that_sign() {
    let half = Agent { asks: 50, ..FAIR };
    let world = World { colluding: 20, quiet: 0 };
    let life = on_chain(|| live(42, world, &[half, Agent { befriended: true, ..half }]));
    let (hiding, signing) = (life.worth(HONEST), life.worth(HONEST + 1));
    assert!(hiding <= 0.1 && hiding <= signing, "{hiding}, {signing}");
    assert!(
        life.lost[..HONEST].iter().all(|lost| *lost <= 2),
        "the honest ones have their answers: {:?}",
        life.lost
    );
}

#[test]
fn a_search_over_an_idlers_choices_finds_none_that_pays() {
    // Budget: 3 parts of the miners, asked always or anew, revealed at once or when it is best, in 2 worlds: 24
    // strategies of 18 epochs each. Of the world without colluding miners the quick tests play the first four. The rule
    // by itself is searched in `myelin_wire`.
    let mut agents = Vec::new();
    for asks in [50, 65, 80] {
        for (anew, hasty) in [(false, false), (false, true), (true, false), (true, true)] {
            agents.push(Agent { asks, anew, hasty, befriended: false });
        }
    }
    let honest_world = if cases_times().is_some() { agents.len() } else { 4 };
    for (colluding, played) in [(0, honest_world), (30, agents.len())] {
        for some in agents[..played].chunks(4) {
            let life = on_chain(|| live(20, World { colluding, quiet: 0 }, some));
            for (agent, place) in some.iter().zip(HONEST..) {
                let (worth, part) = (life.worth(place), f64::from(agent.asks) / 100.0);
                assert!(
                    worth < part,
                    "{} % asked, anew {}, hasty {}: {worth}",
                    agent.asks,
                    agent.anew,
                    agent.hasty
                );
            }
        }
    }
}

/// Randomness of a draw that lacks so many answers.
fn unlucky(netuid: NetUid, pending: &Pending, wanted: usize) -> ([u8; 32], Vec<u8>) {
    let hotkey = account(&judge_key(FIRST_JUDGE));
    let Held { tree, seeds } = pending.held.as_ref().expect("it asked");
    let weights = EvidenceLedger::<Test>::need_proof(&hotkey, netuid, &pending.row, pending.block);
    let paid = EvidenceLedger::<Test>::paid(&hotkey, netuid, pending.block);
    let draws = (0..=u8::MAX).filter_map(|round| {
        let lots = Lots { randomness: [round; 32], weights: &weights, paid: &paid, answers: 1 };
        let proof = tree.prove(&lots, seeds, |_| None).ok()?;
        let fits = proof.lacking(&draw(&tree.root(), &lots)).len() == wanted;
        fits.then(|| ([round; 32], proof.to_bytes()))
    });
    draws.into_iter().next().expect("some draw is like that")
}

#[test]
fn only_miners_that_committed_before_and_are_silent_now_are_excused_once_their_roots_are_due() {
    on_chain(|| {
        let netuid = demanding(1, 1);
        for epoch in 0..3 {
            run_to_place(netuid, 15);
            let (row, held) = honest(netuid, epoch, FIRST_JUDGE).expect("it works");
            let pending = commit(netuid, FIRST_JUDGE, row, held);
            next_epoch(netuid);
            run_to_place(netuid, 4);
            reveal(netuid, FIRST_JUDGE, &pending);
        }
        let (fifth, sixth) = (account(&miner(5)), account(&miner(6)));
        let epoch = present(netuid);
        let set = |hotkey: &AccountId, epochs: &[u64]| {
            let root =
                |epoch: &u64| myelin_abi::AnswerRoot { epoch: *epoch, root: [1; 32], answers: 0, block: 1 };
            AnswerRoots::<Test>::insert(
                netuid,
                hotkey,
                epochs.iter().map(root).collect::<std::collections::VecDeque<_>>(),
            );
        };
        run_to_place(netuid, 15);
        let asked: Vec<_> = all_miners().into_iter().take(4).collect();
        let held = ask(netuid, FIRST_JUDGE, &asked, 3);
        let pending = commit(netuid, FIRST_JUDGE, true_row()[..4].to_vec(), Some(held));
        next_epoch(netuid);
        let hotkey = account(&judge_key(FIRST_JUDGE));
        let root = EvidenceRoots::<Test>::get(netuid, &hotkey).pop_back().expect("it committed");
        let (randomness, proof) = unlucky(netuid, &pending, 6);
        let check =
            || EvidenceLedger::<Test>::check(&hotkey, netuid, &root, &pending.row, randomness, 1, &proof);
        let refused = |excused| Err(ProofError::Absent { absent: 6, excused });
        let both = |epochs: &[u64]| {
            set(&fifth, epochs);
            set(&sixth, epochs);
        };
        both(&[epoch - 1]);
        run_to_place(netuid, u64::from(TEMPO / 2));
        assert_eq!(check(), refused(0), "their roots may still come");
        run_to_place(netuid, u64::from(TEMPO / 2) + 1);
        assert_eq!(check(), Ok(()));
        both(&[epoch - 1, epoch]);
        assert_eq!(check(), refused(0), "a root over no answers is presence");
        both(&[]);
        assert_eq!(check(), refused(0), "they never commit");
        both(&[epoch - 4]);
        assert_eq!(check(), refused(0), "they stopped long ago");
        both(&[epoch + 1]);
        assert_eq!(check(), refused(0), "they are new");
        // Roots follow a miner that replaces its hotkey.
        both(&[epoch - 1]);
        let (coldkey, new_hotkey) = (coldkey(15), account(&Keypair::from_seed(&[98; 32])));
        ok(&coldkey, Network::swap_hotkey { hotkey: fifth.clone(), new_hotkey, netuid: None });
        assert_eq!(check(), Ok(()));
        // In later epochs no root of that epoch comes any more.
        next_epoch(netuid);
        assert!(EvidenceLedger::<Test>::are_roots_in(netuid, epoch));
        assert!(!EvidenceLedger::<Test>::are_roots_in(netuid, epoch + 1));
        assert!(!EvidenceLedger::<Test>::are_roots_in(netuid, epoch + 2));
        assert!(!EvidenceLedger::<Test>::are_roots_in(netuid, epoch + 3));
    });
}
