/** The reference retailer as a process: the real clock and chance, a file, a port, and an orderly
 * end by a signal or with its parent. Everything else is `retailer(world)` and its postman. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { consoleLog, realClock as clock, realRandom as random } from "../../runtime/real.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import type { Log } from "../../runtime/world.ts";
import { inputLines } from "../input_lines.ts";
import { sampleCatalogue } from "./catalogue.ts";
import { Ledger } from "./ledger.ts";
import { retailer } from "./retailer.ts";
import { Postman } from "./service.ts";

const usage = `deno task retailer [options]
  --port N               where to listen on this machine (8491; 0 takes a free one)
  --store ID             the store that asks (store-1)
  --data DIR             where its books are kept (data/retailer; the task may write in data/ alone)
  --service URL          where finished trips are priced and charged, such as http://127.0.0.1:8490;
                         without it they wait
  --merchant ID          who it is to the service (retailer)
  --connector-key-file FILE
                         holds the key that gateways present; without it none is wanted
  --welcome              whoever is not known becomes a customer when he first comes
  --admin-key-stdin      the first line of the standard input is the key with which the shop's own
                         people sign shoppers up
  --with-parent          stop when the standard input ends
  --help`;
/** Units of everything when the shop opens for the first time. */
const opening_stock = 10_000;

/** Without a line for each trip that was posted. */
const log: Log = (level, message, fields) => {
  if (level !== "info") consoleLog(level, message, fields);
};

function flags() {
  const text = { type: "string" } as const;
  const yes = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      port: text,
      store: text,
      data: text,
      service: text,
      merchant: text,
      "connector-key-file": text,
      welcome: yes,
      "admin-key-stdin": yes,
      "with-parent": yes,
      help: yes,
    },
    strict: true,
  });
  const port = Number(values.port ?? 8_491);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError("--port takes a whole number from 0 to 65535");
  }
  return { ...values, port };
}

function postmanOf(
  { service, merchant = "retailer" }: ReturnType<typeof flags>,
  ledger: Ledger,
  { checkouts, settled }: ReturnType<typeof retailer>,
): Postman | undefined {
  const signing = nodeVault.signingKey(ledger.seed(() => random.bytes(32)));
  console.log(`retailer: signs as retailer:${merchant} with ${toBase64url(signing.publicKey)}`);
  if (service === undefined) return undefined;
  return new Postman({
    clock,
    random,
    log,
    ledger,
    checkouts,
    settled,
    service: {
      origin: new URL(service).origin,
      signer: { keyid: `retailer:${merchant}`, privateKey: signing.privateKey },
      vault: nodeVault,
      fetch: (request) => fetch(request),
    },
  });
}

async function run(given: ReturnType<typeof flags>): Promise<void> {
  const { store = "store-1", data = "data/retailer", port, welcome } = given;
  const input = inputLines();
  const admin_key = given["admin-key-stdin"]
    ? String((await input.next()).value ?? "").trim()
    : undefined;
  const file = given["connector-key-file"];
  const connector_key = file === undefined
    ? undefined
    : (await Deno.readTextFile(file)).split("\n", 1)[0]?.trim();
  await Deno.mkdir(data, { recursive: true, mode: 0o700 });
  const ledger = new Ledger(join(data, "retailer.sqlite"), sampleCatalogue, opening_stock);
  const shop = retailer({
    clock,
    random,
    log,
    ledger,
    catalogue: sampleCatalogue,
    stores: [store],
    requests_per_second: 200,
    vault: nodeVault,
    welcome,
    ...(admin_key ? { admin_key } : {}),
    ...(connector_key ? { connector_key } : {}),
  });
  const postman = postmanOf(given, ledger, shop);
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port,
    onListen: ({ port: open }) =>
      console.log(`retailer: store ${store}, listening on http://127.0.0.1:${open}`),
  }, (request) => shop.fetch(request));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => void server.shutdown());
  }
  if (given["with-parent"]) {
    (async () => {
      while (!(await input.next()).done);
    })().then(() => server.shutdown(), () => server.shutdown());
  }
  postman?.start();
  await server.finished;
  await postman?.stop();
  ledger.close();
}

try {
  const given = flags();
  if (given.help) console.log(usage);
  else await run(given);
  Deno.exit(0);
} catch (error) {
  console.error(`retailer: ${error instanceof Error ? error.message.split("\n", 1)[0] : error}`);
  Deno.exit(1);
}
