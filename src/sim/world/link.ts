/** A network path that may be cut. */
export interface Link {
  broken(): boolean;
  break(): void;
  mend(): void;
  /** Calls `handler` when the link breaks. Returns how to stop. */
  onBreak(handler: () => void): () => void;
}

export function newLink(): Link {
  const handlers = new Set<() => void>();
  let broken = false;
  return {
    broken: () => broken,
    break: () => {
      if (broken) return;
      broken = true;
      for (const handler of [...handlers]) handler();
    },
    mend: () => {
      broken = false;
    },
    onBreak: (handler) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
  };
}
