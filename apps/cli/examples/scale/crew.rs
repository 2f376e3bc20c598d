//! The processes that validate and mine, and the time and memory that they take.

use std::{
    fmt::Write as _,
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{ports::free_port, stage::Stage, Failed};

/// Axons of one process: two subnets of the largest run, and as many as a file of the command may hold.
const AXONS_OF_A_PROCESS: usize = 64;
/// Ticks of the kernel's clock in a second.
const TICKS: f64 = 100.0;

/// A process that ends with its owner.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a command; its output goes to `NAME.log` and `NAME.err`.
    pub fn start(mut command: Command, folder: &Path, name: &str) -> Result<Self, Failed> {
        let log = folder.join(format!("{name}.log"));
        let errors = folder.join(format!("{name}.err"));
        let command = command.stdin(Stdio::null()).stdout(File::create(&log)?).stderr(File::create(&errors)?);
        Ok(Self { child: command.spawn()?, log: errors })
    }

    /// Its id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Fails if it has ended.
    pub fn check(&mut self) -> Result<(), Failed> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => {
                Err(format!("a process ended by itself ({status}); see {}", self.log.display()).into())
            }
        }
    }

    /// Asks it to end.
    fn ask_to_end(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = Command::new("kill").arg("-TERM").arg(self.pid().to_string()).status();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.ask_to_end();
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// All validators and miners.
pub struct Crew {
    validators: Process,
    miners: Vec<Process>,
    /// Data folders of the miners.
    homes: Vec<PathBuf>,
}

impl Crew {
    /// Starts one process for all validators, and one for as many miners as a file may hold.
    pub fn start(folder: &Path, endpoint: &str, stage: &Stage, without_last: bool) -> Result<Self, Failed> {
        let subnets = &stage.subnets[..stage.subnets.len() - usize::from(without_last)];
        let mut text = String::from("kind = \"round-trip\"\n");
        for subnet in subnets {
            let data = folder.join(format!("validator-{}", subnet.netuid));
            section(&mut text, subnet.netuid, &subnet.validator.uri, &data)?;
        }
        let validators = run(folder, endpoint, "validator", "validators", &text)?;

        let all: Vec<(u16, &str)> = stage
            .subnets
            .iter()
            .flat_map(|subnet| subnet.miners.iter().map(|miner| (subnet.netuid, miner.uri.as_str())))
            .collect();
        let (mut miners, mut homes) = (Vec::new(), Vec::new());
        for (number, part) in all.chunks(AXONS_OF_A_PROCESS).enumerate() {
            let mut text = String::from("kind = \"round-trip\"\nip = \"127.0.0.2\"\n");
            for (netuid, hotkey) in part {
                let data = folder.join(format!("miner-{}", homes.len()));
                section(&mut text, *netuid, hotkey, &data)?;
                writeln!(text, "port = {}", free_port())?;
                homes.push(data);
            }
            miners.push(run(folder, endpoint, "miner", &format!("miners-{number}"), &text)?);
        }
        Ok(Self { validators, miners, homes })
    }

    /// Number of processes.
    pub fn processes(&self) -> usize {
        1 + self.miners.len()
    }

    /// Fails if a process has ended.
    pub fn check(&mut self) -> Result<(), Failed> {
        self.validators.check()?;
        self.miners.iter_mut().try_for_each(Process::check)
    }

    /// The usage of the validators, and of the miners.
    pub fn usage(&self) -> (Usage, Usage) {
        let miners: Vec<u32> = self.miners.iter().map(Process::pid).collect();
        (Usage::of(&[self.validators.pid()]), Usage::of(&miners))
    }

    /// The miners that report at least one answer.
    pub fn miners_that_answered(&self) -> usize {
        let answered = |home: &&PathBuf| {
            let status = std::fs::read(home.join("status.json")).unwrap_or_default();
            let status: serde_json::Value = serde_json::from_slice(&status).unwrap_or_default();
            status["answered"].as_u64().is_some_and(|answers| answers > 0)
        };
        self.homes.iter().filter(answered).count()
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        // All of them end at the same time; the processes wait for themselves.
        self.miners.iter_mut().for_each(Process::ask_to_end);
        self.validators.ask_to_end();
    }
}

/// A section of the command's file.
fn section(text: &mut String, netuid: u16, hotkey: &str, data: &Path) -> std::fmt::Result {
    writeln!(text, "\n[[subnet]]\nnetuid = {netuid}\nhotkey = \"{hotkey}\"\ndata = \"{}\"", data.display())
}

/// Starts the command with the template's kind, which is built beside the folder of this program.
fn run(folder: &Path, endpoint: &str, what: &str, name: &str, file: &str) -> Result<Process, Failed> {
    let this = std::env::current_exe()?;
    let built = this.parent().and_then(Path::parent).ok_or("this program lies in no folder of examples")?;
    let program = built.join("round-trip");
    if !program.is_file() {
        return Err(format!("{} is not built; `cargo build --workspace` builds it", program.display()).into());
    }
    let path = folder.join(format!("{name}.toml"));
    std::fs::write(&path, file)?;
    let mut command = Command::new(program);
    command.args(["--endpoint", endpoint, "--json", what, "run", "--config"]).arg(&path);
    Process::start(command, folder, name)
}

/// Time and memory of some processes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    cpu_s: f64,
    held_mib: u64,
    peak_mib: u64,
    processes: usize,
}

impl Usage {
    /// The sums over these processes, as the kernel counts them.
    pub fn of(pids: &[u32]) -> Self {
        let mut sum = Usage { processes: pids.len(), ..Usage::default() };
        for pid in pids {
            let read =
                |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
            let (stat, status) = (read("stat"), read("status"));
            // The command's name stands in parentheses; user and system time are the 12th and 13th field behind it.
            let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
            sum.cpu_s +=
                fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS;
            let kib = |name: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(name));
                line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
                    .unwrap_or_default()
            };
            sum.held_mib += kib("VmRSS:") / 1024;
            sum.peak_mib += kib("VmHWM:") / 1024;
        }
        sum
    }

    /// The usage since `before`; memory is that of now.
    pub fn since(self, before: &Usage) -> Self {
        Self { cpu_s: self.cpu_s - before.cpu_s, ..self }
    }

    /// Prints a line.
    pub fn show(&self, name: &str, seconds: f64) {
        println!(
            "{name:<10} {:>3} processes, {:>6} MiB, at most {:>6} MiB, {:>7.1} s of a core: {:.2} cores",
            self.processes,
            self.held_mib,
            self.peak_mib,
            self.cpu_s,
            self.cpu_s / seconds
        );
    }
}
