/** Named gates that a script waits at until its owner opens them. */
export interface Gates {
  isOpen(name: string): boolean;
  open(name: string): void;
  /** A new script finds every gate closed. */
  closeAll(): void;
  /** Ends when the gate opens, or with the signal. */
  opened(name: string, signal: AbortSignal): Promise<void>;
  waitingAt(): readonly string[];
}

export function createGates(): Gates {
  const open = new Set<string>();
  const waiting = new Set<{ readonly name: string; readonly go: () => void }>();
  return {
    isOpen: (name) => open.has(name),
    open: (name) => {
      open.add(name);
      for (const one of [...waiting]) if (one.name === name) one.go();
    },
    closeAll: () => open.clear(),
    waitingAt: () => [...waiting].map((one) => one.name),
    opened: (name, signal) => {
      if (open.has(name) || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const entry = {
          name,
          go: () => {
            waiting.delete(entry);
            signal.removeEventListener("abort", entry.go);
            resolve();
          },
        };
        waiting.add(entry);
        signal.addEventListener("abort", entry.go, { once: true });
      });
    },
  };
}
