/** The issuer as a process: it starts, ends in order, and says in one line why it does not. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("main.ts", import.meta.url));

function temporary(): { readonly path: string } & Disposable {
  const path = Deno.makeTempDirSync({ prefix: "issuer" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

function spawn(data: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--quiet", "--ignore-env", "--allow-net=127.0.0.1"],
      ...[`--allow-read=${data}`, `--allow-write=${data}`, script, "--data", data, ...args],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Starts an issuer and answers where it listens. */
async function started(data: string, args: readonly string[] = []) {
  const process = spawn(data, ["--port", "0", ...args]);
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const next = await reader.read();
    if (next.done) assert.fail(await new Response(process.stderr).text());
    text += next.value;
  }
  const [, origin] = /^issuer: listening on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(text) ?? [];
  assert.ok(origin, text);
  return {
    process,
    origin,
    /** Its exit code and what it said after the first line. */
    async ended() {
      const error = new Response(process.stderr).text();
      let more = "";
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        more += next.value;
      }
      return { code: (await process.status).code, said: more + await error };
    },
  };
}

/** The one line with which an issuer refuses to start. */
async function refusal(data: string, args: readonly string[]): Promise<string> {
  const process = spawn(data, args);
  await process.stdin.close();
  const { code, stdout, stderr } = await process.output();
  const said = new TextDecoder().decode(stderr);
  assert.deepEqual([code, new TextDecoder().decode(stdout)], [1, ""], said);
  assert.match(said, /^issuer: [^\n]+\n$/);
  return said;
}

Deno.test("it answers, keeps its keys over a restart, and ends at a signal", async () => {
  using folder = temporary();
  const keys: unknown[] = [];
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const issuer = await started(folder.path);
    const answer = await fetch(`${issuer.origin}/v1/keys`);
    keys.push(await answer.json());
    await issuer.process.stdin.close();
    issuer.process.kill(signal);
    assert.deepEqual(await issuer.ended(), { code: 0, said: "" });
  }
  assert.deepEqual(keys[0], keys[1]);
  assert.equal((Deno.statSync(`${folder.path}/admin.key`).mode ?? 0) & 0o077, 0);
});

Deno.test("it takes the administrator's key from its parent and ends with it", async () => {
  using folder = temporary();
  const issuer = spawn(folder.path, ["--port", "0", "--with-parent", "--admin-key-stdin"]);
  const input = issuer.stdin.getWriter();
  await input.write(new TextEncoder().encode("a-key-of-the-administrator\n"));
  const reader = issuer.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const origin = value.trim().split(" ").at(-1) ?? "";
  const register = async (key: string) => {
    const answer = await fetch(`${origin}/v1/merchants`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: '{"merchant":"m","name":"M"}',
    });
    await answer.body?.cancel();
    return answer.status;
  };
  assert.equal(await register("a-key-of-somebody-else"), 401);
  assert.equal(await register("a-key-of-the-administrator"), 200);
  await input.close();
  assert.equal((await issuer.status).code, 0);
  await Promise.all([reader.cancel(), issuer.stderr.cancel()]);
});

Deno.test("it says in one line what keeps it from starting", async () => {
  using folder = temporary();
  const data = `${folder.path}/data`;
  assert.match(await refusal(data, ["--colour"]), /'--colour'.*see --help/);
  const running = await started(data);
  const port = new URL(running.origin).port;
  assert.match(await refusal(`${folder.path}/other`, ["--port", port]), /in use.*--port/);
  assert.match(await refusal(data, ["--port", "0"]), /in use by another issuer.*--data/);
  await running.process.stdin.close();
  running.process.kill("SIGTERM");
  assert.equal((await running.ended()).code, 0);

  const path = `${data}/issuer.sqlite`;
  const database = new DatabaseSync(path);
  database.exec("PRAGMA user_version = 99");
  database.close();
  assert.match(await refusal(data, ["--port", "0"]), /format 99.*update the issuer/);
  Deno.writeTextFileSync(path, "no database at all ".repeat(400));
  assert.match(await refusal(data, ["--port", "0"]), /damaged.*backup/);
  Deno.writeTextFileSync(`${data}/admin.key`, "short\n");
  assert.match(await refusal(data, ["--port", "0"]), /administrator's key/);
});
