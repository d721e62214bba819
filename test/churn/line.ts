/** One TCP connection through the proxy, which can be made to fail as networks do. */
import { connect, type Socket } from 'node:net';

export type Failure =
  /** RST, as from a host that knows nothing of the connection any more. */
  | 'reset'
  /** FIN in the middle of whatever was said. */
  | 'end'
  /** No byte goes on any more, in either direction, and nobody says so. */
  | 'freeze';

export interface Line {
  isHealthy(): boolean;
  /** Lets so many more bytes through to the client, and then fails: 0 is at once. */
  fail(how: Failure, after: number): void;
  destroy(): void;
}

interface State {
  readonly client: Socket;
  readonly server: Socket;
  doom: { readonly how: Failure; left: number } | undefined;
  frozen: boolean;
}

/** Joins `client` to what listens on `port`. `gone` is called once, when the client's side is closed. */
export function line(client: Socket, port: number, gone: () => void): Line {
  const server = connect(port, '127.0.0.1');
  const state: State = { client, server, doom: undefined, frozen: false };
  client.on('error', () => undefined);
  server.on('error', () => undefined);
  client.on('data', (chunk) => {
    // What comes to a frozen line is lost; it is read all the same, so that the end is noticed.
    if (!state.frozen) pass(client, server, chunk);
  });
  server.on('data', (chunk) => {
    toClient(state, chunk);
  });
  client.on('end', () => client.destroy());
  client.on('close', () => {
    server.destroy();
    gone();
  });
  server.on('close', () => {
    if (!state.frozen) client.destroySoon();
  });
  return {
    isHealthy: () => !state.frozen && state.doom === undefined,
    fail: (how, after) => {
      state.doom = { how, left: after };
      if (after === 0) strike(state, how);
    },
    destroy: () => {
      client.destroy();
      server.destroy();
    },
  };
}

function pass(from: Socket, to: Socket, chunk: Buffer): void {
  if (to.destroyed || to.write(chunk)) return;
  from.pause();
  to.once('drain', () => from.resume());
}

function toClient(state: State, chunk: Buffer): void {
  const { doom } = state;
  if (state.frozen) return;
  if (doom === undefined || chunk.length < doom.left) {
    if (doom !== undefined) doom.left -= chunk.length;
    pass(state.server, state.client, chunk);
    return;
  }
  state.client.write(chunk.subarray(0, doom.left), () => {
    strike(state, doom.how);
  });
  // Nothing after it overtakes the write.
  state.frozen = true;
}

function strike(state: State, how: Failure): void {
  const { client } = state;
  state.frozen = true;
  // A socket that is ending already can not be reset: Node would lose its handle, and spin at its own end for ever, waiting for it.
  if (how === 'reset' && !client.writableEnded) client.resetAndDestroy();
  else if (how === 'reset') client.destroy();
  else if (how === 'end') client.destroySoon();
}
