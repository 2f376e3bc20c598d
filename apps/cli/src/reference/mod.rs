//! The page `docs/reference/commands.md`, written from the command line itself and from the list of official commands.

mod parity;

use std::fmt::Write as _;

use clap::Command;
use parity::{Official, Verdict, NEVER, OFFICIAL, TAKEN_NO};

const HEAD: &str = "# Commands

Written by `cargo xtask reference` from the command line itself; do not edit.

**For people and for programs.** Every command prints a line or a table, and one JSON value with `--json`. Names in JSON
are stable: amounts are integers in rao and end in `_rao`, accounts are addresses, shares are out of 65535. A command that
sent something adds `extrinsic`, `block` (its hash; null with `--wait pool`) and `fee_rao`.

**Before something is sent** it is said in one line, with what it costs. Commands that move money or are hard to take back
ask; `-y` agrees beforehand, and without it and without a terminal nothing is sent. The node executes every call on its newest
block first: what it would refuse is said, and nothing is sent or paid. `--dry-run` does that alone. Only a call that a proxy
carries can still be refused in a block. What the chain allows only later is refused with the block from which it is possible;
`--when-possible` waits for that block and sends it then.

**What runs.** `myelin miner run` and `myelin validator run` print a line for what happens, one JSON object in a line with `--json`.
`myelin miner status` and `myelin validator status` show it in another terminal, and `--metrics ADDRESS` serves Prometheus.

**Evidence.** A validator shows its evidence if `myelin validator run` is given `--evidence-ip`, the address at which others reach
it; the port is `--evidence-port`. It announces that address, and other validators ask nothing there. Kinds to which miners submit need
it, or `--no-evidence`; on a chain with short block times they take 127.0.0.2 and a free port. A miner sees its own records
as soon as a round is judged (`myelin miner scores`). Everybody gets what was submitted (`myelin miner artefact`), and sees records, standings and weights of an epoch
once its weights were revealed. Tasks and what they hide, seeds and other miners' texts are never told. `--keep-epochs` and `--keep-mib` say what is kept.

**For somebody else.** `--proxy ACCOUNT` lets the wallet's coldkey act for an account that made it its proxy;
`--announce-only` announces for proxies with a delay.

**Accounts** are addresses, wallets, names of the address book (`myelin address`), or development keys such as `//Alice`. Hotkeys
are also named as WALLET/HOTKEY, or by a wallet that has one hotkey or one called `default`. A name that a wallet and the address book have for different addresses is refused.

**Exit codes.** 0: done. 1: refused or failed; the last line on standard error says why and what to do. 2: wrong usage.
3: nothing is due (`myelin gov calendar --within`). With `--json` each of them has an object on standard output, if only
with the field `error`.

**Defaults.** Options come first, then the variable that `--help` names. Then come `BT_SUBTENSOR_CHAIN_ENDPOINT`,
`BT_CHAIN_ENDPOINT`, `BT_SUBTENSOR_NETWORK`, `BT_NETWORK` and `BT_WALLET`. The first four hold addresses, or `local`; any other name
is an error that names its source. Last comes the file of the official command, `~/.bittensor/config.yml` or the one that
`BTCLI_CONFIG_PATH` names (`myelin config`), in which `network` is such an address or name too. Names for addresses are in
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

| option of `btcli` | here |
|---|---|
| {never} | taken by no command |
| {no} | taken |
| any other with `--no-` or `--not-` | not taken; its effect is the default |

A row of the next table names the options that its command does not take besides these, each by its first name. It also names
options with another meaning here: `-k` is always `--hotkey`, `-w` `--wallet`, and `-p` `--wallet-path`.

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
    let never: Vec<String> = NEVER
        .iter()
        .map(|(options, why)| match *why {
            "" => quoted(options),
            why => format!("{} ({why})", quoted(options)),
        })
        .collect();
    page.push_str(&of_official.replace("{never}", &never.join("; ")).replace("{no}", &quoted(TAKEN_NO)));
    for Official { name, verdict, refused, unlike } in OFFICIAL {
        let (here, word, why) = match verdict {
            Verdict::Works(here) => (format!("`{here}`"), "works", ""),
            Verdict::Differs(here, how) => (format!("`{here}`"), "differs", *how),
            Verdict::Absent(why) => ("–".into(), "absent", *why),
        };
        let named = |what: &str, options: &[&str]| match options {
            [] => String::new(),
            some => format!("{what} {}", quoted(some)),
        };
        let all = [why.to_owned(), named("not", refused), named("something else here:", unlike)];
        let all: Vec<String> = all.into_iter().filter(|part| !part.is_empty()).collect();
        let _ = writeln!(page, "| `{name}` | {here} | {word} | {} |", all.join("; "));
    }
    page
}

/// The equivalent of an official command that is not a command here, as a sentence.
pub fn stands_for(words: &[&str]) -> Option<String> {
    const SHORT: [(&str, &str); 10] = [
        ("w", "wallet"),
        ("wallets", "wallet"),
        ("st", "stake"),
        ("s", "subnets"),
        ("subnet", "subnets"),
        ("su", "sudo"),
        ("wt", "weights"),
        ("weight", "weights"),
        ("conf", "config"),
        ("c", "config"),
    ];
    let (noun, verb) = (words.first()?, words.get(1).map(|verb| verb.replace('_', "-")));
    let noun = SHORT.iter().find(|(short, _)| short == noun).map_or(*noun, |(_, long)| *long);
    let name = verb.map_or(noun.to_owned(), |verb| format!("{noun} {verb}"));
    let mut of_noun = OFFICIAL.iter().filter(|official| official.name.split(' ').next() == Some(noun));
    let exact = OFFICIAL.iter().find(|official| official.name == name);
    // In a group that is absent as a whole, any command will do.
    let whole = || {
        let first = of_noun.next().filter(|first| matches!(first.verdict, Verdict::Absent(_)))?;
        of_noun.all(|official| matches!(official.verdict, Verdict::Absent(_))).then_some(first)
    };
    Some(match exact.or_else(whole)?.verdict {
        Verdict::Works(here) => format!("`btcli {name}` is `{here}` here"),
        Verdict::Differs(here, how) => format!("`btcli {name}` is `{here}` here: {how}"),
        Verdict::Absent(why) => format!("`btcli {name}` is absent here: {why}"),
    })
}

/// The reason for taking an option of the official command nowhere.
pub fn why_not_taken(option: &str) -> Option<String> {
    let (_, why) = NEVER.iter().find(|(options, _)| options.contains(&option))?;
    Some(match *why {
        "" => format!("`{option}` of btcli is taken by no command here"),
        why => format!("`{option}` of btcli is taken by no command here: {why}"),
    })
}

fn quoted(options: &[&str]) -> String {
    options.iter().map(|option| format!("`{option}`")).collect::<Vec<_>>().join(", ")
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
    use std::collections::BTreeMap;

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

    /// The equivalent of an official command, in words and as defined.
    fn standing_for<'a>(official: &Official, root: &'a Command) -> Option<(&'static str, &'a Command)> {
        let (Verdict::Works(here) | Verdict::Differs(here, _)) = official.verdict else { return None };
        let words = here.split(' ').skip(1).take_while(|word| !word.starts_with(['-', '/', '<']));
        let find = |command: &'a Command, word| {
            command.find_subcommand(word).unwrap_or_else(|| panic!("{}: {here}", official.name))
        };
        Some((here, words.fold(root, find)))
    }

    /// The options of every official command, each with its names.
    fn official_options() -> BTreeMap<&'static str, Vec<Vec<&'static str>>> {
        let names = |option: &'static str| option.split('|').collect::<Vec<_>>();
        let lines = || include_str!("options.txt").lines().filter(|line| !line.starts_with('#'));
        let common: BTreeMap<&str, Vec<&str>> = lines()
            .filter_map(|line| line.strip_prefix("= ").map(names))
            .map(|names| (names[0], names))
            .collect();
        let of = |options: &'static str| {
            let each = options.split_whitespace();
            each.map(|option| {
                option.strip_suffix('…').map_or_else(|| names(option), |first| common[first].clone())
            })
            .collect()
        };
        lines().filter_map(|line| line.split_once(':')).map(|(name, options)| (name, of(options))).collect()
    }

    /// The argument of a command to which an option belongs.
    fn meant(command: &Command, option: &str) -> Option<clap::Id> {
        let is = |arg: &&clap::Arg| match option.strip_prefix("--") {
            Some(long) => {
                arg.get_long() == Some(long)
                    || arg.get_all_aliases().is_some_and(|aliases| aliases.contains(&long))
            }
            None => {
                let short = option.strip_prefix('-').and_then(|short| short.parse::<char>().ok());
                let aliases = arg.get_all_short_aliases().unwrap_or_default();
                short.is_some_and(|short| arg.get_short() == Some(short) || aliases.contains(&short))
            }
        };
        let mut args = command.get_arguments().filter(is);
        let found = args.next().map(|arg| arg.get_id().clone());
        assert!(args.next().is_none(), "{} has two {option}", command.get_name());
        found
    }

    #[test]
    fn every_option_of_an_official_command_is_taken_or_named() {
        let mut root = crate::Cli::command();
        root.build();
        let all = official_options();
        let never: Vec<&str> = NEVER.iter().flat_map(|(options, _)| options.iter().copied()).collect();
        let mut wrong = Vec::new();
        for official in OFFICIAL {
            let Some((_, command)) = standing_for(official, &root) else { continue };
            let (mut refused, mut unlike) = (Vec::new(), Vec::new());
            for names in &all[official.name] {
                let differs = |name: &&&str| official.unlike.contains(*name);
                let usual = names.iter().find(|name| !differs(name) && meant(command, name).is_some());
                let usual = usual.and_then(|name| meant(command, name));
                let (mut left_out, mut taken) = (Vec::new(), false);
                for name in names {
                    let no = ["--no-", "--no_", "--not-"].iter().any(|no| name.starts_with(no));
                    match meant(command, name) {
                        None if no || never.contains(name) => {}
                        None => left_out.push(*name),
                        Some(_) if never.contains(name) => {
                            wrong.push(format!("{}: takes {name}", official.name));
                        }
                        here => {
                            taken = true;
                            unlike.extend((here != usual || differs(&name)).then_some(*name));
                        }
                    }
                }
                // If no name of an option is taken, the first stands for all.
                left_out.truncate(if taken { left_out.len() } else { 1 });
                refused.extend(left_out);
            }
            for (what, found, named) in
                [("refused", refused, official.refused), ("unlike", unlike, official.unlike)]
            {
                if found != named {
                    wrong.push(format!("{}: {what} {found:?}, but named {named:?}", official.name));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_command_that_is_said_to_stand_for_an_official_one_exists() {
        let mut root = crate::Cli::command();
        root.build();
        for official in OFFICIAL {
            let Some((here, command)) = standing_for(official, &root) else { continue };
            let name = official.name;
            let options = here.split(' ').filter_map(|word| word.strip_prefix("--"));
            for option in options {
                let known = command.get_arguments().any(|arg| arg.get_long() == Some(option));
                assert!(known, "{name}: {here} has no --{option}");
            }
        }
    }

    #[test]
    fn habits_of_the_official_command_are_answered_with_the_reason() {
        let said = |words: &[&str]| stands_for(words).unwrap_or_default();
        assert!(said(&["wallet", "swap_coldkey"]).contains("cannot replace coldkeys"));
        assert!(said(&["w", "inspect"]).contains("`myelin wallet overview`"));
        assert!(said(&["crowd", "list"]).contains("no crowdloans"));
        assert!(said(&["crowd"]).contains("no crowdloans"));
        assert!(said(&["view", "dashboard"]).contains("`myelin view`"));
        assert!(said(&["su", "senate"]).contains("no senate") || said(&["su", "senate"]).contains("senate"));
        for unknown in [&["wallet", "frobnicate"][..], &["colour"], &[]] {
            assert_eq!(stands_for(unknown), None, "{unknown:?}");
        }
        assert!(why_not_taken("--era").is_some_and(|why| why.contains("128 blocks")));
        assert_eq!(why_not_taken("--colour"), None);
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
            "lock add -n 1 -a 1",
            "wallet create --use-password",
            "address remove --name a",
            "address add --name a --address 5F",
            "subnets price --current",
            "subnets show -n 1 --sort",
            "subnets register -n 1 --unsafe",
            "subnets register -n 1 --limit 0.1",
            "stake add --all-netuids --amount 1 --allow",
            "sudo stake-burn -n 1 -a 1 --limit 0.01",
            "stake move -n 1 --from //Bob_hk --all",
            "stake swap -o 1 -d 2 -a 1",
            "stake transfer -o 1 --dest //Bob -a 1",
            "wallet transfer -d //Bob -a 1",
        ] {
            let words = std::iter::once("myelin").chain(line.split(' '));
            if let Err(error) = crate::Cli::try_parse_from(words) {
                panic!("{line}: {error}");
            }
        }
    }
}
