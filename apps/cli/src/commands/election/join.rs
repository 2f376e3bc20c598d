//! `myelin election join`: a hotkey becomes a candidate.

use clap::Args;
use myelin_abi::calls::elections;
use myelin_abi::Account;
use myelin_election::{Candidacy, PerBillion, Rules, Standing};
use myelin_units::TaoBalance;
use serde_json::json;

use super::view::{said, View};
use crate::commands::connect;
use crate::commands::gov::words::percent;
use crate::keys::Keys;
use crate::output::{self, address, brief, fail, grouped, tao, Failure, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// The pledge.
#[derive(Args)]
pub struct Join {
    /// TAO to pledge; it stays on the coldkey's account, on hold.
    #[arg(value_parser = output::some_amount, value_name = "TAO")]
    amount: u64,
    /// Join before the hotkey has session keys; it is elected only once it has.
    #[arg(long)]
    without_keys: bool,
    #[command(flatten)]
    by: Sender,
}

/// Everything that decides whether a hotkey can join.
struct Facts {
    coldkey: Account,
    hotkey: Account,
    /// The hotkey's owner.
    owner: Option<Account>,
    /// The hotkey's candidacy, if it has one.
    candidacy: Option<Candidacy>,
    /// The hotkey for which the coldkey pledged.
    candidate: Option<Account>,
    free: TaoBalance,
    has_keys: bool,
}

impl Join {
    /// `myelin election join`.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let pledge = TaoBalance::from_rao(self.amount);
        let facts = self.facts(global, &view).await?;
        if let Some(why) = refusal(&facts, pledge, view.rules(), &self.by.keys, self.without_keys) {
            return fail(format!("{why}; nothing was sent"));
        }
        let hotkey = facts.hotkey;
        let quality = view.chain().qualities(view.dated.at).await?.of(&hotkey.0);
        let on = view.elections.clock.on;
        let what = format!(
            "pledging {} for {}: it stays on hold until {} blocks after it leaves, or after the last block in office",
            tao(pledge),
            brief(&hotkey),
            grouped(view.rules().unbonding)
        );
        let call = elections::Join { hotkey, pledge };
        let order = Order::new(&call, what).with_note(note(on, facts.has_keys, quality, view.rules()));
        let value = json!({
            "hotkey": address(&hotkey), "pledge_rao": self.amount, "session_keys": facts.has_keys,
            "quality_ppb": quality.parts(), "on": on,
        });
        let done = match facts.has_keys {
            true => "joined; `myelin election candidates` shows its weight".to_owned(),
            false => format!("joined; without session keys it is not elected: {}", announce(&self.by.keys)),
        };
        self.by.carry_out(global, view.chain(), order, &done, value).await
    }

    async fn facts(&self, global: &Global, view: &View) -> Result<Facts, Failure> {
        let (coldkey, hotkey) = (self.by.account(global)?, self.by.hotkey(global)?);
        let (chain, at) = (view.chain(), view.dated.at);
        // The chain ends a former candidacy of which nothing is left.
        let goes_on = |kept: &Candidacy| !kept.is_over(view.dated.now + 1);
        let pledged = view.candidate_of(&coldkey).await?.filter(|(_, kept)| goes_on(kept));
        Ok(Facts {
            coldkey,
            hotkey,
            owner: chain.owner(&hotkey).await?,
            candidacy: chain.candidacy(&hotkey, at).await?.filter(goes_on),
            candidate: pledged.map(|(candidate, _)| candidate),
            free: chain.funds(&coldkey, Some(at)).await?.free,
            has_keys: chain.session_keys(&hotkey, at).await?.is_some(),
        })
    }
}

/// The command that gives a hotkey session keys.
fn announce(keys: &Keys) -> String {
    let announce = keys.command("myelin node keys announce --use-hotkey");
    format!("{announce} announces those of the node in .myelin/node, and --base-path names another node")
}

/// The reason for which a hotkey cannot join, with the step that helps.
fn refusal(
    facts: &Facts,
    pledge: TaoBalance,
    rules: &Rules,
    keys: &Keys,
    without_keys: bool,
) -> Option<String> {
    let Facts { coldkey, hotkey, owner, candidacy, candidate, free, has_keys } = facts;
    let [own, name] = [coldkey, hotkey].map(address);
    match owner {
        Some(owner) if owner == coldkey => {}
        Some(owner) => return Some(format!("hotkey {name} belongs to {}, and not to {own}", address(owner))),
        None => {
            let claim = keys.command("myelin wallet associate-hotkey");
            return Some(format!(
                "hotkey {name} belongs to nobody; {claim} claims it, and so does a registration"
            ));
        }
    }
    match (candidacy, candidate) {
        (Some(Candidacy { pledge, leaving, standing: Standing::Jailed { until }, .. }), _)
            if pledge.is_zero() && leaving.is_empty() =>
        {
            return Some(format!("{name} is in jail until block {until}; it can join after that"));
        }
        (Some(candidacy), _) if candidacy.pledge.is_zero() => {
            let withdraw = keys.command("myelin election withdraw");
            return Some(format!(
                "the pledge of {name} is on its way out; {withdraw} takes it, and then it can join"
            ));
        }
        (Some(_), _) => {
            let (pledge, resume) = ("myelin election pledge", "myelin election resume");
            return Some(format!(
                "{name} is a candidate already; `{pledge}` adds TAO, `{resume}` ends its rest"
            ));
        }
        (None, Some(other)) => {
            return Some(format!(
                "{own} pledged for {}, and a coldkey has one candidate; `myelin election leave` ends that",
                address(other)
            ))
        }
        (None, None) => {}
    }
    if let Err(error) = Candidacy::new(coldkey.0, 0, pledge, rules) {
        return Some(said(error));
    }
    // TAO under the vote lock can be pledged: it stays on the account.
    if *free < pledge {
        return Some(format!("{own} has {} of free TAO, and {} are to be pledged", tao(*free), tao(pledge)));
    }
    (!has_keys && !without_keys).then(|| {
        format!(
            "hotkey {name} has no session keys, without which it is not elected; {}; --without-keys joins before that",
            announce(keys)
        )
    })
}

/// Reasons for which the candidate would not be elected soon, as the end of the announcement.
fn note(on: bool, has_keys: bool, quality: PerBillion, rules: &Rules) -> String {
    let worse = quality < rules.least_quality || quality == PerBillion::ZERO;
    let notes = [
        (!on).then(|| "elections are off, and nobody is elected until a vote turns them on".to_owned()),
        (!has_keys).then(|| "it has no session keys yet".to_owned()),
        (on && worse).then(|| {
            let (now, needed) = (percent(quality), percent(rules.least_quality));
            format!("the quality of its judging is {now} now, and {needed} are needed")
        }),
    ];
    notes.into_iter().flatten().map(|note| format!("; {note}")).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        keys: Keys,
    }

    fn keys() -> Keys {
        Line::parse_from(["join", "--wallet", "operator", "--hotkey", "judge"]).keys
    }

    fn facts() -> Facts {
        let [coldkey, hotkey] = [1, 2].map(|byte| Account([byte; 32]));
        let free = TaoBalance::from_tokens(500);
        Facts {
            coldkey,
            hotkey,
            owner: Some(coldkey),
            candidacy: None,
            candidate: None,
            free,
            has_keys: true,
        }
    }

    fn why(facts: &Facts, tokens: u64) -> String {
        let pledge = TaoBalance::from_tokens(tokens);
        refusal(facts, pledge, &Rules::production(), &keys(), false).unwrap_or_default()
    }

    fn pledged_for(tokens: u64) -> Candidacy {
        let pledge = TaoBalance::from_tokens(tokens);
        Candidacy::new([1; 32], 3, pledge, &Rules::production()).expect("enough")
    }

    #[test]
    fn each_reason_is_said_before_anything_is_sent() {
        let [other, hotkey] = [9, 2].map(|byte| Account([byte; 32]));
        assert_eq!(why(&facts(), 100), "");
        let foreign = Facts { owner: Some(other), ..facts() };
        assert!(why(&foreign, 100).contains(&format!("belongs to {}", address(&other))));
        let unknown = why(&Facts { owner: None, ..facts() }, 100);
        assert!(
            unknown.contains("`myelin wallet associate-hotkey --wallet operator --hotkey judge`"),
            "{unknown}"
        );
        let pledged = pledged_for(100);
        let mut left = pledged.clone();
        left.unbond(TaoBalance::from_tokens(100), 5, &Rules::production()).expect("all of it");
        let of =
            |candidacy| why(&Facts { candidacy: Some(candidacy), candidate: Some(hotkey), ..facts() }, 100);
        assert!(of(pledged).contains("is a candidate already") && of(left).contains("is on its way out"));
        let mut jailed = pledged_for(100);
        jailed.jail(5, &Rules::production());
        jailed.slash(TaoBalance::from_tokens(100));
        assert!(of(jailed).contains("is in jail until block 50405"));
        let second = why(&Facts { candidate: Some(other), ..facts() }, 100);
        assert!(second.contains("a coldkey has one candidate"), "{second}");
        assert!(why(&facts(), 99).contains("at least 100.0000 τ"));
        assert!(why(&facts(), 501).contains("has 500.0000 τ of free TAO"));
        let keyless = Facts { has_keys: false, ..facts() };
        let announce = "`myelin node keys announce --use-hotkey --wallet operator --hotkey judge`";
        assert!(why(&keyless, 100).contains(announce), "{}", why(&keyless, 100));
        let pledge = TaoBalance::from_tokens(100);
        assert_eq!(refusal(&keyless, pledge, &Rules::production(), &keys(), true), None);
    }

    #[test]
    fn an_announcement_says_what_an_election_still_needs() {
        let rules = Rules::production();
        assert_eq!(note(true, true, PerBillion::percent(10), &rules), "");
        assert!(note(false, true, PerBillion::ZERO, &rules).starts_with("; elections are off"));
        let both = note(true, false, PerBillion::percent(9), &rules);
        assert!(both.contains("no session keys yet; the quality of its judging is 9.00 % now"), "{both}");
    }
}
