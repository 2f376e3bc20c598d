//! A pass over many candidates, and the change of the set that follows from it.

use std::time::Duration;

use codec::Encode;
use myelin_election::{change_limit, rules::MOST_SEATS, Member, Panel, PerBillion, Rules, Seat};
use myelin_runtime::{AccountId, Runtime, RuntimeCall, RuntimeOrigin, SessionKeys};
use myelin_units::{TaoBalance, ROOT};
use pallet_myelin_election::{Call as Elections, Clock, EraClock, History, PanelBook, Step};
use pallet_network::{Call as Network, Tempo};
use sp_runtime::traits::Dispatchable;

use crate::{
    chain::{BlockTime, Chain},
    median, ms, world,
};

const CANDIDATES: u32 = 10_000;
/// Subnets: as many as a new chain has room for beside its first.
const SUBNETS: u16 = 127;
/// Candidates that judge on each subnet. A candidate judges on three or four.
const JUDGES: u32 = 256;
/// Milliseconds of execution that any block of a pass, or one that changes the set, may take.
const GOAL_MS: f64 = 100.0;
/// Blocks in which a pass and the change of the set have to end.
const MOST_BLOCKS: usize = 600;

/// Turns elections on, and watches the blocks until the set changes. The next pass is far away then.
pub fn run() {
    let chain = Chain::begin("elections", world::prepare(prepare), world::SLOT_MS);
    let validators = frame_support::storage::storage_prefix(b"Session", b"Validators");
    let office = || chain.value::<Vec<AccountId>>(&validators).unwrap_or_default();
    let clock = || chain.value::<Clock>(&EraClock::<Runtime>::hashed_key()).unwrap_or_default();
    let (mut quiet, mut passing, first) = (Vec::new(), Vec::new(), office());
    let mut before = clock().step;
    // The set changes some blocks after the pass; nothing is done meanwhile.
    let changing = (0..MOST_BLOCKS).find_map(|_| {
        let (time, _) = chain.block(&[]);
        let now = clock().step;
        match (std::mem::replace(&mut before, now), now) {
            _ if office() != first => return Some(time),
            (Step::Waiting, Step::Waiting) => quiet.push(time),
            _ => passing.push(time),
        }
        None
    });
    let changing = changing.expect("a candidate takes a seat");
    let joined = office().iter().filter(|who| !first.contains(who)).count();
    assert_eq!(first.len(), MOST_SEATS as usize, "a full set was in office");
    assert_eq!(joined, change_limit(first.len()), "as many as may are replaced");
    let executed = |blocks: &[BlockTime], of: fn(Vec<Duration>) -> Duration| {
        ms(of(blocks.iter().map(BlockTime::execution).collect()))
    };
    let most = |times: Vec<Duration>| times.into_iter().max().unwrap_or_default();
    println!(
        "elections: a pass over {CANDIDATES} candidates with judges on {SUBNETS} subnets takes {} blocks; execution of \
         a block {:.1} ms (median), {:.1} ms at most (goal: under {GOAL_MS:.0} ms); a block that replaces {joined} of \
         {MOST_SEATS} authorities {:.1} ms, without either {:.1} ms",
        passing.len(),
        executed(&passing, median),
        executed(&passing, most),
        ms(changing.execution()),
        executed(&quiet, median),
    );
    assert!(executed(&passing, most).max(ms(changing.execution())) < GOAL_MS, "a goal was missed");
}

/// Candidates with pledges, root stake and session keys, of whom many judge.
fn prepare() {
    let netuids = world::subnets(SUBNETS, 8, 4, 360);
    // An epoch would replace the panels.
    netuids.iter().for_each(|netuid| Tempo::<Runtime>::insert(netuid, 0));
    let rules = Rules {
        era: 250,
        report_window: 10_000,
        seats: MOST_SEATS,
        least_authorities: 1,
        least_pledge: TaoBalance::from_tokens(1),
        least_stake: TaoBalance::from_tokens(1),
        least_quality: PerBillion::ZERO,
        ..Rules::production()
    };
    by_root(Elections::set_rules { rules });
    for number in 0..CANDIDATES {
        let (coldkey, hotkey) = (account("coldkey", number), account("hotkey", number));
        world::fund(&coldkey, 20);
        world::act(&coldkey, Network::try_associate_hotkey { hotkey: hotkey.clone() });
        let amount_staked = TaoBalance::from_tokens(5);
        world::act(&coldkey, Network::add_stake { hotkey: hotkey.clone(), netuid: ROOT, amount_staked });
        let pledge = TaoBalance::from_rao(1_000_000_000 + u64::from(number));
        world::act(&coldkey, Elections::join { hotkey: hotkey.clone(), pledge });
        pallet_session::NextKeys::<Runtime>::insert(&hotkey, keys(&hotkey));
    }
    begin_office();
    for (place, netuid) in netuids.iter().enumerate() {
        let first = place as u32 * JUDGES;
        let judge = |number| Member {
            hotkey: account("hotkey", number % CANDIDATES).into(),
            coldkey: account("coldkey", number % CANDIDATES).into(),
            backing: TaoBalance::from_tokens(5),
            measure: PerBillion::percent(50 + number % 50),
        };
        let members = (first..first + JUDGES).map(judge).collect();
        PanelBook::<Runtime>::epoch_ended(*netuid, Panel { members, ..Panel::default() }, true);
    }
    by_root(Elections::switch_on {});
}

/// Puts a full set in office. None of its members is a candidate.
fn begin_office() {
    let set: Vec<AccountId> = (0..MOST_SEATS).map(|number| account("author", number)).collect();
    let queued: Vec<_> = set.iter().map(|who| (who.clone(), keys(who))).collect();
    let seat = |who: &AccountId| {
        let raw: [u8; 32] = who.clone().into();
        Seat { hotkey: raw, aura: raw, grandpa: raw }
    };
    for (who, keys) in &queued {
        pallet_session::NextKeys::<Runtime>::insert(who, keys);
    }
    let aura: Vec<_> = queued.iter().map(|(_, keys)| keys.aura.clone()).collect();
    frame_support::storage::unhashed::put(
        &frame_support::storage::storage_prefix(b"Aura", b"Authorities"),
        &aura,
    );
    pallet_session::Validators::<Runtime>::put(&set);
    pallet_session::QueuedKeys::<Runtime>::put(queued);
    History::<Runtime>::changes(0, set.iter().map(seat).collect());
}

/// Keys of a node, which are not used.
fn keys(hotkey: &AccountId) -> SessionKeys {
    let key: [u8; 32] = hotkey.clone().into();
    let (aura, grandpa) = (sp_core::sr25519::Public::from_raw(key), sp_core::ed25519::Public::from_raw(key));
    SessionKeys { aura: aura.into(), grandpa: grandpa.into() }
}

fn account(kind: &str, number: u32) -> AccountId {
    AccountId::from(sp_io::hashing::blake2_256(&(b"myelin bench candidate", kind, number).encode()))
}

fn by_root(call: impl Into<RuntimeCall>) {
    if let Err(refused) = call.into().dispatch(RuntimeOrigin::root()) {
        panic!("the preparation failed: {:?}", refused.error);
    }
}
