/**
 * How much memory a shopper in mid-sale takes: a visit that is reserved and its payment with two
 * candidates, which waits for the issuer, each with its timer, in the engine's memory. A process of
 * its own measures it, so that nothing else is on the heap. Prints bytes a visit.
 */
import type { Journal } from "../../../runtime/journal/journal.ts";
import { limits } from "../../../runtime/limits.ts";
import type { Address } from "../../../actors/messages.ts";
import { engineOn } from "./durable.ts";
import { policy, saleOpened, selected, visitOpened } from "./sale.ts";

/** Each waits for the issuer, of whom only so many may. */
const visits = limits.outbox;

/** A journal that keeps nothing, since what is on the disk is not on the heap. */
const forgetful: Journal = {
  head: { position: 0, turn: 0, at_ms: 0, feed_cursor: 0, starts: 1 },
  commit() {},
  actor: () => undefined,
  liveActors: () => [],
  history: () => [],
  outbox: () => [],
  messages: () => [],
  addresses: () => [],
  close() {},
};

function collect(): number {
  const { gc } = globalThis as unknown as { gc(): void };
  for (let times = 0; times < 4; times++) gc();
  return Deno.memoryUsage().heapUsed;
}

async function main(): Promise<void> {
  const engine = engineOn(forgetful);
  engine.start();
  const before = collect();
  for (let visit = 0; visit < visits; visit++) {
    // As they come in: what comes over the network is its own text; the lane's policy and what
    // perception says of itself is one for all.
    const fresh = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));
    const at_ms = Date.now();
    const to = (kind: string) => `${kind}/${kind[0]}${visit}` as Address;
    await engine.post(to("visit"), fresh(visitOpened(`v${visit}`, at_ms)));
    const opened = saleOpened(`p${visit}`, `v${visit}`, at_ms);
    await engine.post(to("payment"), { ...opened, policy, sale: fresh(opened.sale) });
    await engine.post(to("payment"), fresh(selected(`v${visit}`)));
  }
  const bytes = (collect() - before) / visits;
  const views = engine.views("payment").filter((view) => view.state === "awaiting_authorisation");
  if (views.length < visits) {
    throw new Error("the payments are not where they should be");
  }
  console.log(JSON.stringify({ bytes }));
  await engine.stop();
}

if (import.meta.main) await main();
