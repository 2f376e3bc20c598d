//! The equation of all TAO: where it came from equals where it is.
//!
//! The terms are totals that a chain keeps, and those of each subnet, so gathering them costs a few reads for each
//! subnet and none for each account. The chain answers with the terms ([`TaoEquation`]), and everybody compares them
//! with [`TaoEquation::differences`].
//!
//! | rule | formula |
//! |---|---|
//! | TAO was minted and not recycled | `genesis + minted − recycled = issuance ≤ cap` |
//! | the ledger of balances holds it | `issuance = ledger` |
//! | total stake is in pools and on root | `Σ SubnetTAO = TotalStake` |
//! | the network's accounts are part of it | `accounts of subnets + payments that wait + burned ≤ ledger` |
//! | accounts cover pools | `SubnetTAO ≤ account`, for each subnet |
//! | payments wait | `paid for subnets that wait ≤ their account` |
//! | every rao of alpha has a place | for each subnet: `outstanding = staked + protocol + pots + claims + unowned` |
//!
//! **What the equation does not cover.** A chain keeps no total of TAO on people's accounts, nor of collateral and
//! deposits on hold there. [`TaoEquation::with_people`] is the rest of the equation, so a shift between two people
//! stays unseen. An audit that reads every account finds it.

use alloc::vec::Vec;
use core::fmt;

use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};

use crate::issuance::{INITIAL_BLOCK_EMISSION_RAO, MAX_SUPPLY_RAO};

/// Most subnets whose terms an answer holds.
pub const MAX_UNBALANCED: usize = 16;

/// All TAO of a chain, by origin and by place, after one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "codec", derive(codec::Encode, codec::Decode, scale_info::TypeInfo))]
pub struct TaoEquation {
    /// TAO of the genesis state.
    pub genesis: TaoBalance,
    /// TAO minted by blocks since.
    pub minted: TaoBalance,
    /// TAO destroyed since.
    pub recycled: TaoBalance,
    /// TAO that exists, by the count of the network.
    pub issuance: TaoBalance,
    /// TAO that exists, by the count of the ledger of balances.
    pub ledger: TaoBalance,
    /// TAO in the pools of all subnets.
    pub pools: TaoBalance,
    /// TAO staked on root.
    pub root: TaoBalance,
    /// TAO in all pools and on root, by the network's count.
    pub total_stake: TaoBalance,
    /// TAO on the accounts of all subnets and of root.
    pub subnet_accounts: TaoBalance,
    /// Payments for subnets that wait for a number, as the queue names them.
    pub paid: TaoBalance,
    /// TAO on the account of these payments.
    pub waiting: TaoBalance,
    /// TAO on the account of burned TAO.
    pub burned: TaoBalance,
    /// The subnets whose own equations do not hold, at most [`MAX_UNBALANCED`].
    pub unbalanced: Vec<SubnetEquation>,
}

/// TAO and alpha of a subnet. The alpha of a subnet that is being removed has become claims, and its terms are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "codec", derive(codec::Encode, codec::Decode, scale_info::TypeInfo))]
pub struct SubnetEquation {
    /// Subnet.
    pub netuid: NetUid,
    /// TAO in its pool; on root, all TAO staked there.
    pub pool: TaoBalance,
    /// TAO on its account.
    pub held: TaoBalance,
    /// Alpha outside the pool.
    pub outstanding: AlphaBalance,
    /// Alpha on hotkeys.
    pub staked: AlphaBalance,
    /// Alpha of the protocol outside the pool.
    pub protocol: AlphaBalance,
    /// Alpha that waits for the next epoch.
    pub pots: AlphaBalance,
    /// Alpha that has accrued to root stakers.
    pub claims: AlphaBalance,
    /// Alpha of nobody: burned, or left over by roundings.
    pub unowned: AlphaBalance,
}

/// A broken rule, with its two sides in rao.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The rule.
    pub rule: &'static str,
    /// The subnet, where the rule is about one.
    pub netuid: Option<NetUid>,
    /// Left side.
    pub left: i128,
    /// Right side.
    pub right: i128,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, left, right, .. } = self;
        write!(f, "{rule}")?;
        if let Some(netuid) = self.netuid {
            write!(f, ", on subnet {netuid}")?;
        }
        write!(f, ": {left} rao against {right} rao, a difference of {}", left.saturating_sub(*right))
    }
}

/// Collects the rules that do not hold.
#[derive(Default)]
struct Findings {
    found: Vec<Difference>,
    netuid: Option<NetUid>,
}

impl Findings {
    fn equal(&mut self, rule: &'static str, left: i128, right: i128) {
        self.unless(left == right, rule, left, right);
    }

    fn at_most(&mut self, rule: &'static str, left: i128, right: i128) {
        self.unless(left <= right, rule, left, right);
    }

    fn unless(&mut self, holds: bool, rule: &'static str, left: i128, right: i128) {
        if !holds {
            self.found.push(Difference { rule, netuid: self.netuid, left, right });
        }
    }
}

fn tao(amount: TaoBalance) -> i128 {
    i128::from(amount.to_rao())
}

fn alpha(amount: AlphaBalance) -> i128 {
    i128::from(amount.to_rao())
}

impl TaoEquation {
    /// The rules that the terms break; none if the equation holds.
    pub fn differences(&self) -> Vec<Difference> {
        let mut rules = Findings::default();
        let made = tao(self.genesis) + tao(self.minted) - tao(self.recycled);
        rules.equal("TAO was minted and not recycled", made, tao(self.issuance));
        rules.at_most("TAO stays below the cap", tao(self.issuance), i128::from(MAX_SUPPLY_RAO));
        rules.equal("the ledger of balances holds the issuance", tao(self.issuance), tao(self.ledger));
        let reserves = tao(self.pools) + tao(self.root);
        rules.equal("total stake is in pools and on root", reserves, tao(self.total_stake));
        rules.at_most("the network's accounts are part of the ledger", self.networks(), tao(self.ledger));
        rules.at_most("payments for subnets wait", tao(self.paid), tao(self.waiting));
        let subnets = self.unbalanced.iter().flat_map(SubnetEquation::differences);
        rules.found.into_iter().chain(subnets).collect()
    }

    /// The rules that these terms break as those of a block `blocks` after `earlier`, under the same runtime: counts
    /// never fall, and a block mints at most one TAO.
    pub fn differences_since(&self, earlier: &Self, blocks: u64) -> Vec<Difference> {
        let mut rules = Findings::default();
        rules.equal("the TAO of genesis never changes", tao(self.genesis), tao(earlier.genesis));
        rules.at_most("the count of minted TAO never falls", tao(earlier.minted), tao(self.minted));
        rules.at_most("the count of recycled TAO never falls", tao(earlier.recycled), tao(self.recycled));
        let allowed = i128::from(blocks) * i128::from(INITIAL_BLOCK_EMISSION_RAO);
        rules.at_most("a block mints at most one TAO", tao(self.minted), tao(earlier.minted) + allowed);
        rules.found
    }

    /// TAO on people's accounts: free, reserved or on hold. It is the rest of the equation and has no total of its own;
    /// 0 if the equation is broken so that nothing is left.
    pub fn with_people(&self) -> TaoBalance {
        let rest = tao(self.ledger).saturating_sub(self.networks());
        TaoBalance::from_rao(u64::try_from(rest).unwrap_or(0))
    }

    /// TAO on all accounts of the network.
    fn networks(&self) -> i128 {
        tao(self.subnet_accounts) + tao(self.waiting) + tao(self.burned)
    }
}

impl SubnetEquation {
    /// The rules that the terms break; none if the equations of the subnet hold.
    pub fn differences(&self) -> Vec<Difference> {
        let mut rules = Findings { netuid: Some(self.netuid), ..Default::default() };
        rules.at_most("the account covers the pool", tao(self.pool), tao(self.held));
        let places = [self.staked, self.protocol, self.pots, self.claims, self.unowned];
        let placed = places.into_iter().map(alpha).sum();
        rules.equal("every rao of alpha has a place", alpha(self.outstanding), placed);
        if self.netuid == ROOT {
            rules.equal("root alpha is its TAO", alpha(self.outstanding), tao(self.pool));
        }
        rules.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rao(amount: u64) -> TaoBalance {
        TaoBalance::from_rao(amount)
    }

    fn sound() -> TaoEquation {
        TaoEquation {
            genesis: rao(1_000),
            minted: rao(500),
            recycled: rao(100),
            issuance: rao(1_400),
            ledger: rao(1_400),
            pools: rao(300),
            root: rao(200),
            total_stake: rao(500),
            subnet_accounts: rao(510),
            paid: rao(20),
            waiting: rao(25),
            burned: rao(5),
            unbalanced: Vec::new(),
        }
    }

    fn rules(found: &[Difference]) -> Vec<&'static str> {
        found.iter().map(|difference| difference.rule).collect()
    }

    #[test]
    fn sound_terms_have_no_differences_and_the_rest_is_with_people() {
        assert_eq!(sound().differences(), []);
        assert_eq!(sound().with_people(), rao(860));
    }

    /// A change of one term, and the rules that notice it.
    type Planted = (fn(&mut TaoEquation), &'static [&'static str]);

    #[test]
    fn one_rao_more_in_any_term_is_noticed_by_name() {
        const MADE: &str = "TAO was minted and not recycled";
        const HELD: &str = "the ledger of balances holds the issuance";
        const STAKE: &str = "total stake is in pools and on root";
        let planted: &[Planted] = &[
            (|terms| terms.genesis = rao(1_001), &[MADE]),
            (|terms| terms.minted = rao(501), &[MADE]),
            (|terms| terms.recycled = rao(101), &[MADE]),
            (|terms| terms.issuance = rao(1_401), &[MADE, HELD]),
            (|terms| terms.ledger = rao(1_401), &[HELD]),
            (|terms| terms.pools = rao(301), &[STAKE]),
            (|terms| terms.root = rao(201), &[STAKE]),
            (|terms| terms.total_stake = rao(501), &[STAKE]),
            (|terms| terms.subnet_accounts = rao(1_371), &["the network's accounts are part of the ledger"]),
            (|terms| terms.burned = rao(866), &["the network's accounts are part of the ledger"]),
            (|terms| terms.paid = rao(26), &["payments for subnets wait"]),
        ];
        for (plant, expected) in planted {
            let mut terms = sound();
            plant(&mut terms);
            assert_eq!(rules(&terms.differences()), *expected, "{terms:?}");
        }
    }

    #[test]
    fn more_than_the_cap_is_noticed() {
        let more = rao(MAX_SUPPLY_RAO + 1);
        let terms = TaoEquation { minted: more, issuance: more, ledger: more, ..Default::default() };
        assert_eq!(rules(&terms.differences()), ["TAO stays below the cap"]);
    }

    #[test]
    fn a_subnet_that_lacks_tao_or_alpha_is_named() {
        let whole = SubnetEquation {
            netuid: 3,
            pool: rao(10),
            held: rao(10),
            outstanding: AlphaBalance::from_rao(15),
            staked: AlphaBalance::from_rao(5),
            protocol: AlphaBalance::from_rao(4),
            pots: AlphaBalance::from_rao(3),
            claims: AlphaBalance::from_rao(2),
            unowned: AlphaBalance::from_rao(1),
        };
        assert_eq!(whole.differences(), []);
        let lost = SubnetEquation { held: rao(9), pots: AlphaBalance::ZERO, ..whole };
        let expected = ["the account covers the pool", "every rao of alpha has a place"];
        assert_eq!(rules(&lost.differences()), expected);
        let equation = TaoEquation { unbalanced: alloc::vec![lost], ..sound() };
        let told = alloc::string::ToString::to_string(&equation.differences()[1]);
        let rule = "every rao of alpha has a place, on subnet 3";
        assert_eq!(told, alloc::format!("{rule}: 15 rao against 12 rao, a difference of 3"));
        let root = SubnetEquation { netuid: ROOT, ..whole };
        assert_eq!(rules(&root.differences()), ["root alpha is its TAO"]);
    }

    #[test]
    fn counts_only_grow_and_a_block_mints_at_most_one_tao() {
        let mut later = sound();
        later.minted = rao(500 + 2 * INITIAL_BLOCK_EMISSION_RAO);
        assert_eq!(later.differences_since(&sound(), 2), []);
        assert_eq!(rules(&later.differences_since(&sound(), 1)), ["a block mints at most one TAO"]);
        assert_eq!(rules(&sound().differences_since(&later, 1)), ["the count of minted TAO never falls"]);
        later = TaoEquation { genesis: rao(999), recycled: rao(99), ..sound() };
        let expected = ["the TAO of genesis never changes", "the count of recycled TAO never falls"];
        assert_eq!(rules(&later.differences_since(&sound(), 1)), expected);
    }

    #[test]
    fn terms_at_the_limits_of_their_types_are_compared_without_overflow() {
        let most = TaoBalance::from_rao(u64::MAX);
        let terms =
            TaoEquation { recycled: most, pools: most, root: most, burned: most, ..Default::default() };
        assert_eq!(terms.differences().len(), 3);
        assert_eq!(terms.with_people(), TaoBalance::ZERO);
        assert_eq!(terms.differences_since(&Default::default(), u64::MAX), []);
    }
}
