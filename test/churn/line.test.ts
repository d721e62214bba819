import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { line, type Line } from './line.ts';

async function listening(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true }, onSocket).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

test('a line that is ending, with more to say than its client has heard, can be reset', async () => {
  const more = Buffer.alloc(1 << 20);
  const upstream = await listening((socket) => {
    for (let i = 0; i < 32; i++) socket.write(more);
    socket.end();
  });
  const joined = Promise.withResolvers<{ one: Line; side: Socket; gone: Promise<void> }>();
  const front = await listening((side) => {
    const gone = Promise.withResolvers<void>();
    joined.resolve({ one: line(side, upstream.port, gone.resolve), side, gone: gone.promise });
  });
  const client = connect(front.port, '127.0.0.1').on('error', () => undefined);
  const { one, side, gone } = await joined.promise;
  // As when the server has gone, and its last words are on their way.
  side.write(more);
  side.destroySoon();
  one.fail('reset', 0);
  await gone;
  assert.ok(side.destroyed);
  client.destroy();
  for (const { server } of [front, upstream]) server.close();
});
