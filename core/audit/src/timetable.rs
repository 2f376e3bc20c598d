//! The source block of a round, beside the timetables that the chain showed in the round's epoch.
//!
//! A validator places a round by the start of the epoch and the tempo, in the state of the block at which it looks.
//! Both may change within an epoch. Root's change of a tempo on a fast chain even moves the start back, so that a
//! source block lies in the epoch before. Only the validator knows at which block it looked, and it may look at any.
//! So a round is drawn by the timetable if some state of its epoch, not older than the source block, places it there.
//!
//! A liar may name any of these states, and gains little by it. The chain shows one timetable in an epoch, so each
//! round has one source block. Every change of the timetable within the epoch adds at most one. An honest validator
//! that looks before or after the change has the same two. Only root and the subnet's owner change a tempo. The owner's
//! change restarts the epoch, so all its source blocks lie ahead, and nobody knows their seeds yet. States of other
//! epochs do not count.

use std::collections::BTreeMap;

use myelin_units::{Block, NetUid};
use myelin_wire::seed::RoundPlan;

use crate::View;

/// The clock of a subnet in the state of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The epoch's number.
    pub epoch: u64,
    /// Start of the epoch, from which its rounds are counted.
    pub began: Block,
    /// Blocks of an epoch.
    pub tempo: u16,
}

impl Clock {
    /// Reads the state of a block.
    pub fn read(view: &View, netuid: NetUid) -> Self {
        let number = |item| view.of_subnet::<u64>(item, netuid).unwrap_or_default();
        Self {
            epoch: number("SubnetEpochIndex"),
            began: number("LastEpochBlock"),
            tempo: u16::try_from(view.parameter("Tempo", Some(netuid))).unwrap_or_default(),
        }
    }
}

/// A round, and the source block that its evidence names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedSource {
    /// Places of rounds in an epoch.
    pub plan: RoundPlan,
    /// The epoch.
    pub epoch: u64,
    /// The round.
    pub round: u16,
    /// Height of the source block.
    pub block: Block,
}

/// The result of a search, as far as states are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// A state of the epoch draws the round from the block.
    Drawn,
    /// No state of the epoch does.
    NotDrawn,
    /// The states of these blocks decide it. There is at least one, and none is known.
    Read(Vec<Block>),
}

impl NamedSource {
    /// Looks for a state that draws the round from the block, among those from the source block to `last`. `known` are
    /// the clocks of states that were read so far.
    ///
    /// Changes are narrowed down first, which takes few states. Before a round is called wrong, every state of the
    /// epoch is read: a timetable may have come and gone between two states that are alike. The order depends on
    /// nothing else, so a reader of a file asks for the states that its writer read.
    pub fn search(&self, known: &BTreeMap<Block, Clock>, last: Block) -> Search {
        if self.block == 0 || self.round >= self.plan.rounds {
            return Search::NotDrawn;
        }
        let states: Vec<(Block, Clock)> =
            known.range(self.block..).map(|(block, clock)| (*block, *clock)).collect();
        if states.iter().any(|(_, clock)| self.is_drawn_by(clock)) {
            return Search::Drawn;
        }
        let ends = [self.block, last];
        let mut wanted: Vec<Block> = ends.into_iter().filter(|block| !known.contains_key(block)).collect();
        wanted.dedup();
        if !wanted.is_empty() {
            return Search::Read(wanted);
        }
        let pairs = states.iter().zip(states.iter().skip(1));
        let gaps: Vec<(Block, Block, bool)> = pairs
            .filter(|((low, one), (high, other))| {
                high - low > 1 && (one.epoch..=other.epoch).contains(&self.epoch)
            })
            .map(|((low, one), (high, other))| (*low, *high, one == other))
            .collect();
        let narrowed = gaps.iter().filter(|(_, _, alike)| !alike);
        let mut wanted: Vec<Block> = narrowed.map(|(low, high, _)| between(*low, *high)).collect();
        if wanted.is_empty() {
            wanted = gaps.iter().flat_map(|(low, high, _)| low + 1..*high).collect();
        }
        match wanted.is_empty() {
            true => Search::NotDrawn,
            false => Search::Read(wanted),
        }
    }

    fn is_drawn_by(&self, clock: &Clock) -> bool {
        let source = self.plan.source_block(clock.began, clock.tempo, self.round);
        clock.epoch == self.epoch && source == Some(self.block)
    }
}

/// The block between two others whose number has the most zeros at the end of its binary form. Searches over
/// overlapping ranges meet there, so they share states. Needs `low + 1 < high`.
fn between(low: Block, high: Block) -> Block {
    let highest = high - 1;
    let shift = (low ^ highest).checked_ilog2().unwrap_or_default();
    (highest >> shift) << shift
}

#[cfg(test)]
mod tests;
