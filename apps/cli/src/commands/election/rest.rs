//! The rest of a candidate: it keeps its pledge and is not elected.

use clap::Args;
use myelin_abi::calls::elections;
use myelin_election::{CandidacyError, Standing};
use serde_json::json;

use super::view::View;
use crate::commands::connect;
use crate::output::{address, brief, fail, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// The candidate that rests.
#[derive(Args)]
pub struct Chill {
    /// Sign with the hotkey instead of the coldkey, as on the machine of its node.
    #[arg(long)]
    use_hotkey: bool,
    #[command(flatten)]
    by: Sender,
}

/// The candidate that comes back.
#[derive(Args)]
pub struct Resume {
    #[command(flatten)]
    by: Sender,
}

impl Chill {
    /// `myelin election chill`.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let (hotkey, candidacy) = match self.use_hotkey {
            false => view.own(global, &self.by).await?,
            true => {
                let hotkey = self.by.acting_hotkey(global)?;
                let Some(candidacy) = view.chain().candidacy(&hotkey, view.dated.at).await? else {
                    return fail(format!("{} is no candidate; nothing was sent", address(&hotkey)));
                };
                (hotkey, candidacy)
            }
        };
        if candidacy.standing != Standing::Ready {
            return fail(format!("{} is not elected as it is; nothing was sent", address(&hotkey)));
        }
        let seat = match view.is_in_office(&hotkey) {
            true => "; it leaves its seat after the next pass, and writes blocks until then",
            false => "",
        };
        let what = format!("letting {} rest until it resumes{seat}", brief(&hotkey));
        let call = elections::Chill { hotkey };
        let order = match self.use_hotkey {
            true => Order::of_hotkey(&call, what),
            false => Order::new(&call, what),
        };
        let value = json!({ "hotkey": address(&hotkey), "standing": "rests" });
        self.by.carry_out(global, view.chain(), order.unasked(), "it rests", value).await
    }
}

impl Resume {
    /// `myelin election resume`.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let (hotkey, candidacy) = view.own(global, &self.by).await?;
        match candidacy.clone().resume(view.dated.now, view.rules()) {
            // The chain says when jail is over, and `--when-possible` waits for it.
            Ok(()) | Err(CandidacyError::Jailed(_)) => {}
            Err(error) => return fail(format!("{}; nothing was sent", view.refused(error))),
        }
        let what = format!("letting {} be elected again, from the next pass on", brief(&hotkey));
        let order = Order::new(&elections::Resume { hotkey }, what).unasked();
        let value = json!({ "hotkey": address(&hotkey), "standing": "ready" });
        self.by.carry_out(global, view.chain(), order, "it is ready", value).await
    }
}
