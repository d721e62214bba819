/**
 * The embedded API server as a process whose history can be compacted on demand: `embedded-server.ts DIR PORT TOKEN`. Tells its parent
 * `{ url, ca }` when it answers; a message from there makes it compact, and is answered when that is done.
 */
import { join } from 'node:path';
import { apiServer } from '../../src/apiserver/server.ts';
import { openStore } from '../../src/apiserver/store/store.ts';
import { certificates } from '../../src/net/certificates.ts';
import { serveControlPlane } from '../../src/net/serve-control-plane.ts';
import { fileDisk } from '../../src/system/file-disk.ts';
import { pinoLog } from '../../src/system/log.ts';
import { systemRuntime } from '../../src/system/runtime.ts';

const [directory = '', port = '0', token = ''] = process.argv.slice(2);
const end = new AbortController();
const runtime = systemRuntime('api-server', end.signal, pinoLog({ level: 'warn' }));
const store = await openStore(fileDisk(join(directory, 'api')), { clock: runtime.clock, log: runtime.log });
const server = await apiServer({ runtime, store, tokens: new Map([[token, { username: 'admin', groups: ['system:masters'] }]]) });
const tls = await certificates({ disk: fileDisk(join(directory, 'certificates')), names: ['127.0.0.1'], now: runtime.clock.now() });
const serving = await serveControlPlane(server.handler, { host: '127.0.0.1', port: Number(port), tls, log: runtime.log });

process.on('message', () => {
  void store.compact(store.revision()).then(() => process.send?.('compacted'));
});
process.once('SIGTERM', () => {
  end.abort();
  void serving
    .close()
    .then(() => server.close())
    .then(() => store.close())
    .then(() => process.exit(0));
});
// Without a parent there is nobody to serve.
process.once('disconnect', () => process.exit(1));
process.send?.({ url: serving.url, ca: tls.ca });
