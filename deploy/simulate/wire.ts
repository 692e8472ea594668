/**
 * How gateway and phones reach the issuer without HTTP: the same port as over HTTP, the same
 * failures, and letters in between, on which a road or a listener may do its worst.
 */
import type { Road } from "../../runtime/sim/road.ts";
import {
  type Answer,
  type Ask,
  givenUp,
  type IssuerPort,
  type Speak,
  type Speaker,
  troubleOfKind,
  unreachable,
} from "../../runtime/sync/contract/port.ts";
import type { RouteName } from "../../runtime/sync/contract/routes.ts";
import type { FeedItem } from "../../runtime/sync/contract/schemas.ts";
import type { Clock, Random, Vault } from "../../runtime/world.ts";
import { Refusal } from "../issuer/refusal.ts";
import type { FeedReader } from "../issuer/rooms/feed.ts";
import { type Letter, write } from "./letter.ts";

export interface WireSetting {
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly road: Road;
  /** Takes a letter to the issuer and brings what it answers. */
  readonly send: (letter: Letter) => Promise<unknown>;
}

const timeout_ms = 10_000;

/** A way to the issuer over this wire. */
export function speakDirectly(setting: WireSetting): Speak {
  return (speaker) => new DirectPort(setting, speaker);
}

class DirectPort implements IssuerPort {
  constructor(private readonly setting: WireSetting, private readonly speaker: Speaker) {}

  call<Name extends RouteName>(name: Name, ask: Ask<Name> = {}): Promise<Answer<Name>> {
    return this.#ask(name, ask as Ask<RouteName>, ask.signal) as Promise<Answer<Name>>;
  }

  async items(
    after: number,
    signal: AbortSignal,
  ): Promise<AsyncIterable<FeedItem | undefined>> {
    const reader = await this.#ask("feed", { query: { after } }, signal) as FeedReader;
    signal.addEventListener("abort", () => reader.close(), { once: true });
    if (signal.aborted) reader.close();
    return this.#read(reader, signal);
  }

  async *#read(reader: FeedReader, signal: AbortSignal) {
    try {
      for await (const items of this.setting.road.pieces(() => reader.next(), signal)) {
        if (items.length === 0) yield undefined;
        yield* items;
      }
    } finally {
      reader.close();
    }
  }

  #ask(name: RouteName, ask: Ask<RouteName>, signal: AbortSignal | undefined): Promise<unknown> {
    const { clock, send } = this.setting;
    if (signal?.aborted) return Promise.reject(givenUp());
    const letter = write(this.setting, this.speaker.signer, name, ask);
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel();
        signal?.removeEventListener("abort", stop);
      };
      const stop = () => {
        end();
        reject(givenUp());
      };
      const cancel = clock.after(timeout_ms, () => {
        end();
        reject(unreachable("it did not answer in time"));
      });
      signal?.addEventListener("abort", stop);
      send(letter).then((answer) => {
        end();
        resolve(answer);
      }, (error: unknown) => {
        end();
        reject(troubleOf(error));
      });
    });
  }
}

function troubleOf(error: unknown): Error {
  if (error instanceof Refusal) return troubleOfKind(error.kind, error.detail);
  return unreachable(error instanceof Error ? error.message : String(error));
}
