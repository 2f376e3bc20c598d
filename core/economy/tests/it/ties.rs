//! Bit for bit, over time: links of families, locks through a takeover, collateral from lock to withdrawal.

use myelin_economy::childkeys::{check_children, lent, room_for, with_link, Kin, MAX_PARENTS};
use myelin_economy::collateral::{forfeit, is_recent, Bond, CollateralError, Requirement};
use myelin_economy::conviction::{can_change_hands, LockKind, LockRates, LockState, Tally};
use myelin_units::{AlphaBalance, Block, TaoBalance, U64F64};
use proptest::prelude::*;

use crate::arbitrary::*;
use crate::reference::{self, children::Links, collateral::Deed, collateral::History};

mod families {
    use super::*;

    fn share() -> impl Strategy<Value = u64> {
        prop_oneof![2 => 0..u64::MAX / 4, 1 => proportion()]
    }

    proptest! {
        #[test]
        fn a_loan_is_its_twin(holding in holding(), share in proportion(), tao_weight in proportion()) {
            prop_assert_eq!(lent(&holding, share, tao_weight), reference::children::lent(&holding, share, tao_weight));
        }

        #[test]
        fn a_list_of_children_is_refused_like_its_twin(
            hotkey in 0u8..7,
            children in prop::collection::vec((share(), 0u8..7), 0..8),
            parents in prop::collection::vec(0u8..7, 0..3),
        ) {
            let fast = check_children(&hotkey, &children, &parents).err().map(|error| error.name());
            prop_assert_eq!(fast, reference::children::refused(hotkey, &children, &parents));
        }

        #[test]
        fn room_for_a_parent_is_its_twin(newcomer in few(), mut loans in prop::collection::vec(few(), 60..66), full: bool) {
            if full {
                loans.truncate(MAX_PARENTS);
            }
            prop_assert_eq!(room_for(newcomer, &loans), reference::children::room(newcomer, &loans));
        }

        /// Links made one by one where the rule allows it are exactly those that leave the subnet legal; both sides
        /// keep lists.
        #[test]
        fn links_are_made_like_their_twin(wishes in prop::collection::vec((0u8..9, 0u8..9, share()), 0..60)) {
            let mut links = Links::default();
            let mut lists = vec![(Vec::new(), Vec::new()); 9];
            for (parent, child, share) in wishes {
                let (lender, borrower) = (lists[usize::from(parent)].clone(), lists[usize::from(child)].clone());
                let lender = Kin { hotkey: &parent, children: &lender.0, parents: &lender.1 };
                let borrower = Kin { hotkey: &child, children: &borrower.0, parents: &borrower.1 };
                let wished = links.and(parent, child, share);
                prop_assert_eq!(lender.may_lend(share, &borrower), wished.legal(), "{} to {}", parent, child);
                if wished.legal() {
                    links = wished;
                    let side = &mut lists[usize::from(parent)].0;
                    *side = with_link(std::mem::take(side), child, Some(share));
                    let side = &mut lists[usize::from(child)].1;
                    *side = with_link(std::mem::take(side), parent, Some(share));
                } else if let Some(at) = links.0.iter().position(|link| (link.0, link.1) == (parent, child)) {
                    // Asked for twice: the link ends.
                    links.0.remove(at);
                    let side = &mut lists[usize::from(parent)].0;
                    *side = with_link(std::mem::take(side), child, None);
                    let side = &mut lists[usize::from(child)].1;
                    *side = with_link(std::mem::take(side), parent, None);
                }
                for (hotkey, (children, parents)) in (0..).zip(&lists) {
                    prop_assert_eq!(children, &links.children(hotkey));
                    prop_assert_eq!(parents, &links.parents(hotkey));
                }
            }
        }

        #[test]
        fn parents_are_as_many_as_root_has_members(already in 0u8..70) {
            let parents: Vec<(u64, u8)> = (100..100 + already.min(64)).map(|parent| (1, parent)).collect();
            let child = Kin { hotkey: &1, children: &[], parents: &parents };
            let parent = Kin { hotkey: &2, children: &[], parents: &[] };
            let links = Links(parents.iter().map(|(share, parent)| (*parent, 1, *share)).collect());
            prop_assert_eq!(parent.may_lend(1, &child), links.and(2, 1, 1).legal());
        }
    }
}

mod locks {
    use super::*;

    /// Time between two looks at a lock.
    fn pause() -> impl Strategy<Value = u64> {
        prop_oneof![0u64..3, 0u64..400_000, amount()]
    }

    proptest! {
        #[test]
        fn a_lock_for_a_former_owner_is_its_twin(
            state in lock(),
            ended in prop_oneof![few(), 0u64..10_000_000],
            later in pause(),
            rates in lock_rates(),
            perpetual: bool,
        ) {
            let kind = LockKind { perpetual, owner: false };
            for now in [ended.saturating_add(later), later] {
                let fast = state.after_ownership(Some(ended), rates, perpetual).rolled(now, rates, kind);
                prop_assert_eq!(fast, reference::locks::after_takeover(&state, ended, now, rates, perpetual));
            }
            prop_assert_eq!(state.after_ownership(None, rates, perpetual), state);
        }

        /// Looked at any number of times, before and after a takeover, a lock and its conviction are those of the twin.
        #[test]
        fn a_lock_through_a_takeover_is_its_twin(
            start in lock(),
            before in prop::collection::vec(pause(), 0..4),
            after in prop::collection::vec(pause(), 0..4),
            rates in lock_rates(),
            perpetual: bool,
            ascends: bool,
        ) {
            let (mut fast, mut twin, mut now) = (start, start, start.last_update);
            for (pauses, owner) in [(before, !ascends), (after, ascends)] {
                let kind = LockKind { perpetual, owner };
                for pause in pauses {
                    now = now.saturating_add(pause);
                    fast = fast.rolled(now, rates, kind);
                    twin = reference::locks::rolled(&twin, now, rates, kind);
                    prop_assert_eq!(fast, twin);
                    if owner {
                        prop_assert_eq!(fast.conviction, U64F64::from_int(fast.locked_mass.to_rao()));
                    }
                }
            }
        }

        /// A king's locks count in full from the takeover on, those of its predecessor no less than before.
        #[test]
        fn after_a_takeover_the_king_is_its_twin(
            masses in prop::collection::vec((0u64..1_000_000_000_000, any::<bool>()), 1..5),
            age in 2_629_799u64..2_700_000,
            alpha_out in 0u64..40_000_000_000_000,
        ) {
            let rates = LockRates::default();
            let locks: Vec<(u8, LockState, bool)> = (0..)
                .zip(&masses)
                .map(|(key, (mass, perpetual))| {
                    let locked_mass = AlphaBalance::from_rao(*mass);
                    (key, LockState { locked_mass, ..LockState::default() }, *perpetual)
                })
                .collect();
            let convictions: Vec<(u8, U64F64)> = locks
                .iter()
                .map(|(key, lock, perpetual)| {
                    let kind = LockKind { perpetual: *perpetual, owner: false };
                    (*key, reference::locks::rolled(lock, age, rates, kind).conviction)
                })
                .collect();
            let king = reference::locks::king(&convictions, alpha_out, 0, age);
            let mut tally = Tally::default();
            for (key, lock, perpetual) in &locks {
                let kind = LockKind { perpetual: *perpetual, owner: false };
                tally.count(*key, lock.rolled(age, rates, kind).conviction);
            }
            let alpha_out = AlphaBalance::from_rao(alpha_out);
            let fast = can_change_hands(alpha_out, 0, age).then(|| tally.king(alpha_out)).flatten();
            prop_assert_eq!(fast, king);
        }

        /// A sum rolls like its parts, up to a rao of mass and the last bits of conviction.
        #[test]
        fn two_locks_as_one_roll_like_the_two(
            a in 0u64..1 << 50, b in 0u64..1 << 50, elapsed in 0u64..5_000_000, rates in lock_rates(), perpetual: bool,
        ) {
            // Faster rates leave the range of U64F64 on the way.
            let rates = LockRates { unlock: rates.unlock.max(1_000), maturity: rates.maturity.max(1_000) };
            let lock = |mass: u64| LockState {
                locked_mass: mass.into(),
                conviction: U64F64::from_int(mass / 3),
                last_update: 5,
            };
            let kind = LockKind { perpetual, owner: false };
            let roll = |lock: LockState| lock.advanced(5 + elapsed, rates, kind);
            let (one, parts) = (roll(lock(a).joined(&lock(b))), roll(lock(a)).joined(&roll(lock(b))));
            let masses = one.locked_mass.to_rao().abs_diff(parts.locked_mass.to_rao());
            prop_assert!(masses <= 1, "{masses}");
            let convictions = one.conviction.to_bits().abs_diff(parts.conviction.to_bits());
            prop_assert!(convictions <= 1 << 32, "{convictions}");
            prop_assert_eq!(one.last_update, parts.last_update);
        }
    }
}

mod collateral {
    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Require(u64, u32),
        Do(Deed),
    }

    fn tao_amount() -> impl Strategy<Value = u64> {
        prop_oneof![
            4 => (1u64..60).prop_map(|tenths| tenths * 100_000_000),
            1 => prop::sample::select(vec![0, 1, 99_999_999, 1_000_000_000_000_000, 1_000_000_000_000_001]),
            1 => amount(),
        ]
    }

    fn step() -> impl Strategy<Value = Step> {
        let unbonding =
            prop_oneof![4 => 600u32..700, 1 => prop::sample::select(vec![0, 599, 216_000, 216_001])];
        prop_oneof![
            2 => (tao_amount(), unbonding).prop_map(|(rao, unbonding)| Step::Require(rao, unbonding)),
            // The requirement of the subnet is filled in when its turn comes.
            3 => tao_amount().prop_map(|rao| Step::Do(Deed::Lock { rao, asked: 0, unbonding: 0 })),
            2 => Just(Step::Do(Deed::AskBack)),
            2 => Just(Step::Do(Deed::Withdraw)),
            2 => (0u64..900).prop_map(|source| Step::Do(Deed::Report { source })),
        ]
    }

    proptest! {
        #[test]
        fn a_requirement_is_its_twin(rao in tao_amount(), unbonding in prop_oneof![500u32..700, 215_900u32..216_100, any::<u32>()]) {
            let fast = Requirement::new(TaoBalance::from_rao(rao), unbonding);
            prop_assert_eq!(fast.map(|_| ()), reference::collateral::may_ask(rao, unbonding));
            if let Ok(requirement) = fast {
                prop_assert_eq!(requirement.amount.to_rao(), rao);
                prop_assert_eq!(requirement.unbonding, if rao == 0 { 0 } else { unbonding });
            }
        }

        #[test]
        fn what_is_forfeited_is_its_twin(amount in amount()) {
            let fast = forfeit(TaoBalance::from_rao(amount));
            prop_assert_eq!((fast.reward.to_rao(), fast.recycled.to_rao()), reference::collateral::forfeit(amount));
        }

        /// A bond at every step equals the result of its whole history.
        #[test]
        fn a_bond_is_its_twin_after_every_step(
            steps in prop::collection::vec((step(), prop_oneof![0u64..4, 290u64..310, 590u64..710]), 1..30),
        ) {
            let (mut requirement, mut now) = (Requirement::default(), 10);
            let (mut bond, mut history) = (None::<Bond>, History::default());
            for (step, pause) in steps {
                now += pause;
                match step {
                    Step::Require(rao, unbonding) => {
                        if let Ok(new) = Requirement::new(TaoBalance::from_rao(rao), unbonding) {
                            requirement = new;
                        }
                    }
                    Step::Do(deed) => {
                        let deed = match deed {
                            Deed::Lock { rao, .. } => {
                                Deed::Lock { rao, asked: requirement.amount.to_rao(), unbonding: requirement.unbonding }
                            }
                            Deed::Report { source } => Deed::Report { source: (now + 5).saturating_sub(source) },
                            other => other,
                        };
                        let fast = act(&mut bond, deed, &requirement, now);
                        prop_assert_eq!(fast, history.try_do(deed, now), "{:?} in block {}", deed, now);
                    }
                }
                prop_assert_eq!(bond.map_or(0, |bond| bond.amount.to_rao()), history.amount());
                prop_assert_eq!(bond.map(|bond| bond.since), history.since());
                prop_assert_eq!(bond.and_then(|bond| bond.leaves), history.leaves());
                let backed = bond.is_some_and(|bond| bond.backs(&requirement));
                prop_assert_eq!(backed, history.backs(requirement.amount.to_rao()));
            }
        }

        #[test]
        fn recent_is_an_hour_ago_at_most(source in 0u64..1_000, now in 0u64..1_000) {
            prop_assert_eq!(is_recent(source, now), (1..=300).any(|blocks| source + blocks == now));
        }
    }

    /// One deed, done with the crate's functions; a report that does not fit answers `Staying`, as the twin does.
    fn act(
        bond: &mut Option<Bond>,
        deed: Deed,
        requirement: &Requirement,
        now: Block,
    ) -> Option<Result<(), CollateralError>> {
        let next = match (deed, *bond) {
            (Deed::Lock { rao, .. }, existing) => {
                Bond::lock(existing, TaoBalance::from_rao(rao), requirement, now).map(Some)
            }
            (_, None) => return None,
            (Deed::AskBack, Some(bond)) => bond.unbond(now).map(Some),
            (Deed::Withdraw, Some(bond)) => bond.ensure_free(now).map(|()| None),
            (Deed::Report { source }, Some(bond)) if bond.answers_for(source, now) => Ok(None),
            (Deed::Report { .. }, Some(_)) => Err(CollateralError::Staying),
        };
        Some(next.map(|next| *bond = next))
    }
}
