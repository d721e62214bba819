import type { Server } from 'node:net';
import { messageOf, UserError } from '../base/errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Listens, on any free port when `port` is 0.
 * @throws {UserError} when the address cannot be had.
 */
export function listen(server: Server, wanted: Address): Promise<Address> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => {
      reject(refusal(error, wanted));
    };
    server.once('error', refuse);
    server.listen({ host: wanted.host, port: wanted.port }, () => {
      server.off('error', refuse);
      const bound = server.address();
      resolve({ host: wanted.host, port: typeof bound === 'object' && bound !== null ? bound.port : wanted.port });
    });
  });
}

/** `host:port`, as it stands in a URL. */
export function authority({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

const reasons: Readonly<Record<string, (wanted: Address) => string>> = {
  EADDRINUSE: (wanted) => `port ${String(wanted.port)} on ${wanted.host} is in use by another process: choose another, or end that process`,
  EADDRNOTAVAIL: (wanted) => `${wanted.host} is not an address of this machine`,
  ENOTFOUND: (wanted) => `${wanted.host} is not an address of this machine, nor a name that has one`,
  EACCES: (wanted) => `port ${String(wanted.port)} may not be taken by this user: choose one above 1023`,
};

function refusal(error: Error, wanted: Address): Error {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const says = reasons[code];
  return new UserError(says === undefined ? `cannot listen on ${authority(wanted)}: ${messageOf(error)}` : says(wanted), { cause: error });
}
