//! Promises of the subnet to everybody, as `myelin subnet test scraping` prints them;
//! with all trials in the long tests only.

use myelin_scraping::ScrapingSubnet;
use myelin_subnet::testkit::{table, test_subnet_in_its_tier};
use myelin_wire::seed::Seed;

#[test]
fn the_promises_of_the_subnet_are_kept() {
    let findings = test_subnet_in_its_tier::<ScrapingSubnet>(&Seed([1; 32]), |_| {}).unwrap();
    println!("{}", table(&findings));
    let broken: Vec<&str> =
        findings.iter().filter(|finding| !finding.kept).map(|finding| finding.promise).collect();
    assert!(broken.is_empty(), "{}", table(&findings));
}
