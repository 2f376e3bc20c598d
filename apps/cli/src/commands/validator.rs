//! `myelin validator run`: asks miners, judges, sets weights on time.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use myelin_subnet::validator::RoundReport;
use myelin_subnet::{NodeChain, Validator, ValidatorOptions, ValidatorReport};

use super::{connect, stop_signal};
use crate::keys::Keys;
use crate::output::{fail, Outcome};
use crate::text::ValidatorSetup;
use crate::Global;

/// Validators.
#[derive(Subcommand)]
pub enum ValidatorCommand {
    /// Judges a subnet until it is stopped; state and evidence are on disk, so it may be restarted at any time.
    #[command(after_help = "Examples:\n  \
        myelin validator run --netuid 2 --hotkey validator1\n  \
        myelin validator run --netuid 2 --hotkey validator1 --corpus ~/texts")]
    Run(Run),
}

/// How to judge.
#[derive(Args)]
pub struct Run {
    /// The subnet.
    #[arg(long, short = 'n', env = "MYELIN_NETUID")]
    netuid: u16,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    setup: ValidatorSetup,
    /// Folder for state and evidence.
    #[arg(long, env = "MYELIN_DATA", default_value = ".myelin/validator", value_name = "DIR")]
    data: PathBuf,
}

impl ValidatorCommand {
    /// Runs until stopped.
    pub async fn run(self, global: &Global) -> Outcome {
        let ValidatorCommand::Run(run) = self;
        run.judge(global).await
    }
}

impl Run {
    async fn judge(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = Arc::new(self.keys.hotkey(global)?);
        let account = self.keys.hotkey_account(global)?;
        let Some(uid) = chain.uid(self.netuid, &account).await? else {
            return fail(format!(
                "hotkey {} is not registered on subnet {}; `myelin subnet register --netuid {}` registers it",
                crate::output::address(&account),
                self.netuid,
                self.netuid
            ));
        };
        let subnet = self.setup.open()?;
        let options = ValidatorOptions::new(self.netuid, &self.data);
        let validator =
            Validator::start(Arc::new(subnet), NodeChain::new(chain, hotkey.clone()), hotkey, options)
                .await?;
        println!("validating subnet {} with uid {uid}; state in {}", self.netuid, self.data.display());
        let mut report = validator.report();
        let mut shown = Shown::default();
        loop {
            tokio::select! {
                changed = report.changed() => match changed {
                    Ok(()) => shown.show(&report.borrow_and_update()),
                    Err(_) => return fail("the validator stopped by itself; the messages above say why"),
                },
                () = stop_signal() => break,
            }
        }
        validator.shutdown(Duration::from_secs(3)).await;
        println!("stopped; start it again to go on where it was");
        Ok(())
    }
}

/// What was printed already, so that each step is printed once.
#[derive(Default)]
struct Shown {
    round: Option<String>,
    weights: Option<u64>,
    revealed: Option<u64>,
    trouble: Option<String>,
    permit: bool,
}

impl Shown {
    fn show(&mut self, report: &ValidatorReport) {
        if report.permit && !self.permit {
            println!("block {}: this validator holds a permit", report.block);
        }
        self.permit = report.permit;
        if let Some(round) = &report.last_round {
            let line = round_line(round);
            if self.round.as_ref() != Some(&line) {
                println!("block {}: {line}", report.block);
                let averages: Vec<String> = report
                    .standings
                    .iter()
                    .map(|standing| {
                        format!("{}:{:.3}", standing.miner.uid, f64::from(standing.average.get()) / 1e6)
                    })
                    .collect();
                println!("    {AVERAGES}{}", averages.join(" "));
                self.round = Some(line);
            }
        }
        if let Some((epoch, weights)) = &report.weights {
            if self.weights != Some(*epoch) {
                let row: Vec<String> = weights
                    .uids
                    .iter()
                    .zip(&weights.values)
                    .map(|(uid, value)| format!("{uid}:{value}"))
                    .collect();
                println!("block {}: weights submitted in epoch {epoch}: {}", report.block, row.join(" "));
                self.weights = Some(*epoch);
            }
        }
        if report.revealed_in != self.revealed {
            if let Some(epoch) = report.revealed_in {
                println!("block {}: weights revealed in epoch {epoch}", report.block);
            }
            self.revealed = report.revealed_in;
        }
        if report.trouble != self.trouble {
            if let Some(trouble) = &report.trouble {
                eprintln!("block {}: {trouble}", report.block);
            }
            self.trouble.clone_from(&report.trouble);
        }
    }
}

/// How the line with the averages by uid begins; the demo reads it.
pub const AVERAGES: &str = "averages ";

fn round_line(round: &RoundReport) -> String {
    format!(
        "round {} of epoch {}: {} answers judged, {} miners repeat others, asking {} ms, judging {} ms",
        round.round,
        round.epoch,
        round.evaluated.judged.len(),
        round.evaluated.repeats.len(),
        round.asking.as_millis(),
        round.judging.as_millis()
    )
}
