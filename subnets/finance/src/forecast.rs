//! Built-in forecasters: a random walk, a seasonal one, GARCH, and one that fits what it finds.
//!
//! Each simulates ways in which the series may go on, by the residuals of its own fit (a bootstrap), and reads the
//! answer off them.

use myelin_wire::seed::{Seed, SeedRng};

use crate::protocol::{pack, FinanceRequest, FinanceResponse, Wanted, LARGEST, ONE};

/// Ways that are simulated for an interval or a probability.
const WAYS: usize = 2000;
/// Lengths of seasons that are tried.
const SEASONS: [usize; 6] = [5, 7, 12, 24, 48, 168];
/// Weights of the last squared shock that are tried, and of what stays of the variance from step to step.
const FRESH: [f64; 7] = [0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3];
const PERSISTENCE: [f64; 5] = [0.8, 0.9, 0.95, 0.98, 0.995];
/// A squared shock counts for the next variance up to so many times the present one.
const CAP: f64 = 12.0;

/// Built-in forecasters, the plainest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forecaster {
    /// Steps of the past in random order.
    Walk,
    /// Steps of the past at the same place in the season of 24 steps.
    Seasonal,
    /// A random walk whose volatility comes in clusters (Bollerslev 1986).
    Garch,
    /// Season, momentum, return to a level and volatility, each as far as the past shows it.
    Fitted,
}

/// The built-in forecasters with their names.
pub const FORECASTERS: [(&str, Forecaster); 4] = [
    ("walk", Forecaster::Walk),
    ("seasonal", Forecaster::Seasonal),
    ("garch", Forecaster::Garch),
    ("fitted", Forecaster::Fitted),
];

impl Forecaster {
    /// Answers a request that was checked; the same request and seed, the same answer.
    pub fn answer(self, request: &FinanceRequest, seed: &Seed) -> FinanceResponse {
        let fit = self.fit(request);
        let mut rng = seed.derive(b"finance forecast", 0).rng();
        let (steps, lead) = (usize::from(request.steps), usize::from(request.lead));
        match request.wanted {
            Wanted::Paths(count) => {
                let paths: Vec<Vec<i32>> = (0..count).map(|_| fit.way(steps, &mut rng)).collect();
                FinanceResponse::Paths(pack(request.last(), &paths))
            }
            Wanted::Interval(coverage) => {
                let mut ends: Vec<i32> =
                    (0..WAYS).filter_map(|_| fit.way(steps, &mut rng).last().copied()).collect();
                ends.sort_unstable();
                let beside = (ONE - coverage) as usize / 2;
                let at = |part: usize| ends[(part * WAYS / ONE as usize).min(WAYS - 1)];
                FinanceResponse::Interval(at(beside), at(ONE as usize - beside))
            }
            Wanted::Above(level) => {
                let ways =
                    (0..WAYS).filter(|_| fit.way(steps, &mut rng).last().is_some_and(|end| *end > level));
                FinanceResponse::Probability(share(ways.count()))
            }
            Wanted::Reaches(level) => {
                let ways = (0..WAYS)
                    .filter(|_| fit.way(steps, &mut rng).iter().skip(lead).any(|value| *value > level));
                FinanceResponse::Probability(share(ways.count()))
            }
        }
    }

    fn fit(self, request: &FinanceRequest) -> Fit {
        let mut fit = Fit::walk(&request.history);
        match self {
            Forecaster::Walk => {}
            Forecaster::Seasonal => fit.find_means(&[24]),
            Forecaster::Garch => fit.find_clusters(),
            Forecaster::Fitted => {
                fit.find_means(&SEASONS);
                fit.find_pull();
                fit.find_volatile_places(&SEASONS);
                fit.find_clusters();
            }
        }
        fit
    }
}

/// A share of the simulated ways; never sure.
fn share(ways: usize) -> u32 {
    ((2 * ways + 1) * ONE as usize / (2 * WAYS + 2)) as u32
}

/// A model of steps: `step = mean of its place + momentum · last rest + reversion · (level − centre) + shock`, where a
/// shock is the factor of its place times the root of the variance times a drawn residual.
struct Fit {
    values: Vec<f64>,
    steps: Vec<f64>,
    /// Sizes of steps above this are cut off where means are estimated.
    large: f64,
    means: Vec<f64>,
    momentum: f64,
    reversion: f64,
    centre: f64,
    factors: Vec<f64>,
    usual: f64,
    fresh: f64,
    persistence: f64,
    variance: f64,
    residuals: Vec<f64>,
}

impl Fit {
    /// A random walk: no means, no clusters.
    fn walk(history: &[i32]) -> Self {
        let values: Vec<f64> = history.iter().map(|value| f64::from(*value)).collect();
        let steps: Vec<f64> = values.windows(2).map(|two| two[1] - two[0]).collect();
        let mut sizes: Vec<f64> = steps.iter().map(|step| step.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let large = sizes.get(sizes.len() * 97 / 100).copied().unwrap_or(1.0).max(1.0);
        let mut fit = Self {
            centre: mean(&values),
            values,
            steps,
            large,
            means: vec![0.0],
            momentum: 0.0,
            reversion: 0.0,
            factors: vec![1.0],
            usual: 1.0,
            fresh: 0.0,
            persistence: 0.0,
            variance: 1.0,
            residuals: Vec::new(),
        };
        fit.standardise();
        fit
    }

    fn mean_at(&self, at: usize) -> f64 {
        self.means[at % self.means.len()]
    }

    fn factor_at(&self, at: usize) -> f64 {
        self.factors[at % self.factors.len()]
    }

    /// Rest of each step without its mean.
    fn rests(&self) -> Vec<f64> {
        self.steps.iter().enumerate().map(|(at, step)| step - self.mean_at(at)).collect()
    }

    /// The shocks of the past by the present fit.
    fn shocks(&self) -> Vec<f64> {
        let rests = self.rests();
        let before = |at: usize| if at > 0 { rests[at - 1] } else { 0.0 };
        let pull = |at: usize| self.momentum * before(at) + self.reversion * (self.values[at] - self.centre);
        let shock = |at: usize| (rests[at] - pull(at)) / self.factor_at(at);
        (0..rests.len()).map(shock).collect()
    }

    fn next_variance(&self, variance: f64, shock: f64) -> f64 {
        self.usual * (1.0 - self.persistence)
            + self.fresh * (shock * shock).min(CAP * variance)
            + (self.persistence - self.fresh) * variance
    }

    /// Residuals of size 1 and mean 0, and the variance of the next step.
    fn standardise(&mut self) {
        let shocks = self.shocks();
        self.usual = mean_square(&shocks).max(1e-6);
        let mut variance = self.usual;
        self.residuals.clear();
        for shock in &shocks {
            self.residuals.push(shock / variance.sqrt());
            variance = if self.fresh > 0.0 { self.next_variance(variance, *shock) } else { self.usual };
        }
        self.variance = variance;
        let middle = mean(&self.residuals);
        let size = mean_square(&self.residuals).sqrt().max(1e-9);
        self.residuals.iter_mut().for_each(|residual| *residual = (*residual - middle) / size);
    }

    /// Means of the places of the season that explains most, drawn toward nought by their noise (Efron and Morris
    /// 1975); none if no season explains more than chance does.
    fn find_means(&mut self, seasons: &[usize]) {
        let cut: Vec<f64> = self.steps.iter().map(|step| step.clamp(-self.large, self.large)).collect();
        let mut most = 0.0;
        for season in seasons.iter().copied().filter(|season| cut.len() >= 4 * season) {
            let means = means_of_places(&cut, season);
            let between = mean_square(&means);
            let noise = mean_square(&cut) * season as f64 / cut.len() as f64;
            let signal = (between - noise).max(0.0);
            let kept = signal / (signal + noise).max(1e-12);
            let is_seen = signal > 2.0 * noise * (2.0 / season as f64).sqrt();
            if is_seen && signal * kept > most {
                most = signal * kept;
                self.means = means.iter().map(|mean| mean * kept).collect();
            }
        }
        self.standardise();
    }

    /// Momentum and return to the mean level, by least squares with the weights of a moving variance. Each is drawn
    /// toward nought by its error; a return more, since every random walk seems to return to its mean.
    fn find_pull(&mut self) {
        let rests: Vec<f64> = self.rests().iter().map(|rest| rest.clamp(-self.large, self.large)).collect();
        let usual = mean_square(&rests).max(1e-6);
        let (mut variance, mut sums) = (usual, [0.0f64; 5]);
        for at in 1..rests.len() {
            variance = 0.05 * usual + 0.1 * rests[at - 1] * rests[at - 1] + 0.85 * variance;
            let (before, level, rest) = (rests[at - 1], self.values[at] - self.centre, rests[at]);
            let terms = [before * before, before * level, level * level, before * rest, level * rest];
            sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term / variance);
        }
        let [bb, bl, ll, br, lr] = sums;
        let determinant = bb * ll - bl * bl;
        if determinant <= 0.0 {
            return;
        }
        let (momentum, reversion) = ((br * ll - lr * bl) / determinant, (lr * bb - br * bl) / determinant);
        let kept = |value: f64, weight: f64, doubt: f64| {
            (1.0 - doubt / (value * value * weight).max(1e-12)).max(0.0) * value
        };
        self.momentum = kept(momentum, bb, 1.0).clamp(-0.9, 0.9);
        self.reversion = kept(reversion.min(0.0), ll, 6.0).max(-0.5);
        self.standardise();
    }

    /// Factors of volatility of the places of a season, smooth and drawn toward one.
    fn find_volatile_places(&mut self, seasons: &[usize]) {
        let sizes: Vec<f64> = self.shocks().iter().map(|shock| shock.abs().min(self.large)).collect();
        let usual = mean(&sizes).max(1e-9);
        let sizes: Vec<f64> = sizes.iter().map(|size| size / usual - 1.0).collect();
        let mut most = 0.0;
        let mut factors = vec![1.0];
        for season in seasons.iter().copied().filter(|season| sizes.len() >= 4 * season) {
            let raw = means_of_places(&sizes, season);
            let wide = season / 8;
            let smooth = |place: usize| {
                let near = (0..=2 * wide).map(|beside| raw[(place + season + beside - wide) % season]);
                near.sum::<f64>() / (2 * wide + 1) as f64
            };
            let smooth: Vec<f64> = (0..season).map(smooth).collect();
            let between = mean_square(&smooth);
            let noise = mean_square(&sizes) * season as f64 / (sizes.len() * (2 * wide + 1)) as f64;
            let signal = (between - noise).max(0.0);
            if between > 2.5 * noise && signal > most {
                most = signal;
                let kept = signal / (signal + noise);
                factors = smooth.iter().map(|deviation| (1.0 + kept * deviation).max(0.1)).collect();
            }
        }
        self.factors = factors;
        self.standardise();
    }

    /// Clusters of volatility: the likeliest of some weights, with the density of Student's t of four degrees of
    /// freedom, and some in favour of none.
    fn find_clusters(&mut self) {
        let shocks = self.shocks();
        self.usual = mean_square(&shocks).max(1e-6);
        let mut least = f64::MAX;
        let mut chosen = (0.0, 0.0);
        for fresh in FRESH {
            for persistence in PERSISTENCE {
                (self.fresh, self.persistence) = (fresh, persistence);
                let (mut variance, mut loss) = (self.usual, if fresh > 0.0 { 1.5 } else { 0.0 });
                for shock in &shocks {
                    loss += 0.5 * variance.ln() + 2.5 * (1.0 + shock * shock / (2.4 * variance)).ln();
                    variance = if fresh > 0.0 { self.next_variance(variance, *shock) } else { self.usual };
                }
                if loss < least {
                    (least, chosen) = (loss, (fresh, persistence));
                }
            }
        }
        (self.fresh, self.persistence) = chosen;
        self.standardise();
    }

    /// One way in which the series may go on.
    fn way(&self, steps: usize, rng: &mut SeedRng) -> Vec<i32> {
        let count = self.steps.len();
        let mut level = self.values.last().copied().unwrap_or_default();
        let mut rest = self.steps.last().map_or(0.0, |step| step - self.mean_at(count - 1));
        let mut variance = self.variance;
        let limit = f64::from(LARGEST);
        (count..count + steps)
            .map(|at| {
                let drawn = rng.index(count).map_or(0.0, |place| self.residuals[place]);
                let shock = variance.sqrt() * drawn;
                if self.fresh > 0.0 {
                    variance = self.next_variance(variance, shock);
                }
                rest = shock * self.factor_at(at)
                    + self.momentum * rest
                    + self.reversion * (level - self.centre);
                level = (level + self.mean_at(at) + rest).clamp(-limit, limit);
                level.round() as i32
            })
            .collect()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn mean_square(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>() / values.len().max(1) as f64
}

/// The mean of the values at each place of a season.
fn means_of_places(values: &[f64], season: usize) -> Vec<f64> {
    let places = |place: usize| values.iter().skip(place).step_by(season);
    (0..season).map(|place| places(place).sum::<f64>() / places(place).count().max(1) as f64).collect()
}
