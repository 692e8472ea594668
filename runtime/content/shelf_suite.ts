/** What every store of content promises. */
import assert from "node:assert/strict";
import type { ContentStore } from "./store.ts";

export function contentStoreSuite(
  name: string,
  open: () => { store: ContentStore; again: () => ContentStore; done: () => void },
): void {
  Deno.test(`${name}: what is put is there after a restart until it is removed`, () => {
    const { store, again, done } = open();
    let last = store;
    try {
      for (const id of ["a", "b", "c"]) store.put({ id, document: `{"${id}":1}` });
      store.put({ id: "a", document: '{"a":2}' });
      store.remove("b");
      store.remove("nothing");
      const expected = [{ id: "c", document: '{"c":1}' }, { id: "a", document: '{"a":2}' }];
      assert.deepEqual(store.all(), expected);
      last = again();
      assert.deepEqual(last.all(), expected);
    } finally {
      last.close();
      done();
    }
  });
}
