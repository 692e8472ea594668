/**
 * The road to the issuer of a phone that may be without a network: the network where there is one,
 * and otherwise the letterbox of the beacon that is heard. Requests and answers are signed end to
 * end, so it is all the same to both who carried them.
 */
import type { PhoneLettersPort, Sighting } from "../../hardware/ports.ts";
import { readAnswer, writeLetter } from "../../runtime/sync/contract/letters.ts";
import type { Clock } from "../../runtime/world.ts";

export interface LetterRoadOptions {
  readonly clock: Clock;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly letters: PhoneLettersPort;
}

/** A network that has not answered by then is tried again later. */
const network_patience_ms = 3_000;
/** So long after it failed, letters go first. */
const away_ms = 20_000;
/** A beacon that was not heard for so long is not near any more. */
const near_ms = 15_000;

export class LetterRoad {
  readonly #options: LetterRoadOptions;
  #near: Sighting | undefined;
  #away_until_ms = 0;

  constructor(options: LetterRoadOptions) {
    this.#options = options;
  }

  /** Remembers the beacon that is heard best. */
  hear(sighting: Sighting): void {
    const near = this.#near;
    const old = near === undefined || near.heard_at_ms + near_ms < sighting.heard_at_ms;
    if (old || near.hardware_id === sighting.hardware_id || sighting.rssi_dbm > near.rssi_dbm) {
      this.#near = sighting;
    }
  }

  /** As the phone's own `fetch`: rejects when neither road leads there. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const { clock } = this.#options;
    const body = await request.clone().text();
    const near = this.#near;
    const heard = near !== undefined && near.heard_at_ms + near_ms > clock.now_ms();
    const letter = heard ? writeLetter(request, body) : undefined;
    if (letter === undefined) return await this.#options.fetch(request);
    if (clock.now_ms() >= this.#away_until_ms) {
      try {
        return await this.#byNetwork(request);
      } catch (error) {
        if (request.signal.aborted) throw error;
        this.#away_until_ms = clock.now_ms() + away_ms;
      }
    }
    const bytes = await this.#options.letters.hand(near!.hardware_id, letter, request.signal);
    const answer = readAnswer(bytes);
    if (answer === undefined) throw new TypeError("the beacon answered with something else");
    return answer;
  };

  async #byNetwork(request: Request): Promise<Response> {
    const late = Promise.withResolvers<never>();
    const { clock, fetch } = this.#options;
    const cancel = clock.after(network_patience_ms, () => late.reject(new TypeError("no network")));
    try {
      return await Promise.race([fetch(request.clone()), late.promise]);
    } finally {
      cancel();
    }
  }
}
