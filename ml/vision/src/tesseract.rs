//! Tesseract, the text recogniser of most Linux systems, as a process with limits.
//!
//! The program gets a picture on its standard input that was decoded here first. Its time, memory and output are
//! limited. It reaches no network where the system lets programs have one of their own. No shell words, paths or
//! options come from a request.

use std::{
    io::{Read, Write},
    process::{Child, Command, Stdio},
    sync::{Condvar, Mutex, OnceLock},
    time::{Duration, Instant},
};

use crate::picture::Picture;

/// Address space of the process in KiB; it needs about 300 MiB for a page.
const MEMORY_KIB: u64 = 1 << 20;
/// Most bytes that are read of its output.
const MAX_OUTPUT: u64 = 256 << 10;

/// Runs a program with a network of its own, to which nothing is connected.
const CUT_OFF: &str = "unshare --user --map-current-user --net";

/// Why no text came back.
#[derive(Debug, thiserror::Error)]
pub enum TesseractError {
    /// The program is not installed.
    #[error("starting tesseract: {0}; install the package tesseract-ocr")]
    Missing(std::io::Error),
    /// All processes were busy until the deadline, or the program itself took too long.
    #[error("reading with tesseract: not done after {0:?}; give it more time or fewer requests")]
    TooSlow(Duration),
    /// The program failed.
    #[error(
        "reading with tesseract: it ended with {status} and said {said:?}; try it on the picture by hand"
    )]
    Failed {
        /// Exit status of the program.
        status: String,
        /// End of its error output.
        said: String,
    },
    /// The pipes broke.
    #[error("talking to tesseract: {0}; try again")]
    Pipe(std::io::Error),
}

/// A bounded number of Tesseract processes.
pub struct Tesseract {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Tesseract {
    /// At most `processes` at a time.
    pub fn new(processes: usize) -> Self {
        Self { free: Mutex::new(processes.max(1)), freed: Condvar::new() }
    }

    /// The version that is installed.
    pub fn version() -> Result<String, TesseractError> {
        let output = Command::new("tesseract").arg("--version").output().map_err(TesseractError::Missing)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().next().unwrap_or_default().to_owned())
    }

    /// Whether the program is cut off from the network. This needs a system that lets programs have a network of their
    /// own.
    pub fn is_cut_off() -> bool {
        // A success is final and kept; a failure may come from a shortage that passes, so it is tried again.
        static CAN: OnceLock<()> = OnceLock::new();
        let tried = || {
            let script = format!("{CUT_OFF} true");
            let status = Command::new("sh").args(["-c", &script]).stderr(Stdio::null()).status();
            let can = status.is_ok_and(|status| status.success());
            can.then(|| CAN.get_or_init(|| ())).is_some()
        };
        CAN.get().is_some() || tried()
    }

    /// The text of a picture, taken as one block of lines from top to bottom.
    pub fn read(&self, picture: &Picture, time: Duration) -> Result<String, TesseractError> {
        let deadline = Instant::now() + time;
        let mut free = self.free.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        while *free == 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(TesseractError::TooSlow(time));
            }
            free = self.freed.wait_timeout(free, left).unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
        *free -= 1;
        drop(free);
        let text = run(picture, time, deadline);
        *self.free.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) += 1;
        self.freed.notify_one();
        text
    }
}

fn run(picture: &Picture, time: Duration, deadline: Instant) -> Result<String, TesseractError> {
    let seconds = time.as_secs() + 2;
    // The limits hold from before the program starts; nothing here comes from a request.
    let cut_off = if Tesseract::is_cut_off() { CUT_OFF } else { "" };
    let script = format!(
        "ulimit -v {MEMORY_KIB} && ulimit -t {seconds} && \
         exec {cut_off} tesseract stdin stdout --oem 1 --psm 6 --dpi 150 -l eng"
    );
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .env("OMP_THREAD_LIMIT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(TesseractError::Missing)?;
    let result = converse(&mut child, picture, time, deadline);
    if result.is_err() {
        let _ = child.kill();
    }
    let _ = child.wait();
    result
}

fn converse(
    child: &mut Child,
    picture: &Picture,
    time: Duration,
    deadline: Instant,
) -> Result<String, TesseractError> {
    let missing = || TesseractError::Pipe(std::io::ErrorKind::BrokenPipe.into());
    let mut input = child.stdin.take().ok_or_else(missing)?;
    let output = child.stdout.take().ok_or_else(missing)?;
    let complaints = child.stderr.take().ok_or_else(missing)?;
    let bytes = picture.to_netpbm();
    // A program that does not read must not block us; when it ends, these threads end.
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let reader = std::thread::spawn(move || read_some(output, MAX_OUTPUT));
    let listener = std::thread::spawn(move || read_some(complaints, 2000));
    let status = loop {
        if let Some(status) = child.try_wait().map_err(TesseractError::Pipe)? {
            break status;
        }
        if Instant::now() >= deadline {
            return Err(TesseractError::TooSlow(time));
        }
        std::thread::sleep(Duration::from_millis(4));
    };
    let text = reader.join().unwrap_or_default();
    let said = listener.join().unwrap_or_default();
    let written = writer.join();
    if status.code() == Some(127) {
        return Err(TesseractError::Missing(std::io::ErrorKind::NotFound.into()));
    }
    if !status.success() {
        return Err(TesseractError::Failed { status: status.to_string(), said: said.trim().to_owned() });
    }
    if let Ok(Err(error)) = written {
        return Err(TesseractError::Pipe(error));
    }
    Ok(text)
}

fn read_some(from: impl Read, limit: u64) -> String {
    let mut bytes = Vec::new();
    // Bytes beyond the limit are not read: the program then ends with a broken pipe.
    let _ = from.take(limit).read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
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
    fn what_is_cut_off_has_a_network_to_which_nothing_is_connected() {
        if !Tesseract::is_cut_off() {
            println!("this system gives programs no network of their own");
            return;
        }
        let script = format!("exec {CUT_OFF} cat /proc/self/net/dev");
        let seen = Command::new("sh").args(["-c", &script]).output().expect("it runs");
        let devices = String::from_utf8_lossy(&seen.stdout).lines().skip(2).count();
        assert_eq!(devices, 1, "only the loopback, which is down");
    }

    #[test]
    fn it_is_stopped_at_its_deadline() {
        let page =
            Picture::new(3000, 2000, 1, (0..6_000_000u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect());
        let began = Instant::now();
        let text = Tesseract::new(1).read(&page.expect("it fits"), Duration::from_millis(30));
        assert!(matches!(text, Err(TesseractError::TooSlow(_))), "{text:?}");
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}
