//! The act of offences: the elected author copies its keys to a second machine. Both write blocks for the same slots,
//! the other nodes report it, and the author goes to jail and loses a part of its pledge.

use std::path::PathBuf;

use myelin_abi::Account;
use myelin_chain_client::ChainClient;
use myelin_election::docket::Filed;
use myelin_election::{Offence, Standing};
use serde::Serialize;

use super::author::{Machine, Site};
use super::governance::until;
use crate::commands::node::{keystore_in, NodeFiles};
use crate::output::{at, Failure};

/// The offence of an author, and its consequences.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Punished {
    /// Block of the report that it wrote two blocks for a slot; 0 if there is none.
    pub reported_at: u64,
    /// Block in which the time to appeal ends.
    pub due: u64,
    /// Whether the author went to jail.
    pub jailed: bool,
    /// Rao that it has to lose at least.
    pub share_rao: u64,
    /// Its pledge before the slash and after it, in rao.
    pub pledge_rao: [u64; 2],
    /// Block in which the slash was first seen.
    pub slashed_at: u64,
    /// Others who were reported for signing twice.
    pub others: usize,
}

impl Punished {
    /// Whether the offender alone was jailed at once, and lost its share after the time to appeal.
    pub fn is_just(&self) -> bool {
        let [before, after] = self.pledge_rao;
        self.jailed
            && self.share_rao > 0
            && before.saturating_sub(after) >= self.share_rao
            && self.reported_at < self.due
            && self.due <= self.slashed_at
            && self.others == 0
    }

    /// The offence and its consequences in words.
    pub fn found(&self) -> String {
        let [before, after] = self.pledge_rao;
        format!(
            "reported in block {}; in jail: {}; {before} rao pledged for it until block {}, and {after} from block {} \
             on; {} others reported",
            self.reported_at,
            if self.jailed { "yes" } else { "no" },
            self.due,
            self.slashed_at,
            self.others
        )
    }
}

/// Copies the keys of a first machine to a second one, and starts the node there.
pub fn start_twin(first: &Site, second: &Site) -> Result<Machine, Failure> {
    let keystore = |site: &Site| {
        keystore_in(&NodeFiles { chain_file: PathBuf::from(&site.chain_file), base_path: site.base.clone() })
    };
    let (from, to) = (keystore(first)?, keystore(second)?);
    std::fs::create_dir_all(&to).map_err(at(&to))?;
    for key in std::fs::read_dir(&from).map_err(at(&from))? {
        let key = key.map_err(at(&from))?;
        std::fs::copy(key.path(), to.join(key.file_name())).map_err(at(&to))?;
    }
    second.start(&["--authority"])
}

/// Waits until an author was reported for two blocks of a slot and its slash was taken, and returns both. `reported` is
/// called between them.
pub async fn punished(
    chain: &ChainClient,
    author: &Account,
    reported: impl FnOnce(&Punished),
) -> Result<Punished, Failure> {
    let ((number, mut punished), _) = until(chain, "a report of two blocks", async |best| {
        let elections = chain.elections(Some(best.hash)).await?;
        let Some((filed, share)) = elections.slashes().find(|(filed, _)| is_of(filed, author)) else {
            return Ok(None);
        };
        let Some(candidacy) = chain.candidacy(author, best.hash).await? else { return Ok(None) };
        let before = candidacy.pledge.to_rao();
        let punished = Punished {
            reported_at: filed.slash.reported,
            due: filed.slash.due(&elections.rules),
            jailed: matches!(candidacy.standing, Standing::Jailed { .. }),
            share_rao: share.of(before),
            pledge_rao: [before, before],
            ..Punished::default()
        };
        Ok(Some((filed.number, punished)))
    })
    .await?;
    reported(&punished);
    let ((after, others), block) = until(chain, "a slash", async |best| {
        let docket = chain.elections(Some(best.hash)).await?.docket;
        if docket.iter().any(|filed| filed.number == number && filed.waits) {
            return Ok(None);
        }
        let after = chain.candidacy(author, best.hash).await?.map_or(0, |it| it.pledge.to_rao());
        let others = docket.iter().filter(|filed| is_double(filed) && filed.slash.hotkey != author.0);
        Ok(Some((after, others.count())))
    })
    .await?;
    punished.pledge_rao[1] = after;
    (punished.slashed_at, punished.others) = (block, others);
    Ok(punished)
}

/// Whether an author wrote two blocks for a slot.
fn is_of(filed: &Filed, author: &Account) -> bool {
    filed.slash.offence == Offence::AuraEquivocation && filed.slash.hotkey == author.0
}

/// Whether somebody signed twice.
fn is_double(filed: &Filed) -> bool {
    filed.slash.offence != Offence::Away
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// An author that lost its share after half a minute in which a vote could have spared it.
    pub fn good() -> Punished {
        Punished {
            reported_at: 400,
            due: 520,
            jailed: true,
            share_rao: 11,
            pledge_rao: [20, 9],
            slashed_at: 520,
            others: 0,
        }
    }

    #[test]
    fn the_offender_alone_is_punished() {
        assert!(good().is_just() && !Punished::default().is_just());
        assert!(!Punished { jailed: false, ..good() }.is_just());
        assert!(!Punished { pledge_rao: [20, 10], ..good() }.is_just());
        assert!(!Punished { slashed_at: 519, ..good() }.is_just(), "a vote could still have spared it");
        assert!(!Punished { others: 1, ..good() }.is_just());
        let found = good().found();
        assert!(found.starts_with("reported in block 400; in jail: yes; 20 rao pledged"), "{found}");
    }
}
