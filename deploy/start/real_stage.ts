/** A real store: nothing is played in front of the gateway, which works until it is stopped. */
import type { Config } from "../../runtime/config.ts";
import type { Gateway } from "../../runtime/gateway.ts";
import { gatewayBook, unsettled } from "./books.ts";
import { openEquipment } from "./equipment.ts";
import type { Stage, Summary } from "./stage.ts";
import { within } from "./waiting.ts";

const settling_ms = 20_000;

export function realStage(config: Config): Stage {
  return {
    devices: openEquipment(config),
    stop: () => Promise.resolve(),
    async play({ gateway }, until, opened) {
      opened();
      await new Promise<void>((resolve) => {
        if (until.aborted) resolve();
        until.addEventListener("abort", () => resolve(), { once: true });
      });
      await within(settling_ms, () => unsettled(gateway) === 0);
      return summed(gateway, config);
    },
  };
}

/** What the gateway's own book says; the others are not here to be held against it. */
function summed(gateway: Gateway, config: Config): Summary {
  const book = gatewayBook(gateway);
  const captured = book.filter(({ state }) => state === "captured");
  return {
    sales: captured.length,
    captured_minor: captured.reduce((sum, { amount_minor }) => sum + amount_minor, 0),
    currency: config.store.currency,
    declined: book.filter(({ state }) => state === "declined").length,
    violations: 0,
  };
}
