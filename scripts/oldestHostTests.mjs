// `npm run test:oldest`: the suites of ui in the oldest VS Code that the manifest admits; `-- --suite TEXT` only matching ones.
process.env["ONE_HORIZON_OLDEST_EDITOR"] = "1";
await import("./hostTests.mjs");
