/// <reference lib="deno.unstable" />
/**
 * The lint plugin of this repository. `house/arrows` keeps imports between rooms going one way;
 * `house/machine` and `house/ambient` keep Deno, clock, chance and timers out of the core, so that
 * a simulation can hold all of them in its hand; `house/function-size` keeps functions in sight.
 */
import { functionSize } from "./function_size.ts";
import {
  isException,
  isTest,
  mayImport,
  mayTouchMachine,
  mayTouchTime,
  roomOf,
  standpointOf,
} from "./rooms.ts";

const top = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** A file's path from the top of the repository. */
const pathOf = (filename: string) =>
  filename.startsWith(top) ? filename.slice(top.length) : filename;

/** The path that a relative specifier names, from the top of the repository. */
function resolve(path: string, specifier: string): string {
  return decodeURIComponent(new URL(specifier, `file:///${path}`).pathname.slice(1));
}

/** Modules that reach the machine as `Deno` does. */
const machineModules =
  /^node:(fs|net|https?|tls|dgram|dns|os|process|child_process|worker_threads|cluster|vm)(\/|$)/;
/** Modules and what they export that brings time or chance in. */
const ambientModules = /^node:(timers|perf_hooks)(\/|$)/;
const ambientExports = /^(random|generateKey|webcrypto)/;

type Report = (node: Deno.lint.Node, message: string, hint: string) => void;
type Import = (node: Deno.lint.Node, specifier: string, typeOnly: boolean) => void;

const reporter = (context: Deno.lint.RuleContext): Report => (node, message, hint) =>
  context.report({ node, message, hint });

/** Calls for everything that names another module: imports, exports from, `import()`, and the
 * addresses of Workers. */
function imports(found: Import): Deno.lint.LintVisitor {
  return {
    ImportDeclaration: (node) => found(node, node.source.value, node.importKind === "type"),
    ExportAllDeclaration: (node) => found(node, node.source.value, node.exportKind === "type"),
    ExportNamedDeclaration(node) {
      if (node.source) found(node, node.source.value, node.exportKind === "type");
    },
    ImportExpression(node) {
      if (node.source.type === "Literal") found(node, String(node.source.value), false);
    },
    TSImportType(node) {
      const argument = node.argument as unknown as { literal?: { value?: unknown } };
      if (typeof argument.literal?.value === "string") found(node, argument.literal.value, true);
    },
    NewExpression(node) {
      const [first, second] = node.arguments;
      const isUrl = node.callee.type === "Identifier" && node.callee.name === "URL";
      if (!isUrl || first?.type !== "Literal" || second?.type !== "MemberExpression") return;
      const specifier = String(first.value);
      if (/^\.\.?\/.*\.tsx?$/.test(specifier)) found(node, specifier, false);
    },
  };
}

function arrow(path: string, specifier: string, typeOnly: boolean): [string, string] | undefined {
  if (/^(npm|jsr|https?|data|blob):/.test(specifier)) {
    return [`${specifier} is not pinned`, "Name it under `imports` in deno.json and import that."];
  }
  const from = standpointOf(path);
  if (from === undefined) return;
  if (!/^\.{1,2}\//.test(specifier)) {
    const allowed = from !== "actors" || specifier === "xstate" ||
      specifier.startsWith("xstate/") ||
      isTest(path);
    if (allowed) return;
    return [`actors/ imports ${specifier}`, "Machines know xstate only; let the need be an event."];
  }
  const target = resolve(path, specifier);
  const to = roomOf(target);
  if (to === undefined || mayImport(from, to)) return;
  if (typeOnly && isException(path, target)) return;
  return [
    `${from} imports ${to} (${target})`,
    "Arrows go one way: move it down, pass it in, or let whoever is above join the two.",
  ];
}

/** Names of globals as they are used: plain, and behind globalThis. */
function globals(names: ReadonlySet<string>, used: (node: Deno.lint.Node, name: string) => void) {
  const isGlobalObject = (node: Deno.lint.Node) =>
    node.type === "Identifier" && ["globalThis", "self", "window"].includes(node.name);
  return {
    Identifier(node: Deno.lint.Identifier) {
      if (!names.has(node.name)) return;
      const parent = node.parent as unknown as {
        type: string;
        key?: unknown;
        property?: unknown;
        object: Deno.lint.Node;
        computed?: boolean;
        shorthand?: boolean;
        parent?: { type?: string; parent?: { init?: Deno.lint.Node } };
      };
      if (parent.type === "MemberExpression" && parent.property === node && !parent.computed) {
        if (isGlobalObject(parent.object)) used(node, node.name);
        return;
      }
      if (parent.key === node && !parent.computed && parent.type !== "PropertyDefinition") {
        const init = parent.parent?.parent?.init;
        const taken = parent.parent?.type === "ObjectPattern" && init && isGlobalObject(init);
        if (taken) used(node, node.name);
        if (taken || !parent.shorthand || parent.parent?.type === "ObjectPattern") return;
      }
      if (parent.key === node) return;
      used(node, node.name);
    },
    MemberExpression(node: Deno.lint.MemberExpression) {
      if (!node.computed || !isGlobalObject(node.object)) return;
      const { property } = node;
      if (property.type !== "Literal") return;
      const name = String(property.value);
      if (names.has(name)) used(node, name);
    },
  } satisfies Deno.lint.LintVisitor;
}

interface Surroundings {
  readonly type: string;
  readonly object?: unknown;
  readonly callee?: unknown;
  readonly arguments?: readonly unknown[];
  readonly property?: { readonly name?: string; readonly value?: unknown };
}

/** What stands around a global: `Date.now`, `new Date()`, `Math.random`. */
function ambientUse(node: Deno.lint.Node, name: string): string | undefined {
  const { parent } = node as unknown as { parent: Surroundings };
  const member = parent.type === "MemberExpression" && parent.object === node
    ? parent.property?.name ?? String(parent.property?.value)
    : undefined;
  switch (name) {
    case "Date":
      if (member !== undefined) return member === "now" ? "Date.now" : undefined;
      if (parent.type === "CallExpression" && parent.callee === node) return "Date()";
      return parent.type === "NewExpression" && parent.arguments?.length === 0
        ? "new Date()"
        : undefined;
    case "Math":
      return member === "random" ? "Math.random" : undefined;
    case "crypto":
      return member?.startsWith("random") || member === "getRandomValues"
        ? `crypto.${member}`
        : undefined;
    case "AbortSignal":
      return member === "timeout" ? "AbortSignal.timeout" : undefined;
    default:
      return name;
  }
}

const ambientNames = new Set([
  "Date",
  "Math",
  "crypto",
  "AbortSignal",
  "performance",
  "Temporal",
  "setTimeout",
  "setInterval",
  "setImmediate",
]);

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "function-size": { create: functionSize },
    arrows: {
      create(context) {
        const path = pathOf(context.filename);
        const report = reporter(context);
        return {
          ...imports((node, specifier, typeOnly) => {
            const wrong = arrow(path, specifier, typeOnly);
            if (wrong) report(node, ...wrong);
          }),
          Program(node) {
            if (!path.startsWith("runtime/") || roomOf(path) !== undefined) return;
            report(node, `${path} is in no room`, "Add the room to deploy/lint/rooms.ts.");
          },
        };
      },
    },
    machine: {
      create(context) {
        if (mayTouchMachine(pathOf(context.filename))) return {};
        const report = reporter(context);
        const hint = "Ask for it by a port of runtime/world.ts or hardware/ports.ts.";
        return {
          ...globals(new Set(["Deno"]), (node) => report(node, "Deno is out of bounds here", hint)),
          ...imports((node, specifier, typeOnly) => {
            if (typeOnly || !machineModules.test(specifier)) return;
            report(node, `${specifier} is out of bounds here`, hint);
          }),
        };
      },
    },
    ambient: {
      create(context) {
        if (mayTouchTime(pathOf(context.filename))) return {};
        const report = reporter(context);
        const hint = "Time and chance are passed in: take a Clock or Random of runtime/world.ts.";
        return {
          ...globals(ambientNames, (node, name) => {
            const use = ambientUse(node, name);
            if (use !== undefined) report(node, `${use} is out of bounds here`, hint);
          }),
          ImportDeclaration(node) {
            if (ambientModules.test(node.source.value)) {
              report(node, `${node.source.value} is out of bounds here`, hint);
            }
            if (node.source.value !== "node:crypto") return;
            for (const specifier of node.specifiers) {
              const { imported } = specifier as { imported?: { name?: string } };
              if (imported?.name === undefined || !ambientExports.test(imported.name)) continue;
              report(node, `${imported.name} of node:crypto is out of bounds here`, hint);
            }
          },
        };
      },
    },
  },
};
export default plugin;
