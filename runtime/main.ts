/**
 * The real world: the machine's clock, chance, disk, network and terminal, handed to a gateway.
 */
// long because every port of the real world is filled here
import { join } from "node:path";
import { setImmediate } from "node:timers";
import { z } from "zod";
import type { Devices } from "../hardware/ports.ts";
import { HardwareError } from "../hardware/errors.ts";
import { aisleSecret, type Config, posKey } from "./config.ts";
import { RuntimeError } from "./errors.ts";
import { Shelf } from "./content/shelf.ts";
import { openContentStore } from "./content/sqlite.ts";
import { type Gateway, gateway } from "./gateway.ts";
import { measureLag } from "./http/lag.ts";
import { listen, type Listener } from "./http/listen.ts";
import type { Journal } from "./journal/journal.ts";
import { makePrivateFile } from "./journal/private_file.ts";
import { openSqliteJournal } from "./journal/sqlite.ts";
import { assertLimits } from "./limits.ts";
import { announceKeys, enrolGateway } from "./sync/issuer.ts";
import { type GatewayIdentity, newIdentity, readIdentity, writeIdentity } from "./sync/identity.ts";
import { readCode } from "./perception/code_reader.ts";
import { nodeVault } from "./vault/node.ts";
import { type OperatorRecord, operatorRecord } from "./vault/pins.ts";
import { consoleLog, fineClock, realClock, realRandom } from "./real.ts";
import type { IssuerLink, Log, Perception, RetailerLink } from "./world.ts";

export { consoleLog, fineClock, realClock, realRandom };

/** The issuer over the network. */
export function issuerOver(origin: string): IssuerLink {
  return {
    origin,
    async fetch(request) {
      try {
        return await fetch(request);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new RuntimeError(
          "issuer_unreachable",
          `no answer from ${origin} (${reason}): start the issuer, or correct its address`,
        );
      }
    },
  };
}

/** The retailer's own system over the network. */
function retailerOver(origin: string, key: string | undefined): RetailerLink {
  return {
    origin,
    ...(key === undefined ? {} : { key }),
    async fetch(request) {
      try {
        return await fetch(request);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new RuntimeError(
          "retailer_unreachable",
          `no answer from the retailer at ${origin} (${reason}): start it, or correct its address`,
        );
      }
    },
  };
}

/** Makes the data folder, for this user alone. */
export async function openDataFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new RuntimeError(
      "disk_failed",
      `cannot make the data folder ${folder}: ${reasonOf(error)}; name another with --data`,
    );
  }
}

const operatorsFile = (folder: string) => join(folder, "operators.json");

/** Those who may sign in at this store's lanes; nobody where none was added. Throws `RuntimeError`
 * `data_corrupt`, `disk_failed`. */
export async function storedOperators(folder: string): Promise<OperatorRecord[]> {
  const path = operatorsFile(folder);
  try {
    return z.array(operatorRecord).parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new RuntimeError(
      "data_corrupt",
      `${path} holds no operators: remove it, and add them with \`deno task operator add NAME\``,
    );
  }
}

/** Keeps the operators, for this user alone, in place of those before. */
export async function keepOperators(
  folder: string,
  operators: readonly OperatorRecord[],
): Promise<void> {
  const path = operatorsFile(folder);
  try {
    await Deno.writeTextFile(`${path}.new`, JSON.stringify(operators, null, 2), { mode: 0o600 });
    await Deno.rename(`${path}.new`, path);
  } catch (error) {
    throw new RuntimeError("disk_failed", `cannot write ${path}: ${reasonOf(error)}`);
  }
}

const identityFile = (folder: string) => join(folder, "identity.json");

/** Undefined when this gateway has not been enrolled. */
export async function storedIdentity(folder: string): Promise<GatewayIdentity | undefined> {
  const path = identityFile(folder);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new RuntimeError("disk_failed", `cannot read ${path}: ${reasonOf(error)}`);
  }
  const identity = readIdentity(nodeVault, text);
  if (identity) return identity;
  throw new RuntimeError(
    "data_corrupt",
    `${path} holds no gateway identity: restore it, or remove it and enrol with a new code`,
  );
}

/** Exchanges keys with the issuer for a one-time code, and keeps them. */
export async function enrol(
  folder: string,
  gatewayId: string,
  issuerOrigin: string,
  code: string,
): Promise<GatewayIdentity> {
  const enrolled = await enrolGateway(
    issuerWorld(issuerOrigin),
    newIdentity(nodeVault, realRandom, gatewayId),
    code,
  );
  const identity = { ...enrolled, made_at_ms: realClock.now_ms() };
  keepIdentity(folder, identity);
  return identity;
}

/** New keys for a gateway, announced to the issuer and kept in place of the old ones. Where the
 * issuer does not answer the old ones stay, and count on. */
export async function turnKeys(
  folder: string,
  identity: GatewayIdentity,
  issuerOrigin: string,
): Promise<GatewayIdentity> {
  const next = newIdentity(nodeVault, realRandom, identity.gateway);
  await announceKeys(issuerWorld(issuerOrigin), identity, next);
  const turned = { ...next, issuer: identity.issuer, made_at_ms: realClock.now_ms() };
  keepIdentity(folder, turned);
  return turned;
}

const issuerWorld = (origin: string) => ({
  clock: realClock,
  random: realRandom,
  vault: nodeVault,
  issuer: issuerOver(origin),
});

/** On the disk when it returns: once the new keys have signed, the old ones open nothing. */
function keepIdentity(folder: string, identity: GatewayIdentity): void {
  const path = identityFile(folder);
  try {
    using file = Deno.openSync(`${path}.new`, {
      write: true,
      create: true,
      truncate: true,
      mode: 0o600,
    });
    const text = new TextEncoder().encode(writeIdentity(identity));
    for (let at = 0; at < text.length;) at += file.writeSync(text.subarray(at));
    file.syncSync();
    Deno.renameSync(`${path}.new`, path);
    using place = Deno.openSync(folder);
    place.syncSync();
  } catch (error) {
    throw new RuntimeError("disk_failed", `cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** The text of a file that is not larger than it may be. */
function readBounded(path: string, most_bytes: number): string {
  let size: number;
  try {
    ({ size } = Deno.statSync(path));
    if (size <= most_bytes) return Deno.readTextFileSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.name : "unreadable";
    throw new RuntimeError(
      "config_invalid",
      `cannot read ${path} (${reason}): correct content in the configuration, or put it there`,
    );
  }
  throw new RuntimeError(
    "config_invalid",
    `${path} has ${size} bytes, and at most ${most_bytes} are read: make several files of it`,
  );
}

/** What the store's displays show; undefined where it has no catalogue. */
function openShelf(config: Config, log: Log): Shelf | undefined {
  const { catalogue, files } = config.content;
  if (catalogue === undefined) return undefined;
  const path = join(config.data, "content.sqlite");
  makePrivateFile(path);
  const store = openContentStore(path);
  try {
    return new Shelf({ catalogue, files, readText: readBounded, store, log });
  } catch (error) {
    store.close();
    throw error;
  }
}

export interface RunOptions {
  readonly config: Config;
  readonly identity: GatewayIdentity;
  readonly devices: Devices;
  readonly perception: Perception;
  readonly log?: Log;
}

export interface RunningGateway {
  readonly gateway: Gateway;
  /** e.g. `http://127.0.0.1:8480` */
  readonly url: string;
  /** Resolves when something broke that stops the gateway. */
  readonly failed: Promise<Error>;
  stop(): Promise<void>;
}

/** What a walk-out aisle needs of the world besides. */
function aisleWorld({ aisle }: Config) {
  if (aisle === undefined) return {};
  const key = aisleSecret(aisle.retailer.key_file, (path) => Deno.readTextFileSync(path));
  return { retailer: retailerOver(aisle.retailer.url, key), readCode };
}

/** The gateway's journal. What is open already is closed when it fails. */
function openJournal(config: Config, content: Shelf | undefined): Journal {
  const file = join(config.data, "gateway.sqlite");
  makePrivateFile(file);
  try {
    return openSqliteJournal(file);
  } catch (error) {
    content?.close();
    throw error;
  }
}

/** Opens the journal, starts the gateway and listens. Whatever fails leaves nothing running. */
export async function runGateway(options: RunOptions): Promise<RunningGateway> {
  assertLimits();
  const { config, identity, devices, perception } = options;
  const log = options.log ?? consoleLog;
  const key = posKey(config, (path) => Deno.readTextFileSync(path));
  const operators = await storedOperators(config.data);
  const content = openShelf(config, log);
  const journal = openJournal(config, content);
  const meter = measureLag(fineClock);
  const store = gateway({
    clock: realClock,
    random: realRandom,
    vault: nodeVault,
    journal,
    issuer: issuerOver(config.issuer.url),
    devices,
    perception,
    log,
    ...aisleWorld(config),
    soon: (call) => void setImmediate(call),
  }, {
    config,
    identity,
    operators,
    lag: meter.lag,
    ...(content === undefined ? {} : { content }),
    ...(key === undefined ? {} : { posKey: key }),
  });
  let listener: Listener | undefined;
  try {
    listener = await listen(store.app, config.http);
    await store.start();
  } catch (error) {
    meter.stop();
    await listener?.close();
    await store.stop();
    throw error;
  }
  const open = listener;
  return {
    gateway: store,
    url: open.url,
    failed: store.engine.failed,
    async stop() {
      meter.stop();
      await open.close();
      await store.stop();
    },
  };
}

/** One line for people: what went wrong and the way out, never a stack. */
export function explain(error: unknown): string {
  if (error instanceof RuntimeError || error instanceof HardwareError) return error.message;
  return reasonOf(error);
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
