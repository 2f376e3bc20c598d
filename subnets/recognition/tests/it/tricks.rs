//! Tricks earn no more than honest work with common tools.

use myelin_recognition::{
    adversary::{tasks, Commonplace, Garbage, Inverter, Lookup, ShortSighted, Silent},
    backend::{Backend, Baseline},
    task::Renderer,
};

use crate::worth;

#[test]
fn a_lookup_and_a_template_inverter_earn_no_more_than_the_baseline() {
    let baseline = Baseline::new().expect("built in");
    let (lookup, inverter) = (Lookup::new(300, 100), Inverter::new());
    let tricks: [(&str, &dyn Backend); 5] = [
        ("lookup", &lookup),
        ("inverter", &inverter),
        ("garbage", &Garbage),
        ("commonplace", &Commonplace),
        ("silent", &Silent),
    ];
    for renderer in [Renderer::Open, Renderer::Reserved] {
        for (kind, pages, sheets) in [("pages", 10, 0), ("scenes", 0, 10)] {
            let tasks = tasks(b"tricks", renderer, pages, sheets);
            let honest = worth(&baseline, &tasks);
            assert!(honest > 200_000, "{renderer:?} {kind}: {honest}");
            for (name, trick) in tricks {
                let earned = worth(trick, &tasks);
                assert!(earned < honest, "{renderer:?} {kind}: {name} earns {earned}, the baseline {honest}");
            }
        }
    }
}

#[test]
fn who_knows_nothing_earns_next_to_nothing() {
    for renderer in [Renderer::Open, Renderer::Reserved] {
        let tasks = tasks(b"nothing", renderer, 10, 10);
        assert_eq!(worth(&Silent, &tasks), 0);
        assert!(worth(&Garbage, &tasks) < 20_000, "{}", worth(&Garbage, &tasks));
        assert!(worth(&Commonplace, &tasks) < 20_000, "{}", worth(&Commonplace, &tasks));
    }
}

#[test]
fn who_sees_less_is_worth_so_much_less_that_no_haste_makes_up_for_it() {
    let tasks = tasks(b"sight", Renderer::Open, 5, 5);
    let sharp = worth(&Baseline::new().expect("built in"), &tasks);
    let blurred = worth(&ShortSighted(Baseline::new().expect("built in")), &tasks);
    assert!(blurred > 0 && 2 * blurred < sharp, "{blurred} and {sharp}");
}
