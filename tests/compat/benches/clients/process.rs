//! Commands as processes: their times and their output.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;

/// Longest time of a command.
const LIMIT: Duration = Duration::from_secs(60);

/// A command line that is run again and again.
pub struct Repeated {
    program: PathBuf,
    arguments: Vec<String>,
    home: PathBuf,
}

impl Repeated {
    /// The program with these arguments; it keeps its files in `home`.
    pub fn new(program: impl Into<PathBuf>, arguments: &[&str], home: &Path) -> Self {
        Repeated {
            program: program.into(),
            arguments: arguments.iter().map(|argument| (*argument).into()).collect(),
            home: home.into(),
        }
    }

    /// Runs once, and returns time and output; or the error output, if it failed or did not end within the limit.
    async fn run(&self) -> Result<(Duration, String), String> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env("HOME", &self.home)
            .env("READ_ONLY", "1")
            // So wide that no column is cut.
            .env("COLUMNS", "200")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let started = Instant::now();
        let output = tokio::time::timeout(LIMIT, command.output())
            .await
            .map_err(|_| format!("it was not done within {} s", LIMIT.as_secs()))?
            .map_err(|error| error.to_string())?;
        let took = started.elapsed();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok((took, text));
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(format!("{}, {text}{}", output.status, complaint.trim()))
    }

    /// Runs once; the text must contain `expected`.
    pub async fn timed(&self, expected: &str) -> Duration {
        let described = || format!("{} {}", self.program.display(), self.arguments.join(" "));
        let ran = self.run().await;
        let (took, text) = ran.unwrap_or_else(|why| panic!("{}: {why}", described()));
        assert!(text.contains(expected), "{} does not print {expected}:\n{text}", described());
        took
    }
}
