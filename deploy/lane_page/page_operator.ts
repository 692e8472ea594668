/** Somebody at a page of the gateway, in a real Chromium that is a process of its own: what they
 * did and saw, turn by turn. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { demoPin } from "../demo/operators.ts";

/** `CHROMIUM` names another. */
export const chromium = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";

/** Whether there is one; says so where not. */
export function isChromium(page: string): boolean {
  try {
    if (Deno.statSync(chromium).isFile) return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  console.log(`${page}: skipped, there is no ${chromium}`);
  return false;
}

const turn = z.looseObject({
  turn: z.string(),
  trouble: z.array(z.string()),
  error: z.string().optional(),
});

export class PageOperator implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #rest = "";

  /** Plays a script of this folder at the page; `pictures` of it go into that folder. */
  constructor(script: string, url: string, pictures: string) {
    const folder = fileURLToPath(new URL("../", import.meta.url));
    this.#process = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--quiet", "--config", `${folder}enrol/browser/deno.json`],
        ...["--allow-env", "--allow-sys", "--allow-read", "--allow-write"],
        ...["--allow-net=127.0.0.1", `--allow-run=${chromium}`, `${folder}lane_page/${script}`],
        ...[chromium, url, "olga", demoPin, pictures],
      ],
      stdout: "piped",
    }).spawn();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next turn, which must be this one, without an error in the page. */
  async comesTo(name: string): Promise<Record<string, unknown>> {
    while (!this.#rest.includes("\n")) {
      const { done, value } = await this.#lines.read();
      assert.ok(!done, `the operator stopped before ${name}`);
      this.#rest += value;
    }
    const [line = "", ...more] = this.#rest.split("\n");
    this.#rest = more.join("\n");
    const told = turn.parse(JSON.parse(line));
    assert.equal(told.turn, name, told.error);
    assert.deepEqual(told.trouble, []);
    return told;
  }

  /** The operator has seen all there was to see. */
  async leaves(): Promise<void> {
    assert.ok((await this.#lines.read()).done, "nothing is left to tell");
    assert.equal((await this.#process.status).code, 0);
  }

  /** Never throws: what went wrong in the story is not to be hidden by how it was tidied up. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lines.cancel();
    await this.#process.status;
  }
}
