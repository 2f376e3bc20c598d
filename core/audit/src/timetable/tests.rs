use codec::Encode;
use myelin_wire::trie::{build, storage_key, Hasher::Identity};
use proptest::prelude::*;

use super::*;
use crate::view::NETWORK;

const PLAN: RoundPlan = RoundPlan { rounds: 3, span_permille: 750 };

fn clock(epoch: u64, began: Block, tempo: u16) -> Clock {
    Clock { epoch, began, tempo }
}

fn named(epoch: u64, round: u16, block: Block) -> NamedSource {
    NamedSource { plan: PLAN, epoch, round, block }
}

/// A chain's clocks: each from a block on, ascending.
#[derive(Debug)]
struct Chain(Vec<(Block, Clock)>);

impl Chain {
    fn at(&self, block: Block) -> Clock {
        self.0.iter().rev().find(|(from, _)| *from <= block).expect("the chain has begun").1
    }

    /// Searches to the end. Returns the result, and the states that were read.
    fn search(&self, named: &NamedSource, last: Block) -> (bool, Vec<Block>) {
        let (mut known, mut read) = (BTreeMap::new(), Vec::new());
        loop {
            match named.search(&known, last) {
                Search::Drawn => return (true, read),
                Search::NotDrawn => return (false, read),
                Search::Read(blocks) => {
                    assert!(!blocks.is_empty(), "a search that reads nothing never ends");
                    for block in blocks {
                        assert!((named.block..=last).contains(&block), "{block}");
                        assert_eq!(known.insert(block, self.at(block)), None, "{block} was known");
                        read.push(block);
                    }
                }
            }
        }
    }
}

/// Epochs of 20 blocks; in block 110 root sets a tempo of 60, which moves the start of epoch 5 back to 66, before its
/// real one.
fn moved_back() -> Chain {
    Chain(vec![
        (80, clock(4, 80, 20)),
        (100, clock(5, 100, 20)),
        (110, clock(5, 66, 60)),
        (126, clock(6, 126, 60)),
        (186, clock(7, 186, 60)),
    ])
}

#[test]
fn a_round_is_judged_by_the_timetable_that_its_validator_saw_after_root_changed_the_tempo() {
    let chain = moved_back();
    // In block 110 a validator sees that round 2 is due, from block 66 + 1 + 45 · 2 / 3.
    let honest = named(5, 2, 97);
    assert_eq!(PLAN.source_block(66, 60, 2), Some(97));
    // The state of that block belongs to the epoch before, and draws nothing from it with either tempo.
    let Clock { epoch, began, .. } = chain.at(97);
    assert_eq!(epoch, 4);
    assert!([20, 60].iter().all(|tempo| PLAN.source_block(began, *tempo, 2) != Some(97)));
    for last in [125, 185] {
        let (drawn, read) = chain.search(&honest, last);
        assert!(drawn && read.len() < 20, "{read:?}");
    }
    // A validator that looked before the change drew by the old timetable.
    assert!(chain.search(&named(5, 1, 106), 185).0);
}

#[test]
fn a_liar_has_one_source_block_for_each_timetable_of_the_epoch() {
    let chain = moved_back();
    let of = |epoch, round| -> Vec<Block> {
        (81..185).filter(|block| chain.search(&named(epoch, round, *block), 185).0).collect()
    };
    assert_eq!((of(5, 0), of(5, 1), of(5, 2)), (vec![101], vec![82, 106], vec![97]));
    // Of the old timetable block 111 came after the change, when no state drew round 2 from it any longer.
    assert_eq!(PLAN.source_block(100, 20, 2), Some(111));
    assert_eq!((of(6, 0), of(6, 1), of(6, 2)), (vec![127], vec![142], vec![157]));
}

#[test]
fn before_a_round_is_called_wrong_every_state_of_its_epoch_is_read() {
    // The tempo is 40 in three blocks alone, between states that are alike.
    let changes =
        [(1, clock(3, 1, 20)), (13, clock(3, 1, 40)), (16, clock(3, 1, 20)), (21, clock(4, 21, 20))];
    let chain = Chain(changes.to_vec());
    assert_eq!(PLAN.source_block(1, 40, 1), Some(12));
    assert!(chain.search(&named(3, 1, 12), 60).0);
    let (drawn, mut read) = chain.search(&named(3, 1, 13), 60);
    read.sort_unstable();
    assert!(!drawn && read.starts_with(&(13..=21).collect::<Vec<_>>()), "{read:?}");
    assert!(read.len() < 20, "states of the next epoch decide nothing: {read:?}");
}

#[test]
fn what_no_timetable_names_is_wrong_without_a_look() {
    let none = BTreeMap::new();
    assert_eq!(
        named(3, 1, 0).search(&none, 60),
        Search::NotDrawn,
        "the state always names the hash of block 0"
    );
    assert_eq!(named(3, PLAN.rounds, 12).search(&none, 60), Search::NotDrawn);
    assert_eq!(named(3, 1, 12).search(&none, 60), Search::Read(vec![12, 60]));
}

#[test]
fn a_clock_is_read_from_the_state() {
    let key = |item| storage_key(NETWORK, item, &[(Identity, &2u16.to_le_bytes())]);
    let state = BTreeMap::from([
        (key("SubnetEpochIndex"), 5u64.encode()),
        (key("LastEpochBlock"), 66u64.encode()),
        (key("Tempo"), 60u16.encode()),
    ]);
    let (root, proof) = build(&state);
    let view = View::new(root, &proof);
    assert_eq!(Clock::read(&view, 2), clock(5, 66, 60));
    assert!(view.is_complete());
}

/// Clocks, each for some blocks: whether it begins an epoch, by how far its start lies back, and its tempo.
fn chains() -> impl Strategy<Value = Chain> {
    let clocks = prop::collection::vec((1u64..12, any::<bool>(), 0u64..12, 0u16..24), 1..10);
    clocks.prop_map(|clocks| {
        let (mut block, mut epoch): (Block, u64) = (1, 0);
        let of = |(blocks, begins, back, tempo): (Block, bool, Block, u16)| {
            epoch += u64::from(begins);
            let clock = (block, clock(epoch, block.saturating_sub(back), tempo));
            block += blocks;
            clock
        };
        Chain(clocks.into_iter().map(of).collect())
    })
}

proptest! {
    #[test]
    fn the_search_finds_what_reading_every_state_finds(
        chain in chains(), by in any::<prop::sample::Index>(), round in 0u16..4, off in 0u64..3, after in 0u64..20,
    ) {
        let last = chain.0.last().map(|(from, _)| from + after).unwrap_or_default();
        let Clock { epoch, began, tempo } = chain.0[by.index(chain.0.len())].1;
        let block = PLAN.source_block(began, tempo, round).unwrap_or(began) + off;
        let named = named(epoch, round, block.clamp(1, last));
        let every = (named.block..=last).any(|block| named.is_drawn_by(&chain.at(block)));
        prop_assert_eq!(chain.search(&named, last).0, every);
    }

    #[test]
    fn a_block_between_two_others_is_between_them(low in any::<u32>(), more in 2u64..5_000) {
        let (low, high) = (Block::from(low), Block::from(low) + more);
        let middle = between(low, high);
        prop_assert!(low < middle && middle < high);
        let zeros = (low + 1..high).map(Block::trailing_zeros).max();
        prop_assert_eq!(zeros, Some(middle.trailing_zeros()));
    }
}
