//! The act of offences: the elected author copies its keys to a second machine. Both write blocks for the same slots,
//! the other nodes report it, and the author goes to jail and loses a part of its pledge.

use std::path::{Path, PathBuf};

use myelin_abi::Account;
use myelin_chain_client::ChainClient;
use myelin_election::docket::Filed;
use myelin_election::{Offence, Standing};
use serde::Serialize;

use super::author::{myelin, Machine};
use super::governance::until;
use crate::output::{at, fail, Failure};

/// The offence of an author, and its consequences.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Punished {
    /// The offence in words; empty if nobody reported one.
    pub offence: String,
    /// Block of the report.
    pub reported_at: u64,
    /// Whether the author went to jail.
    pub jailed: bool,
    /// Its pledge before the slash and after it, in rao.
    pub pledge_rao: [u64; 2],
    /// Block in which the smaller pledge was first seen.
    pub slashed_at: u64,
    /// Others who were reported for signing twice.
    pub others: usize,
}

impl Punished {
    /// Whether the offender alone was jailed and slashed, after the time to appeal.
    pub fn is_just(&self) -> bool {
        let [before, after] = self.pledge_rao;
        self.jailed && after < before && self.slashed_at > self.reported_at && self.others == 0
    }

    /// What happened, in words.
    pub fn found(&self) -> String {
        let [before, after] = self.pledge_rao;
        format!(
            "{}, reported in block {}; in jail: {}; {before} rao pledged before the slash and {after} from block {} \
             on; {} others reported",
            if self.offence.is_empty() { "no offence" } else { &self.offence },
            self.reported_at,
            if self.jailed { "yes" } else { "no" },
            self.slashed_at,
            self.others
        )
    }
}

/// A second machine with the keys of a first one.
pub struct Twin {
    /// Base path of the first machine.
    pub from: PathBuf,
    /// Base path of the second one.
    pub to: PathBuf,
    /// The chain file of both.
    pub chain_file: String,
    /// Log of the second node.
    pub log: PathBuf,
    /// A node that the second one begins with.
    pub bootnode: String,
}

impl Twin {
    /// Copies the keys, and starts the node.
    pub async fn start(&self) -> Result<Machine, Failure> {
        let keys = keystore(&self.from)?;
        let place = keys.strip_prefix(&self.from).map_err(|_| Failure::new("the keystore lies elsewhere"))?;
        let to = self.to.join(place);
        std::fs::create_dir_all(&to).map_err(at(&to))?;
        for key in std::fs::read_dir(&keys).map_err(at(&keys))? {
            let key = key.map_err(at(&keys))?;
            std::fs::copy(key.path(), to.join(key.file_name())).map_err(at(&to))?;
        }
        // Only the key for the network is missing.
        let base = self.to.display().to_string();
        let own = ["--chain-file", &self.chain_file, "--base-path", &base];
        myelin(&[&["node", "keys", "new"], &own[..]].concat()).await?;
        Machine::start(&self.chain_file, &self.to, self.log.clone(), &self.bootnode)
    }
}

/// The keystore of the only chain in the base path of a node.
fn keystore(base: &Path) -> Result<PathBuf, Failure> {
    let chains = base.join("chains");
    let found = std::fs::read_dir(&chains).map_err(at(&chains))?.flatten().next();
    match found {
        Some(chain) => Ok(chain.path().join("keystore")),
        None => fail(format!("{} holds no chain", chains.display())),
    }
}

/// Waits until an author's offence was reported and its slash taken, and returns both. `reported` is called between
/// them.
pub async fn punished(
    chain: &ChainClient,
    author: &Account,
    reported: impl FnOnce(&str, u64),
) -> Result<Punished, Failure> {
    let ((filed, standing, before), _) = until(chain, "a report of two blocks", async |best| {
        let docket = chain.elections(Some(best.hash)).await?.docket;
        let Some(filed) = docket.iter().find(|filed| is_of(filed, author)).cloned() else { return Ok(None) };
        let candidacy = chain.candidacy(author, best.hash).await?;
        Ok(candidacy.map(|candidacy| (filed, candidacy.standing, candidacy.pledge)))
    })
    .await?;
    let offence = crate::commands::election::offence(filed.slash.offence);
    reported(offence, filed.slash.reported);
    let (after, slashed_at) = until(chain, "a slash", async |best| {
        let pledge = chain.candidacy(author, best.hash).await?.map_or(0, |it| it.pledge.to_rao());
        Ok((pledge < before.to_rao()).then_some(pledge))
    })
    .await?;
    let others = chain.elections(None).await?.docket;
    let others = others.iter().filter(|filed| is_double(filed) && filed.slash.hotkey != author.0).count();
    Ok(Punished {
        offence: offence.into(),
        reported_at: filed.slash.reported,
        jailed: matches!(standing, Standing::Jailed { .. }),
        pledge_rao: [before.to_rao(), after],
        slashed_at,
        others,
    })
}

fn is_of(filed: &Filed, author: &Account) -> bool {
    is_double(filed) && filed.slash.hotkey == author.0
}

/// Whether somebody signed twice.
fn is_double(filed: &Filed) -> bool {
    !matches!(filed.slash.offence, Offence::Away)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// An author that was slashed after a minute in which a vote could have spared it.
    pub fn good() -> Punished {
        Punished {
            offence: "two blocks for a slot".into(),
            reported_at: 400,
            jailed: true,
            pledge_rao: [20, 9],
            slashed_at: 520,
            others: 0,
        }
    }

    #[test]
    fn the_offender_alone_is_punished() {
        assert!(good().is_just() && !Punished::default().is_just());
        assert!(!Punished { jailed: false, ..good() }.is_just());
        assert!(!Punished { pledge_rao: [20, 20], ..good() }.is_just());
        assert!(!Punished { slashed_at: 400, ..good() }.is_just(), "there was no time to appeal");
        assert!(!Punished { others: 1, ..good() }.is_just());
        let found = good().found();
        assert!(
            found.starts_with("two blocks for a slot, reported in block 400; in jail: yes; 20 rao"),
            "{found}"
        );
    }
}
