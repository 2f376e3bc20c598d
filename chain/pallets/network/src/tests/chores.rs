//! Work without a signer: all of it together takes a part of a block, and each kind of it progresses.

use super::mock::*;
use crate::{
    chores::{self, Allowance},
    costs::{self, Signer},
    epoch::EpochClock,
    keys::KeyOwnership,
    ledger::TaoLedger,
    pallet::*,
    pools::PoolReserves,
    removal::SubnetRemoval,
    stake::{Delegation, RootClaims, StakeLedger},
    subnets::NetworkSettings,
};
use frame_support::weights::Weight;
use myelin_economy::pool::Terms;
use myelin_units::{NetUid, ROOT};

/// Waiting work of each kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Waiting {
    children: usize,
    claims: usize,
    holdings: usize,
    nominations: usize,
}

impl Waiting {
    const NOTHING: Self = Self { children: 0, claims: 0, holdings: 0, nominations: 0 };
}

/// Much work of every kind: `many` changes of children, claims of one coldkey, holdings on a subnet that is removed,
/// and nominations that are too small on another one.
struct Backlog {
    stays: NetUid,
    goes: NetUid,
    many: u16,
}

impl Backlog {
    fn of(many: u16) -> Self {
        let [stays, goes] = [1, 2].map(|owner| subnet().owned_by(owner).started().with_neurons(1).create());
        let keys = || 1_000..1_000 + many;
        for i in keys() {
            KeyOwnership::<Test>::claim(&coldkey(1), &hotkey(i));
            TaoLedger::<Test>::pay_to_subnet(&coldkey(9), ROOT, tao(10)).expect("rich enough");
            PoolReserves::<Test>::buy(ROOT, tao(10), Terms::FREE).expect("root has a price of 1");
            StakeLedger::<Test>::increase(&hotkey(i), &coldkey(9), ROOT, alpha(10)).expect("worth a share");
            PoolReserves::<Test>::mint_out(stays, alpha(1));
            accrue_root(&hotkey(i), stays, alpha(1));
            for (netuid, holder, amount) in [(goes, 8, alpha(1)), (stays, 7, 1_000.into())] {
                StakeLedger::<Test>::increase(&hotkey(i), &coldkey(holder), netuid, amount)
                    .expect("worth it");
                PoolReserves::<Test>::mint_out(netuid, amount);
            }
            Delegation::<Test>::file_pending(&hotkey(i), stays, vec![(1, hotkey(10_000 + i))], 1);
        }
        SubnetRemoval::<Test>::dissolve(goes).expect("it exists");
        NetworkSettings::<Test>::set_nominator_min_required_stake(1_000_000);
        NumRootClaim::<Test>::put(1);
        Self { stays, goes, many }
    }

    fn waiting(&self) -> Waiting {
        let keys = || (1_000..1_000 + self.many).map(hotkey);
        let holds = |holder: u8, netuid: NetUid| {
            keys().filter(|hotkey| StakeLedger::<Test>::is_holder(hotkey, &coldkey(holder), netuid)).count()
        };
        let owed = |hotkey: &AccountId| RootClaims::<Test>::owed_to(hotkey, &coldkey(9), self.stays);
        Waiting {
            children: PendingChildKeys::<Test>::iter_key_prefix(self.stays).count(),
            claims: keys().filter(|hotkey| owed(hotkey) > 1.into()).count(),
            holdings: holds(8, self.goes),
            nominations: holds(7, self.stays),
        }
    }
}

/// Blocks in which other work took `taken`, until nothing waits; the cost of each, and the work waiting after it.
fn work_off(backlog: &Backlog, taken: Weight) -> Vec<(Weight, Waiting)> {
    let mut blocks = Vec::new();
    while backlog.waiting() != Waiting::NOTHING {
        assert!(blocks.len() < 1_000, "{:?}", backlog.waiting());
        let now = System::block_number() + 1;
        System::set_block_number(now);
        let cost = chores::run::<Test>(now.into(), taken);
        check_invariants();
        blocks.push((cost, backlog.waiting()));
    }
    blocks
}

/// The largest step that a chore does at once in these tests.
fn largest_step(netuid: NetUid) -> Weight {
    [
        costs::register_network::<Test>(Signer::ANY),
        costs::replace_children::<Test>(netuid, &[(1, hotkey(1))]),
        costs::trade::<Test>(netuid),
        costs::claim_hotkey::<Test>(2).saturating_add(costs::root_growth::<Test>(2)),
    ]
    .into_iter()
    .fold(Weight::zero(), |most, step| most.max(step))
}

#[test]
fn what_nobody_signs_shares_a_quarter_of_a_block_and_all_of_it_gets_done() {
    on_fast_chain(|| {
        let backlog = Backlog::of(800);
        EpochClock::<Test>::consume(backlog.stays, u64::from(System::block_number()) + 1);
        let limit = costs::chores::<Test>(Weight::zero());
        let blocks = work_off(&backlog, Weight::zero());
        let most = limit.saturating_add(largest_step(backlog.stays));
        for (cost, left) in &blocks {
            assert!(cost.all_lte(most), "{cost} of {limit} with {left:?} left");
        }
        assert!(blocks.len() > 3, "it was more than a few blocks can do");
    });
}

#[test]
fn every_kind_of_work_goes_on_within_six_blocks_however_much_there_is_of_the_others() {
    on_fast_chain(|| {
        let backlog = Backlog::of(400);
        EpochClock::<Test>::consume(backlog.stays, u64::from(System::block_number()) + 1);
        let all = costs::chores::<Test>(Weight::zero()).saturating_mul(4);
        let mut before = backlog.waiting();
        for round in work_off(&backlog, all).chunks(6) {
            let after = round.last().expect("a round has blocks").1;
            let goes_on = |before: usize, after: usize| before == 0 || after < before;
            assert!(goes_on(before.children, after.children), "{before:?} {after:?}");
            assert!(goes_on(before.claims, after.claims), "{before:?} {after:?}");
            assert!(goes_on(before.nominations, after.nominations), "{before:?} {after:?}");
            // A removal first collects all holdings and then pays them.
            before = after;
        }
    });
}

#[test]
fn chores_give_way_to_epochs_down_to_an_eighth_of_a_block() {
    on_fast_chain(|| {
        let room = |taken| costs::chores::<Test>(Weight::from_parts(taken, 0)).ref_time();
        let quarter = room(0);
        let (eighth, block) = (quarter / 2, quarter * 4);
        assert_eq!(room(quarter), quarter);
        assert_eq!([room(3 * eighth), room(block / 2), room(block)], [eighth; 3]);
        for taken in (0..=3).map(|eighths| eighths * eighth) {
            assert!(taken + room(taken) <= block / 2, "{taken} of {block}");
        }
    });
}

#[test]
fn only_the_first_chore_of_a_block_takes_a_step_that_is_too_large() {
    on_chain(|| {
        let (room, large) = (Weight::from_parts(10, 0), Weight::from_parts(11, 0));
        let mut allowance = Allowance::<Test>::new(0, room);
        assert_eq!(allowance.points(), 1);
        assert!(allowance.try_spend(large));
        assert_eq!((allowance.points(), allowance.left(), allowance.spent()), (0, Weight::zero(), large));
        assert!(!allowance.try_spend(Weight::from_parts(1, 0)));
    });
}
