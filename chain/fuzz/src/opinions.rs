//! Weights of validators: in the clear, committed, and revealed, one by one and in batches.

use codec::Compact;
use myelin_runtime::{AccountId, Runtime};
use myelin_units::{storage_index, MechId, NetUid};
use pallet_network::{
    epoch::EpochClock, evidence::EvidenceLedger, weights::WeightLedger, MechanismCountCurrent,
    RevealPeriodEpochs,
};

use crate::{
    cast::Cast,
    dice::Dice,
    scene::{Subnet, View},
};

type Network = pallet_network::Call<Runtime>;

/// Most commits that wait for their reveal.
const MOST_SECRETS: usize = 60;

/// Weights that were committed and wait for their reveal.
struct Secret {
    hotkey: AccountId,
    netuid: NetUid,
    mecid: MechId,
    uids: Vec<u16>,
    values: Vec<u16>,
    salt: Vec<u16>,
    epoch: u64,
    /// Whether it was committed with a root.
    rooted: bool,
}

/// Writes weights and remembers the commits.
#[derive(Default)]
pub struct Opinions {
    secrets: Vec<Secret>,
}

impl Opinions {
    /// The next call about weights, if any validator can make one. Requires externalities.
    pub fn next(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Option<(AccountId, Network)> {
        match dice.below(14) {
            12 => answers(dice, view, cast),
            13 => hold(dice, view, cast),
            0..=3 => judge(dice, view, cast),
            4 => judge_many(dice, view, cast),
            5..=6 => self.commit(dice, view, cast),
            7 => self.commit_many(dice, view, cast),
            8..=9 => self.reveal(dice),
            _ => self.reveal_many(dice).or_else(|| self.reveal(dice)),
        }
    }

    /// A validator commits weights of a mechanism.
    fn commit(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Option<(AccountId, Network)> {
        let (netuid, subnet) = any_judged_subnet(dice, view, true)?;
        let hotkey = validator(dice, subnet, cast)?;
        let mecid = dice.below(MechanismCountCurrent::<Runtime>::get(netuid).into()) as MechId;
        let commit_hash = self.keep(dice, &hotkey, netuid, mecid, subnet);
        if let Some(secret) = self.secrets.last_mut().filter(|_| dice.chance(40)) {
            secret.rooted = true;
            let root = [dice.number() as u8; 32];
            return Some((hotkey, Network::commit_proven_weights { netuid, mecid, commit_hash, root }));
        }
        let call = if mecid > 0 || dice.chance(20) {
            Network::commit_mechanism_weights { netuid, mecid, commit_hash }
        } else {
            Network::commit_weights { netuid, commit_hash }
        };
        Some((hotkey, call))
    }

    /// A validator commits on every subnet where weights are committed and it has a permit.
    fn commit_many(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Option<(AccountId, Network)> {
        let (_, subnet) = any_judged_subnet(dice, view, true)?;
        let hotkey = validator(dice, subnet, cast)?;
        let fitting: Vec<_> =
            judged_subnets(view, true).filter(|(_, subnet)| permitted(subnet, &hotkey)).collect();
        let commit_hashes =
            fitting.iter().map(|(netuid, subnet)| self.keep(dice, &hotkey, *netuid, 0, subnet)).collect();
        let netuids = fitting.iter().map(|(netuid, _)| Compact(*netuid)).collect();
        Some((hotkey, Network::batch_commit_weights { netuids, commit_hashes }))
    }

    /// Makes up weights, remembers them, and returns the hash to commit.
    fn keep(
        &mut self,
        dice: &mut Dice,
        hotkey: &AccountId,
        netuid: NetUid,
        mecid: MechId,
        subnet: &Subnet,
    ) -> sp_core::H256 {
        let (uids, values) = some_weights(dice, subnet);
        let salt = vec![dice.number() as u16; 4];
        let index = storage_index(netuid, mecid);
        let hash = WeightLedger::<Runtime>::commit_hash(hotkey, index, &uids, &values, &salt, 0);
        let epoch = epoch_of(netuid) + RevealPeriodEpochs::<Runtime>::get(netuid);
        let (hotkey, rooted) = (hotkey.clone(), false);
        self.secrets.push(Secret { hotkey, netuid, mecid, uids, values, salt, epoch, rooted });
        if self.secrets.len() > MOST_SECRETS {
            self.secrets.remove(0);
        }
        hash
    }

    /// A validator reveals a commit, mostly in the right epoch.
    fn reveal(&mut self, dice: &mut Dice) -> Option<(AccountId, Network)> {
        self.secrets.retain(|secret| epoch_of(secret.netuid) <= secret.epoch || dice.chance(50));
        let ready = self.secrets.iter().position(Secret::is_open);
        let any = dice.chance(10).then(|| dice.below(self.secrets.len() as u64) as usize);
        let at = ready.or(any).filter(|at| *at < self.secrets.len())?;
        let Secret { hotkey, netuid, mecid, uids, values, salt, rooted, .. } = self.secrets.remove(at);
        if rooted && dice.chance(90) {
            // No proof of these holds, and the failures add up.
            let (version_key, proof) = (0, vec![1; dice.below(400) as usize]);
            let call =
                Network::reveal_proven_weights { netuid, mecid, uids, values, salt, version_key, proof };
            return Some((hotkey, call));
        }
        let call = if mecid > 0 || dice.chance(20) {
            Network::reveal_mechanism_weights { netuid, mecid, uids, values, salt, version_key: 0 }
        } else {
            Network::reveal_weights { netuid, uids, values, salt, version_key: 0 }
        };
        Some((hotkey, call))
    }

    /// A validator reveals all its open commits on a subnet, in the order of the commits.
    fn reveal_many(&mut self, dice: &mut Dice) -> Option<(AccountId, Network)> {
        let first = self.secrets.iter().find(|secret| secret.mecid == 0 && secret.is_open())?;
        let (hotkey, netuid) = (first.hotkey.clone(), first.netuid);
        let together =
            |secret: &Secret| secret.hotkey == hotkey && (secret.netuid, secret.mecid) == (netuid, 0);
        let open = |secret: &Secret| together(secret) && secret.is_open();
        let (shown, kept) = std::mem::take(&mut self.secrets).into_iter().partition(|secret| open(secret));
        self.secrets = kept;
        let shown: Vec<Secret> = shown;
        let call = Network::batch_reveal_weights {
            netuid,
            version_keys: vec![0; shown.len()],
            uids_list: shown.iter().map(|secret| secret.uids.clone()).collect(),
            values_list: shown.iter().map(|secret| secret.values.clone()).collect(),
            salts_list: shown.into_iter().map(|secret| secret.salt).collect(),
        };
        dice.chance(95).then_some((hotkey, call))
    }
}

impl Secret {
    fn is_open(&self) -> bool {
        let is_drawn = || EvidenceLedger::<Runtime>::randomness(self.netuid).is_some();
        epoch_of(self.netuid) == self.epoch && (!self.rooted || is_drawn())
    }
}

fn epoch_of(netuid: NetUid) -> u64 {
    EpochClock::<Runtime>::number(netuid, u64::from(myelin_runtime::System::block_number()))
}

/// A validator judges some neurons in the clear, on one of the mechanisms.
fn judge(dice: &mut Dice, view: &View, cast: &Cast) -> Option<(AccountId, Network)> {
    let (netuid, subnet) = any_judged_subnet(dice, view, false)?;
    let hotkey = validator(dice, subnet, cast)?;
    let (dests, weights) = some_weights(dice, subnet);
    let mecid = dice.below(MechanismCountCurrent::<Runtime>::get(netuid).into()) as MechId;
    let call = if mecid > 0 {
        Network::set_mechanism_weights { netuid, mecid, dests, weights, version_key: 0 }
    } else {
        Network::set_weights { netuid, dests, weights, version_key: 0 }
    };
    Some((hotkey, call))
}

/// A validator judges on every subnet where it may.
fn judge_many(dice: &mut Dice, view: &View, cast: &Cast) -> Option<(AccountId, Network)> {
    let (_, subnet) = any_judged_subnet(dice, view, false)?;
    let hotkey = validator(dice, subnet, cast)?;
    let fitting: Vec<_> =
        judged_subnets(view, false).filter(|(_, subnet)| permitted(subnet, &hotkey)).collect();
    let weights = fitting.iter().map(|(_, subnet)| {
        let (uids, values) = some_weights(dice, subnet);
        uids.into_iter().map(Compact).zip(values.into_iter().map(Compact)).collect()
    });
    let weights = weights.collect();
    let netuids: Vec<_> = fitting.iter().map(|(netuid, _)| Compact(*netuid)).collect();
    let version_keys = vec![Compact(0); netuids.len()];
    Some((hotkey, Network::batch_set_weights { netuids, weights, version_keys }))
}

/// A neuron commits to its answers, mostly of an epoch in which it may.
fn answers(dice: &mut Dice, view: &View, cast: &Cast) -> Option<(AccountId, Network)> {
    let (netuid, subnet) = any_judged_subnet(dice, view, true)?;
    let hotkey = validator(dice, subnet, cast)?;
    let epoch = epoch_of(netuid).saturating_sub(dice.below(3));
    let root = [dice.number() as u8; 32];
    Some((hotkey, Network::commit_answer_root { netuid, epoch, root, answers: dice.number() as u32 }))
}

/// A validator states that it holds the evidence of others, mostly of the epoch that has opened.
fn hold(dice: &mut Dice, view: &View, cast: &Cast) -> Option<(AccountId, Network)> {
    let (netuid, subnet) = any_judged_subnet(dice, view, true)?;
    let hotkey = validator(dice, subnet, cast)?;
    let late = if dice.chance(10) { dice.below(3) } else { 1 };
    let epoch = epoch_of(netuid).saturating_sub(RevealPeriodEpochs::<Runtime>::get(netuid) + late);
    let held = (0..dice.below(6) as u16).filter(|_| dice.chance(60)).map(|uid| (uid, [uid as u8; 16]));
    let held = held.collect();
    Some((hotkey, Network::attest_evidence { netuid, epoch, held }))
}

/// Subnets with validators where weights are set in this way.
fn judged_subnets(view: &View, commit_reveal: bool) -> impl Iterator<Item = (NetUid, &Subnet)> {
    let fits = move |netuid: NetUid, subnet: &Subnet| {
        netuid != 0 && subnet.commit_reveal == commit_reveal && !subnet.permits.is_empty()
    };
    let all = view.subnets.iter().map(|(netuid, subnet)| (*netuid, subnet));
    all.filter(move |(netuid, subnet)| fits(*netuid, subnet))
}

fn any_judged_subnet<'a>(
    dice: &mut Dice,
    view: &'a View,
    commit_reveal: bool,
) -> Option<(NetUid, &'a Subnet)> {
    let fitting: Vec<_> = judged_subnets(view, commit_reveal).collect();
    dice.pick(&fitting).copied()
}

/// Any neuron with a permit whose secret is known.
fn validator(dice: &mut Dice, subnet: &Subnet, cast: &Cast) -> Option<AccountId> {
    let uid = *dice.pick(&subnet.permits)?;
    let hotkey = subnet.hotkeys.get(usize::from(uid))?;
    cast.index(hotkey).map(|_| hotkey.clone())
}

fn permitted(subnet: &Subnet, hotkey: &AccountId) -> bool {
    subnet.permits.iter().any(|uid| subnet.hotkeys.get(usize::from(*uid)) == Some(hotkey))
}

/// Some uids of a subnet and a weight for each.
fn some_weights(dice: &mut Dice, subnet: &Subnet) -> (Vec<u16>, Vec<u16>) {
    let count = subnet.hotkeys.len() as u16;
    let mut uids: Vec<u16> = (0..count).filter(|_| dice.chance(60)).collect();
    if uids.is_empty() {
        uids.push(0);
    }
    let values = uids.iter().map(|_| dice.magnitude() as u16).collect();
    (uids, values)
}
