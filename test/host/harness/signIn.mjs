// The person at the sandbox platform's sign-in page.

/** Presses Allow on the sandbox platform's authorize page and waits for the callback page. Fits `onPopup` of `openFolder`. */
export async function allowSignIn(page) {
  await decide(page, "#allow");
}

/** The same with Deny. */
export async function denySignIn(page) {
  await decide(page, "#deny");
}

async function decide(page, button) {
  await page.waitForLoadState("domcontentloaded");
  const wanted = page.locator(button);
  await wanted.waitFor();
  await wanted.click();
  await page.waitForURL((url) => !url.pathname.includes("authorize"));
  await page.waitForLoadState("load");
  // A second visible tab would hide the workbench, and a hidden workbench stalls.
  await page.close();
}
