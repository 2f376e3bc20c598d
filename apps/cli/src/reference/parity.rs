//! What the official command does, and what stands for it here.

/// A command of the official command line.
pub struct Official {
    /// Its words.
    pub name: &'static str,
    /// What stands for it.
    pub verdict: Verdict,
}

/// What stands for an official command.
pub enum Verdict {
    /// The same.
    Works(&'static str),
    /// The same in another way, and in which.
    Differs(&'static str, &'static str),
    /// Nothing, and why.
    Absent(&'static str),
}

use Verdict::{Absent, Differs, Works};

const fn row(name: &'static str, verdict: Verdict) -> Official {
    Official { name, verdict }
}

const CROWDLOANS: &str = "the chain has no crowdloans yet";
const SENATE: &str = "neither chain has a senate any more";
const COLDKEY_SWAP: &str = "the chain cannot replace coldkeys yet";

/// Every command of `btcli` 9.23.2, once: a second name, such as the hidden `subnets metagraph`, is no other command.
pub const OFFICIAL: &[Official] = &[
    row("config get", Works("myelin config get")),
    row(
        "config set",
        Differs("myelin config set", "`set NAME VALUE`; limits of price are options of each order"),
    ),
    row("config clear", Differs("myelin config clear", "one name at a time")),
    row(
        "config add-proxy",
        Differs("myelin address add", "one address book for all; `--proxy` takes its names"),
    ),
    row("config proxies", Differs("myelin address list", "one address book for all")),
    row("config remove-proxy", Differs("myelin address remove", "one address book for all")),
    row("config update-proxy", Differs("myelin address add", "replaces the address")),
    row("config clear-proxies", Differs("myelin address remove", "one name at a time")),
    row("wallet list", Differs("myelin wallet list", "no `--coldkeys-only`: hotkeys are always listed")),
    row("wallet create", Differs("myelin wallet create", "sr25519 alone (no `--…-crypto-type`)")),
    row("wallet new-coldkey", Differs("myelin wallet new-coldkey", "sr25519 alone (no `--crypto-type`)")),
    row(
        "wallet new-hotkey",
        Differs("myelin wallet new-hotkey", "sr25519 alone; a plain file unless `--use-password` is given"),
    ),
    row(
        "wallet regen-coldkey",
        Differs(
            "myelin wallet regen-coldkey",
            "sr25519 alone; `--keystore` instead of `--json`; words and seeds also from standard input",
        ),
    ),
    row("wallet regen-coldkeypub", Differs("myelin wallet watch", "sr25519 alone (no `--crypto-type`)")),
    row(
        "wallet regen-hotkey",
        Differs("myelin wallet regen-hotkey", "sr25519 alone; `--keystore` instead of `--json`"),
    ),
    row("wallet regen-hotkeypub", Differs("myelin wallet regen-hotkeypub", "sr25519 alone (no `--crypto-type`)")),
    row("wallet balance", Differs("myelin wallet balance", "no `--sort`")),
    row(
        "wallet overview",
        Differs("myelin wallet overview", "one coldkey at a time with all its hotkeys (no `--all`, `--sort-by`)"),
    ),
    row("wallet transfer", Works("myelin wallet transfer")),
    row(
        "wallet history",
        Differs(
            "myelin wallet history",
            "from the chain's own events, also as CSV; `btcli` has switched its own off",
        ),
    ),
    row("wallet inspect", Differs("myelin wallet overview", "`btcli` has switched its own off")),
    row("wallet set-identity", Works("myelin wallet set-identity")),
    row("wallet get-identity", Works("myelin wallet get-identity")),
    row("wallet sign", Works("myelin wallet sign")),
    row("wallet verify", Differs("myelin wallet verify", "sr25519 alone (no `--crypto-type`)")),
    row("wallet encrypt", Absent("messages between keys are no matter of the chain")),
    row("wallet decrypt", Absent("messages between keys are no matter of the chain")),
    row("wallet associate-hotkey", Works("myelin wallet associate-hotkey")),
    row("wallet swap-hotkey", Works("myelin wallet swap-hotkey")),
    row("wallet swap-coldkey", Absent(COLDKEY_SWAP)),
    row("wallet swap-check", Absent(COLDKEY_SWAP)),
    row("stake list", Differs("myelin stake list", "once (no `--live`)")),
    row(
        "stake add",
        Differs(
            "myelin stake add",
            "a price limit is set unless `--no-limit`; `--amount` is needed (no `--all`, which would leave nothing for fees)",
        ),
    ),
    row(
        "stake remove",
        Differs(
            "myelin stake remove",
            "several hotkeys or subnets are emptied, an amount is sold on one; a price limit is set on each unless `--no-limit`; `--all-alpha` moves to root",
        ),
    ),
    row(
        "stake move",
        Differs(
            "myelin stake move",
            "options instead of questions; with a limit of the rate between subnets",
        ),
    ),
    row("stake transfer", Works("myelin stake transfer")),
    row("stake swap", Differs("myelin stake swap", "`--origin-netuid` and `--dest-netuid` in full, not `--origin` and `--dest`")),
    row(
        "stake wizard",
        Absent("every command says what it will do and asks; there is nothing to guide through"),
    ),
    row("stake auto", Works("myelin stake auto")),
    row("stake set-auto", Works("myelin stake set-auto")),
    row("stake set-claim", Works("myelin stake set-claim")),
    row("stake process-claim", Works("myelin stake process-claim")),
    row("stake child get", Works("myelin stake child get")),
    row("stake child set", Works("myelin stake child set")),
    row("stake child revoke", Works("myelin stake child revoke")),
    row("stake child take", Works("myelin stake child take")),
    row("lock list", Differs("myelin lock list", "of all subnets; `myelin lock show` is of one")),
    row("lock show", Differs("myelin lock show", "numbers, no graph")),
    row("lock add", Differs("myelin lock add", "numbers, no graph; `myelin lock mode` sets the mode")),
    row("lock mode", Differs("myelin lock mode", "a word instead of `--mode`")),
    row("lock move", Works("myelin lock move")),
    row(
        "sudo set",
        Differs(
            "myelin sudo set",
            "an amount needs its unit after `--value`, `14rao` or `0.5tao`: a bare number would be rao for `btcli` and TAO here; no `--normalize`",
        ),
    ),
    row("sudo get", Works("myelin sudo get")),
    row("sudo get-take", Works("myelin sudo get-take")),
    row("sudo set-take", Works("myelin sudo set-take")),
    row("sudo trim", Works("myelin sudo trim")),
    row("sudo trigger-epoch", Works("myelin sudo trigger-epoch")),
    row("sudo stake-burn", Works("myelin sudo stake-burn")),
    row("sudo senate", Absent(SENATE)),
    row("sudo proposals", Absent(SENATE)),
    row("sudo senate-vote", Absent(SENATE)),
    row("subnets list", Differs("myelin subnet list", "once (no `--live`)")),
    row(
        "subnets show",
        Differs("myelin subnet show", "the subnet alone (no `--mechid`); its neurons are in `myelin metagraph`, of the first mechanism"),
    ),
    row("subnets hyperparameters", Works("myelin subnet hyperparameters")),
    row("subnets burn-cost", Works("myelin subnet burn-cost")),
    row("subnets create", Works("myelin subnet create")),
    row(
        "subnets register",
        Differs("myelin subnet register", "a price limit is always set (`--max-price`); subnet 0 is root"),
    ),
    row("subnets price", Differs("myelin subnet price", "the price now; no graph of the past")),
    row("subnets conviction", Differs("myelin subnet conviction", "all hotkeys (no `--limit`)")),
    row("subnets set-identity", Differs("myelin subnet set-identity", "what is not given stays as it was")),
    row("subnets get-identity", Works("myelin subnet get-identity")),
    row("subnets set-symbol", Works("myelin subnet set-symbol")),
    row("subnets start", Works("myelin subnet start")),
    row("subnets check-start", Works("myelin subnet check-start")),
    row("subnets mechanisms count", Works("myelin subnet mechanisms count")),
    row("subnets mechanisms set", Works("myelin subnet mechanisms set")),
    row("subnets mechanisms emissions", Works("myelin subnet mechanisms emissions")),
    row("subnets mechanisms split-emissions", Works("myelin subnet mechanisms split-emissions")),
    row(
        "weights commit",
        Differs(
            "myelin weights commit",
            "draws the salt by itself and prints the command that reveals; with `--mechanism`",
        ),
    ),
    row("weights reveal", Works("myelin weights reveal")),
    row("axon set", Differs("myelin axon set", "the address says its own type (no `--ip-type`)")),
    row("axon reset", Works("myelin axon reset")),
    row("proxy add", Works("myelin proxy add")),
    row("proxy create", Works("myelin proxy create")),
    row("proxy remove", Works("myelin proxy remove")),
    row("proxy kill", Works("myelin proxy kill")),
    row(
        "proxy execute",
        Differs("myelin proxy execute", "takes the call that the announcement printed; no local database"),
    ),
    row("view dashboard", Differs("myelin view", "text and JSON instead of a web page")),
    row("utils convert", Works("myelin utils convert")),
    row("utils latency", Differs("myelin utils latency", "of the endpoint given")),
    row("crowd contribute", Absent(CROWDLOANS)),
    row("crowd contributors", Absent(CROWDLOANS)),
    row("crowd create", Absent(CROWDLOANS)),
    row("crowd dissolve", Absent(CROWDLOANS)),
    row("crowd finalize", Absent(CROWDLOANS)),
    row("crowd info", Absent(CROWDLOANS)),
    row("crowd list", Absent(CROWDLOANS)),
    row("crowd refund", Absent(CROWDLOANS)),
    row("crowd update", Absent(CROWDLOANS)),
    row("crowd withdraw", Absent(CROWDLOANS)),
];
