//! A network of this process: keys, miners, validators, a folder.

use std::{path::PathBuf, sync::Arc, time::Duration};

use myelin_subnet::testkit::{Ledger, MemoryChain, NETUID};
use myelin_subnet::{Miner, MinerOptions, Subnet, Validator, ValidatorOptions, ValidatorReport};
use myelin_wallet::Keypair;
use tokio::sync::watch;

use crate::guessing::{Guessing, Style, DEADLINE};

pub struct Network {
    pub chain: MemoryChain,
    pub folder: tempfile::TempDir,
    blocks: tokio::task::JoinHandle<()>,
    /// Time that validators give miners.
    deadline: Duration,
}

pub fn key(name: &str) -> Arc<Keypair> {
    Arc::new(Keypair::from_uri(&format!("//{name}")).unwrap())
}

impl Network {
    /// A chain with epochs of `tempo` blocks, running.
    pub fn start(tempo: u16, commit_reveal: bool) -> Self {
        let chain = MemoryChain::new(tempo, commit_reveal);
        let blocks = chain.run();
        Self::on(chain, blocks, DEADLINE)
    }

    /// A chain on which time passes when its users ask for it ([`MemoryChain::scripted`]).
    pub fn scripted(tempo: u16, script: impl FnMut(&mut Ledger) + Send + 'static) -> Self {
        // A block is short there, and a round must fit into an epoch.
        let deadline = Duration::from_millis(200);
        Self::on(MemoryChain::scripted(tempo, script), tokio::spawn(async {}), deadline)
    }

    fn on(chain: MemoryChain, blocks: tokio::task::JoinHandle<()>, deadline: Duration) -> Self {
        // Miners answer the validators that they know, so the validators are registered first.
        for name in ["v1", "v2"] {
            chain.register(key(name).public(), true);
        }
        Self { chain, folder: tempfile::tempdir().unwrap(), blocks, deadline }
    }

    pub fn options(&self, name: &str) -> MinerOptions {
        MinerOptions {
            refresh: Some(Duration::from_millis(100)),
            workers: 4,
            state: Some(self.folder.path().join(name)),
            ..MinerOptions::new(NETUID, "127.0.0.1:0".parse().unwrap())
        }
    }

    /// A registered miner with an axon of its own.
    pub async fn miner(&self, name: &str, style: Style) -> Miner {
        let key = key(name);
        self.chain.register(key.public(), false);
        let subnet = Arc::new(Guessing::open(style).unwrap());
        Miner::start(subnet, self.chain.signed_by(key.public()), key, self.options(name)).await.unwrap()
    }

    pub fn validator_folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Waits until every miner has announced its axon.
    pub async fn announced(&self) {
        let all = || self.chain.ledger().neurons.iter().all(|peer| peer.permit || peer.axon.is_some());
        until("announced axons", all).await;
    }

    /// One of the two validators, `v1` or `v2`.
    pub async fn validator(&self, name: &str) -> Validator {
        self.validator_asking(name, 256).await
    }

    /// A validator that asks at most `most_miners` miners in a round.
    pub async fn validator_asking(&self, name: &str, most_miners: usize) -> Validator {
        self.validator_with(name, |options| options.most_miners = most_miners).await
    }

    /// A validator with other options than the usual ones.
    pub async fn validator_with(&self, name: &str, change: impl FnOnce(&mut ValidatorOptions)) -> Validator {
        self.validator_in(name, name, change).await
    }

    /// A validator whose files lie in another folder, as on another machine.
    pub async fn validator_in(
        &self,
        folder: &str,
        name: &str,
        change: impl FnOnce(&mut ValidatorOptions),
    ) -> Validator {
        let key = key(name);
        let mut judging = Guessing::open(Style::Broken).unwrap();
        judging.deadline = self.deadline;
        let subnet = Arc::new(judging);
        let mut options = ValidatorOptions::new(NETUID, self.validator_folder(folder));
        change(&mut options);
        Validator::start(subnet, self.chain.signed_by(key.public()), key, options).await.unwrap()
    }

    pub fn uid(&self, name: &str) -> usize {
        let hotkey = key(name).public();
        self.chain.ledger().neurons.iter().position(|peer| peer.hotkey == hotkey).unwrap()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.blocks.abort();
    }
}

/// Waits until a condition holds. The limit is far above the needs of a loaded machine; it only ends hanging tests.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(90), waiting).await.is_ok(),
        "waited in vain for: {what}"
    );
}

/// The next report that satisfies a condition.
pub async fn report_where(
    validator: &Validator,
    what: &str,
    mut holds: impl FnMut(&ValidatorReport) -> bool,
) -> ValidatorReport {
    let mut reports: watch::Receiver<ValidatorReport> = validator.report();
    let waiting = async {
        loop {
            let report = reports.borrow_and_update().clone();
            if holds(&report) {
                return report;
            }
            reports.changed().await.expect("the validator runs");
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(90), waiting).await;
    found.unwrap_or_else(|_| panic!("waited in vain for: {what}"))
}
