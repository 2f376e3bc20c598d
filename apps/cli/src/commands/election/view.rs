//! Elections at one block, with dates.

use myelin_abi::calls::elections::Join;
use myelin_abi::Account;
use myelin_chain_client::{Candidate, ChainClient, Elections, Result as Asked};
use myelin_election::candidacy::Leaving;
use myelin_election::{Candidacy, CandidacyError, Rules};

use crate::commands::gov::view::View as Dated;
use crate::output::{address, fail, tao, Failure};
use crate::send::Sender;
use crate::Global;

/// Elections at one block.
pub struct View {
    /// The chain at the block.
    pub dated: Dated,
    /// The switch, the rules, and the set in office.
    pub elections: Elections,
}

impl View {
    /// The best block of a chain with elections.
    pub async fn of(chain: ChainClient) -> Result<Self, Failure> {
        if !chain.offers::<Join>().await {
            return fail("this chain does not elect its block authors; official chains do not");
        }
        let dated = Dated::of(chain).await?;
        let elections = dated.chain.elections(Some(dated.at)).await?;
        Ok(View { dated, elections })
    }

    /// The connection.
    pub fn chain(&self) -> &ChainClient {
        &self.dated.chain
    }

    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        &self.elections.rules
    }

    /// A block with its date.
    pub fn when(&self, block: u64) -> String {
        self.dated.when(block)
    }

    /// All candidates, those that can be elected first.
    pub async fn candidates(&self) -> Asked<Vec<Candidate>> {
        self.chain().candidates(&self.elections).await
    }

    /// Whether a hotkey is in office.
    pub fn is_in_office(&self, hotkey: &Account) -> bool {
        self.elections.in_office.contains(hotkey)
    }

    /// First block in which an amount on its way out is free; `None` if it is not known, because the candidate is in
    /// office.
    pub fn free_at(&self, hotkey: &Account, candidacy: &Candidacy, leaving: &Leaving) -> Option<u64> {
        (!self.is_in_office(hotkey)).then(|| candidacy.free_at(leaving, self.rules()))
    }

    /// The moment of [`Self::free_at`] in words.
    pub fn free_when(&self, hotkey: &Account, candidacy: &Candidacy, leaving: &Leaving) -> String {
        match self.free_at(hotkey, candidacy, leaving) {
            Some(block) => self.when(block),
            None => format!("{} blocks after its last block in office", self.rules().unbonding),
        }
    }

    /// The candidate for which a coldkey pledged.
    pub async fn candidate_of(&self, coldkey: &Account) -> Asked<Option<(Account, Candidacy)>> {
        let Some(hotkey) = self.chain().candidate_of(coldkey, self.dated.at).await? else { return Ok(None) };
        let candidacy = self.chain().candidacy(&hotkey, self.dated.at).await?;
        Ok(candidacy.map(|candidacy| (hotkey, candidacy)))
    }

    /// The candidate for which the coldkey of the options pledged. A coldkey has one, so nobody has to name it. Another
    /// hotkey is refused.
    pub async fn own(&self, global: &Global, by: &Sender) -> Result<(Account, Candidacy), Failure> {
        let coldkey = by.account(global)?;
        let Some((hotkey, candidacy)) = self.candidate_of(&coldkey).await? else {
            let join = by.keys.command(&format!("myelin election join {}", whole(self.rules())));
            return fail(format!(
                "{} pledged for no candidate; {join} makes its hotkey one",
                address(&coldkey)
            ));
        };
        if by.keys.hotkey_name() != "default" {
            let named = by.hotkey(global)?;
            if named != hotkey {
                return fail(format!(
                    "{} pledged for {}, and not for {}, which --hotkey or BT_WALLET_HOTKEY names; nothing was sent",
                    address(&coldkey),
                    address(&hotkey),
                    address(&named)
                ));
            }
        }
        Ok((hotkey, candidacy))
    }

    /// A refused step of a candidacy in words, with dates beside blocks.
    pub fn refused(&self, error: CandidacyError) -> String {
        match error {
            CandidacyError::NotFree(block) => format!("nothing is free before {}", self.when(block)),
            CandidacyError::Jailed(block) => format!("the candidate is in jail until {}", self.when(block)),
            error => said(error),
        }
    }
}

/// The least pledge in whole TAO, rounded up, as people write it.
fn whole(rules: &Rules) -> u64 {
    rules.least_pledge.to_rao().div_ceil(1_000_000_000)
}

/// A refused step of a candidacy in words.
pub fn said(error: CandidacyError) -> String {
    match error {
        CandidacyError::PledgeTooSmall { found, needed } => {
            format!("the pledge would be {}, and it has to be at least {}", tao(found), tao(needed))
        }
        CandidacyError::MoreThanPledged(pledge) => format!("only {} are pledged", tao(pledge)),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use myelin_units::TaoBalance;

    use super::*;

    #[test]
    fn amounts_in_refusals_have_their_unit() {
        let [found, needed] = [1, 100].map(TaoBalance::from_tokens);
        let small = said(CandidacyError::PledgeTooSmall { found, needed });
        assert_eq!(small, "the pledge would be 1.0000 τ, and it has to be at least 100.0000 τ");
        assert_eq!(said(CandidacyError::MoreThanPledged(found)), "only 1.0000 τ are pledged");
        assert_eq!(said(CandidacyError::Ready), "the candidate is ready already");
    }

    #[test]
    fn a_small_least_pledge_is_written_as_a_whole_number() {
        let of = |rao| whole(&Rules { least_pledge: TaoBalance::from_rao(rao), ..Rules::production() });
        assert_eq!([of(1), of(1_000_000_000), of(1_000_000_001)], [1, 1, 2]);
    }
}
