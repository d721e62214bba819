/**
 * Answers every request with one and the same VirtualMachine, over TLS, so that only clients are measured. Prints one line of JSON: where it
 * is, and whom to believe. Ends with its standard input.
 */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { VirtualMachine } from '../../src/api/virtual-machine.ts';
import { apiVersionOf } from '../../src/meta/resource.ts';
import { memoryDisk } from '../../src/net/test-support.ts';
import { certificates } from '../../src/net/certificates.ts';

const conditions = ['Ready', 'Placed', 'DisksReady', 'Restartable'].map((type) => ({
  type,
  status: 'True',
  observedGeneration: 3,
  lastTransitionTime: '2026-01-01T00:00:00Z',
  reason: 'AsExpected',
  message: 'it is as its spec wants it to be',
}));

/** About as large as those of a fleet at work: 1.7 KB. */
const object = {
  apiVersion: apiVersionOf(VirtualMachine),
  kind: VirtualMachine.kind,
  metadata: {
    name: 'vm-1',
    namespace: 'default',
    uid: '6f1c1b0e-3c55-4f7e-9a4a-0d5f7a1c2b3d',
    resourceVersion: '123456',
    generation: 3,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { 'app.kubernetes.io/name': 'database', 'app.kubernetes.io/part-of': 'shop' },
    managedFields: ['kubectl', 'hypersphere-operator'].map((manager) => ({
      manager,
      operation: 'Update',
      apiVersion: apiVersionOf(VirtualMachine),
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { '.': {}, 'f:cpu': { '.': {}, 'f:cores': {} }, 'f:memory': { '.': {}, 'f:size': {} } } },
    })),
  },
  spec: { powerState: 'PoweredOn', cpu: { cores: 1 }, memory: { size: '1Gi' }, disks: [{ name: 'root', size: '1Gi' }] },
  status: { phase: 'Running', observedGeneration: 3, conditions },
};

const answer = Buffer.from(JSON.stringify(object));
const tls = await certificates({ disk: memoryDisk(), names: ['127.0.0.1'], now: Date.now() });
const server = createServer({ cert: tls.cert, key: tls.key, keepAlive: true }, (incoming, outgoing) => {
  const pieces: Buffer[] = [];
  incoming.on('data', (piece: Buffer) => pieces.push(piece));
  incoming.on('end', () => {
    // What is no JSON is no patch: a client that sends nothing would be the fastest.
    JSON.parse(Buffer.concat(pieces).toString());
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `https://127.0.0.1:${String(port)}`, ca: tls.ca })}\n`);
});
process.stdin.resume().on('end', () => process.exit(0));
