//! Recomputed results beside those that the chain stored.

use std::collections::BTreeSet;
use std::fmt::Debug;

use myelin_abi::Account;
use myelin_units::{storage_index, AlphaBalance, MechId, Uid, U96F32};
use myelin_wire::ss58;
use myelin_wire::trie::storage_key;

use crate::gather::{Computed, Roll, Seat};
use crate::payout::{rate_of, shares_of, Paid};
use crate::View;

/// Most differences that are kept.
const MOST: usize = 64;

/// A value that does not follow from the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The storage item.
    pub field: &'static str,
    /// A uid or an account.
    pub subject: String,
    /// The recomputed value.
    pub expected: String,
    /// The value that the chain stored.
    pub found: String,
}

/// Counts of compared values, and the differences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Compared values by field, in the order of the rules.
    pub compared: Vec<(&'static str, usize)>,
    /// The first differences.
    pub differences: Vec<Difference>,
    /// All differences.
    pub different: usize,
    /// Neurons whose hotkey changed in the same block, and stakes that moved again in it: the two are not compared.
    pub replaced: usize,
    /// See [`Self::replaced`].
    pub moved: usize,
    /// Incentive of each uid on each mechanism, as recomputed.
    pub incentives: Vec<Vec<u16>>,
    /// Alpha that the epoch paid to neurons.
    pub paid: u64,
}

impl Findings {
    fn compare<V: PartialEq + Debug>(
        &mut self,
        field: &'static str,
        subject: impl FnOnce() -> String,
        (expected, found): (V, V),
    ) {
        match self.compared.iter_mut().find(|(known, _)| *known == field) {
            Some((_, count)) => *count += 1,
            None => self.compared.push((field, 1)),
        }
        if expected == found {
            return;
        }
        self.different += 1;
        if self.differences.len() < MOST {
            let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
            self.differences.push(Difference { field, subject: subject(), expected, found });
        }
    }
}

/// Compares everything that the epoch stored.
pub fn findings(before: &View, after: &View, roll: &Roll, computed: &Computed, paid: &Paid) -> Findings {
    let mut found = Findings::default();
    let replaced = replaced(after, roll);
    found.replaced = replaced.len();
    of_mechanisms(&mut found, after, roll, computed, &replaced);
    of_subnet(&mut found, after, roll, computed, &replaced);
    of_pay(&mut found, after, roll, paid);
    of_stakes(&mut found, (before, after), roll, paid);
    found.incentives = computed.mechanisms.iter().map(|(_, output)| output.incentive.clone()).collect();
    let earned = computed.total.server_emission.iter().chain(&computed.total.validator_emission);
    found.paid = earned.fold(0, |sum: u64, amount| sum.saturating_add(*amount));
    found
}

/// Uids that another hotkey has at the end of the block: a registration clears what the epoch stored.
fn replaced(after: &View, roll: &Roll) -> BTreeSet<Uid> {
    let seats: Vec<Seat> = after.of_subnet("SubnetRoster", roll.netuid).unwrap_or_default();
    let changed = |(uid, seat): (Uid, &Seat)| {
        let now = seats.get(usize::from(uid));
        now.is_none_or(|now| now.hotkey != seat.hotkey).then_some(uid)
    };
    (0..).zip(&roll.seats).filter_map(changed).collect()
}

fn of_mechanisms(
    found: &mut Findings,
    after: &View,
    roll: &Roll,
    computed: &Computed,
    replaced: &BTreeSet<Uid>,
) {
    for (mecid, (input, output)) in (0..MechId::MAX).zip(&computed.mechanisms) {
        let index = storage_index(roll.netuid, mecid);
        by_uid(found, after, ("Incentive", index), &output.incentive, replaced);
        let without = |row: &[(Uid, u16)]| -> Vec<(Uid, u16)> {
            row.iter().copied().filter(|(uid, _)| !replaced.contains(uid)).collect()
        };
        for (uid, row) in (0..).zip(&output.bonds) {
            let had = input.bonds.get(usize::from(uid)).is_some_and(|row| !row.is_empty());
            if replaced.contains(&uid) || (row.is_empty() && !had) {
                continue;
            }
            let stored: Vec<(Uid, u16)> = after.of_uid("Bonds", index, uid).unwrap_or_default();
            found.compare(
                "Bonds",
                || format!("uid {uid}, mechanism {mecid}"),
                (without(row), without(&stored)),
            );
        }
    }
}

fn of_subnet(found: &mut Findings, after: &View, roll: &Roll, computed: &Computed, replaced: &BTreeSet<Uid>) {
    let (total, netuid) = (&computed.total, roll.netuid);
    by_uid(found, after, ("Consensus", netuid), &total.consensus, replaced);
    by_uid(found, after, ("ValidatorTrust", netuid), &total.validator_trust, replaced);
    by_uid(found, after, ("Dividends", netuid), &total.dividends, replaced);
    by_uid(found, after, ("ValidatorPermit", netuid), &total.permits, replaced);
    by_uid(found, after, ("Active", netuid), &total.active, replaced);
    by_uid(found, after, ("StakeWeight", netuid), &total.stake_weight, replaced);
    by_uid(found, after, ("Emission", netuid), &total.emission, replaced);
}

fn by_uid<V: PartialEq + Debug + Copy + Default + codec::Decode>(
    found: &mut Findings,
    after: &View,
    (field, index): (&'static str, u16),
    expected: &[V],
    replaced: &BTreeSet<Uid>,
) {
    let stored: Vec<V> = after.of_subnet(field, index).unwrap_or_default();
    for (uid, expected) in (0..).zip(expected).filter(|(uid, _)| !replaced.contains(uid)) {
        let stored = stored.get(usize::from(uid)).copied().unwrap_or_default();
        found.compare(field, || format!("uid {uid}"), (*expected, stored));
    }
}

fn of_pay(found: &mut Findings, after: &View, roll: &Roll, paid: &Paid) {
    let netuid = roll.netuid;
    let dividends = [
        ("AlphaDividendsPerSubnet", &paid.alpha_dividends),
        ("RootAlphaDividendsPerSubnet", &paid.root_dividends),
    ];
    for (field, expected) in dividends {
        // Also hotkeys that should have none.
        let all: BTreeSet<Account> =
            roll.seats.iter().map(|seat| seat.hotkey).chain(expected.keys().copied()).collect();
        for hotkey in all {
            let stored: AlphaBalance = after.of_subnet_for(field, netuid, &hotkey.0).unwrap_or_default();
            let due = expected.get(&hotkey).copied().unwrap_or_default();
            found.compare(field, || ss58::encode(&hotkey.0), (due, stored));
        }
    }
    let burned: U96F32 = after.of_subnet("MinerBurned", netuid).unwrap_or_default();
    found.compare("MinerBurned", || format!("subnet {netuid}"), (paid.miner_burned, burned));
}

/// Whether events move stake and name only its coldkey: fees paid with alpha and claims of root dividends.
fn names_coldkeys_alone(events: &[u8]) -> bool {
    const NETWORK: u8 = 7;
    let is_one = |pallet, event| pallet == NETWORK && [115, 128].contains(&event);
    // A record begins with its phase: 0 and the number of the transaction, or 2 for the block's own work.
    let by_transaction =
        |record: &[u8]| matches!(record, [0, _, _, 0, 0, pallet, event] if is_one(*pallet, *event));
    let by_block = |record: &[u8]| matches!(record, [2, pallet, event] if is_one(*pallet, *event));
    events.windows(7).any(by_transaction) || events.windows(3).any(by_block)
}

/// Compares stakes. One that differs and is named by further events of the block moved again, and is left out.
fn of_stakes(found: &mut Findings, (before, after): (&View, &View), roll: &Roll, paid: &Paid) {
    let events = after.bytes(&storage_key("System", "Events", &[])).unwrap_or_default();
    let named = |account: &Account| {
        let seen = events.windows(32).filter(|window| *window == account.0).count();
        seen > paid.named.get(account).copied().unwrap_or_default()
    };
    let anybody = names_coldkeys_alone(&events);
    let netuid = roll.netuid;
    let seated = roll.seats.iter().map(|seat| seat.hotkey).filter(|hotkey| !paid.pools.contains_key(hotkey));
    let stake = |view: &View, hotkey: &Account| -> AlphaBalance {
        view.of_account_on("TotalHotkeyAlpha", &hotkey.0, netuid).unwrap_or_default()
    };
    let unpaid: Vec<_> = seated.map(|hotkey| (hotkey, stake(before, &hotkey))).collect();
    let values = paid.pools.iter().map(|(hotkey, pool)| (*hotkey, pool.value)).chain(unpaid);
    let mut check = |field, accounts: &[Account], pair: (String, String)| {
        if pair.0 != pair.1 && (anybody || accounts.iter().any(named)) {
            found.moved += 1;
            return;
        }
        let subject =
            || accounts.iter().map(|account| ss58::encode(&account.0)).collect::<Vec<_>>().join(" of ");
        found.compare(field, subject, pair);
    };
    for (hotkey, value) in values {
        check("TotalHotkeyAlpha", &[hotkey], (value.to_string(), stake(after, &hotkey).to_string()));
    }
    for (hotkey, pool) in &paid.pools {
        let stored: myelin_economy::shares::ShareFloat =
            after.of_account_on("TotalHotkeySharesV2", &hotkey.0, netuid).unwrap_or_default();
        check("TotalHotkeySharesV2", &[*hotkey], (shown(&pool.shares), shown(&stored)));
    }
    for ((hotkey, coldkey), shares) in &paid.holdings {
        let stored = shares_of(after, hotkey, coldkey, netuid);
        check("AlphaV2", &[*hotkey, *coldkey], (shown(shares), shown(&stored)));
    }
    for (hotkey, rate) in &paid.root_rates {
        let stored = rate_of(after, hotkey, netuid);
        check("RootClaimable", &[*hotkey], (format!("{rate:?}"), format!("{stored:?}")));
    }
}

fn shown(shares: &myelin_economy::shares::ShareFloat) -> String {
    format!("{}e{}", shares.mantissa(), shares.exponent())
}
