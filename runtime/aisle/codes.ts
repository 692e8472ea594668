/**
 * Codes at gates: looked for in a camera's frames a few times a second, and each told once, since a
 * phone is held there for longer than one frame.
 */
import type { CameraPort } from "../../hardware/ports.ts";
import { limits } from "../limits.ts";
import { utf8 } from "../vault/bytes.ts";
import type { World } from "../world.ts";

interface Seen {
  readonly hash: Uint8Array;
  readonly entry: string;
  readonly at_ms: number;
}

export class CodeWatch {
  /** By gate, newest last; of codes only their hashes. */
  readonly #seen = new Map<string, Seen[]>();

  constructor(private readonly world: Pick<World, "clock" | "vault" | "readCode" | "log">) {}

  /** The trip that this code was for at this gate, lately. */
  known(gate: string, code: string): string | undefined {
    const { clock, vault } = this.world;
    const hash = vault.sha256(utf8(code));
    const since_ms = clock.now_ms() - limits.code_again_ms;
    return this.#seen.get(gate)
      ?.find((seen) => seen.at_ms > since_ms && vault.equal(seen.hash, hash))?.entry;
  }

  remember(gate: string, code: string, entry: string): void {
    const { clock, vault } = this.world;
    const seen = this.#seen.get(gate) ?? [];
    seen.push({ hash: vault.sha256(utf8(code)), entry, at_ms: clock.now_ms() });
    this.#seen.set(gate, seen.slice(-limits.codes_remembered));
  }

  /** Looks at the camera's frames until the signal. */
  async camera(
    camera: CameraPort,
    signal: AbortSignal,
    heard: () => void,
    shown: (code: string) => Promise<void>,
  ): Promise<void> {
    const { readCode, clock } = this.world;
    if (readCode === undefined) throw new Error("nothing here reads codes");
    const every_ms = 1_000 / limits.codes_per_second;
    let looked_ms = -Infinity;
    for await (const frame of camera.frames(signal)) {
      if (signal.aborted) return;
      heard();
      const since_ms = clock.now_ms() - looked_ms;
      // Before the last look: the clock was set back, and says nothing of how long ago that was.
      if (since_ms >= 0 && since_ms < every_ms) continue;
      looked_ms = clock.now_ms();
      const code = await readCode(frame);
      if (code !== undefined && code.length <= 2_000) await shown(code);
    }
  }
}
