//! Elections of the five authorities: each one validates on a subnet, pledges TAO, and is a candidate with the keys of
//! its node.

use std::{collections::BTreeSet, time::Duration};

use frame_system::AccountInfo;
use myelin_election::{Candidacy, PerBillion, Rules, Standing};
use myelin_runtime::{
    constants::TAO,
    genesis::keys::{DevAccount, DevAuthority, ALICE, AUTHORITIES, DAVE},
    AccountId, Runtime, RuntimeCall,
};
use myelin_units::{TaoBalance, ROOT};
use pallet_admin_utils::Call as Admin;
use pallet_balances::AccountData;
use pallet_myelin_election::{Call as Elections, Candidacies};
use pallet_network::Call as Network;
use pallet_session::Validators;

use super::market::{Market, SUBNET};
use crate::{
    harness::{Node, PROGRESS},
    state::{batch, send, stored},
};

/// One seat less than there are candidates. Eras have 240 blocks, a minute.
const RULES: Rules =
    Rules { seats: 4, least_authorities: 3, least_quality: PerBillion::percent(1), ..Rules::fast() };
/// Rao that Alice sends to each candidate.
const MEANS: u64 = 3_000 * TAO;
/// TAO that each candidate puts on its hotkey on root.
const NOMINATED: TaoBalance = TaoBalance::from_tokens(500);
/// TAO that each candidate pledges, by place.
const PLEDGES: [u64; 5] = [60, 50, 40, 30, 20];
/// Limit for an election: two eras with one author of four away, on a busy machine.
const ELECTION: Duration = Duration::from_secs(300);
/// Final blocks in which each author has several turns.
const TURNS: u32 = 32;

const KEYS: &[DevAuthority; 4] = &AUTHORITIES;

/// The candidates by place. Each is coldkey and hotkey at once.
const CANDIDATES: [&DevAccount; 5] =
    [&KEYS[0].account, &KEYS[1].account, &KEYS[2].account, &KEYS[3].account, &DAVE];

/// Makes all five candidates, and turns elections on. They judge on the subnet that it returns.
pub fn stand(node: &Node) -> Market {
    let fund = |who: &DevAccount| -> RuntimeCall {
        pallet_balances::Call::<Runtime>::transfer_keep_alive { dest: who.id().into(), value: MEANS }.into()
    };
    send(node, &ALICE, batch(CANDIDATES.map(fund).to_vec()));
    node.wait("paid the candidates", PROGRESS, |node| {
        let key = frame_system::Account::<Runtime>::hashed_key_for(CANDIDATES[0].id());
        let account: Option<AccountInfo<u32, AccountData<u64>>> = stored(node, None, key);
        let free = account.map_or(0, |account| account.data.free);
        (free >= MEANS).then_some(()).ok_or_else(|| format!("{free} rao"))
    });
    let market = Market::open(node, &CANDIDATES);
    for (who, pledge) in CANDIDATES.into_iter().zip(PLEDGES) {
        let hotkey = who.id();
        let nominate =
            Network::<Runtime>::add_stake { hotkey: hotkey.clone(), netuid: ROOT, amount_staked: NOMINATED };
        let join = Elections::<Runtime>::join { hotkey, pledge: TaoBalance::from_tokens(pledge) };
        send(node, who, batch(vec![nominate.into(), join.into()]));
    }
    node.wait("taken the candidates", PROGRESS, |node| {
        let found: Vec<_> = (0..CANDIDATES.len()).map(|place| standing(node, place)).collect();
        let ready = found.iter().all(|standing| *standing == Some(Standing::Ready));
        ready.then_some(()).ok_or_else(|| format!("{found:?}"))
    });
    let emission = Admin::<Runtime>::sudo_set_subnet_emission_enabled { netuid: SUBNET, enabled: true };
    let rules = Elections::<Runtime>::set_rules { rules: RULES };
    let on = batch(vec![emission.into(), rules.into(), Elections::<Runtime>::switch_on {}.into()]);
    send(node, &ALICE, pallet_sudo::Call::<Runtime>::sudo { call: Box::new(on) });
    market
}

/// The standing of the candidate of a place in the best block, if it is one.
pub fn standing(node: &Node, place: usize) -> Option<Standing> {
    let key = Candidacies::<Runtime>::hashed_key_for(CANDIDATES[place].id());
    stored::<Candidacy>(node, None, key).map(|candidacy| candidacy.standing)
}

/// Waits until exactly the candidates of these places are in office in a final block.
pub fn holds_office(node: &Node, places: &[usize]) {
    let expected: BTreeSet<AccountId> = places.iter().map(|place| CANDIDATES[*place].id()).collect();
    node.wait(&format!("elected {places:?}"), ELECTION, |node| {
        let found = BTreeSet::from_iter(in_office(node, node.finalised()));
        (found == expected).then_some(()).ok_or_else(|| format!("in office: {found:?}"))
    });
}

/// The accounts in office at a block.
fn in_office(node: &Node, number: u32) -> Vec<AccountId> {
    let key = Validators::<Runtime>::hashed_key().to_vec();
    stored(node, Some(&node.hash(number)), key).expect("somebody is in office")
}

/// Waits for some final blocks more, and checks that each seat has written some of them, and nobody else.
pub fn all_write(node: &Node) {
    let first = node.finalised() + 1;
    node.wait_finalised(first + TURNS);
    let seats = in_office(node, first + TURNS).len() as u64;
    // Nodes refuse a block that is not by the author whose turn its slot is.
    let writers: BTreeSet<u64> = (first..first + TURNS).map(|number| node.slot(number) % seats).collect();
    assert_eq!(writers.len() as u64, seats, "of {seats} seats only {writers:?} write blocks");
}
