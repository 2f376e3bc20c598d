//! Runs benchmarks in the WASM runtime.

use codec::{Decode, Encode};
use frame_benchmarking::{
    BenchmarkBatch, BenchmarkConfig, BenchmarkList, BenchmarkMetadata, BenchmarkParameter, BenchmarkResult,
};
use frame_support::traits::StorageInfo;
use sc_executor::{sp_wasm_interface::ExtendedHostFunctions, WasmExecutor};
use sp_core::traits::{CallContext, CodeExecutor, ReadRuntimeVersionExt, RuntimeCode, WrappedRuntimeCode};
use sp_externalities::Extensions;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_state_machine::{OverlayedChanges, StateMachine};
use sp_storage::Storage;

use crate::{clock, state::State};

/// Functions that the runtime may call: those of nodes, and the counters of benchmarks with our clock.
type Offered = ExtendedHostFunctions<
    (sp_io::SubstrateHostFunctions, frame_benchmarking::benchmarking::HostFunctions),
    clock::benchmarking::HostFunctions,
>;

/// Number of measurements.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Values of each component, from its smallest to its largest.
    pub steps: u32,
    /// Measurements at each value; as many times as there would be values where there is no component.
    pub repeat: u32,
}

/// Rounds in which each value is measured.
const ROUNDS: u32 = 5;

/// A runtime that can be measured.
pub struct Scales {
    executor: WasmExecutor<Offered>,
    code: Vec<u8>,
    first: Storage,
}

impl Scales {
    /// Scales for this code, which runs on a state that begins as `first`.
    pub fn new(code: Vec<u8>, first: Storage) -> Self {
        Self { executor: WasmExecutor::builder().build(), code, first }
    }

    /// The benchmarks of all pallets.
    pub fn list(&self) -> Result<Vec<BenchmarkList>, String> {
        let answer: (Vec<BenchmarkList>, Vec<StorageInfo>) =
            self.ask(&self.state(), "Benchmark_benchmark_metadata", &false.encode())?;
        Ok(answer.0)
    }

    /// Measures one benchmark with every component from its smallest to its largest value, the others at their largest.
    ///
    /// Measures each value a few times in turn, and then again in further rounds. A disturbance of the machine for a
    /// second then counts little at each value instead of much at one. The first measurement after a start, which finds
    /// its memory cold, is left out.
    pub fn weigh(
        &self,
        pallet: &BenchmarkList,
        benchmark: &BenchmarkMetadata,
        effort: Effort,
    ) -> Result<Vec<BenchmarkResult>, String> {
        let state = self.state();
        let mut results = Vec::new();
        let config =
            |at: &[(BenchmarkParameter, u32)], verify: bool, internal_repeats: u32| BenchmarkConfig {
                pallet: pallet.pallet.clone(),
                instance: pallet.instance.clone(),
                benchmark: benchmark.name.clone(),
                selected_components: at.to_vec(),
                verify,
                internal_repeats,
            };
        let points = points(&benchmark.components, effort.steps);
        self.run(&state, &config(&points[0], true, 1))?;
        let repeat =
            if benchmark.components.is_empty() { effort.repeat * effort.steps } else { effort.repeat };
        let together = repeat.div_ceil(ROUNDS);
        for _ in 0..ROUNDS {
            for point in &points {
                results.extend(self.run(&state, &config(point, false, together + 1))?.into_iter().skip(1));
            }
        }
        Ok(results)
    }

    fn run(&self, state: &State, config: &BenchmarkConfig) -> Result<Vec<BenchmarkResult>, String> {
        let answer: Result<Vec<BenchmarkBatch>, String> =
            self.ask(state, "Benchmark_dispatch_benchmark", &config.encode())?;
        Ok(answer?.into_iter().flat_map(|batch| batch.results).collect())
    }

    fn state(&self) -> State {
        State::new(self.first.clone())
    }

    fn ask<R: Decode>(&self, state: &State, method: &str, argument: &[u8]) -> Result<R, String> {
        let code = WrappedRuntimeCode(self.code.as_slice().into());
        let hash = sp_io::hashing::blake2_256(&self.code).to_vec();
        let runtime = RuntimeCode { code_fetcher: &code, hash, heap_pages: None };
        let mut extensions = extensions(self.executor.clone());
        let mut changes = OverlayedChanges::default();
        let answer = StateMachine::new(
            state,
            &mut changes,
            &self.executor,
            method,
            argument,
            &mut extensions,
            &runtime,
            CallContext::Offchain,
        )
        .execute()
        .map_err(|error| error.to_string())?;
        R::decode(&mut answer.as_slice()).map_err(|error| format!("{method}: {error}"))
    }
}

/// Extensions that host functions need beside the state.
fn extensions(executor: impl CodeExecutor) -> Extensions {
    let mut extensions = Extensions::new();
    extensions.register(KeystoreExt::new(MemoryKeystore::new()));
    extensions.register(ReadRuntimeVersionExt::new(executor));
    extensions
}

/// The values at which a benchmark is measured.
fn points(components: &[(BenchmarkParameter, u32, u32)], steps: u32) -> Vec<Vec<(BenchmarkParameter, u32)>> {
    if components.is_empty() {
        return vec![Vec::new()];
    }
    let largest: Vec<_> = components.iter().map(|&(name, _, high)| (name, high)).collect();
    let mut points = Vec::new();
    for (place, &(_, low, high)) in components.iter().enumerate() {
        for step in 0..steps {
            let span = u64::from(high - low) * u64::from(step) / u64::from(steps - 1);
            let mut point = largest.clone();
            point[place].1 = low + span as u32;
            if !points.contains(&point) {
                points.push(point);
            }
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_component_goes_from_its_smallest_to_its_largest_value_while_the_others_are_largest() {
        let (first, second) = (BenchmarkParameter::n, BenchmarkParameter::p);
        let points = points(&[(first, 1, 9), (second, 0, 4)], 3);
        let expected = [
            [(first, 1), (second, 4)],
            [(first, 5), (second, 4)],
            [(first, 9), (second, 4)],
            [(first, 9), (second, 0)],
            [(first, 9), (second, 2)],
        ];
        assert_eq!(points, expected);
    }
}
