//! Commands: one file per noun, which parses its verbs, asks the SDK and prints.

pub mod address;
pub mod ask;
pub mod axon;
pub mod chain;
pub mod collateral;
pub mod config;
pub mod doctor;
pub mod election;
pub mod evidence;
pub mod gov;
pub mod lock;
pub mod metagraph;
pub mod miner;
pub mod model;
pub mod net;
pub mod node;
pub mod proxy;
pub mod shell;
pub mod stake;
pub mod subnet;
pub mod sudo;
pub mod tools;
pub mod validator;
pub mod wallet;
pub mod weights;

#[cfg(test)]
mod testing;

use crate::keys::Keys;
use crate::output::{self, address, fail, Failure, Outcome};
use crate::subnets::Opened;
use crate::Global;
use myelin_abi::Account;
use myelin_chain_client::{ChainClient, Options};

/// Connects to the node that the user chose.
pub async fn connect(global: &Global) -> Result<ChainClient, Failure> {
    warned(ChainClient::connect(global.endpoint.url()?).await?).await
}

/// Connects for a few questions: nothing is submitted or waited for.
pub async fn look(global: &Global) -> Result<ChainClient, Failure> {
    let options = Options { pings: false, ..Options::default() };
    warned(ChainClient::connect_with(global.endpoint.url()?, options).await?).await
}

/// Warns if a node answers old state as if it were new.
async fn warned(chain: ChainClient) -> Result<ChainClient, Failure> {
    if chain.is_syncing().await? {
        let block = chain.best_block().await?.number;
        output::tell!(
            "warning: the node at {} is still fetching blocks and is at block {block}, so what it answers is old; wait \
             until it has caught up, which `myelin node status` shows",
            chain.url()
        );
    }
    Ok(chain)
}

/// The uid of a wallet's hotkey on a subnet. The error names the step that is missing: the subnet, or the registration.
pub async fn registered(
    global: &Global,
    chain: &ChainClient,
    keys: &Keys,
    netuid: u16,
) -> Result<u16, Failure> {
    chain.subnet(netuid).await?;
    let hotkey = keys.hotkey_account(global)?;
    match chain.uid(netuid, &hotkey).await? {
        Some(uid) => Ok(uid),
        None => fail(format!(
            "hotkey {} is not registered on subnet {netuid}; {} registers it",
            address(&hotkey),
            keys.command(&format!("myelin subnet register --netuid {netuid}"))
        )),
    }
}

/// Refuses to serve a subnet whose owner announced the rules of another kind; an announced hash alone names no kind.
pub async fn ensure_kind(chain: &ChainClient, netuid: u16, subnet: &Opened) -> Outcome {
    let announced = async { chain.rubric(netuid, 0, None).await.ok()?.in_force };
    let announced = announced.await.and_then(|rubric| String::from_utf8(rubric.rubric.text).ok());
    let kinds =
        (announced.as_deref().and_then(kind_of), subnet.rules(0, myelin_subnet::rules::Terms::default()));
    match kinds {
        (Some(theirs), Some(own)) if Some(theirs) != kind_of(&own) => fail(format!(
            "subnet {netuid} is judged as the kind `{}`, and --kind is another; `myelin subnet rubric show --netuid \
             {netuid}` shows its rules",
            output::plain(theirs)
        )),
        _ => Ok(()),
    }
}

/// Refuses an account that does not hold the root key.
pub async fn ensure_root(chain: &ChainClient, by: &Account) -> Outcome {
    let root: Option<Account> = chain.storage("Sudo", "Key", &[], None).await?;
    match root {
        Some(root) if root == *by => Ok(()),
        Some(root) => fail(format!(
            "{} does not hold the root key, which is {}; nothing was sent",
            output::brief(by),
            address(&root)
        )),
        None => fail("this chain has no root key; nothing was sent"),
    }
}

/// The kind of subnet that the text of a rubric names.
pub fn kind_of(rubric: &str) -> Option<&str> {
    let mut first = rubric.lines().next()?.split(' ');
    (first.next() == Some("myelin/rubric/1")).then(|| first.next())?
}

/// Waits for Ctrl-C or the signal that asks the process to end.
pub async fn stop_signal() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated => {}
    }
}
