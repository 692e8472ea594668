/** A folder of pictures in front of the gateway: real faces and models through the whole path. */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { layOut } from "../../hardware/simulated/plan.ts";
import { Radio, shopAir } from "../../hardware/simulated/radio.ts";
import { RecordedCamera } from "../../hardware/recorded/camera.ts";
import { listPeople } from "../../hardware/recorded/folder.ts";
import { type Config, posKey } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type { Gateway } from "../../runtime/gateway.ts";
import { realClock, realRandom } from "../../runtime/main.ts";
import type { FacePerception } from "../../runtime/perception/perception.ts";
import { toHex } from "../../runtime/vault/bytes.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import { PictureShow } from "../demo/picture_show.ts";
import { Till } from "../demo/till.ts";
import { demoPin } from "../demo/operators.ts";
import { complaints, gatewayBook, issuerBook, unsettled } from "./books.ts";
import type { Stage, Summary } from "./stage.ts";
import { within } from "./waiting.ts";

const patience_ms = 4_000;
const arriving_ms = 60_000;
const clearing_ms = 5_000;
const settling_ms = 20_000;

/** Throws `RuntimeError` `config_invalid` or `HardwareError` when the pictures cannot be played. */
export async function pictureStage(
  config: Config,
  perception: FacePerception,
  print: (line: string) => void,
): Promise<Stage> {
  const [lane] = config.lanes;
  const [only, ...others] = config.cameras;
  if (!lane || only?.device.kind !== "recorded" || others.length > 0) {
    throw new RuntimeError(
      "config_invalid",
      "pictures are shown at one lane: give a store with one lane and one recorded camera",
    );
  }
  if ((lane.selection ?? config.policies.selection) !== "automatic") {
    throw new RuntimeError(
      "config_invalid",
      `nobody taps while pictures are shown: set lane ${lane.id}'s selection to "automatic"`,
    );
  }
  const people = await listPeople(only.device.folder);
  const clock = realClock;
  const frames_per_second = config.perception.frames_per_second;
  const camera = new RecordedCamera({ id: only.id, clock, frames_per_second, play: [] });
  const plan = layOut(config);
  const hung = plan.beacons[0]!;
  const radio = new Radio({
    beacons: plan.beacons,
    air: shopAir,
    chance: chanceOf("pictures"),
    clock,
    where: () => ({ x_m: hung.at.x_m + 1, y_m: hung.at.y_m }),
  });

  let stop = () => {};
  return {
    stop: () => Promise.resolve(stop()),
    devices: {
      cameras: new Map([[camera.id, camera]]),
      beacons: radio.beacons,
      close: () => Promise.resolve(radio.close()),
    },
    async play({ gateway, url }, until, opened) {
      const show = new PictureShow({
        people,
        camera,
        lane: lane.id,
        currency: config.store.currency,
        world: { clock, random: realRandom, vault: nodeVault, fetch: (request) => fetch(request) },
        radio: (person) => radio.phone(person),
        issuer: config.issuer.url,
        till: tillAt(config, lane.id, url),
        enrol: (pictures) => perception.enrol(pictures),
        present: (visits) => within(arriving_ms, () => chargeable(gateway) >= visits),
        cleared: () => within(clearing_ms, () => seesNobody(gateway, camera.id)),
        print,
        run: toHex(realRandom.bytes(3)).slice(0, 5),
        patience_ms,
      });
      stop = () => show.stop();
      opened();
      await show.play(until);
      await within(settling_ms, () => unsettled(gateway) === 0);
      return await summed(show, gateway, config, print);
    },
  };
}

function tillAt(config: Config, lane: string, gateway: string): Till {
  const key = posKey(config, (path) => Deno.readTextFileSync(path));
  return new Till({
    gateway,
    lane,
    operator: "pictures",
    pin: demoPin,
    fetch: (request) => fetch(request),
    clock: realClock,
    random: realRandom,
    ...(key === undefined ? {} : { posKey: key }),
  });
}

/** Prints who was recognised, holds the books against each other, and sums up. */
async function summed(
  show: PictureShow,
  gateway: Gateway,
  config: Config,
  print: (line: string) => void,
): Promise<Summary> {
  const { sales, receipts } = await show.books();
  const ledger = await issuerBook(gateway);
  const account = new Map(ledger.map((row) => [row.payment, row.account]));
  print(JSON.stringify(show.figures((payment) => account.get(payment) ?? null)));
  const violations = complaints(
    { gateway: gatewayBook(gateway), issuer: ledger, receipts, cashier: sales },
    print,
  );
  const captured = sales.filter((sale) => sale.told === "captured");
  return {
    sales: captured.length,
    captured_minor: captured.reduce((sum, sale) => sum + sale.amount_minor, 0),
    currency: config.store.currency,
    declined: sales.filter((sale) => sale.told === "declined").length,
    violations,
  };
}

/** Visits that a payment could reserve now. */
function chargeable(gateway: Gateway): number {
  return gateway.engine.views().filter((view) => view.kind === "visit" && view.state === "present")
    .length;
}

function seesNobody(gateway: Gateway, camera: string): boolean {
  return gateway.engine.view(`camera/${camera}`)?.context["outcome"] === "nobody";
}
