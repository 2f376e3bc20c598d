use myelin_wire::seed::Seed;

use super::*;

fn rng(number: u64) -> SeedRng {
    Seed([8; 32]).derive(b"program", number).rng()
}

fn numbers_case(input: &str, output: &str) -> Case {
    Case { input: input.into(), output: output.into() }
}

/// Sums of six lists.
fn sums() -> Vec<Case> {
    (1..=6i64).map(|n| numbers_case(&format!("[{n},{}]", 10 * n), &(11 * n).to_string())).collect()
}

fn right(code: &str) -> usize {
    judge(&sums(), code, &mut Effort::of(None)).unwrap().right
}

fn trouble(code: &str) -> String {
    let verdict = judge(&sums(), code, &mut Effort::of(None)).unwrap();
    assert_eq!(verdict.right, 0, "{code}");
    verdict.note
}

/// The program that a careful reader of the specification writes.
fn script(plan: &Plan) -> String {
    let steps = plan.steps.iter().map(Step::named);
    crate::adversary::script(&steps.chain(plan.end.iter().map(End::named)).collect::<Vec<_>>()).unwrap()
}

#[test]
fn what_is_specified_is_what_plain_code_does() {
    let (mut kinds, mut ends) = (BTreeSet::new(), BTreeSet::new());
    let phrases = Phrases::public().unwrap();
    for number in 0..400 {
        let mut rng = rng(number);
        let of_words = number % 3 == 0;
        let grade = 1 + number as u32 % if of_words { OF_WORDS } else { 31 };
        let inputs =
            || if of_words { words(&phrases, grade, &mut rng).unwrap() } else { numbers(grade, &mut rng) };
        let inputs: Vec<List> = std::iter::repeat_with(inputs).take(EXAMPLES + HIDDEN).collect();
        let Some(plan) = Plan::draw(of_words, grade, &inputs, &mut rng) else { continue };
        let known = kinds.len() + ends.len();
        kinds.extend(plan.steps.iter().map(|step| step.named().0));
        ends.extend(plan.end.map(|end| end.named().0));
        if kinds.len() + ends.len() == known {
            continue;
        }
        let cases: Vec<Case> = inputs
            .into_iter()
            .skip(EXAMPLES)
            .map(|input| numbers_case(&input.json().to_string(), &plan.run(input).to_string()))
            .collect();
        let code = script(&plan);
        let verdict = judge(&cases, &format!("```javascript\n{code}\n```"), &mut Effort::of(None)).unwrap();
        assert_eq!(verdict, Verdict { right: 6, note: String::new() }, "{code}\n{cases:?}");
    }
    assert_eq!((kinds.len(), ends.len()), (21, 9), "{kinds:?} {ends:?}");
}

#[test]
fn answers_that_do_not_solve_anything_get_nothing_or_what_chance_gives() {
    assert_eq!(right("function solve(x) { return x[0] + x[1]; }"), 6);
    assert_eq!(right("const solve = ([a, b]) => { console.log('adding'); return a + b; };"), 6);
    assert_eq!(right("function solve(x) { return 11; }"), 1, "a literal answer");
    assert_eq!(right("function solve(x) { if (x[0] > 3) throw new Error('no'); return x[0] + x[1]; }"), 3);
    // A script that leaves the function around it finds no right results outside.
    for escape in [
        "} make = () => () => 7; function f() { function solve() {}",
        "} Array.prototype.map = () => [['11'], ['11'], ['11'], ['11'], ['11'], ['11']]; function f() { function solve() {}",
        "Array.prototype.map = () => 7; function solve(x) { return { toString() { throw 7; } }; }",
    ] {
        assert!(right(escape) <= 1, "{escape}");
    }
    for result in ["'22'", "'[]'", "7", "JSON.parse"] {
        let code = format!("JSON.stringify = () => {result}; function solve(x) {{ return 1; }}");
        assert!(!trouble(&code).is_empty(), "{code}");
    }
    for code in ["", "I cannot write code.", "function solve(x) { return", "solve = 5", "import fs from 'fs'"]
    {
        assert!(!trouble(code).is_empty(), "{code}");
    }
    // There is nothing outside.
    for name in
        ["require('fs')", "process.env", "fetch('http://localhost')", "Deno", "globalThis.os.exec('ls')"]
    {
        let code = format!("const loot = {name}; function solve(x) {{ return x[0] + x[1]; }}");
        assert!(!trouble(&code).is_empty(), "{code}");
    }
}

#[test]
fn what_people_write_in_javascript_works() {
    let cases = [
        ("(x[0] + x[1]) | 0", 6),
        ("Math.floor(x[0] / 2) * 2 + (x[0] & 1) + x[1]", 6),
        ("x[0] ** 1 + Math.sqrt(x[1] * x[1]) + Math.trunc(0.9) + Math.pow(2, 0) - 1", 6),
        ("Number((x[0] + x[1]).toFixed(0)) + (5 >> 3) + (~~0.5)", 6),
        ("Object.entries({a: x[0], b: x[1]}).reduce((sum, [, v]) => sum + v, 0)", 6),
        ("parseInt(`${x[0] + x[1]}`, 10)", 6),
        ("x.flatMap(v => [v]).at(-1) + [...x].shift()", 6),
        ("(() => { class Sum { #n = 0; add(v) { this.#n += v; return this; } get n() { return this.#n; } } \
           return new Sum().add(x[0]).add(x[1]).n; })()", 6),
        ("[...(function* () { yield* x; })()].reduce((a, b) => a + b)", 6),
        ("new Map(x.map(v => [v, v])).size === 2 ? x.at(0) + x.at(1) : 0", 6),
    ];
    for (expression, expected) in cases {
        let verdict =
            judge(&sums(), &format!("function solve(x) {{ return {expression}; }}"), &mut Effort::of(None))
                .unwrap();
        assert_eq!(verdict.right, expected, "{expression}{}", verdict.note);
    }
}

#[test]
fn programs_that_never_end_or_take_everything_are_stopped_the_same_way_each_time() {
    let bombs = [
        ("while (true) {} function solve() {}", "fuel"),
        ("function solve(x) { try { for (;;) {} } finally { for (;;) {} } }", "fuel"),
        ("function solve(x) { const all = []; for (;;) all.push(new Array(1000).fill(7)); }", ""),
        ("function solve(x) { let text = 'x'; for (;;) text += text; }", ""),
        ("function solve(x) { return 'x'.repeat(1 << 18); }", ""),
        ("function solve(x) { return solve(x) + 1; }", ""),
        ("function solve(x) { return /^(a+)+$/.test('a'.repeat(5000) + 'b'); }", ""),
        ("const solve = x => BigInt(7) ** BigInt(10000000);", ""),
    ];
    for (code, words) in bombs {
        let first = trouble(code);
        assert!(first.contains(words), "{code}: {first}");
        assert_eq!(trouble(code), first, "{code}");
    }
    let deep = format!("function solve(x) {{ return {}x{}; }}", "(".repeat(3000), ")".repeat(3000));
    assert_eq!(right(&deep), 0);
    assert_eq!(
        judge(&sums(), &"x".repeat(PROGRAM_BYTES + 1), &mut Effort::of(None)).unwrap_err().0,
        Reason::Oversize
    );
}

#[test]
fn nothing_but_the_input_decides() {
    let code = "const start = Date.now(), luck = Math.random(); let calls = 0;\
                function solve(x) { calls += 1; return [start, luck, calls, x[0]]; }";
    let call = || javascript::call(code, &["[1]", "[2]"], &mut Effort::of(None)).unwrap();
    assert_eq!(call(), call(), "chance and clock are the same every time");
    let results: Vec<Vec<f64>> =
        call().into_iter().map(|result| serde_json::from_str(&result.unwrap()).unwrap()).collect();
    assert_eq!([results[0][2], results[1][2]], [1.0, 1.0], "nothing is remembered between calls");
}

#[test]
fn code_is_found_among_words() {
    assert_eq!(code_of("plain"), "plain");
    assert_eq!(code_of("Sure:\n```js\nfunction solve() {}\n```\nDone."), "function solve() {}\n");
    assert_eq!(code_of("```\nnpm i\n```\nthen\n```\nsolve = 1\n```"), "solve = 1\n");
    assert_eq!(code_of("```js\nfunction solve() {"), "function solve() {");
    assert_eq!(code_of("```"), "");
}

#[test]
fn hidden_inputs_notice_every_step_and_no_fixed_answer_fits_two() {
    let phrases = Phrases::public().unwrap();
    for number in 0..60 {
        let grade = 2 + number as u32 % 30;
        let (request, cases) = draw(&phrases, grade, &mut rng(number)).unwrap();
        let results: BTreeSet<&str> = cases.iter().map(|case| case.output.as_str()).collect();
        assert_eq!((cases.len(), results.len()), (HIDDEN, HIDDEN));
        assert!(cases.iter().all(|case| case.input != case.output));
        let text = &request.messages[0].content;
        let is_whole =
            text.contains(&format!("\n{grade}. ")) && !text.contains(&format!("\n{}. ", grade + 1));
        assert!(is_whole && text.matches("For example, solve([").count() == EXAMPLES, "{text}");
    }
}

#[test]
fn programs_that_never_end_use_up_the_fuel_of_their_miner_and_honest_ones_do_not() {
    let endless = "while (true) {} function solve() {}";
    let honest = "function solve(x) { return x.reduce((sum, one) => sum + one, 0); }";
    let mut effort = Effort::of(Some(javascript::LIMITS.fuel / javascript::UNIT));
    let mut judged = 0;
    while !effort.is_spent() {
        assert_eq!(judge(&sums(), honest, &mut effort).unwrap().right, 6);
        judged += 1;
    }
    assert!(judged >= 8, "{judged} honest programs take as much as one that never ends");
    let mut effort = Effort::of(Some(javascript::LIMITS.fuel / javascript::UNIT + 1));
    for _ in 0..2 {
        assert!(!effort.is_spent());
        assert!(judge(&sums(), endless, &mut effort).unwrap().note.contains("fuel"));
    }
    let late = judge(&sums(), honest, &mut effort).unwrap();
    assert_eq!(late.right, 0, "the first two used up everything");
    assert!(late.note.contains("used up its fuel of the round"), "{}", late.note);
}
