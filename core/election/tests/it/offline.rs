//! False alarms and power of the rule for absent authors, by exact binomial tails.

use myelin_election::offline::least_blocks;

/// Probability that an author with this part of its `share` turns kept makes fewer than `least` blocks.
fn fewer(share: u64, kept: f64, least: u64) -> f64 {
    // Terms by their logarithms, since the least are far below the smallest number.
    let logarithm = |n: u64| (1..=n).map(|i| (i as f64).ln()).sum::<f64>();
    let term = |k: u64| {
        let ways = logarithm(share) - logarithm(k) - logarithm(share - k);
        (ways + k as f64 * kept.ln() + (share - k) as f64 * (1.0 - kept).ln()).exp()
    };
    (0..least).map(term).sum()
}

#[test]
fn honest_authors_are_called_away_once_in_a_billion_eras() {
    // Production: 7,200 blocks by 4 to 128 authors; a fast chain: 240 by 4 and 8.
    for (blocks, seats) in [(7_200, 4), (7_200, 32), (7_200, 64), (7_200, 128), (240, 4), (240, 8)] {
        let share = blocks / u64::from(seats);
        let least = least_blocks(blocks, seats).expect("enough blocks");
        let alarm = fewer(share, 0.8, least);
        assert!(alarm < 1e-9, "{seats} authors of {blocks} blocks: {alarm}");
        let found = |kept| fewer(share, kept, least);
        println!(
            "{blocks:5} {seats:4} share {share:5} least {least:5} alarm {alarm:.1e} found at 50 % {:.3}, 25 % {:.3}, \
            10 % {:.3}",
            found(0.5), found(0.25), found(0.1),
        );
    }
}

#[test]
fn authors_that_are_mostly_away_are_found_at_production_pace() {
    for (seats, kept) in [(4, 0.7), (32, 0.5), (64, 0.4), (128, 0.25)] {
        let least = least_blocks(7_200, seats).expect("enough blocks");
        let found = fewer(7_200 / u64::from(seats), kept, least);
        assert!(found > 0.9, "{seats} authors, {kept} of the turns kept: {found}");
    }
}
