//! The inputs of an epoch, and the epoch itself.
//!
//! A literal second reading of the chain's rules about which items an epoch takes: `epoch/gather.rs`,
//! `stake/backing.rs`, `evidence/mod.rs` and `evidence/shown.rs` of the network pallet.

use std::collections::{BTreeMap, VecDeque};

use codec::{Decode, Encode};
use myelin_abi::{Account, EvidenceHoldings, EvidenceRoot, EvidenceTimeline, ProofHistory};
use myelin_economy::childkeys::{inherited, Holding, Loan};
use myelin_units::{storage_index, AlphaBalance, Block, MechId, NetUid, TaoBalance, Uid, I64F64, ROOT};
use myelin_yuma::mechanisms::{aggregate, split_emission, SubnetOutput};
use myelin_yuma::proven::{self, History};
use myelin_yuma::step::stake::total_stake;
use myelin_yuma::{run_epoch, EpochInput, EpochOutput, EpochParams};

use crate::{Occasion, View};

/// A neuron as the chain's roster lists it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Seat {
    /// Its hotkey.
    pub hotkey: Account,
    /// The coldkey that owns the hotkey.
    pub owner: Account,
    /// Block at which the hotkey got its uid.
    pub registered: Block,
    /// Whether the hotkey has children on the subnet.
    pub lends: bool,
    /// Whether the hotkey has parents on the subnet.
    pub borrows: bool,
    /// Whether the uid may have bonds on some mechanism.
    pub bonded: bool,
}

/// Children or parents with the proportions that are lent.
pub type Relatives = Vec<(u64, Account)>;

/// The neurons of a subnet with stake and families.
#[derive(Clone, Debug, Default)]
pub struct Roll {
    /// The subnet.
    pub netuid: NetUid,
    /// Coldkey and hotkey of the subnet's owner.
    pub owner: (Account, Option<Account>),
    /// The neurons by uid.
    pub seats: Vec<Seat>,
    /// Proportions that each neuron lends, and its parents.
    pub families: Vec<(Vec<u64>, Relatives)>,
    /// Own stake of the neurons and of their parents.
    pub holdings: BTreeMap<Account, Holding>,
}

impl Roll {
    /// Reads the neurons before the block. The owner is that after it, because a subnet changes hands before its
    /// epoch.
    pub fn read(before: &View, after: &View, netuid: NetUid) -> Self {
        let seats: Vec<Seat> = before.of_subnet("SubnetRoster", netuid).unwrap_or_default();
        let marks: Vec<u8> = before.network("RootStakeMarks").unwrap_or_default();
        let relatives = |item, seat: &Seat| -> Relatives {
            let read = seat.lends || seat.borrows;
            let list = read.then(|| before.of_account_on(item, &seat.hotkey.0, netuid)).flatten();
            list.unwrap_or_default()
        };
        let families: Vec<_> = seats
            .iter()
            .map(|seat| {
                let lent = relatives("ChildKeys", seat).into_iter().map(|(share, _)| share).collect();
                (lent, relatives("ParentKeys", seat))
            })
            .collect();
        let parents = families.iter().flat_map(|(_, parents)| parents).map(|(_, parent)| *parent);
        let all = seats.iter().map(|seat| seat.hotkey).chain(parents);
        let holdings = all.map(|hotkey| (hotkey, holding(before, &marks, &hotkey, netuid))).collect();
        let owner = (
            after.of_subnet("SubnetOwner", netuid).unwrap_or_default(),
            after.of_subnet("SubnetOwnerHotkey", netuid),
        );
        Self { netuid, owner, seats, families, holdings }
    }

    /// Own stake of a hotkey.
    pub fn holding(&self, hotkey: &Account) -> Holding {
        self.holdings.get(hotkey).copied().unwrap_or_default()
    }

    /// Stake weight of each neuron, own and inherited.
    fn stakes(&self, tao_weight: u64) -> Vec<I64F64> {
        let weigh = |(seat, (lent, parents)): (&Seat, &(Vec<u64>, Relatives))| {
            let value = |of: fn(&Holding) -> u64| {
                let loans: Vec<Loan> = parents
                    .iter()
                    .map(|(share, parent)| Loan { value: of(&self.holding(parent)), proportion: *share })
                    .collect();
                inherited(of(&self.holding(&seat.hotkey)), lent, &loans)
            };
            total_stake(value(|own| own.alpha.to_rao()), value(|own| own.root.to_rao()), tao_weight)
        };
        self.seats.iter().zip(&self.families).map(weigh).collect()
    }
}

/// Own stake: alpha on the subnet, and TAO on root where a mark says that there may be some.
fn holding(before: &View, marks: &[u8], hotkey: &Account, netuid: NetUid) -> Holding {
    let stake = |netuid| -> AlphaBalance {
        before.of_account_on("TotalHotkeyAlpha", &hotkey.0, netuid).unwrap_or_default()
    };
    let [first, second, ..] = hotkey.0;
    let place = usize::from(u16::from_be_bytes([first, second]) >> 3);
    let may_have_root = marks.get(place).is_some_and(|bits| bits & 1 << (second & 7) != 0);
    let root = if may_have_root { stake(ROOT).to_rao() } else { 0 };
    Holding { alpha: stake(netuid), root: TaoBalance::from_rao(root) }
}

/// The results of an epoch.
#[derive(Clone, Debug, Default)]
pub struct Computed {
    /// Inputs and outputs of each mechanism.
    pub mechanisms: Vec<(EpochInput, EpochOutput)>,
    /// The whole subnet.
    pub total: SubnetOutput,
}

/// Runs the epoch of a subnet on all mechanisms.
pub fn run(before: &View, roll: &Roll, occasion: Occasion, emission: u64) -> Computed {
    let Occasion { netuid, block, .. } = occasion;
    let count = before.parameter("MechanismCountCurrent", Some(netuid)).clamp(1, 16) as MechId;
    let former: Option<(Option<Vec<u16>>, u64)> = before.of_subnet("FormerEmissionSplit", netuid);
    let split = match former {
        Some((shares, until)) if block < until => shares,
        _ => before.of_subnet("MechanismEmissionSplit", netuid),
    };
    let parts = split_emission(emission, count.into(), split.as_deref());
    let run_one = |(mecid, part): (MechId, &u64)| {
        let input = input(before, roll, occasion, mecid, *part);
        let output = run_epoch(&input);
        (input, output)
    };
    let mechanisms: Vec<_> = (0..count).zip(&parts).map(run_one).collect();
    let outputs: Vec<_> = mechanisms.iter().map(|(_, output)| output.clone()).collect();
    Computed { total: aggregate(&outputs, &parts), mechanisms }
}

/// The hyperparameters that an epoch reads.
fn params(before: &View, netuid: NetUid) -> EpochParams {
    let number = |item| before.parameter(item, Some(netuid));
    let alpha: Option<(u16, u16)> = before.of_subnet("AlphaValues", netuid);
    let stored = |item| myelin_economy::params::row(item).stored() as u16;
    let (alpha_low, alpha_high) =
        alpha.unwrap_or_else(|| (stored("AlphaValues.low"), stored("AlphaValues.high")));
    EpochParams {
        kappa: number("Kappa") as u16,
        bonds_penalty: number("BondsPenalty") as u16,
        bonds_moving_average: number("BondsMovingAverage") as u64,
        max_validators: number("MaxAllowedValidators") as u16,
        yuma3: number("Yuma3On") != 0,
        liquid_alpha: number("LiquidAlphaOn") != 0,
        alpha_low,
        alpha_high,
        steepness: number("AlphaSigmoidSteepness") as i16,
        tempo: number("Tempo") as u16,
        activity_cutoff_factor_milli: number("ActivityCutoffFactorMilli") as u32,
        stake_threshold: before.parameter("StakeThreshold", None) as u64,
        commit_reveal: number("CommitRevealWeightsEnabled") != 0,
    }
}

/// The input of one mechanism's epoch.
pub fn input(before: &View, roll: &Roll, occasion: Occasion, mecid: MechId, emission: u64) -> EpochInput {
    let Occasion { netuid, epoch, block } = occasion;
    let index = storage_index(netuid, mecid);
    let params = params(before, netuid);
    let owner_uid: Option<Uid> =
        roll.owner.1.and_then(|hotkey| before.of_subnet_for("Uids", netuid, &hotkey.0));
    let mut permits: Vec<bool> = before.of_subnet("ValidatorPermit", netuid).unwrap_or_default();
    permits.resize(roll.seats.len(), false);
    let row = |item, uid, read: bool| -> Vec<(Uid, u16)> {
        read.then(|| before.of_uid(item, index, uid)).flatten().unwrap_or_default()
    };
    let judges = |uid: Uid, permit: bool| permit || owner_uid == Some(uid);
    let weights = (0..).zip(&permits).map(|(uid, permit)| row("Weights", uid, judges(uid, *permit)));
    let bonds = (0..).zip(&roll.seats).map(|(uid, seat)| row("Bonds", uid, seat.bonded));
    let commit_blocks = || {
        let period = before.parameter("RevealPeriodEpochs", Some(netuid)) as u64;
        let of = |seat: &Seat| commit_block(before, index, seat, (epoch.saturating_add(1), period));
        roll.seats.iter().map(of).collect()
    };
    let (unproven, barred) = marks(before, roll, occasion, mecid, &|uid| {
        judges(uid, permits.get(usize::from(uid)) == Some(&true))
    });
    EpochInput {
        block,
        emission,
        last_step_block: before.of_subnet("LastMechansimStepBlock", netuid).unwrap_or_default(),
        owner_uid,
        total_stake: roll.stakes(before.parameter("TaoWeight", None) as u64),
        last_update: before.of_subnet("LastUpdate", index).unwrap_or_default(),
        registered: roll.seats.iter().map(|seat| seat.registered).collect(),
        weights: weights.collect(),
        bonds: bonds.collect(),
        commit_blocks: if params.commit_reveal { commit_blocks() } else { Vec::new() },
        permits: permits.clone(),
        params,
        unproven,
        barred,
    }
}

/// Block of a neuron's oldest commit that can still be revealed.
fn commit_block(before: &View, index: u16, seat: &Seat, (epoch, period): (u64, u64)) -> Option<Block> {
    let queue: VecDeque<([u8; 32], u64, u64, u64)> =
        before.of_subnet_for("WeightCommits", index, &seat.hotkey.0)?;
    let is_alive =
        |(_, committed, ..): &&([u8; 32], u64, u64, u64)| epoch <= committed.saturating_add(period);
    queue.iter().find(is_alive).map(|(_, _, block, _)| *block)
}

/// Neurons whose weights do not count, and neurons that get no permit, where the subnet demands proof.
fn marks(
    before: &View,
    roll: &Roll,
    Occasion { netuid, epoch, block }: Occasion,
    mecid: MechId,
    judges: &dyn Fn(Uid) -> bool,
) -> (Vec<bool>, Vec<bool>) {
    let demands: EvidenceTimeline = before.of_subnet("EvidenceDemands", netuid).unwrap_or_default();
    let commit_reveal = before.parameter("CommitRevealWeightsEnabled", Some(netuid)) != 0;
    if demands.in_force(block).on(mecid).is_none() || !commit_reveal {
        return Default::default();
    }
    let index = storage_index(netuid, mecid);
    let barred: Vec<(Account, u64)> = before.of_subnet("BarredValidators", netuid).unwrap_or_default();
    let mut histories: Vec<History> = Vec::new();
    for (uid, seat) in (0..).zip(&roll.seats) {
        let kept =
            judges(uid).then(|| before.of_subnet_for("ProofHistories", index, &seat.hotkey.0)).flatten();
        histories.push(kept.map(|kept: ProofHistory| kept.into()).unwrap_or_default());
    }
    for uid in withheld(before, roll, Occasion { netuid, epoch, block }, index, &histories) {
        if let Some(history) = histories.get_mut(usize::from(uid)) {
            *history = history.withhold(epoch);
        }
    }
    let is_barred = |seat: &Seat| barred.iter().any(|(who, until)| *who == seat.hotkey && *until > epoch);
    let unproven = histories.iter().map(|history| !history.counts(epoch)).collect();
    (unproven, roll.seats.iter().map(is_barred).collect())
}

/// Validators whose evidence nobody else held at the end of the epoch.
fn withheld(
    before: &View,
    roll: &Roll,
    Occasion { netuid, epoch, .. }: Occasion,
    index: u16,
    histories: &[History],
) -> Vec<Uid> {
    let period = before.parameter("RevealPeriodEpochs", Some(netuid)) as u64;
    let Some(opened) = period.checked_add(1).and_then(|epochs| epoch.checked_sub(epochs)) else {
        return Vec::new();
    };
    let stakes = roll.stakes(before.parameter("TaoWeight", None) as u64);
    let witness = |((seat, history), stake): ((&Seat, &History), I64F64)| {
        if !history.counts(epoch) {
            return proven::Witness::default();
        }
        let roots: VecDeque<EvidenceRoot<Account>> =
            before.of_subnet_for("EvidenceRoots", index, &seat.hotkey.0).unwrap_or_default();
        let held: EvidenceHoldings =
            before.of_subnet_for("EvidenceHeld", netuid, &seat.hotkey.0).unwrap_or_default();
        proven::Witness {
            counts: true,
            stake,
            owes: roots.iter().any(|root| root.epoch == opened),
            holds: held.held.iter().filter(|_| held.epoch == opened).map(|(uid, _)| *uid).collect(),
        }
    };
    let witnesses: Vec<_> = roll.seats.iter().zip(histories).zip(stakes).map(witness).collect();
    proven::withheld(&witnesses)
}
