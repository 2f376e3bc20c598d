//! Commands of the official command, and their equivalents here.

/// A command of the official command line.
pub struct Official {
    /// Its words.
    pub name: &'static str,
    /// Its equivalent.
    pub verdict: Verdict,
    /// Its options that are refused here, in addition to those that no command takes.
    pub refused: &'static [&'static str],
    /// Its options that have another meaning here.
    pub unlike: &'static [&'static str],
}

/// Equivalent of an official command.
pub enum Verdict {
    /// The same command.
    Works(&'static str),
    /// A command that differs, and the difference.
    Differs(&'static str, &'static str),
    /// No command, and the reason.
    Absent(&'static str),
}

use Verdict::{Absent, Differs, Works};

const fn row(name: &'static str, verdict: Verdict) -> Official {
    Official { name, verdict, refused: &[], unlike: &[] }
}

/// A row for a command with options that are refused here or have another meaning.
const fn except(
    name: &'static str,
    verdict: Verdict,
    refused: &'static [&'static str],
    unlike: &'static [&'static str],
) -> Official {
    Official { name, verdict, refused, unlike }
}

/// Options that no command takes, with the reason.
pub const NEVER: &[(&[&str], &str)] = &[
    (&["--quiet", "--verbose"], ""),
    (&["--prompt", "--no"], "it is asked unless `-y` is given"),
    (&["--era", "--period"], "128 blocks"),
    (&["--wait-for-inclusion", "--wait-for-finalization"], "`--wait`"),
    (&["--mev-protection"], "nothing is encrypted"),
    (&["--safe-staking", "--safe", "--safe-register"], "there is a price limit anyway"),
    (&["-in", "-ex"], "`--hotkeys`, `--exclude-hotkeys`"),
];

/// Options with `--no-` that are taken. The effect of the others is the default here.
pub const TAKEN_NO: &[&str] =
    &["--no-prompt", "--no-use-password", "--no-safe-staking", "--no-mev-protection"];

const CROWDLOANS: &str = "the chain has no crowdloans yet";
const SENATE: &str = "neither chain has a senate any more";
const COLDKEY_SWAP: &str = "the chain cannot replace coldkeys yet";

/// Every command of `btcli` 9.23.2, once: a second name, such as the hidden `subnets metagraph`, is not another
/// command.
pub const OFFICIAL: &[Official] = &[
    row("config get", Works("myelin config get")),
    except(
        "config set",
        Differs("myelin config set", "`set NAME VALUE`; limits of price are options of each order"),
        &[
            "--wallet-name",
            "--hotkey",
            "--cache",
            "--disk-cache",
            "--tolerance",
            "--unsafe",
            "--allow-partial-stake",
            "--dashboard-path",
        ],
        &["--wallet-path", "--network"],
    ),
    except(
        "config clear",
        Differs("myelin config clear", "one name at a time"),
        &[
            "--wallet-name",
            "--hotkey",
            "--cache",
            "--tolerance",
            "--unsafe",
            "--allow-partial-stake",
            "--all",
            "--dashboard-path",
        ],
        &["--wallet-path", "--network"],
    ),
    except(
        "config add-proxy",
        Differs("myelin address add", "one address book for all; `--proxy` takes its names"),
        &["--proxy-type", "--spawner", "--delay"],
        &[],
    ),
    row("config proxies", Differs("myelin address list", "one address book for all")),
    row("config remove-proxy", Differs("myelin address remove", "one address book for all")),
    except(
        "config update-proxy",
        Differs("myelin address add", "replaces the address"),
        &["--proxy-type", "--spawner", "--delay"],
        &[],
    ),
    row("config clear-proxies", Differs("myelin address remove", "one name at a time")),
    except(
        "wallet list",
        Differs("myelin wallet list", "all wallets with all hotkeys"),
        &["--wallet-name", "--coldkeys-only"],
        &[],
    ),
    except(
        "wallet create",
        Differs("myelin wallet create", "sr25519 alone"),
        &["--coldkey-crypto-type", "--hotkey-crypto-type"],
        &[],
    ),
    except(
        "wallet new-coldkey",
        Differs("myelin wallet new-coldkey", "sr25519 alone"),
        &["--crypto-type"],
        &[],
    ),
    except(
        "wallet new-hotkey",
        Differs("myelin wallet new-hotkey", "sr25519 alone; a plain file unless `--use-password` is given"),
        &["--crypto-type"],
        &[],
    ),
    except(
        "wallet regen-coldkey",
        Differs(
            "myelin wallet regen-coldkey",
            "sr25519 alone; `--keystore` instead of `--json`; words and seeds also from standard input",
        ),
        &["-j", "--crypto-type"],
        &["--json"],
    ),
    except(
        "wallet regen-coldkeypub",
        Differs("myelin wallet watch", "sr25519 alone"),
        &["--crypto-type"],
        &[],
    ),
    except(
        "wallet regen-hotkey",
        Differs("myelin wallet regen-hotkey", "sr25519 alone; `--keystore` instead of `--json`"),
        &["-j", "--crypto-type"],
        &["--json"],
    ),
    except(
        "wallet regen-hotkeypub",
        Differs("myelin wallet regen-hotkeypub", "sr25519 alone"),
        &["--crypto-type"],
        &[],
    ),
    except("wallet balance", Differs("myelin wallet balance", "by name"), &["--sort"], &[]),
    except(
        "wallet overview",
        Differs("myelin wallet overview", "one coldkey at a time with all its hotkeys"),
        &["--all", "--sort-by", "--sort-order", "--include-hotkeys", "--exclude-hotkeys"],
        &[],
    ),
    row("wallet transfer", Works("myelin wallet transfer")),
    row(
        "wallet history",
        Differs(
            "myelin wallet history",
            "from the chain's own events, also as CSV; `btcli` has switched its own off",
        ),
    ),
    except(
        "wallet inspect",
        Differs("myelin wallet overview", "`btcli` has switched its own off"),
        &["--all"],
        &[],
    ),
    row("wallet set-identity", Works("myelin wallet set-identity")),
    except("wallet get-identity", Works("myelin wallet get-identity"), &[], &["-k"]),
    row("wallet sign", Works("myelin wallet sign")),
    except("wallet verify", Differs("myelin wallet verify", "sr25519 alone"), &["--crypto-type"], &["-p"]),
    row(
        "wallet encrypt",
        Absent("messages between ed25519 keys; files are encrypted by `myelin wallet set-password`"),
    ),
    row(
        "wallet decrypt",
        Absent("messages between ed25519 keys; files are encrypted by `myelin wallet set-password`"),
    ),
    row("wallet associate-hotkey", Works("myelin wallet associate-hotkey")),
    row("wallet swap-hotkey", Works("myelin wallet swap-hotkey")),
    row("wallet swap-coldkey", Absent(COLDKEY_SWAP)),
    row("wallet swap-check", Absent(COLDKEY_SWAP)),
    except("stake list", Differs("myelin stake list", "once"), &["--live"], &["-k"]),
    except(
        "stake add",
        Differs(
            "myelin stake add",
            "a price limit is set unless `--no-limit`; `--amount` is needed, because all would \
             leave nothing for fees; `--hotkey-ss58-address` is one hotkey, `--hotkeys` several",
        ),
        &["--all-tokens"],
        &["--hotkey-ss58-address"],
    ),
    except(
        "stake remove",
        Differs(
            "myelin stake remove",
            "several hotkeys or subnets are emptied, an amount is sold on one; a price limit is set \
             on each unless `--no-limit`; `--all` is of the subnets given, `--all-netuids` of \
             every; `--all-alpha` moves to root",
        ),
        &["--interactive"],
        &["--all"],
    ),
    except(
        "stake move",
        Differs(
            "myelin stake move",
            "options instead of questions; with a limit of the rate between subnets; `--to` is a \
             subnet, `--to-hotkey` a hotkey",
        ),
        &[],
        &["--to"],
    ),
    row("stake transfer", Works("myelin stake transfer")),
    row("stake swap", Works("myelin stake swap")),
    row(
        "stake wizard",
        Absent("every command says what it will do and asks; there is nothing to guide through"),
    ),
    except("stake auto", Works("myelin stake auto"), &[], &["-k"]),
    row("stake set-auto", Works("myelin stake set-auto")),
    row("stake set-claim", Works("myelin stake set-claim")),
    row("stake process-claim", Works("myelin stake process-claim")),
    row("stake child get", Works("myelin stake child get")),
    row("stake child set", Works("myelin stake child set")),
    row("stake child revoke", Works("myelin stake child revoke")),
    row("stake child take", Works("myelin stake child take")),
    except(
        "lock list",
        Differs("myelin lock list", "of all subnets; `myelin lock show` is of one"),
        &["--netuid"],
        &["-k"],
    ),
    except("lock show", Differs("myelin lock show", "numbers, no graph"), &["--graph"], &["-k"]),
    except(
        "lock add",
        Differs("myelin lock add", "numbers, no graph; `myelin lock mode` sets the mode"),
        &["--mode", "--graph"],
        &[],
    ),
    except("lock mode", Differs("myelin lock mode", "a word instead of `--mode`"), &["--mode"], &[]),
    row("lock move", Works("myelin lock move")),
    except(
        "sudo set",
        Differs(
            "myelin sudo set",
            "an amount needs its unit after `--value`, `14rao` or `0.5tao`: a bare number would be \
             rao for `btcli` and TAO here",
        ),
        &["--normalize"],
        &[],
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
    except("subnets list", Differs("myelin subnet list", "once"), &["--live"], &[]),
    except(
        "subnets show",
        Differs(
            "myelin subnet show",
            "the subnet alone; its neurons are in `myelin metagraph`, by uid, of the first mechanism",
        ),
        &["--mechid"],
        &[],
    ),
    row("subnets hyperparameters", Works("myelin subnet hyperparameters")),
    row("subnets burn-cost", Works("myelin subnet burn-cost")),
    row("subnets create", Works("myelin subnet create")),
    row(
        "subnets register",
        Differs("myelin subnet register", "a price limit is set unless `--no-limit`; subnet 0 is root"),
    ),
    except(
        "subnets price",
        Differs("myelin subnet price", "the price now; no graph of the past"),
        &["--interval-hours", "--log-scale", "--html"],
        &[],
    ),
    except("subnets conviction", Differs("myelin subnet conviction", "all hotkeys"), &["--limit"], &[]),
    row("subnets set-identity", Differs("myelin subnet set-identity", "what is not given stays as it was")),
    row("subnets get-identity", Works("myelin subnet get-identity")),
    row("subnets set-symbol", Works("myelin subnet set-symbol")),
    row("subnets start", Works("myelin subnet start")),
    row("subnets check-start", Works("myelin subnet check-start")),
    row("subnets mechanisms count", Works("myelin subnet mechanisms count")),
    row("subnets mechanisms set", Works("myelin subnet mechanisms set")),
    row("subnets mechanisms emissions", Works("myelin subnet mechanisms emissions")),
    row("subnets mechanisms split-emissions", Works("myelin subnet mechanisms split-emissions")),
    except(
        "weights commit",
        Differs(
            "myelin weights commit",
            "draws the salt by itself and prints the command that reveals; with `--mechanism`",
        ),
        &[],
        &["-w"],
    ),
    except("weights reveal", Works("myelin weights reveal"), &[], &["-w"]),
    except("axon set", Differs("myelin axon set", "the address says its own type"), &["--ip-type"], &[]),
    row("axon reset", Works("myelin axon reset")),
    row("proxy add", Works("myelin proxy add")),
    row("proxy create", Works("myelin proxy create")),
    row("proxy remove", Works("myelin proxy remove")),
    row("proxy kill", Works("myelin proxy kill")),
    except(
        "proxy execute",
        Differs("myelin proxy execute", "takes the call that the announcement printed; no local database"),
        &["--call-hash"],
        &[],
    ),
    except(
        "view dashboard",
        Differs("myelin view", "text and JSON instead of a web page"),
        &["--use-wry", "--save-file", "--dashboard-path"],
        &[],
    ),
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
