/**
 * The gateway that is killed: the whole of the real one, on its real journal, behind its real
 * doors and on the real link; only what it sees and where it sends its codes is passed on as lines.
 */
import type {
  Advertisement,
  BeaconPort,
  Clerk,
  Devices,
  LetterboxPort,
} from "../../hardware/ports.ts";
import { RecordedMicrophone } from "../../hardware/recorded/microphone.ts";
import type { Gateway } from "../../runtime/gateway.ts";
import { consoleLog, explain, openDataFolder, realClock, runGateway } from "../../runtime/main.ts";
import { gatewayBook, issuerBook } from "../start/books.ts";
import { brokersOf } from "../start/brokers.ts";
import { type Orders, readOrders } from "../start/orders.ts";
import { cashiersOf, seedOperators } from "../demo/operators.ts";
import { identityFor } from "../start/provision.ts";
import { createEyes, Place } from "./eyes.ts";
import { linesOf } from "./lines.ts";
import { type FromGateway, readToGateway } from "./words.ts";

const say = (word: FromGateway) => console.log(JSON.stringify(word));

/** A beacon whose air is a line of text. */
function beacon(hardware_id: string): BeaconPort {
  let nonce: string | undefined;
  return {
    hardware_id,
    advertise(advertisement: Advertisement) {
      nonce = advertisement.nonce;
      const { code, until_ms } = advertisement;
      say({ say: "on_air", hardware_id, code, nonce: advertisement.nonce, until_ms });
      return Promise.resolve();
    },
    readNonce: () => Promise.resolve(nonce),
    silence() {
      nonce = undefined;
      return Promise.resolve();
    },
  };
}

/** A letterbox whose letters are lines. */
class LinedLetterbox implements LetterboxPort {
  #clerk: Clerk | undefined;

  constructor(readonly hardware_id: string) {}

  open(clerk: Clerk): Promise<void> {
    this.#clerk = clerk;
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#clerk = undefined;
    return Promise.resolve();
  }

  take(number: number, from: string, bytes: Uint8Array<ArrayBuffer>): void {
    const answer = this.#clerk?.({ from, bytes }) ?? Promise.reject(new Error("closed"));
    answer.then(
      (bytes) => say({ say: "answer", number, bytes: bytes.toBase64() }),
      () => say({ say: "answer", number, bytes: null }),
    );
  }
}

function progress({ engine }: Gateway): FromGateway {
  const views = engine.views();
  const busy = views.filter(({ kind, context }) => kind === "lane" && context["payment"] !== null);
  return {
    say: "progress",
    unsettled: views.filter(({ kind, done }) => kind === "payment" && !done).length,
    outbox: engine.statistics().outbox,
    busy: busy.map(({ address }) => address),
  };
}

async function open({ config, admin_key }: Orders, lines: AsyncIterable<string>): Promise<void> {
  await openDataFolder(config.data);
  const places = new Map(config.cameras.map(({ id }) => [id, new Place(id)]));
  const letterboxes = new Map(
    config.beacons.map(({ hardware_id }) => [hardware_id, new LinedLetterbox(hardware_id)]),
  );
  const microphones = new Map(config.microphones.map(({ id }) => [
    id,
    new RecordedMicrophone({ id, clock: realClock, rate_hz: 8_000, pause_ms: 100 }),
  ]));
  const devices: Devices = {
    microphones,
    letterboxes,
    cameras: places,
    readings: brokersOf(config),
    beacons: new Map(config.beacons.map(({ hardware_id }) => [hardware_id, beacon(hardware_id)])),
    close: () => Promise.resolve(),
  };
  // Nobody guesses here: the hash is as quick as it may be.
  await seedOperators(config.data, ["olga", ...cashiersOf(config)], 2);
  const identity = await identityFor(config, admin_key);
  const perception = createEyes(realClock);
  const running = await runGateway({ config, identity, devices, perception, log: consoleLog });
  say({ say: "listening", url: running.url });
  const listening = (async () => {
    for await (const line of lines) {
      const word = readToGateway(line);
      if (word.say === "before") places.get(word.camera)?.stand(word.face, word.unsure);
      else if (word.say === "speaks") {
        const { microphone, rate_hz, samples } = word;
        const bytes = Uint8Array.fromBase64(samples);
        microphones.get(microphone)?.say({ rate_hz, samples: new Int16Array(bytes.buffer) });
      } else if (word.say === "turn") places.get(word.camera)?.turn(word.side);
      else if (word.say === "progress") say(progress(running.gateway));
      else if (word.say === "letter") {
        const bytes = Uint8Array.fromBase64(word.bytes);
        letterboxes.get(word.hardware_id)?.take(word.number, word.from, bytes);
      } else {
        const issuer = await issuerBook(running.gateway);
        say({ say: "books", gateway: gatewayBook(running.gateway), issuer });
      }
    }
  })();
  const broken = running.failed.then((error) => {
    throw error;
  });
  await Promise.race([listening, broken]);
  await running.stop();
}

if (import.meta.main) {
  try {
    const lines = linesOf(Deno.stdin.readable);
    const first = await lines.next();
    await open(readOrders(String(first.value ?? "")), lines);
    Deno.exit(0);
  } catch (error) {
    console.error(explain(error));
    Deno.exit(1);
  }
}
