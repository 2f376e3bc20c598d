//! The status of a running miner or validator, in a file of its data folder that other terminals read.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::net::start_time;
use crate::output::{self, fail, Failure, Outcome};
use crate::Global;

/// The file's name.
const FILE: &str = "status.json";

/// Time between two writings.
pub const EVERY: Duration = Duration::from_secs(2);

/// A status with its process.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Written<S> {
    /// Process id.
    pub pid: u32,
    /// Start of the process, in clock ticks since boot.
    started: u64,
    /// Time of writing, in seconds since 1970.
    pub written: u64,
    /// The status itself.
    #[serde(flatten)]
    pub status: S,
}

/// Makes a data folder.
pub fn make_folder(folder: &Path) -> Result<(), Failure> {
    myelin_subnet::private::create_folder(folder).map_err(|error| {
        Failure::new(format!("making the data folder {}: {error}; --data names another", folder.display()))
    })
}

/// Seconds since 1970.
pub fn unix_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs())
}

impl<S> Written<S> {
    /// Whether this very process still runs.
    pub fn is_running(&self) -> bool {
        start_time(self.pid) == Some(self.started)
    }

    /// Age of the status in seconds.
    pub fn age(&self) -> u64 {
        unix_time().saturating_sub(self.written)
    }

    /// Whether the process runs, and the age of the status, for people.
    pub fn state(&self) -> String {
        match self.is_running() {
            true => format!("running (process {}), as of {} s ago", self.pid, self.age()),
            false => format!("stopped, as of {} ago", myelin_chain_client::duration(self.age())),
        }
    }
}

/// Shows the statuses of a data folder, each with these fields. Fails if none of their processes runs.
pub fn show<S: Serialize + DeserializeOwned>(
    global: &Global,
    folder: &Path,
    what: &str,
    fields: fn(&S) -> Vec<(&'static str, String)>,
) -> Outcome {
    let all = read::<S>(folder, what)?;
    if global.json {
        return output::json(&shown(&all));
    }
    for service in &all {
        let mut table = output::table(&[what, &service.state()], 2);
        for (name, text) in fields(&service.status).into_iter().filter(|(_, text)| !text.is_empty()) {
            table.add_row([name.to_owned(), text]);
        }
        output::print(&table);
    }
    match all.iter().any(Written::is_running) {
        true => Ok(()),
        false => fail(format!("no {what} runs with this data folder; what is shown is its last status")),
    }
}

/// Statuses for programs.
fn shown<S: Serialize>(all: &[Written<S>]) -> Vec<serde_json::Value> {
    all.iter()
        .map(|service| {
            let mut value = serde_json::to_value(service).unwrap_or_default();
            value["running"] = service.is_running().into();
            value
        })
        .collect()
}

/// Writes a status into a data folder, in one step.
pub fn write<S: Serialize>(folder: &Path, status: S) -> std::io::Result<()> {
    let pid = std::process::id();
    let started = start_time(pid).unwrap_or_default();
    let written = Written { pid, started, written: unix_time(), status };
    let staged = folder.join("status.json.new");
    std::fs::write(&staged, serde_json::to_vec(&written)?)?;
    std::fs::rename(&staged, folder.join(FILE))
}

/// The statuses of a data folder: its own, or with several subnets those of the folders below it.
pub fn read<S: DeserializeOwned>(folder: &Path, what: &str) -> Result<Vec<Written<S>>, Failure> {
    let mut places = vec![folder.join(FILE)];
    let below = std::fs::read_dir(folder).into_iter().flatten().flatten().take(256);
    let mut more: Vec<PathBuf> = below.map(|entry| entry.path().join(FILE)).collect();
    more.sort();
    places.extend(more);
    let mut found = Vec::new();
    for place in places.iter().filter(|place| place.is_file()) {
        let text = std::fs::read(place)
            .map_err(|error| Failure::new(format!("reading {}: {error}", place.display())))?;
        found.push(serde_json::from_slice(&text).map_err(|error| {
            Failure::new(format!("{} is no status of a {what}: {error}", place.display()))
        })?);
    }
    if found.is_empty() {
        return fail(format!(
            "no {what} has run with the data folder {}; --data names another folder, `myelin {what} run` starts one",
            folder.display()
        ));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Status {
        netuid: u16,
    }

    #[test]
    fn a_status_is_found_again_with_the_process_that_wrote_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let nothing = read::<Status>(folder.path(), "miner").expect_err("nothing").to_string();
        assert!(nothing.contains("no miner has run") && nothing.contains("--data"), "{nothing}");
        for netuid in [3, 2] {
            let below = folder.path().join(netuid.to_string());
            std::fs::create_dir(&below).expect("a folder");
            write(&below, Status { netuid }).expect("written");
        }
        let found = read::<Status>(folder.path(), "miner").expect("two");
        assert_eq!(found.iter().map(|service| service.status.netuid).collect::<Vec<_>>(), [2, 3]);
        assert!(found.iter().all(|service| service.is_running() && service.age() < 60));

        std::fs::write(folder.path().join(FILE), r#"{"pid":1,"started":0,"written":0,"netuid":7}"#)
            .expect("written");
        let found = read::<Status>(folder.path(), "miner").expect("three");
        assert!(!found[0].is_running(), "another process has that id");
        std::fs::write(folder.path().join(FILE), "{").expect("written");
        assert!(read::<Status>(folder.path(), "miner").is_err());
    }

    #[test]
    fn a_data_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "no folder").expect("written");
        let said = make_folder(&file).expect_err("a file is there").to_string();
        assert!(
            said.contains(&file.display().to_string()) && said.contains("--data names another"),
            "{said}"
        );
    }
}
