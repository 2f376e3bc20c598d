//! What the subnet promises everybody, as `myelin subnet test text` prints it.

use myelin_subnet::testkit::{table, test_subnet};
use myelin_text::TextSubnet;
use myelin_wire::seed::Seed;

#[test]
fn promises_are_kept() {
    let findings = test_subnet::<TextSubnet>(&Seed([1; 32]), |_| {}).unwrap();
    println!("{}", table(&findings));
    let broken = findings.iter().filter(|finding| !finding.kept);
    assert_eq!(broken.count(), 0, "{}", table(&findings));
}
