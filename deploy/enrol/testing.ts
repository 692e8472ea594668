/** The issuer with its enrolment pages as a process, and a browser that somebody enrols in. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const models = {
  detector: `${root}models/drawn-detector.json`,
  embedder: `${root}models/drawn-embedder.json`,
};
const chromium = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
/** Undefined where there is none. */
export const browser = isFile(chromium) ? chromium : undefined;
if (browser === undefined) {
  console.log(`enrolment in a browser: skipped, there is no ${chromium}; install Chromium`);
}
export const bearer = "k".repeat(40);

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The reference issuer as a process, with its page. */
export async function startIssuer(data: string) {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--quiet", "--ignore-env", "--allow-net=127.0.0.1"],
      ...["--allow-read", `--allow-write=${data}`, `${root}deploy/issuer/main.ts`],
      ...["--data", data, "--port", "0", "--admin-key-stdin", "--with-parent"],
      ...["--detector", models.detector, "--embedder", models.embedder],
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = process.stdin.getWriter();
  await input.write(new TextEncoder().encode(`${bearer}\n`));
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes("/enrol/")) {
    const { done, value } = await reader.read();
    assert.ok(!done, said);
    said += value;
  }
  const [, origin] = /listening on (http:\S+)/.exec(said) ?? [];
  assert.ok(origin);
  return {
    origin,
    async end() {
      await input.close();
      assert.equal((await process.status).code, 0);
      await reader.cancel();
    },
  };
}

export interface Enrolled {
  readonly account: string;
  readonly seed: readonly number[];
  readonly told: string;
  readonly trouble: readonly string[];
  readonly asked: readonly string[];
}

/** What a browser pretends that its camera or microphone sends. */
export type Pretence =
  | { readonly device: "camera"; readonly film: Uint8Array<ArrayBuffer> }
  | { readonly device: "microphone"; readonly wav: Uint8Array<ArrayBuffer> };

/** What a shopper does in a browser; pictures of the page stay in `folder`. */
export async function enrolInBrowser(
  origin: string,
  folder: string,
  pretence: Pretence,
): Promise<Enrolled> {
  const film = pretence.device === "camera";
  const file = `${folder}/${film ? "film.y4m" : "digits.wav"}`;
  await Deno.writeFile(file, film ? pretence.film : pretence.wav);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--quiet", "--config", `${root}deploy/enrol/browser/deno.json`],
      ...["--ignore-env", "--ignore-read=/proc,/run,/etc", "--allow-read", "--allow-sys"],
      ...["--allow-write", "--allow-net=127.0.0.1", `--allow-run=${browser}`],
      ...[`${root}deploy/enrol/browser/drive.js`, String(browser)],
      ...[`${origin}/enrol/${film ? "" : "voice/"}`, pretence.device, file, folder],
    ],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
