//! Faults that parts of the evidence show under a root. The parts alone show a planted lie, no change of them is
//! believed, and no honest validator can be accused.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use myelin_subnet::{
    evaluation::Seat,
    evidence::{EpochTree, EvidenceFolder, FaultClaim, PartsError, Rooted},
    rules::{rules, rules_hash, Terms},
    testkit::NETUID,
    Subnet,
};
use myelin_wire::{
    evidence::seeds,
    hash::{from_hex, Hash},
    record::Ppm,
    seed::SeedProof,
    AccountId,
};
use proptest::{prelude::*, sample::Index, test_runner::TestRunner};

use crate::{
    guessing::{Guessing, Style},
    network::{key, until, Network},
};

/// Differences of the standings after a round from those that follow from its records.
pub fn by_records<S: Subnet>(
    subnet: &S,
    folder: &EvidenceFolder,
    (epoch, round): (u64, u16),
) -> Result<Vec<String>, PartsError> {
    let (netuid, validator) = folder.judge_of(epoch)?.expect("records");
    let EpochTree { tree, files, .. } = folder.tree(netuid, epoch, validator)?;
    Rooted::in_folder(folder, tree.branches(), files)?.round(subnet, round, 0)
}

/// A validator's evidence of an epoch with two rounds or more, and what the chain knows beside it.
struct Epoch {
    guard: tempfile::TempDir,
    folder: EvidenceFolder,
    epoch: u64,
    rounds: Vec<u16>,
    terms: Terms,
    chain: Chain,
}

/// The chain, as far as a reader needs it.
#[derive(Clone)]
struct Chain {
    genesis: Hash,
    /// The bytes from which the seeds of each round are drawn.
    sources: BTreeMap<u16, Hash>,
    seats: Vec<(Seat, AccountId)>,
    row: Vec<(u16, u16)>,
    rules: Hash,
}

fn subnet() -> Guessing {
    Guessing::open(Style::Broken).unwrap()
}

fn rules_of(terms: Terms) -> Hash {
    rules_hash(&rules(&subnet(), 0, terms).unwrap())
}

/// The first epoch of an honest validator that is over and had two rounds.
async fn judged() -> Epoch {
    let network = Network::start(300, true);
    let _best = network.miner("best", Style::Within { error: 2_000, own: 1 }).await;
    let _worse = network.miner("worse", Style::Within { error: 60_000, own: 2 }).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let over = || {
        let epochs = folder.epochs();
        let is_whole = |epoch: &&u64| {
            let weighed = folder.weights(**epoch).is_ok_and(|weights| !weights.is_empty());
            weighed && folder.rounds(**epoch).len() >= 2
        };
        epochs.iter().take(epochs.len().saturating_sub(1)).find(is_whole).copied()
    };
    until("an epoch with two rounds", || over().is_some()).await;
    validator.shutdown(Duration::from_secs(5)).await;
    let epoch = over().unwrap();

    let rounds = folder.rounds(epoch);
    let source = |round: &u16| folder.tasks(epoch, *round).unwrap().source.unwrap();
    let sources = rounds.iter().map(|round| (*round, from_hex(source(round).drawn_from()).unwrap()));
    let kept = folder.weights(epoch).unwrap().remove(0);
    let seat = |peer: &myelin_subnet::chain::Peer| {
        (Seat { uid: peer.uid, registered_at: peer.registered_at }, peer.hotkey)
    };
    let chain = Chain {
        genesis: from_hex(&source(&rounds[0]).genesis).unwrap(),
        sources: sources.collect(),
        seats: network.chain.ledger().neurons.iter().map(seat).collect(),
        row: kept.weights.uids.iter().copied().zip(kept.weights.values.iter().copied()).collect(),
        rules: rules_of(kept.terms),
    };
    let epoch =
        Epoch { guard: tempfile::tempdir().unwrap(), folder, epoch, rounds, terms: kept.terms, chain };
    // The network's folder goes with it.
    epoch.copy()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, copy) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        match path.is_dir() {
            true => copy_folder(&path, &copy),
            false => {
                fs::copy(&path, &copy).unwrap();
            }
        }
    }
}

impl Epoch {
    fn copy(&self) -> Self {
        let guard = tempfile::tempdir().unwrap();
        copy_folder(&self.folder.path, guard.path());
        let folder = EvidenceFolder { path: guard.path().into(), keep: 10 };
        let (rounds, chain) = (self.rounds.clone(), self.chain.clone());
        Self { guard, folder, epoch: self.epoch, rounds, terms: self.terms, chain }
    }

    /// A file of a round.
    fn file(&self, round: u16, what: &str) -> PathBuf {
        self.guard.path().join(format!("epoch-{:06}/round-{round:02}.{what}", self.epoch))
    }

    /// The root that the validator commits to, with what is in the folder now.
    fn root(&self) -> Hash {
        self.folder.tree(NETUID, self.epoch, key("v1").public()).unwrap().tree.root()
    }

    fn rooted(&self) -> Rooted<'_> {
        let EpochTree { tree, files, .. } = self.folder.tree(NETUID, self.epoch, key("v1").public()).unwrap();
        Rooted::in_folder(&self.folder, tree.branches(), files).unwrap()
    }

    fn candidates(&self) -> Vec<FaultClaim> {
        let rooted = self.rooted();
        let claims = rooted.candidates(&[(0, self.terms)]);
        rooted.forget();
        claims
    }

    /// Parts that were read for a claim, and the result of the check.
    fn parts(&self, claim: FaultClaim) -> (Vec<u8>, Result<Vec<String>, PartsError>) {
        let rooted = self.rooted();
        let found = self.chain.check(&rooted, claim);
        (rooted.to_bytes(&[claim]), found)
    }

    /// The faults that a reader finds who knows the root on the chain.
    fn read(&self, root: Hash, bytes: &[u8]) -> Result<Vec<String>, String> {
        let (rooted, claims) = Rooted::from_bytes(bytes).map_err(|error| error.to_string())?;
        if rooted.root() != root {
            return Err("another root".into());
        }
        let mut lines = Vec::new();
        for claim in claims {
            let found = self.chain.check(&rooted, claim).map_err(|error| error.to_string())?;
            match found.is_empty() {
                true => return Err(format!("{claim}: no fault")),
                false => lines.extend(found),
            }
        }
        rooted.ensure_all_used().map_err(|error| error.to_string())?;
        Ok(lines)
    }
}

impl Chain {
    fn check(&self, rooted: &Rooted, claim: FaultClaim) -> Result<Vec<String>, PartsError> {
        let by_rules = |terms: Terms| match rules_of(terms) == self.rules {
            true => Ok(()),
            false => Err(PartsError::Undecided("other rules".into())),
        };
        match claim {
            FaultClaim::Between { earlier, later } => rooted.between(earlier, later),
            FaultClaim::Round { round, mechanism, terms } => {
                by_rules(terms)?;
                rooted.round(&subnet(), round, mechanism)
            }
            FaultClaim::Weights { mechanism, terms } => {
                by_rules(terms)?;
                if mechanism != 0 {
                    return Err(PartsError::Undecided(
                        "no weights of this mechanism are on the chain".into(),
                    ));
                }
                rooted.last_source()?;
                let due = rooted.due_weights(&subnet(), (mechanism, terms), &self.seats, (0, &[]))?;
                let unlike = self.row.iter().filter(|entry| !due.contains(entry));
                Ok(unlike.map(|(uid, weight)| format!("uid {uid} has {weight}")).collect())
            }
            FaultClaim::Seed { round, place } => {
                let (seed, head) = (rooted.seed(round, place)?, rooted.head());
                let source = self.sources.get(&round).filter(|_| seeds::is_of_round(&seed, head, round));
                let defect = seeds::defect_of(&seed, head, round, self.genesis, source.copied());
                Ok(defect.iter().map(ToString::to_string).collect())
            }
            FaultClaim::Twins { round, first, second } => rooted.twins(round, first, second),
            FaultClaim::Unseeded { round, place } => rooted.unseeded(round, place),
        }
    }
}

/// A lie in a copy of the evidence, with the claim that names it and a word of the fault.
type Lie = (&'static str, FaultClaim, Epoch);

/// One lie of each kind. The validator commits to the root over the evidence with the lie in it.
fn lies(honest: &Epoch) -> Vec<Lie> {
    let (epoch, terms) = (honest.epoch, honest.terms);
    let (earlier, later) = (honest.rounds[0], honest.rounds[1]);
    let lied = |change: &dyn Fn(&mut Epoch)| {
        let mut lied = honest.copy();
        change(&mut lied);
        lied
    };
    let around = |round| honest.folder.round_standings(epoch, round).unwrap().unwrap();
    let standings = |hash: &str| honest.folder.standings(epoch, hash).unwrap();
    let raised = |hash: &str| {
        let mut standings = standings(hash);
        standings.get_mut(&(0, key("worse").public())).unwrap().update(Ppm::ONE, Ppm::new(500_000));
        standings
    };
    let begun = lied(&|lie| {
        let (before, after) = (raised(&around(later).before), standings(&around(later).after));
        lie.folder.write_standings(epoch, later, &before, &after).unwrap();
    });
    let left = lied(&|lie| {
        let (before, after) = (standings(&around(earlier).before), raised(&around(earlier).after));
        lie.folder.write_standings(epoch, earlier, &before, &after).unwrap();
    });
    let paid = lied(&|lie| lie.chain.row[0].1 ^= 1);
    let with_seeds = |change: &dyn Fn(&mut Vec<u8>)| {
        lied(&|lie| {
            let path = lie.file(earlier, "seeds");
            let mut bytes = fs::read(&path).unwrap();
            change(&mut bytes);
            fs::write(&path, bytes).unwrap();
        })
    };
    let count = (fs::read(honest.file(earlier, "seeds")).unwrap().len() / SeedProof::LEN) as u32;
    let forged = with_seeds(&|seeds| *seeds.last_mut().unwrap() ^= 1);
    let twice = with_seeds(&|seeds| seeds.extend_from_within(..SeedProof::LEN));
    let unseeded = lied(&|lie| {
        let mut records = lie.folder.records(epoch, later).unwrap();
        records[0].seed[7] ^= 1;
        lie.folder.write_records(epoch, later, records.iter()).unwrap();
    });
    vec![
        ("the standing on mechanism 0 is kept as", FaultClaim::Between { earlier, later }, begun),
        (
            "the standing on mechanism 0 is kept as",
            FaultClaim::Round { round: earlier, mechanism: 0, terms },
            left,
        ),
        (" has ", FaultClaim::Weights { mechanism: 0, terms }, paid),
        ("VRF proof does not verify", FaultClaim::Seed { round: earlier, place: count - 1 }, forged),
        ("for the same miners", FaultClaim::Twins { round: earlier, first: 0, second: count }, twice),
        ("no proof of seed", FaultClaim::Unseeded { round: later, place: 0 }, unseeded),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planted_lie_is_shown_by_its_parts_alone_and_no_change_of_them_is_believed() {
    let honest = judged().await;
    for (word, claim, lied) in lies(&honest) {
        assert!(lied.candidates().contains(&claim), "{claim} is looked at");
        let (bytes, found) = lied.parts(claim);
        let found = found.unwrap();
        assert!(found.iter().any(|line| line.contains(word)), "{claim}: {found:?}");
        let root = lied.root();
        assert_eq!(lied.read(root, &bytes), Ok(found), "{claim}");

        // Under the honest root the same parts are a stranger's. A lie about weights stands on the chain alone.
        let is_in_folder = !matches!(claim, FaultClaim::Weights { .. });
        assert_eq!(lied.read(honest.root(), &bytes).is_err(), is_in_folder, "{claim}");
        let padded = [&bytes[..], &[0]].concat();
        assert!(lied.read(root, &padded).unwrap_err().contains("bytes after the end"), "{claim}");
        let changes = (any::<Index>(), 1u8.., any::<Index>());
        let checked = TestRunner::default().run(&changes, |(at, flip, cut)| {
            let mut changed = bytes.clone();
            changed[at.index(bytes.len())] ^= flip;
            prop_assert!(lied.read(root, &changed).is_err(), "{} at {}", claim, at.index(bytes.len()));
            prop_assert!(lied.read(root, &bytes[..cut.index(bytes.len())]).is_err(), "{} is cut", claim);
            Ok(())
        });
        checked.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_shows_nothing_is_refused_and_so_is_a_fault_without_its_part() {
    let honest = judged().await;
    let (_, claim, lied) = lies(&honest).remove(3);
    let rooted = lied.rooted();
    lied.chain.check(&rooted, claim).unwrap();
    let needed = rooted.forget();
    // Another part, which is under the root as well.
    let other = FaultClaim::Between { earlier: honest.rounds[0], later: honest.rounds[1] };
    lied.chain.check(&rooted, other).unwrap();
    let foreign = rooted.to_bytes(&[claim]);
    let why = lied.read(lied.root(), &foreign).unwrap_err();
    assert!(why.contains("round-") && why.contains("is not among the parts"), "{why}");
    rooted.recall(needed);
    let why = lied.read(lied.root(), &rooted.to_bytes(&[claim])).unwrap_err();
    assert!(why.contains("shows none of the faults"), "{why}");
    let none = lied.read(lied.root(), &rooted.to_bytes(&[])).unwrap_err();
    assert!(none.contains("no claim"), "{none}");
    let twice = lied.read(lied.root(), &rooted.to_bytes(&[claim, claim])).unwrap_err();
    assert!(twice.contains("twice or out of order"), "{twice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_epoch_shows_no_fault_whatever_is_claimed() {
    let honest = judged().await;
    let root = honest.root();
    let candidates = honest.candidates();
    let sorts = |is: &dyn Fn(&FaultClaim) -> bool| candidates.iter().filter(|claim| is(claim)).count();
    assert!(sorts(&|claim| matches!(claim, FaultClaim::Between { .. })) > 0);
    assert!(sorts(&|claim| matches!(claim, FaultClaim::Seed { .. })) > honest.rounds.len());
    assert_eq!(sorts(&|claim| matches!(claim, FaultClaim::Twins { .. } | FaultClaim::Unseeded { .. })), 0);
    for claim in candidates {
        assert_eq!(honest.parts(claim).1.unwrap(), [""; 0], "{claim}");
    }
    let terms = honest.terms;
    let claim =
        (0u8..6, 0u16..4, 0u16..4, 0u32..40, 0u32..40).prop_map(move |(kind, round, other, place, more)| {
            match kind {
                0 => FaultClaim::Between { earlier: round, later: other },
                1 => FaultClaim::Round { round, mechanism: (other % 3) as u8, terms },
                2 => FaultClaim::Weights { mechanism: (other % 3) as u8, terms },
                3 => FaultClaim::Seed { round, place },
                4 => FaultClaim::Twins { round, first: place, second: more },
                _ => FaultClaim::Unseeded { round, place },
            }
        });
    let framed = TestRunner::default().run(&(claim, any::<Index>(), 1u8..), |(claim, at, flip)| {
        let (mut bytes, found) = honest.parts(claim);
        prop_assert!(found.is_err() || found.is_ok_and(|lines| lines.is_empty()), "{}", claim);
        prop_assert!(honest.read(root, &bytes).is_err(), "{}", claim);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(honest.read(root, &bytes).is_err(), "{} with another byte {}", claim, at);
        Ok(())
    });
    framed.unwrap();
}
