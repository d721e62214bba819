import type { VirtualMachineInstance } from '../api/virtual-machine-instance.ts';
import type { AgentMeans } from './means.ts';
import { beginSending, type Sending } from './sending.ts';
import { failedTransfer, newTransfer, type MoveTo } from './transfer.ts';
import type { Reason } from './trouble.ts';

type GuestId = string;

/** The guests that are on their way to other hosts: at most one transfer each. A new agent knows of none. */
export interface Transfers {
  /** Sends the guest, unless it was sent there already by this agent, with whatever end. */
  begin(agent: AgentMeans, instance: VirtualMachineInstance, moveTo: MoveTo): void;
  /** The last one of the guest, until it is dropped. */
  of(guest: GuestId): Sending | undefined;
  /** Notes that a transfer which this agent did not begin has come to nothing. */
  fail(guest: GuestId, moveTo: MoveTo, memoryBytes: number, reason: Reason): void;
  /** Ends the guest's transfer, if one is under way, and waits until it is over. One that came to something, or failed, is kept. */
  end(guest: GuestId): Promise<void>;
  /** Ends it and forgets it. Settles once no hand-over is under way any more. */
  drop(guest: GuestId): Promise<void>;
  /** Calls `handler` when something is to be said of a guest's transfer. */
  onNews(handler: (guest: GuestId) => void): void;
}

export function transfers(): Transfers {
  const byGuest = new Map<GuestId, Sending>();
  const handlers: ((guest: GuestId) => void)[] = [];
  const drop = async (guest: GuestId): Promise<void> => {
    const sending = byGuest.get(guest);
    if (sending === undefined) return;
    byGuest.delete(guest);
    sending.cancelled.abort();
    await sending.deciding;
  };
  return {
    begin: (agent, instance, moveTo) => {
      const { uid } = instance.metadata;
      if (byGuest.has(uid)) return;
      const news = (): void => {
        for (const handler of handlers) handler(uid);
      };
      byGuest.set(uid, beginSending(agent, instance, moveTo, news));
    },
    of: (guest) => byGuest.get(guest),
    fail: (guest, moveTo, memoryBytes, reason) => {
      byGuest.set(guest, failedSending(moveTo, memoryBytes, reason));
    },
    end: async (guest) => {
      const sending = byGuest.get(guest);
      if (sending?.isUnderWay !== true) return;
      sending.cancelled.abort();
      await sending.ended;
      if (!['Failed', 'Done'].includes(sending.transfer.stage) && byGuest.get(guest) === sending) byGuest.delete(guest);
    },
    drop,
    onNews: (handler) => void handlers.push(handler),
  };
}

function failedSending(moveTo: MoveTo, memoryBytes: number, reason: Reason): Sending {
  const transfer = failedTransfer(newTransfer(moveTo, memoryBytes), reason);
  return {
    moveTo,
    transfer,
    standing: undefined,
    isUnderWay: false,
    cancelled: new AbortController(),
    since: 0,
    deciding: Promise.resolve(),
    ended: Promise.resolve(),
  };
}
