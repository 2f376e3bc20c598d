#!/usr/bin/env bash
# A fresh local chain for the official client suites, which start it by LOCALNET_SH_PATH=scripts/localnet.sh USE_DOCKER=0.
#
# usage: localnet.sh [True|False]    True (default): 250 ms blocks; False: 12 s blocks
#
# Listens on 9944 and 9945, which the suites expect, or on MYELIN_LOCALNET_PORTS; prints the node's log, so also
# "Imported #1" once the first block is there; ends on SIGTERM. The next start removes what this one stored, so that it
# ends at once. Finality is two blocks behind the head as on official nodes: the suites wait for it and count on the
# blocks that pass meanwhile (decision 0030).
set -euo pipefail
case "${1:-True}" in
  True) chain=dev ;;
  False) chain=dev-12s ;;
  *) echo "usage: localnet.sh [True|False]    True (default): 250 ms blocks; False: 12 s blocks" >&2; exit 2 ;;
esac
node="${MYELIN_NODE:-${MYELIN_CACHE:-$HOME/.cache/myelin}/chain-target/debug/myelin-node}"
[ -x "$node" ] || { echo "localnet: no node at $node; run \`make build\`, or set MYELIN_NODE" >&2; exit 1; }
read -r first second <<< "${MYELIN_LOCALNET_PORTS:-9944 9945}"
for port in "$first" "$second"; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo "localnet: port $port is taken, by another node? End the program that listens there; the suites know no other ports than 9944 and 9945" >&2
    exit 1
  fi
done
# What ended nodes of this user left. A node holds the lock of its folder for as long as it lives.
for left in "${TMPDIR:-/tmp}"/myelin-localnet-??????; do
  if [ -d "$left" ] && [ ! -L "$left" ] && [ -O "$left" ]; then
    flock --nonblock "$left/lock" rm -rf "$left" &
  fi
done
state=$(mktemp -d "${TMPDIR:-/tmp}/myelin-localnet-XXXXXX")
exec 9> "$state/lock"
flock 9
exec "$node" --dev --base-path "$state" --chain "$chain" --no-prometheus --disable-log-color --finality-lag 2 \
  --listen-addr /ip4/127.0.0.1/tcp/0 \
  --experimental-rpc-endpoint "listen-addr=127.0.0.1:$first,max-response-size=64" \
  --experimental-rpc-endpoint "listen-addr=127.0.0.1:$second,max-response-size=64" 2>&1
