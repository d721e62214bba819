/** One reader hears the newest of what is told, then how it ended. */
export interface Feed<T> {
  tell(item: T): void;
  /** Nothing more comes; what nobody has read yet is read first. */
  end(error?: Error): void;
  next(): Promise<IteratorResult<T>>;
}

export function newFeed<T>(): Feed<T> {
  let newest: { readonly value: T } | undefined;
  let ended: { error: Error | undefined } | undefined;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    wake?.();
    wake = undefined;
  };
  return {
    tell: (value) => {
      if (ended === undefined) newest = { value };
      ring();
    },
    end: (error) => {
      ended ??= { error };
      ring();
    },
    next: async () => {
      while (newest === undefined && ended === undefined) await new Promise<void>((resolve) => (wake = resolve));
      if (newest !== undefined) {
        const { value } = newest;
        newest = undefined;
        return { done: false, value };
      }
      const error = ended?.error;
      ended = { error: undefined };
      if (error !== undefined) throw error;
      return { done: true, value: undefined };
    },
  };
}
