/* global document, location, URLSearchParams */
// What every part of the dashboard uses: nodes whose texts are only texts, and calls with the page's token.

export const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
export const noToken = "This page needs the address with the token, as the sandbox printed it.";
export const byId = (id) => document.getElementById(id);

export function element(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "class") node.className = value;
    else if (name === "on")
      for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((one) => one !== undefined));
  return node;
}

export async function call(method, path, body) {
  const answer = await fetch(`sandbox/api/${path}`, {
    method,
    headers: { "x-sandbox-token": token, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok)
    throw Object.assign(new Error(json.message ?? `${answer.status}`), { status: answer.status });
  return json;
}

export function say(text, isLost = false) {
  const line = byId("connection");
  if (line.textContent !== text) line.textContent = text;
  line.classList.toggle("lost", isLost);
}

/** The form's buttons wait until somebody listens: what is pressed before would be lost. */
export function hears(form) {
  for (const button of form.querySelectorAll("button")) button.disabled = false;
}

export async function act(work) {
  try {
    await work();
  } catch (error) {
    say(error.status === 401 ? noToken : error.message, true);
  }
}
