//! Power and false alarms of the comparison of claims, over stated models of errors.

use crate::worlds::World;

#[test]
fn a_validator_that_denies_two_fifths_of_the_answers_is_found_within_two_epochs() {
    for validators in [3, 4, 8] {
        let framed = World { validators, framed: 0.4, requests: 20, ..World::CALM };
        // Found in one epoch of the two.
        let missed = 1.0 - framed.power(300);
        assert!(missed * missed <= 0.02, "{validators}: {missed}");
        let all = World { framed: 1.0, requests: 3, ..framed };
        assert!(all.power(100) >= 0.9, "{validators}: {}", all.power(100));
    }
}

#[test]
fn differences_without_a_framing_validator_raise_few_alarms() {
    for validators in [3, 4, 8] {
        for requests in [3, 10, 30] {
            let calm = World { validators, requests, ..World::CALM };
            let worlds = [
                calm,
                World { late: 0.3, ..calm },
                World { away: 0.5, ..calm },
                World { slow: 0.1, ..calm },
                World { broken: (0.05, 0.2), ..calm },
            ];
            for world in worlds {
                let alarms = world.alarms(400);
                assert!(
                    alarms <= 7.5,
                    "{world:?}: {alarms} findings in 1,000 epochs of {validators} validators"
                );
            }
        }
    }
}

#[test]
fn a_line_that_is_broken_for_long_is_found_like_a_lie() {
    let broken = World { broken: (0.05, 1.0), requests: 10, ..World::CALM };
    assert!(broken.alarms(200) > 500.0);
}
