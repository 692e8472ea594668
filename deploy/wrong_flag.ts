/** What is wrong with the flags of a command, as the one line that whoever typed them reads. */

/** The first sentence of what `parseArgs` complains of; the rest is about positional arguments. */
export function wrongFlag(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `${reason.split(/\.\s|\n/, 1)[0]}; see --help`;
}
