//! Validators that measure with errors and some that frame a miner, on a subnet that demands proof.
//!
//! `framing.rs` tests with them, and `examples/framing.rs` prints the tables of decision 0112.

use myelin_units::{Uid, I64F64};
use myelin_yuma::framing::{remember, Mark};
use myelin_yuma::{run_epoch, EpochInput, EpochParams};

/// The miner that is framed: one of middling quality.
pub const FRAMED: u16 = 8;
/// Miners of a subnet in [`losses`], [`marked`] and [`false_alarms`].
pub const MINERS: u16 = 16;

/// Stake of a validator and its weights for miners 0, 1, 2 and so on.
pub type Judge = (u32, Vec<u16>);

/// Miners from uid 0, and these validators behind them.
pub fn subnet(judges: &[Judge]) -> EpochInput {
    let miners = judges.first().map_or(0, |judge| judge.1.len());
    let n = miners + judges.len();
    let of = |uid: usize| uid.checked_sub(miners).and_then(|at| judges.get(at));
    let row = |(_, row): &Judge| (0..).zip(row.iter().copied()).collect();
    EpochInput {
        params: EpochParams { commit_reveal: false, ..EpochParams::default() },
        block: 100,
        emission: 1_000_000_000,
        total_stake: (0..n).map(|uid| I64F64::from_int(of(uid).map_or(0, |judge| judge.0))).collect(),
        last_update: vec![99; n],
        registered: vec![0; n],
        permits: (0..n).map(|uid| of(uid).is_some()).collect(),
        weights: (0..n).map(|uid| of(uid).map(row).unwrap_or_default()).collect(),
        bonds: vec![Vec::new(); n],
        commit_blocks: vec![None; n],
        unproven: vec![false; n],
        ..EpochInput::default()
    }
}

/// Numbers from a seed.
pub struct Random(pub u64);

impl Random {
    /// The next number below `limit`.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 % limit
    }
}

/// Quality of a miner.
pub fn quality(miner: u16) -> u32 {
    100 + 10 * u32::from(miner)
}

/// Weights of a validator whose largest error is so many thousandths of the truth.
pub fn measured(miners: u16, error: u32, random: &mut Random) -> Vec<u16> {
    let weight =
        |miner: u16| quality(miner) * (1_000_000 + error * random.below(2_001) - error * 1_000) / 6_000;
    (0..miners).map(weight).map(|weight| weight as u16).collect()
}

/// Validators, of whom the first few give the framed miner a part of its due.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setting {
    /// Validators, those that frame included.
    pub validators: usize,
    /// Validators that frame, or that the miner does not serve.
    pub framing: usize,
    /// The largest error, in thousandths.
    pub error: u32,
    /// Weight that the framing validators give, in thousandths of the truth.
    pub part: u32,
    /// Percent of the stake that the first validator has; the others share the rest. All have the same with 0.
    pub percent: u32,
}

impl Setting {
    fn honest(self, random: &mut Random) -> Vec<Judge> {
        let stake = |validator: usize| match (self.percent, validator) {
            (0, _) => 1_000_000,
            (percent, 0) => 10_000_000 * percent,
            (percent, _) => 10_000_000 * (100 - percent) / (self.validators as u32 - 1),
        };
        (0..self.validators).map(|at| (stake(at), measured(MINERS, self.error, random))).collect()
    }

    fn frame(self, judges: &mut [Judge]) {
        let due = quality(FRAMED) * 1_000 / 6;
        let given = (due * self.part / 1_000) as u16;
        judges[..self.framing].iter_mut().for_each(|judge| judge.1[usize::from(FRAMED)] = given);
    }
}

/// Incentive of a miner as paid, and in proportion to the consensus alone.
pub fn incentive(judges: &[Judge], miner: u16) -> [f64; 2] {
    let output = run_epoch(&subnet(judges));
    let share = |of: &[u16]| {
        let sum: u32 = of.iter().copied().map(u32::from).sum();
        f64::from(of[usize::from(miner)]) / f64::from(sum.max(1))
    };
    [share(&output.incentive), share(&output.consensus)]
}

/// Share of its incentive that the framed miner loses, by the sum of opinions, by consensus, and by the rule in force.
pub fn losses(setting: Setting, epochs: u32) -> [f64; 3] {
    let mut random = Random(7);
    let all = |judges: &[Judge]| {
        let summed = run_epoch(&EpochInput { unproven: Vec::new(), ..subnet(judges) });
        let [now, agreed] = incentive(judges, FRAMED);
        [f64::from(summed.incentive[usize::from(FRAMED)]), agreed, now]
    };
    let (mut fair, mut framed) = ([0.0; 3], [0.0; 3]);
    for _ in 0..epochs {
        let mut judges = setting.honest(&mut random);
        fair.iter_mut().zip(all(&judges)).for_each(|(sum, pay)| *sum += pay);
        setting.frame(&mut judges);
        framed.iter_mut().zip(all(&judges)).for_each(|(sum, pay)| *sum += pay);
    }
    [0, 1, 2].map(|rule| 1.0 - framed[rule] / fair[rule])
}

/// Parts of the truth that a framing validator is tried with, in thousandths.
pub const PARTS: std::ops::RangeInclusive<u32> = 0..=20;

/// The largest loss of the framed miner over all parts of its due, in steps of a twentieth, and that part in
/// thousandths.
pub fn worst(setting: Setting, epochs: u32) -> (f64, u32) {
    let (mut random, mut fair) = (Random(7), 0.0);
    let mut paid: Vec<(f64, u32)> = PARTS.map(|step| (0.0, step * 50)).collect();
    for _ in 0..epochs {
        let mut judges = setting.honest(&mut random);
        fair += incentive(&judges, FRAMED)[0];
        for (sum, part) in &mut paid {
            Setting { part: *part, ..setting }.frame(&mut judges);
            *sum += incentive(&judges, FRAMED)[0];
        }
    }
    let least = paid.into_iter().reduce(|least, next| if next.0 < least.0 { next } else { least });
    least.map_or((0.0, 0), |(sum, part)| (1.0 - sum / fair, part))
}

/// Effect of the rule while nobody frames: part of the opinions that are outvoted, and mean relative change of a
/// miner's incentive against the consensus alone.
pub fn at_peace(setting: Setting, epochs: u32) -> [f64; 2] {
    let (mut random, mut outvoted, mut change) = (Random(9), 0, 0.0);
    for _ in 0..epochs {
        let judges = setting.honest(&mut random);
        let output = run_epoch(&subnet(&judges));
        outvoted += output.outvoted.len();
        let sum: f64 = output.consensus.iter().copied().map(f64::from).sum();
        let pairs = output.incentive.iter().zip(&output.consensus).take(MINERS.into());
        let apart = |(paid, agreed): (&u16, &u16)| {
            (f64::from(*paid) / 65_535.0 / (f64::from(*agreed) / sum) - 1.0).abs()
        };
        change += pairs.map(apart).sum::<f64>();
    }
    let all = f64::from(epochs) * f64::from(MINERS);
    [outvoted as f64 / all / setting.validators as f64, change / all]
}

/// Epochs in which each validator is marked, by one history of epochs.
fn alarms(setting: Setting, epochs: u32, random: &mut Random) -> Vec<u32> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut told = vec![0; setting.validators];
    for _ in 0..epochs {
        let mut judges = setting.honest(random);
        setting.frame(&mut judges);
        marks = remember(&marks, &run_epoch(&subnet(&judges)).outvoted);
        let of =
            |judge: usize| marks.iter().any(|mark| mark.is_set() && mark.validator == MINERS + judge as Uid);
        told.iter_mut().enumerate().for_each(|(judge, told)| *told += u32::from(of(judge)));
    }
    told
}

/// Share of histories in which a framing validator is marked in its second epoch.
pub fn marked(setting: Setting, histories: u32) -> f64 {
    let mut random = Random(5);
    let told: u32 = (0..histories).map(|_| alarms(setting, 2, &mut random)[0]).sum();
    f64::from(told) / f64::from(histories)
}

/// Epochs of a thousand in which an honest validator is marked.
pub fn false_alarms(validators: usize, error: u32, epochs: u32) -> f64 {
    let setting = Setting { validators, error, ..Setting::default() };
    let told: u32 = alarms(setting, epochs, &mut Random(3)).iter().sum();
    f64::from(told) * 1_000.0 / f64::from(epochs) / validators as f64
}
