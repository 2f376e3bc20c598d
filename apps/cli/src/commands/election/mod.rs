//! `myelin election`: candidates for the office of a block author, and the elections that choose among them.

mod candidates;
mod join;
mod pledge;
mod rest;
pub mod rules;
mod status;
mod view;

use clap::Subcommand;

use crate::output::Outcome;
use crate::Global;

/// Elections of block authors: status, candidates, join, pledge, unbond, leave, withdraw, chill, resume.
#[derive(Subcommand)]
pub enum Election {
    /// The switch, the next pass, the set in office, the rules in force, slashes that wait, and the own candidacy.
    #[command(
        after_help = "Examples:\n  myelin election status\n  myelin election status --wallet operator"
    )]
    Status(status::Status),
    /// All candidates with pledge, stake that counts, quality and weight, the best first.
    Candidates(candidates::List),
    /// Makes a hotkey a candidate, with TAO that its coldkey pledges for it.
    #[command(after_help = "Example:\n  myelin election join 100 --wallet operator --hotkey validator")]
    Join(join::Join),
    /// Adds TAO to the pledge of the coldkey's candidate.
    #[command(after_help = "Example:\n  myelin election pledge 50 --wallet operator")]
    Pledge(pledge::Amount),
    /// Sends TAO of the pledge on its way out; it elects nobody from then on, and is free some weeks later.
    #[command(after_help = "Example:\n  myelin election unbond 20 --wallet operator")]
    Unbond(pledge::Amount),
    /// Ends the candidacy: sends all of the pledge on its way out.
    Leave(pledge::Own),
    /// Withdraws TAO of the pledge that is free.
    Withdraw(pledge::Own),
    /// Lets the candidate rest: it is not elected, and leaves its seat after the next pass.
    #[command(after_help = "Examples:\n  myelin election chill --wallet operator\n  \
                      myelin election chill --use-hotkey --wallet operator --hotkey validator")]
    Chill(rest::Chill),
    /// Ends the rest of the candidate.
    Resume(rest::Resume),
}

impl Election {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Election::Status(status) => status.run(global).await,
            Election::Candidates(list) => list.run(global).await,
            Election::Join(join) => join.run(global).await,
            Election::Pledge(amount) => amount.pledge(global).await,
            Election::Unbond(amount) => amount.unbond(global).await,
            Election::Leave(own) => own.leave(global).await,
            Election::Withdraw(own) => own.withdraw(global).await,
            Election::Chill(chill) => chill.run(global).await,
            Election::Resume(resume) => resume.run(global).await,
        }
    }
}
