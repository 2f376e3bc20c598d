//! World of the benchmarks: a subnet full of staked neurons, and wallets of which one holds a known balance.

use std::path::Path;

use futures::future::join_all;
use myelin_abi::calls::admin::SudoSetBurnIncreaseMult;
use myelin_abi::calls::balances::TransferKeepAlive;
use myelin_abi::calls::subtensor::{AddStake, BurnedRegister, RegisterNetwork, StartCall};
use myelin_abi::calls::Address;
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient, Wait};
use myelin_units::{TaoBalance, U64F64};
use myelin_wallet::{Keypair, Secret, Wallet};

/// Neurons of the subnet: as many as a subnet holds.
pub const NEURONS: usize = 256;
/// Wallet whose balance is asked.
pub const SAVER: &str = "saver";
/// Free balance of that wallet in rao, and the beginning of its text in all commands, which print at least three
/// decimals.
pub const SAVED: (u64, &str) = (1_234_567_000_000, "1,234.567");

const TAO: u64 = 1_000_000_000;
/// Coldkeys that own the neurons, each the same number.
const OWNERS: usize = 5;
/// Neurons of one owner; the first neuron is that of the subnet's owner.
const OWNED: usize = (NEURONS - 1) / OWNERS;
/// Registrations, or purchases of stake, in one transaction: a fraction of what a block of 250 ms may hold.
const BATCH: usize = 17;

/// Creates the subnet with its neurons; returns its number.
pub async fn subnet(chain: &ChainClient) -> u16 {
    let root = key("//Alice");
    let receipt =
        chain.submit(&RegisterNetwork { hotkey: account("//Alice_subnet") }, &root, Wait::Inclusion).await;
    let created = receipt.expect("a subnet").event::<(u16, u16)>("SubtensorModule", "NetworkAdded");
    let (netuid, _) = created.expect("the chain announces the subnet");
    chain.submit(&StartCall { netuid }, &root, Wait::Inclusion).await.expect("the subnet starts");
    let steady = SudoSetBurnIncreaseMult { netuid, burn_increase_mult: U64F64::ONE };
    chain.sudo(&steady, &root, Wait::Inclusion).await.expect("the price stays");
    let gifts: Vec<_> = (0..OWNERS).map(|owner| pay(&owner_uri(owner), 10_000 * TAO)).collect();
    chain.batch(&gifts, &root, Wait::Inclusion).await.expect("the owners get TAO");
    join_all((0..OWNERS).map(|owner| populate(chain, netuid, owner))).await;
    netuid
}

/// Lets one owner register neurons and stake on them, a different amount on each.
async fn populate(chain: &ChainClient, netuid: u16, owner: usize) {
    let coldkey = key(&owner_uri(owner));
    let hotkeys: Vec<Account> = (0..OWNED).map(|n| account(&format!("//neuron//{owner}//{n}"))).collect();
    let registrations =
        hotkeys.iter().map(|hotkey| AnyCall::from(&BurnedRegister { netuid, hotkey: *hotkey }));
    let stakes = hotkeys.iter().enumerate().map(|(n, hotkey)| {
        let rao = TAO + (owner * OWNED + n) as u64 * 10_000_000;
        AnyCall::from(&AddStake { hotkey: *hotkey, netuid, amount_staked: TaoBalance::from_rao(rao) })
    });
    let calls: Vec<AnyCall> = registrations.chain(stakes).collect();
    for batch in calls.chunks(BATCH) {
        chain.batch(batch, &coldkey, Wait::Inclusion).await.expect("neurons register and are staked on");
    }
}

/// Writes three wallets of two hotkeys each, and gives one of them some stake and its balance.
pub async fn wallets(chain: &ChainClient, netuid: u16, folder: &Path) {
    for name in ["miner", SAVER, "validator"] {
        for hotkey in ["first", "second"] {
            let wallet = Wallet::new(folder, name, hotkey).expect("a name");
            wallet.save_hotkey(&secret(&format!("//{name}//{hotkey}")), None, false).expect("saved");
        }
        let wallet = Wallet::new(folder, name, "first").expect("a name");
        wallet.save_coldkey(&secret(&coldkey_uri(name)), None, false).expect("saved");
    }
    let (root, saver) = (key("//Alice"), key(&coldkey_uri(SAVER)));
    let fund = |rao| pay(&coldkey_uri(SAVER), rao);
    let stake =
        AddStake { hotkey: account("//neuron//0//0"), netuid, amount_staked: TaoBalance::from_rao(50 * TAO) };
    chain.submit(fund(100 * TAO), &root, Wait::Inclusion).await.expect("paid");
    chain.submit(&stake, &saver, Wait::Inclusion).await.expect("staked");
    let left = chain.balance(&Account(saver.public())).await.expect("a balance").to_rao();
    chain.submit(fund(SAVED.0 - left), &root, Wait::Inclusion).await.expect("paid");
}

/// Address of a wallet's coldkey.
pub fn address(wallet: &str) -> String {
    key(&coldkey_uri(wallet)).address()
}

fn owner_uri(owner: usize) -> String {
    format!("//owner//{owner}")
}

fn coldkey_uri(wallet: &str) -> String {
    format!("//{wallet}")
}

fn key(uri: &str) -> Keypair {
    Keypair::from_uri(uri).expect("a key")
}

fn secret(uri: &str) -> Secret {
    Secret::from_keypair(key(uri))
}

fn account(uri: &str) -> Account {
    Account(key(uri).public())
}

fn pay(uri: &str, rao: u64) -> AnyCall {
    AnyCall::from(&TransferKeepAlive {
        dest: Address::Id(account(uri)),
        value: TaoBalance::from_rao(rao).into(),
    })
}
