// What the rooms of the simulation may not touch: whatever differs from one run to the next, waits by the machine's clock, or reaches
// the machine. They get it from ports and Runtime, which the simulation replays. One table, one entry a ban; a test plants each.

/** @typedef {{ name: string, instead: string }} Ban */

/** The rooms that a simulation runs. */
export const pureRooms = ['base', 'meta', 'api', 'ports', 'kube', 'domain', 'fleet', 'controllers', 'agent', 'gc', 'sim', 'apiserver'];

const clock = 'use the Clock';
const random = 'use Random';
const log = 'use the Log';
const port = 'use a port';
const runtime = 'hang it on what a Runtime made';
const order = 'it is not run in the same order twice';
const locale = 'it depends on the machine; compare code units with < and >';
const collector = 'it shows when the garbage collector ran';

/** @type {readonly Ban[]} */
export const globals = [
  { name: 'Date', instead: `${clock}, and src/base/time.ts for calendar words` },
  { name: 'Temporal', instead: clock },
  { name: 'performance', instead: clock },
  { name: 'setTimeout', instead: clock },
  { name: 'setInterval', instead: clock },
  { name: 'setImmediate', instead: clock },
  { name: 'clearTimeout', instead: clock },
  { name: 'clearInterval', instead: clock },
  { name: 'clearImmediate', instead: clock },
  { name: 'scheduler', instead: clock },
  { name: 'crypto', instead: random },
  { name: 'Crypto', instead: random },
  { name: 'WeakRef', instead: collector },
  { name: 'FinalizationRegistry', instead: collector },
  { name: 'Intl', instead: locale },
  { name: 'process', instead: port },
  { name: 'console', instead: log },
  { name: 'fetch', instead: port },
  { name: 'WebSocket', instead: port },
  { name: 'EventSource', instead: port },
  { name: 'BroadcastChannel', instead: port },
  { name: 'MessageChannel', instead: order },
  { name: 'Worker', instead: order },
  { name: 'Atomics', instead: clock },
  { name: 'SharedArrayBuffer', instead: order },
  { name: 'WebAssembly', instead: order },
  { name: 'CompressionStream', instead: order },
  { name: 'DecompressionStream', instead: order },
  { name: 'navigator', instead: port },
  { name: 'localStorage', instead: port },
  { name: 'sessionStorage', instead: port },
  { name: 'require', instead: 'import it' },
  { name: '__dirname', instead: port },
  { name: '__filename', instead: port },
  { name: 'globalThis', instead: 'name what you need; most of it is banned' },
  { name: 'global', instead: 'name what you need; most of it is banned' },
];

/** @type {readonly (Ban & { object?: string })[]} */
export const properties = [
  { object: 'Math', name: 'random', instead: random },
  { object: 'AbortSignal', name: 'timeout', instead: clock },
  { name: 'localeCompare', instead: locale },
  { name: 'toLocaleString', instead: locale },
  { name: 'toLocaleLowerCase', instead: locale },
  { name: 'toLocaleUpperCase', instead: locale },
  { name: 'toLocaleDateString', instead: locale },
  { name: 'toLocaleTimeString', instead: locale },
];

/** @type {readonly (Ban & { patterns: string[] })[]} */
export const modules = [
  {
    name: 'node modules',
    patterns: [
      '^node:',
      '^(assert|buffer|child_process|cluster|crypto|dgram|dns|events|fs|http|http2|https|module|net|os|path|perf_hooks|process|readline|stream|string_decoder|timers|tls|tty|url|util|v8|vm|worker_threads|zlib)(/|$)',
    ],
    instead: port,
  },
  { name: 'sockets', patterns: ['^undici(/|$)'], instead: port },
  { name: 'log writers', patterns: ['^pino(/|$)'], instead: log },
];

const anEmpty =
  ':matches(NewExpression[arguments.length=0][callee.name=/^(Map|Set|WeakMap|WeakSet|Array)$/], ArrayExpression[elements.length=0])';
// An empty one that is declared read-only is a value like any other.
const readOnly =
  ':matches([id.typeAnnotation.typeAnnotation.typeName.name=/^Readonly/], [id.typeAnnotation.typeAnnotation.operator="readonly"])';
const atTop = ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration';

/** @type {readonly (Ban & { selector: string })[]} */
export const shapes = [
  { name: 'module-level let', selector: `${atTop}[kind!="const"][declare!=true]`, instead: runtime },
  { name: 'empty module-level collections', selector: `${atTop} > VariableDeclarator:not(${readOnly}) > ${anEmpty}`, instead: runtime },
  { name: 'mutable static fields', selector: 'PropertyDefinition[static=true][readonly!=true]', instead: runtime },
  { name: 'import()', selector: 'ImportExpression', instead: order },
  { name: 'import.meta', selector: 'MetaProperty[meta.name="import"]', instead: port },
];

/** @param {Ban} ban */
export function messageOf(ban) {
  return `No ${ban.name} in a room that the simulation runs: ${ban.instead}.`;
}

export const restrictedShapes = shapes.map((ban) => ({ selector: ban.selector, message: messageOf(ban) }));

/** @type {import('eslint').Linter.RulesRecord} */
export const effectRules = {
  'no-restricted-globals': globalsBut(),
  'no-restricted-properties': ['error', ...properties.map(toProperty)],
  'no-restricted-imports': ['error', { patterns: modules.map((ban) => ({ regex: ban.patterns.join('|'), message: messageOf(ban) })) }],
  'no-restricted-syntax': ['error', ...restrictedShapes],
};

/**
 * The bans on globals, for a file that has its reason to use some of them.
 * @param {...string} allowed
 * @returns {import('eslint').Linter.RuleEntry}
 */
export function globalsBut(...allowed) {
  const banned = globals.filter((ban) => !allowed.includes(ban.name));
  return ['error', ...banned.map((ban) => ({ name: ban.name, message: messageOf(ban) }))];
}

/** @param {Ban & { object?: string }} ban */
function toProperty(ban) {
  return { ...(ban.object === undefined ? {} : { object: ban.object }), property: ban.name, message: messageOf(ban) };
}
