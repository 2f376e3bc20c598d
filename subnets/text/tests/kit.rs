//! Promises of the subnet to everybody, as `myelin subnet test text` prints them; with all trials, which take ten
//! minutes for each of five seeds, in the long tests only.

use myelin_subnet::testkit::{seeds_of_the_tier, table, test_subnet_in_its_tier};
use myelin_text::TextSubnet;

#[test]
fn the_promises_of_the_subnet_are_kept() {
    for seed in seeds_of_the_tier() {
        let findings = test_subnet_in_its_tier::<TextSubnet>(&seed, |_| {}).unwrap();
        println!("{}", table(&findings));
        assert!(findings.iter().all(|finding| finding.kept), "{seed:?}\n{}", table(&findings));
    }
}
