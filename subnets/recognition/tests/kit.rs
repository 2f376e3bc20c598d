//! Promises of the subnet to everybody, as `myelin subnet test recognition` prints them.

use myelin_recognition::RecognitionSubnet;
use myelin_subnet::testkit::{table, test_subnet};
use myelin_wire::seed::Seed;

#[test]
fn the_promises_of_every_subnet_are_kept() {
    let findings = test_subnet::<RecognitionSubnet>(&Seed([1; 32]), |_| {}).unwrap();
    println!("{}", table(&findings));
    assert!(findings.iter().all(|finding| finding.kept), "{}", table(&findings));
}
