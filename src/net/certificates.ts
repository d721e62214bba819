import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { generate as generateType } from 'selfsigned';
import type { Disk } from '../base/disk.ts';
import { UserError } from '../base/errors.ts';
import type { ServingCertificate } from './serve-control-plane.ts';

export type CertificateDisk = Pick<Disk, 'read' | 'replace'>;

export interface CertificateOptions {
  /** Keeps them, so that a restart shows the same: `ca.pem` and `serving.pem`, each a certificate with its key. */
  readonly disk: CertificateDisk;
  /** Addresses and DNS names by which the server is reached. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Certificates extends ServingCertificate {
  /** PEM text: what clients are to believe. */
  readonly ca: string;
  /** When to ask again (milliseconds since 1970): a month before one of them expires. */
  readonly renewAt: number;
}

const day = 86_400_000;
const margin = 30 * day;
const lifetimes = { ca: 3650 * day, serving: 365 * day } as const;

/**
 * A certificate authority and a serving certificate that it signed: the ones on the disk while they serve, else new ones.
 * @throws {UserError} when what is on the disk cannot be read.
 */
export async function certificates({ disk, names, now }: CertificateOptions): Promise<Certificates> {
  const kept = await load(disk, 'ca.pem');
  const ca = kept !== undefined && isFresh(kept, now) ? kept : await make(disk, 'ca.pem', { now });
  const mine = await load(disk, 'serving.pem');
  const serving =
    mine !== undefined && isFresh(mine, now) && isOf(mine, ca) && covers(mine, names)
      ? mine
      : await make(disk, 'serving.pem', { now, ca, names });
  const renewAt = Math.min(expiry(ca), expiry(serving)) - margin;
  return { ca: ca.cert, cert: serving.cert, key: serving.key, renewAt };
}

interface Pair {
  readonly cert: string;
  readonly key: string;
  readonly parsed: X509Certificate;
}

async function load(disk: CertificateDisk, file: string): Promise<Pair | undefined> {
  const bytes = await disk.read(file);
  if (bytes === undefined) return undefined;
  try {
    return pairFrom(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new UserError(`the file ${file} in the data directory is not a certificate with its key: remove it, and a new one is made`, {
      cause: error,
    });
  }
}

function pairFrom(text: string): Pair {
  const cert = block(text, 'CERTIFICATE');
  const key = block(text, 'PRIVATE KEY');
  const parsed = new X509Certificate(cert);
  if (!parsed.checkPrivateKey(createPrivateKey(key))) throw new Error('the key is not the certificate’s');
  return { cert, key, parsed };
}

function block(text: string, label: string): string {
  const found = new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`).exec(text);
  if (found === null) throw new Error(`no ${label}`);
  return `${found[0]}\n`;
}

function expiry({ parsed }: Pair): number {
  return Date.parse(parsed.validTo);
}

function isFresh(pair: Pair, now: number): boolean {
  return expiry(pair) - now > margin && Date.parse(pair.parsed.validFrom) <= now;
}

function isOf(pair: Pair, ca: Pair): boolean {
  return pair.parsed.checkIssued(ca.parsed) && pair.parsed.verify(ca.parsed.publicKey);
}

function covers({ parsed }: Pair, names: readonly string[]): boolean {
  return names.every((name) => (isIP(name) === 0 ? parsed.checkHost(name) : parsed.checkIP(name)) !== undefined);
}

interface Recipe {
  readonly now: number;
  /** Who signs; absent: it signs itself, and may sign others. */
  readonly ca?: Pair;
  readonly names?: readonly string[];
}

async function make(disk: CertificateDisk, file: string, { now, ca, names = [] }: Recipe): Promise<Pair> {
  // Only a first start, or one in a long time, needs this library: it takes a while to load.
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: ca === undefined ? 'hypersphere-ca' : 'hypersphere' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // An hour back, for clients whose clocks are behind.
    notBeforeDate: new Date(now - 3_600_000),
    notAfterDate: new Date(now + (ca === undefined ? lifetimes.ca : lifetimes.serving)),
    extensions: ca === undefined ? authorityExtensions() : servingExtensions(names),
    ...(ca === undefined ? {} : { ca: { cert: ca.cert, key: ca.key } }),
  });
  const pair = pairFrom(`${made.cert}\n${made.private}`);
  await disk.replace(file, new TextEncoder().encode(`${pair.cert}${pair.key}`));
  return pair;
}

type Extensions = NonNullable<NonNullable<Parameters<typeof generateType>[1]>['extensions']>;

function authorityExtensions(): Extensions {
  return [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
  ];
}

function servingExtensions(names: readonly string[]): Extensions {
  return [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })) },
  ];
}
