// What a person meets who starts the trial: mistakes are told in words that name the flag, and a stop is no end.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { HostPool } from '../../src/api/host-pool.ts';
import { trialFlags } from '../../src/cmd/trial/flags.ts';
import { scratch, trial } from '../e2e/programs.ts';
import { createVm, drive, isReady, makeHosts, slay, until, vms, type Driven } from './driven.ts';

interface Ended {
  readonly code: number | string;
  readonly said: string;
}

/** Starts the trial where it must end by itself. */
async function ends(directory: string, ...flags: string[]): Promise<Ended> {
  const started = trial(directory, ...flags);
  try {
    // A trial that starts after all would never end.
    const ran = started.printed('API server at ').then(
      () => 'it started',
      () => started.ended(),
    );
    return { code: await Promise.race([started.ended(), ran]), said: started.output() };
  } finally {
    await slay(started);
  }
}

/** Told in words, with status 1: no stack, whose lines begin with `at`. */
function refused({ code, said }: Ended, ...words: readonly RegExp[]): void {
  assert.equal(code, 1, said);
  for (const word of words) assert.match(said, word);
  assert.doesNotMatch(said, /^\s+at /m);
}

describe('a start that cannot be', () => {
  let room: Awaited<ReturnType<typeof scratch>>;
  before(async () => {
    room = await scratch();
  });
  after(() => room.done());
  const fresh = (): string => join(room.path, 'data');

  const mistakes: readonly (readonly [string, readonly string[], readonly RegExp[]])[] = [
    ['a flag that is not there', ['--host', '3'], [/^--host: there is no such flag$/m, /--hosts N/]],
    ['a flag without its value', ['--hosts'], [/--hosts/, /Flags:/]],
    ['too many hosts', ['--hosts', '1001'], [/--hosts 1001/, /from 0 to 1000/]],
    ['fewer hosts than none', ['--hosts', '-3'], [/^--hosts -3: it must be a whole number from 0 to 1000$/m]],
    ['a flag where a value should be', ['--hosts', '--empty'], [/^--hosts needs a value: --hosts N$/m]],
    ['a short flag', ['-h'], [/^-h: there is no such flag$/m, /--help/]],
    ['hosts that are no number', ['--hosts', 'many'], [/--hosts many/, /whole number from 0 to 1000/]],
    ['a port that is none', ['--port', '65536'], [/--port 65536/, /from 0 to 65535/]],
    ['an empty address', ['--bind', ''], [/--bind needs a value/]],
    ['a value for a flag that takes none', ['--empty=yes'], [/^--empty=yes: it takes no value$/m, /Flags:/]],
    ['a word that is no flag', ['more'], [/^more: only flags are taken here$/m, /Flags:/]],
    ['an address that this machine does not have', ['--bind', '192.0.2.1'], [/192\.0\.2\.1/, /--bind/]],
  ];
  for (const [what, flags, words] of mistakes) {
    it(`${what}; it makes no data directory`, async () => {
      refused(await ends(fresh(), ...flags), ...words);
      await assert.rejects(stat(fresh()), { code: 'ENOENT' });
    });
  }

  it('a port in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = String(typeof address === 'object' ? address?.port : address);
    try {
      refused(await ends(join(fresh(), 'deep', 'down'), '--port', port), new RegExp(port), /in use/, /--port/);
      await assert.rejects(stat(fresh()), { code: 'ENOENT' });
      const present = join(room.path, 'present');
      await mkdir(present);
      refused(await ends(present, '--port', port), /in use/);
      assert.deepEqual(await readdir(present), []);
    } finally {
      taken.close();
    }
  });

  // Node's own way of making directories tries for ever there, and no signal but KILL ends it.
  it('a data directory, or a kubeconfig, where none can be', { skip: process.platform !== 'linux' }, async () => {
    refused(await ends('/proc/x/y'), /--data-dir \/proc\/x\/y cannot be used/, /Name one/);
    refused(await ends(fresh(), '--kubeconfig', '/proc/x/kubeconfig'), /--kubeconfig \/proc\/x\/kubeconfig cannot be written/);
  });

  it('a data directory of a later version, which it leaves alone', async () => {
    const directory = join(room.path, 'later');
    await mkdir(directory);
    const marker = join(directory, 'hypersphere.json');
    await writeFile(marker, '{"format":2}');
    refused(await ends(directory), /--data-dir/, /a later version wrote it \(format 2\)/);
    assert.equal(await readFile(marker, 'utf8'), '{"format":2}');
  });

  // A pipe that nobody writes to stands for a file system that does not answer.
  it('is ended by a signal before it is up', { skip: process.platform === 'win32' }, async () => {
    const directory = join(room.path, 'slow');
    await mkdir(directory);
    await promisify(execFile)('mkfifo', [join(directory, 'token')]);
    const started = trial(directory);
    try {
      await until(async () => ((await readdir(directory)).includes('hypersphere.json') ? [] : ['a start']), 'begins');
      started.child.kill('SIGTERM');
      assert.equal(await started.ended(), 'SIGTERM', started.output());
    } finally {
      await slay(started);
    }
  });

  it('a data directory that is a file', async () => {
    const file = join(room.path, 'file');
    await writeFile(file, 'mine');
    refused(await ends(file), /--data-dir/, /is not a directory/, /name one/);
    assert.equal(await readFile(file, 'utf8'), 'mine');
  });

  it('a data directory below a file', async () => {
    const file = join(room.path, 'another');
    await writeFile(file, 'mine');
    refused(await ends(join(file, 'data')), /--data-dir/);
  });

  it('a data directory that holds other things, which it leaves alone', async () => {
    const directory = join(room.path, 'letters');
    await mkdir(directory);
    await writeFile(join(directory, 'letter'), 'mine');
    refused(await ends(directory), /--data-dir/, /holds other things \(letter\)/, /name an empty directory/);
    assert.deepEqual(await readdir(directory), ['letter']);
  });

  it('a kubeconfig where a directory is', async () => {
    refused(await ends(fresh(), '--kubeconfig', room.path), /--kubeconfig/, /it is a directory/);
  });

  it('--help tells all flags and starts nothing', async () => {
    const directory = join(room.path, 'untouched');
    const { code, said } = await ends(directory, '--help');
    assert.equal(code, 0, said);
    for (const name of Object.keys(trialFlags)) assert.match(said, new RegExp(`--${name}\\b`));
    await assert.rejects(stat(directory), { code: 'ENOENT' });
  });
});

// Hosts and shop are put there once, whole: a first start that was broken off is gone on with, and what a person has changed since stays.
it('a first start that was broken off is finished by the next', async () => {
  const room = await scratch();
  let running: Driven | undefined;
  try {
    await writeFile(join(room.path, 'hypersphere.json'), '{"format":1,"sample":"Pending"}');
    await mkdir(join(room.path, 'api'));
    running = await drive(room.path, '--hosts', '2', '--empty');
    assert.equal((await running.client.get(HostPool, { name: 'host' }))?.spec.replicas, 2);
    await running.stop();
    assert.match(await readFile(join(room.path, 'hypersphere.json'), 'utf8'), /"sample":"None"/);
    running = await drive(room.path);
    await running.process.printed('Ctrl-C stops it');
    assert.deepEqual(await vms(running.client), []);
    assert.match(await readFile(join(room.path, 'kubeconfig'), 'utf8'), /namespace: ['"]default['"]/, 'there is no namespace shop');
  } finally {
    if (running !== undefined) await slay(running.process);
    await room.done();
  }
});

describe('a trial that runs', () => {
  let room: Awaited<ReturnType<typeof scratch>>;
  let first: Driven;
  const allReady = async (): Promise<string[]> => {
    const found = await vms(first.client);
    return found.length === 0 ? ['no VM'] : found.filter((vm) => !isReady(vm)).map((vm) => vm.metadata.name);
  };
  before(async () => {
    room = await scratch();
    first = await drive(room.path, '--empty', '--hosts', '0');
    await makeHosts(first.client, 1);
    await createVm(first.client, 'kept');
    await until(allReady, 'Ready');
  });
  after(async () => {
    await slay(first.process);
    await room.done();
  });

  it('gives its kubeconfig and its token to nobody else', { skip: process.platform === 'win32' }, async () => {
    for (const file of ['kubeconfig', 'token']) assert.equal((await stat(join(room.path, file))).mode & 0o777, 0o600, file);
  });

  it('has its data directory for itself: a second start is refused, the first goes on', async () => {
    refused(await ends(room.path, '--empty'), /in use|another process/i);
    await createVm(first.client, 'afterwards');
    await until(allReady, 'Ready');
  });

  it('stops at TERM with code 0 and goes on at the next start', async () => {
    const before = (await vms(first.client)).map((vm) => [vm.metadata.name, vm.metadata.uid]);
    assert.equal(await first.stop(), 0, first.process.output());
    assert.match(first.process.output(), /Stopped\. Everything is kept in /);
    first = await drive(room.path, '--empty');
    assert.deepEqual(
      (await vms(first.client)).map((vm) => [vm.metadata.name, vm.metadata.uid]),
      before,
    );
    await until(allReady, 'Ready again');
  });
});
