/**
 * libdbus-1 as a carrier of whole messages: it connects, authenticates and queues; what is in a
 * message is written and read on this side. Nothing here waits but `poll` on its socket.
 */
import { HardwareError } from "../errors.ts";
import { type Libc, SystemCallError } from "../ffi/libc.ts";
import { openLibrary } from "../ffi/libraries.ts";
import { readiness, Waiter } from "../ffi/waiter.ts";
import { wireLimits } from "./signature.ts";

const symbols = {
  dbus_error_init: { parameters: ["buffer"], result: "void" },
  dbus_error_free: { parameters: ["buffer"], result: "void" },
  dbus_connection_open_private: { parameters: ["buffer", "buffer"], result: "pointer" },
  dbus_connection_set_exit_on_disconnect: { parameters: ["pointer", "i32"], result: "void" },
  dbus_connection_set_max_message_size: { parameters: ["pointer", "i64"], result: "void" },
  dbus_connection_get_unix_fd: { parameters: ["pointer", "buffer"], result: "i32" },
  dbus_connection_get_is_connected: { parameters: ["pointer"], result: "i32" },
  dbus_connection_has_messages_to_send: { parameters: ["pointer"], result: "i32" },
  dbus_connection_read_write: { parameters: ["pointer", "i32"], result: "i32" },
  dbus_connection_pop_message: { parameters: ["pointer"], result: "pointer" },
  dbus_connection_send: { parameters: ["pointer", "pointer", "pointer"], result: "i32" },
  dbus_connection_close: { parameters: ["pointer"], result: "void" },
  dbus_connection_unref: { parameters: ["pointer"], result: "void" },
  dbus_message_marshal: { parameters: ["pointer", "buffer", "buffer"], result: "i32" },
  dbus_message_demarshal: { parameters: ["buffer", "i32", "buffer"], result: "pointer" },
  dbus_message_unref: { parameters: ["pointer"], result: "void" },
  dbus_free: { parameters: ["pointer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** `DBusError` on 64-bit machines: name, message, flags, padding. */
const error_bytes = 32;

export interface BusOptions {
  readonly libc: Libc;
  /** `unix:path=/run/dbus/system_bus_socket` unless told otherwise. */
  readonly address?: string;
}

const system_bus = "unix:path=/run/dbus/system_bus_socket";

/** How long one look at the socket takes at most. */
const poll_ms = 5_000;

/** A private connection to a bus, which has yet to be greeted. Throws `HardwareError`
 * `device_missing` where there is none. */
export class BusSocket {
  readonly #library: Deno.DynamicLibrary<typeof symbols>;
  readonly #connection: Deno.PointerObject;
  readonly #waiter: Waiter;
  readonly #descriptor: number;
  #closing = false;

  constructor({ libc, address = system_bus }: BusOptions) {
    this.#library = openLibrary("libdbus-1.so.3", symbols);
    try {
      this.#connection = this.#connect(address);
    } catch (error) {
      this.#library.close();
      throw error;
    }
    const descriptor = new Int32Array(1);
    this.#c.dbus_connection_get_unix_fd(this.#connection, new Uint8Array(descriptor.buffer));
    this.#descriptor = descriptor[0]!;
    this.#waiter = new Waiter(libc);
  }

  /** Queues one message; false when the connection is closed, or the bytes are no message. */
  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.#closing) return false;
    const message =
      this.#withError((error) => this.#c.dbus_message_demarshal(bytes, bytes.length, error)).result;
    if (message === null) return false;
    const queued = this.#c.dbus_connection_send(this.#connection, message, null) !== 0;
    this.#c.dbus_message_unref(message);
    this.#waiter.wake();
    return queued;
  }

  /** Every message that comes, until the connection ends. */
  async *messages(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
    while (!this.#closing) {
      const open = this.#c.dbus_connection_read_write(this.#connection, 0) !== 0;
      for (let bytes = this.#take(); bytes && !this.#closing; bytes = this.#take()) yield bytes;
      if (!open || this.#c.dbus_connection_get_is_connected(this.#connection) === 0) return;
      const waits = this.#c.dbus_connection_has_messages_to_send(this.#connection) !== 0;
      const events = readiness.IN | (waits ? readiness.OUT : 0);
      try {
        await this.#waiter.wait(this.#descriptor, events, poll_ms);
      } catch (error) {
        if (error instanceof SystemCallError) return;
        throw error;
      }
    }
  }

  /** Ends `messages`; `release` frees what it used, once that has ended. */
  close(): void {
    this.#closing = true;
    this.#waiter.wake();
  }

  release(): void {
    this.#c.dbus_connection_close(this.#connection);
    this.#c.dbus_connection_unref(this.#connection);
    this.#waiter.close();
    this.#library.close();
  }

  #connect(address: string): Deno.PointerObject {
    const name = new TextEncoder().encode(`${address}\0`);
    const opened = this.#withError((error) => this.#c.dbus_connection_open_private(name, error));
    if (opened.result === null) throw missing(address, opened.reason);
    const connection = opened.result;
    // It would end the process otherwise, when the bus goes.
    this.#c.dbus_connection_set_exit_on_disconnect(connection, 0);
    this.#c.dbus_connection_set_max_message_size(connection, BigInt(wireLimits.message_bytes));
    return connection;
  }

  /** The oldest message that has come, as bytes. */
  #take(): Uint8Array<ArrayBuffer> | undefined {
    const message = this.#c.dbus_connection_pop_message(this.#connection);
    if (message === null) return undefined;
    const place = new BigUint64Array(1);
    const length = new Int32Array(1);
    const written = this.#c.dbus_message_marshal(
      message,
      new Uint8Array(place.buffer),
      new Uint8Array(length.buffer),
    );
    this.#c.dbus_message_unref(message);
    if (written === 0) return new Uint8Array(0);
    const data = Deno.UnsafePointer.create(place[0]!)!;
    const bytes = new Uint8Array(length[0]!);
    new Deno.UnsafePointerView(data).copyInto(bytes);
    this.#c.dbus_free(data);
    return bytes;
  }

  #withError<T>(
    act: (error: Uint8Array<ArrayBuffer>) => T,
  ): { readonly result: T; readonly reason: string } {
    const error = new Uint8Array(error_bytes);
    this.#c.dbus_error_init(error);
    const result = act(error);
    const place = Deno.UnsafePointer.create(new DataView(error.buffer).getBigUint64(8, true));
    const reason = place === null ? "" : new Deno.UnsafePointerView(place).getCString();
    this.#c.dbus_error_free(error);
    return { result, reason };
  }

  get #c() {
    return this.#library.symbols;
  }
}

export function missing(address: string, reason: string): HardwareError {
  return new HardwareError(
    "device_missing",
    `no bus answers at ${address} (${reason}): start dbus, and let the gateway's user use it`,
  );
}
