import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { UserError } from '../base/errors.ts';
import { certificates } from './certificates.ts';
import { kubeconfigFor } from './kubeconfig.ts';
import { memoryDisk } from './test-support.ts';

const start = Date.UTC(2026, 0, 1);
const day = 86_400_000;
const names = ['127.0.0.1', '::1', 'localhost'];

test('a restart shows the same certificates; they are valid for what was asked', async () => {
  const disk = memoryDisk();
  const first = await certificates({ disk, names, now: start });
  const again = await certificates({ disk, names: ['127.0.0.1'], now: start + 100 * day });
  assert.deepEqual(again, first);
  const serving = new X509Certificate(first.cert);
  const ca = new X509Certificate(first.ca);
  assert.ok(ca.ca && !serving.ca);
  assert.ok(serving.verify(ca.publicKey));
  assert.ok(
    serving.checkIP('127.0.0.1') !== undefined && serving.checkIP('::1') !== undefined && serving.checkHost('localhost') !== undefined,
  );
  assert.equal(first.renewAt, start + 335 * day);
});

test('the serving certificate is made anew near its end, or for another name; the authority stays', async () => {
  const disk = memoryDisk();
  const first = await certificates({ disk, names, now: start });
  const later = await certificates({ disk, names, now: first.renewAt + day });
  assert.notEqual(later.cert, first.cert);
  assert.equal(later.ca, first.ca);
  const renamed = await certificates({ disk, names: ['192.0.2.7'], now: start + 400 * day });
  assert.ok(new X509Certificate(renamed.cert).checkIP('192.0.2.7') !== undefined);
  assert.equal(renamed.ca, first.ca);
});

test('an authority near its end, or not valid yet, takes its serving certificate with it', async () => {
  const disk = memoryDisk();
  const first = await certificates({ disk, names, now: start });
  for (const now of [start + 3640 * day, start - day]) {
    const after = await certificates({ disk: memoryDisk(new Map(disk.files)), names, now });
    assert.notEqual(after.ca, first.ca);
    assert.ok(new X509Certificate(after.cert).verify(new X509Certificate(after.ca).publicKey));
  }
});

test('a serving certificate of another authority is not shown', async () => {
  const disk = memoryDisk();
  const other = memoryDisk();
  await certificates({ disk, names, now: start });
  await certificates({ disk: other, names, now: start });
  disk.files.set('serving.pem', other.files.get('serving.pem') ?? new Uint8Array());
  const { ca, cert } = await certificates({ disk, names, now: start });
  assert.ok(new X509Certificate(cert).verify(new X509Certificate(ca).publicKey));
});

test('a broken file is said in words, and is not overwritten', async () => {
  const disk = memoryDisk();
  await certificates({ disk, names, now: start });
  const whole = disk.files.get('ca.pem') ?? new Uint8Array();
  for (const broken of [whole.subarray(0, 100), new Uint8Array()]) {
    disk.files.set('ca.pem', broken);
    await assert.rejects(
      certificates({ disk, names, now: start }),
      (error) => error instanceof UserError && error.message.includes('ca.pem'),
    );
    assert.equal(disk.files.get('ca.pem'), broken);
  }
});

test('a kubeconfig says where, whom to believe and who asks', () => {
  const text = kubeconfigFor({ server: 'https://127.0.0.1:6443', ca: 'PEM', token: 'yes', user: 'admin', cluster: 'hypersphere' });
  assert.deepEqual(load(text), {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'hypersphere', cluster: { server: 'https://127.0.0.1:6443', 'certificate-authority-data': 'UEVN' } }],
    users: [{ name: 'admin', user: { token: 'yes' } }],
    contexts: [{ name: 'hypersphere', context: { cluster: 'hypersphere', user: 'admin' } }],
    'current-context': 'hypersphere',
  });
  assert.match(text, /token: ['"]yes['"]/, 'bare, kubectl would read it as a boolean');
});
