//! The proposal that options describe: a parameter, an upgrade, a rubric, a payment, elections, or any call.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use codec::Encode;
use myelin_abi::calls::beacon::DemandContributions;
use myelin_abi::calls::elections::{CancelSlash, SetRules, SwitchOff, SwitchOn};
use myelin_abi::calls::governance::{Grant, OpenSubnet, SetCommittee, Spend, StopGrant};
use myelin_abi::calls::referenda::{AuthorizeUpgrade, RemoveKey};
use myelin_abi::calls::subtensor::{AnnounceRubric, WithdrawRubric};
use myelin_chain_client::AnyCall;
use myelin_economy::params::{self, Caller, Parameter};
use myelin_governance::grant::Milestone;
use myelin_governance::track::days;
use myelin_units::TaoBalance;
use myelin_wire::beacon::NOTICE;
use myelin_wire::hash::blake2_256;

use super::view::View;
use crate::commands::election::rules;
use crate::commands::subnet::parameters::{call_of, read};
use crate::commands::subnet::rubric;
use crate::keys;
use crate::output::{self, at, fail, Failure};
use crate::send::from_hex_text;
use crate::Global;

/// An encoded call as the value of one option. The parser takes the name `Vec` for several values.
pub type Encoded = Vec<u8>;

/// A proposal.
#[derive(Args)]
pub struct Proposal {
    #[command(flatten)]
    pub what: What,
    /// The subnet of --set, --rubric or --keep-rubric.
    #[arg(long, short = 'n', help_heading = "Proposal")]
    netuid: Option<u16>,
    /// The mechanism of --rubric or --keep-rubric.
    #[arg(long, default_value_t = 0, help_heading = "Proposal")]
    mechanism: u8,
    /// The recipient of --spend or --grant: an address, a wallet, or a name of the address book.
    #[arg(long, value_name = "WHO", help_heading = "Proposal")]
    to: Option<String>,
    /// Propose the upgrade on the urgent track, for code that the committee marked.
    #[arg(long, help_heading = "Proposal")]
    urgent: bool,
}

/// The switch of elections.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Switch {
    /// Block authors are elected.
    On,
    /// Root appoints them.
    Off,
}

/// Kinds of proposals.
#[derive(Args)]
#[group(multiple = false)]
pub struct What {
    /// Set a parameter of the network, or with --netuid of a subnet: its name and new value, as subnet_limit=64.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, help_heading = "Proposal")]
    set: Option<(String, String)>,
    /// Authorize the upgrade to the code in this file.
    #[arg(long, value_name = "FILE", help_heading = "Proposal")]
    upgrade: Option<PathBuf>,
    /// Authorize the upgrade to code with this Blake2b-256.
    #[arg(long, value_name = "HASH", value_parser = rubric::hash, help_heading = "Proposal")]
    code_hash: Option<[u8; 32]>,
    /// Announce the rules in this file for a subnet (--netuid), as `myelin validator rules` writes them.
    #[arg(long, value_name = "FILE", requires = "netuid", help_heading = "Proposal")]
    rubric: Option<PathBuf>,
    /// Refuse the rules that a subnet's owner has announced, and keep those in force (--netuid).
    #[arg(long, requires = "netuid", help_heading = "Proposal")]
    keep_rubric: bool,
    /// Pay so much TAO of the treasury at once.
    #[arg(long, value_name = "TAO", value_parser = output::some_amount, requires = "to", help_heading = "Proposal")]
    spend: Option<u64>,
    /// Promise payments of the treasury: TAO, days from now until which it can be claimed, and a file with the text of
    /// the milestone; once for each milestone.
    #[arg(long, value_name = "TAO,DAYS,FILE", value_parser = milestone, requires = "to", help_heading = "Proposal")]
    grant: Vec<(u64, u32, PathBuf)>,
    /// End this grant.
    #[arg(long, value_name = "GRANT", help_heading = "Proposal")]
    stop_grant: Option<u32>,
    /// Remove this subnet.
    #[arg(long, value_name = "NETUID", help_heading = "Proposal")]
    remove_subnet: Option<u16>,
    /// Give this account a new subnet without its price.
    #[arg(long, value_name = "WHO", help_heading = "Proposal")]
    open_subnet: Option<String>,
    /// Name the committee.
    #[arg(long, value_name = "WHO", help_heading = "Proposal")]
    committee: Option<String>,
    /// Turn elections of block authors on or off.
    #[arg(long, value_enum, help_heading = "Proposal")]
    elections: Option<Switch>,
    /// Set a rule of elections: its name and new value, as era=7200; once for each rule.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair, help_heading = "Proposal")]
    election_rule: Vec<(String, String)>,
    /// Demand contributions of block authors to the beacon, so many blocks after the enactment (32 to 432,000).
    #[arg(long, value_name = "BLOCKS", value_parser = notice, help_heading = "Proposal")]
    demand_contributions: Option<u32>,
    /// Cancel this slash of a block author before it is taken.
    #[arg(long, value_name = "SLASH", help_heading = "Proposal")]
    cancel_slash: Option<u32>,
    /// Remove the root key for ever.
    #[arg(long, help_heading = "Proposal")]
    remove_root_key: bool,
    /// Any call, encoded, in hexadecimal digits.
    #[arg(long, value_name = "HEX", value_parser = hex, help_heading = "Proposal")]
    call: Option<Encoded>,
}

impl Proposal {
    /// Whether the urgent track is asked for.
    pub fn is_urgent(&self) -> bool {
        self.urgent
    }

    /// The call.
    pub async fn call(&self, global: &Global, view: &View) -> Result<AnyCall, Failure> {
        self.fits()?;
        let what = &self.what;
        if let Some((name, value)) = &what.set {
            return self.parameter(view, name, value).await;
        }
        if let Some(file) = &what.upgrade {
            let code_hash = blake2_256(&std::fs::read(file).map_err(at(file))?);
            return Ok((&AuthorizeUpgrade { code_hash }).into());
        }
        if let Some(code_hash) = what.code_hash {
            return Ok((&AuthorizeUpgrade { code_hash }).into());
        }
        if let (Some(file), Some(netuid)) = (&what.rubric, self.netuid) {
            let rubric = rubric::of_file(file, self.mechanism)?;
            return Ok((&AnnounceRubric { netuid, mecid: self.mechanism, rubric }).into());
        }
        if let (true, Some(netuid)) = (what.keep_rubric, self.netuid) {
            return Ok((&WithdrawRubric { netuid, mecid: self.mechanism }).into());
        }
        if let (Some(amount), Some(to)) = (what.spend, &self.to) {
            let to = keys::account(to, global)?;
            return Ok((&Spend { to, amount: TaoBalance::from_rao(amount) }).into());
        }
        if let (false, Some(to)) = (what.grant.is_empty(), &self.to) {
            let milestones = what.grant.iter().map(|part| promised(part, view));
            let milestones = milestones.collect::<Result<_, Failure>>()?;
            return Ok((&Grant { recipient: keys::account(to, global)?, milestones }).into());
        }
        if let Some(grant) = what.stop_grant {
            return Ok((&StopGrant { grant }).into());
        }
        if let Some(netuid) = what.remove_subnet {
            return Ok(AnyCall::new("SubtensorModule", "root_dissolve_network", netuid.encode()));
        }
        if let Some(owner) = &what.open_subnet {
            return Ok((&OpenSubnet { owner: keys::account(owner, global)? }).into());
        }
        if let Some(committee) = &what.committee {
            return Ok((&SetCommittee { committee: Some(keys::account(committee, global)?) }).into());
        }
        if what.remove_root_key {
            return Ok((&RemoveKey {}).into());
        }
        if let Some(elections) = what.elections {
            return Ok(match elections {
                Switch::On => (&SwitchOn {}).into(),
                Switch::Off => (&SwitchOff {}).into(),
            });
        }
        if let Some(after) = what.demand_contributions {
            return Ok((&DemandContributions { after }).into());
        }
        if let Some(number) = what.cancel_slash {
            return Ok((&CancelSlash { number }).into());
        }
        if !what.election_rule.is_empty() {
            let present = view.chain.elections(Some(view.at)).await?.rules;
            return Ok((&SetRules { rules: rules::changed(&present, &what.election_rule)? }).into());
        }
        match &what.call {
            Some(bytes) => Ok((&view.chain.decode_call(bytes).await?).into()),
            None => fail(
                "say what to propose: --set, --upgrade, --code-hash, --rubric, --keep-rubric, --spend, --grant, \
                 --stop-grant, --remove-subnet, --open-subnet, --committee, --elections, --election-rule, \
                 --demand-contributions, --cancel-slash, --remove-root-key or --call",
            ),
        }
    }

    /// Refuses options that the proposal has no use for.
    fn fits(&self) -> Result<(), Failure> {
        let what = &self.what;
        let upgrades = what.upgrade.is_some() || what.code_hash.is_some();
        if self.urgent && !upgrades {
            return fail("--urgent is for --upgrade and --code-hash alone");
        }
        let about_rubric = what.rubric.is_some() || what.keep_rubric;
        if self.netuid.is_some() && what.set.is_none() && !about_rubric {
            return fail(
                "--netuid is for --set, --rubric and --keep-rubric; --remove-subnet takes the subnet itself",
            );
        }
        if self.mechanism != 0 && !about_rubric {
            return fail("--mechanism is for --rubric and --keep-rubric");
        }
        if self.to.is_some() && what.spend.is_none() && what.grant.is_empty() {
            return fail("--to is for --spend and --grant");
        }
        Ok(())
    }

    async fn parameter(&self, view: &View, name: &str, text: &str) -> Result<AnyCall, Failure> {
        if let Some(netuid) = self.netuid {
            view.chain.subnet(netuid).await?;
        }
        let row = row(name, self.netuid)?;
        let new = read(row.title(), row.unit, text, false)?;
        row.check(new, Caller::Root)?;
        let Some(call) = row.call else {
            return fail(format!("no call sets {}, so no vote does", row.title()));
        };
        call_of(&view.chain, row, call, self.netuid, new, view.at).await
    }
}

/// The row of a parameter.
fn row(name: &str, netuid: Option<u16>) -> Result<&'static Parameter, Failure> {
    let (rows, others) = match netuid {
        Some(_) => (params::SUBNET, params::NETWORK),
        None => (params::NETWORK, params::SUBNET),
    };
    let find = |rows: &'static [Parameter]| rows.iter().find(|row| row.is_called(name));
    match (find(rows), find(others), netuid) {
        (Some(row), ..) => Ok(row),
        (None, Some(_), None) => fail(format!("{name} is a parameter of subnets; name one with --netuid")),
        (None, Some(_), Some(_)) => fail(format!("{name} is a parameter of the network; leave out --netuid")),
        (None, None, _) => {
            let meant = crate::usage::alike(name, rows.iter().map(Parameter::title));
            let meant = meant.map(|meant| format!(", did you mean {meant}?")).unwrap_or_default();
            fail(format!("there is no parameter `{name}`{meant}; docs/reference/parameters.md lists them"))
        }
    }
}

/// A milestone of the options, with the block until which it can be claimed.
fn promised((amount, within, file): &(u64, u32, PathBuf), view: &View) -> Result<Milestone, Failure> {
    Ok(Milestone {
        amount: TaoBalance::from_rao(*amount),
        text: hash_of(file)?,
        last: view.now.saturating_add(days(*within, &view.profile)),
    })
}

/// Blake2b-256 of a file that is not empty.
pub fn hash_of(file: &Path) -> Result<[u8; 32], Failure> {
    let text = std::fs::read(file).map_err(at(file))?;
    match text.is_empty() {
        true => fail(format!("{} is empty", file.display())),
        false => Ok(blake2_256(&text)),
    }
}

/// Reads `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.trim().into(), value.trim().into()))
        }
        _ => Err(format!("`{text}` is not NAME=VALUE, such as subnet_limit=64")),
    }
}

/// Reads `TAO,DAYS,FILE`.
fn milestone(text: &str) -> Result<(u64, u32, PathBuf), String> {
    let wrong = || format!("`{text}` is not TAO,DAYS,FILE, such as 50,90,first.md");
    let mut parts = text.splitn(3, ',');
    let (Some(amount), Some(days), Some(file)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(wrong());
    };
    let days: u32 = days.trim().parse().map_err(|_| wrong())?;
    match file.trim().is_empty() {
        true => Err(wrong()),
        false => Ok((output::some_amount(amount.trim())?, days, file.trim().into())),
    }
}

/// Reads the blocks until contributions are needed.
fn notice(text: &str) -> Result<u32, String> {
    let [least, most] = [NOTICE.start(), NOTICE.end()];
    let blocks = text.parse().ok().filter(|blocks| NOTICE.contains(blocks));
    blocks.ok_or_else(|| format!("`{text}` is no number of blocks from {least} to {most}"))
}

/// Reads bytes.
pub fn hex(text: &str) -> Result<Encoded, String> {
    from_hex_text(text)
        .ok_or_else(|| "a call is an even number of hexadecimal digits, with or without 0x".into())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        proposal: Proposal,
    }

    fn parse(arguments: &[&str]) -> Result<Proposal, String> {
        let line = Line::try_parse_from([&["gov"][..], arguments].concat());
        line.map(|line| line.proposal).map_err(|error| error.to_string())
    }

    #[test]
    fn one_thing_is_proposed_at_a_time() {
        let set = parse(&["--set", "subnet_limit = 64"]).expect("a parameter");
        assert_eq!(set.what.set, Some(("subnet_limit".into(), "64".into())));
        let two = ["--grant", "1,30,a.md", "--grant", "2.5,60,b,c.md", "--to", "//Bob"];
        let grant = parse(&two).expect("a grant");
        assert_eq!(
            grant.what.grant,
            [(1_000_000_000, 30, "a.md".into()), (2_500_000_000, 60, PathBuf::from("b,c.md"))]
        );
        let rules = ["--election-rule", "era=600", "--election-rule", "seats=8"];
        assert_eq!(parse(&rules).expect("rules").what.election_rule.len(), 2);
        assert!(matches!(parse(&["--elections", "on"]).expect("a switch").what.elections, Some(Switch::On)));
        let call = parse(&["--call", "0x0a0b0c"]).expect("a call");
        assert_eq!(call.what.call, Some(vec![10, 11, 12]));
        for wrong in [
            &["--set", "a=1", "--remove-root-key"][..],
            &["--elections", "on", "--election-rule", "era=600"],
            &["--elections", "maybe"],
            &["--demand-contributions", "31"],
            &["--set", "a"],
            &["--spend", "5"],
            &["--spend", "0", "--to", "//Bob"],
            &["--grant", "1,30", "--to", "//Bob"],
            &["--grant", "1,x,a.md", "--to", "//Bob"],
            &["--rubric", "a.txt"],
            &["--call", "0x1"],
            &["--code-hash", "0x11"],
        ] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn options_of_other_proposals_are_refused() {
        for (arguments, said) in [
            (&["--set", "a=1", "--urgent"][..], "--urgent"),
            (&["--remove-root-key", "--netuid", "2"], "--netuid"),
            (&["--set", "a=1", "--to", "//Bob"], "--to"),
        ] {
            let refused = parse(arguments).expect("well-formed").fits().expect_err("no use").to_string();
            assert!(refused.starts_with(said), "{refused}");
        }
        assert!(parse(&["--upgrade", "a.wasm", "--urgent"]).is_ok_and(|it| it.fits().is_ok()));
    }

    #[test]
    fn a_parameter_is_found_where_it_belongs() {
        let name = |name, netuid| row(name, netuid).map(|row| row.name).map_err(|why| why.to_string());
        assert_eq!(name("subnet_limit", None), Ok("SubnetLimit"));
        assert_eq!(name("kappa", Some(2)), Ok("Kappa"));
        assert!(name("kappa", None).is_err_and(|why| why.contains("--netuid")));
        assert!(name("subnet_limit", Some(2)).is_err_and(|why| why.contains("leave out")));
        assert!(name("subnet_limt", None).is_err_and(|why| why.contains("did you mean subnet_limit?")));
    }

    #[test]
    fn a_text_without_bytes_has_no_hash() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("plan.md");
        std::fs::write(&file, "").expect("written");
        assert!(hash_of(&file).is_err_and(|why| why.to_string().contains("is empty")));
        std::fs::write(&file, "plan").expect("written");
        assert_eq!(hash_of(&file).ok(), Some(blake2_256(b"plan")));
    }
}
