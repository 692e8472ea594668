/**
 * Runs inside the sandbox of the gateway's service, with every permission that Deno can give: what
 * is refused here is refused by the operating system. Prints what was allowed and should not be.
 */
import { openLibc } from "../../../hardware/ffi/libc.ts";
import { grabber } from "./store.ts";

const AF_PACKET = 17;
const SOCK_RAW = 3;

const wrong: string[] = [];

async function refused(what: string, act: () => unknown): Promise<void> {
  try {
    await act();
    wrong.push(what);
  } catch {
    // As it should be.
  }
}

await refused("to read /etc/shadow", () => Deno.readTextFile("/etc/shadow"));
await refused("to write into the project", () => Deno.writeTextFile("/opt/saunter/mine", "x"));
await refused("to write into /etc", () => Deno.writeTextFile("/etc/saunter/store.json", "x"));
await refused("to write into /usr", () => Deno.writeTextFile("/usr/mine", "x"));
await refused("to look into homes", () => [...Deno.readDirSync("/home/saunter")]);
await refused("to change the kernel", () => Deno.writeTextFile("/proc/sys/kernel/hostname", "x"));
const libc = openLibc();
for (const node of ["/dev/mem", "/dev/kmsg", "/dev/loop-control", "/dev/vhci", "/dev/uhid"]) {
  await refused(`to open ${node}`, () => libc.close(libc.open(node)));
}
const raw = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  setuid: { parameters: ["u32"], result: "i32" },
});
if (raw.symbols.socket(AF_PACKET, SOCK_RAW, 0) >= 0) wrong.push("to listen on the wire");
if (raw.symbols.setuid(0) === 0) wrong.push("to become root");
raw.close();
if (Deno.uid() === 0) wrong.push("to be root");
// What it is for must work.
try {
  libc.close(libc.open(grabber));
  await Deno.writeTextFile("/var/lib/saunter/probe", "x");
  await Deno.remove("/var/lib/saunter/probe");
} catch (error) {
  wrong.push(`nothing of what it is for: ${error}`);
}
console.log(wrong.length === 0 ? "sandboxed" : `allowed ${wrong.join(", ")}`);
Deno.exit(wrong.length === 0 ? 0 : 1);
