//! This kind of subnet on the command line, for `miner run`, `validator run` and `validator rules`.
//!
//! Its options are a `#[derive(myelin_cli::clap::Args)]` struct: `Kind::miner_options` and `Kind::validator_options`
//! add it to the command, `setup.own()` reads it.

use myelin_cli::{Failure, Kind, MinerSetup, Opened, ValidatorSetup};
use myelin_subnet::{
    testkit::{test_subnet, Finding},
    Subnet,
};
use myelin_wire::seed::Seed;

use crate::{solver::SOLVERS, subnet::Config, RoundTripSubnet};

/// The kind `round-trip`.
pub struct RoundTripKind;

impl Kind for RoundTripKind {
    fn name(&self) -> &'static str {
        "round-trip"
    }

    fn about(&self) -> &'static str {
        "Short round trips are found"
    }

    fn miner(&self, setup: &MinerSetup<'_>) -> Result<(Opened, String), Failure> {
        let name = setup.built_in(&SOLVERS.map(|(name, _)| name))?;
        let solver = SOLVERS.into_iter().find_map(|(known, solver)| (known == name).then_some(solver));
        Ok((Opened::new(RoundTripSubnet::open(Config { solver })?), name.to_owned()))
    }

    fn validator(&self, _: &ValidatorSetup<'_>) -> Result<Opened, Failure> {
        Ok(Opened::new(RoundTripSubnet::open(Config::default())?))
    }

    fn test(&self, seed: &Seed, tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, Failure> {
        Ok(test_subnet::<RoundTripSubnet>(seed, tell)?)
    }
}
