/** What a caller learns when asking goes wrong, one way for each kind of trouble. */
import assert from "node:assert/strict";
import { toBase64url, utf8 } from "../../vault/bytes.ts";
import { nodeVault as vault } from "../../vault/node.ts";
import { createIssuerClient } from "./client.ts";
import { IssuerRefusal } from "./port.ts";
import { type ProblemKind, problems, problemType } from "./problems.ts";
import { type RequestParts, signatureLabel, signResponse } from "./signatures.ts";

const issuer = vault.signingKey(new Uint8Array(32).fill(1));
const device = vault.signingKey(new Uint8Array(32).fill(2));
const check_in = { check_in: "visit-1" };

type Answer = { status: number; body: string; key?: Uint8Array; signed?: boolean };

/** A client whose issuer answers as told; its clock is moved by hand. */
function asking(answer: (request: Request) => Answer | Promise<Answer>) {
  const timers = new Set<() => void>();
  const client = createIssuerClient({
    vault,
    link: { origin: "http://issuer.test", fetch },
    clock: {
      now_ms: () => 1_700_000_000_000,
      after: (_, call) => (timers.add(call), () => void timers.delete(call)),
    },
    random: { bytes: (length) => new Uint8Array(length) },
    signer: { keyid: "device:alice", privateKey: device.privateKey },
    issuerPublicKey: issuer.publicKey,
  });
  async function fetch(request: Request): Promise<Response> {
    const { url, method, headers } = request;
    const body = new Uint8Array(await request.arrayBuffer());
    const parts: RequestParts = { url, method, headers, body };
    const said = await answer(request);
    const response = { status: said.status, headers: new Headers(), body: utf8(said.body) };
    const signer = { keyid: "issuer", privateKey: said.key ?? issuer.privateKey };
    if (said.signed !== false) {
      signResponse(vault, signer, 1_700_000_000, response, parts, signatureLabel(headers));
    }
    return new Response(response.body, response);
  }
  return { client, timeOut: () => [...timers].forEach((call) => call()), timers };
}

const leave = (answer: (request: Request) => Answer | Promise<Answer>) =>
  asking(answer).client.call("leave", { path: check_in });
const problem = (kind: ProblemKind) => ({
  status: problems[kind][0],
  body: JSON.stringify({ type: problemType(kind), title: kind, status: problems[kind][0] }),
});

Deno.test("a good answer is parsed, and what was asked is signed and complete", async () => {
  const seen: string[] = [];
  const { client } = asking((request) => {
    seen.push(`${request.method} ${request.url} ${request.headers.get("idempotency-key")}`);
    return { status: 200, body: '{"receipts":[]}' };
  });
  const answer = await client.call("receipts", { query: { after: 3 }, key: "k-1" });
  assert.deepEqual(answer, {
    receipts: [],
    refusals: [],
    approvals_waiting: 0,
    ages_asked: 0,
    content_latest: 0,
    account_changes: 0,
  });
  assert.deepEqual(seen, ['GET http://issuer.test/v1/receipts?after=3 "k-1"']);
  await assert.rejects(client.call("leave"), TypeError);
});

Deno.test("nothing of a request that is over stays with its caller's signal", async () => {
  const life = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  Object.assign(life.signal, {
    addEventListener: (...args: Parameters<EventTarget["addEventListener"]>) => {
      listeners++;
      addEventListener.apply(life.signal, args);
    },
    removeEventListener: (...args: Parameters<EventTarget["removeEventListener"]>) => {
      listeners--;
      removeEventListener.apply(life.signal, args);
    },
  });
  const asked = { path: check_in, signal: life.signal };
  const { client } = asking(() => ({ status: 200, body: JSON.stringify(check_in) }));
  await client.call("leave", asked);
  await assert.rejects(asking(() => problem("internal")).client.call("leave", asked));
  await assert.rejects(asking(() => Promise.reject(new Error("cut"))).client.call("leave", asked));
  assert.equal(listeners, 0);
});

Deno.test("the issuer's own no is the last word, with its kind", async () => {
  await assert.rejects(leave(() => problem("check_in_unknown")), (error: unknown) => {
    assert.ok(error instanceof IssuerRefusal);
    assert.deepEqual([error.kind, error.problem], ["issuer_refused", "check_in_unknown"]);
    assert.match(error.message, /^check_in_unknown: /);
    return true;
  });
  await assert.rejects(leave(() => problem("signature_stale")), { kind: "unauthorised" });
});

Deno.test("whatever leaves the outcome open is to be tried again", async () => {
  const open: (() => Answer | Promise<Answer>)[] = [
    () => Promise.reject(new TypeError("connection refused")),
    () => problem("internal"),
    () => problem("overloaded"),
    () => problem("stopping"),
    () => problem("idempotency_in_progress"),
    () => problem("payment_busy"),
    () => ({ status: 502, body: "<html>", signed: false }),
    () => ({ status: 404, body: "{}", signed: false }),
    () => ({ ...problem("check_in_unknown"), signed: false }),
    () => ({ ...problem("check_in_unknown"), key: device.privateKey }),
    () => ({ status: 200, body: '{"check_in":"visit-1"}', key: device.privateKey }),
    () => ({ status: 200, body: '{"something":"else"}' }),
    () => ({ status: 200, body: "no json" }),
  ];
  for (const answer of open) {
    await assert.rejects(leave(answer), { kind: "issuer_unreachable" }, answer.toString());
  }
});

Deno.test("no answer in time is no answer, and a caller may give up", async () => {
  const never = ({ signal }: Request) =>
    new Promise<Answer>((_, reject) => {
      const end = () => reject(new TypeError("aborted"));
      if (signal.aborted) end();
      else signal.addEventListener("abort", end);
    });
  const slow = asking(never);
  const late = slow.client.call("leave", { path: check_in });
  await Promise.resolve();
  slow.timeOut();
  await assert.rejects(late, { kind: "issuer_unreachable" });
  assert.equal(slow.timers.size, 0);

  const caller = new AbortController();
  const given = asking(never);
  const up = given.client.call("leave", { path: check_in, signal: caller.signal });
  caller.abort();
  await assert.rejects(up, { kind: "stopped" });
  assert.equal(given.timers.size, 0);
});

Deno.test("the first contact learns keys that sign for themselves, and no others", async () => {
  const keys = (key: Uint8Array) =>
    JSON.stringify({
      signing_public_key: toBase64url(key),
      sealing_public_key: toBase64url(issuer.publicKey),
    });
  const first = (body: string) => {
    const link = {
      origin: "http://issuer.test",
      fetch(request: Request) {
        const response = { status: 200, headers: new Headers(), body: utf8(body) };
        const parts = { url: request.url, method: "GET", headers: request.headers };
        const signer = { keyid: "issuer", privateKey: issuer.privateKey };
        signResponse(vault, signer, 1, response, { ...parts, body: utf8("") }, undefined);
        return Promise.resolve(new Response(response.body, response));
      },
    };
    const clock = { now_ms: () => 0, after: () => () => {} };
    const random = { bytes: (length: number) => new Uint8Array(length) };
    return createIssuerClient({ link, vault, clock, random }).call("keys");
  };
  const learned = await first(keys(issuer.publicKey));
  assert.equal(learned.signing_public_key, toBase64url(issuer.publicKey));
  await assert.rejects(first(keys(device.publicKey)), { kind: "issuer_unreachable" });
});
