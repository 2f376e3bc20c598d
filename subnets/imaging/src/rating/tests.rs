use std::collections::BTreeSet;

use myelin_subnet::evaluation::{raters::MOST_STRATA, Ballot, Side};
use proptest::prelude::*;

use super::*;
use crate::{
    adversary::Careless,
    backend::{Backend, Model, Renderer},
    task,
};

fn words() -> Wordings {
    Wordings::own(&[5; 32])
}

/// A picture of a fresh description by a painter.
fn painted(painter: &dyn Backend, seed: &Seed) -> (PaintRequest, Picture) {
    let task::Task { mut request, .. } = task::draw(&words(), seed);
    request.n = 1;
    let time_left = std::time::Duration::from_secs(60);
    let context = myelin_subnet::AnswerContext { asker: None, permitted: true, challenge: None, time_left };
    let answer = painter.answer(&context, &request).unwrap();
    let picture = answer.unpacked(&request).unwrap().remove(0);
    (request, picture)
}

/// The pictures of a round by these painters, by turns.
fn gallery(painters: &[&dyn Backend], round: u8) -> Gallery {
    let mut gallery = Gallery::default();
    for number in 0..KEPT {
        let painter = painters[number % painters.len()];
        let (request, picture) = painted(painter, &Seed([round; 32]).derive(b"painted", number as u64));
        // As many painters as fill the gallery.
        note(&mut gallery, shown((number % 12) as u16, &request, &picture).unwrap());
    }
    gallery.turn();
    gallery
}

fn sides(drawn: &Drawn) -> impl Iterator<Item = &Described> {
    drawn.request.compare.iter().flat_map(|comparison| [&comparison.first, &comparison.second])
}

/// How often votes are right on gold, of a thousand, over some draws.
fn right_on_gold(draws: &[Drawn], vote: impl Fn(&Comparison) -> bool) -> usize {
    let (mut right, mut all) = (0, 0);
    for (comparison, item) in draws.iter().flat_map(|drawn| drawn.request.compare.iter().zip(&drawn.items)) {
        let Some(truth) = item.truth else { continue };
        right += usize::from((truth == Side::First) == vote(comparison));
        all += 1;
    }
    1_000 * right / all
}

#[test]
fn half_of_the_comparisons_are_gold_and_all_fit_into_a_request() {
    for gallery in [gallery(&[&Renderer], 1), Gallery::default()] {
        let drawn = draw(&gallery, &words(), &Seed([1; 32])).unwrap();
        assert_eq!((drawn.request.compare.len(), drawn.items.len()), (COMPARISONS, COMPARISONS));
        let gold = drawn.items.iter().filter(|item| item.truth.is_some()).count();
        assert_eq!(gold, COMPARISONS / 2);
        assert!(drawn.items.iter().all(|item| usize::from(item.stratum) < MOST_STRATA));
        let pictures: BTreeSet<&str> = sides(&drawn).map(|side| &*side.picture).collect();
        assert_eq!(pictures.len(), KEPT, "nothing is shown twice");
        assert!(drawn.request.unpacked().is_ok());
        let bytes = serde_json::to_vec(&drawn.request).unwrap().len();
        println!("{bytes} bytes of request, {} of state", serde_json::to_vec(&gallery).unwrap().len());
        assert!(bytes < KEPT * (MOST_BYTES + LONGEST + 64));
    }
}

#[test]
fn a_change_is_one_that_can_be_seen_and_keeps_the_form_of_a_description() {
    for number in 0..400 {
        let seed = Seed([2; 32]).derive(b"scene", number);
        let wanted = Wanted::draw(&seed);
        let rng = &mut seed.derive(b"change", 0).rng();
        let changed = changed(&wanted, rng);
        assert_ne!(changed, wanted);
        assert_eq!(changed.plan(&seed).things.len(), changed.things(), "{changed:?}");
        assert_eq!(parse(&words().describe(&changed, rng)), changed);
        let (right, wrong) = {
            let view = View::of(&wanted.plan(&seed).draw(&seed, SIDE).unwrap());
            (fit(&wanted, &view), fit(&changed, &view))
        };
        assert!(wrong < right, "{wanted:?} {changed:?}");
    }
}

#[test]
fn gold_is_told_by_looking_and_by_nothing_else() {
    let flow = Model::builtin().unwrap();
    let painters: [&dyn Backend; 3] = [&Renderer, &flow, &Careless(flow.clone(), 800)];
    let mut draws = Vec::new();
    for round in 0..4 {
        // In two of the rounds the renderer's pictures stand in.
        let gallery = if round < 2 { gallery(&painters, round) } else { Gallery::default() };
        let drawn = draw(&gallery, &words(), &Seed([round; 32])).unwrap();
        let votes = drawn.request.vote().unwrap().votes;
        let gold = drawn.items.iter().zip(votes.bytes()).filter_map(|(item, vote)| Some((item.truth?, vote)));
        let right =
            gold.filter(|(truth, vote)| *vote == if *truth == Side::First { b'1' } else { b'2' }).count();
        let bytes = serde_json::to_vec(&drawn.request).unwrap().len();
        println!("the built-in miner is right on {right} of {} in {bytes} bytes", COMPARISONS / 2);
        assert!(right * 10 >= COMPARISONS / 2 * 8, "{right}");
        draws.push(drawn);
    }
    type Cue = fn(&Comparison) -> bool;
    let cues: [(&str, Cue); 5] = [
        ("the first", |_| true),
        ("the longer file", |comparison| comparison.first.picture.len() > comparison.second.picture.len()),
        ("the longer description", |comparison| {
            comparison.first.description.len() > comparison.second.description.len()
        }),
        ("the order of letters", |comparison| comparison.first.picture > comparison.second.picture),
        ("the brighter", |comparison| brightness(&comparison.first) > brightness(&comparison.second)),
    ];
    for (name, cue) in cues {
        let right = right_on_gold(&draws, cue);
        println!("{name}: right on {right} of 1000 gold comparisons");
        // 192 comparisons: three deviations are 108 of 1000.
        assert!((392..=608).contains(&right), "{name}: {right}");
    }
}

fn brightness(side: &Described) -> u64 {
    side.unpacked(0).unwrap().samples().iter().map(|sample| u64::from(*sample)).sum()
}

#[test]
fn the_built_in_miner_prefers_better_painters() {
    let flow = Model::builtin().unwrap();
    let quick = Model::new(crate::backend::BUILTIN_MODEL, 1).unwrap();
    let painters: [(&str, &dyn Backend); 4] = [
        ("renderer", &Renderer),
        ("flow", &flow),
        ("flow, a step", &quick),
        ("careless", &Careless(flow.clone(), 800)),
    ];
    const EACH: u64 = 60;
    let described = |painter: &dyn Backend, number: u64| {
        let seed = Seed([6; 32]).derive(b"quality", number);
        let (request, picture) = painted(painter, &seed);
        let shown = shown(0, &request, &picture).unwrap().shown;
        let picture = worn(&shown.unpacked(0).unwrap(), &mut seed.derive(b"wear", 0).rng()).unwrap();
        Described::of(shown.description, &picture).unwrap()
    };
    for (at, (better, one)) in painters.iter().enumerate() {
        for (worse, other) in &painters[at + 1..] {
            let compare: Vec<Comparison> = (0..EACH)
                .map(|number| Comparison {
                    first: described(*one, 2 * number),
                    second: described(*other, 2 * number + 1),
                })
                .collect();
            let votes = RateRequest { compare }.vote().unwrap().votes;
            let [first, second] = ['1', '2'].map(|side| votes.matches(side).count());
            println!("{better} against {worse}: {first} to {second}");
            assert!(first > second, "{better} against {worse}: {votes}");
        }
    }
}

#[test]
fn a_gallery_is_bounded_and_a_picture_that_does_not_compress_is_left_out() {
    let (request, _) = painted(&Renderer, &Seed([3; 32]));
    let mut random = myelin_lm::kernel::Random::new(1);
    let noise = (0..3 * SIDE * SIDE).map(|_| random.next_u64() as u8).collect();
    let noise = Picture::new(SIDE, SIDE, 3, noise).unwrap();
    assert!(shown(0, &request, &noise).is_none());
    let mut gallery = Gallery::default();
    for number in 0..400u32 {
        let (request, picture) = painted(&Renderer, &Seed([3; 32]).derive(b"", u64::from(number)));
        note(&mut gallery, shown(number as u16, &request, &picture).unwrap());
    }
    gallery.turn();
    assert_eq!(gallery.shuffled(&mut Seed([1; 32]).rng()).len(), KEPT);
}

#[test]
fn a_hostile_request_is_refused_by_name() {
    let good = draw(&Gallery::default(), &words(), &Seed([4; 32])).unwrap().request;
    let refused = |change: &dyn Fn(&mut RateRequest)| {
        let mut request = good.clone();
        change(&mut request);
        assert_eq!(request.vote().unwrap_err(), request.unpacked().unwrap_err());
        request.vote().unwrap_err().to_string()
    };
    assert!(refused(&|r| r.compare.clear()).contains("0 comparisons"));
    assert!(refused(&|r| r.compare.extend(r.compare.clone())).contains("192 comparisons"));
    assert!(refused(&|r| r.compare[7].first.description.clear()).contains("comparison 7: a description of 0"));
    assert!(refused(&|r| r.compare[7].first.description = "x".repeat(1001)).contains("1001 bytes"));
    let with = |picture: String| refused(&|r| r.compare[9].second.picture.clone_from(&picture));
    assert!(with(String::new()).contains("comparison 9: reading the picture: it is empty"));
    assert!(with("%%%".into()).contains("no base64 of a PNG"));
    assert!(with("A".repeat(MOST_BYTES + 1)).contains("the limit is"));
    assert!(with(STANDARD.encode(b"GIF89a")).contains("no base64 of a PNG"));
    // Thousands of white pixels a side in a short file, and a head that claims billions.
    let white = Picture::new(1500, 1500, 1, vec![255; 1500 * 1500]).unwrap().to_png().unwrap();
    let with_file = |file: &[u8]| with(STANDARD.encode(&file[..file.len().min(MOST_BYTES / 2)]));
    assert!(with_file(&white).contains("1500 by 1500"), "{}", with_file(&white));
    let mut head = white;
    head[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    assert!(with_file(&head).contains("send 64 by 64"));
    let small = Picture::new(SIDE, SIDE, 3, vec![8; 3 * SIDE * SIDE]).unwrap().to_png().unwrap();
    assert!(with_file(&small[..small.len() / 2]).contains("is broken"), "{}", with_file(&small[..60]));
}

proptest! {
    #[test]
    fn any_file_is_a_picture_or_an_error(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        at in 0usize..400,
        description in "\\PC{0,100}",
    ) {
        let mut changed = rendered(&Seed([1; 32])).unwrap().picture.to_png().unwrap();
        let end = changed.len().min(at + bytes.len());
        let start = at.min(end);
        changed[start..end].copy_from_slice(&bytes[..end - start]);
        let side = |file: &[u8]| Described { description: description.clone(), picture: STANDARD.encode(file) };
        let comparison = Comparison { first: side(&bytes), second: side(&changed) };
        let other = Comparison { first: side(&changed), second: side(&changed) };
        let _ = RateRequest { compare: vec![comparison] }.vote();
        if let Ok(answer) = (RateRequest { compare: vec![other] }).vote() {
            prop_assert_eq!(answer.votes, "-");
        }
    }

    #[test]
    fn any_votes_make_a_ballot(texts in proptest::collection::vec("[12-]{90,99}|\\PC{0,40}", 0..8)) {
        let items = [Item { stratum: 0, truth: Some(Side::First) }; COMPARISONS];
        let ballot = Ballot::of(&items, texts.iter().map(String::as_str));
        for (text, votes) in texts.iter().zip(&ballot.votes) {
            let fits = text.len() == COMPARISONS && text.bytes().all(|vote| b"12-".contains(&vote));
            prop_assert_eq!(votes.len(), if fits { COMPARISONS } else { 0 });
        }
    }
}
