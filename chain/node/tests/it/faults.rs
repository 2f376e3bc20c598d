//! Five authorities whose connections, processes, keys, clocks and databases fail.
//!
//! Each node reaches each other one through a relay of this process. Finality needs four votes of five: it goes on
//! without one, stops without two, and goes on when one of them is back. No finalised block ever changes.

mod clock;
mod elected;
mod five;
mod market;
mod relay;

use std::{thread, time::Duration};

use myelin_election::Standing;
use myelin_runtime::genesis::keys::{CHARLIE, DAVE};

use self::{
    five::{Five, Vote, ALL, LIMIT, TWIN},
    market::Market,
};
use crate::offences::reported;

/// Slots of 30 s and some more.
const AHEAD: u32 = 160;

/// All places but one.
fn all_but(place: usize) -> Vec<usize> {
    ALL.into_iter().filter(|other| *other != place).collect()
}

/// Waits until a node has refused a block because its slot is in the future.
fn refuses_the_future(five: &Five, place: usize) {
    five.node(place).wait("refused a block of the future", LIMIT, |node| {
        let found = node.log().contains("too far in the future");
        found.then_some(()).ok_or_else(|| "it took every block".into())
    });
}

/// Waits until a node that lost its database votes again, in a round after the last one in which it voted.
fn votes_later(five: &Five, place: usize, before: Vote) {
    five.node(place).wait("voted again", LIMIT, |node| {
        let after = five.last_vote(place);
        if after.database == before.database {
            return Err(format!("{before:?} is its last vote"));
        }
        assert!((after.set, after.round) > (before.set, before.round), "{before:?} before and {after:?} now");
        let log = node.log();
        let told = ["it votes again in a later round", "this node votes again, after round"];
        assert!(told.iter().all(|words| log.contains(words)), "{log}");
        Ok(())
    });
}

/// At all places each epoch since the market opened was paid, at least so many, with the same books.
fn paid_alike(five: &mut Five, market: &Market, least: u32) {
    let last = five.node(0).finalised();
    five.finalise_to(&ALL, last);
    let block = five.node(0).hash(last);
    let books = Market::books(five.node(0), &block);
    for place in ALL {
        let paid = market.paid_epochs(five.node(place), last);
        assert!(paid >= least, "{paid} epochs at place {place}");
        assert_eq!(Market::books(five.node(place), &block), books, "place {place}");
    }
}

#[test]
fn four_of_five_go_on_and_the_fifth_catches_up() {
    let mut five = Five::start();
    five.finalise(&ALL);
    five.relay.divide(&[0, 0, 0, 0, 1]);
    five.finalise(&ALL[..4]);
    five.stalls(&[4], None);
    five.relay.join();
    five.finalise(&ALL);
}

#[test]
#[ignore = "minutes; `make test-long` runs it"]
fn authorities_that_die_one_after_another_never_stop_finality() {
    let mut five = Five::start();
    five.finalise(&ALL);
    for place in [4, 4, 0, 1, 2, 3] {
        five.kill(place);
        five.finalise(&all_but(place));
        five.run(place);
        five.finalise(&ALL);
    }
}

#[test]
#[ignore = "minutes; `make test-long` runs it"]
fn an_authority_that_lost_its_database_gets_it_from_the_others() {
    let mut five = Five::start();
    five.finalise(&ALL);
    let market = Market::open(five.node(0), &[&CHARLIE]);
    for place in [4, 0] {
        five.kill(place);
        five.lose_database(place);
        five.finalise(&all_but(place));
        let before = five.last_vote(place);
        five.run(place);
        votes_later(&five, place, before);
        five.finalise(&ALL);
    }
    market.live(five.node(0), 1);
    paid_alike(&mut five, &market, 1);
}

#[test]
#[ignore = "minutes; `make test-long` runs it"]
fn two_of_five_that_are_cut_off_stop_finality_until_they_are_back() {
    let mut five = Five::start();
    five.finalise(&ALL);
    for parts in [[0, 0, 0, 1, 1], [0, 1, 1, 2, 2], [0, 1, 0, 1, 0]] {
        five.relay.divide(&parts);
        let writer = parts.iter().position(|part| parts.iter().filter(|other| *other == part).count() > 1);
        five.stalls(&ALL, writer);
        five.relay.join();
        five.finalise(&ALL);
    }

    // Nobody reaches anybody.
    five.relay.divide(&[0, 1, 2, 3, 4]);
    five.stalls(&ALL, None);
    five.relay.join();
    five.finalise(&ALL);

    // One of the two dies in the meantime, and four of five are enough again.
    five.relay.divide(&[0, 0, 0, 1, 1]);
    five.stalls(&ALL, Some(0));
    five.kill(4);
    five.relay.join();
    five.finalise(&ALL[..4]);
    five.run(4);
    five.finalise(&ALL);
}

#[test]
#[ignore = "minutes; `make test-long` runs it"]
fn late_messages_slow_finality_and_do_not_stop_it() {
    let mut five = Five::start();
    five.finalise(&ALL);
    // A block needs three messages to the next author: an announcement, a request, and an answer. They take a slot.
    five.relay.delay(80);
    five.finalise(&ALL);

    // Every message waits for longer than a slot lasts: forks are all that can be expected, but nothing is reverted.
    five.relay.delay(400);
    for _ in 0..4 {
        thread::sleep(Duration::from_secs(5));
        five.note_finalised(&ALL);
    }
    five.relay.delay(0);
    five.finalise(&ALL);
}

#[test]
#[ignore = "minutes; `make test-long` runs it"]
fn lost_messages_and_broken_connections_do_not_stop_finality() {
    let mut five = Five::start();
    five.finalise(&ALL);
    // One of a hundred messages from and to the fifth is lost: it hardly takes part.
    five.relay.lose(100, &[4]);
    for _ in 0..3 {
        five.finalise(&ALL[..4]);
    }
    five.relay.lose(0, &[]);
    five.finalise(&ALL);

    // All lose messages for a while.
    five.relay.lose(20, &ALL);
    for _ in 0..6 {
        thread::sleep(Duration::from_secs(5));
        five.note_finalised(&ALL);
    }
    five.relay.lose(0, &[]);
    five.finalise(&ALL);
}

#[test]
#[ignore = "minutes; `make test-long` runs it"]
fn four_of_five_go_on_while_the_fifth_signs_twice_and_it_alone_is_reported() {
    let mut five = Five::start();
    five.finalise(&ALL);
    let market = Market::open(five.node(0), &[&CHARLIE]);
    five.run(TWIN);
    five.node(0).wait("reported two blocks of one slot", LIMIT, |node| {
        let reported = reported(node);
        reported.contains(&(DAVE.id(), 1)).then_some(()).ok_or_else(|| format!("{reported:?}"))
    });
    for _ in 0..3 {
        five.finalise(&ALL[..4]);
    }
    five.kill(TWIN);
    five.finalise(&ALL);
    for place in ALL {
        let reported = reported(five.node(place));
        assert!(reported.iter().all(|(who, _)| *who == DAVE.id()), "place {place}: {reported:?}");
    }
    market.live(five.node(0), 1);
    paid_alike(&mut five, &market, 1);
}

#[test]
#[ignore = "minutes; `make test-long` runs it"]
fn an_authority_that_votes_in_both_halves_of_a_network_is_reported_and_nobody_else() {
    let mut five = Five::start();
    five.finalise(&ALL);
    // Each half has three votes of five, one of them by the fifth, and each has a chain of its own.
    five.relay.divide(&[0, 0, 1, 1, 0, 1]);
    five.run(TWIN);
    five.stalls(&[0, 1, 4], Some(0));
    five.stalls(&[2, 3, TWIN], Some(2));
    five.relay.join();
    for place in all_but(4) {
        five.node(place).wait("reported two votes of one round", LIMIT, |node| {
            let reported = reported(node);
            reported.contains(&(DAVE.id(), 0)).then_some(()).ok_or_else(|| format!("{reported:?}"))
        });
    }
    five.kill(TWIN);
    five.finalise(&ALL);
    for place in ALL {
        let reported = reported(five.node(place));
        assert!(reported.iter().all(|(who, _)| *who == DAVE.id()), "place {place}: {reported:?}");
    }
}

#[test]
#[ignore = "minutes; `make test-long` runs it"]
fn an_authority_with_a_wrong_clock_does_not_stop_the_others_and_comes_back_with_a_right_one() {
    let mut five = Five::start();
    five.finalise(&ALL);
    let market = Market::open(five.node(0), &[&CHARLIE]);

    // Less than a slot: nobody notices.
    five.run_again_ahead(4, 150);
    five.finalise(&ALL);

    // It takes the blocks of all others for blocks of the future.
    five.run_again_ahead(4, -30_000);
    refuses_the_future(&five, 4);
    five.finalise(&ALL[..4]);
    five.run_again_ahead(4, 0);
    five.finalise(&ALL);

    // All others take its blocks for blocks of the future.
    five.run_again_ahead(4, 30_000);
    refuses_the_future(&five, 0);
    five.finalise(&ALL[..4]);
    five.run_again_ahead(4, 0);
    five.finalise(&ALL);

    // Slots that it signed in advance come again, and it signs none of them twice.
    let head = five.node(0).finalised();
    five.finalise_to(&ALL, head + AHEAD);
    for place in ALL {
        let reported = reported(five.node(place));
        assert!(reported.is_empty(), "place {place}: {reported:?}");
    }
    paid_alike(&mut five, &market, 1);
}

#[test]
#[ignore = "minutes; `make test-long` runs it"]
fn elected_authors_alone_write_blocks_and_the_next_candidate_replaces_one_that_dies() {
    let mut five = Five::start();
    five.finalise(&ALL);
    let market = elected::stand(five.node(0));

    // The last of five candidates loses the seat that genesis gave it.
    elected::holds_office(five.node(0), &[0, 1, 2, 3]);
    five.finalise(&ALL);
    elected::all_write(five.node(0));

    five.kill(3);
    elected::holds_office(five.node(0), &[0, 1, 2, 4]);
    elected::all_write(five.node(0));
    assert_eq!(elected::standing(five.node(0), 3), Some(Standing::Chilled));

    five.run(3);
    five.finalise(&ALL);
    market.live(five.node(0), 1);
}

#[test]
#[ignore = "minutes; `make test-long` runs it"]
fn epochs_are_paid_while_authorities_are_cut_off_and_killed() {
    let mut five = Five::start();
    five.finalise(&ALL);
    let market = Market::open(five.node(0), &[&CHARLIE]);

    // One is cut off.
    five.relay.divide(&[0, 0, 0, 0, 1]);
    market.weigh(five.node(1));
    market.live(five.node(0), 2);
    five.relay.join();
    five.finalise(&ALL);

    // Two are cut off. Their weights are those of before, and no epoch is final until they are back.
    five.relay.divide(&[0, 0, 0, 1, 1]);
    market.weigh(five.node(0));
    five.stalls(&ALL, Some(0));
    five.relay.join();
    five.finalise(&ALL);

    // One is killed.
    five.kill(3);
    market.weigh(five.node(2));
    market.live(five.node(0), 2);
    five.run(3);
    five.finalise(&ALL);

    paid_alike(&mut five, &market, 4);
}
