//! Candidates and the rules of elections.

use myelin_election::Rules;
use pallet_myelin_election::Call as Elections;

use super::*;

pub fn rows(of: &Accounts) -> Vec<Wrong> {
    let join =
        |i: usize, rao| Elections::<Runtime>::join { hotkey: of.hot(i), pledge: TaoBalance::from_rao(rao) };
    let amount = TaoBalance::from_rao(TAO);
    let hotkey = || of.hot(5);
    let rules = |rules| Elections::<Runtime>::set_rules { rules };
    let fast = Rules::fast();
    vec![
        wrong("a hotkey of another", STRANGER, join(5, TAO), "NotYourHotkey"),
        wrong("too little", 5, join(5, TAO - 1), "PledgeTooSmall"),
        wrong("maximum", 5, join(5, u64::MAX), "Token"),
        wrong("of no candidate", 5, Elections::pledge_more { hotkey: hotkey(), amount }, "NotCandidate"),
        wrong("of no candidate", 5, Elections::unbond { hotkey: hotkey(), amount }, "NotCandidate"),
        wrong("of no candidate", 5, Elections::leave { hotkey: hotkey() }, "NotCandidate"),
        wrong("of no candidate", 5, Elections::withdraw { hotkey: hotkey() }, "NotCandidate"),
        wrong("of no candidate", 5, Elections::chill { hotkey: hotkey() }, "NotCandidate"),
        wrong("of no candidate", 5, Elections::resume { hotkey: hotkey() }, "NotCandidate"),
        by_root("no seats", rules(Rules { seats: 0, ..fast }), "SeatsOutOfRange"),
        by_root(
            "more than the seats",
            rules(Rules { least_authorities: 9, ..fast }),
            "LeastAuthoritiesOutOfRange",
        ),
        by_root("no block", rules(Rules { era: 0, ..fast }), "NoEra"),
        by_root("free before its slash", rules(Rules { unbonding: 1, ..fast }), "UnbondingTooShort"),
        by_root("off already", Elections::<Runtime>::switch_off {}, "AlreadyOff"),
    ]
}
