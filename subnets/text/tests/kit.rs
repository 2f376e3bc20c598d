//! Promises of the subnet to everybody, as `myelin subnet test text` prints them.

use myelin_subnet::testkit::{table, test_subnet, test_subnet_briefly};
use myelin_text::TextSubnet;
use myelin_wire::seed::Seed;

#[test]
fn the_promises_of_the_subnet_are_kept() {
    // The long tests run everything with all tasks, which takes a quarter of an hour. The quick ones allow for the
    // error of fewer tasks.
    let seed = Seed([1; 32]);
    let is_long = std::env::var_os("CASES_TIMES").is_some();
    let test = match is_long {
        true => test_subnet::<TextSubnet>(&seed, |_| {}),
        false => test_subnet_briefly::<TextSubnet>(&seed, |_| {}),
    };
    let findings = test.unwrap();
    println!("{}", table(&findings));
    let broken = findings.iter().filter(|finding| !finding.kept);
    assert_eq!(broken.count(), 0, "{}", table(&findings));
}
