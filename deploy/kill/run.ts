/**
 * Kills a gateway under load at random moments, again and again, and its issuer now and then; then
 * lets everything come to rest and holds all books against each other.
 */
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";
import { realClock } from "../../runtime/main.ts";
import { inTime, Services } from "./services.ts";
import { configFor, Shop } from "./shop.ts";
import { judge, type Verdict } from "./verdict.ts";
import type { Told } from "./words.ts";

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

/** Share of kills that strike at any moment from the birth on; the others under load. */
const anytime = 0.2;
const start_ms = 1_200;
const load_ms = 1_600;
const issuer_dies = 0.1;
/** What tills may take to end their last sales, and the gateway to settle what is left. */
const closing_ms = 90_000;
const settling_ms = 60_000;
const report_every = 25;

const sleep = (delay_ms: number) =>
  new Promise<void>((resolve) => void realClock.after(delay_ms, resolve));

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

/** What is left when the gateway has come to rest, or its time is over. */
export async function settled(
  services: { ask(say: "progress"): Promise<Told<"progress">> },
  settling_ms: number,
): Promise<Told<"progress">> {
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
  const services = new Services({ folder: options.folder, config: configFor });
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
    const { unsettled, outbox, busy } = await settled(services, settling_ms);
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
