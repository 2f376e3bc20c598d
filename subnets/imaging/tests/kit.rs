//! Promises of the subnet to everybody, as `myelin subnet test imaging` prints them, with fewer trials.

use myelin_imaging::ImagingSubnet;
use myelin_subnet::testkit::{table, test_subnet_briefly};
use myelin_wire::seed::Seed;

#[test]
fn the_promises_of_the_subnet_are_kept() {
    let findings = test_subnet_briefly::<ImagingSubnet>(&Seed([1; 32]), |_| {}).unwrap();
    println!("{}", table(&findings));
    let broken: Vec<&str> =
        findings.iter().filter(|finding| !finding.kept).map(|finding| finding.promise).collect();
    assert!(broken.is_empty(), "{}", table(&findings));
}
