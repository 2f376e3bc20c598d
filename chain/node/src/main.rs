//! The Myelin node.
fn main() {}
