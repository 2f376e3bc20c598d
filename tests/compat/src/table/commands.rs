//! The official command lines.

use super::Verdict::{Absent, Differs, Fails, Works};
use super::{row, Part, Row};

pub(super) const ROWS: &[Row] = &[
    row(
        Part::Btcli9,
        "wallets: `wallet balance`, `wallet create`, `wallet decrypt`, `wallet encrypt`, `wallet list`, \
         `wallet new-coldkey`, `wallet new-hotkey`, `wallet regen-hotkey`, `wallet regen-hotkeypub`, \
         `wallet sign`, `wallet verify`",
        Works,
    ),
    row(
        Part::Btcli9,
        "accounts: `wallet associate-hotkey`, `wallet get-identity`, `wallet overview`, \
         `wallet set-identity`, `wallet swap-hotkey`, `wallet transfer`",
        Works,
    ),
    row(
        Part::Btcli9,
        "stake: `stake child get`, `stake child revoke`, `stake child set`, \
         `stake child take`, `stake list`, `stake set-auto`",
        Works,
    ),
    row(
        Part::Btcli9,
        "root's dividends: `stake set-claim`, and `stake process-claim` as long as there are none",
        Works,
    ),
    row(Part::Btcli9, "locks: `lock add`, `lock list`, `lock mode`, `lock move`, `lock show`", Works),
    row(
        Part::Btcli9,
        "subnets: `subnets burn-cost`, `subnets check-start`, `subnets conviction`, \
         `subnets get-identity`, `subnets hyperparameters`, `subnets list`, `subnets price`, \
         `subnets register`, `subnets set-identity`, `subnets set-symbol`, `subnets show`, `subnets start`",
        Works,
    ),
    row(
        Part::Btcli9,
        "mechanisms, whose setters ask although they were told not to: `subnets mechanisms count`, `subnets mechanisms emissions`, \
         `subnets mechanisms set`, `subnets mechanisms split-emissions`",
        Works,
    ),
    row(
        Part::Btcli9,
        "owners: `sudo get`, `sudo get-take`, `sudo set`, `sudo set-take`, `sudo trigger-epoch`, `sudo trim`",
        Works,
    ),
    row(Part::Btcli9, "neurons: `weights reveal`", Works),
    row(
        Part::Btcli9,
        "proxies, of which the package asks the delay even where it is given: `proxy add`, \
         `proxy create`, `proxy execute`, `proxy kill`, `proxy remove`",
        Works,
    ),
    row(
        Part::Btcli9,
        "the user's machine: `config add-proxy`, `config clear`, `config clear-proxies`, `config get`, \
         `config proxies`, `config remove-proxy`, `config set`, `config update-proxy`, `utils convert`, \
         `utils latency`, `view dashboard`",
        Works,
    ),
    row(
        Part::Btcli9,
        "`stake add`, `stake move`, `stake remove`, `stake swap`, `stake transfer`, `stake wizard`, \
         `subnets create`, `sudo stake-burn`",
        Differs(
            "with `--no-mev-protection`: there is no shield yet, and without a key for it `stake add` fails \
             before anything is sent and exits with 0; the others are not tried without the option",
        ),
    ),
    row(
        Part::Btcli9,
        "`stake auto`",
        Differs("the package prints the first letter of the chosen hotkey's address instead of the address"),
    ),
    row(
        Part::Btcli9,
        "`axon reset`, `axon set`",
        Differs("without `--json-output`: the package refuses it together with `--no-prompt` and exits with 2"),
    ),
    row(
        Part::Btcli9,
        "`wallet regen-coldkey`, `wallet regen-coldkeypub`",
        Differs(
            "in JSON the package wants to name a hotkey and reports a failure where the wallet has none, \
             although the file is written and it exits with 0; as text they work",
        ),
    ),
    row(
        Part::Btcli9,
        "`weights commit`",
        Fails(
            "the package asks every chain for a storage item that none has, \
             `get_commit_reveal_weights_enabled`; it says so and exits with 0",
        ),
    ),
    row(
        Part::Btcli9,
        "`wallet inspect`",
        Differs(
            "hidden, and fails in the package for an account with stake, with exit code 0; for others it works",
        ),
    ),
    row(Part::Btcli9, "`wallet history`", Absent("switched off in the package itself; it exits with 1")),
    row(
        Part::Btcli9,
        "`crowd list`",
        Differs("there are none: crowdloans come later"),
    ),
    row(
        Part::Btcli9,
        "`crowd contribute`, `crowd contributors`, `crowd create`, `crowd dissolve`, `crowd finalize`, \
         `crowd info`, `crowd refund`, `crowd update`, `crowd withdraw`",
        Absent("crowdloans come later; the package says so or fails, and exits with 0"),
    ),
    row(
        Part::Btcli9,
        "`wallet swap-check`, `wallet swap-coldkey`",
        Absent("swaps of coldkeys come later; the package names what it misses and exits with 0"),
    ),
    row(
        Part::Btcli9,
        "`sudo proposals`, `sudo senate`, `sudo senate-vote`",
        Absent("there is no senate, as on the official chain of today; the package says so and exits with 0"),
    ),
    row(
        Part::Btcli11,
        "`query NAME` for every read above and `tx NAME` for every intent above, as is said there",
        Works,
    ),
    row(
        Part::Btcli11,
        "any call and any error by its name: `call`, `explain`, `tools`",
        Works,
    ),
    row(
        Part::Btcli11,
        "wallets: `wallet create`, `wallet decrypt`, `wallet encrypt`, `wallet list`, `wallet new-coldkey`, \
         `wallet new-hotkey`, `wallet regen-coldkey`, `wallet regen-hotkey`, `wallet show`, `wallet sign`, \
         `wallet unlock`, `wallet verify`",
        Works,
    ),
    row(
        Part::Btcli11,
        "accounts: `wallet associate-hotkey`, `wallet balance`, `wallet get-identity`, `wallet inspect`, \
         `wallet overview`, `wallet registrations`, `wallet set-identity`, `wallet swap-hotkey`, \
         `wallet transfer`",
        Works,
    ),
    row(
        Part::Btcli11,
        "stake, unshielded where nothing else is said: `stake add`, `stake auto`, `stake burn`, \
         `stake list`, `stake move`, `stake move-swap`, `stake remove`, `stake set-auto`, `stake show`, \
         `stake swap`, `stake transfer`, `stake unstake-all-alpha`, `stake wizard`",
        Works,
    ),
    row(
        Part::Btcli11,
        "childkeys, unshielded too: `stake child get`, `stake child revoke`, `stake child set`, \
         `stake child take`",
        Works,
    ),
    row(
        Part::Btcli11,
        "locks: `conviction accept`, `conviction add`, `conviction list`, `conviction mode`, \
         `conviction move`, `conviction show`, `conviction targeting`",
        Works,
    ),
    row(
        Part::Btcli11,
        "subnets: `subnets burn-cost`, `subnets conviction` (of all hotkeys where that read answers), \
         `subnets create`, `subnets create-cost`, `subnets hyperparameters`, `subnets list`, \
         `subnets metagraph`, `subnets price`, `subnets show`",
        Works,
    ),
    row(
        Part::Btcli11,
        "owners and takes: `hparams check-start`, `hparams get`, `hparams get-identity`, `hparams get-take`, \
         `hparams mechanisms count`, `hparams mechanisms emissions`, `hparams set`, `hparams set-identity`, \
         `hparams set-symbol`, `hparams set-take`, `hparams stake-burn`, `hparams start`, `hparams trim`",
        Works,
    ),
    row(
        Part::Btcli11,
        "neurons: `misc axon reset`, `misc axon set`, `misc weights reveal`, `misc weights set`",
        Works,
    ),
    row(
        Part::Btcli11,
        "proxies: `proxy add`, `proxy create`, `proxy execute`, `proxy kill`, `proxy list`, `proxy remove`",
        Works,
    ),
    row(
        Part::Btcli11,
        "shared accounts: `multisig add`, `multisig list`, `multisig pending`, `multisig remove`, \
         `multisig show`; upgrades that they sign, of which there are none: `misc upgrade pending`",
        Works,
    ),
    row(
        Part::Btcli11,
        "the user's addresses and settings: `addr add`, `addr list`, `addr remove`, `addr save`, \
         `addr show`, `config clear`, `config get`, `config path`, `config set`, `config unset`",
        Works,
    ),
    row(
        Part::Btcli11,
        "the user's machine: `misc convert`, `misc extension bridge`, `misc extension stop`, `misc latency`, \
         `misc timelock encrypt`, `misc timelock show`, `proxy book add`, `proxy book clear`, \
         `proxy book list`, `proxy book remove`, `proxy book update`",
        Works,
    ),
    row(
        Part::Btcli11,
        "keys and addresses of an EVM: `evm abi`, `evm config`, `evm deposit-address`, `evm key export`, \
         `evm key import`, `evm key list`, `evm key new`, `evm key show`, `evm mirror`, `evm networks`, \
         `evm precompiles`, `evm pubkey`",
        Works,
    ),
    row(Part::Btcli11, "root: `root list`, `root move`, `root register`", Works),
    row(
        Part::Btcli11,
        "`subnets register`",
        Fails(
            "it wants a shield, and there is none yet: `call SubtensorModule.register_limit` does the same; \
             with `--pow` it waits without end, as the package does where one of several reads fails",
        ),
    ),
    row(
        Part::Btcli11,
        "`stake unstake-all`",
        Differs(
            "with `--all-hotkeys` not for many hotkeys: a batch for three weighs more than an extrinsic may",
        ),
    ),
    row(
        Part::Btcli11,
        "`tx claim-root`",
        Differs("with `--subnets`: without it the package fails in a default of its own"),
    ),
    row(
        Part::Btcli11,
        "`wallet regen-coldkeypub`, `wallet regen-hotkeypub`",
        Differs(
            "with both `--ss58` and `--public-key`: the package fails while it asks for the one that is \
             missing",
        ),
    ),
    row(
        Part::Btcli11,
        "`evm fund`",
        Differs("the TAO arrives on an account that only an EVM could open, and there is none"),
    ),
    row(
        Part::Btcli11,
        "`misc extension accounts`",
        Fails("it waits for a browser with an extension, without end where there is none"),
    ),
    row(
        Part::Btcli11,
        "`misc timelock decrypt`, `misc upgrade check`, `misc upgrade sign`",
        Fails("refused before the time has come, and for what is no upgrade; more is not tried"),
    ),
    row(
        Part::Btcli11,
        "`misc collateral list`, `misc collateral show`",
        Differs(
            "as `query subnet-collateral` and `query miner-collateral`: collateral is another thing here \
             (decision 0020)",
        ),
    ),
    row(
        Part::Btcli11,
        "`misc collateral add`, `misc collateral set-min`",
        Absent("collateral is another thing here (decision 0020)"),
    ),
    row(
        Part::Btcli11,
        "`root allocate`, `root claim`, `root swap`",
        Absent("there are no baskets; `tx claim-root` claims root's dividends"),
    ),
    row(
        Part::Btcli11,
        "`misc weights commit`",
        Absent("weights that are locked by time come later; those behind a hash are there"),
    ),
    row(
        Part::Btcli11,
        "`misc crowd contributors`, `misc crowd list`",
        Differs("there are none: crowdloans come later"),
    ),
    row(Part::Btcli11, "`misc crowd info`", Absent("crowdloans come later")),
    row(
        Part::Btcli11,
        "`wallet swap-check`",
        Differs("there are none: swaps of coldkeys come later"),
    ),
    row(
        Part::Btcli11,
        "`wallet announce-coldkey-swap`, `wallet swap-coldkey`",
        Absent("swaps of coldkeys come later"),
    ),
    row(
        Part::Btcli11,
        "`hparams trim-null`, `hparams trim-null-batch`",
        Absent("there is no consensus named `Null` (decision 0025); for the first the package waits without end"),
    ),
    row(
        Part::Btcli11,
        "`evm associate`, `evm balance`, `evm call`, `evm claim-deposit`, `evm deploy`, `evm doctor`, \
         `evm send`, `evm send-to-ss58`, `evm setup-localnet`, `evm stake add`, `evm stake remove`, \
         `evm stake show`",
        Absent("there is no EVM"),
    ),
    row(
        Part::Btcli11,
        "`wallet history`",
        Absent("the package asks a service that knows the official network alone"),
    ),
    row(
        Part::Btcli11,
        "`wallet keychain delete`, `wallet keychain save`, `wallet keychain show`",
        Absent("on macOS alone, where the tests do not run"),
    ),
];
