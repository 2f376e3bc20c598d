//! Tesseract, the text recogniser of most Linux systems, as a process with limits.
//!
//! The program gets a picture on its standard input that was decoded here first.

use std::{
    process::Command,
    sync::{Condvar, Mutex},
    time::{Duration, Instant},
};

use myelin_sandbox::process::{Process, ProcessError};

use crate::picture::Picture;

/// Address space of the process in KiB; it needs about 300 MiB for a page.
const MEMORY_KIB: u64 = 1 << 20;
/// Most bytes that are read of its output.
const MAX_OUTPUT: u64 = 256 << 10;
const NAME: &str = "tesseract";
const PACKAGE: &str = "tesseract-ocr";
/// Longest time for the page of the check: a busy machine takes some seconds.
const CHECK: Duration = Duration::from_secs(60);
/// Side of that page in pixels.
const SIDE: usize = 64;

/// Tesseract is missing or broken.
#[derive(Debug, thiserror::Error)]
#[error("trying tesseract: {0} (Debian, Ubuntu: `apt-get install {PACKAGE}` on the machine of the miner)")]
pub struct Unusable(ProcessError);

/// A bounded number of Tesseract processes.
pub struct Tesseract {
    program: &'static str,
    free: Mutex<usize>,
    freed: Condvar,
}

impl Tesseract {
    /// At most `processes` at a time.
    pub fn new(processes: usize) -> Self {
        Self::of_program(NAME, processes)
    }

    fn of_program(program: &'static str, processes: usize) -> Self {
        Self { program, free: Mutex::new(processes.max(1)), freed: Condvar::new() }
    }

    /// Reads an empty page.
    ///
    /// # Errors
    /// If the program or its data for English is not installed, or does not work. The error names the package.
    pub fn check(&self) -> Result<(), Unusable> {
        let page = Picture::new(SIDE, SIDE, 1, vec![255; SIDE * SIDE]).expect("a pixel has one sample");
        self.read(&page, CHECK).map(|_| ()).map_err(Unusable)
    }

    /// The version that is installed.
    pub fn version() -> Result<String, ProcessError> {
        let missing = |error| ProcessError::Missing(NAME, PACKAGE, error);
        let output = Command::new(NAME).arg("--version").output().map_err(missing)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }

    /// The text of a picture, taken as one block of lines from top to bottom.
    pub fn read(&self, picture: &Picture, time: Duration) -> Result<String, ProcessError> {
        let deadline = Instant::now() + time;
        let mut free = self.free.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        while *free == 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ProcessError::TooSlow(NAME, time));
            }
            free = self.freed.wait_timeout(free, left).unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
        *free -= 1;
        drop(free);
        let text = self.run(picture, deadline.saturating_duration_since(Instant::now()));
        *self.free.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) += 1;
        self.freed.notify_one();
        text
    }

    fn run(&self, picture: &Picture, time: Duration) -> Result<String, ProcessError> {
        let process = Process {
            name: NAME,
            package: PACKAGE,
            command: format!("{} stdin stdout --oem 1 --psm 6 --dpi 150 -l eng", self.program),
            memory_kib: MEMORY_KIB,
            most_output: MAX_OUTPUT,
        };
        let text = process.run(picture.to_netpbm(), time)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_page_has_no_text() {
        let page = Picture::new(200, 100, 1, vec![255; 20_000]).expect("it fits");
        let text = Tesseract::new(1).read(&page, Duration::from_secs(20));
        assert_eq!(text.expect("tesseract is installed").trim(), "");
    }

    #[test]
    fn a_program_that_is_missing_is_named_with_its_package() {
        Tesseract::new(1).check().expect("tesseract is installed");
        let missing =
            Tesseract::of_program("/nowhere/tesseract", 1).check().expect_err("missing").to_string();
        assert!(missing.starts_with("trying tesseract: starting tesseract: "), "{missing}");
        assert!(missing.contains("`apt-get install tesseract-ocr` on the machine of the miner"), "{missing}");
    }

    #[test]
    fn it_is_stopped_at_its_deadline() {
        let page =
            Picture::new(3000, 2000, 1, (0..6_000_000u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect());
        let began = Instant::now();
        let text = Tesseract::new(1).read(&page.expect("it fits"), Duration::from_millis(30));
        assert!(matches!(text, Err(ProcessError::TooSlow(..))), "{text:?}");
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}
