//! Miners that rate pictures by looking at them, and some that do not look.

use std::time::Duration;

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_imaging::{
    adversary::Careless,
    backend::{Backend, Model, Renderer},
    describe::Wordings,
    protocol::PaintResponse,
    rating::{note, shown, Comparison, Described, Gallery, RateRequest, RateResponse},
    task, ImagingConfig, ImagingRequest, ImagingResponse, ImagingSubnet,
};
use myelin_subnet::{
    evaluation::{
        evaluate_round, take_in, weigh_standings, AskedTask, Delivery, DrawnTask, GroupRule, Outcome,
        RoundFacts, SeedReference, Standings,
    },
    rules::{check, check_text, rules, Terms},
    Answer, AnswerContext, MinerRef, Subnet, TaskPlan,
};
use myelin_vision::picture::Picture;
use myelin_wire::{
    hash::blake2_256,
    record::{LatencyBucket, Reason},
    seed::{Audience, Seed, SeedRng},
};

const SECRET: [u8; 32] = [6; 32];

fn rating() -> ImagingSubnet {
    let config = ImagingConfig { secret: Some(SECRET), rating: true, ..ImagingConfig::default() };
    ImagingSubnet::open(config).unwrap()
}

fn plan(subnet: &ImagingSubnet, kind: &str) -> TaskPlan {
    subnet.tasks().into_iter().find(|plan| plan.kind == kind).unwrap()
}

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(60) }
}

#[test]
fn rating_is_a_mechanism_with_rules_of_its_own() {
    let subnet = rating();
    assert!(check(&subnet).is_ok());
    let text = rules(&subnet, 2, Terms::default()).unwrap();
    assert_eq!(check_text(&text, 2), Ok(()));
    assert!(text.contains("\npay agreement 30 30 3 200000 gold-strata-squared\n"), "{text}");
    assert!(text.contains("\ntask rate round 1 1 12000 1024 1 commit\n"), "{text}");
    assert!(text.len() <= 512, "{} bytes", text.len());
    let without = ImagingSubnet::open(ImagingConfig::default()).unwrap();
    assert_eq!((without.mechanisms().len(), rules(&without, 2, Terms::default())), (2, None));
    for mechanism in 0..2 {
        let same = rules(&without, mechanism, Terms::default());
        assert_eq!(same, rules(&subnet, mechanism, Terms::default()));
    }
}

/// A picture of the round before, as somebody who knows the authors remembers it.
struct Remembered {
    uid: u16,
    latency: u64,
    picture: Picture,
}

/// The round before: its pictures, and the score of each author.
#[derive(Default)]
struct Before {
    pictures: Vec<Remembered>,
    scores: [u64; PAINTERS],
}

impl Before {
    /// The author of a shown picture, with its latency: the picture with the smallest difference.
    fn author(&self, shown: &Described) -> &Remembered {
        let picture = unpacked(shown);
        // A part of the pixels tells the pictures apart.
        let difference = |remembered: &&Remembered| -> u64 {
            let samples = remembered.picture.samples().iter().zip(picture.samples()).step_by(11);
            samples.map(|(one, other)| u64::from(one.abs_diff(*other))).sum()
        };
        self.pictures.iter().min_by_key(difference).unwrap()
    }
}

/// A way to vote.
enum Rater {
    /// By looking, as the built-in miner does, with a coin instead of so many percent of its votes.
    Looking(u64),
    /// By looking, with a part of each picture hidden from this rater: it errs in a way of its own.
    Squinting,
    /// By what can be seen without looking at the picture.
    Cue(fn(&Comparison) -> bool),
    /// By what is known of the authors.
    Author(fn(&Before, &Remembered) -> u64),
    /// A coin for each vote.
    Coin,
    /// No votes in form.
    Broken,
}

impl Rater {
    fn votes(&self, request: &RateRequest, before: &Before, looked: &str, rng: &mut SeedRng) -> String {
        let side = |first| if first { '1' } else { '2' };
        let coin = |rng: &mut SeedRng| side(rng.below(2) == 0);
        match self {
            Rater::Looking(coins) => {
                looked.chars().map(|vote| if rng.below(100) < *coins { coin(rng) } else { vote }).collect()
            }
            Rater::Squinting => {
                let mut half = |shown: &Described| squint(shown, rng);
                let compare = request.compare.iter();
                let compare = compare.map(|comparison| Comparison {
                    first: half(&comparison.first),
                    second: half(&comparison.second),
                });
                RateRequest { compare: compare.collect() }.vote().unwrap().votes
            }
            Rater::Cue(first) => request.compare.iter().map(|comparison| side(first(comparison))).collect(),
            Rater::Author(worth) => {
                let worth = |shown: &Described| worth(before, before.author(shown));
                request
                    .compare
                    .iter()
                    .map(|comparison| side(worth(&comparison.first) > worth(&comparison.second)))
                    .collect()
            }
            Rater::Coin => looked.chars().map(|_| coin(rng)).collect(),
            Rater::Broken => "3".repeat(request.compare.len()),
        }
    }
}

/// The picture with a square of it in the colour of its corner.
fn squint(side: &Described, rng: &mut SeedRng) -> Described {
    let picture = unpacked(side);
    let mut samples = picture.samples().to_vec();
    let corner: [u8; 3] = samples[..3].try_into().unwrap();
    let (left, top) = (rng.below(49) as usize, rng.below(49) as usize);
    for y in top..top + 16 {
        for x in left..left + 16 {
            samples[3 * (64 * y + x)..][..3].copy_from_slice(&corner);
        }
    }
    let file = Picture::new(64, 64, 3, samples).unwrap().to_short_png().unwrap();
    Described { description: side.description.clone(), picture: STANDARD.encode(file) }
}

fn unpacked(side: &Described) -> Picture {
    let compare = vec![Comparison { first: side.clone(), second: side.clone() }];
    let [picture, _] = RateRequest { compare }.unpacked().unwrap().remove(0);
    picture
}

const PAINTERS: usize = 12;
/// Rounds, and those that compare the same pictures in other pairs with other changes, so that the test is short.
const ROUNDS: u16 = 20;
const SAME: u16 = 10;
/// Raters that look come first.
const HONEST: usize = 8;

fn raters() -> [(&'static str, Rater); 18] {
    [
        ("built-in", Rater::Looking(0)),
        ("built-in", Rater::Looking(0)),
        ("careless", Rater::Looking(10)),
        ("more careless", Rater::Looking(25)),
        ("squinting", Rater::Squinting),
        ("squinting", Rater::Squinting),
        ("squinting", Rater::Squinting),
        ("squinting", Rater::Squinting),
        ("always the first", Rater::Cue(|_| true)),
        (
            "the longer file",
            Rater::Cue(|comparison| comparison.first.picture.len() > comparison.second.picture.len()),
        ),
        (
            "the longer description",
            Rater::Cue(|comparison| comparison.first.description.len() > comparison.second.description.len()),
        ),
        ("a secret", Rater::Cue(|comparison| blake2_256(comparison.first.description.as_bytes())[0] < 128)),
        (
            "its accomplice",
            Rater::Cue(|comparison| blake2_256(comparison.first.description.as_bytes())[0] < 128),
        ),
        ("the lower uid", Rater::Author(|_, author| u64::MAX - u64::from(author.uid))),
        ("the faster answer", Rater::Author(|_, author| u64::MAX - author.latency)),
        ("the better author", Rater::Author(|before, author| before.scores[usize::from(author.uid)])),
        ("a coin", Rater::Coin),
        ("broken", Rater::Broken),
    ]
}

#[test]
fn raters_that_look_are_paid_and_others_are_not() {
    let (subnet, raters) = (rating(), raters());
    let miners: Vec<MinerRef> =
        (0..raters.len() as u16).map(|uid| MinerRef { uid, hotkey: [uid as u8 + 1; 32] }).collect();
    let mut standings = Standings::new();
    let mut right = vec![0; raters.len()];
    let mut last = painted(0);
    for round in 0..ROUNDS {
        if round > 0 && round.is_multiple_of(SAME) {
            last = painted(round);
        }
        let (gallery, before) = &last;
        let mut state = Some(gallery.clone());
        let task = asked(&subnet, &raters, round, &state, before);
        let facts = RoundFacts { netuid: 2, epoch: 1, round, mechanism: 2, signer: [9; 32] };
        let rule = GroupRule::default();
        let evaluated =
            evaluate_round(&subnet, &facts, &miners, vec![task], &rule, |_, _| false, &mut state).unwrap();
        assert!(state.unwrap().is_empty(), "what was compared is not compared again");
        assert_eq!(evaluated.judged.last().unwrap().record.reason, Reason::Malformed);
        for (sum, judged) in right.iter_mut().zip(&evaluated.judged) {
            *sum += judged.record.parts.first().map_or(0, |part| part.get());
        }
        take_in(&mut standings, &subnet.mechanisms(), &evaluated.scores, &[]);
    }
    let all: Vec<_> = miners.iter().map(|miner| (*miner, &standings[&(2, miner.hotkey)])).collect();
    let weights = weigh_standings(&subnet.mechanisms()[2], &all);
    for ((((name, _), (_, standing)), right), (_, weight)) in
        raters.iter().zip(&all).zip(&right).zip(&weights)
    {
        let (agreement, knowledge) = (standing.average().get(), standing.merit().get());
        let right = right / u32::from(ROUNDS);
        println!("{name}: right on gold {right}, agreement {agreement}, knowledge {knowledge}, {weight}");
    }
    let weight = |at: usize| u32::from(weights[at].1);
    let least = (0..HONEST).map(weight).min().unwrap();
    assert!(least > 0, "{weights:?}");
    assert!((HONEST..raters.len()).all(|at| 20 * weight(at) <= least), "{weights:?}");
}

/// The pictures of a round. The first third of the painters are renderers, the second the model, the third the model
/// with errors. The higher its uid, the sooner a painter answers.
fn painted(round: u16) -> (Gallery, Before) {
    let flow = Model::builtin().unwrap();
    let painters: [&dyn Backend; 3] = [&Renderer, &flow, &Careless(flow.clone(), 800)];
    let words = Wordings::own(&SECRET);
    let (mut gallery, mut before) = (Gallery::default(), Before::default());
    for number in 0..16 * PAINTERS {
        let uid = number % PAINTERS;
        let seed = Seed([round as u8; 32]).derive(b"painted", number as u64);
        let mut request = task::draw(&words, &seed).request;
        request.n = 1;
        let answer = painters[uid / 4].answer(&context(), &request).unwrap();
        let picture = answer.unpacked(&request).unwrap().remove(0);
        let kept = shown(uid as u16, &request, &picture).unwrap();
        before.scores[uid] += u64::from(kept.right);
        let picture = unpacked(&kept.shown);
        before.pictures.push(Remembered { uid: uid as u16, latency: 900 - 50 * uid as u64, picture });
        note(&mut gallery, kept);
    }
    gallery.turn();
    (gallery, before)
}

/// The rating task of a round, with everybody's votes.
fn asked(
    subnet: &ImagingSubnet,
    raters: &[(&str, Rater)],
    round: u16,
    state: &Option<Gallery>,
    before: &Before,
) -> AskedTask<ImagingSubnet> {
    let (plan, seed) = (plan(subnet, "rate"), Seed([round as u8 + 1; 32]));
    let challenge = subnet.challenge(&plan, &seed, state).unwrap();
    let ImagingRequest::Rate(request) = &challenge.request else { panic!("comparisons") };
    let ImagingResponse::Rated(looked) = subnet.answer(&context(), &challenge.request).unwrap() else {
        panic!("votes")
    };
    let answer = |(miner, (_, rater)): (usize, &(&str, Rater))| {
        let mut rng = seed.derive(b"votes", miner as u64).rng();
        let votes = rater.votes(request, before, &looked.votes, &mut rng);
        Delivery {
            miner,
            request: [0; 32],
            answer: [miner as u8 + 1; 32],
            signed: true,
            commit_place: Some(miner as u8),
            latency: LatencyBucket::of_ms(100),
            outcome: Outcome::Answered(ImagingResponse::Rated(RateResponse { votes })),
        }
    };
    let deliveries = raters.iter().enumerate().map(answer).collect();
    let seed = SeedReference([round as u8 + 1; 32]);
    let task = DrawnTask { plan, number: 0, seed, audience: Audience::Round, challenge };
    AskedTask { task, deliveries }
}

#[test]
fn what_is_scored_is_compared_in_the_next_round_and_other_answers_are_not() {
    let subnet = crate::validator();
    let plans = [plan(subnet, "paint"), plan(subnet, "rate")];
    let mut state = None;
    for number in 0..20 {
        let challenge = subnet.challenge(&plans[0], &Seed([number; 32]), &state).unwrap();
        let ImagingRequest::Paint(request) = &challenge.request else { panic!("a description") };
        let good = ImagingResponse::Painted(Renderer.answer(&context(), request).unwrap());
        let empty = ImagingResponse::Painted(PaintResponse::default());
        let answer = |response, uid| Answer {
            miner: MinerRef { uid, hotkey: [uid as u8; 32] },
            response,
            latency: LatencyBucket::of_ms(500),
        };
        let judged = subnet.score(&challenge, &[answer(good, 1), answer(empty, 2)], &mut state);
        assert_eq!([judged[0].reason, judged[1].reason], [Reason::Scored, Reason::Empty]);
    }
    let json = serde_json::to_value(&state).unwrap();
    let gathered = json["gathering"].as_array().unwrap();
    assert_eq!(gathered.len(), 16, "so many of one miner");
    assert!(
        gathered.iter().all(|answer| answer["uid"] == 1 && answer["right"].as_u64() > Some(800_000)),
        "{json}"
    );
    assert_eq!(serde_json::from_value::<Option<Gallery>>(json).unwrap(), state);
    // The order of the answers changes nothing, and an answer of another kind is none.
    let challenge = subnet.challenge(&plans[1], &Seed([9; 32]), &state).unwrap();
    let json = serde_json::to_string(&challenge.request).unwrap();
    assert_eq!(serde_json::from_str::<ImagingRequest>(&json).unwrap(), challenge.request);
    let votes = |votes: String| ImagingResponse::Rated(RateResponse { votes });
    let answers: Vec<Answer<ImagingResponse>> = [
        subnet.answer(&context(), &challenge.request).unwrap(),
        votes("1".repeat(95)),
        votes("-".repeat(96)),
        ImagingResponse::Painted(PaintResponse::default()),
    ]
    .into_iter()
    .zip(1..)
    .map(|(response, uid)| Answer {
        miner: MinerRef { uid, hotkey: [uid as u8; 32] },
        response,
        latency: LatencyBucket::of_ms(500),
    })
    .collect();
    let mut back = answers.clone();
    back.reverse();
    let judged = subnet.score(&challenge, &answers, &mut state.clone());
    let mut other = subnet.score(&challenge, &back, &mut state);
    other.reverse();
    assert_eq!(judged, other);
    use Reason::{Malformed, Scored};
    let reasons: Vec<Reason> = judged.iter().map(|judgement| judgement.reason).collect();
    assert_eq!(reasons, [Scored, Malformed, Scored, Malformed]);
    let ballot = subnet.ballot(&challenge, &answers).unwrap();
    let lengths: Vec<usize> = ballot.votes.iter().map(Vec::len).collect();
    assert_eq!(lengths, [96, 0, 96, 0]);
}
