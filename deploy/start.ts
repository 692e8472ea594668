/**
 * Starts a store: the issuer, unless one runs already, and the gateway, each in a process of its
 * own with just the permissions it needs. Ends them when told to, and says how it went.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { RuntimeError } from "../runtime/errors.ts";
import { toBase64url } from "../runtime/vault/bytes.ts";
import { explain, realRandom } from "../runtime/main.ts";
import type { Config } from "../runtime/config.ts";
import { parseStart, type StartOptions, usage } from "./start/options.ts";
import { configFor, type Orders } from "./start/orders.ts";
import { type Child, startChild } from "./start/child.ts";
import { isReal } from "./start/needs.ts";
import { gatewayPermissions } from "./start/permissions.ts";
import { type Comings, outageOf, playOutage } from "./start/outage.ts";
import {
  bringsRetailer,
  type ServiceSetting,
  startIssuer,
  startRetailer,
} from "./start/services.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the user stands: a task runs in the project's folder and tells where it was called. */
function workingFolder(): string {
  return Deno.env.get("INIT_CWD") ?? Deno.cwd();
}

async function keyIn(file: string): Promise<string> {
  try {
    return (await Deno.readTextFile(file)).trim();
  } catch (error) {
    const reason = error instanceof Error ? error.name : "unreadable";
    throw new RuntimeError("usage", `cannot read ${file} (${reason}): check --admin-key-file`);
  }
}

/** The store goes on without its issuer or its retailer: lanes say that they are offline. */
function tellOfItsEnd(
  service: Child,
  what: string,
  without: string,
  expected: () => boolean,
): void {
  service.ended.then(({ code, signal }) => {
    if (expected()) return;
    console.error(
      `the ${what} has ended (${signal ?? `code ${code}`}): ${without}; ` +
        "stop the store and start it again, it goes on where it was",
    );
  });
}

async function startStore(
  config: Config,
  options: StartOptions,
  begun: (child: Child) => void,
  keys: Pick<Orders, "admin_key" | "retailer_key">,
) {
  const store = startChild({
    name: "gateway",
    root,
    script: "deploy/store.ts",
    // Only that configuration names the native library.
    ...(config.perception.backend === "node" ? { config: "deploy/native/deno.json" } : {}),
    permissions: gatewayPermissions(config, root),
    args: [],
  });
  begun(store);
  const orders: Orders = {
    config,
    seed: options.seed,
    ...(options.for_ms === undefined ? {} : { for_ms: options.for_ms }),
    ...keys,
  };
  await store.say(JSON.stringify(orders));
  return store;
}

/** The issuer is the first of the children; the store stays the last, which is stopped first. */
function comingsOf(
  children: (Child | undefined)[],
  services: ServiceSetting,
  adminKey: string,
  asked: () => boolean,
): Comings {
  return {
    async go() {
      const [issuer] = children.splice(0, 1, undefined);
      await issuer?.end();
    },
    async comeBack() {
      if (asked()) return false;
      const begun = (child: Child) => {
        children[0] = child;
        if (asked()) child.stop();
      };
      const issuer = await startIssuer({ ...services, begun }, adminKey);
      if (issuer) {
        tellOfItsEnd(issuer, "issuer", "nothing can be charged", asked);
      }
      return issuer !== undefined;
    },
  };
}

function sayKilled(signal: Deno.Signal): void {
  console.error(
    `the gateway was ended by ${signal}; start it again and it goes on where it was`,
  );
}

function configOf(options: StartOptions): Config {
  return configFor(options, {
    root,
    cwd: workingFolder(),
    readText: (path) => Deno.readTextFileSync(path),
  });
}

async function run(options: StartOptions): Promise<number> {
  const config = configOf(options);
  const children: (Child | undefined)[] = [];
  let asked = false;
  const stop = () => {
    asked = true;
    children.at(-1)?.stop();
  };
  const begun = (child: Child) => {
    children.push(child);
    // Asked while it was being started.
    if (asked) child.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
  try {
    // A real store has an issuer already: nothing but a demonstration brings its own.
    const brings = options.issuer === undefined && !isReal(config);
    const adminKey = brings
      ? toBase64url(realRandom.bytes(32))
      : options.adminKeyFile && await keyIn(resolve(workingFolder(), options.adminKeyFile));
    const services = { root, config, begun };
    const failed = async () => asked ? 0 : (await children.at(-1)!.ended).code;
    if (brings) {
      const issuer = await startIssuer(services, adminKey!);
      if (issuer === undefined) return await failed();
      tellOfItsEnd(
        issuer,
        "issuer",
        "nothing can be charged",
        () => asked || issuer !== children[0],
      );
    }
    const retailer = bringsRetailer(config) && !asked ? await startRetailer(services) : "none";
    if (retailer === undefined) return await failed();
    if (retailer !== "none") {
      tellOfItsEnd(retailer.child, "retailer", "the gates of the aisle stay closed", () => asked);
    }
    if (asked) return 0;
    const store = await startStore(config, options, begun, {
      ...(adminKey === undefined ? {} : { admin_key: adminKey }),
      ...(retailer === "none" ? {} : { retailer_key: retailer.key }),
    });
    const outage = brings && outageOf(options.for_ms);
    if (outage) playOutage(store, outage, comingsOf(children, services, adminKey!, () => asked));
    const ended = await store.ended;
    if (ended.signal && !asked) sayKilled(ended.signal);
    return ended.code;
  } finally {
    asked = true;
    for (const child of children.reverse()) await child?.end();
  }
}

if (import.meta.main) {
  try {
    const options = parseStart(Deno.args);
    if (!options) console.log(usage);
    else Deno.exitCode = await run(options);
  } catch (error) {
    console.error(explain(error));
    Deno.exitCode = 1;
  }
  Deno.exit();
}
