//! The accounts that act in the growth run, and their calls.

use std::collections::{BTreeMap, VecDeque};

use myelin_runtime::{
    genesis::keys::ALICE, opaque::UncheckedExtrinsic as Opaque, signing::sign, AccountId, Runtime,
    RuntimeCall,
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance};
use pallet_network::{
    Call, FirstEmissionBlockNumber, MaxBurn, NetworkImmunityPeriod, NetworkLockReductionInterval,
    NetworkMinLockCost, NetworkRegisteredAt, NetworksAdded, StartCallDelay, SubnetLimit, SubnetOwner,
    SubnetworkN, WeightsSetRateLimit,
};
use sp_core::{sr25519, Pair};

use crate::{
    chain::{Chain, Fate},
    world,
};

/// People, validators on every subnet.
pub const TRADERS: u16 = 24;
/// Neurons of a subnet when the run begins.
pub const NEURONS: u16 = 64;
/// Subnets at work when the run begins.
pub const SUBNETS: u16 = 8;
/// Transactions of people in a block, without the calls that a new subnet needs.
pub const PER_BLOCK: usize = 12;

const TEMPO: u16 = 100;
/// TAO of each person beyond the needs of the preparation of subnets.
const FUNDS: u64 = 25_000;
/// Blocks between two registrations of subnets; at the limit each one removes another subnet.
const NETWORK_EVERY: u32 = 250;
/// Blocks between two removals by root.
const DISSOLVE_EVERY: u32 = 1_000;
/// Blocks for which a subnet can't be pruned.
const IMMUNITY: u64 = 600;
/// Highest price of a registration, in rao.
const MAX_BURN: TaoBalance = TaoBalance::from_rao(1_000_000_000);
/// Most miners that are remembered.
const MOST_MINERS: usize = 2_000;
/// No subnet has a number above this.
const HIGHEST: NetUid = 16;

/// Prepares the subnets and the settings under which they come and go; returns the subnets.
pub fn prepare() -> Vec<NetUid> {
    let netuids = world::subnets(SUBNETS, NEURONS, TRADERS, TEMPO);
    for netuid in &netuids {
        WeightsSetRateLimit::<Runtime>::insert(netuid, 0);
        MaxBurn::<Runtime>::insert(netuid, MAX_BURN);
    }
    (0..u32::from(TRADERS)).for_each(|i| world::fund(&world::account(&world::signer(i)), FUNDS));
    // Subnet 1, which is never started, is one of them.
    SubnetLimit::<Runtime>::put(SUBNETS + 1);
    NetworkImmunityPeriod::<Runtime>::put(IMMUNITY);
    NetworkMinLockCost::<Runtime>::put(TaoBalance::from_tokens(10));
    NetworkLockReductionInterval::<Runtime>::put(100);
    StartCallDelay::<Runtime>::put(0);
    netuids
}

/// A transaction and what follows from it if it succeeds.
pub struct Act {
    /// Subject of the transaction.
    pub name: &'static str,
    /// The signed bytes.
    pub transaction: Opaque,
    then: Then,
}

/// Effect of a successful call that the crowd remembers.
enum Then {
    Nothing,
    Joined(Miner),
    Renamed(usize, AccountId),
    Backed(usize, usize),
    Left(usize, usize),
}

/// A hotkey registered by a person.
struct Miner {
    owner: usize,
    hotkey: AccountId,
    netuid: NetUid,
    backers: Vec<usize>,
}

/// A call that is still to be made: its subject, its signer, and the call.
type Chore = (&'static str, usize, RuntimeCall);

/// The accounts that act.
pub struct Crowd {
    /// People, followed by the holder of the sudo key.
    signers: Vec<sr25519::Pair>,
    nonces: Vec<u32>,
    netuids: Vec<NetUid>,
    /// Block in which each known subnet was registered: another subnet under the same number is new.
    registered: BTreeMap<NetUid, u64>,
    miners: Vec<Miner>,
    chores: VecDeque<Chore>,
    newcomers: u64,
    dice: u64,
}

impl Crowd {
    /// The crowd of a chain with these subnets.
    pub fn new(netuids: Vec<NetUid>) -> Self {
        let root = sr25519::Pair::from_string(ALICE.path, None).expect("a valid path");
        let signers: Vec<_> = (0..u32::from(TRADERS)).map(world::signer).chain([root]).collect();
        Self {
            nonces: vec![0; signers.len()],
            signers,
            netuids,
            registered: BTreeMap::new(),
            miners: Vec::new(),
            chores: VecDeque::new(),
            newcomers: 0,
            dice: 0x9E37_79B9_7F4A_7C15,
        }
    }

    /// The transactions of a block.
    pub fn acts(&mut self, chain: &Chain, block: u32) -> Vec<Act> {
        if block % 10 == 1 {
            self.welcome(chain);
        }
        if block.is_multiple_of(NETWORK_EVERY) || block % DISSOLVE_EVERY == DISSOLVE_EVERY / 2 + 1 {
            let (who, hotkey) = (self.anybody(), self.newcomer());
            self.chores.push_back(("register_network", who, Call::register_network { hotkey }.into()));
        }
        if block % DISSOLVE_EVERY == DISSOLVE_EVERY / 2 {
            let call = Call::root_dissolve_network { netuid: self.anywhere() }.into();
            self.chores.push_back(("root_dissolve_network", usize::from(TRADERS), sudo(call)));
        }
        let chores: Vec<_> = self.chores.drain(..self.chores.len().min(2)).collect();
        let mut acts: Vec<_> = chores
            .into_iter()
            .map(|(name, who, call)| self.sign(chain, name, who, call, Then::Nothing))
            .collect();
        acts.extend((0..PER_BLOCK).map(|_| self.act(chain)));
        acts
    }

    /// Remembers the outcome of the acts of a block.
    pub fn learn(&mut self, chain: &Chain, acts: Vec<Act>, fates: &[Fate]) {
        for (act, _) in acts.into_iter().zip(fates).filter(|(_, fate)| **fate == Fate::Done) {
            match act.then {
                Then::Nothing => {}
                Then::Joined(miner) if self.miners.len() < MOST_MINERS => self.miners.push(miner),
                Then::Joined(miner) => {
                    let at = self.roll(MOST_MINERS);
                    self.miners[at] = miner;
                }
                Then::Renamed(miner, hotkey) => self.miners[miner].hotkey = hotkey,
                Then::Backed(miner, who) => self.miners[miner].backers.push(who),
                Then::Left(miner, who) => self.miners[miner].backers.retain(|backer| *backer != who),
            }
        }
        if fates.contains(&Fate::Refused) {
            for (nonce, signer) in self.nonces.iter_mut().zip(&self.signers) {
                *nonce = chain.nonce(&world::account(signer));
            }
        }
    }

    /// One act of one person.
    fn act(&mut self, chain: &Chain) -> Act {
        let (who, netuid, validator) = (self.anybody(), self.anywhere(), self.anybody());
        let hotkey = world::account(&self.signers[validator]);
        let some = 10_000_000 + self.roll(1_000_000_000) as u64;
        let miner = self.roll(self.miners.len());
        let (name, call, then): (_, RuntimeCall, _) = match self.roll(24) {
            0..=5 => {
                let amount_staked = TaoBalance::from_rao(some);
                ("add_stake", Call::add_stake { hotkey, netuid, amount_staked }.into(), Then::Nothing)
            }
            6..=8 => {
                let amount_unstaked = AlphaBalance::from_rao(some);
                ("remove_stake", Call::remove_stake { hotkey, netuid, amount_unstaked }.into(), Then::Nothing)
            }
            9 => {
                let call = Call::remove_stake_full_limit { hotkey, netuid, limit_price: None };
                ("remove_stake_full_limit", call.into(), Then::Nothing)
            }
            10..=12 => {
                let dest = hotkey.into();
                let call = pallet_balances::Call::transfer_keep_alive { dest, value: some };
                ("transfer_keep_alive", call.into(), Then::Nothing)
            }
            13..=16 => {
                let hotkey = self.newcomer();
                let miner = Miner { owner: who, hotkey: hotkey.clone(), netuid, backers: Vec::new() };
                ("burned_register", Call::burned_register { netuid, hotkey }.into(), Then::Joined(miner))
            }
            17..=18 => {
                let neurons = chain.value(&SubnetworkN::<Runtime>::hashed_key_for(netuid)).unwrap_or(1);
                let taste = self.roll(1_000) as u16;
                let call = world::weigh_all(netuid, NEURONS.min(neurons), taste);
                ("set_weights", call.into(), Then::Nothing)
            }
            19..=20 if !self.miners.is_empty() => {
                let Miner { hotkey, netuid, .. } = &self.miners[miner];
                let amount_staked = TaoBalance::from_rao(some);
                let call = Call::add_stake { hotkey: hotkey.clone(), netuid: *netuid, amount_staked };
                ("add_stake to a miner", call.into(), Then::Backed(miner, who))
            }
            21..=22 => {
                let backed = self.miners.iter().enumerate().skip(miner).find(|(_, m)| !m.backers.is_empty());
                let Some((miner, found)) = backed else { return self.act(chain) };
                let (backer, hotkey) = (found.backers[0], found.hotkey.clone());
                let call = Call::unstake_all { hotkey };
                return self.sign(chain, "unstake_all", backer, call.into(), Then::Left(miner, backer));
            }
            23 if !self.miners.is_empty() => {
                let new_hotkey = self.newcomer();
                let Miner { owner, hotkey, netuid, .. } = &self.miners[miner];
                let (owner, hotkey, netuid) = (*owner, hotkey.clone(), *netuid);
                let only = (self.roll(2) == 0).then_some(netuid);
                let then = match only {
                    Some(_) => Then::Nothing,
                    None => Then::Renamed(miner, new_hotkey.clone()),
                };
                let call = Call::swap_hotkey { hotkey, new_hotkey, netuid: only };
                return self.sign(chain, "swap_hotkey", owner, call.into(), then);
            }
            _ => return self.act(chain),
        };
        self.sign(chain, name, who, call, then)
    }

    /// Starts new subnets, opens them to everybody's weights, and lets the validators join.
    fn welcome(&mut self, chain: &Chain) {
        let exists = |netuid: &NetUid| {
            chain.value(&NetworksAdded::<Runtime>::hashed_key_for(*netuid)).unwrap_or(false)
        };
        let there: Vec<NetUid> = (1..=HIGHEST).filter(exists).collect();
        for &netuid in &there {
            let at: u64 = chain.value(&NetworkRegisteredAt::<Runtime>::hashed_key_for(netuid)).unwrap_or(0);
            let known = self.registered.insert(netuid, at) == Some(at);
            let started = FirstEmissionBlockNumber::<Runtime>::hashed_key_for(netuid);
            if known || chain.value::<u64>(&started).is_some() {
                continue;
            }
            let owner: Option<AccountId> = chain.value(&SubnetOwner::<Runtime>::hashed_key_for(netuid));
            let accounts: Vec<_> = self.signers.iter().map(world::account).collect();
            let Some(owner) = owner.and_then(|owner| accounts.iter().position(|id| *id == owner)) else {
                continue;
            };
            self.chores.push_back(("open a subnet", usize::from(TRADERS), open(netuid)));
            self.chores.push_back(("start_call", owner, Call::start_call { netuid }.into()));
            for (who, hotkey) in accounts.into_iter().enumerate().take(TRADERS.into()) {
                let stake = Call::add_stake {
                    hotkey: hotkey.clone(),
                    netuid,
                    amount_staked: TaoBalance::from_tokens(10),
                };
                let join = Call::burned_register { netuid, hotkey };
                self.chores.push_back(("burned_register", who, join.into()));
                self.chores.push_back(("add_stake", who, stake.into()));
            }
        }
        self.netuids = there;
    }

    fn sign(&mut self, chain: &Chain, name: &'static str, who: usize, call: RuntimeCall, then: Then) -> Act {
        let nonce = self.nonces[who];
        self.nonces[who] += 1;
        Act { name, transaction: sign(&self.signers[who], nonce, chain.genesis, call).into(), then }
    }

    fn newcomer(&mut self) -> AccountId {
        self.newcomers += 1;
        AccountId::from(sp_io::hashing::blake2_256(&self.newcomers.to_le_bytes()))
    }

    fn anybody(&mut self) -> usize {
        self.roll(TRADERS.into())
    }

    fn anywhere(&mut self) -> NetUid {
        let at = self.roll(self.netuids.len());
        self.netuids[at]
    }

    fn roll(&mut self, below: usize) -> usize {
        // xorshift64
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (self.dice % below.max(1) as u64) as usize
    }
}

fn sudo(call: RuntimeCall) -> RuntimeCall {
    pallet_sudo::Call::<Runtime>::sudo { call: Box::new(call) }.into()
}

/// The settings that root makes on a new subnet.
fn open(netuid: NetUid) -> RuntimeCall {
    type Admin = pallet_admin_utils::Call<Runtime>;
    let calls = vec![
        Admin::sudo_set_commit_reveal_weights_enabled { netuid, enabled: false }.into(),
        Admin::sudo_set_subnet_emission_enabled { netuid, enabled: true }.into(),
        Admin::sudo_set_tempo { netuid, tempo: TEMPO }.into(),
        Admin::sudo_set_weights_set_rate_limit { netuid, weights_set_rate_limit: 0 }.into(),
        Admin::sudo_set_max_burn { netuid, max_burn: MAX_BURN }.into(),
    ];
    sudo(pallet_utility::Call::<Runtime>::batch_all { calls }.into())
}
