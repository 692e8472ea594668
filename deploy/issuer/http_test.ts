/** The issuer's face to strangers: bad input, false signatures, a full disk, strange files. */
// long because whatever comes from outside is tried here once
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { RuntimeError } from "../../runtime/errors.ts";
import { problemKind } from "../../runtime/sync/contract/problems.ts";
import { routes } from "../../runtime/sync/contract/routes.ts";
import { type Signer, signRequest } from "../../runtime/sync/contract/signatures.ts";
import { utf8 } from "../../runtime/vault/bytes.ts";
import { nodeVault as vault } from "../../runtime/vault/node.ts";
import { openapiFile, openapiText } from "../issuer_openapi.ts";
import { parseIssuerFlags } from "./flags.ts";
import { issuerLimits } from "./limits.ts";
import { openIssuerStore } from "./store/sqlite.ts";
import { comeIn, saleTo } from "./testing/stories.ts";
import { newShopper, openShop, origin, type Town, town } from "./testing/town.ts";

let nonces = 0;

/** A request as somebody with a key, and a mind of his own, would send it. */
async function send(place: Town, path: string, body: string | undefined, options: {
  signer?: Signer;
  type?: string;
  method?: string;
  change?: (headers: Headers) => void;
  /** How far the sender's clock is behind. */
  behind_s?: number;
} = {}) {
  const { signer, behind_s = 0, method = "POST", type = "application/json" } = options;
  const headers = new Headers(body === undefined ? {} : { "content-type": type });
  const parts = { method, url: `${origin}${path}`, headers, body: utf8(body ?? "") };
  const made = {
    created_s: Math.floor(place.clock.now_ms() / 1000) - behind_s,
    nonce: `n-${++nonces}`,
  };
  if (signer) signRequest(vault, signer, made, parts);
  options.change?.(headers);
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  const answer = await place.issuer.app.request(parts.url, init);
  const text = await answer.text();
  assert.equal(/\bat .+:\d+:\d+/.test(text), false, "no stack");
  const problem = answer.ok ? "" : problemKind(JSON.parse(text).type) ?? "";
  return { status: answer.status, problem, headers: answer.headers, text, sent: init };
}

type Sent = Awaited<ReturnType<typeof send>>;

/** Each kind of bad request, and what is to be said of it. */
function badRequests(place: Town, signer: Signer): [string, number, Promise<Sent>][] {
  const big = JSON.stringify({ payment: "x".repeat(issuerLimits.request_bytes) });
  return [
    ["not_found", 404, send(place, "/v1/nowhere", "{}")],
    ["method_not_allowed", 405, send(place, "/v1/captures", undefined, { method: "GET" })],
    ["signature_missing", 401, send(place, "/v1/captures", "{}")],
    ["body_too_large", 413, send(place, "/v1/captures", big, { signer })],
    ["request_invalid", 400, send(place, "/v1/captures", "{", { signer })],
    ["request_invalid", 400, send(place, "/v1/captures", "null", { signer })],
    ["request_invalid", 400, send(place, "/v1/captures", '{"payment":"a b"}', { signer })],
    [
      "request_invalid",
      400,
      send(place, "/v1/feed?after=-1", undefined, { signer, method: "GET" }),
    ],
    [
      "request_invalid",
      400,
      send(place, "/v1/ledger?after=x", undefined, {
        signer,
        method: "GET",
      }),
    ],
    [
      "content_type_unsupported",
      415,
      send(place, "/v1/captures", "{}", {
        signer,
        type: "text/plain",
      }),
    ],
    ["content_type_unsupported", 415, send(place, "/v1/captures", undefined, { signer })],
    [
      "idempotency_key_missing",
      400,
      send(
        place,
        "/v1/reversals",
        '{"payment":"p","reason":"r"}',
        { signer },
      ),
    ],
  ];
}

Deno.test("bad requests are problems of one sentence, and signed all the same", async () => {
  const place = await town();
  const { signer } = await openShop(place);
  for (const [problem, status, answering] of badRequests(place, signer)) {
    const answer = await answering;
    assert.deepEqual([answer.problem, answer.status], [problem, status], answer.text);
    assert.equal(answer.headers.get("content-type"), "application/problem+json");
    assert.match(answer.headers.get("signature") ?? "", /^saunter=:/);
    assert.equal(answer.text.includes("\n"), false);
  }
});

Deno.test("a signature lets one request through once, and only on its own routes", async () => {
  const place = await town();
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const { signer } = shop;
  const body = JSON.stringify({ hardware_ids: [shop.beacon] });
  const first = await send(place, "/v1/beacons", body, { signer });
  assert.equal(first.status, 200);
  const again = await place.issuer.app.request(`${origin}/v1/beacons`, first.sent);
  assert.equal(problemKind((await again.json()).type), "signature_replayed");

  const as = async (path: string, other: Signer, change?: (headers: Headers) => void) =>
    (await send(place, path, body, { signer: other, ...(change ? { change } : {}) })).problem;
  assert.equal(await as("/v1/beacons", ada.signer), "key_unknown");
  assert.equal(await as("/v1/check-ins", signer), "key_unknown");
  assert.equal(await as("/v1/beacons", { ...signer, keyid: "gateway:none" }), "key_unknown");
  assert.equal(
    await as("/v1/beacons", { ...ada.signer, keyid: signer.keyid }),
    "signature_wrong",
  );
  assert.equal(
    await as("/v1/beacons", signer, (headers) => headers.delete("content-digest")),
    "digest_wrong",
  );
  assert.equal(
    await as("/v1/beacons", signer, (headers) => headers.set("signature-input", "x")),
    "signature_malformed",
  );
  const stale = await send(place, "/v1/beacons", body, { signer, behind_s: 121 });
  assert.equal(stale.problem, "signature_stale");
});

Deno.test("a full disk is a plain answer, and what was answered is still there", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "issuer" });
  try {
    const store = openIssuerStore(`${folder}/a.sqlite`, { max_bytes: 560_000 });
    const place = await town({ store });
    const shop = await openShop(place);
    const fill = async () => {
      for (let number = 1; number < 2_000; number += 1) {
        await shop.client.call("reverse", {
          key: `k-${number}`,
          body: { payment: `p-${number}`, reason: "x".repeat(200) },
        });
      }
    };
    await assert.rejects(fill(), (error: unknown) => {
      assert.ok(error instanceof RuntimeError && error.kind === "issuer_unreachable");
      assert.match(error.message, /disk is full/);
      return true;
    });
    const { payments } = await shop.client.call("ledger");
    assert.ok(payments.length > 10);
    assert.equal(place.logged.every((line) => !line.includes("\n")), true);
    await store.close();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

/** What creates the file's tables and indexes, after these statements. */
function schemaIn(path: string, statements: string): string[] {
  const file = new DatabaseSync(path);
  file.exec(statements);
  const rows = file.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY sql")
    .all();
  file.close();
  // However the lines are broken: a column that came later stands on another's.
  return rows.map(({ sql }) => String(sql).replaceAll(/\s*([(),])\s*/g, "$1"));
}

Deno.test("a file of a format before becomes one of the present, with all it holds", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "issuer" });
  try {
    const path = `${folder}/a.sqlite`;
    const store = openIssuerStore(path);
    const merchant = { merchant: "m", name: "Market" };
    store.transaction(() => store.tables.merchant.insert(merchant));
    await store.kept();
    await store.close();
    const schema = schemaIn(path, "");
    assert.equal(schema.length > 60, true);
    /** What each format brought, the last first. */
    const brought = [
      "ALTER TABLE payment DROP COLUMN instrument",
      "DROP TABLE party",
      "DROP INDEX refund_waiting",
      "DROP TABLE age_question",
      "DROP INDEX dispute_undecided",
      "DROP TABLE tally",
    ];
    const fileOf = (format: number) =>
      [...brought.slice(0, 17 - format), `PRAGMA user_version = ${format}`].join("; ");
    for (const format of [16, 15, 14, 13, 12]) {
      assert.notDeepEqual(schemaIn(path, fileOf(format)), schema);
      openIssuerStore(path).close();
      assert.deepEqual(schemaIn(path, ""), schema);
    }
    assert.deepEqual(schemaIn(path, fileOf(11)), [
      ...schema.filter((one) =>
        !/dispute_undecided|tally|age_question|refund_waiting|"?party"?/.test(one)
      ).map((one) => one.replace(",instrument TEXT)", ")")),
    ]);
    const after = openIssuerStore(path);
    assert.deepEqual({ ...after.tables.merchant.get("m") }, merchant);
    const row = { name: "n", slot: 1, count: 2, until_ms: 3 };
    after.transaction(() => after.tables.tally.insert(row));
    await after.kept();
    await after.close();
    const again = openIssuerStore(path);
    assert.deepEqual({ ...again.tables.tally.get("n", 1) }, row);
    await again.close();
    assert.deepEqual(schemaIn(path, ""), schema);
    const older = new DatabaseSync(path);
    older.exec("PRAGMA user_version = 10");
    older.close();
    assert.throws(() => openIssuerStore(path), { kind: "data_version" });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("files that are not an issuer's are refused in one line", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "issuer" });
  try {
    const path = `${folder}/a.sqlite`;
    const kindOf = () => {
      try {
        openIssuerStore(path).close();
        return "opened";
      } catch (error) {
        assert.ok(error instanceof RuntimeError);
        assert.equal(error.message.includes("\n"), false);
        assert.ok(error.message.includes(path));
        return error.kind;
      }
    };
    assert.equal(kindOf(), "opened");
    const store = openIssuerStore(path);
    assert.equal(kindOf(), "busy");
    await store.close();
    const later = new DatabaseSync(path);
    later.exec("PRAGMA user_version = 99");
    later.close();
    assert.equal(kindOf(), "data_version");
    Deno.writeTextFileSync(path, "this is no database, whatever its name may say ".repeat(99));
    assert.equal(kindOf(), "data_corrupt");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("no secret is in what the issuer says of its troubles", async () => {
  const place = await town();
  const shop = await openShop(place);
  const ada = await newShopper(place, 1, "test_unreachable");
  const { check_in, tokens, nonce } = await comeIn(place, shop, ada, 1);
  const sale = saleTo(place, check_in, tokens[0] ?? "");
  await assert.rejects(shop.client.call("authorise", { key: "k", body: sale }));
  assert.equal(place.logged.length, 1);
  for (const secret of [tokens[0] ?? "", nonce, "the-administrators-key"]) {
    assert.equal(place.logged.join().includes(secret), false);
  }
});

Deno.test("the OpenAPI document is the repository's, and names every route", async () => {
  const text = await openapiText();
  assert.equal(
    JSON.stringify(JSON.parse(readFileSync(openapiFile, "utf8"))),
    JSON.stringify(JSON.parse(text)),
    "issuer/openapi.json is old: deno run --allow-read --allow-write deploy/issuer_openapi.ts",
  );
  const { paths } = JSON.parse(text);
  for (const { method, path } of Object.values(routes)) {
    assert.ok(paths[path]?.[method.toLowerCase()], `${method} ${path}`);
  }
});

Deno.test("flags are understood, or refused with the way out", () => {
  const flags = parseIssuerFlags(["--port", "0", "--data", "d", "--lease", "30", "--with-parent"]);
  assert.deepEqual(
    [flags?.port, flags?.data, flags?.settings.lease_ms, flags?.withParent],
    [0, "d", 30_000, true],
  );
  assert.equal(parseIssuerFlags(["--help"]), undefined);
  for (
    const args of [
      ["--nonsense"],
      ["--port", "70000"],
      ["--port", "x"],
      ["--rotation", "16"],
      ["stray"],
      ["--admin-key-stdin", "--admin-key-file", "f"],
    ]
  ) {
    assert.throws(() => parseIssuerFlags(args), (error: unknown) => {
      assert.ok(error instanceof RuntimeError && error.kind === "usage");
      assert.match(error.message, /^[^\n]+; see --help$/);
      return true;
    });
  }
});
