//! Promises of the subnet to everybody, as `myelin subnet test text` prints them.

use myelin_subnet::testkit::{table, test_subnet, test_subnet_briefly};
use myelin_text::TextSubnet;
use myelin_wire::seed::Seed;

/// A promise that fails, and the most that it may pay. The README has the figure, and the quick tests an error of 0.17.
const NOT_KEPT: (&str, f64) =
    ("choosing among ten answers by the public code earns at most 1.2 times as much", 1.65);

/// The ratios of pay that a finding shows.
fn paid(seen: &str) -> Vec<f64> {
    let ratios = seen.split("paid ").skip(1).map(|rest| rest.split(' ').next().unwrap_or_default());
    ratios.map(|ratio| ratio.parse().unwrap_or_else(|_| panic!("no ratio {ratio:?} in {seen}"))).collect()
}

#[test]
fn promises_are_kept_but_for_those_that_are_said_not_to_be() {
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
    let (promise, most) = NOT_KEPT;
    let broken = findings.iter().filter(|finding| !finding.kept && finding.promise != promise);
    assert_eq!(broken.count(), 0, "{}", table(&findings));
    let finding = findings.iter().find(|finding| finding.promise == promise).expect(promise);
    let paid = paid(&finding.seen);
    assert!(!paid.is_empty() && paid.iter().all(|ratio| *ratio <= most), "at most {most}: {finding}");
}
