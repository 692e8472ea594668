/**
 * A store in the lab's machine, as it looks from outside: it is started and loses its power, tills
 * and phones reach it by the addresses of its configuration, and its gateway is spoken to in lines.
 */
import { RuntimeError } from "../../../runtime/errors.ts";
import { realRandom } from "../../../runtime/main.ts";
import type { Config } from "../../../runtime/config.ts";
import { toBase64url } from "../../../runtime/vault/bytes.ts";
import { linesOf } from "../../kill/lines.ts";
import { freePorts } from "../../kill/services.ts";
import { configFor } from "../../kill/shop.ts";
import { type FromGateway, readFromGateway, type ToGateway, type Told } from "../../kill/words.ts";
import { boot, type Machine } from "../machine.ts";
import { type Wire, wire } from "./wire.ts";
import { orders_file, type PowerOrders, ready_words } from "./words.ts";

export interface PoweredSetting {
  readonly built: string;
  /** The image that stays when the power goes. */
  readonly disk: string;
  readonly print: (line: string) => void;
}

/** A life of the machine. */
const limit_s = 1_200;
const here = "127.0.0.1";

const program = "deploy/lab/power/store.ts";
const user = "setpriv --reuid=saunter --regid=saunter --init-groups --reset-env";
const net = "--allow-net=127.0.0.1,10.0.2.15";
const orders = [
  "set -e",
  "modprobe virtio_net",
  "card=$(ls /sys/class/net | grep -v lo)",
  'ip addr add 10.0.2.15/24 dev "$card"',
  'ip link set "$card" up',
  "mkdir -p /disk",
  "mount -t ext4 /dev/vda /disk",
  "chown saunter:saunter /disk",
  `${user} env DENO_DIR=/deno HOME=/tmp DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 deno run --quiet ` +
  `--no-check --cached-only --no-prompt ${net} --allow-run=/usr/local/bin/deno ` +
  `${program} </host/${orders_file}`,
  "umount /disk",
].join("\n");

interface Life {
  readonly machine: Machine;
  /** Resolves when its gateway listens; false when the power went before. */
  readonly listens: Promise<boolean>;
}

export class PoweredStore {
  readonly config: Config;
  readonly #setting: PoweredSetting;
  readonly #orders: PowerOrders;
  /** Where the emulator takes connections for the ports of the machine. */
  readonly #outside: readonly number[];
  readonly #wires: readonly Wire[];
  readonly #waiting = new Set<(word: FromGateway) => void>();
  readonly #failed = Promise.withResolvers<never>();
  /** Rejects when the machine ends by itself. */
  readonly failed = this.#failed.promise;
  #life: Life | undefined;
  #up = false;
  #lines: { readonly connection: Deno.Conn; last: Promise<unknown> } | undefined;
  onAir: (word: Told<"on_air">) => void = () => {};

  constructor(setting: PoweredSetting) {
    this.#setting = setting;
    const [gateway = 0, issuer = 0, retailer = 0, lines = 0, ...outside] = freePorts(7);
    const ports = { gateway, issuer, retailer };
    this.#orders = { ports, lines, admin_key: toBase64url(realRandom.bytes(32)) };
    this.#outside = outside;
    this.config = configFor("/disk/gateway", ports);
    this.#wires = [gateway, issuer].map((port, at) =>
      wire(
        { hostname: here, port },
        () => this.#up ? { hostname: here, port: outside[at]! } : undefined,
      )
    );
  }

  /** Switches it on. Resolves when the gateway listens; false when it was cut off before. */
  async start(): Promise<boolean> {
    const { built, disk, print } = this.#setting;
    const { ports, lines } = this.#orders;
    const listens = Promise.withResolvers<boolean>();
    let cut = false;
    const machine = await boot({
      built,
      disk,
      orders,
      bare: true,
      limit_s,
      share: (folder) =>
        Deno.writeTextFile(`${folder}/${orders_file}`, JSON.stringify(this.#orders)),
      forwards: [ports.gateway, ports.issuer, lines].map((guest, at) => ({
        guest,
        host: this.#outside[at]!,
      })),
      heard: (line) => {
        if (line !== ready_words) return cut ? undefined : print(line);
        this.#speak(listens.resolve).catch(this.#failed.reject);
      },
    });
    const life = {
      machine: {
        ended: machine.ended,
        cut() {
          cut = true;
          machine.cut();
        },
      },
      listens: listens.promise,
    };
    this.#life = life;
    machine.ended.then((status) => {
      this.#hangUp();
      listens.resolve(false);
      if (cut || status === 0) return;
      const message = `the machine ended by itself (${status ?? "it died or hung"})`;
      this.#failed.reject(new RuntimeError("stopped", `${message}: look at what it said above`));
    }, this.#failed.reject);
    return await life.listens;
  }

  /** Takes its power away; resolves when it is off. */
  async cut(): Promise<void> {
    this.#life?.machine.cut();
    await this.#life?.machine.ended;
    this.#hangUp();
  }

  /** Lets it end; resolves to whether it ended well. */
  async end(): Promise<boolean> {
    this.#hangUp();
    return await this.#life?.machine.ended === 0;
  }

  /** The wires; the machine is off. */
  close(): void {
    for (const each of this.#wires) each.close();
  }

  tell(word: ToGateway): void {
    const lines = this.#lines;
    if (lines === undefined) return;
    const bytes = new TextEncoder().encode(`${JSON.stringify(word)}\n`);
    // What is said to a machine that has just lost its power is lost with it.
    lines.last = lines.last.then(() => writeAll(lines.connection, bytes)).catch(() => undefined);
  }

  ask<Word extends "books" | "progress">(say: Word): Promise<Told<Word>> {
    return new Promise((resolve) => {
      const listener = (word: FromGateway) => {
        if (word.say !== say) return;
        this.#waiting.delete(listener);
        resolve(word as Told<Word>);
      };
      this.#waiting.add(listener);
      this.tell({ say });
    });
  }

  async #speak(listens: (yes: boolean) => void): Promise<void> {
    const connection = await Deno.connect({ hostname: here, port: this.#outside[2]! });
    this.#lines = { connection, last: Promise.resolve() };
    try {
      for await (const line of linesOf(connection.readable)) {
        const word = readFromGateway(line);
        if (word.say === "listening") {
          this.#up = true;
          listens(true);
        } else if (word.say === "on_air") this.onAir(word);
        for (const listener of [...this.#waiting]) listener(word);
      }
    } catch (error) {
      // The line is cut with the power, and by whoever hangs up.
      if (this.#lines?.connection === connection && !isBroken(error)) throw error;
    }
  }

  #hangUp(): void {
    this.#up = false;
    for (const each of this.#wires) each.drop();
    const { connection } = this.#lines ?? {};
    this.#lines = undefined;
    try {
      connection?.close();
    } catch (error) {
      // The other side was first.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }
}

const isBroken = (error: unknown) =>
  [Deno.errors.ConnectionReset, Deno.errors.BrokenPipe, Deno.errors.UnexpectedEof]
    .some((kind) => error instanceof kind);

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
