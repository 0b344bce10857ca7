// The person at the sandbox platform's dashboard page.

const looks = {
  light: { colorScheme: "light", forcedColors: "none" },
  dark: { colorScheme: "dark", forcedColors: "none" },
  "high-contrast": { colorScheme: "dark", forcedColors: "active" },
};

/** Opens the dashboard as the printed address does, token in the fragment. */
export async function openDashboard(browser, { dashboardUrl }) {
  const page = await browser.openPage(dashboardUrl);
  return {
    page,
    /** Fills the form for a new session and waits until the page shows it. */
    queue: async ({ title, prompt }) => {
      const titleField = page.locator("#queue [name=title]");
      await titleField.fill(title);
      await page.locator("#queue [name=prompt]").fill(prompt);
      await page.locator("#queue button").click();
      await page.locator("#sessions").getByText(title).first().waitFor();
      await page.waitForFunction(`document.querySelector("#queue [name=title]").value === ""`);
    },
    picture: async (path, look) => {
      await page.emulateMedia(looks[look]);
      await page.screenshot({ path, fullPage: true, animations: "disabled" });
    },
  };
}
