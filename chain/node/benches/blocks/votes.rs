//! Blocks full of votes.

use codec::Encode;
use frame_support::{
    dispatch::GetDispatchInfo,
    traits::{schedule::DispatchTime, Bounded},
};
use myelin_governance::{Asset, Kind, Multiplier};
use myelin_runtime::{
    constants::TAO, genesis::keys::ALICE, opaque::UncheckedExtrinsic as Opaque, signing::sign, OriginCaller,
    RuntimeCall,
};
use pallet_myelin_governance::{Call as Governance, Origin};

use crate::{
    chain::{BlockTime, Chain, Fate},
    median, ms, world,
};

/// Accounts that vote in each block.
const VOTERS: u32 = 1_000;
/// Milliseconds of execution that as many votes may take in any block.
const GOAL_MS: f64 = 500.0;
/// Referenda, each with a vote of every account: as many as an account may vote on at a time.
const REFERENDA: u32 = 32;

/// Everybody votes on one referendum after another. The account's record grows with each vote.
pub fn run() {
    let state = world::prepare(|| {
        for voter in 0..VOTERS {
            let account = world::account(&world::signer(voter));
            world::fund(&account, 500);
            world::act(&account, Governance::lock { asset: Asset::Free, amount: 400 * TAO });
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
        "votes: {:.0} ms of execution for {VOTERS} (median), {slowest:.0} ms in the slowest block \
         (goal: under {GOAL_MS:.0} ms); weight of one {:.2} ms of reference time, and {refused} of {VOTERS} did not \
         fit into a block with the others",
        ms(median(times.iter().map(each).collect())) * f64::from(VOTERS),
        weight.ref_time() as f64 / 1e9,
    );
    assert!(slowest < GOAL_MS, "a goal was missed");
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
