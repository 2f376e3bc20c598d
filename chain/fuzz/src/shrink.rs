//! Making a failing story short enough to read.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use crate::{
    cast::Cast,
    run::{replay, Care, Failure},
    story::{title, Action, Step},
};

/// Leaves out steps as long as the same rule breaks: half of them, a quarter, and so on down to single steps, until
/// nothing more can go or the time is over.
pub fn shrink(failure: Failure, time: Duration) -> Failure {
    let started = Instant::now();
    let mut shortest = failure;
    let mut chunk = shortest.steps.len().div_ceil(2);
    while chunk > 0 {
        let mut at = 0;
        let mut left_out = false;
        while at < shortest.steps.len() {
            if started.elapsed() > time {
                return shortest;
            }
            let end = (at + chunk).min(shortest.steps.len());
            let rest = [&shortest.steps[..at], &shortest.steps[end..]].concat();
            match replay(&rest, Care::Money) {
                Some(again) if again.rule == shortest.rule => {
                    shortest = again;
                    left_out = true;
                }
                _ => at = end,
            }
        }
        chunk = match chunk {
            1 if left_out => 1,
            1 => 0,
            more => more / 2,
        };
    }
    shortest
}

/// A story as lines of text: `block`, or the path of the signer and the call in hexadecimal digits, with an explanation
/// behind `#`.
pub fn write(steps: &[Step], cast: &Cast) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Block => text.push_str("block\n"),
            Step::Call(Action { signer, call }) => {
                let meant = Action { signer: *signer, call: call.clone() }.decoded().map(|call| title(&call));
                let path = &cast.actor(*signer).path;
                let bytes: String = call.iter().fold(String::new(), |mut text, byte| {
                    let _ = write!(text, "{byte:02x}");
                    text
                });
                let _ = writeln!(text, "{path} {bytes} # {}", meant.unwrap_or_default());
            }
        }
    }
    text
}

/// Reads the text of [`write`].
pub fn read(text: &str, cast: &Cast) -> Result<Vec<Step>, String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(|line| step(line, cast)).collect()
}

fn step(line: &str, cast: &Cast) -> Result<Step, String> {
    if line == "block" {
        return Ok(Step::Block);
    }
    let (path, bytes) = line.split_once(' ').ok_or_else(|| format!("neither a block nor a call: {line}"))?;
    let signer = cast.index_of_path(path).ok_or_else(|| format!("nobody is called {path}"))?;
    let digits: Vec<u32> = bytes.chars().map_while(|digit| digit.to_digit(16)).collect();
    if digits.len() != bytes.len() || !digits.len().is_multiple_of(2) {
        return Err(format!("not hexadecimal: {bytes}"));
    }
    let call = digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect();
    Ok(Step::Call(Action { signer, call }))
}
