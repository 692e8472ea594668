/** The doctor as a store engineer calls it: what it says of a healthy machine and of a sick one. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Finding } from "./findings.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where no issuer answers: the port was free a moment ago. */
const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const nobody = `http://127.0.0.1:${closed.addr.port}`;
closed.close();

async function doctor(...flags: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "doctor", ...flags],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

async function examined(
  change: (draft: Record<string, unknown>) => void,
): Promise<{ readonly code: number; readonly findings: Map<string, Finding> }> {
  const folder = await Deno.makeTempDir();
  try {
    const draft = JSON.parse(await Deno.readTextFile(`${root}deploy/store.example.json`));
    Object.assign(draft, { data: `${folder}/data`, http: { port: 0 } });
    change(draft);
    await Deno.writeTextFile(`${folder}/store.json`, JSON.stringify(draft));
    const { code, out } = await doctor("--config", `${folder}/store.json`, "--json");
    const { findings, wrong } = JSON.parse(out) as { findings: Finding[]; wrong: number };
    assert.equal(wrong, findings.filter(({ verdict }) => verdict === "wrong").length);
    return { code, findings: new Map(findings.map((one) => [one.what, one])) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a healthy store is well, and its clock is the issuer's", async () => {
  const issuer = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("{}", { headers: { date: new Date().toUTCString() } }),
  );
  const url = `http://127.0.0.1:${issuer.addr.port}`;
  const { code, findings } = await examined((draft) => draft["issuer"] = { url });
  await issuer.shutdown();
  assert.equal(code, 0, JSON.stringify([...findings]));
  assert.equal(findings.get(`issuer ${url}`)?.verdict, "well");
  assert.equal(findings.get("clock")?.verdict, "well");
  assert.equal(findings.get("equipment")?.detail, "all of it is simulated");
});

Deno.test("a clock that is off is told, and how to set it", async () => {
  const date = new Date(Date.now() - 300_000).toUTCString();
  const issuer = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("{}", { headers: { date } }),
  );
  const url = `http://127.0.0.1:${issuer.addr.port}`;
  const { code, findings } = await examined((draft) => draft["issuer"] = { url });
  await issuer.shutdown();
  assert.equal(code, 1);
  assert.match(findings.get("clock")?.mend ?? "", /timedatectl/);
});

Deno.test("no issuer need run before a simulated store, which brings its own", async () => {
  const { code, findings } = await examined((draft) => draft["issuer"] = { url: nobody });
  assert.equal(code, 0, JSON.stringify([...findings]));
  assert.equal(findings.get(`issuer ${nobody}`)?.verdict, "note");
});

Deno.test("equipment that is not there is told by name, each with its way out", async () => {
  const { code, findings } = await examined((draft) => {
    draft["issuer"] = { url: nobody };
    draft["policies"] = { allow_drawn_models: true };
    draft["perception"] = { allow_drawn_models: true };
    const cameras = draft["cameras"] as { device: unknown }[];
    cameras[0]!.device = { kind: "v4l2", path: "/dev/v4l/by-id/no-such-camera" };
    const beacons = draft["beacons"] as { device: unknown }[];
    beacons[0]!.device = { kind: "bluez", adapter: "hci31" };
  });
  assert.equal(code, 1);
  const camera = findings.get("camera till-1");
  assert.equal(camera?.verdict, "wrong");
  assert.match(camera?.mend ?? "", /plug it in/);
  assert.equal(findings.get("beacon riverside-b1")?.verdict, "wrong");
  assert.ok(findings.get("beacon riverside-b1")?.mend);
  assert.equal(findings.get("detector")?.verdict, "wrong");
  assert.equal(findings.get(`issuer ${nobody}`)?.verdict, "wrong");
});

Deno.test("for people it prints one line a finding", async () => {
  const { out } = await doctor();
  for (const line of out.trim().split("\n")) assert.match(line, /^(ok|note|WRONG) +[^:]+.*: /);
});

Deno.test("a configuration that is none is a finding as well", async () => {
  const { code, out } = await doctor("--config", "/nowhere/store.json");
  assert.equal(code, 1);
  assert.match(out, /WRONG \/nowhere\/store\.json: .*mend the configuration/);
});
