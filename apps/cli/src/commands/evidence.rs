//! `myelin evidence`: a validator's evidence for those who have to rely on it.

mod report;

use clap::Subcommand;

use crate::output::Outcome;
use crate::subnets::Kinds;
use crate::Global;

/// Evidence of validators: report.
#[derive(Subcommand)]
pub enum Evidence {
    /// Writes a report for compliance readers as HTML or JSON. It says who judged what, by which rubric, and which
    /// models answered. Beside each statement stands the command that verifies it.
    #[command(after_help = "Examples:\n  \
        myelin evidence report --netuid 2 --epoch 42 --evidence .myelin/validator/evidence --out report.html\n  \
        myelin evidence report --netuid 2 --epochs 40..42 --evidence copy/of/evidence --json")]
    Report(report::Report),
}

impl Evidence {
    /// Runs the verb.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        match self {
            Evidence::Report(report) => report.run(global, kinds).await,
        }
    }
}
