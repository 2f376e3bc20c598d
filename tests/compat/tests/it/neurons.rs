//! Miners and validators as processes, on the official SDK or ours, on a subnet of a real node.

use std::fs::File;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use myelin_abi::calls::admin::{
    SudoSetAdminFreezeWindow, SudoSetCommitRevealWeightsEnabled, SudoSetSubnetEmissionEnabled, SudoSetTempo,
};
use myelin_abi::calls::subtensor::{AddStake, BurnedRegister, RegisterNetwork, StartCall};
use myelin_chain_client::{AnyCall, ChainClient, Wait};
use myelin_compat::packages::Packages;
use myelin_units::TaoBalance;
use myelin_wallet::{Secret, Wallet};

use super::dev::{account, key};
use super::node::Node;

/// Longest time for anything that is waited for.
const PATIENCE: Duration = Duration::from_secs(480);
/// Blocks of an epoch.
const TEMPO: u16 = 60;

/// A subnet of //Alice with a validator of //Bob, and miners of //Charlie and //Dave.
pub async fn subnet(chain: &ChainClient) -> u16 {
    let (root, owner) = (key("//Alice"), key("//Alice"));
    let create = RegisterNetwork { hotkey: account("//Alice_hk") };
    let created = chain.submit(&create, &owner, Wait::Inclusion).await.expect("a subnet");
    let (netuid, _) = created.event::<(u16, u16)>("SubtensorModule", "NetworkAdded").expect("its number");
    let settings: [AnyCall; 4] = [
        (&SudoSetSubnetEmissionEnabled { netuid, enabled: true }).into(),
        (&SudoSetCommitRevealWeightsEnabled { netuid, enabled: false }).into(),
        (&SudoSetAdminFreezeWindow { window: 0 }).into(),
        (&SudoSetTempo { netuid, tempo: TEMPO }).into(),
    ];
    for setting in settings {
        chain.sudo(setting, &root, Wait::Inclusion).await.expect("set");
    }
    chain.submit(&StartCall { netuid }, &owner, Wait::Inclusion).await.expect("started");
    for who in ["//Bob", "//Charlie", "//Dave"] {
        let register = BurnedRegister { netuid, hotkey: account(&format!("{who}_hk")) };
        chain.submit(&register, &key(who), Wait::Inclusion).await.expect("registered");
    }
    let amount_staked = TaoBalance::from_rao(500_000_000_000);
    let stake = AddStake { hotkey: account("//Bob_hk"), netuid, amount_staked };
    chain.submit(&stake, &key("//Bob"), Wait::Inclusion).await.expect("staked");
    netuid
}

/// The checkout.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A miner or validator as a process; it ends when this is dropped.
pub struct Neuron {
    process: Child,
    log: PathBuf,
}

impl Neuron {
    /// Starts an example of the checkout with the hotkey of a development account, and passes it the address of the
    /// node.
    pub fn python(node: &Node, folder: &Path, script: &str, who: &str, arguments: &[&str]) -> Self {
        let wallet = Wallet::new(folder.join("wallets"), who, "hotkey").expect("a name");
        wallet.save_coldkeypub(&key(&format!("//{who}")).public()).expect("saved");
        let secret = Secret::from_keypair(key(&format!("//{who}_hk")));
        wallet.save_hotkey(&secret, None, false).expect("saved");
        let packages = Packages::Sdk10.installed().unwrap_or_else(|why| panic!("{why}"));
        let mut command = Command::new(packages.join("bin/python"));
        command
            .arg(repository().join(script))
            .args(["--network", &node.endpoint(), "--wallet", who, "--hotkey", "hotkey", "--wallet-path"])
            .arg(wallet.path())
            .args(arguments);
        Self::start(command, folder, who)
    }

    /// Starts a command of ours with the hotkey of a development account, and passes it the address of the node.
    pub fn ours(node: &Node, folder: &Path, program: &str, who: &str, arguments: &[&str]) -> Self {
        // Commands are built beside the folder of the tests.
        let tests = std::env::current_exe().expect("this program has a path");
        let program = tests.ancestors().nth(2).expect("a folder of builds").join(program);
        assert!(program.is_file(), "{} is not built; `cargo test --workspace` builds it", program.display());
        let mut command = Command::new(program);
        command
            .args(["--endpoint", &node.endpoint()])
            .args(arguments)
            .args(["--wallet", &format!("//{who}"), "--hotkey", &format!("//{who}_hk"), "--data"])
            .arg(folder.join(format!("{who}.data")));
        Self::start(command, folder, who)
    }

    fn start(mut command: Command, folder: &Path, who: &str) -> Self {
        let log = folder.join(format!("{who}.log"));
        let out = File::create(&log).expect("a log");
        let process = command
            .env("HOME", folder)
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("the log again"))
            .stderr(out)
            .spawn()
            .expect("it starts");
        Neuron { process, log }
    }

    /// Output of the process so far.
    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until `holds`, as long as it runs.
    pub async fn until<F: Future<Output = bool>>(&mut self, what: &str, holds: impl Fn() -> F) {
        let deadline = Instant::now() + PATIENCE;
        while !holds().await {
            let runs = matches!(self.process.try_wait(), Ok(None));
            if !runs || Instant::now() > deadline {
                let seconds = PATIENCE.as_secs();
                panic!("not within {seconds} s, or it ended: {what}; it said:\n{}", self.said());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

impl Drop for Neuron {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
