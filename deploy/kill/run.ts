/**
 * Kills a gateway under load at random moments, again and again, and its issuer now and then; then
 * lets everything come to rest and holds all books against each other.
 */
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";
import type { Config } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { realClock, realRandom } from "../../runtime/main.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import type { Orders } from "../start/orders.ts";
import { issuerPermissions } from "../start/permissions.ts";
import { fileURLToPath } from "node:url";
import { bear, type Mortal, type MortalOptions } from "./child.ts";
import { configFor, Shop } from "./shop.ts";
import { judge, type Verdict } from "./verdict.ts";
import { type FromGateway, readFromGateway, type ToGateway, type Told } from "./words.ts";

export interface KillOptions {
  readonly kills: number;
  readonly seed: string;
  /** A folder for the data of both, empty. */
  readonly folder: string;
  readonly print: (line: string) => void;
}

export interface KillReport extends Verdict {
  readonly kills: number;
  readonly issuer_kills: number;
  /** Kills that struck before the gateway listened again. */
  readonly while_starting: number;
  /** Kills that struck while a till knew that the issuer was asked, and not what it said. */
  readonly while_settling: number;
  readonly sales: number;
  readonly captured: number;
  /** Answers of the gateway that were held against the books. */
  readonly answers: number;
}

const pages = fileURLToPath(new URL("../../runtime/http/pages", import.meta.url));
/** Share of kills that strike at any moment from the birth on; the others under load. */
const anytime = 0.2;
const start_ms = 1_200;
const load_ms = 1_600;
const issuer_dies = 0.1;
/** Longest that a process may take to come up. */
const patience_ms = 60_000;
/** What tills may take to end their last sales, and the gateway to settle what is left. */
const closing_ms = 90_000;
const settling_ms = 60_000;
const report_every = 25;

const sleep = (delay_ms: number) =>
  new Promise<void>((resolve) => void realClock.after(delay_ms, resolve));

/** Ports that nobody listens on now. */
function freePorts(): { gateway: number; issuer: number } {
  const held = [0, 0].map(() => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const [gateway = 0, issuer = 0] = held.map(({ addr }) => addr.port);
  for (const listener of held) listener.close();
  return { gateway, issuer };
}

/** The one thing that answers, of the two that die. */
class Services {
  readonly config: Config;
  readonly #admin_key = toBase64url(realRandom.bytes(32));
  readonly #ports = freePorts();
  readonly #waiting = new Set<(word: FromGateway) => void>();
  #gateway: Mortal | undefined;
  #issuer: Mortal | undefined;
  readonly #failed = Promise.withResolvers<never>();
  /** Rejects when a process ends by itself, whatever for. */
  readonly failed = this.#failed.promise;
  onAir: (word: Told<"on_air">) => void = () => {};

  constructor(private readonly folder: string) {
    this.config = configFor(`${folder}/gateway`, this.#ports);
  }

  /** Resolves when it listens. */
  startIssuer(): Promise<void> {
    const data = `${this.folder}/issuer`;
    const port = this.#ports.issuer;
    return new Promise((resolve) => {
      const issuer = this.#issuer = this.#bear("the issuer", {
        script: "deploy/issuer/main.ts",
        permissions: issuerPermissions(`127.0.0.1:${port}`, data),
        args: ["--with-parent", "--admin-key-stdin", "--port", String(port), "--data", data],
        heard: (line) => /listening on/.test(line) && resolve(),
      });
      issuer.say(this.#admin_key);
    });
  }

  /** Bears a gateway; the result resolves when it listens, or when it was killed before. */
  startGateway(): Promise<boolean> {
    const { config } = this;
    const net = `127.0.0.1:${this.#ports.gateway},127.0.0.1:${this.#ports.issuer}`;
    return new Promise((resolve) => {
      const gateway = this.#gateway = this.#bear("the gateway", {
        script: "deploy/kill/store.ts",
        permissions: [
          "--ignore-env",
          `--allow-net=${net}`,
          `--allow-read=${pages},${config.data}`,
          `--allow-write=${config.data}`,
        ],
        heard: (line) => {
          const word = readFromGateway(line);
          if (word.say === "listening") resolve(true);
          if (word.say === "on_air") this.onAir(word);
          for (const listener of [...this.#waiting]) listener(word);
        },
      });
      const orders: Orders = { config, seed: 0, admin_key: this.#admin_key };
      gateway.say(JSON.stringify(orders));
      gateway.ended.then(() => resolve(false));
    });
  }

  tell(word: ToGateway): void {
    this.#gateway?.say(JSON.stringify(word));
  }

  ask<Word extends "books" | "progress">(say: Word): Promise<Told<Word>> {
    return inTime(
      `${say} of the gateway`,
      new Promise((resolve) => {
        const listener = (word: FromGateway) => {
          if (word.say !== say) return;
          this.#waiting.delete(listener);
          resolve(word as Told<Word>);
        };
        this.#waiting.add(listener);
        this.tell({ say });
      }),
    );
  }

  #bear(name: string, options: MortalOptions): Mortal {
    const process = bear(options);
    process.ended.then(({ byItself, last_words }) => {
      const message = `${name} ended by itself: ${last_words}`;
      if (byItself) this.#failed.reject(new RuntimeError("stopped", message));
    }, this.#failed.reject);
    return process;
  }

  async killGateway(): Promise<void> {
    await this.#gateway?.kill();
  }

  async killIssuer(): Promise<void> {
    await this.#issuer?.kill();
  }
}

async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = realClock.after(
    patience_ms,
    () => late.reject(new RuntimeError("stopped", `${what}: nothing in ${patience_ms} ms`)),
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    cancel();
  }
}

/** Each kill at a moment of its own; the gateway is up again at the end. */
async function killAgainAndAgain(
  services: Services,
  shop: Shop,
  { kills, print }: KillOptions,
  chance: Chance,
) {
  const counts = { issuer_kills: 0, while_starting: 0, while_settling: 0 };
  const start = () =>
    services.startGateway().then((listens) => {
      if (listens) shop.showAll();
      return listens;
    });
  let started = start();
  shop.open();
  for (let kill = 1; kill <= kills; kill++) {
    const issuer = chance.happens(issuer_dies)
      ? sleep(chance.between(0, load_ms)).then(async () => {
        counts.issuer_kills++;
        await services.killIssuer();
        await inTime("the issuer's start", services.startIssuer());
      })
      : undefined;
    const underLoad = kill === 1 || !chance.happens(anytime);
    if (underLoad) await inTime("the gateway's start", started);
    await sleep(chance.between(0, underLoad ? load_ms : start_ms));
    if (shop.isSettling) counts.while_settling++;
    await services.killGateway();
    if (!await started) counts.while_starting++;
    started = start();
    await issuer;
    if (kill % report_every === 0) print(`${kill} kills, ${shop.sales.length} sales ended`);
  }
  await inTime("the gateway's start", started);
  return counts;
}

async function settled(services: Services): Promise<Told<"progress">> {
  const end_ms = realClock.now_ms() + settling_ms;
  for (;;) {
    const progress = await services.ask("progress");
    const rests = progress.unsettled + progress.outbox + progress.busy.length === 0;
    if (rests || realClock.now_ms() > end_ms) return progress;
    await sleep(250);
  }
}

/** Runs it all. Rejects with `RuntimeError` `stopped` when a process ends by itself or does not
 * come up. */
export async function killTest(options: KillOptions): Promise<KillReport> {
  const services = new Services(options.folder);
  try {
    return await Promise.race([play(services, options), services.failed]);
  } finally {
    await services.killGateway();
    await services.killIssuer();
  }
}

async function play(services: Services, options: KillOptions): Promise<KillReport> {
  const { seed, kills } = options;
  const { config } = services;
  await inTime("the issuer's start", services.startIssuer());
  const shop = await Shop.settle({ seed, config, tell: (word) => services.tell(word) });
  try {
    services.onAir = (word) => shop.air.send(word.hardware_id, word.code, word.until_ms);
    const counts = await killAgainAndAgain(services, shop, options, chanceOf(`${seed}/kills`));
    const waiting_tills = await shop.close(closing_ms);
    const { unsettled, outbox, busy } = await settled(services);
    const { gateway, issuer } = await services.ask("books");
    const receipts = await shop.receipts();
    const books = { gateway, issuer, receipts, cashier: shop.sales };
    const { acknowledged } = shop;
    return {
      kills,
      ...counts,
      sales: shop.sales.length,
      captured: issuer.filter(({ state }) => state === "captured").length,
      answers: acknowledged.length,
      ...judge({ acknowledged, books, unsettled, outbox, busy, waiting_tills }),
    };
  } finally {
    shop.stop();
  }
}
