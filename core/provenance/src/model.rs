//! A model on the chain: its record, its owner, the confirmations of its contributors, and its marks.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use myelin_units::{Block, TaoBalance};
use scale_info::TypeInfo;
use thiserror::Error;

use crate::{
    dispute::Statement,
    identity::Hash,
    record::{Record, RecordError},
};

/// TAO on hold for any record.
pub const DEPOSIT_BASE: TaoBalance = TaoBalance::from_rao(100_000_000);
/// TAO on hold for each byte of a record.
pub const DEPOSIT_BYTE: TaoBalance = TaoBalance::from_rao(100_000);

/// A model as the chain keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Model<AccountId> {
    /// The publisher's statement.
    pub record: Record<AccountId>,
    /// The account that may transfer and withdraw it and answer disputes; the publisher at first.
    pub owner: AccountId,
    /// Its number among all models, in the order of publication.
    pub serial: u64,
    /// Block in which it was published.
    pub since: Block,
    /// Contributors that confirmed the record: bit `i` for the `i`-th.
    pub confirmed: u16,
    /// TAO on hold on the publisher's account, for as long as the record is kept.
    pub deposit: TaoBalance,
    /// Disputes ever raised.
    pub disputes: u32,
    /// Block in which its owner withdrew it.
    pub withdrawn: Option<Block>,
    /// The reason for which root took it down.
    pub taken_down: Option<Statement>,
}

/// Reasons to refuse a change of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ModelError {
    /// The publisher in the record is another account.
    #[error("the record names another publisher than the signer")]
    NotThePublisher,
    /// The record is wrong.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The confirmation names another record.
    #[error("the model has another record than the confirmed one; read it again")]
    OtherRecord,
    /// The account is no contributor.
    #[error("this account is no contributor of the model")]
    NoContributor,
    /// The account confirmed it before.
    #[error("this account confirmed the record already")]
    Confirmed,
    /// Another account owns the model.
    #[error("another account owns the model")]
    NotTheOwner,
    /// It was withdrawn before.
    #[error("the model was withdrawn already")]
    Withdrawn,
    /// It was taken down before.
    #[error("the model was taken down already")]
    TakenDown,
}

impl<AccountId: Clone + Encode + PartialEq> Model<AccountId> {
    /// The model of a checked record. A publisher that contributed has confirmed by publishing.
    pub fn new(
        record: Record<AccountId>,
        signer: &AccountId,
        serial: u64,
        since: Block,
    ) -> Result<Self, ModelError> {
        if record.publisher != *signer {
            return Err(ModelError::NotThePublisher);
        }
        record.check()?;
        let deposit = deposit(&record);
        let mut model = Self {
            record,
            owner: signer.clone(),
            serial,
            since,
            confirmed: 0,
            deposit,
            disputes: 0,
            withdrawn: None,
            taken_down: None,
        };
        model.confirmed = model.bit(signer).unwrap_or(0);
        Ok(model)
    }

    /// The bit of a contributor; `None` for other accounts.
    fn bit(&self, account: &AccountId) -> Option<u16> {
        let at = self.record.contributors.iter().position(|contributor| contributor.account == *account)?;
        u32::try_from(at).ok().and_then(|at| 1u16.checked_shl(at))
    }

    /// Whether a contributor confirmed the record.
    pub fn is_confirmed_by(&self, account: &AccountId) -> bool {
        self.bit(account).is_some_and(|bit| self.confirmed & bit != 0)
    }

    /// Notes that a contributor confirms the record with this hash.
    pub fn confirm(&mut self, by: &AccountId, record: &Hash) -> Result<(), ModelError> {
        if self.record.id() != *record {
            return Err(ModelError::OtherRecord);
        }
        let bit = self.bit(by).ok_or(ModelError::NoContributor)?;
        if self.confirmed & bit != 0 {
            return Err(ModelError::Confirmed);
        }
        self.confirmed |= bit;
        Ok(())
    }

    /// Refuses other accounts than the owner.
    pub fn ensure_owner(&self, account: &AccountId) -> Result<(), ModelError> {
        match self.owner == *account {
            true => Ok(()),
            false => Err(ModelError::NotTheOwner),
        }
    }

    /// Gives the model to another owner. Record, contributors and deposit stay as they are.
    pub fn transfer(&mut self, by: &AccountId, to: AccountId) -> Result<(), ModelError> {
        self.ensure_owner(by)?;
        self.owner = to;
        Ok(())
    }

    /// Marks the model as withdrawn by its owner.
    pub fn withdraw(&mut self, by: &AccountId, now: Block) -> Result<(), ModelError> {
        self.ensure_owner(by)?;
        match self.withdrawn.replace(now) {
            None => Ok(()),
            Some(earlier) => {
                self.withdrawn = Some(earlier);
                Err(ModelError::Withdrawn)
            }
        }
    }

    /// Marks the model as taken down.
    pub fn take_down(&mut self, reason: Statement) -> Result<(), ModelError> {
        if self.taken_down.is_some() {
            return Err(ModelError::TakenDown);
        }
        self.taken_down = Some(reason);
        Ok(())
    }
}

/// TAO on hold for a record: the base, and the price of its bytes.
pub fn deposit<AccountId: Encode>(record: &Record<AccountId>) -> TaoBalance {
    let bytes = u64::try_from(record.encoded_size()).unwrap_or(u64::MAX);
    let bytes = TaoBalance::from_rao(DEPOSIT_BYTE.to_rao().saturating_mul(bytes));
    DEPOSIT_BASE.saturating_add(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{tests::record, Contributor};

    const PUBLISHER: [u8; 32] = [1; 32];
    const HELPER: [u8; 32] = [2; 32];

    fn model() -> Model<[u8; 32]> {
        let mut record = record(5);
        record.contributors[0].share = 600_000;
        record.contributors.push(Contributor { account: HELPER, share: 400_000 });
        Model::new(record, &PUBLISHER, 0, 1).expect("a good record")
    }

    #[test]
    fn only_the_named_publisher_publishes_and_has_confirmed_with_it() {
        assert_eq!(Model::new(record(5), &HELPER, 0, 1), Err(ModelError::NotThePublisher));
        let model = model();
        assert!(model.is_confirmed_by(&PUBLISHER) && !model.is_confirmed_by(&HELPER));
    }

    #[test]
    fn contributors_confirm_the_record_that_they_read_once() {
        let mut model = model();
        let id = model.record.id();
        assert_eq!(model.confirm(&HELPER, &[0; 32]), Err(ModelError::OtherRecord));
        assert_eq!(model.confirm(&[3; 32], &id), Err(ModelError::NoContributor));
        assert_eq!(model.confirm(&HELPER, &id), Ok(()));
        assert_eq!(model.confirm(&HELPER, &id), Err(ModelError::Confirmed));
        assert!(model.is_confirmed_by(&HELPER) && !model.is_confirmed_by(&[3; 32]));
    }

    #[test]
    fn owners_change_and_marks_stay_as_they_were_first_made() {
        let mut model = model();
        assert_eq!(model.transfer(&HELPER, HELPER), Err(ModelError::NotTheOwner));
        assert_eq!(model.transfer(&PUBLISHER, HELPER), Ok(()));
        assert_eq!(model.withdraw(&PUBLISHER, 5), Err(ModelError::NotTheOwner));
        assert_eq!(model.withdraw(&HELPER, 5), Ok(()));
        assert_eq!(model.withdraw(&HELPER, 6), Err(ModelError::Withdrawn));
        let reason = |block| Statement { block, hash: [0; 32], reference: Default::default() };
        assert_eq!(model.take_down(reason(7)), Ok(()));
        assert_eq!(model.take_down(reason(8)), Err(ModelError::TakenDown));
        assert_eq!((model.withdrawn, model.taken_down), (Some(5), Some(reason(7))));
        assert_eq!(model.record.publisher, PUBLISHER);
    }
}
