/**
 * A connection to a bus as programs use it: calls with replies, signals that were asked for, and
 * objects of our own that others call. Malformed messages are passed over.
 */
import { type BusOptions, BusSocket, missing } from "./libdbus.ts";
import { type Message, messageTypes, pack, unpack } from "./message.ts";
import { WireError } from "./signature.ts";
import type { Value } from "./wire.ts";

/** An error that the other side answered with, or that there was no answer. */
export class BusError extends Error {
  override readonly name = "BusError";
  constructor(readonly kind: string, readonly reason: string) {
    super(`${kind.split(".").at(-1)}: ${reason}`);
  }
}

export interface Call {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly Value[];
}

export interface Reply {
  readonly signature?: string;
  readonly body?: readonly Value[];
}

/** An object of ours: answers a call, now or later, or throws `BusError`. Undefined means: no such
 * method. */
export type BusObject = (message: Message) => Reply | undefined | Promise<Reply | undefined>;

/** BlueZ answers a failed connection after 25 s; nothing else takes so long. */
const patience_ms = 30_000;

export const bus_name = "org.freedesktop.DBus";
const unknown_method = `${bus_name}.Error.UnknownMethod`;

interface Waiting {
  readonly resolve: (body: readonly Value[]) => void;
  readonly reject: (error: BusError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class Connection implements AsyncDisposable {
  /** Resolves when the bus has gone, or the connection was closed. */
  readonly ended: Promise<void>;
  readonly objects = new Map<string, BusObject>();
  readonly #socket: BusSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(message: Message) => void>();
  #serial = 0;
  #open = true;
  #unique_name = "";

  private constructor(options: BusOptions) {
    this.#socket = new BusSocket(options);
    this.ended = this.#run();
  }

  /** Connects and says hello, without waiting on anybody's thread. Throws `HardwareError`
   * `device_missing` where no bus answers. */
  static async open(options: BusOptions): Promise<Connection> {
    const connection = new Connection(options);
    const bus = { destination: bus_name, path: "/org/freedesktop/DBus", interface: bus_name };
    try {
      const [name] = await connection.call({ ...bus, member: "Hello" });
      connection.#unique_name = String(name);
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      if (!(error instanceof BusError)) throw error;
      throw missing(options.address ?? "the system bus", error.message);
    }
  }

  /** This connection's own name on the bus. */
  get unique_name(): string {
    return this.#unique_name;
  }

  /** The values of the reply. Rejects with `BusError`. */
  call(call: Call): Promise<readonly Value[]> {
    const serial = this.#next();
    const what = `${call.member} of ${call.destination}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(serial);
        reject(new BusError("NoReply", `${what} was not answered`));
      }, patience_ms);
      this.#waiting.set(serial, { resolve, reject, timer });
      if (!this.#send({ type: messageTypes.call, serial, ...call, body: call.body ?? [] })) {
        this.#waiting.delete(serial);
        clearTimeout(timer);
        reject(new BusError("Disconnected", `${what} cannot be called: the bus is gone`));
      }
    });
  }

  /** Asks the bus for signals by a match rule. */
  async match(rule: string): Promise<void> {
    await this.call({
      destination: bus_name,
      path: "/org/freedesktop/DBus",
      interface: bus_name,
      member: "AddMatch",
      signature: "s",
      body: [rule],
    });
  }

  /** Calls with every signal that comes; the result stops it. */
  listen(listener: (signal: Message) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  signal(signal: Omit<Message, "type" | "serial">): void {
    this.#send({ ...signal, type: messageTypes.signal, serial: this.#next() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    this.#socket.close();
    await this.ended;
  }

  async #run(): Promise<void> {
    for await (const bytes of this.#socket.messages()) {
      if (!this.#open) break;
      try {
        this.#take(unpack(bytes));
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }
    this.#open = false;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new BusError("Disconnected", "the bus is gone"));
    }
    this.#waiting.clear();
    this.#socket.release();
  }

  #take(message: Message): void {
    switch (message.type) {
      case messageTypes.call:
        return this.#answer(message);
      case messageTypes.signal:
        for (const listener of [...this.#listeners]) listener(message);
        return;
      case messageTypes.reply:
      case messageTypes.error: {
        const serial = message.reply_serial ?? 0;
        const waiting = this.#waiting.get(serial);
        if (waiting === undefined) return;
        this.#waiting.delete(serial);
        clearTimeout(waiting.timer);
        if (message.type === messageTypes.reply) return waiting.resolve(message.body);
        const reason = typeof message.body[0] === "string" ? message.body[0] : "no reason given";
        return waiting.reject(new BusError(message.error_name ?? "Error", reason));
      }
    }
  }

  #answer(call: Message): void {
    const failed = (error: unknown) => {
      if (!(error instanceof BusError)) throw error;
      this.#reply(call, error);
    };
    try {
      const reply = this.objects.get(call.path ?? "")?.(call);
      if (reply instanceof Promise) reply.then((later) => this.#reply(call, later)).catch(failed);
      else this.#reply(call, reply);
    } catch (error) {
      failed(error);
    }
  }

  #reply(
    call: Message,
    reply: Reply | undefined | BusError = new BusError(unknown_method, "there is no such method"),
  ): void {
    const address = {
      serial: this.#next(),
      reply_serial: call.serial,
      ...(call.sender === undefined ? {} : { destination: call.sender }),
    };
    this.#send(
      reply instanceof BusError
        ? {
          type: messageTypes.error,
          ...address,
          error_name: reply.kind,
          signature: "s",
          body: [reply.reason],
        }
        : { type: messageTypes.reply, ...address, ...reply, body: reply.body ?? [] },
    );
  }

  #send(message: Message): boolean {
    return this.#open && this.#socket.send(pack(message));
  }

  #next(): number {
    this.#serial = this.#serial >= 0x7fffffff ? 1 : this.#serial + 1;
    return this.#serial;
  }
}
