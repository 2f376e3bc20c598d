//! Promises of the subnet to everybody, as `myelin subnet test text` prints them.

use myelin_subnet::testkit::{table, test_subnet, test_subnet_briefly};
use myelin_text::TextSubnet;
use myelin_wire::seed::Seed;

/// Promises that fail by little, and the most that they may pay: docs/firm-ground.md has the figures. The limits are
/// two standard errors above those.
const NOT_KEPT: [(&str, f64); 2] = [
    ("cheats earn no more than the baseline", 1.25),
    ("choosing among ten answers by the public code earns at most 1.2 times as much", 1.6),
];

/// The ratios of pay that a finding shows.
fn paid(seen: &str) -> Vec<f64> {
    let ratios = seen.split("paid ").skip(1).map(|rest| rest.split(' ').next().unwrap_or_default());
    ratios.map(|ratio| ratio.parse().unwrap_or_else(|_| panic!("no ratio {ratio:?} in {seen}"))).collect()
}

#[test]
fn promises_are_kept_but_for_those_that_are_said_not_to_be() {
    // The long tests run everything with all tasks, which takes a quarter of an hour. The quick ones allow for the
    // error of fewer tasks, within which those promises hold, too.
    let seed = Seed([1; 32]);
    let is_long = std::env::var_os("CASES_TIMES").is_some();
    let test = match is_long {
        true => test_subnet::<TextSubnet>(&seed, |_| {}),
        false => test_subnet_briefly::<TextSubnet>(&seed, |_| {}),
    };
    let findings = test.unwrap();
    println!("{}", table(&findings));
    let is_excused = |promise| is_long && NOT_KEPT.iter().any(|(listed, _)| *listed == promise);
    let broken = findings.iter().filter(|finding| !finding.kept && !is_excused(finding.promise));
    assert_eq!(broken.count(), 0, "{}", table(&findings));
    for (promise, most) in NOT_KEPT {
        let finding = findings.iter().find(|finding| finding.promise == promise).expect(promise);
        let paid = paid(&finding.seen);
        assert!(!paid.is_empty() && paid.iter().all(|ratio| *ratio <= most), "at most {most}: {finding}");
    }
}
