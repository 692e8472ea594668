/** Gates and lamps on GPIO lines: a relay that is on for a while, and lights that are on or off. */
import { HardwareError } from "../errors.ts";
import type { GatePort, LampPort } from "../ports.ts";
import { type GpioOptions, GpioOutputs } from "./lines.ts";

export interface GpioGateOptions extends Omit<GpioOptions, "what" | "lines"> {
  readonly id: string;
  readonly line: number;
  /** How long the gate is open after it was last asked. */
  readonly open_ms: number;
}

/** Takes its line when it is first asked, and lets it go at `close`: the gate then falls shut. */
export class GpioGate implements GatePort {
  readonly id: string;
  readonly #options: GpioGateOptions;
  #outputs: GpioOutputs | undefined;
  #closing:
    | { readonly timer: ReturnType<typeof setTimeout>; readonly done: () => void }
    | undefined;

  constructor(options: GpioGateOptions) {
    this.id = options.id;
    this.#options = options;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { line, open_ms, ...options } = this.#options;
      try {
        this.#outputs ??= new GpioOutputs({ ...options, what: `gate ${this.id}`, lines: [line] });
        this.#outputs.set([0]);
      } catch (error) {
        this.#letGo();
        return reject(error);
      }
      // Whoever asked before waits for the later closing.
      const before = this.#closing;
      clearTimeout(before?.timer);
      const done = () => {
        before?.done();
        resolve();
      };
      const timer = setTimeout(() => {
        this.#closing = undefined;
        try {
          this.#outputs?.set([]);
          done();
        } catch (error) {
          this.#letGo();
          before?.done();
          reject(error);
        }
      }, open_ms);
      this.#closing = { timer, done };
    });
  }

  close(): Promise<void> {
    const closing = this.#closing;
    this.#closing = undefined;
    clearTimeout(closing?.timer);
    try {
      this.#outputs?.set([]);
    } catch (error) {
      if (!(error instanceof HardwareError)) throw error;
    } finally {
      this.#letGo();
      closing?.done();
    }
    return Promise.resolve();
  }

  #letGo(): void {
    this.#outputs?.[Symbol.dispose]();
    this.#outputs = undefined;
  }
}

export interface GpioLampOptions extends Omit<GpioOptions, "what" | "lines"> {
  readonly id: string;
  /** Lines by the names of their lights, e.g. `{ green: 4, red: 5 }`. */
  readonly lights: Readonly<Record<string, number>>;
}

export class GpioLamp implements LampPort {
  readonly id: string;
  readonly lights: readonly string[];
  readonly #options: GpioLampOptions;
  #outputs: GpioOutputs | undefined;

  constructor(options: GpioLampOptions) {
    this.id = options.id;
    this.lights = Object.keys(options.lights);
    this.#options = options;
  }

  // Async: what is thrown rejects, as the port says.
  async show(lights: readonly string[]): Promise<void> {
    const { lights: known, id: _, ...options } = this.#options;
    const names = this.lights;
    const places = lights.map((light) => names.indexOf(light));
    if (places.includes(-1)) {
      throw new HardwareError(
        "format_unsupported",
        `lamp ${this.id} has no light ${lights[places.indexOf(-1)]}: it has ${names.join(", ")}`,
      );
    }
    const lines = Object.values(known);
    try {
      this.#outputs ??= new GpioOutputs({ ...options, what: `lamp ${this.id}`, lines });
      this.#outputs.set(places);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#outputs?.[Symbol.dispose]();
    this.#outputs = undefined;
    return Promise.resolve();
  }
}
