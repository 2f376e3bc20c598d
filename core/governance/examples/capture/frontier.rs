//! The smallest bloc that wins.

use std::fmt::Write as _;

use myelin_governance::{Kind, PerBillion, Track};

use crate::vote::{self, Crowd, Rules};

/// Days, sizes and choices are drawn this often; a bloc wins if it does in most of them.
const SEEDS: u64 = 5;
/// Turnouts of the tables.
const TURNOUTS: [f64; 4] = [0.05, 0.10, 0.20, 0.40];

/// Whether a bloc wins in most draws.
pub fn wins(bloc: f64, rules: &Rules, crowd: &Crowd) -> bool {
    let won = (1..=SEEDS).filter(|seed| vote::wins(bloc, rules, crowd, *seed)).count() as u64;
    2 * won > SEEDS
}

/// The smallest part of all power with which a bloc wins, to a quarter of a percent.
pub fn smallest_bloc(rules: &Rules, crowd: &Crowd) -> f64 {
    let (mut loses, mut wins_with) = (0.0, 1.0);
    while wins_with - loses > 0.0025 {
        let middle = (loses + wins_with) / 2.0;
        match wins(middle, rules, crowd) {
            true => wins_with = middle,
            false => loses = middle,
        }
    }
    wins_with
}

/// The smallest bloc by mechanism, turnout of others, and bribes.
pub fn mechanisms() -> String {
    let mut text = String::from(
        "| rules, one more in each row | 5 % vote | 10 % | 20 % | 40 % | 20 %, no bribes | 20 %, all bribed |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (name, rules) in Rules::steps() {
        let half = TURNOUTS.map(|turnout| Crowd { turnout, ..Crowd::DEFAULT });
        let others = [0.0, 1.0].map(|bribed| Crowd { bribed, ..Crowd::DEFAULT });
        let cells = half.iter().chain(&others).map(|crowd| percent(smallest_bloc(&rules, crowd)));
        let _ = writeln!(text, "| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    text
}

/// The smallest bloc by track, and the turnout that a good proposal needs.
pub fn tracks() -> String {
    let mut text = String::from(
        "| track | 5 % vote | 40 % vote | 40 %, all bribed | others that must vote for a good one, \
         bloc away | bloc in favour |\n\
         |---|---|---|---|---|---|\n",
    );
    for kind in Kind::NETWORK.into_iter().chain([Kind::Rubrics, Kind::Stops]) {
        let rules = Rules::table(kind);
        let bloc = |turnout, bribed| smallest_bloc(&rules, &Crowd { turnout, bribed, ..Crowd::DEFAULT });
        let floor = f64::from(rules.track.support.floor().parts()) / f64::from(PerBillion::ONE.parts());
        let cells =
            [bloc(0.05, 0.5), bloc(0.4, 0.5), bloc(0.4, 1.0), floor / 0.7, (floor - 0.3).max(0.0) / 0.7];
        let cells = cells.map(percent).join(" | ");
        let _ = writeln!(text, "| {} | {cells} |", Track::of(kind).name);
    }
    text
}

fn percent(part: f64) -> String {
    format!("{:.0} %", part * 100.0)
}
