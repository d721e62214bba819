// Which room may import what. The tables are the rules; a test plants a violation of each.

/**
 * The rooms of src/, each with the rooms that it may import besides itself.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const rooms = {
  /** Clock, chance, log, errors, quantities: depends on nothing. */
  base: [],
  /** Kubernetes' own words. */
  meta: ['base'],
  /** Our kinds; it knows no server and no client. */
  api: ['base', 'meta'],
  /** What the machine does for us, in the words of api. */
  ports: ['base', 'meta', 'api'],
  /** The client side, for any kind. */
  kube: ['base', 'meta'],
  /** The embedded server knows none of our kinds: it reads crds/. */
  apiserver: ['base', 'meta'],
  /** Pure decisions: `now` is an argument, the API is not there to be asked. */
  domain: ['base', 'meta', 'api'],
  /** What the controllers of one operator share: who takes which room. */
  fleet: ['base', 'meta', 'api', 'kube', 'domain'],
  /** A client like any other, for any kind. */
  gc: ['base', 'meta', 'kube'],
  /** Observe, decide by domain, act through kube and ports. */
  controllers: ['base', 'meta', 'api', 'ports', 'kube', 'domain', 'fleet'],
  /** Does what the API says; what that is for its host, of several objects together, domain reckons. */
  agent: ['base', 'meta', 'api', 'ports', 'kube', 'domain'],
  /** Never domain, whose mistakes it must show, nor qemu, its counterpart. */
  sim: ['base', 'meta', 'api', 'ports', 'kube'],
  /** Real hosts behind the same ports. */
  qemu: ['base', 'meta', 'api', 'ports'],
  /** Sockets behind ports and ControlPlane. */
  net: ['base', 'meta', 'api', 'ports'],
  /** This machine's effects behind ports and base. */
  system: ['base', 'meta', 'api', 'ports'],
  /** The web page is a client of the API. */
  ui: ['base', 'meta', 'api'],
  /** Composition roots put everything together. */
  cmd: [
    'base',
    'meta',
    'api',
    'ports',
    'kube',
    'apiserver',
    'domain',
    'fleet',
    'gc',
    'controllers',
    'agent',
    'sim',
    'qemu',
    'net',
    'system',
    'ui',
  ],
};

/** Rooms with an island in each folder: what two islands share goes through the API, or is a room's own. */
export const islands = ['controllers'];

const net = 'dgram|dns|http|http2|https|net|tls';
const files = 'fs';

/**
 * What reaches beyond the project, each with the rooms that may use it. Packages that only compute stand in none and are free for all.
 * @type {readonly { name: string, path: string, rooms: readonly string[] }[]}
 */
export const reserved = [
  /** Only its KubeConfig, which knows every way to log in; our own client talks to the API. */
  { name: 'client-node', path: '^node_modules/@kubernetes/client-node', rooms: ['cmd'] },
  { name: 'undici', path: '^node_modules/undici/', rooms: ['net'] },
  { name: 'sockets', path: `^(node:)?(${net})(/|$)`, rooms: ['net'] },
  /** A composition root reads manifests, and writes what it hands to people. */
  { name: 'files', path: `^(node:)?(${files})(/|$)`, rooms: ['cmd', 'system'] },
  /** Keys and certificates are chance and the machine's clock. */
  { name: 'selfsigned', path: '^node_modules/selfsigned/', rooms: ['net'] },
  { name: 'pino', path: '^node_modules/pino/', rooms: ['system'] },
  /** What else Node offers differs from run to run, or waits: rooms that the simulation runs do without. */
  { name: 'node', path: `^(?!(${net}|${files})(/|$))`, rooms: ['cmd', 'net', 'qemu', 'system'] },
];

/** Tests, and what they share, may import anything. */
const tests = '([.]test[.]ts|/test-support[.]ts)$';

/** @param {readonly string[]} names */
const anyOf = (names) => `^src/(${names.join('|')})/`;

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const arrows = Object.entries(rooms).map(([room, allowed]) => ({
  name: `arrows-of-${room}`,
  comment: `${room} imports only ${allowed.length === 0 ? 'itself' : allowed.join(', ')}`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: tests },
  to: { path: '^src/', pathNot: anyOf([room, ...allowed]) },
}));

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const islandRules = islands.map((room) => ({
  name: `islands-of-${room}`,
  comment: `${room}/x never imports ${room}/y`,
  severity: 'error',
  from: { path: `^src/${room}/([^/]+)/`, pathNot: tests },
  to: { path: `^src/${room}/[^/]+/`, pathNot: `^src/${room}/$1/` },
}));

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const reservedRules = reserved.map((entry) => ({
  name: `reserved-${entry.name}`,
  comment: `only ${entry.rooms.join(', ')} may use ${entry.name}`,
  severity: 'error',
  from: { path: '^src/', pathNot: [tests, anyOf(entry.rooms)] },
  to: { path: entry.path, ...(entry.name === 'node' ? { dependencyTypes: ['core'] } : {}) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...arrows,
    ...islandRules,
    ...reservedRules,
    {
      name: 'in-a-room',
      comment: 'every file of src/ stands in a room that the table knows',
      severity: 'error',
      from: { path: '^src/', pathNot: anyOf(Object.keys(rooms)) },
      to: {},
    },
    {
      name: 'no-circles',
      comment: 'two files that need each other are one thing, or three',
      severity: 'error',
      from: { path: '^(src|scripts|test)/' },
      to: { circular: true },
    },
    {
      name: 'no-test-code',
      comment: 'what runs never imports tests, scripts or what only tests use',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: [tests, '^test/', '^scripts/'] },
    },
    {
      name: 'declared',
      comment: 'a package that is used stands among the dependencies of package.json',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'npm-optional', 'npm-peer'] },
    },
    { name: 'found', comment: 'what is imported exists', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['^node_modules/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'default'] },
    skipAnalysisNotInRules: false,
  },
};
