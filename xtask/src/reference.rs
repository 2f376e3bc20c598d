//! The pages that are written by code: parameters and compatibility from their tables, commands from the command line,
//! the index of decisions from their titles.

mod decisions;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use myelin_economy::params::{Call, Cooldown, Parameter, Setter, ACTIONS, NETWORK, SUBNET};

use crate::workspace;

/// Path of the page.
fn path() -> PathBuf {
    workspace::root().join("docs/reference/parameters.md")
}

/// Writes the pages. The page of commands is the built `myelin`'s own description.
pub fn write() -> std::io::Result<Vec<PathBuf>> {
    std::fs::write(path(), page())?;
    let compat = workspace::root().join("docs/reference/compat.md");
    std::fs::write(&compat, myelin_compat::table::page())?;
    let commands = workspace::root().join("docs/reference/commands.md");
    let said = Command::new(workspace::myelin()).arg("reference").output()?;
    if !said.status.success() {
        return Err(std::io::Error::other("`myelin reference` failed; `make build` builds it"));
    }
    std::fs::write(&commands, said.stdout)?;
    let decisions = decisions::path();
    std::fs::write(&decisions, decisions::page()?)?;
    Ok(vec![path(), compat, commands, decisions])
}

/// The page.
fn page() -> String {
    let mut page = String::from(HEAD);
    let live = |rows: &'static [Parameter]| rows.iter().filter(|row| row.live);
    section(&mut page, "Of a subnet", live(SUBNET));
    section(&mut page, "Of the network", live(NETWORK));
    page.push_str("\n## Actions of an owner\n\n| call | index | wait | what it does |\n|---|---|---|---|\n");
    for action in ACTIONS {
        let Call { pallet, name, index } = action.call;
        let wait = cooldown(action.cooldown);
        let _ = writeln!(page, "| `{pallet}.{name}` | {index} | {wait} | {} |", action.meaning);
    }
    page.push_str(DEAD);
    for row in SUBNET.iter().chain(NETWORK).filter(|row| !row.live) {
        let _ = writeln!(page, "| `{}` | {} | {} | {} |", row.name, default(row), calls(row), row.meaning);
    }
    page
}

const HEAD: &str = "# Parameters

Written by `cargo xtask reference` from `core/economy/src/params`; do not edit.

Storage defaults, the checks of the calls, the cool-downs and `myelin subnet set` read the same table. *Storage* is the
name of the item. *Default* is that of production networks; `fast` stands for local networks, `user` for subnets that
users register. *Owner* and *root* are the ranges of those who may set it: `any` is the range of the type, `–` means
not at all. Root does not wait. An owner also changes nothing in the `AdminFreezeWindow` before an epoch and while a
triggered epoch is pending.

While commit-reveal is on, (`RevealPeriodEpochs` + 2) times `Tempo` must be less than `ImmunityPeriod`, so that a miner is
judged before it can be replaced; a call that would break this is refused with `RevealNotBeforeImmunityEnds`.
";

const DEAD: &str = "
## Without effect

Kept because official clients read or set them.

| storage | default | calls | meaning |
|---|---|---|---|
";

fn section(page: &mut String, title: &str, rows: impl Iterator<Item = &'static Parameter>) {
    let _ = write!(
        page,
        "\n## {title}\n\n| name | storage | unit | default | owner | root | wait of the owner | calls | meaning |\n\
         |---|---|---|---|---|---|---|---|---|\n"
    );
    for row in rows {
        let owner = if row.setter == Setter::Owner { range(row, row.range) } else { "–".into() };
        let root = if row.setter == Setter::Nobody { "–".into() } else { range(row, row.root_range) };
        let wait = if row.setter == Setter::Owner { cooldown(row.cooldown) } else { "–".into() };
        let storage = match row.pallet {
            "SubtensorModule" => row.name.to_string(),
            pallet => format!("{pallet}.{}", row.name),
        };
        let _ = writeln!(
            page,
            "| {} | `{storage}` | {} | {} | {owner} | {root} | {wait} | {} | {} |",
            row.title(),
            row.unit.name(),
            default(row),
            calls(row),
            row.meaning,
        );
    }
}

fn default(row: &Parameter) -> String {
    let mut text = row.unit.show(row.default);
    if let Some(fast) = row.fast {
        let _ = write!(text, "; fast {}", row.unit.show(fast));
    }
    if let Some(registered) = row.registered {
        let _ = write!(text, "; user {}", row.unit.show(registered));
    }
    if let Some(registered) = row.registered_fast {
        let _ = write!(text, "; fast user {}", row.unit.show(registered));
    }
    text
}

fn range(row: &Parameter, (min, max): (i128, i128)) -> String {
    let (least, most) = row.kind.bounds();
    let show = |value| row.unit.show(value);
    match (min == least, max == most) {
        (true, true) => "any".into(),
        (false, true) => format!("≥ {}", show(min)),
        (true, false) => format!("≤ {}", show(max)),
        (false, false) => format!("{} – {}", show(min), show(max)),
    }
}

fn cooldown(cooldown: Cooldown) -> String {
    match cooldown {
        Cooldown::None => "none".into(),
        Cooldown::OwnerTempos => "`OwnerHyperparamRateLimit` tempos".into(),
        Cooldown::VersionKeyTempos => "`WeightsVersionKeyRateLimit` tempos".into(),
        Cooldown::Blocks(blocks) => format!("{blocks} blocks"),
        Cooldown::ByProfile { production, fast } => format!("{production} blocks; fast {fast}"),
    }
}

fn calls(row: &Parameter) -> String {
    let all: Vec<String> = row
        .call
        .into_iter()
        .chain(row.owner_call)
        .map(|Call { pallet, name, index }| format!("`{pallet}.{name}` ({index})"))
        .collect();
    if all.is_empty() {
        "–".into()
    } else {
        all.join(", ")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_reference_of_parameters_is_current() {
        let written = std::fs::read_to_string(super::path()).expect("the page is in the repository");
        assert!(
            written == super::page(),
            "docs/reference/parameters.md differs from the table; run `cargo xtask reference`"
        );
    }
}
