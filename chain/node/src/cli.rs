//! Arguments of `myelin-node`.

use crate::{
    chain_spec,
    upgrade::{CheckStateCmd, CheckUpgradeCmd},
};
use sc_cli::{
    BuildSpecCmd, ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd, ExportStateCmd,
    ImportBlocksCmd, KeySubcommand, PurgeChainCmd, RevertCmd, RunCmd, SignCmd, VanityCmd, VerifyCmd,
};

/// Argument that names the chain.
const CHAIN: &str = "chain";

/// Describes the argument by the chains that this node knows.
fn names_chains(argument: clap::Arg) -> clap::Arg {
    let text = format!("Chain: one of {}, or a chain file. Default: local", chain_spec::names());
    argument.help(text.clone()).long_help(text)
}

/// A subcommand and those below it, in which the argument is described likewise.
fn with_chains(command: clap::Command) -> clap::Command {
    let command = command.mut_subcommands(with_chains);
    let asks = command.get_arguments().any(|argument| argument.get_id() == CHAIN);
    if asks {
        command.mut_arg(CHAIN, names_chains)
    } else {
        command
    }
}

/// Runs a node, or with a subcommand inspects keys, chains and databases.
#[derive(Debug, clap::Parser)]
#[command(
    after_long_help = "\
Examples:
  myelin-node --dev                             one authority, 250 ms blocks, state thrown away at exit
  myelin-node --dev --chain dev-12s             the same in production pace
  myelin-node --chain local --one --base-path a     first of two authorities
  myelin-node --chain local --two --base-path b --port 30334 --rpc-port 9945 --bootnodes ADDRESS
  myelin-node build-spec --chain local3-12s     the chain file to start a network of one's own from",
    mut_arg(CHAIN, names_chains),
    mut_subcommands(with_chains)
)]
pub struct Cli {
    /// An action other than running a node.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// Arguments of a running node.
    #[command(flatten)]
    pub run: RunCmd,

    /// Shortcut for `--name Three --validator`, with the session keys of the third test authority.
    #[arg(long, conflicts_with_all = ["alice", "bob", "charlie", "dave", "eve", "ferdie", "one", "two"])]
    pub three: bool,

    /// Shortcut for `--name Four --validator`, with the session keys of the fourth test authority.
    #[arg(long, conflicts_with_all = ["alice", "bob", "charlie", "dave", "eve", "ferdie", "one", "two", "three"])]
    pub four: bool,

    /// Blocks that finality stays behind the head, as far as this authority's votes go. Official nodes stay 2 behind,
    /// and the waits of official tests are made for that.
    #[arg(long, value_name = "BLOCKS", default_value_t = 0)]
    pub finality_lag: u32,
}

/// Actions other than running a node.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Generates, inspects and inserts keys.
    #[command(subcommand)]
    Key(KeySubcommand),

    /// Signs a message with a (secret) key.
    Sign(SignCmd),

    /// Checks the signature of a message.
    Verify(VerifyCmd),

    /// Searches an account whose address contains a pattern.
    Vanity(VanityCmd),

    /// Writes the chain file of a built-in chain (older spelling of `export-chain-spec`).
    BuildSpec(BuildSpecCmd),

    /// Writes the chain file of a built-in chain.
    ExportChainSpec(ExportChainSpecCmd),

    /// Executes a stored block again.
    CheckBlock(CheckBlockCmd),

    /// Writes blocks to a file.
    ExportBlocks(ExportBlocksCmd),

    /// Writes the state after a block as a chain file.
    ExportState(ExportStateCmd),

    /// Reads blocks from a file.
    ImportBlocks(ImportBlocksCmd),

    /// Removes the database of a chain.
    PurgeChain(PurgeChainCmd),

    /// Goes back by a number of blocks.
    Revert(RevertCmd),

    /// Prints what the database holds.
    ChainInfo(ChainInfoCmd),

    /// Checks that a chain's state is sound: every value decodes, every rao has a place.
    CheckState(CheckStateCmd),

    /// Tries a new runtime on a copy of a chain's state.
    CheckUpgrade(CheckUpgradeCmd),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn help_names_the_chains_that_exist_and_no_others() {
        let mut command = Cli::command();
        command.build();
        let unwrapped = |help: clap::builder::StyledStr| {
            help.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let helps = command.get_subcommands_mut().map(|sub| unwrapped(sub.render_long_help()));
        let with_chain: Vec<_> = helps.filter(|help| help.contains("--chain <")).collect();
        assert!(with_chain.len() > 5, "{} subcommands ask for a chain", with_chain.len());
        for help in with_chain.into_iter().chain([unwrapped(command.render_long_help())]) {
            assert!(!help.contains("staging"), "{help}");
            assert!(help.contains(&chain_spec::names()), "{help}");
        }
    }
}
