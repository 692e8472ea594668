/**
 * The gateway's own engine over SQLite with synchronous=FULL, driven by as many shoppers at once as
 * are asked for; each waits for the commit of one fact before it gives the next.
 */
import { fileURLToPath } from "node:url";
import { actorKinds } from "../../../actors/kinds.ts";
import type { Address } from "../../../actors/messages.ts";
import { createEngine } from "../../../runtime/engine/create.ts";
import type { Engine } from "../../../runtime/engine/engine.ts";
import type { Journal } from "../../../runtime/journal/journal.ts";
import { openSqliteJournal } from "../../../runtime/journal/sqlite.ts";
import { realClock as clock, realRandom as random } from "../../../runtime/real.ts";
import { authorised, captured, left, saleOpened, selected, visitOpened } from "./sale.ts";

/** On the disk of the repository: what is called temporary may be memory. */
export const cacheFolder = (): string => fileURLToPath(new URL("../../../.cache", import.meta.url));

/** A new folder in it. */
export function temporaryFolder(): string {
  const dir = cacheFolder();
  Deno.mkdirSync(dir, { recursive: true });
  return Deno.makeTempDirSync({ dir, prefix: "bench" });
}

/** An engine on a journal, with the effects that visits ask for. */
export function engineOn(
  journal: Journal,
  defer: (call: () => void) => void = queueMicrotask,
): Engine {
  const { visit, payment } = actorKinds;
  const kinds = { visit, payment };
  const engine = createEngine({ kinds, journal, clock, random, gateway: "bench", defer });
  engine.effect("gallery.wipe", () => {});
  return engine;
}

/** A store that lives in a folder of its own until it is disposed of. */
export class DurableStore implements AsyncDisposable {
  readonly folder = temporaryFolder();
  readonly journal = openSqliteJournal(`${this.folder}/journal.sqlite`);
  readonly engine;
  readonly #waiting = new Map<string, (position: number) => void>();
  readonly #asked = new Map<string, number>();
  #after = 0;
  #next = 0;

  /** `defer` as the engine has it. */
  constructor(defer?: (call: () => void) => void) {
    this.engine = engineOn(this.journal, defer);
    this.engine.onOutbox(() => this.#drain());
    this.engine.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.stop();
    this.journal.close();
    Deno.removeSync(this.folder, { recursive: true });
  }

  /** So many whole sales, so many of them at once. */
  async sell(sales: number, inFlight: number): Promise<void> {
    let left = sales;
    const shoppers = Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await this.sale(String(this.#next++));
    });
    await Promise.all(shoppers);
  }

  async sale(id: string): Promise<void> {
    const { engine } = this;
    const visit = `visit/v${id}` as Address;
    const payment = `payment/p${id}` as Address;
    const at_ms = Date.now();
    await engine.post(visit, visitOpened(`v${id}`, at_ms));
    await engine.post(payment, saleOpened(`p${id}`, `v${id}`, at_ms));
    await engine.post(payment, selected(`v${id}`));
    await engine.settle(await this.asks(payment), authorised(`p${id}`, at_ms));
    await engine.settle(await this.asks(payment), captured(`p${id}`));
    const { accepted } = await engine.post(visit, left);
    if (!accepted) throw new Error(`the visit ${id} did not end`);
  }

  /** The position of the next command that the payment asks the issuer for. */
  asks(payment: string): Promise<number> {
    const known = this.#asked.get(payment);
    if (known !== undefined) {
      this.#asked.delete(payment);
      return Promise.resolve(known);
    }
    return new Promise((resolve) => this.#waiting.set(payment, resolve));
  }

  #drain(): void {
    for (;;) {
      const rows = this.engine.outbox(this.#after, 1_000);
      for (const { position, from } of rows) {
        const waiting = this.#waiting.get(from);
        this.#waiting.delete(from);
        if (waiting) waiting(position);
        else this.#asked.set(from, position);
      }
      this.#after = rows.at(-1)?.position ?? this.#after;
      if (rows.length < 1_000) return;
    }
  }
}
