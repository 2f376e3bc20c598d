//! Runs programs of this machine on strangers' input: Tesseract on pictures, Apertium on texts.
//!
//! The programs are trusted, their input is not. Time, memory and output are limited. A program reaches no network
//! where the system lets programs have one of their own. No words of the command come from a request.

use std::{
    io::{Read, Write},
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

/// Runs a program with a network of its own, to which nothing is connected.
const CUT_OFF: &str = "unshare --user --map-current-user --net";
/// Most bytes that are read of a program's complaints.
const COMPLAINTS: u64 = 2000;

/// A program, how it is called, and its limits.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its name, for errors.
    pub name: &'static str,
    /// The package that has it.
    pub package: &'static str,
    /// The command in the words of a shell.
    pub command: String,
    /// Address space of each process in KiB.
    pub memory_kib: u64,
    /// Most bytes that are read of its output.
    pub most_output: u64,
}

/// Why a program gave no result.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It is not installed.
    #[error("starting {0}: {2}; install the package {1}")]
    Missing(&'static str, &'static str, std::io::Error),
    /// It took too long.
    #[error("{0}: not done after {1:?}; give it more time or fewer requests")]
    TooSlow(&'static str, Duration),
    /// It failed.
    #[error("{name} ended with {status} and said {said:?}; try it by hand")]
    Failed {
        /// Its name.
        name: &'static str,
        /// Its exit status.
        status: String,
        /// The beginning of its error output.
        said: String,
    },
    /// The pipes broke.
    #[error("talking to {0}: {1}; try again")]
    Pipe(&'static str, std::io::Error),
}

/// Whether programs are cut off from the network. This needs a system that lets programs have a network of their own.
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

impl Process {
    /// The output for an input, at the latest after `time`.
    pub fn run(&self, input: Vec<u8>, time: Duration) -> Result<Vec<u8>, ProcessError> {
        let deadline = Instant::now() + time;
        let seconds = time.as_secs() + 2;
        let cut_off = if is_cut_off() { CUT_OFF } else { "" };
        let (memory, command) = (self.memory_kib, &self.command);
        // The limits hold from before the program starts.
        let script = format!("ulimit -v {memory} && ulimit -t {seconds} && exec {cut_off} {command}");
        let mut child = Command::new("sh")
            .args(["-c", &script])
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| ProcessError::Missing(self.name, self.package, error))?;
        let result = self.converse(&mut child, input, time, deadline);
        if result.is_err() {
            // The program may have started others, which are in its group and may outlive it. After a success nobody
            // holds its output any more.
            let script = format!("kill -KILL -{}", child.id());
            let _ = Command::new("sh").args(["-c", &script]).stderr(Stdio::null()).status();
        }
        let _ = child.wait();
        result
    }

    fn converse(
        &self,
        child: &mut Child,
        input: Vec<u8>,
        time: Duration,
        deadline: Instant,
    ) -> Result<Vec<u8>, ProcessError> {
        let broken = |error| ProcessError::Pipe(self.name, error);
        let missing = || broken(std::io::ErrorKind::BrokenPipe.into());
        let mut to = child.stdin.take().ok_or_else(missing)?;
        let output = child.stdout.take().ok_or_else(missing)?;
        let complaints = child.stderr.take().ok_or_else(missing)?;
        // A program that does not read must not block us; when it ends, these threads end.
        let spawn = std::thread::Builder::new;
        let writer = spawn().spawn(move || to.write_all(&input)).map_err(broken)?;
        let most = self.most_output;
        let reader = spawn().spawn(move || read_some(output, most)).map_err(broken)?;
        let listener = spawn().spawn(move || read_some(complaints, COMPLAINTS)).map_err(broken)?;
        // Others that it started may hold its output open.
        let mut ended = None;
        let status = loop {
            ended = ended.or(child.try_wait().map_err(broken)?);
            if let Some(status) = ended.filter(|_| reader.is_finished() && listener.is_finished()) {
                break status;
            }
            if Instant::now() >= deadline {
                return Err(ProcessError::TooSlow(self.name, time));
            }
            std::thread::sleep(Duration::from_millis(4));
        };
        let output = reader.join().unwrap_or_default();
        let said = listener.join().unwrap_or_default();
        let written = writer.join();
        if status.code() == Some(127) {
            let error = std::io::ErrorKind::NotFound.into();
            return Err(ProcessError::Missing(self.name, self.package, error));
        }
        if !status.success() {
            let said = String::from_utf8_lossy(&said).trim().to_owned();
            return Err(ProcessError::Failed { name: self.name, status: status.to_string(), said });
        }
        if let Ok(Err(error)) = written {
            return Err(broken(error));
        }
        Ok(output)
    }
}

fn read_some(from: impl Read, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Bytes beyond the limit are not read: the program then ends with a broken pipe.
    let _ = from.take(limit).read_to_end(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(command: &str) -> Process {
        Process { name: "it", package: "it", command: command.into(), memory_kib: 1 << 20, most_output: 1000 }
    }

    #[test]
    fn the_output_comes_back() {
        let said = process("cat").run(b"hello".to_vec(), Duration::from_secs(10)).unwrap();
        assert_eq!(said, b"hello");
    }

    #[test]
    fn failures_are_named() {
        let failed = |command: &str| {
            process(command).run(Vec::new(), Duration::from_secs(10)).unwrap_err().to_string()
        };
        assert!(failed("program-that-nobody-has").contains("install the package it"));
        let said = failed("sh -c 'echo no >&2; exit 3'");
        assert!(said.contains("exit status: 3") && said.contains("no"), "{said}");
    }

    #[test]
    fn what_takes_too_long_ends_with_all_that_it_started() {
        let folder = std::env::temp_dir().join(format!("myelin-process-{}", std::process::id()));
        let command = format!("sh -c '(sleep 2; touch {}) & sleep 60'", folder.display());
        let began = Instant::now();
        let late = process(&command).run(Vec::new(), Duration::from_millis(200)).unwrap_err();
        assert!(matches!(late, ProcessError::TooSlow(..)), "{late}");
        assert!(began.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_secs(3));
        assert!(!folder.exists(), "the process that it started went on");
    }

    #[test]
    fn what_leaves_others_behind_does_not_keep_us_waiting() {
        let began = Instant::now();
        let left = process("sh -c 'sleep 60 & exit 0'").run(Vec::new(), Duration::from_millis(300));
        assert!(matches!(left, Err(ProcessError::TooSlow(..))), "{left:?}");
        assert!(began.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn what_is_cut_off_has_a_network_to_which_nothing_is_connected() {
        if !is_cut_off() {
            println!("this system gives programs no network of their own");
            return;
        }
        let seen = process("cat /proc/self/net/dev").run(Vec::new(), Duration::from_secs(10)).unwrap();
        let devices = String::from_utf8_lossy(&seen).lines().skip(2).count();
        assert_eq!(devices, 1, "only the loopback, which is down");
    }
}
