/**
 * Readings of a walk-out aisle that a store's own trackers and shelves publish over MQTT: each
 * message is one JSON object, `{"readings": [...]}`, as over HTTP. The broker keeps the session of
 * whoever reads: what is published with QoS 1 meanwhile, or was not taken, comes when it is back.
 */
// @ts-types="./mqtt.d.ts"
import { connect, type MqttClient } from "mqtt";
import { HardwareError } from "../errors.ts";
import { hardwareLimits } from "../limits.ts";
import type { ReadingsPort } from "../ports.ts";
import { WaitingReadings } from "./waiting.ts";

export interface MqttReadingsOptions {
  readonly id: string;
  /** e.g. `mqtts://broker:8883`. */
  readonly url: string;
  /** Topic or filter. */
  readonly topic: string;
  /** The name of the session at the broker: the same after a restart, and nobody else's. */
  readonly session: string;
  readonly username?: string;
  /** Secret. */
  readonly password?: string;
}

/** What a message holds: its readings, unread; of one that is no such message, why it is none. */
export function readingsIn(payload: Uint8Array): readonly unknown[] {
  const { mqtt_message_bytes: most } = hardwareLimits;
  if (payload.length > most) {
    return unreadable(`a message of ${payload.length} bytes: ${most} at most`);
  }
  const readings = listIn(payload);
  if (Array.isArray(readings)) return readings;
  return unreadable('a message is no JSON object such as {"readings": [...]}');
}

function listIn(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)).readings;
  } catch {
    return undefined;
  }
}

const unreadable = (reason: string) => [new HardwareError("message_unreadable", reason)];

export class MqttReadings implements ReadingsPort {
  readonly id: string;
  readonly #options: MqttReadingsOptions;

  constructor(options: MqttReadingsOptions) {
    this.id = options.id;
    this.#options = options;
  }

  async *readings(signal: AbortSignal): AsyncGenerator<unknown, void, void> {
    const { url, topic, session, username, password } = this.#options;
    if (signal.aborted) return;
    const client = connect(url, {
      // Whoever reads opens it again after a loss, with pauses of its own.
      reconnectPeriod: 0,
      connectTimeout: hardwareLimits.mqtt_connect_ms,
      protocolVersion: 5,
      clientId: session,
      clean: false,
      properties: { sessionExpiryInterval: hardwareLimits.mqtt_session_s },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    });
    const stop = () => void client.end(true);
    signal.addEventListener("abort", stop, { once: true });
    try {
      yield* this.#messages(client, topic, signal);
    } finally {
      signal.removeEventListener("abort", stop);
      client.end(true);
    }
  }

  async *#messages(client: MqttClient, topic: string, signal: AbortSignal) {
    const waiting = new WaitingReadings(hardwareLimits.mqtt_readings);
    let lost: Error | undefined;
    let closed = false;
    let wake = () => {};
    client.handleMessage = ({ payload }, done) => {
      waiting.add(readingsIn(payload), done);
      wake();
    };
    client.on("error", (error) => (lost = error, wake()));
    client.on("close", () => (closed = true, wake()));
    client.on("connect", () =>
      client.subscribe(topic, { qos: 1 }, (error) => {
        if (error) (lost = error, wake());
      }));
    for (;;) {
      for (let next = waiting.next(); next !== undefined; next = waiting.next()) {
        yield next.reading;
        // Whoever asks for more has taken it.
        next.taken?.();
      }
      if (signal.aborted) return;
      if (lost !== undefined || closed) {
        throw new HardwareError(
          "device_lost",
          `the broker of ${this.id} is not there (${
            lost?.message ?? "it hung up"
          }): start it, or ` +
            "correct its address",
        );
      }
      await new Promise<void>((resolve) => wake = resolve);
    }
  }
}
