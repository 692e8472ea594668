/// <reference lib="deno.unstable" />
/**
 * How long a function is: its own lines, without those of the functions inside it, so that a
 * factory is measured by what it does itself. More than can be seen at once is refused.
 */

export const longest = 50;

/** Reports every function of more than `longest` lines of its own. */
export function functionSize(context: Deno.lint.RuleContext): Deno.lint.LintVisitor {
  const { text } = context.sourceCode;
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  /** Number of the line that holds this offset. */
  const lineOf = (offset: number) => {
    let low = 0;
    let high = starts.length;
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low;
  };
  /** Lines of inner functions, for each function that is open. */
  const inner: number[] = [];

  const enter = () => {
    inner.push(0);
  };
  const leave = (node: Deno.lint.Node) => {
    const [start, end] = node.range;
    const lines = lineOf(end) - lineOf(start) + 1;
    const own = lines - inner.pop()!;
    // Its first and last line stand in the outer function as well.
    if (inner.length > 0) inner[inner.length - 1]! += Math.max(0, lines - 2);
    if (own <= longest) return;
    context.report({
      node,
      message: `This function has ${own} lines of its own, ${longest} are the most`,
      hint: "Give a part of it a name and a place of its own.",
    });
  };
  return {
    FunctionDeclaration: enter,
    FunctionExpression: enter,
    ArrowFunctionExpression: enter,
    "FunctionDeclaration:exit": leave,
    "FunctionExpression:exit": leave,
    "ArrowFunctionExpression:exit": leave,
  };
}
