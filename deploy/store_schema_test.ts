/** Holds the schema in the repository against the one in use, so that editors never mislead. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { schemaFile, schemaText } from "./store_schema.ts";

Deno.test("the schema that editors read is the one that the gateway checks with", () => {
  assert.deepEqual(
    JSON.parse(readFileSync(schemaFile, "utf8")),
    JSON.parse(schemaText()),
    "run `deno run --allow-write=deploy deploy/store_schema.ts`",
  );
});
