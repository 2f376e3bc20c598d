//! Sets the scene: accounts with TAO, subnets, their settings, registered neurons, stake.
//!
//! Everything here is what an owner, miners and validators do with their own keys; only funding and the switches that
//! the protocol reserves for root use the development chain's sudo key.

use std::collections::BTreeMap;

use myelin_abi::calls::admin::{
    SudoSetAdminFreezeWindow, SudoSetCommitRevealWeightsInterval, SudoSetMaxAllowedUids,
    SudoSetMechanismCount, SudoSetSubnetEmissionEnabled, SudoSetTempo, SudoSetWeightsSetRateLimit,
};
use myelin_abi::calls::balances::TransferKeepAlive;
use myelin_abi::calls::subtensor::{AddStake, BurnedRegister, RegisterNetwork, StartCall};
use myelin_abi::calls::Address;
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient, Wait};
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;

use super::play::{Cast, Play, Role};
use super::report::Player;
use crate::output::{address, fail, Failure};

/// TAO that each player starts with for each subnet that it is on.
const POCKET_TAO: u64 = 2_000;
/// TAO that the owner of the first subnet starts with, which costs 1,000; each further one costs twice as much.
const OWNER_TAO: u64 = 5_000;
/// TAO that the validators stake, largest first: unequal, so that stake-weighting is visible.
const STAKES_TAO: [u64; 3] = [500, 400, 300];
/// Blocks between weight settings of one neuron; far below a tempo, so that the limit never binds in the demo.
const WEIGHTS_RATE_LIMIT: u64 = 10;
/// Neurons of a subnet with two mechanisms, which may have no more together than other subnets.
const UIDS_OF_TWO_MECHANISMS: u16 = 128;

/// A miner or validator of the demo.
pub struct Actor {
    /// Its name, for example `miner-1`.
    pub name: String,
    /// A miner's role; `None` for a validator.
    pub role: Option<&'static Role>,
    /// Owns it.
    pub coldkey: Keypair,
    /// Works.
    pub hotkey: Keypair,
    /// Derivation path of the hotkey, with which its process starts.
    pub hotkey_uri: String,
    /// Its uid, once registered.
    pub uid: u16,
}

impl Actor {
    fn new(name: &str, role: Option<&'static Role>, seed: u64) -> Result<Self, Failure> {
        let hotkey_uri = format!("//demo-{seed}//{name}//hotkey");
        Ok(Actor {
            name: name.to_string(),
            role,
            coldkey: Keypair::from_uri(&format!("//demo-{seed}//{name}//coldkey"))?,
            hotkey: Keypair::from_uri(&hotkey_uri)?,
            hotkey_uri,
            uid: u16::MAX,
        })
    }

    /// Account of its hotkey.
    pub fn hotkey_account(&self) -> Account {
        Account(self.hotkey.public())
    }

    /// Account of its coldkey.
    pub fn coldkey_account(&self) -> Account {
        Account(self.coldkey.public())
    }

    async fn register(&mut self, chain: &ChainClient, netuid: u16) -> Result<(), Failure> {
        let call = BurnedRegister { netuid, hotkey: self.hotkey_account() };
        chain.submit(&call, &self.coldkey, Wait::Inclusion).await?;
        let Some(uid) = chain.uid(netuid, &self.hotkey_account()).await? else {
            return fail(format!("{} has no uid after its registration", self.name));
        };
        self.uid = uid;
        Ok(())
    }

    /// The name of its role.
    pub fn role_name(&self) -> &'static str {
        self.role.map_or("validator", |role| role.name)
    }

    /// Whether it comes when everybody else is there.
    pub fn comes_late(&self) -> bool {
        self.role.is_some_and(|role| role.late)
    }

    /// The mechanism on which it competes.
    pub fn mechanism(&self) -> u8 {
        self.role.map_or(0, Role::mechanism)
    }
}

/// Everybody on one subnet.
pub struct Stage {
    /// The new subnet.
    pub netuid: u16,
    /// What is played there.
    pub play: &'static Play,
    /// Miners in the order of the cast, then validators. These have the same keys on all stages.
    pub actors: Vec<Actor>,
    owner: [Keypair; 2],
}

/// What is to be set up.
pub struct Programme {
    /// Plays with their miners. A single one takes the names of its owner and miners for itself.
    pub casts: Vec<(&'static Play, Cast)>,
    /// Validators on every subnet, at most three.
    pub validators: usize,
    /// Part of every key's derivation path.
    pub seed: u64,
}

impl Programme {
    fn stages(&self) -> Result<Vec<Stage>, Failure> {
        let stage = |(play, cast): &(&'static Play, Cast)| {
            let mut actors = Vec::new();
            for (name, role) in &cast.0 {
                actors.push(Actor::new(name, Some(*role), self.seed)?);
            }
            for number in 1..=self.validators.min(STAKES_TAO.len()) {
                actors.push(Actor::new(&format!("validator-{number}"), None, self.seed)?);
            }
            let owner = match self.casts.len() {
                1 => "owner".to_string(),
                _ => format!("{}-owner", play.kind),
            };
            let key = |which| Keypair::from_uri(&format!("//demo-{}//{owner}//{which}", self.seed));
            Ok(Stage { netuid: 0, play, actors, owner: [key("coldkey")?, key("hotkey")?] })
        };
        self.casts.iter().map(stage).collect()
    }

    /// Creates the subnets and everybody on them; epochs are short until validators hold permits.
    pub async fn set(&self, chain: &ChainClient, say: impl Fn(String)) -> Result<Vec<Stage>, Failure> {
        let root = Keypair::from_uri("//Alice")?;
        let mut stages = self.stages()?;
        let mut pockets = BTreeMap::<[u8; 32], u64>::new();
        for (number, stage) in stages.iter().enumerate() {
            *pockets.entry(stage.owner[0].public()).or_default() += OWNER_TAO << number;
            for actor in &stage.actors {
                *pockets.entry(actor.coldkey.public()).or_default() += POCKET_TAO;
            }
        }
        say(format!("giving {} accounts TAO to start with", pockets.len()));
        let transfers: Vec<AnyCall> = pockets.into_iter().map(|(to, tao)| pay(to, tao)).collect();
        chain.batch(&transfers, &root, Wait::Inclusion).await?;

        for stage in &mut stages {
            stage.create(chain, &root).await?;
            say(format!("subnet {} created by its owner", stage.netuid));
        }
        let neurons: usize = stages.iter().map(|stage| stage.actors.len()).sum();
        say(format!("registering {neurons} neurons, each at the price of the moment"));
        // Miners have keys of their own on each subnet, validators have one for all, which can do one thing at a time.
        futures::future::try_join_all(stages.iter_mut().map(|stage| stage.register_miners(chain))).await?;
        for stage in &mut stages {
            stage.register_validators(chain, &say).await?;
        }
        Ok(stages)
    }
}

impl Stage {
    async fn create(&mut self, chain: &ChainClient, root: &Keypair) -> Result<(), Failure> {
        let [owner, hotkey] = &self.owner;
        let create = RegisterNetwork { hotkey: Account(hotkey.public()) };
        let receipt = chain.submit(&create, owner, Wait::Inclusion).await?;
        let Some((netuid, _)) = receipt.event::<(u16, u16)>("SubtensorModule", "NetworkAdded") else {
            return fail("the chain did not announce the new subnet");
        };
        self.netuid = netuid;
        let mut settings = vec![
            chain.as_root(&SudoSetSubnetEmissionEnabled { netuid, enabled: true }).await?,
            chain
                .as_root(&SudoSetWeightsSetRateLimit { netuid, weights_set_rate_limit: WEIGHTS_RATE_LIMIT })
                .await?,
            chain.as_root(&SudoSetCommitRevealWeightsInterval { netuid, interval: 1 }).await?,
            chain.as_root(&SudoSetAdminFreezeWindow { window: 0 }).await?,
        ];
        let mechanism_count = self.play.mechanisms();
        if mechanism_count > 1 {
            let room = SudoSetMaxAllowedUids { netuid, max_allowed_uids: UIDS_OF_TWO_MECHANISMS };
            settings.push(chain.as_root(&room).await?);
            settings.push(chain.as_root(&SudoSetMechanismCount { netuid, mechanism_count }).await?);
        }
        chain.batch(&settings, root, Wait::Inclusion).await?;
        chain.submit(&StartCall { netuid }, owner, Wait::Inclusion).await?;
        Ok(())
    }

    /// One after the other, so that uids follow the names.
    async fn register_miners(&mut self, chain: &ChainClient) -> Result<(), Failure> {
        let netuid = self.netuid;
        for miner in self.actors.iter_mut().filter(|actor| actor.role.is_some()) {
            miner.register(chain, netuid).await?;
        }
        Ok(())
    }

    async fn register_validators(
        &mut self,
        chain: &ChainClient,
        say: impl Fn(String),
    ) -> Result<(), Failure> {
        let netuid = self.netuid;
        let validators = self.actors.iter_mut().filter(|actor| actor.role.is_none());
        for (validator, stake) in validators.zip(STAKES_TAO) {
            validator.register(chain, netuid).await?;
            let call = AddStake {
                hotkey: validator.hotkey_account(),
                netuid,
                amount_staked: TaoBalance::from_rao(stake * 1_000_000_000),
            };
            chain.submit(&call, &validator.coldkey, Wait::Inclusion).await?;
            say(format!("{} staked {stake} τ on subnet {netuid}", validator.name));
        }
        Ok(())
    }

    /// Changes the length of epochs; the next one counts from now.
    pub async fn set_tempo(&self, chain: &ChainClient, tempo: u16) -> Result<(), Failure> {
        let root = Keypair::from_uri("//Alice")?;
        chain.sudo(&SudoSetTempo { netuid: self.netuid, tempo }, &root, Wait::Inclusion).await?;
        Ok(())
    }

    /// Miners in the order of the cast.
    pub fn miners(&self) -> impl Iterator<Item = &Actor> {
        self.actors.iter().filter(|actor| actor.role.is_some())
    }

    /// Validators, largest stake first.
    pub fn validators(&self) -> impl Iterator<Item = &Actor> {
        self.actors.iter().filter(|actor| actor.role.is_none())
    }

    /// Everybody, as the report names them.
    pub fn players(&self) -> Vec<Player> {
        let player = |actor: &Actor| Player {
            name: actor.name.clone(),
            role: actor.role_name().to_string(),
            uid: actor.uid,
            hotkey: address(&actor.hotkey_account()),
            coldkey: address(&actor.coldkey_account()),
        };
        self.actors.iter().map(player).collect()
    }
}

fn pay(to: [u8; 32], tao: u64) -> AnyCall {
    let value = TaoBalance::from_rao(tao * 1_000_000_000).into();
    AnyCall::from(&TransferKeepAlive { dest: Address::Id(Account(to)), value })
}
