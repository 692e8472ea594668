/**
 * Writes `deploy/store.schema.json`, by which editors complete and check a store's configuration,
 * from the schema that the gateway itself checks it with.
 */
import { configJsonSchema } from "../runtime/config.ts";

export const schemaFile = new URL("./store.schema.json", import.meta.url);

/** What the file holds. */
export const schemaText = () => `${JSON.stringify(configJsonSchema(), null, 2)}\n`;

if (import.meta.main) await Deno.writeTextFile(schemaFile, schemaText());
