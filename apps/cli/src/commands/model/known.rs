//! An id of a model with what the registry says of it, for commands that show ids which others declared.

use myelin_abi::Account;
use myelin_chain_client::ChainClient;
use myelin_provenance::{Model, ModelId};
use myelin_wire::hash::to_hex;
use serde_json::{json, Value};

use super::{label, marks};
use crate::output::plain;

/// The record of an id, as far as it could be read. Reading never fails, because the id stands without it.
pub struct Known {
    id: ModelId,
    model: Result<Option<Model<Account>>, String>,
}

impl Known {
    /// Reads the record of an id, if the chain has one.
    pub async fn read(chain: &ChainClient, id: ModelId) -> Self {
        let found = chain.registered_model(&id).await;
        Self { id, model: found.map(|view| view.map(|view| view.model)).map_err(|error| error.to_string()) }
    }

    /// The id with name, licence and marks of its record, in a line.
    pub fn line(&self) -> String {
        let id = to_hex(&self.id);
        match &self.model {
            Ok(Some(model)) => {
                let record = &model.record;
                let unverifiable =
                    if record.kind.is_verifiable() { "" } else { ", an endpoint that nobody can verify" };
                let marks: String = marks(model).iter().map(|mark| format!(" [{mark}]")).collect();
                format!("{id}: {}, {}{unverifiable}{marks}", label(&record.name), label(&record.licence))
            }
            Ok(None) => format!("{id}: not registered"),
            Err(why) => format!("{id}: its record could not be read ({})", plain(why)),
        }
    }

    /// The same for programs: `registered` is `null` without a record.
    pub fn value(&self) -> Value {
        let registered = self.model.as_ref().ok().and_then(|model| model.as_ref()).map(|model| {
            let record = &model.record;
            json!({
                "name": label(&record.name), "licence": label(&record.licence), "kind": record.kind.word(),
                "verifiable": record.kind.is_verifiable(), "marks": marks(model),
            })
        });
        json!({ "id": to_hex(&self.id), "registered": registered, "error": self.model.as_ref().err() })
    }
}

#[cfg(test)]
mod tests {
    use myelin_provenance::{content_id, Contributor, Record, WeightsKind};

    use super::*;

    fn published() -> Model<Account> {
        let account = Account([1; 32]);
        let record = Record {
            publisher: account,
            model: content_id(b"weights"),
            kind: WeightsKind::Own,
            size: 7,
            name: b"small".to_vec(),
            parents: vec![],
            contributors: vec![Contributor { account, share: myelin_provenance::record::SHARES }],
            run: None,
            licence: b"MIT".to_vec(),
            data: vec![],
            urls: vec![],
            aliases: vec![],
        };
        Model::new(record, &account, 0, 1).expect("well-formed")
    }

    #[test]
    fn an_id_is_shown_with_its_record_or_without() {
        let mut model = published();
        let id = model.record.model;
        let known = |model| Known { id, model };
        let hex = to_hex(&id);
        assert_eq!(known(Ok(Some(model.clone()))).line(), format!("{hex}: small, MIT"));
        model.withdraw(&Account([1; 32]), 9).expect("its owner");
        let marked = known(Ok(Some(model)));
        assert_eq!(marked.line(), format!("{hex}: small, MIT [withdrawn at block 9]"));
        assert_eq!(marked.value()["registered"]["marks"][0], "withdrawn at block 9");
        let unknown = known(Ok(None));
        assert_eq!(unknown.line(), format!("{hex}: not registered"));
        assert!(unknown.value()["registered"].is_null() && unknown.value()["id"] == hex);
        assert!(known(Err("no node".into())).line().contains("could not be read (no node)"));
    }
}
