//! A chain in memory: real blocks with inherents, and signed transactions through the whole pipeline of the runtime.

use std::{collections::BTreeMap, rc::Rc};

use codec::Encode;
use frame_support::traits::Get;
use myelin_runtime::{
    audit, genesis, profile, signing, Executive, Header, Runtime, RuntimeCall, RuntimeEvent, System,
    TimestampCall, UncheckedExtrinsic,
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance};
use pallet_myelin_election::TermIndex;
use pallet_network::{
    alpha_assets::AlphaBurned,
    emission::drain,
    invariants::{self, Violation},
    subnets::SubnetRegistry,
    RootClaimPot, SubnetAlphaOut, SubnetProtocolAlpha, TaoSupply, TotalHotkeyAlpha,
};
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_runtime::{
    generic::{Digest, DigestItem},
    traits::Header as _,
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    DispatchError,
};

use crate::{
    cast::Cast,
    orphans::{self, Watched},
    schema,
    wealth::{self, Wealth},
};

/// Slot of the first block; its timestamp follows from it.
const FIRST_SLOT: u64 = 7_000_000_000;
/// The genesis preset: 250 ms slots and short durations.
const PRESET: &str = "development";
/// Most blocks in a row that are passed over because sessions end in them. A change of the authorities takes two.
const MOST_SHUT: u32 = 4;

/// Counts of events with which blocks begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Passes over the candidates that began.
    pub passes: u64,
    /// Elections that chose another set of authorities.
    pub elected: u64,
    /// Proposals that referenda enacted. Their calls succeeded.
    pub enacted: u64,
}

impl Counts {
    fn count(&mut self, event: &RuntimeEvent) {
        use pallet_myelin_election::Event as Elections;
        use pallet_myelin_governance::Event as Governance;
        match event {
            RuntimeEvent::Elections(Elections::PassBegan { .. }) => self.passes += 1,
            RuntimeEvent::Elections(Elections::Elected { .. }) => self.elected += 1,
            RuntimeEvent::Governance(Governance::Enacted { result: Ok(()), .. }) => self.enacted += 1,
            _ => {}
        }
    }
}

/// Outcome of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The call succeeded.
    Done,
    /// It was in a block and failed.
    Refused(DispatchError),
    /// It did not enter a block.
    Invalid(TransactionValidityError),
}

/// A chain and its actors. A block is always open.
pub struct World {
    chain: sp_io::TestExternalities,
    /// The actors.
    pub cast: Rc<Cast>,
    parent: (myelin_runtime::Hash, u32),
    /// TAO minted before the open block.
    minted: u64,
    /// Events of blocks so far.
    counts: Counts,
    watched: Vec<Watched>,
    /// Belongings of all accounts after the last call of the open block.
    wealth: Option<Wealth>,
}

impl World {
    /// The chain of the development preset, with its first block open.
    pub fn genesis() -> Self {
        let storage =
            genesis::storage(PRESET).expect("the preset exists").expect("the preset fits the pallets");
        let mut world = Self {
            chain: storage.into(),
            cast: Rc::default(),
            parent: (Default::default(), 0),
            minted: 0,
            counts: Counts::default(),
            watched: Vec::new(),
            wealth: None,
        };
        // Blocks are made without the keys of their authors, which have nothing to do with calls. The runtime finds
        // the author by the slot, in the set that is in office.
        world.look(pallet_myelin_beacon::StrictFrom::<Runtime>::kill);
        world.open_block();
        world.watched = world.look(|| {
            schema::error_names();
            orphans::watched()
        });
        world
    }

    /// Reads the state of the chain.
    pub fn look<R>(&mut self, question: impl FnOnce() -> R) -> R {
        self.chain.execute_with(question)
    }

    /// Number of the open block.
    pub fn block(&self) -> u32 {
        self.parent.1 + 1
    }

    /// Finishes the open block and opens the next one.
    pub fn next_block(&mut self) {
        let header: Header = self.chain.execute_with(Executive::finalize_block);
        self.chain.commit_all().expect("no storage transaction is open between blocks");
        // Signatures of sr25519 differ from run to run, and so would the hash of the block that holds them. The next
        // block gets a parent hash that depends on the number alone, so that a story is the same in every run.
        let number = *header.number();
        self.wealth = None;
        self.parent = (sp_io::hashing::blake2_256(&number.to_le_bytes()).into(), number);
        self.open_block();
    }

    /// Slot of the open block.
    pub fn slot(&self) -> u64 {
        FIRST_SLOT + u64::from(self.parent.1)
    }

    fn open_block(&mut self) {
        let (parent, number) = self.parent;
        let slot = self.slot();
        let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
        let header = Header::new(number + 1, Default::default(), Default::default(), parent, digest);
        let counts = &mut self.counts;
        self.minted = self.chain.execute_with(|| {
            let minted = TaoSupply::<Runtime>::get().minted.to_rao();
            let _ = Executive::initialize_block(&header);
            let now = slot * profile::SlotDuration::get();
            let time = UncheckedExtrinsic::new_bare(RuntimeCall::Timestamp(TimestampCall::set { now }));
            let applied = Executive::apply_extrinsic(time);
            assert!(matches!(applied, Ok(Ok(()))), "the timestamp is accepted: {applied:?}");
            System::read_events_no_consensus().for_each(|record| counts.count(&record.event));
            minted
        });
    }

    /// Counts of the events of blocks so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Changes of the set in office, or of its keys, since genesis.
    pub fn terms(&mut self) -> u64 {
        self.look(|| TermIndex::<Runtime>::get().last().map_or(0, |term| term.number.into()))
    }

    /// Whether the open block has no room for any transaction, because a session ended in it.
    fn is_shut(&mut self) -> bool {
        self.look(|| {
            let most = profile::BlockLimits::get().max_block.ref_time();
            System::block_weight().total().ref_time() >= most
        })
    }

    /// Applies a call signed by an actor. Blocks without room are finished first.
    pub fn apply(&mut self, signer: usize, call: &RuntimeCall) -> Outcome {
        match self.submit(signer, call) {
            Outcome::Invalid(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources)) => {
                self.next_block();
                for _ in 0..MOST_SHUT {
                    if self.is_shut() {
                        self.next_block();
                    }
                }
                self.submit(signer, call)
            }
            outcome => outcome,
        }
    }

    /// Applies a call signed by an actor to the open block, room or not.
    pub fn submit(&mut self, signer: usize, call: &RuntimeCall) -> Outcome {
        let actor = self.cast.actor(signer);
        let (id, pair, call) = (actor.id.clone(), actor.pair.clone(), call.clone());
        self.chain.execute_with(|| {
            let seen = System::event_count();
            let sudo = matches!(call, RuntimeCall::Sudo(_));
            let transaction = signing::sign(&pair, System::account_nonce(&id), System::block_hash(0), call);
            match Executive::apply_extrinsic(transaction) {
                Ok(Ok(())) if sudo => sudo_result(seen),
                Ok(Ok(())) => Outcome::Done,
                Ok(Err(error)) => Outcome::Refused(error),
                Err(invalid) => Outcome::Invalid(invalid),
            }
        })
    }

    /// [`Self::apply`], with a check that it made no account other than the signer poorer.
    pub fn apply_fairly(&mut self, signer: usize, call: &RuntimeCall) -> Result<Outcome, Violation> {
        let before = match self.wealth.take() {
            Some(wealth) => wealth,
            None => self.look(Wealth::measure),
        };
        let block = self.block();
        let outcome = self.apply(signer, call);
        let after = self.look(Wealth::measure);
        // A call that waited for another block also includes the effects of that block.
        if block == self.block() && wealth::is_own(call) {
            let cast = Rc::clone(&self.cast);
            let signer = &cast.actor(signer).id;
            self.look(|| after.unharmed(&before, &cast, signer))?;
        }
        self.wealth = Some(after);
        Ok(outcome)
    }

    /// Checks the rules about money, and that the open block minted no more than one block may.
    pub fn check_money(&mut self) -> Result<(), Violation> {
        let before = self.minted;
        self.look(|| {
            let minted = TaoSupply::<Runtime>::get().minted.to_rao() - before;
            if minted > myelin_economy::issuance::INITIAL_BLOCK_EMISSION_RAO {
                let found = format!("{minted} rao were minted in one block");
                return Err(Violation { rule: "a block mints at most one TAO", found });
            }
            invariants::check_money::<Runtime>()
        })
    }

    /// Checks all rules.
    pub fn check_all(&mut self) -> Result<(), Violation> {
        self.check_money()?;
        self.chain.execute_with(|| {
            audit::check_all()?;
            invariants::keys::staking_hotkeys_name_nothing_else::<Runtime>()?;
            orphans::check(&self.watched)
        })
    }

    /// Checks the rules that hold after a block's own work.
    pub fn check_epochs(&mut self) -> Result<(), Violation> {
        self.look(invariants::check_epochs::<Runtime>)
    }
}

/// Differences between the sums and their expected values, in rao.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// TAO on all accounts, less the TAO of genesis and the TAO that blocks minted and did not recycle.
    pub tao: i128,
    /// Alpha in known places, less the outstanding alpha. Each subnet's difference counts by its absolute value.
    pub alpha: i128,
}

impl Drift {
    /// Measures the drift. Requires externalities.
    pub fn measure() -> Self {
        let held: i128 = frame_system::Account::<Runtime>::iter_values()
            .map(|account| i128::from(account.data.free) + i128::from(account.data.reserved))
            .sum();
        let supply = TaoSupply::<Runtime>::get();
        let rao = |amount: TaoBalance| i128::from(amount.to_rao());
        let mut staked: BTreeMap<NetUid, i128> = BTreeMap::new();
        for (_, netuid, alpha) in TotalHotkeyAlpha::<Runtime>::iter() {
            *staked.entry(netuid).or_default() += i128::from(alpha.to_rao());
        }
        let mut alpha = 0;
        // The alpha of a subnet that is being removed has become claims.
        let there = |(netuid, _): &(NetUid, AlphaBalance)| SubnetRegistry::<Runtime>::exists(*netuid);
        for (netuid, out) in SubnetAlphaOut::<Runtime>::iter().filter(there) {
            let pots = drain::pots::<Runtime>(netuid);
            let others = [
                pots.server,
                pots.validator,
                pots.root,
                pots.owner_cut,
                SubnetProtocolAlpha::<Runtime>::get(netuid),
                RootClaimPot::<Runtime>::get(netuid),
                AlphaBurned::<Runtime>::get(netuid),
            ];
            let placed = others.iter().map(|alpha| i128::from(alpha.to_rao())).sum::<i128>();
            alpha += (placed + staked.get(&netuid).copied().unwrap_or(0) - i128::from(out.to_rao())).abs();
        }
        Self { tao: held - (rao(supply.genesis) + rao(supply.minted) - rao(supply.recycled)), alpha }
    }
}

/// Result of the sudo call in the transaction whose events begin at `seen`.
fn sudo_result(seen: u32) -> Outcome {
    let told = System::read_events_no_consensus().skip(seen as usize).find_map(|record| match record.event {
        RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result }) => Some(sudo_result),
        _ => None,
    });
    match told {
        Some(Err(error)) => Outcome::Refused(error),
        _ => Outcome::Done,
    }
}
