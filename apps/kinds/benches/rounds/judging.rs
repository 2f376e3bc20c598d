//! Judging alone, for each kind of task of each kind of subnet: the time of a round of 256 answers on one core.
//!
//! A round is measured in two forms. In the first all miners answer one task. In the second each miner answers a task
//! of its own, as most kinds are asked. The second is left out where every miner gets the same tasks.
//!
//! The answers are made before anything is measured, by the kit's oracle, right in 85 % of cases. `distinct` is how
//! many of the answers to a task differ, in the median. Where a built-in miner declares its model, its answers to own
//! tasks are judged too, because a validator runs such models again on some tasks. Times are of the processor, so
//! other work on the machine changes them little.

use std::{collections::BTreeSet, error::Error, fs};

use myelin_finance::FinanceSubnet;
use myelin_imaging::{
    restore::{
        damage::Task,
        miner::{Restorer, Restores},
        protocol::RestoreResponse,
        task,
    },
    ImagingHidden, ImagingRequest, ImagingResponse, ImagingSubnet,
};
use myelin_scraping::ScrapingSubnet;
use myelin_subnet::testkit::Player;
use myelin_translation::TranslationSubnet;
use myelin_vision::picture::Picture;

use super::*;

/// Tasks that are answered by all miners.
const TASKS: usize = 20;

/// So many answers to a task.
type Answers<'a, S> =
    &'a dyn Fn(&S, &Challenge<S>, &Seed, usize) -> Result<Vec<<S as Subnet>::Response>, Box<dyn Error>>;

/// An answer, if the miner has one.
type Possible<R> = Result<Option<R>, Box<dyn Error>>;

/// Prints the table of the kinds that are named, or of all.
pub fn table(only: &[String]) -> Result<(), Box<dyn Error>> {
    println!("\njudging {MINERS} answers on one core, in ms; goal: under 1,000");
    println!(
        "{:<12} {:<12} {:>8} {:>9} {:>9} {:>10} {:>9}",
        "subnet", "task", "distinct", "one task", "worst", "own tasks", "built-in"
    );
    let wanted = |name: &str| only.len() < 2 || only.iter().any(|listed| listed == name);
    if wanted("text") {
        let text = TextSubnet::judging(&SECRET)?;
        let serves = text.baseline()?;
        // Its answers to a chat are long, wrong, and judged at once.
        let open: Player<TextSubnet> =
            Box::new(move |request| if request.messages.is_empty() { serves(request) } else { None });
        kind("text", text, &commented, Some(open))?;
    }
    if wanted("analysis") {
        kind("analysis", AnalysisSubnet::judging(&SECRET)?, &oracle, None)?;
    }
    if wanted("recognition") {
        kind("recognition", RecognitionSubnet::judging(&SECRET)?, &oracle, None)?;
    }
    if wanted("finance") {
        kind("finance", FinanceSubnet::judging(&SECRET)?, &oracle, None)?;
    }
    if wanted("translation") {
        kind("translation", TranslationSubnet::judging(&SECRET)?, &oracle, None)?;
    }
    if wanted("scraping") {
        kind("scraping", ScrapingSubnet::judging(&SECRET)?, &oracle, None)?;
    }
    if wanted("imaging") {
        let imaging = ImagingSubnet::judging(&SECRET)?;
        let builtin = builtin(&imaging)?;
        kind("imaging", imaging, &varied, Some(builtin))?;
    }
    Ok(())
}

/// The built-in painter and restorer, which declare their models.
fn builtin(imaging: &ImagingSubnet) -> Result<Player<ImagingSubnet>, Box<dyn Error>> {
    let (paints, restorer) = (imaging.baseline()?, Restorer::builtin()?);
    Ok(Box::new(move |request| match request {
        ImagingRequest::Restore(request) => {
            let picture = restorer.restore(&request.check().ok()?).ok()?;
            let response = RestoreResponse::of(&picture, Some(restorer.model_id())).ok()?;
            Some(ImagingResponse::Restored(response))
        }
        _ => paints(request),
    }))
}

/// Answers of the oracle. Right ones are the same of every miner, so each gets a line of its own: a comment behind code
/// and texts, a word before the answers to chats.
fn commented(
    subnet: &TextSubnet,
    challenge: &Challenge<TextSubnet>,
    seed: &Seed,
    count: usize,
) -> Result<Vec<TextResponse>, Box<dyn Error>> {
    let mut answers = oracle(subnet, challenge, seed, count)?;
    for (number, answer) in answers.iter_mut().enumerate() {
        let text = &answer.completion;
        let is_code = challenge.request.messages.is_empty() || text.contains("function");
        answer.completion =
            if is_code { format!("{text}\n// {number}") } else { format!("Attempt {number}.\n{text}") };
    }
    Ok(answers)
}

fn oracle<S: Contest>(
    subnet: &S,
    challenge: &Challenge<S>,
    seed: &Seed,
    count: usize,
) -> Result<Vec<S::Response>, Box<dyn Error>> {
    let answer = |number| {
        let mut rng = seed.derive(b"answer", number as u64).rng();
        subnet.oracle(challenge, Ppm::new(850_000), &mut rng)
    };
    Ok((0..count).map(answer).collect())
}

/// Answers of the oracle; of a picture to restore, the original with other noise in each.
fn varied(
    subnet: &ImagingSubnet,
    challenge: &Challenge<ImagingSubnet>,
    seed: &Seed,
    count: usize,
) -> Result<Vec<ImagingResponse>, Box<dyn Error>> {
    let (ImagingRequest::Restore(request), ImagingHidden::Original(original)) =
        (&challenge.request, &challenge.hidden)
    else {
        return oracle(subnet, challenge, seed, count);
    };
    let Task { damaged, original } = task(request, original)?;
    let answer = |number| {
        let mut rng = seed.derive(b"answer", number as u64).rng();
        let noisy = |(at, sample): (usize, &u8)| match damaged.is_hole(at / 3) {
            true => sample.saturating_add(rng.below(12) as u8),
            false => *sample,
        };
        let samples = original.samples().iter().enumerate().map(noisy).collect();
        let picture = Picture::new(original.width(), original.height(), 3, samples)?;
        Ok(ImagingResponse::Restored(RestoreResponse::of(&picture, None)?))
    };
    (0..count).map(answer).collect()
}

/// Prints a row for each kind of task that a new validator asks.
fn kind<S: Contest>(
    name: &str,
    subnet: S,
    answers: Answers<S>,
    builtin: Option<Player<S>>,
) -> Result<(), Box<dyn Error>> {
    for plan in subnet.tasks().into_iter().filter(|plan| plan.count > 0) {
        let bench = Bench { subnet: &subnet, plan };
        let (mut times, mut distinct) = (Vec::new(), Vec::new());
        for number in 0..TASKS {
            let task = bench.draw(number)?;
            let made = answers(&subnet, &task.challenge, &Seed(task.seed.0), MINERS)?;
            let texts: Result<BTreeSet<String>, _> = made.iter().map(serde_json::to_string).collect();
            distinct.push(texts?.len());
            // The first use is not measured: it makes a program's machine code, or trains a judge.
            if number == 0 {
                let deliveries = vec![delivered(0, made[0].clone())];
                bench.judged(vec![AskedTask { task: copy(&task, Audience::Round), deliveries }])?;
            }
            let deliveries = made.into_iter().enumerate().map(|(miner, answer)| delivered(miner, answer));
            times.push(bench.judged(vec![AskedTask { task, deliveries: deliveries.collect() }])?);
        }
        times.sort_by(f64::total_cmp);
        distinct.sort_unstable();
        let oracle =
            |task: &DrawnTask<S>| Ok(answers(&subnet, &task.challenge, &Seed(task.seed.0), 1)?.pop());
        let own = bench.own(&oracle)?;
        let builtin = match &builtin {
            Some(player) => bench.own(&|task| Ok(player(&task.challenge.request)))?,
            None => None,
        };
        let shown = |time: Option<f64>| time.map_or("-".to_owned(), |time| format!("{time:.0}"));
        println!(
            "{name:<12} {:<12} {:>8} {:>9.0} {:>9.0} {:>10} {:>9}",
            bench.plan.kind,
            distinct[TASKS / 2],
            times[TASKS / 2],
            times[TASKS - 1],
            shown(own),
            shown(builtin)
        );
    }
    Ok(())
}

/// One kind of task.
struct Bench<'a, S: Subnet> {
    subnet: &'a S,
    plan: TaskPlan,
}

impl<S: Contest> Bench<'_, S> {
    fn draw(&self, number: usize) -> Result<DrawnTask<S>, Box<dyn Error>> {
        let seed = Seed([11; 32]).derive(self.plan.kind.as_bytes(), number as u64);
        let challenge = self.subnet.challenge(&self.plan, &seed, &S::State::default())?;
        let (plan, seed) = (self.plan.clone(), SeedReference(seed.0));
        Ok(DrawnTask { plan, number: 0, seed, audience: Audience::Round, challenge })
    }

    /// Time to judge these answers.
    fn judged(&self, asked: Vec<AskedTask<S>>) -> Result<f64, Box<dyn Error>> {
        let count = asked.iter().map(|task| task.deliveries.len()).sum::<usize>();
        let miners: Vec<MinerRef> =
            (0..MINERS).map(|uid| MinerRef { uid: uid as u16, hotkey: hotkey(uid) }).collect();
        let mechanism = self.plan.mechanism;
        let facts = RoundFacts { netuid: NETUID, epoch: 1, round: 0, mechanism, signer: [9; 32] };
        let (on, mut state) = ((self.subnet, &facts, &GroupRule::default()), S::State::default());
        let started = processor_ms()?;
        let evaluated = evaluate_round_on(1, on, &miners, asked, |_, _| false, &mut state)?;
        let took = processor_ms()? - started;
        assert_eq!(evaluated.judged.len(), count, "every answer has its record");
        Ok(took)
    }

    /// Time to judge an answer of each miner to a task of its own; `None` if it gets none or has no answer.
    fn own(
        &self,
        answer: &dyn Fn(&DrawnTask<S>) -> Possible<S::Response>,
    ) -> Result<Option<f64>, Box<dyn Error>> {
        if self.plan.share != Share::Miner {
            return Ok(None);
        }
        let mut asked = Vec::new();
        for miner in 0..MINERS {
            let drawn = self.draw(TASKS + miner)?;
            let Some(answer) = answer(&drawn)? else { return Ok(None) };
            let task = copy(&drawn, Audience::Miner(hotkey(miner)));
            asked.push(AskedTask { task, deliveries: vec![delivered(miner, answer)] });
        }
        Ok(Some(self.judged(asked)?))
    }
}

/// An answer that came in half a second.
pub fn delivered<R>(miner: usize, response: R) -> Delivery<R> {
    Delivery {
        miner,
        request: [1; 32],
        answer: [2; 32],
        signed: true,
        commit_place: None,
        latency: LatencyBucket::of_ms(500),
        outcome: Outcome::Answered(response),
    }
}

/// Time that this thread had a processor, in ms. Yielding brings the kernel's account up to date.
fn processor_ms() -> Result<f64, Box<dyn Error>> {
    std::thread::yield_now();
    let account = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: u64 = account.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds as f64 / 1e6)
}
