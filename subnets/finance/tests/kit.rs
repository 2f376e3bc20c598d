//! Promises of the subnet to everybody, as `myelin subnet test finance` prints them;
//! with all trials in the long tests only.

use myelin_finance::FinanceSubnet;
use myelin_subnet::testkit::{table, test_subnet_in_its_tier};
use myelin_wire::seed::Seed;

/// Promises that this kind does not make; its README says why.
const NOT_MADE: [&str; 4] = [
    "up to the largest load, many keys on one machine get at most 1.05 times what one gets",
    "with 256 registered keys, of which 100 only announce an address, a core with the baseline earns within 1.05 of its best split over keys",
    "up to the largest load, a relay to a machine that answers validators first gets at most 0.05 times what the machine gets",
    "a quarter less quality is found within two epochs",
];

#[test]
fn the_promises_of_the_subnet_are_kept() {
    let findings = test_subnet_in_its_tier::<FinanceSubnet>(&Seed([1; 32]), |_| {}).unwrap();
    println!("{}", table(&findings));
    let broken: Vec<&str> =
        findings.iter().filter(|finding| !finding.kept).map(|finding| finding.promise).collect();
    assert_eq!(broken, NOT_MADE, "{}", table(&findings));
}
