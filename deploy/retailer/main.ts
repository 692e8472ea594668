/** The reference retailer as a process: the real clock and chance, a file, a port, and an orderly
 * end by a signal. Everything else is `retailer(world)`. */
import { parseArgs } from "node:util";
import type { Log } from "../../runtime/world.ts";
import { sampleCatalogue } from "./catalogue.ts";
import { Ledger } from "./ledger.ts";
import { retailer } from "./retailer.ts";

const usage = "usage: deno task retailer [--port 8491] [--store store-1]";
/** Units of everything when the shop opens for the first time. */
const opening_stock = 100;

const log: Log = (level, message, fields) => {
  console.error(JSON.stringify({ at: new Date().toISOString(), level, message, ...fields }));
};

function flags(): { readonly port: number; readonly store: string } {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: { port: { type: "string" }, store: { type: "string" } },
      strict: true,
    });
    const port = Number(values.port ?? 8_491);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError("no such port");
    return { port, store: values.store ?? "store-1" };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    Deno.exit(1);
  }
}

const { port, store } = flags();
await Deno.mkdir("data", { recursive: true, mode: 0o700 });
const ledger = new Ledger("data/retailer.sqlite", sampleCatalogue, opening_stock);
const handler = retailer({
  clock: {
    now_ms: () => Date.now(),
    after(delay_ms, call) {
      const timer = setTimeout(call, delay_ms);
      return () => clearTimeout(timer);
    },
  },
  random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
  log,
  ledger,
  catalogue: sampleCatalogue,
  stores: [store],
  requests_per_second: 200,
});
const server = Deno.serve({
  hostname: "127.0.0.1",
  port,
  onListen: ({ port: open }) => console.log(`retailer of ${store} on http://127.0.0.1:${open}`),
}, (request) => handler.fetch(request));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => void server.shutdown());
}
await server.finished;
ledger.close();
Deno.exit(0);
