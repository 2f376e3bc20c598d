//! A network of honest validators, and a party's plan in it.

use myelin_election::{
    measure::{by_agreement, by_proofs},
    panel::{Member, Panel},
    pass::{entry_of, Reading},
    PerBillion, Qualities, Rules,
};
use myelin_units::TaoBalance;

use super::search::Random;
use crate::moves::overlaps;

/// TAO of the honest validators, in thousands: pledges and nominations.
const SIZES: [u64; 12] = [200, 150, 120, 100, 90, 80, 70, 60, 50, 40, 25, 15];
/// TAO of all honest validators. A tenth of each is pledged.
pub const HONEST_TAO: u64 = 1_000_000;
/// Emission of the honest subnets, in hundredths.
const EMISSIONS: [u32; 8] = [30, 20, 15, 10, 10, 8, 5, 2];
/// Miners of a subnet.
const MINERS: usize = 6;
/// Most subnets of the party's own.
pub const OWN: usize = 4;
/// Subnets that a key may join, the honest ones first.
pub const SUBNETS: usize = EMISSIONS.len() + OWN;

/// Votes of a key. Where proof is demanded, only honest work is proven, or anything on a subnet of the party's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    /// By its own, inexact judgement.
    Honest,
    /// By the exact judgement that others scatter around.
    Copy,
    /// All for one miner.
    Agreed(usize),
}

/// A key of the party. Amounts are parts of the party's whole, by the sum over its keys.
#[derive(Clone, Debug)]
pub struct KeyPlan {
    /// Number of its coldkey. Numbers that differ cannot be connected.
    pub coldkey: u8,
    /// Part of the pledges.
    pub pledge: u32,
    /// PerBillion of the nominations: at the epochs, at the pass before, at the pass.
    pub root: [u32; 3],
    /// Subnets that it validates on, a bit for each.
    pub on: u16,
    /// Its votes.
    pub vote: Vote,
}

/// A subnet of the party's own.
#[derive(Clone, Debug)]
pub struct OwnSubnet {
    /// Its emission, in hundredths of all.
    pub emission: u32,
    /// Whether it demands proof.
    pub proof: bool,
    /// Number of the owner's coldkey.
    pub owner: u8,
}

/// All that a party does.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Part of its TAO that is pledged, in percent.
    pub pledged: u32,
    /// Its keys.
    pub keys: Vec<KeyPlan>,
    /// Its subnets.
    pub own: Vec<OwnSubnet>,
}

impl Plan {
    /// One key that judges honestly on all subnets.
    pub fn honest() -> Self {
        let on = (1 << EMISSIONS.len()) - 1;
        let key = KeyPlan { coldkey: 0, pledge: 1, root: [1; 3], on, vote: Vote::Honest };
        Self { pledged: 10, keys: vec![key], own: Vec::new() }
    }

    /// Keys of as many coldkeys that judge honestly on all subnets and fill one of their own, which has all the
    /// emission that can be bought.
    pub fn hidden(keys: u8, emission: u32) -> Self {
        let on = (1 << (EMISSIONS.len() + 1)) - 1;
        let key = |coldkey| KeyPlan { coldkey, pledge: 1, root: [1; 3], on, vote: Vote::Honest };
        let own = OwnSubnet { emission, proof: true, owner: u8::MAX - 200 };
        Self { pledged: 10, keys: (0..keys).map(key).collect(), own: vec![own] }
    }

    /// The plan in a line.
    pub fn summary(&self) -> String {
        let mut coldkeys: Vec<_> = self.keys.iter().map(|key| key.coldkey).collect();
        coldkeys.sort_unstable();
        coldkeys.dedup();
        let votes: Vec<_> = self.keys.iter().map(|key| key.vote).collect();
        let own: Vec<_> = self.own.iter().map(|own| (own.emission, own.proof)).collect();
        let (keys, coldkeys) = (self.keys.len(), coldkeys.len());
        format!("{keys} keys, {coldkeys} coldkeys, {}% pledged, own {own:?}, votes {votes:?}", self.pledged)
    }

    /// The part of a whole that each key gets by these parts.
    fn divided(&self, whole: u64, part: impl Fn(&KeyPlan) -> u32) -> Vec<u64> {
        let all: u64 = self.keys.iter().map(|key| u64::from(part(key))).sum::<u64>().max(1);
        self.keys.iter().map(|key| whole * u64::from(part(key)) / all).collect()
    }
}

/// Rows of weights of all honest validators.
pub struct World {
    rows: Vec<Vec<Vec<u16>>>,
    exact: Vec<Vec<u16>>,
    /// The party's own judgement on each subnet, which scatters as others do.
    judged: Vec<Vec<u16>>,
}

/// Whether an honest subnet demands proof.
fn demands_proof(subnet: usize) -> bool {
    subnet % 2 == 1
}

/// Whether an honest validator is on an honest subnet: small ones leave out small subnets.
fn is_on(validator: usize, subnet: usize) -> bool {
    validator + subnet < SIZES.len()
}

fn rao(tao: u64) -> TaoBalance {
    TaoBalance::from_tokens(tao)
}

fn backing(validator: usize) -> u64 {
    SIZES[validator] * 1_000 * 9 / 10
}

impl World {
    /// A world whose judgements are drawn by `seed`, with errors of up to 30 %.
    pub fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let exact: Vec<Vec<u16>> = (0..EMISSIONS.len())
            .map(|_| (0..MINERS).map(|_| 2_000 + random.below(8_000) as u16).collect())
            .collect();
        let mut scatter = |row: &Vec<u16>| -> Vec<u16> {
            row.iter().map(|weight| (u64::from(*weight) * (70 + random.below(61)) / 100) as u16).collect()
        };
        let rows = exact.iter().map(|row| (0..SIZES.len()).map(|_| scatter(row)).collect()).collect();
        let judged = exact.iter().map(&mut scatter).collect();
        Self { rows, exact, judged }
    }

    /// Root stake of honest validators on an honest subnet, in TAO, as a mean by emission.
    pub fn honest_backing() -> f64 {
        let there = |subnet: usize| -> u64 {
            (0..SIZES.len()).filter(|place| is_on(*place, subnet)).map(backing).sum()
        };
        let weighed = EMISSIONS.iter().enumerate();
        weighed.map(|(subnet, emission)| f64::from(*emission) / 100.0 * there(subnet) as f64).sum()
    }

    /// The best quality that a party with this TAO can reach if it buys this part of the emission, in parts of 10⁻¹⁸:
    /// measure 1 everywhere, all its TAO as backing on every subnet.
    pub fn best_quality(tao: u64, bought: f64) -> f64 {
        let (tao, all) = (tao as f64, (HONEST_TAO * 9 / 10 + tao) as f64);
        // Bought emission comes out of that of all others.
        ((Self::honest_backing() + tao) / all * (1.0 - bought) + bought * tao / all) * 1e18
    }

    /// The summed weight of the party's candidates, the best of each coldkey, and that of all honest candidates.
    pub fn weights(&self, plan: &Plan, tao: u64) -> (f64, f64) {
        let pledged = tao * u64::from(plan.pledged.min(100)) / 100;
        let roots = [0, 1, 2].map(|time| plan.divided(tao - pledged, |key| key.root[time]));
        let pledges = plan.divided(pledged, |key| key.pledge);
        let bought: u32 = plan.own.iter().map(|own| own.emission).sum();
        let left = 100 - bought.min(100);
        let honest = (0..EMISSIONS.len()).map(|subnet| self.panel(subnet, plan, &roots[0], left));
        let own = plan.own.iter().enumerate().map(|(place, own)| own_panel(place, own, plan, &roots[0]));
        let network = rao(roots[0].iter().sum::<u64>() + HONEST_TAO * 9 / 10);
        let panels: Vec<_> = honest.chain(own).map(|panel| Panel { network, ..panel }).collect();
        let qualities = Qualities::new(&panels);
        let rules = Rules {
            least_pledge: rao(0),
            least_stake: rao(0),
            least_quality: PerBillion::ZERO,
            ..Rules::production()
        };
        let weight = |hotkey: [u8; 32], pledge, nominations, before| {
            let [pledge, nominations, before] = [pledge, nominations, before].map(rao);
            let reading =
                Reading { hotkey, coldkey: hotkey, serial: 0, pledge, nominations, before, ready: true };
            entry_of(&reading, qualities.of(&hotkey), &rules).map_or(0.0, |entry| entry.weight as f64)
        };
        let theirs = (0..SIZES.len())
            .map(|place| weight(theirs(place), SIZES[place] * 100, backing(place), backing(place)));
        let theirs = theirs.sum();
        let mut best = [0.0f64; 256];
        for (place, key) in plan.keys.iter().enumerate() {
            let found = weight(ours(place), pledges[place], roots[2][place], roots[1][place]);
            let best = &mut best[usize::from(key.coldkey)];
            *best = best.max(found);
        }
        (best.iter().sum(), theirs)
    }

    /// The panel of an honest subnet.
    fn panel(&self, subnet: usize, plan: &Plan, root: &[u64], left: u32) -> Panel {
        let honest: Vec<usize> = (0..SIZES.len()).filter(|place| is_on(*place, subnet)).collect();
        let joined: Vec<usize> =
            (0..plan.keys.len()).filter(|key| plan.keys[*key].on >> subnet & 1 == 1).collect();
        let measures = if demands_proof(subnet) {
            let proven = |key: &usize| match plan.keys[*key].vote {
                Vote::Honest => PerBillion::ONE,
                Vote::Copy | Vote::Agreed(_) => PerBillion::ZERO,
            };
            // Each eleventh proof of the fourth validator fails.
            let usual = |place: &usize| by_proofs(if *place == 3 { 0xFBFD } else { u16::MAX });
            honest.iter().map(usual).chain(joined.iter().map(proven)).collect()
        } else {
            self.agreement(subnet, plan, root, &honest, &joined)
        };
        let members = honest.iter().map(|place| (theirs(*place), theirs(*place), backing(*place)));
        let members = members
            .chain(joined.iter().map(|key| (ours(*key), coldkey(plan.keys[*key].coldkey), root[*key])));
        let members = members.zip(measures).map(|((hotkey, coldkey, tao), measure)| Member {
            hotkey,
            coldkey,
            backing: rao(tao),
            measure,
        });
        let emission = PerBillion::from_parts(EMISSIONS[subnet] * left * 100_000);
        Panel { emission, members: members.collect(), ..Panel::default() }
    }

    /// Measures by the agreement that the rule of the epoch finds.
    fn agreement(
        &self,
        subnet: usize,
        plan: &Plan,
        root: &[u64],
        honest: &[usize],
        joined: &[usize],
    ) -> Vec<PerBillion> {
        let mut rows: Vec<Vec<u16>> = honest.iter().map(|place| self.rows[subnet][*place].clone()).collect();
        rows.extend(joined.iter().map(|key| match plan.keys[*key].vote {
            Vote::Honest => self.judged[subnet].clone(),
            Vote::Copy => self.exact[subnet].clone(),
            Vote::Agreed(miner) => (0..MINERS).map(|place| u16::from(place == miner)).collect(),
        }));
        let stakes: Vec<u64> =
            honest.iter().map(|place| backing(*place)).chain(joined.iter().map(|key| root[*key])).collect();
        let holders = honest.iter().map(|place| *place as u32);
        let holders: Vec<u32> =
            holders.chain(joined.iter().map(|key| 100 + u32::from(plan.keys[*key].coldkey))).collect();
        measures(&rows, &stakes, &holders)
    }
}

/// The panel of a subnet of the party's own, where its keys agree with each other and have its own miners' proofs.
fn own_panel(place: usize, own: &OwnSubnet, plan: &Plan, root: &[u64]) -> Panel {
    let joined: Vec<usize> =
        (0..plan.keys.len()).filter(|key| plan.keys[*key].on >> (EMISSIONS.len() + place) & 1 == 1).collect();
    let measures = if own.proof || joined.is_empty() {
        vec![PerBillion::ONE; joined.len()]
    } else {
        let rows = vec![vec![1; MINERS]; joined.len()];
        let stakes: Vec<u64> = joined.iter().map(|key| root[*key]).collect();
        let holders: Vec<u32> = joined.iter().map(|key| plan.keys[*key].coldkey.into()).collect();
        measures(&rows, &stakes, &holders)
    };
    let members = joined.iter().zip(measures).map(|(key, measure)| Member {
        hotkey: ours(*key),
        coldkey: coldkey(plan.keys[*key].coldkey),
        backing: rao(root[*key]),
        measure,
    });
    let emission = PerBillion::percent(own.emission);
    let (owner, members) = (Some(coldkey(own.owner)), members.collect());
    Panel { emission, owner, members, ..Panel::default() }
}

fn measures(rows: &[Vec<u16>], stakes: &[u64], holders: &[u32]) -> Vec<PerBillion> {
    let (found, typical) = overlaps(rows, stakes, holders);
    found.iter().map(|overlap| by_agreement(*overlap, typical)).collect()
}

fn theirs(place: usize) -> [u8; 32] {
    [place as u8 + 1; 32]
}

fn ours(place: usize) -> [u8; 32] {
    [place as u8 + 100; 32]
}

fn coldkey(number: u8) -> [u8; 32] {
    [number + 200; 32]
}
