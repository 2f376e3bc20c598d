//! Sets the stage: accounts with TAO, subnets, their settings, registered neurons, stake.
//!
//! Owner, miners and validators do everything here with their own keys. Only funding and the settings that the protocol
//! reserves for root use the development chain's sudo key.

use std::collections::BTreeMap;

use myelin_abi::calls::admin::{
    SudoSetAdminFreezeWindow, SudoSetCommitRevealWeightsInterval, SudoSetMaxAllowedUids,
    SudoSetMechanismCount, SudoSetSubnetEmissionEnabled, SudoSetTempo, SudoSetWeightsSetRateLimit,
};
use myelin_abi::calls::balances::TransferKeepAlive;
use myelin_abi::calls::collateral::{Lock, SetRequirement};
use myelin_abi::calls::subtensor::{AddStake, BurnedRegister, RegisterNetwork, StartCall};
use myelin_abi::calls::Address;
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient, Wait};
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;

use super::play::{Cast, Play, Role};
use super::proof::{self, Cheat};
use super::report::Player;
use crate::output::{address, fail, Failure};

/// Starting TAO of each player for each of its subnets.
const POCKET_TAO: u64 = 2_000;
/// Starting TAO of the owner of the first subnet, which costs 1,000; each further subnet costs twice as much.
const OWNER_TAO: u64 = 5_000;
/// Stakes of the validators in TAO, in the order in which they buy. The price rises with each. By these amounts the
/// first of three has 0.42 of the stake, so none decides alone; the first of two has 0.56. Validators that cheat come
/// last.
const STAKES_TAO: [u64; 5] = [300, 400, 500, 500, 500];
/// Most validators that work.
const MOST_HONEST: usize = 3;
/// Blocks between two weight settings of a neuron; far below a tempo, so that the limit never binds in the demo.
const WEIGHTS_RATE_LIMIT: u64 = 10;
/// Neurons of a subnet with two mechanisms: half as many as with one, because the limit holds for both together.
const UIDS_OF_TWO_MECHANISMS: u16 = 128;
/// Blocks that collateral stays after it was asked back: the fewest that the chain takes.
const UNBONDING: u32 = 600;

/// A miner or validator of the demo.
pub struct Actor {
    /// Its name, for example `miner-1`.
    pub name: String,
    /// A miner's role; `None` for a validator.
    pub role: Option<&'static Role>,
    /// A validator's way to be paid without work, if it has one.
    pub cheat: Option<Cheat>,
    /// Key that owns the money and the hotkey.
    pub coldkey: Keypair,
    /// Key that works on the subnet.
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
            cheat: None,
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
        match (self.role, self.cheat) {
            (Some(role), _) => role.name,
            (None, Some(cheat)) => cheat.name(),
            (None, None) => "validator",
        }
    }

    /// Whether the actor starts after all others.
    pub fn comes_late(&self) -> bool {
        self.role.is_some_and(|role| role.late)
    }

    /// The mechanism on which the actor competes.
    pub fn mechanism(&self) -> u8 {
        self.role.map_or(0, Role::mechanism)
    }
}

/// A subnet with its actors.
pub struct Stage {
    /// The new subnet.
    pub netuid: u16,
    /// The play on the subnet.
    pub play: &'static Play,
    /// Miners in the order of the cast, then validators. Validators have the same keys on all stages.
    pub actors: Vec<Actor>,
    owner: [Keypair; 2],
}

/// The subnets and actors to set up.
pub struct Programme {
    /// Plays with their miners. With a single play, its owner and miners have plain names.
    pub casts: Vec<(&'static Play, Cast)>,
    /// Validators on every subnet that work, at most three.
    pub validators: usize,
    /// Whether validators that cheat join them.
    pub cheats: bool,
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
            let honest = self.validators.min(MOST_HONEST);
            let cheats = Cheat::ALL.iter().filter(|_| self.cheats).map(|cheat| Some(*cheat));
            for (number, cheat) in (1..).zip(std::iter::repeat_n(None, honest).chain(cheats)) {
                let actor = Actor::new(&format!("validator-{number}"), None, self.seed)?;
                actors.push(Actor { cheat, ..actor });
            }
            let owner = match self.casts.len() {
                1 => "owner".to_string(),
                _ => format!("{}-owner", play.name),
            };
            let key = |which| Keypair::from_uri(&format!("//demo-{}//{owner}//{which}", self.seed));
            Ok(Stage { netuid: 0, play, actors, owner: [key("coldkey")?, key("hotkey")?] })
        };
        self.casts.iter().map(stage).collect()
    }

    /// Creates the subnets with all actors. Epochs are short until validators hold permits.
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
        // Miners have keys of their own on each subnet. Validators have one key for all, which sends one transaction at
        // a time.
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
        if self.demands_proof() {
            chain.submit(&proof::demand(netuid, self.play), owner, Wait::Inclusion).await?;
        }
        if let Some(amount) = self.collateral() {
            let require = SetRequirement { netuid, amount, unbonding: UNBONDING };
            chain.submit(&require, owner, Wait::Inclusion).await?;
        }
        Ok(())
    }

    /// Registers miners one after the other, so that uids follow the names.
    async fn register_miners(&mut self, chain: &ChainClient) -> Result<(), Failure> {
        let (netuid, collateral) = (self.netuid, self.collateral());
        for miner in self.actors.iter_mut().filter(|actor| actor.role.is_some()) {
            miner.register(chain, netuid).await?;
            if let Some(amount) = collateral.filter(|_| miner.role.is_some_and(|role| !role.unbacked)) {
                let hotkey = miner.hotkey_account();
                let lock = Lock { netuid, hotkey, amount, longest_unbonding: UNBONDING };
                chain.submit(&lock, &miner.coldkey, Wait::Inclusion).await?;
            }
        }
        Ok(())
    }

    /// Collateral of each miner, if the subnet requires any.
    fn collateral(&self) -> Option<TaoBalance> {
        let tao = self.play.collateral;
        (tao > 0).then(|| TaoBalance::from_rao(tao * 1_000_000_000))
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

    /// Whether validators have to prove their weights: where some of them cheat.
    pub fn demands_proof(&self) -> bool {
        self.validators().any(|actor| actor.cheat.is_some())
    }

    /// Changes the length of epochs; the next epoch counts from now.
    pub async fn set_tempo(&self, chain: &ChainClient, tempo: u16) -> Result<(), Failure> {
        let root = Keypair::from_uri("//Alice")?;
        chain.sudo(&SudoSetTempo { netuid: self.netuid, tempo }, &root, Wait::Inclusion).await?;
        Ok(())
    }

    /// Miners in the order of the cast.
    pub fn miners(&self) -> impl Iterator<Item = &Actor> {
        self.actors.iter().filter(|actor| actor.role.is_some())
    }

    /// Validators, in the order in which they buy stake.
    pub fn validators(&self) -> impl Iterator<Item = &Actor> {
        self.actors.iter().filter(|actor| actor.role.is_none())
    }

    /// All actors, as the report names them.
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

/// A transfer.
pub fn pay(to: [u8; 32], tao: u64) -> AnyCall {
    let value = TaoBalance::from_rao(tao * 1_000_000_000).into();
    AnyCall::from(&TransferKeepAlive { dest: Address::Id(Account(to)), value })
}
