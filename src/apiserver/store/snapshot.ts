import type { Disk } from '../../base/disk.ts';
import { formatVersion, encode } from './records.ts';
import type { Record } from './records.ts';
import { snapshotName } from './files.ts';
import type { Stored } from './types.ts';

/** Characters of a snapshot that are encoded in one go: between them, others have their turn. */
const pieceText = 1_000_000;

/** Writes the snapshot of `generation`: `items` are all there was at `revision`. */
export function writeSnapshot(disk: Disk, generation: number, revision: number, items: readonly Stored[]): Promise<void> {
  return disk.replace(snapshotName(generation), piecesOf(generation, revision, items));
}

async function* piecesOf(generation: number, revision: number, items: readonly Stored[]): AsyncGenerator<Uint8Array, void> {
  let records: Record[] = [{ kind: 'snapshot', format: formatVersion, generation, revision }];
  let text = 0;
  for (const item of items) {
    records.push({ kind: 'put', revision: item.revision, durable: 0, key: item.key, text: item.text });
    text += item.text.length;
    if (text < pieceText) continue;
    yield encode(records);
    records = [];
    text = 0;
  }
  yield encode([...records, { kind: 'end', count: items.length }]);
}
