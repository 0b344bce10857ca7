import { onDispose, type Disposable } from "../../base/disposable";
import type { TimelineNews, TimelineSource } from "../../core/ports/timeline";

/** Timelines before anything is recorded. */
export class MemoryTimelines implements TimelineSource {
  follow(_sessionId: string, listener: (news: TimelineNews) => void): Disposable {
    let open = true;
    queueMicrotask(() => {
      if (open) listener({ kind: "timeline", entries: [], dropped: 0 });
    });
    return onDispose(() => {
      open = false;
    });
  }
}
