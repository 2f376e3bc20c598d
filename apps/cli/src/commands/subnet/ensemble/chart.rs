//! A picture of combined answers beside the best single miner.

use std::fmt::Write;

use super::{interval, Row};

const WIDTH: f64 = 760.0;
const EDGE: f64 = 20.0;
/// Height of the title, and of the lines of one team.
const TITLE: f64 = 56.0;
const LINE: f64 = 46.0;

/// Two bars for each team and kind of tasks: the mean score of the best miner alone, and of the answers together, with
/// the interval of its gain.
pub fn draw(rows: &[Row]) -> String {
    let height = TITLE + LINE * rows.len() as f64 + EDGE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <g font-family=\"sans-serif\" font-size=\"12\" fill=\"#374151\">\n\
         <text x=\"{EDGE}\" y=\"24\" font-size=\"15\">Mean scores of answers together (blue) and of the best miner \
         alone (grey)</text>\n\
         <text x=\"{EDGE}\" y=\"42\">Full width: a score of 1. Black: the interval of 95 % around the gain.</text>\n"
    );
    let across = |score: f64| EDGE + score.clamp(0.0, 1.0) * (WIDTH - 2.0 * EDGE);
    for (number, row) in rows.iter().enumerate() {
        let top = TITLE + LINE * number as f64;
        let (best, (gain, half)) = (interval(&row.best).0, interval(&row.gains));
        let label = format!("{}, {}: {}", row.subnet, row.kind, row.miners);
        let _ = writeln!(svg, "<text x=\"{EDGE}\" y=\"{}\">{}</text>", top + 12.0, escaped(&label));
        for (down, score, colour) in [(18.0, best, "#9ca3af"), (28.0, best + gain, "#2563eb")] {
            let (y, width) = (top + down, across(score) - EDGE);
            let _ = writeln!(
                svg,
                "<rect x=\"{EDGE}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"8\" fill=\"{colour}\">\
                 <title>{score:.3}</title></rect>"
            );
        }
        let (y, from, to) = (top + 32.0, across(best + gain - half), across(best + gain + half));
        let _ =
            writeln!(svg, "<path d=\"M{from:.1} {y:.1}H{to:.1}\" stroke=\"#111827\" stroke-width=\"2\"/>");
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_team_has_its_bars_within_the_picture() {
        let row = |miners: &str, gains: Vec<f64>| Row {
            subnet: "finance".into(),
            miners: miners.into(),
            kind: "paths",
            tasks: 10,
            best: vec![0.4, 0.6],
            gains,
        };
        let svg = draw(&[row("a < b", vec![0.1, 0.1]), row("c", vec![0.9, 0.8])]);
        assert!(svg.contains("finance, paths: a &lt; b") && svg.contains("<title>0.600</title>"), "{svg}");
        // The best score is 0.5, half of the bars' 720 pixels. A score above 1 ends at the edge.
        assert_eq!(svg.matches("width=\"360.0\"").count(), 2);
        assert!(svg.contains("width=\"720.0\"") && svg.contains("H740.0"), "{svg}");
    }
}
