//! A subnet on the five authorities' chain: validators judge a miner, and each epoch pays it.

use myelin_runtime::{
    genesis::keys::{DevAccount, ALICE, ALICE_HOTKEY, BOB, CHARLIE},
    Runtime,
};
use myelin_units::{AlphaBalance, TaoBalance};
use pallet_network::{
    ActivityCutoffFactorMilli, Emission, LastMechansimStepBlock, LastUpdate, SubnetEpochIndex,
    TotalHotkeyAlpha, TotalIssuance, Uids, ValidatorPermit,
};
use serde_json::Value;

use super::five::LIMIT;
use crate::{
    harness::Node,
    state::{batch, holds, make_subnet, raw, send, stored},
};

type Admin = pallet_admin_utils::Call<Runtime>;
type Network = pallet_network::Call<Runtime>;

/// The first subnet that somebody registers.
pub const SUBNET: u16 = 2;
/// Blocks between two epochs.
const TEMPO: u16 = 40;
/// Fifty tempos, in thousandths: a validator counts as active for 2,000 blocks after its last weights.
const CUTOFF: u32 = 50_000;
/// Stake of each validator, far more than the miner earns.
const STAKE: TaoBalance = TaoBalance::from_tokens(1_000);

/// The subnet of Alice, on which validators judge Bob.
pub struct Market {
    miner: u16,
    /// The validators with their uids.
    validators: Vec<(&'static DevAccount, u16)>,
    /// A final block, after which every epoch pays Bob.
    open: u32,
}

/// The miner's part of a block's state.
struct Miner {
    /// Epochs so far.
    epochs: u64,
    alpha: u64,
}

impl Market {
    /// Registers and settles everybody, and waits until an epoch that paid the miner is final. The validators have the
    /// TAO for it.
    pub fn open(node: &Node, validators: &[&'static DevAccount]) -> Self {
        // The miner and the subnet's owner may earn enough for a permit.
        found(node, validators.len() as u16 + 2);
        send(node, &BOB, Network::burned_register { netuid: SUBNET, hotkey: BOB.id() });
        let miner = seat(node, &BOB);
        for who in validators {
            let hotkey = who.id();
            let registration = Network::burned_register { netuid: SUBNET, hotkey: hotkey.clone() };
            let stake = Network::add_stake { hotkey, netuid: SUBNET, amount_staked: STAKE };
            send(node, who, batch(vec![registration.into(), stake.into()]));
        }
        let validators: Vec<_> = validators.iter().map(|who| (*who, seat(node, who))).collect();
        node.wait("permitted the validators", LIMIT, |node| {
            let permits: Vec<bool> =
                stored(node, None, ValidatorPermit::<Runtime>::hashed_key_for(SUBNET)).unwrap_or_default();
            let mut all = validators.iter().map(|(_, uid)| at(&permits, *uid).unwrap_or(false));
            all.all(|permitted| permitted).then_some(()).ok_or_else(|| format!("{permits:?}"))
        });
        let mut market = Self { miner, validators, open: 0 };
        market.weigh(node);
        market.open = node.wait("paid the miner", LIMIT, |node| {
            let head = node.finalised();
            let paid = market.pay(node, &node.hash(head));
            (paid > 0).then_some(head).ok_or_else(|| format!("paid nothing until block {head}"))
        });
        market
    }

    /// Each validator gives the miner all weight, and the chain takes it.
    pub fn weigh(&self, node: &Node) {
        let updates = |node: &Node| -> Vec<u64> {
            let updates: Vec<u64> =
                stored(node, None, LastUpdate::<Runtime>::hashed_key_for(SUBNET)).unwrap_or_default();
            self.validators.iter().map(|(_, uid)| at(&updates, *uid).unwrap_or(0)).collect()
        };
        let before = updates(node);
        for (who, _) in &self.validators {
            let (dests, weights) = (vec![self.miner], vec![u16::MAX]);
            send(node, who, Network::set_weights { netuid: SUBNET, dests, weights, version_key: 0 });
        }
        node.wait("taken the weights", LIMIT, |node| {
            let now = updates(node);
            let all_newer = now.iter().zip(&before).all(|(now, before)| now > before);
            all_newer.then_some(()).ok_or_else(|| format!("the last ones are of blocks {now:?}"))
        });
    }

    /// Waits until so many more epochs are final.
    pub fn live(&self, node: &Node, epochs: u64) {
        let now = |node: &Node| self.miner_at(node, &node.hash(node.finalised())).epochs;
        let goal = now(node) + epochs;
        node.wait(&format!("finalised epoch {goal}"), LIMIT, |node| match now(node) {
            epoch if epoch >= goal => Ok(()),
            epoch => Err(format!("finalised epoch {epoch}")),
        });
    }

    /// Checks that each epoch up to a final block has paid the miner its emission, and returns their number.
    pub fn paid_epochs(&self, node: &Node, to: u32) -> u32 {
        let mut before = self.miner_at(node, &node.hash(self.open));
        let mut paid = 0;
        for number in self.open + 1..=to {
            let block = node.hash(number);
            let now = self.miner_at(node, &block);
            let mut due = 0;
            if now.epochs > before.epochs {
                let last: Option<u64> =
                    stored(node, Some(&block), LastMechansimStepBlock::<Runtime>::hashed_key_for(SUBNET));
                assert_eq!(last, Some(u64::from(number)), "the epoch of block {number} was not paid");
                due = self.pay(node, &block);
                assert!(due > 0, "the epoch of block {number} has nothing for the miner");
                paid += 1;
            }
            assert_eq!(now.alpha - before.alpha, due, "block {number}");
            before = now;
        }
        paid
    }

    /// All stake on the subnet, free TAO of everybody, and the issuance, as a node stores them for a block.
    pub fn books(node: &Node, block: &str) -> Vec<Value> {
        let stakes = [ALICE_HOTKEY, BOB, CHARLIE].map(|who| staked(&who));
        let accounts =
            [ALICE, BOB, CHARLIE].map(|who| frame_system::Account::<Runtime>::hashed_key_for(who.id()));
        let issuance = [TotalIssuance::<Runtime>::hashed_key().to_vec()];
        let books: Vec<Value> = stakes
            .into_iter()
            .chain(accounts)
            .chain(issuance)
            .map(|key| raw(node, Some(block), &key))
            .collect();
        assert!(books.iter().all(Value::is_string), "a node lacks a part of the state: {books:?}");
        books
    }

    fn miner_at(&self, node: &Node, block: &str) -> Miner {
        let epochs = stored(node, Some(block), SubnetEpochIndex::<Runtime>::hashed_key_for(SUBNET));
        let alpha: Option<AlphaBalance> = stored(node, Some(block), staked(&BOB));
        Miner { epochs: epochs.unwrap_or(0), alpha: alpha.map_or(0, AlphaBalance::to_rao) }
    }

    /// Rao of alpha that the last epoch before the end of a block had for the miner.
    fn pay(&self, node: &Node, block: &str) -> u64 {
        let emission: Vec<AlphaBalance> =
            stored(node, Some(block), Emission::<Runtime>::hashed_key_for(SUBNET)).unwrap_or_default();
        at(&emission, self.miner).map_or(0, AlphaBalance::to_rao)
    }
}

fn at<T: Copy>(values: &[T], uid: u16) -> Option<T> {
    values.get(usize::from(uid)).copied()
}

/// Key of the alpha on a hotkey.
fn staked(hotkey: &DevAccount) -> Vec<u8> {
    TotalHotkeyAlpha::<Runtime>::hashed_key_for(hotkey.id(), SUBNET)
}

/// Alice makes a subnet on which at most so many validators judge in the clear.
fn found(node: &Node, max_allowed_validators: u16) {
    let netuid = SUBNET;
    let settings = vec![
        Admin::sudo_set_tempo { netuid, tempo: TEMPO }.into(),
        Admin::sudo_set_max_allowed_validators { netuid, max_allowed_validators }.into(),
        Admin::sudo_set_activity_cutoff_factor { netuid, factor_milli: CUTOFF }.into(),
    ];
    make_subnet(node, netuid, settings);
    holds(node, "changed settings", ActivityCutoffFactorMilli::<Runtime>::hashed_key_for(netuid), CUTOFF);
}

/// The uid of a hotkey, once it has one.
fn seat(node: &Node, hotkey: &DevAccount) -> u16 {
    node.wait("registered a neuron", LIMIT, |node| {
        let uid = stored(node, None, Uids::<Runtime>::hashed_key_for(SUBNET, hotkey.id()));
        uid.ok_or_else(|| format!("{} has no uid", hotkey.path))
    })
}
