import assert from "node:assert/strict";
import { keeperEnvironment } from "../../../src/runtime/environment";
import { relatives } from "../../../src/runtime/keeper/family";
import { parsePs, parseStat, type ProcessEntry } from "../../../src/runtime/keeper/processTable";
import { taskkill } from "../../../src/runtime/keeper/windows";
import { lineOf, parseFromKeeper, parseToKeeper, WireReader } from "../../../src/runtime/keeper/wire";

type Row = readonly [pid: number, parent: number, session: number, startedAt?: string];
const self = 2;

/** Who is found in a table, by number. The shell that looks is 2, in the session of 1. */
function found(
  rows: readonly Row[],
  known: Readonly<Record<number, string>>,
  marked: readonly number[] = [],
) {
  const table = ([[1, 0, 1], [self, 1, 1], ...rows] as const).map(
    ([pid, parent, session, startedAt = "5"]): ProcessEntry => ({
      pid,
      parent,
      group: session,
      session,
      startedAt,
    }),
  );
  const asked: number[] = [];
  const result = relatives(table, {
    self,
    isKnown: (one) => known[one.pid] === one.startedAt,
    carries: (one) => {
      asked.push(one.pid);
      return marked.includes(one.pid);
    },
  });
  return { pids: result.map((one) => one.pid).sort((a, b) => a - b), asked };
}

describe("who belongs to a tool", () => {
  const cases: readonly (readonly [string, readonly Row[], Record<number, string>, number[], number[]])[] = [
    ["nobody", [[10, 1, 10]], {}, [], []],
    ["itself", [[10, self, 10]], { 10: "5" }, [], [10]],
    ["not whoever has its number now", [[10, self, 10, "9"]], { 10: "5" }, [], []],
    [
      "its descendants, in whatever order and session",
      [
        [13, 12, 13],
        [12, 11, 12],
        [11, 10, 10],
        [10, self, 10],
      ],
      { 10: "5" },
      [],
      [10, 11, 12, 13],
    ],
    [
      "an orphan in its session",
      [
        [10, self, 10],
        [11, 1, 10],
      ],
      { 10: "5" },
      [],
      [10, 11],
    ],
    [
      "an orphan that was known, and who is in its session",
      [
        [11, 1, 10],
        [12, 1, 10],
      ],
      { 11: "5" },
      [],
      [11, 12],
    ],
    [
      "a stray with the marker, with its child",
      [
        [20, 1, 20],
        [21, 20, 21],
      ],
      {},
      [20],
      [20, 21],
    ],
    [
      "not the rest of a stranger's session that a marked one is in",
      [
        [30, 1, 30],
        [31, 30, 30],
        [32, 30, 30],
      ],
      {},
      [31],
      [31],
    ],
    [
      "not the session of whoever looks",
      [
        [40, 1, 1],
        [41, 1, 1],
      ],
      {},
      [40],
      [40],
    ],
    ["never whoever looks", [[10, self, 10]], { [self]: "5", 10: "5" }, [self], [10]],
    [
      "nobody by a session outside of this namespace",
      [
        [50, 1, 0],
        [51, 1, 0],
      ],
      {},
      [50],
      [50],
    ],
  ];
  for (const [name, rows, known, marked, expected] of cases) {
    it(name, () => assert.deepEqual(found(rows, known, marked).pids, expected));
  }

  it("asks nobody for the marker whom the tree shows", () => {
    const { asked } = found(
      [
        [10, self, 10],
        [11, 10, 11],
        [20, 1, 20],
      ],
      { 10: "5" },
    );
    assert.deepEqual(asked, [1, 20]);
  });
});

describe("the process table of a system without /proc", () => {
  it("reads what ps prints, without the dead", () => {
    const text = [
      "    1     0     1 Ss   Sat Nov 21 09:00:01 2026    ",
      "  401     1   401 S+   Sat Nov 21 12:47:29 2026    ",
      "  402   401   401 Z    Sat Nov 21 12:47:30 2026    ",
      "ps: something odd",
      "",
    ].join("\n");
    assert.deepEqual(parsePs(text), [
      { pid: 1, parent: 0, group: 1, session: 1, startedAt: "Sat Nov 21 09:00:01 2026" },
      { pid: 401, parent: 1, group: 401, session: 401, startedAt: "Sat Nov 21 12:47:29 2026" },
    ]);
  });

  it("a line of /proc that is cut off is nobody", () =>
    assert.equal(parseStat(42, "42 (a) S 7 8"), undefined));
});

describe("ending a tree on Windows", () => {
  it("calls taskkill by its full path, without a shell", () => {
    assert.deepEqual(taskkill(17, { SystemRoot: "D:\\Win" }), {
      file: "D:\\Win\\System32\\taskkill.exe",
      args: ["/PID", "17", "/T", "/F"],
    });
    assert.equal(taskkill(17, {}).file, "C:\\Windows\\System32\\taskkill.exe");
  });
});

describe("the keeper's environment", () => {
  it("is the marker and what makes the editor's binary a Node; nothing that the owner passes on", () => {
    const tool = {
      PATH: "/bin",
      HOME: "/home/a",
      ONE_WORKER_ATTEMPT: "mark",
      NODE_PATH: "/evil",
      NODE_EXTRA_CA_CERTS: "/x",
      SECRET: "s",
    };
    assert.deepEqual(keeperEnvironment(tool), {
      HOME: "/home/a",
      ONE_WORKER_ATTEMPT: "mark",
      ELECTRON_RUN_AS_NODE: "1",
    });
  });
});

describe("what host and keeper tell each other", () => {
  const graces = { afterEndOfInputMs: 1, afterTermMs: 2, sweepMs: 3 };
  const launch = {
    kind: "launch",
    command: ["/bin/tool", "-c", "ä\n"],
    workingDirectory: "/work",
    environment: { A: "1\u2028" },
    marker: "M=1",
  } as const;

  it("comes over whole, however it is cut", () => {
    const heard: unknown[] = [];
    const reader = new WireReader(parseToKeeper, (message) => heard.push(message));
    const messages = [launch, { kind: "end", graces }, { kind: "hurry" }] as const;
    for (const byte of Buffer.from(messages.map(lineOf).join(""))) reader.push(Buffer.from([byte]));
    assert.deepEqual(heard, messages);
  });

  it("comes back whole", () => {
    for (const message of [
      { kind: "started", pid: 1, startedAt: "2" },
      { kind: "refused", code: "ENOENT" },
      { kind: "exited", how: "exit code 0" },
      { kind: "noted" },
      { kind: "gone", left: 0 },
    ] as const) {
      assert.deepEqual(parseFromKeeper(JSON.parse(lineOf(message))), message);
    }
  });

  for (const wrong of [
    null,
    [],
    { kind: "other" },
    { kind: "end", graces: { ...graces, sweepMs: "3" } },
    { ...launch, command: "tool" },
    { ...launch, command: ["tool", 1] },
    { ...launch, environment: { A: 1 } },
    { ...launch, marker: undefined },
    { kind: "started", pid: "1", startedAt: "2" },
    { kind: "gone" },
  ]) {
    it(`${JSON.stringify(wrong)} is not understood`, () => {
      assert.equal(parseToKeeper(wrong), undefined);
      assert.equal(parseFromKeeper(wrong), undefined);
    });
  }

  it("a line that is not understood is an error, because the other side is another half of this program", () => {
    const reader = new WireReader(parseFromKeeper, () => undefined);
    assert.throws(() => reader.push(Buffer.from("{}\n")), /not understood/);
  });
});
