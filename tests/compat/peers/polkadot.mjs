// The keys of polkadot.js, asked by the tests: one JSON request and one JSON answer per line, as in asked.py.

import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

// The packages lie elsewhere; the first argument says where.
const require = createRequire(process.argv[2] + '/');
const { Keyring } = require('@polkadot/keyring');
const { cryptoWaitReady, mnemonicGenerate } = require('@polkadot/util-crypto');
await cryptoWaitReady();

const ring = (type = 'sr25519') => new Keyring({ type, ss58Format: 42 });
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));

const functions = {
  address: ({ uri }) => ring().addFromUri(uri).address,
  words: ({ number }) => mnemonicGenerate(number),
  sign: ({ uri, message }) => '0x' + Buffer.from(ring().addFromUri(uri).sign(bytes(message))).toString('hex'),
  verify: ({ address, message, signature }) =>
    ring().addFromAddress(address).verify(bytes(message), bytes(signature.slice(2)), ring().decodeAddress(address)),
  export: ({ uri, password, type }) => JSON.stringify(ring(type).addFromUri(uri).toJson(password)),
  open: ({ json, password }) => {
    const pair = ring().createFromJson(JSON.parse(json));
    pair.decodePkcs8(password);
    return { address: pair.address, signature: '0x' + Buffer.from(pair.sign(bytes('00'))).toString('hex') };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...request } = JSON.parse(line);
  let answer;
  try {
    answer = { ok: functions[name](request) };
  } catch (error) {
    answer = { error: String(error) };
  }
  console.log(JSON.stringify(answer));
}
