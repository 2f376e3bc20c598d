//! Random stories, and the text in which a failing one is kept.

use std::collections::{BTreeMap, BTreeSet};

use codec::Encode;
use myelin_fuzz::{
    cast::Cast,
    dice::Dice,
    meeting::Meeting,
    run::{live, tell, Care},
    scene::{Scene, View},
    schema::{metadata, Kind, Schema, EXCLUDED, NEVER_DONE},
    shrink,
    story::{Action, Author, Step},
    values::Writer,
    world::{Drift, World},
};
use scale_info::TypeDef;

/// Number of calls in which every call that can succeed does.
const LONG: u64 = 100_000;

/// Stories in which elections and votes are counted; one elects or does not by chance, so there may be more.
const SEEDS: u64 = 4;
/// Most such stories.
const MOST_SEEDS: u64 = 12;

/// Calls of the story in the quick tests; `FUZZ_CALLS` asks for more.
fn calls() -> u64 {
    std::env::var("FUZZ_CALLS").ok().and_then(|calls| calls.parse().ok()).unwrap_or(3_000)
}

#[test]
fn no_rao_appears_or_vanishes_whatever_is_called() {
    let report = tell(1, calls(), |_| {}).unwrap_or_else(|failure| {
        let short = shrink::shrink(failure, std::time::Duration::from_secs(60));
        panic!("{}{short}", shrink::write(&short.steps, &Cast::default()));
    });
    assert_eq!(report.drift, Drift::default());
    assert!(
        report.done() * 10 > report.calls * 3,
        "only {} of {} calls succeeded",
        report.done(),
        report.calls
    );
    let kinds = report.tallies.values().filter(|tally| tally.done > 0).count();
    assert!(kinds > 110, "only {kinds} kinds of calls ever succeeded");
    if report.calls >= LONG {
        let all: Vec<_> = World::genesis().look(Schema::read).kinds.iter().map(Kind::title).collect();
        let mut never = report.never_done(&all);
        never.retain(|name| NEVER_DONE.iter().all(|(call, _)| call != name));
        assert!(never.is_empty(), "no story makes these calls succeed: {never:?}");
    }
}

/// Each story begins with a vote that passes, and a twentieth of its calls are drawn to meet a vote lock. In a short
/// story all candidates may be without quality. About half of the stories elect.
#[test]
fn stories_elect_authorities_enact_proposals_and_meet_vote_locks() {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 1..=MOST_SEEDS {
        let report = tell(seed, calls() / 3, |_| {}).unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(report.drift, Drift::default());
        assert!(report.counts.enacted > 0, "the story of seed {seed} enacts no proposal");
        let counted = [
            ("passes over candidates", report.counts.passes),
            ("elections of another set", report.counts.elected),
            ("sets that took office", report.terms),
        ];
        let met = Meeting::ALL.map(|kind| (kind.name(), report.met(kind)));
        for (name, count) in counted.into_iter().chain(met) {
            *sums.entry(name).or_default() += count;
        }
        if seed >= SEEDS && sums.values().all(|count| *count > 0) {
            return;
        }
    }
    panic!("something never happens in {MOST_SEEDS} stories: {sums:?}");
}

#[test]
fn every_rule_holds_after_every_call_and_not_only_when_the_block_ends() {
    let mut world = World::genesis();
    let mut author = Author::new(2, &mut world);
    let mut steps = Vec::new();
    for _ in 0..calls() / 5 {
        steps.push(author.next(&mut world));
        if let Err(broken) = live(&mut world, &steps[steps.len() - 1], Care::All) {
            panic!("{}{broken:?}", shrink::write(&steps, &Cast::default()));
        }
    }
}

/// All storage of the network pallet. Hashes of blocks differ between two tellings, because signatures are random.
fn state_of_the_network() -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let prefix = sp_io::hashing::twox_128(b"SubtensorModule").to_vec();
    let of_pallet = |key: &Vec<u8>| key.starts_with(&prefix);
    let keys =
        std::iter::successors(Some(prefix.clone()), |key| sp_io::storage::next_key(key).filter(of_pallet));
    keys.map(|key| (key.clone(), sp_io::storage::get(&key).map(|value| value.to_vec()))).collect()
}

/// A failing story is kept as text, so the text has to lead to the same state.
#[test]
fn a_story_read_back_from_its_text_ends_in_the_same_state() {
    let cast = Cast::default();
    let mut told = World::genesis();
    let mut author = Author::new(3, &mut told);
    let mut steps = Vec::new();
    for _ in 0..300 {
        let step = author.next(&mut told);
        live(&mut told, &step, Care::Money).unwrap_or_else(|broken| panic!("{broken:?}"));
        steps.push(step);
    }
    let text = shrink::write(&steps, &cast);
    let read = shrink::read(&text, &cast).expect("what was written is well-formed");
    assert!(read == steps, "other steps than were written");
    let mut again = World::genesis();
    for step in &read {
        live(&mut again, step, Care::Money).unwrap_or_else(|broken| panic!("{broken:?}"));
    }
    let (told_state, state) = (told.look(state_of_the_network), again.look(state_of_the_network));
    assert!(told.block() > 1 && told_state.len() > 100);
    assert!(told_state == state, "another state than when it was told");
    let shorter =
        shrink::read(&text.lines().take(100).collect::<Vec<_>>().join("\n"), &cast).expect("whole lines");
    assert!(shorter.len() == 100 && shrink::read("//Nobody 00", &cast).is_err());
}

#[test]
fn every_call_of_the_runtime_is_generated_or_excluded_with_a_reason() {
    let mut world = World::genesis();
    let cast = Cast::default();
    world.look(|| {
        let (schema, view) = (Schema::read(), View::look());
        let mut dice = Dice::new(1);
        for kind in &schema.kinds {
            let generated = (0..50).any(|_| {
                let scene = Scene { hostility: 0, ..Scene::draw(&mut dice, &view, &cast) };
                let call = Writer { schema: &schema, cast: &cast, scene: &scene }.call(&mut dice, kind);
                Action { signer: 0, call }
                    .decoded()
                    .is_some_and(|call| call.encode().starts_with(&kind.index))
            });
            assert!(
                generated,
                "{} is never generated: an argument has a type without a generator",
                kind.title()
            );
        }
        let mut known: BTreeSet<(String, String)> = BTreeSet::new();
        for pallet in metadata().pallets {
            let Some(calls) = pallet.calls else { continue };
            let ty = schema.types.resolve(calls.ty.id).expect("every type is listed");
            let TypeDef::Variant(variants) = &ty.type_def else { panic!("calls are enums") };
            known.extend(variants.variants.iter().map(|call| (pallet.name.clone(), call.name.clone())));
        }
        for (pallet, call, reason) in EXCLUDED {
            let exists = known.iter().any(|(of, name)| of == pallet && call.is_none_or(|call| call == name));
            assert!(exists, "{pallet}::{call:?} is excluded ({reason}) and does not exist");
        }
        for (call, reason) in NEVER_DONE {
            let exists = schema.kinds.iter().any(|kind| kind.title() == *call);
            assert!(exists, "{call} is never done ({reason}) and does not exist");
        }
    });
}

#[test]
fn a_seed_tells_the_same_story_twice() {
    let first = |seed: u64| -> Vec<Step> {
        let mut world = World::genesis();
        let mut author = Author::new(seed, &mut world);
        (0..150)
            .map(|_| {
                let step = author.next(&mut world);
                live(&mut world, &step, Care::Money).expect("no rule breaks");
                step
            })
            .collect()
    };
    let (one, again, other) = (first(5), first(5), first(6));
    assert!(one == again && one != other);
    let cast = Cast::default();
    assert!(shrink::read(&shrink::write(&one, &cast), &cast) == Ok(one), "a story survives being written");
}
