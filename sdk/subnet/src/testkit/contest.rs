//! What a subnet tells the kit about itself: who is good, who is not, and who only pretends.

use std::time::Duration;

use myelin_wire::{
    record::Ppm,
    seed::{Seed, SeedRng},
};

use crate::subnet::{Challenge, Subnet, SubnetError};

/// Answers a request, or does not.
pub type Player<S> = Box<dyn Fn(&<S as Subnet>::Request) -> Option<<S as Subnet>::Response> + Send + Sync>;

/// Answers without a model, as a family in which the kit searches for the one that is paid best, and the models that
/// they are compared with.
pub struct StringFunctions<S: Subnet> {
    /// Number of values of each choice by which an answer is made.
    pub choices: Vec<usize>,
    /// The answer by these choices.
    pub answer: fn(&[usize], &S::Request) -> S::Response,
    /// One answer behind another, as one.
    pub append: fn(&S::Response, &S::Response) -> S::Response,
    /// Which group of requests one is of, so that each can be answered in another way; `None` where such answers are
    /// not tried.
    pub group: fn(&S::Request) -> Option<usize>,
    /// Miners with a model, by name, the worst first.
    pub models: Vec<(&'static str, Player<S>)>,
    /// Strings that are known to have been tried, by name.
    pub known: Vec<(&'static str, Player<S>)>,
    /// The best of the models with ten answers to each request, of which one is sent: by name, ways to choose it by
    /// what everybody knows. The first way is to send the model's own answer.
    pub choosers: Vec<(&'static str, Player<S>)>,
    /// What the choice takes, in times of one answer.
    pub choice_takes: f64,
}

/// A subnet whose promises can be tested, by answers of known worth.
pub trait Contest: Subnet {
    /// An instance as a new validator has it that names nothing: with what its own secret, drawn from this seed, makes
    /// of the default.
    fn judging(seed: &Seed) -> Result<Self, SubnetError>;

    /// An answer as by a miner that is right with this chance, and else wrong the way miners are: nearly.
    fn oracle(&self, challenge: &Challenge<Self>, accuracy: Ppm, rng: &mut SeedRng) -> Self::Response;

    /// Answers that are worth nothing to anybody, by name: empty, random, far too long.
    fn worthless(&self, challenge: &Challenge<Self>) -> Vec<(&'static str, Self::Response)>;

    /// The miner that comes with the subnet and really does the work.
    fn baseline(&self) -> Result<Player<Self>, SubnetError>;

    /// Time that the baseline takes for a task on one core.
    fn time_for_one(&self) -> Duration;

    /// Miners that try to earn without doing the work, by name. One that has an index of all public sources, one that
    /// has kept every request of this instance for some epochs, and one that runs the public generator backwards are
    /// among them, where the subnet has such.
    fn cheats(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError>;

    /// Cheats that look answers up and find one to few requests. Otherwise they send what the baseline sends, so they are
    /// tried on many more tasks.
    fn lookups(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError> {
        Ok(Vec::new())
    }

    /// Tasks of each kind that the baseline and the cheats are given: what they need is paid in time.
    fn trial(&self) -> u16 {
        24
    }

    /// Answers without a model, where a subnet judges text by how likely it is.
    fn string_functions(&self) -> Result<Option<StringFunctions<Self>>, SubnetError> {
        Ok(None)
    }
}
