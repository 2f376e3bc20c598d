//! An epoch of a folder with everything that is said of it: the evidence, the rules, the chain.

use myelin_subnet::chain::Track;
use myelin_subnet::evidence::EvidenceFolder;
use myelin_subnet::rules::rules_hash;
use myelin_wire::hash::{to_hex, Hash};

use super::chain::Asking;
use super::compose::Reported;
use super::document;
use super::folder::{self, Epoch, Wanted};
use crate::output::{fail, Failure, Outcome};

/// Epochs of one mechanism in one folder.
#[derive(Clone, Copy)]
pub struct Gathering<'a> {
    /// The chain.
    pub asking: Asking<'a>,
    /// The folder.
    pub folder: &'a EvidenceFolder,
    /// Hash of the chain's first block.
    pub genesis: Hash,
    /// Text of the rules, if the user gives it.
    pub given: Option<&'a str>,
}

impl Gathering<'_> {
    /// An epoch of the folder and of the chain.
    pub async fn epoch(&self, number: u64) -> Result<Reported, Failure> {
        let rules = self.rules(number).await?;
        let evidence = self.evidence(number, rules.as_deref())?;
        let chain = self.asking.about(&evidence).await?;
        Ok(Reported { evidence, chain, rules, claims: None })
    }

    /// An epoch of the folder, counted by these rules. Refuses one of another chain.
    pub fn evidence(&self, number: u64, rules: Option<&str>) -> Result<Epoch, Failure> {
        let Track { netuid, mechanism } = self.asking.track;
        let kinds = rules.map(folder::kinds_in);
        let wanted = Wanted { folder: self.folder, netuid, mechanism, kinds: kinds.as_deref() };
        let evidence = wanted.read(number)?;
        ensure_chain(evidence.genesis, self.genesis)?;
        Ok(evidence)
    }

    /// The text of the rules that the validator weighed by: the given one or that of the chain, if it has the hash that
    /// the weights name.
    pub async fn rules(&self, epoch: u64) -> Result<Option<String>, Failure> {
        let Asking { chain, track: Track { netuid, mechanism }, .. } = self.asking;
        let kept = self.folder.weights(epoch)?.into_iter().find(|kept| kept.mechanism == mechanism);
        let Some(kept) = kept else { return Ok(None) };
        let is_theirs = |text: &&str| to_hex(&rules_hash(text)) == kept.rules;
        if let Some(given) = self.given {
            return match Some(given).filter(is_theirs) {
                Some(text) => Ok(Some(text.to_owned())),
                None => fail(format!(
                    "the validator weighed epoch {epoch} by the rubric {}, and that of --rules is {}; leave --rules \
                     out, or give that text",
                    document::short(&kept.rules),
                    to_hex(&rules_hash(given))
                )),
            };
        }
        // The rubric of the newest block suffices where it has not changed. An official chain keeps none.
        let now = chain.rubric(netuid, mechanism, None).await.ok();
        let then = match chain.block_hash(kept.block).await {
            Ok(hash) => chain.rubric(netuid, mechanism, Some(hash)).await.ok(),
            Err(_) => None,
        };
        let texts = [now, then].into_iter().flatten().filter_map(|status| status.in_force);
        let mut texts = texts.filter_map(|change| String::from_utf8(change.rubric.text).ok());
        Ok(texts.find(|text| is_theirs(&text.as_str())))
    }
}

/// Refuses evidence of another chain.
fn ensure_chain(theirs: Option<Hash>, genesis: Hash) -> Outcome {
    match theirs {
        Some(theirs) if theirs != genesis => fail(format!(
            "the evidence is of the chain with the genesis hash {}, and the node's is {}; name a node of the \
             evidence's chain",
            to_hex(&theirs),
            to_hex(&genesis)
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_of_another_chain_is_refused() {
        assert!(ensure_chain(Some([1; 32]), [1; 32]).is_ok() && ensure_chain(None, [1; 32]).is_ok());
        let why = ensure_chain(Some([2; 32]), [1; 32]).map_err(|why| why.to_string());
        assert!(why.is_err_and(|why| why.contains(&"02".repeat(32)) && why.contains("name a node")));
    }
}
