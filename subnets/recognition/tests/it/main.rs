//! The recognition subnet with its real baseline: Tesseract and the built-in network.

mod endpoint;
mod network;
mod subnet;
mod tricks;

use std::time::Duration;

use myelin_recognition::{adversary::trial, backend::Backend, task::Task};

/// Mean of accuracy and reliability over tasks, in millionths.
fn worth(backend: &dyn Backend, tasks: &[Task]) -> u64 {
    let parts = trial(backend, tasks, Duration::from_secs(60));
    let sum: u64 = parts.iter().flatten().map(|part| u64::from(*part)).sum();
    sum / (2 * parts.len().max(1) as u64)
}
