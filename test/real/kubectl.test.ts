// Three versions of kubectl, typed into the embedded server and into a real one: people and scripts see the same on both.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { commands } from './kubectl/commands.ts';
import { drive } from './kubectl/drive.ts';
import { embeddedServer, realServer, type DrivenServer } from './kubectl/servers.ts';
import { kubectlVersions, realTools } from './tools.ts';

describe('kubectl says the same on both servers', () => {
  let [embedded, real]: (DrivenServer | undefined)[] = [];
  before(async () => {
    [embedded, real] = await Promise.all([embeddedServer(), realServer()]);
  });
  after(() => Promise.all([embedded?.stop(), real?.stop()]));

  it('it is a long session', () => {
    assert.ok(commands.length >= 100, String(commands.length));
  });

  for (const version of kubectlVersions) {
    it(`kubectl ${version}`, async (t) => {
      if (embedded === undefined || real === undefined) throw new Error('no servers');
      const kubectl = (await realTools()).kubectl[version];
      const id = `k${version.replace('.', '-')}`;
      const [ours, theirs] = await Promise.all([drive(kubectl, embedded, id, commands), drive(kubectl, real, id, commands)]);
      for (const [index, { command, code, stdout, stderr }] of ours.entries()) {
        const expected = theirs[index];
        await t.test(`${String(index + 1)}. kubectl ${command}`, () => {
          const both = `embedded: ${stderr}\nreal: ${expected?.stderr ?? ''}`;
          assert.equal(stdout, expected?.stdout, both);
          assert.equal(code, expected?.code, both);
        });
      }
    });
  }
});
