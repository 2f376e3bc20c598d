//! A long run of random trade, registrations, weights and transfers: does a block become slower, and how fast do state and
//! database grow?

use std::time::Duration;

use myelin_runtime::{opaque::UncheckedExtrinsic as Opaque, signing::sign, AccountId, Runtime, RuntimeCall};
use myelin_units::{AlphaBalance, TaoBalance};
use pallet_network::{Call, WeightsSetRateLimit};
use sp_core::sr25519;

use crate::{chain::Chain, median, ms, world};

const TRADERS: u16 = 24;
const NEURONS: u16 = 64;
const SUBNETS: u16 = 8;
const PER_BLOCK: usize = 12;
const TEMPO: u16 = 100;
/// A block that takes longer than this fails the run.
const LIMIT: Duration = Duration::from_secs(2);

/// Runs `blocks` blocks and prints ten lines on the way.
pub fn run(blocks: u32) {
    let mut netuids = Vec::new();
    let state = world::prepare(|| {
        netuids = world::subnets(SUBNETS, NEURONS, TRADERS, TEMPO);
        netuids.iter().for_each(|netuid| WeightsSetRateLimit::<Runtime>::insert(netuid, 0));
    });
    let chain = Chain::begin("growth", state, world::SLOT_MS);
    let mut crowd = Crowd {
        signers: (0..u32::from(TRADERS)).map(world::signer).collect(),
        nonces: vec![0; usize::from(TRADERS)],
        netuids,
        dice: 0x9E37_79B9_7F4A_7C15,
        newcomers: 0,
    };
    println!("growth over {blocks} blocks, {PER_BLOCK} transactions each, {SUBNETS} subnets of {NEURONS}:");
    println!(
        "{:>8} {:>12} {:>12} {:>10} {:>12} {:>12}",
        "block", "median ms", "slowest ms", "keys", "state KiB", "disk MiB"
    );
    let (mut times, mut slowest, mut refused) = (Vec::new(), Duration::ZERO, 0);
    let step = (blocks / 10).max(1);
    for block in 1..=blocks {
        let transactions: Vec<_> = (0..PER_BLOCK).map(|_| crowd.transaction(&chain)).collect();
        let (time, late) = chain.block(&transactions);
        refused += late;
        if late > 0 {
            crowd.catch_up(&chain);
        }
        times.push(time.execution() + time.import);
        if block % step == 0 {
            let longest = times.iter().max().copied().unwrap_or_default();
            slowest = slowest.max(longest);
            let (keys, bytes) = chain.state_size();
            println!(
                "{block:>8} {:>12.2} {:>12.2} {keys:>10} {:>12} {:>12.1}",
                ms(median(std::mem::take(&mut times))),
                ms(longest),
                bytes / 1024,
                chain.database_size() as f64 / (1024.0 * 1024.0),
            );
        }
    }
    println!(
        "slowest block {:.1} ms (limit {} ms); {refused} transactions were refused",
        ms(slowest),
        LIMIT.as_millis()
    );
    assert!(slowest <= LIMIT, "a block took longer than {} ms", LIMIT.as_millis());
}

/// Those who act.
struct Crowd {
    signers: Vec<sr25519::Pair>,
    nonces: Vec<u32>,
    netuids: Vec<u16>,
    dice: u64,
    newcomers: u64,
}

impl Crowd {
    fn roll(&mut self, below: u64) -> u64 {
        // xorshift64
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        self.dice % below.max(1)
    }

    fn transaction(&mut self, chain: &Chain) -> Opaque {
        let who = self.roll(self.signers.len() as u64) as usize;
        let (place, whom) = (self.roll(self.netuids.len() as u64), self.roll(self.signers.len() as u64));
        let (netuid, hotkey) = (self.netuids[place as usize], world::account(&self.signers[whom as usize]));
        let some = 10_000_000 + self.roll(1_000_000_000);
        let call: RuntimeCall = match self.roll(10) {
            0..=2 => Call::add_stake { hotkey, netuid, amount_staked: TaoBalance::from_rao(some) }.into(),
            3..=4 => {
                Call::remove_stake { hotkey, netuid, amount_unstaked: AlphaBalance::from_rao(some) }.into()
            }
            5..=6 => pallet_balances::Call::transfer_keep_alive { dest: hotkey.into(), value: some }.into(),
            7..=8 => {
                self.newcomers += 1;
                let hotkey = AccountId::from(sp_io::hashing::blake2_256(&self.newcomers.to_le_bytes()));
                Call::<Runtime>::burned_register { netuid, hotkey }.into()
            }
            _ => world::weigh_all(netuid, NEURONS, self.roll(1_000) as u16).into(),
        };
        let nonce = self.nonces[who];
        self.nonces[who] += 1;
        sign(&self.signers[who], nonce, chain.genesis, call).into()
    }

    /// Takes the nonces from the chain, after a transaction was refused.
    fn catch_up(&mut self, chain: &Chain) {
        for (nonce, signer) in self.nonces.iter_mut().zip(&self.signers) {
            *nonce = chain.nonce(&world::account(signer));
        }
    }
}
