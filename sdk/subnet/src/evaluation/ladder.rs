//! Pay for artefacts: each level of quality belongs to the miner that reached it first.
//!
//! Three things must not increase pay: running one program under many keys, cutting an improvement into many small
//! steps, and copying published work. So the pay is for the *rise* of the best. Entries are taken in the order in which
//! they were committed, and each is worth its rise above the best before it. The sum over any division of the same work
//! is the same, and a copy adds nothing.
//!
//! A miner that improves its own artefact keeps the old one's place for the old one's level (a *rung*), as long as the
//! new artefact still reaches that level. Otherwise improving would give the place away to copies of the published
//! artefact. For that purpose the old artefact is still judged, because only on the same tasks can luck be told from
//! quality.
//!
//! **What a level is worth.** The worth of quality `q` is `log2(1 / (1 - q))`: each halving of the remaining error is
//! worth the same, so going from 0.95 to 0.99 pays more than twice as much as from 0.5 to 0.75.

use myelin_wire::{record::Ppm, AccountId};

/// Condition under which an entry counts as better than the best before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LadderRule {
    /// Rounds over which entries are compared, at most [`WINDOW`]. An entry that has not been judged in all of them
    /// waits: means over different rounds would differ by the luck of their tasks.
    pub window: usize,
    /// Part of the remaining error that an improvement must remove, so that luck in the draw of tasks is not paid as
    /// progress.
    pub margin: Ppm,
}

impl Default for LadderRule {
    fn default() -> Self {
        Self { window: 9, margin: Ppm::new(20_000) }
    }
}

/// Level that one artefact of a miner reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Block of the commitment.
    pub since: u64,
    /// Its mean over the window.
    pub level: Ppm,
}

/// Most rounds over which entries are compared.
pub const WINDOW: usize = 32;

/// Most replaced artefacts of one miner that stay in the competition; each is run like a current one.
pub const RUNGS: usize = 4;

/// One miner on the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Climber {
    /// Its number.
    pub uid: u16,
    /// Its key.
    pub hotkey: AccountId,
    /// Levels of its artefacts that have been judged long enough.
    pub rungs: Vec<Rung>,
    /// Level of its current artefact; `None` while that is too new to be judged.
    pub now: Option<Ppm>,
}

/// Pay of each climber, in millionths of a bit, by uid.
pub fn climb(climbers: &[Climber], rule: &LadderRule) -> Vec<(u16, u64)> {
    let mut steps: Vec<(u64, AccountId, Ppm, usize)> = Vec::new();
    for (index, climber) in climbers.iter().enumerate() {
        let most = climber.now.unwrap_or(Ppm::ONE);
        let step = |rung: &Rung| (rung.since, climber.hotkey, rung.level.min(most), index);
        steps.extend(climber.rungs.iter().map(step));
    }
    steps.sort_unstable();
    let mut pay = vec![0u64; climbers.len()];
    let mut best: Option<(Ppm, usize)> = None;
    for (_, _, level, index) in steps {
        let (top, holder) = best.map_or((Ppm::ZERO, index), |best| best);
        // A miner needs no margin over its own level.
        let needed = match holder == index {
            true => top,
            false => Ppm::new(top.get() + rule.margin.of(top.rest()).get()),
        };
        if level > top && level >= needed {
            pay[index] += worth(level) - worth(top);
            best = Some((level, index));
        }
    }
    let mut pay: Vec<(u16, u64)> = climbers.iter().map(|climber| climber.uid).zip(pay).collect();
    pay.sort_unstable();
    pay
}

/// The weights of a ladder: in proportion to pay, 65535 for the largest. Empty if nobody is paid.
pub fn weigh_ladder(climbers: &[Climber], rule: &LadderRule) -> Vec<(u16, u16)> {
    let pay = climb(climbers, rule);
    let most = pay.iter().map(|(_, pay)| *pay).max().unwrap_or_default();
    if most == 0 {
        return Vec::new();
    }
    let weight = |pay: u64| (u128::from(pay) * 65_535 / u128::from(most)) as u16;
    pay.into_iter().map(|(uid, pay)| (uid, weight(pay))).collect()
}

/// `log2(1 / (1 - level))` in millionths, at most that of one error in 4,096.
pub fn worth(level: Ppm) -> u64 {
    const MOST: u64 = 12_000_000;
    match u64::from(level.rest().get()) {
        0 => MOST,
        rest => log2_millionths(1_000_000, rest).min(MOST),
    }
}

/// `log2(whole / part)` in millionths for `0 < part <= whole`: the whole bits by halving, the rest bit by bit by
/// squaring.
pub fn log2_millionths(whole: u64, part: u64) -> u64 {
    const ONE: u128 = 1 << 60;
    let mut ratio = u128::from(whole) * ONE / u128::from(part);
    let mut bits = 0u64;
    while ratio >= 2 * ONE {
        ratio /= 2;
        bits += 1;
    }
    // 24 binary digits after the point are finer than a millionth.
    let mut fraction = 0u64;
    for _ in 0..24 {
        // Below 2^61 before squaring; 30 bits are dropped from each factor, so that the product has room.
        let root = ratio >> 30;
        ratio = root * root;
        fraction *= 2;
        if ratio >= 2 * ONE {
            ratio /= 2;
            fraction += 1;
        }
    }
    bits * 1_000_000 + fraction * 1_000_000 / (1 << 24)
}

#[cfg(test)]
mod tests;
