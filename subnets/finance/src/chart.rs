//! A fan chart: the latest part of a series, and where its paths go.

use std::fmt::Write;

/// Size of the picture and its margins in pixels.
const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 90.0;
const EDGE: f64 = 24.0;
/// Points of the past for each step ahead.
const PAST: usize = 3;
/// Parts of the paths below and above each band, the widest band first, in percent.
const BANDS: [(usize, usize); 3] = [(5, 95), (15, 85), (30, 70)];
/// Lines with values.
const LINES: usize = 5;

/// The values below which these percents of the paths lie, step by step. Paths are of one length.
pub fn quantiles(paths: &[Vec<i32>], percents: &[usize]) -> Vec<Vec<i32>> {
    let steps = paths.iter().map(Vec::len).min().unwrap_or_default();
    (0..steps)
        .map(|step| {
            let mut values: Vec<i32> = paths.iter().map(|path| path[step]).collect();
            values.sort_unstable();
            percents.iter().map(|percent| values[(values.len() - 1) * percent / 100]).collect()
        })
        .collect()
}

/// The chart as SVG. `shown` writes a value.
pub fn fan(title: &str, history: &[i32], paths: &[Vec<i32>], shown: impl Fn(i32) -> String) -> String {
    let percents: Vec<usize> = BANDS.iter().flat_map(|(low, high)| [*low, *high]).chain([50]).collect();
    let ahead = quantiles(paths, &percents);
    let before = &history[history.len().saturating_sub((PAST * ahead.len()).max(2))..];
    let all = || before.iter().chain(ahead.iter().flatten());
    let (least, most) = (all().min().copied().unwrap_or_default(), all().max().copied().unwrap_or_default());
    let span = (f64::from(most) - f64::from(least)).max(1.0);
    let count = (before.len() + ahead.len()).saturating_sub(1).max(1) as f64;
    let x = |at: usize| LEFT + (WIDTH - LEFT - EDGE) * at as f64 / count;
    let y = |value: i32| HEIGHT - EDGE - (HEIGHT - 3.0 * EDGE) * (f64::from(value) - f64::from(least)) / span;
    let point = |at: usize, value: i32| format!("{:.1},{:.1}", x(at), y(value));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <g font-family=\"sans-serif\" font-size=\"12\" fill=\"#374151\">\n"
    );
    // Writing to a string does not fail.
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{EDGE}\" font-size=\"15\">{}</text>", escaped(title));
    for line in 0..LINES {
        let value = (f64::from(least) + span * line as f64 / (LINES - 1) as f64).round() as i32;
        let (at, label) = (y(value), escaped(&shown(value)));
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{}\" y2=\"{at:.1}\" stroke=\"#e5e7eb\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            WIDTH - EDGE,
            LEFT - 8.0,
            at + 4.0
        );
    }
    let start = before.len() - 1;
    let last = before.last().copied().unwrap_or_default();
    for (band, (low, high)) in BANDS.iter().enumerate() {
        let edge = |side: usize| {
            let later = ahead
                .iter()
                .enumerate()
                .map(move |(step, values)| (start + 1 + step, values[2 * band + side]));
            std::iter::once((start, last)).chain(later).collect::<Vec<_>>()
        };
        let round = edge(0).into_iter().chain(edge(1).into_iter().rev());
        let points: Vec<String> = round.map(|(at, value)| point(at, value)).collect();
        let _ = writeln!(
            svg,
            "<polygon points=\"{}\" fill=\"#2563eb\" fill-opacity=\"0.2\"><title>{} % of the paths</title></polygon>",
            points.join(" "),
            high - low
        );
    }
    let past: Vec<String> = before.iter().enumerate().map(|(at, value)| point(at, *value)).collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#111827\" stroke-width=\"1.5\"/>",
        past.join(" ")
    );
    let middle =
        ahead.iter().enumerate().map(|(step, values)| point(start + 1 + step, values[2 * BANDS.len()]));
    let middle: Vec<String> = std::iter::once(point(start, last)).chain(middle).collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#1d4ed8\" stroke-width=\"2\" stroke-dasharray=\"5 3\"/>",
        middle.join(" ")
    );
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_each_step() {
        let paths: Vec<Vec<i32>> = (0..=100).map(|path| vec![path, 2 * path]).collect();
        assert_eq!(quantiles(&paths, &[5, 50, 100]), vec![vec![5, 50, 100], vec![10, 100, 200]]);
        assert!(quantiles(&[], &[50]).is_empty());
    }

    #[test]
    fn a_chart_has_its_bands_and_hostile_names_stay_text() {
        let paths = vec![vec![1, 2, 3], vec![3, 4, 5]];
        let chart = fan("<script>&", &[0, 1, 2, 1], &paths, |value| value.to_string());
        assert!(chart.contains("&lt;script&gt;&amp;") && !chart.contains("<script"), "{chart}");
        assert_eq!(chart.matches("<polygon").count(), 3);
        assert_eq!(chart.matches("<polyline").count(), 2);
        // Nothing to draw is no reason to fail.
        fan("", &[7], &[], |value| value.to_string());
    }
}
