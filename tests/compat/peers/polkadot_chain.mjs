// The chain as @polkadot/api sees it, asked by the tests: one JSON request and one JSON answer per line, as in asked.py.

import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

// The packages lie elsewhere; the first argument says where, the second where the node is.
const require = createRequire(process.argv[2] + '/');
const { ApiPromise, Keyring, WsProvider } = require('@polkadot/api');
const { merkleizeMetadata } = require('@polkadot-api/merkleize-metadata');

const FIRST_ENTRIES = 100;
const api = await ApiPromise.create({ provider: new WsProvider(process.argv[3]), noInitWarn: true });
const key = (uri) => new Keyring({ type: 'sr25519' }).addFromUri(uri);
const made = ({ pallet, call, args }) => api.tx[pallet][call](...args.map(nested));
const nested = (arg) => (Array.isArray(arg) ? arg.map(nested) : arg?.call ? made(arg) : arg);
const name = (error) => {
  if (!error.isModule) return error.toString();
  const found = api.registry.findMetaError(error.asModule);
  return `${found.section}.${found.name}: ${found.docs.join(' ')}`;
};


// What a hardware wallet signs: the hash of the metadata that the node hands out.
const metadataHash = async () => {
  const metadata = (await api.call.metadata.metadataAtVersion(15)).unwrap();
  const about = { decimals: api.registry.chainDecimals[0], tokenSymbol: api.registry.chainTokens[0] };
  return `0x${Buffer.from(merkleizeMetadata(metadata.toU8a(true), about).digest()).toString('hex')}`;
};

// A wallet that signs with the hash of the metadata and answers with the whole transaction. `hash` replaces the right one.
const hardwareWallet = (pair, call, hash) => ({
  signPayload: async (asked) => {
    const payload = { ...asked, mode: 1, metadataHash: hash ?? (await metadataHash()), withSignedTransaction: true };
    const signed = api.registry.createType('ExtrinsicPayload', payload, { version: payload.version });
    const { signature } = signed.sign(pair);
    const transaction = api.registry.createType('Extrinsic', call.method, { version: payload.version });
    transaction.addSignature(pair.address, signature, payload);
    return { id: 1, signature, signedTransaction: transaction.toHex() };
  },
});

const functions = {
  metadataHash,

  chain: () => ({
    name: api.runtimeChain.toString(),
    genesis: api.genesisHash.toHex(),
    format: api.registry.chainSS58,
    tokens: api.registry.chainTokens,
    decimals: api.registry.chainDecimals,
    version: api.runtimeVersion.specVersion.toNumber(),
    extensions: api.registry.signedExtensions,
  }),
  constant: ({ pallet, item }) => api.consts[pallet][item].toJSON(),
  query: async ({ pallet, item, keys }) => (await api.query[pallet][item](...keys)).toJSON(),
  runtime: async ({ of, method, args }) => (await api.call[of][method](...args)).toJSON(),

  // Reads something of every storage item, and every constant: how many there are, and what could not be decoded.
  everything: async () => {
    const failed = [];
    const count = { items: 0, entries: 0, constants: 0 };
    for (const [pallet, items] of Object.entries(api.query)) {
      for (const [item, query] of Object.entries(items)) {
        if (!query.creator) continue;
        count.items += 1;
        try {
          if (query.creator.meta.type.isPlain) (await query()).toJSON();
          else for (const [key, value] of await query.entriesPaged({ args: [], pageSize: FIRST_ENTRIES })) {
            count.entries += 1;
            key.args.forEach((arg) => arg.toJSON());
            value.toJSON();
          }
        } catch (error) {
          failed.push(`${pallet}.${item}: ${error}`);
        }
      }
    }
    for (const values of Object.values(api.consts)) count.constants += Object.values(values).map((value) => value.toJSON()).length;
    return { ...count, failed };
  },

  fee: async ({ who, ...call }) => (await made(call).paymentInfo(key(who).address)).partialFee.toNumber(),

  // Signs, sends, waits for a block or its finality; the events of the extrinsic. Where finality follows at once, the package may skip
  // that it is in a block.
  // A `wallet` signs with the hash of the metadata, or with the hash that it names.
  send: ({ who, wait = 'isInBlock', wallet, ...call }) =>
    new Promise((resolve, reject) => {
      const statuses = [];
      const pair = key(who);
      const transaction = made(call);
      const by = wallet
        ? [pair.address, { signer: hardwareWallet(pair, transaction, wallet.hash), withSignedTransaction: true }]
        : [pair];
      transaction
        .signAndSend(...by, ({ status, events, dispatchError, txHash }) => {
          statuses.push(status.type);
          if (dispatchError) reject(name(dispatchError));
          else if (status.isInvalid || status.isDropped || status.isUsurped) reject(status.type);
          else if (status[wait] || status.isFinalized) {
            const told = events.map(({ event }) => ({ name: `${event.section}.${event.method}`, data: event.data.toJSON() }));
            resolve({ block: (status.isFinalized ? status.asFinalized : status.asInBlock).toHex(), hash: txHash.toHex(), statuses, events: told });
          }
        })
        .catch((error) => reject(error.message));
    }),

  // Numbers of the next heads, as a subscription tells them.
  heads: ({ number, finalised }) =>
    new Promise((resolve) => {
      const seen = [];
      const subscribe = finalised ? api.rpc.chain.subscribeFinalizedHeads : api.rpc.chain.subscribeNewHeads;
      const end = subscribe((header) => {
        seen.push(header.number.toNumber());
        if (seen.length === number) end.then((stop) => stop()).then(() => resolve(seen));
      });
    }),

  // The next values of a storage item, as a subscription tells them.
  changes: ({ pallet, item, keys, number }) =>
    new Promise((resolve) => {
      const seen = [];
      const end = api.query[pallet][item](...keys, (value) => {
        seen.push(value.toJSON());
        if (seen.length === number) end.then((stop) => stop()).then(() => resolve(seen));
      });
    }),

  extrinsics: async ({ block }) =>
    (await api.rpc.chain.getBlock(block)).block.extrinsics.map(({ method, signer, isSigned }) => ({
      call: `${method.section}.${method.method}`,
      signer: isSigned ? signer.toString() : null,
    })),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, ...request } = JSON.parse(line);
  let answer;
  try {
    answer = { ok: (await functions[what](request)) ?? null };
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer));
}
await api.disconnect();
process.exit(0);
