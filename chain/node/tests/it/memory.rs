//! Memory of a node.

use crate::harness::{Setup, PROGRESS};

/// MiB that suffice for a young chain; compiling the runtime alone takes more for a moment.
const ENOUGH: u64 = 200;

#[test]
fn a_node_returns_what_compiling_its_runtime_took() {
    let setup = Setup::new("dev", &["--dev"]);
    let node = setup.start(&[]);
    node.wait_finalised(3);
    node.wait("returned freed memory", PROGRESS, |node| match node.memory() {
        Some(memory) if memory.all() > ENOUGH => Err(format!("{memory:?}")),
        _ => Ok(()),
    });
}
