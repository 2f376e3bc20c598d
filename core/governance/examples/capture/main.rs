//! Can early holders take the network by votes? A bloc that acts as one proposes something that harms all others, and
//! the tracks, tallies and delegations of this crate decide.
//!
//! `cargo run -p myelin-governance --example capture -- [FILE]` prints two tables and writes the plot.
//! `docs/images/governance-capture.svg` is the plot, and `docs/concepts/governance.md` has the tables.
//!
//! | file | what it holds |
//! |---|---|
//! | `vote.rs` | holders, delegates, bribes, and the course of one referendum by day |
//! | `frontier.rs` | the smallest bloc that wins, and the tables |
//! | `plot.rs` | the plot |
//!
//! Real are: vote locks, votes, delegations and their terms, overrides, tallies, curves, confirmation, the table of
//! tracks. Assumed are: sizes of holdings, days of votes, attention, and the price at which a delegate sells its vote,
//! all in `vote.rs`.

mod frontier;
mod plot;
mod vote;

fn main() -> std::io::Result<()> {
    print!("{}\n{}", frontier::mechanisms(), frontier::tracks());
    if let Some(file) = std::env::args().nth(1) {
        std::fs::write(&file, plot::svg())?;
        println!("\nplot written to {file}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{
        frontier::{self, smallest_bloc},
        plot,
        vote::{Crowd, Rules},
    };
    use myelin_governance::Kind;

    const PAGE: &str = include_str!("../../../../docs/concepts/governance.md");
    const PLOT: &str = include_str!("../../../../docs/images/governance-capture.svg");

    #[test]
    fn early_holders_with_thirty_percent_pass_nothing_however_few_vote_and_whoever_is_bribed() {
        for kind in Kind::NETWORK {
            for turnout in [0.0, 0.05, 0.1, 0.2, 0.3, 0.4] {
                for bribed in [0.0, 0.5, 1.0] {
                    let crowd = Crowd { turnout, bribed, ..Crowd::DEFAULT };
                    assert!(!frontier::wins(0.30, &Rules::table(kind), &crowd), "{kind:?} {crowd:?}");
                }
            }
        }
    }

    #[test]
    fn without_the_mechanisms_a_few_percent_are_enough() {
        let crowd = Crowd { turnout: 0.05, bribed: 0.5, ..Crowd::DEFAULT };
        let blocs: Vec<f64> = Rules::steps().iter().map(|(_, rules)| smallest_bloc(rules, &crowd)).collect();
        assert!(blocs[0] < 0.05 && blocs[blocs.len() - 1] > 1.0 / 3.0, "{blocs:?}");
        assert!(blocs.windows(2).all(|pair| pair[0] <= pair[1] + 0.005), "{blocs:?}");
    }

    #[test]
    fn the_page_has_the_tables_and_the_folder_the_plot() {
        for line in frontier::mechanisms().lines().chain(frontier::tracks().lines()) {
            assert!(PAGE.contains(line), "write the tables of the example into the page; it lacks {line}");
        }
        assert!(plot::svg() == PLOT, "the plot is not the one that the example writes");
    }
}
