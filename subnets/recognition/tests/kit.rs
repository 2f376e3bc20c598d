//! Promises of the subnet to everybody, as `myelin subnet test recognition` prints them;
//! with all trials in the long tests only.

use myelin_recognition::RecognitionSubnet;
use myelin_subnet::testkit::{seeds_of_the_tier, table, test_subnet_in_its_tier};

#[test]
fn the_promises_of_every_subnet_are_kept() {
    for seed in seeds_of_the_tier() {
        let findings = test_subnet_in_its_tier::<RecognitionSubnet>(&seed, |_| {}).unwrap();
        println!("{}", table(&findings));
        assert!(findings.iter().all(|finding| finding.kept), "{seed:?}\n{}", table(&findings));
    }
}
