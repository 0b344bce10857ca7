/* global document, location, performance */
// The sandbox's dashboard. Every text of a session is untrusted and only ever set as text.

import { act, byId, call, element, hears, noToken, say, token } from "./kit.js";
import { drawRunForm, runNode } from "./runs.js";

const drafts = new Map();
const opened = new Set();
const drawn = new Map();
let skewMs = 0;

const now = () => performance.now() + skewMs;
const clockTime = (at) => new Date(at).toLocaleTimeString([], { timeStyle: "medium", hourCycle: "h23" });
const count = (value) => (value >= 10_000 ? `${Math.round(value / 1000)}k` : String(value));

function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

// Workers

const signals = { pause: "Pause", resume: "Resume", stop: "Stop", restart: "Restart" };

function workerNode(worker) {
  const { workerId: id, facts, status, lastBeat, signal } = worker;
  const said = lastBeat
    ? `${lastBeat.state}, ${lastBeat.activeSessions} of ${facts.maxConcurrentSessions} slots`
    : status;
  const buttons = Object.entries(signals).map(([type, label]) =>
    element(
      "button",
      { type: "button", on: { click: () => act(() => call("POST", `workers/${id}/signal`, { type })) } },
      label,
    ),
  );
  return element(
    "div",
    { class: `worker ${status}` },
    element(
      "p",
      { class: "name" },
      element("span", { class: "dot", "data-beats": worker.beats }),
      facts.name,
    ),
    element(
      "p",
      { class: "meta" },
      `${facts.runtime.provider} ${facts.runtime.version ?? ""} · ${facts.worktreeMode} mode`,
    ),
    element("p", { class: "meta" }, status === "online" ? said : status, " · ", beatAge(worker)),
    element("div", { class: "row" }, ...buttons),
    signal
      ? element("p", { class: "meta" }, `${signals[signal.type]} requested, not acknowledged yet`)
      : undefined,
  );
}

function beatAge(worker) {
  return element(
    "span",
    { "data-since": worker.lastBeatAt ?? "", "data-words": "beat" },
    sinceText(worker.lastBeatAt, "beat"),
  );
}

function sinceText(at, words) {
  if (!at) return "no beat yet";
  return words === "beat" ? `beat ${duration(now() - at)} ago` : duration(now() - at);
}

// Sessions

const statusWords = { awaiting_input: "needs an answer", active: "running" };
const openStatuses = new Set(["queued", "pending", "active", "awaiting_input"]);
const shownActivities = 8;

function sessionNode({ comments, ...session }, workers) {
  const { status, title, prompt, plan, errorMessage, summary, remarks } = session;
  const body = [
    plan ? element("div", {}, element("h2", {}, "Plan"), element("pre", { class: "plan" }, plan)) : undefined,
    session.activities.length > 0 ? activityList(session) : undefined,
  ].filter(Boolean);
  return element(
    "article",
    { class: `session ${status}`, "data-session": session.sessionId },
    element(
      "div",
      { class: "head" },
      element("div", {}, element("h3", {}, title), element("p", { class: "prompt" }, prompt)),
      element(
        "div",
        { class: "row end" },
        ...actions(session),
        element("span", { class: "status" }, statusWords[status] ?? status),
      ),
    ),
    element("p", { class: "meta" }, ...metaOf(session, workers)),
    body.length > 0
      ? element("div", { class: body.length > 1 ? "body" : "body single" }, ...body)
      : undefined,
    status === "awaiting_input" ? question(session) : undefined,
    errorMessage && status === "error" ? element("p", { class: "remark" }, errorMessage) : undefined,
    summary && session.activities.at(-1)?.message !== summary
      ? element("p", { class: "meta" }, summary)
      : undefined,
    ...comments.map(commentNode),
    ...remarks.map((one) => element("p", { class: "remark" }, `Against the contract: ${one}`)),
  );
}

/** A comment on the session's task with its files, each a button that saves it. */
function commentNode({ author, content, files }) {
  return element(
    "div",
    { class: "comment" },
    element("h2", {}, `Comment by ${author}`),
    element("p", {}, content),
    files.length > 0
      ? element(
          "div",
          { class: "row" },
          ...files.map((file) =>
            element("button", { type: "button", on: { click: () => act(() => save(file)) } }, file.name),
          ),
        )
      : undefined,
  );
}

async function save({ fileId, name }) {
  const answer = await fetch(`sandbox/api/files/${fileId}`, { headers: { "x-sandbox-token": token } });
  if (!answer.ok) throw new Error(`${name} is not there any more.`);
  const href = URL.createObjectURL(await answer.blob());
  element("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000); // the browser reads it after the click
}

function commentsOf({ taskId }) {
  const { comments, files, users } = latest;
  const those = taskId === null ? [] : comments.filter((one) => one.taskId === taskId);
  return those.map(({ content, userId, fileIds }) => ({
    author: users.find((one) => one.userId === userId)?.name ?? userId,
    content,
    files: files.filter((one) => fileIds.includes(one.fileId)),
  }));
}

function metaOf(session, workers) {
  const { usage, metadata, workflow, claim, createdAt, updatedAt, history } = session;
  const startedAt = history.find((one) => one.status === "active")?.at;
  const worker = workers.find((one) => one.workerId === (claim?.workerId ?? session.lastOwnerId));
  const isOver = !openStatuses.has(session.status);
  const time =
    startedAt === undefined || session.status === "queued"
      ? ["queued ", element("span", { "data-since": createdAt, "data-words": "" }, sinceText(createdAt, ""))]
      : isOver
        ? [`took ${duration(updatedAt - startedAt)}`]
        : [
            "running ",
            element("span", { "data-since": startedAt, "data-words": "" }, sinceText(startedAt, "")),
          ];
  const parts = [
    worker?.facts.name,
    metadata.model,
    usage.totalTokens === undefined
      ? undefined
      : `${count(usage.totalTokens)} tokens (${count(usage.inputTokens ?? 0)} in, ${count(usage.outputTokens ?? 0)} out)`,
    workflow.taskMode ? `${workflow.taskMode} step` : undefined,
    workflow.branchName,
    session.reviewVerdict ? `verdict: ${session.reviewVerdict}` : undefined,
  ].filter(Boolean);
  return [...time, ...parts.flatMap((one) => [" · ", one])];
}

function activityList(session) {
  const { sessionId: id, activities } = session;
  const all = opened.has(id);
  const shown = all ? activities : activities.slice(-shownActivities);
  const more = activities.length - shown.length;
  return element(
    "div",
    {},
    element("h2", {}, "Activity"),
    more > 0
      ? element(
          "button",
          { type: "button", on: { click: () => (opened.add(id), drawn.delete(id), draw()) } },
          `Show ${more} earlier`,
        )
      : undefined,
    element(
      "ol",
      {},
      ...shown.map((one) =>
        element(
          "li",
          { class: one.type },
          element("time", { dateTime: new Date(one.receivedAt).toISOString() }, clockTime(one.receivedAt)),
          element("span", {}, one.message),
        ),
      ),
    ),
  );
}

function question(session) {
  const { sessionId: id, inputRequest, input } = session;
  if (input) return element("div", { class: "question" }, element("p", {}, `Answered: ${input.text}`));
  const field = element("input", {
    type: "text",
    required: true,
    "aria-label": "Answer",
    value: drafts.get(id) ?? "",
    on: { input: () => drafts.set(id, field.value) },
  });
  const send = (event) => {
    event.preventDefault();
    void act(() =>
      call("POST", `sessions/${id}/answer`, { text: field.value }).then(() => drafts.delete(id)),
    );
  };
  return element(
    "div",
    { class: "question" },
    element("p", {}, inputRequest ?? ""),
    element("form", { on: { submit: send } }, field, element("button", {}, "Answer")),
  );
}

function actions(session) {
  const { sessionId: id, status } = session;
  const button = (label, verb) =>
    element(
      "button",
      { type: "button", on: { click: () => act(() => call("POST", `sessions/${id}/${verb}`)) } },
      label,
    );
  if (openStatuses.has(status)) return [button("Cancel", "cancel")];
  return status === "stale" ? [button("Queue again", "requeue")] : [];
}

// Drawing: a node is made anew only when what it shows has changed.

let latest;

/** Someone who types or tabs while a session moves on keeps the place. */
function focusAgain(node, before, old) {
  const controls = (root) => [...root.querySelectorAll("button, input")];
  const at = before.selectionStart;
  const place = controls(old).indexOf(before);
  setTimeout(() => {
    const field = controls(node)[place];
    field?.focus();
    if (field?.type === "text" && typeof at === "number") field.setSelectionRange(at, at);
  });
}

function redraw(container, entries, emptyText) {
  const nodes = entries.map(([key, value, make]) => {
    const text = JSON.stringify(value);
    const known = drawn.get(key);
    if (known?.text === text) return known.node;
    const node = make();
    drawn.set(key, { text, node, beats: value.beats });
    if (known?.node.contains(document.activeElement)) focusAgain(node, document.activeElement, known.node);
    if (known && value.beats !== undefined && value.beats !== known.beats)
      node.querySelector(".dot")?.classList.add("beat");
    return node;
  });
  const wanted = nodes.length > 0 ? nodes : [element("p", { class: "quiet empty" }, emptyText)];
  if (
    wanted.length !== container.children.length ||
    wanted.some((one, index) => container.children[index] !== one)
  ) {
    container.replaceChildren(...wanted);
  }
}

const namesOf = (workers) => workers.map((one) => [one.workerId, one.facts.name]);

/** Who waits for a person comes first, what is over last, the newest on top. */
function inOrder(sessions) {
  const rank = { awaiting_input: 0, active: 1, stale: 2, pending: 3, queued: 3 };
  return sessions.toReversed().toSorted((a, b) => (rank[a.status] ?? 4) - (rank[b.status] ?? 4));
}

function draw() {
  if (!latest) return;
  const { workers, sessions, runs } = latest;
  drawRunForm(workers);
  byId("runs-section").hidden = runs.length === 0;
  redraw(
    byId("runs"),
    runs.toReversed().map((one) => [one.runId, [one, namesOf(workers)], () => runNode(one, workers)]),
    "",
  );
  redraw(
    byId("workers"),
    workers.map((one) => [one.workerId, { ...one, beatAgeMs: 0 }, () => workerNode(one)]),
    "No worker has registered yet. Sign in from the editor and configure one.",
  );
  redraw(
    byId("sessions"),
    inOrder(sessions)
      .map((one) => ({ ...one, comments: commentsOf(one) }))
      .map((one) => [one.sessionId, one, () => sessionNode(one, workers)]),
    "Nothing queued yet. Send work, and a worker of yours claims it.",
  );
}

function tick() {
  for (const node of document.querySelectorAll("[data-since]")) {
    const text = sinceText(Number(node.dataset.since), node.dataset.words);
    if (node.textContent !== text) node.textContent = text;
  }
  setTimeout(tick, 1000);
}

async function watch() {
  for (;;) {
    try {
      latest = await call("GET", "state");
      skewMs = latest.now - performance.now();
      draw();
      say(`Live on ${location.host}`);
      await call("GET", `events?since=${latest.version}`);
    } catch (error) {
      const refused = error.status === 401;
      say(refused ? noToken : "The sandbox does not answer. Trying again …", true);
      await new Promise((resolve) => setTimeout(resolve, refused ? 30_000 : 2_000));
    }
  }
}

// Forms

byId("run").elements.template.addEventListener("change", draw);

byId("queue").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const { title, prompt } = form.elements;
  void act(async () => {
    await call("POST", "sessions", { title: title.value, prompt: prompt.value });
    form.reset();
    title.focus();
  });
});
hears(byId("queue"));

const scripts = byId("script");
const showScript = ({ script, scripts: names }) => {
  scripts.replaceChildren(
    ...names.map((name) => element("option", { value: name, selected: name === script }, name)),
  );
  byId("release").hidden = script !== "slow";
};
scripts.addEventListener("change", () =>
  act(async () => showScript(await call("POST", "model", { script: scripts.value }))),
);
byId("release").addEventListener("click", () => act(() => call("POST", "gates", { gate: "slow" })));

void act(async () => showScript(await call("GET", "model")));
void watch();
tick();
