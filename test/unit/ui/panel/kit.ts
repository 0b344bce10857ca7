import type { OpenQuestion } from "../../../../src/core/ports/person";
import { panelHeader, type PanelScene } from "../../../../src/ui/panel/panelModel";
import type { PanelHeader } from "../../../../src/ui/panel/protocol";
import type { SessionView, WorkerState } from "../../../../src/core/state";
import { aState, english, noon } from "../kit";

export function aScene(over: Partial<PanelScene> = {}): PanelScene {
  return {
    memory: { sessionId: "s1", title: "Add CSV export" },
    state: aState(),
    now: noon,
    attempt: undefined,
    time: undefined,
    l10n: english,
    ...over,
  };
}

export function headerOf(session: SessionView, state: Partial<WorkerState> = {}): PanelHeader {
  return panelHeader(aScene({ state: aState(state, session) }));
}

export function aCommand(over: Partial<OpenQuestion> = {}): OpenQuestion {
  return {
    questionId: "q1",
    askedAt: noon,
    about: "command",
    what: "git log -1",
    where: undefined,
    why: undefined,
    forSession: false,
    parts: [],
    ...over,
  };
}

export function aQuestion(over: Partial<OpenQuestion> = {}): OpenQuestion {
  const what = "Which tone?";
  const parts = [{ text: what, options: ["Plain", "Friendly"], secret: false }];
  return aCommand({ about: "question", what, parts, ...over });
}
