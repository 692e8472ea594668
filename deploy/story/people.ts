/** The people of a story: each with a face, an account at the issuer, and a phone of their own. */
import { chanceOf } from "../../hardware/simulated/chance.ts";
import { realClock, realRandom } from "../../runtime/main.ts";
import { enrolledTone } from "../../runtime/perception/voice/testing.ts";
import { faceOf, simulatedModel } from "../../runtime/sim/faces.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import type { Services } from "../kill/services.ts";
import { type Phone, phone, type PhoneEvent } from "../phone/phone.ts";
import type { Office } from "./office.ts";
import type { Shopper, ShopperSetting } from "./place.ts";

export class People {
  readonly #services: Services;
  readonly #office: () => Office;
  readonly #phones: Phone[] = [];
  #people = 0;

  constructor(services: Services, office: () => Office) {
    this.#services = services;
    this.#office = office;
  }

  /** Somebody opens an account, consents and enrols. */
  async join(name: string, setting: ShopperSetting = {}): Promise<Shopper> {
    const [first_name = name] = name.split(" ");
    const initials = name.split(" ").map((part) => part[0]).join("");
    const deviceSeed = realRandom.bytes(32);
    let sealed = "";
    const network = { there: true };
    const asked = async (request: Request) => {
      if (!network.there) throw new TypeError("no network");
      if (request.url.endsWith("/v1/template") && request.method === "PUT") {
        sealed = (await request.clone().json()).sealed.ciphertext;
      }
      return await fetch(request);
    };
    const own = phone(
      {
        clock: realClock,
        random: realRandom,
        vault: nodeVault,
        fetch: asked,
        letters: { hand: (beacon, letter) => this.#services.hand(beacon, name, letter) },
      },
      {
        issuer: this.#services.config.issuer.url,
        deviceSeed,
        rules: { sightings: 1, tokens: 4, receipt_interval_ms: 100, receipt_grace_ms: 600_000 },
      },
    );
    this.#phones.push(own);
    const events: PhoneEvent[] = [];
    own.watch((event) => events.push(event));
    const { instrument = "test_ok", limits, phrase, birth_date, eligibilities = [] } = setting;
    const account = await own.openAccount({ first_name, initials, instrument });
    const values = setting.twin
      ? Float32Array.from(setting.twin.face)
      : faceOf(chanceOf(`story/${this.#people++}/${name}`));
    const { model, preset } = simulatedModel;
    if (setting.enrolled ?? true) {
      await own.enrolFace({ model, preset, values: values.slice() }, "1");
    }
    if (limits) await own.limits({ ...await own.limits(), ...limits });
    if (phrase !== undefined) await own.setPhrase(phrase);
    if (setting.voice !== undefined) await own.enrolVoice(enrolledTone(setting.voice), "1");
    if (birth_date !== undefined || eligibilities.length > 0) {
      await this.#office().setEligibility(account, {
        ...(birth_date ? { birth_date } : {}),
        eligibilities: [...eligibilities],
      });
    }
    const known = { name, initials, account, face: [...values], deviceSeed, sealed };
    return { ...known, phone: own, events, network };
  }

  stop(): void {
    for (const own of this.#phones) own.stop();
  }
}
