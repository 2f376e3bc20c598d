//! Random plans, then changes of the best one.

use super::world::{KeyPlan, OwnSubnet, Plan, Vote, OWN, SUBNETS};

/// Most keys of a plan.
const KEYS: u64 = 6;

/// Numbers that a seed fixes (splitmix64).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

/// The best plan of a search.
#[derive(Clone, Debug)]
pub struct Found {
    /// Weight of the party, with honest use of its stake as 1.
    pub own: f64,
    /// Its share of all weight, likewise.
    pub relative: f64,
    /// The plan with the highest share.
    pub plan: Plan,
}

/// Tries `budget` plans, in equal parts from each start: honest use, keys that hide their connection and fill own
/// subnets, and the best of random plans. Then the best of all is changed further. `judge` returns a plan's weight and
/// share, with honest use as 1; the highest share is looked for. `emission` is what can be bought, in percent.
pub fn search(seed: u64, budget: u32, emission: u32, judge: impl Fn(&Plan) -> (f64, f64)) -> Found {
    let mut random = Random(seed);
    let found = |mut plan: Plan| {
        limit(&mut plan, emission);
        let (own, relative) = judge(&plan);
        Found { own, relative, plan }
    };
    let better = |a: Found, b: Found| if b.relative >= a.relative { b } else { a };
    let part = budget / 5;
    let drawn = (0..part).map(|_| found(drawn(&mut random))).reduce(better);
    let starts = [Plan::honest(), Plan::hidden(2, emission), Plan::hidden(6, emission)].map(&found);
    let mut best = found(Plan::honest());
    for start in starts.into_iter().chain(drawn) {
        let climbed = climb(start, part / 2, &mut random, found);
        best = better(best, climbed);
    }
    climb(best, 2 * part, &mut random, found)
}

/// Changes a plan step by step, and keeps what is not worse.
fn climb(mut best: Found, steps: u32, random: &mut Random, found: impl Fn(Plan) -> Found) -> Found {
    for _ in 0..steps {
        let mut plan = best.plan.clone();
        (0..1 + random.below(6)).for_each(|_| change(&mut plan, random));
        let next = found(plan);
        if next.relative >= best.relative {
            best = next;
        }
    }
    best
}

fn drawn(random: &mut Random) -> Plan {
    let keys = 1 + random.below(KEYS);
    let keys = (0..keys).map(|_| key(random)).collect();
    let own = (0..random.below(OWN as u64 + 1)).map(|_| own(random)).collect();
    Plan { pledged: 5 + random.below(40) as u32, keys, own }
}

fn key(random: &mut Random) -> KeyPlan {
    KeyPlan {
        coldkey: random.below(KEYS) as u8,
        pledge: random.below(10) as u32,
        root: [0; 3].map(|_| random.below(10) as u32),
        on: (random.below(1 << SUBNETS) | random.below(1 << SUBNETS)) as u16,
        vote: vote(random),
    }
}

fn vote(random: &mut Random) -> Vote {
    match random.below(3) {
        0 => Vote::Honest,
        1 => Vote::Copy,
        _ => Vote::Agreed(random.below(2) as usize),
    }
}

fn own(random: &mut Random) -> OwnSubnet {
    OwnSubnet {
        emission: random.below(20) as u32,
        proof: random.below(2) == 0,
        owner: random.below(KEYS + 1) as u8,
    }
}

/// One small change.
fn change(plan: &mut Plan, random: &mut Random) {
    let count = plan.keys.len() as u64;
    let place = random.below(count) as usize;
    match random.below(11) {
        0 if count < KEYS => plan.keys.push(key(random)),
        1 if count > 1 => drop(plan.keys.remove(place)),
        2 => plan.keys[place].coldkey = random.below(KEYS) as u8,
        3 => plan.keys[place].pledge = random.below(10) as u32,
        4 => plan.keys[place].root[random.below(3) as usize] = random.below(10) as u32,
        5 => plan.keys[place].on ^= 1 << random.below(SUBNETS as u64),
        6 => plan.keys[place].vote = vote(random),
        7 => plan.pledged = 5 + random.below(40) as u32,
        8 if plan.own.len() < OWN => plan.own.push(own(random)),
        9 if !plan.own.is_empty() => drop(plan.own.pop()),
        _ => plan.keys[place].on = (1 << SUBNETS) - 1,
    }
}

/// Keeps bought emission within its limit; what is over is cut from the last subnets.
fn limit(plan: &mut Plan, emission: u32) {
    let mut left = emission;
    for own in &mut plan.own {
        own.emission = own.emission.min(left);
        left -= own.emission;
    }
}
