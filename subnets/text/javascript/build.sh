#!/usr/bin/env bash
# Builds the JavaScript engine for the sandbox and writes engine.wasm.deflate and engine.txt beside this script. Both are in
# the repository, because every validator must run the same bytes; with --check they are compared instead.
#
# Needs the target wasm32v1-none (scripts/setup.sh), python3, and the compiler that engine.txt names: another one gives other
# bytes. kataan leaves out the operators and functions that need floating-point functions where there is no standard library;
# here they are switched on, with functions.rs in its place.
set -euo pipefail
cd "$(dirname "$0")"
here="$PWD"
work="${CARGO_TARGET_DIR:-$here/target}/javascript"
unset RUSTC_WORKSPACE_WRAPPER CARGO_TARGET_DIR
# Brings the locked sources onto the disk and checks their hashes.
cargo fetch --locked --quiet
source="$(cargo metadata --locked --format-version 1 | python3 -c 'import json, sys
print(next(p["manifest_path"] for p in json.load(sys.stdin)["packages"] if p["name"] == "kataan"))')"

rm -rf "$work/src"
mkdir -p "$work/src/engine"
cp -r "$(dirname "$source")" "$work/src/kataan"
cp -r Cargo.toml Cargo.lock src "$work/src/engine/"
cd "$work/src/kataan"
python3 "$here/switch.py"
cat "$here/functions.rs" >>src/common/mod.rs
printf '\n[dependencies.libm]\nversion = "0.2"\ndefault-features = false\n' >>Cargo.toml

cd "$work/src/engine"
# What is compiled says nothing about where.
export RUSTFLAGS="-Clink-arg=-zstack-size=2097152 --remap-path-prefix=$HOME=/home --remap-path-prefix=$work=/work"
cargo build --offline --release --target wasm32v1-none --target-dir "$work" \
  --config "patch.crates-io.kataan.path=\"$work/src/kataan\""

python3 - "$here" "$work/wasm32v1-none/release/myelin_javascript.wasm" "$(rustc --version)" "${1:-}" <<'PYTHON'
import hashlib, pathlib, sys, zlib

here, wasm, compiler, mode = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
engine = wasm.read_bytes()
digest = hashlib.blake2b(engine, digest_size=32).hexdigest()
facts = f"{digest}\n{compiler}\n"
if mode == "--check":
    known = (here / "engine.txt").read_text()
    if known != facts:
        sys.exit(f"this build is\n{facts}the repository has\n{known}another compiler gives other bytes")
    print("the engine in the repository is what this source gives")
else:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    (here / "engine.wasm.deflate").write_bytes(packer.compress(engine) + packer.flush())
    (here / "engine.txt").write_text(facts)
    print(f"{len(engine)} bytes, {digest}")
PYTHON
