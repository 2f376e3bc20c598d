//! `myelin-node`: runs and inspects a Myelin chain.
//!
//! | file | holds |
//! |---|---|
//! | `cli` | arguments |
//! | `command` | which argument leads to which action |
//! | `chain_spec` | the built-in chains and chain files |
//! | `beacon` | the contribution of this node to the beacon, in the blocks that it writes |
//! | `service` | the parts of a running node: database, network, pool, block production, finality |
//! | `once` | one signed block for each slot, also after a restart or with a wrong clock |
//! | `votes` | one vote in each round of finality, also after the database is lost |
//! | `test_keys` | the keys of a test authority, ready to sign |
//! | `catch_up` | repeated requests of a voter to catch up with finality |
//! | `pool` | the transaction pool, which takes in nothing while it looks at a new block |
//! | `memory` | returning freed memory to the system |
//! | `gate` | limits of time and of each address before the JSON-RPC |
//! | `rpc` | JSON-RPC methods beyond the stock set |
//! | `upgrade` | trying a new runtime on a copy of a state |
//!
//! Rules of the chain are in the runtime, which the node executes as WASM. The node itself only agrees on blocks,
//! stores them, distributes them and answers questions about them.

// The error types of sc-cli and sc-service are large, and theirs to change.
#![allow(clippy::result_large_err)]

mod beacon;
mod catch_up;
mod chain_spec;
mod cli;
mod command;
mod doubles;
mod finality;
mod gate;
mod memory;
mod once;
mod pool;
mod rpc;
mod service;
mod test_keys;
mod upgrade;
mod votes;

fn main() -> std::process::ExitCode {
    memory::limit_arenas();
    match command::run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("myelin-node: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
