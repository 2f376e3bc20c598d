//! `myelin gov`: holders propose, vote, and see what is decided.

mod calendar;
mod committee;
mod examine;
mod note;
mod proposal;
mod propose;
mod refund;
pub mod status;
mod upgrade;
pub mod view;
mod vote;
pub mod words;

use clap::Subcommand;

use crate::output::Outcome;
use crate::Global;

/// Decisions of holders: status, simulate, propose, text, decide, refund, note, unnote, lock, unlock, vote, withdraw,
/// delegate, undelegate, calendar, upgrade, delay, mark, brake, claim, pay.
#[derive(Subcommand)]
pub enum Gov {
    /// Open referenda with their votes, tracks, treasury, and the own part; or one referendum with everything.
    #[command(after_help = "Examples:\n  myelin gov status\n  myelin gov status 3 --wallet alice")]
    Status(status::Status),
    /// Changes by a proposal with present values, its needs, and reasons for which the chain would refuse it.
    #[command(
        after_help = "Examples:\n  myelin gov simulate --set subnet_limit=64\n  myelin gov simulate 3"
    )]
    Simulate(propose::Simulate),
    /// Submits a proposal as a referendum on its track.
    #[command(
        after_help = "Examples:\n  myelin gov propose --set subnet_limit=64 --decide --wallet alice\n  \
                      myelin gov propose --upgrade runtime.wasm --text why.md --wallet alice\n  \
                      myelin gov propose --elections on --wallet alice\n  \
                      myelin gov propose --rubric rubric.txt --netuid 2 --wallet alice\n  \
                      myelin gov propose --grant 50,90,first.md --grant 50,180,second.md --to bob --wallet alice"
    )]
    Propose(propose::Propose),
    /// Pays the deposit for the decision of a referendum; anybody may.
    Decide(propose::OfReferendum),
    /// Stores a text on the chain as that of an open referendum, as its author.
    #[command(after_help = "Example:\n  myelin gov text 3 why.md --wallet alice")]
    Text(note::Text),
    /// Returns the deposits of a referendum that is over to their payers, and sends lost ones to the treasury.
    Refund(propose::OfReferendum),
    /// Stores an encoded proposal, or a text, that the chain does not have any more.
    #[command(after_help = "Examples:\n  myelin gov note 0x6b0a… --wallet alice\n  \
                      myelin gov note --file why.md --wallet alice")]
    Note(note::Note),
    /// Takes stored proposals and texts from the chain, with their deposits.
    #[command(after_help = "Example:\n  myelin gov unnote --wallet alice")]
    Unnote(note::Stored),
    /// Puts TAO or alpha under the vote lock, with which votes are cast.
    #[command(after_help = "Examples:\n  myelin gov lock 100 --wallet alice\n  \
                      myelin gov lock 25 --asset alpha:2 --wallet alice")]
    Lock(vote::Amount),
    /// Takes TAO or alpha from under the vote lock, if nothing binds it.
    Unlock(vote::Amount),
    /// Votes with everything under the vote lock, or changes the vote.
    #[command(after_help = "Example:\n  myelin gov vote 3 aye --multiplier 1.5 --wallet alice")]
    Vote(vote::Cast),
    /// Takes a vote back; the vote lock stays bound until the referendum is over.
    Withdraw(propose::OfReferendum),
    /// Lets another account vote on a track for five to six months; an own vote goes before.
    #[command(after_help = "Example:\n  myelin gov delegate parameters bob --wallet alice")]
    Delegate(vote::Delegation),
    /// Ends a delegation.
    Undelegate(vote::OfTrack),
    /// Beginnings, ends and enactments ahead, with their dates; and enactments that are overdue.
    #[command(after_help = "Examples:\n  myelin gov calendar --wallet alice\n  \
                      myelin gov calendar --within 48 --wallet alice")]
    Calendar(calendar::Calendar),
    /// Puts the code in force that a referendum authorized; anybody may.
    #[command(after_help = "Example:\n  myelin gov upgrade runtime.wasm --wallet alice")]
    Upgrade(upgrade::Upgrade),
    /// Delays the enactment of an approved referendum once, as the committee.
    Delay(committee::Postpone),
    /// Marks code for the urgent track, as the committee.
    Mark(committee::Code),
    /// Stops enactments for a week, or lets them go on, as the committee.
    Brake(committee::Brake),
    /// Claims the next milestone of a grant, as its recipient.
    Claim(committee::Report),
    /// Pays a claimed milestone of a grant after its 14 days; anybody may.
    Pay(committee::Payment),
}

impl Gov {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Gov::Status(status) => status.run(global).await,
            Gov::Simulate(simulate) => simulate.run(global).await,
            Gov::Propose(propose) => propose.run(global).await,
            Gov::Decide(order) => propose::decide(order, global).await,
            Gov::Refund(order) => refund::refund(order, global).await,
            Gov::Text(text) => text.run(global).await,
            Gov::Note(note) => note.run(global).await,
            Gov::Unnote(stored) => stored.unnote(global).await,
            Gov::Lock(amount) => amount.lock(global).await,
            Gov::Unlock(amount) => amount.unlock(global).await,
            Gov::Vote(cast) => cast.run(global).await,
            Gov::Withdraw(order) => vote::withdraw(order, global).await,
            Gov::Delegate(delegation) => delegation.run(global).await,
            Gov::Undelegate(track) => track.undelegate(global).await,
            Gov::Calendar(calendar) => calendar.run(global).await,
            Gov::Upgrade(upgrade) => upgrade.run(global).await,
            Gov::Delay(delay) => delay.run(global).await,
            Gov::Mark(code) => code.run(global).await,
            Gov::Brake(brake) => brake.run(global).await,
            Gov::Claim(report) => report.run(global).await,
            Gov::Pay(payment) => payment.run(global).await,
        }
    }
}
