//! Promises of the subnet to everybody, as `myelin subnet test analysis` prints them;
//! with all trials in the long tests only.

use myelin_analysis::AnalysisSubnet;
use myelin_subnet::testkit::{table, test_subnet_in_its_tier};
use myelin_wire::seed::Seed;

#[test]
fn the_promises_of_every_subnet_are_kept() {
    let findings = test_subnet_in_its_tier::<AnalysisSubnet>(&Seed([1; 32]), |_| {}).unwrap();
    println!("{}", table(&findings));
    assert!(findings.iter().all(|finding| finding.kept), "{}", table(&findings));
}
