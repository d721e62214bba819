import type { Environment } from '@marcbachmann/cel-js';
import {
  containsCidr,
  containsIp,
  formatCidr,
  formatIp,
  isMapped,
  masked,
  parseCidr,
  parseIp,
  type Cidr,
  type IpAddress,
} from '../../../base/ip-address.ts';
import { goQuote } from '../field-errors.ts';
import { escapedPath, parseUrl, queryOf, type Url } from '../url.ts';
import { celError, define, defineNamespace } from './define.ts';

class Ip {
  readonly address: IpAddress;
  constructor(address: IpAddress) {
    this.address = address;
  }
  equals(other: unknown): boolean {
    return other instanceof Ip && other.address.family === this.address.family && other.address.bits === this.address.bits;
  }
}

class Network {
  readonly cidr: Cidr;
  constructor(cidr: Cidr) {
    this.cidr = cidr;
  }
  equals(other: unknown): boolean {
    return other instanceof Network && formatCidr(other.cidr) === formatCidr(this.cidr);
  }
}

class ParsedUrl {
  readonly text: string;
  readonly url: Url;
  constructor(text: string, url: Url) {
    this.text = text;
    this.url = url;
  }
  equals(other: unknown): boolean {
    return other instanceof ParsedUrl && other.text === this.text;
  }
}

function parse(text: string): IpAddress | undefined {
  const address = parseIp(text);
  return address === undefined || isMapped(address) ? undefined : address;
}

function ip(text: string): Ip {
  const address = parse(text);
  if (address === undefined) throw celError(`IP Address ${goQuote(text)} parse error during conversion from string`);
  return new Ip(address);
}

function parseNetwork(text: string): Cidr | undefined {
  const cidr = parseCidr(text);
  return cidr === undefined || isMapped(cidr.address) ? undefined : cidr;
}

function network(text: string): Network {
  const cidr = parseNetwork(text);
  if (cidr === undefined) throw celError(`network address parse error during conversion from string: ${goQuote(text)}`);
  return new Network(cidr);
}

function url(text: string): ParsedUrl {
  const parsed = parseUrl(text);
  if (parsed === undefined)
    throw celError(`URL parse error during conversion from string: parse ${goQuote(text)}: invalid URI for request`);
  return new ParsedUrl(text, parsed);
}

/** The bits of an address above its last `low`, for comparison with a prefix. */
function above(address: IpAddress, low: number): bigint {
  return address.bits >> BigInt(low);
}

const isV4 = (address: IpAddress): boolean => address.family === 4;
const isUnspecified = (address: IpAddress): boolean => address.bits === 0n;
const isLoopback = (address: IpAddress): boolean => (isV4(address) ? above(address, 24) === 127n : address.bits === 1n);
const isMulticast = (address: IpAddress): boolean => (isV4(address) ? above(address, 28) === 0xen : above(address, 120) === 0xffn);
const isLinkLocalUnicast = (address: IpAddress): boolean =>
  isV4(address) ? above(address, 16) === 0xa9fen : above(address, 118) === 0xfe80n >> 6n;
const isLinkLocalMulticast = (address: IpAddress): boolean =>
  isV4(address) ? above(address, 8) === 0xe00000n : (above(address, 112) & 0xff0fn) === 0xff02n;

function isGlobalUnicast(address: IpAddress): boolean {
  if (isV4(address) && address.bits === 0xffffffffn) return false;
  return !isUnspecified(address) && !isLoopback(address) && !isMulticast(address) && !isLinkLocalUnicast(address);
}

const addressTests = { isUnspecified, isLoopback, isLinkLocalUnicast, isLinkLocalMulticast, isGlobalUnicast };

/** IP addresses and networks: `cidr('10.0.0.0/8').containsIP(self)`. */
export function addAddresses(environment: Environment): void {
  environment.registerType('net.IP', { ctor: Ip, fields: {} });
  environment.registerType('net.CIDR', { ctor: Network, fields: {} });
  environment.registerOperator('net.IP == net.IP', (a: Ip, b: Ip) => a.equals(b));
  environment.registerOperator('net.CIDR == net.CIDR', (a: Network, b: Network) => a.equals(b));
  defineNamespace(environment, 'ip', 'kubernetes.IpNamespace');
  define(environment, 'ip(string): net.IP', ip);
  define(environment, 'isIP(string): bool', (text: string) => parse(text) !== undefined);
  define(
    environment,
    'kubernetes.IpNamespace.isCanonical(string): bool',
    (_: unknown, text: string) => formatIp(ip(text).address) === text,
  );
  define(environment, 'net.IP.family(): int', (value: Ip) => BigInt(value.address.family));
  define(environment, 'string(net.IP): string', (value: Ip) => formatIp(value.address));
  for (const [name, test] of Object.entries(addressTests)) {
    define(environment, `net.IP.${name}(): bool`, (value: Ip) => test(value.address));
  }
  addNetworks(environment);
}

function addNetworks(environment: Environment): void {
  define(environment, 'cidr(string): net.CIDR', network);
  define(environment, 'isCIDR(string): bool', (text: string) => parseNetwork(text) !== undefined);
  define(environment, 'string(net.CIDR): string', (value: Network) => formatCidr(value.cidr));
  define(environment, 'net.CIDR.ip(): net.IP', (value: Network) => new Ip(value.cidr.address));
  define(environment, 'net.CIDR.prefixLength(): int', (value: Network) => BigInt(value.cidr.prefix));
  define(environment, 'net.CIDR.masked(): net.CIDR', (value: Network) => new Network(masked(value.cidr)));
  define(environment, 'net.CIDR.containsIP(net.IP): bool', (a: Network, b: Ip) => containsIp(a.cidr, b.address));
  define(environment, 'net.CIDR.containsIP(string): bool', (a: Network, b: string) => containsIp(a.cidr, ip(b).address));
  define(environment, 'net.CIDR.containsCIDR(net.CIDR): bool', (a: Network, b: Network) => containsCidr(a.cidr, b.cidr));
  define(environment, 'net.CIDR.containsCIDR(string): bool', (a: Network, b: string) => containsCidr(a.cidr, network(b).cidr));
}

/** URLs: `url(self).getScheme() == 'https'`. */
export function addUrls(environment: Environment): void {
  environment.registerType('kubernetes.URL', { ctor: ParsedUrl, fields: {} });
  environment.registerOperator('kubernetes.URL == kubernetes.URL', (a: ParsedUrl, b: ParsedUrl) => a.equals(b));
  define(environment, 'url(string): kubernetes.URL', url);
  define(environment, 'isURL(string): bool', (text: string) => parseUrl(text) !== undefined);
  define(environment, 'kubernetes.URL.getScheme(): string', (value: ParsedUrl) => value.url.scheme);
  define(environment, 'kubernetes.URL.getHost(): string', (value: ParsedUrl) => value.url.host);
  define(environment, 'kubernetes.URL.getHostname(): string', (value: ParsedUrl) => value.url.hostname);
  define(environment, 'kubernetes.URL.getPort(): string', (value: ParsedUrl) => value.url.port);
  define(environment, 'kubernetes.URL.getEscapedPath(): string', (value: ParsedUrl) => escapedPath(value.url));
  define(environment, 'kubernetes.URL.getQuery(): map<string, list<string>>', (value: ParsedUrl) => queryOf(value.url));
}
