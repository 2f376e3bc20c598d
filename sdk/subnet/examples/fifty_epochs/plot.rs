//! The plot: three curves and the number of miners, for a market and its control.

use super::market::Sight;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 200.0;
const MARGIN: f64 = 44.0;
/// A curve of a market: name, colour, value.
type Curve = (&'static str, &'static str, fn(&Sight) -> f64);
const CURVES: [Curve; 4] = [
    ("quality, weighted by incentive", "#1b6ca8", |sight| sight.quality),
    ("best miner", "#7fb3d5", |sight| sight.best),
    ("share paid to copiers", "#c0392b", |sight| sight.copiers),
    ("miners, in hundreds", "#888888", |sight| sight.miners as f64 / 100.0),
];

/// Both markets side by side.
pub fn svg(paid: &[Sight], control: &[Sight]) -> String {
    let (width, height) = (2.0 * (WIDTH + MARGIN) + MARGIN, HEIGHT + 3.0 * MARGIN);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    let panels = [("paid for quality", paid), ("control: all answers score the same", control)];
    for (place, (title, sights)) in panels.into_iter().enumerate() {
        text += &panel(MARGIN + place as f64 * (WIDTH + MARGIN), title, sights);
    }
    for (place, (name, colour, _)) in CURVES.iter().enumerate() {
        let (x, y) = (MARGIN + place as f64 * 190.0, HEIGHT + 2.4 * MARGIN);
        text += &format!(
            "<line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"2\"/>\
             <text x=\"{}\" y=\"{}\">{name}</text>\n",
            x + 18.0,
            x + 23.0,
            y + 4.0
        );
    }
    text + "</svg>\n"
}

fn panel(left: f64, title: &str, sights: &[Sight]) -> String {
    let x = |epoch: usize| left + WIDTH * epoch as f64 / (sights.len().max(2) - 1) as f64;
    let y = |value: f64| MARGIN + HEIGHT * (1.0 - value.clamp(0.0, 1.0));
    let mut text = format!("<text x=\"{left}\" y=\"{}\" font-size=\"13\">{title}</text>\n", MARGIN - 12.0);
    for tenths in [0, 25, 50, 75, 100] {
        let at = y(f64::from(tenths) / 100.0);
        text += &format!(
            "<line x1=\"{left}\" y1=\"{at}\" x2=\"{}\" y2=\"{at}\" stroke=\"#dddddd\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{:.2}</text>\n",
            left + WIDTH,
            left - 5.0,
            at + 4.0,
            f64::from(tenths) / 100.0
        );
    }
    for epoch in (0..sights.len()).filter(|epoch| *epoch == 0 || (epoch + 1) % 10 == 0) {
        let at = MARGIN + HEIGHT + 16.0;
        text +=
            &format!("<text x=\"{:.1}\" y=\"{at}\" text-anchor=\"middle\">{}</text>\n", x(epoch), epoch + 1);
    }
    for (_, colour, value) in &CURVES {
        let point = |(epoch, sight): (usize, &Sight)| format!("{:.1},{:.1}", x(epoch), y(value(sight)));
        let points: Vec<String> = sights.iter().enumerate().map(point).collect();
        text += &format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n",
            points.join(" ")
        );
    }
    text
}
