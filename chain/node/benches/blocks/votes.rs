//! Blocks full of votes.

use codec::Encode;
use frame_support::{
    dispatch::GetDispatchInfo,
    traits::{schedule::DispatchTime, Bounded},
};
use myelin_governance::{Asset, Holdings, Kind, Multiplier};
use myelin_runtime::{
    constants::TAO, genesis::keys::ALICE, opaque::UncheckedExtrinsic as Opaque, signing::sign, AccountId,
    OriginCaller, Runtime, RuntimeCall,
};
use myelin_units::{TaoBalance, I96F32};
use pallet_myelin_governance::{Call as Governance, Origin};
use pallet_network::{Call as Network, Pallet as Subnets, SubnetMovingPrice};

use crate::{
    chain::{BlockTime, Chain, Fate},
    median, ms, world,
};

/// Accounts that vote in each block.
const VOTERS: u32 = 1_000;
/// Milliseconds of execution that as many votes may take in any block.
const GOAL_MS: f64 = 500.0;
/// Referenda, each with a vote of every account. An account may vote on no more at a time.
const REFERENDA: u32 = 32;
/// Subnets whose alpha voters and those who delegate to them hold.
const SUBNETS: u16 = 8;

/// Voters with free TAO alone, and those with alpha and the power of somebody else.
pub fn run() {
    let slowest = [
        measure("free TAO", 0),
        measure(&format!("free TAO, alpha of {SUBNETS} subnets, and as much of a delegator"), SUBNETS),
    ];
    assert!(slowest.iter().all(|slowest| *slowest < GOAL_MS), "a goal was missed");
}

/// Everybody votes on one referendum after another. The account's record grows with each vote. Returns the milliseconds
/// that the votes of all voters would take at the pace of the slowest block.
fn measure(held: &str, subnets: u16) -> f64 {
    let state = world::prepare(|| {
        let netuids = world::subnets(subnets, 8, 4, 360);
        netuids.iter().for_each(|netuid| SubnetMovingPrice::<Runtime>::insert(netuid, I96F32::ONE));
        for voter in 0..VOTERS {
            let account = world::account(&world::signer(voter));
            lock_up(&account, &netuids);
            if subnets > 0 {
                let delegator = world::account(&world::signer(VOTERS + voter));
                lock_up(&delegator, &netuids);
                world::act(&delegator, Governance::delegate { track: Kind::Parameters.id(), to: account });
            }
        }
        (0..REFERENDA).for_each(propose);
    });
    let chain = Chain::begin("votes", state, world::SLOT_MS);
    let vote = |poll| {
        let aye = poll % 2 == 0;
        RuntimeCall::from(Governance::vote { poll, aye, multiplier: Multiplier::One })
    };
    let mut times = Vec::new();
    let mut refused = 0;
    for poll in 0..REFERENDA {
        let signed = |voter| sign(&world::signer(voter), poll, chain.genesis, vote(poll)).into();
        let votes: Vec<Opaque> = (0..VOTERS).map(signed).collect();
        let mut waiting = &votes[..];
        // Votes that do not fit are made in further blocks.
        while !waiting.is_empty() {
            let (time, fates) = chain.block(waiting);
            let done = fates.iter().take_while(|fate| **fate == Fate::Done).count();
            assert!(done > 0 && fates[done..].iter().all(|fate| *fate == Fate::Refused), "{:?}", fates[done]);
            let left = fates.len() - done;
            refused = refused.max(left);
            waiting = &waiting[done..];
            // A block with a small rest says nothing about full ones.
            if left > 0 || done == VOTERS as usize {
                times.push((done, time));
            }
        }
    }
    let each = |time: &(usize, BlockTime)| time.1.execution() / time.0.max(1) as u32;
    let slowest = ms(times.iter().map(each).max().unwrap_or_default()) * f64::from(VOTERS);
    let weight = sp_io::TestExternalities::default().execute_with(|| vote(1).get_dispatch_info().call_weight);
    println!(
        "votes with {held}: {:.0} ms of execution for {VOTERS} (median), {slowest:.0} ms in the slowest block \
         (goal: under {GOAL_MS:.0} ms); weight of one {:.2} ms of reference time, and {refused} of {VOTERS} did not \
         fit into a block with the others",
        ms(median(times.iter().map(each).collect())) * f64::from(VOTERS),
        weight.ref_time() as f64 / 1e9,
    );
    slowest
}

/// Gives an account free TAO and alpha of these subnets, and puts 100 TAO and all the alpha under its vote lock.
fn lock_up(account: &AccountId, netuids: &[u16]) {
    world::fund(account, 300);
    world::act(account, Governance::lock { asset: Asset::Free, amount: 100 * TAO });
    for netuid in netuids {
        // Half a TAO each: so much that all have enough alpha, and so little that pools do not run out of it.
        let (hotkey, amount_staked) = (world::account(&world::signer(0)), TaoBalance::from_rao(TAO / 2));
        world::act(account, Network::add_stake { hotkey, netuid: *netuid, amount_staked });
        let asset = Asset::Stake(*netuid);
        let amount = Subnets::<Runtime>::held(account, asset);
        world::act(account, Governance::lock { asset, amount });
    }
}

/// A referendum about a parameter.
fn propose(number: u32) {
    let limit = pallet_admin_utils::Call::sudo_set_subnet_limit { max_subnets: 64 + number as u16 };
    let enactment = RuntimeCall::from(Governance::enact { call: Box::new(limit.into()), registered: None });
    let proposal = Bounded::Inline(enactment.encode().try_into().expect("it is short"));
    let track = Kind::Parameters.id();
    let submit = pallet_referenda::Call::submit {
        proposal_origin: Box::new(OriginCaller::Governance(Origin(track))),
        proposal,
        enactment_moment: DispatchTime::After(0),
    };
    world::act(&ALICE.id(), submit);
}
