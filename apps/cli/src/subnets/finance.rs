//! Set-up of the finance subnet: a built-in forecaster that answers, the series of a person, and the chart of the
//! answer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Command, ValueEnum};
use myelin_finance::adversary::{Past, Stale, Sure};
use myelin_finance::backend::{Backend, BuiltIn};
use myelin_finance::chart;
use myelin_finance::feed::{Feeds, FeedsSettings};
use myelin_finance::forecast::FORECASTERS;
use myelin_finance::protocol::{unpack, FinanceRequest, FinanceResponse, Wanted, ONE};
use myelin_finance::score;
use myelin_finance::series::Composer;
use myelin_finance::upload::{Upload, MOST_BYTES};
use myelin_finance::{FinanceConfig, FinanceSubnet};
use myelin_subnet::testkit::{Finding, Together};
use myelin_subnet::Subnet;
use myelin_wire::seed::Seed;

use super::{AskSetup, Inquiry, Kind, MinerSetup, Opened, Purpose, Shown, ValidatorSetup};
use crate::output::{self, fail, plain, Failure};

/// Forecasts of series.
pub struct Finance;

/// Ways to do worse than possible; for tests and the demo.
#[derive(Args)]
struct Misbehaviour {
    /// Misbehave in this way; for tests and the demo.
    #[arg(long, hide = true)]
    finance_adversary: Option<Adversary>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Adversary {
    /// Sends the past.
    Past,
    /// Sends the last value, as if it were sure.
    Sure,
    /// Sends the forecast for the series before.
    Stale,
}

/// The secret of composed series where `--public-texts` is given.
const PUBLIC: [u8; 32] = [0; 32];
/// The kind of tasks that comes nearest to people's questions.
const LIKE: &str = "paths";

impl Kind for Finance {
    fn name(&self) -> &'static str {
        "finance"
    }

    fn about(&self) -> &'static str {
        "Series go on: paths, intervals and probabilities"
    }

    fn miner_options(&self, command: Command) -> Command {
        Misbehaviour::augment_args(command)
    }

    fn miner(&self, setup: &MinerSetup<'_>) -> Result<(Opened, String), Failure> {
        let (backend, name): (Arc<dyn Backend>, _) = match setup.own::<Misbehaviour>()?.finance_adversary {
            Some(Adversary::Past) => (Arc::new(Past), "past"),
            Some(Adversary::Sure) => (Arc::new(Sure), "sure"),
            Some(Adversary::Stale) => (Arc::new(Stale::default()), "stale"),
            None => {
                // The best comes first.
                let mut names = FORECASTERS.map(|(name, _)| name);
                names.reverse();
                let name = setup.built_in(&names)?;
                let found = FORECASTERS.into_iter().find(|(known, _)| *known == name);
                let Some((name, forecaster)) = found else {
                    return fail(format!("there is no forecaster `{name}`"));
                };
                // Miners with other keys simulate other ways.
                let salt = u64::from_le_bytes(std::array::from_fn(|at| setup.hotkey.public()[at]));
                (Arc::new(BuiltIn { forecaster, salt }), name)
            }
        };
        let config = FinanceConfig { backend: Some(backend), ..FinanceConfig::default() };
        Ok((myelin_kinds::finance::opened(FinanceSubnet::open(config)?), name.to_owned()))
    }

    fn validator_options(&self, command: Command) -> Command {
        Feeding::augment_args(command)
    }

    fn validator(&self, setup: &ValidatorSetup<'_>) -> Result<Opened, Failure> {
        let composer = Some(Composer::new(&setup.secret.unwrap_or(PUBLIC)));
        let feeds = setup.own::<Feeding>()?.open(setup.purpose == Purpose::Judge)?;
        Ok(myelin_kinds::finance::opened(FinanceSubnet::open(FinanceConfig {
            composer,
            feeds,
            ..FinanceConfig::default()
        })?))
    }

    fn ask_options(&self, command: Command) -> Command {
        Series::augment_args(command)
    }

    fn ask(&self, setup: &AskSetup<'_>) -> Result<Inquiry, Failure> {
        let series: Series = setup.own()?;
        let mut upload = series.upload()?;
        let came = if series.hold_out { upload.hold_out(series.steps)? } else { Vec::new() };
        let request = upload.request(series.steps, series.wanted(&upload)?);
        request.check()?;
        let asked = request.clone();
        let show = move |answer: &FinanceResponse| series.show(&upload, &asked, answer, &came);
        Inquiry::new(FinanceSubnet::open(FinanceConfig::default())?, request, LIKE, show)
    }

    fn test(&self, seed: &Seed, tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, Failure> {
        Ok(myelin_kinds::finance::test(seed, tell)?)
    }

    fn together(&self, seed: &Seed) -> Result<Vec<Together>, Failure> {
        Ok(myelin_kinds::finance::combined(seed)?)
    }
}

/// Feeds of a validator.
#[derive(Args)]
struct Feeding {
    /// Finance: ask about the feeds that this TOML file names, too, and judge when their horizon is over; see
    /// subnets/finance/README.md.
    #[arg(long, value_name = "FILE")]
    feeds: Option<PathBuf>,
}

impl Feeding {
    /// Reads the records, which the file names by paths from its own folder. With `live` they go on.
    fn open(&self, live: bool) -> Result<Option<Feeds>, Failure> {
        let Some(path) = &self.feeds else { return Ok(None) };
        let text = std::fs::read_to_string(path).map_err(output::at(path))?;
        let wrong = |error: &dyn std::fmt::Display| {
            Failure::new(format!("the feeds of {}: {}", path.display(), error.to_string().trim_end()))
        };
        let mut settings: FeedsSettings = toml::from_str(&text).map_err(|error| wrong(&error))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        settings.feeds.iter_mut().for_each(|feed| feed.record = folder.join(&feed.record));
        Ok(Some(settings.open(live).map_err(|error| wrong(&error))?))
    }
}

/// The series of a question.
#[derive(Args)]
struct Series {
    /// Finance: a CSV file with a line for each point, the oldest first; the latest 4096 points are sent.
    #[arg(long, value_name = "FILE")]
    series: Option<PathBuf>,
    /// Finance: the column of the values; the last one that holds numbers by default.
    #[arg(long, value_name = "NAME", requires = "series")]
    column: Option<String>,
    /// Finance: steps ahead.
    #[arg(long, default_value_t = 24, value_name = "STEPS", value_parser = clap::value_parser!(u16).range(1..=288))]
    steps: u16,
    /// Finance: write the paths as a fan chart to this SVG file.
    #[arg(long, value_name = "FILE", requires = "series")]
    chart: Option<PathBuf>,
    /// Finance: withhold the last --steps points, ask for them, and show how the forecast fared.
    #[arg(long, requires = "series")]
    hold_out: bool,
    /// Finance: write to this SVG file how often what came had the chances that were told.
    #[arg(long, value_name = "FILE", requires = "hold_out")]
    calibration: Option<PathBuf>,
    /// Finance: ask for the interval that holds the last step with this probability in percent, in place of paths.
    #[arg(
        long,
        value_name = "PERCENT",
        value_parser = clap::value_parser!(u32).range(1..=99),
        conflicts_with_all = ["chart", "calibration", "above", "reaches"]
    )]
    interval: Option<u32>,
    /// Finance: ask how probable it is that the last step is above this value.
    #[arg(long, value_name = "VALUE", conflicts_with_all = ["chart", "calibration", "reaches"])]
    above: Option<String>,
    /// Finance: ask how probable it is that some step is above this value.
    #[arg(long, value_name = "VALUE", conflicts_with_all = ["chart", "calibration"])]
    reaches: Option<String>,
}

impl Series {
    fn upload(&self) -> Result<Upload, Failure> {
        let Some(path) = &self.series else {
            return fail("no series is named; name a CSV file with --series FILE.csv");
        };
        let failed = |error| Failure::new(format!("reading the series {}: {error}", path.display()));
        let length = std::fs::metadata(path).map_err(failed)?.len();
        if length > MOST_BYTES as u64 {
            let path = path.display();
            return fail(format!(
                "the series {path} has {length} bytes, the limit is {MOST_BYTES}; take its end"
            ));
        }
        let bytes = std::fs::read(path).map_err(failed)?;
        Upload::from_csv(&bytes, self.column.as_deref())
            .map_err(|error| Failure::new(format!("{}: {error}", path.display())))
    }

    fn wanted(&self, upload: &Upload) -> Result<Wanted, Failure> {
        let level = |text: &str| {
            let wrong = || Failure::new(format!("`{text}` is no value of the series, such as 12.5"));
            upload.ticks(text).ok_or_else(wrong)
        };
        Ok(match (self.interval, &self.above, &self.reaches) {
            (Some(percent), ..) => Wanted::Interval(percent * (ONE / 100)),
            (_, Some(above), _) => Wanted::Above(level(above)?),
            (.., Some(reaches)) => Wanted::Reaches(level(reaches)?),
            _ => Wanted::default(),
        })
    }

    /// The answer for a person, with its pictures. `came` is what was withheld.
    fn show(
        &self,
        upload: &Upload,
        request: &FinanceRequest,
        answer: &FinanceResponse,
        came: &[i32],
    ) -> Result<Shown, Failure> {
        // An answer of the wrong form is useless.
        let wrong = |error| Failure::new(format!("the answer has the wrong form: {error}"));
        score::check(request, answer).map_err(wrong)?;
        let end = came.last().map(|value| upload.shown(*value));
        let beside = end.as_ref().map(|end| format!("; it came to {end}")).unwrap_or_default();
        match (request.wanted, answer) {
            (Wanted::Paths(count), FinanceResponse::Paths(packed)) => {
                let paths =
                    unpack(packed, request.last(), count.into(), request.steps.into()).map_err(wrong)?;
                self.show_paths(upload, request, &paths, came)
            }
            (_, FinanceResponse::Interval(low, high)) => {
                let (low, high) = (upload.shown(*low), upload.shown(*high));
                let text = format!("between {low} and {high}{beside}");
                Ok(Shown { text, json: serde_json::json!({ "low": low, "high": high, "came": end }) })
            }
            (_, FinanceResponse::Probability(probability)) => {
                let text = format!("{:.1} %{beside}", f64::from(*probability) / 10_000.0);
                Ok(Shown { text, json: serde_json::json!({ "probability_ppm": probability, "came": end }) })
            }
            (_, FinanceResponse::Paths(_)) => fail("the answer has paths, which were not asked for"),
        }
    }

    fn show_paths(
        &self,
        upload: &Upload,
        request: &FinanceRequest,
        paths: &[Vec<i32>],
        came: &[i32],
    ) -> Result<Shown, Failure> {
        let (name, steps) = (plain(&upload.name), usize::from(request.steps));
        let rows = chart::quantiles(paths, &PERCENTS);
        let heads = ["step", "5 %", "25 %", "middle", "75 %", "95 %", "came"];
        let mut table = output::table(&heads[..if came.is_empty() { 6 } else { 7 }], 0);
        let every = steps.div_ceil(ROWS);
        for (step, row) in rows.iter().enumerate().filter(|(step, _)| (step + 1) % every == 0) {
            let cells = row.iter().chain(came.get(step)).map(|value| upload.shown(*value));
            table.add_row(std::iter::once((step + 1).to_string()).chain(cells));
        }
        let mut text = format!("{} paths of {name}\n{table}", paths.len());
        if !came.is_empty() {
            let within = rows.iter().zip(came).filter(|(row, value)| row[0] <= **value && **value <= row[4]);
            text += &format!("\n{} of {steps} steps came between 5 % and 95 %", within.count());
        }
        if let Some(file) = &self.chart {
            let title = format!("{name}: {steps} steps ahead");
            let picture = chart::fan(&title, &request.history, paths, came, |value| upload.shown(value));
            std::fs::write(file, picture).map_err(output::at(file))?;
            text += &format!("\nthe chart is in {}", file.display());
        }
        if let Some(file) = &self.calibration {
            let title = format!("{name}: {steps} steps, told and come");
            let ranks = chart::ranks(request.last(), paths, came);
            std::fs::write(file, chart::calibration(&title, &ranks)).map_err(output::at(file))?;
            text += &format!("\nthe calibration is in {}", file.display());
        }
        let shown = |path: &[i32]| path.iter().map(|value| upload.shown(*value)).collect::<Vec<_>>();
        let paths: Vec<_> = paths.iter().map(|path| shown(path)).collect();
        Ok(Shown { text, json: serde_json::json!({ "paths": paths, "came": shown(came) }) })
    }
}

/// Percents of the paths below the columns of the table.
const PERCENTS: [usize; 5] = [5, 25, 50, 75, 95];
/// Most rows of the table.
const ROWS: usize = 24;
