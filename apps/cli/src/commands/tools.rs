//! `myelin utils`: amounts in other units, and the response time of a node.

use std::time::Instant;

use clap::{Args, Subcommand};
use myelin_units::TaoBalance;
use serde_json::json;

use super::connect;
use crate::output::{self, tao, Outcome};
use crate::Global;

/// Small tools: convert, latency.
#[derive(Subcommand)]
pub enum Tools {
    /// TAO in rao, or rao in TAO.
    Convert(Convert),
    /// The response time of a node.
    Latency,
}

/// The amount to convert.
#[derive(Args)]
pub struct Convert {
    /// An amount in TAO.
    #[arg(long, value_parser = output::amount, required_unless_present = "rao")]
    tao: Option<u64>,
    /// An amount in rao.
    #[arg(long, conflicts_with = "tao")]
    rao: Option<u64>,
}

impl Tools {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Tools::Convert(convert) => {
                let rao = convert.tao.or(convert.rao).unwrap_or_default();
                let exact = format!("{}.{:09}", rao / 1_000_000_000, rao % 1_000_000_000);
                output::report(
                    global,
                    &format!("{exact} τ = {rao} rao"),
                    json!({ "rao": rao, "tao": exact, "shown": tao(TaoBalance::from_rao(rao)) }),
                )
            }
            Tools::Latency => {
                let chain = connect(global).await?;
                let mut times = Vec::new();
                for _ in 0..5 {
                    let started = Instant::now();
                    chain.finalized_block().await?;
                    times.push(started.elapsed().as_secs_f64() * 1_000.0);
                }
                times.sort_by(f64::total_cmp);
                let median = times[times.len() / 2];
                let endpoint = global.endpoint.url()?;
                let value = json!({ "endpoint": endpoint, "median_ms": median });
                output::report(global, &format!("{endpoint}: {median:.1} ms"), value)
            }
        }
    }
}
