//! Pictures of forecasts. A fan chart shows the latest part of a series, where its paths go, and how it went on if that
//! is known. A calibration chart shows whether what came had the chances that were told.

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

/// The fan chart as SVG. `came` is how the series went on, empty if that is not known. `shown` writes a value.
pub fn fan(
    title: &str,
    history: &[i32],
    paths: &[Vec<i32>],
    came: &[i32],
    shown: impl Fn(i32) -> String,
) -> String {
    let percents: Vec<usize> = BANDS.iter().flat_map(|(low, high)| [*low, *high]).chain([50]).collect();
    let ahead = quantiles(paths, &percents);
    let before = &history[history.len().saturating_sub((PAST * ahead.len()).max(2))..];
    let all = || before.iter().chain(ahead.iter().flatten()).chain(came);
    let (least, most) = (all().min().copied().unwrap_or_default(), all().max().copied().unwrap_or_default());
    let span = (f64::from(most) - f64::from(least)).max(1.0);
    let count = (before.len() + ahead.len()).saturating_sub(1).max(1) as f64;
    let x = |at: usize| LEFT + (WIDTH - LEFT - EDGE) * at as f64 / count;
    let y = |value: i32| HEIGHT - EDGE - (HEIGHT - 3.0 * EDGE) * (f64::from(value) - f64::from(least)) / span;
    let point = |at: usize, value: i32| format!("{:.1},{:.1}", x(at), y(value));
    let mut svg = sheet(WIDTH, title);
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
    if !came.is_empty() {
        let came = came.iter().enumerate().map(|(step, value)| point(start + 1 + step, *value));
        let came: Vec<String> = std::iter::once(point(start, last)).chain(came).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"#dc2626\" stroke-width=\"1.5\">\
             <title>how it went on</title></polyline>",
            came.join(" ")
        );
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// The beginning of a picture with a title. Writing to a string does not fail.
fn sheet(width: f64, title: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {width} {HEIGHT}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <g font-family=\"sans-serif\" font-size=\"12\" fill=\"#374151\">\n\
         <text x=\"{LEFT}\" y=\"{EDGE}\" font-size=\"15\">{}</text>\n",
        escaped(title)
    )
}

/// For each step the part of the paths whose increment is below the one that came, in millionths; of those that are
/// equal, half. If what came had the chances that were told, these parts are spread evenly (Dawid 1984).
pub fn ranks(last: i32, paths: &[Vec<i32>], came: &[i32]) -> Vec<u64> {
    let increment = |way: &[i32], step: usize| {
        let before = if step == 0 { last } else { way[step - 1] };
        i64::from(way[step]) - i64::from(before)
    };
    let rank = |step: usize| {
        let seen = increment(came, step);
        let twice: u64 = paths
            .iter()
            .map(|path| match increment(path, step).cmp(&seen) {
                std::cmp::Ordering::Less => 2,
                std::cmp::Ordering::Equal => 1,
                std::cmp::Ordering::Greater => 0,
            })
            .sum();
        twice * 500_000 / paths.len().max(1) as u64
    };
    let steps = paths.iter().map(Vec::len).chain([came.len()]).min().unwrap_or_default();
    (0..steps).map(rank).collect()
}

/// The calibration chart as SVG: the part of the steps whose rank is at most so high, against the height. A calibrated
/// forecast follows the diagonal.
pub fn calibration(title: &str, ranks: &[u64]) -> String {
    let mut sorted = ranks.to_vec();
    sorted.sort_unstable();
    let side = HEIGHT - 3.0 * EDGE;
    let x = |part: f64| LEFT + side * part;
    let y = |part: f64| HEIGHT - EDGE - side * part;
    let mut svg = sheet(LEFT + side + EDGE, title);
    for line in 0..LINES {
        let part = line as f64 / (LINES - 1) as f64;
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{}\" y2=\"{at:.1}\" stroke=\"#e5e7eb\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{:.0} %</text>\
             <text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{:.0}</text>",
            x(1.0),
            LEFT - 8.0,
            y(part) + 4.0,
            100.0 * part,
            x(part),
            HEIGHT - 8.0,
            100.0 * part,
            at = y(part),
        );
    }
    let _ = writeln!(
        svg,
        "<line x1=\"{LEFT}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"#9ca3af\" stroke-dasharray=\"5 3\"/>",
        y(0.0),
        x(1.0),
        y(1.0)
    );
    let mut points = vec![format!("{:.1},{:.1}", x(0.0), y(0.0))];
    for (before, rank) in sorted.iter().enumerate() {
        let at = x(*rank as f64 / 1e6);
        points.extend(
            [before, before + 1].map(|count| format!("{at:.1},{:.1}", y(count as f64 / sorted.len() as f64))),
        );
    }
    points.push(format!("{:.1},{:.1}", x(1.0), y(if sorted.is_empty() { 0.0 } else { 1.0 })));
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#dc2626\" stroke-width=\"1.5\"/>\n</g>\n</svg>",
        points.join(" ")
    );
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
        let chart = fan("<script>&", &[0, 1, 2, 1], &paths, &[], |value| value.to_string());
        assert!(chart.contains("&lt;script&gt;&amp;") && !chart.contains("<script"), "{chart}");
        assert_eq!(chart.matches("<polygon").count(), 3);
        assert_eq!(chart.matches("<polyline").count(), 2);
        // Nothing to draw is no reason to fail.
        fan("", &[7], &[], &[], |value| value.to_string());
        let chart = fan("", &[0, 1, 2, 1], &paths, &[4, 9, 2], |value| value.to_string());
        assert_eq!(chart.matches("<polyline").count(), 3);
        assert!(chart.contains("how it went on"));
    }

    #[test]
    fn ranks_of_outcomes_that_have_the_chances_told_are_spread_evenly() {
        // Paths whose increments are 0, 1, … 99, and outcomes with increments 10, 49 and 200 from step to step.
        let paths: Vec<Vec<i32>> = (0..100).map(|by| vec![5 + by, 5 + 2 * by, 5 + 3 * by]).collect();
        assert_eq!(ranks(5, &paths, &[15, 64, 264]), [105_000, 495_000, 1_000_000]);
        assert!(ranks(5, &[], &[]).is_empty());
        let chart = calibration("a < b", &[105_000, 495_000, 1_000_000]);
        assert!(chart.contains("a &lt; b") && chart.contains("<polyline") && chart.ends_with("</svg>\n"));
        calibration("", &[]);
    }
}
