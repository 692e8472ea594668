/** What a demonstration brings along besides its gateway: an issuer, and the retailer of its
 * walk-out aisle, each in a process of its own. */
import { most_openings } from "../issuer/flags.ts";
import { type Config, isLoopback } from "../../runtime/config.ts";
import { type Child, startChild } from "./child.ts";
import { isReal } from "./needs.ts";
import { issuerPermissions, retailerPermissions } from "./permissions.ts";

export interface ServiceSetting {
  /** The project's folder. */
  readonly root: string;
  readonly config: Config;
  readonly begun: (child: Child) => void;
}

/** Shoppers of a demonstration say yes at once or not at all. */
const approval_s = 8;

/** Resolves when it listens; undefined when it ended before, having said why. */
export async function startIssuer(
  { root, config, begun }: ServiceSetting,
  adminKey: string,
): Promise<Child | undefined> {
  const url = new URL(config.issuer.url);
  const data = `${config.data}/issuer`;
  const issuer = startChild({
    name: "issuer",
    root,
    script: "deploy/issuer/main.ts",
    permissions: issuerPermissions(url.host, data),
    args: [
      "--with-parent",
      "--admin-key-stdin",
      ...["--host", url.hostname, "--port", url.port || "80", "--data", data],
      ...["--approval", String(approval_s)],
      // All phones of the simulated floor are on this machine.
      ...["--openings", String(most_openings)],
    ],
  });
  begun(issuer);
  await issuer.say(adminKey);
  return await issuer.heard(/listening on/) && issuer;
}

/** Whether the demonstration is to bring the retailer of this store. */
export function bringsRetailer(config: Config): boolean {
  const { aisle } = config;
  return aisle !== undefined && !isReal(config) && isLoopback(new URL(aisle.retailer.url).hostname);
}

/** Resolves with the key with which it signs, when it listens; undefined when it ended before. */
export async function startRetailer(
  { root, config, begun }: ServiceSetting,
): Promise<{ readonly child: Child; readonly key: string } | undefined> {
  const url = new URL(config.aisle!.retailer.url);
  const data = `${config.data}/retailer`;
  const child = startChild({
    name: "retailer",
    root,
    script: "deploy/retailer/main.ts",
    permissions: retailerPermissions(`127.0.0.1:${url.port || "80"}`, config.issuer.url, data),
    args: [
      ...["--with-parent", "--welcome", "--port", url.port || "80", "--data", data],
      ...["--store", config.store.id, "--merchant", config.store.merchant],
      ...["--service", config.issuer.url],
    ],
  });
  begun(child);
  const signs = child.heard(/signs as \S+ with (\S+)/);
  const listens = child.heard(/listening on/);
  const [, key] = await signs ?? [];
  return key !== undefined && await listens ? { child, key } : undefined;
}
