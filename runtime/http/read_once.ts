/** What is looked at often and never changes, such as an actor's context, is read once. */

/** Remembers what was read of each object, for as long as that lives. What was read is shared:
 * nobody changes it. */
export function readOnce<Read>(read: (value: object) => Read): (value: object) => Read {
  const known = new WeakMap<object, { readonly read: Read }>();
  return (value) => {
    let found = known.get(value);
    if (found === undefined) known.set(value, found = { read: read(value) });
    return found.read;
  };
}
