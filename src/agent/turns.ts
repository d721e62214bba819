/**
 * Does `work` for `id` unless something is being done for it already. Between taking an arbiter and starting a guest nobody may conclude that
 * the guest does not exist (rule 1).
 * @returns undefined when it was not its turn.
 */
export async function inTurn<T>(busy: Set<string>, id: string, work: () => Promise<T>): Promise<{ readonly done: T } | undefined> {
  if (busy.has(id)) return undefined;
  busy.add(id);
  try {
    return { done: await work() };
  } finally {
    busy.delete(id);
  }
}
