//! Keys of an authority, as files of the node's keystore.
//!
//! A file is named by the kind of key and the public key in hexadecimal digits, and holds the secret as a JSON string.
//! The node reads what is there when it starts. No secret is printed, and none is taken from the command line.

use std::io::{IsTerminal, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use myelin_abi::calls::session::{SessionKeys, SetKeys};
use myelin_abi::Account;
use myelin_units::TaoBalance;
use myelin_wallet::{files::write_private, Keypair, Mnemonic};
use myelin_wire::hash::{from_hex, to_hex};
use myelin_wire::{ed25519, ss58, AccountId};
use serde::Serialize;
use serde_json::json;

use super::authorities::stored_keys;
use super::files::{private_folder, NodeFiles};
use crate::commands::connect;
use crate::keys::word;
use crate::output::{self, at, brief, fail, tao, Failure, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// Longest secret that is read.
const MOST_BYTES: u64 = 4_096;

/// Work on keys.
#[derive(Subcommand)]
pub enum Keys {
    /// Makes the two keys of an authority and the node's network key, and shows their addresses.
    #[command(
        after_help = "Examples:\n  myelin node keys new\n  myelin node keys new --id mynet     before there is a chain file"
    )]
    New(KeyFolder),
    /// Puts a secret into the keystore, read from standard input.
    #[command(after_help = "Example:\n  myelin node keys insert aura < aura.secret")]
    Insert(Insert),
    /// Shows the keys of the keystore.
    List(KeyFolder),
    /// Announces the two keys on the chain as those of the wallet's coldkey or hotkey, which block fees go to.
    ///
    /// Root can then make the coldkey an authority (`myelin node authorities appoint`). A hotkey can be elected one
    /// (`myelin election join`). The chain holds a deposit.
    #[command(after_help = "Examples:\n  myelin node keys announce --wallet operator\n  \
                            myelin node keys announce --use-hotkey --wallet operator --hotkey validator")]
    Announce(Box<Announce>),
}

/// Where keys are kept.
#[derive(Args)]
pub struct KeyFolder {
    #[command(flatten)]
    files: NodeFiles,
    /// The chain's short name in place of its file, which is made from the addresses of the first authorities.
    #[arg(long, conflicts_with = "chain_file")]
    id: Option<String>,
}

impl KeyFolder {
    /// The folder of the chain, after a check that the base path holds no other one.
    fn open(&self) -> Result<PathBuf, Failure> {
        match &self.id {
            Some(id) => self.files.open_for(id),
            None => self.files.open().map(|chain| self.files.folder(&chain.id)),
        }
    }
}

/// Which secret.
#[derive(Args)]
pub struct Insert {
    /// The purpose of the key: aura writes blocks, grandpa finalises them.
    kind: Kind,
    /// The place of secrets in other tools; refused with the reason.
    #[arg(long, hide = true, aliases = ["secret", "mnemonic", "seed"])]
    suri: Option<String>,
    #[command(flatten)]
    folder: KeyFolder,
}

/// Which keys, and whose they are.
#[derive(Args)]
pub struct Announce {
    #[command(flatten)]
    folder: KeyFolder,
    /// Announce them as the hotkey's, for elections: it signs, and the deposit is on its account.
    #[arg(long)]
    use_hotkey: bool,
    #[command(flatten)]
    by: Sender,
}

/// The purpose of an authority's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Writes blocks: sr25519.
    Aura,
    /// Finalises blocks: ed25519.
    #[value(alias = "gran")]
    Grandpa,
}

/// A key that a node has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    /// `aura`, `grandpa` or `network`.
    pub kind: &'static str,
    /// Its address; of the network key the peer id.
    pub address: String,
    /// Where its secret lies.
    file: PathBuf,
    /// The fault of the file.
    pub problem: Option<String>,
}

#[cfg(test)]
impl Key {
    pub fn for_tests(kind: &'static str, problem: Option<&str>) -> Self {
        Key { kind, address: String::new(), file: PathBuf::new(), problem: problem.map(Into::into) }
    }
}

impl Keys {
    /// Makes, takes, lists or announces keys.
    pub async fn run(self, global: &Global) -> Outcome {
        let folder = match self {
            Keys::New(folder) => {
                let folder = folder.open()?;
                new(&folder)?;
                folder
            }
            Keys::Insert(Insert { kind, suri, folder }) => {
                if suri.is_some() {
                    return fail(format!(
                        "every process of this machine can read a command line, so no secret is taken from it: \
                         `myelin node keys insert {}` reads it from standard input",
                        kind.name()
                    ));
                }
                let folder = folder.open()?;
                kind.parse(&read_secret(kind)?)?.write(&keystore(&folder))?;
                folder
            }
            Keys::List(folder) => folder.open()?,
            Keys::Announce(announce) => return announce.run(global).await,
        };
        let found = found(&folder)?;
        let mut table = output::table(&["kind", "address", "file"], 3).with_whole_addresses();
        for key in &found {
            let file = key.file.display();
            let file = key.problem.as_ref().map_or(file.to_string(), |problem| format!("{file}: {problem}"));
            table.add_row([key.kind, &key.address, &file]);
        }
        if found.is_empty() && !global.json {
            return fail(format!(
                "there are no keys in {}; `myelin node keys new` makes them",
                keystore(&folder).display()
            ));
        }
        output::show(global, &found, &table)
    }
}

impl Announce {
    async fn run(self, global: &Global) -> Outcome {
        let folder = self.folder.open()?;
        let (aura, grandpa) = (only(&folder, Kind::Aura)?, only(&folder, Kind::Grandpa)?);
        let account = match self.use_hotkey {
            true => self.by.acting_hotkey(global)?,
            false => self.by.account(global)?,
        };
        let chain = connect(global).await?;
        let keys = SessionKeys { aura: aura.public, grandpa: grandpa.public };
        let [shown_aura, shown_grandpa] = [keys.aura, keys.grandpa].map(|key| ss58::encode(&key));
        let before = stored_keys(&chain, &account).await?;
        let deposit = match before {
            Some(before) if before == keys => {
                return fail(format!(
                    "{} has announced these keys already; nothing was sent",
                    brief(&account)
                ))
            }
            Some(_) => "in place of its former ones".to_owned(),
            None => {
                let held = TaoBalance::from_rao(chain.constant("Session", "KeyDeposit").await?);
                self.can_pay(chain.balance(&account).await?, held, &account)?;
                format!("with a deposit of {}", tao(held))
            }
        };
        let what = format!(
            "announcing {shown_aura} (aura) and {shown_grandpa} (grandpa) as the keys of {}, {deposit}",
            brief(&account)
        );
        let proof = [aura.owned_by(&account)?, grandpa.owned_by(&account)?].concat();
        let (call, own) = (SetKeys { keys, proof }, output::address(&account));
        let value = json!({ "account": own, "aura": shown_aura, "grandpa": shown_grandpa });
        let (order, done) = match self.use_hotkey {
            true => (
                Order::of_hotkey(&call, what),
                "announced; `myelin election join` makes the hotkey a candidate".to_owned(),
            ),
            false => (
                Order::new(&call, what),
                format!(
                    "announced; the root key makes it an authority with `myelin node authorities appoint`, which names \
                     all of them, and {own} among them"
                ),
            ),
        };
        self.by.carry_out(global, &chain, order, &done, value).await
    }

    /// Refuses if the account of a hotkey, which usually has no TAO, cannot pay the deposit and a fee.
    fn can_pay(&self, free: TaoBalance, deposit: TaoBalance, account: &Account) -> Outcome {
        if !self.use_hotkey || free > deposit {
            return Ok(());
        }
        let own = output::address(account);
        let pay =
            format!("`myelin wallet transfer --to {own} --amount 1 --wallet {}`", word(self.by.keys.name()));
        fail(format!(
            "hotkey {own} has {}, and the deposit is {} beside a fee; {pay} gives it some; nothing was sent",
            tao(free),
            tao(deposit)
        ))
    }
}

/// The only key of this kind in the keystore.
fn only(folder: &Path, kind: Kind) -> Result<Secret, Failure> {
    let keys = found(folder)?;
    let mut keys = keys.iter().filter(|key| key.kind == kind.name());
    let keystore = keystore(folder);
    match (keys.next(), keys.next()) {
        (Some(key), None) => {
            let text = std::fs::read_to_string(&key.file).map_err(at(&key.file))?;
            let text: String = serde_json::from_str(&text)?;
            kind.parse(&text)
        }
        (None, _) => fail(format!(
            "there is no {} key in {}; `myelin node keys new` makes it",
            kind.name(),
            keystore.display()
        )),
        _ => fail(format!(
            "there are several {} keys in {}, and an authority has one; move the others away",
            kind.name(),
            keystore.display()
        )),
    }
}

/// Makes the keys that are missing.
fn new(folder: &Path) -> Outcome {
    let found = found(folder)?;
    let is_there = |kind: &Kind| found.iter().any(|key| key.kind == kind.name());
    let missing: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| !is_there(kind)).collect();
    if let (Some(key), []) = (found.iter().find(|key| key.kind != "network"), &missing[..]) {
        return fail(format!(
            "{} has the {} key {} already; `myelin node keys list` shows all",
            keystore(folder).display(),
            key.kind,
            key.address
        ));
    }
    let fresh = |kind: Kind| {
        let seed = Mnemonic::generate(24)?.seed(None);
        kind.parse(&format!("0x{}", to_hex(&seed[..])))
    };
    let keys = missing.into_iter().map(fresh).collect::<Result<Vec<_>, Failure>>()?;
    keys.iter().try_for_each(|key| key.write(&keystore(folder)))?;
    ensure_network_key(folder)
}

/// A secret and where it belongs.
struct Secret {
    kind: Kind,
    public: AccountId,
    /// The secret from which the node derives the key.
    text: String,
}

impl Kind {
    const ALL: [Kind; 2] = [Kind::Aura, Kind::Grandpa];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Aura => "aura",
            Kind::Grandpa => "grandpa",
        }
    }

    /// How the node's keystore calls it.
    fn in_files(self) -> &'static [u8; 4] {
        match self {
            Kind::Aura => b"aura",
            Kind::Grandpa => b"gran",
        }
    }

    /// Reads a secret: 0x and 64 digits, or words; with a path behind them for Aura only.
    fn parse(self, text: &str) -> Result<Secret, Failure> {
        let text = text.trim();
        let (public, text) = match self {
            Kind::Aura => (Keypair::from_uri(text)?.public(), text.to_owned()),
            Kind::Grandpa => {
                let seed = match text.strip_prefix("0x") {
                    Some(digits) => from_hex(digits).ok_or_else(|| {
                        Failure::new("a secret behind 0x has 64 hexadecimal digits; this one has others")
                    })?,
                    None if text.contains('/') => {
                        return fail(
                            "a grandpa key is given by its words or its seed (0x and 64 digits), without a path; \
                             `myelin-node key inspect --scheme ed25519` shows the seed of one with a path",
                        )
                    }
                    None => *Mnemonic::parse(text)?.seed(None),
                };
                (ed25519::public_of_seed(&seed), format!("0x{}", to_hex(&seed)))
            }
        };
        Ok(Secret { kind: self, public, text })
    }
}

impl Secret {
    /// The signature by which the chain sees that an account may use this key.
    fn owned_by(&self, account: &Account) -> Result<[u8; 64], Failure> {
        let statement = [b"POP_", &account.0[..]].concat();
        Ok(match self.kind {
            Kind::Aura => Keypair::from_uri(&self.text)?.sign(&statement),
            Kind::Grandpa => {
                let seed = self.text.strip_prefix("0x").and_then(from_hex);
                let seed = seed.ok_or_else(|| Failure::new("a grandpa key is kept as its seed"))?;
                ed25519::sign(&seed, &statement)
            }
        })
    }

    fn write(&self, keystore: &Path) -> Outcome {
        private_folder(keystore)?;
        let name = to_hex(self.kind.in_files()) + &to_hex(&self.public);
        let path = keystore.join(name);
        write_private(&path, serde_json::to_string(&self.text)?.as_bytes(), false).map_err(at(&path))
    }
}

fn read_secret(kind: Kind) -> Result<String, Failure> {
    if std::io::stdin().is_terminal() {
        let prompt = format!("Secret of the {} key: ", kind.name());
        return rpassword::prompt_password(prompt).map_err(Failure::from);
    }
    let mut text = String::new();
    std::io::stdin().take(MOST_BYTES).read_to_string(&mut text)?;
    match text.trim().is_empty() {
        true => fail("there is no secret on standard input: words, or 0x and 64 digits"),
        false => Ok(text),
    }
}

/// The keystore of a node, after a check that its base path holds no other chain.
pub fn keystore_in(files: &NodeFiles) -> Result<PathBuf, Failure> {
    files.open().map(|chain| keystore(&files.folder(&chain.id)))
}

fn keystore(folder: &Path) -> PathBuf {
    folder.join("keystore")
}

fn network_key(folder: &Path) -> PathBuf {
    folder.join("network").join("secret_ed25519")
}

/// Makes the key by which other nodes know this one, unless there is one. A node that is no authority makes it by
/// itself.
pub fn ensure_network_key(folder: &Path) -> Outcome {
    let path = network_key(folder);
    if path.exists() {
        return Ok(());
    }
    private_folder(&folder.join("network"))?;
    let seed = Mnemonic::generate(24)?.seed(None);
    write_private(&path, to_hex(&seed[..]).as_bytes(), false).map_err(at(&path))
}

/// The keys in the folder of a chain.
pub fn found(folder: &Path) -> Result<Vec<Key>, Failure> {
    let mut keys = Vec::new();
    let keystore = keystore(folder);
    match std::fs::read_dir(&keystore) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(at(&keystore)(error)),
        Ok(entries) => {
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let kind = Kind::ALL.into_iter().find_map(|kind| {
                    let public = name.strip_prefix(&to_hex(kind.in_files()))?;
                    Some((kind.name(), ss58::encode(&from_hex(public)?)))
                });
                if let Some((kind, address)) = kind {
                    keys.push(Key { kind, address, problem: problem(&entry.path()), file: entry.path() });
                }
            }
        }
    }
    keys.sort_by(|one, other| (one.kind, &one.address).cmp(&(other.kind, &other.address)));
    let file = network_key(folder);
    if let Ok(bytes) = std::fs::read(&file) {
        if let Some(address) = peer_id(&bytes) {
            keys.push(Key { kind: "network", address, problem: problem(&file), file });
        }
    }
    Ok(keys)
}

fn problem(file: &Path) -> Option<String> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| format!("others on this machine can read it; chmod 600 {}", file.display()))
}

/// The peer id of a network key, which lies in its file as 32 bytes or as 64 digits.
fn peer_id(secret: &[u8]) -> Option<String> {
    let seed = match <[u8; 32]>::try_from(secret) {
        Ok(seed) => seed,
        Err(_) => from_hex(std::str::from_utf8(secret).ok()?.trim())?,
    };
    // A multihash of the kind `identity`, 36 bytes: the key's kind (ed25519) and its 32 bytes as protobuf has them.
    let mut id = vec![0x00, 0x24, 0x08, 0x01, 0x12, 0x20];
    id.extend(ed25519::public_of_seed(&seed));
    Some(bs58::encode(id).into_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";

    #[test]
    fn words_and_seeds_give_the_keys_of_official_tools() {
        // The development phrase, as `subkey inspect` shows it with both schemes.
        let aura = Kind::Aura.parse(&format!("{WORDS}//Alice\n")).expect("a secret");
        assert_eq!(ss58::encode(&aura.public), "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
        let seed = "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e";
        let grandpa = [WORDS, seed].map(|text| Kind::Grandpa.parse(text).expect("a secret"));
        for key in grandpa {
            let public = "345071da55e5dccefaaa440339415ef9f2663338a38f7da0df21be5ab4e055ef";
            assert_eq!((to_hex(&key.public).as_str(), key.text.as_str()), (public, seed));
        }
        for (kind, wrong) in [
            (Kind::Grandpa, "//Alice"),
            (Kind::Grandpa, "0x12"),
            (Kind::Aura, "twelve words that are none"),
            (Kind::Grandpa, ""),
        ] {
            assert!(kind.parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn peer_ids_are_those_of_the_local_networks() {
        let mut seed = [0; 32];
        seed[31] = 1;
        let known = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
        assert_eq!(peer_id(&seed).as_deref(), Some(known));
        assert_eq!(peer_id(to_hex(&seed).as_bytes()).as_deref(), Some(known));
        assert_eq!(peer_id(b"nothing"), None);
    }

    #[test]
    fn keys_lie_in_files_for_their_owner_alone_and_are_found_again() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(found(folder.path()).expect("none"), []);
        let key = Kind::Aura.parse("//One").expect("a secret");
        key.write(&keystore(folder.path())).expect("written");
        ensure_network_key(folder.path()).expect("made");
        let keys = found(folder.path()).expect("two");
        assert_eq!(keys.iter().map(|key| key.kind).collect::<Vec<_>>(), ["aura", "network"]);
        assert!(keys.iter().all(|key| key.problem.is_none()), "{keys:?}");
        let before = std::fs::read(network_key(folder.path())).expect("a key");
        ensure_network_key(folder.path()).expect("there is one");
        assert_eq!(std::fs::read(network_key(folder.path())).expect("a key"), before);

        // The name of an official tool, its content, and what it takes for a node to read it.
        let file = &keys[0].file;
        let name = "61757261ac859f8a216eeb1b320b4c76d118da3d7407fa523484d0a980126d3b4d0d220a";
        assert!(file.ends_with(name), "{file:?}");
        assert_eq!(std::fs::read_to_string(file).expect("read"), "\"//One\"");
        assert!(key.write(&keystore(folder.path())).is_err(), "nothing is overwritten");
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).expect("opened");
        let open = found(folder.path()).expect("two");
        assert!(open[0].problem.as_ref().is_some_and(|why| why.contains("chmod 600")), "{open:?}");
    }
}
