//! Promises of the subnet to everybody, as `myelin subnet test text` prints them; with all trials, which take a quarter
//! of an hour, in the long tests only.

use myelin_subnet::testkit::{table, test_subnet_in_its_tier};
use myelin_text::TextSubnet;
use myelin_wire::seed::Seed;

#[test]
fn the_promises_of_the_subnet_are_kept() {
    let findings = test_subnet_in_its_tier::<TextSubnet>(&Seed([1; 32]), |_| {}).unwrap();
    println!("{}", table(&findings));
    let broken = findings.iter().filter(|finding| !finding.kept);
    assert_eq!(broken.count(), 0, "{}", table(&findings));
}
