//! Attacks on a miner and a validator that are processes of their own. `docs/reference/attacks.md` lists them.

mod answers;
mod axons;
mod requests;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use myelin_abi::calls::admin::{
    SudoSetAdminFreezeWindow, SudoSetBurnIncreaseMult, SudoSetCommitRevealWeightsEnabled,
    SudoSetSubnetEmissionEnabled, SudoSetTempo, SudoSetWeightsSetRateLimit,
};
use myelin_abi::calls::subtensor::{AddStake, BurnedRegister, RegisterNetwork, StartCall};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient, Wait};
use myelin_units::{TaoBalance, U64F64};
use myelin_wallet::Keypair;
use tokio::runtime::Runtime;

use crate::harness::Network;
use crate::judging::log;
use crate::{command, text};

/// Longest time for any expected event.
const PATIENCE: Duration = Duration::from_secs(240);
/// Most memory that a process may ever have had.
const MOST_MEMORY_KIB: u64 = 1 << 20;
/// Registrations in a transaction.
const AT_ONCE: usize = 12;

/// Hotkey of the only validator.
const VALIDATOR: &str = "//Bob_hk";
/// Hotkey of the honest miner.
const MINER: &str = "//Charlie_hk";
/// Hotkey of the subnet's owner.
const OWNER: &str = "//owner_hk";

fn key(uri: &str) -> Keypair {
    Keypair::from_uri(uri).expect("a key")
}

fn account(uri: &str) -> Account {
    Account(key(uri).public())
}

/// A subnet of //Alice with the validator and miners.
pub struct Scene<'a> {
    netuid: u16,
    chain: ChainClient,
    runtime: Runtime,
    folder: &'a Path,
    /// It goes down last.
    net: Network<'a>,
}

impl<'a> Scene<'a> {
    fn set(folder: &'a Path, miners: &[Account]) -> Self {
        let net = Network::up(folder);
        let runtime = Runtime::new().expect("a runtime");
        let chain = runtime.block_on(ChainClient::connect(&net.endpoint)).expect("connected");
        let netuid = runtime.block_on(subnet(&chain, miners));
        Scene { netuid, chain, runtime, folder, net }
    }

    /// Waits for the validator's permit, and sets the length of epochs afterwards: at first they have 10 blocks.
    fn permit_validator(&self, tempo: u16) {
        self.until("a permit", || {
            let graph = self.runtime.block_on(self.chain.metagraph(self.netuid, None)).expect("a metagraph");
            graph.by_hotkey(&account(VALIDATOR)).is_some_and(|neuron| neuron.validator_permit)
        });
        self.net.as_root(&SudoSetTempo { netuid: self.netuid, tempo });
    }

    /// Starts the honest miner on a port of 127.0.0.2.
    fn mine(&self, port: u16) -> Victim {
        let (netuid, port) = (self.netuid.to_string(), port.to_string());
        let own = ["-w", "//Alice", "-k", MINER, "--data", "miner", "--ip", "127.0.0.2", "--port", &port];
        let mine = ["miner", "run", "--kind", "analysis", "-n", &netuid];
        Victim::start(self, "mines", &[&mine[..], &own].concat())
    }

    fn uid(&self, hotkey: &str) -> u16 {
        let uid = self.runtime.block_on(self.chain.uid(self.netuid, &account(hotkey)));
        uid.expect("an answer").expect("registered")
    }

    fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < deadline, "{what} did not come\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Output of all processes.
    fn logs(&self) -> String {
        let files = fs::read_dir(self.folder).expect("a folder").flatten().map(|file| file.path());
        let logs = files.filter(|path| path.extension().is_some_and(|end| end == "log"));
        logs.map(|path| format!("--- {}\n{}", path.display(), text(&fs::read(&path).expect("a log"))))
            .collect()
    }
}

/// Creates the subnet, registers its neurons, and gives the validator stake. Returns its number.
async fn subnet(chain: &ChainClient, miners: &[Account]) -> u16 {
    let owner = key("//Alice");
    let create = RegisterNetwork { hotkey: account(OWNER) };
    let created = chain.submit(&create, &owner, Wait::Inclusion).await.expect("a subnet");
    let (netuid, _) = created.event::<(u16, u16)>("SubtensorModule", "NetworkAdded").expect("its number");
    let settings: [AnyCall; 5] = [
        (&SudoSetAdminFreezeWindow { window: 0 }).into(),
        (&SudoSetSubnetEmissionEnabled { netuid, enabled: true }).into(),
        (&SudoSetCommitRevealWeightsEnabled { netuid, enabled: false }).into(),
        (&SudoSetWeightsSetRateLimit { netuid, weights_set_rate_limit: 0 }).into(),
        // The price of a registration stays.
        (&SudoSetBurnIncreaseMult { netuid, burn_increase_mult: U64F64::ONE }).into(),
    ];
    for setting in settings {
        chain.sudo(setting, &owner, Wait::Inclusion).await.expect("set");
    }
    chain.submit(&StartCall { netuid }, &owner, Wait::Inclusion).await.expect("started");
    let hotkeys = std::iter::once(account(VALIDATOR)).chain(miners.iter().copied());
    let calls: Vec<AnyCall> =
        hotkeys.map(|hotkey| AnyCall::from(&BurnedRegister { netuid, hotkey })).collect();
    for some in calls.chunks(AT_ONCE) {
        chain.batch(some, &owner, Wait::Inclusion).await.expect("registered");
    }
    let amount_staked = TaoBalance::from_rao(500_000_000_000);
    let stake = AddStake { hotkey: account(VALIDATOR), netuid, amount_staked };
    chain.submit(&stake, &owner, Wait::Inclusion).await.expect("staked");
    netuid
}

/// A command under attack. It is killed when dropped.
struct Victim {
    process: Child,
    log: PathBuf,
}

impl Victim {
    /// Starts a command. What it prints goes to `NAME.log` in the scene's folder.
    fn start(scene: &Scene<'_>, name: &str, arguments: &[&str]) -> Self {
        let log = log(scene.folder, name);
        let out = File::create(&log).expect("a log");
        let process = command(scene.folder, &[&["--endpoint", &scene.net.endpoint][..], arguments].concat())
            .env("MYELIN_LOG", "info")
            .stdin(Stdio::null())
            .stdout(out.try_clone().expect("the log again"))
            .stderr(out)
            .spawn();
        Victim { process: process.expect("the command starts"), log }
    }

    /// Asserts that it runs, that nothing in it panicked, and that it never took more memory than it may.
    fn assert_unharmed(&mut self) {
        let said = text(&fs::read(&self.log).expect("a log"));
        let end = self.process.try_wait().expect("its state");
        assert!(end.is_none(), "it ended, {end:?}:\n{said}");
        assert!(!said.contains("panicked at"), "{said}");
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("a process");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its memory");
        let peak: u64 = peak.trim().trim_end_matches("kB").trim().parse().expect("a number");
        println!("{}: at most {} MiB", self.log.display(), peak >> 10);
        assert!(peak < MOST_MEMORY_KIB, "it had {peak} KiB");
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
