//! `myelin chain`: whether the ledgers of a chain balance.
//!
//! | file | does |
//! |---|---|
//! | [`equation`] | shows the equation of all TAO after one block |
//! | [`watch`] | follows a node from block to block |
//! | [`record`] | compares each block with those before, and knows the alerts |
//! | [`audit`] | copies the state after a block, and has the node's binary check it |
//! | [`webhook`] | hands alerts to a server |

mod audit;
mod equation;
mod record;
mod watch;
mod webhook;

use clap::Subcommand;

use crate::output::Outcome;
use crate::Global;

/// The ledgers of a chain: equation, watch.
#[derive(Subcommand)]
pub enum Chain {
    /// Shows where all TAO came from and where it is, and whether both are equal.
    #[command(
        after_help = "Examples:\n  myelin chain equation\n  myelin chain equation --block 1200 --json"
    )]
    Equation(equation::Show),
    /// Follows a node, and raises an alert where TAO does not add up, finality stops or the chain forks.
    ///
    /// Every final block is asked for the equation of all TAO. With --audit-every, the whole state is copied from time
    /// to time, and `myelin-node check-state` looks at every account.
    #[command(after_help = "Examples:\n  myelin chain watch\n  \
        myelin chain watch --audit-every 7200 --webhook https://example.org/alerts\n  \
        myelin chain watch --from 1 --blocks 500 --json")]
    Watch(watch::Watch),
}

impl Chain {
    /// Does what was asked.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Chain::Equation(show) => show.run(global).await,
            Chain::Watch(watch) => watch.run(global).await,
        }
    }
}
