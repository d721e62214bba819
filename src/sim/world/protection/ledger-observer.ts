/** Clients of a ledger, outside, who believe nothing that they have not seen: what they were told must stay true. */
import { equal } from '../../../base/equal.ts';
import type { Block } from '../disk/content.ts';
import { connect, saidIn, type Conversation } from '../network/conversation.ts';
import type { Outsider } from '../network/outside.ts';
import { completeRecords, isRecord, ledgerPort, requestBytes, type LedgerRecord, type LedgerRequest } from './ledger-guest.ts';

export interface LedgerClient {
  readonly conversation: Conversation;
  /** What it was answered, in order. */
  readonly answers: readonly LedgerRecord[];
  /** How long each answer took, milliseconds. */
  readonly waits: readonly number[];
  stop(): void;
}

export interface LedgerObserver {
  /** Holds a conversation: always so many requests wait for their answers. */
  client(outsider: Outsider, to: { readonly mac: string; readonly address: string }, choices?: ClientChoices): LedgerClient;
  /** Looks at the disk, as anybody can who attaches it. */
  look(content: ReadonlyMap<number, Block>): void;
  /** The guest began anew from its disk: what was not complete there nobody was told, and may become something else. */
  restarted(content: ReadonlyMap<number, Block>): void;
  /** When something came that was not known, monotonic milliseconds. */
  readonly news: readonly number[];
  /** What cannot be true together with what was seen before; empty when all is well. */
  readonly contradictions: readonly string[];
}

export interface ClientChoices {
  readonly waiting?: number;
  /** Between an answer and the next request, milliseconds. */
  readonly thinkMs?: number;
  /** What it calls itself, another name for each conversation; absent: its address. */
  readonly name?: string;
  /** Its own port, another one for each conversation. */
  readonly fromPort?: number;
}

export function ledgerObserver(): LedgerObserver {
  const contradictions: string[] = [];
  const news: number[] = [];
  const blocks = new Map<number, Block>();
  /** What lay behind the last complete record when the guest began anew. It lies there until it is written over. */
  const torn = new Map<number, Block>();
  const byNumber = new Map<number, LedgerRecord>();
  const answered: LedgerRecord[] = [];
  const note = (record: LedgerRecord, where: string): void => {
    const before = byNumber.get(record.number);
    if (before === undefined) byNumber.set(record.number, record);
    else if (!equal(before, record))
      contradictions.push(`${where} says ${JSON.stringify(record)}, before it was ${JSON.stringify(before)}`);
  };
  return {
    news,
    contradictions,
    client: (outsider, to, choices) =>
      newClient(outsider, to, choices ?? {}, {
        frame: (record) => {
          note(record, 'a frame');
        },
        answer: (record) => {
          news.push(outsider.now());
          answered.push(record);
        },
        wrong: (what) => contradictions.push(what),
      }),
    look: (content) => {
      for (const [number, block] of content) {
        if (torn.has(number) && equal(torn.get(number), block)) continue;
        torn.delete(number);
        const before = blocks.get(number);
        if (before === undefined) blocks.set(number, block);
        else if (!equal(before, block))
          contradictions.push(`block ${String(number)} is ${JSON.stringify(block)}, was ${JSON.stringify(before)}`);
      }
      contradictions.push(...wrongOnDisk(completeRecords(content), answered));
    },
    restarted: (content) => {
      const last = 2 * completeRecords(content).length + 1;
      for (const number of [...blocks.keys()]) if (number > last) blocks.delete(number);
      torn.clear();
      for (const [number, block] of content) if (number > last) torn.set(number, block);
    },
  };
}

interface Witness {
  /** It was in a frame, whether or not that was needed. */
  frame(record: LedgerRecord): void;
  answer(record: LedgerRecord): void;
  wrong(what: string): void;
}

function newClient(
  outsider: Outsider,
  to: { readonly mac: string; readonly address: string },
  choices: ClientChoices,
  witness: Witness,
): LedgerClient {
  const { thinkMs = 0, waiting = 1 } = choices;
  const answers: LedgerRecord[] = [];
  const asked: LedgerRequest[] = [];
  const askedAt: number[] = [];
  const waits: number[] = [];
  let stopped = false;
  const client = choices.name ?? outsider.addresses()[0] ?? '';
  outsider.hear(({ payload }) => {
    if (payload.type !== 'IP' || payload.protocol !== 'TCP' || payload.srcPort !== ledgerPort) return;
    for (const { data } of saidIn(payload.data)) if (isRecord(data)) witness.frame(data);
  });
  const conversation = connect(outsider, to, ledgerPort, choices.fromPort);
  const ask = (): void => {
    if (stopped) return;
    const request = { client, request: asked.length + 1, amount: (asked.length * 7 + client.length) % 100 };
    asked.push(request);
    askedAt.push(outsider.now());
    conversation.send(requestBytes, request);
  };
  conversation.hear((data) => {
    if (!isRecord(data)) return;
    const expected = asked[answers.length];
    const before = answers.at(-1);
    if (data.client !== client || data.request !== expected?.request || data.amount !== expected.amount)
      witness.wrong(`${client} asked ${JSON.stringify(expected)} and was answered ${JSON.stringify(data)}`);
    if (before !== undefined && data.number <= before.number)
      witness.wrong(`number ${String(data.number)} came after ${String(before.number)}`);
    waits.push(outsider.now() - (askedAt[answers.length] ?? NaN));
    answers.push(data);
    witness.answer(data);
    if (thinkMs === 0) ask();
    else outsider.after(thinkMs, ask);
  });
  for (let i = 0; i < waiting; i++) ask();
  return {
    conversation,
    answers,
    waits,
    stop: () => {
      stopped = true;
    },
  };
}

/** Every record that was acknowledged is there, none twice, none torn, and the sums are right. */
function wrongOnDisk(records: readonly LedgerRecord[], answered: readonly LedgerRecord[]): string[] {
  const wrong: string[] = [];
  const requests = new Set<string>();
  let sum = 0;
  for (const record of records) {
    sum += record.amount;
    if (record.sum !== sum) wrong.push(`record ${String(record.number)} on the disk has the sum ${String(record.sum)}, not ${String(sum)}`);
    const request = `${record.client} ${String(record.request)}`;
    if (requests.has(request)) wrong.push(`request ${request} is on the disk twice`);
    requests.add(request);
  }
  for (const record of answered)
    if (!equal(records[record.number - 1], record))
      wrong.push(`what was answered as ${JSON.stringify(record)} is ${JSON.stringify(records[record.number - 1])} on the disk`);
  return wrong;
}
