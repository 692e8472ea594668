/**
 * One whole sale on real drivers: the gateway as systemd's service of an unprivileged user, a face
 * that reaches it through a camera's driver, and a phone without a network that hears the beacon
 * and writes to it from the other controller.
 */
import assert from "node:assert/strict";
import { openLibc } from "../../../hardware/ffi/libc.ts";
import { Bluez } from "../../../hardware/bluez/bluez.ts";
import { BluezLetters } from "../../../hardware/bluez/letters.ts";
import { BluezScanner } from "../../../hardware/bluez/scanner.ts";
import { run } from "../../../hardware/testing/compile.ts";
import { parseConfig } from "../../../runtime/config.ts";
import { realClock, realRandom } from "../../../runtime/main.ts";
import type { Receipt } from "../../../runtime/sync/contract/schemas.ts";
import { nodeVault } from "../../../runtime/vault/node.ts";
import { phone } from "../../phone/phone.ts";
import { gatewayPermissions, issuerPermissions } from "../../start/permissions.ts";
import { film, grabber, operator, ports, screen, store } from "./store.ts";

const gateway = `http://127.0.0.1:${ports.gateway}`;
const nap = (delay_ms: number) => new Promise<void>((resolve) => setTimeout(resolve, delay_ms));

/** Asks until there is an answer. The machine ends a test that waits for nothing. */
async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined && found !== false) return found;
    await nap(500);
  }
}

async function json(path: string, body?: unknown, session?: string) {
  const headers = {
    "content-type": "application/json",
    ...session === undefined ? {} : { "x-operator-session": session },
  };
  const asked = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(`${gateway}${path}`, asked);
  const told = await answer.json();
  assert.ok(answer.ok, JSON.stringify(told));
  return told;
}

function startIssuer(): Deno.ChildProcess {
  const data = "/var/lib/issuer";
  const flags = issuerPermissions(`127.0.0.1:${ports.issuer}`, data);
  const read = flags.map((flag) =>
    flag.startsWith("--allow-read") ? `${flag},/etc/saunter/admin.key` : flag
  );
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "--cached-only", "--no-prompt", ...read],
      ...["deploy/issuer/main.ts", "--data", data, "--port", String(ports.issuer)],
      ...["--admin-key-file", "/etc/saunter/admin.key"],
      // Whatever takes long here is no reason to leave.
      ...["--rotation", "10", "--lease", "900", "--threshold", "120"],
    ],
    stdout: "null",
    stderr: "inherit",
  }).spawn();
}

/** What plays the film into the grabber, again and again. */
async function startFilm(): Promise<Deno.ChildProcess> {
  const { width, height, timings } = film;
  for (const node of [screen, grabber]) {
    await run("v4l2-ctl", ["-d", node, "--set-dv-bt-timings", timings]);
  }
  await run("v4l2-ctl", ["-d", grabber, "-c", "loop_video=1"]);
  // Who looks comes first: a film that stutters is a film all the same.
  return new Deno.Command("nice", {
    args: [
      ...["-n", "15", "v4l2-ctl"],
      ...["-d", screen, "--stream-out-mmap=4", "--stream-from=/tmp/film.yuyv", "--stream-loop"],
      `--set-fmt-video-out=width=${width},height=${height},pixelformat=YUYV`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
}

const processes: Deno.ChildProcess[] = [];

Deno.test("one whole sale on real drivers", async (test) => {
  await Deno.writeTextFile("/etc/saunter/store.json", JSON.stringify(store));
  /** What comes after something that failed says nothing. */
  const step = async (what: string, act: () => Promise<void>) => {
    assert.ok(await test.step(what, act), what);
  };
  const network = { there: true };
  const libc = openLibc();
  const bluez = new Bluez({ libc });
  const scanner = new BluezScanner({ bluez, adapter: "hci1" });
  const letters = new BluezLetters({ bluez, adapter: "hci1", scanner });
  processes.push(startIssuer());
  await until(() => healthy(store.issuer.url));
  const own = phone({
    clock: realClock,
    random: realRandom,
    vault: nodeVault,
    fetch: (request) => network.there ? fetch(request) : Promise.reject(new TypeError("away")),
    letters,
  }, { issuer: store.issuer.url, deviceSeed: realRandom.bytes(32), rules: { sightings: 1 } });
  const receipts: Receipt[] = [];
  own.watch((event) => {
    if (event.type === "receipt") receipts.push(event.receipt);
    else console.log(`phone: ${event.type}`);
  });

  await step("a shopper opens an account and enrols a face at home", async () => {
    await own.openAccount({ first_name: "Ana", initials: "AS", instrument: "test_ok" });
    const { model, preset, values } = JSON.parse(await Deno.readTextFile("/host/template.json"));
    await own.enrolFace({ model, preset, values: Float32Array.from(values) }, "1");
    network.there = false;
  });

  await step("the service starts as shipped, and runs as nobody special", async () => {
    processes.push(await startFilm());
    await run("systemctl", ["start", "saunter"]);
    await until(async () => {
      const restarts = await run("systemctl", ["show", "saunter", "-p", "NRestarts", "--value"]);
      if (Number(restarts) > 0) return "over";
      return await healthy(gateway);
    });
    const process = await gatewayProcess();
    assert.equal(process.user, (await run("id", ["-u", "saunter"])).trim());
    const config = parseConfig(store);
    const wanted = gatewayPermissions(config, "/opt/saunter/");
    assert.deepEqual(process.permissions, wanted);
  });

  await step("its sandbox refuses what a library must not do", async () => {
    await run("systemctl", ["start", "saunter-probe"]);
    const told = await run("journalctl", ["--no-pager", "--output", "cat", "-u", "saunter-probe"]);
    assert.match(told, /^sandboxed$/m);
  });

  await step("the phone, without a network, hears the beacon and checks in", async () => {
    scanner.listen((sighting) => own.hear({ ...sighting, rssi_dbm: -60 }));
    // A machine that stands still for long lets a stay lapse, and the phone checks in again.
    await until(async () =>
      own.checkIn !== undefined &&
      (await json(`/debug/actors/visit/${own.checkIn}`)).state === "present"
    );
  });

  await step("the face in the film is matched, tapped and charged", async () => {
    const items = [{ name: "Tea", quantity: 1, amount_minor: 420 }];
    const sale = { poi_id: "poi-1", sale_id: "till-1", service_id: "s1", currency: "EUR", items };
    const { payment } = await json("/lane/1/sales", { ...sale, amount_minor: 420 });
    const path = `/lane/1/sales/${payment}`;
    const found = await until(async () => {
      const { candidates, outcome, reason } = await json(path);
      assert.equal(outcome, null, reason);
      return candidates.find(({ initials }: { initials: string }) => initials === "AS");
    });
    const { session } = await json("/operators/sessions", operator);
    await json(`${path}/selection`, { visit: found.visit }, session);
    const ended = await until(async () => {
      const now = await json(path);
      return now.outcome !== null && now;
    });
    assert.equal(ended.outcome, "captured", ended.reason);
    network.there = true;
    const receipt = await until(async () => {
      await own.receipts();
      return receipts.find((one) => one.payment === payment);
    });
    assert.equal(receipt.amount_minor, 420);
    assert.equal(receipt.receipt, ended.receipt);
  });

  await step("it stops in order", async () => {
    own.stop();
    await run("systemctl", ["stop", "saunter"]);
    const result = await run("systemctl", ["show", "saunter", "--property", "Result", "--value"]);
    assert.equal(result.trim(), "success");
  });
  await letters.close();
  await scanner.close();
  await bluez.close();
  libc[Symbol.dispose]();
  for (const process of processes) {
    process.kill("SIGKILL");
    await process.status;
  }
});

async function healthy(origin: string): Promise<boolean> {
  const { ok, body } = await fetch(`${origin}/healthz`);
  await body?.cancel();
  return ok;
}

/** Files of the kernel, which Deno itself reads for nobody who lacks any right. */
const read = (path: string) => run("cat", [path]);

/** The process that holds the store, among those of the service. */
async function gatewayProcess(): Promise<{ user: string; permissions: string[] }> {
  const group = "/sys/fs/cgroup/system.slice/saunter.service/cgroup.procs";
  for (const pid of (await read(group)).trim().split("\n")) {
    const command = (await read(`/proc/${pid}/cmdline`)).split("\0");
    if (!command.includes("deploy/store.ts")) continue;
    const status = await read(`/proc/${pid}/status`);
    const user = /^Uid:\s+(\d+)/m.exec(status)?.[1] ?? "";
    const flags = command.slice(command.indexOf("--no-prompt") + 1);
    return { user, permissions: flags.slice(0, flags.indexOf("deploy/store.ts")) };
  }
  throw new Error("the service runs no store");
}
