//! A market: miners with their decisions, validators, and an epoch of both mechanisms.
//!
//! Money is counted in units of the market's pay for its miners in one epoch.
//!
//! * A *thinker* pays for an attempt at a better model if it expects to earn more than the attempt costs. It computes
//!   that from the table of averages and pay, which everybody sees. The attempt succeeds or not.
//! * A *copier* repeats the answers of the miner that was paid best for serving, and enters the published model of the
//!   miner that was paid best for submissions.
//! * An *idler* serves its first model for ever.
//!
//! A miner leaves when it has been paid less than its costs for some epochs; newcomers come as long as the other miners
//! are paid more than their costs.

use std::{collections::BTreeMap, error::Error, fmt};

use myelin_subnet::{
    evaluation::{
        evaluate_round, weigh, weigh_ladder, AskedTask, Climber, Delivery, DrawnTask, GroupRule, Outcome,
        RoundFacts, Standing,
    },
    validator::draw::{draw_round, Occasion},
    Mechanism, MinerRef, Pay, Subnet,
};
use myelin_units::I64F64;
use myelin_wire::{
    hash::{blake2_256, blake2_256_of, Hash},
    record::LatencyBucket,
    seed::{Seed, SeedRng},
    sr25519::Keypair,
    AccountId,
};
use myelin_yuma::{run_epoch, EpochInput, EpochParams};

use crate::estimating::{Estimating, Model, Setup};

/// Most miners.
const SLOTS: usize = 24;
/// Miners of the first epoch.
const FIRST: usize = 10;
/// Stakes of the validators, in percent.
const STAKES: [i64; 3] = [50, 30, 20];
/// Rounds of an epoch.
const ROUNDS: u16 = 3;
/// Blocks of an epoch.
const TEMPO: u64 = 360;
/// Cost of a miner per epoch.
const RUNNING: f64 = 0.035;
/// Cost of an attempt at a better model.
const ATTEMPT: f64 = 0.03;
/// Probability that an attempt succeeds, in percent.
const SUCCESS: u64 = 60;
/// Reduction of the error by a success, in percent.
const GAIN: u32 = 20;
/// Epochs over which an attempt must pay.
const HORIZON: f64 = 6.0;
/// Epochs of loss after which a miner leaves.
const PATIENCE: usize = 5;
/// Errors of newcomers, which start with models that are free.
const FREE: std::ops::Range<u64> = 400_000..650_000;
/// Pay of the chain per epoch, in rao; the same for both mechanisms.
const EMISSION: u64 = 1_000_000_000;

/// Visible state of a market after an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    /// Mean quality of answers, weighted by the pay for them.
    pub quality: f64,
    /// Quality of the best miner.
    pub best: f64,
    /// Number of miners.
    pub miners: usize,
    /// Share of all pay that went to copiers.
    pub copiers: f64,
}

impl fmt::Display for Sight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} | {:.3} | {} | {:.3}", self.quality, self.best, self.miners, self.copiers)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Thinker,
    Copier,
    Idler,
}

struct Miner {
    key: AccountId,
    kind: Kind,
    model: Model,
    /// Models that it has entered, each with the block of its commitment; the last one is the current one.
    entered: Vec<(Model, u64)>,
    /// Pay for serving and for submissions, epoch by epoch.
    paid: Vec<[f64; 2]>,
}

impl Miner {
    /// The model with which the miner competes where miners submit, and the block of its commitment.
    fn entry(&self) -> (Model, u64) {
        self.entered.last().copied().unwrap_or((self.model, 0))
    }

    fn last(&self) -> [f64; 2] {
        self.paid.last().copied().unwrap_or_default()
    }

    /// Whether it has been paid less than its costs for as many epochs as it bears a loss.
    fn leaves(&self) -> bool {
        let recent = self.paid.iter().rev().take(PATIENCE).map(|[one, other]| one + other);
        self.paid.len() >= PATIENCE && recent.sum::<f64>() < RUNNING * PATIENCE as f64
    }
}

/// An entry on a mechanism: the place of its miner in the round, the answering model, and its commitment if it was
/// replaced.
type Entry = (usize, Model, Option<Hash>);

/// Entries of a miner: its current model, and replaced models that are still judged.
fn entries(
    (place, miner): (usize, &&Miner),
    standings: &mut BTreeMap<AccountId, Standing>,
    block: u64,
) -> Vec<Entry> {
    let (model, since) = miner.entry();
    let standing = standings.entry(miner.key).or_default();
    standing.enter(&commitment(model), since, block);
    let replaced = standing.replaced().into_iter().filter_map(|(hash, _)| {
        let (model, _) = miner.entered.iter().find(|(model, _)| commitment(*model) == hash)?;
        Some((place, *model, Some(hash)))
    });
    [(place, model, None)].into_iter().chain(replaced).collect()
}

fn commitment(model: Model) -> Hash {
    blake2_256(&model.id.to_le_bytes())
}

/// A validator with its state between rounds.
struct Validator {
    keys: Keypair,
    /// By mechanism and miner.
    standings: [BTreeMap<AccountId, Standing>; 2],
}

/// Miners, validators and the state of the chain.
pub struct Market {
    subnet: Estimating,
    mechanisms: Vec<Mechanism>,
    /// By uid.
    miners: Vec<Option<Miner>>,
    validators: Vec<Validator>,
    /// Bonds by mechanism, rows by uid: validators stand behind the miners.
    bonds: [Vec<Vec<(u16, u16)>>; 2],
    luck: SeedRng,
    epoch: u64,
    born: u64,
}

impl Market {
    /// A market before its first epoch.
    pub fn open(seed: u8, equal_scores: bool) -> Result<Self, Box<dyn Error>> {
        let subnet = Estimating::open(Setup { model: None, equal_scores })?;
        let validator = |number: usize| Validator {
            keys: Keypair::from_seed(&blake2_256_of(&[b"validator", &[seed, number as u8]])),
            standings: Default::default(),
        };
        let mut market = Self {
            mechanisms: subnet.mechanisms(),
            subnet,
            miners: (0..SLOTS).map(|_| None).collect(),
            validators: (0..STAKES.len()).map(validator).collect(),
            bonds: [vec![Vec::new(); SLOTS + STAKES.len()], vec![Vec::new(); SLOTS + STAKES.len()]],
            luck: Seed(blake2_256(&[seed])).rng(),
            epoch: 0,
            born: 0,
        };
        (0..FIRST).for_each(|_| market.come());
        Ok(market)
    }

    /// One epoch: everybody is judged and paid, and then decides.
    pub fn epoch(&mut self) -> Result<Sight, Box<dyn Error>> {
        self.epoch += 1;
        let sources = [self.best_paid(0), self.best_paid(1)];
        for round in 0..ROUNDS {
            self.round(round, sources)?;
        }
        let (served, entered) = (self.pay(0), self.pay(1));
        for (miner, paid) in self.miners.iter_mut().zip(served.into_iter().zip(entered)) {
            miner.iter_mut().for_each(|miner| miner.paid.push([paid.0 / 2.0, paid.1 / 2.0]));
        }
        let sight = self.sight(sources);
        self.decide(sources);
        Ok(sight)
    }

    /// The miner that was paid best on a mechanism in the last epoch, copiers aside.
    fn best_paid(&self, mechanism: usize) -> Option<usize> {
        let honest = |uid: &usize| self.miners[*uid].as_ref().is_some_and(|miner| miner.kind != Kind::Copier);
        let pay = |uid: &usize| self.miners[*uid].as_ref().map_or(0.0, |miner| miner.last()[mechanism]);
        (0..SLOTS).filter(honest).max_by(|one, other| pay(one).total_cmp(&pay(other)))
    }

    /// The model that gives a miner's answers when it serves.
    fn serving(&self, miner: &Miner, source: Option<usize>) -> Model {
        match (miner.kind, source.and_then(|uid| self.miners[uid].as_ref())) {
            (Kind::Copier, Some(source)) => source.model,
            _ => miner.model,
        }
    }

    /// A round of every validator on both mechanisms.
    fn round(&mut self, round: u16, sources: [Option<usize>; 2]) -> Result<(), Box<dyn Error>> {
        let uids: Vec<usize> = (0..SLOTS).filter(|uid| self.miners[*uid].is_some()).collect();
        let miners: Vec<&Miner> = uids.iter().filter_map(|uid| self.miners[*uid].as_ref()).collect();
        let named = |(uid, miner): (&usize, &&Miner)| MinerRef { uid: *uid as u16, hotkey: miner.key };
        let refs: Vec<MinerRef> = uids.iter().zip(&miners).map(named).collect();
        let block = self.epoch * TEMPO + u64::from(round) * 100;
        let occasion = Occasion {
            genesis: [0; 32],
            netuid: 1,
            epoch: self.epoch,
            round,
            source_block: block,
            source_hash: blake2_256_of(&[b"block", &block.to_le_bytes()]),
            source_value: None,
            settling: 1,
        };
        let served: Vec<Model> = miners.iter().map(|miner| self.serving(miner, sources[0])).collect();
        let hotkeys: Vec<AccountId> = refs.iter().map(|miner| miner.hotkey).collect();
        for number in 0..self.validators.len() {
            let keys = self.validators[number].keys.clone();
            let drawn = draw_round(&self.subnet, &occasion, &hotkeys, &keys, &(), || [0; 32])?;
            for (mechanism, tasks) in [drawn.tasks, drawn.shared].into_iter().enumerate() {
                let standings = &mut self.validators[number].standings[mechanism];
                let entries: Vec<Entry> = match mechanism {
                    0 => miners.iter().enumerate().map(|(place, _)| (place, served[place], None)).collect(),
                    _ => miners
                        .iter()
                        .enumerate()
                        .flat_map(|numbered| entries(numbered, standings, block))
                        .collect(),
                };
                let answering: Vec<MinerRef> = entries.iter().map(|(place, ..)| refs[*place]).collect();
                let ask = |task: DrawnTask<Estimating>| {
                    let deliver = |(at, (place, model, _)): (usize, &Entry)| Delivery {
                        miner: at,
                        request: [1; 32],
                        answer: [2; 32],
                        signed: true,
                        // A copier must have seen an answer before it can repeat it.
                        commit_place: Some(
                            *place as u8 + if miners[*place].kind == Kind::Copier { 100 } else { 0 },
                        ),
                        latency: LatencyBucket::of_ms(200),
                        outcome: Outcome::Answered(model.estimate(task.challenge.request)),
                    };
                    let deliveries = entries.iter().enumerate().map(deliver).collect();
                    AskedTask { task, deliveries }
                };
                let asked: Vec<_> = tasks.into_iter().map(ask).collect();
                let (epoch, signer) = (self.epoch, keys.public());
                let facts = RoundFacts { netuid: 1, epoch, round, mechanism: mechanism as u8, signer };
                let rule = GroupRule::default();
                let judged =
                    evaluate_round(&self.subnet, &facts, &answering, asked, &rule, |_, _| false, &mut ())?;
                let rate = self.mechanisms[mechanism].rate;
                for (scored, (place, _, replaced)) in judged.scores.iter().zip(&entries) {
                    let standing = standings.entry(miners[*place].key).or_default();
                    match (scored.score, replaced) {
                        (Some(score), Some(replaced)) => standing.update_replaced(replaced, score, rate),
                        (Some(score), None) => standing.update(score, rate),
                        (None, _) => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// The miners' shares of a mechanism's pay, by the weights of all validators and the chain's epoch.
    fn pay(&mut self, mechanism: usize) -> Vec<f64> {
        let rows: Vec<Vec<(u16, u16)>> =
            self.validators.iter().map(|validator| self.weights(validator, mechanism)).collect();
        let neurons = SLOTS + STAKES.len();
        let input = EpochInput {
            params: EpochParams { commit_reveal: false, ..EpochParams::default() },
            block: self.epoch * TEMPO,
            emission: EMISSION,
            last_step_block: (self.epoch - 1) * TEMPO,
            owner_uid: None,
            total_stake: (0..SLOTS)
                .map(|_| 0)
                .chain(STAKES)
                .map(|stake| I64F64::from_int(1_000 * stake))
                .collect(),
            last_update: vec![self.epoch * TEMPO; neurons],
            registered: vec![0; neurons],
            permits: (0..neurons).map(|uid| uid >= SLOTS).collect(),
            weights: (0..SLOTS).map(|_| Vec::new()).chain(rows).collect(),
            bonds: self.bonds[mechanism].clone(),
            commit_blocks: vec![None; neurons],
            ..EpochInput::default()
        };
        let output = run_epoch(&input);
        self.bonds[mechanism] = output.bonds;
        let all: u64 = output.server_emission.iter().sum();
        let share = |pay: &u64| *pay as f64 / all.max(1) as f64;
        output.server_emission[..SLOTS].iter().map(share).collect()
    }

    fn weights(&self, validator: &Validator, mechanism: usize) -> Vec<(u16, u16)> {
        let standing =
            |miner: &Miner| validator.standings[mechanism].get(&miner.key).cloned().unwrap_or_default();
        let miners =
            self.miners.iter().enumerate().filter_map(|(uid, miner)| Some((uid as u16, miner.as_ref()?)));
        match self.mechanisms[mechanism].pay {
            Pay::Ladder(rule) => {
                let climber = |(uid, miner): (u16, &Miner)| {
                    let (rungs, now) = standing(miner).rungs(rule.window);
                    Climber { uid, hotkey: miner.key, rungs, now }
                };
                weigh_ladder(&miners.map(climber).collect::<Vec<_>>(), &rule)
            }
            Pay::Power(rule) => {
                let averages: Vec<(u16, u64)> =
                    miners.map(|(uid, miner)| (uid, standing(miner).average().get().into())).collect();
                weigh(&averages, &rule)
            }
            Pay::Load(_) | Pay::Window(_) | Pay::Agreement(_) => Vec::new(),
        }
    }

    fn sight(&self, sources: [Option<usize>; 2]) -> Sight {
        let miners: Vec<&Miner> = self.miners.iter().flatten().collect();
        let total: f64 = miners.iter().map(|miner| miner.last().iter().sum::<f64>()).sum();
        let good = |miner: &&Miner| {
            let [served, entered] = miner.last();
            served * self.serving(miner, sources[0]).quality() + entered * miner.entry().0.quality()
        };
        let copiers = miners.iter().filter(|miner| miner.kind == Kind::Copier);
        let copied: f64 = copiers.map(|miner| miner.last().iter().sum::<f64>()).sum();
        Sight {
            quality: miners.iter().map(good).sum::<f64>() / total.max(1e-9),
            best: miners.iter().map(|miner| miner.model.quality()).fold(0.0, f64::max),
            miners: miners.len(),
            copiers: copied.max(0.0) / total.max(1e-9),
        }
    }

    /// Pay of an epoch for one more point of quality, estimated from public data: averages and pay.
    fn slope(&self) -> f64 {
        let Some(judge) = self.validators.first() else { return 0.0 };
        let seen = |miner: &Miner| {
            let average = judge.standings[0].get(&miner.key)?.average();
            let paid: f64 = miner.last().iter().sum();
            (paid > 0.0).then_some((f64::from(average.get()) / 1e6, paid))
        };
        let points: Vec<(f64, f64)> = self.miners.iter().flatten().filter_map(seen).collect();
        let count = points.len().max(1) as f64;
        let (x, y) = (
            points.iter().map(|point| point.0).sum::<f64>() / count,
            points.iter().map(|point| point.1).sum::<f64>() / count,
        );
        let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
        let common: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
        if spread > 1e-9 {
            common / spread
        } else {
            0.0
        }
    }

    fn decide(&mut self, sources: [Option<usize>; 2]) {
        let slope = self.slope();
        let block = (self.epoch + 1) * TEMPO;
        let published = sources[1].and_then(|uid| self.miners[uid].as_ref()).map(|miner| miner.entry().0);
        for uid in 0..SLOTS {
            let Some(miner) = &mut self.miners[uid] else { continue };
            // Not all at once: a miner that leaves makes room for the others.
            if miner.leaves() && self.luck.below(2) == 0 {
                self.leave(uid);
                continue;
            }
            match miner.kind {
                Kind::Thinker => {
                    let less = miner.model.error / 100 * GAIN;
                    let worth = slope * f64::from(less) / 1e6 * HORIZON;
                    if worth > ATTEMPT && self.luck.below(100) < SUCCESS {
                        self.born += 1;
                        miner.model = Model { id: self.born, error: miner.model.error - less };
                        miner.entered.push((miner.model, block));
                    }
                }
                Kind::Copier => {
                    let copy = published.filter(|model| *model != miner.entry().0);
                    miner.entered.extend(copy.map(|model| (model, block)));
                }
                Kind::Idler => {}
            }
        }
        let miners: Vec<f64> =
            self.miners.iter().flatten().map(|miner| miner.last().iter().sum::<f64>()).collect();
        let mean = miners.iter().sum::<f64>() / miners.len().max(1) as f64;
        if miners.len() < FIRST || mean > RUNNING {
            self.come();
        }
    }

    /// A newcomer takes the first free place, if there is one.
    fn come(&mut self) {
        let Some(uid) = self.miners.iter().position(Option::is_none) else { return };
        self.born += 1;
        let model = Model { id: self.born, error: self.luck.range(FREE.start, FREE.end) as u32 };
        let kind = match self.luck.below(10) {
            0..=4 => Kind::Thinker,
            5..=7 => Kind::Copier,
            _ => Kind::Idler,
        };
        let key = blake2_256_of(&[b"miner", &self.born.to_le_bytes()]);
        let entered = vec![(model, (self.epoch + 1) * TEMPO)];
        self.miners[uid] = Some(Miner { key, kind, model, entered, paid: Vec::new() });
    }

    /// Frees a place, and lets validators forget the miner that had it.
    fn leave(&mut self, uid: usize) {
        let Some(miner) = self.miners[uid].take() else { return };
        let standings = self.validators.iter_mut().flat_map(|validator| &mut validator.standings);
        standings.for_each(|standings| {
            standings.remove(&miner.key);
        });
        for row in self.bonds.iter_mut().flatten() {
            row.retain(|(column, _)| usize::from(*column) != uid);
        }
    }
}
