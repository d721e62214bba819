import { BlockList, isIP } from 'node:net';

/** Variables by name; both spellings of each are known, lower case counts less. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a server: HTTPS_PROXY or HTTP_PROXY, unless NO_PROXY takes the server out. The rules are those of
 * kubectl (golang.org/x/net/http/httpproxy), so that both go the same way: what is on this machine is never reached through a proxy.
 * @param server its URL
 */
export function environmentProxy(server: string, environment: Environment): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = variable(environment, name);
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (proxy === '' || isLocal(host)) return undefined;
  const target = { host, port: port === '' ? (protocol === 'https:' ? '443' : '80') : port };
  if (exceptions(variable(environment, 'NO_PROXY')).some((exception) => takesOut(exception, target))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function variable(environment: Environment, name: string): string {
  return [environment[name], environment[name.toLowerCase()]].find((value) => value !== undefined && value !== '') ?? '';
}

function exceptions(list: string): string[] {
  return list
    .toLowerCase()
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

interface Target {
  readonly host: string;
  readonly port: string;
}

/** `*`, an address, a network in CIDR, or a domain, which stands for what is below it too (`.domain`: for that alone); perhaps with a port. */
function takesOut(exception: string, target: Target): boolean {
  if (exception === '*') return true;
  if (exception.includes('/')) return within(exception, target.host);
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|(.*?))(?::(\d+))?$/.exec(exception) ?? [];
  const whole = isIP(exception) !== 0;
  if (!whole && port !== undefined && port !== target.port) return false;
  const host = whole ? exception : (bracketed ?? plain ?? '');
  if (isIP(target.host) !== 0) return isIP(host) !== 0 && list(host).check(target.host, familyOf(target.host));
  const domain = host.startsWith('*.') ? host.slice(1) : host;
  return domain.startsWith('.') ? target.host.endsWith(domain) : target.host === domain || target.host.endsWith(`.${domain}`);
}

function within(network: string, host: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  if (isIP(host) === 0 || isIP(address) === 0 || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (isIP(address) === 6 ? 128 : 32)) return false;
  const networks = new BlockList();
  networks.addSubnet(address, Number(bits), familyOf(address));
  return networks.check(host, familyOf(host));
}

function isLocal(host: string): boolean {
  if (isIP(host) === 0) return host === 'localhost';
  return within('127.0.0.0/8', host) || list('::1').check(host, familyOf(host));
}

function list(address: string): BlockList {
  const addresses = new BlockList();
  addresses.addAddress(address, familyOf(address));
  return addresses;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
