/** Types commands into a kubectl, one after the other, and keeps what it printed in words that are the same on every server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from '../../e2e/programs.ts';
import type { Command } from './commands.ts';
import type { DrivenServer } from './servers.ts';

export interface Said {
  readonly command: string;
  readonly code: number | null;
  readonly stdout: string;
  /** Not compared: it has the times of waits in it. */
  readonly stderr: string;
}

/** Plays a whole session with names of its own; its home, where kubectl caches discovery, is thrown away. */
export async function drive(kubectl: string, server: DrivenServer, id: string, commands: readonly Command[]): Promise<Said[]> {
  const home = await mkdtemp(join(tmpdir(), 'hypersphere-kubectl-'));
  const env = { HOME: home, KUBECONFIG: server.kubeconfig, KUBE_EDITOR: 'true' };
  const session = async (...args: string[]): Promise<unknown> => run(kubectl, args, { env });
  try {
    await session('apply', '--server-side', '-f', join(root, 'crds'), '-R');
    await session('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
    const said: Said[] = [];
    for (const { line, input } of commands) {
      const named = (words: string): string => words.replaceAll('NS', `${id}-ns`).replaceAll('ID', `${id}-thing`);
      const args = named(line).split(' ');
      const outcome = await run(kubectl, args, { env, ...(input === undefined ? {} : { input: named(input) }), limit: 60_000 });
      said.push({
        command: line,
        code: outcome.code,
        stdout: normal(outcome.stdout, server.url),
        stderr: normal(outcome.stderr, server.url),
      });
    }
    return said;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Times, uids, versions and addresses are each server's own. Columns are as wide as what stood in them. */
function normal(words: string, url: string): string {
  return words
    .replaceAll(url, '<server>')
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>')
    .replace(/(resourceVersion"?: *)"?\d+"?/gi, '$1<version>')
    .replace(/(Resource Version: +)\d+/g, '$1<version>')
    .replace(/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
    .replace(/\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, '<time>')
    .replace(/\b(\d+[smhd]){1,2}(?=\s|$)/g, '<age>')
    .replace(/(\/tmp\/(LIVE|MERGED)-\d+)/g, '/tmp/$2')
    .replace(/ +/g, ' ')
    .replace(/ +$/gm, '');
}
