//! Records of models, read by id, by owner and by parent.

use codec::{Decode, Encode};
use myelin_abi::calls::provenance::Publish;
use myelin_abi::{Account, ModelLineage, ModelView};
use myelin_provenance::{Model, ModelId};

use crate::{ChainClient, ChainError, Key, Result};

const PALLET: &str = "Provenance";

impl ChainClient {
    /// A model with its disputes.
    ///
    /// Fails on a chain that keeps no records of models, as official ones do not.
    pub async fn model(&self, id: &ModelId) -> Result<ModelView<Account>> {
        self.keeps_models().await?;
        self.model_view(id).await?.ok_or_else(|| unknown(id))
    }

    /// A model with its disputes; `None` if the chain has no record of it, or keeps none.
    pub async fn registered_model(&self, id: &ModelId) -> Result<Option<ModelView<Account>>> {
        match self.offers::<Publish>().await {
            true => self.model_view(id).await,
            false => Ok(None),
        }
    }

    async fn model_view(&self, id: &ModelId) -> Result<Option<ModelView<Account>>> {
        self.runtime_call("ModelRuntimeApi_get_model", &id.encode(), None).await
    }

    /// A model and its ancestors, at most so many generations above it.
    pub async fn model_lineage(&self, id: &ModelId, generations: u32) -> Result<ModelLineage<Account>> {
        self.keeps_models().await?;
        let arguments = (id, generations).encode();
        let found: Option<ModelLineage<Account>> =
            self.runtime_call("ModelRuntimeApi_get_model_lineage", &arguments, None).await?;
        found.ok_or_else(|| unknown(id))
    }

    /// All models, in the order of their publication.
    pub async fn models(&self) -> Result<Vec<Model<Account>>> {
        self.keeps_models().await?;
        let entries = self.entries::<Model<Account>>(PALLET, "Models", &[], None).await?;
        Ok(in_order(entries.into_iter().map(|(_, model)| model).collect()))
    }

    /// Models of an owner, in the order of their publication.
    pub async fn models_of(&self, owner: &Account) -> Result<Vec<Model<Account>>> {
        self.listed("Owned", owner.into()).await
    }

    /// Models that name a parent, in the order of their publication.
    pub async fn models_made_from(&self, parent: &ModelId) -> Result<Vec<Model<Account>>> {
        self.listed("Children", Key::Bytes(*parent)).await
    }

    async fn listed(&self, list: &str, first: Key) -> Result<Vec<Model<Account>>> {
        self.keeps_models().await?;
        let at = Some(self.best_block().await?.hash);
        let mut models = Vec::new();
        for (key, ()) in self.entries_below::<()>(PALLET, list, &[first], at).await? {
            // The key ends with the id itself.
            let id = key.len().checked_sub(32).and_then(|start| ModelId::decode(&mut key.get(start..)?).ok());
            let id = id.ok_or_else(|| ChainError::undecodable(list, "a key without an id"))?;
            models.extend(self.storage::<Model<Account>>(PALLET, "Models", &[Key::Bytes(id)], at).await?);
        }
        Ok(in_order(models))
    }

    async fn keeps_models(&self) -> Result<()> {
        match self.offers::<Publish>().await {
            true => Ok(()),
            false => Err(ChainError::NotFound("this chain keeps no records of models".into())),
        }
    }
}

fn in_order(mut models: Vec<Model<Account>>) -> Vec<Model<Account>> {
    models.sort_by_key(|model| model.serial);
    models
}

fn unknown(id: &ModelId) -> ChainError {
    let id = myelin_wire::hash::to_hex(id);
    ChainError::NotFound(format!("the chain has no record of model {id}; see `myelin model list`"))
}
