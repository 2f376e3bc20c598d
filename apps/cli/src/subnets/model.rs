//! The model that answers for a miner.

use std::path::PathBuf;

use clap::Args;
use myelin_provenance::ModelId;
use myelin_wire::hash::from_hex;

use crate::output::{fail, Failure};

/// The model that answers: the options that miners of every kind have.
#[derive(Args, Clone, Debug)]
pub struct Model {
    /// Name of a built-in model (text: ngram, early or late; late by default), with --backend of the server's model, or
    /// with --weights the id of a published model.
    #[arg(id = "model", long, value_name = "NAME")]
    pub name: Option<String>,
    /// Serve the model of --model from this file or directory, or from the one in this folder, as `myelin model pull`
    /// fetched it. Miners of text, analysis, recognition and imaging can.
    #[arg(long, value_name = "FILE-OR-DIR", requires = "model", conflicts_with = "backend")]
    pub weights: Option<PathBuf>,
    /// Base URL of an OpenAI-compatible server, for example http://localhost:8000/v1.
    #[arg(long, value_name = "URL", requires = "model")]
    pub backend: Option<String>,
    /// Key of that server. Others on this machine can see arguments while a command runs, but not the variable.
    #[arg(long, env = "OPENAI_API_KEY", hide_env_values = true)]
    pub backend_key: Option<String>,
}

impl Model {
    /// The id of the published model whose weights are served.
    pub fn published(&self) -> Result<Option<ModelId>, Failure> {
        let (Some(name), Some(_)) = (&self.name, &self.weights) else { return Ok(None) };
        let wrong = || {
            Failure::new(format!(
                "`{name}` is no id of a published model; with --weights, --model takes the 64 hexadecimal digits that \
                 `myelin model list` shows"
            ))
        };
        from_hex(name).map(Some).ok_or_else(wrong)
    }

    /// The server's URL and the name of its model, if a server is to answer.
    pub(super) fn server(&self) -> Option<(&str, &str)> {
        self.backend.as_deref().zip(self.name.as_deref())
    }

    /// The same for kinds whose only built-in model has no name.
    #[cfg(any(feature = "analysis", feature = "recognition"))]
    pub(super) fn server_or_nameless(&self) -> Result<Option<(&str, &str)>, Failure> {
        match (self.server(), &self.name) {
            (None, Some(model)) => {
                fail(format!("--model {model} names a model of a server; say with --backend where that is"))
            }
            (server, _) => Ok(server),
        }
    }

    pub(super) fn built_in<'n>(&self, names: &[&'n str]) -> Result<&'n str, Failure> {
        if self.backend.is_some() {
            return fail("miners of this kind know no servers; leave --backend out");
        }
        let found = match &self.name {
            Some(chosen) => names.iter().find(|name| *name == chosen),
            None => names.first(),
        };
        let chosen = self.name.as_deref().unwrap_or_default();
        found.copied().ok_or_else(|| {
            Failure::new(format!("nothing here is called `{chosen}`; --model takes {}", names.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_in_model_is_chosen_by_name() {
        let chosen = |name: Option<&str>, backend: Option<&str>| {
            let (name, backend) = (name.map(Into::into), backend.map(Into::into));
            let model = Model { name, weights: None, backend, backend_key: None };
            model.built_in(&["strong", "weak"]).map_err(|error| error.to_string())
        };
        assert_eq!(chosen(None, None), Ok("strong"));
        assert_eq!(chosen(Some("weak"), None), Ok("weak"));
        let unknown = chosen(Some("best"), None).expect_err("unknown");
        assert!(unknown.contains("`best`") && unknown.contains("strong, weak"), "{unknown}");
        let server = chosen(Some("weak"), Some("http://localhost")).expect_err("a server");
        assert!(server.contains("--backend"), "{server}");
    }

    #[test]
    fn weights_need_the_id_of_a_published_model() {
        let published = |name: &str, weights: Option<&str>| {
            let weights = weights.map(Into::into);
            let model = Model { name: Some(name.into()), weights, backend: None, backend_key: None };
            model.published().map_err(|error| error.to_string())
        };
        assert_eq!(published("late", None), Ok(None));
        assert_eq!(published(&"ab".repeat(32), Some("models")), Ok(Some([0xab; 32])));
        assert!(published("late", Some("models")).is_err_and(|why| why.contains("myelin model list")));
    }
}
