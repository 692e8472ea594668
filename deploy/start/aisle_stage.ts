/** The walk-out aisle of a simulated shop: who plays it, who decides what is not clear, and what it
 * adds to the books. */
import type { Devices } from "../../hardware/ports.ts";
import type { AisleDevices } from "../../hardware/simulated/aisle/aisle.ts";
import type { Address } from "../../actors/messages.ts";
import type { Config } from "../../runtime/config.ts";
import type { Gateway } from "../../runtime/gateway.ts";
import { realClock, realRandom } from "../../runtime/main.ts";
import type { Receipt } from "../../runtime/sync/contract/schemas.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import { AisleCast, playedAisle, type WalkOutSummary } from "../demo/aisle_cast.ts";
import { Associate } from "../demo/associate.ts";
import { cashiersOf } from "../demo/operators.ts";
import type { CashierSale } from "../demo/reconcile.ts";
import { within } from "./waiting.ts";

/** How long those inside may take to come out and be charged after the doors have closed. */
const leaving_ms = 60_000;

export interface AisleStage {
  readonly devices: Pick<Devices, AisleDevices>;
  /** Lets people in, once the gateway listens at this address. */
  open(gateway: Gateway, url: string): Promise<void>;
  /** Nobody comes in any more; resolves when all have gone and know what they paid. */
  close(): Promise<void>;
  books(): Promise<{
    readonly receipts: ReadonlyMap<string, readonly Receipt[]>;
    readonly sales: readonly CashierSale[];
    /** What is wrong beyond what books can say, one line each. */
    readonly wrong: readonly string[];
    readonly summary: WalkOutSummary;
  }>;
  stop(): void;
}

/** Undefined where nothing of an aisle is simulated. */
export function aisleStage(
  config: Config,
  seed: number,
  print: (line: string) => void,
  posKey: string | undefined,
): AisleStage | undefined {
  const plan = playedAisle(config.aisle);
  if (plan === undefined || config.aisle === undefined) return undefined;
  const cast = new AisleCast({
    seed,
    aisle: config.aisle,
    currency: config.store.currency,
    clock: realClock,
    random: realRandom,
    vault: nodeVault,
    fetch: (request) => fetch(request),
    print,
  }, plan);
  let associate: Associate | undefined;
  return {
    devices: cast.aisle.devices,
    async open(gateway, url) {
      sendOut(gateway, cast);
      const [operator = ""] = cashiersOf(config);
      associate = new Associate({
        gateway: url,
        operator,
        fetch: (request) => fetch(request),
        clock: realClock,
        saw: (account) => cast.truthOf(account),
        print,
        ...(posKey === undefined ? {} : { posKey }),
      });
      associate.start();
      await cast.start(config.issuer.url);
    },
    async close() {
      cast.shut();
      await within(leaving_ms, () => cast.over);
      associate?.stop();
    },
    async books() {
      return {
        receipts: await cast.receipts(),
        sales: cast.sales(),
        wrong: cast.escaped(),
        summary: cast.summary(associate?.decided ?? 0),
      };
    },
    stop() {
      associate?.stop();
      cast.stop();
    },
  };
}

/** Shoppers of an earlier run have left while the store was shut. */
function sendOut(gateway: Gateway, { aisle }: AisleCast): void {
  for (const { address, state, context } of gateway.engine.views("cart")) {
    if (state !== "shopping") continue;
    const tracks = context["tracks"] as readonly string[];
    for (const track of tracks.slice(Number(context["gone"]))) {
      aisle.gone((address as Address).slice("cart/".length), track);
    }
  }
}
