//! A command of official packages as a process of its own.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// Longest time of a command.
const LIMIT: Duration = Duration::from_secs(60);

/// Result of a command.
pub struct Said {
    /// The whole command, for messages.
    pub line: String,
    /// Its exit code; none if it was ended.
    pub code: Option<i32>,
    /// Standard output.
    pub text: String,
    /// Standard error.
    pub complaint: String,
}

impl Said {
    /// All of its output.
    pub fn everything(&self) -> String {
        format!("{}{}", self.text, self.complaint)
    }
}

/// Runs a command that reads `answers` where it asks; its home is `home`. A command that does not end is ended, and the
/// test fails.
pub async fn run(program: &Path, words: &[String], home: &Path, answers: &str) -> Said {
    let line = format!("{} {}", program.display(), words.join(" "));
    let mut input = tempfile::tempfile().expect("a file");
    input.write_all(answers.as_bytes()).and_then(|()| input.rewind()).expect("written");
    let [mut text, mut complaint] = [(), ()].map(|()| tempfile::tempfile().expect("a file"));
    let mut child = Command::new(program)
        .args(words)
        .env("HOME", home)
        // So wide that no line of JSON is broken.
        .env("COLUMNS", "20000")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::from(input))
        .stdout(text.try_clone().expect("the file again"))
        .stderr(complaint.try_clone().expect("the file again"))
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{line} does not start: {error}"));
    let ended = tokio::time::timeout(LIMIT, child.wait()).await;
    let [text, complaint] = [&mut text, &mut complaint].map(content);
    match ended {
        Ok(status) => Said { line, code: status.expect("a status").code(), text, complaint },
        Err(_) => panic!("{line} did not end within {} s; it said:\n{text}{complaint}", LIMIT.as_secs()),
    }
}

fn content(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("read");
    String::from_utf8_lossy(&bytes).into_owned()
}
