//! How the command sets up the recognition subnet: Tesseract or a vision model answers.

use std::sync::Arc;
use std::time::Duration;

use myelin_recognition::backend::{Backend, Baseline};
use myelin_recognition::endpoint::EndpointBackend;
use myelin_recognition::{RecognitionConfig, RecognitionSubnet};
use myelin_subnet::rules::rules;
use myelin_subnet::testkit::{test_subnet, Finding};
use myelin_subnet::Subnet;
use myelin_vision::endpoint::{Endpoint, EndpointConfig};
use myelin_wire::seed::Seed;

use super::{Kind, MinerSetup, Opened, ValidatorSetup};
use crate::output::Failure;

/// Longest time for an answer of a vision server.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Pages and scenes.
pub struct Recognition;

impl Kind for Recognition {
    fn name(&self) -> &'static str {
        "recognition"
    }

    fn about(&self) -> &'static str {
        "Pages are read, scenes are classified"
    }

    fn miner(&self, setup: &MinerSetup<'_>) -> Result<(Opened, String), Failure> {
        let (backend, name): (Arc<dyn Backend>, _) = match setup.model.server_or_nameless()? {
            Some((url, model)) => {
                let config = EndpointConfig {
                    base_url: url.to_owned(),
                    model: model.to_owned(),
                    key: setup.model.backend_key.clone(),
                    timeout: TIMEOUT,
                };
                (Arc::new(EndpointBackend::new(Endpoint::new(config)?)), model)
            }
            None => (Arc::new(Baseline::new()?), "tesseract"),
        };
        let config = RecognitionConfig { backend: Some(backend), ..RecognitionConfig::default() };
        Ok((Opened::new(RecognitionSubnet::open(config)?), name.to_owned()))
    }

    fn validator(&self, _: &ValidatorSetup<'_>) -> Result<Opened, Failure> {
        Ok(Opened::new(RecognitionSubnet::open(RecognitionConfig::default())?))
    }

    fn test(&self, seed: &Seed, tell: &mut dyn FnMut(&Finding)) -> Result<Vec<Finding>, Failure> {
        Ok(test_subnet::<RecognitionSubnet>(seed, tell)?)
    }

    fn rules(&self, mechanism: u8) -> Result<Option<String>, Failure> {
        Ok(rules(&RecognitionSubnet::open(RecognitionConfig::default())?, mechanism))
    }
}
