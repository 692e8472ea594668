/**
 * The reference issuer as a process: the real clock and chance, a file, a port, and an orderly end
 * by a signal or with its parent. Everything else is `issuer(world)`.
 */
import { join } from "node:path";
import { RuntimeError } from "../../runtime/errors.ts";
import { makePrivateFile } from "../../runtime/journal/private_file.ts";
import { consoleLog as log, realClock as clock, realRandom as random } from "../../runtime/real.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import { enrolSite } from "../enrol/site.ts";
import { inputLines } from "../input_lines.ts";
import type { AgeProofs } from "./age_proofs.ts";
import { type IssuerFlags, parseIssuerFlags, usage } from "./flags.ts";
import { issuer } from "./issuer.ts";
import { type AccountKeys, openAccountKeys } from "./store/account_keys.ts";
import { type AcquirerBook, openAcquirerBook } from "./store/acquirer_book.ts";
import { syncsApart } from "./store/log_sync.ts";
import { openIssuerStore } from "./store/sqlite.ts";
import { issuerLimits as limits } from "./limits.ts";
import { testAcquirer } from "./test_acquirer.ts";

/** How long open requests may take to end once the issuer stops. */
const patience_ms = 1_000;

async function adminKey(flags: IssuerFlags, input: AsyncIterator<string>): Promise<string> {
  const file = flags.adminKeyFile ?? join(flags.data, "admin.key");
  const from = flags.adminKeyStdin ? "the standard input" : file;
  const key = flags.adminKeyStdin
    ? String((await input.next()).value ?? "")
    : await keyFrom(file, flags.adminKeyFile === undefined);
  if (!/^[\w-]{16,200}$/.test(key.trim())) {
    throw new RuntimeError(
      "usage",
      `${from} holds no administrator's key: give 16 to 200 letters, digits, - or _`,
    );
  }
  return key.trim();
}

async function keyFrom(file: string, make: boolean): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (!make || !(error instanceof Deno.errors.NotFound)) throw error;
    const key = toBase64url(random.bytes(32));
    await Deno.writeTextFile(file, `${key}\n`, { createNew: true, mode: 0o600 });
    return key;
  }
}

/** The authorities whose identity documents prove an age; undefined when no file names any. */
async function readAuthorities(folder: string): Promise<AgeProofs | undefined> {
  let roots: string;
  try {
    roots = await Deno.readTextFile(join(folder, "age-authorities.pem"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  // Only where it is wanted: it brings a library of its own.
  const { mdocAgeProofs } = await import("./mdoc.ts");
  return mdocAgeProofs(roots);
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new RuntimeError(
      "disk_failed",
      `cannot make the folder ${folder} (${reasonOf(error)}): name another with --data`,
    );
  }
}

type Handler = (request: Request, by: { from: string }) => Response | Promise<Response>;

function serve(flags: IssuerFlags, handler: Handler) {
  try {
    const { host: hostname, port } = flags;
    return Deno.serve(
      { hostname, port, onListen: () => {} },
      (request, { remoteAddr }) => handler(request, { from: remoteAddr.hostname }),
    );
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new RuntimeError(
      "port_busy",
      `port ${flags.port} on ${flags.host} is in use: free it, or name another with --port`,
    );
  }
}

async function run(flags: IssuerFlags): Promise<void> {
  const input = inputLines();
  const site = flags.enrol === undefined ? undefined : await enrolSite(flags.enrol);
  await makeFolder(flags.data);
  const settings = { ...flags.settings, adminKey: await adminKey(flags, input) };
  const file = join(flags.data, "issuer.sqlite");
  makePrivateFile(file);
  const keys = join(flags.data, "account-keys.sqlite");
  makePrivateFile(keys);
  const deeds = join(flags.data, "acquirer.sqlite");
  makePrivateFile(deeds);
  const store = openIssuerStore(file, {
    gather: syncsApart(clock, limits.syncs_apart_ms),
    onLost(error) {
      console.error(explain(error));
      Deno.exit(1);
    },
  });
  let accountKeys: AccountKeys | undefined;
  let book: AcquirerBook | undefined;
  try {
    accountKeys = openAccountKeys(keys);
    book = openAcquirerBook(deeds);
    const ageProofs = await readAuthorities(flags.data);
    const world = {
      clock,
      random,
      vault: nodeVault,
      store,
      accountKeys,
      acquirer: testAcquirer({ book, clock }),
      ...(ageProofs ? { ageProofs } : {}),
      log,
      settings,
    };
    const house = issuer(world);
    const handler: Handler = (request, by) => site?.(request) ?? house.app.fetch(request, by);
    const server = serve(flags, handler);
    const asked = askedToStop(flags.withParent ? input : undefined);
    house.start();
    const name = flags.host.includes(":") ? `[${flags.host}]` : flags.host;
    const url = `http://${name}:${server.addr.port}`;
    console.log(`issuer: listening on ${url}`);
    if (site !== undefined) console.log(`issuer: shoppers enrol at ${url}/enrol/`);
    await asked;
    await within(Promise.all([house.stop(), server.shutdown()]));
  } finally {
    book?.close();
    accountKeys?.close();
    await store.close();
  }
}

/** Resolves at the first signal, or when the parent is gone. */
function askedToStop(input: AsyncIterator<string> | undefined): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, resolve);
    if (input) drained(input).then(resolve, () => resolve());
  });
}

async function drained(input: AsyncIterator<string>): Promise<void> {
  while (!(await input.next()).done);
}

function within(work: Promise<unknown>): Promise<unknown> {
  return Promise.race([work, new Promise((resolve) => clock.after(patience_ms, () => resolve(0)))]);
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}

/** One line: the cause, and the way out where it is known. */
function explain(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return `issuer: not permitted (${
      reasonOf(error)
    }): run deploy/issuer/main.ts with --allow-net, ` +
      "--allow-read and --allow-write for what was named";
  }
  return `issuer: ${reasonOf(error)}`;
}

if (import.meta.main) {
  try {
    const flags = parseIssuerFlags(Deno.args);
    if (flags) await run(flags);
    else console.log(usage);
    Deno.exit(0);
  } catch (error) {
    console.error(explain(error));
    Deno.exit(1);
  }
}
