import type { Disk } from '../../base/disk.ts';
import { UserError } from '../../base/errors.ts';

/**
 * What of its own the trial puts there at the first start: `Shop`, or `None` but hosts. `Pending`: it is not whole yet, so that the next start
 * goes on with it.
 */
export type Sample = 'Pending' | 'Shop' | 'None';

export interface Installation {
  readonly sample: Sample;
  /** Notes what is there now, whole. */
  record(sample: Sample): Promise<void>;
}

/** The file that makes a directory ours. */
export const marker = 'hypersphere.json';
const format = 1;

/**
 * Reads the marker, and writes it when there is none.
 * @throws {UserError} when a later Hypersphere wrote it, or it is none of ours.
 */
export async function installationIn(root: Disk): Promise<Installation> {
  const record = (sample: Sample): Promise<void> =>
    root.replace(marker, new TextEncoder().encode(`${JSON.stringify({ format, sample })}\n`));
  const bytes = await root.read(marker);
  if (bytes === undefined) await record('Pending');
  return { sample: bytes === undefined ? 'Pending' : sampleIn(new TextDecoder().decode(bytes)), record };
}

function sampleIn(text: string): Sample {
  const said = parsed(text);
  if (typeof said['format'] !== 'number') throw new UserError(`its ${marker} does not say which version wrote it: name another directory`);
  if (said['format'] > format)
    throw new UserError(`a later version wrote it (format ${String(said['format'])}): use that one, or name another directory`);
  const { sample } = said;
  // Before samples were noted, a directory with the marker had had its turn.
  return sample === 'Pending' || sample === 'None' ? sample : 'Shop';
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Said by the caller.
  }
  return {};
}
