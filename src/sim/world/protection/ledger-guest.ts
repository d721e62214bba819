/**
 * A guest that keeps a ledger, so that what a failover loses, doubles or contradicts is seen: for each request it puts a record into the log on its
 * disk, then a mark that the record is complete, has both written, and only then answers. What it answers cannot be computed again: each
 * record has a number that only this moment had.
 */
import type { Block } from '../disk/content.ts';
import type { GuestDisk } from '../disk/guest-disk.ts';
import { listen, type Conversation } from '../network/conversation.ts';
import type { GuestNic } from '../network/guest-nic.ts';

export interface LedgerRequest {
  /** Who asks, and its how manieth request this is. */
  readonly client: string;
  readonly request: number;
  readonly amount: number;
}

/** What the guest answers, and writes. */
export interface LedgerRecord extends LedgerRequest {
  /** Counted over all clients, from 1. */
  readonly number: number;
  /** Of all amounts up to this one. */
  readonly sum: number;
  /** Nobody can guess it. */
  readonly nonce: number;
}

/** Says that the record of that number is complete. */
export interface CommitMark {
  readonly committed: number;
}

export const ledgerPort = 5432;
export const requestBytes = 100;
export const answerBytes = 200;

export interface LedgerOptions {
  readonly nic: GuestNic;
  readonly disk: GuestDisk;
  /** What the guest does not have of itself: another number each time. */
  readonly entropy: () => number;
}

/** Goes on from what is complete on the disk. */
export function keepLedger({ disk, entropy, nic }: LedgerOptions): void {
  const last = completeRecords(disk.read()).at(-1);
  const state = { number: last?.number ?? 0, sum: last?.sum ?? 0 };
  nic.keep(() => {
    const saved = { ...state };
    return () => void Object.assign(state, saved);
  });
  const serve = (conversation: Conversation, request: LedgerRequest): void => {
    const record: LedgerRecord = { ...request, number: ++state.number, sum: (state.sum += request.amount), nonce: entropy() };
    disk.write(2 * record.number, record);
    disk.write(2 * record.number + 1, { committed: record.number } satisfies CommitMark);
    disk.flush(() => {
      conversation.send(answerBytes, record);
    });
  };
  listen(nic, ledgerPort, (conversation) => {
    conversation.hear((data) => {
      if (isRequest(data)) serve(conversation, data);
    });
  });
}

function isRequest(data: unknown): data is LedgerRequest {
  return typeof data === 'object' && data !== null && 'client' in data && 'request' in data && 'amount' in data;
}

export function isRecord(data: unknown): data is LedgerRecord {
  return isRequest(data) && 'number' in data && 'sum' in data && 'nonce' in data;
}

/** The records that are complete, up to the first that is not. */
export function completeRecords(content: ReadonlyMap<number, Block>): LedgerRecord[] {
  const records: LedgerRecord[] = [];
  for (let number = 1; ; number++) {
    const record = content.get(2 * number);
    const mark = content.get(2 * number + 1);
    if (!isRecord(record) || typeof mark !== 'object' || mark === null) return records;
    records.push(record);
  }
}
