//! Players that a subnet supplies to the kit: good miners, bad ones, and cheats.

use std::time::Duration;

use myelin_wire::{
    record::Ppm,
    seed::{Seed, SeedRng},
};

use crate::subnet::{Challenge, Subnet, SubnetError};

/// Answers a request, or gives no answer.
pub type Player<S> = Box<dyn Fn(&<S as Subnet>::Request) -> Option<<S as Subnet>::Response> + Send + Sync>;

/// Miners whose answers are combined, by name.
pub type Team<S> = Vec<(&'static str, Player<S>)>;

/// Answers without a model, as a family in which the kit searches for the answer that is paid best, and the models that
/// they are compared with.
pub struct StringFunctions<S: Subnet> {
    /// Number of values of each choice by which an answer is built.
    pub choices: Vec<usize>,
    /// The answer for these choices.
    pub answer: fn(&[usize], &S::Request) -> S::Response,
    /// Joins two answers, the second behind the first.
    pub append: fn(&S::Response, &S::Response) -> S::Response,
    /// The group that a request belongs to, so that each group can be answered in another way; `None` where such
    /// answers are not tested.
    pub group: fn(&S::Request) -> Option<usize>,
    /// Miners with a model, by name, the worst first.
    pub models: Vec<(&'static str, Player<S>)>,
    /// Strings that real miners are known to have sent, by name.
    pub known: Vec<(&'static str, Player<S>)>,
    /// The best of the models with ten answers to each request, of which one is sent: by name, ways to choose it by
    /// what everybody knows. The first way is to send the model's own answer.
    pub choosers: Vec<(&'static str, Player<S>)>,
    /// Time of the choice, in times of one answer.
    pub choice_takes: f64,
}

/// A subnet whose promises can be tested, by answers of known worth.
pub trait Contest: Subnet {
    /// An instance as of a new validator that configures nothing, with the default data that its own secret, drawn from
    /// this seed, leads to.
    fn judging(seed: &Seed) -> Result<Self, SubnetError>;

    /// An answer that is right with this probability, and otherwise wrong as miners usually are: nearly right.
    fn oracle(&self, challenge: &Challenge<Self>, accuracy: Ppm, rng: &mut SeedRng) -> Self::Response;

    /// Answers that are worthless to everybody, by name: empty, random, far too long.
    fn worthless(&self, challenge: &Challenge<Self>) -> Vec<(&'static str, Self::Response)>;

    /// The miner that comes with the subnet and really does the work.
    fn baseline(&self) -> Result<Player<Self>, SubnetError>;

    /// Time that the baseline takes for a task on one core.
    fn time_for_one(&self) -> Duration;

    /// Miners that try to earn without doing the work, by name. Where the subnet has such, they include a miner with an
    /// index of all public sources, and one that has kept every request of this instance for some epochs. They also
    /// include one that runs the public generator backwards.
    fn cheats(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError>;

    /// Cheats that look answers up and find one to few requests. Otherwise they send what the baseline sends, so they
    /// are tried on many more tasks.
    fn lookups(&self) -> Result<Vec<(&'static str, Player<Self>)>, SubnetError> {
        Ok(Vec::new())
    }

    /// Teams of real miners whose combined answers are compared with the best of them alone.
    fn teams(&self) -> Result<Vec<Team<Self>>, SubnetError> {
        Ok(Vec::new())
    }

    /// Tasks of each kind that the baseline and the cheats are given: what they need is paid in time.
    fn trial(&self) -> u16 {
        24
    }

    /// Answers without a model, where a subnet judges text by its likelihood.
    fn string_functions(&self) -> Result<Option<StringFunctions<Self>>, SubnetError> {
        Ok(None)
    }
}
