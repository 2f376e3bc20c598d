//! The committee as a multisig account: its signatories act together, and none of them alone.

use frame_support::dispatch::GetDispatchInfo;
use pallet_multisig::{Call as Joint, Error as JointError, Multisigs};
use pallet_myelin_governance::Delays;

use super::*;
use crate::Multisig;

/// Signatories whose approval an act needs.
const THRESHOLD: u16 = 2;

/// The signatories, in the order that the pallet of multisig accounts asks for.
fn signatories() -> Vec<AccountId> {
    let mut all = vec![DAVE.id(), EVE.id(), FERDIE.id()];
    all.sort();
    all
}

fn others(who: &AccountId) -> Vec<AccountId> {
    signatories().into_iter().filter(|other| other != who).collect()
}

/// The account that the signatories share; nobody has its key.
fn committee() -> AccountId {
    Multisig::multi_account_id(&signatories(), THRESHOLD)
}

/// Approves an act of the committee for one of its signatories. The last approval that it needs makes the call.
fn approve(who: &AccountId, act: &Governance<Runtime>) -> Result<(), DispatchError> {
    let call = Box::new(RuntimeCall::from(act.clone()));
    let max_weight = call.get_dispatch_info().call_weight;
    let approval = Joint::<Runtime>::as_multi {
        threshold: THRESHOLD,
        other_signatories: others(who),
        maybe_timepoint: Multisigs::<Runtime>::iter_prefix_values(committee()).next().map(|open| open.when),
        call,
        max_weight,
    };
    made(who, approval)
}

#[test]
fn two_signatories_delay_a_referendum_as_the_committee_and_one_alone_does_not() {
    on_chain(|| {
        let named = Governance::set_committee { committee: Some(committee()) };
        carry(propose(Kind::Authorities.id(), named, None));
        assert_eq!(enacted(blocks(WHOLE * DAY)), Ok(()));
        let poll = propose(Kind::Parameters.id(), set_limit(77), None);
        carry(poll);
        // It was approved a day ago, and is due in two.
        assert!(blocks(7 * DAY).is_empty());
        let delay = Governance::<Runtime>::delay { poll, blocks: u64::from(2 * DAY) };
        for who in signatories() {
            let call = Box::new(RuntimeCall::from(delay.clone()));
            let alone = Joint::<Runtime>::as_multi_threshold_1 { other_signatories: others(&who), call };
            assert_noop!(made(&who, delay.clone()), Error::<Runtime>::NotTheCommittee);
            assert_noop!(made(&who, alone), Error::<Runtime>::NotTheCommittee);
        }
        assert_ok!(approve(&DAVE.id(), &delay));
        assert_noop!(approve(&DAVE.id(), &delay), JointError::<Runtime>::AlreadyApproved);
        assert!(Delays::<Runtime>::get().is_empty());
        assert_ok!(approve(&EVE.id(), &delay));
        assert!(Delays::<Runtime>::get().iter().any(|(delayed, _)| *delayed == poll));
        assert_eq!(Balances::reserved_balance(DAVE.id()), 0);
        assert!(blocks(3 * DAY).is_empty());
        assert_ne!(pallet_network::SubnetLimit::<Runtime>::get(), 77);
        assert_eq!(enacted(blocks(2 * DAY)), Ok(()));
        assert_eq!(pallet_network::SubnetLimit::<Runtime>::get(), 77);
    });
}
