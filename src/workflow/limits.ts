/** The largest workflow file, bytes of UTF-8. */
export const maxWorkflowBytes = 256_000;

/** The longest front matter, characters: YAML's own checks take time that grows with the square of the keys. */
export const maxFrontMatterLength = 32_000;
