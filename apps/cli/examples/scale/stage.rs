//! The chain with its subnets and neurons.
//!
//! Everything is done by signed extrinsics. Funding, and the settings that the protocol reserves for root, use the
//! development chain's sudo key, as in the demo. The chain has the waiting times of the real network and blocks of a
//! second.

use std::{
    collections::BTreeMap,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use futures::future::try_join_all;
use myelin_abi::calls::admin::{
    SudoSetAdminFreezeWindow, SudoSetLockReductionInterval, SudoSetSubnetEmissionEnabled, SudoSetTempo,
    SudoSetWeightsSetRateLimit,
};
use myelin_abi::calls::balances::TransferKeepAlive;
use myelin_abi::calls::subtensor::{AddStake, BurnedRegister, RegisterNetwork, StartCall};
use myelin_abi::calls::Address;
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient, ChainError, Wait};
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;

use crate::{
    crew::{Crew, Process},
    ports::free_port,
    Failed,
};

/// Milliseconds between two blocks.
const SLOT_MS: u64 = 1_000;
/// Starting TAO of each owner. A subnet costs 1,000, and 255 registrations up to 24,000.
const POCKET_TAO: u64 = 27_000;
/// TAO on each validator.
const STAKE_TAO: u64 = 500;
/// Registrations in one extrinsic.
const REGISTRATIONS: usize = 8;
/// Blocks of an epoch until the validators hold permits.
const FIRST_TEMPO: u16 = 20;
/// Blocks between two weights of a neuron on the real network.
const RATE_LIMIT: u64 = 100;
/// Longest time for one step of the set-up.
const PATIENCE: Duration = Duration::from_secs(300);

/// A node that writes blocks.
pub struct Node {
    process: Process,
    /// Its RPC endpoint.
    pub endpoint: String,
}

impl Node {
    /// Starts the node and waits for its first blocks.
    pub async fn start(folder: &Path) -> Result<Self, Failed> {
        let binary = binary();
        let out = Command::new(&binary)
            .args(["build-spec", "--disable-default-bootnode", "--chain", "dev"])
            .output()?;
        let mut spec: serde_json::Value = serde_json::from_slice(&out.stdout)
            .map_err(|error| format!("{} wrote no chain file: {error}", binary.display()))?;
        let profile = &mut spec["genesis"]["runtimeGenesis"]["patch"]["subtensorModule"]["profile"];
        if !profile.is_object() {
            return Err("the chain file names no profile at subtensorModule.profile".into());
        }
        *profile = serde_json::json!({ "fast": false, "slot_ms": SLOT_MS });
        let file = folder.join("chain.json");
        std::fs::write(&file, spec.to_string())?;

        let (rpc, p2p, metrics) = (free_port(), free_port(), free_port());
        let mut command = Command::new(&binary);
        command.arg("--chain").arg(&file).arg("--base-path").arg(folder.join("node")).args([
            "--one",
            "--force-authoring",
            "--no-telemetry",
            "--no-mdns",
            "--node-key",
            &format!("{:064x}", 1),
            "--listen-addr",
            &format!("/ip4/127.0.0.1/tcp/{p2p}"),
            "--rpc-port",
            &rpc.to_string(),
            "--prometheus-port",
            &metrics.to_string(),
        ]);
        let mut node = Self {
            process: Process::start(command, folder, "node")?,
            endpoint: format!("ws://127.0.0.1:{rpc}"),
        };
        let started = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", rpc)).await.is_err() {
            node.check()?;
            if started.elapsed() > PATIENCE {
                return Err("the node does not listen; see node.err".into());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(node)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Fails if it has ended.
    pub fn check(&mut self) -> Result<(), Failed> {
        self.process.check()
    }
}

/// The node's binary: `MYELIN_NODE`, or that of the build cache.
fn binary() -> std::path::PathBuf {
    let variable = |name: &str| std::env::var_os(name).map(std::path::PathBuf::from);
    let cache = || {
        let cache = variable("MYELIN_CACHE").or_else(|| Some(variable("HOME")?.join(".cache/myelin")));
        cache.unwrap_or_default().join("chain-target/debug/myelin-node")
    };
    variable("MYELIN_NODE").unwrap_or_else(cache)
}

/// A key and its derivation path.
pub struct Key {
    /// The path, with which a process starts.
    pub uri: String,
    pair: Keypair,
}

impl Key {
    fn new(uri: String) -> Result<Self, Failed> {
        Ok(Self { pair: Keypair::from_uri(&uri)?, uri })
    }

    fn account(&self) -> Account {
        Account(self.pair.public())
    }
}

/// A subnet and its neurons. One coldkey pays for all of them.
pub struct Subnet {
    /// Its number.
    pub netuid: u16,
    owner: Key,
    owner_hotkey: Key,
    /// Hotkey of its validator.
    pub validator: Key,
    /// Hotkeys of its miners.
    pub miners: Vec<Key>,
}

/// All subnets.
pub struct Stage {
    /// In the order of their numbers.
    pub subnets: Vec<Subnet>,
}

impl Stage {
    /// Creates the subnets, registers all neurons, and waits until the validators hold permits.
    pub async fn set(
        chain: &ChainClient,
        subnets: u16,
        axons: u16,
        tempo: u16,
        say: &impl Fn(String),
    ) -> Result<Self, Failed> {
        let root = Keypair::from_uri("//Alice")?;
        let subnets =
            (1..=subnets).map(|number| Subnet::new(number, axons)).collect::<Result<Vec<_>, _>>()?;
        let mut stage = Self { subnets };
        let pay = |subnet: &Subnet| {
            let value = TaoBalance::from_rao(POCKET_TAO * 1_000_000_000).into();
            AnyCall::from(&TransferKeepAlive { dest: Address::Id(subnet.owner.account()), value })
        };
        let transfers: Vec<AnyCall> = stage.subnets.iter().map(pay).collect();
        chain.batch(&transfers, &root, Wait::Inclusion).await?;
        // The price of a subnet doubles with each one, and falls back within two blocks.
        let general = [
            chain.as_root(&SudoSetLockReductionInterval { interval: 1 }).await?,
            chain.as_root(&SudoSetAdminFreezeWindow { window: 0 }).await?,
        ];
        chain.batch(&general, &root, Wait::Inclusion).await?;
        for subnet in &mut stage.subnets {
            subnet.create(chain).await?;
        }
        try_join_all(stage.subnets.iter().map(|subnet| subnet.begin(chain, &root, tempo))).await?;
        say(format!("{} subnets created", stage.subnets.len()));
        try_join_all(stage.subnets.iter().map(|subnet| subnet.register(chain))).await?;
        say(format!("{} miners and {} validators registered", stage.axons(), stage.subnets.len()));
        stage.wait_for_permits(chain).await?;
        say("every validator holds a permit".into());
        Ok(stage)
    }

    /// Number of miners.
    pub fn axons(&self) -> usize {
        self.subnets.iter().map(|subnet| subnet.miners.len()).sum()
    }

    /// Each subnet's validator.
    pub fn validators(&self) -> BTreeMap<u16, Account> {
        self.subnets.iter().map(|subnet| (subnet.netuid, subnet.validator.account())).collect()
    }

    async fn wait_for_permits(&self, chain: &ChainClient) -> Result<(), Failed> {
        let started = Instant::now();
        for subnet in &self.subnets {
            let own = subnet.validator.account();
            while !chain
                .metagraph(subnet.netuid, None)
                .await?
                .by_hotkey(&own)
                .is_some_and(|own| own.validator_permit)
            {
                if started.elapsed() > PATIENCE {
                    return Err(format!("the validator of subnet {} gets no permit", subnet.netuid).into());
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        Ok(())
    }

    /// Waits until every miner has announced its axon.
    pub async fn wait_for_axons(&self, chain: &ChainClient, crew: &mut Crew) -> Result<(), Failed> {
        let started = Instant::now();
        for subnet in &self.subnets {
            loop {
                crew.check()?;
                let announced = chain.metagraph(subnet.netuid, None).await?.serving().count();
                if announced == subnet.miners.len() {
                    break;
                }
                if started.elapsed() > PATIENCE {
                    let (netuid, all) = (subnet.netuid, subnet.miners.len());
                    return Err(format!("{announced} of {all} axons are announced on subnet {netuid}").into());
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        Ok(())
    }

    /// Changes the length of all epochs. They count from now, so all subnets come due in the same block: the hardest
    /// case for chain and validators.
    pub async fn set_tempo(&self, chain: &ChainClient, tempo: u16) -> Result<(), Failed> {
        let root = Keypair::from_uri("//Alice")?;
        let mut calls = Vec::new();
        for subnet in &self.subnets {
            calls.push(chain.as_root(&SudoSetTempo { netuid: subnet.netuid, tempo }).await?);
        }
        chain.batch(&calls, &root, Wait::Inclusion).await?;
        Ok(())
    }
}

impl Subnet {
    fn new(number: u16, axons: u16) -> Result<Self, Failed> {
        let key = |name: &str| Key::new(format!("//scale//{number}//{name}"));
        Ok(Self {
            netuid: 0,
            owner: key("owner")?,
            owner_hotkey: key("owner//hotkey")?,
            validator: key("validator")?,
            miners: (0..axons).map(|miner| key(&format!("miner//{miner}"))).collect::<Result<_, _>>()?,
        })
    }

    async fn create(&mut self, chain: &ChainClient) -> Result<(), Failed> {
        let create = RegisterNetwork { hotkey: self.owner_hotkey.account() };
        let receipt = chain.submit(&create, &self.owner.pair, Wait::Inclusion).await?;
        let created = receipt.event::<(u16, u16)>("SubtensorModule", "NetworkAdded");
        (self.netuid, _) = created.ok_or("the chain did not announce the new subnet")?;
        Ok(())
    }

    async fn begin(&self, chain: &ChainClient, root: &Keypair, tempo: u16) -> Result<(), ChainError> {
        let netuid = self.netuid;
        // Epochs shorter than the real network's need weights more often.
        let weights_set_rate_limit = RATE_LIMIT.min(u64::from(tempo) / 2);
        let settings = [
            chain.as_root(&SudoSetSubnetEmissionEnabled { netuid, enabled: true }).await?,
            chain.as_root(&SudoSetWeightsSetRateLimit { netuid, weights_set_rate_limit }).await?,
            chain.as_root(&SudoSetTempo { netuid, tempo: FIRST_TEMPO }).await?,
        ];
        chain.batch(&settings, root, Wait::Inclusion).await?;
        chain.submit(&StartCall { netuid }, &self.owner.pair, Wait::Inclusion).await?;
        Ok(())
    }

    /// Registers the validator with its stake, and the miners.
    async fn register(&self, chain: &ChainClient) -> Result<(), ChainError> {
        let (netuid, owner) = (self.netuid, &self.owner.pair);
        let hotkeys = [&self.validator].into_iter().chain(&self.miners).map(Key::account);
        let calls: Vec<AnyCall> =
            hotkeys.map(|hotkey| AnyCall::from(&BurnedRegister { netuid, hotkey })).collect();
        for some in calls.chunks(REGISTRATIONS) {
            chain.batch(some, owner, Wait::Inclusion).await?;
        }
        let amount_staked = TaoBalance::from_rao(STAKE_TAO * 1_000_000_000);
        let stake = AddStake { hotkey: self.validator.account(), netuid, amount_staked };
        chain.submit(&stake, owner, Wait::Inclusion).await?;
        Ok(())
    }
}
