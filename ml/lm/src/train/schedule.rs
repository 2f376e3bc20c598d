//! How the learning rate changes over a run.

/// Warm-up, then constant, then a straight line to zero.
///
/// Until `decay_from` the rate does not depend on `steps`, so a run can be prolonged by resuming it from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Steps of the run.
    pub steps: u64,
    /// Step at which the rate begins to fall.
    pub decay_from: u64,
    /// Steps of linear rise at the start.
    pub warm_up: u64,
}

impl Schedule {
    /// Factor on the learning rates for the step with this number, the first being 0: between 0 and 1.
    pub fn rate(&self, step: u64) -> f32 {
        if step < self.warm_up {
            return (step + 1) as f32 / self.warm_up as f32;
        }
        if step < self.decay_from {
            return 1.0;
        }
        let span = self.steps.saturating_sub(self.decay_from).max(1);
        self.steps.saturating_sub(step) as f32 / span as f32
    }
}
