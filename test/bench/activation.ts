import { waitUntil, type EditorUnderTest } from "../host/harness/harness.mjs";
import { launch, signIn } from "../host/ui/kit";
import { ask, extensionHost, wish, withPackages } from "./editors";
import { median, type Figure, type Row } from "./table";

/** One extension's spans in one start, in ms, as the editor measures them. */
interface Spans {
  readonly load: number;
  /** Until `activate` returned, before what it awaits. */
  readonly call: number;
  /** From there until its promise was kept. */
  readonly finish: number;
}

interface Start {
  readonly ours: Spans;
  readonly git: Spans;
}

/**
 * Extension hosts that start anew, with somebody signed in, against the built-in git extension in the same hosts. The spans are
 * the editor's, from its page "Startup Performance". Fewer starts: `-- activation --starts=5`.
 */
export const activation: Row = {
  name: "activation",
  run: () =>
    withPackages(async ({ ours, probe }) => {
      const editor = await launch({ name: "bench", vsix: ours, furtherVsix: [probe] });
      try {
        await signIn(editor);
        const starts: Start[] = [];
        for (let n = 0; n < wish("starts", 30); n += 1) starts.push(await startAnew(editor));
        return figures(starts);
      } finally {
        await editor.close();
      }
    }),
};

async function startAnew(editor: EditorUnderTest): Promise<Start> {
  await editor.window.leave();
  await waitUntil("the window's extension host ends", async () =>
    (await editor.processes()).every((one) => !one.command.includes("--type=extensionHost")),
  );
  editor.replaceWindow(await editor.openWindow());
  const host = await extensionHost(editor);
  // Ours shows this once it is active, so that the page has both.
  await editor.window.waitForStatus("of the worker", (one) => one.id.startsWith("one-horizon."));
  const { startup } = await ask(editor, host);
  return { ours: spansOf(startup, "one-horizon.one-horizon-worker"), git: spansOf(startup, "vscode.git") };
}

/** Columns of the editor's table: extension, eager, load code, call activate, finish activate, event, by. */
function spansOf(page: string, extension: string): Spans {
  const rows = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  const cells = rows.find((row) => row[1] === extension);
  const [load, call, finish] = (cells ?? []).slice(3, 6).map(Number);
  if (load === undefined || call === undefined || finish === undefined || !(load >= 0) || !(call >= 0)) {
    throw new Error(`the editor tells no spans of ${extension}`);
  }
  return { load, call, finish };
}

function figures(starts: readonly Start[]): readonly Figure[] {
  const own = ({ load, call }: Spans): number => load + call;
  const whole = (spans: Spans): number => own(spans) + spans.finish;
  const parts = (spans: readonly Spans[]): string =>
    [
      `load ${median(spans.map((one) => one.load))}`,
      `activate ${median(spans.map((one) => one.call))} ms`,
    ].join(", ");
  const ours = starts.map((one) => one.ours);
  const git = starts.map((one) => one.git);
  const ratioOf = (span: (spans: Spans) => number): number =>
    median(starts.map((one) => span(one.ours) / span(one.git)));
  const total = median(ours.map(own));
  const ratio = ratioOf(own);
  return [
    {
      what: `activation in the editor, ${starts.length} cold starts`,
      ours: `${total} ms (${parts(ours)})`,
      baseline: `${median(git.map(own))} ms git extension (${parts(git)})`,
      ratio,
      goal: "≤ 0.5, ≤ 30 ms",
      met: ratio <= 0.5 && total <= 30,
    },
    {
      what: "until what activation awaits is there too",
      ours: `${median(ours.map(whole))} ms`,
      baseline: `${median(git.map(whole))} ms git extension`,
      ratio: ratioOf(whole),
      goal: "≤ 0.5",
      met: ratioOf(whole) <= 0.5,
    },
  ];
}
