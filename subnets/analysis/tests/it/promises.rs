//! Better answers earn more; answers without thought earn nothing.

use myelin_analysis::{
    adversary::{oracle, Commonplace, Garbage, Inverter, Literal, Lookup},
    protocol::AnalysisResponse,
    task::{Form, Source},
};
use myelin_wire::{record::Ppm, seed::Seed};

use super::{baseline, held_out, mean_pay, pay, public, tasks, FORMS};

#[test]
fn oracles_are_ranked_by_their_accuracy_and_pay_still_rises_near_perfection() {
    let source = public();
    let tasks: Vec<_> = FORMS.into_iter().flat_map(|form| tasks(&source, form, 60)).collect();
    let accuracies = [30, 40, 50, 60, 70, 80, 90, 95, 99];
    let mean = |percent: u32, salt: u8| {
        let mut rng = Seed([salt; 32]).rng();
        let paid = tasks.iter().map(|(task, judge)| {
            let (hidden, accuracy) = (&task.hidden, Ppm::new(percent * 10_000));
            pay(
                judge,
                &oracle(accuracy, hidden.plan().unwrap(), &hidden.model.schema, &task.request, &mut rng),
            )
        });
        paid.sum::<u64>() / tasks.len() as u64
    };
    let paid: Vec<u64> = accuracies.iter().map(|percent| mean(*percent, *percent as u8)).collect();
    // Spearman's coefficient: 1 − 6 Σ d² / (n (n² − 1)), with the ranks of accuracy and pay.
    let rank = |value: &u64| paid.iter().filter(|other| *other < value).count() as i64;
    let squares: i64 = paid.iter().enumerate().map(|(at, value)| (rank(value) - at as i64).pow(2)).sum();
    let n = paid.len() as i64;
    assert!(100 * 6 * squares <= 5 * n * (n * n - 1), "ranks by pay: {paid:?}");
    // Ten salts average out the oracle's luck.
    let over = |percent| (0..10).map(|salt| mean(percent, 100 + salt)).sum::<u64>() / 10;
    let (good, better, perfect) = (over(95), over(99), over(100));
    assert!(good < better && better < perfect, "{good}, {better}, {perfect}");
    assert!(better - good > 15_000, "4 % more right answers: {good} against {better}");
}

#[test]
fn what_needs_no_thought_earns_nothing() {
    let source = public();
    let lookup = Lookup::new(&source, 60);
    for form in FORMS {
        // Of 16 tasks by example the mean is known to a tenth only.
        let tasks = tasks(&source, form, 48);
        let honest = mean_pay(&baseline(), &tasks);
        println!("{form:?}: the baseline earns {honest} millionths");
        assert!(honest > 300_000, "{form:?}: the baseline earns {honest}");
        for (name, paid) in [
            ("literal", mean_pay(&Literal, &tasks)),
            ("commonplace", mean_pay(&Commonplace, &tasks)),
            ("garbage", mean_pay(&Garbage, &tasks)),
            ("lookup", mean_pay(&lookup, &tasks)),
        ] {
            assert!(paid * 20 < honest, "{form:?}: {name} earns {paid} against {honest}");
        }
    }
}

#[test]
fn running_the_public_generator_backwards_earns_no_more_than_the_baseline() {
    let inverter = Inverter::new(baseline()).unwrap();
    for form in FORMS {
        // A validator's own words give the inverter nothing to invert.
        let tasks = tasks(&held_out(), form, 12);
        let honest = mean_pay(&baseline(), &tasks);
        let inverted = mean_pay(&inverter, &tasks);
        assert!(inverted <= honest, "{form:?}: {inverted} against {honest}");
    }
    // With public words, questions by example still give the inverter nothing.
    let tasks = tasks(&public(), Form::Example, 12);
    assert_eq!(mean_pay(&inverter, &tasks), mean_pay(&baseline(), &tasks));
}

#[test]
fn the_words_of_32_other_secrets_read_no_question_of_a_secret() {
    let of_others = Inverter::of_others(32, baseline()).unwrap();
    let (mut paid, mut honest) = (Vec::new(), Vec::new());
    // None of these is among the others'.
    for secret in [0x40, 0x77, 0xaa, 0xc3, 0xe1, 0xff] {
        let source = Source { tables: Vec::new(), ..Source::own([secret; 32]).unwrap() };
        let tasks = tasks(&source, Form::Words, 40);
        paid.push(mean_pay(&of_others, &tasks));
        // The baseline, which the inverter falls back on, reads a question now and then by key words alone.
        honest.push(mean_pay(&baseline(), &tasks));
    }
    println!("the words of 32 other secrets earn {paid:?} millionths in words, the baseline {honest:?}");
    let [paid, honest] = [paid, honest].map(|each| each.iter().sum::<u64>() / each.len() as u64);
    assert!(paid <= honest + 20_000, "{paid} against {honest}");
    // By the public words the same inverter is a strong one.
    let tasks = tasks(&public(), Form::Words, 24);
    assert!(mean_pay(&of_others, &tasks) > 800_000);
}

#[test]
fn waste_and_silence_about_what_was_done_cost_a_part() {
    for (task, judge) in tasks(&public(), Form::Words, 12) {
        let schema = &task.hidden.model.schema;
        let sql = task.hidden.sql();
        let told = myelin_analysis::miner::explained(&sql, &task.request).unwrap();
        assert_eq!(pay(&judge, &told), 1_000_000, "{sql}");
        let silent = AnalysisResponse { explanation: String::new(), ..told.clone() };
        assert_eq!(pay(&judge, &silent), 850_000, "{sql}");
        // The same result by way of a useless subquery for every row.
        let table = &schema.tables[task.hidden.plan().unwrap().base];
        let (table, key) = (&table.name, &table.columns[0].name);
        let word = if task.hidden.plan().unwrap().tests.is_empty() { "WHERE" } else { "AND" };
        let waste = format!(
            " {word} (SELECT COUNT(*) FROM \"{table}\" AS waste WHERE waste.\"{key}\" <> \"{table}\".\"{key}\") >= 0"
        );
        let end = [" GROUP BY", " ORDER BY"]
            .iter()
            .filter_map(|clause| sql.find(clause))
            .min()
            .unwrap_or(sql.len());
        let wasteful = format!("{}{waste}{}", &sql[..end], &sql[end..]);
        let wasteful = AnalysisResponse { sql: wasteful, ..told };
        let verdict = judge.judge(&wasteful).unwrap();
        assert!(verdict.cost.get() < 700_000, "{verdict:?}");
    }
}
