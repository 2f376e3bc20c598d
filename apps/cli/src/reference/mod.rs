//! The page `docs/reference/commands.md`, written from the command line itself and from the list of official commands.

mod parity;

use std::fmt::Write as _;

use clap::Command;
use parity::{Official, Verdict, OFFICIAL};

const HEAD: &str = "# Commands

Written by `cargo xtask reference` from the command line itself; do not edit.

**For people and for programs.** Every command prints a line or a table, and one JSON value with `--json`. Names in JSON
are stable: amounts are integers in rao and end in `_rao`, accounts are addresses, shares are out of 65535. A command that
sent something adds `extrinsic`, `block` (its hash; null with `--wait pool`) and `fee_rao`.

**Before something is sent** it is said in one line, with what it costs. Commands that move money or are hard to take back
ask; `-y` agrees beforehand, and without it and without a terminal nothing is sent. `--dry-run` signs, lets the node execute
the call on the newest block, says what it would refuse, and sends nothing. What the chain allows only later is refused
before it costs a fee, with the block from which it is possible; `--when-possible` waits for that block and sends it then.

**For somebody else.** `--proxy ACCOUNT` lets the wallet's coldkey act for an account that made it its proxy;
`--announce-only` announces for proxies with a delay.

**Accounts** are addresses, wallets, names of the address book (`myelin address`), or development keys such as `//Alice`. A name
that a wallet and the address book have for different addresses is refused.

**Exit codes.** 0: done. 1: refused or failed; the last line on standard error says why and what to do. 2: wrong usage.

**Defaults.** Options come first, then the variable that `--help` names, then `BT_SUBTENSOR_CHAIN_ENDPOINT`,
`BT_CHAIN_ENDPOINT`, `BT_SUBTENSOR_NETWORK`, `BT_NETWORK` (addresses, or `local`; any other name is an error that says where it
comes from) and `BT_WALLET`, then the file of the official command, `~/.bittensor/config.yml` or what `BTCLI_CONFIG_PATH` names
(`myelin config`), in which `network` is such an address or name too. Names for addresses are in
`~/.bittensor/btcli_addresses.json` or what `BTCLI_ADDRESSES_PATH` names. Passwords come from `BT_PW_…`, `BT_WALLET_PASSWORD`
or `BT_WALLET_PASSWORD_FILE`.

## Of `myelin`

| command | short | what it does |
|---|---|---|
";

const OF_OFFICIAL: &str = "
## Of `btcli` 9.23

Of {all} commands {works} work, {differ} differ, and {absent} are absent.

*works*: the same is done, with the same words where they are good; *differs*: the same is done in another way; *absent*: not
here, and why. Aliases of `btcli` (`w`, `st`, `s`, `su`, `wt`, names with underscores) are understood too.

Of no command these options are taken: `--quiet` and `--verbose`; `--prompt`, because it is asked anyway; `--era` and `--period`
(128 blocks); `--wait-for-inclusion` and `--wait-for-finalization` (`--wait`); `--mev-protection`, because nothing is encrypted;
`--safe-staking`, because there is a price limit anyway. Of those with `--no-`, `--no-prompt`, `--no-use-password`,
`--no-safe-staking` and `--no-mev-protection` are taken; the others say what happens without them.

| btcli | myelin | | |
|---|---|---|---|
";

/// The page.
pub fn page(command: &Command) -> String {
    let mut page = String::from(HEAD);
    for sub in command.get_subcommands() {
        list(&mut page, &[command.get_name()], sub);
    }
    let count = |is: fn(&Verdict) -> bool| OFFICIAL.iter().filter(|official| is(&official.verdict)).count();
    let numbers = [
        ("{all}", OFFICIAL.len()),
        ("{works}", count(|verdict| matches!(verdict, Verdict::Works(_)))),
        ("{differ}", count(|verdict| matches!(verdict, Verdict::Differs(..)))),
        ("{absent}", count(|verdict| matches!(verdict, Verdict::Absent(_)))),
    ];
    let of_official = numbers
        .iter()
        .fold(OF_OFFICIAL.to_owned(), |text, (place, number)| text.replace(place, &number.to_string()));
    page.push_str(&of_official);
    for Official { name, verdict } in OFFICIAL {
        let (here, word, why) = match verdict {
            Verdict::Works(here) => (format!("`{here}`"), "works", ""),
            Verdict::Differs(here, how) => (format!("`{here}`"), "differs", *how),
            Verdict::Absent(why) => ("–".into(), "absent", *why),
        };
        let _ = writeln!(page, "| `{name}` | {here} | {word} | {why} |");
    }
    page
}

fn list(page: &mut String, above: &[&str], command: &Command) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    let path = [above, &[command.get_name()]].concat();
    let mut subs = command.get_subcommands().filter(|sub| sub.get_name() != "help").peekable();
    if subs.peek().is_none() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default().replace('|', "\\|");
        let aliases: Vec<String> = command.get_visible_aliases().map(|alias| format!("`{alias}`")).collect();
        let _ = writeln!(page, "| `{}` | {} | {about} |", path.join(" "), aliases.join(", "));
    }
    subs.for_each(|sub| list(page, &path, sub));
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_reference_of_commands_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/commands.md");
        let written = std::fs::read_to_string(path).expect("the page is in the repository");
        let page = page(&crate::Cli::command());
        assert!(
            written == page,
            "docs/reference/commands.md differs from the commands; run `cargo xtask reference`"
        );
    }

    #[test]
    fn every_command_that_is_said_to_stand_for_an_official_one_exists() {
        let mut root = crate::Cli::command();
        root.build();
        for Official { name, verdict } in OFFICIAL {
            let (Verdict::Works(here) | Verdict::Differs(here, _)) = verdict else { continue };
            let mut command = &root;
            let words = here.split(' ').skip(1).take_while(|word| !word.starts_with(['-', '/', '<']));
            for word in words {
                command = command.find_subcommand(word).unwrap_or_else(|| panic!("{name}: {here}"));
            }
            let options = here.split(' ').filter_map(|word| word.strip_prefix("--"));
            for option in options {
                let known = command.get_arguments().any(|arg| arg.get_long() == Some(option));
                assert!(known, "{name}: {here} has no --{option}");
            }
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        crate::Cli::command().debug_assert();
    }

    #[test]
    fn the_words_of_the_official_command_are_understood() {
        use clap::Parser;
        for line in [
            "w balance //Alice",
            "wallet regen_coldkey --wallet-name a --mnemonic a b c",
            "st add --netuid 1 --amount 2 --wallet_name a --wallet_hotkey b --tolerance 0.005 --partial",
            "st remove --all-netuids --hotkey-ss58 5F --no-prompt",
            "stake child set --netuid 1 --children a,b --prop 0.1,0.2",
            "st children revoke --all-netuids",
            "stake set-claim keep --netuids 1,2 --json-out",
            "su set --netuid 1 --param tempo --value 360",
            "s hyperparameters --netuid 1 --network local",
            "subnets mech split-emissions --netuid 1 --split 1,2",
            "wt commit --netuid 1 --uids 1,2 --weights 0.1,0.9 --salt 1,2",
            "axon set --netuid 1 --ip 1.2.3.4 --port 1",
            "proxy add --delegate 5F --proxy-type Staking --delay 1",
            "lock mode perpetual --netuid 1",
            "w balance --wallet-name a",
            "wallet balance --ss58 5F",
            "wallet balance -w a --wallet-hotkey b",
            "wallet overview --name a",
            "wallet history --wallet.name a",
            "wallet get-identity --key 5F",
            "wallet create --wallet-name a --no-use-password",
            "wallet new-coldkey --no-use-password",
            "wallet new-hotkey --no-use-password",
            "wallet regen-hotkey --no-use-password",
            "proxy list alice",
            "proxy list --wallet alice",
            "stake list alice",
            "stake add -n 1 --amount 1 --no-mev-protection",
            "stake remove --unstake-all --allow-partial",
            "stake move -n 1 --origin-hotkey 5F --dest-netuid 2 --dest-hotkey 5G --all",
            "subnets price --all",
            "stake child take --netuid 1 --take 0.1 --hotkey-ss58-address 5F",
        ] {
            let words = std::iter::once("myelin").chain(line.split(' '));
            if let Err(error) = crate::Cli::try_parse_from(words) {
                panic!("{line}: {error}");
            }
        }
    }
}
