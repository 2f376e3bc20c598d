//! Promises of the subnet to everybody, as `myelin subnet test translation` prints them;
//! with all trials in the long tests only.

use myelin_subnet::testkit::{table, test_subnet_in_its_tier};
use myelin_translation::TranslationSubnet;
use myelin_wire::seed::Seed;

/// Promises that this kind does not make; its README says why.
const NOT_MADE: [&str; 1] = ["cheats earn no more than the baseline"];

#[test]
fn the_promises_of_the_subnet_are_kept() {
    let findings = test_subnet_in_its_tier::<TranslationSubnet>(&Seed([1; 32]), |_| {}).unwrap();
    println!("{}", table(&findings));
    let broken: Vec<&str> =
        findings.iter().filter(|finding| !finding.kept).map(|finding| finding.promise).collect();
    assert_eq!(broken, NOT_MADE, "{}", table(&findings));
}
