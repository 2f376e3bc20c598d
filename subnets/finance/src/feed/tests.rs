use proptest::prelude::*;

use super::*;

const STEP: u64 = 10;

/// A record with a tick every two seconds from 1,000,000,000 on.
fn record(ticks: u64) -> Record {
    let mut record = Record::default();
    for at in 0..ticks {
        let value = i128::from(at * 37 % 101) * 1_000_000_000;
        record.push(Tick { time: 1_000_000_000 + 2 * at, value }).unwrap();
    }
    record
}

fn feed(record: Record) -> Feed {
    Feed::new("here".into(), Duration::from_secs(30), record)
}

#[test]
fn a_series_is_shown_and_its_outcome_known_when_the_record_has_passed_it() {
    let now = 1_000_000_000 + 2 * 400;
    let young = feed(record(401));
    let shown = young.show(now, STEP).unwrap();
    assert_eq!((shown.last, shown.history.len()), (1_000_000_800, 81));
    assert_eq!(shown.history.last(), Some(&0), "ticks begin at the last value");
    assert_eq!(young.outcome(&shown, STEP, 5), None, "the future is not known");

    let ends = |ticks| feed(record(ticks)).outcome(&shown, STEP, 5);
    assert_eq!(ends(426), None, "the last step is there, and a later tick of the same second might be");
    let (outcome, checkpoint) = ends(427).unwrap();
    assert_eq!((outcome.len(), checkpoint.ticks), (5, 427));
    // The same from a longer record: judging again later changes nothing.
    assert_eq!(ends(900).unwrap().0, outcome);
    let steps: i64 = shown.history.windows(2).map(|two| i64::from(two[1] - two[0]).abs()).sum();
    assert!((steps / 80 - USUAL_STEP as i64).abs() <= 2, "the mean step has {} ticks", steps / 80);
}

#[test]
fn a_checkpoint_far_into_a_record_is_found_again() {
    let long = record(3 * MARK as u64);
    for ticks in [1, MARK - 1, MARK, MARK + 1, 2 * MARK, 3 * MARK - 1, 3 * MARK] {
        let checkpoint = record(ticks as u64).checkpoint();
        assert_eq!(long.up_to(&checkpoint).map(<[Tick]>::len), Some(ticks));
        let other = Checkpoint { ticks: checkpoint.ticks - 1, ..checkpoint };
        assert_eq!(long.up_to(&other), None, "the hash of another checkpoint");
    }
}

#[test]
fn who_has_another_record_knows_no_outcome() {
    let shown = feed(record(401)).show(1_000_000_800, STEP).unwrap();
    let mut other = Record::default();
    for (at, tick) in record(900).ticks.into_iter().enumerate() {
        other.push(Tick { value: tick.value + i128::from(at == 7), ..tick }).unwrap();
    }
    assert_eq!(feed(other).outcome(&shown, STEP, 5), None, "a changed tick");
    let mut moved = shown.clone();
    moved.history[70] += 1;
    assert_eq!(feed(record(900)).outcome(&moved, STEP, 5), None, "a changed point");
    let far = Shown { last: u64::MAX, ..shown.clone() };
    assert_eq!(feed(record(900)).outcome(&far, STEP, 5), None);
    let none = Shown { checkpoint: Checkpoint { ticks: u64::MAX, hash: String::new() }, ..shown };
    assert_eq!(feed(record(900)).outcome(&none, STEP, 5), None);
}

#[test]
fn a_feed_that_is_down_shows_nothing_and_has_no_outcome() {
    assert_eq!(feed(Record::default()).show(1_000_000_800, STEP), None, "empty");
    assert_eq!(feed(record(300)).show(1_000_000_800, STEP), None, "silent for 200 seconds");
    assert_eq!(feed(record(100)).show(1_000_000_200, STEP), None, "too young");
    let mut still = Record::default();
    (0..400).for_each(|at| still.push(Tick { time: 1_000_000_000 + 2 * at, value: 5 }).unwrap());
    assert_eq!(feed(still).show(1_000_000_800, STEP), None, "nothing moves");

    let shown = feed(record(401)).show(1_000_000_800, STEP).unwrap();
    let mut gap = record(401);
    gap.push(Tick { time: 1_000_000_900, value: 5 }).unwrap();
    assert_eq!(feed(gap).outcome(&shown, STEP, 5), None, "a step without a value");

    // Behind a gap the series begins anew.
    let mut after = record(401);
    (0..400).for_each(|at| after.push(Tick { time: 1_000_010_000 + 2 * at, value: at.into() }).unwrap());
    assert_eq!(feed(after).show(1_000_010_798, STEP).unwrap().history.len(), 80);
}

#[test]
fn wrong_ticks_are_named() {
    let why = |line: &str| Tick::read(line).unwrap_err().to_string();
    assert!(why("1700000000").contains("not a time and a value with a comma"));
    assert!(why("yesterday,5").contains("`yesterday` is no time"));
    for value in ["NaN", "inf", "1e9", "", "--5", "0x5", "1.2.3", "99999999999999999999"] {
        assert!(why(&format!("1700000000,{value}")).contains("no plain decimal number"), "{value}");
    }
    let mut record = record(3);
    let back = record.push(Tick { time: 1_000_000_004, value: 0 }).unwrap_err();
    assert_eq!(back.to_string(), "the time 1000000004 is not after that of the tick before, 1000000004");
    assert_eq!(record.checkpoint().ticks, 3, "nothing was lost");
}

#[test]
fn a_value_is_found_in_json() {
    let find = |body: &str, field: &str| source::value_in(body.as_bytes(), field);
    let found = |text: &str| Ok(Some(text.to_owned()));
    assert_eq!(find("12.5", ""), found("12.500000000"));
    assert_eq!(find(r#"{"data":[{"price":"64000.10"}]}"#, "data.0.price"), found("64000.10"));
    assert_eq!(find(r#"{"price":-3}"#, "price"), found("-3"));
    for body in [r#"{"price":null}"#, r#"{"price":[1]}"#, "[]", r#"{"other":1}"#] {
        assert_eq!(find(body, "price"), Ok(None), "{body}");
    }
    assert!(find("<html>", "price").unwrap_err().contains("no JSON"));
    assert!(Tick::value_of(&find("1e300", "").unwrap().unwrap()).is_err());
}

fn settings(text: &str) -> Result<Feeds, String> {
    let settings: FeedsSettings = toml::from_str(text).map_err(|error| error.to_string())?;
    settings.open(false).map_err(|error| error.to_string())
}

#[test]
fn wrong_settings_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        format!("[[feed]]\nname = '{name}'\nrecord = '{}'\n", path.display())
    };
    let good = file("good", "time,value\n1700000000,5\n1700000001,6\n17000");
    assert_eq!(settings(&good).unwrap().feeds[0].record().ticks.len(), 2, "a line under way does not count");
    let why = |text: &str| settings(text).unwrap_err();
    assert!(why(&format!("step = 0\n{good}")).contains("`step` is 0 seconds, it must be 1 to 86400"));
    assert!(why(&format!("block_ms = 5\n{good}")).contains("`block_ms` is 5"));
    assert!(why("feed = []").contains("0 feeds are named"));
    assert!(why(&format!("{good}url = 'ftp://x'")).contains("begins with none of http://"));
    assert!(why(&format!("{good}field = 'price'")).contains("has `field` or `hello` and no `url`"));
    assert!(why(&format!("{good}{good}")).contains("the same name or record"));
    assert!(why(&format!("{good}prize = 3")).contains("prize"));
    let back = why(&file("back", "1700000001,5\n1700000000,6\n"));
    assert!(
        back.contains("line 2: the time 1700000000 is not after") && back.contains("begin another file"),
        "{back}"
    );
    assert!(why(&file("nan", "1700000000,5\n1700000001,NaN\n")).contains("line 2: `NaN` is no plain decimal"));
    assert!(why(&file("text", "1700000000,5\nhello\n")).contains("line 2"));
    let absent = format!("[[feed]]\nname = 'a'\nrecord = '{}'\n", folder.path().join("absent").display());
    assert_eq!(settings(&absent).unwrap().feeds[0].last_time(), None, "a record may begin later");
}

proptest! {
    #[test]
    fn a_line_is_read_as_it_was_written(
        time in 100_000_000u64..99_999_999_999,
        value in -9_000_000_000_000_000_000i128..9_000_000_000_000_000_000,
    ) {
        let tick = Tick { time, value };
        // Numbers of more than 18 digits are not read.
        if let Ok(read) = Tick::read(tick.line().trim_end()) {
            prop_assert_eq!(read, tick);
        } else {
            prop_assert!(value.unsigned_abs() > 900_000_000_000_000_000);
        }
    }
}
