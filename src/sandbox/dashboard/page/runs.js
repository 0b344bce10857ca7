/* global CSS, document */
// The dashboard's workflow runs: the form that starts one, and what each is at. Every text is only ever set as text.

import { act, byId, call, element, hears } from "./kit.js";

const templates = {
  "Plan, code, review": ["plan", "code", "review"],
  "Code, review": ["code", "review"],
  "Research, plan": ["research", "plan"],
  Execute: ["execute"],
  "Resolve conflicts, review": ["resolve_conflicts", "review"],
};

const stepWords = { active: "running", awaiting_input: "needs an answer", complete: "done", error: "failed" };

const form = byId("run");
const steps = byId("run-steps");
const choice = form.elements.template;
let targets = "";

choice.replaceChildren(...Object.keys(templates).map((one) => element("option", { value: one }, one)));

function targetOptions(workers) {
  const groups = [...new Set(workers.map((one) => one.facts.groupId).filter(Boolean))];
  return [
    element("option", { value: "{}" }, "Any worker"),
    ...workers.map((one) =>
      element("option", { value: JSON.stringify({ targetWorkerId: one.workerId }) }, one.facts.name),
    ),
    ...groups.map((one) =>
      element("option", { value: JSON.stringify({ targetGroupId: one }) }, `Group ${one}`),
    ),
  ];
}

/** The targets of the chosen template's steps; what was chosen stays chosen where it is still there. */
export function drawRunForm(workers) {
  const known = JSON.stringify([
    choice.value,
    workers.map((one) => [one.workerId, one.facts.name, one.facts.groupId]),
  ]);
  if (known === targets) return;
  targets = known;
  const chosen = [...steps.querySelectorAll("select")].map((one) => one.value);
  const rows = templates[choice.value].map((mode, at) => {
    const select = element(
      "select",
      { "aria-label": `Who takes the ${mode} step` },
      ...targetOptions(workers),
    );
    if ([...select.options].some((one) => one.value === chosen[at])) select.value = chosen[at];
    return element("label", { class: "step-target" }, element("span", {}, mode.replaceAll("_", " ")), select);
  });
  steps.replaceChildren(...rows);
}

function start(event) {
  event.preventDefault();
  const { title, prompt, branch } = form.elements;
  const chosen = [...steps.querySelectorAll("select")].map((one) => JSON.parse(one.value));
  const template = templates[choice.value].map((mode, at) => ({ mode, ...chosen[at] }));
  const name = branch.value.trim();
  void act(async () => {
    await call("POST", "runs", {
      title: title.value,
      prompt: prompt.value,
      template,
      ...(name === "" ? {} : { branch: name }),
    });
    for (const field of [title, prompt, branch]) field.value = "";
    title.focus();
  });
}

form.addEventListener("submit", start);
hears(form);

const who = (step, workers) => workers.find((one) => one.workerId === step.workerId)?.facts.name;

function targetText(target, workers) {
  if (target?.targetGroupId) return `group ${target.targetGroupId}`;
  const worker = workers.find((one) => one.workerId === target?.targetWorkerId);
  return worker?.facts.name ?? target?.targetWorkerId ?? "any worker";
}

function stepNode(run, step, workers) {
  const target = run.template[step.position];
  const outside = step.children.filter((id) => !run.steps.some((one) => one.sessionId === id)).length;
  const parent = run.steps.find((one) => one.sessionId === step.delegatingSessionId);
  const facts = [
    who(step, workers) ?? `for ${targetText(target, workers)}`,
    step.verdict && `verdict: ${step.verdict}`,
    step.pushConfirmed && ["code", "execute", "resolve_conflicts"].includes(step.mode)
      ? "push confirmed"
      : "",
    parent && `delegated by ${parent.mode ?? "a step without a mode"}`,
    step.nextTarget && `hands over to ${targetText(step.nextTarget, workers)}`,
    outside > 0 && `${outside} delegated outside of the run`,
    ...step.documents.map((one) => `“${one.title}”`),
  ].filter(Boolean);
  return element(
    "li",
    { class: `step ${step.status}` },
    element(
      "button",
      { type: "button", class: "link", on: { click: () => show(step.sessionId) } },
      (step.mode ?? "no mode").replaceAll("_", " "),
    ),
    element("span", { class: "meta" }, facts.join(" · ")),
    element("span", { class: "status" }, stepWords[step.status] ?? step.status),
  );
}

function comingNode(run, position, workers) {
  const step = run.template[position];
  return element(
    "li",
    { class: "step coming" },
    element("span", {}, (step.mode ?? "no mode").replaceAll("_", " ")),
    element("span", { class: "meta" }, `for ${targetText(step, workers)}`),
  );
}

export function runNode(run, workers) {
  const at = run.steps.at(-1)?.position ?? -1;
  const coming =
    run.status === "running" ? run.template.map((_, index) => index).filter((one) => one > at) : [];
  const branch = run.branchName === null ? "no branch" : run.branchName;
  return element(
    "article",
    { class: `session run ${run.status}`, "data-run": run.runId },
    element(
      "div",
      { class: "head" },
      element("h3", {}, run.title),
      element("span", { class: "status" }, run.status),
    ),
    element(
      "p",
      { class: "meta" },
      element("code", {}, branch),
      run.pushConfirmed ? " · push confirmed" : " · not pushed yet",
      ...(run.pullRequest
        ? [" · ", element("a", { href: run.pullRequest.url, rel: "noreferrer" }, "Pull request")]
        : []),
    ),
    element(
      "ol",
      { class: "steps" },
      ...run.steps.map((one) => stepNode(run, one, workers)),
      ...coming.map((one) => comingNode(run, one, workers)),
    ),
    run.reason
      ? element("p", { class: run.status === "finished" ? "meta" : "remark" }, reasonText(run))
      : undefined,
  );
}

const reasonText = (run) => (run.status === "stalled" ? `Missing: ${run.reason}` : run.reason);

function show(sessionId) {
  const article = document.querySelector(`[data-session="${CSS.escape(sessionId)}"]`);
  article?.scrollIntoView({ block: "start" });
  article?.querySelector("button, h3")?.focus();
}
