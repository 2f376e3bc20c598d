//! `myelin gov upgrade`: the code that a referendum authorized comes into force.

use std::path::PathBuf;

use clap::Args;
use codec::Encode;
use myelin_chain_client::AnyCall;
use myelin_wire::hash::blake2_256;
use serde_json::json;

use super::view::View;
use crate::commands::connect;
use crate::output::{at, fail, Outcome};
use crate::send::{to_hex, Order, Sender};
use crate::Global;

/// Code that a referendum authorized.
#[derive(Args)]
pub struct Upgrade {
    /// The file with the code.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    by: Sender,
}

impl Upgrade {
    /// `myelin gov upgrade`.
    pub async fn run(self, global: &Global) -> Outcome {
        let code = std::fs::read(&self.file).map_err(at(&self.file))?;
        let hash = blake2_256(&code);
        let view = View::of(connect(global).await?).await?;
        match view.authorized().await? {
            Some(authorized) if authorized == hash => {}
            Some(authorized) => {
                return fail(format!(
                    "the code {} is authorized, and {} has the hash {}; nothing was sent",
                    to_hex(&authorized),
                    self.file.display(),
                    to_hex(&hash)
                ))
            }
            None if view.code_hash().await? == hash => {
                return fail("the chain runs this code already; nothing was sent")
            }
            None => {
                return fail(
                    "no code is authorized; a referendum does it: `myelin gov propose --upgrade FILE`; nothing was \
                     sent",
                )
            }
        }
        let call = AnyCall::new("System", "apply_authorized_upgrade", code.encode());
        let what = format!("putting the authorized code {} in force", to_hex(&hash));
        let value = json!({ "code": to_hex(&hash) });
        self.by.carry_out(global, &view.chain, Order::new(call, what), "upgraded", value).await
    }
}
