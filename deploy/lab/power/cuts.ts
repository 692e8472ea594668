/**
 * Power cuts: a machine in which a store sells is taken its power in the middle, and booted again
 * with the same disk. Tills and phones go on meanwhile; at the end all books are held against each
 * other, and against every answer that a till ever got.
 */
import { realClock } from "../../../runtime/main.ts";
import { settled } from "../../kill/run.ts";
import { Shop } from "../../kill/shop.ts";
import { isClean, judge, type Verdict } from "../../kill/verdict.ts";
import { makeDisk } from "../machine.ts";
import { PoweredStore } from "./powered.ts";

export interface PowerOptions {
  readonly built: string;
  readonly cuts: number;
  readonly print: (line: string) => void;
}

/** Sales that end between a start and the cut that follows, at the least and the most. */
const soonest = 2;
const latest = 10;
/** As people are before a machine that is emulated: nobody asks it many times a second. */
const pace = { scan_ms: [100, 500], look_ms: 500, recognise_ms: 300_000 } as const;
const phones = { receipt_interval_ms: 5_000 };
/** The cut comes so long after the last of them at most: in the middle of whatever is under way. */
const lingers_ms = 1_500;
/** What tills may take to end their last sales, and the gateway to settle what is left. */
const closing_ms = 240_000;
const settling_ms = 180_000;

const sleep = (delay_ms: number) =>
  new Promise<void>((resolve) => void realClock.after(delay_ms, resolve));

/** How many boots found everything, and how many did not. */
export async function powerCuts(
  options: PowerOptions,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const { built, cuts, print } = options;
  const seed = String(Math.floor(Math.random() * 2 ** 31));
  const disk = await makeDisk();
  const store = new PoweredStore({ built, disk: disk.path, print });
  try {
    const verdict = await Promise.race([play(store, seed, options), store.failed]);
    if (isClean(verdict)) return { passed: cuts + 1, failed: 0 };
    for (const [kind, findings] of Object.entries(verdict)) {
      for (const finding of findings) print(`${kind}: ${finding}`);
    }
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
  } finally {
    await store.cut();
    store.close();
    await disk.remove();
  }
  print(`seed ${seed} failed`);
  return { passed: 0, failed: 1 };
}

async function play(
  store: PoweredStore,
  seed: string,
  { cuts, print }: PowerOptions,
): Promise<Verdict> {
  await store.start();
  const { config } = store;
  const shop = await Shop.settle({ seed, config, pace, phones, tell: (word) => store.tell(word) });
  try {
    store.onAir = (word) => shop.air.send(word.hardware_id, word.code, word.until_ms);
    shop.showAll();
    shop.open();
    for (let cut = 1; cut <= cuts; cut++) {
      await busy(shop);
      await store.cut();
      print(`cut ${cut}: ${shop.acknowledged.length} answers, ${shop.sales.length} sales ended`);
      await store.start();
      shop.showAll();
    }
    await busy(shop);
    const waiting_tills = await shop.close(closing_ms);
    const { unsettled, outbox, busy: lanes } = await settled(store, settling_ms);
    const { gateway, issuer } = await store.ask("books");
    const receipts = await shop.receipts();
    const books = { gateway, issuer, receipts, cashier: shop.sales };
    const { acknowledged } = shop;
    const verdict = judge({ acknowledged, books, unsettled, outbox, busy: lanes, waiting_tills });
    const captured = issuer.filter(({ state }) => state === "captured").length;
    print(`${acknowledged.length} answers, ${shop.sales.length} sales, ${captured} captured`);
    if (captured === 0) return { ...verdict, others: [...verdict.others, "nothing was sold"] };
    if (await store.end()) return verdict;
    return { ...verdict, others: [...verdict.others, "the machine did not end in order"] };
  } finally {
    shop.stop();
  }
}

/** Until so many more sales have ended, and a moment longer. */
async function busy(shop: Shop): Promise<void> {
  const enough = shop.sales.length + soonest + Math.random() * (latest - soonest);
  while (shop.sales.length < enough) await sleep(100);
  await sleep(Math.random() * lingers_ms);
}
