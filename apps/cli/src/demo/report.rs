//! Results of the demo as `demo-report.json`: the report of a subnet, or of a network with one report for each subnet.
//!
//! The `chain` part holds only values that anybody can read from the chain at the named blocks, for example with the
//! official Python SDK. The rest holds the roles of the miners and the verdicts on the promises.

use std::collections::BTreeMap;

use serde::Serialize;

use super::auditor::Audit;
use super::ledger::Ledger;
use super::promises::Promise;

/// Content of `demo-report.json`.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Whole<'a> {
    /// The report of one subnet.
    Subnet(&'a Report),
    /// The report of several subnets.
    Network(NetworkReport<'a>),
}

/// Several subnets of one network.
#[derive(Clone, Debug, Serialize)]
pub struct NetworkReport<'a> {
    /// Seed that shuffled the roles.
    pub seed: u64,
    /// Whether every promise was kept, those of the subnets included.
    pub kept: bool,
    /// Promises about the network as a whole.
    pub promises: &'a [Promise],
    /// The ledger check over all subnets at the last block.
    pub ledger: &'a Ledger,
    /// One report for each subnet.
    pub subnets: &'a [Report],
}

/// Report of one subnet, and of the network if it has no other subnet.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Kind of the subnet.
    pub kind: &'static str,
    /// Seed that shuffled the roles.
    pub seed: u64,
    /// Whether every answer got the same score on purpose.
    pub negative_control: bool,
    /// Whether every promise was kept.
    pub kept: bool,
    /// Each promise with its verdict.
    pub promises: Vec<Promise>,
    /// The miners and validators with their roles.
    pub cast: Vec<Player>,
    /// State of the chain at each snapshot.
    pub chain: Chain,
    /// Average score of each miner at each paid epoch, by the validators.
    pub scores: Vec<Scores>,
    /// The sale of alpha at the end.
    pub unstaked: Option<Unstaked>,
    /// The first epoch that counts for each validator that works, by its uid, where proofs are demanded.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub counted_from: BTreeMap<u16, u64>,
    /// Reveals of weights by the validator that copies.
    #[serde(skip_serializing_if = "is_zero")]
    pub copied: u32,
    /// Findings of an auditor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
    /// Collateral that miners lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forfeits: Vec<Forfeited>,
    /// Seconds from the start of the network to each paid epoch.
    pub seconds_to_paid_epochs: Vec<f64>,
}

/// Mean of the validators' average scores, 0 to 1, by uid. The chain sees only the weights made of them.
pub type Scores = BTreeMap<u16, f64>;

/// One miner or validator.
#[derive(Clone, Debug, Serialize)]
pub struct Player {
    /// Name in this demo, for example `miner-1`.
    pub name: String,
    /// `validator`, or the miner's role.
    pub role: String,
    /// Its uid on the subnet.
    pub uid: u16,
    /// Addresses of its keys.
    pub hotkey: String,
    /// See `hotkey`.
    pub coldkey: String,
}

/// State of the chain.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Chain {
    /// RPC endpoint while the network is up.
    pub endpoint: String,
    /// Hash of block 0.
    pub genesis: String,
    /// The demo's subnet.
    pub netuid: u16,
    /// One snapshot for each epoch, at the first block after it.
    pub epochs: Vec<Epoch>,
    /// The ledger check at the last block. With several subnets it is in the network's report instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<Ledger>,
}

/// The subnet right after one epoch.
#[derive(Clone, Debug, Serialize)]
pub struct Epoch {
    /// Block of this snapshot.
    pub block: u64,
    /// Its hash.
    pub hash: String,
    /// Whether incentives come from weights; the first epochs pay by stake alone.
    pub from_weights: bool,
    /// Spot price in rao of TAO per alpha.
    pub price_rao: u64,
    /// Every neuron by uid.
    pub neurons: Vec<Neuron>,
    /// Proofs of the validators, where the subnet demands them.
    #[serde(flatten)]
    pub proofs: Option<Proofs>,
}

/// Proofs of evaluation right after an epoch. Validators are named by uid.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Proofs {
    /// Number of the epoch that ended.
    pub ended: u64,
    /// Validators that proved their weights in it.
    pub proven: Vec<u16>,
    /// Validators whose evidence another one states to hold, of the epoch that had opened.
    pub held: Vec<u16>,
    /// Validators that can work in the whole of the epoch that begins: they have a permit and proof is demanded of
    /// them. Their processes run since before the first snapshot.
    pub able: Vec<u16>,
    /// The epoch in which their weights of the epoch that begins are proven.
    pub able_prove_in: u64,
}

/// One uid at one block.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Neuron {
    /// Its number.
    pub uid: u16,
    /// Its keys.
    pub hotkey: String,
    /// See `hotkey`.
    pub coldkey: String,
    /// Share of the miners' emission, 65535 = 1.
    pub incentive: u16,
    /// Share of the emission of mechanism 1, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incentive_of_mechanism_1: Option<u16>,
    /// Share of the validators' emission, 65535 = 1.
    pub dividends: u16,
    /// Alpha of the last epoch, in rao.
    pub emission_rao: u64,
    /// Alpha on the hotkey, in rao.
    pub stake_rao: u64,
    /// Free TAO of the coldkey, in rao.
    pub balance_rao: u64,
    /// Its row of weights: (uid, weight).
    pub weights: Vec<(u16, u16)>,
}

/// Collateral that a miner lost, because it signed two answers to one challenge.
#[derive(Clone, Debug, Serialize)]
pub struct Forfeited {
    /// Name of the miner.
    pub name: String,
    /// Name of the validator that reported it.
    pub reporter: String,
    /// Part of the collateral for the validator, in rao.
    pub reward_rao: u64,
    /// Part that no longer exists, in rao.
    pub recycled_rao: u64,
}

/// A miner's exchange of alpha for free TAO.
#[derive(Clone, Debug, Serialize)]
pub struct Unstaked {
    /// Name of the miner.
    pub name: String,
    /// Alpha sold, in rao.
    pub alpha_rao: u64,
    /// Free TAO before, in rao.
    pub before_rao: u64,
    /// Free TAO after, in rao.
    pub after_rao: u64,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Epoch {
    /// Whether a neuron has incentive on each of so many mechanisms. Otherwise a part of the epoch's alpha has no
    /// owner.
    pub fn pays_all(&self, mechanisms: u8) -> bool {
        (0..mechanisms).all(|mechanism| self.neurons.iter().any(|neuron| neuron.share_of(mechanism) > 0))
    }
}

impl Neuron {
    /// The neuron's share of a mechanism's emission.
    pub fn share_of(&self, mechanism: u8) -> u16 {
        match mechanism {
            0 => self.incentive,
            _ => self.incentive_of_mechanism_1.unwrap_or_default(),
        }
    }
}

impl Report {
    /// Epochs whose incentives come from weights.
    pub fn paid(&self) -> impl Iterator<Item = &Epoch> {
        self.chain.epochs.iter().filter(|epoch| epoch.from_weights)
    }

    /// The miners with a role.
    pub fn players<'a>(&'a self, role: &'a str) -> impl Iterator<Item = &'a Player> {
        self.cast.iter().filter(move |player| player.role == role)
    }

    /// Earnings of a miner over the paid epochs, in rao of alpha.
    pub fn earned(&self, uid: u16) -> u64 {
        self.paid()
            .filter_map(|epoch| epoch.neurons.get(usize::from(uid)))
            .map(|neuron| neuron.emission_rao)
            .sum()
    }
}
