//! `myelin subnet register`: a hotkey becomes a neuron, or joins root.

use clap::Args;
use myelin_abi::calls::subtensor::{RegisterLimit, RootRegister};
use myelin_units::TaoBalance;
use serde_json::json;

use crate::commands::connect;
use crate::output::{self, address, tao, tao_at_most, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// The hotkey and the subnet.
#[derive(Args)]
pub struct Register {
    /// The subnet; 0 is root.
    #[arg(long, short = 'n')]
    netuid: u16,
    #[command(flatten)]
    by: Sender,
    /// Most TAO to pay; by default 5 % above the price now.
    #[arg(long, value_parser = output::amount, value_name = "TAO")]
    max_price: Option<u64>,
    /// The same as a fraction above the price now, such as 0.05.
    #[arg(
        long,
        value_parser = output::proportion,
        value_name = "FRACTION",
        aliases = ["rate-tolerance", "limit"],
        default_value = "0.05",
        conflicts_with = "max_price"
    )]
    tolerance: u64,
    /// Pay any price.
    #[arg(long, aliases = ["unsafe", "unsafe-register"], conflicts_with_all = ["max_price", "tolerance"])]
    no_limit: bool,
}

impl Register {
    /// The highest price to pay, in rao.
    fn most(&self, price: TaoBalance) -> u64 {
        let above = u128::from(price.to_rao()) * u128::from(1_000_000_000 + self.tolerance) / 1_000_000_000;
        match self.max_price {
            Some(most) => most,
            None if self.no_limit => u64::MAX,
            None => u64::try_from(above).unwrap_or(u64::MAX),
        }
    }

    /// Registers the hotkey.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let (netuid, hotkey) = (self.netuid, self.by.keys.own_hotkey_account(global)?);
        let order = if netuid == 0 {
            Order::new(&RootRegister { hotkey }, format!("registering {} on root", address(&hotkey)))
        } else {
            let price = chain.metagraph(netuid, None).await?.burn;
            let limit_price = self.most(price);
            let most = match limit_price {
                u64::MAX => "whatever it costs by then".into(),
                rao => format!("at most {}", tao_at_most(TaoBalance::from_rao(rao))),
            };
            Order::new(
                &RegisterLimit { netuid, hotkey, limit_price },
                format!("registering {} on subnet {netuid} for {}, {most}", address(&hotkey), tao(price)),
            )
        };
        let Some(sent) = self.by.send(global, &chain, order).await? else { return Ok(()) };
        let uid = chain.uid(netuid, &hotkey).await?;
        let shown = uid.map(|uid| uid.to_string()).unwrap_or_default();
        let value = json!({ "netuid": netuid, "hotkey": address(&hotkey), "uid": uid });
        let next = match netuid {
            0 => String::new(),
            _ => format!(
                "; {} serves, {} judges",
                self.by.keys.command(&format!("myelin miner run --netuid {netuid} --ip ADDRESS")),
                self.by.keys.command(&format!("myelin validator run --netuid {netuid}"))
            ),
        };
        sent.report(global, &format!("registered with uid {shown}{next}"), value)
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args, FromArgMatches};

    use super::*;

    #[test]
    fn the_most_that_is_paid_is_a_price_a_fraction_above_it_or_anything() {
        let most = |options: &[&str]| {
            let words = [&["register", "-n", "2"], options].concat();
            let matches = Register::augment_args(clap::Command::new("register")).get_matches_from(words);
            let register = Register::from_arg_matches(&matches).expect("a registration");
            register.most(TaoBalance::from_rao(1_000_000_007))
        };
        assert_eq!(most(&[]), 1_050_000_007);
        assert_eq!(most(&["--tolerance", "0"]), 1_000_000_007);
        assert_eq!(most(&["--limit", "50%"]), 1_500_000_010);
        assert_eq!(most(&["--max-price", "1.5"]), 1_500_000_000);
        assert_eq!(most(&["--unsafe"]), u64::MAX);
    }
}
