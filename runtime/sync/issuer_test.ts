/** What a gateway reads out of the issuer's answers: allowances that hold, each proved once. */
import assert from "node:assert/strict";
import { nodeVault } from "../vault/node.ts";
import { issuerKeyid } from "./contract/signatures.ts";
import type { AccountData } from "./contract/schemas.ts";
import { makeAllowance } from "./contract/tokens.ts";
import { createIssuer } from "./issuer.ts";

const seed = (byte: number) => new Uint8Array(32).fill(byte);
const theirs = nodeVault.signingKey(seed(1));
const allowance = (jti: string, more: { check_in?: string; amount_minor?: number } = {}) =>
  makeAllowance(nodeVault, { keyid: issuerKeyid, privateKey: theirs.privateKey }, {
    iss: "issuer",
    aud: "gateway-1",
    jti,
    store: "harbour",
    account: "ada",
    check_in: "check-in-1",
    amount_minor: 2_000,
    currency: "EUR",
    iat: 1_000,
    exp: 2_000,
    ...more,
  });
const visitWith = (...allowances: string[]) =>
  ({ account: "ada", check_in: "check-in-1", allowances }) as AccountData["visits"][number];

Deno.test("an allowance is proved when it is new, and those that do not hold are left out", () => {
  let proved = 0;
  const vault: typeof nodeVault = {
    ...nodeVault,
    verify: (...given) => (proved++, nodeVault.verify(...given)),
  };
  const clock = { now_ms: () => 0, after: () => () => {} };
  const random = { bytes: (length: number) => new Uint8Array(length) };
  const link = { origin: "http://127.0.0.1:1", fetch: () => Promise.reject(new TypeError("no")) };
  const issuer = createIssuer({ issuer: link, vault, clock, random }, {
    gateway: "gateway-1",
    signing: nodeVault.signingKey(seed(2)),
    sealing: nodeVault.sealingKey(seed(3)),
    issuer: {
      signingPublicKey: theirs.publicKey,
      sealingPublicKey: nodeVault.sealingKey(seed(4)).publicKey,
    },
  });
  const [one, two] = [allowance("a-1"), allowance("a-2")];
  const foreign = allowance("a-3", { check_in: "check-in-2" });
  const before = issuer.readAllowances(visitWith(one, foreign, `${two}x`), []);
  assert.deepEqual(before, [
    { allowance: "a-1", amount_minor: 2_000, expires_ms: 2_000_000, proof: one },
  ]);
  proved = 0;
  assert.deepEqual(issuer.readAllowances(visitWith(one), before), before);
  assert.equal(proved, 0);
  const longer = allowance("a-1", { amount_minor: 1_000 });
  const now = issuer.readAllowances(visitWith(one, longer, foreign), before);
  assert.deepEqual(now.map(({ amount_minor }) => amount_minor), [2_000, 1_000]);
  assert.equal(proved, 2);
});
