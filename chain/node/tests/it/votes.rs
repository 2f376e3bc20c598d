//! Holders vote on the chain `governed` of four authorities: all nodes enact what was decided, elections
//! begin, and the chain goes on without a root key.

use frame_support::traits::{schedule::DispatchTime, Bounded};
use myelin_governance::{Asset, Kind, Multiplier};
use myelin_runtime::{
    constants::TAO,
    genesis::keys::{DevAccount, ALICE, BOB, CHARLIE},
    OriginCaller, Runtime, RuntimeCall,
};
use pallet_admin_utils::Call as Admin;
use pallet_myelin_election::{Call as Elections, Clock, EraClock};
use pallet_myelin_governance::{Call as Governance, Origin};
use pallet_network::SubnetLimit;
use pallet_referenda::{Call as Referenda, ReferendumCount};
use pallet_sudo::Call as Sudo;
use sp_runtime::codec::Encode;

use crate::{
    finality::agree_on,
    harness::{Node, Setup, PROGRESS},
    state::{batch, holds, raw, refused, send, stored},
};

const AUTHORITIES: [&str; 4] = ["--one", "--two", "--three", "--four"];
/// Holders that have two thirds of all TAO together.
const HOLDERS: [&DevAccount; 2] = [&ALICE, &BOB];
/// Blocks in which a transaction gets into one, with time to spare.
const SOON: u32 = 12;

fn set_limit(max_subnets: u16) -> RuntimeCall {
    Admin::<Runtime>::sudo_set_subnet_limit { max_subnets }.into()
}

/// The calls that propose the enactment of a call as referendum number `poll`.
fn propose(poll: u32, kind: Kind, call: RuntimeCall) -> [RuntimeCall; 2] {
    let enact = RuntimeCall::from(Governance::<Runtime>::enact { call: Box::new(call), registered: None });
    let proposal = Bounded::Inline(enact.encode().try_into().expect("these calls are short"));
    let proposal_origin = Box::new(OriginCaller::Governance(Origin(kind.id())));
    let enactment_moment = DispatchTime::After(0);
    let submit = Referenda::<Runtime>::submit { proposal_origin, proposal, enactment_moment };
    [submit.into(), Referenda::<Runtime>::place_decision_deposit { index: poll }.into()]
}

/// Root's key as text, which is null without one.
fn root_key(node: &Node) -> serde_json::Value {
    raw(node, None, &pallet_sudo::Key::<Runtime>::hashed_key())
}

#[test]
fn four_authorities_enact_votes_and_go_on_without_a_root_key() {
    let setups = AUTHORITIES.map(|flag| Setup::new("governed", &[flag]));
    let nodes = Setup::start_all(&setups);
    let [first, .., last] = &nodes[..] else { unreachable!("there are four") };
    first.wait_finalised(4);
    assert!(root_key(last).is_string(), "a network begins with a root key");

    let proposals = [
        propose(0, Kind::Parameters, set_limit(77)),
        propose(1, Kind::Authorities, Sudo::remove_key {}.into()),
        propose(2, Kind::Authorities, Elections::<Runtime>::switch_on {}.into()),
    ];
    send(first, &CHARLIE, batch(proposals.concat()));
    holds(last, "submitted three proposals", ReferendumCount::<Runtime>::hashed_key().to_vec(), 3_u32);
    for holder in HOLDERS {
        let vote = |poll| -> RuntimeCall {
            Governance::<Runtime>::vote { poll, aye: true, multiplier: Multiplier::One }.into()
        };
        let lock = Governance::<Runtime>::lock { asset: Asset::Free, amount: 900_000 * TAO };
        send(last, holder, batch(vec![lock.into(), vote(0), vote(1), vote(2)]));
    }
    for node in &nodes {
        holds(node, "enacted a limit", SubnetLimit::<Runtime>::hashed_key().to_vec(), 77_u16);
        node.wait("removed the root key", PROGRESS, |node| match root_key(node) {
            serde_json::Value::Null => Ok(()),
            key => Err(format!("it is {key}")),
        });
        node.wait("turned elections on", PROGRESS, |node| {
            let clock: Option<Clock> = stored(node, None, EraClock::<Runtime>::hashed_key().to_vec());
            clock.is_some_and(|clock| clock.on).then_some(()).ok_or_else(|| format!("{clock:?}"))
        });
    }

    // The key that was root's does nothing any more, and the chain goes on.
    let answer = refused(last, &ALICE, Sudo::<Runtime>::sudo { call: Box::new(set_limit(78)) });
    assert!(answer.contains("Invalid Transaction"), "{answer}");
    let number = first.best() + SOON;
    let all: Vec<&Node> = nodes.iter().collect();
    agree_on(&all, number);
    assert_eq!(stored::<u16>(first, None, SubnetLimit::<Runtime>::hashed_key().to_vec()), Some(77));
}
