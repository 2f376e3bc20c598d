//! Tests of the pallet's promises, one file per concept. `mock` builds situations in words.

mod mock;
mod model;

mod batches;
mod block_trades;
mod blocks;
mod burning;
mod commitments;
mod commits;
mod emission;
mod epoch;
mod extension;
mod genesis;
mod identity;
mod lock_model;
mod locks;
mod moves;
mod neurons;
mod nominations;
mod owner_calls;
mod places;
mod properties;
mod removal;
mod root;
mod root_claims;
mod serving;
mod stake;
mod subnets;
mod surface;
mod takeover;
mod takes;
mod trimming;
mod views;
mod waiting;
mod waits;
mod weights;
