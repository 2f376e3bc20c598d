//! Packages of others: their names, places and installation.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One environment of packages. Its list names every package with its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packages {
    /// `bittensor` 10.5 with `bittensor-wallet`.
    Sdk10,
    /// `bittensor` 11.3, with a `btcli` of its own.
    Sdk11,
    /// The `btcli` of `bittensor-cli` 9.23.
    Btcli9,
    /// `@polkadot/api` 16.5 with its keys.
    PolkadotJs,
    /// `scikit-image` 0.26, of which only the photographs are wanted.
    Photographs,
    /// `sacrebleu` 2.6 with NumPy, which compute what answers are judged by.
    Metrics,
    /// `torch` 2.9, beside which the built-in image model is measured.
    Pytorch,
}

/// Python versions for which there are packages.
const PYTHON: std::ops::RangeInclusive<u32> = 10..=14;

impl Packages {
    /// Those that tests need.
    pub const ALL: [Packages; 5] =
        [Packages::Sdk10, Packages::Sdk11, Packages::Btcli9, Packages::PolkadotJs, Packages::Photographs];
    /// Those that the benchmark `clients` needs.
    pub const OF_BENCHES: [Packages; 3] = [Packages::Sdk10, Packages::Sdk11, Packages::Btcli9];

    /// Name for people, with the size on disk.
    pub fn title(self) -> &'static str {
        match self {
            Packages::Sdk10 => "bittensor 10.5 (Python, 230 MB)",
            Packages::Sdk11 => "bittensor 11.3 (Python, 110 MB)",
            Packages::Btcli9 => "bittensor-cli 9.23 (Python, 200 MB)",
            Packages::PolkadotJs => "polkadot.js (Node.js, 140 MB)",
            Packages::Photographs => "the photographs of scikit-image 0.26 (Python, 60 MB)",
            Packages::Metrics => "sacrebleu 2.6 and NumPy (Python, 120 MB)",
            Packages::Pytorch => "PyTorch 2.9 (Python, 7 GB with its libraries for GPUs)",
        }
    }

    fn list(self) -> &'static str {
        match self {
            Packages::Sdk10 => include_str!("../requirements.txt"),
            Packages::Sdk11 => include_str!("../requirements-v11.txt"),
            Packages::Btcli9 => include_str!("../requirements-btcli.txt"),
            Packages::PolkadotJs => include_str!("../package-lock.json"),
            Packages::Photographs => include_str!("../requirements-photographs.txt"),
            Packages::Metrics => include_str!("../requirements-metrics.txt"),
            Packages::Pytorch => include_str!("../requirements-pytorch.txt"),
        }
    }

    /// Folder of the packages, which need not exist.
    fn folder(self) -> PathBuf {
        let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache/myelin");
        let cache = std::env::var_os("MYELIN_CACHE").map_or_else(home, PathBuf::from);
        cache.join("compat").join(match self {
            Packages::Sdk10 => "bittensor-10",
            Packages::Sdk11 => "bittensor-11",
            Packages::Btcli9 => "bittensor-cli-9",
            Packages::PolkadotJs => "polkadot-js",
            Packages::Photographs => "photographs",
            Packages::Metrics => "metrics",
            Packages::Pytorch => "pytorch",
        })
    }

    /// The folder of the installed packages.
    ///
    /// # Errors
    /// If they are not installed as their list says.
    pub fn installed(self) -> Result<PathBuf, String> {
        let folder = self.folder();
        match fs::read_to_string(folder.join("complete")) {
            Ok(list) if list == self.list() => Ok(folder),
            _ => Err(format!(
                "the packages of {} are not installed in {}; run `cargo xtask official`",
                self.title(),
                folder.display()
            )),
        }
    }

    /// Installs them, unless they are there already.
    ///
    /// # Errors
    /// If a requirement is missing on this machine, or with the message of the installer.
    pub fn install(self) -> Result<(), String> {
        if self.installed().is_ok() {
            return Ok(());
        }
        let folder = self.folder();
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(failed)?;
        }
        fs::create_dir_all(&folder).map_err(failed)?;
        let list = folder.join(if self == Packages::PolkadotJs { "package-lock.json" } else { "list.txt" });
        fs::write(&list, self.list()).map_err(failed)?;
        match self {
            Packages::PolkadotJs => {
                fs::write(folder.join("package.json"), include_str!("../package.json")).map_err(failed)?;
                let hint =
                    "Node.js 18 or newer with npm is needed, and a network that reaches registry.npmjs.org";
                run(
                    Command::new("npm")
                        .args(["ci", "--omit=optional", "--no-audit", "--no-fund"])
                        .current_dir(&folder),
                    hint,
                )?;
            }
            Packages::Sdk10
            | Packages::Sdk11
            | Packages::Btcli9
            | Packages::Photographs
            | Packages::Metrics
            | Packages::Pytorch => {
                run(Command::new(python()?).args(["-m", "venv"]).arg(&folder), "")?;
                let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r"];
                let hint = "a network that reaches pypi.org is needed";
                run(Command::new(folder.join("bin/python")).args(pip).arg(&list), hint)?;
            }
        }
        fs::write(folder.join("complete"), self.list()).map_err(failed)
    }
}

/// The first Python on the path that has packages and can make environments.
fn python() -> Result<PathBuf, String> {
    let named = std::env::var_os("MYELIN_PYTHON").map(PathBuf::from);
    let usual = ["python3", "python3.12", "python3.11", "python3.13", "python3.10", "python3.14"];
    let usable = |python: &Path| {
        let code = "import sys, venv, ensurepip; print(sys.version_info[1])";
        let Ok(output) = Command::new(python).args(["-c", code]).output() else { return false };
        let minor = String::from_utf8_lossy(&output.stdout).trim().parse();
        output.status.success() && minor.is_ok_and(|minor| PYTHON.contains(&minor))
    };
    named.into_iter().chain(usual.map(PathBuf::from)).find(|python| usable(python)).ok_or_else(|| {
        format!(
            "no Python 3.{} to 3.{} with venv was found; install python3-venv, or name one with MYELIN_PYTHON",
            PYTHON.start(),
            PYTHON.end()
        )
    })
}

fn run(command: &mut Command, hint: &str) -> Result<(), String> {
    let shown = format!("{:?}", command.get_program());
    let output = command.output().map_err(|error| format!("{shown} does not start: {error}; {hint}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{shown} failed; {hint}. It said:\n{}", String::from_utf8_lossy(&said)))
}
