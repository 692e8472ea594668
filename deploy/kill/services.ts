/**
 * A gateway and an issuer as processes of their own, spoken to over HTTP like any, with what the
 * gateway's cameras see and its beacons send passed on as lines.
 */
import { most_openings } from "../issuer/flags.ts";
import { lost } from "../../hardware/letterbox/courier.ts";
import type { Config } from "../../runtime/config.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { realClock, realRandom } from "../../runtime/main.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import type { Orders } from "../start/orders.ts";
import { contentFiles, issuerPermissions, retailerPermissions } from "../start/permissions.ts";
import { fileURLToPath } from "node:url";
import { bear, Crashed, type Mortal, type MortalOptions } from "./child.ts";
import { type FromGateway, readFromGateway, type ToGateway, type Told } from "./words.ts";

/** Pages, and the scripts of Workers, which are read by right of who starts them. */
const sources = ["actors", "hardware", "runtime", "wasm"]
  .map((room) => fileURLToPath(new URL(`../../${room}`, import.meta.url)));
/** Longest that a process may take to come up. */
const patience_ms = 60_000;

export interface ServicesSetting {
  /** A folder for the data of both, empty. */
  readonly folder: string;
  readonly config: (data: string, ports: Ports) => Config;
  /** More flags for the issuer. */
  readonly issuer?: readonly string[];
  /** Flags for the retailer, in a store with a walk-out aisle. */
  readonly retailer?: readonly string[];
  /** Ports and the issuer's key of an earlier life; new ones without. */
  readonly ports?: Ports;
  readonly admin_key?: string;
  /** Every word of the gateway. */
  readonly heard?: (word: FromGateway) => void;
  /** Every line of any log. */
  readonly logged?: (line: string) => void;
}

export interface Ports {
  readonly gateway: number;
  readonly issuer: number;
  readonly retailer: number;
}

/** So many ports that nobody listens on now. */
export function freePorts(count: number): number[] {
  const held = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  for (const listener of held) listener.close();
  return held.map(({ addr }) => addr.port);
}

function newPorts(): Ports {
  const [gateway = 0, issuer = 0, retailer = 0] = freePorts(3);
  return { gateway, issuer, retailer };
}

/** A gateway and its issuer, each a process that may be killed and born again. */
export class Services {
  readonly config: Config;
  readonly #admin_key: string;
  readonly #ports: Ports;
  readonly #waiting = new Set<(word: FromGateway) => void>();
  #letters = 0;
  #gateway: Mortal | undefined;
  #issuer: Mortal | undefined;
  #retailer: Mortal | undefined;
  readonly #failed = Promise.withResolvers<never>();
  /** Rejects when a process ends by itself, whatever for. */
  readonly failed = this.#failed.promise;
  onAir: (word: Told<"on_air">) => void = () => {};

  constructor(private readonly setting: ServicesSetting) {
    this.#admin_key = setting.admin_key ?? toBase64url(realRandom.bytes(32));
    this.#ports = setting.ports ?? newPorts();
    this.config = setting.config(`${setting.folder}/gateway`, this.#ports);
  }

  /** Registers what only an administrator of the issuer may. Secret. */
  get adminKey(): string {
    return this.#admin_key;
  }

  /** Resolves when it listens. */
  startIssuer(): Promise<void> {
    const data = `${this.setting.folder}/issuer`;
    const port = this.#ports.issuer;
    return new Promise((resolve) => {
      const issuer = this.#issuer = this.#bear("the issuer", {
        script: "deploy/issuer/main.ts",
        permissions: issuerPermissions(
          `127.0.0.1:${port}`,
          data,
          this.setting.issuer?.includes("--detector"),
        ),
        args: [
          ...["--with-parent", "--admin-key-stdin", "--port", String(port), "--data", data],
          // All phones of a story are on this machine.
          ...["--openings", String(most_openings)],
          ...this.setting.issuer ?? [],
        ],
        heard: (line) => /listening on/.test(line) && resolve(),
      });
      issuer.say(this.#admin_key);
    });
  }

  get retailerUrl(): string {
    return `http://127.0.0.1:${this.#ports.retailer}`;
  }

  /** Resolves to the retailer's public key when it listens. */
  startRetailer(): Promise<string> {
    const data = `${this.setting.folder}/retailer`;
    const { retailer: port, issuer } = this.#ports;
    const service = `http://127.0.0.1:${issuer}`;
    let key = "";
    return new Promise((resolve) => {
      const retailer = this.#retailer = this.#bear("the retailer", {
        script: "deploy/retailer/main.ts",
        permissions: retailerPermissions(`127.0.0.1:${port}`, service, data),
        args: [
          ...["--with-parent", "--admin-key-stdin", "--port", String(port), "--data", data],
          ...["--store", this.config.store.id, "--merchant", this.config.store.merchant],
          ...["--service", service, ...this.setting.retailer ?? []],
        ],
        heard: (line) => {
          key = /signs as \S+ with (\S+)/.exec(line)?.[1] ?? key;
          if (/listening on/.test(line)) resolve(key);
        },
      });
      retailer.say(this.#admin_key);
    });
  }

  async killRetailer(): Promise<void> {
    await this.#retailer?.kill();
  }

  /** Bears a gateway; the result resolves when it listens, or when it was killed before. */
  startGateway(): Promise<boolean> {
    const { config } = this;
    const own = Object.values(this.#ports).map((port) => `127.0.0.1:${port}`);
    const broker = config.aisle?.mqtt === undefined ? [] : [new URL(config.aisle.mqtt.url).host];
    const net = [...own, ...broker].join(",");
    return new Promise((resolve) => {
      const gateway = this.#gateway = this.#bear("the gateway", {
        script: "deploy/kill/store.ts",
        permissions: [
          "--ignore-env",
          `--allow-net=${net}`,
          `--allow-read=${[...sources, config.data, ...contentFiles(config)].join(",")}`,
          `--allow-write=${config.data}`,
        ],
        heard: (line) => {
          const word = readFromGateway(line);
          if (word.say === "listening") resolve(true);
          if (word.say === "on_air") this.onAir(word);
          this.setting.heard?.(word);
          for (const listener of [...this.#waiting]) listener(word);
        },
      });
      const orders: Orders = { config, seed: 0, admin_key: this.#admin_key };
      gateway.say(JSON.stringify(orders));
      gateway.ended.then(() => resolve(false));
    });
  }

  /** Kills the issuer and bears it again, on its data. */
  async restartIssuer(): Promise<void> {
    await this.killIssuer();
    await this.startIssuer();
  }

  tell(word: ToGateway): void {
    this.#gateway?.say(JSON.stringify(word));
  }

  ask<Word extends "books" | "progress">(say: Word): Promise<Told<Word>> {
    return inTime(
      `${say} of the gateway`,
      new Promise((resolve) => {
        const listener = (word: FromGateway) => {
          if (word.say !== say) return;
          this.#waiting.delete(listener);
          resolve(word as Told<Word>);
        };
        this.#waiting.add(listener);
        this.tell({ say });
      }),
    );
  }

  /** Hands a letter over at a beacon's letterbox. Rejects with `HardwareError` `device_lost`. */
  async hand(
    hardware_id: string,
    from: string,
    letter: Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const number = ++this.#letters;
    const answer = await new Promise<Told<"answer">>((resolve) => {
      const listener = (word: FromGateway) => {
        if (word.say !== "answer" || word.number !== number) return;
        this.#waiting.delete(listener);
        resolve(word);
      };
      this.#waiting.add(listener);
      this.tell({ say: "letter", hardware_id, number, from, bytes: letter.toBase64() });
    });
    if (answer.bytes !== null) return Uint8Array.fromBase64(answer.bytes);
    throw lost(hardware_id);
  }

  #bear(name: string, options: MortalOptions): Mortal {
    const { logged } = this.setting;
    const process = bear({ ...options, ...(logged === undefined ? {} : { logged }) });
    process.ended.then(({ byItself, signal, last_words }) => {
      if (!byItself) return;
      if (signal !== null) {
        this.#failed.reject(new Crashed(`${name} was ended by ${signal}: ${last_words}`));
      }
      const message = `${name} ended by itself: ${last_words}`;
      this.#failed.reject(new RuntimeError("stopped", message));
    }, this.#failed.reject);
    return process;
  }

  async killGateway(): Promise<void> {
    await this.#gateway?.kill();
  }

  async killIssuer(): Promise<void> {
    await this.#issuer?.kill();
  }
}

/** Rejects with `RuntimeError` `stopped` when it takes too long. */
export async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = realClock.after(
    patience_ms,
    () => late.reject(new RuntimeError("stopped", `${what}: nothing in ${patience_ms} ms`)),
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    cancel();
  }
}
