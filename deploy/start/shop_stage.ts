/** A simulated shop full of people in front of the gateway, and its books at the end. */
import { join } from "node:path";
import { type Config, posKey } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { realClock, realRandom } from "../../runtime/main.ts";
import type { FacePerception } from "../../runtime/perception/perception.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import { createCast, type Doors } from "../demo/cast.ts";
import type { Attest } from "../demo/shoppers.ts";
import { tillFile } from "../demo/till_memory.ts";
import { complaints, gatewayBook, issuerBook, unsettled } from "./books.ts";
import { aisleStage } from "./aisle_stage.ts";
import { lookAtDisplays } from "./display_stage.ts";
import type { Stage } from "./stage.ts";
import { within } from "./waiting.ts";

/** How long everybody may take to enrol: an issuer that cannot keep anything has them try for ever,
 * and a slow machine needs half a minute. */
const opening_ms = 120_000;
/** How long tills may take to end their sales after the doors have closed. */
const closing_ms = 8_000;
/** How long payments under way may take to be settled after that. */
const settling_ms = 20_000;

export function shopStage(
  config: Config,
  seed: number,
  perception: FacePerception,
  print: (line: string) => void,
  attest?: Attest,
): Stage {
  const cast = createCast({
    seed,
    names: config,
    currency: config.store.currency,
    clock: realClock,
    random: realRandom,
    vault: nodeVault,
    fetch: (request) => fetch(request),
    print,
    memory: tillFile(join(config.data, "tills.json")),
  });
  const key = posKey(config, (path) => Deno.readTextFileSync(path));
  const aisle = aisleStage(config, seed, print, key);
  return {
    devices: {
      ...cast.devices,
      ...aisle?.devices,
      async close() {
        await cast.devices.close();
        await aisle?.devices.close();
      },
    },
    async stop() {
      aisle?.stop();
      await cast.stop();
    },
    async play({ gateway, url }, until, opened) {
      const doors: Doors = {
        issuer: config.issuer.url,
        gateway: url,
        enrol: (pictures) => perception.enrol(pictures),
        ...(key === undefined ? {} : { posKey: key }),
        ...(attest === undefined ? {} : { attest }),
      };
      await inTime(cast.start(doors), config);
      await aisle?.open(gateway, url);
      opened();
      const scanner = { config, seed, url, print, ...(key === undefined ? {} : { posKey: key }) };
      const stopLooks = lookAtDisplays(scanner);
      await new Promise<void>((resolve) => {
        if (until.aborted) resolve();
        until.addEventListener("abort", () => resolve(), { once: true });
      });
      stopLooks();
      await Promise.all([cast.close(closing_ms), aisle?.close()]);
      await within(settling_ms, () => unsettled(gateway) === 0);
      const { receipts, cashier } = await cast.books();
      const walked = await aisle?.books();
      const violations = complaints({
        gateway: gatewayBook(gateway),
        issuer: await issuerBook(gateway),
        receipts: new Map([...receipts, ...walked?.receipts ?? []]),
        cashier: [...cashier, ...walked?.sales ?? []],
      }, print) + (walked?.wrong.length ?? 0);
      for (const line of walked?.wrong ?? []) print(`violation: escaped: ${line}`);
      const told = cast.summary();
      print(
        `${told.arrivals} arrivals, ${told.check_ins} check-ins, ${told.receipts} receipts; ` +
          `${told.several_in_view} sales with several people in view, ` +
          `${told.cancelled} given up, ${told.cash} paid cash`,
      );
      const { applied, refused } = told.changes;
      print(
        `${told.restricted} restricted, ${told.challenged} challenged, ` +
          `${told.turned} turned the head, ${told.asked} asked on the phone, ` +
          `${told.partly} paid a part, ` +
          `${told.refunds} refunded, ${told.offline} accepted offline; ` +
          `${applied} changes of account data, ${refused} refused`,
      );
      const { sales, captured_minor, currency, declined, restricted, challenged } = told;
      const { asked, partly, refunds, offline, changes } = told;
      return {
        ...{ sales, captured_minor, currency, declined },
        ...{ restricted, challenged, asked, partly, refunds, offline, changes },
        ...(walked === undefined ? {} : { walk_out: walked.summary }),
        violations,
      };
    },
  };
}

/** Rejects when the store is not open by then. */
async function inTime(start: Promise<void>, config: Config): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const cancel = realClock.after(opening_ms, () =>
    reject(
      new RuntimeError(
        "issuer_unreachable",
        `nobody could enrol at ${config.issuer.url} in ${opening_ms / 1000} s: mend what it ` +
          "complains of and start again",
      ),
    ));
  try {
    await Promise.race([start, late]);
  } finally {
    cancel();
  }
}
