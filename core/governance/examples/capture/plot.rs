//! The plot: the smallest bloc that wins, by turnout and by bribe, for each set of rules.

use crate::{
    frontier::smallest_bloc,
    vote::{Crowd, Rules},
};

const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 240.0;
const MARGIN: f64 = 48.0;
const COLOURS: [&str; 6] = ["#c0392b", "#e08e45", "#d4b93c", "#7fb3d5", "#4a7fb5", "#1b3f6b"];
/// Points of a curve.
const POINTS: u32 = 21;

/// Both panels with their legend.
pub fn svg() -> String {
    let (width, height) = (2.0 * (WIDTH + MARGIN) + MARGIN, HEIGHT + 4.6 * MARGIN);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    let by_turnout = |at: f64| Crowd { turnout: 0.6 * at, ..Crowd::DEFAULT };
    text += &panel(
        MARGIN,
        "smallest bloc that wins, by turnout of others",
        ["0 %", "15 %", "30 %", "45 %", "60 %"],
        by_turnout,
    );
    let by_bribe = |at: f64| Crowd { bribed: Crowd::bribed_by(2.0 * at), ..Crowd::DEFAULT };
    text += &panel(
        2.0 * MARGIN + WIDTH,
        "by bribe, 1 = loss of an average delegate; 20 % vote",
        ["0", "0.5", "1", "1.5", "2"],
        by_bribe,
    );
    for (row, ((name, _), colour)) in Rules::steps().iter().zip(COLOURS).enumerate() {
        let (x, y) =
            (MARGIN + (row % 2) as f64 * (WIDTH + MARGIN), HEIGHT + 2.5 * MARGIN + (row / 2) as f64 * 18.0);
        let name = if row == 0 { (*name).to_string() } else { format!("+ {name}") };
        text += &format!(
            "<line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"2.5\"/>\
             <text x=\"{}\" y=\"{}\">{name}</text>\n",
            x + 18.0,
            x + 24.0,
            y + 4.0
        );
    }
    text + "</svg>\n"
}

fn panel(left: f64, title: &str, ticks: [&str; 5], crowd: impl Fn(f64) -> Crowd) -> String {
    let y = |share: f64| MARGIN + HEIGHT * (1.0 - share / 0.7);
    let mut text = format!("<text x=\"{left}\" y=\"{}\" font-size=\"12\">{title}</text>\n", MARGIN - 12.0);
    for tenth in 0..=7 {
        let at = y(f64::from(tenth) / 10.0);
        text += &format!(
            "<line x1=\"{left}\" y1=\"{at:.1}\" x2=\"{}\" y2=\"{at:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{} %</text>\n",
            left + WIDTH,
            left - 5.0,
            at + 4.0,
            tenth * 10
        );
    }
    for (place, tick) in ticks.iter().enumerate() {
        let x = left + WIDTH * place as f64 / 4.0;
        text += &format!(
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{tick}</text>\n",
            MARGIN + HEIGHT + 16.0
        );
    }
    for ((_, rules), colour) in Rules::steps().iter().zip(COLOURS) {
        let point = |n: u32| {
            let at = f64::from(n) / f64::from(POINTS - 1);
            format!("{:.1},{:.1}", left + WIDTH * at, y(smallest_bloc(rules, &crowd(at)).min(0.7)))
        };
        let points: Vec<String> = (0..POINTS).map(point).collect();
        text += &format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\"/>\n",
            points.join(" ")
        );
    }
    let stated = y(0.3);
    text + &format!(
        "<line x1=\"{left}\" y1=\"{stated:.1}\" x2=\"{}\" y2=\"{stated:.1}\" stroke=\"black\" \
         stroke-dasharray=\"4 3\"/>\
         <text x=\"{}\" y=\"{:.1}\">early holders: 30 %</text>\n",
        left + WIDTH,
        left + 6.0,
        stated - 5.0
    )
}
