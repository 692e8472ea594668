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
import { crash_status, orders_file, type PowerOrders, ready_words } from "./words.ts";

export interface PoweredSetting {
  readonly built: string;
  /** The image that stays when the power goes. */
  readonly disk: string;
  readonly print: (line: string) => void;
}

/** A life of the machine. */
const limit_s = 1_200;
/** With more of them the emulator is no place to judge a store in. */
const most_crashes = 5;
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
  `${program} </host/${orders_file} || { status=$?; dmesg | tail -n 5; exit $status; }`,
  "umount /disk",
].join("\n");

interface Life {
  readonly machine: Machine;
  /** It was cut off, and how it ended says nothing. */
  cut: boolean;
}

export class PoweredStore {
  readonly config: Config;
  readonly #setting: PoweredSetting;
  readonly #orders: PowerOrders;
  /** Where the emulator takes connections for the ports of the machine. */
  readonly #outside: readonly number[];
  readonly #wires: readonly Wire[];
  readonly #waiting = new Set<(word: FromGateway) => void>();
  /** Questions without an answer: who comes up after a crash is asked them again. */
  readonly #asked = new Set<"books" | "progress">();
  readonly #failed = Promise.withResolvers<never>();
  /** Rejects when the machine ends by itself, but for a crash: that is one cut more. */
  readonly failed = this.#failed.promise;
  /** One line for each. */
  readonly crashes: string[] = [];
  #life: Promise<Life> | undefined;
  #listens = Promise.withResolvers<void>();
  #up = false;
  #lines: { readonly connection: Deno.Conn; last: Promise<unknown> } | undefined;
  onAir: (word: Told<"on_air">) => void = () => {};
  /** A gateway listens, and sees nothing yet. */
  onListening: () => void = () => {};

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

  /** Switches it on. Resolves when the gateway listens, be it after a crash. */
  async start(): Promise<void> {
    this.#listens = Promise.withResolvers();
    await this.#live();
    await this.#listens.promise;
  }

  #live(): Promise<Life> {
    const life = this.#life = this.#boot();
    life.catch(this.#failed.reject);
    return life;
  }

  async #boot(): Promise<Life> {
    const { built, disk, print } = this.#setting;
    const { ports, lines } = this.#orders;
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
        if (line !== ready_words) return life.cut ? undefined : print(`machine: ${line}`);
        this.#speak().catch(this.#failed.reject);
      },
    });
    const life: Life = { machine, cut: false };
    machine.ended.then((status) => {
      this.#hangUp();
      if (life.cut || status === 0) return;
      if (status !== undefined && status > 128) return this.#crashed(status);
      const message = `the machine ended by itself (${status ?? "it died or hung"})`;
      this.#failed.reject(new RuntimeError("stopped", `${message}: look at what it said above`));
    }).catch(this.#failed.reject);
    return life;
  }

  /** Says nothing of sales, and is no cut that was planned: it is told, and the store goes on from
   * what the disk has. */
  #crashed(status: number): void {
    const what = status === crash_status ? "a process of the store" : "the program in the machine";
    const crash = `crash ${this.crashes.length + 1}: ${what} was ended by a signal (${status})`;
    this.crashes.push(crash);
    this.#setting.print(`${crash}; the store is started again`);
    if (this.crashes.length <= most_crashes) return void this.#live();
    const message = `${this.crashes.length} crashes: nothing can be said of sales`;
    this.#failed.reject(new RuntimeError("stopped", message));
  }

  /** Takes its power away; resolves when it is off. */
  async cut(): Promise<void> {
    const life = await this.#life;
    if (life !== undefined) life.cut = true;
    life?.machine.cut();
    await life?.machine.ended;
    this.#hangUp();
  }

  /** Lets it end; resolves to whether it ended well. */
  async end(): Promise<boolean> {
    this.#hangUp();
    return await (await this.#life)?.machine.ended === 0;
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
        this.#asked.delete(say);
        resolve(word as Told<Word>);
      };
      this.#waiting.add(listener);
      this.#asked.add(say);
      this.tell({ say });
    });
  }

  async #speak(): Promise<void> {
    const connection = await Deno.connect({ hostname: here, port: this.#outside[2]! });
    this.#lines = { connection, last: Promise.resolve() };
    try {
      for await (const line of linesOf(connection.readable)) {
        const word = readFromGateway(line);
        if (word.say === "listening") {
          this.#up = true;
          this.onListening();
          for (const say of this.#asked) this.tell({ say });
          this.#listens.resolve();
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
