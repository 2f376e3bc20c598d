//! Published identities of coldkeys.

use clap::Args;
use myelin_abi::calls::subtensor::SetIdentity;
use myelin_abi::ChainIdentityV2;
use serde_json::{json, Value};

use crate::commands::connect;
use crate::keys::Who;
use crate::output::{self, address, fail, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// The account of an identity.
#[derive(Args)]
pub struct Whose {
    #[command(flatten)]
    who: Who,
}

/// The identity to publish.
#[derive(Args)]
pub struct Set {
    #[command(flatten)]
    by: Sender,
    /// Name.
    #[arg(long, value_parser = output::short_field)]
    id_name: Option<String>,
    /// Web page.
    #[arg(long, alias = "web", value_parser = output::short_web_field)]
    web_url: Option<String>,
    /// Address of a picture.
    #[arg(long, alias = "image", value_parser = output::web_field)]
    image_url: Option<String>,
    /// Discord handle.
    #[arg(long, value_parser = output::short_field)]
    discord: Option<String>,
    /// Description in a few sentences.
    #[arg(long, value_parser = output::long_field)]
    description: Option<String>,
    /// Any other information.
    #[arg(long, value_parser = output::long_field)]
    additional: Option<String>,
    /// Repository.
    #[arg(long, value_parser = output::short_field)]
    github: Option<String>,
}

impl Whose {
    /// Shows the identity.
    pub async fn show(self, global: &Global) -> Outcome {
        let account = self.who.account(global)?;
        let chain = connect(global).await?;
        let known: Option<ChainIdentityV2> =
            chain.storage("SubtensorModule", "IdentitiesV2", &[(&account).into()], None).await?;
        let Some(known) = known else {
            return output::report(
                global,
                &format!("{} has published nothing", address(&account)),
                Value::Null,
            );
        };
        let fields = [
            ("name", known.name),
            ("url", known.url),
            ("github_repo", known.github_repo),
            ("image", known.image),
            ("discord", known.discord),
            ("description", known.description),
            ("additional", known.additional),
        ];
        output::fields(
            global,
            fields.map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).into_owned())),
        )
    }
}

impl Set {
    /// Publishes the identity.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let account = self.by.account(global)?;
        let given = [
            &self.id_name,
            &self.web_url,
            &self.image_url,
            &self.discord,
            &self.description,
            &self.additional,
            &self.github,
        ];
        if given.iter().all(|field| field.is_none()) {
            return fail("nothing to publish; see `myelin wallet set-identity --help` for the fields");
        }
        let known: Option<ChainIdentityV2> =
            chain.storage("SubtensorModule", "IdentitiesV2", &[(&account).into()], None).await?;
        let known = known.unwrap_or_default();
        let pick = |given: Option<String>, known: Vec<u8>| given.map_or(known, String::into_bytes);
        let call = SetIdentity {
            name: pick(self.id_name, known.name),
            url: pick(self.web_url, known.url),
            github_repo: pick(self.github, known.github_repo),
            image: pick(self.image_url, known.image),
            discord: pick(self.discord, known.discord),
            description: pick(self.description, known.description),
            additional: pick(self.additional, known.additional),
        };
        let order = Order::new(&call, format!("publishing who {} is", address(&account)));
        self.by.carry_out(global, &chain, order, "published", json!({ "coldkey": address(&account) })).await
    }
}
