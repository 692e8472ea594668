/**
 * Power cuts: a machine in which a store sells is taken its power in the middle, and booted again
 * with the same disk. Tills and phones go on meanwhile; at the end all books are held against each
 * other, and against every answer that a till ever got.
 */
import { realClock } from "../../../runtime/main.ts";
import { settled } from "../../kill/run.ts";
import { Shop } from "../../kill/shop.ts";
import { isClean, judge, judgeSoFar, type Verdict } from "../../kill/verdict.ts";
import type { ToGateway } from "../../kill/words.ts";
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

/** How many boots found everything; a crash and a run that failed count as failed. */
export async function powerCuts(
  options: PowerOptions,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const { built, cuts, print } = options;
  const seed = String(Math.floor(Math.random() * 2 ** 31));
  const disk = await makeDisk();
  const store = new PoweredStore({ built, disk: disk.path, print });
  const run = new PowerRun(store, seed, options);
  try {
    const verdict = await Promise.race([run.play(), store.failed]);
    for (const [kind, findings] of Object.entries(verdict)) {
      for (const finding of findings) print(`${kind}: ${finding}`);
    }
    if (isClean(verdict)) {
      for (const crash of store.crashes) print(`no sale was lost, but ${crash}`);
      return { passed: cuts + 1, failed: store.crashes.length };
    }
  } catch (error) {
    print(error instanceof Error ? error.message : String(error));
  } finally {
    await store.cut();
    store.close();
    await disk.remove();
  }
  print(`seed ${seed} failed after ${run.sound} boots that were sound`);
  return { passed: run.sound, failed: 1 + store.crashes.length };
}

class PowerRun {
  /** Boots after which everything was there. */
  sound = 0;

  constructor(
    private readonly store: PoweredStore,
    private readonly seed: string,
    private readonly options: PowerOptions,
  ) {}

  async play(): Promise<Verdict> {
    const { store, seed, options: { cuts, print } } = this;
    await store.start();
    const tell = (word: ToGateway) => store.tell(word);
    const shop = await Shop.settle({ seed, config: store.config, pace, phones, tell });
    try {
      store.onAir = (word) => shop.air.send(word.hardware_id, word.code, word.until_ms);
      store.onListening = () => shop.showAll();
      shop.showAll();
      shop.open();
      for (let cut = 1; cut <= cuts; cut++) {
        await busy(shop);
        const acknowledged = [...shop.acknowledged];
        const moment = shop.isSettling ? "while the issuer was asked" : "between two questions";
        await store.cut();
        print(`cut ${cut}, ${moment}: ${shop.sales.length} sales ended so far`);
        await store.start();
        const found = judgeSoFar(acknowledged, await store.ask("books"));
        print(
          `boot ${cut + 1}: of ${acknowledged.length} answers to tills ${found.lost.length} are ` +
            `lost, ${found.captured_twice.length} sales are captured twice`,
        );
        if (found.lost.length + found.captured_twice.length > 0) {
          return { ...found, stuck: [], others: [] };
        }
        this.sound = cut;
      }
      await busy(shop);
      return await this.#rest(shop);
    } finally {
      shop.stop();
    }
  }

  /** Lets everything come to its end, and holds all books against each other. */
  async #rest(shop: Shop): Promise<Verdict> {
    const { store, options: { print } } = this;
    const waiting_tills = await shop.close(closing_ms);
    const { unsettled, outbox, busy: lanes } = await settled(store, settling_ms);
    const { gateway, issuer } = await store.ask("books");
    const receipts = await shop.receipts();
    const books = { gateway, issuer, receipts, cashier: shop.sales };
    const { acknowledged } = shop;
    const verdict = judge({ acknowledged, books, unsettled, outbox, busy: lanes, waiting_tills });
    const captured = issuer.filter(({ state }) => state === "captured").length;
    const { lost, captured_twice, stuck, others } = verdict;
    print(
      `${acknowledged.length} answers, ${shop.sales.length} sales, ${captured} captured: ` +
        `${lost.length} lost, ${captured_twice.length} captured twice, ${stuck.length} stuck, ` +
        `${others.length} other findings`,
    );
    if (captured === 0) return { ...verdict, others: [...others, "nothing was sold"] };
    if (await store.end()) return verdict;
    return { ...verdict, others: [...others, "the machine did not end in order"] };
  }
}

/** Until so many more sales have ended, and a moment longer. */
async function busy(shop: Shop): Promise<void> {
  const enough = shop.sales.length + soonest + Math.random() * (latest - soonest);
  while (shop.sales.length < enough) await sleep(100);
  await sleep(Math.random() * lingers_ms);
}
